"""What stands together in playlists: factors of songs, learned from many playlists.

Implicit matrix factorization by alternating least squares (Hu, Koren and Volinsky 2008), solved by conjugate
gradients (Takács, Pilászy and Tikk 2011). Below `MIN_PLAYLISTS` playlists there is too little to factorize, and
nothing is learned; up to 1 024 playlists there is a factor for every `PLAYLISTS_PER_FACTOR`, lest it learns by heart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from songscape.errors import InputError
from songscape.kernels.factors import solve_rows
from songscape.progress import Progress, silent
from songscape.types import Float32, Int32

MIN_PLAYLISTS = 100

MOST_FACTORS, PLAYLISTS_PER_FACTOR = 64, 16
CONFIDENCE = 10.0
RIDGE = 0.1
N_ROUNDS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Company:
    """Factors of the songs that stand in playlists.

    Attributes
    ----------
    n_songs : int
        Songs in the catalog.
    songs : int32, shape (n_known,)
        The songs that stand in a playlist, ascending.
    factors : float32, shape (n_known, n_factors)
    n_playlists : int
        How many playlists they were learned from.
    """

    n_songs: int
    songs: Int32
    factors: Float32
    n_playlists: int

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
        places = np.searchsorted(self.songs, seeds)
        known = (places < len(self.songs)) & (self.songs[np.minimum(places, len(self.songs) - 1)] == seeds)
        if not known.any():
            return out
        counts = np.ones(len(seeds)) if seed_weights is None else np.asarray(seed_weights, np.float64)
        held = self.factors[places[known]].astype(np.float64)
        shares = counts[known] * CONFIDENCE
        gram = self.factors.T.astype(np.float64) @ self.factors.astype(np.float64)
        matrix = gram + (held.T * shares) @ held + RIDGE * np.eye(held.shape[1])
        taste = np.linalg.solve(matrix, (1.0 + shares) @ held)
        out[self.songs] = self.factors @ taste.astype(np.float32)
        return out


def learn_company(playlists: Sequence[Int32], n_songs: int, *, progress: Progress = silent) -> Company:
    """Learn from playlists which songs stand together.

    Parameters
    ----------
    playlists : sequence of int32 arrays
        The songs of each playlist, each once.
    n_songs : int
        Songs in the catalog.
    progress : callable
        Called with ``"learn"`` and a fraction.

    Raises
    ------
    InputError
        If there are fewer than `MIN_PLAYLISTS` playlists.
    """
    from scipy.sparse import csr_array

    if len(playlists) < MIN_PLAYLISTS:
        raise InputError(
            f"Co-occurrence needs at least {MIN_PLAYLISTS} playlists. Got {len(playlists)}. Learn the weights alone."
        )
    indptr = np.concatenate([[0], np.cumsum([len(songs) for songs in playlists])]).astype(np.int64)
    songs, ids = np.unique(np.concatenate(playlists), return_inverse=True)
    held = csr_array((np.ones(len(ids), np.float32), ids.astype(np.int32), indptr), (len(playlists), len(songs)))
    holders = csr_array(held.T)
    rng = np.random.default_rng(0)
    n_factors = min(MOST_FACTORS, len(playlists) // PLAYLISTS_PER_FACTOR)
    factors = (0.01 * rng.normal(size=(len(songs), n_factors))).astype(np.float32)
    tastes = np.zeros((len(playlists), n_factors), np.float32)
    for round_ in range(N_ROUNDS):
        tastes = solve_rows(indptr, ids.astype(np.int32), factors, tastes, CONFIDENCE, RIDGE)
        factors = solve_rows(
            holders.indptr.astype(np.int64), holders.indices.astype(np.int32), tastes, factors, CONFIDENCE, RIDGE
        )
        progress("learn", (round_ + 1) / N_ROUNDS)
    return Company(n_songs, songs.astype(np.int32), factors, len(playlists))
