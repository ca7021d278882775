"""Boxes of five quantiles, one below the other."""

from typing import Any

from songscape.report.canvas import Canvas
from songscape.report.colors import INK, RULE, SERIES, SOFT
from songscape.report.numbers import format_column, format_number
from songscape.report.plot import NORMAL, SMALL, Frame, Scale, draw_across_axis, ticks, widened
from songscape.report.words import enumerate_words, shorten, text_width

MOST = 40
_STEP, _BOX, _GAP = 24, 12, 8
NAMES = ("5 %", "25 %", "median", "75 %", "95 %")


def draw(figure: dict[str, Any], width: int) -> Canvas:
    """Return the boxes from top to bottom, the first 40 where there are more; whiskers reach from 5 % to 95 %."""
    labels, boxes = figure["labels"][:MOST], figure["boxes"][:MOST]
    texts = [shorten(label, 0.38 * width, NORMAL) for label in labels]
    left = max((text_width(text, NORMAL) for text in texts), default=0.0) + _GAP
    medians = format_column([None if box is None else box[2] for box in boxes])
    right = width - max((text_width(text, NORMAL) for text in medians), default=0.0) - _GAP
    bottom = 16 + _STEP * len(boxes)
    more = len(figure["labels"]) - len(labels)
    canvas = Canvas(width, bottom + (40 if figure.get("xlabel") else 24) + 16 * bool(more))
    known = [value for box in boxes if box is not None for value in box if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    frame = Frame(left, 16, right - _GAP, bottom)
    grid = Scale(*widened(low, high), frame.left, frame.right)
    for value in ticks(low, high):
        canvas.line([(grid.at(value), frame.top), (grid.at(value), bottom)], RULE)
    scale = draw_across_axis(canvas, frame, low, high, figure.get("xlabel") or "")
    canvas.text(width, 10, "median", size=SMALL, color=SOFT, align="right")
    for place, (label, text, box) in enumerate(zip(labels, texts, boxes, strict=True)):
        y = frame.top + _STEP * (place + 0.5)
        canvas.text(left - _GAP, y + 4, text, align="right", tip=label if text != label else "")
        canvas.text(width, y + 4, medians[place], align="right")
        if box is not None and None not in box:
            _draw_box(canvas, scale, box, y, label)
    if more:
        words = f"… and {format_number(more)} more in the table of numbers"
        canvas.text(left, canvas.height - 4, words, size=SMALL, color=SOFT)
    return canvas


def _draw_box(canvas: Canvas, scale: Scale, box: list[float], y: float, label: str) -> None:
    p5, q1, median, q3, p95 = (scale.at(value) for value in box)
    tip = f"{label}: " + ", ".join(f"{name} {text}" for name, text in zip(NAMES, format_column(box), strict=True))
    canvas.line([(p5, y), (p95, y)], SOFT, tip=tip)
    canvas.rectangle(q1, y - _BOX / 2, max(q3 - q1, 1.0), _BOX, SERIES[0], tip=tip, opacity=0.4)
    canvas.line([(median, y - _BOX / 2 - 2), (median, y + _BOX / 2 + 2)], INK, width=2.0, tip=tip)


def describe(figure: dict[str, Any]) -> str:
    """Return the medians and quartiles, in a sentence."""
    parts = [
        f"{label} {format_number(box[2])} ({format_number(box[1])} to {format_number(box[3])})"
        for label, box in zip(figure["labels"], figure["boxes"], strict=True)
        if box is not None and None not in box
    ]
    what = figure.get("xlabel") or "values"
    return f"Boxes of {what}; medians and quartiles: {enumerate_words(parts, 8) or 'no values'}."


def tabulate(figure: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of the figure as a table."""
    return {
        "columns": [figure.get("ylabel") or "name", *NAMES],
        "rows": [[label, *(box or [None] * 5)] for label, box in zip(figure["labels"], figure["boxes"], strict=True)],
        "align": "lrrrrr",
    }
