"""Why a filter leaves no track: which condition it was, and what text was likely meant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from songscape.playlist.conditions import Columns, Compares, Condition, Joined, Not, plain
from songscape.playlist.fuzzy import Texts
from songscape.wording import counted, number

_NEAR = 0.7  # a text less alike is not suggested


@dataclass(frozen=True, slots=True)
class Count:
    """How many tracks are left by one condition alone, and together with all before it."""

    text: str
    alone: int
    together: int


def told_empty(counts: Sequence[Count], hints: Mapping[str, str]) -> str:
    """Return in words which condition left no track; an empty text if some are left.

    Parameters
    ----------
    counts : sequence of Count
        Of the conditions, in order.
    hints : mapping of str to str
        For some conditions a sentence on what was likely meant.

    Examples
    --------
    >>> print(told_empty([Count("genre = 'jaz'", 0, 0)], {"genre = 'jaz'": "Did you mean 'jazz'?"}))
    No track is left by 'genre = 'jaz'' alone.
      genre = 'jaz': 0 tracks alone, 0 so far. Did you mean 'jazz'?
    """
    killer = next((count for count in counts if not count.together), None)
    if killer is None:
        return ""
    how = ", after the conditions before it" if killer.alone else " alone"
    lines = [f"  {one.text}: {counted(one.alone, 'track')} alone, {number(one.together)} so far" for one in counts]
    lines = [
        f"{line}. {hints[one.text]}" if one.text in hints else line for line, one in zip(lines, counts, strict=True)
    ]
    return "\n".join([f"No track is left by '{killer.text}'{how}.", *lines])


def spans_of(parts: Sequence[tuple[str, Condition]], counts: Sequence[Count], columns: Columns) -> dict[str, str]:
    """Return for conditions that leave nothing by themselves between which values the numbers they compare lie.

    Examples
    --------
    >>> import polars as pl
    >>> columns = Columns(pl.DataFrame({"energy": [0.25, None, 1.0]}))
    >>> spans_of([("energy > 80", Compares("energy", "number", ">", 80.0))], [Count("energy > 80", 0, 0)], columns)
    {'energy > 80': 'energy lies between 0.25 and 1.'}
    """
    empty = {count.text for count in counts if not count.alone}
    spans = {text: _span(condition, columns) for text, condition in parts if text in empty}
    return {text: span for text, span in spans.items() if span}


def _span(condition: Condition, columns: Columns) -> str:
    if isinstance(condition, Joined):
        return next(filter(None, (_span(part, columns) for part in condition.parts)), "")
    if not isinstance(condition, Compares) or condition.kind != "number":
        return ""
    values = columns.raw(condition.column).drop_nulls().to_numpy()
    if not len(values):
        return f"{condition.column} is unknown everywhere."
    return f"{condition.column} lies between {values.min():.6g} and {values.max():.6g}."


def unknown_texts(condition: Condition, columns: Columns) -> dict[str, str]:
    """Return texts that a condition asks for and no row has, each with the nearest one that there is.

    Examples
    --------
    >>> import polars as pl
    >>> columns = Columns(pl.DataFrame({"genres": [["jazz", "soul"], ["pop"]]}))
    >>> unknown_texts(Compares("genres", "texts", "=", "jaz"), columns)
    {'jaz': 'jazz'}
    """
    if isinstance(condition, Not):
        return unknown_texts(condition.inner, columns)
    if isinstance(condition, Joined):
        return {text: near for part in condition.parts for text, near in unknown_texts(part, columns).items()}
    if (
        not isinstance(condition, Compares)
        or condition.sign not in ("=", "!=")
        or not isinstance(condition.value, str)
    ):
        return {}
    texts, wanted = columns.texts(condition.column), plain(condition.value)
    if texts.plain.is_in([wanted]).any():
        return {}
    near = Texts(texts.plain).nearest(wanted, 1)
    return {condition.value: str(texts.distinct[near[0][0]])} if near and near[0][1] >= _NEAR else {}
