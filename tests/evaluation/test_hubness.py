"""Hubs and nobody's neighbors: by hand, planted, and absent."""

import math

import numpy as np
import pytest
from scipy.stats import skew

from songscape.config import EvaluationParams
from songscape.errors import InputError
from songscape.evaluation.hubness import evaluate_hubness, k_occurrence
from songscape.neighbors import build_neighbors
from songscape.threads import use_threads
from songscape.types import NeighborGraph


def test_occurrence_by_hand():
    lists = np.array([[1, 2], [0, 2], [1, 0], [1, 2]])
    assert k_occurrence(lists, 4).tolist() == [2, 3, 3, 0]


def test_scores_by_hand_and_scipy():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 4)).astype(np.float32)
    before = X.copy()
    graph = build_neighbors(X, 5)
    hubness = evaluate_hubness(X, graph)
    counts = np.bincount(graph.indices.ravel(), minlength=400)
    assert hubness.k == 5
    assert hubness.skewness == pytest.approx(skew(counts), rel=1e-12)
    assert hubness.never == (counts == 0).mean()
    assert hubness.most == counts.max()
    assert hubness.top_share == np.sort(counts)[-4:].sum() / 2000
    np.testing.assert_array_equal(X, before)
    assert hubness.skewness_thinned.value == pytest.approx(hubness.skewness)  # all rows are in the sample


def test_a_planted_hub_shows():
    """Rows on a sphere and one in its middle: it is a neighbor of all, and the nulls have nothing like it."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(500, 40))
    X = np.vstack([X / np.linalg.norm(X, axis=1, keepdims=True), np.zeros((1, 40))])
    hubness = evaluate_hubness(X, build_neighbors(X, 5))
    assert hubness.most == 500
    assert hubness.skewness > 10.0 > hubness.skewness_null.high


def test_high_dimensions_have_hubs_and_a_plane_has_none():
    rng = np.random.default_rng(2)
    wide, plane = rng.normal(size=(1500, 60)), rng.random(size=(1500, 2))
    crowded, even = (evaluate_hubness(X, build_neighbors(X, 10)) for X in (wide, plane))
    assert crowded.skewness > 2.0
    assert crowded.never > 0.05
    assert even.skewness < 0.5
    assert even.never < 0.01
    # Independent normal columns are crowded by their number alone: so are the nulls.
    assert min(crowded.skewness_normal.value, crowded.skewness_null.value) > 2.0


def test_undefined_without_neighbors_or_where_all_occur_alike():
    alone = evaluate_hubness([[0.0]], NeighborGraph(np.empty((1, 0), np.int32), np.empty((1, 0), np.float32)))
    assert alone.k == 0
    assert math.isnan(alone.skewness)
    pairs = NeighborGraph(np.array([[1], [0]], np.int32), np.ones((2, 1), np.float32))
    both = evaluate_hubness([[0.0], [1.0]], pairs)
    assert math.isnan(both.skewness)
    assert both.never == 0.0


def test_same_bytes_on_any_number_of_threads_and_another_seed_other_nulls():
    X = np.random.default_rng(3).normal(size=(800, 5))
    graph = build_neighbors(X, 5)
    with use_threads(1):
        one = evaluate_hubness(X, graph)
    with use_threads(2):
        assert evaluate_hubness(X, graph) == one
    assert evaluate_hubness(X, graph, params=EvaluationParams(random_state=1)).skewness_null != one.skewness_null
    assert evaluate_hubness(X, graph, params=EvaluationParams(k=2)).k == 2


def test_the_metric_of_the_nulls_is_that_of_the_graph():
    X = np.random.default_rng(4).normal(size=(300, 3))
    far = evaluate_hubness(X, build_neighbors(X, 5, "cosine"))
    near = evaluate_hubness(X, build_neighbors(X, 5))
    assert far.skewness_thinned.value == pytest.approx(far.skewness)
    assert far.skewness_null != near.skewness_null


def test_a_graph_of_other_rows_is_refused():
    graph = NeighborGraph(np.array([[1], [0]], np.int32), np.ones((2, 1), np.float32))
    with pytest.raises(InputError, match="a row for each of the 3 rows of X"):
        evaluate_hubness(np.zeros((3, 2)), graph)
