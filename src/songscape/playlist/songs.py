"""What playlists are made from: a catalog as arrays, one row per song."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from songscape.types import Float32, Int32, Int64

AUDIO = (
    "danceability",
    "energy",
    "positiveness",
    "speechiness",
    "liveness",
    "acousticness",
    "instrumentalness",
    "loudness",
    "tempo",
)
"""The columns of `Songs.audio` and `Songs.ranks`."""

Int8 = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Ragged:
    """Several numbers for each song, as the rows of a sparse matrix (CSR).

    Attributes
    ----------
    indptr : int64, shape (n_songs + 1,)
        Song i holds entries ``indptr[i]`` to ``indptr[i + 1] − 1``.
    ids : int32, shape (n_entries,)
        What the song holds, as places in `names`.
    weights : float32, shape (n_entries,)
        How strongly, > 0.
    names : tuple of str
        The name of each id.
    """

    indptr: Int64
    ids: Int32
    weights: Float32
    names: tuple[str, ...]

    def of(self, song: int) -> Int32:
        """Return the ids of a song."""
        return self.ids[self.indptr[song] : self.indptr[song + 1]]

    def of_all(self, songs: npt.NDArray[np.integer[Any]]) -> tuple[Int64, Int32]:
        """Return the ids of several songs: the place in `songs` that each belongs to, and the ids.

        Examples
        --------
        >>> held = Ragged(np.array([0, 2, 2, 3]), np.array([7, 5, 6], np.int32), np.ones(3, np.float32), ())
        >>> [found.tolist() for found in held.of_all(np.array([2, 1, 0]))]
        [[0, 2, 2], [6, 7, 5]]
        """
        indptr, entries = entries_of(self.indptr, songs)
        return np.repeat(np.arange(len(songs)), np.diff(indptr)), self.ids[entries]

    def firsts(self, songs: npt.NDArray[np.integer[Any]]) -> Int32:
        """Return the first id of each of several songs; −1 where a song has none."""
        filled = np.flatnonzero(self.indptr[songs] < self.indptr[songs + 1])
        firsts = np.full(len(songs), -1, np.int32)
        firsts[filled] = self.ids[self.indptr[songs[filled]]]
        return firsts


def entries_of(indptr: Int64, rows: npt.NDArray[np.integer[Any]]) -> tuple[Int64, Int64]:
    """Return some rows of a sparse matrix (CSR): the `indptr` of a matrix of these rows, and their entries."""
    lengths = indptr[rows + 1] - indptr[rows]
    few = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return few, np.repeat(indptr[rows] - few[:-1], lengths) + np.arange(few[-1])


@dataclass(frozen=True, slots=True, eq=False)
class Songs:
    """A catalog's songs: one row for each, in the order of song numbers (``version_family``).

    Attributes
    ----------
    rows : int32, shape (n_songs,)
        Row of the representative track in the catalog.
    X : float32, shape (n_songs, n_features)
        Scaled features, as the atlas takes distances in.
    place : float32, shape (n_songs, n_components)
        Where each song lies on the map.
    audio : float32, shape (n_songs, 9)
        Readable values of `AUDIO`; NaN where unknown.
    ranks : float32, shape (n_songs, 9)
        The same as mean ranks among known values, in [0, 1]; NaN where unknown.
    key, mode : int8, shape (n_songs,)
        Key 0–11 with C = 0, mode 1 for major; −1 where unknown.
    year, popularity, duration : float32, shape (n_songs,)
        Year, popularity in [0, 100], seconds; NaN where unknown.
    explicit : int8, shape (n_songs,)
        1, 0, or −1 where unknown.
    emotion : int16, shape (n_songs,)
        Place in `emotions`; −1 where unknown.
    emotions : tuple of str
        Names of the emotions.
    artists : Ragged
        Who made the song, the main artist first; weights 1.
    tags : Ragged
        Genres, their words, and those of the song's artists, weighted by rarity; the weights of a song have norm 1.
    words : Ragged or None
        Words of the title and the album, weighted by rarity; those of each have norm 1. None if nobody read them.
    titles : int32, shape (n_songs,), or None
        Songs with an equal number have the same title but for marks of versions; −1 where it is unknown or tells
        nothing ("Intro"). None if nobody read them.
    """

    rows: Int32
    X: Float32
    place: Float32
    audio: Float32
    ranks: Float32
    key: Int8
    mode: Int8
    year: Float32
    popularity: Float32
    duration: Float32
    explicit: Int8
    emotion: npt.NDArray[np.int16]
    emotions: tuple[str, ...]
    artists: Ragged
    tags: Ragged
    words: Ragged | None = None
    titles: Int32 | None = None

    @property
    def n_songs(self) -> int:
        """Number of songs."""
        return len(self.rows)
