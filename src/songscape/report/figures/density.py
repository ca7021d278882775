"""How many tracks lie where two values meet: a two-dimensional histogram with colors on a log scale."""

import math
from itertools import pairwise
from typing import Any

import numpy as np

from songscape.report.canvas import Canvas
from songscape.report.colors import AXIS, SOFT, heat
from songscape.report.numbers import format_column, format_number
from songscape.report.plot import SMALL, Frame, draw_across_axis, draw_up_axis, room_for_up_axis
from songscape.report.words import text_width
from songscape.types import Float64

_HEIGHT, _FOOT = 300, 92
_PIXELS = 400
_MODES = ("light", "dark")


def draw(figure: dict[str, Any], width: int) -> Canvas:
    """Return the histogram as pixels, the axes around them, and the scale of the colors below."""
    x_edges, y_edges, counts = figure["x_edges"], figure["y_edges"], _counts(figure)
    canvas = Canvas(width, _HEIGHT + _FOOT)
    frame = Frame(room_for_up_axis(y_edges[0], y_edges[-1]), 22, width - 12, _HEIGHT)
    draw_up_axis(canvas, frame, y_edges[0], y_edges[-1], figure.get("ylabel") or "", grid=False)
    draw_across_axis(canvas, frame, x_edges[0], x_edges[-1], figure.get("xlabel") or "")
    levels = _levels(counts)[np.ix_(_cells(y_edges)[::-1], _cells(x_edges))]
    box = (frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top)
    for mode in _MODES:
        canvas.image(*box, heat(levels, mode), mode)
    _draw_scale(canvas, frame.left, _HEIGHT + 46, int(counts.max(initial=0)))
    return canvas


def _counts(figure: dict[str, Any]) -> Float64:
    """Return the counts with one row per bin of y, from low to high."""
    counts = np.asarray(figure["counts"], dtype=np.float64)
    return counts.reshape(len(figure["y_edges"]) - 1, len(figure["x_edges"]) - 1)


def _levels(counts: Float64) -> Float64:
    """Return the logarithm of the counts from 0 (one track) to 1 (most tracks); −1 where there is none."""
    most = math.log(max(float(counts.max(initial=0.0)), 2.0))
    return np.where(counts > 0, np.log(np.maximum(counts, 1.0)) / most, -1.0)


def _cells(edges: list[float]) -> Any:
    """Return the bin of each pixel: one pixel a bin where all are equally wide."""
    widths = np.diff(edges)
    if np.allclose(widths, widths[0], rtol=1e-3):
        return np.arange(len(widths))
    middles = np.linspace(edges[0], edges[-1], 2 * _PIXELS + 1)[1::2]
    return np.searchsorted(np.asarray(edges[1:-1]), middles, side="right")


def _draw_scale(canvas: Canvas, left: float, top: float, most: int) -> None:
    """Draw the colors from one track to the most tracks in a cell, with powers of ten between."""
    width = canvas.width - left - 12
    for mode in _MODES:
        canvas.image(left, top, width, 10, heat(np.linspace(0.0, 1.0, 128)[None, :], mode), mode)
    reach = math.log(max(most, 2))
    marks = [10**power for power in range(int(math.log10(max(most, 1))) + 1)]
    written = 0.0  # where the last number ends
    for mark in marks:
        x, words = left + width * math.log(mark) / reach, format_number(mark)
        half = text_width(words, SMALL) / 2
        middle = min(max(x, left + half), left + width - half)
        canvas.line([(x, top + 10), (x, top + 14)], AXIS)
        if middle - half > written + 6:
            canvas.text(middle, top + 25, words, size=SMALL, color=SOFT, align="center")
            written = middle + half
    words = "tracks in a cell, ten times as many per mark; blank: none"
    canvas.text(canvas.width - 12, top + 41, words, size=SMALL, color=SOFT, align="right")


def describe(figure: dict[str, Any]) -> str:
    """Return where most tracks lie, in a sentence."""
    counts = _counts(figure)
    what = f"{figure.get('ylabel') or 'y'} against {figure.get('xlabel') or 'x'}"
    if not counts.sum():
        return f"Density of {what}: no values."
    row, column = np.unravel_index(int(counts.argmax()), counts.shape)
    x, y = format_column(figure["x_edges"]), format_column(figure["y_edges"])
    return (
        f"Density of {what} over {format_number(int(counts.sum()))} tracks; the fullest cell, with"
        f" {format_number(int(counts.max()))}, lies at {x[column]} to {x[column + 1]} and {y[row]} to {y[row + 1]}."
    )


def tabulate(figure: dict[str, Any]) -> dict[str, Any]:
    """Return per bin of x how many tracks lie in it and between which bins of y the middle one lies."""
    counts = _counts(figure)
    y = format_column(figure["y_edges"])
    rows = []
    for column, (low, high) in enumerate(pairwise(format_column(figure["x_edges"]))):
        total = float(counts[:, column].sum())
        middle = int(np.searchsorted(np.cumsum(counts[:, column]), total / 2)) if total else None
        rows.append([f"{low} to {high}", total, None if middle is None else f"{y[middle]} to {y[middle + 1]}"])
    names = [figure.get("xlabel") or "x", "tracks", f"middle of {figure.get('ylabel') or 'y'}"]
    return {"columns": names, "rows": rows, "align": "lrr"}
