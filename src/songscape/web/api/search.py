"""Search as one types: words of titles and artists, by their beginnings, parts, or with a typo; any script.

Titles and artists are cut into plain words (no case, no accents), and each word knows the tracks it stands in. Every
word of a query must be met. How well is its cost: 0 the word itself, 1 its beginning, 2 a part of it, 3 but for one
typo, 4 for two. Typos are looked for where a word is in no title and fewer tracks than wanted meet the query, or
where none does. Cheap tracks come first; among equals those whose title or artist is the whole query, then the more
popular.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.playlist.fuzzy import Texts, edit_distance
from songscape.titles import plain_text
from songscape.types import Int32

_MOST_WORDS = 12
_LONGEST_WORD = 64
_IS_PLAIN = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")
_LAST_LETTER = "\U0010ffff"
_UNMET = 255
_SHORTLIST = 400
_SHORTEST_PART = 3  # letters; scripts of more letters than Latin: 2
_NEAREST = 40  # words that are looked at for a typo

_WORD, _START, _PART, _TYPO = 0, 1, 2, 3

Costs = npt.NDArray[np.uint8]


How = Literal["exact", "words", "prefix", "fuzzy"]
"""The query is the title or the artist; its words stand there; their beginnings or parts do; but for a typo."""


class Hit(NamedTuple):
    """A track that meets a query, and how."""

    row: int
    how: How


class SearchIndex:
    """Finds tracks by words of their titles and artists.

    Parameters
    ----------
    tracks : polars.DataFrame
        A catalog's tracks: ``title``, ``artists``, ``version_family``, ``is_representative``, ``popularity``.

    Examples
    --------
    >>> names = {"title": ["Creep", "Blue"], "artists": [["Radiohead"], ["Joni Mitchell"]]}
    >>> tracks = pl.DataFrame({**names, "version_family": [0, 1], "is_representative": [True, True]})
    >>> index = SearchIndex(tracks)
    >>> [index.find(query, 5) for query in ("rad", "creep radiohaed", "blue creep")]
    [[Hit(row=0, how='prefix')], [Hit(row=0, how='fuzzy')], []]
    """

    def __init__(self, tracks: pl.DataFrame) -> None:
        titles = plain_text(tracks["title"]).fill_null("")
        artists = plain_text(tracks["artists"].list.join(" ", ignore_nulls=True)).fill_null("")
        self._names = [names.hash().to_numpy() for names in (titles, artists)]
        self._song_of = tracks["version_family"].to_numpy()
        self._popularity = _popularity(tracks)
        words = pl.DataFrame({"word": artists + " " + titles}).with_row_index("row")
        listed = words.with_columns(pl.col("word").str.split(" ")).explode("word").filter(pl.col("word") != "")
        found = listed.unique().group_by("word").agg("row").sort("word")
        self._words: list[str] = found["word"].to_list()
        self._starts = np.concatenate([[0], np.cumsum(found["row"].list.len().to_numpy())]).astype(np.int64)
        self._rows: Int32 = found["row"].explode(empty_as_null=False).to_numpy().astype(np.int32)
        self._known = frozenset(self._words)
        self._joined = "\n".join(self._words).encode()
        sizes = found["word"].str.len_bytes().to_numpy().astype(np.int64)
        self._places = np.cumsum(sizes + 1) - sizes - 1
        self._texts = Texts(found["word"])

    def find(self, query: str, n: int) -> list[Hit]:
        """Return at most `n` tracks that meet a query, the best first, one for each song.

        Parameters
        ----------
        query : str
            Any text; of its words the first 12 count.
        n : int
            At least 1.
        """
        plain = _plain(query)
        words = list(dict.fromkeys(word[:_LONGEST_WORD] for word in plain.split()[:_MOST_WORDS]))
        if not words:
            return []
        costs = [self._costs(word) for word in words]
        rows = _met_by_all(costs)
        known = self._known.issuperset(words)
        if not len(rows) or (len(rows) < n and not known):
            costs = self._with_typos(words, costs)
            rows = _met_by_all(costs)
        named = self._named(plain, rows)
        best = self._best(rows, sum(cost[rows].astype(np.float32) for cost in costs) - 0.5 * named, n)
        return [Hit(int(rows[at]), _how(bool(named[at]), [int(cost[rows[at]]) for cost in costs])) for at in best]

    def _costs(self, word: str) -> Costs:
        """Return for each track the cost at which it meets a word as it is written."""
        costs: Costs = np.full(len(self._song_of), _UNMET, np.uint8)
        first = bisect_left(self._words, word)
        last = bisect_left(self._words, word + _LAST_LETTER, lo=first)
        if len(word) >= (_SHORTEST_PART if word.isascii() else 2):
            costs[self._of_words(self._with_part(word))] = _PART
        costs[self._rows[self._starts[first] : self._starts[last]]] = _START
        if first < last and self._words[first] == word:
            costs[self._rows[self._starts[first] : self._starts[first + 1]]] = _WORD
        return costs

    def _with_part(self, part: str) -> npt.NDArray[np.intp]:
        """Return the places of the words that a text is a part of."""
        found = [match.start() for match in re.finditer(re.escape(part.encode()), self._joined)]
        return np.unique(np.searchsorted(self._places, found, side="right") - 1)

    def _named(self, plain: str, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        """Tell of rows whether their title, or all their artists, are a text; by hashes, of 64 bits."""
        wanted = pl.Series([plain]).hash().item()
        titles, artists = (names[rows] == wanted for names in self._names)
        return np.asarray(titles | artists)

    def _with_typos(self, words: list[str], costs: list[Costs]) -> list[Costs]:
        """Return the costs with those of tracks that meet a word but for a typo.

        A word that the catalog has is taken for what it says; only where all are known each may be another.
        """
        known = [word in self._known for word in words]
        return [
            cost if place_known and not all(known) else self._forgiving(word, cost)
            for word, cost, place_known in zip(words, costs, known, strict=True)
        ]

    def _forgiving(self, word: str, known: Costs) -> Costs:
        costs = known.copy()
        for cost, place in sorted(self._near(word), reverse=True):
            rows = self._rows[self._starts[place] : self._starts[place + 1]]
            costs[rows] = np.minimum(known[rows], cost)
        return costs

    def _of_words(self, places: npt.NDArray[Any]) -> Int32:
        """Return the rows of the tracks in which words stand, given by their places."""
        sizes = self._starts[places + 1] - self._starts[places]
        before = np.cumsum(sizes) - sizes
        rows: Int32 = self._rows[np.repeat(self._starts[places] - before, sizes) + np.arange(sizes.sum())]
        return rows

    def _near(self, word: str) -> Iterator[tuple[int, int]]:
        """Yield the words that one typo, or in a long word two, may have made of this one, with their cost."""
        allowed = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
        for place, _ in self._texts.nearest(word, _NEAREST) if allowed else ():
            distance = _typos(word, self._words[place])
            if distance <= allowed:
                yield _TYPO + max(distance - 1, 0), place

    def _best(self, rows: npt.NDArray[np.intp], cost: npt.NDArray[np.float32], n: int) -> npt.NDArray[np.intp]:
        """Return the places of the best rows: by cost, then by popularity; each song once."""
        key = cost * np.float32(1000.0) - self._popularity[rows]
        size = min(len(rows), max(_SHORTLIST, 4 * n))
        short = np.argpartition(key, size - 1)[:size] if size < len(rows) else np.arange(size)
        short = short[np.lexsort((rows[short], key[short]))]
        _, first = np.unique(self._song_of[rows[short]], return_index=True)
        return short[np.sort(first)[:n]]


def _plain(query: str) -> str:
    """Return a query in plain form; most are typed in it."""
    lower = query.strip().lower()
    if _IS_PLAIN.fullmatch(lower):
        return lower
    return str(plain_text(pl.Series([query.encode("utf-8", "ignore").decode()])).item())


def _how(named: bool, costs: list[int]) -> How:
    """Return how a query was met, in a word."""
    worst = max(costs)
    if worst >= _TYPO:
        return "fuzzy"
    return "exact" if named else "words" if worst == _WORD else "prefix"


def _met_by_all(costs: list[Costs]) -> npt.NDArray[np.intp]:
    """Return the rows that meet every word."""
    rows = np.flatnonzero(costs[0] != _UNMET)
    for others in costs[1:]:
        rows = rows[others[rows] != _UNMET]
    return rows


def _popularity(tracks: pl.DataFrame) -> npt.NDArray[np.float32]:
    """Return the popularity of tracks, −1 where unknown; of equals the representative of a song is a little ahead."""
    known = pl.col("popularity").fill_null(-1.0) if "popularity" in tracks.columns else pl.lit(0.0)
    ahead = pl.col("is_representative").cast(pl.Float64) * 0.25
    return tracks.select((known + ahead).cast(pl.Float32)).to_series().to_numpy()


def _typos(asked: str, word: str) -> int:
    """Return the typos between two words; two letters that changed places count as one."""
    distance = edit_distance(asked, word)
    if distance == 2 and len(asked) == len(word):
        wrong = [at for at in range(len(asked)) if asked[at] != word[at]]
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1
        if swapped and asked[wrong[0]] == word[wrong[1]] and asked[wrong[1]] == word[wrong[0]]:
            return 1
    return distance
