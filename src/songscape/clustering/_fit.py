"""From points to clusters: core distances, spanning tree, hierarchy, selection."""

from typing import Any

import numpy as np

from songscape.clustering._selection import Clusters, flatten, write_tree
from songscape.config import ClusteringParams
from songscape.errors import InputError
from songscape.kernels.condense import condense_tree
from songscape.kernels.leaves import build_leaves
from songscape.kernels.linkage import link_rows
from songscape.kernels.neighbor_lists import list_neighbors, relist_neighbors
from songscape.kernels.spanning_tree import span_rows
from songscape.progress import Progress, silent
from songscape.types import (
    Clustering,
    CondensedTree,
    Float32,
    LinkageTree,
    NeighborGraph,
    SpanningTree,
)
from songscape.validation import check_points, measuring_unit

_STAGE = "clustering"
_SPARE_NEIGHBORS = 5  # listed beyond min_samples: they settle more edges than they cost
_MOST_LISTED = 32  # where min_samples is larger: more settle little, take longer, and fill the memory
_INTS = np.zeros(0, np.int32)
_FLOATS = np.zeros(0)


def cluster(
    points: Any,
    params: ClusteringParams = ClusteringParams(),  # noqa: B008 - frozen
    *,
    neighbors: NeighborGraph | None = None,
    progress: Progress = silent,
) -> Clustering:
    """Cluster points by density: HDBSCAN, with the rules of the hdbscan package.

    The result is exact and a pure function of the points. Mutual reachabilities are often equal, being core
    distances; then the nearer row is joined first. So where distances are distinct, neither the order of the rows
    nor `neighbors` changes anything.

    Parameters
    ----------
    points : array-like, shape (n_rows, n_columns)
        Finite numbers, used as float32; Euclidean distances. n_rows may be 0.
    params : ClusteringParams
        ``min_samples`` is counted as in the hdbscan package: the core distance of a row is the distance to its
        ``min_samples``-th *other* row, at most the last one.
    neighbors : NeighborGraph, optional
        The Euclidean neighbor graph of these very points with at least ``min_samples`` columns; it saves the search.
        If it is approximate, so are the core distances and the tree.
    progress : Progress
        Called with the stage "clustering".

    Returns
    -------
    Clustering
        Labels are −1 for noise, else numbered by falling size, ties by first row.

    Raises
    ------
    InputError
        If `points` is no finite matrix, or `neighbors` is not a graph of its rows, not Euclidean or too narrow.

    Notes
    -----
    Campello, Moulavi, Sander: *Density-Based Clustering Based on Hierarchical Density Estimates* (2013); McInnes,
    Healy: *Accelerated Hierarchical Density Based Clustering* (2017). Three things differ from the package on
    purpose: equal rows are never split; fewer than ``min_cluster_size`` rows are never a cluster; equally reachable
    rows are joined by distance, not as a sort happens to leave them (which moves a few rows between clusters that
    touch: the package's labels agree as well with ours as with its own on reordered rows).

    Examples
    --------
    >>> near = np.linspace(0.0, 1.0, 6)[:, None]
    >>> cluster(np.vstack([near, near + 9.0, [[50.0]]]), ClusteringParams(min_cluster_size=4)).labels
    array([ 0,  0,  0,  0,  0,  0,  1,  1,  1,  1,  1,  1, -1], dtype=int32)
    """
    rows = check_points(points, name="points")
    min_samples = min(params.min_samples or params.min_cluster_size, max(len(rows) - 1, 0))
    if neighbors is not None:
        _check_graph(neighbors, len(rows), min_samples)
    progress(_STAGE, 0.0)
    if len(rows) == 0:
        return _no_clusters()
    tree, core_distances = _span(rows, min_samples, neighbors, progress)
    progress(_STAGE, 0.9)
    result = _cut(tree, core_distances, min_samples, params)
    progress(_STAGE, 1.0)
    return result


def _check_graph(neighbors: NeighborGraph, n_rows: int, min_samples: int) -> None:
    if neighbors.n_rows != n_rows:
        raise InputError(
            f"neighbors must be the graph of the points given, {n_rows} rows. Got {neighbors.n_rows} rows."
            " Build it from the same points."
        )
    if neighbors.metric != "euclidean":
        raise InputError(
            f"neighbors must hold Euclidean distances. Got the metric '{neighbors.metric}'."
            " Leave neighbors out, or build them with metric='euclidean'."
        )
    if neighbors.k < min_samples:
        raise InputError(
            f"neighbors must have at least min_samples = {min_samples} columns. Got {neighbors.k}."
            " Build a wider graph, lower min_samples, or leave neighbors out."
        )


def _span(
    rows: Float32, min_samples: int, neighbors: NeighborGraph | None, progress: Progress
) -> tuple[SpanningTree, Float32]:
    """Return the spanning tree and the core distances."""
    if len(rows) == 1:
        return SpanningTree(_INTS, _INTS, _FLOATS), np.zeros(1, np.float32)
    unit = measuring_unit(rows)
    scaled = np.ldexp(rows, -unit)
    leaves = build_leaves(scaled)
    if neighbors is None:
        lists = list_neighbors(leaves, min_samples, min(min_samples + _SPARE_NEIGHBORS, _MOST_LISTED))
    else:
        lists = relist_neighbors(leaves, min_samples, neighbors.indices, np.ldexp(neighbors.distances, -unit))
    progress(_STAGE, 0.6)
    left, right, weight = span_rows(scaled, leaves, lists)
    core_distances = np.empty(len(rows), np.float32)
    core_distances[leaves.order] = np.ldexp(lists.core, unit)
    return SpanningTree(left, right, np.ldexp(weight, unit)), core_distances


def _cut(tree: SpanningTree, core_distances: Float32, min_samples: int, params: ClusteringParams) -> Clustering:
    """Return the hierarchy of a spanning tree and the flat clusters in it."""
    left, right, size = link_rows(tree.left, tree.right)
    condensed = Clusters(*condense_tree(left, right, tree.weight, size, params.min_cluster_size))
    flat = flatten(condensed, params)
    return Clustering(
        labels=flat.labels,
        probabilities=flat.probabilities,
        persistence=flat.persistence,
        core_distances=core_distances,
        min_samples=min_samples,
        selected=flat.clusters + np.int32(len(core_distances)),
        spanning_tree=tree,
        linkage_tree=LinkageTree(left, right, tree.weight, size),
        condensed_tree=write_tree(condensed),
    )


def _no_clusters() -> Clustering:
    """Return the clusters of no rows."""
    return Clustering(
        labels=_INTS,
        probabilities=np.zeros(0, np.float32),
        persistence=_FLOATS,
        core_distances=np.zeros(0, np.float32),
        min_samples=0,
        selected=_INTS,
        spanning_tree=SpanningTree(_INTS, _INTS, _FLOATS),
        linkage_tree=LinkageTree(_INTS, _INTS, _FLOATS, _INTS),
        condensed_tree=CondensedTree(_INTS, _INTS, _FLOATS, _INTS),
    )
