"""Horizontal bars with their values, and their shares where they count things."""

from typing import Any

from songscape.report.canvas import Canvas
from songscape.report.colors import AXIS, GREY, SERIES, SOFT
from songscape.report.numbers import UNDEFINED, format_column, format_number, format_share, is_count
from songscape.report.plot import NORMAL, SMALL, Scale
from songscape.report.words import enumerate_words, shorten, text_width

MOST = 40
_STEP, _BAR, _GAP = 24, 16, 8


def draw(figure: dict[str, Any], width: int) -> Canvas:
    """Return the bars from top to bottom, the first 40 where there are more."""
    shown = min(len(figure["labels"]), MOST)
    labels, values = figure["labels"][:shown], figure["values"][:shown]
    rest = figure["values"][shown:]
    foot = figure.get("xlabel") or ""
    canvas = Canvas(width, _STEP * max(shown + bool(rest), 1) + (22 if foot else 4))
    texts = [shorten(label, 0.38 * width, NORMAL) for label in labels]
    left = max((text_width(text, NORMAL) for text in texts), default=0.0) + _GAP
    numbers, shares = _columns(figure)
    share_room = max((text_width(share, NORMAL) for share in shares), default=0.0) + _GAP if shares else 0.0
    number_right = width - share_room
    number_room = max((text_width(number, NORMAL) for number in numbers), default=0.0) + _GAP
    scale = _scale(values, left, number_right - number_room)
    muted = set(figure.get("muted") or ())
    if not shown:
        canvas.text(0, 16, "no values", color=SOFT)
    canvas.line([(scale.at(0.0), 0), (scale.at(0.0), _STEP * shown)], AXIS)
    for place, value in enumerate(values):
        top = _STEP * place + (_STEP - _BAR) / 2
        base = top + 12.5
        tip = ": ".join([labels[place], numbers[place] + (f" ({shares[place]})" if shares else "")])
        if value:
            ends = sorted([scale.at(0.0), scale.at(value)])
            color = GREY if place in muted else SERIES[0]
            canvas.rectangle(ends[0], top, max(ends[1] - ends[0], 1.0), _BAR, color, tip=tip)
        canvas.text(left - _GAP, base, texts[place], align="right", tip=tip)
        canvas.text(number_right, base, numbers[place], align="right")
        if shares:
            canvas.text(width, base, shares[place], align="right", color=SOFT)
    if rest:
        canvas.text(left, _STEP * shown + 16, _more(figure, rest), size=SMALL, color=SOFT)
    canvas.text(width, canvas.height - 6, shorten(foot, width, SMALL), size=SMALL, color=SOFT, align="right")
    return canvas


def _columns(figure: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the values and shares as texts; no shares unless the values count things.

    Shares are of the sum, or of the figure's ``total`` where the bars are not parts of one whole.
    """
    values, total = figure["values"], _total(figure)
    shares = [format_share(value, total) for value in values] if total else []
    return format_column(values), shares


def _scale(values: list[float | None], left: float, right: float) -> Scale:
    known = [value for value in values if value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    return Scale(low, high if high > low else low + 1.0, left, right)


def _total(figure: dict[str, Any]) -> float:
    if not (is_count(figure["values"]) and figure.get("unit")):
        return 0.0
    whole: float = figure.get("total") or sum(figure["values"])
    return whole


def _more(figure: dict[str, Any], rest: list[float | None]) -> str:
    words, total = f"… and {format_number(len(rest))} more", _total(figure)
    if not total or figure.get("total"):
        return words
    return f"{words}: {format_share(sum(value or 0.0 for value in rest), total)}"


def describe(figure: dict[str, Any]) -> str:
    """Return what the bars show, in a sentence."""
    numbers, shares = _columns(figure)
    pairs = [
        f"{label} {number}{f' ({shares[place]})' if shares else ''}"
        for place, (label, number) in enumerate(zip(figure["labels"], numbers, strict=True))
        if number != UNDEFINED
    ]
    unit = f" of {figure['unit']}" if figure.get("unit") else ""
    return f"Bar chart{unit}: {enumerate_words(pairs) or 'no values'}."


def tabulate(figure: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of the figure as a table."""
    _, shares = _columns(figure)
    columns = [figure.get("ylabel") or "name", figure.get("unit") or figure.get("xlabel") or "value"]
    rows = [list(pair) for pair in zip(figure["labels"], figure["values"], strict=True)]
    if shares:
        columns.append("share")
        rows = [[*row, share] for row, share in zip(rows, shares, strict=True)]
    return {"columns": columns, "rows": rows, "align": "lr" + "r" * bool(shares)}
