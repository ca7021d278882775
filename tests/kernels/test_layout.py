"""One epoch of the layout, against a plain twin that follows the module's docstring."""

import itertools

import numpy as np
import pytest

from songscape.kernels import layout
from songscape.kernels.layout import Curve, Edges, Step, draw_negatives, move_plane, move_space, power, spread_sample

CURVE = Curve(np.float32(1.577), np.float32(0.8951))


def random_graph(n_rows, seed):
    rng = np.random.default_rng(seed)
    weights = np.where(rng.random((n_rows, n_rows)) < 0.2, rng.random((n_rows, n_rows)), 0.0).astype(np.float32)
    weights = np.maximum(weights, weights.T)
    np.fill_diagonal(weights, 0.0)
    indptr = np.concatenate([[0], np.cumsum((weights > 0).sum(axis=1))]).astype(np.int64)
    indices = np.nonzero(weights)[1].astype(np.int32)
    return Edges(indptr, indices, weights[weights > 0], int(np.diff(indptr).max())), weights


def twin_epoch(weights, positions, starts, step):
    """Move every row by one epoch, in float64, from the formulas of the module's docstring."""
    a, b = float(CURVE.a), float(CURVE.b)
    snapshot, moved = positions.astype(np.float64), positions.astype(np.float64)
    negatives = np.empty((len(positions), layout.NEGATIVES), np.float32)
    rate = float(step.learning_rate)
    for first, stop in itertools.pairwise(starts):
        for row in range(first, stop):
            draw_negatives(positions, row // step.tile, step, negatives)
            inside = (np.arange(positions.shape[1]) >= first) & (np.arange(positions.shape[1]) < stop)
            ends = np.where(inside, moved, snapshot)
            place = moved[:, row].copy()
            square = np.maximum(((place[:, None] - ends) ** 2).sum(axis=0), 1e-6)
            force = 2 * rate * weights[row] * 2 * a * b * square ** (b - 1) / (1 + a * square**b)
            place = (place + (force * ends).sum(axis=1)) / (1 + force.sum())
            offset = place[:, None] - negatives
            square = (offset**2).sum(axis=0)
            push = np.clip(2 * b / ((0.001 + square) * (1 + a * square**b)) * offset, -4, 4)
            share = rate * float(step.negative_sample_rate) * weights[row].sum() / layout.NEGATIVES
            moved[:, row] = place + share * push.sum(axis=1)
    return moved


@pytest.mark.parametrize(
    ("move", "n_components"), [(move_plane, 2), (move_space, 2), (move_space, 3), (move_space, 5)]
)
def test_an_epoch_equals_its_twin(move, n_components):
    edges, weights = random_graph(60, seed=n_components)
    positions = np.random.default_rng(1).normal(size=(n_components, 60)).astype(np.float32) * 3
    starts = np.array([0, 20, 37, 60])
    step = Step(3, np.float32(0.7), np.float32(5.0), 11, layout.TILE)
    wanted = twin_epoch(weights, positions, starts, step)
    snapshot = positions.copy()
    move(starts, edges, positions, snapshot, CURVE, step, 0, 3)
    np.testing.assert_allclose(positions, wanted, rtol=2e-3, atol=2e-3)
    assert not np.array_equal(positions, snapshot)


def test_rows_without_edges_stay():
    edges = Edges(np.zeros(11, np.int64), np.empty(0, np.int32), np.empty(0, np.float32), 0)
    positions = np.random.default_rng(0).normal(size=(2, 10)).astype(np.float32)
    before = positions.copy()
    step = Step(0, np.float32(1.0), np.float32(5.0), 0, layout.TILE)
    move_plane(np.array([0, 10]), edges, positions, before.copy(), CURVE, step, 0, 1)
    np.testing.assert_array_equal(positions, before)


def test_attraction_cannot_overshoot():
    edges = Edges(np.array([0, 1, 1]), np.array([1], np.int32), np.ones(1, np.float32), 1)
    positions = np.array([[0.0, 1.0], [0.0, 0.0]], np.float32)
    step = Step(0, np.float32(100.0), np.float32(0.0), 0, layout.TILE)
    move_plane(np.array([0, 2]), edges, positions, positions.copy(), CURVE, step, 0, 1)
    assert 0.9 < positions[0, 0] < 1.0


def test_power_is_close_over_the_range_of_squared_distances():
    bases = np.geomspace(1e-6, 1e6, 500).astype(np.float32)
    for exponent in (0.3, 0.8951, 1.9):
        got = np.array([power(base, np.float32(exponent)) for base in bases])
        np.testing.assert_allclose(got, bases.astype(np.float64) ** exponent, rtol=1e-3)


def test_negatives_are_spread_evenly_and_depend_on_every_part_of_the_counter():
    snapshot = np.arange(1000, dtype=np.float32).reshape(1, 1000)
    drawn = []
    for epoch in range(40):
        for tile in range(40):
            negatives = np.empty((1, layout.NEGATIVES), np.float32)
            draw_negatives(snapshot, tile, Step(epoch, np.float32(1), np.float32(5), 7, layout.TILE), negatives)
            drawn.append(negatives[0])
    drawn = np.array(drawn)
    counts = np.bincount(drawn.astype(int).ravel(), minlength=1000)
    expected = drawn.size / 1000
    chi_square = ((counts - expected) ** 2 / expected).sum()
    assert 850 < chi_square < 1150  # 999 degrees of freedom, standard deviation 45
    assert len(np.unique(drawn, axis=0)) == len(drawn)
    other = np.empty((1, layout.NEGATIVES), np.float32)
    draw_negatives(snapshot, 0, Step(0, np.float32(1), np.float32(5), 8, layout.TILE), other)
    assert not np.array_equal(other[0], drawn[0])


def test_spread_sample_by_hand():
    # Rows 0..7, every 4th in the sample from row 2: rows 2 and 6. Row 0 hangs on both, row 1 on none.
    weights = np.zeros((8, 8), np.float32)
    weights[0, 2], weights[0, 6], weights[7, 2] = 0.5, 0.25, 1.0
    weights = np.maximum(weights, weights.T)
    indptr = np.concatenate([[0], np.cumsum((weights > 0).sum(axis=1))]).astype(np.int64)
    edges = Edges(indptr, np.nonzero(weights)[1].astype(np.int32), weights[weights > 0], 3)
    sample = np.array([[0.0, 3.0], [6.0, 0.0]], np.float32)
    positions = np.empty((2, 8), np.float32)
    spread_sample(edges, 4, sample, positions, 0, 8)
    np.testing.assert_allclose(positions[:, 0], [1.0, 4.0], rtol=1e-6)
    for row, place in {1: 0, 2: 0, 3: 0, 4: 1, 5: 1, 6: 1, 7: 0}.items():
        np.testing.assert_array_equal(positions[:, row], sample[:, place])
