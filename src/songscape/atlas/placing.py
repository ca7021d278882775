"""A place on a finished map for songs that it was not made for.

UMAP's transform alone keeps about four fifths of the neighbors that a fitted song keeps: the fit drew neighbors
together around each song of its own, and nobody made room for a new one. So the transform is one candidate among
others, the middles between two of the song's nearest neighbors. Of these places the one is taken whose surroundings
hold the most of the song's neighbors. See ``docs/growing.md`` for what this reaches.
"""

import numpy as np

from songscape.config import EmbeddingParams
from songscape.embedding import place
from songscape.neighbors import query_neighbors
from songscape.types import Float32, Int32, NeighborGraph

_PAIRED = 6  # nearest neighbors between two of which a song may lie
_AT_ONCE = 16384  # songs whose candidates are looked at together: a matter of memory


def place_songs(near: NeighborGraph, embedding: Float32, params: EmbeddingParams) -> Float32:
    """Return places of new songs on a fitted map, which stays as it is.

    Parameters
    ----------
    near : NeighborGraph
        The nearest fitted songs of each new one, at least one.
    embedding : float32, shape (n_fitted, n_components)
        The fitted map.
    params : EmbeddingParams
        Of the fit.

    Returns
    -------
    float32, shape (n_new, n_components)
        Each song is placed on its own: at once or one by one gives the same bytes.

    Examples
    --------
    >>> fitted = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [9.0, 9.0]], np.float32)
    >>> near = NeighborGraph(np.array([[0, 1, 2]], np.int32), np.array([[1.0, 1.0, 1.0]], np.float32))
    >>> place_songs(near, fitted, EmbeddingParams()).shape
    (1, 2)
    """
    places = place(near.first(max(params.n_neighbors - 1, 1)), embedding, params)
    one, other = np.triu_indices(min(_PAIRED, near.k), 1)
    for first in range(0, len(places), _AT_ONCE):
        rows = slice(first, first + _AT_ONCE)
        around = embedding[near.indices[rows]]
        middles = (around[:, one] + around[:, other]) / np.float32(2.0)
        candidates = np.concatenate([places[rows, None], middles], axis=1)
        places[rows] = _best(candidates, near.indices[rows], embedding)
    return places


def _best(candidates: Float32, near: Int32, embedding: Float32) -> Float32:
    """Return of each row's candidates the one with the most of `near` among as many nearest; of equals the first."""
    n_rows, n_candidates, n_components = candidates.shape
    flat = candidates.reshape(-1, n_components)
    around = query_neighbors(embedding, flat, near.shape[1]).indices.reshape(n_rows, n_candidates, -1)
    kept = np.zeros((n_rows, n_candidates), np.int64)
    for column in near.T:
        kept += (around == column[:, None, None]).any(axis=2)
    best: Float32 = np.take_along_axis(candidates, kept.argmax(axis=1)[:, None, None], 1)[:, 0]
    return best
