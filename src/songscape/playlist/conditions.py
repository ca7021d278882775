"""What a filter is made of once it is read: conditions that answer true, false or unknown for each row of a table.

Unknown is null, and travels as in SQL: ``not`` an unknown is unknown, and only what is certainly true matches.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.titles import plain_text

Kind = Literal["number", "text", "flag", "texts"]
"""What a column holds: numbers, texts, true or false, or a list of texts."""

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Columns:
    """The columns of a table as conditions see them; whoever keeps it pays for the preparation of texts once.

    Texts lose case, accents and punctuation, NaN and empty lists are unknown.
    """

    def __init__(self, tracks: pl.DataFrame) -> None:
        self._tracks = tracks
        self._texts: dict[str, ColumnTexts] = {}

    @property
    def height(self) -> int:
        """Number of rows."""
        return self._tracks.height

    def raw(self, name: str) -> pl.Series:
        """Return a column, with NaN as null."""
        column = self._tracks[name]
        return column.fill_nan(None) if column.dtype.is_float() else column

    def plain(self, name: str) -> pl.Series:
        """Return the plain form of each text of a column."""
        return plain_text(self._tracks[name].cast(pl.String))

    def texts(self, name: str) -> "ColumnTexts":
        """Return the texts of a column, each once."""
        if name not in self._texts:
            self._texts[name] = ColumnTexts.of(self._tracks[name])
        return self._texts[name]

    def holds(self, name: str, test: Callable[[pl.Series], pl.Series], *, raw: bool = False) -> pl.Series:
        """Return whether a text, or any text of a list, passes a test; null where there is none.

        The test sees each distinct text once, in its plain form unless `raw`.
        """
        texts = self.texts(name)
        passed = test(texts.distinct if raw else texts.plain).to_numpy()
        if texts.lengths is not None:
            return _any_of(passed[texts.codes], texts.lengths)
        known = pl.Series(texts.codes >= 0)
        return pl.select(pl.when(known).then(pl.Series(np.append(passed, False)[texts.codes]))).to_series()


@dataclass(frozen=True, slots=True)
class ColumnTexts:
    """The texts of a column.

    Attributes
    ----------
    distinct, plain : Series
        The distinct texts, and their plain form.
    codes : int64, shape (n_entries,)
        Place of each text in `distinct`, list after list; −1 for null.
    lengths : int64, shape (n_rows,), or None
        Entries of each list; None for a column of single texts.
    """

    distinct: pl.Series
    plain: pl.Series
    codes: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64] | None

    @classmethod
    def of(cls, column: pl.Series) -> "ColumnTexts":
        """Return the texts of a column of texts, or of lists of texts."""
        lengths = None
        if isinstance(column.dtype, pl.List):
            lengths = column.list.len().fill_null(0).cast(pl.Int64).to_numpy()
            column = column.filter(pl.Series(lengths > 0)).explode().fill_null("")
        entries = column.cast(pl.String).alias("text").to_frame()
        distinct = entries.drop_nulls().unique().with_columns(code=pl.int_range(pl.len(), dtype=pl.Int64))
        codes = entries.join(distinct, on="text", how="left", maintain_order="left")["code"].fill_null(-1).to_numpy()
        return cls(distinct["text"], plain_text(distinct["text"]), codes, lengths)


def _any_of(found: npt.NDArray[np.bool_], lengths: npt.NDArray[np.int64]) -> pl.Series:
    """Return for each row whether any of its entries was found; null for rows without entries."""
    before = np.concatenate([[0], np.cumsum(found)])
    stops = np.cumsum(lengths)
    answer = pl.Series(before[stops] > before[stops - lengths])
    return pl.select(pl.when(pl.Series(lengths > 0)).then(answer)).to_series()


class Condition(Protocol):
    """Anything that answers true, false or null for each row."""

    def evaluate(self, columns: Columns) -> pl.Series:
        """Return one answer a row."""
        ...


@dataclass(frozen=True, slots=True)
class Compares:
    """A column beside a value: ``year >= 1990``; for a list of texts, whether any of them compares so."""

    column: str
    kind: Kind
    sign: str
    value: float | str | bool

    def evaluate(self, columns: Columns) -> pl.Series:
        """Return one answer a row."""
        if self.kind == "texts" and self.sign == "!=":
            return ~Compares(self.column, self.kind, "=", self.value).evaluate(columns)
        compare = COMPARISONS[self.sign]
        if not isinstance(self.value, str):
            answer: pl.Series = compare(columns.raw(self.column), self.value)
            return answer
        value = plain(self.value)
        return columns.holds(self.column, lambda texts: compare(texts, value))


@dataclass(frozen=True, slots=True)
class ComparesColumns:
    """Two columns of one kind beside each other: ``energy > danceability``."""

    column: str
    kind: Kind
    sign: str
    other: str

    def evaluate(self, columns: Columns) -> pl.Series:
        """Return one answer a row."""
        take = columns.plain if self.kind == "text" else columns.raw
        answer: pl.Series = COMPARISONS[self.sign](take(self.column), take(self.other))
        return answer


@dataclass(frozen=True, slots=True)
class Contains:
    """Whether a text, or any text of a list, holds another: ``title contains 'love'``."""

    column: str
    kind: Kind
    part: str

    def evaluate(self, columns: Columns) -> pl.Series:
        """Return one answer a row."""
        part = plain(self.part)
        is_sign = not any(letter.isalnum() for letter in part)  # "!" and its kin are not in plain texts
        return columns.holds(self.column, lambda texts: texts.str.contains(part, literal=True), raw=is_sign)


@dataclass(frozen=True, slots=True)
class IsNull:
    """Whether a value is unknown; an empty list is."""

    column: str
    kind: Kind

    def evaluate(self, columns: Columns) -> pl.Series:
        """Return true or false for each row."""
        if self.kind == "texts":
            return columns.raw(self.column).list.len().fill_null(0) == 0
        return columns.raw(self.column).is_null()


@dataclass(frozen=True, slots=True)
class Flag:
    """A column of true and false by itself: ``explicit``."""

    column: str

    def evaluate(self, columns: Columns) -> pl.Series:
        """Return one answer a row."""
        return columns.raw(self.column)


@dataclass(frozen=True, slots=True)
class Constant:
    """``true`` or ``false`` by itself."""

    value: bool

    def evaluate(self, columns: Columns) -> pl.Series:
        """Return the same answer for each row."""
        return pl.Series([self.value]).new_from_index(0, columns.height)


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary; of unknown, unknown."""

    inner: Condition

    def evaluate(self, columns: Columns) -> pl.Series:
        """Return one answer a row."""
        return ~self.inner.evaluate(columns)


@dataclass(frozen=True, slots=True)
class Joined:
    """Several conditions, all of which must hold (``and``) or any (``or``)."""

    word: Literal["and", "or"]
    parts: tuple[Condition, ...]

    def evaluate(self, columns: Columns) -> pl.Series:
        """Return one answer a row."""
        answer = self.parts[0].evaluate(columns)
        for part in self.parts[1:]:
            other = part.evaluate(columns)
            answer = answer & other if self.word == "and" else answer | other
        return answer


def plain(text: str) -> str:
    """Return one text without case, accents and punctuation."""
    return str(plain_text(pl.Series([text])).item())
