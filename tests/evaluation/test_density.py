"""DBCV: by hand, against the hdbscan package, thinned against whole, planted and absent."""

import math

import numpy as np
import pytest
from hdbscan.validity import validity_index
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from songscape.config import EvaluationParams
from songscape.errors import InputError, ParameterError
from songscape.evaluation.density import dbcv, evaluate_density
from songscape.kernels.validity import all_points_core, nearest_other_cluster, span_clusters
from songscape.threads import use_threads


def blobs(n_rows, n_clusters, n_columns, apart, seed=0, noise=0.0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, n_clusters, n_rows)
    X = rng.normal(size=(n_rows, n_columns)) + apart * rng.normal(size=(n_clusters, n_columns))[labels]
    return X.astype(np.float32), np.where(rng.random(n_rows) < noise, -1, labels)


def test_two_clusters_on_a_line_by_hand():
    # D = 1, so a core distance is the harmonic mean of the distances: 4/3, 1, 4/3 on 0, 1, 2. Edges 0–1 and 1–2 have
    # mutual reachability 4/3; row 1 is the only inner row, so the longest of all edges counts: sparseness 4/3.
    # The other cluster is 10, 14, 18: cores 16/3, 4, 16/3, sparseness 16/3. Separation: 1 to 14, 13.
    X = np.array([[0.0], [1.0], [2.0], [10.0], [14.0], [18.0], [99.0]])
    labels = np.array([0, 0, 0, 1, 1, 1, -1])
    before = X.copy(), labels.copy()
    validity = (13 - 4 / 3) / 13, (13 - 16 / 3) / 13
    scores = evaluate_density(X, labels)
    np.testing.assert_allclose(scores.validity, validity, rtol=1e-12)
    assert scores.dbcv.value == pytest.approx(3 / 7 * sum(validity), rel=1e-12)
    assert scores.dbcv.is_exact
    assert dbcv(X, labels) == scores.dbcv.value
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(labels, before[1])


@pytest.mark.parametrize(
    ("n_rows", "n_clusters", "n_columns", "apart"),
    [(30, 2, 1, 9.0), (120, 3, 2, 4.0), (300, 6, 5, 1.0), (400, 4, 9, 2.0), (200, 3, 30, 3.0)],
)
def test_equal_to_hdbscan(n_rows, n_clusters, n_columns, apart):
    X, labels = blobs(n_rows, n_clusters, n_columns, apart, noise=0.2)
    wanted, parts = validity_index(X.astype(np.float64), labels, per_cluster_scores=True)
    assert dbcv(X, labels) == pytest.approx(wanted, rel=1e-9)
    np.testing.assert_allclose(evaluate_density(X, labels).validity, parts, rtol=1e-9)


def test_rings_are_dense_although_their_silhouette_is_bad():
    angles = np.linspace(0.0, 2.0 * np.pi, 200, endpoint=False)
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    X, labels = np.vstack([ring, 4.0 * ring]), np.repeat([0, 1], 200)
    assert dbcv(X, labels) > 0.7
    assert dbcv(X, np.tile([0, 1], 200)) < -0.5  # the same rings dealt out at random


def test_the_kernels_are_those_of_a_plain_twin():
    X, labels = blobs(300, 4, 3, 1.0)
    points = X.astype(np.float64)[np.argsort(labels, kind="stable")]
    starts = np.concatenate([[0], np.cumsum(np.bincount(labels))])
    core = all_points_core(points, starts)
    left, right, weight = span_clusters(points, core, starts)
    counted = np.arange(300) % 3 > 0
    nearest = nearest_other_cluster(points, core, starts, counted)
    cluster = np.sort(labels)
    distances = cdist(points, points)
    for c in range(4):
        rows = np.flatnonzero(cluster == c)
        own = distances[np.ix_(rows, rows)]
        powers = np.where(own > 0.0, own, np.inf) ** -3.0
        np.testing.assert_allclose(core[rows], (powers.sum(1) / (len(rows) - 1)) ** (-1 / 3), rtol=1e-9)
        reach = np.maximum(np.maximum(own, core[rows][:, None]), core[rows])
        np.fill_diagonal(reach, 0.0)
        tree = slice(starts[c] - c, starts[c + 1] - c - 1)
        assert weight[tree].sum() == pytest.approx(minimum_spanning_tree(reach).sum(), rel=1e-12)
        np.testing.assert_allclose(weight[tree], reach[left[tree] - starts[c], right[tree] - starts[c]])
    reach = np.maximum(np.maximum(distances, core[:, None]), core)
    reach[(cluster[:, None] == cluster) | ~counted | ~counted[:, None]] = np.inf
    np.testing.assert_allclose(nearest, reach.min(1))


def test_thinned_scores_lie_near_the_whole_and_have_an_interval():
    X, labels = blobs(6000, 5, 2, 12.0)
    whole = dbcv(X, labels)
    thinned = evaluate_density(X, labels, params=EvaluationParams(sample_size=2000))
    assert not thinned.dbcv.is_exact
    assert thinned.dbcv.n_sampled == 2000
    assert thinned.dbcv.low <= thinned.dbcv.value <= thinned.dbcv.high
    assert thinned.dbcv.value == pytest.approx(whole, abs=0.1)
    assert thinned.dbcv.value > thinned.null.high


def test_planted_clusters_score_and_a_cut_cloud_does_not():
    X, labels = blobs(1500, 4, 3, 20.0)
    planted = evaluate_density(X, labels)
    assert planted.dbcv.value > 0.5 > planted.null.high
    cloud = np.random.default_rng(5).normal(size=(1500, 3))
    cut = evaluate_density(cloud, (cloud[:, 0] > 0.0).astype(int))  # two halves of one cloud
    assert cut.dbcv.value < 0.0


def test_noise_counts_as_zero():
    X, labels = blobs(400, 2, 2, 12.0)
    far = np.vstack([X, np.full((400, 2), 500.0) + np.random.default_rng(1).normal(size=(400, 2))])
    assert dbcv(far, np.append(labels, [-1] * 400)) == pytest.approx(dbcv(X, labels) / 2.0)


@pytest.mark.parametrize("labels", [[], [0, 0, 0], [-1, -1, -1], [0, 1, -1], [0, 0, 1]])
def test_undefined_with_fewer_than_two_clusters_of_two_rows(labels):
    X = np.arange(2.0 * len(labels)).reshape(-1, 2)
    assert math.isnan(dbcv(X, labels))
    assert math.isnan(evaluate_density(X, labels).dbcv.value)


def test_equal_rows():
    X, labels = np.repeat([[0.0], [1.0]], 3, axis=0), np.repeat([0, 1], 3)
    assert dbcv(X, labels) == 1.0  # each in one point, apart from the other
    assert dbcv(np.zeros((6, 1)), labels) == 0.0
    mixed = np.array([[0.0], [0.0], [1.0], [5.0], [5.0], [6.0]])
    assert dbcv(mixed, labels) == pytest.approx(validity_index(mixed, labels))


def test_scale_does_not_matter_nor_do_threads():
    X, labels = blobs(500, 3, 4, 2.0)
    with use_threads(1):
        one = evaluate_density(X, labels)
    with use_threads(2):
        two = evaluate_density(X, labels)
    assert (one.dbcv, one.null) == (two.dbcv, two.null)
    assert dbcv(X * np.float32(2.0**90), labels) == pytest.approx(one.dbcv.value, rel=1e-6)
    assert dbcv(X * np.float32(2.0**-90), labels) == pytest.approx(one.dbcv.value, rel=1e-6)


def test_directions_for_cosine():
    X, labels = blobs(200, 3, 4, 5.0)
    lengths = np.random.default_rng(2).uniform(0.5, 9.0, (200, 1))
    near = evaluate_density(X, labels, metric="cosine").dbcv.value
    assert evaluate_density(X * lengths, labels, metric="cosine").dbcv.value == pytest.approx(near, rel=1e-4)


def test_errors():
    with pytest.raises(ParameterError, match="'metric' parameter must be 'euclidean' or 'cosine'"):
        evaluate_density([[0.0]], [0], metric="manhattan")
    with pytest.raises(InputError, match="labels must be one-dimensional with 1 entries"):
        dbcv([[0.0]], [0, 1])
