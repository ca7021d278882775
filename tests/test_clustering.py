import warnings
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from songscape.clustering import cluster, predict_clusters
from songscape.config import ClusteringParams
from songscape.errors import InputError
from songscape.kernels.leaves import EUCLIDEAN, build_leaves
from songscape.kernels.nearest import nearest_rows
from songscape.threads import use_threads
from songscape.types import NeighborGraph

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # hdbscan's own
    import hdbscan
    from hdbscan._hdbscan_linkage import label as reference_link
    from hdbscan.hdbscan_ import _tree_to_labels as reference_labels

SETTINGS = [
    {"min_cluster_size": 5},
    {"min_cluster_size": 2, "min_samples": 1},
    {"min_cluster_size": 2, "min_samples": 1, "cluster_selection_method": "leaf"},
    {"min_cluster_size": 20, "min_samples": 5, "cluster_selection_method": "leaf"},
    {"min_cluster_size": 10, "min_samples": 5, "cluster_selection_epsilon": 0.5},
    {"min_cluster_size": 10, "min_samples": 5, "cluster_selection_epsilon": 0.5, "cluster_selection_method": "leaf"},
    {"min_cluster_size": 15, "min_samples": 3, "allow_single_cluster": True},
    {"min_cluster_size": 15, "min_samples": 3, "allow_single_cluster": True, "cluster_selection_epsilon": 0.6},
    {"min_cluster_size": 15, "allow_single_cluster": True, "cluster_selection_epsilon": 1.5},
    {
        "min_cluster_size": 15,
        "min_samples": 10,
        "allow_single_cluster": True,
        "cluster_selection_epsilon": 0.7,
        "cluster_selection_method": "leaf",
    },
    {"min_cluster_size": 450, "min_samples": 3, "allow_single_cluster": True},
]


def clumps(seed, n_columns=2):
    """Six clumps of different size and density in a fifth of noise."""
    rng = np.random.default_rng(seed)
    parts = [
        rng.normal(rng.uniform(-8, 8, n_columns), rng.uniform(0.3, 1.2), (rng.integers(50, 250), n_columns))
        for _ in range(6)
    ]
    parts.append(rng.uniform(-10, 10, (200, n_columns)))
    return np.vstack(parts).astype(np.float32)


def planted(seed, n_rows=1500, n_clusters=6):
    """Clusters far apart on a ring, and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_clusters, n_rows)
    angle = truth * 2 * np.pi / n_clusters
    return (np.stack([np.cos(angle), np.sin(angle)], 1) * 20 + rng.normal(size=(n_rows, 2))).astype(np.float32), truth


def fit_hdbscan(points, options):
    """hdbscan with an exact tree; its default is an approximate one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = hdbscan.HDBSCAN(
            **options, approx_min_span_tree=False, gen_min_span_tree=True, prediction_data=True, core_dist_n_jobs=1
        )
        return model.fit(points)


def by_cluster(labels, values):
    """Values of clusters by the first row of each, so that numbering does not matter."""
    return {int(np.flatnonzero(labels == number)[0]): value for number, value in enumerate(values)}


def check_equal(labels, probabilities, persistence, ours):
    assert adjusted_rand_score(labels, ours.labels) == 1.0
    np.testing.assert_array_equal(labels == -1, ours.labels == -1)
    np.testing.assert_allclose(ours.probabilities, probabilities, atol=1e-6)
    theirs = by_cluster(labels, persistence[: labels.max() + 1])
    assert by_cluster(ours.labels, ours.persistence) == pytest.approx(theirs, abs=1e-6)


def check_record(result, n_rows):
    """What holds for every clustering."""
    n_clusters = result.n_clusters
    dtypes = {"labels": np.int32, "probabilities": np.float32, "core_distances": np.float32, "selected": np.int32}
    for name, dtype in dtypes.items():
        assert getattr(result, name).dtype == dtype
    assert len(result.labels) == len(result.probabilities) == len(result.core_distances) == n_rows
    assert not np.isnan(result.probabilities).any()
    assert ((result.probabilities >= 0) & (result.probabilities <= 1)).all()
    assert (result.probabilities[result.labels == -1] == 0).all()
    assert set(result.labels.tolist()) - {-1} == set(range(n_clusters))
    counts = np.bincount(result.labels[result.labels >= 0], minlength=n_clusters)
    firsts = [int(np.flatnonzero(result.labels == number)[0]) for number in range(n_clusters)]
    assert sorted(zip(-counts, firsts, strict=True)) == list(zip(-counts, firsts, strict=True))
    assert len(result.persistence) == len(result.selected) == n_clusters
    assert (result.persistence >= 0).all()
    assert (result.selected >= n_rows).all()
    tree = result.condensed_tree
    np.testing.assert_array_equal(tree.child[:n_rows], np.arange(n_rows))
    np.testing.assert_array_equal(tree.child[n_rows:], np.arange(n_rows + 1, len(tree.child) + 1))
    assert (tree.parent < np.where(tree.child < n_rows, np.iinfo(np.int32).max, tree.child)).all()
    assert not np.isnan(tree.lambda_val).any()
    for part in (result.spanning_tree.weight, result.linkage_tree.distance):
        assert len(part) == max(n_rows - 1, 0)
        assert (np.diff(part) >= 0).all()


# --- by hand


def test_by_hand():
    points = [[0.0], [1.0], [3.0], [20.0], [21.0], [23.0], [90.0]]
    result = cluster(points, ClusteringParams(min_cluster_size=3, min_samples=1))
    assert result.labels.tolist() == [0, 0, 0, 1, 1, 1, -1]
    # a cluster of three can lose none: all fall when the third does, at distance 2
    assert result.probabilities.tolist() == [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0]
    # born at λ 1/17, dead at 1/2, which is also the largest λ of the tree
    assert result.persistence == pytest.approx([(1 / 2 - 1 / 17) / (1 / 2)] * 2)
    assert result.core_distances.tolist() == [1.0, 1.0, 2.0, 1.0, 1.0, 2.0, 67.0]
    assert result.selected.tolist() == [8, 9]
    assert result.condensed_tree.parent.tolist() == [8, 8, 8, 9, 9, 9, 7, 7, 7]
    assert result.condensed_tree.child_size.tolist() == [1] * 7 + [3, 3]


def test_min_samples_counts_other_rows():
    points = [[0.0], [1.0], [3.0], [6.0]]
    for min_samples, expected in [(1, [1, 1, 2, 3]), (2, [3, 2, 3, 5]), (3, [6, 5, 3, 6]), (9, [6, 5, 3, 6])]:
        result = cluster(points, ClusteringParams(min_cluster_size=2, min_samples=min_samples))
        assert result.core_distances.tolist() == expected
        assert result.min_samples == min(min_samples, 3)


# --- against hdbscan


@pytest.mark.parametrize("options", SETTINGS, ids=str)
def test_hierarchy_and_selection_equal_hdbscans_on_the_same_tree(options):
    params = ClusteringParams(**options)
    for seed, n_columns in enumerate([1, 2, 3, 5]):
        points = clumps(seed, n_columns)
        if seed % 2:
            points[:30] = points[0]  # duplicates: distance 0, λ inf
        ours = cluster(points, params)
        tree = ours.spanning_tree
        labels, probabilities, persistence, _, _ = reference_labels(
            None,
            reference_link(np.c_[tree.left, tree.right, tree.weight].astype(np.float64)),
            params.min_cluster_size,
            params.cluster_selection_method,
            params.allow_single_cluster,
            False,
            params.cluster_selection_epsilon,
        )
        check_equal(labels, probabilities, persistence, ours)


@pytest.mark.parametrize("options", SETTINGS, ids=str)
def test_equals_hdbscan_where_all_reachabilities_are_distinct(options):
    params = ClusteringParams(**{**options, "min_samples": 1})
    for seed, n_columns in enumerate([2, 3, 8]):
        points = clumps(seed + 10, n_columns)
        theirs = fit_hdbscan(points, dict(params))
        ours = cluster(points, params)
        check_equal(theirs.labels_, theirs.probabilities_, theirs.cluster_persistence_, ours)
        tree = theirs._condensed_tree
        ours_sorted = np.sort(np.rec.fromarrays([ours.condensed_tree.lambda_val, ours.condensed_tree.child_size]))
        theirs_sorted = np.sort(np.rec.fromarrays([tree["lambda_val"], tree["child_size"].astype(np.int32)]))
        np.testing.assert_allclose(ours_sorted.f0, theirs_sorted.f0, rtol=1e-6)
        np.testing.assert_array_equal(ours_sorted.f1, theirs_sorted.f1)


@pytest.mark.parametrize("min_samples", [2, 5, 15])
def test_core_distances_and_spanning_tree_equal_hdbscans(min_samples):
    points = clumps(3, 3)
    theirs = fit_hdbscan(points, {"min_samples": min_samples})
    ours = cluster(points, ClusteringParams(min_samples=min_samples))
    np.testing.assert_allclose(ours.spanning_tree.weight, theirs._min_spanning_tree[:, 2], rtol=1e-6)


@pytest.mark.parametrize("method", ["eom", "leaf"])
@pytest.mark.parametrize("min_samples", [3, 10, 40])
def test_labels_equal_hdbscans_on_clusters_apart(method, min_samples):
    # no cluster can split: equal reachabilities, which leave a choice at the borders of clusters, meet none here
    options = {"min_cluster_size": 150, "min_samples": min_samples, "cluster_selection_method": method}
    for seed in range(3):
        points, _ = planted(seed)
        theirs, ours = fit_hdbscan(points, options), cluster(points, ClusteringParams(**options))
        assert ours.n_clusters == 6
        assert adjusted_rand_score(theirs.labels_, ours.labels) >= 0.999
        np.testing.assert_allclose(ours.probabilities, theirs.probabilities_, atol=1e-4)
        persistence = by_cluster(theirs.labels_, theirs.cluster_persistence_)
        assert by_cluster(ours.labels, ours.persistence) == pytest.approx(persistence, abs=1e-4)


@pytest.mark.parametrize("method", ["eom", "leaf"])
def test_labels_are_as_near_to_hdbscans_as_its_own_on_reordered_rows(method):
    # where clusters touch, several joins are equally near (that of a core distance): hdbscan takes them as its sort
    # happens to leave them, so that its labels change with the order of the rows; ours cannot be nearer than that
    own, ours = [], []
    for seed in range(12):
        points = clumps(seed)
        options = {"min_cluster_size": 10, "min_samples": 5, "cluster_selection_method": method}
        shuffled = np.random.default_rng(seed).permutation(len(points))
        labels, reordered = fit_hdbscan(points, options).labels_, np.empty(len(points), int)
        reordered[shuffled] = fit_hdbscan(points[shuffled], options).labels_
        result = cluster(points, ClusteringParams(**options))
        own.append(adjusted_rand_score(labels, reordered))
        ours.append((adjusted_rand_score(labels, result.labels) + adjusted_rand_score(reordered, result.labels)) / 2)
    assert np.mean(ours) >= np.mean(own) - 0.02
    assert np.median(ours) >= np.median(own) - 0.002


@pytest.mark.realdata
def test_labels_equal_hdbscans_on_real_tracks(data_folder):
    import polars as pl

    columns = ["Energy", "Danceability", "Positiveness", "Acousticness", "Loudness", "Tempo"]
    tracks = pl.read_csv(data_folder / "light_spotify_dataset.csv", columns=columns).drop_nulls().unique()
    sample = tracks.sort(columns).gather_every(len(tracks) // 20_000).to_numpy().astype(np.float64)
    sample = (sample - sample.mean(axis=0)) / sample.std(axis=0)
    axes = np.linalg.eigh(sample.T @ sample)[1]
    points = (sample @ axes[:, -3:]).astype(np.float32)
    options = {"min_cluster_size": 50, "min_samples": 1}
    theirs, ours = fit_hdbscan(points, options), cluster(points, ClusteringParams(**options))
    assert adjusted_rand_score(theirs.labels_, ours.labels) >= 0.999
    np.testing.assert_allclose(ours.probabilities, theirs.probabilities_, atol=1e-4)


# --- properties


@settings(max_examples=25, derandomize=True, deadline=None)
@given(
    seed=st.integers(0, 1000),
    n_rows=st.integers(2, 150),
    n_columns=st.integers(1, 5),
    min_cluster_size=st.integers(2, 12),
    min_samples=st.integers(1, 12),
    method=st.sampled_from(["eom", "leaf"]),
)
def test_row_order_and_unit_change_nothing_but_numbers(
    seed, n_rows, n_columns, min_cluster_size, min_samples, method
):
    rng = np.random.default_rng(seed)
    points = (rng.normal(size=(n_rows, n_columns)) + rng.integers(0, 3, (n_rows, 1)) * 4).astype(np.float32)
    params = ClusteringParams(
        min_cluster_size=min_cluster_size, min_samples=min_samples, cluster_selection_method=method
    )
    result = cluster(points, params)
    check_record(result, n_rows)
    shuffled = rng.permutation(n_rows)
    other = cluster(points[shuffled], params)
    assert adjusted_rand_score(result.labels[shuffled], other.labels) == 1.0
    np.testing.assert_allclose(result.probabilities[shuffled], other.probabilities, rtol=1e-6)
    for exponent in (-60, 5, 90):
        scaled = cluster(np.ldexp(points, exponent), params)
        np.testing.assert_array_equal(scaled.labels, result.labels)
        np.testing.assert_array_equal(scaled.probabilities, result.probabilities)
        np.testing.assert_array_equal(scaled.core_distances, np.ldexp(result.core_distances, exponent))
        np.testing.assert_array_equal(
            scaled.condensed_tree.lambda_val, np.ldexp(result.condensed_tree.lambda_val, -exponent)
        )


@pytest.mark.parametrize("seed", range(5))
def test_translation_changes_nothing(seed):
    points = np.random.default_rng(seed).integers(0, 1 << 12, (400, 2)).astype(np.float32)  # exact when moved
    params = ClusteringParams(min_cluster_size=8)
    result, moved = cluster(points, params), cluster(points + np.float32(1 << 20), params)
    np.testing.assert_array_equal(result.labels, moved.labels)
    np.testing.assert_array_equal(result.probabilities, moved.probabilities)


@pytest.mark.parametrize("method", ["eom", "leaf"])
def test_equal_rows_share_their_cluster(method):
    points = np.repeat(clumps(4)[:500], 2, axis=0)
    result = cluster(points, ClusteringParams(min_cluster_size=10, min_samples=4, cluster_selection_method=method))
    assert result.n_clusters > 1
    np.testing.assert_array_equal(result.labels[::2], result.labels[1::2])
    np.testing.assert_array_equal(result.probabilities[::2], result.probabilities[1::2])


def test_a_heap_of_equal_rows_is_one_cluster():
    points, _ = planted(0, 600, 2)
    points[:100] = points[0]
    for method in ("eom", "leaf"):
        params = ClusteringParams(min_cluster_size=20, min_samples=5, cluster_selection_method=method)
        result = cluster(points, params)
        check_record(result, 600)
        assert len(set(result.labels[:100].tolist())) == 1
        assert result.labels[0] >= 0
        assert (result.probabilities[:100] == 1.0).all()


def test_same_bytes_for_any_number_of_threads():
    points = clumps(1)
    results = []
    for threads in (1, 2):
        with use_threads(threads):
            result = cluster(points, ClusteringParams(min_cluster_size=10))
            parts = (result.labels, result.probabilities, result.persistence, result.condensed_tree.lambda_val)
            results.append(b"".join(part.tobytes() for part in parts))
    assert results[0] == results[1]


def test_input_stays_as_it_was_and_any_array_will_do():
    points = clumps(2)
    before = points.copy()
    result = cluster(points, ClusteringParams(min_cluster_size=10))
    np.testing.assert_array_equal(points, before)
    for same in (points.tolist(), points.astype(np.float64), np.asfortranarray(points)):
        np.testing.assert_array_equal(cluster(same, ClusteringParams(min_cluster_size=10)).labels, result.labels)


def test_progress_rises_to_one():
    seen = []
    cluster(clumps(2), progress=lambda stage, fraction: seen.append((stage, fraction)))
    fractions = [fraction for _, fraction in seen]
    assert {stage for stage, _ in seen} == {"clustering"}
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


# --- floors, with a negative control


@pytest.mark.parametrize("seed", range(3))
def test_planted_clusters_are_found_and_uniform_noise_has_none(seed):
    points, truth = planted(seed)
    params = ClusteringParams(min_cluster_size=60, min_samples=10)
    result = cluster(points, params)
    assert result.n_clusters == 6
    assert adjusted_rand_score(truth, result.labels) >= 0.95
    assert (result.labels == -1).mean() <= 0.05
    noise = np.random.default_rng(seed).uniform(-20, 20, points.shape)
    control = cluster(noise, params)
    assert adjusted_rand_score(truth, control.labels) <= 0.02
    assert result.persistence.min() >= 2 * max([*control.persistence, 0.0])


# --- edges


@pytest.mark.parametrize("n_rows", [0, 1, 2, 3])
@pytest.mark.parametrize("method", ["eom", "leaf"])
@pytest.mark.parametrize("single", [False, True])
def test_very_few_rows(n_rows, method, single):
    points = np.arange(n_rows * 2, dtype=np.float32).reshape(n_rows, 2)
    for min_cluster_size in (2, 5):
        params = ClusteringParams(
            min_cluster_size=min_cluster_size, cluster_selection_method=method, allow_single_cluster=single
        )
        result = cluster(points, params)
        check_record(result, n_rows)
        if min_cluster_size > n_rows:
            assert (result.labels == -1).all()


@pytest.mark.parametrize("single", [False, True])
def test_larger_clusters_than_rows_are_all_noise(single):
    result = cluster(
        clumps(0), ClusteringParams(min_cluster_size=100_000, min_samples=5, allow_single_cluster=single)
    )
    assert (result.labels == -1).all()
    assert result.n_clusters == 0


@pytest.mark.parametrize("n_columns", [1, 3])
def test_all_rows_equal(n_columns):
    points = np.full((300, n_columns), 7.5)
    none = cluster(points)
    check_record(none, 300)
    assert (none.labels == -1).all()
    one = cluster(points, ClusteringParams(allow_single_cluster=True))
    check_record(one, 300)
    assert (one.labels == 0).all()
    assert (one.probabilities == 1.0).all()
    assert one.persistence.tolist() == [1.0]


@pytest.mark.parametrize("n_columns", [1, 12, 20])
def test_dimensions(n_columns):
    points = clumps(1, n_columns)
    result = cluster(points, ClusteringParams(min_cluster_size=30, min_samples=5))
    check_record(result, len(points))
    assert result.n_clusters >= 2


@pytest.mark.parametrize("epsilon", [0.1, 1e6])
def test_a_root_without_rows_above_epsilon_is_no_cluster(epsilon):
    params = ClusteringParams(
        min_cluster_size=600, min_samples=3, allow_single_cluster=True, cluster_selection_epsilon=epsilon
    )
    result = cluster(clumps(0, 5), params)
    check_record(result, len(result.labels))
    assert result.n_clusters == (1 if epsilon > 1 else 0)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([[0.0], [np.nan]], "points must be finite. Got NaN or infinite values .* in 1 of 2 rows, first in rows 1"),
        ([1.0, 2.0], r"points must have two dimensions .* Got shape \(2,\)"),
        ([["a"]], "points must be a numeric matrix"),
    ],
)
def test_wrong_points(points, message):
    with pytest.raises(InputError, match=message):
        cluster(points)


# --- a neighbor graph that is already there


def graph_of(points, k):
    return NeighborGraph(*nearest_rows(build_leaves(points), k, EUCLIDEAN))


@pytest.mark.parametrize("k", [5, 6, 40])
def test_a_given_graph_changes_nothing(k):
    points = clumps(5)
    params = ClusteringParams(min_cluster_size=12, min_samples=5)
    without, given_graph = cluster(points, params), cluster(points, params, neighbors=graph_of(points, k))
    np.testing.assert_array_equal(without.labels, given_graph.labels)
    np.testing.assert_array_equal(without.probabilities, given_graph.probabilities)
    np.testing.assert_array_equal(without.spanning_tree.weight, given_graph.spanning_tree.weight)


def test_a_wrong_graph_is_refused():
    points = clumps(5)
    graph = graph_of(points, 5)
    with pytest.raises(InputError, match=r"at least min_samples = 6 columns. Got 5. Build a wider graph"):
        cluster(points, ClusteringParams(min_samples=6), neighbors=graph)
    with pytest.raises(InputError, match=r"the graph of the points given, 10 rows. Got"):
        cluster(points[:10], neighbors=graph)
    with pytest.raises(InputError, match=r"Euclidean distances. Got the metric 'cosine'"):
        cluster(points, neighbors=NeighborGraph(graph.indices, graph.distances, "cosine"))


# --- new points


def reference_prediction(points, params, ours, new):
    """hdbscan's approximate_predict on our tree and our core distances (its own count one neighbor less)."""
    chosen = sorted(ours.selected.tolist())
    select = patch("hdbscan.plots.CondensedTree._select_clusters", lambda _: chosen)  # it guesses, from the labels
    with warnings.catch_warnings(), select:
        warnings.simplefilter("ignore")
        model = fit_hdbscan(points, dict(params))
        tree = ours.condensed_tree
        model._condensed_tree = np.zeros(len(tree.parent), model._condensed_tree.dtype)
        for field in ("parent", "child", "lambda_val", "child_size"):
            model._condensed_tree[field] = getattr(tree, field)
        model.generate_prediction_data()
        model.prediction_data_.core_distances = ours.core_distances.astype(np.float64)
        labels, probabilities = hdbscan.approximate_predict(model, new)
    number = {node: at for at, node in enumerate(ours.selected.tolist())}
    return np.array([number[chosen[label]] if label >= 0 else -1 for label in labels]), probabilities


@pytest.mark.parametrize("n_columns", [1, 2, 4])
@pytest.mark.parametrize(
    "options",
    [
        {"min_cluster_size": 10, "min_samples": 5},
        {"min_cluster_size": 10, "min_samples": 1, "cluster_selection_method": "leaf"},
        {"min_cluster_size": 20, "min_samples": 10, "cluster_selection_method": "leaf"},
        {"min_cluster_size": 3, "min_samples": 2, "cluster_selection_epsilon": 0.6},  # a deep tree below the clusters
    ],
    ids=str,
)
def test_prediction_equals_hdbscans(n_columns, options):
    rng = np.random.default_rng(n_columns)
    points, params = clumps(n_columns + 3, n_columns), ClusteringParams(**options)
    near = points[:300] + rng.normal(size=(300, n_columns)) * 0.1
    new = np.vstack([rng.uniform(-12, 12, (400, n_columns)), near]).astype(np.float32)
    ours = cluster(points, params)
    labels, probabilities = predict_clusters(ours, points, new)
    expected_labels, expected_probabilities = reference_prediction(points, params, ours, new)
    assert (labels.dtype, probabilities.dtype) == (np.int32, np.float32)
    np.testing.assert_array_equal(labels, expected_labels)
    np.testing.assert_allclose(probabilities, expected_probabilities, atol=1e-6)
    assert 0.05 < (labels >= 0).mean() < 0.95


@pytest.mark.parametrize("options", SETTINGS, ids=str)
def test_a_row_is_predicted_as_it_was_clustered(options):
    for points in (clumps(6), np.repeat(clumps(7)[:400], 3, axis=0)):
        result = cluster(points, ClusteringParams(**options))
        labels, probabilities = predict_clusters(result, points, points)
        np.testing.assert_array_equal(labels, result.labels)
        assert (probabilities >= result.probabilities - 1e-6).all()


def test_prediction_at_once_equals_one_by_one():
    points = clumps(8)
    result = cluster(points, ClusteringParams(min_cluster_size=15))
    new = np.random.default_rng(0).uniform(-9, 9, (60, 2)).astype(np.float32)
    labels, probabilities = predict_clusters(result, points, new)
    for row in range(len(new)):
        label, probability = predict_clusters(result, points, new[row : row + 1])
        assert (label[0], probability[0]) == (labels[row], probabilities[row])


def test_prediction_without_clusters_or_new_points():
    points = clumps(0)
    noise = cluster(points, ClusteringParams(min_cluster_size=5000, min_samples=3))
    labels, probabilities = predict_clusters(noise, points, points[:5])
    assert (labels.tolist(), probabilities.tolist()) == ([-1] * 5, [0.0] * 5)
    result = cluster(points, ClusteringParams(min_cluster_size=15))
    assert [len(part) for part in predict_clusters(result, points, np.empty((0, 2)))] == [0, 0]
    nothing = np.empty((0, 2))
    assert predict_clusters(cluster(nothing), nothing, points[:2])[0].tolist() == [-1, -1]


def test_wrong_new_points():
    points = clumps(0)
    result = cluster(points)
    with pytest.raises(InputError, match=r"new_points must have as many columns as points, 2. Got 3."):
        predict_clusters(result, points, np.zeros((4, 3)))
    with pytest.raises(InputError, match=r"points must be those that were clustered, .* Got 3 rows"):
        predict_clusters(result, points[:3], points)
    with pytest.raises(InputError, match="new_points must be finite"):
        predict_clusters(result, points, [[np.inf, 0.0]])
