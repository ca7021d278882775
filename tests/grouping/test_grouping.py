"""Groups at three scales: by hand, against plain twins, by their properties, on planted groups and on none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, ward
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from songscape.clustering import cluster
from songscape.config import ClusteringParams, GroupingParams
from songscape.errors import InputError, ParameterError
from songscape.grouping import cover, group
from songscape.grouping._cores import fill_noise, settle_centers
from songscape.grouping._group import SCALES
from songscape.grouping._membership import collect, directions, mixture_shares, nearby_shares, spread_around
from songscape.grouping._merging import merge_centers, regroup_centers
from songscape.kernels.centers import centers_of
from songscape.threads import use_threads

LEAF = ClusteringParams(min_cluster_size=10, min_samples=5, cluster_selection_method="leaf")


def planted(sizes=(400, 300, 200), seed=0, n_columns=3):
    """Clouds in clouds: for each size three near clouds of that many rows, far from those of the others."""
    rng = np.random.default_rng(seed)
    rows, truth = [], []
    for i, size in enumerate(sizes):
        for j in range(3):
            center = np.zeros(n_columns)
            center[i % n_columns] = 40.0
            center[(i + 1) % n_columns] = 8.0 * j
            rows.append(center + rng.normal(size=(size, n_columns)))
            truth += [3 * i + j] * size
    return np.concatenate(rows).astype(np.float32), np.array(truth)


def grouped(X, params=None, leaves=LEAF):
    return group(X, X, cluster(X, leaves), params or GroupingParams())


def check_groups(groups, n_rows):
    """Everything that holds for all groups."""
    assert [scale.name for scale in groups.scales] == list(SCALES)
    coarser = None
    for scale in groups.scales:
        n = scale.n_groups
        assert scale.labels.dtype == scale.nearest.dtype == scale.members.dtype == scale.parents.dtype == np.int32
        assert scale.strength.dtype == scale.weights.dtype == scale.persistence.dtype == np.float32
        assert scale.indptr.dtype == np.int64
        assert scale.is_core.dtype == bool
        assert len(scale.labels) == len(scale.nearest) == len(scale.strength) == len(scale.is_core) == n_rows
        assert (n == 0) == (n_rows == 0)
        sizes = np.bincount(scale.nearest, minlength=n)
        assert len(sizes) == n
        assert (sizes > 0).all()
        assert (np.diff(sizes) <= 0).all()
        first = np.array([np.flatnonzero(scale.nearest == g)[0] for g in range(n)])
        assert all(first[g] < first[g + 1] for g in range(n - 1) if sizes[g] == sizes[g + 1])
        covered = scale.labels >= 0
        assert (scale.labels[covered] == scale.nearest[covered]).all()
        assert covered.sum() >= groups.coverage * n_rows - 1e-6
        if not covered.all():
            assert scale.strength[~covered].max() < scale.strength[covered].min()
        check_memberships(scale)
        assert ((scale.persistence >= 0) & (scale.persistence <= 1)).all()
        if coarser is None:
            assert len(scale.parents) == 0
        else:
            assert n >= coarser.n_groups
            assert (scale.parents[scale.nearest] == coarser.nearest).all()
            assert set(scale.parents.tolist()) == set(range(coarser.n_groups))
            check_sums(scale, coarser)
        coarser = scale


def check_memberships(scale):
    counts = np.diff(scale.indptr)
    assert scale.indptr[0] == 0
    assert scale.indptr[-1] == len(scale.members) == len(scale.weights)
    assert counts.min(initial=0) >= 0
    assert counts.max(initial=0) <= 5
    assert ((scale.weights > 0) & (scale.weights <= 1)).all()
    assert ((scale.members >= 0) & (scale.members < scale.n_groups)).all()
    row = np.repeat(np.arange(len(counts)), counts)
    assert (np.bincount(row, scale.weights, len(counts)) <= 1.0 + 1e-9).all()
    same = row[1:] == row[:-1]
    assert (np.diff(scale.weights)[same] <= 0).all()
    assert len(np.unique(row.astype(np.int64) * (scale.n_groups + 1) + scale.members)) == len(row)
    own = np.zeros(len(counts), np.float32)
    held = scale.members == scale.nearest[row]
    own[row[held]] = scale.weights[held]
    np.testing.assert_array_equal(own, scale.strength)


def dense_matrix(scale):
    matrix = np.zeros((len(scale.labels), scale.n_groups))
    row = np.repeat(np.arange(len(scale.labels)), np.diff(scale.indptr))
    matrix[row, scale.members] = scale.weights
    return matrix


def check_sums(finer, coarser):
    """A membership in a group is the sum of those in the groups within it."""
    added = np.zeros((len(finer.labels), coarser.n_groups))
    np.add.at(added.T, finer.parents, dense_matrix(finer).T)
    np.testing.assert_allclose(added, dense_matrix(coarser), atol=1e-6)


# By hand


def test_votes_fill_noise():
    points = np.array([[0.0], [1.0], [2.0], [7.0], [8.0], [2.5], [6.9]], np.float32)
    labels = np.array([0, 0, 0, 1, 1, -1, -1], np.int32)
    before = labels.copy()
    # Fewer than 15 voters: all five vote, three of them for 0.
    assert fill_noise(points, labels).tolist() == [0, 0, 0, 1, 1, 0, 0]
    assert (labels == before).all()


def test_of_equal_votes_the_nearest_wins():
    points = np.array([[0.0], [1.0], [4.0], [5.0], [2.0], [3.0]], np.float32)
    labels = np.array([0, 0, 1, 1, -1, -1], np.int32)
    assert fill_noise(points, labels).tolist() == [0, 0, 1, 1, 0, 1]


def test_only_the_fifteen_nearest_vote():
    points = np.concatenate([np.full(15, 1.0), np.full(40, 9.0), [0.0]])[:, None].astype(np.float32)
    labels = np.array([0] * 15 + [1] * 40 + [-1], np.int32)
    assert fill_noise(points, labels)[-1] == 0


def test_sizes_count_in_a_merge():
    centers = np.array([[0.0], [1.0], [3.0]])
    assert merge_centers(centers, np.array([1.0, 1.0, 1.0]), 2).tolist() == [0, 0, 1]
    # 100 · 100 / 200 · 1 = 50 against 100 · 1 / 101 · 4 = 3.96
    assert merge_centers(centers, np.array([100.0, 100.0, 1.0]), 2).tolist() == [0, 1, 1]
    assert merge_centers(centers, np.ones(3), 3).tolist() == [0, 1, 2]
    assert merge_centers(centers, np.ones(3), 9).tolist() == [0, 1, 2]
    assert merge_centers(centers, np.ones(3), 1).tolist() == [0, 0, 0]


@pytest.mark.parametrize("n_groups", [1, 2, 5, 17, 40])
def test_merges_are_those_of_scipy(n_groups):
    centers = np.random.default_rng(n_groups).normal(size=(40, 3))
    ours = merge_centers(centers, np.ones(40), n_groups)
    theirs = fcluster(ward(centers), n_groups, "maxclust")
    assert adjusted_rand_score(ours, theirs) == 1.0


def test_merging_weighs_a_center_as_that_many_rows():
    rng = np.random.default_rng(3)
    centers, sizes = rng.normal(size=(12, 2)), rng.integers(1, 6, 12)
    repeated = np.repeat(centers, sizes, axis=0)
    for n_groups in (2, 4, 7):
        ours = np.repeat(merge_centers(centers, sizes.astype(float), n_groups), sizes)
        assert adjusted_rand_score(ours, fcluster(ward(repeated), n_groups, "maxclust")) == 1.0


def test_merges_keep_to_their_block():
    centers = np.array([[0.0], [0.1], [0.2], [5.0], [9.0]])
    blocks = np.array([0, 1, 0, 1, 1], np.int32)
    assert merge_centers(centers, np.ones(5), 4, blocks).tolist() == [0, 1, 0, 2, 3]
    assert merge_centers(centers, np.ones(5), 3, blocks).tolist() == [0, 1, 0, 2, 2]
    assert merge_centers(centers, np.ones(5), 1, blocks).tolist() == [0, 1, 0, 1, 1]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), n_groups=st.integers(1, 9), n_columns=st.integers(1, 4))
def test_the_largest_fine_membership_is_that_of_the_nearest_center(seed, n_groups, n_columns):
    """So it is the row's own group exactly where its own center is nearest, whatever group the row was put in."""
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(n_groups, n_columns))
    rows = rng.normal(size=(80, n_columns)).astype(np.float32)
    distances = ((rows[:, None] - centers.astype(np.float32)[None]) ** 2).sum(axis=2)
    own = rng.integers(0, n_groups, 80).astype(np.int32)
    found = collect(*nearby_shares(rows, centers, own, spread_around(rows, centers, own)), own)
    for row in range(80):
        part = slice(found.indptr[row], found.indptr[row + 1])
        held = dict(zip(found.members[part].tolist(), found.weights[part].tolist(), strict=True))
        assert held.get(int(own[row]), 0.0) == found.strength[row]
        if held and np.diff(np.sort(distances[row])[:2]).min(initial=1.0) > 1e-5:
            assert max(held, key=held.get) == distances[row].argmin()


@settings(max_examples=10, deadline=None, derandomize=True)
@given(seed=st.integers(0, 1000))
def test_rows_of_a_larger_membership_elsewhere_are_few_and_weak(seed):
    """A row's group counts coarser scales in, its memberships do not; they part at borders only."""
    X = np.random.default_rng(seed).normal(size=(1500, 4)).astype(np.float32)
    for scale in grouped(X, GroupingParams(n_coarse=4, n_middle=9, n_fine=20)).scales:
        held = np.diff(scale.indptr) > 0
        first = np.where(held, scale.members[np.minimum(scale.indptr[:-1], len(scale.members) - 1)], scale.nearest)
        elsewhere = first != scale.nearest
        assert elsewhere.mean() < 0.35
        if elsewhere.any() and not elsewhere.all():
            assert scale.strength[elsewhere].mean() < scale.strength[~elsewhere].mean()
            assert scale.strength[elsewhere].max() <= 0.5


@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 1000), n_fine=st.integers(20, 60))
def test_no_fine_group_has_fewer_than_ten_rows(seed, n_fine):
    rng = np.random.default_rng(seed)
    X = np.concatenate([rng.normal(size=(600, 3)), rng.normal(size=(40, 3)) * 4.0]).astype(np.float32)
    groups = grouped(X, GroupingParams(n_coarse=3, n_middle=9, n_fine=n_fine))
    check_groups(groups, len(X))
    assert np.bincount(groups.scale("fine").nearest).min() >= 10


def test_regrouping_undoes_what_merging_could_not():
    # Ward joins 0 with 1 first, and cannot part them again: of two groups that would be a bad start.
    centers, sizes = np.array([[-1.4], [0.0], [1.0], [2.4]]), np.array([9.0, 1.0, 1.0, 9.0])
    merged = merge_centers(centers, sizes, 3)
    assert merged.tolist() == [0, 1, 1, 2]
    assert regroup_centers(centers, sizes, np.array([0, 0, 0, 1], np.int32)).tolist() == [0, 0, 1, 1]
    assert regroup_centers(centers, sizes, np.zeros(4, np.int32)).tolist() == [0, 0, 0, 0]
    assert regroup_centers(centers, sizes, np.arange(4, dtype=np.int32)).tolist() == [0, 1, 2, 3]


def test_regrouping_is_about_as_good_as_scikit_learn():
    rng = np.random.default_rng(5)
    centers, sizes = rng.normal(size=(60, 3)), rng.integers(1, 50, 60).astype(float)
    ours = regroup_centers(centers, sizes, merge_centers(centers, sizes, 6))
    theirs = KMeans(6, n_init=40, random_state=0).fit(centers, sample_weight=sizes)
    means = np.stack([np.average(centers[ours == g], axis=0, weights=sizes[ours == g]) for g in range(6)])
    assert (sizes * ((centers - means[ours]) ** 2).sum(axis=1)).sum() <= 1.02 * theirs.inertia_


def test_centers_settle_where_lloyd_ends():
    X, _ = planted(sizes=(60, 50))
    start = X[[0, 5, 300]].astype(np.float64)
    theirs = KMeans(3, init=start, n_init=1, max_iter=100, tol=0.0, algorithm="lloyd").fit(X).cluster_centers_
    np.testing.assert_allclose(settle_centers(X, start), theirs, atol=1e-4)


def test_a_center_without_rows_stays():
    X = np.array([[0.0], [2.0]], np.float32)
    assert settle_centers(X, np.array([[1.0], [50.0]])).tolist() == [[1.0], [50.0]]


def test_shares_by_hand():
    # D = 1 and two directions: 2s² = 1, the noise cluster at 2.
    squares = np.array([[1.0, 2.0], [1.0, 50.0]])
    e = np.exp
    total = e(-1.0) + 2 * e(-2.0)
    np.testing.assert_allclose(
        mixture_shares(squares, 1.0, 2.0),
        [[e(-1.0) / total, e(-2.0) / total], [e(-1.0) / (e(-1.0) + e(-2.0)), 0.0]],
    )


def test_a_far_row_belongs_nowhere():
    assert mixture_shares(np.array([[500.0, 600.0]]), 1.0, 3.0).tolist() == [[0.0, 0.0]]


def test_shares_of_rows_on_their_centers():
    assert mixture_shares(np.array([[0.0, 3.0], [0.0, 0.0]]), 0.0, 1.0).tolist() == [[1.0, 0.0], [1.0, 0.0]]


def test_the_own_group_is_always_among_those_near():
    rows = np.array([[0.0], [1.0], [10.0]], np.float32)
    centers = np.arange(8.0)[:, None]
    own = np.array([6, 1, 7], np.int32)
    near, shares = nearby_shares(rows, centers, own, spread_around(rows, centers, own))
    assert near.tolist() == [[0, 1, 2, 3, 6], [1, 0, 2, 3, 4], [7, 6, 5, 4, 3]]
    # D = (36 + 0 + 9) / 3 = 15 and one direction.
    expected = np.exp(-np.array([0.0, 1.0, 4.0, 9.0, 36.0]) / 30.0)
    np.testing.assert_allclose(shares[0], expected / (expected.sum() + np.exp(-1.0)))


def test_directions():
    rng = np.random.default_rng(0)
    assert directions(rng.normal(size=(100_000, 6))) == pytest.approx(6.0, abs=0.01)
    assert directions(np.outer(rng.normal(size=50), [1.0, 2.0])) == pytest.approx(1.0)
    assert directions(np.zeros((5, 3))) == 1.0


def test_shares_of_equal_groups_add_up():
    found = collect(
        np.array([[2, 0, 2], [1, 0, 1]], np.int32),
        np.array([[0.25, 0.375, 0.25], [0.5, 0.0, 0.0]]),
        np.array([2, 1], np.int32),
    )
    assert found.indptr.tolist() == [0, 2, 3]
    assert found.members.tolist() == [2, 0, 1]
    assert found.weights.tolist() == [0.5, 0.375, 0.5]
    assert found.strength.tolist() == [0.5, 0.5]


def test_a_row_weighs_the_centers_of_all_scales():
    """A row that is a little nearer to one fine group goes to another, whose coarser group is nearer by far."""
    columns = [np.linspace(at, at + 1.0, 20) for at in (-1.5, 3.0, 7.0, 10.0)]
    X = np.concatenate([*columns, [5.3]])[:, None].astype(np.float32)
    scale = grouped(X, GroupingParams(n_coarse=2, n_middle=2)).scale("fine")
    # Of the fine centers 3.5 is nearer than 7.5, of the coarse ones 9 is nearer than 1.25:
    # 1.8² + 6 · 4.05² = 101.7 against 2.2² + 6 · 3.7² = 87.0.
    assert scale.n_groups == 4
    assert scale.nearest[-1] == scale.nearest[50]


def test_rows_and_centers_follow_each_other_to_a_lower_cost():
    """What three nested scales at once lower is Σ 4 c² + 2 m² + f², below what it is with the leaves' centers."""
    X = np.random.default_rng(2).normal(size=(3000, 3)).astype(np.float32)
    found = cluster(X, LEAF)
    groups = group(X, X, found, GroupingParams(n_coarse=3, n_middle=8, n_fine=20))

    def cost(scales):
        centers = [
            np.stack([X[labels == g].mean(axis=0) for g in range(labels.max() + 1)])[labels] for labels in scales
        ]
        return sum(w * ((X - c) ** 2).sum() for w, c in zip((4.0, 2.0, 1.0), centers, strict=True))

    ends = cost([scale.nearest for scale in groups.scales])
    filled = fill_noise(X, found.labels)
    centers, sizes = centers_of(X, filled, found.n_clusters)
    begins = cost([merge_centers(centers, sizes, k)[filled] for k in (3, 8, 20)])
    assert ends < 0.97 * begins


# Planted groups, and none


def test_planted_groups_are_found():
    X, truth = planted()
    groups = grouped(X, GroupingParams(n_coarse=3, n_middle=9, coverage=1.0))
    check_groups(groups, len(X))
    assert [scale.n_groups for scale in groups.scales][:2] == [3, 9]
    assert adjusted_rand_score(truth // 3, groups.scale("coarse").labels) == 1.0
    assert adjusted_rand_score(truth, groups.scale("middle").labels) > 0.98
    assert np.bincount(groups.scale("coarse").labels).tolist() == [1200, 900, 600]


def test_permuted_columns_hold_no_planted_groups():
    """The negative control of the floor above."""
    X, truth = planted()
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.permutation(column) for column in X.T])
    groups = grouped(X, GroupingParams(n_coarse=3, n_middle=9, coverage=1.0))
    assert abs(adjusted_rand_score(truth // 3, groups.scale("coarse").labels)) < 0.05


def test_a_row_between_groups_is_weak_and_left_out_first():
    X, _ = planted(sizes=(300,))
    between = np.array([[40.0, 4.0, 0.0], [-60.0, 0.0, 0.0]], np.float32)
    groups = grouped(np.concatenate([X, between]), GroupingParams(n_coarse=3, coverage=0.98))
    scale = groups.scale("coarse")
    assert scale.labels[-2:].tolist() == [-1, -1]
    assert (scale.nearest[-2:] >= 0).all()
    assert scale.strength[-2] < 0.6
    assert scale.strength[-1] == 0.0
    assert np.diff(scale.indptr)[-2:].tolist() == [2, 0]
    assert np.median(scale.strength) > 0.75


def test_cores_are_what_the_clustering_held():
    X, _ = planted()
    found = cluster(X, LEAF)
    groups = group(X, X, found, GroupingParams())
    assert 0.0 < np.mean(found.labels < 0) < 1.0
    for scale in groups.scales:
        np.testing.assert_array_equal(scale.is_core, found.labels >= 0)


def test_persistence_is_the_mean_of_the_leaves():
    X, _ = planted(sizes=(100,))
    found = cluster(X, LEAF)
    whole = group(X, X, found, GroupingParams(n_coarse=1, n_middle=1, n_fine=1)).scale("coarse")
    counts = np.bincount(found.labels[found.labels >= 0])
    assert whole.persistence.tolist() == pytest.approx([np.average(found.persistence, weights=counts)])


# Properties


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    st.integers(0, 120), st.integers(1, 4), st.floats(0.3, 1.0), st.integers(1, 6), st.booleans(), st.integers(0, 99)
)
def test_all_groups_hold_what_they_promise(n_rows, n_columns, coverage, n_coarse, rounded, seed):
    rng = np.random.default_rng(seed)
    X = (rng.normal(size=(n_rows, n_columns)) + rng.integers(0, 3, (n_rows, 1)) * 6.0).astype(np.float32)
    X = X.round(0) if rounded else X
    params = GroupingParams(n_coarse=n_coarse, n_middle=2 * n_coarse, n_fine=8, coverage=coverage)
    leaves = ClusteringParams(min_cluster_size=5, min_samples=3, cluster_selection_method="leaf")
    check_groups(grouped(X, params, leaves), n_rows)


@pytest.mark.parametrize("n_rows", [0, 1, 2, 9, 50])
def test_few_rows(n_rows):
    X = np.random.default_rng(0).normal(size=(n_rows, 3)).astype(np.float32)
    groups = grouped(X)
    check_groups(groups, n_rows)
    if 0 < n_rows < 10:
        assert [scale.n_groups for scale in groups.scales] == [1, 1, 1]
        assert not groups.scale("fine").is_core.any()


@pytest.mark.parametrize("n_rows", [1, 40, 3000])
def test_equal_rows_are_one_group(n_rows):
    groups = grouped(np.ones((n_rows, 2), np.float32))
    check_groups(groups, n_rows)
    for scale in groups.scales:
        assert scale.n_groups == 1
        assert (scale.labels == 0).all()
        assert (scale.strength == 1.0).all()


def test_several_rows_many_times():
    X = np.repeat(np.arange(12.0)[:, None] ** 2, 30, axis=0).astype(np.float32)
    groups = grouped(X, GroupingParams(n_coarse=3))
    check_groups(groups, len(X))
    assert [scale.n_groups for scale in groups.scales] == [3, 12, 12]


def test_no_group_has_fewer_than_ten_rows():
    X = np.random.default_rng(1).normal(size=(1500, 4)).astype(np.float32)
    leaves = ClusteringParams(min_cluster_size=3, min_samples=2, cluster_selection_method="leaf")
    scale = grouped(X, leaves=leaves).scale("fine")
    assert scale.n_groups > 20
    assert np.bincount(scale.nearest).min() >= 10


def test_the_order_of_rows_changes_only_numbers():
    X, _ = planted(seed=4)
    order = np.random.default_rng(0).permutation(len(X))
    one, other = grouped(X), grouped(X[order])
    for a, b in zip(one.scales, other.scales, strict=True):
        assert adjusted_rand_score(a.nearest[order], b.nearest) > 0.999
        np.testing.assert_allclose(a.strength[order], b.strength, atol=1e-4)


@pytest.mark.parametrize("factor", [2.0**-70, 2.0**70])
def test_the_unit_of_features_does_not_matter(factor):
    X, _ = planted(sizes=(60, 50))
    for a, b in zip(grouped(X).scales, grouped(X * np.float32(factor)).scales, strict=True):
        np.testing.assert_array_equal(a.labels, b.labels)
        np.testing.assert_array_equal(a.weights, b.weights)


def test_the_same_bytes_on_one_and_two_threads():
    X, _ = planted(seed=5)
    found = cluster(X, LEAF)
    results = []
    for n_threads in (1, 2):
        with use_threads(n_threads):
            results.append(group(X, X, found))
    for a, b in zip(results[0].scales, results[1].scales, strict=True):
        for name in ("labels", "nearest", "strength", "is_core", "indptr", "members", "weights", "parents"):
            assert getattr(a, name).tobytes() == getattr(b, name).tobytes(), name


def test_inputs_stay_as_they_are():
    X, _ = planted(sizes=(50,))
    found = cluster(X, LEAF)
    before = X.copy(), found.labels.copy(), found.persistence.copy()
    groups = group(X, X, found)
    labels = groups.scale("fine").labels.copy()
    cover(groups, 0.5)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(found.labels, before[1])
    np.testing.assert_array_equal(found.persistence, before[2])
    np.testing.assert_array_equal(groups.scale("fine").labels, labels)


def test_progress_rises_to_one():
    X, _ = planted(sizes=(50,))
    seen = []
    group(X, X, cluster(X, LEAF), progress=lambda stage, fraction: seen.append((stage, fraction)))
    assert {stage for stage, _ in seen} == {"groups"}
    fractions = [fraction for _, fraction in seen]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    assert fractions[-1] == 1.0


# The dial


@pytest.mark.parametrize("coverage", [0.01, 0.6, 0.95, 1.0])
def test_coverage_is_met_and_changes_nothing_else(coverage):
    X, _ = planted(sizes=(100, 80))
    groups = grouped(X)
    other = cover(groups, coverage)
    check_groups(other, len(X))
    for a, b in zip(groups.scales, other.scales, strict=True):
        assert b.nearest is a.nearest
        assert b.weights is a.weights
        assert np.mean(b.labels >= 0) == pytest.approx(coverage, abs=0.01)
    again = grouped(X, GroupingParams(coverage=coverage))
    for a, b in zip(again.scales, other.scales, strict=True):
        np.testing.assert_array_equal(a.labels, b.labels)


def test_more_coverage_only_adds_rows():
    X, _ = planted(sizes=(100, 80))
    groups = grouped(X)
    less, more = cover(groups, 0.7), cover(groups, 0.9)
    for a, b in zip(less.scales, more.scales, strict=True):
        assert (b.labels[a.labels >= 0] == a.labels[a.labels >= 0]).all()


def test_shares_of_rows_that_are_no_float():
    X = np.concatenate([np.linspace(0, 1, 20), np.linspace(5, 6, 20)])[:, None].astype(np.float32)
    assert (cover(grouped(X), 0.7).scale("coarse").labels >= 0).sum() == 28


@pytest.mark.parametrize("coverage", [0, -0.5, 1.01, float("nan"), "much", True])
def test_a_wrong_coverage(coverage):
    groups = grouped(np.ones((3, 1), np.float32))
    with pytest.raises(ParameterError, match=r"'coverage' parameter must be a float in \(0.0, 1.0\]"):
        cover(groups, coverage)


def test_targets_never_rise_from_fine_to_coarse():
    X, _ = planted(sizes=(100, 80))
    groups = grouped(X, GroupingParams(n_coarse=50, n_middle=4, n_fine=3))
    assert [scale.n_groups for scale in groups.scales] == [3, 3, 3]


# What is refused


def test_wrong_numbers_of_rows():
    X = np.zeros((5, 2), np.float32)
    with pytest.raises(InputError, match=r"equally many rows\. Got 5, 4 and 5"):
        group(X, X[:4], cluster(X))
    with pytest.raises(InputError, match=r"equally many rows\. Got 5, 5 and 4"):
        group(X, X, cluster(X[:4]))


def test_numbers_that_are_none():
    X = np.zeros((5, 2), np.float32)
    with pytest.raises(InputError, match="points must be finite"):
        group(X, np.full((5, 2), np.nan), cluster(X))
