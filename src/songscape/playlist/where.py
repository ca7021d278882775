r"""Filters in a small, safe language: ``year >= 1990 and genre = 'jazz' and not explicit``.

Grammar::

    filter     = any
    any        = all { "or" all }
    all        = one { "and" one }
    one        = "not" one | "(" any ")" | condition
    condition  = column                                            only of true and false: explicit
               | value ("=" | "!=" | "<" | "<=" | ">" | ">=") value    at least one side is a column
               | column ["not"] "in" "(" literal { "," literal } ")"
               | column ["not"] "between" literal "and" literal    ends included
               | column ["not"] "contains" text
               | column "is" ["not"] "null"
               | "true" | "false"
    value      = column | literal
    literal    = number | text | "true" | "false"
    column     = word | "`" any name "`" | "[" any name "]"
    text       = "'" … "'" or '"' … '"', a quote inside is doubled
    number     = 3, -3, 0.5, .5, 1e3

``and`` binds tighter than ``or``. Words of the language are written in any case; so are columns, where that is clear.
``==``, ``<>``, ``≤``, ``≥``, ``≠`` are understood.

Columns are those of the table: the canonical ones, ``group_coarse`` and its kin, ``cluster``, the user's own.
``genre``, ``artist``, ``song``, ``valence`` and ``bpm`` mean genres, artists, title, positiveness and tempo. On a
list (genres, artists) a condition holds if it holds for *any* entry, and ``!=`` if no entry is equal. Texts are
compared without case, accents and punctuation. What is unknown never matches, nor does ``not`` of it,
except by ``is null``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.errors import ParameterError, did_you_mean
from songscape.playlist.conditions import (
    Columns,
    Compares,
    ComparesColumns,
    Condition,
    Constant,
    Contains,
    Flag,
    IsNull,
    Joined,
    Kind,
    Not,
)
from songscape.playlist.emptiness import Count, spans_of, told_empty, unknown_texts
from songscape.playlist.tokens import Token, split, told

_ALIASES = {
    "genre": "genres",
    "artist": "artists",
    "song": "title",
    "valence": "positiveness",
    "bpm": "tempo",
}
_KINDS = {"number": "a number", "text": "a text", "flag": "true or false", "texts": "a list of texts"}
_BESIDE = {"number": "a number", "text": "a text in quotes", "flag": "true or false", "texts": "a text in quotes"}
_MEANINGS = {"key": " (0 is C, 1 is C♯ or D♭, and so on to 11, B; mode is 1 in major, 0 in minor)"}
_SIGNS = {"==": "=", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">="}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_WORDS = frozenset(["and", "or", "not", "in", "between", "contains", "is", "null", "true", "false"])
_MAX_LENGTH = 10_000
_MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Where:
    """A filter that was read: conditions that must all hold.

    Attributes
    ----------
    parts : tuple of (str, Condition)
        The conditions that ``and`` joins, each with its text.
    """

    parts: tuple[tuple[str, Condition], ...]

    def mask(self, tracks: pl.DataFrame | Columns) -> npt.NDArray[np.bool_]:
        """Return for each row whether the filter matches, bool (n_rows,); kept `Columns` answer faster."""
        columns = _columns(tracks)
        found = np.ones(columns.height, dtype=np.bool_)
        for _, condition in self.parts:
            found &= matches(condition, columns)
        return found

    def joined(self, other: "Where") -> "Where":
        """Return the filter that asks for both."""
        return Where((*self.parts, *other.parts))

    def counts(self, tracks: pl.DataFrame | Columns) -> tuple[Count, ...]:
        """Return for each condition how many tracks it leaves, alone and with those before it."""
        columns = _columns(tracks)
        together = np.ones(columns.height, dtype=np.bool_)
        counts = []
        for text, condition in self.parts:
            alone = matches(condition, columns)
            together = together & alone
            counts.append(Count(text, int(alone.sum()), int(together.sum())))
        return tuple(counts)

    def explain_empty(self, tracks: pl.DataFrame | Columns) -> str:
        """Return in words which condition left no track; an empty text if some are left.

        Examples
        --------
        >>> tracks = pl.DataFrame({"year": [1990, 2000], "energy": [0.2, 0.9]})
        >>> print(parse_where("year < 1995 and energy > 0.5", tracks.schema).explain_empty(tracks))
        No track is left by 'energy > 0.5', after the conditions before it.
          year < 1995: 1 track alone, 1 so far
          energy > 0.5: 1 track alone, 0 so far
        """
        columns = _columns(tracks)
        counts = self.counts(columns)
        return told_empty(counts, spans_of(self.parts, counts, columns) | self.nearest(columns))

    def nearest(self, tracks: pl.DataFrame | Columns) -> dict[str, str]:
        """Return for conditions on a text that no track has a sentence with the nearest text that one has."""
        columns = _columns(tracks)
        found = {text: unknown_texts(condition, columns) for text, condition in self.parts}
        return {text: f"Did you mean '{next(iter(near.values()))}'?" for text, near in found.items() if near}

    def misspelled(self, tracks: pl.DataFrame | Columns) -> dict[str, str]:
        """Return all texts asked for that no track has, each with the nearest one that there is."""
        columns = _columns(tracks)
        found = [unknown_texts(condition, columns) for _, condition in self.parts]
        return {text: near for texts in found for text, near in texts.items()}


def _columns(tracks: pl.DataFrame | Columns) -> Columns:
    return tracks if isinstance(tracks, Columns) else Columns(tracks)


def matches(condition: Condition, columns: Columns) -> npt.NDArray[np.bool_]:
    """Return for each row whether it certainly meets a condition."""
    return np.asarray(condition.evaluate(columns).fill_null(False).to_numpy(), dtype=np.bool_)


def parse_where(text: str, schema: Mapping[str, pl.DataType]) -> Where:
    """Read a filter for tables with these columns.

    Parameters
    ----------
    text : str
        In the language that the head of this module describes; nothing in it is ever run as code.
    schema : mapping of str to polars type
        The table's columns, as ``tracks.schema``.

    Raises
    ------
    ParameterError
        If the text is no filter, or names a column that is not there, or compares what cannot be compared; with the
        text and a caret under the place.

    Examples
    --------
    >>> tracks = pl.DataFrame({"year": [1990, 2000, None], "genres": [["jazz"], ["Jazz", "rock"], ["jazz"]]})
    >>> parse_where("year >= 1995 and genre = 'jazz'", tracks.schema).mask(tracks).tolist()
    [False, True, False]
    """
    if len(text) > _MAX_LENGTH:
        raise ParameterError(f"The filter has {len(text)} characters. At most {_MAX_LENGTH} are allowed.")
    return Where(tuple(_Parser(text, schema).read()))


@dataclass(frozen=True, slots=True)
class _Value:
    """One side of a comparison: a column, or a literal (then `column` is empty)."""

    kind: Kind
    column: str
    literal: float | str | bool
    token: Token


class _Parser:
    """A parser by recursive descent; each method reads one rule of the grammar."""

    def __init__(self, text: str, schema: Mapping[str, pl.DataType]) -> None:
        self.text, self.schema = text, schema
        self.tokens = split(text)
        self.at = 0
        self.depth = 0

    def read(self) -> list[tuple[str, Condition]]:
        """Read the whole text as conditions that ``and`` joins, with the text of each."""
        if self.tokens[0].kind == "end":
            self.fail("The filter is empty. Write a condition, as in: year >= 1990", self.tokens[0])
        first = self.tokens[0]
        parts = self._all()
        if self._is("or"):
            self.at = 0
            whole = self._any()
            parts = [(self.text[first.start : self.tokens[self.at - 1].stop], whole)]
        if self._now.kind != "end":
            self.fail("Here 'and', 'or' or the end is needed.", self._now)
        return parts

    def fail(self, what: str, token: Token) -> NoReturn:
        """Raise with the text and a caret under a token."""
        raise told(what, self.text, token)

    @property
    def _now(self) -> Token:
        return self.tokens[self.at]

    def _next(self) -> Token:
        token = self._now
        self.at += token.kind != "end"
        return token

    def _is(self, word: str) -> bool:
        return self._now.kind in ("word", "mark") and self._now.text.lower() == word

    def _took(self, word: str) -> bool:
        found = self._is(word)
        self.at += found
        return found

    def _need(self, mark: str) -> None:
        if not self._took(mark):
            self.fail(f"Here '{mark}' is needed.", self._now)

    def _any(self) -> Condition:
        parts = [_together(self._all())]
        while self._took("or"):
            parts.append(_together(self._all()))
        return parts[0] if len(parts) == 1 else Joined("or", tuple(parts))

    def _all(self) -> list[tuple[str, Condition]]:
        parts = [self._told_one()]
        while self._took("and"):
            parts.append(self._told_one())
        return parts

    def _told_one(self) -> tuple[str, Condition]:
        start = self._now.start
        condition = self._one()
        return self.text[start : self.tokens[self.at - 1].stop], condition

    def _one(self) -> Condition:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            self.fail(f"More than {_MAX_DEPTH} levels of parentheses and 'not'.", self._now)
        if self._took("not"):
            condition: Condition = Not(self._one())
        elif self._took("("):
            condition = self._any()
            self._need(")")
        else:
            condition = self._condition()
        self.depth -= 1
        return condition

    def _condition(self) -> Condition:
        left = self._value()
        if self._now.kind == "sign":
            return self._comparison(left)
        if left.column and any(self._is(word) for word in ("not", "in", "between", "contains", "is")):
            return self._worded(left)
        if left.kind != "flag":
            what = f"'{left.column}' is {_KINDS[left.kind]}" if left.column else f"{left.token.text} is no condition"
            self.fail(f"{what}: compare it, as in {left.column or 'year'} = {_sample(left.kind)}.", left.token)
        return Flag(left.column) if left.column else Constant(bool(left.literal))

    def _comparison(self, left: _Value) -> Condition:
        token = self._next()
        sign = _SIGNS.get(token.text, token.text)
        right = self._value(left)
        if not left.column:
            left, right, sign = right, left, _MIRRORED[sign]
        if not left.column:
            self.fail("A comparison needs a column on one side.", token)
        if self._now.kind == "sign":
            self.fail("Two comparisons in a row: use 'between … and …', or join them by 'and'.", self._now)
        self._check_beside(left, right)
        if left.kind == "flag" and sign not in ("=", "!="):
            self.fail(f"'{left.column}' is true or false: only = and != compare it.", token)
        if right.column:
            return ComparesColumns(left.column, left.kind, sign, right.column)
        return Compares(left.column, left.kind, sign, right.literal)

    def _check_beside(self, left: _Value, right: _Value) -> None:
        wanted = "text" if left.kind == "texts" and not right.column else left.kind
        if right.kind != wanted:
            beside = _BESIDE[left.kind] + _MEANINGS.get(left.column, "")
            self.fail(f"'{left.column}' is {_KINDS[left.kind]}: compare it with {beside}.", right.token)
        if right.column and left.kind == "texts":
            self.fail("Two lists cannot be compared.", right.token)

    def _worded(self, left: _Value) -> Condition:
        if self._took("is"):
            negated = self._took("not")
            self._need("null")
            empty = IsNull(left.column, left.kind)
            return Not(empty) if negated else empty
        negated = self._took("not")
        if self._took("in"):
            condition = self._listed(left)
        elif self._took("between"):
            condition = self._between(left)
        elif self._took("contains"):
            condition = self._contains(left)
        else:
            self.fail("Here 'in', 'between' or 'contains' is needed.", self._now)
        return Not(condition) if negated else condition

    def _listed(self, left: _Value) -> Condition:
        self._need("(")
        parts: list[Condition] = []
        while not parts or self._took(","):
            parts.append(Compares(left.column, left.kind, "=", self._literal(left)))
        self._need(")")
        return Joined("or", tuple(parts))

    def _between(self, left: _Value) -> Condition:
        if left.kind in ("flag", "texts"):
            self.fail(f"'{left.column}' is {_KINDS[left.kind]}: 'between' needs a number or a text.", left.token)
        low = Compares(left.column, left.kind, ">=", self._literal(left))
        self._need("and")
        return Joined("and", (low, Compares(left.column, left.kind, "<=", self._literal(left))))

    def _contains(self, left: _Value) -> Condition:
        if left.kind not in ("text", "texts"):
            self.fail(f"'{left.column}' is {_KINDS[left.kind]}: only texts contain something.", left.token)
        return Contains(left.column, left.kind, str(self._literal(left)))

    def _literal(self, left: _Value) -> float | str | bool:
        value = self._value()
        if value.column:
            self.fail(f"Here {_BESIDE[left.kind]} is needed, not a column.", value.token)
        self._check_beside(left, value)
        return value.literal

    def _value(self, beside: "_Value | None" = None) -> _Value:
        token = self._next()
        if token.kind == "number":
            return _Value("number", "", float(token.text), token)
        if token.kind == "text":
            quote = token.text[0]
            return _Value("text", "", token.text[1:-1].replace(quote * 2, quote), token)
        if token.kind == "word" and token.text.lower() in ("true", "false"):
            return _Value("flag", "", token.text.lower() == "true", token)
        if token.kind == "quoted" or (token.kind == "word" and token.text.lower() not in _WORDS):
            column = self._column(token, beside)
            return _Value(self._kind(column, token), column, False, token)
        self.fail("Here a column, a number or a text in quotes is needed.", token)

    def _column(self, token: Token, beside: _Value | None) -> str:
        name = token.text[1:-1] if token.kind == "quoted" else token.text
        same = [column for column in self.schema if column.lower() == name.lower()]
        alias = _ALIASES.get(name.lower(), "")
        if name in self.schema:
            return name
        if len(same) == 1:
            return same[0]
        if alias in self.schema:
            return alias
        if beside and beside.column and beside.kind in ("text", "texts"):
            self.fail(f"There is no column '{name}'. A text stands in quotes: '{name}'.", token)
        hint = did_you_mean(name, [*self.schema, *_ALIASES]) or f" There are: {_some(self.schema)}."
        self.fail(f"There is no column '{name}'.{hint}", token)

    def _kind(self, column: str, token: Token) -> Kind:
        kind = _kind_of(self.schema[column])
        if kind is None:
            self.fail(f"'{column}' holds {self.schema[column]}, which no condition can look at.", token)
        return kind


def _kind_of(dtype: pl.DataType) -> Kind | None:
    if dtype.is_numeric():
        return "number"
    if isinstance(dtype, pl.List) and dtype.inner == pl.String:
        return "texts"
    if dtype == pl.Boolean:
        return "flag"
    return "text" if dtype in (pl.String, pl.Categorical, pl.Enum) or dtype.is_temporal() else None


def _together(parts: list[tuple[str, Condition]]) -> Condition:
    return parts[0][1] if len(parts) == 1 else Joined("and", tuple(condition for _, condition in parts))


def _sample(kind: Kind) -> str:
    return {"number": "1990", "text": "'…'", "texts": "'…'", "flag": "true"}[kind]


def _some(names: Iterable[str]) -> str:
    known = list(names)
    return ", ".join(known[:40]) + (" …" if len(known) > 40 else "")
