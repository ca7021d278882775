"""Series over an axis, each with a band between a low and a high one."""

from collections.abc import Sequence
from typing import Any

from songscape.report.canvas import Canvas, Point
from songscape.report.colors import series_color
from songscape.report.numbers import format_column, format_number
from songscape.report.plot import (
    Frame,
    draw_across_axis,
    draw_legend,
    draw_up_axis,
    legend_height,
    room_for_up_axis,
)
from songscape.report.words import enumerate_words

_DASHES = ((), (5.0, 2.5), (1.5, 2.0), (7.0, 2.0, 1.5, 2.0))


def draw(figure: dict[str, Any], width: int) -> Canvas:
    """Return the lines; where a value is undefined, the line has a gap."""
    series = figure["series"]
    names = [one["name"] for one in series]
    colors = [series_color(place) for place in range(len(series))]
    named = len(series) > 1
    top = 22 + (legend_height(names, width) + 4 if named else 0)
    height = 0.42 * width + top
    canvas = Canvas(width, height + (40 if figure.get("xlabel") else 24))
    x = figure["x"]
    low, high = _ends([value for one in series for value in _all_values(one)])
    margin = 0.04 * (high - low)
    low, high = (low if low == 0 else low - margin), high + margin
    frame = Frame(room_for_up_axis(low, high), top, width - 10, height)
    if named:
        draw_legend(canvas, names, colors, 0, 18)
    up = draw_up_axis(canvas, frame, low, high, figure.get("ylabel") or "")
    whole = all(isinstance(value, int) for value in x)
    across = draw_across_axis(canvas, frame, *_ends(x), figure.get("xlabel") or "", whole=whole)
    for place, one in enumerate(series):
        if one.get("low") and one.get("high"):
            for run in _runs(x, one["low"], one["high"]):
                lower = [(across.at(at), up.at(low)) for at, low, _ in run]
                upper = [(across.at(at), up.at(high)) for at, _, high in run]
                canvas.polygon([*lower, *reversed(upper)], colors[place], opacity=0.18)
        for run in _runs(x, one["values"]):
            points = [(across.at(at), up.at(value)) for at, value in run]
            dashes = _DASHES[(place // 4) % len(_DASHES)]
            _draw_run(canvas, points, colors[place], dashes, one["name"])
    return canvas


def _draw_run(canvas: Canvas, points: list[Point], color: str, dashes: tuple[float, ...], name: str) -> None:
    if len(points) == 1:
        (x, y) = points[0]
        canvas.rectangle(x - 2.5, y - 2.5, 5, 5, color, tip=name)
    else:
        canvas.line(points, color, width=2.0, dashes=dashes, tip=name)


def _all_values(series: dict[str, Any]) -> list[float | None]:
    return [*series["values"], *(series.get("low") or ()), *(series.get("high") or ())]


def _ends(values: Sequence[float | None]) -> tuple[float, float]:
    known = [value for value in values if value is not None]
    return min(known, default=0.0), max(known, default=0.0)


def _runs(*columns: Sequence[float | None]) -> list[list[tuple[float, ...]]]:
    """Return the rows in which all columns have values, cut where one has none."""
    runs: list[list[tuple[float, ...]]] = [[]]
    for row in zip(*columns, strict=True):
        known = tuple(value for value in row if value is not None)
        if len(known) == len(row):
            runs[-1].append(known)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def describe(figure: dict[str, Any]) -> str:
    """Return where each line begins and ends, in a sentence."""
    parts = []
    for one in figure["series"]:
        known = [(x, y) for x, y in zip(figure["x"], one["values"], strict=True) if y is not None]
        if known:
            (start, first), (stop, last) = known[0], known[-1]
            ends = format_column([start, stop])
            values = f"from {format_number(first)} at {ends[0]} to {format_number(last)} at {ends[1]}"
            parts.append(f"{one['name']} {values}")
    what = figure.get("ylabel") or "values"
    return f"Lines of {what} over {figure.get('xlabel') or 'x'}: {enumerate_words(parts, 6) or 'no values'}."


def tabulate(figure: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of the figure as a table."""
    columns: list[str] = [figure.get("xlabel") or "x"]
    values: list[Sequence[float | None]] = [figure["x"]]
    for one in figure["series"]:
        for key, name in (
            ("low", f"{one['name']} (low)"),
            ("values", one["name"]),
            ("high", f"{one['name']} (high)"),
        ):
            if one.get(key):
                columns.append(name)
                values.append(one[key])
    return {
        "columns": columns,
        "rows": [list(row) for row in zip(*values, strict=True)],
        "align": "r" * len(columns),
    }
