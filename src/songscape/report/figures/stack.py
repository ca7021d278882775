"""Shares of a whole over an axis, stacked in each place."""

from typing import Any

from songscape.report.canvas import Canvas
from songscape.report.colors import GREY, SOFT, series_color
from songscape.report.numbers import PERCENT, format_column, format_number, format_share
from songscape.report.plot import (
    SMALL,
    Frame,
    Scale,
    draw_across_title,
    draw_legend,
    legend_height,
    thinned,
)
from songscape.report.words import enumerate_words, shorten

_HEIGHT = 240
_REST = ("other", "others", "all others", "rest", "unknown", "none")


def draw(figure: dict[str, Any], width: int) -> Canvas:
    """Return a column for each place, the first name at its foot; what is called other is grey."""
    names, labels = figure["names"], _labels(figure)
    colors = [GREY if name.lower() in _REST else series_color(place) for place, name in enumerate(names)]
    top = legend_height(names, width) + 10
    canvas = Canvas(width, top + _HEIGHT + (40 if figure.get("xlabel") else 24))
    frame = Frame(44, top, width, top + _HEIGHT)
    draw_legend(canvas, names, colors, 0, 0)
    scale = Scale(0.0, _whole(figure), frame.bottom, frame.top)
    for quarter in range(5):
        y = frame.bottom + (frame.top - frame.bottom) * quarter / 4
        words = f"{format_number(100.0 * scale.high * quarter / 4, 0)}{PERCENT}"
        canvas.text(frame.left - 6, y + 4, words, size=SMALL, color=SOFT, align="right")
    step = (frame.right - frame.left) / max(len(labels), 1)
    gap = 2.0 if step > 8 else 0.5
    for place, label in enumerate(labels):
        foot = 0.0
        for number, name in enumerate(names):
            share = figure["shares"][number][place] or 0.0
            if share:
                y = scale.at(foot + share)
                tip = f"{label}, {name}: {format_share(share, 1.0)}"
                x = frame.left + step * place
                canvas.rectangle(x, y, step - gap, scale.at(foot) - y, colors[number], tip=tip)
            foot += share
    for place in thinned(labels, step, SMALL):
        x = frame.left + step * (place + 0.5)
        canvas.text(x, frame.bottom + 16, shorten(labels[place], 120, SMALL), size=SMALL, color=SOFT, align="center")
    draw_across_title(canvas, frame, figure.get("xlabel") or "")
    return canvas


def _labels(figure: dict[str, Any]) -> list[str]:
    x = figure["x"]
    return [str(value) for value in x] if any(isinstance(value, str) for value in x) else format_column(x)


def _whole(figure: dict[str, Any]) -> float:
    """Return the height of the axis: 1, or more where shares sum to more by rounding or by their meaning."""
    sums = [sum(value or 0.0 for value in column) for column in zip(*figure["shares"], strict=True)]
    return max([1.0, *sums])


def describe(figure: dict[str, Any]) -> str:
    """Return what is most frequent at the first and last place, in a sentence."""
    labels = _labels(figure)
    if not labels:
        return "Stacked shares: no values."
    parts = []
    for place in dict.fromkeys((0, len(labels) - 1)):
        shares = [(-(row[place] or 0.0), name) for name, row in zip(figure["names"], figure["shares"], strict=True)]
        largest = [f"{name} {format_share(-share, 1.0)}" for share, name in sorted(shares)[:3] if share]
        parts.append(f"{labels[place]}: {enumerate_words(largest) or 'no values'}")
    return f"Stacked shares over {figure.get('xlabel') or 'x'}; largest at {'; at '.join(parts)}."


def tabulate(figure: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of the figure as a table."""
    rows = [
        [label, *(None if row[place] is None else format_share(row[place], 1.0) for row in figure["shares"])]
        for place, label in enumerate(_labels(figure))
    ]
    columns = [figure.get("xlabel") or "x", *figure["names"]]
    return {"columns": columns, "rows": rows, "align": "l" + "r" * len(figure["names"])}
