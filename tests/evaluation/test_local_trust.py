"""Trust of a map row by row: against ranks counted one by one, and where a piece of the map was planted wrong."""

import math

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from songscape.config import EvaluationParams
from songscape.errors import InputError
from songscape.evaluation import continuity, trustworthiness
from songscape.evaluation.local_trust import N_LANDMARKS, evaluate_local_trust
from songscape.kernels.landmarks import nearer_landmarks
from songscape.kernels.leaves import CHEBYSHEV, EUCLIDEAN, MANHATTAN
from songscape.neighbors import build_neighbors
from songscape.threads import use_threads

NAMES = {EUCLIDEAN: "sqeuclidean", MANHATTAN: "cityblock", CHEBYSHEV: "chebyshev"}


@pytest.mark.parametrize("code", NAMES)
@pytest.mark.parametrize("n_landmarks", [1, 255, 256, 300])
def test_counts_equal_those_of_the_whole_matrix(code, n_landmarks):
    rng = np.random.default_rng(n_landmarks)
    points = rng.integers(-20, 20, (300, 3)).astype(np.float32)  # whole numbers: distances are equal often
    others = rng.integers(0, 300, (300, 4)).astype(np.int32)
    landmarks = np.sort(rng.choice(300, n_landmarks, replace=False))
    before = points.copy(), others.copy()
    distances = cdist(points, points, NAMES[code])
    limits = np.take_along_axis(distances, others.astype(np.int64), axis=1)
    nearer = distances[:, None, landmarks] < limits[:, :, None]
    nearer &= landmarks[None, None, :] != np.arange(300)[:, None, None]
    with use_threads(1):
        one = nearer_landmarks(points, others, landmarks, code)
    with use_threads(2):
        two = nearer_landmarks(points, others, landmarks, code)
    np.testing.assert_array_equal(one, nearer.sum(axis=2))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(points, before[0])
    np.testing.assert_array_equal(others, before[1])


def local_by_hand(near, distances, k):
    """1 − scaled excess of the ranks that rows of `near` have among `distances`, row by row."""
    n = len(distances)
    scores = np.empty(n)
    for row in range(n):
        others = np.delete(np.arange(n), row)
        ranks = [1 + int((distances[row, others] < distances[row, j]).sum()) for j in near[row]]
        scores[row] = 1 - 2 / (k * (2 * n - 3 * k - 1)) * sum(max(rank - k, 0) for rank in ranks)
    return scores


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_exact_row_by_row_where_all_rows_are_landmarks(metric):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 5)).astype(np.float32)
    plane = (X[:, :2] + 0.3 * rng.normal(size=(400, 2))).astype(np.float32)
    graph, on_map = build_neighbors(X, 10, metric), build_neighbors(plane, 10)
    local = evaluate_local_trust(X, graph, plane, params=EvaluationParams(k=10))
    near_map, near_space = on_map.indices, graph.indices
    np.testing.assert_allclose(local.trust, local_by_hand(near_map, cdist(X, X, metric), 10), atol=1e-3)
    np.testing.assert_allclose(local.continuity, local_by_hand(near_space, cdist(plane, plane), 10), atol=1e-3)
    assert local.trust.mean() == pytest.approx(trustworthiness(X, plane, k=10, metric=metric).value, abs=1e-4)
    assert local.continuity.mean() == pytest.approx(continuity(X, plane, k=10, metric=metric).value, abs=1e-4)
    known = evaluate_local_trust(X, graph, plane, near_on_map=on_map.indices, params=EvaluationParams(k=10))
    np.testing.assert_array_equal(known.trust, local.trust)


def test_landmarks_estimate_what_all_rows_would_give():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(6000, 6)).astype(np.float32)
    plane = np.ascontiguousarray(X[:, :2])
    local = evaluate_local_trust(X, build_neighbors(X, 15), plane)
    assert local.n_landmarks == N_LANDMARKS < len(X)
    assert local.trust.mean() == pytest.approx(trustworthiness(X, plane).value, abs=0.004)
    assert local.continuity.mean() == pytest.approx(continuity(X, plane).value, abs=0.004)
    rows = rng.choice(6000, 60, replace=False)
    near = build_neighbors(plane, 15).indices
    distances = cdist(X[rows], X)
    ranks = (distances[:, None, :] < np.take_along_axis(distances, near[rows].astype(int), axis=1)[:, :, None]).sum(2)
    scores = 1 - 2 / (15 * (12000 - 46)) * np.maximum(ranks - 15, 0).sum(1)
    p = (1 - scores) / 2
    half = 3.9 * np.sqrt(p * (1 - p) / N_LANDMARKS)
    assert (abs(local.trust[rows] - scores) <= half + 1e-3).mean() >= 0.95


def test_a_piece_of_the_map_that_was_thrown_in_at_random_is_seen_there_only():
    rng = np.random.default_rng(2)
    X = rng.random(size=(1500, 2)).astype(np.float32)
    plane = X.copy()
    wrong = np.arange(1500) < 100
    plane[wrong] = rng.random(size=(100, 2)) + 5.0  # an island of strangers
    local = evaluate_local_trust(X, build_neighbors(X, 15), plane)
    assert local.trust[wrong].max() < local.poor
    assert local.trust[~wrong].min() > 0.95
    at_random = evaluate_local_trust(X, build_neighbors(X, 15), rng.permutation(X))  # the negative control
    assert at_random.trust.mean() == pytest.approx(at_random.null, abs=0.02)
    assert at_random.continuity.mean() == pytest.approx(at_random.null, abs=0.02)


def test_large_coordinates_do_not_overflow():
    X = np.random.default_rng(3).normal(size=(50, 2)).astype(np.float32)
    graph = build_neighbors(X, 5)
    params = EvaluationParams(k=5)
    small, large = (evaluate_local_trust(scale * X, graph, scale * X, params=params) for scale in (1.0, 2.0**100))
    np.testing.assert_array_equal(small.trust, large.trust)


@pytest.mark.parametrize("n_rows", [0, 1, 2, 3, 4])
def test_few_rows(n_rows):
    X = np.arange(n_rows, dtype=np.float32).reshape(-1, 1)
    local = evaluate_local_trust(X, build_neighbors(X, 3), X)
    assert local.k == (1 if n_rows > 2 else 0)
    assert np.isnan(local.trust).all() if local.k == 0 else (local.trust == 1.0).all()
    assert math.isnan(local.null) == (local.k == 0)


def test_a_graph_of_other_rows_is_refused():
    X = np.arange(8.0).reshape(-1, 1)
    with pytest.raises(InputError, match="neighbors must have a row for each of the 8 rows"):
        evaluate_local_trust(X, build_neighbors(X[:5], 2), X)
