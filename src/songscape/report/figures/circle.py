"""Twelve keys on the circle of fifths, a bar outward for each series."""

import math
from typing import Any

from songscape.report.canvas import Canvas, Point
from songscape.report.colors import RULE, SOFT, series_color
from songscape.report.numbers import format_column, format_number, format_share
from songscape.report.plot import SMALL, draw_legend, legend_height, ticks

_INNER, _ROOM = 34.0, 44.0
_ARC = math.radians(4.0)


def draw(figure: dict[str, Any], width: int) -> Canvas:
    """Return the circle with the first label on top, then clockwise; lengths of bars are in proportion to values."""
    names = [series["name"] for series in figure["series"]]
    colors = [series_color(place) for place in range(len(names))]
    top = legend_height(names, width) + 4
    size = min(width, 400)
    canvas = Canvas(width, top + size)
    center, outer = (width / 2, top + size / 2), size / 2 - _ROOM
    high = max((value or 0 for series in figure["series"] for value in series["values"]), default=0) or 1
    total = sum(value or 0 for series in figure["series"] for value in series["values"])
    rings = [value for value in ticks(0.0, high, 3) if value > 0]
    for value in rings:
        canvas.line(_arc(center, _INNER + (outer - _INNER) * value / high, 0.0, 2 * math.pi), RULE)
    labels = figure["labels"]
    turn = 2 * math.pi / max(len(labels), 1)
    for place, label in enumerate(labels):
        for number, series in enumerate(figure["series"]):
            share = 0.8 / len(names)
            start = turn * (place - 0.4 + share * number)
            value = series["values"][place] or 0
            tip = f"{label} {series['name']}: {format_number(value)} ({format_share(value, total)})"
            sector = _sector(center, _INNER + (outer - _INNER) * value / high, start, start + turn * share)
            if value:
                canvas.polygon(sector, colors[number], tip=tip)
        x, y = _at(center, outer + 20, turn * place)
        part = sum(series["values"][place] or 0 for series in figure["series"])
        canvas.text(x, y, label, align="center")
        canvas.text(x, y + 13, format_share(part, total), size=SMALL, color=SOFT, align="center")
    told = f"rings: {', '.join(format_column(rings))}" if total else "no values"
    canvas.text(width, top + 14, told, size=SMALL, color=SOFT, align="right")
    draw_legend(canvas, names, colors, 0, 0)
    return canvas


def _at(center: Point, radius: float, angle: float) -> Point:
    """Return the point at an angle from the top, clockwise."""
    return center[0] + radius * math.sin(angle), center[1] - radius * math.cos(angle)


def _arc(center: Point, radius: float, start: float, stop: float) -> list[Point]:
    steps = max(2, math.ceil((stop - start) / _ARC))
    return [_at(center, radius, start + (stop - start) * step / steps) for step in range(steps + 1)]


def _sector(center: Point, radius: float, start: float, stop: float) -> list[Point]:
    return [*_arc(center, _INNER, start, stop), *reversed(_arc(center, radius, start, stop))]


def describe(figure: dict[str, Any]) -> str:
    """Return which keys are frequent, in a sentence."""
    total = sum(value or 0 for series in figure["series"] for value in series["values"])
    cells = [
        (-(value or 0), f"{label} {series['name']} {format_share(value or 0, total)}")
        for series in figure["series"]
        for label, value in zip(figure["labels"], series["values"], strict=True)
    ]
    most = ", ".join(words for value, words in sorted(cells)[:3] if value)
    return f"Circle of fifths; most frequent: {most or 'no values'}."


def tabulate(figure: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of the figure as a table."""
    series = figure["series"]
    return {
        "columns": [figure.get("xlabel") or "key", *(one["name"] for one in series)],
        "rows": [[label, *(one["values"][place] for one in series)] for place, label in enumerate(figure["labels"])],
        "align": "l" + "r" * len(series),
    }
