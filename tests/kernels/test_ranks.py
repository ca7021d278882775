"""Ranks by counting, beside a NumPy twin that sorts nothing either but measures everything."""

import numpy as np
import pytest

from songscape.kernels.leaves import CHEBYSHEV, EUCLIDEAN, MANHATTAN
from songscape.kernels.ranks import rank_excess
from songscape.kernels.tiles import build_tiles
from songscape.threads import use_threads

METRICS = {EUCLIDEAN: "euclidean", MANHATTAN: "cityblock", CHEBYSHEV: "chebyshev"}


def twin(points, rows, others, metric):
    gaps = np.abs(points[rows][:, None].astype(float) - points[None])
    reduce = {
        EUCLIDEAN: lambda g: (g**2).sum(axis=2),
        MANHATTAN: lambda g: g.sum(axis=2),
        CHEBYSHEV: lambda g: g.max(2),
    }
    distances = reduce[metric](gaps)
    k = others.shape[1]
    excess = []
    for i, row in enumerate(rows):
        others_only = np.delete(distances[i], row)
        ranks = [1 + int((others_only < distances[i, j]).sum()) for j in others[i]]
        excess.append(sum(max(rank - k, 0) for rank in ranks))
    return excess


def tiled(points):
    return build_tiles(points, np.zeros(len(points), np.int32))


def draw(rng, n_rows, rows, k):
    """k distinct other rows for each row."""
    return np.stack([rng.choice(np.delete(np.arange(n_rows), row), k, replace=False) for row in rows])


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("n_rows", "n_columns", "k"), [(3, 1, 1), (300, 2, 15), (5000, 9, 7), (700, 3, 300)])
def test_ranks_are_those_of_the_twin(metric, n_rows, n_columns, k):
    rng = np.random.default_rng(3)
    points = rng.normal(size=(n_rows, n_columns)).astype(np.float32)
    rows = rng.choice(n_rows, min(n_rows, 40), replace=False)
    others = draw(rng, n_rows, rows, k)
    assert rank_excess(tiled(points), rows, others, metric).tolist() == twin(points, rows, others, metric)


@pytest.mark.parametrize("metric", METRICS)
def test_ties_share_the_best_rank(metric):
    rng = np.random.default_rng(4)
    points = rng.integers(0, 3, (600, 2)).astype(np.float32)
    rows = np.arange(0, 600, 7)
    others = draw(rng, 600, rows, 5)
    assert rank_excess(tiled(points), rows, others, metric).tolist() == twin(points, rows, others, metric)


def test_equal_rows_are_all_first():
    points = np.ones((500, 3), np.float32)
    others = np.tile(np.arange(400, 405), (3, 1))
    assert rank_excess(tiled(points), np.array([0, 1, 2]), others, EUCLIDEAN).tolist() == [0, 0, 0]


def test_by_hand():
    points = np.array([[0.0], [1.0], [2.0], [4.0], [8.0]], np.float32)
    others = np.array([[1, 4], [0, 2]])  # from row 0: ranks 1 and 4; from row 4 (3 is 1st): ranks 4 and 2
    assert rank_excess(tiled(points), np.array([0, 4]), others, EUCLIDEAN).tolist() == [2, 2]


def test_a_row_is_never_counted_as_nearer_than_itself_wherever_it_stands():
    """The limit and the lane come out of the same instructions: the nearest row has rank 1 to the bit."""
    rng = np.random.default_rng(5)
    points = (rng.normal(size=(4000, 11)) * 1000).astype(np.float32)
    rows = np.arange(400)
    distances = ((points[rows][:, None].astype(float) - points[None]) ** 2).sum(axis=2)
    distances[rows, rows] = np.inf
    nearest = distances.argmin(axis=1)[:, None]
    assert not rank_excess(tiled(points), rows, nearest, EUCLIDEAN).any()


def test_any_number_of_threads_gives_the_same_bytes():
    rng = np.random.default_rng(6)
    points = rng.normal(size=(3000, 5)).astype(np.float32)
    rows = np.arange(0, 3000, 11)
    others = draw(rng, 3000, rows, 15)
    with use_threads(1):
        one = rank_excess(tiled(points), rows, others, EUCLIDEAN)
    with use_threads(3):
        three = rank_excess(tiled(points), rows, others, EUCLIDEAN)
    assert one.tobytes() == three.tobytes()
