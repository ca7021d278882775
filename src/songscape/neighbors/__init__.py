"""X → NeighborGraph: the k nearest other rows of every row, computed once and used by every later stage.

Exact for every metric and any number of columns, unless an approximate search is asked for (`approximate`). Distances
are measured in float32, column by column in their order, so they depend on the two rows alone: row order changes
nothing but numbering, and any number of threads gives the same bytes.

`cosine` and `correlation` are 1 − cos and 1 − r. They are searched as Euclidean distances of rows scaled to length 1
(for `correlation` each row is first centered by its own mean), and 1 − cos = d² / 2. A *blank* row, one without a
direction (all zeros, or for `correlation` constant), is at distance 1 from every other row, blank ones too, as in
scikit-learn.
"""

from functools import partial
from typing import get_args

import numpy as np
import numpy.typing as npt

from songscape.config import Metric, Search
from songscape.directions import comparable
from songscape.errors import InputError, ParameterError
from songscape.kernels.leaves import CHEBYSHEV, EUCLIDEAN, MANHATTAN, build_leaves
from songscape.kernels.nearest import nearest_rows, query_rows
from songscape.neighbors.approximate import approximate_neighbors
from songscape.progress import Progress, Report, silent
from songscape.types import Float32, Int32, NeighborGraph
from songscape.validation import check_points, measuring_unit, must_be

_FEW_ROWS = 2000  # an exact search takes no time
_CODES = {"manhattan": MANHATTAN, "chebyshev": CHEBYSHEV}  # all others are searched as Euclidean


def build_neighbors(
    X: npt.ArrayLike,
    k: int = 15,
    metric: Metric = "euclidean",
    *,
    search: Search = "exact",
    progress: Progress = silent,
) -> NeighborGraph:
    """Find the k nearest other rows of every row.

    Parameters
    ----------
    X : array-like, shape (n_rows, n_columns)
        Finite numbers, used as float32. n_rows may be 0.
    k : int
        Neighbors per row, at least 1, the row itself not counted. With fewer than k other rows, all of them.
    metric : {"euclidean", "manhattan", "chebyshev", "cosine", "correlation"}
        What distance means.
    search : {"exact", "approximate"}
        Approximate search (through faiss) pays beyond some 50 columns; it knows all metrics but "manhattan" and
        "chebyshev". The graph's ``recall`` says what it missed.
    progress : callable
        Called as ``progress("neighbors", fraction)``.

    Returns
    -------
    NeighborGraph
        indices int32 and distances float32, shape (n_rows, min(k, n_rows − 1)); rows ascend by distance, ties by
        row number, also at the last place.

    Raises
    ------
    ParameterError
        If `k`, `metric` or `search` lies outside its allowed values.
    InputError
        If `X` is not a finite numeric matrix.
    MissingExtraError
        If an approximate search is asked for and faiss is not installed.

    Examples
    --------
    >>> graph = build_neighbors([[0.0], [1.0], [3.0], [7.0]], k=2)
    >>> graph.indices.tolist()
    [[1, 2], [0, 2], [1, 0], [2, 1]]
    >>> graph.distances.tolist()
    [[1.0, 3.0], [1.0, 2.0], [2.0, 3.0], [4.0, 6.0]]
    """
    _check(k, metric)
    points = comparable(check_points(X), metric)
    if search == "exact":
        return _find(points, None, k, metric, progress)
    if search != "approximate" or metric in _CODES:
        allowed = "'exact' for this metric" if metric in _CODES else "one of 'exact', 'approximate'"
        raise ParameterError(must_be("search", allowed, search))
    return _approximate(points, k, metric, progress)


def query_neighbors(
    X: npt.ArrayLike,
    queries: npt.ArrayLike,
    k: int = 15,
    metric: Metric = "euclidean",
    *,
    progress: Progress = silent,
) -> NeighborGraph:
    """Find the k nearest rows of `X` for each of some new rows.

    Parameters
    ----------
    X : array-like, shape (n_rows, n_columns)
        The rows that are searched.
    queries : array-like, shape (n_queries, n_columns)
        The rows that ask. Each is answered on its own: at once or one by one gives the same bytes.
    k, metric, progress
        As in `build_neighbors`; nothing is left out: a query that equals a row finds it at distance 0.

    Returns
    -------
    NeighborGraph
        indices (row numbers of `X`) and distances, shape (n_queries, min(k, n_rows)).

    Raises
    ------
    ParameterError
        If `k` or `metric` lies outside its allowed values.
    InputError
        If `X` or `queries` is not a finite numeric matrix, their columns differ in number, or queries lie so far
        from X that float32 cannot measure it.

    Examples
    --------
    >>> query_neighbors([[0.0], [1.0], [3.0]], [[0.9], [5.0]], k=1).indices.tolist()
    [[1], [2]]
    """
    _check(k, metric)
    points, asking = check_points(X), check_points(queries, name="queries")
    if asking.shape[1] != points.shape[1]:
        raise InputError(
            f"queries must have as many columns as X, {points.shape[1]}. Got {asking.shape[1]}."
            " Make them from the same features in the same order."
        )
    return _find(comparable(points, metric), comparable(asking, metric), k, metric, progress)


def _check(k: int, metric: str) -> None:
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise ParameterError(must_be("k", "an int in [1, inf)", k))
    known = get_args(Metric)
    if metric not in known:
        raise ParameterError(must_be("metric", "one of " + ", ".join(repr(name) for name in known), metric))


def _approximate(points: Float32, k: int, metric: Metric, progress: Progress) -> NeighborGraph:
    """Search approximately, where there are rows enough to miss some; blank directions have no cell to lie in."""
    blank = metric != "euclidean" and not points.any(axis=1).all()
    if len(points) <= max(k + 1, _FEW_ROWS) or blank:
        return _find(points, None, k, metric, progress)
    progress("neighbors", 0.0)
    indices, distances, recall = approximate_neighbors(points, k)
    if metric != "euclidean":
        distances = distances * distances / np.float32(2.0)
    progress("neighbors", 1.0)
    return NeighborGraph(indices, distances, metric, recall)


def _find(points: Float32, queries: Float32 | None, k: int, metric: str, progress: Progress) -> NeighborGraph:
    """Search `points` for `queries`, or for themselves where there are none."""
    progress("neighbors", 0.0)
    report = partial(progress, "neighbors")
    if metric in ("cosine", "correlation"):
        indices, distances = _find_directions(points, queries, k, report)
    else:
        indices, distances = _find_points(points, queries, k, _CODES.get(metric, EUCLIDEAN), report)
    progress("neighbors", 1.0)
    return NeighborGraph(indices, distances, metric)


def _find_points(
    points: Float32, queries: Float32 | None, k: int, code: int, report: Report
) -> tuple[Int32, Float32]:
    """Search by leaves, in a power-of-two unit (which changes no digit) where squares might leave float32."""
    exponent = measuring_unit(points)
    leaves = build_leaves(_scaled(points, -exponent), rotate=code == EUCLIDEAN)
    if queries is None:
        indices, distances = nearest_rows(leaves, k, code, report=report)
    else:
        indices, distances = query_rows(leaves, _scaled(queries, -exponent), k, code)
    return indices, _scaled(distances, exponent)


def _scaled(values: Float32, exponent: int) -> Float32:
    return values if exponent == 0 else np.ldexp(values, exponent)


def _find_directions(points: Float32, queries: Float32 | None, k: int, report: Report) -> tuple[Int32, Float32]:
    """Search directions; blank rows take no part and come in afterwards, at distance 1 from everything."""
    rows = np.flatnonzero(points.any(axis=1)).astype(np.int32)
    blank_rows = np.setdiff1d(np.arange(len(points), dtype=np.int32), rows, assume_unique=True)
    own = queries is None
    asking = points if queries is None else queries
    kept = min(k, max(len(points) - own, 0))
    if len(blank_rows) == 0 and asking.any(axis=1).all():
        indices, distances = _find_points(points, queries, k, EUCLIDEAN, report)
        return indices, distances * distances / np.float32(2.0)

    asks = np.flatnonzero(asking.any(axis=1))
    found, distances = _find_points(points[rows], None if own else asking[asks], k, EUCLIDEAN, report)
    blanks = np.broadcast_to(blank_rows[:kept], (len(asks), len(blank_rows[:kept])))
    all_rows = np.hstack([rows[found], blanks])
    all_distances = np.hstack([distances * distances / np.float32(2.0), np.ones(blanks.shape, np.float32)])
    nearest = np.lexsort((all_rows, all_distances), axis=1)[:, :kept]

    indices = np.empty((len(asking), kept), np.int32)
    answer = np.ones((len(asking), kept), np.float32)
    indices[asks] = np.take_along_axis(all_rows, nearest, 1)
    answer[asks] = np.take_along_axis(all_distances, nearest, 1)
    for row in np.setdiff1d(np.arange(len(asking)), asks, assume_unique=True):
        first = np.arange(kept + 1, dtype=np.int32)
        indices[row] = first[first != row][:kept] if own else first[:kept]
    return indices, answer
