"""Measures of continuations: by hand, and by properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.playlist.proof.metrics import DEPTH, Measures, intervals, mean_of, measure

OUT = -np.inf


def scores(*values):
    return np.array(values, np.float32)


def test_by_hand():
    # order: 3, 1, 0, 4; candidate 2 was given; to be found: 1 and 4
    found = measure(scores(0.5, 0.7, OUT, 0.9, 0.1), np.array([1, 4], np.int32))
    assert found.r_precision == 0.5
    assert found.recall == 1.0
    gain = 1 / np.log2(3) + 1 / np.log2(5)
    assert found.ndcg == pytest.approx(gain / (1 + 1 / np.log2(3)))
    assert found.auc == pytest.approx(1 / 4)
    assert found.clicks == 0.0


def test_clicks_are_pages_of_ten():
    row = np.arange(100, 0, -1).astype(np.float32)
    assert [measure(row, np.array([i], np.int32)).clicks for i in (0, 9, 10, 25)] == [0, 0, 1, 2]


def test_nothing_found_within_the_depth():
    row = np.arange(DEPTH + 1, 0, -1).astype(np.float32)
    assert measure(row, np.array([DEPTH], np.int32)) == Measures(0.0, 0.0, 0.0, 0.0, 51.0)


def test_ties_go_by_number_and_count_half_in_the_auc():
    found = measure(scores(1, 1, 1, 1), np.array([3], np.int32))
    assert found.auc == 0.5
    assert found.r_precision == 0.0


def plain_auc(row, hidden):
    others = [i for i in range(len(row)) if row[i] > OUT and i not in hidden]
    if not others:
        return 0.5
    wins = [(row[h] > row[o]) + 0.5 * (row[h] == row[o]) for h in hidden for o in others]
    return np.mean(wins)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 60))
def test_properties(seed, n):
    rng = np.random.default_rng(seed)
    row = rng.integers(0, 6, n).astype(np.float32)
    row[0] = OUT
    hidden = rng.choice(np.arange(1, n), rng.integers(1, n), replace=False).astype(np.int32)
    found = measure(row, hidden)
    assert found.auc == pytest.approx(plain_auc(row, hidden.tolist()))
    assert 0 <= found.r_precision <= found.recall <= 1
    assert 0 <= found.ndcg <= 1 + 1e-12
    assert found.recall == 1.0  # all candidates fit in
    assert measure(2 * row + 1, hidden) == found, "only the order counts"


def test_a_perfect_ranking_is_perfect():
    row = np.zeros(50, np.float32)
    row[7:12] = 1
    assert measure(row, np.arange(7, 12, dtype=np.int32)) == Measures(1.0, 1.0, 1.0, 1.0, 0.0)


def test_intervals_hold_the_mean_and_shrink_with_more_playlists():
    rng = np.random.default_rng(0)
    many = [Measures(*row) for row in rng.random((400, 5))]
    few = intervals(many[:25])
    more = intervals(many)
    for name, mean in mean_of(many)._asdict().items():
        low, high = more[name]
        assert low < mean < high
        assert high - low < few[name][1] - few[name][0]
    assert intervals(many) == more
