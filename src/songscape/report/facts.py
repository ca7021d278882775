"""Facts of an item → labels with lines of text: short ones beside each other, long ones as paragraphs."""

from dataclasses import dataclass
from typing import Any

from songscape.report.numbers import UNDEFINED
from songscape.report.words import text_width

_SHORT, _FIRST = 34, 5
_SIZE, _COLUMN, _LINE = 14.0, 260.0, 21


@dataclass(frozen=True, slots=True)
class FactsView:
    """Facts as the page shows them.

    Attributes
    ----------
    first : list of (str, list of str)
        Label and lines.
    folded : list of (str, list of str)
        What a long list shows on demand.
    long : bool
        Whether some are sentences: these stand left, below each other.
    height : int
        About how high the first ones are in one column, in pixels.
    """

    first: list[tuple[str, list[str]]]
    folded: list[tuple[str, list[str]]]
    long: bool
    height: int


def view_facts(facts: list[list[Any]] | None) -> FactsView | None:
    """Return facts as the page shows them, None where there are none.

    Examples
    --------
    >>> view_facts([["Tracks", "12"], ["More of", None]]).first
    [('Tracks', ['12']), ('More of', ['–'])]
    """
    if not facts:
        return None
    texts = [(str(label), _text(text)) for label, text in facts]
    long = any(len(text) > _SHORT for _, text in texts)
    lines = [(label, parts_of(text) if long else [text]) for label, text in texts]
    first = lines[:_FIRST] if long and len(lines) > _FIRST + 1 else lines
    rows = sum(-(-text_width(part, _SIZE) // _COLUMN) for _, parts in first for part in parts)
    return FactsView(first, lines[len(first) :], long, round(_LINE * rows + 10 * len(first)))


def view_folds(folds: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Return what is to be unfolded one by one: each with id, title, a note, and facts as labels with lines.

    Examples
    --------
    >>> view_folds([{"id": "one", "title": "Folk", "facts": [["More of", "sad; old"]]}])[0]["facts"]
    [('More of', ['sad', 'old'])]
    """
    return [
        {
            "id": fold["id"],
            "title": fold["title"],
            "note": fold.get("note") or "",
            "facts": [
                (str(label), parts_of(UNDEFINED if text is None else str(text))) for label, text in fold["facts"]
            ],
        }
        for fold in folds or ()
    ]


def _text(value: Any) -> str:
    return UNDEFINED if value is None else str(value)


def parts_of(text: str) -> list[str]:
    """Return the parts of a text between semicolons, those within brackets aside.

    Examples
    --------
    >>> parts_of("pop ×2 (1; 3); folk ×3")
    ['pop ×2 (1; 3)', 'folk ×3']
    """
    parts: list[str] = []
    depth = 0
    for piece in text.split(";"):
        if depth > 0:
            parts[-1] += f";{piece}"
        else:
            parts.append(piece)
        depth += sum(map(piece.count, "([")) - sum(map(piece.count, ")]"))
    return [part.strip() for part in parts if part.strip()] or [""]
