"""What stands together in playlists: factors of songs and artists, learned from many playlists.

Implicit matrix factorization by alternating least squares (Hu, Koren and Volinsky 2008), solved by conjugate
gradients (Takács, Pilászy and Tikk 2011). A playlist holds its songs and their main artists: so a song that stands in
no playlist still says something as a seed, and is found, by way of its artist. Below `MIN_PLAYLISTS` playlists there
is too little to factorize, and nothing is learned; up to 1 536 playlists there is a factor for every
`PLAYLISTS_PER_FACTOR`, lest it learns by heart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from songscape.errors import InputError
from songscape.kernels.factors import solve_rows
from songscape.progress import Progress, silent
from songscape.types import Float32, Float64, Int32, Int64

MIN_PLAYLISTS = 100

MOST_FACTORS, PLAYLISTS_PER_FACTOR = 96, 16
CONFIDENCE = 30.0
RIDGE = 3.0
N_ROUNDS = 10

ARTIST_SHARE = 0.11
"""How much a song's artist counts beside the song itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Company:
    """Factors of the songs and artists that stand in playlists.

    Attributes
    ----------
    songs : int32, shape (n_known,)
        The songs that stand in a playlist, ascending.
    factors : float32, shape (n_known, n_factors)
    artist_of : int32, shape (n_songs,)
        For each song of the catalog the row of its main artist in `artist_factors`; −1 where none is known.
    artist_factors : float32, shape (n_artists, n_factors)
    gram : float64, shape (n_factors, n_factors)
        Sum of the squares of all factors.
    n_playlists : int
        How many playlists they were learned from.
    """

    songs: Int32
    factors: Float32
    artist_of: Int32
    artist_factors: Float32
    gram: Float64
    n_playlists: int

    @property
    def n_songs(self) -> int:
        """Songs in the catalog."""
        return len(self.artist_of)

    def score(self, seeds: Int32, seed_weights: Float32 | None = None) -> Float32:
        """Return how strongly each song of the catalog is expected beside the seeds; 0 where nothing is known.

        Parameters
        ----------
        seeds : int32, shape (n_seeds,)
        seed_weights : float32, shape (n_seeds,), optional

        Returns
        -------
        float32, shape (n_songs,)
            About 1 for a song that belongs there, about 0 for others.
        """
        out = np.zeros(self.n_songs, np.float32)
        counts = np.ones(len(seeds)) if seed_weights is None else np.asarray(seed_weights, np.float64)
        held, shares = self._held(seeds, counts)
        if len(held) == 0:
            return out
        matrix = self.gram + CONFIDENCE * (held.T * shares) @ held + RIDGE * np.eye(held.shape[1])
        taste = np.linalg.solve(matrix, (1.0 + CONFIDENCE * shares) @ held).astype(np.float32)
        by_artist = np.append(ARTIST_SHARE * (self.artist_factors @ taste), 0.0).astype(np.float32)
        out += by_artist[self.artist_of]
        out[self.songs] += self.factors @ taste
        return out

    def _held(self, seeds: Int32, counts: Float64) -> tuple[Float64, Float64]:
        """Return the factors of what the seeds are, songs and artists, and how often each counts: an artist once."""
        places = np.minimum(np.searchsorted(self.songs, seeds), len(self.songs) - 1)
        known = self.songs[places] == seeds
        artists = self.artist_of[seeds]
        named = artists >= 0
        most = np.zeros(len(self.artist_factors))
        np.maximum.at(most, artists[named], counts[named])
        chosen = np.flatnonzero(most)
        held = np.concatenate([self.factors[places[known]], self.artist_factors[chosen]])
        return held.astype(np.float64), np.concatenate([counts[known], most[chosen]])


def learn_company(playlists: Sequence[Int32], main_artist: Int32, *, progress: Progress = silent) -> Company:
    """Learn from playlists which songs stand together.

    Parameters
    ----------
    playlists : sequence of int32 arrays
        The songs of each playlist, each once.
    main_artist : int32, shape (n_songs,)
        The main artist of each song of the catalog; −1 where unknown.
    progress : callable
        Called with ``"learn"`` and a fraction.

    Raises
    ------
    InputError
        If there are fewer than `MIN_PLAYLISTS` playlists.
    """
    if len(playlists) < MIN_PLAYLISTS:
        raise InputError(
            f"Co-occurrence needs at least {MIN_PLAYLISTS} playlists. Got {len(playlists)}. Learn the weights alone."
        )
    things, held = _held_by(playlists, main_artist)
    n_factors = min(MOST_FACTORS, len(playlists) // PLAYLISTS_PER_FACTOR)
    factors = _factorized(held, n_factors, progress)
    n_known = int(np.searchsorted(things, len(main_artist)))
    row_of = np.full(int(main_artist.max(initial=-1)) + 2, -1, np.int32)  # the last one is for −1: unknown
    row_of[things[n_known:] - len(main_artist)] = np.arange(len(things) - n_known, dtype=np.int32)
    return Company(
        things[:n_known].astype(np.int32),
        factors[:n_known],
        row_of[main_artist],
        factors[n_known:],
        factors.T.astype(np.float64) @ factors.astype(np.float64),
        len(playlists),
    )


def _held_by(playlists: Sequence[Int32], main_artist: Int32) -> tuple[Int64, Any]:
    """Return what stands in playlists, ascending, and the sparse matrix of ones playlists × these things.

    A thing is the number of a song, or n_songs + the number of an artist.
    """
    from scipy.sparse import csr_array

    owner = np.repeat(np.arange(len(playlists)), [len(songs) for songs in playlists])
    songs = np.concatenate(playlists).astype(np.int64)
    artists = main_artist[songs].astype(np.int64)
    named = artists >= 0
    span = len(main_artist) + int(main_artist.max(initial=-1)) + 1
    entries = np.concatenate([owner * span + songs, owner[named] * span + len(main_artist) + artists[named]])
    owner, held = np.divmod(np.unique(entries), span)
    things, ids = np.unique(held, return_inverse=True)
    ones = np.ones(len(ids), np.float32)
    return things, csr_array((ones, (owner, ids)), shape=(len(playlists), len(things)))


def _factorized(held: Any, n_factors: int, progress: Progress) -> Float32:
    """Return the factors of the columns of a sparse matrix."""
    from scipy.sparse import csr_array

    holders = csr_array(held.T)
    by_playlist = (held.indptr.astype(np.int64), held.indices.astype(np.int32))
    by_thing = (holders.indptr.astype(np.int64), holders.indices.astype(np.int32))
    start = 0.01 * np.random.default_rng(0).normal(size=(held.shape[1], n_factors))
    factors = start.astype(np.float32)
    tastes = np.zeros((held.shape[0], n_factors), np.float32)
    for round_ in range(N_ROUNDS):
        tastes = solve_rows(*by_playlist, factors, tastes, CONFIDENCE, RIDGE)
        factors = solve_rows(*by_thing, tastes, factors, CONFIDENCE, RIDGE)
        progress("learn", (round_ + 1) / N_ROUNDS)
    return factors
