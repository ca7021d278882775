"""Which clusters of the condensed tree are taken, and which rows they get.

Rules and quirks are those of the hdbscan package 0.8 (``_hdbscan_tree.pyx``), so that its users get its labels.
Clusters are numbered here by their place in the condensed tree: 0 is the root, a parent comes before its children.
"""

from typing import NamedTuple

import numpy as np

from songscape.config import ClusteringParams
from songscape.types import CondensedTree, Float32, Float64, Int32

_ROOT = 0


class Clusters(NamedTuple):
    """The condensed tree by row and by cluster; shapes as in `songscape.kernels.condense.condense_tree`."""

    row_cluster: Int32
    row_lambda: Float64
    parent: Int32
    birth: Float64
    size: Int32


class FlatClusters(NamedTuple):
    """The clusters taken, numbered by falling size; fields as in `songscape.types.Clustering`."""

    labels: Int32
    probabilities: Float32
    persistence: Float64
    clusters: Int32


def flatten(tree: Clusters, params: ClusteringParams) -> FlatClusters:
    """Choose clusters by excess of mass or leaves, and give them their rows.

    Parameters
    ----------
    tree : Clusters
        The condensed tree of at least one row.
    params : ClusteringParams
        ``cluster_selection_method``, ``cluster_selection_epsilon`` and ``allow_single_cluster`` are used, and
        ``min_cluster_size``: fewer rows than that are no cluster, also where a single one is allowed.
    """
    stability = stabilities(tree)
    death = deaths(tree)
    taken = _take_leaves(tree) if params.cluster_selection_method == "leaf" else _take_mass(tree, stability, params)
    if params.cluster_selection_epsilon > 0.0 and not taken[_ROOT]:
        taken = _join_close(tree, taken, params)
    owner = _owners(tree, taken, float(death[_ROOT]), params)
    clusters, labels = _number_by_size(owner)
    counts = np.bincount(labels[labels >= 0], minlength=len(clusters))
    probabilities = np.zeros(len(labels), np.float32)
    held = owner >= 0
    probabilities[held] = strength(tree.row_lambda[held], death[owner[held]])
    top = death.max()
    persistence = np.ones(len(clusters)) if np.isinf(top) else stability[clusters] / (counts * top)
    return FlatClusters(labels, probabilities, persistence, clusters)


def read_tree(tree: CondensedTree, n_rows: int) -> Clusters:
    """Return a condensed tree by row and by cluster."""
    parent = tree.parent - np.int32(n_rows)
    return Clusters(
        row_cluster=parent[:n_rows],
        row_lambda=tree.lambda_val[:n_rows],
        parent=np.append(np.int32(_ROOT), parent[n_rows:]),
        birth=np.append(0.0, tree.lambda_val[n_rows:]),
        size=np.append(np.int32(n_rows), tree.child_size[n_rows:]),
    )


def write_tree(tree: Clusters) -> CondensedTree:
    """Return the edges of a condensed tree, those of the rows first."""
    n_rows, n_clusters = len(tree.row_cluster), len(tree.parent)
    return CondensedTree(
        parent=np.concatenate([tree.row_cluster, tree.parent[1:]]) + np.int32(n_rows),
        child=np.delete(np.arange(n_rows + n_clusters, dtype=np.int32), n_rows),
        lambda_val=np.concatenate([tree.row_lambda, tree.birth[1:]]),
        child_size=np.concatenate([np.ones(n_rows, np.int32), tree.size[1:]]),
    )


def stabilities(tree: Clusters) -> Float64:
    """Return Σ (λ − λ_birth) over the rows of each cluster, until they fall out or it splits; inf with duplicates."""
    count = len(tree.parent)
    above = tree.parent[1:]
    by_rows = np.bincount(tree.row_cluster, tree.row_lambda - tree.birth[tree.row_cluster], count).astype(np.float64)
    by_splits = np.bincount(above, (tree.birth[1:] - tree.birth[above]) * tree.size[1:], count).astype(np.float64)
    return by_rows + by_splits


def deaths(tree: Clusters) -> Float64:
    """Return the largest λ at which something leaves each cluster."""
    last = np.zeros(len(tree.parent))
    np.maximum.at(last, tree.row_cluster, tree.row_lambda)
    np.maximum.at(last, tree.parent[1:], tree.birth[1:])
    return last


def holders(tree: Clusters, taken: list[bool]) -> Int32:
    """Return for each cluster the cluster taken that it is or lies in, or −1."""
    parent = tree.parent.tolist()
    holder = [-1] * len(parent)
    for cluster, take in enumerate(taken):
        holder[cluster] = cluster if take else holder[parent[cluster]]
    return np.array(holder, np.int32)


def _take_leaves(tree: Clusters) -> list[bool]:
    leaf = np.ones(len(tree.parent), bool)
    leaf[tree.parent] = False  # the root is its own parent: never a leaf
    return leaf.tolist()


def _take_mass(tree: Clusters, stability: Float64, params: ClusteringParams) -> list[bool]:
    """Take a cluster unless those below it are together more stable; `stability` becomes the best of the subtree."""
    parent, own = tree.parent.tolist(), stability.tolist()
    below = [0.0] * len(own)
    taken = [False] * len(own)
    last = _ROOT if params.allow_single_cluster and tree.size[_ROOT] >= params.min_cluster_size else _ROOT + 1
    for cluster in range(len(own) - 1, last - 1, -1):
        taken[cluster] = below[cluster] <= own[cluster]
        own[cluster] = max(own[cluster], below[cluster])
        if cluster != _ROOT:
            below[parent[cluster]] += own[cluster]
    stability[:] = own
    return _uppermost(parent, taken)


def _join_close(tree: Clusters, taken: list[bool], params: ClusteringParams) -> list[bool]:
    """Replace clusters born below the distance epsilon by their nearest ancestor born above it.

    Malzer, Baum: *A Hybrid Approach To Hierarchical Density-based Cluster Selection* (arXiv 1911.02282).
    """
    parent = tree.parent.tolist()
    born_at = [np.inf, *(1.0 / tree.birth[1:]).tolist()]
    epsilon = params.cluster_selection_epsilon
    target = list(range(len(parent)))
    joined = [False] * len(parent)
    for cluster in range(1, len(parent)):
        above = parent[cluster]
        if above == _ROOT:
            target[cluster] = _ROOT if params.allow_single_cluster else cluster
        else:
            target[cluster] = above if born_at[above] > epsilon else target[above]
        if taken[cluster]:
            joined[target[cluster] if born_at[cluster] < epsilon else cluster] = True
    return _uppermost(parent, joined)


def _uppermost(parent: list[int], taken: list[bool]) -> list[bool]:
    """Drop every cluster that lies below another one taken."""
    covered = [False] * len(parent)
    for cluster in range(1, len(parent)):
        above = parent[cluster]
        covered[cluster] = covered[above] or taken[above]
    return [take and not cover for take, cover in zip(taken, covered, strict=True)]


def _owners(tree: Clusters, taken: list[bool], root_death: float, params: ClusteringParams) -> Int32:
    """Return the cluster taken that holds each row, or −1.

    Rows of a root taken are only those that stay in it to its end (or, with an epsilon, down to that distance).
    """
    of_row = holders(tree, taken)[tree.row_cluster]
    if taken[_ROOT]:
        epsilon = params.cluster_selection_epsilon
        end = 1.0 / epsilon if epsilon > 0.0 else root_death
        of_row[tree.row_lambda < end] = -1
    return of_row


def _number_by_size(owner: Int32) -> tuple[Int32, Int32]:
    """Return the clusters that have rows, by falling size and then first row, and the labels by that order."""
    rows = np.flatnonzero(owner >= 0)
    held = owner[rows]
    count = np.bincount(held)
    first = np.zeros(len(count), np.int64)
    first[held[::-1]] = rows[::-1]  # the last write stays: the first row
    present = np.flatnonzero(count)
    clusters = present[np.lexsort((first[present], -count[present]))].astype(np.int32)
    number = np.full(len(count) + 1, -1, np.int32)  # one more, for owner −1
    number[clusters] = np.arange(len(clusters))
    return clusters, number[owner]


def strength(row_lambda: Float64, death: Float64) -> Float64:
    """Return λ relative to the cluster's largest; 1 for rows with duplicates (λ = inf), as hdbscan has it."""
    strength = np.ones(len(row_lambda))
    finite = np.isfinite(row_lambda)
    strength[finite] = np.minimum(row_lambda[finite], death[finite]) / death[finite]
    return strength
