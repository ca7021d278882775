"""Silhouettes: how much nearer a row is to its own cluster than to the next one. Exact, also for very many rows.

s = (b − a) / max(a, b), with a the mean distance to the other rows of the row's cluster and b the smallest mean
distance to another cluster (Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7). A row alone in its cluster has s = 0,
and so has a row with a = b = 0. Noise (label −1) is no cluster: it has no silhouette, and nobody's distance to it
counts. (In scikit-learn −1 is a cluster like any other; without noise all values are the same as there.)

For `euclidean` see `songscape.kernels.silhouette`. For `cosine` the mean distance to a cluster is 1 minus the product
with the mean of its rows scaled to length 1: no pairs are needed. A row of zeros is at distance 1 from all others.

The time of `euclidean` grows with the square of the rows. `silhouette_samples` and `silhouette_score` take it;
`evaluate_clusters` measures beyond `exact_up_to` rows each row against some of each cluster, and tells the error that
this made among rows that it measured against all.
"""

import math
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from songscape.config import EvaluationParams
from songscape.directions import unit_rows
from songscape.errors import InputError, ParameterError
from songscape.evaluation.records import ClusterScores, Estimate, silhouette_reading
from songscape.kernels.silhouette import mean_distances, nearest_means, own_sums
from songscape.kernels.tiles import Tiles, build_tiles, reseated, thinned
from songscape.progress import Progress, silent
from songscape.types import Float64, Int32
from songscape.validation import check_labels, check_points, must_be

SilhouetteMetric = Literal["euclidean", "cosine"]
NoiseTreatment = Literal["exclude", "penalize"]

_STAGE = "evaluation"
_PERMUTATIONS = 10
_SAMPLE_SHARE = 40  # each permutation looks at sample_size / 40 rows: their silhouettes hardly vary
_T95 = 2.262157162740992  # of Student's t with 9 degrees of freedom, one less than the permutations
_ROWS_AT_ONCE = 4096
_MOST_MET = 2048  # rows of a cluster that a row is measured against, where not all are


class _Clustered(NamedTuple):
    """The rows that are in clusters, with the clusters numbered from 0."""

    X: npt.NDArray[np.floating]
    inside: npt.NDArray[np.bool_]
    groups: Int32
    clusters: Int32
    sizes: npt.NDArray[np.int64]


def silhouette_samples(X: npt.ArrayLike, labels: npt.ArrayLike, *, metric: SilhouetteMetric = "euclidean") -> Float64:
    """Return the silhouette of each row.

    Parameters
    ----------
    X : array-like, shape (n_rows, n_columns)
        Finite numbers; distances are measured in float32.
    labels : array-like of int, shape (n_rows,)
        Cluster of each row, from 0; −1 for noise.
    metric : {"euclidean", "cosine"}
        What distance means.

    Returns
    -------
    float64, shape (n_rows,)
        In [−1, 1]; NaN for noise. 1: far nearer to the own cluster; 0: between two; −1: far nearer to another.

    Raises
    ------
    ParameterError
        If `metric` is unknown.
    InputError
        If `X` or `labels` cannot be used, or there are fewer than two clusters.

    Examples
    --------
    >>> silhouette_samples([[0.0], [1.0], [5.0], [9.0]], [0, 0, 1, -1]).round(3).tolist()
    [0.8, 0.75, 0.0, nan]
    """
    clustered = _check(X, labels, metric)
    _require_two(clustered)
    samples = np.full(len(clustered.inside), np.nan)
    samples[clustered.inside] = _exact(clustered, metric)
    return samples


def silhouette_score(
    X: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    metric: SilhouetteMetric = "euclidean",
    noise: NoiseTreatment = "exclude",
) -> float:
    """Return the mean silhouette.

    Parameters
    ----------
    X, labels, metric
        As in `silhouette_samples`.
    noise : {"exclude", "penalize"}
        Leave noise rows out, or count each as 0, so that the score is that of the clusters times their coverage.

    Returns
    -------
    float
        In [−1, 1].

    Raises
    ------
    ParameterError
        If `metric` or `noise` is unknown.
    InputError
        If `X` or `labels` cannot be used, or there are fewer than two clusters.

    Examples
    --------
    >>> X, labels = [[0.0], [1.0], [5.0], [9.0]], [0, 0, 1, -1]
    >>> round(silhouette_score(X, labels), 4)
    0.5167
    >>> round(silhouette_score(X, labels, noise="penalize"), 4)
    0.3875
    """
    if noise not in get_args(NoiseTreatment):
        raise ParameterError(must_be("noise", "'exclude' or 'penalize'", noise))
    values = silhouette_samples(X, labels, metric=metric)
    inside = values[~np.isnan(values)]
    mean = float(inside.mean())
    return mean * (len(inside) / len(values)) if noise == "penalize" else mean


def evaluate_clusters(
    X: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    metric: SilhouetteMetric = "euclidean",
    params: EvaluationParams | None = None,
    progress: Progress = silent,
) -> ClusterScores:
    """Score clusters: silhouettes of rows, clusters and all, with coverage, null and plain reading.

    Parameters
    ----------
    X, labels, metric
        As in `silhouette_samples`; any number of clusters, also none.
    params : EvaluationParams, optional
        A quarter of `sample_size` rows and `random_state` make the null. The silhouettes are exact up to
        `exact_up_to` rows in clusters; beyond, `sample_size` of them tell the error.
    progress : callable
        Called as ``progress("evaluation", fraction)``.

    Raises
    ------
    ParameterError
        If `metric` is unknown.
    InputError
        If `X` or `labels` cannot be used.

    Examples
    --------
    >>> scores = evaluate_clusters([[0.0], [1.0], [5.0], [9.0]], [0, 0, 1, -1])
    >>> round(scores.silhouette, 4), scores.coverage, scores.reading
    (0.5167, 0.75, 'strong, rare outside synthetic data')
    """
    params = EvaluationParams() if params is None else params
    clustered = _check(X, labels, metric)
    progress(_STAGE, 0.0)
    n_rows, n_clusters = len(clustered.inside), len(clustered.sizes)
    values, mean, error, null = (
        np.full(len(clustered.groups), np.nan),
        Estimate.undefined(),
        0.0,
        Estimate.undefined(),
    )
    if n_clusters >= 2:
        if metric == "euclidean" and len(values) > params.exact_up_to:
            values, mean, error = _estimated(clustered, params)
        else:
            values = _exact(clustered, metric)
            mean = Estimate.exact(float(values.mean()), len(values))
        progress(_STAGE, 0.8)
        null = _permuted(clustered, metric, params)
    samples = np.full(n_rows, np.nan)
    samples[clustered.inside] = values
    coverage = float(clustered.inside.mean()) if n_rows else math.nan
    progress(_STAGE, 1.0)
    return ClusterScores(
        metric=metric,
        silhouette=mean.value,
        silhouette_penalized=mean.value * coverage,
        estimate=mean,
        row_error=error,
        coverage=coverage,
        null=null,
        reading=silhouette_reading(mean.value),
        clusters=clustered.clusters,
        cluster_sizes=clustered.sizes,
        cluster_silhouettes=np.bincount(clustered.groups, values, minlength=n_clusters) / clustered.sizes,
        samples=samples,
    )


def _check(X: npt.ArrayLike, labels: npt.ArrayLike, metric: str) -> _Clustered:
    if metric not in get_args(SilhouetteMetric):
        raise ParameterError(must_be("metric", "'euclidean' or 'cosine'", metric))
    points: npt.NDArray[np.floating] = check_points(X)
    if not (isinstance(X, np.ndarray) and X.dtype == np.float32):
        points = np.asarray(X, dtype=np.float64)  # all digits count until the columns are moved to zero
    checked = check_labels(labels, len(points))
    inside = checked >= 0
    clusters, groups, sizes = np.unique(checked[inside], return_inverse=True, return_counts=True)
    return _Clustered(points[inside], inside, groups.astype(np.int32), clusters, sizes)


def _require_two(clustered: _Clustered) -> None:
    if len(clustered.sizes) < 2:
        raise InputError(
            f"labels must name at least two clusters. Got {len(clustered.sizes)} and"
            f" {int((~clustered.inside).sum())} rows of noise (−1). A silhouette compares clusters with each other."
        )


def _exact(clustered: _Clustered, metric: str) -> Float64:
    """Return the silhouette of each row in a cluster."""
    X, groups, sizes = clustered.X, clustered.groups, clustered.sizes
    if metric == "euclidean":
        tiles = build_tiles(X, groups)
        own = own_sums(tiles)[tiles.places]
        nearest = nearest_means(tiles, tiles.points[tiles.places], groups)
    else:
        own, nearest = _cosine(unit_rows(X), groups, sizes, np.arange(len(X)))
    return _values(own, nearest, sizes[groups] - 1)


def _estimated(clustered: _Clustered, params: EvaluationParams) -> tuple[Float64, Estimate, float]:
    """Measure each row against some rows of each cluster, and a few rows against all.

    Returns
    -------
    values : float64, shape (n_rows,)
        Silhouettes from at most `_MOST_MET` rows of each cluster, the same for all rows.
    mean : Estimate
        Their mean, moved by the mean difference of the rows measured against all.
    error : float
        The difference that 95 % of those rows stay within.
    """
    groups = clustered.groups
    tiles = build_tiles(clustered.X, groups)
    points = tiles.points[tiles.places]
    generator = np.random.Generator(np.random.PCG64(params.random_state))
    met = _some_of_each(groups, generator.permutation(len(groups)))
    values = _against(thinned(tiles, groups, np.flatnonzero(met)), points, groups, met)
    rows = np.sort(generator.choice(len(groups), min(len(groups), params.sample_size), replace=False))
    apart = _against(tiles, points[rows], groups[rows], np.ones(len(rows), bool)) - values[rows]
    off = Estimate.of_mean(apart, len(groups))
    mean = float(values.mean())
    moved = Estimate(mean + off.value, mean + off.low, mean + off.high, len(rows))
    return values, moved, float(np.quantile(np.abs(apart), 0.95))


def _some_of_each(groups: Int32, order: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Mark the first rows of each group in this order."""
    by_group = order[np.argsort(groups[order], kind="stable")]
    counts = np.bincount(groups)
    rank = np.arange(len(groups)) - np.repeat(np.cumsum(counts) - counts, counts)
    chosen = np.zeros(len(groups), bool)
    chosen[by_group[rank < _MOST_MET]] = True
    return chosen


def _against(
    tiles: Tiles, points: npt.NDArray[np.float32], groups: Int32, themselves: npt.NDArray[np.bool_]
) -> Float64:
    """Return silhouettes of points as measured against the rows of tiles, which may hold the points themselves."""
    sizes = tiles.sizes[groups]
    own = mean_distances(tiles, points, groups) * sizes
    return _values(own, nearest_means(tiles, points, groups), sizes - themselves)


def _values(own: Float64, nearest: Float64, others: npt.NDArray[np.int64]) -> Float64:
    """Return silhouettes from sums over the others of the own cluster, their number, and the smallest other mean."""
    within = own / np.maximum(others, 1)
    larger = np.maximum(within, nearest)
    return np.where((others > 0) & (larger > 0.0), (nearest - within) / np.where(larger > 0.0, larger, 1.0), 0.0)


def _cosine(
    units: Float64, groups: Int32, sizes: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]
) -> tuple[Float64, Float64]:
    """Return the sum of cosine distances to the own cluster and the smallest other mean, for some rows."""
    sums = np.stack([np.bincount(groups, column, minlength=len(sizes)) for column in units.T], axis=1)
    own, nearest = np.empty(len(rows)), np.empty(len(rows))
    for begin in range(0, len(rows), _ROWS_AT_ONCE):
        part = slice(begin, begin + _ROWS_AT_ONCE)
        asking = units[rows[part]]
        apart = sizes - np.einsum("if,cf->ic", asking, sums)  # einsum adds in one fixed order, BLAS would not
        group = groups[rows[part]]
        to_itself = 1.0 - np.einsum("if,if->i", asking, asking)
        own[part] = apart[np.arange(len(group)), group] - to_itself
        means = apart / sizes
        means[np.arange(len(group)), group] = np.inf
        nearest[part] = means.min(axis=1)
    rounding = 1e-14 * sizes[groups[rows]]
    return np.where(own > rounding, own, 0.0), np.where(nearest > 1e-14, nearest, 0.0)


def _permuted(clustered: _Clustered, metric: str, params: EvaluationParams) -> Estimate:
    """Return the silhouette under permuted labels: rows sampled afresh for each of ten permutations."""
    X, groups, sizes = clustered.X, clustered.groups, clustered.sizes
    generator = np.random.Generator(np.random.PCG64(params.random_state))
    n_sampled = min(len(X), max(1, params.sample_size // _SAMPLE_SHARE))
    tiles = build_tiles(X, groups) if metric == "euclidean" else None
    units = unit_rows(X) if metric == "cosine" else np.empty((0, 0))
    means = np.empty(_PERMUTATIONS)
    for i in range(_PERMUTATIONS):
        order = generator.permutation(len(X))
        rows = generator.choice(len(X), n_sampled, replace=False)
        shuffled = groups[order]
        if tiles is None:
            own, nearest = _cosine(units, shuffled, sizes, rows)
        else:
            own, nearest = _all_means(reseated(tiles, order), rows, shuffled[rows], sizes)
        means[i] = _values(own, nearest, sizes[shuffled[rows]] - 1).mean()
    mean = float(means.mean())
    half = _T95 * float(means.std(ddof=1)) / math.sqrt(_PERMUTATIONS)
    return Estimate(mean, mean - half, mean + half, n_sampled * _PERMUTATIONS)


def _all_means(
    tiles: Tiles, rows: npt.NDArray[np.int64], groups: Int32, sizes: npt.NDArray[np.int64]
) -> tuple[Float64, Float64]:
    """Return sums over the own cluster and smallest other means of some rows, every cluster measured."""
    n_clusters = len(sizes)
    clusters = np.tile(np.arange(n_clusters, dtype=np.int32), len(rows))
    points = tiles.points[np.repeat(tiles.places[rows], n_clusters)]
    means = mean_distances(tiles, points, clusters).reshape(len(rows), n_clusters)
    own = means[np.arange(len(rows)), groups] * sizes[groups]
    means[np.arange(len(rows)), groups] = np.inf
    return own, means.min(axis=1)
