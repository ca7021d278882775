"""Rows and the centers of groups: votes for noise, means, nearest centers, centers that settle."""

import numpy as np

from songscape.kernels.centers import assign_rows
from songscape.kernels.leaves import EUCLIDEAN, build_leaves
from songscape.kernels.nearest import query_rows
from songscape.types import Float32, Float64, Int32

_VOTERS = 15
_STEPS = 100


def fill_noise(points: Float32, labels: Int32) -> Int32:
    """Put each noise row in the cluster of most of the nearest 15 rows that have one.

    Parameters
    ----------
    points : float32, shape (n_rows, n_columns)
        Where the clusters were found.
    labels : int32, shape (n_rows,)
        Clusters from 0; −1 for noise. At least one row is no noise.

    Returns
    -------
    int32, shape (n_rows,)
        Labels without −1. Of clusters with equally many votes the one that holds the nearest row wins.

    Examples
    --------
    >>> points = np.array([[0.0], [1.0], [9.0], [2.0]], np.float32)
    >>> fill_noise(points, np.array([0, 0, 1, -1], np.int32)).tolist()
    [0, 0, 1, 0]
    """
    filled = labels.copy()
    noise = np.flatnonzero(labels < 0)
    if len(noise):
        held = np.flatnonzero(labels >= 0)
        near, _ = query_rows(build_leaves(points[held]), points[noise], _VOTERS, EUCLIDEAN)
        votes = labels[held][near]
        counts = np.zeros(votes.shape, np.int8)
        for column in votes.T:
            counts += votes == column[:, None]
        filled[noise] = votes[np.arange(len(noise)), counts.argmax(axis=1)]
    return filled


def nearest_centers(X: Float32, centers: Float64, k: int) -> tuple[Int32, Float32]:
    """Return the k nearest centers of each row, the nearest first, and their distances; all if there are fewer."""
    leaves = build_leaves(np.ascontiguousarray(centers, dtype=np.float32))
    return query_rows(leaves, np.ascontiguousarray(X), k, EUCLIDEAN)


def settle_centers(X: Float32, centers: Float64) -> Float64:
    """Move centers to the mean of the rows that they are nearest to, until no row changes, at most 100 times.

    A start from merged clusters makes this a fixed rule, not a draw: where the rows say clearly enough where groups
    lie, it ends there from any near start (Lloyd 1982, doi:10.1109/TIT.1982.1056489). A center that no row is nearest
    to stays where it is.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [2.0], [6.0], [7.0]], np.float32)
    >>> settle_centers(X, np.array([[0.0], [2.0]])).tolist()
    [[1.0], [6.5]]
    """
    nearest = np.full(len(X), -1, np.int32)
    for _ in range(_STEPS):
        before = nearest
        nearest, sums, counts = assign_rows(X, centers)
        if (before == nearest).all():
            break
        held = counts > 0.0
        centers = centers.copy()
        centers[held] = sums[held] / counts[held, None]
    return centers
