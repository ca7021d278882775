"""Approximate neighbors for many columns, through faiss (extra ``songscape[approximate]``).

An inverted file: k-means cells, of which a query searches the nearest few (Jégou, Douze, Schmid: *Product
quantization for nearest neighbor search*, 2011, without the quantization). Seeded, and each query on its own, so the
same bytes for any number of threads. Distances are measured anew, so that they are those of an exact graph.
"""

import numpy as np

from songscape.errors import MissingExtraError
from songscape.kernels.leaves import EUCLIDEAN, build_leaves
from songscape.kernels.nearest import query_rows
from songscape.threads import thread_count
from songscape.types import Float32, Int32, Int64

_PROBED = 0.16  # share of the cells that a query searches
_SAMPLE = 1000  # rows on which the recall is measured
_BLOCK = 4096


def approximate_neighbors(points: Float32, k: int) -> tuple[Int32, Float32, float]:
    """Find about the k nearest other rows of every row by Euclidean distance, and how many of them are the true ones.

    Parameters
    ----------
    points : float32, shape (n_rows, n_columns), n_rows > k
    k : int

    Returns
    -------
    indices, distances : int32 and float32, shape (n_rows, k)
        Ascending by distance, ties by row number.
    recall : float
        Share of neighbors no farther than the true k-th, on 1 000 rows evenly spaced.

    Raises
    ------
    MissingExtraError
        If faiss is not installed.
    """
    found = _candidates(points, k + 1)
    indices = np.empty((len(points), k), np.int32)
    distances = np.empty((len(points), k), np.float32)
    for first in range(0, len(points), _BLOCK):
        block = slice(first, first + _BLOCK)
        indices[block], distances[block] = _ordered(points, found[block], first, k)
    short = np.flatnonzero(~np.isfinite(distances[:, -1]))  # cells with too few rows: searched exactly
    rows = np.unique(np.concatenate([short, np.linspace(0, len(points) - 1, _SAMPLE).astype(np.int64)]))
    true_rows, true_distances = _exact(points, rows, k)
    recall = float((distances[rows] <= true_distances[:, -1:]).mean())
    at = np.searchsorted(rows, short)
    indices[short], distances[short] = true_rows[at], true_distances[at]
    return indices, distances, recall


def _candidates(points: Float32, k: int) -> Int64:
    try:
        import faiss
    except ImportError:
        raise MissingExtraError(
            "Approximate neighbors need faiss, which is not installed. Install it with"
            " `pip install 'songscape[approximate]'`, or search exactly: --search exact."
        ) from None
    n_rows, n_columns = points.shape
    n_cells = max(1, int(np.sqrt(n_rows)))
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(n_columns), n_columns, n_cells)
    index.cp.seed, index.cp.niter, index.cp.max_points_per_centroid, index.cp.min_points_per_centroid = 0, 8, 100, 1
    index.nprobe = max(1, int(_PROBED * n_cells))
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(thread_count())
    try:
        index.train(points)
        index.add(points)
        found: Int64 = index.search(points, k)[1]
    finally:
        faiss.omp_set_num_threads(before)
    return found


def _ordered(points: Float32, found: Int64, first: int, k: int) -> tuple[Int32, Float32]:
    """Measure candidates anew and keep the k nearest; the row itself and missing ones (−1) lie at infinity."""
    own = np.arange(first, first + len(found))
    sums = np.zeros(found.shape, np.float32)
    for column in points.T:
        gap = column[found] - column[own][:, None]
        sums += gap * gap
    distances = np.where((found < 0) | (found == own[:, None]), np.float32(np.inf), np.sqrt(sums))
    nearest = np.lexsort((found, distances), axis=1)[:, :k]
    return np.take_along_axis(found, nearest, 1).astype(np.int32), np.take_along_axis(distances, nearest, 1)


def _exact(points: Float32, rows: Int64, k: int) -> tuple[Int32, Float32]:
    """Return the true neighbors of some rows, themselves left out."""
    indices, distances = query_rows(build_leaves(points), np.ascontiguousarray(points[rows]), k + 1, EUCLIDEAN)
    own = indices == rows[:, None]
    own[~own.any(axis=1), -1] = True  # k equal rows with smaller numbers pushed it out
    return indices[~own].reshape(-1, k), distances[~own].reshape(-1, k)
