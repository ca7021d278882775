"""The clusters of new points, without a new fit."""

from typing import Any

import numpy as np

from songscape.clustering._selection import Clusters, deaths, holders, read_tree, strength
from songscape.errors import InputError
from songscape.kernels.leaves import EUCLIDEAN, build_leaves
from songscape.kernels.nearest import query_rows
from songscape.types import Clustering, Float32, Float64, Int32
from songscape.validation import check_points, measuring_unit

_SLACK = 1.0 + 1e-6  # core distances are float32: a new point at a row must not fall out earlier than the row


def predict_clusters(clustering: Clustering, points: Any, new_points: Any) -> tuple[Int32, Float32]:
    """Return the clusters that new points would fall into, as hdbscan's ``approximate_predict`` does.

    A new point joins the row nearest to it by mutual reachability, among its ``2 min_samples`` nearest, and falls out
    of the hierarchy with that row, or earlier if it lies farther off. The clusters stay as they are.

    Parameters
    ----------
    clustering : Clustering
        What `cluster` returned for `points`.
    points : array-like, shape (n_rows, n_columns)
        The points that were clustered.
    new_points : array-like, shape (n_new, n_columns)
        Finite numbers, used as float32. Each is answered on its own: at once or one by one gives the same bytes.

    Returns
    -------
    labels : int32, shape (n_new,)
        Cluster numbers of `clustering`; −1 for noise.
    probabilities : float32, shape (n_new,)
        Strength of membership in [0, 1]; 0 for noise.

    Raises
    ------
    InputError
        If an array is no finite matrix, the columns differ in number, or `clustering` is of other rows.

    Notes
    -----
    The package takes core distances of the old rows that count one neighbor less than those of its fit; here they
    are those of the fit. Where everything is one cluster (``allow_single_cluster``), a new point belongs to it on
    the same terms as an old row.

    Examples
    --------
    >>> from songscape.clustering import cluster
    >>> from songscape.config import ClusteringParams
    >>> points = np.array([[0.0], [1.0], [2.0], [3.0], [20.0], [21.0], [22.0], [23.0]])
    >>> clustering = cluster(points, ClusteringParams(min_cluster_size=3, min_samples=2))
    >>> labels, probabilities = predict_clusters(clustering, points, [[1.5], [22.0], [900.0]])
    >>> labels
    array([ 0,  1, -1], dtype=int32)
    """
    rows, new = check_points(points, name="points"), check_points(new_points, name="new_points")
    _check_sizes(clustering, rows, new)
    labels, probabilities = np.full(len(new), -1, np.int32), np.zeros(len(new), np.float32)
    if clustering.n_clusters == 0 or len(new) == 0:
        return labels, probabilities
    nearest, joined = _join(clustering, rows, new)
    tree = read_tree(clustering.condensed_tree, len(rows))
    fallen = np.minimum(joined, tree.row_lambda[nearest])
    own = _climb(tree, tree.row_cluster[nearest], fallen)
    selected = clustering.selected - len(rows)
    number = np.full(len(tree.parent) + 1, -1, np.int32)  # one more, for holder −1
    number[selected] = np.arange(len(selected))
    taken = (number[:-1] >= 0).tolist()
    labels = number[holders(tree, taken)[own]]
    if taken[0]:
        labels[fallen * _SLACK < tree.row_lambda[clustering.labels[: len(rows)] == 0].min()] = -1
    held = labels >= 0
    probabilities[held] = strength(joined[held], deaths(tree)[selected[labels[held]]])
    return labels, probabilities


def _check_sizes(clustering: Clustering, rows: Float32, new: Float32) -> None:
    if len(rows) != clustering.n_fitted:
        raise InputError(
            f"points must be those that were clustered, {clustering.n_fitted} rows. Got {len(rows)} rows."
        )
    if new.shape[1] != rows.shape[1]:
        raise InputError(f"new_points must have as many columns as points, {rows.shape[1]}. Got {new.shape[1]}.")


def _join(clustering: Clustering, rows: Float32, new: Float32) -> tuple[Int32, Float64]:
    """Return the row that each new point joins, and 1 / the mutual reachability of the two."""
    unit = measuring_unit(rows)
    leaves = build_leaves(np.ldexp(rows, -unit))
    indices, distances = query_rows(leaves, np.ldexp(new, -unit), 2 * clustering.min_samples, EUCLIDEAN)
    distances = np.ldexp(distances, unit)
    core = distances[:, min(clustering.min_samples, distances.shape[1] - 1), None]
    reachability = np.maximum(np.maximum(distances, core), clustering.core_distances[indices])
    best = reachability.argmin(axis=1)[:, None]
    least = np.take_along_axis(reachability, best, 1)[:, 0].astype(np.float64)
    lambdas = np.full(len(new), np.inf)
    np.divide(1.0, least, out=lambdas, where=least > 0.0)
    return np.take_along_axis(indices, best, 1)[:, 0], lambdas


def _climb(tree: Clusters, own: Int32, fallen: Float64) -> Int32:
    """Move up from clusters that were not yet born where a point falls out; the root was born at 0."""
    own = own.copy()
    late = np.flatnonzero(tree.birth[own] > fallen * _SLACK)
    while len(late):
        own[late] = tree.parent[own[late]]
        late = late[tree.birth[own[late]] > fallen[late] * _SLACK]
    return own
