"""How often values occur, with the spikes of single values apart."""

from itertools import pairwise
from typing import Any

from songscape.report.canvas import Canvas
from songscape.report.colors import AXIS, PAPER, SERIES
from songscape.report.numbers import format_column, format_number, format_share
from songscape.report.plot import SMALL, Frame, Scale, draw_across_axis, draw_up_axis, room_for_up_axis
from songscape.report.words import enumerate_words, text_width

_HEIGHT = 230
_SPIKE = 22
_WIDEST = 44  # of a bar: a few bins, as a column of few distinct values has, would be blocks else
_MOST_TIPS = 120
SPIKE_COLOR = SERIES[5]


def draw(figure: dict[str, Any], width: int) -> Canvas:
    """Return bars over the bins, and left of them one for each spike, cut with a break where it is far higher."""
    edges, counts, spikes = figure["edges"], figure["counts"], figure.get("spikes") or []
    foot = 40 if figure.get("xlabel") else 24
    top = 22 + 16 * bool(spikes)
    canvas = Canvas(width, _HEIGHT + foot)
    high = max(counts, default=0) or max((spike["count"] for spike in spikes), default=0) or 1
    high = max(high, 1) * 1.04
    left = room_for_up_axis(0.0, high)
    frame = Frame(left, top, width - 10, _HEIGHT)
    up = draw_up_axis(canvas, frame, 0.0, high, figure.get("ylabel") or "tracks", counts=True)
    rooms = [max(_SPIKE, *(text_width(word, SMALL) for word in _spike_words(spike))) + 10 for spike in spikes]
    inner = Frame(
        left + (sum(rooms) + 12 + text_width(format_number(edges[0], 2), SMALL) / 2 if spikes else 0),
        top,
        width - 10,
        _HEIGHT,
    )
    _draw_spikes(canvas, spikes, rooms, frame, up)
    across = draw_across_axis(canvas, inner, edges[0], edges[-1], figure.get("xlabel") or "")
    names = _bin_names(edges)
    for name, (low, next_low), count in zip(names, pairwise(edges), counts, strict=True):
        if count:
            start, stop, y = across.at(low), across.at(next_low), up.at(count)
            spare = max(stop - start - _WIDEST, 0.0) / 2
            start, stop = start + spare, stop - spare
            gap = 1.0 if stop - start > 4 else 0.0
            tip = f"{name}: {format_number(count)}" if len(counts) <= _MOST_TIPS else ""
            canvas.rectangle(start, y, max(stop - start - gap, 0.5), frame.bottom - y, SERIES[0], tip=tip)
    return canvas


def _spike_words(spike: dict[str, Any]) -> tuple[str, str]:
    return str(spike["label"]), format_number(spike["count"])


def _draw_spikes(canvas: Canvas, spikes: list[dict[str, Any]], rooms: list[float], frame: Frame, up: Scale) -> None:
    x = frame.left + 4
    for spike, room in zip(spikes, rooms, strict=True):
        label, count = _spike_words(spike)
        middle, top = x + room / 2, max(up.at(spike["count"]), frame.top)
        tip = f"exactly {label}: {count}"
        canvas.rectangle(middle - _SPIKE / 2, top, _SPIKE, frame.bottom - top, SPIKE_COLOR, tip=tip)
        if spike["count"] > up.high:
            _draw_break(canvas, middle, top + 14)
        canvas.text(middle, top - 5, count, size=SMALL, align="center", color=SPIKE_COLOR)
        canvas.text(middle, frame.bottom + 16, label, size=SMALL, align="center", color=SPIKE_COLOR)
        canvas.line([(x, frame.bottom), (x + room, frame.bottom)], AXIS)
        x += room


def _draw_break(canvas: Canvas, middle: float, y: float) -> None:
    """Draw a band of paper across a bar that is higher than the picture."""
    left, right = middle - _SPIKE / 2 - 3, middle + _SPIKE / 2 + 3
    canvas.polygon([(left, y + 4), (right, y - 4), (right, y + 1), (left, y + 9)], PAPER)


def _bin_names(edges: list[float]) -> list[str]:
    texts = format_column(edges)
    return [f"{low} to {high}" for low, high in pairwise(texts)]


def describe(figure: dict[str, Any]) -> str:
    """Return where the values lie, in a sentence."""
    edges, counts, spikes = figure["edges"], figure["counts"], figure.get("spikes") or []
    total = sum(counts) + sum(spike["count"] for spike in spikes)
    what = figure.get("xlabel") or "values"
    if not total:
        return f"Histogram of {what}: no values."
    low, high = format_column([edges[0], edges[-1]])
    words = f"Histogram of {what} from {low} to {high} over {format_number(total)} {figure.get('ylabel') or 'tracks'}"
    if sum(counts):
        fullest = counts.index(max(counts))
        words += f"; most, {format_number(counts[fullest])}, lie at {_bin_names(edges)[fullest]}"
    apart = [f"{spike['label']} ({format_share(spike['count'], total)})" for spike in spikes]
    return f"{words}; exactly {enumerate_words(apart)}." if apart else f"{words}."


def tabulate(figure: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of the figure as a table."""
    spikes = figure.get("spikes") or []
    total = sum(figure["counts"]) + sum(spike["count"] for spike in spikes)
    rows = [[f"exactly {spike['label']}", spike["count"]] for spike in spikes]
    rows += [list(pair) for pair in zip(_bin_names(figure["edges"]), figure["counts"], strict=True)]
    return {
        "columns": [figure.get("xlabel") or "value", figure.get("ylabel") or "tracks", "share"],
        "rows": [[name, count, format_share(count, total)] for name, count in rows],
        "align": "lrr",
    }
