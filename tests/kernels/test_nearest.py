import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from songscape.kernels.leaves import CHEBYSHEV, EUCLIDEAN, MANHATTAN, build_leaves
from songscape.kernels.nearest import nearest_rows, query_rows
from songscape.threads import use_threads

METRICS = (EUCLIDEAN, MANHATTAN, CHEBYSHEV)


def all_distances(points, queries, metric):
    sums = np.zeros((len(queries), len(points)), np.float32)
    for column in range(points.shape[1]):
        gap = np.abs(queries[:, column, None] - points[None, :, column])
        if metric == EUCLIDEAN:
            sums += gap * gap
        elif metric == MANHATTAN:
            sums += gap
        else:
            sums = np.maximum(sums, gap)
    return np.sqrt(sums) if metric == EUCLIDEAN else sums


def brute_force(points, k, metric, queries=None):
    """Everything against everything, sorted by distance, then by row number."""
    distances = all_distances(points, points if queries is None else queries, metric)
    if queries is None:
        np.fill_diagonal(distances, np.inf)
        k = min(k, max(len(points) - 1, 0))
    indices = np.argsort(distances, axis=1, kind="stable")[:, :k].astype(np.int32)
    return indices, np.take_along_axis(distances, indices, 1)


def search(points, k, metric):
    return nearest_rows(build_leaves(points, rotate=metric == EUCLIDEAN), k, metric)


def assert_same(found, expected):
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])
    assert found[0].dtype == np.int32
    assert found[1].dtype == np.float32


def cloud(kind, n_rows, n_columns, seed=0):
    rng = np.random.default_rng(seed)
    if kind == "grid":
        points = rng.integers(0, 4, (n_rows, n_columns))
    elif kind == "clumps":
        points = rng.integers(0, 5, (n_rows, 1)) * 100.0 + rng.normal(size=(n_rows, n_columns))
    elif kind == "duplicates":
        points = rng.normal(size=(max(n_rows // 20, 1), n_columns))[rng.integers(0, max(n_rows // 20, 1), n_rows)]
    elif kind == "offset":
        points = rng.normal(size=(n_rows, n_columns)) + 1e6
    elif kind == "uneven":
        points = rng.standard_cauchy(size=(n_rows, n_columns)) * np.geomspace(1e-3, 1e3, n_columns)
    else:
        points = rng.normal(size=(n_rows, n_columns))
    return points.astype(np.float32)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", ["normal", "grid", "clumps", "duplicates", "offset", "uneven"])
@pytest.mark.parametrize(("n_rows", "n_columns", "k"), [(1500, 2, 5), (1200, 9, 15), (700, 25, 7), (900, 1, 60)])
def test_equals_brute_force(kind, n_rows, n_columns, k, metric):
    points = cloud(kind, n_rows, n_columns)
    before = points.copy()
    assert_same(search(points, k, metric), brute_force(points, k, metric))
    np.testing.assert_array_equal(points, before)


def test_equals_brute_force_over_several_groups_of_leaves():
    points = cloud("normal", 4200, 3)
    assert build_leaves(points).low_lanes.shape[0] > 1
    assert_same(search(points, 15, EUCLIDEAN), brute_force(points, 15, EUCLIDEAN))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("n_rows", [0, 1, 2, 3, 64, 65])
def test_few_rows_get_all_others(n_rows, metric):
    points = cloud("normal", n_rows, 2)
    found = search(points, 100, metric)
    assert found[0].shape == (n_rows, max(n_rows - 1, 0))
    assert_same(found, brute_force(points, 100, metric))


def test_no_neighbors_asked_for():
    indices, distances = search(cloud("normal", 10, 2), 0, EUCLIDEAN)
    assert indices.shape == distances.shape == (10, 0)


@pytest.mark.parametrize("metric", METRICS)
def test_all_rows_equal_get_the_smallest_row_numbers(metric):
    indices, distances = search(np.ones((1000, 3), np.float32), 4, metric)
    assert not distances.any()
    assert indices[:6].tolist() == [
        [1, 2, 3, 4],
        [0, 2, 3, 4],
        [0, 1, 3, 4],
        [0, 1, 2, 4],
        [0, 1, 2, 3],
        [0, 1, 2, 3],
    ]
    assert (indices[5:] == [0, 1, 2, 3]).all()


def test_masses_of_equal_rows_do_not_make_it_quadratic():
    points = np.repeat(cloud("normal", 4, 2), 10_000, axis=0)
    indices, _ = search(points, 15, EUCLIDEAN)
    assert (indices[100:10_000] == np.arange(15)).all()
    assert (indices[10_100:20_000] == np.arange(10_000, 10_015)).all()


def test_ties_at_the_last_place_go_to_the_smaller_row():
    corners = np.float32([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]])
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(5)
        center = int(np.flatnonzero(order == 0)[0])
        indices, distances = search(corners[order], 2, EUCLIDEAN)
        assert indices[center].tolist() == [row for row in range(5) if row != center][:2]
        assert distances[center].tolist() == [1.0, 1.0]


def test_distances_that_round_to_the_same_root_are_ties():
    far, near = np.float32(1.0000001), np.float32(1.0)
    points = np.float32([[0, 0], [far, 0.00034], [far, 0.0], [near, 0.0], [near, 0.0001]])
    squares = (points**2).sum(axis=1)[1:]
    assert len(np.unique(np.sqrt(squares))) < len(np.unique(squares))
    assert_same(search(points, 4, EUCLIDEAN), brute_force(points, 4, EUCLIDEAN))


@pytest.mark.parametrize("metric", METRICS)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    points=hnp.arrays(np.int8, st.tuples(st.integers(1, 150), st.integers(1, 5)), elements=st.integers(-2, 2)),
    k=st.integers(1, 20),
)
def test_integer_grids_are_exact_in_all_ties(metric, points, k):
    points = np.ascontiguousarray(points, np.float32)
    assert_same(search(points, k, metric), brute_force(points, k, metric))


@pytest.mark.parametrize("metric", METRICS)
def test_row_order_changes_nothing_but_numbering(metric):
    points = cloud("normal", 3000, 6)
    order = np.random.default_rng(5).permutation(len(points))
    indices, distances = search(points, 10, metric)
    moved_indices, moved_distances = search(points[order], 10, metric)
    np.testing.assert_array_equal(order[moved_indices], indices[order])
    assert moved_distances.tobytes() == distances[order].tobytes()


def test_distances_are_symmetric():
    points = cloud("offset", 400, 5)
    indices, distances = search(points, 399, EUCLIDEAN)
    matrix = np.zeros((400, 400), np.float32)
    np.put_along_axis(matrix, indices, distances, 1)
    np.testing.assert_array_equal(matrix, matrix.T)


def test_same_bytes_for_any_number_of_threads():
    points = cloud("clumps", 20_000, 5)
    with use_threads(1):
        one = search(points, 15, EUCLIDEAN)
    with use_threads(2):
        two = search(points, 15, EUCLIDEAN)
    assert one[0].tobytes() == two[0].tobytes()
    assert one[1].tobytes() == two[1].tobytes()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", ["normal", "grid", "clumps"])
@pytest.mark.parametrize(("n_rows", "k"), [(1, 1), (3, 5), (2000, 15), (2000, 100)])
def test_queries_equal_brute_force(kind, n_rows, k, metric):
    points, queries = cloud(kind, n_rows, 4), cloud(kind, 300, 4, seed=1)
    queries[:50] = np.tile(points, (50, 1))[:50]
    queries[50:60] += 1000.0
    leaves = build_leaves(points, rotate=metric == EUCLIDEAN)
    assert_same(query_rows(leaves, queries, k, metric), brute_force(points, k, metric, queries))


def test_queries_one_by_one_equal_queries_at_once():
    points, queries = cloud("normal", 5000, 7), cloud("normal", 200, 7, seed=1)
    leaves = build_leaves(points)
    indices, distances = query_rows(leaves, queries, 15, EUCLIDEAN)
    for row in range(len(queries)):
        one_indices, one_distances = query_rows(leaves, queries[row : row + 1], 15, EUCLIDEAN)
        assert one_indices.tobytes() == indices[row].tobytes()
        assert one_distances.tobytes() == distances[row].tobytes()


def test_no_queries_and_no_rows():
    leaves = build_leaves(cloud("normal", 10, 2))
    assert query_rows(leaves, np.empty((0, 2), np.float32), 3, EUCLIDEAN)[0].shape == (0, 3)
    empty = build_leaves(np.empty((0, 2), np.float32))
    assert query_rows(empty, cloud("normal", 4, 2), 3, EUCLIDEAN)[0].shape == (4, 0)


def test_rotated_leaves_refuse_other_metrics():
    leaves = build_leaves(cloud("normal", 100, 3))
    with pytest.raises(ValueError, match="need leaves built with rotate=False"):
        nearest_rows(leaves, 3, MANHATTAN)
