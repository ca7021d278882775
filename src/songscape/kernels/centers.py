"""Rows and the nearest of some centers, again and again: one step of Lloyd's algorithm, on several threads."""

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit
from songscape.threads import run_blocks

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]

_ROWS = 4096  # rows whose sums are taken together: fixed, so that sums do not depend on threads


def assign_rows(X: Float32, centers: Float64) -> tuple[Int32, Float64, Float64]:
    """Return the nearest center of each row, and the sums and numbers of the rows nearest to each center.

    Parameters
    ----------
    X : float32, shape (n_rows, n_columns)
        C-contiguous, finite.
    centers : float64, shape (n_centers, n_columns)
        C-contiguous, finite, at least one.

    Returns
    -------
    nearest : int32, shape (n_rows,)
        By Euclidean distance in float64; of equally near centers the first.
    sums : float64, shape (n_centers, n_columns)
    counts : float64, shape (n_centers,)
    """
    n_blocks = -(-len(X) // _ROWS)
    nearest = np.empty(len(X), np.int32)
    sums = np.zeros((n_blocks, centers.shape[0], centers.shape[1] + 1))  # the last column counts
    columns = np.ascontiguousarray(centers.T)

    def work(first: int, stop: int) -> None:
        _assign(X, columns, np.empty(len(centers)), nearest, sums, first, stop)

    run_blocks(work, n_blocks)
    total = sums.sum(axis=0)
    return nearest, total[:, :-1], total[:, -1]


def centers_of(X: Float32, labels: Int32, n_groups: int) -> tuple[Float64, Float64]:
    """Return the mean row of each group, float64 (n_groups, n_columns), and how many rows it has, float64.

    Parameters
    ----------
    X : float32, shape (n_rows, n_columns)
    labels : int32, shape (n_rows,)
        Group of each row; rows of −1 are left out.
    n_groups : int
        The mean of a group without rows is 0.
    """
    inside = np.flatnonzero(labels >= 0)
    if len(inside) < len(labels):
        X, labels = X[inside], labels[inside]
    sizes = np.bincount(labels, minlength=n_groups).astype(np.float64)
    sums = [np.bincount(labels, column, n_groups) for column in X.T]
    return np.stack(sums, axis=1) / np.maximum(sizes, 1.0)[:, None], sizes


@jit
def _assign(X, columns, squares, nearest, sums, first, stop):  # type: ignore[no-untyped-def]
    """Assign the rows of some blocks, and add them up; one column of all centers at a time, in whole vectors."""
    n_columns, n_centers = columns.shape
    for block in range(first, stop):
        own_sums = sums[block]
        for row in range(block * _ROWS, min((block + 1) * _ROWS, len(X))):
            squares[:] = 0.0
            for j in range(n_columns):
                value, column = np.float64(X[row, j]), columns[j]
                for center in range(n_centers):
                    apart = value - column[center]
                    squares[center] += apart * apart
            chosen = 0
            for center in range(1, n_centers):
                if squares[center] < squares[chosen]:
                    chosen = center
            nearest[row] = chosen
            for j in range(n_columns):
                own_sums[chosen, j] += X[row, j]
            own_sums[chosen, n_columns] += 1.0
