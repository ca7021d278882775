"""What figures with axes share: scales, ticks, the frame with its labels, legends."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.ticker import MaxNLocator

from songscape.report.canvas import Canvas
from songscape.report.colors import AXIS, RULE, SOFT
from songscape.report.numbers import format_number
from songscape.report.words import shorten, text_width

WIDTH = 440
"""Width of a figure that has a column of the page, in pixels."""

WIDE = 900
"""Width of a figure that has all columns."""

SMALL, NORMAL = 11.5, 13.0
"""Sizes of text in pixels."""

_LEGEND_STEP = 18
_MOST_DECIMALS = 9
_WIDE_ENOUGH = 8.0  # a range in which whole numbers are enough for ticks
_ROUND_STEPS = (1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight road from values to pixels.

    Examples
    --------
    >>> Scale(0.0, 10.0, 100.0, 200.0).at(5.0)
    150.0
    """

    low: float
    high: float
    start: float
    stop: float

    def at(self, value: float) -> float:
        """Return the pixel of a value."""
        width = self.high - self.low
        return self.start + (self.stop - self.start) * ((value - self.low) / width if width else 0.5)


def ticks(low: float, high: float, most: int = 5, *, whole: bool = False) -> list[float]:
    """Return round numbers between two values, at most about `most`; `whole` for what is counted.

    Where there is room for whole numbers, halves are left out: there is no year 2012.5.

    Examples
    --------
    >>> ticks(0.0, 9.3), ticks(0.0, 1.0)
    ([0.0, 2.0, 4.0, 6.0, 8.0], [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    """
    if not low < high:
        return [low]
    found = MaxNLocator(
        nbins=most, steps=[1, 2, 2.5, 5, 10], integer=whole or high - low >= _WIDE_ENOUGH
    ).tick_values(low, high)
    margin = 1e-9 * (high - low)
    return [round(float(value), 12) + 0.0 for value in found if low - margin <= value <= high + margin]


def tick_words(values: Sequence[float]) -> list[str]:
    """Return the ticks as texts that differ, with as many decimals as they need.

    Examples
    --------
    >>> tick_words([0.0, 0.5, 1.0]), tick_words([1999, 2000])
    (['0.0', '0.5', '1.0'], ['1999', '2000'])
    """
    decimals = 0
    while decimals < _MOST_DECIMALS and any(abs(value - round(value, decimals)) > 1e-9 for value in values):
        decimals += 1
    group = any(abs(value) >= 9999.5 for value in values)
    return [format_number(value, decimals, group=group) for value in values]


def widened(low: float, high: float) -> tuple[float, float]:
    """Return two ends that differ, with the values between them.

    Examples
    --------
    >>> widened(3.0, 3.0), widened(1.0, 2.0)
    ((2.5, 3.5), (1.0, 2.0))
    """
    if low < high:
        return low, high
    reach = 0.5 * (abs(low) if abs(low) > 1e6 else 1.0)
    return low - reach, high + reach


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of a canvas where the data is drawn: its edges in pixels."""

    left: float
    top: float
    right: float
    bottom: float


def draw_up_axis(
    canvas: Canvas, frame: Frame, low: float, high: float, title: str, *, counts: bool = False, grid: bool = True
) -> Scale:
    """Draw grid lines with their numbers left of the frame, and the title above; return the scale."""
    scale = Scale(*widened(low, high), frame.bottom, frame.top)
    values = ticks(low, high, whole=counts)
    for value, words in zip(values, tick_words(values), strict=True):
        y = scale.at(value)
        canvas.line([(frame.left if grid else frame.left - 4, y), (frame.right if grid else frame.left, y)], RULE)
        canvas.text(frame.left - 6, y + 4, words, size=SMALL, color=SOFT, align="right")
    canvas.text(0, 12, shorten(title, canvas.width, SMALL), size=SMALL, color=SOFT)
    return scale


def room_for_up_axis(low: float, high: float) -> float:
    """Return the width of the numbers of `draw_up_axis`, with the gap to the frame."""
    return 8.0 + max(text_width(words, SMALL) for words in tick_words(ticks(low, high)))


def draw_across_axis(
    canvas: Canvas, frame: Frame, low: float, high: float, title: str, *, whole: bool = False
) -> Scale:
    """Draw the line below the frame, its ticks with numbers, and the title under them; return the scale."""
    scale = Scale(*widened(low, high), frame.left, frame.right)
    widest = max(text_width(format_number(value, 2), SMALL) for value in (low, high))
    most = max(2, min(8, int((frame.right - frame.left) / (widest + 14))))
    values = ticks(low, high, most, whole=whole)
    canvas.line([(frame.left, frame.bottom), (frame.right, frame.bottom)], AXIS)
    for value, words in zip(values, tick_words(values), strict=True):
        x, half = scale.at(value), text_width(words, SMALL) / 2
        canvas.line([(x, frame.bottom), (x, frame.bottom + 4)], AXIS)
        middle = min(x, canvas.width - half)
        canvas.text(middle, frame.bottom + 16, words, size=SMALL, color=SOFT, align="center")
    draw_across_title(canvas, frame, title)
    return scale


def draw_across_title(canvas: Canvas, frame: Frame, title: str) -> None:
    """Write what the axis below the frame means."""
    words = shorten(title, canvas.width, SMALL)
    canvas.text((frame.left + frame.right) / 2, frame.bottom + 33, words, size=SMALL, color=SOFT, align="center")


def legend_height(names: Sequence[str], width: float) -> float:
    """Return the height that `draw_legend` needs."""
    return _LEGEND_STEP * (1 + max((row for _, row, _ in _legend_places(names, width)), default=-1))


def draw_legend(canvas: Canvas, names: Sequence[str], colors: Sequence[str], left: float, top: float) -> None:
    """Write names behind squares of their colors, in as many rows as they need."""
    for (x, row, words), name, color in zip(_legend_places(names, canvas.width - left), names, colors, strict=True):
        y = top + _LEGEND_STEP * row
        canvas.rectangle(left + x, y + 2, 10, 10, color)
        canvas.text(left + x + 15, y + 11, words, size=SMALL, tip=name if words != name else "")


def _legend_places(names: Sequence[str], width: float) -> list[tuple[float, int, str]]:
    places, x, row = [], 0.0, 0
    for name in names:
        words = shorten(name, min(width - 20, 200), SMALL)
        needed = 15 + text_width(words, SMALL)
        if x and x + needed > width:
            x, row = 0.0, row + 1
        places.append((x, row, words))
        x += needed + 14
    return places


def thinned(labels: Sequence[str], step: float, size: float) -> list[int]:
    """Return the places of labels to be written side by side, `step` pixels apart, so that none touches the next.

    Examples
    --------
    >>> thinned(["1990", "1991", "1992", "1993"], 20.0, 11.0)
    [0, 2]
    """
    widest = max((text_width(label, size) for label in labels), default=0.0) + 8
    least = widest / step if step > 0 else 1.0
    every = next((count for count in _ROUND_STEPS if count >= least), math.ceil(least))
    return list(range(0, len(labels), every))
