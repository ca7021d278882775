"""What a map keeps of the space that it shows: neighbors found on the map, neighbors lost from it, the large shape.

With r_X(i, j) the rank of row j by distance from i in space X (1 for the nearest), r_Y that on the map, and
g = n k (2n − 3k − 1) / 2:

- trustworthiness = 1 − Σ_i Σ_{j among the k nearest on the map} max(r_X(i, j) − k, 0) / g;
- continuity = 1 − Σ_i Σ_{j among the k nearest in space} max(r_Y(i, j) − k, 0) / g
  (both Venna & Kaski 2001, doi:10.1007/3-540-44668-0_68);
- neighborhood preservation: the mean share of the k nearest in space that are also the k nearest on the map;
- global rank correlation: Spearman's correlation, over pairs of rows, of the two distances, ties at mean ranks.

Rows at equal distances share the best rank (so duplicates of a neighbor do not count against it), and the k nearest
are chosen with ties by row number; where distances are distinct, trustworthiness is scikit-learn's.

The first two need, for each row that is looked at, its distances to all others; so above `sample_size` rows they
look at that many, drawn without replacement. Preservation is exact. The correlation looks at 100 pairs of rows for
each row of the sample, or at all pairs where those are fewer.
"""

import math

import numpy as np
import numpy.typing as npt

from songscape.config import EvaluationParams, Metric
from songscape.errors import InputError, ParameterError
from songscape.evaluation.records import Estimate, MapScores
from songscape.evaluation.spaces import Space, check_spaces, rank_null
from songscape.kernels.ranks import rank_excess
from songscape.kernels.tiles import build_tiles
from songscape.progress import Progress, silent
from songscape.types import Float64, Int32, Int64, NeighborGraph
from songscape.validation import must_be

_STAGE = "evaluation"
_PAIRS_PER_ROW = 100
_Z95 = 1.959963984540054


def trustworthiness(
    X: npt.ArrayLike,
    embedding: npt.ArrayLike,
    *,
    k: int = 15,
    metric: Metric = "euclidean",
    sample_size: int | None = None,
    random_state: int = 0,
) -> Estimate:
    """Return how far neighbors on the map are neighbors in the space.

    Parameters
    ----------
    X : array-like, shape (n_rows, n_columns)
        Rows in the space, finite.
    embedding : array-like, shape (n_rows, n_components)
        The same rows on the map, compared by Euclidean distance.
    k : int
        Neighbors looked at, at least 1 and less than half of the rows.
    metric : {"euclidean", "manhattan", "chebyshev", "cosine", "correlation"}
        The metric of the space.
    sample_size : int, optional
        Rows looked at; None: all of them.
    random_state : int
        Seed of the sample.

    Returns
    -------
    Estimate
        In [0, 1]; 1 where every neighbor on the map is one in space, about 0.5 for rows placed at random.

    Raises
    ------
    ParameterError
        If `k` or `metric` lies outside its allowed values.
    InputError
        If `X` or `embedding` is not a finite numeric matrix, or they differ in rows.

    Examples
    --------
    >>> line = [[0.0], [1.0], [2.1], [3.3], [4.6]]
    >>> trustworthiness(line, line, k=2).value
    1.0
    """
    space, plane = check_spaces(X, embedding, metric)
    _check_k(k, len(space.points))
    rows = _sample(len(space.points), sample_size, random_state)
    return _neighbors_kept(space, plane.nearest(k), rows, plane.leaves.order)


def continuity(
    X: npt.ArrayLike,
    embedding: npt.ArrayLike,
    *,
    k: int = 15,
    metric: Metric = "euclidean",
    sample_size: int | None = None,
    random_state: int = 0,
) -> Estimate:
    """Return how far neighbors in the space are neighbors on the map.

    Parameters, errors and range are those of `trustworthiness`.

    Examples
    --------
    >>> continuity([[0.0], [1.0], [2.1], [3.3], [4.6]], [[0.0], [1.0], [2.1], [3.3], [-9.0]], k=2).value
    0.6666666666666667
    """
    space, plane = check_spaces(X, embedding, metric)
    _check_k(k, len(space.points))
    rows = _sample(len(space.points), sample_size, random_state)
    return _neighbors_kept(plane, space.nearest(k), rows, plane.leaves.order)


def neighborhood_preservation(
    X: npt.ArrayLike, embedding: npt.ArrayLike, *, k: int = 15, metric: Metric = "euclidean"
) -> Estimate:
    """Return the mean share of each row's k neighbors that are the same in space and on the map. Always exact.

    Parameters and errors are those of `trustworthiness`; the range is [0, 1], and rows placed at random score
    k / (n_rows − 1).

    Examples
    --------
    >>> neighborhood_preservation([[0.0], [1.0], [3.0]], [[0.0], [2.0], [3.0]], k=1).value
    0.6666666666666666
    """
    space, plane = check_spaces(X, embedding, metric)
    _check_k(k, len(space.points))
    return _overlap(space.nearest(k), plane.nearest(k))


def global_rank_correlation(
    X: npt.ArrayLike,
    embedding: npt.ArrayLike,
    *,
    metric: Metric = "euclidean",
    n_pairs: int | None = None,
    random_state: int = 0,
) -> Estimate:
    """Return Spearman's correlation between distances in the space and on the map.

    Parameters
    ----------
    X, embedding, metric, random_state
        As in `trustworthiness`.
    n_pairs : int, optional
        Pairs of rows drawn, each anew; None: all of them, which takes memory for n_rows² / 2 distances.

    Returns
    -------
    Estimate
        In [−1, 1]; 0 for rows placed at random; NaN where all distances of one side are equal. The interval is
        Bonett and Wright's (2000, doi:10.1007/BF02294183).

    Raises
    ------
    ParameterError
        If `metric` is unknown.
    InputError
        If `X` or `embedding` is not a finite numeric matrix, or they differ in rows.

    Examples
    --------
    >>> global_rank_correlation([[0.0], [1.0], [3.0]], [[0.0], [2.0], [5.0]]).value
    1.0
    """
    space, plane = check_spaces(X, embedding, metric)
    return _correlation(space, plane, n_pairs, random_state)


def evaluate_map(
    X: npt.ArrayLike,
    neighbors: NeighborGraph,
    embedding: npt.ArrayLike,
    *,
    params: EvaluationParams | None = None,
    progress: Progress = silent,
) -> MapScores:
    """Score a map: what it keeps of near and far, each beside what a random map keeps.

    Parameters
    ----------
    X : array-like, shape (n_rows, n_columns)
        Rows in the space, finite.
    neighbors : NeighborGraph
        Of `X`; its metric is the metric of the space.
    embedding : array-like, shape (n_rows, n_components)
        The same rows on the map.
    params : EvaluationParams, optional
        `k` neighbors are looked at: fewer where `neighbors` holds fewer, or k is not less than half of the rows.
    progress : callable
        Called as ``progress("evaluation", fraction)``.

    Raises
    ------
    ParameterError
        If the metric of `neighbors` is unknown.
    InputError
        If `X` or `embedding` is not a finite numeric matrix, or the three differ in rows.

    Examples
    --------
    >>> line = [[0.0], [1.0], [2.1], [3.3], [4.6]]
    >>> near = np.array([[1, 2], [0, 2], [1, 3], [2, 4], [3, 2]], np.int32)
    >>> graph = NeighborGraph(near, np.ones((5, 2), np.float32))
    >>> scores = evaluate_map(line, graph, line)
    >>> scores.k, scores.trustworthiness.value, scores.neighborhood_preservation.value
    (2, 1.0, 1.0)
    """
    params = EvaluationParams() if params is None else params
    space, plane = check_spaces(X, embedding, neighbors.metric)
    n_rows = len(space.points)
    if neighbors.n_rows != n_rows:
        raise InputError(f"neighbors must have a row for each of the {n_rows} rows of X. Got {neighbors.n_rows}.")
    k = min(params.k, neighbors.k, max(n_rows - 1, 0) // 2)
    progress(_STAGE, 0.0)
    trust = kept = preserved = Estimate.undefined()
    if k > 0:
        near_in_space, near_on_map = neighbors.first(k).indices, plane.nearest(k)
        preserved = _overlap(near_in_space, near_on_map)
        progress(_STAGE, 0.3)
        rows = _sample(n_rows, params.sample_size, params.random_state)
        trust = _neighbors_kept(space, near_on_map, rows, plane.leaves.order)
        progress(_STAGE, 0.7)
        kept = _neighbors_kept(plane, near_in_space, rows, plane.leaves.order)
        progress(_STAGE, 0.9)
    correlation = _correlation(space, plane, _PAIRS_PER_ROW * params.sample_size, params.random_state)
    progress(_STAGE, 1.0)
    by_chance = rank_null(n_rows, k)
    return MapScores(
        k=k,
        trustworthiness=trust,
        continuity=kept,
        neighborhood_preservation=preserved,
        global_rank_correlation=correlation,
        trustworthiness_null=by_chance,
        continuity_null=by_chance,
        neighborhood_preservation_null=k / (n_rows - 1) if k else math.nan,
        global_rank_correlation_null=0.0,
    )


def _check_k(k: int, n_rows: int) -> None:
    most = max(n_rows - 1, 0) // 2
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 1 <= k <= most:
        raise ParameterError(must_be("k", f"an int in [1, {most}], less than half of the {n_rows} rows", k))


def _sample(n_rows: int, sample_size: int | None, random_state: int) -> Int64:
    """Return ascending row numbers: all, or a sample without replacement."""
    if sample_size is None or sample_size >= n_rows:
        return np.arange(n_rows)
    generator = np.random.Generator(np.random.PCG64(random_state))
    return np.sort(generator.choice(n_rows, sample_size, replace=False))


def _neighbors_kept(space: Space, neighbors: Int32, rows: Int64, order: Int32) -> Estimate:
    """Return 1 − the scaled excess of the ranks that `neighbors` (of another space) have in this one.

    Any `order` gives the same; one that keeps near rows together lets whole tiles be counted at a glance.
    """
    n_rows, k = neighbors.shape
    tiles = build_tiles(space.points[order], np.zeros(n_rows, np.int32))
    tiles = tiles._replace(places=tiles.places[np.argsort(order)])
    excess = rank_excess(tiles, rows, neighbors[rows], space.code)
    return Estimate.of_mean(1.0 - excess * (2.0 / (k * (2.0 * n_rows - 3.0 * k - 1.0))), n_rows)


def _overlap(left: Int32, right: Int32) -> Estimate:
    """Return the mean share of entries that rows of two tables of neighbors have in common; no row repeats one."""
    shared = np.zeros(len(left), np.int64)
    for column in right.T:
        shared += (left == column[:, None]).any(axis=1)
    return Estimate.exact(float(shared.mean()) / left.shape[1], len(left))


def _correlation(space: Space, plane: Space, n_pairs: int | None, random_state: int) -> Estimate:
    """Return the rank correlation of distances over all pairs, or over `n_pairs` drawn with replacement."""
    n_rows = len(space.points)
    n_all = n_rows * (n_rows - 1) // 2
    if n_pairs is None or n_pairs >= n_all:
        left, right = np.triu_indices(n_rows, 1)
    else:
        generator = np.random.Generator(np.random.PCG64(random_state))
        left = generator.integers(0, n_rows, n_pairs)
        right = (left + generator.integers(1, n_rows, n_pairs)) % n_rows
    value = _spearman(space.pair_distances(left, right), plane.pair_distances(left, right))
    if math.isnan(value):
        return Estimate.undefined()
    if len(left) == n_all or abs(value) >= 1.0:
        return Estimate.exact(value, len(left))
    center, half = math.atanh(value), _Z95 * math.sqrt((1.0 + value * value / 2.0) / (len(left) - 3))
    return Estimate(value, math.tanh(center - half), math.tanh(center + half), len(left))


def _spearman(left: Float64, right: Float64) -> float:
    """Return the correlation of mean ranks, NaN where one side is constant."""
    left, right = _mean_ranks(left), _mean_ranks(right)
    spread = math.sqrt(float(np.einsum("i,i->", left, left)) * float(np.einsum("i,i->", right, right)))
    return float(np.einsum("i,i->", left, right)) / spread if spread > 0.0 else math.nan


def _mean_ranks(values: Float64) -> Float64:
    """Return ranks, ties at their mean, moved to mean 0."""
    if len(values) == 0:
        return values
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Float64 = (np.cumsum(sizes) - (sizes - 1) / 2.0)[group]
    return ranks - (len(values) + 1) / 2.0
