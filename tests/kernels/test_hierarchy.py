"""Linkage and condensed tree, beside SciPy and the hdbscan package."""

import warnings

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage as scipy_linkage
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import pdist, squareform

from songscape.kernels.condense import condense_tree
from songscape.kernels.linkage import link_rows

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # hdbscan's own
    from hdbscan._hdbscan_tree import condense_tree as reference_condense


def tree_of(points):
    """Left, right and weight of the spanning tree of all distances, ascending; a stand-in for ours."""
    tree = minimum_spanning_tree(squareform(pdist(points))).tocoo()
    order = np.argsort(tree.data)
    return tree.row[order].astype(np.int32), tree.col[order].astype(np.int32), tree.data[order]


def hierarchy_of(points):
    left, right, weight = tree_of(points)
    a, b, size = link_rows(left, right)
    return a, b, weight, size


def rows_below(parent, child, n_rows):
    """The rows under every cluster node of a condensed tree."""
    members = {}
    for above, below in sorted(zip(parent.tolist(), child.tolist(), strict=True), reverse=True):
        found = {below} if below < n_rows else members[below]
        members.setdefault(above, set()).update(found)
    return members


def named_edges(parent, child, lambdas, sizes, n_rows):
    """The edges with nodes named by their rows, so that numbering does not matter."""
    members = rows_below(np.asarray(parent), np.asarray(child), n_rows)
    name = {node: hash(frozenset(rows)) for node, rows in members.items()}
    edges = [
        (name[above], below if below < n_rows else ("node", name[below]), value, size)
        for above, below, value, size in zip(parent, child, lambdas, sizes, strict=True)
    ]
    return sorted(edges, key=repr)


def test_linkage_by_hand():
    left, right, size = link_rows(np.array([0, 2, 1], np.int32), np.array([1, 3, 2], np.int32))
    assert left.tolist() == [0, 2, 4]
    assert right.tolist() == [1, 3, 5]
    assert size.tolist() == [2, 2, 4]


def test_linkage_of_one_row_is_empty():
    none = np.empty(0, np.int32)
    assert [len(part) for part in link_rows(none, none)] == [0, 0, 0]


@pytest.mark.parametrize("seed", range(5))
def test_linkage_equals_scipys_single_linkage(seed):
    points = np.random.default_rng(seed).normal(size=(200, 2))
    left, right, weight, size = hierarchy_of(points)
    expected = scipy_linkage(points, "single")
    np.testing.assert_allclose(weight, expected[:, 2])
    np.testing.assert_array_equal(size, expected[:, 3])
    np.testing.assert_array_equal(np.sort([left, right], axis=0), np.sort(expected[:, :2].T, axis=0))


def test_condensed_by_hand():
    # rows 0 1 2 and 3 4 5 are close, row 6 is far: it falls out first, then the six split, then each three falls
    left = np.array([0, 7, 3, 9, 8, 11], np.int32)
    right = np.array([1, 2, 4, 5, 10, 6], np.int32)
    distance = np.array([1.0, 2.0, 2.0, 4.0, 8.0, 16.0])
    size = np.array([2, 3, 2, 3, 6, 7], np.int32)
    row_cluster, row_lambda, parent, birth, cluster_size = condense_tree(left, right, distance, size, 3)
    assert row_cluster.tolist() == [1, 1, 1, 2, 2, 2, 0]
    assert row_lambda.tolist() == [1 / 2, 1 / 2, 1 / 2, 1 / 4, 1 / 4, 1 / 4, 1 / 16]
    assert parent.tolist() == [0, 0, 0]
    assert birth.tolist() == [0.0, 1 / 8, 1 / 8]
    assert cluster_size.tolist() == [7, 3, 3]


def test_a_lone_row_is_never_parted():
    none = np.empty(0, np.int32)
    row_cluster, row_lambda, parent, _, size = condense_tree(none, none, np.empty(0), none, 2)
    assert (row_cluster.tolist(), row_lambda.tolist(), parent.tolist(), size.tolist()) == ([0], [np.inf], [0], [1])


@pytest.mark.parametrize("min_cluster_size", [2, 3, 5, 20, 90, 301])
@pytest.mark.parametrize("seed", range(4))
def test_condensed_tree_equals_that_of_hdbscan(seed, min_cluster_size):
    points = np.random.default_rng(seed).normal(size=(300, 2))
    left, right, distance, size = hierarchy_of(points)
    tree = condense_tree(left, right, distance, size, min_cluster_size)
    reference = reference_condense(np.c_[left, right, distance, size].astype(float), min_cluster_size)
    row_cluster, row_lambda, parent, birth, cluster_size = tree
    n_rows, n_clusters = len(row_cluster), len(parent)
    ours = named_edges(
        (np.append(row_cluster, parent[1:]) + n_rows).tolist(),
        [*range(n_rows), *range(n_rows + 1, n_rows + n_clusters)],
        np.append(row_lambda, birth[1:]).tolist(),
        np.append(np.ones(n_rows, int), cluster_size[1:]).tolist(),
        n_rows,
    )
    fields = ("parent", "child", "lambda_val", "child_size")
    assert ours == named_edges(*(reference[field].tolist() for field in fields), n_rows)
    assert (parent[1:] < np.arange(1, n_clusters)).all()


def test_equal_rows_are_never_split():
    # two times four equal rows: a balanced hierarchy could be halved at distance 0
    left = np.array([0, 2, 4, 6, 8, 10, 12], np.int32)
    right = np.array([1, 3, 5, 7, 9, 11, 13], np.int32)
    distance = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 5.0])
    size = np.array([2, 2, 2, 2, 4, 4, 8], np.int32)
    row_cluster, row_lambda, _, birth, _ = condense_tree(left, right, distance, size, 2)
    assert row_cluster.tolist() == [1] * 4 + [2] * 4
    assert np.isinf(row_lambda).all()
    assert birth.tolist() == [0.0, 0.2, 0.2]
