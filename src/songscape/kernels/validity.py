"""Density inside clusters and between them, all pairs of rows: the parts of DBCV (Moulavi et al. 2014).

Rows stand cluster by cluster; ``starts[c]`` is the first row of cluster c. All distances are Euclidean, in float64.
"""

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit
from songscape.threads import run_blocks

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

_BLOCK = 64


def all_points_core(points: Float64, starts: Int64) -> Float64:
    """Return each row's core distance over all rows of its cluster: ``(Σ d(i, j)^−D / (n − 1))^(−1 / D)``.

    Rows at distance 0 are left out of the sum, and where all are, the core distance is 0 (so does the hdbscan
    package); so it is for a row alone in its cluster.

    Parameters
    ----------
    points : float64, shape (n_rows, D)
        Finite, of moderate size, cluster by cluster.
    starts : int64, shape (n_clusters + 1,)

    Returns
    -------
    float64, shape (n_rows,)
    """
    core = np.zeros(len(points))
    low, high = _limits(starts)

    def work(first: int, stop: int) -> None:
        _add_up(points, low, high, core, first * _BLOCK, min(stop * _BLOCK, len(points)))

    run_blocks(work, -(-len(points) // _BLOCK))
    return core


def span_clusters(points: Float64, core: Float64, starts: Int64) -> tuple[Int64, Int64, Float64]:
    """Return the minimum spanning tree of each cluster under mutual reachability, one after the other.

    Returns
    -------
    left, right : int64, shape (n_rows − n_clusters,)
        The rows of an edge; the tree of cluster c has edges ``starts[c] − c`` up to ``starts[c + 1] − c − 1``. Of
        equal edges the one to the row of the lowest number is taken.
    weight : float64, same shape
    """
    n_clusters = len(starts) - 1
    n_edges = len(points) - n_clusters
    left, right, weight = np.zeros(n_edges, np.int64), np.zeros(n_edges, np.int64), np.zeros(n_edges)

    def work(first: int, stop: int) -> None:
        for cluster in range(first, stop):
            begin, end = starts[cluster], starts[cluster + 1]
            edges = slice(begin - cluster, end - cluster - 1)
            best, source = np.full(end - begin, np.inf), np.zeros(end - begin, np.int64)
            waiting = np.arange(1, end - begin)
            tree = left[edges], right[edges], weight[edges]
            _span(points[begin:end], core[begin:end], best, source, waiting, tree)
            left[edges] += begin
            right[edges] += begin

    run_blocks(work, n_clusters)
    return left, right, weight


def nearest_other_cluster(points: Float64, core: Float64, starts: Int64, counted: npt.NDArray[np.bool_]) -> Float64:
    """Return the least mutual reachability from each counted row to counted rows of other clusters.

    Returns
    -------
    float64, shape (n_rows,)
        inf for rows that are not counted, and where no other cluster has a row that is.
    """
    nearest = np.full(len(points), np.inf)
    low, high = _limits(starts)

    def work(first: int, stop: int) -> None:
        _find_other(points, core, low, high, counted, nearest, first * _BLOCK, min(stop * _BLOCK, len(points)))

    run_blocks(work, -(-len(points) // _BLOCK))
    return nearest


def _limits(starts: Int64) -> tuple[Int64, Int64]:
    """Return for each row the first row of its cluster and the first behind it."""
    sizes = np.diff(starts)
    return np.repeat(starts[:-1], sizes), np.repeat(starts[1:], sizes)


@jit
def _squared(a, b):  # type: ignore[no-untyped-def]
    total = 0.0
    for column in range(len(a)):
        gap = a[column] - b[column]
        total += gap * gap
    return total


@jit
def _add_up(points, low, high, core, first, stop):  # type: ignore[no-untyped-def]
    n_columns = points.shape[1]
    for row in range(first, stop):
        total = 0.0
        for other in range(low[row], high[row]):
            square = _squared(points[row], points[other])
            if square > 0.0:
                base, power, exponent = 1.0 / square, 1.0, n_columns // 2
                if n_columns % 2:
                    power = np.sqrt(base)
                while exponent:
                    if exponent & 1:
                        power *= base
                    base *= base
                    exponent >>= 1
                total += power
        if total > 0.0:
            core[row] = (total / (high[row] - low[row] - 1)) ** (-1.0 / n_columns)


@jit
def _span(points, core, best, source, waiting, tree):  # type: ignore[no-untyped-def]
    """Grow a tree from row 0, the nearest of the rows waiting next (Prim)."""
    left, right, weight = tree
    n_rows = len(points)
    last = 0
    for edge in range(n_rows - 1):
        n_waiting = n_rows - 1 - edge
        chosen = 0
        for i in range(n_waiting):
            row = waiting[i]
            reach = max(np.sqrt(_squared(points[row], points[last])), core[row], core[last])
            if reach < best[row] or (reach == best[row] and last < source[row]):
                best[row], source[row] = reach, last
            nearest = waiting[chosen]
            if best[row] < best[nearest] or (best[row] == best[nearest] and row < nearest):
                chosen = i
        last = waiting[chosen]
        left[edge], right[edge], weight[edge] = source[last], last, best[last]
        waiting[chosen] = waiting[n_waiting - 1]


@jit
def _find_other(points, core, low, high, counted, nearest, first, stop):  # type: ignore[no-untyped-def]
    for row in range(first, stop):
        if not counted[row]:
            continue
        least = np.inf
        for other in range(len(points)):
            if counted[other] and not low[row] <= other < high[row]:
                both = max(core[row], core[other])
                if both < least:
                    reach = max(np.sqrt(_squared(points[row], points[other])), both)
                    least = min(least, reach)
        nearest[row] = least
