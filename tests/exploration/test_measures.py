"""Statistics of the exploratory report: by hand, against SciPy and plain twins, on noise, with what is unknown."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats.contingency import association

from songscape.exploration.measures import (
    MIN_PAIRS,
    average_ranks,
    cohens_d,
    contingency,
    correlation_ratio,
    cramers_v,
    explained_variance,
    grouped_quantiles,
    spearman_matrix,
)

NAN = float("nan")


def codes(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int32)


def test_ranks_share_ties():
    assert average_ranks(np.array([5.0, 1.0, 5.0, 5.0])).tolist() == [3.0, 1.0, 3.0, 3.0]


@pytest.mark.parametrize("seed", range(3))
def test_spearman_is_that_of_scipy_with_ties(seed):
    rng = np.random.default_rng(seed)
    columns = [np.round(rng.normal(size=500), 1), rng.integers(0, 4, 500).astype(float), rng.normal(size=500)]
    columns.append(np.round(columns[0] + columns[2], 0))
    reference = stats.spearmanr(np.stack(columns, axis=1)).statistic
    assert np.allclose(spearman_matrix(columns), reference, atol=1e-12)


def test_spearman_takes_each_pair_over_the_rows_that_know_both():
    rng = np.random.default_rng(1)
    columns = [np.round(rng.normal(size=400), 1) for _ in range(4)]
    columns[1][:100] = np.nan
    columns[2][rng.random(400) < 0.4] = np.nan
    columns[3][:100] = np.nan
    found = spearman_matrix(columns)
    for i in range(4):
        for j in range(4):
            both = ~np.isnan(columns[i]) & ~np.isnan(columns[j])
            reference = stats.spearmanr(columns[i][both], columns[j][both]).statistic
            assert found[i, j] == pytest.approx(reference, abs=1e-12), (i, j)
    assert np.array_equal(found, found.T)


def test_spearman_by_hand():
    # Ranks 1 … 10 against the same with two neighbors exchanged: 1 − 6 Σd² / (n (n² − 1)) = 1 − 12 / 990.
    rising = np.arange(10.0)
    exchanged = rising.copy()
    exchanged[[0, 1]] = exchanged[[1, 0]]
    assert spearman_matrix([rising, exchanged])[0, 1] == pytest.approx(1 - 12 / 990)


def test_spearman_is_undefined_for_constants_and_few_rows():
    constant, rising = np.ones(20), np.arange(20.0)
    few = np.where(np.arange(20) < MIN_PAIRS - 1, rising, np.nan)
    found = spearman_matrix([constant, rising, few])
    assert np.isnan(found[0]).all()
    assert np.isnan(found[1, 2])
    assert found[1, 1] == 1.0


@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.integers(12, 60))
def test_spearman_does_not_mind_order_or_rising_transforms(seed, n):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 9, n).astype(float), rng.normal(size=n)
    order = rng.permutation(n)
    found = spearman_matrix([x, y])
    assert np.array_equal(spearman_matrix([x[order], y[order]]), found, equal_nan=True)
    assert np.array_equal(spearman_matrix([np.exp(x), y**3]), found, equal_nan=True)


def test_explained_variance_by_hand():
    # Two groups 1 2 3 4 5 and 6 … 10: SS_total 82.5, SS_between 62.5, SS_within 20, MS_within 20 / 8.
    found = explained_variance(codes(*[0] * 5, *[1] * 5), np.arange(1.0, 11.0))
    assert found.eta2 == pytest.approx(62.5 / 82.5)
    assert found.epsilon2 == pytest.approx((62.5 - 2.5) / 82.5)
    assert found.omega2 == pytest.approx((62.5 - 2.5) / (82.5 + 2.5))
    assert (found.n, found.k) == (10, 2)


@pytest.mark.parametrize("seed", range(3))
def test_explained_variance_agrees_with_the_f_statistic(seed):
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 5, 300).astype(np.int32)
    value = rng.normal(size=300) + 0.3 * group
    value[:20] = np.nan
    group[20:30] = -1
    known = ~np.isnan(value) & (group >= 0)
    f = stats.f_oneway(*(value[known & (group == g)] for g in range(5))).statistic
    n, k = known.sum(), 5
    found = explained_variance(group, value)
    assert found.eta2 == pytest.approx((k - 1) * f / ((k - 1) * f + n - k))
    assert found.omega2 == pytest.approx((k - 1) * (f - 1) / ((k - 1) * (f - 1) + n))
    assert found.epsilon2 == pytest.approx(1 - (1 - found.eta2) * (n - 1) / (n - k))


def test_the_corrected_ratio_of_noise_is_near_zero_where_the_plain_one_is_not():
    rng = np.random.default_rng(0)
    plain, corrected = [], []
    for _ in range(200):
        found = explained_variance(rng.integers(0, 20, 100).astype(np.int32), rng.normal(size=100))
        plain.append(found.eta2)
        corrected.append(found.epsilon2)
    assert np.mean(plain) == pytest.approx(19 / 99, abs=0.02)
    assert np.mean(corrected) < 0.03
    assert correlation_ratio(np.repeat(codes(0, 1), 10), np.repeat([0.0, 1.0], 10)) == 1.0


@pytest.mark.parametrize(
    ("group", "value"),
    [
        (codes(*[0] * 12), np.arange(12.0)),
        (np.arange(12, dtype=np.int32), np.arange(12.0)),
        (codes(*[0, 1] * 6), np.ones(12)),
        (codes(*[-1] * 12), np.arange(12.0)),
        (codes(*[0, 1] * 6), np.full(12, NAN)),
        (codes(0, 1, 0, 1), np.arange(4.0)),
    ],
)
def test_the_correlation_ratio_is_undefined_without_groups_or_variance(group, value):
    assert np.isnan(correlation_ratio(group, value))


def test_contingency_by_hand():
    left, right = codes(0, 0, 1, -1, 2), codes(1, 1, 0, 0, -1)
    assert contingency(left, right).tolist() == [[0, 2], [1, 0], [0, 0]]
    assert contingency(left, right, (3, 4)).tolist() == [[0, 2, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]


def test_cramers_v_by_hand():
    # χ² of [[30, 10], [10, 30]] is 20, φ² = 0.25; corrected 0.25 − 1/79; both sides shrink to 2 − 1/79.
    expected = np.sqrt((0.25 - 1 / 79) / (1 - 1 / 79))
    assert cramers_v(np.array([[30, 10], [10, 30]])) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(3))
def test_cramers_v_corrects_that_of_scipy(seed):
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 30, (4, 6))
    n, (r, c) = counts.sum(), counts.shape
    phi2 = association(counts, method="cramer") ** 2 * (min(r, c) - 1)
    corrected = max(0.0, phi2 - (r - 1) * (c - 1) / (n - 1))
    smaller = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    assert cramers_v(counts) == pytest.approx(np.sqrt(corrected / smaller))


def test_cramers_v_ends_of_its_range():
    assert cramers_v(np.diag([20, 30, 40])) == pytest.approx(1.0)
    assert cramers_v(np.outer([10, 20, 30], [1, 2, 3])) == 0.0
    assert cramers_v(np.array([[50, 0], [0, 50], [0, 0]])) == pytest.approx(1.0)  # empty categories do not count


def test_cramers_v_of_noise_is_near_zero_where_the_plain_one_is_not():
    rng = np.random.default_rng(0)
    tables = [contingency(rng.integers(0, 8, 150).astype(np.int32), rng.integers(0, 8, 150).astype(np.int32), (8, 8))
              for _ in range(100)]  # fmt: skip
    assert np.mean([association(counts, method="cramer") for counts in tables]) > 0.18
    assert np.mean([cramers_v(counts) for counts in tables]) < 0.07


@pytest.mark.parametrize("counts", [[[5, 4]], [[5], [5], [5]], [[1, 2], [3, 1]], [[0, 0], [0, 0]], [[5, 5], [0, 0]]])
def test_cramers_v_is_undefined_without_two_categories_and_ten_rows(counts):
    assert np.isnan(cramers_v(np.array(counts)))


@pytest.mark.parametrize("seed", range(3))
def test_cohens_d_is_that_of_two_samples(seed):
    rng = np.random.default_rng(seed)
    group = rng.integers(-1, 3, 200).astype(np.int32)
    value = 1000.0 + rng.normal(size=200) + group
    value[::17] = np.nan
    known = (group >= 0) & ~np.isnan(value)
    for g, found in enumerate(cohens_d(group, value, 3)):
        one, rest = value[known & (group == g)], value[known & (group != g)]
        pooled = ((len(one) - 1) * one.var(ddof=1) + (len(rest) - 1) * rest.var(ddof=1)) / (len(one) + len(rest) - 2)
        assert found == pytest.approx((one.mean() - rest.mean()) / np.sqrt(pooled))


def test_cohens_d_is_undefined_for_single_rows_and_constants():
    assert np.isnan(cohens_d(codes(0, 1, 1, 1), np.arange(4.0), 3)).all()
    assert np.isnan(cohens_d(codes(0, 0, 1, 1), np.full(4, 7.3), 2)).all()
    assert np.isnan(cohens_d(codes(0, 0, -1), np.arange(3.0), 2)).all()


def test_grouped_quantiles_are_those_of_numpy():
    rng = np.random.default_rng(0)
    group = rng.integers(-1, 4, 300).astype(np.int32)
    columns = {"a": rng.normal(size=300), "b": np.round(rng.normal(size=300), 1)}
    columns["b"][group == 2] = np.nan
    columns["a"][:30] = np.nan
    found = grouped_quantiles(group, 5, columns, (0.05, 0.5, 0.9))
    for name, values in columns.items():
        for g in range(5):
            known = values[(group == g) & ~np.isnan(values)]
            expected = np.quantile(known, [0.05, 0.5, 0.9]) if len(known) else np.full(3, np.nan)
            assert np.allclose(found[name][g], expected, equal_nan=True), (name, g)


def test_nothing_is_changed_in_place():
    rng = np.random.default_rng(0)
    group, value = rng.integers(-1, 3, 50).astype(np.int32), rng.normal(size=50)
    before = group.copy(), value.copy()
    spearman_matrix([value, value * 2])
    explained_variance(group, value)
    cohens_d(group, value, 3)
    grouped_quantiles(group, 3, {"a": value}, (0.5,))
    cramers_v(contingency(group, group))
    assert np.array_equal(group, before[0])
    assert np.array_equal(value, before[1])
