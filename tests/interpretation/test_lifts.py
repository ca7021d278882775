"""Lifts: by hand, p against SciPy's hypergeometric, q against SciPy's Benjamini and Hochberg, no false finds."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, hypergeom

from songscape.interpretation.columns import categories
from songscape.interpretation.lifts import adjusted, ratios, significant_lifts, telling, two_sided_p


def test_the_ratio_by_hand():
    ratio, low, high = ratios(np.array(3), np.array(4), np.array(2), np.array(8))
    log = math.log((3.5 / 4.5) / (2.5 / 8.5))
    half = 1.959963984540054 * math.sqrt(1 / 3.5 - 1 / 4.5 + 1 / 2.5 - 1 / 8.5)
    assert ratio == pytest.approx(math.exp(log))
    assert (float(low), float(high)) == pytest.approx((math.exp(log - half), math.exp(log + half)))


def test_a_label_that_nobody_else_has_is_finite_and_equal_shares_are_one():
    ratio, low, high = ratios(np.array([5, 7]), np.array([10, 7]), np.array([0, 7]), np.array([10, 7]))
    assert np.isfinite([ratio, low, high]).all()
    assert ratio[1] == low[1] == high[1] == 1.0


@st.composite
def draws(draw):
    total = draw(st.integers(1, 300))
    marked, n = draw(st.integers(0, total)), draw(st.integers(0, total))
    a = draw(st.integers(max(0, n + marked - total), min(n, marked)))
    return a, n, marked, total


@given(draws())
@settings(derandomize=True, max_examples=300, deadline=None)
def test_p_like_scipy(drawn):
    a, n, marked, total = drawn
    tails = hypergeom.cdf(a, total, marked, n), hypergeom.sf(a - 1, total, marked, n)
    upward = a * total >= n * marked
    expected = min(1.0, 2.0 * (tails[1] if upward else tails[0]))
    assert float(two_sided_p(*(np.array([part]) for part in drawn))[0]) == pytest.approx(
        expected, rel=1e-6, abs=1e-12
    )


def test_p_of_large_counts_like_scipy_and_never_negative():
    a, n, marked, total = np.array([5200, 4700, 1, 9000]), 30_000, 33_000, 200_000
    p = two_sided_p(a, np.array(n), np.array(marked), np.array(total))
    assert p[0] == pytest.approx(2 * hypergeom.sf(5199, total, marked, n), rel=1e-6)
    assert p[1] == pytest.approx(2 * hypergeom.cdf(4700, total, marked, n), rel=1e-6)
    assert p[2] == p[3] == 0.0


def test_adjusted_by_hand_and_like_scipy():
    assert adjusted(np.array([0.01, 0.04, 0.03, 0.5])).tolist() == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    p = np.random.default_rng(0).random(500) ** 3
    assert adjusted(p) == pytest.approx(false_discovery_control(p))
    assert adjusted(np.empty(0)).shape == (0,)


def catalog(n=2000, seed=0):
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "genres": [
                rng.choice(["rock", "pop", "jazz"], rng.integers(0, 3), replace=False).tolist() for _ in range(n)
            ],
            "emotion": rng.choice(["joy", "sadness", "love"], n),
            "year": pl.Series(rng.integers(1960, 2020, n), dtype=pl.Int32),
            "explicit": rng.random(n) < 0.3,
        },
        schema_overrides={"genres": pl.List(pl.String)},
    )


def test_counts_and_shares_by_hand():
    songs = pl.DataFrame({"genres": [["a"], ["a", "b"], ["b"], None, ["b"]] * 20})
    labels = np.array([0, 0, 1, 0, -1] * 20, dtype=np.int32)
    found = significant_lifts(categories(songs), labels, 2)
    (a,) = [lift for lift in found[0] if lift.value == "a"]
    assert (a.count, a.share, a.rest_share) == (40, 1.0, 0.0)  # the 20 songs without a genre do not count
    (b,) = [lift for lift in found[0] if lift.value == "b"]
    assert (b.count, b.share, b.rest_share) == (20, 0.5, 1.0)
    assert b.high < 1.0 < a.low
    assert a.p <= a.q <= 0.05
    assert a.held_out


def test_what_was_in_the_metric_is_no_evidence():
    songs = catalog()
    kinds = {kind.kind: kind.held_out for kind in categories(songs, held_out={"emotion"})}
    assert kinds == {"genre": False, "emotion": True, "decade": False, "explicit": False}


def test_labels_dealt_at_random_give_next_to_no_finds():
    kinds = categories(catalog())
    finds = 0
    for seed in range(20):
        labels = np.random.default_rng(seed).integers(0, 10, 2000).astype(np.int32)
        finds += any(significant_lifts(kinds, labels, 10))
    assert finds <= 3  # at a false discovery rate of 5 %, one run in twenty may find something


def test_a_planted_label_is_found_first():
    songs = catalog()
    labels = np.where(songs["emotion"] == "sadness", 0, 1).astype(np.int32)
    found = significant_lifts(categories(songs), labels, 2)
    assert found[0][0].value == "sadness"
    assert found[0][0].share == 1.0
    assert [telling(lift) for lift in found[0]] == sorted(map(telling, found[0]), reverse=True)
    assert {lift.value for lift in found[1] if lift.lift > 1.0} == {"joy", "love"}


def test_no_columns_no_kinds():
    assert categories(pl.DataFrame({"energy": [0.1, 0.2]})) == []
    empty = pl.DataFrame({"emotion": [None, None], "genres": [None, None]})
    typed = empty.with_columns(pl.col("emotion").cast(pl.String), pl.col("genres").cast(pl.List(pl.String)))
    assert categories(typed) == []
    assert significant_lifts([], np.zeros(2, dtype=np.int32), 1) == [[]]
