"""The neighbor graph: exact in every metric, told apart from scikit-learn and SciPy only by rounding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.spatial.distance import cdist

from songscape.errors import InputError, ParameterError
from songscape.neighbors import build_neighbors, query_neighbors
from songscape.threads import use_threads
from songscape.types import NeighborGraph

METRICS = ("euclidean", "manhattan", "chebyshev", "cosine", "correlation")
SCIPY_NAMES = {"manhattan": "cityblock"}


def points(n_rows=600, n_columns=5, seed=0):
    return np.random.default_rng(seed).normal(size=(n_rows, n_columns)).astype(np.float32)


def valid_graph(graph: NeighborGraph, n_rows: int, k: int, *, own: bool = True) -> None:
    assert graph.indices.shape == graph.distances.shape == (n_rows, k)
    assert graph.indices.dtype == np.int32
    assert graph.distances.dtype == np.float32
    assert (graph.distances >= 0).all()
    ascending = np.diff(graph.distances, axis=1)
    assert (ascending >= 0).all()
    assert (np.diff(graph.indices, axis=1)[ascending == 0] > 0).all()
    if own:
        assert (graph.indices != np.arange(n_rows)[:, None]).all()


def true_distances(X, queries, metric):
    """Distances in float64, blank directions at 1 as scikit-learn has them."""
    with np.errstate(invalid="ignore", divide="ignore"):
        matrix = cdist(queries.astype(np.float64), X.astype(np.float64), SCIPY_NAMES.get(metric, metric))
    return np.where(np.isnan(matrix), 1.0, matrix)


@pytest.mark.parametrize("metric", METRICS)
def test_equals_scipy(metric):
    X = points()
    before = X.copy()
    graph = build_neighbors(X, 10, metric)
    valid_graph(graph, 600, 10)
    assert (graph.metric, graph.recall) == (metric, 1.0)
    matrix = true_distances(X, X, metric)
    np.fill_diagonal(matrix, np.inf)
    np.testing.assert_array_equal(graph.indices, np.argsort(matrix, axis=1)[:, :10])
    np.testing.assert_allclose(graph.distances, np.sort(matrix, axis=1)[:, :10], rtol=2e-5, atol=1e-7)
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize("metric", METRICS)
def test_queries_equal_scipy(metric):
    X, queries = points(), points(40, seed=1)
    graph = query_neighbors(X, queries, 7, metric)
    valid_graph(graph, 40, 7, own=False)
    matrix = true_distances(X, queries, metric)
    np.testing.assert_array_equal(graph.indices, np.argsort(matrix, axis=1)[:, :7])
    np.testing.assert_allclose(graph.distances, np.sort(matrix, axis=1)[:, :7], rtol=2e-5, atol=1e-7)


@pytest.mark.parametrize("metric", METRICS)
def test_one_by_one_equals_at_once(metric):
    X, queries = points(), points(30, seed=1)
    queries[3] = X[5]
    queries[4] = 0.0
    together = query_neighbors(X, queries, 7, metric)
    for row in range(len(queries)):
        alone = query_neighbors(X, queries[row : row + 1], 7, metric)
        assert alone.indices.tobytes() == together.indices[row].tobytes()
        assert alone.distances.tobytes() == together.distances[row].tobytes()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("n_rows", [0, 1, 2, 3])
def test_few_rows_get_all_others(n_rows, metric):
    valid_graph(build_neighbors(points(n_rows), 15, metric), n_rows, max(n_rows - 1, 0))
    valid_graph(query_neighbors(points(n_rows), points(2), 15, metric), 2, n_rows, own=False)


@pytest.mark.parametrize("metric", METRICS)
def test_row_order_changes_nothing_but_numbering(metric):
    X = points(900, 6)
    X[100] = 0.0
    X[200:205] = X[7]
    order = np.random.default_rng(1).permutation(len(X))
    graph, moved = build_neighbors(X, 12, metric), build_neighbors(X[order], 12, metric)
    assert moved.distances.tobytes() == graph.distances[order].tobytes()
    wider = build_neighbors(X, 13, metric).distances
    untied = (np.diff(wider, axis=1) > 0).all(axis=1)  # ties go by row number, which the order changes
    assert untied.sum() > 500
    np.testing.assert_array_equal(order[moved.indices][untied[order]], graph.indices[order][untied[order]])


@pytest.mark.parametrize("metric", ["cosine", "correlation"])
def test_blank_rows_are_at_distance_one_from_everything(metric):
    X = points(40, 3)
    X[[3, 17, 30]] = 0.0 if metric == "cosine" else 2.5
    graph = build_neighbors(X, 39, metric)
    valid_graph(graph, 40, 39)
    assert (graph.distances[[3, 17, 30]] == 1.0).all()
    assert graph.indices[17].tolist() == [row for row in range(40) if row != 17]
    matrix = np.zeros((40, 40))
    np.put_along_axis(matrix, graph.indices.astype(np.int64), graph.distances, 1)
    expected = true_distances(X, X, metric)
    np.fill_diagonal(expected, 0.0)
    np.testing.assert_allclose(matrix, expected, atol=1e-6)


def test_a_blank_row_is_as_far_as_scikit_learn_says():
    from sklearn.metrics.pairwise import cosine_distances

    X = points(10, 3)
    X[4] = 0.0
    graph = build_neighbors(X, 9, "cosine")
    expected = cosine_distances(X)
    np.testing.assert_allclose(graph.distances, np.take_along_axis(expected, graph.indices, 1), atol=1e-6)


def test_only_blank_rows():
    graph = build_neighbors(np.zeros((4, 3)), 2, "cosine")
    assert graph.indices.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1]]
    assert (graph.distances == 1.0).all()


def test_cosine_does_not_see_lengths():
    X = points(200, 4)
    stretched = X * np.float32(2.0) ** np.arange(200)[:, None].clip(0, 30).astype(np.float32)
    assert (
        build_neighbors(stretched, 5, "cosine").indices.tolist() == build_neighbors(X, 5, "cosine").indices.tolist()
    )


def test_correlation_does_not_see_offsets():
    X = np.float32([[1, 2, 3], [11, 12, 13], [3, 2, 1], [2, 2, 5]])
    graph = build_neighbors(X, 3, "correlation")
    assert graph.indices[0].tolist() == [1, 3, 2]
    np.testing.assert_allclose(graph.distances[0], [0.0, 1 - np.sqrt(0.75), 2.0], atol=1e-6)


@pytest.mark.parametrize("metric", METRICS)
def test_all_rows_equal(metric):
    graph = build_neighbors(np.full((300, 4), [1.0, 2.0, 4.0, 3.0]), 3, metric)
    assert not graph.distances.any()
    assert graph.indices[:5].tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2], [0, 1, 2]]


@pytest.mark.parametrize("power", [-100, -60, 60, 110])
@pytest.mark.parametrize("metric", METRICS)
def test_the_unit_does_not_matter(metric, power):
    X = points(300, 3)
    graph, scaled = build_neighbors(X, 5, metric), build_neighbors(np.ldexp(X, power), 5, metric)
    np.testing.assert_array_equal(scaled.indices, graph.indices)
    directions = metric in ("cosine", "correlation")
    np.testing.assert_array_equal(scaled.distances, np.ldexp(graph.distances, 0 if directions else power))


def test_a_huge_offset_costs_no_more_than_float32_does():
    X = (points(500, 4) + 1e5).astype(np.float32)
    graph = build_neighbors(X, 6)
    np.testing.assert_allclose(
        graph.distances, np.take_along_axis(true_distances(X, X, "euclidean"), graph.indices, 1), rtol=1e-6
    )


def test_constant_columns_do_not_count():
    X = points(300, 3)
    wider = np.column_stack([np.full(300, 9.0, np.float32), X, np.zeros(300, np.float32)])
    assert build_neighbors(wider, 5).indices.tobytes() == build_neighbors(X, 5).indices.tobytes()


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    X=hnp.arrays(np.float32, st.tuples(st.integers(2, 80), st.integers(1, 4)), elements=st.floats(-4, 4, width=16)),
    shift=st.integers(-8, 8),
)
def test_shifting_by_whole_numbers_keeps_ranks(X, shift):
    graph = build_neighbors(np.round(X), 5)
    moved = build_neighbors(np.round(X) + np.float32(shift), 5)
    assert moved.indices.tobytes() == graph.indices.tobytes()
    assert moved.distances.tobytes() == graph.distances.tobytes()


def test_any_number_of_threads_gives_the_same_bytes():
    X = points(20_000, 4)
    results = []
    for threads in (1, 2):
        with use_threads(threads):
            graph = build_neighbors(X, 15)
            results.append((graph.indices.tobytes(), graph.distances.tobytes()))
    assert results[0] == results[1]


def test_progress_ends_at_one():
    seen = []
    build_neighbors(points(50), 3, progress=lambda stage, fraction: seen.append((stage, fraction)))
    assert {stage for stage, _ in seen} == {"neighbors"}
    fractions = [fraction for _, fraction in seen]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)


def test_progress_moves_on_the_way():
    """On one thread: on more, the calling thread tells only of blocks that it finished itself, and may get none."""
    seen = []
    with use_threads(1):
        build_neighbors(points(5000), 3, progress=lambda _, fraction: seen.append(fraction))
    assert sum(0.0 < fraction < 1.0 for fraction in seen) >= 3


@pytest.mark.parametrize("k", [0, -1, 1.5, True, "7"])
def test_wrong_k(k):
    with pytest.raises(ParameterError, match=r"The 'k' parameter must be an int in \[1, inf\)\. Got"):
        build_neighbors(points(5), k)
    with pytest.raises(ParameterError, match="'k' parameter"):
        query_neighbors(points(5), points(2), k)


def test_wrong_metric():
    with pytest.raises(ParameterError, match=r"'metric' parameter must be one of 'euclidean', .* Got 'hamming'"):
        build_neighbors(points(5), 2, "hamming")


def test_wrong_arrays():
    with pytest.raises(InputError, match="finite"):
        build_neighbors([[1.0], [np.nan]], 1)
    with pytest.raises(InputError, match="queries must be finite"):
        query_neighbors([[1.0], [2.0]], [[np.inf]], 1)
    with pytest.raises(InputError, match=r"as many columns as X, 5\. Got 3"):
        query_neighbors(points(5), points(2, 3))


@pytest.mark.realdata
def test_real_tracks_equal_scipy(data_folder):
    import polars as pl
    from scipy.spatial import cKDTree

    names = ["danceability", "energy", "loudness", "speechiness", "acousticness", "valence", "tempo"]
    table = pl.read_parquet(data_folder / "tracks.parquet", columns=names).head(30_000).to_numpy()
    X = ((table - table.mean(axis=0)) / table.std(axis=0)).astype(np.float32)
    graph = build_neighbors(X, 15)
    valid_graph(graph, len(X), 15)
    expected = cKDTree(X).query(X, 16, workers=-1)[0][:, 1:]
    np.testing.assert_allclose(graph.distances, expected, rtol=1e-5, atol=1e-6)
