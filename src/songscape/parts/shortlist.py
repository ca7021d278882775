"""The shortlist: the tracks of all parts that come nearest to what is asked for, found in one walk in bounded memory.

Of each batch those that meet the conditions are looked at, and only the best so far are kept: a filter that leaves
one track in a thousand is given the best of these.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.parts.looks import Look
from songscape.parts.table import ROW, PartTable, compact
from songscape.playlist.conditions import Columns
from songscape.playlist.emptiness import Count
from songscape.playlist.where import Where, matches
from songscape.types import Float64

Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The tracks that come nearest, and how many tracks meet the conditions.

    Attributes
    ----------
    tracks : polars.DataFrame
        By row over all parts, with ``row``.
    counts : tuple of Count
        For each condition how many of all tracks it leaves, alone and with those before it.
    without : dict of str to int
        For each condition how many tracks the others leave.
    n_tracks : int
        Of all parts.
    """

    tracks: pl.DataFrame
    counts: tuple[Count, ...] = ()
    without: dict[str, int] = field(default_factory=dict)
    n_tracks: int = 0

    @property
    def met(self) -> int:
        """How many tracks meet all conditions."""
        return self.counts[-1].together if self.counts else self.n_tracks


def find_nearest(
    table: PartTable, look: Look, size: int, where: Where | None = None, barred: frozenset[str] = frozenset()
) -> Shortlist:
    """Return the tracks of all parts that come nearest to what is asked for.

    Parameters
    ----------
    table : PartTable
    look : Look
        What tells how near a track comes.
    size : int
        How many tracks are kept.
    where : Where, optional
        Only tracks that meet it.
    barred : frozenset of str
        Artists whose tracks are not wanted, as they are spelled.
    """
    best, parts = _Best(table.empty(), size), () if where is None else where.parts

    def work(batch: pl.DataFrame) -> list[tuple[int, int, int]]:
        masks = [matches(condition, Columns(batch)) for _, condition in parts]
        met = np.logical_and.reduce(masks) if masks else np.ones(batch.height, np.bool_)
        if barred:
            ours = batch.select(pl.col("artists").list.set_intersection(sorted(barred)).list.len() > 0)
            met = met & ~ours.to_series().fill_null(False).to_numpy()
        held = batch.filter(pl.Series(met))
        if held.height:
            best.add(held, look(held))
        return _counted(masks)

    batches = table.each(work)
    sums = np.array(batches, np.int64).reshape(len(batches), len(parts), 3).sum(axis=0).tolist()
    texts = [text for text, _ in parts]
    counts = tuple(Count(text, alone, together) for text, (alone, together, _) in zip(texts, sums, strict=True))
    without = {text: others for text, (_, _, others) in zip(texts, sums, strict=True)}
    return Shortlist(best.tracks, counts, without, len(table))


def _counted(masks: Sequence[Bool]) -> list[tuple[int, int, int]]:
    """Return for each condition how many rows it leaves alone, with those before it, and all but it."""
    found = []
    for place, mask in enumerate(masks):
        together = np.logical_and.reduce(masks[: place + 1])
        others = np.logical_and.reduce([*masks[:place], *masks[place + 1 :], np.ones_like(mask)])
        found.append((int(mask.sum()), int(together.sum()), int(others.sum())))
    return found


class _Best:
    """The best tracks so far, in any order of batches the same: of equal scores the first row is the better one."""

    def __init__(self, nothing: pl.DataFrame, size: int) -> None:
        self._kept, self._scores, self._size = nothing, np.empty(0), size
        self._lock = threading.Lock()

    def add(self, tracks: pl.DataFrame, scores: Float64) -> None:
        """Take the best of a batch in."""
        own = self._of(tracks[ROW].to_numpy(), scores)
        tracks, scores = tracks[own], scores[own]
        with self._lock:
            both, all_scores = pl.concat([self._kept, tracks]), np.concatenate([self._scores, scores])
            chosen = self._of(both[ROW].to_numpy(), all_scores)
            self._kept, self._scores = compact(both[chosen]), all_scores[chosen]

    def _of(self, rows: npt.NDArray[np.int64], scores: Float64) -> npt.NDArray[np.intp]:
        return np.lexsort((rows, -scores))[: self._size]

    @property
    def tracks(self) -> pl.DataFrame:
        return self._kept.sort(ROW)
