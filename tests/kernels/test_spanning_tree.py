import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial.distance import cdist

from songscape.kernels.leaves import EUCLIDEAN, build_leaves
from songscape.kernels.nearest import nearest_rows
from songscape.kernels.neighbor_lists import list_neighbors, relist_neighbors
from songscape.kernels.spanning_tree import span_rows
from songscape.threads import use_threads


def mutual_reachability(points, min_samples):
    """The NumPy twin of the edge weights: the full matrix."""
    distances = cdist(points.astype(np.float64), points.astype(np.float64))
    core = np.sort(distances, axis=1)[:, min_samples]  # the row itself stands first
    return np.maximum(distances, np.maximum(core[:, None], core[None, :]))


def prim_weights(weights):
    """The twin of the tree: grow it from row 0 by the least edge out of it, and return the sorted weights."""
    least = weights[0].copy()
    inside = np.zeros(len(weights), bool)
    inside[0] = True
    taken = []
    for _ in range(len(weights) - 1):
        row = np.where(inside, np.inf, least).argmin()
        taken.append(least[row])
        inside[row] = True
        least = np.minimum(least, weights[row])
    return np.sort(taken)


def span(points, min_samples, k):
    leaves = build_leaves(points)
    return span_rows(points, leaves, list_neighbors(leaves, min_samples, k))


def clumps(seed, n_rows, n_columns):
    """Clumps of very different density, and strays."""
    rng = np.random.default_rng(seed)
    centers = rng.uniform(-20, 20, (5, n_columns))
    spread = 10.0 ** rng.uniform(-3, 0.5, 5)
    of = rng.integers(0, 5, n_rows)
    points = centers[of] + rng.normal(size=(n_rows, n_columns)) * spread[of, None]
    points[::10] = rng.uniform(-25, 25, points[::10].shape)
    return points.astype(np.float32)


def check_tree(points, min_samples, left, right, weight):
    n_rows = len(points)
    assert left.dtype == right.dtype == np.int32
    assert weight.dtype == np.float64
    assert len(left) == len(right) == len(weight) == n_rows - 1
    assert (left < right).all()
    assert (np.diff(weight) >= 0).all()
    graph = np.zeros((n_rows, n_rows))
    graph[left, right] = 1.0
    assert connected_components(graph, directed=False)[0] == 1
    expected = mutual_reachability(points, min_samples)
    np.testing.assert_allclose(weight, expected[left, right], rtol=1e-6)
    np.testing.assert_allclose(weight, prim_weights(expected), rtol=1e-6)


def test_by_hand():
    points = np.array([[0.0], [1.0], [3.0], [10.0]], np.float32)
    left, right, weight = span(points, 1, 3)
    assert list(zip(left, right, weight, strict=True)) == [(0, 1, 1.0), (1, 2, 2.0), (2, 3, 7.0)]


def test_core_distances_raise_short_edges_and_equal_ones_go_by_distance():
    points = np.array([[0.0], [1.0], [3.0], [10.0]], np.float32)  # core distances 3, 2, 3, 9
    left, right, weight = span(points, 2, 3)
    assert list(zip(left, right, weight, strict=True)) == [(0, 1, 3.0), (1, 2, 3.0), (2, 3, 9.0)]


@pytest.mark.parametrize("n_columns", [1, 2, 3, 8, 20])
@pytest.mark.parametrize("min_samples", [1, 2, 5, 15])
def test_equals_the_tree_of_the_full_matrix(n_columns, min_samples):
    for seed, n_rows in enumerate([16, 64, 65, 300, 900]):
        points = clumps(seed, n_rows, n_columns)
        for k in (min_samples, min_samples + 5):
            check_tree(points, min_samples, *span(points, min_samples, min(k, n_rows - 1)))


@pytest.mark.parametrize("seed", range(5))
def test_total_weight_equals_scipys(seed):
    points = clumps(seed, 400, 2)
    expected = minimum_spanning_tree(mutual_reachability(points, 4)).sum()
    assert span(points, 4, 9)[2].sum() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("n_rows", [2, 3])
def test_very_few_rows(n_rows):
    points = clumps(0, n_rows, 2)
    check_tree(points, n_rows - 1, *span(points, n_rows - 1, n_rows - 1))


def test_short_and_long_lists_give_the_same_edges():
    points = clumps(7, 800, 2)
    reference = span(points, 1, 799)
    for k in (1, 2, 7, 50):
        for ours, theirs in zip(span(points, 1, k), reference, strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("n_columns", [2, 5])
def test_lists_that_end_before_the_core_distance_give_the_same_edges(n_columns):
    """What is not listed weighs no less than the core distance: so lists may be as short as one likes."""
    points = clumps(8, 3000, n_columns)
    reference = span(points, 60, 2999)
    for k in (1, 5, 20, 59, 61):
        for ours, theirs in zip(span(points, 60, k), reference, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_searched_and_given_lists_are_the_same():
    points = clumps(2, 1000, 3)
    leaves = build_leaves(points)
    given = relist_neighbors(leaves, 4, *nearest_rows(leaves, 9, EUCLIDEAN))
    for ours, theirs in zip(list_neighbors(leaves, 4, 9), given, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_islands_without_a_listed_way_out_are_bridged():
    rng = np.random.default_rng(1)
    islands = [rng.normal(size=(100, 2)) * 0.01 + center for center in ([0, 0], [50, 0], [0, 400], [-3000, -3000])]
    points = np.vstack(islands).astype(np.float32)
    check_tree(points, 3, *span(points, 3, 5))


def test_lattice_full_of_equal_distances():
    points = np.stack(np.meshgrid(np.arange(20), np.arange(20)), -1).reshape(-1, 2).astype(np.float32)
    for min_samples in (1, 4, 9):
        check_tree(points, min_samples, *span(points, min_samples, min_samples + 3))


@pytest.mark.parametrize("n_different", [1, 2, 40])
def test_equal_rows(n_different):
    rng = np.random.default_rng(0)
    points = rng.normal(size=(n_different, 3)).astype(np.float32)[rng.integers(0, n_different, 500)]
    check_tree(points, 3, *span(points, 3, 8))


def test_row_order_changes_nothing_but_numbers():
    points = clumps(3, 700, 3)
    left, right, weight = span(points, 5, 10)
    shuffled = np.random.default_rng(0).permutation(len(points))
    left2, right2, weight2 = span(points[shuffled], 5, 10)
    np.testing.assert_array_equal(weight, weight2)
    ends = np.sort(np.stack([left, right]), axis=0)
    ends2 = np.sort(np.stack([shuffled[left2], shuffled[right2]]), axis=0)
    np.testing.assert_array_equal(ends, ends2)


def test_same_bytes_for_any_number_of_threads():
    points = clumps(5, 5000, 2)
    results = []
    for threads in (1, 2, 5):
        with use_threads(threads):
            results.append(b"".join(part.tobytes() for part in span(points, 5, 8)))
    assert len(set(results)) == 1


def test_input_stays_as_it_was():
    points = clumps(5, 300, 2)
    leaves = build_leaves(points)
    lists = list_neighbors(leaves, 4, 6)
    before = [array.copy() for array in (points, *lists, *leaves)]
    span_rows(points, leaves, lists)
    for array, copy in zip((points, *lists, *leaves), before, strict=True):
        np.testing.assert_array_equal(array, copy)
