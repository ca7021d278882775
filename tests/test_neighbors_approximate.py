"""The approximate search: what it promises, what it misses, and that it says so."""

import sys

import numpy as np
import pytest

from songscape.errors import MissingExtraError, ParameterError
from songscape.neighbors import build_neighbors
from songscape.threads import use_threads


@pytest.fixture(scope="module")
def wide():
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(5000, 6)) @ rng.normal(size=(6, 30))
    return (hidden + 0.2 * rng.normal(size=(5000, 30))).astype(np.float32)


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "correlation"])
def test_it_finds_most_neighbors_and_says_how_many(wide, metric):
    exact = build_neighbors(wide, 15, metric)
    graph = build_neighbors(wide, 15, metric, search="approximate")
    shared = np.mean([len(set(a) & set(b)) / 15 for a, b in zip(exact.indices, graph.indices, strict=True)])
    assert 0.85 < graph.recall < 1.0
    assert graph.recall == pytest.approx(shared, abs=0.02)
    assert exact.recall == 1.0


def test_it_keeps_the_conventions_of_a_neighbor_graph(wide):
    graph = build_neighbors(wide, 15, search="approximate")
    assert graph.indices.dtype == np.int32
    assert graph.distances.dtype == np.float32
    assert (graph.indices != np.arange(len(wide))[:, None]).all()
    assert graph.indices.min() >= 0
    assert (np.diff(graph.distances, axis=1) >= 0).all()
    measured = np.linalg.norm(wide[graph.indices] - wide[:, None], axis=2)
    np.testing.assert_allclose(graph.distances, measured, rtol=1e-5)


def test_equal_rows_find_each_other():
    rows = np.repeat(np.random.default_rng(0).normal(size=(100, 25)), 40, axis=0).astype(np.float32)
    graph = build_neighbors(rows, 10, search="approximate")
    assert graph.distances.max() == 0.0
    assert (graph.indices // 40 == np.arange(4000)[:, None] // 40).all()
    assert graph.recall == 1.0


def test_any_number_of_threads_gives_the_same_bytes(wide):
    results = []
    for threads in (1, 2):
        with use_threads(threads):
            graph = build_neighbors(wide, 15, search="approximate")
            results.append((graph.indices.tobytes(), graph.distances.tobytes(), graph.recall))
    assert results[0] == results[1]


def test_few_rows_are_searched_exactly(wide):
    graph = build_neighbors(wide[:500], 15, search="approximate")
    assert graph.recall == 1.0
    assert graph.indices.tobytes() == build_neighbors(wide[:500], 15).indices.tobytes()


def test_wrong_values_are_told(wide):
    with pytest.raises(
        ParameterError, match=r"'search' parameter must be one of 'exact', 'approximate'\. Got 'fast'"
    ):
        build_neighbors(wide, 15, search="fast")
    with pytest.raises(ParameterError, match=r"'search' parameter must be 'exact' for this metric"):
        build_neighbors(wide, 15, "manhattan", search="approximate")


def test_without_faiss_the_message_says_how_to_get_it(wide, monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'songscape\[approximate\]'"):
        build_neighbors(wide, 15, search="approximate")
