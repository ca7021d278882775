"""The nearest of many short texts: trigrams of bytes for a shortlist, then the edit distance; any script.

Each text is cut into overlapping triples of its UTF-8 bytes, hashed to 16 bits; an index tells for each hash which
texts have it, so that counting how many triples each text shares with a query is quick. The overlap (Dice's
coefficient) picks a shortlist, on which the edit distance is computed exactly, by bit-parallel dynamic programming
(Myers 1999, in Hyyrö's form).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

_SHORTLIST = 40
_HASHES = 1 << 16


class Texts:
    """Texts in plain form among which the nearest can be found.

    Parameters
    ----------
    plain : Series of str
        Texts without case, accents, punctuation (`songscape.titles.plain_text`); null is never found.
    """

    def __init__(self, plain: pl.Series) -> None:
        self._plain = plain
        self._sizes = plain.str.len_bytes().fill_null(0).to_numpy().astype(np.int64)
        framed = "  " + plain.fill_null("") + " "  # a text of n bytes has n + 1 triples
        triples = _triples(np.frombuffer("".join(framed.to_list()).encode(), dtype=np.uint8))
        inside = np.ones(len(triples) + 2, dtype=np.bool_)
        ends = np.cumsum(self._sizes + 3)
        inside[ends - 1] = inside[ends - 2] = False  # triples across two texts
        triples = triples[inside[: len(triples)]]
        order = np.argsort(triples, kind="stable")
        self._owners = np.repeat(np.arange(len(plain), dtype=np.int32), self._sizes + 1)[order]
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(triples, minlength=_HASHES))])

    def nearest(self, query: str, n: int, others: Sequence[str] = ()) -> list[tuple[int, float]]:
        """Return the places of the nearest texts with their similarity in [0, 1], the nearest first.

        Parameters
        ----------
        query : str
            In plain form.
        n : int
            How many at most.
        others : sequence of str
            Other orders of the same words; of all similarities the largest counts.
        """
        if not len(self._sizes):
            return []
        wanted = np.unique(_triples(np.frombuffer(f"  {query} ".encode(), dtype=np.uint8)))
        overlap = self._shared(wanted) / (self._sizes + 1 + len(wanted))
        overlap[self._sizes == 0] = -1.0
        size = min(_SHORTLIST, len(overlap))
        short = np.argpartition(-overlap, size - 1)[:size]
        found = []
        for place in np.sort(short).tolist():
            if overlap[place] > 0:
                text = str(self._plain[place])
                found.append((place, max(similarity(one, text) for one in (query, *others))))
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:n]

    def _shared(self, wanted: npt.NDArray[np.uint16]) -> npt.NDArray[np.int64]:
        """Return how many triples of each text the query has."""
        parts = [self._owners[self._starts[code] : self._starts[int(code) + 1]] for code in wanted]
        counts: npt.NDArray[np.int64] = np.bincount(np.concatenate(parts), minlength=len(self._sizes))
        return counts


def _triples(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint16]:
    """Return the hash of the triple that begins at each byte but the last two."""
    if len(data) < 3:
        return np.empty(0, dtype=np.uint16)
    wide = data.astype(np.uint32)
    mixed = (wide[:-2] << 16 | wide[1:-1] << 8 | wide[2:]) * np.uint32(2654435761)
    return (mixed >> 16).astype(np.uint16)


def similarity(one: str, other: str) -> float:
    """Return 1 − edit distance / length of the longer text, in [0, 1].

    Examples
    --------
    >>> similarity("creep", "crep"), similarity("", "")
    (0.8, 1.0)
    """
    longest = max(len(one), len(other))
    return 1.0 - edit_distance(one, other) / longest if longest else 1.0


def edit_distance(one: str, other: str) -> int:
    """Return Levenshtein's distance: the fewest letters to insert, delete or replace.

    Examples
    --------
    >>> edit_distance("kitten", "sitting")
    3
    """
    if not one or not other:
        return len(one) + len(other)
    places: dict[str, int] = {}
    for at, letter in enumerate(one):
        places[letter] = places.get(letter, 0) | 1 << at
    full, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    up, down, distance = full, 0, len(one)  # bits: where the column of the matrix rises, and falls, by 1
    for letter in other:
        same = places.get(letter, 0)
        diagonal = ((((same & up) + up) ^ up) | same | down) & full
        right_up, right_down = (down | ~(diagonal | up)) & full, up & diagonal
        distance += bool(right_up & last) - bool(right_down & last)
        right_up = (right_up << 1 | 1) & full
        up, down = ((right_down << 1) | ~(diagonal | right_up)) & full, right_up & diagonal
    return distance
