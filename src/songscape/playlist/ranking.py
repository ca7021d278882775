"""The best of many scores."""

import numpy as np

from songscape.types import Float32, Int64

_BLOCK = 64


def best_first(scores: Float32, count: int) -> Int64:
    """Return the `count` best places that are above −inf, by falling score, ties by number.

    Examples
    --------
    >>> best_first(np.array([0.5, 2.0, -np.inf, 2.0], np.float32), 2).tolist()
    [1, 3]
    """
    count = min(count, len(scores))
    if count == 0:
        return np.empty(0, np.int64)
    places = np.flatnonzero((scores >= _bar(scores, count)) & (scores > -np.inf))
    return places[np.lexsort((places, -scores[places]))][:count]


def _bar(scores: Float32, count: int) -> np.float32:
    """Return a score that at least `count` scores reach, and hardly more where these are few among many.

    So many blocks of scores have a best one that reaches it; a partition of these is much shorter than one of all.
    """
    n_blocks = len(scores) // _BLOCK
    heads = scores[: n_blocks * _BLOCK].reshape(n_blocks, _BLOCK).max(axis=1) if count <= n_blocks else scores
    bar: np.float32 = np.partition(heads, len(heads) - count)[len(heads) - count]
    return bar
