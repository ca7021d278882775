"""Plain tables → cells of text: numbers of a column with the same decimals, each cell with its side."""

from dataclasses import dataclass
from typing import Any

from songscape.report.colors import series_color
from songscape.report.numbers import UNDEFINED, format_column
from songscape.report.words import text_width

_TALL, _ROW, _MOST = 24, 31, 940
_SIZE, _WIDEST_CELL = 13.0, 400.0


@dataclass(frozen=True, slots=True)
class TableView:
    """A table as the page shows it.

    Attributes
    ----------
    columns : list of str
        Heads.
    sides : list of str
        ``"l"`` or ``"r"`` for each column.
    rows : list of list of str
        Cells.
    tall : bool
        Whether it has so many rows that the page lets it scroll.
    width, height : int
        About how much room it wants, in pixels.
    least : int
        Width below which the page lets it scroll rather than squeezing words into columns.
    swatches : list of str
        Color shown at the head of each row, empty for none; an empty list where no row has one.
    """

    columns: list[str]
    sides: list[str]
    rows: list[list[str]]
    tall: bool
    width: int
    height: int
    least: int
    swatches: list[str]


def view_table(table: dict[str, Any]) -> TableView:
    """Return a plain table as texts.

    Examples
    --------
    >>> view = view_table({"columns": ["genre", "share"], "rows": [["pop", 0.25], ["folk", None]], "align": "lr"})
    >>> view.rows, view.sides
    ([['pop', '0.25'], ['folk', '–']], ['l', 'r'])
    """
    n_columns = len(table["columns"])
    align = str(table.get("align") or "")
    texts = [_column([row[place] for row in table["rows"]]) for place in range(n_columns)]
    columns = [str(column) for column in table["columns"]]
    rooms = [max(map(_room, [head, *cells])) for head, cells in zip(columns, texts, strict=True)]
    width = round(sum(room + 20 for room in rooms))
    return TableView(
        columns=columns,
        sides=[align[place] if align[place : place + 1] in ("l", "r") else "l" for place in range(n_columns)],
        rows=[list(row) for row in zip(*texts, strict=True)],
        tall=len(table["rows"]) > _TALL,
        width=width,
        height=_ROW * (1 + min(len(table["rows"]), _TALL)),
        least=min(round(0.75 * width), _MOST),
        swatches=["" if place is None else series_color(place) for place in table.get("swatches") or ()],
    )


def _column(cells: list[Any]) -> list[str]:
    """Return the cells of one column; its numbers agree in their decimals."""
    places = [place for place, cell in enumerate(cells) if _is_number(cell)]
    numbers = dict(zip(places, format_column([cells[place] for place in places]), strict=True))
    return [numbers[place] if place in numbers else _word(cell) for place, cell in enumerate(cells)]


def _room(text: str) -> float:
    """Return the width that a cell wants: that of its text up to where it breaks, or of its longest word."""
    whole = text_width(text, _SIZE)
    return (
        whole if whole <= _WIDEST_CELL else max(_WIDEST_CELL, *(text_width(word, _SIZE) for word in text.split(" ")))
    )


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _word(cell: Any) -> str:
    if cell is None:
        return UNDEFINED
    return ("yes" if cell else "no") if isinstance(cell, bool) else str(cell)
