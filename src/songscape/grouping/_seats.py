"""Where fine groups of nested scales sit, so that the nearest seat is the group of least 4 c² + 2 m² + f²."""

import numpy as np

from songscape.types import Float64, Int32

_WEIGHTS = (4.0, 2.0, 1.0)  # of the distances to coarse, middle and fine centers: the larger the group, the steadier


def seats_of(centers: Float64, sizes: Float64, held_in: list[Int32]) -> Float64:
    """Return points to which rows are near that have little 4 c² + 2 m² + f², one for each fine group.

    A weighted mean of squared distances to three centers is the squared distance to their weighted mean plus their
    variance around it. The root of that variance is one more column, in which rows have 0.
    """
    chain = np.stack([merged_centers(centers, sizes, up)[up] for up in held_in])
    mean = np.average(chain, axis=0, weights=_WEIGHTS)
    spread = np.sqrt(np.average(((chain - mean) ** 2).sum(axis=2), axis=0, weights=_WEIGHTS))
    return np.column_stack([mean, spread])


def merged_centers(centers: Float64, sizes: Float64, cut: Int32) -> Float64:
    """Return the centers of merged groups."""
    sums = np.stack([np.bincount(cut, sizes * column) for column in centers.T], axis=1)
    return sums / np.bincount(cut, sizes)[:, None]
