"""A heat map of numbers in rows and columns, with a scale of its colors."""

from typing import Any

from songscape.report.canvas import Canvas
from songscape.report.colors import INK, RULE, SOFT, STRONG_INK, is_strong, shade
from songscape.report.numbers import decimals_for, format_number
from songscape.report.plot import NORMAL, SMALL, WIDE, WIDTH
from songscape.report.words import enumerate_words, shorten, text_width

MOST_ROWS, MOST_COLUMNS = 60, 40
_GAP, _SCALE_HEIGHT = 8, 44
_LARGEST, _SMALLEST = 46.0, 12.0
_FLAT = 22.0


def width_wanted(figure: dict[str, Any]) -> int:
    """Return the width in pixels that the heat map asks for."""
    cell = 42.0 if figure.get("text") else 24.0
    needed = _left(figure, WIDE) + cell * min(len(figure["columns"]), MOST_COLUMNS)
    return WIDTH if needed <= WIDTH else WIDE


def draw(figure: dict[str, Any], width: int) -> Canvas:
    """Return the heat map, the first 60 rows and 40 columns where there are more; undefined cells stay empty."""
    rows, columns = figure["rows"][:MOST_ROWS], figure["columns"][:MOST_COLUMNS]
    left = _left(figure, width)
    wide = max(min((width - left - 4) / max(len(columns), 1), 1.8 * _LARGEST), _SMALLEST)
    flat = len(columns) > 0 and max(text_width(column, SMALL) for column in columns) < wide - 4
    top = 20.0 if flat else 10.0 + max((text_width(_short(column), SMALL) for column in columns), default=0.0)
    high = _FLAT if not figure.get("text") else 26.0
    missing = _missing(figure)
    canvas = Canvas(width, top + high * len(rows) + _SCALE_HEIGHT + (18 if missing else 0))
    for place, column in enumerate(columns):
        x = left + wide * (place + 0.5)
        tip = column if flat or _short(column) != column else ""
        if flat:
            canvas.text(x, top - 6, column, size=SMALL, align="center")
        else:
            canvas.text(x + 4, top - 6, _short(column), size=SMALL, turn=90.0, tip=tip)
    for place, row in enumerate(rows):
        y = top + high * place
        words = shorten(row, left - _GAP, NORMAL)
        canvas.text(left - _GAP, y + high / 2 + 4, words, align="right", tip=row if words != row else "")
        _draw_row(canvas, figure, place, (left, y, wide, high))
    _draw_scale(canvas, figure, left, top + high * len(rows) + 14)
    canvas.text(width, canvas.height - 4, missing, size=SMALL, color=SOFT, align="right")
    return canvas


def _left(figure: dict[str, Any], width: int) -> float:
    return min(max((text_width(row, NORMAL) for row in figure["rows"]), default=0.0), 0.38 * width) + _GAP


def _short(column: str) -> str:
    return shorten(column, 130.0, SMALL)


def _missing(figure: dict[str, Any]) -> str:
    n_rows, n_columns = len(figure["rows"]), len(figure["columns"])
    if n_rows <= MOST_ROWS and n_columns <= MOST_COLUMNS:
        return ""
    shown = f"{min(n_rows, MOST_ROWS)} of {n_rows} rows, {min(n_columns, MOST_COLUMNS)} of {n_columns} columns"
    return f"drawn: {shown}; all are in the table of numbers"


def _decimals(figure: dict[str, Any]) -> int:
    known = [value for row in figure["values"] for value in row if value is not None]
    return min(decimals_for(known), 2) if known else 0


def _draw_row(canvas: Canvas, figure: dict[str, Any], place: int, box: tuple[float, float, float, float]) -> None:
    left, y, wide, high = box
    low, top, decimals = figure["low"], figure["high"], _decimals(figure)
    for column, value in enumerate(figure["values"][place][:MOST_COLUMNS]):
        x = left + wide * column
        if value is None:
            canvas.line([(x + 4, y + high / 2), (x + wide - 5, y + high / 2)], RULE)
            continue
        name = f"{figure['rows'][place]} × {figure['columns'][column]}: {format_number(value)}"
        canvas.rectangle(x, y, wide - 1, high - 1, shade(value, low, top), tip=name)
        words = format_number(round(value, decimals) + 0.0, decimals)
        if figure.get("text") and text_width(words, SMALL) <= wide - 2:
            color = STRONG_INK if is_strong(value, low, top) else INK
            canvas.text(x + (wide - 1) / 2, y + high / 2 + 3.5, words, size=SMALL, color=color, align="center")


def _draw_scale(canvas: Canvas, figure: dict[str, Any], left: float, top: float) -> None:
    """Draw the colors from the low to the high end with the numbers of the ends."""
    low, high, steps = figure["low"], figure["high"], 21
    width = min(210.0, canvas.width - left - 4)
    for step in range(steps):
        value = low + (high - low) * step / (steps - 1)
        canvas.rectangle(left + width * step / steps, top, width / steps + 0.3, 10, shade(value, low, high))
    ends = [(left, low, "left"), (left + width, high, "right")]
    if low < 0 < high:
        ends.append((left + width * -low / (high - low), 0, "center"))
    for x, value, align in ends:
        canvas.text(x, top + 23, format_number(value), size=SMALL, color=SOFT, align=align)
    room = canvas.width - left - width - 12
    canvas.text(left + width + 12, top + 9, shorten(figure.get("xlabel") or "", room, SMALL), size=SMALL, color=SOFT)


def describe(figure: dict[str, Any]) -> str:
    """Return the size of the heat map and its most extreme cells, in a sentence."""
    rows, columns = figure["rows"], figure["columns"]
    cells = [
        (-abs(value), row, column, value)
        for row, values in zip(rows, figure["values"], strict=True)
        for column, value in zip(columns, values, strict=True)
        if value is not None and row != column
    ]
    seen: list[str] = []
    for _, row, column, value in sorted(cells)[:6]:
        if f"{column} and {row} {format_number(value)}" not in seen:
            seen.append(f"{row} and {column} {format_number(value)}")
    strongest = enumerate_words(seen[:3]) or "no values"
    return f"Heat map of {len(rows)} rows and {len(columns)} columns; farthest from zero: {strongest}."


def tabulate(figure: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of the figure as a table."""
    return {
        "columns": [figure.get("ylabel") or "", *figure["columns"]],
        "rows": [[row, *values] for row, values in zip(figure["rows"], figure["values"], strict=True)],
        "align": "l" + "r" * len(figure["columns"]),
    }
