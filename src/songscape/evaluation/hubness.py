"""Hubs: rows that are the neighbor of very many others, and rows that are nobody's neighbor.

N_k(j) is the number of rows that have j among their k nearest (the k-occurrence of j); its mean is k. In many
dimensions its distribution grows a long tail to the right (Radovanović, Nanopoulos & Ivanović 2010,
https://www.jmlr.org/papers/v11/radovanovic10a.html): a few hubs crowd all lists, and a share of the rows, the
antihubs, is never found by way of neighbors. Scores: the skewness of N_k, E[(N_k − k)³] / sd³; the share of rows with
N_k = 0; the share of all places in lists that the hundredth part of the rows with the most takes.

Two nulls: columns permuted, each on its own, which keeps every column and loses what they have to do with each other;
and normal rows of the same number of columns. Skewness falls slowly as rows are added, so nulls are compared with
samples of the rows that are as large as theirs (the *thinned* scores).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from songscape.config import EvaluationParams
from songscape.errors import InputError
from songscape.evaluation.records import Estimate
from songscape.evaluation.spaces import check_space
from songscape.types import Float32, Float64, Int64, NeighborGraph
from songscape.validation import check_points

_REPEATS = 3
_MOST_ROWS = 10_000  # of a null and of a thinned score


@dataclass(frozen=True, slots=True)
class Hubness:
    """How evenly rows occur among the neighbors of others.

    Attributes
    ----------
    k : int
        Neighbors counted; 0 where there are none.
    skewness : float
        Of the k-occurrence: 0 where it is symmetric, above 1 with marked hubs; NaN where all occur equally often.
    never : float
        Share of the rows that are nobody's neighbor, in [0, 1].
    top_share : float
        Share of all places in neighbor lists that the hundredth part of the rows with the most takes, in [0, 1].
    most : int
        The largest k-occurrence.
    skewness_thinned, never_thinned : Estimate
        The same for samples of at most 10 000 rows, neighbors sought anew among these: what nulls compare with.
    skewness_null, never_null : Estimate
        The same for samples with each column permuted on its own.
    skewness_normal, never_normal : Estimate
        The same for independent normal columns, as many as there are.
    """

    k: int
    skewness: float
    never: float
    top_share: float
    most: int
    skewness_thinned: Estimate
    never_thinned: Estimate
    skewness_null: Estimate
    never_null: Estimate
    skewness_normal: Estimate
    never_normal: Estimate


def k_occurrence(neighbors: npt.NDArray[np.integer], n_rows: int) -> Int64:
    """Return how often each row stands in the lists of others.

    Parameters
    ----------
    neighbors : int, shape (n_rows, k)
        Row numbers of the neighbors of each row.
    n_rows : int
        How many rows there are.

    Returns
    -------
    int64, shape (n_rows,)

    Examples
    --------
    >>> k_occurrence(np.array([[1], [0], [1]]), 3).tolist()
    [1, 2, 0]
    """
    return np.bincount(neighbors.ravel(), minlength=n_rows).astype(np.int64)


def evaluate_hubness(
    X: npt.ArrayLike, neighbors: NeighborGraph, *, params: EvaluationParams | None = None
) -> Hubness:
    """Score how evenly rows occur among the neighbors of others, beside what chance gives.

    Parameters
    ----------
    X : array-like, shape (n_rows, n_columns)
        Rows in the space, finite.
    neighbors : NeighborGraph
        Of `X`; its metric is that of the nulls.
    params : EvaluationParams, optional
        At most `k` neighbors are counted; ``random_state`` is the seed of the nulls.

    Raises
    ------
    InputError
        If `X` is not a finite numeric matrix, or `neighbors` is not of its rows.

    Examples
    --------
    >>> graph = NeighborGraph(np.array([[1], [0], [1], [1]], np.int32), np.ones((4, 1), np.float32))
    >>> hubness = evaluate_hubness([[0.0], [1.0], [2.1], [-0.2]], graph)
    >>> hubness.never, hubness.most, round(hubness.skewness, 3)
    (0.5, 3, 0.816)
    """
    params = EvaluationParams() if params is None else params
    points = check_points(X)
    n_rows = len(points)
    if neighbors.n_rows != n_rows:
        raise InputError(f"neighbors must have a row for each of the {n_rows} rows of X. Got {neighbors.n_rows}.")
    k = min(params.k, neighbors.k)
    if k == 0:
        return Hubness(0, math.nan, math.nan, math.nan, 0, *[Estimate.undefined()] * 6)
    occurrence = k_occurrence(neighbors.indices[:, :k], n_rows)
    top = np.sort(occurrence)[n_rows - max(1, n_rows // 100) :]
    return Hubness(
        k,
        skewness_of(occurrence),
        float((occurrence == 0).mean()),
        float(top.sum()) / occurrence.sum(),
        int(occurrence.max()),
        *_nulls(points, k, neighbors.metric, params.random_state),
    )


def skewness_of(occurrence: Int64) -> float:
    """Return the skewness of a k-occurrence, E[(N − mean)³] / sd³; NaN where all rows occur equally often.

    Examples
    --------
    >>> round(skewness_of(np.array([0, 0, 0, 4])), 3)
    1.155
    """
    gaps = occurrence - occurrence.mean()
    spread = float(gaps.std())
    return float((gaps**3).mean()) / spread**3 if spread > 0.0 else math.nan


def _nulls(points: Float32, k: int, metric: str, random_state: int) -> list[Estimate]:
    """Return skewness and share of nobody's neighbors for samples, permuted columns, and normal columns."""
    generator = np.random.Generator(np.random.PCG64(random_state))
    n_sampled = min(len(points), _MOST_ROWS)
    found: Float64 = np.empty((_REPEATS, 3, 2))
    for i in range(_REPEATS):
        sample = points[generator.choice(len(points), n_sampled, replace=False)]
        permuted = np.column_stack([generator.choice(column, n_sampled, replace=False) for column in points.T])
        normal = generator.standard_normal(sample.shape, dtype=np.float32)
        found[i] = [_occurrence_scores(rows, k, metric) for rows in (sample, permuted, normal)]
    return [Estimate.of_repeats(values, n_sampled) for values in found.reshape(_REPEATS, -1).T]


def _occurrence_scores(points: Float32, k: int, metric: str) -> tuple[float, float]:
    occurrence = k_occurrence(check_space(points, metric).nearest(k), len(points))
    return skewness_of(occurrence), float((occurrence == 0).mean())
