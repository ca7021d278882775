"""Mean distances to clusters, each beside a NumPy twin that measures all pairs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from songscape.kernels import silhouette
from songscape.kernels.silhouette import _list_candidates, cluster_moments, mean_distances, nearest_means, own_sums
from songscape.kernels.tiles import TILE, build_tiles, thinned
from songscape.threads import use_threads


def rows_of(tiles):
    return tiles.points[tiles.places]


def all_distances(tiles):
    rows = rows_of(tiles).astype(float)
    return np.sqrt(((rows[:, None] - rows[None]) ** 2).sum(axis=2))


def twin_means(tiles, groups):
    """Mean distance from each row to each cluster."""
    distances = all_distances(tiles)
    return np.stack([distances[:, groups == group].mean(axis=1) for group in range(len(tiles.sizes))], axis=1)


def sample(n_rows, n_clusters, n_features=5, seed=0, apart=1.0):
    rng = np.random.default_rng(seed)
    groups = np.append(np.arange(n_clusters), rng.integers(0, n_clusters, n_rows - n_clusters)).astype(np.int32)
    points = rng.normal(size=(n_rows, n_features)) + apart * rng.normal(size=(n_clusters, n_features))[groups]
    return build_tiles(points, groups), groups


def test_moments_are_those_of_numpy():
    tiles, groups = sample(1500, 4)
    moments = cluster_moments(tiles)
    for group in range(4):
        rows = tiles.points[tiles.places[groups == group]].astype(float)
        offsets = rows - rows.mean(axis=0)
        squares = (offsets**2).sum(axis=1)
        np.testing.assert_allclose(moments.centroids[:, group], rows.mean(axis=0), atol=1e-12)
        np.testing.assert_allclose(moments.covariance[group], offsets.T @ offsets / len(rows), atol=1e-12)
        np.testing.assert_allclose(moments.skew[group], (offsets * squares[:, None]).mean(axis=0), atol=1e-12)
        assert moments.second[group] == pytest.approx(squares.mean())
        assert moments.fourth[group] == pytest.approx((squares**2).mean())


@pytest.mark.parametrize(("n_rows", "n_clusters"), [(1, 1), (3, 2), (700, 1), (2000, 9), (1200, 400)])
def test_own_sums_are_those_of_the_twin(n_rows, n_clusters):
    tiles, groups = sample(n_rows, n_clusters)
    twin = (all_distances(tiles) * (groups[:, None] == groups)).sum(axis=1)
    np.testing.assert_allclose(own_sums(tiles)[tiles.places], twin, rtol=1e-6, atol=1e-9)


def test_own_sums_of_a_cluster_large_enough_for_parts():
    tiles, groups = sample(2 * 8 * TILE * 2 + 77, 2)
    assert silhouette._pairs_of_parts(tiles)[:, 5].max() > 0
    sums = own_sums(tiles)[tiles.places]
    rows = tiles.points[tiles.places].astype(float)
    for i in (0, 1, 500, len(rows) - 1):
        near = rows[groups == groups[i]]
        assert sums[i] == pytest.approx(np.sqrt(((near - rows[i]) ** 2).sum(axis=1)).sum(), rel=1e-6)


def test_parts_cover_each_pair_of_tiles_once():
    tiles, _ = sample(2 * 8 * TILE * 3, 3)
    seen = np.zeros((len(tiles.lanes), len(tiles.lanes)), int)
    for begin, end, near, far, _, _ in silhouette._pairs_of_parts(tiles).tolist():
        for first in range(begin // TILE, -(-end // TILE)):
            for second in range(max(near, first), far):
                seen[first, second] += 1
    cluster = np.repeat(np.arange(3), np.diff(tiles.firsts))
    assert np.array_equal(seen, np.triu(cluster[:, None] == cluster).astype(int))


def test_mean_distances_are_those_of_the_twin():
    tiles, groups = sample(1300, 6)
    rng = np.random.default_rng(1)
    rows, clusters = rng.integers(0, 1300, 4000), rng.integers(0, 6, 4000).astype(np.int32)
    means = mean_distances(tiles, tiles.points[tiles.places[rows]], clusters)
    np.testing.assert_allclose(means, twin_means(tiles, groups)[rows, clusters], rtol=1e-6)


def test_mean_distances_of_nothing_are_nothing():
    tiles, _ = sample(20, 2)
    assert len(mean_distances(tiles, tiles.points[:0], np.empty(0, np.int32))) == 0


@pytest.mark.parametrize("apart", [0.0, 0.3, 2.0, 20.0])
@pytest.mark.parametrize(("n_rows", "n_clusters"), [(3, 2), (900, 2), (1500, 12), (1200, 400)])
def test_nearest_means_are_those_of_the_twin(n_rows, n_clusters, apart):
    tiles, groups = sample(n_rows, n_clusters, apart=apart)
    twin = twin_means(tiles, groups)
    twin[np.arange(n_rows), groups] = np.inf
    np.testing.assert_allclose(nearest_means(tiles, rows_of(tiles), groups), twin.min(axis=1), rtol=1e-6)


def test_clusters_that_lie_apart_are_not_measured(monkeypatch):
    tiles, groups = sample(4000, 40, n_features=8, apart=2.0)
    measured = 0

    def counting(tiles, points, clusters):
        nonlocal measured
        measured += int(tiles.sizes[clusters].sum())
        return mean_distances(tiles, points, clusters)

    monkeypatch.setattr(silhouette, "mean_distances", counting)
    nearest_means(tiles, rows_of(tiles), groups)
    assert 4000 * 4000 / 40 * 0.5 < measured < 4000 * 4000 / 40 * 4  # of 40 clusters, fewer than four


coordinates = st.one_of(st.integers(-3, 3).map(float), st.floats(-4, 4, width=32))


@given(
    arrays(np.float64, st.tuples(st.integers(2, 30), st.integers(1, 7)), elements=coordinates),
    st.lists(st.integers(0, 5), min_size=30, max_size=30),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_bounds_never_exceed_the_mean_and_come_in_order(points, labels):
    groups = np.unique(labels[: len(points)], return_inverse=True)[1].astype(np.int32)
    tiles = build_tiles(points, groups)
    n_rows, n_clusters = len(points), len(tiles.sizes)
    twin = twin_means(tiles, groups)
    twin[np.arange(n_rows), groups] = np.inf
    if n_clusters < 2:
        return
    after_bound, after_cluster = np.full(n_rows, -1.0), np.full(n_rows, -1, np.int32)
    listed = [set() for _ in range(n_rows)]
    for _ in range(2):
        clusters, bounds = _list_candidates(
            cluster_moments(tiles), rows_of(tiles), groups, after_bound, after_cluster
        )
        for i in range(n_rows):
            for cluster, bound in zip(clusters[i], bounds[i], strict=True):
                if cluster >= 0:
                    assert bound <= twin[i, cluster] * (1 + 1e-6) + 1e-9
                    assert cluster not in listed[i]
                    listed[i].add(int(cluster))
        assert np.all(bounds[:, :-1] <= bounds[:, 1:])
        after_bound, after_cluster = bounds[:, -1], clusters[:, -1]
    for i in range(n_rows):  # nothing better was left out
        best = twin[i].min()
        assert groups[i] not in listed[i]
        assert min(twin[i, cluster] for cluster in listed[i]) <= best + 1e-9


def test_any_number_of_threads_gives_the_same_bytes():
    samples = [sample(2 * 8 * TILE * 2, 2), sample(3000, 50, apart=0.2)]

    def results():
        return [own_sums(tiles) for tiles, _ in samples] + [
            nearest_means(tiles, rows_of(tiles), groups) for tiles, groups in samples
        ]

    with use_threads(1):
        one = results()
    with use_threads(3):
        three = results()
    for a, b in zip(one, three, strict=True):
        assert a.tobytes() == b.tobytes()


def test_points_may_be_measured_against_a_part_of_the_rows():
    tiles, groups = sample(1500, 5)
    rows = np.flatnonzero(np.random.default_rng(3).random(1500) < 0.3)
    part = thinned(tiles, groups, rows)
    np.testing.assert_array_equal(rows_of(part), rows_of(tiles)[rows])
    gaps = rows_of(tiles).astype(float)[:, None] - rows_of(part).astype(float)[None]
    distances = np.sqrt((gaps**2).sum(axis=2))
    twin = np.stack([distances[:, groups[rows] == group].mean(axis=1) for group in range(5)], axis=1)
    np.testing.assert_allclose(mean_distances(part, rows_of(tiles), groups), twin[np.arange(1500), groups], rtol=1e-6)
    twin[np.arange(1500), groups] = np.inf
    np.testing.assert_allclose(nearest_means(part, rows_of(tiles), groups), twin.min(axis=1), rtol=1e-6)
