"""Gaps: planted ones are seen, continua have none, and too few songs show nothing."""

import math

import numpy as np
import pytest
from scipy.stats import nbinom

from songscape.interpretation.gaps import LEVEL, gaps_between, most_by_chance
from songscape.interpretation.links import count_links, nearest_groups
from songscape.kernels.centers import centers_of


def test_the_counts_that_chance_explains():
    for k in (10, 20, 40):
        most = most_by_chance(k)
        assert nbinom.cdf(most, k, 0.5) <= LEVEL < nbinom.cdf(most + 1, k, 0.5)
    assert most_by_chance(9) == -1


def test_by_hand():
    X = np.concatenate([np.linspace(0, 1, 100), np.linspace(9, 10, 100)]).astype(np.float32)[:, None]
    labels = np.repeat([0, 1], 100).astype(np.int32)
    centers = np.array([[0.5], [9.5]])
    assert gaps_between(X, labels, centers, [(0, 1), (1, 0)]) == [(1.0, True)] * 2
    bridged = np.concatenate([X, np.linspace(0, 10, 1000, dtype=np.float32)[:, None]])
    with_bridge = np.concatenate([labels, np.full(1000, -1, dtype=np.int32)])
    ((gap, real),) = gaps_between(bridged, with_bridge, centers, [(0, 1)])
    assert not real  # songs in no group fill it as well as others
    assert gap < 0.6
    assert gaps_between(X, labels, centers, []) == []


def test_too_few_songs_show_nothing():
    X = np.concatenate([np.zeros(10), np.full(100, 9.0)]).astype(np.float32)[:, None]
    labels = np.repeat([0, 1], [10, 100]).astype(np.int32)
    ((gap, real),) = gaps_between(X, labels, np.array([[0.0], [9.0]]), [(0, 1)])
    assert math.isnan(gap)
    assert not real


@pytest.mark.parametrize("n_features", [1, 2, 5, 9])
@pytest.mark.parametrize("kind", ["normal", "uniform", "logistic", "exponential", "whole numbers"])
def test_a_continuum_has_no_gaps_however_it_is_cut(tools, kind, n_features):
    rng = np.random.default_rng(n_features)
    size = (1500, n_features)
    X = (rng.integers(0, 30, size) if kind == "whole numbers" else getattr(rng, kind)(size=size)).astype(np.float32)
    graph = tools.nearest(X, 10)
    for n_groups in (5, 20, 60):
        labels = tools.cells_of(X, n_groups)
        links = count_links(labels, n_groups, graph)
        centers, _ = centers_of(X, labels, n_groups)
        near = nearest_groups(links.shares, centers, 4, 2)
        pairs = [(group, other) for group in range(n_groups) for other in near[group]]
        real = [is_real for _, is_real in gaps_between(X, labels, centers, pairs)]
        assert np.mean(real) <= 0.01


def test_steps_are_no_gaps_and_missing_numbers_are():
    X = np.repeat(np.arange(40), 50).astype(np.float32)[:, None]
    labels = (X[:, 0] // 10).astype(np.int32)
    assert not any(real for _, real in gaps_between(X, labels, centers_of(X, labels, 4)[0], [(0, 1), (1, 2)]))
    X[labels == 1] -= 10.0
    X[labels == 2] += 10.0
    ((gap, real),) = gaps_between(X, labels, centers_of(X, labels, 4)[0], [(1, 2)])
    assert (gap, real) == (1.0, True)


def test_planted_groups_have_gaps_at_many_sizes():
    rng = np.random.default_rng(0)
    for n_each, n_features in ((30, 2), (100, 5), (2000, 9)):
        centers = 8.0 * np.eye(3, n_features)
        labels = np.repeat(np.arange(3), n_each).astype(np.int32)
        X = (centers[labels] + rng.normal(size=(3 * n_each, n_features))).astype(np.float32)
        found = gaps_between(X, labels, centers_of(X, labels, 3)[0], [(0, 1), (1, 2), (0, 2)])
        assert all(real for _, real in found)
