"""Spaces, leaves and groups joined; the price of coverage."""

import numpy as np
import pytest

from songscape.atlas.grouping import COVERAGES, coverage_prices, dense_map, group_songs
from songscape.config import GroupingParams
from songscape.neighbors import build_neighbors
from songscape.threads import use_threads


def clouds(n_rows=600, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n_rows)
    return (rng.normal(size=(n_rows, 4)) + 9.0 * np.eye(4)[truth]).astype(np.float32), truth


@pytest.mark.parametrize("space", ["map", "dense", "features"])
def test_every_space_finds_clouds(space):
    X, truth = clouds()
    groups = group_songs(X, build_neighbors(X, 29), X[:, :2], GroupingParams(space=space, n_coarse=3))
    assert groups.space == space
    nearest = groups.scale("coarse").nearest
    assert (truth[nearest == nearest[0]] == truth[0]).mean() > 0.95


def test_a_narrow_graph_is_built_anew():
    X, _ = clouds()
    np.testing.assert_array_equal(dense_map(X, build_neighbors(X, 5)), dense_map(X, build_neighbors(X, 29)))


@pytest.mark.parametrize("metric", ["cosine", "correlation"])
def test_directions_are_grouped_as_directions(metric):
    X, _ = clouds()
    longer = X * np.linspace(1.0, 50.0, len(X), dtype=np.float32)[:, None]
    params = GroupingParams(space="features", n_coarse=3)
    one, other = (group_songs(rows, build_neighbors(rows, 15, metric), rows, params) for rows in (X, longer))
    assert (one.scale("coarse").nearest == other.scale("coarse").nearest).mean() > 0.99


@pytest.mark.parametrize("space", ["map", "dense", "features"])
@pytest.mark.parametrize("n_rows", [0, 1, 2, 12])
def test_few_songs(space, n_rows):
    X = np.random.default_rng(0).normal(size=(n_rows, 3)).astype(np.float32)
    groups = group_songs(X, build_neighbors(X, 15), X[:, :2], GroupingParams(space=space))
    assert all(scale.n_groups == min(n_rows, 1) for scale in groups.scales)
    prices = coverage_prices(X, groups, "fine", np.zeros(n_rows, int))
    assert [price["silhouette"] for price in prices] == [None] * len(COVERAGES)


def test_the_same_bytes_on_one_and_two_threads():
    X, _ = clouds()
    results = []
    for n_threads in (1, 2):
        with use_threads(n_threads):
            results.append(group_songs(X, build_neighbors(X, 29), X, GroupingParams(space="dense")))
    for one, two in zip(results[0].scales, results[1].scales, strict=True):
        assert one.labels.tobytes() == two.labels.tobytes()
        assert one.weights.tobytes() == two.weights.tobytes()


def test_progress_rises_to_one():
    X, _ = clouds(100)
    seen = []
    params = GroupingParams(space="dense")
    group_songs(X, build_neighbors(X, 29), X, params, progress=lambda stage, part: seen.append((stage, part)))
    assert {stage for stage, _ in seen} == {"groups"}
    assert [part for _, part in seen] == sorted(part for _, part in seen)
    assert seen[-1][1] == 1.0


def test_what_coverage_costs():
    X, truth = clouds()
    groups = group_songs(X, build_neighbors(X, 29), X[:, :2], GroupingParams(space="features", n_coarse=3))
    prices = coverage_prices(X, groups, "coarse", truth)
    assert [price["coverage"] for price in prices] == list(COVERAGES)
    assert prices[-1]["purity"] > 0.95
    assert prices[-1]["purity_null"] < 0.5
    assert prices[0]["silhouette"] > prices[-1]["silhouette"]
    assert prices == coverage_prices(X, groups, "coarse", truth)


def test_purity_by_hand_and_only_of_known_categories():
    X = np.concatenate([np.linspace(0, 1, 30), np.linspace(9, 10, 30)])[:, None].astype(np.float32)
    groups = group_songs(X, build_neighbors(X, 29), X, GroupingParams(space="features"))
    categories = np.concatenate([np.repeat([0, 1], [21, 9]), np.repeat([1, -1], [6, 24])])
    # 21 of the first 30 and 6 of the 6 that are known among the others.
    assert coverage_prices(X, groups, "coarse", categories)[-1]["purity"] == pytest.approx(27 / 36)
    assert coverage_prices(X, groups, "coarse")[-1]["purity"] is None
    assert coverage_prices(X, groups, "coarse", np.full(60, -1))[-1]["purity_null"] is None
