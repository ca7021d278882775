"""Effect sizes and medians from counts: by hand, against all pairs, and the coverage of the interval."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.interpretation.columns import class_counts, classes
from songscape.interpretation.effects import compare, medians

VALUES = st.lists(st.integers(0, 6), min_size=1, max_size=30)


def counts_of(x, y):
    codes, levels = classes(np.array([*x, *y], dtype=float))
    labels = np.repeat([0, 1], [len(x), len(y)]).astype(np.int32)
    counts = class_counts(codes, len(levels), labels, 2)
    return counts[:1], counts[1:2], levels


def test_by_hand():
    # 9 pairs: 8 wins, 1 tie. Placements of x among y: 5/6, 1, 1; their variance 1/108, and the same the other way.
    effects = compare(*counts_of([2, 3, 3], [1, 1, 2]))
    assert effects.delta[0] == pytest.approx(8 / 9)
    delta, variance, z = 8 / 9, 4 * (1 / 108) / 3 * 2, 1.959963984540054
    root = z * np.sqrt(variance) * np.sqrt((1 - delta**2) ** 2 + z**2 * variance)
    assert effects.low[0] == pytest.approx((delta - delta**3 - root) / (1 - delta**2 + z**2 * variance))
    assert effects.high[0] == pytest.approx((delta - delta**3 + root) / (1 - delta**2 + z**2 * variance))
    assert (round(effects.low[0], 3), round(effects.high[0], 3)) == (0.236, 0.989)
    assert (effects.median[0], effects.other_median[0]) == (3.0, 1.0)


@given(VALUES, VALUES)
@settings(derandomize=True, max_examples=150, deadline=None)
def test_like_all_pairs(x, y):
    effects = compare(*counts_of(x, y))
    expected = np.sign(np.subtract.outer(x, y)).mean()
    assert effects.delta[0] == pytest.approx(expected, abs=1e-12)
    assert -1.0 <= effects.low[0] <= expected + 1e-9
    assert expected - 1e-9 <= effects.high[0] <= 1.0
    assert effects.median[0] == np.median(x)
    assert effects.other_median[0] == np.median(y)
    back = compare(*[counts_of(y, x)[i] for i in range(3)])
    assert back.delta[0] == pytest.approx(-effects.delta[0], abs=1e-12)
    assert back.low[0] == pytest.approx(-effects.high[0], abs=1e-9)


def test_the_interval_holds_the_truth_nineteen_times_of_twenty():
    rng = np.random.default_rng(0)
    for n, m, shift in ((30, 300, 0.0), (30, 300, 0.8), (300, 60, 1.5)):
        # For normal x ~ N(shift, 1), y ~ N(0, 1): P(x > y) = Phi(shift / sqrt 2).
        truth = {0.0: 0.0, 0.8: 0.42839, 1.5: 0.71116}[shift]
        held = 0
        for _ in range(300):
            effects = compare(*counts_of(rng.normal(shift, 1, n), rng.normal(size=m)))
            held += effects.low[0] <= truth <= effects.high[0]
        assert 0.91 <= held / 300 <= 0.985


def test_complete_separation_has_a_bound_that_narrows_with_the_smaller_sample():
    few = compare(*counts_of([5] * 5, [1] * 50))
    many = compare(*counts_of([5] * 40, [1] * 50))
    assert few.delta[0] == many.delta[0] == few.high[0] == 1.0
    z2 = 1.959963984540054**2
    assert few.low[0] == pytest.approx((5 - z2) / (5 + z2))
    assert few.low[0] < many.low[0] < 1.0


def test_nothing_known_on_one_side_is_undefined():
    counts = np.array([[0, 0], [1, 2]])
    effects = compare(counts, counts[::-1], np.array([1.0, 2.0]))
    for part in (effects.delta, effects.low, effects.high):
        assert np.isnan(part).all()
    assert np.isnan(effects.median[0])
    assert effects.median[1] == 2.0
    assert np.isnan(medians(np.zeros((2, 0), dtype=np.int64), np.empty(0))).all()


def test_many_distinct_values_are_joined_to_classes_and_hardly_change_anything():
    rng = np.random.default_rng(1)
    values = rng.normal(size=20_000)
    labels = (rng.random(20_000) < 0.2).astype(np.int32)
    values += 0.4 * labels
    codes, levels = classes(values)
    assert len(levels) == 1024
    assert (np.diff(levels) > 0).all()
    assert (np.bincount(codes) <= 20).all()
    counts = class_counts(codes, len(levels), labels, 2)
    effects = compare(counts[1:2], counts[:1], levels)
    x, y = values[labels == 1], values[labels == 0]
    rank = np.searchsorted(np.sort(y), x) / len(y)
    assert effects.delta[0] == pytest.approx(2 * rank.mean() - 1, abs=2e-3)
    assert effects.median[0] == pytest.approx(np.median(x), abs=5e-3)


def test_equal_values_are_never_divided():
    values = np.concatenate([np.zeros(5000), np.random.default_rng(0).random(5000)])
    codes, levels = classes(values)
    assert len(np.unique(codes[values == 0.0])) == 1
    assert len(levels) <= 1024
    order = np.argsort(values)
    assert (np.diff(codes[order]) >= 0).all()
    codes, levels = classes(np.array([np.nan, np.nan]))
    assert codes.tolist() == [-1, -1]
    assert len(levels) == 0
