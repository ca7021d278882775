"""Silhouettes and map scores: by hand, against scikit-learn and scipy, and against what chance gives."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist, pdist
from scipy.stats import spearmanr
from sklearn import manifold, metrics

from songscape.config import EvaluationParams
from songscape.errors import InputError, ParameterError
from songscape.evaluation import (
    Estimate,
    continuity,
    evaluate_clusters,
    evaluate_map,
    global_rank_correlation,
    neighborhood_preservation,
    silhouette_reading,
    silhouette_samples,
    silhouette_score,
    trustworthiness,
)
from songscape.neighbors import build_neighbors
from songscape.threads import use_threads

METRICS = ("euclidean", "cosine")


def blobs(n_rows=600, n_clusters=5, n_columns=6, apart=6.0, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.append(np.arange(n_clusters), rng.integers(0, n_clusters, n_rows - n_clusters))
    return rng.normal(size=(n_rows, n_columns)) + apart * rng.normal(size=(n_clusters, n_columns))[labels], labels


def shadow(X, seed=1):
    """A map that keeps something: two columns, blurred."""
    return X[:, :2] + 0.3 * np.random.default_rng(seed).normal(size=(len(X), 2))


# Silhouettes ------------------------------------------------------------------------------------------------------


def test_four_points_by_hand():
    # Row 0: a = 1, b = (4 + 6) / 2 = 5; row 1: a = 1, b = 4; row 2: a = 2, b = 3.5; row 3: a = 2, b = 5.5.
    values = silhouette_samples([[0.0], [1.0], [4.0], [6.0]], [0, 0, 1, 1])
    np.testing.assert_allclose(values, [0.8, 0.75, 1.5 / 3.5, 3.5 / 5.5], rtol=1e-7)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("n_rows", "n_clusters", "n_columns", "apart"),
    [(4, 2, 1, 1.0), (300, 3, 2, 6.0), (1500, 7, 12, 0.5), (2000, 600, 5, 1.0), (400, 2, 1, 0.0), (500, 4, 40, 3.0)],
)
def test_equal_to_scikit_learn(metric, n_rows, n_clusters, n_columns, apart):
    X, labels = blobs(n_rows, n_clusters, n_columns, apart)
    values = silhouette_samples(X, labels, metric=metric)
    assert values.dtype == np.float64
    np.testing.assert_allclose(values, metrics.silhouette_samples(X, labels, metric=metric), atol=1e-5)
    wanted = metrics.silhouette_score(X, labels, metric=metric)
    assert silhouette_score(X, labels, metric=metric) == pytest.approx(wanted, abs=1e-6)


def test_large_clusters_are_cut_into_parts_and_still_equal_scikit_learn():
    X, labels = blobs(4700, 2, 3, apart=1.0)
    labels = (np.arange(4700) > 300).astype(int)
    np.testing.assert_allclose(silhouette_samples(X, labels), metrics.silhouette_samples(X, labels), atol=1e-5)


@pytest.mark.parametrize("metric", METRICS)
def test_rows_of_zeros_are_as_in_scikit_learn(metric):
    X, labels = blobs(60, 3, 4)
    X[[0, 1, 2, 7, 8]] = 0.0
    wanted = metrics.silhouette_samples(X, labels, metric=metric)
    np.testing.assert_allclose(silhouette_samples(X, labels, metric=metric), wanted, atol=1e-5)


@pytest.mark.parametrize("metric", METRICS)
def test_noise_takes_no_part(metric):
    X, labels = blobs()
    labels[::4] = -1
    inside = labels >= 0
    values = silhouette_samples(X, labels, metric=metric)
    assert np.array_equal(np.isnan(values), ~inside)
    wanted = metrics.silhouette_samples(X[inside], labels[inside], metric=metric)
    np.testing.assert_allclose(values[inside], wanted, atol=1e-5)
    score = silhouette_score(X, labels, metric=metric)
    assert score == pytest.approx(wanted.mean(), abs=1e-6)
    penalized = silhouette_score(X, labels, metric=metric, noise="penalize")
    assert penalized == pytest.approx(score * inside.mean(), abs=1e-9)


def test_label_numbers_do_not_matter():
    X, labels = blobs()
    renamed = np.array([40, 7, 1000, 0, 3])[labels]
    assert np.array_equal(silhouette_samples(X, labels)[labels == 2], silhouette_samples(X, renamed)[labels == 2])


def test_single_rows_score_zero():
    assert silhouette_samples([[0.0], [1.0], [2.0]], [0, 1, 2]).tolist() == [0.0, 0.0, 0.0]
    assert silhouette_samples([[0.0], [0.1], [2.0]], [0, 0, 1])[2] == 0.0


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("value", [0.0, 1.0, 0.1])
def test_equal_rows_score_zero(metric, value):
    assert not silhouette_samples(np.full((50, 3), value), np.arange(50) % 3, metric=metric).any()


@pytest.mark.parametrize("exponent", [-60, -20, 0, 20, 60])
def test_scale_changes_nothing(exponent):
    X, labels = blobs()
    assert np.array_equal(silhouette_samples(np.ldexp(X, exponent), labels), silhouette_samples(X, labels))


def test_a_far_place_changes_nothing_as_long_as_digits_last():
    X, labels = blobs()
    moved = silhouette_samples(X + np.array([1e7, -1e7, 0, 1e7, 0, 1e5]), labels)
    np.testing.assert_allclose(moved, silhouette_samples(X, labels), atol=1e-5)


@given(
    arrays(np.float64, st.tuples(st.integers(3, 25), st.integers(1, 4)), elements=st.integers(-3, 3).map(float)),
    st.lists(st.integers(-1, 3), min_size=25, max_size=25),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_row_order_is_numbering_only_and_values_are_the_twins(X, labels, random):
    labels = np.array(labels[: len(X)])
    labels[:2] = [0, 1]
    order = np.array(random.sample(range(len(X)), len(X)))
    values = silhouette_samples(X, labels)
    np.testing.assert_allclose(silhouette_samples(X[order], labels[order]), values[order], atol=1e-6)
    distances = cdist(X, X)
    for i, label in enumerate(labels):
        if label < 0:
            assert math.isnan(values[i])
            continue
        own = (labels == label) & (np.arange(len(X)) != i)
        a = distances[i, own].mean() if own.any() else 0.0
        b = min(distances[i, labels == other].mean() for other in set(labels.tolist()) - {-1, label})
        wanted = (b - a) / max(a, b) if own.any() and max(a, b) > 0 else 0.0
        assert values[i] == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("X", [np.empty((0, 2)), np.ones((1, 2)), np.ones((2, 2)), np.ones((3, 2))], ids=len)
@pytest.mark.parametrize("label", [-1, 0])
def test_fewer_than_two_clusters_are_an_error_for_the_score_and_nan_in_the_record(X, label):
    labels = np.full(len(X), label)
    for function in (silhouette_score, silhouette_samples):
        with pytest.raises(InputError, match="at least two clusters"):
            function(X, labels)
    scores = evaluate_clusters(X, labels)
    assert math.isnan(scores.silhouette)
    assert math.isnan(scores.silhouette_penalized)
    assert math.isnan(scores.null.value)
    assert np.isnan(scores.samples).all()
    assert scores.samples.shape == (len(X),)
    assert scores.reading == "undefined: fewer than two clusters"
    assert math.isnan(scores.coverage) if len(X) == 0 else scores.coverage == (label == 0)


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({"metric": "manhattan"}, ParameterError, "'metric' parameter must be 'euclidean' or 'cosine'. Got 'manh"),
        ({"noise": "include"}, ParameterError, "'noise' parameter must be 'exclude' or 'penalize'. Got 'include'"),
        ({"labels": [0, 1]}, InputError, "labels must be one-dimensional with 3 entries"),
        ({"labels": [0, 1, -2]}, InputError, "labels must be −1"),
        ({"labels": [0.0, 1.0, 1.0]}, InputError, "labels must be integers"),
        ({"X": [[0.0], [np.nan], [1.0]]}, InputError, "X must be finite"),
    ],
)
def test_wrong_input_is_told(changes, error, match):
    arguments = {"X": [[0.0], [1.0], [2.0]], "labels": [0, 1, 1], **changes}
    with pytest.raises(error, match=match):
        silhouette_score(**arguments)


def test_the_record_says_what_its_arrays_say():
    X, labels = blobs()
    labels = np.where(labels == 1, -1, labels)
    before = X.copy(), labels.copy()
    scores = evaluate_clusters(X, labels)
    assert np.array_equal(X, before[0])
    assert np.array_equal(labels, before[1])
    assert scores.clusters.tolist() == [0, 2, 3, 4]
    assert scores.cluster_sizes.tolist() == [int((labels == label).sum()) for label in (0, 2, 3, 4)]
    for label, value in zip(scores.clusters, scores.cluster_silhouettes, strict=True):
        assert value == pytest.approx(scores.samples[labels == label].mean())
    assert scores.silhouette == silhouette_score(X, labels)
    assert scores.coverage == (labels >= 0).mean()
    assert scores.silhouette_penalized == scores.silhouette * scores.coverage


@pytest.mark.parametrize("metric", METRICS)
def test_clusters_stand_out_from_their_null_and_permuted_ones_do_not(metric):
    X, labels = blobs(1200, 4)
    scores = evaluate_clusters(X, labels, metric=metric, params=EvaluationParams(sample_size=8000))
    assert scores.silhouette > 0.4
    assert scores.null.low < scores.null.value < scores.null.high < 0.0
    permuted = np.random.default_rng(5).permutation(labels)
    nothing = evaluate_clusters(X, permuted, metric=metric)
    assert abs(nothing.silhouette) < 0.03
    assert nothing.silhouette == pytest.approx(scores.null.value, abs=0.01)
    assert nothing.reading == "overlapping"


@pytest.mark.parametrize("metric", METRICS)
def test_the_null_is_what_permuted_labels_score(metric):
    X, labels = blobs(400, 4)
    labels[:50] = -1
    inside = labels >= 0
    null = evaluate_clusters(X, labels, metric=metric, params=EvaluationParams(sample_size=40000)).null
    rng = np.random.default_rng(0)
    values = [metrics.silhouette_score(X[inside], rng.permutation(labels[inside]), metric=metric) for _ in range(60)]
    assert null.n_sampled == 10 * inside.sum()
    assert abs(null.value - np.mean(values)) < 4 * np.std(values) / math.sqrt(10)
    assert null.high - null.low < 8 * np.std(values) / math.sqrt(10)


@pytest.mark.parametrize(
    ("value", "reading"),
    [
        (-1.0, "overlapping"),
        (-1e-9, "overlapping"),
        (0.0, "weak"),
        (0.19, "weak"),
        (0.2, "moderate"),
        (0.5, "moderate"),
        (0.51, "strong"),
        (math.nan, "undefined"),
    ],
)
def test_readings(value, reading):
    assert silhouette_reading(value).startswith(reading)


def noisy(n_rows, n_clusters, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, n_clusters, n_rows).astype(np.int32)
    return (rng.normal(size=(n_rows, 5)) + 2 * rng.normal(size=(n_clusters + 1, 5))[labels]).astype(
        np.float32
    ), labels


def test_beyond_the_limit_the_error_is_told_and_true():
    X, labels = noisy(26_000, 3)  # clusters of more rows than a row is measured against
    exact = silhouette_samples(X, labels)
    scores = evaluate_clusters(X, labels, params=EvaluationParams(exact_up_to=1000, sample_size=2000))
    off = np.abs(scores.samples - exact)[labels >= 0]
    assert 0.0 < scores.row_error < 0.02
    assert 0.93 < (off <= scores.row_error).mean() < 0.97
    assert scores.estimate.low < exact[labels >= 0].mean() < scores.estimate.high
    assert scores.estimate.high - scores.estimate.low < 0.001
    assert scores.silhouette == scores.estimate.value
    assert scores.estimate.n_sampled == 2000
    assert np.array_equal(np.isnan(scores.samples), labels < 0)


def test_clusters_that_are_met_whole_are_exact_beyond_the_limit():
    X, labels = noisy(6000, 12)
    X[0] += 100.0
    labels[0] = 99  # a row alone
    scores = evaluate_clusters(X, labels, params=EvaluationParams(exact_up_to=1000))
    np.testing.assert_allclose(scores.samples, silhouette_samples(X, labels), atol=1e-6)
    assert scores.samples[0] == 0.0
    assert scores.row_error < 1e-6
    assert evaluate_clusters(X, labels).row_error == 0.0


def test_estimated_silhouettes_are_the_same_bytes_for_any_number_of_threads():
    X, labels = noisy(20_000, 2)
    params = EvaluationParams(exact_up_to=1000)
    with use_threads(1):
        one = evaluate_clusters(X, labels, params=params)
    with use_threads(3):
        three = evaluate_clusters(X, labels, params=params)
    assert one.samples.tobytes() == three.samples.tobytes()
    assert one.estimate == three.estimate
    assert (
        one.samples.tobytes()
        != evaluate_clusters(X, labels, params=params.with_changes(random_state=1)).samples.tobytes()
    )


@pytest.mark.realdata
def test_real_tracks_score_what_all_pairs_say(data_folder):
    columns = [
        "Energy",
        "Danceability",
        "Positiveness",
        "Speechiness",
        "Liveness",
        "Acousticness",
        "Loudness",
        "Tempo",
    ]
    table = pl.read_csv(data_folder / "light_spotify_dataset.csv", columns=columns, n_rows=60000).drop_nulls()
    X = table.select(columns).to_numpy().astype(np.float32)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    rng = np.random.default_rng(0)
    labels = cdist(X, X[rng.choice(len(X), 40, replace=False)]).argmin(axis=1)
    labels[rng.random(len(X)) < 0.1] = -1
    values = silhouette_samples(X, labels)
    sizes = np.bincount(labels[labels >= 0])
    for row in rng.choice(np.flatnonzero(labels >= 0), 300, replace=False):
        distances = np.sqrt(((X.astype(float) - X[row]) ** 2).sum(axis=1))
        sums = np.bincount(labels[labels >= 0], distances[labels >= 0])
        own = labels[row]
        a, b = sums[own] / (sizes[own] - 1), np.delete(sums / sizes, own).min()
        assert values[row] == pytest.approx((b - a) / max(a, b), abs=1e-5)


# Maps -------------------------------------------------------------------------------------------------------------

LINE = np.array([[0.0], [1.0], [2.1], [3.3], [4.6]])


def test_a_map_by_hand():
    # On the map row 4 lies left of all. In space 3 and 2 are its nearest, on the map 0 and 1: ranks 4 and 3 in space.
    # Row 0 has 1 and 2 near it on the map, row 1 0 and 2, row 2 1 and 3, row 3 2 and 1: that one has rank 3 in space.
    placed = np.array([[0.0], [1.0], [2.1], [3.3], [-9.0]])
    assert trustworthiness(LINE, placed, k=2).value == pytest.approx(1 - (2 + 1 + 1) / 15)
    # From row 3, 4 has rank 4 on the map; from row 4, 3 has rank 4 and 2 has rank 3.
    assert continuity(LINE, placed, k=2).value == pytest.approx(1 - (2 + 2 + 1) / 15)
    assert neighborhood_preservation(LINE, placed, k=2).value == pytest.approx((2 + 2 + 2 + 1 + 0) / 10)


@pytest.mark.parametrize("k", [1, 5, 15, 249])
def test_trustworthiness_is_scikit_learns_and_continuity_is_it_from_the_other_side(k):
    X, _ = blobs(500, apart=1.0)
    placed = shadow(X)
    trust = trustworthiness(X, placed, k=k)
    assert trust.is_exact
    assert trust.n_sampled == 500
    assert trust.value == pytest.approx(manifold.trustworthiness(X, placed, n_neighbors=k), abs=1e-5)
    assert continuity(X, placed, k=k).value == pytest.approx(
        manifold.trustworthiness(placed, X, n_neighbors=k), abs=1e-5
    )


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev", "cosine", "correlation"])
def test_every_metric_of_the_space(metric):
    X, _ = blobs(300, apart=1.0)
    placed, k, named = shadow(X), 10, {"manhattan": "cityblock"}.get(metric, metric)
    far = cdist(X, X, named)
    trust = manifold.trustworthiness(far, placed, n_neighbors=k, metric="precomputed")
    assert trustworthiness(X, placed, k=k, metric=metric).value == pytest.approx(trust, abs=1e-5)
    np.fill_diagonal(far, np.inf)
    near = cdist(placed, placed)
    np.fill_diagonal(near, np.inf)
    in_space, on_map = np.argsort(far, axis=1)[:, :k], np.argsort(near, axis=1)[:, :k]
    ranks = 1 + np.argsort(np.argsort(near, axis=1), axis=1)
    excess = np.maximum(np.take_along_axis(ranks, in_space, 1) - k, 0).sum()
    assert continuity(X, placed, k=k, metric=metric).value == pytest.approx(
        1 - excess * 2 / (300 * k * (600 - 3 * k - 1)), abs=1e-5
    )
    kept = np.mean([len(set(a) & set(b)) / k for a, b in zip(in_space, on_map, strict=True)])
    assert neighborhood_preservation(X, placed, k=k, metric=metric).value == pytest.approx(kept, abs=1e-9)
    wanted = spearmanr(pdist(X, named), pdist(placed)).statistic
    assert global_rank_correlation(X, placed, metric=metric).value == pytest.approx(wanted, abs=1e-5)


def test_a_row_without_direction_is_at_distance_one_from_all():
    X, _ = blobs(60, n_columns=3, apart=1.0)
    X[7] = 0.0
    placed, others = shadow(X), np.delete(np.arange(60), 7)
    wanted = np.ones((60, 60))
    wanted[np.ix_(others, others)] = cdist(X[others], X[others], "cosine")
    pairs = np.triu_indices(60, 1)
    correlation = spearmanr(wanted[pairs], pdist(placed)).statistic
    # Ties at 1 are ties to rounding only, since directions are float32.
    assert global_rank_correlation(X, placed, metric="cosine").value == pytest.approx(correlation, abs=1e-3)


def test_ties_of_distances_get_mean_ranks():
    rng = np.random.default_rng(2)
    X, placed = rng.integers(0, 3, (60, 2)), rng.integers(0, 3, (60, 2))
    wanted = spearmanr(pdist(X), pdist(placed)).statistic
    assert global_rank_correlation(X, placed).value == pytest.approx(wanted, abs=1e-12)


def test_the_space_itself_is_a_perfect_map_and_random_places_score_the_null():
    X, _ = blobs(2000, n_columns=5)
    graph = build_neighbors(X, 15)
    perfect = evaluate_map(X, graph, X)
    chance = evaluate_map(X, graph, np.random.default_rng(3).normal(size=(2000, 2)))
    for name in ("trustworthiness", "continuity", "neighborhood_preservation", "global_rank_correlation"):
        assert getattr(perfect, name).value == pytest.approx(1.0, abs=1e-6), name
        by_chance = getattr(chance, f"{name}_null")
        tolerance = 0.003 if name == "neighborhood_preservation" else 0.03
        assert getattr(chance, name).value == pytest.approx(by_chance, abs=tolerance), name
    assert perfect.trustworthiness_null == pytest.approx(0.5, abs=0.01)


def test_the_null_of_ranks_is_their_exact_expectation():
    n_rows, k = 9, 3
    excess = np.mean([max(rank - k, 0) for rank in range(1, n_rows)]) * n_rows * k
    graph = build_neighbors(np.arange(9.0)[:, None], k)
    null = evaluate_map(np.arange(9.0)[:, None], graph, np.arange(9.0)[:, None]).trustworthiness_null
    assert null == pytest.approx(1 - excess * 2 / (n_rows * k * (2 * n_rows - 3 * k - 1)))


def test_intervals_cover_the_exact_scores():
    X, _ = blobs(1200, apart=1.0)
    placed = shadow(X)
    exact = trustworthiness(X, placed, k=10).value, global_rank_correlation(X, placed).value
    hits = np.zeros(2, int)
    for seed in range(30):
        estimates = (
            trustworthiness(X, placed, k=10, sample_size=150, random_state=seed),
            global_rank_correlation(X, placed, n_pairs=2000, random_state=seed),
        )
        hits += [estimate.low <= value <= estimate.high for estimate, value in zip(estimates, exact, strict=True)]
        assert not any(estimate.is_exact for estimate in estimates)
        assert estimates[0].n_sampled == 150
    assert np.all(hits >= 25), hits  # 28 or 29 expected of 30
    assert estimates[0].high - estimates[0].low < 0.05


def test_evaluate_map_joins_the_plain_functions():
    X, _ = blobs(700, apart=1.0)
    placed = shadow(X)
    kept = X.copy(), placed.copy()
    scores = evaluate_map(X, build_neighbors(X, 20), placed, params=EvaluationParams(k=8))
    assert scores.k == 8
    assert scores.trustworthiness == trustworthiness(X, placed, k=8)
    assert scores.continuity == continuity(X, placed, k=8)
    assert scores.neighborhood_preservation == neighborhood_preservation(X, placed, k=8)
    assert scores.global_rank_correlation == global_rank_correlation(X, placed)
    assert np.array_equal(X, kept[0])
    assert np.array_equal(placed, kept[1])


@pytest.mark.parametrize(("n_rows", "k"), [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1), (31, 15), (40, 15)])
def test_few_rows_get_a_smaller_k_or_none(n_rows, k):
    X = np.random.default_rng(0).normal(size=(n_rows, 3))
    scores = evaluate_map(X, build_neighbors(X, 15), X)
    assert scores.k == k
    for name in ("trustworthiness", "continuity", "neighborhood_preservation"):
        value = getattr(scores, name).value
        assert value == 1.0 if k else math.isnan(value)
        assert math.isnan(getattr(scores, f"{name}_null")) == (k == 0)
    assert math.isnan(scores.global_rank_correlation.value) == (n_rows < 3)


def test_a_map_of_one_point_correlates_with_nothing():
    X, _ = blobs(50)
    assert math.isnan(global_rank_correlation(X, np.zeros((50, 2))).value)
    assert 0.3 < trustworthiness(X, np.zeros((50, 2)), k=5).value < 0.7


def test_duplicates_of_a_neighbor_do_not_count_against_it():
    X = np.repeat(np.random.default_rng(0).normal(size=(40, 3)), 5, axis=0)
    assert trustworthiness(X, X[:, :], k=3).value == 1.0


def test_row_order_is_numbering_only():
    X, _ = blobs(400, apart=1.0)
    placed, order = shadow(X), np.random.default_rng(9).permutation(400)
    for score in (trustworthiness, continuity, neighborhood_preservation):
        assert score(X[order], placed[order], k=7).value == pytest.approx(score(X, placed, k=7).value, abs=1e-9)


def test_wrong_maps_are_told():
    with pytest.raises(InputError, match=r"embedding must have a row for each of the 5 rows of X\. Got 4"):
        trustworthiness(LINE, LINE[:4], k=1)
    with pytest.raises(InputError, match=r"neighbors must have a row for each of the 5 rows of X\. Got 4"):
        evaluate_map(LINE, build_neighbors(LINE[:4], 2), LINE)
    with pytest.raises(
        ParameterError, match=r"'k' parameter must be an int in \[1, 2\], less than half of the 5 rows"
    ):
        trustworthiness(LINE, LINE, k=3)
    with pytest.raises(ParameterError, match="'metric' parameter must be one of 'euclidean'"):
        continuity(LINE, LINE, k=1, metric="hamming")


def test_any_number_of_threads_gives_the_same_bytes_and_the_seed_counts():
    X, labels = blobs(5000, 3, apart=0.5)
    placed, graph = shadow(X), build_neighbors(X, 15)

    def everything(seed):
        params = EvaluationParams(sample_size=400, random_state=seed)
        clusters = evaluate_clusters(X, labels, params=params)
        return repr(evaluate_map(X, graph, placed, params=params)), repr(clusters.null), clusters.samples.tobytes()

    with use_threads(1):
        one = everything(0)
    with use_threads(3):
        assert everything(0) == one
    assert everything(1)[:2] != one[:2]


def test_progress_rises_to_the_end():
    X, labels = blobs()
    seen = []
    evaluate_clusters(X, labels, progress=lambda stage, fraction: seen.append((stage, fraction)))
    assert [stage for stage, _ in seen] == ["evaluation"] * len(seen)
    assert [fraction for _, fraction in seen] == sorted(fraction for _, fraction in seen)
    assert seen[-1] == ("evaluation", 1.0)
    seen.clear()
    evaluate_map(X, build_neighbors(X, 15), shadow(X), progress=lambda stage, fraction: seen.append(fraction))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_an_estimate_of_all_rows_has_no_interval():
    values = np.array([0.2, 0.4, 0.9])
    assert Estimate.of_mean(values, 3) == Estimate.exact(0.5, 3)
    partial = Estimate.of_mean(values, 6)
    half = 1.959963984540054 * values.std(ddof=1) * math.sqrt(0.5 / 3)
    assert (partial.low, partial.high) == pytest.approx((0.5 - half, 0.5 + half))
