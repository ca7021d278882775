"""Robust distances: planted outliers, the classical covariance as negative control, scikit-learn as reference."""

import numpy as np
import pytest
from scipy import stats

from songscape.exploration.outliers import robust_distances


def normal_columns(n: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    mixing = np.array([[1.0, 0.0, 0.0], [0.8, 0.6, 0.0], [-0.5, 0.2, 0.8]])
    X = rng.normal(size=(n, 3)) @ mixing.T
    return {name: X[:, i] * scale for i, (name, scale) in enumerate((("a", 1.0), ("b", 100.0), ("c", 0.01)))}


def with_planted(n: int, n_planted: int, seed: int = 0) -> dict[str, np.ndarray]:
    """A fifth of the rows in a clump where a and b disagree, though neither value is rare by itself."""
    columns = normal_columns(n, seed)
    rng = np.random.default_rng(seed + 1)
    columns["a"][:n_planted] = 2.0 + 0.1 * rng.normal(size=n_planted)
    columns["b"][:n_planted] = 100.0 * (-2.0 + 0.1 * rng.normal(size=n_planted))
    return columns


def test_normal_data_follow_the_chi_squared_distribution():
    found = robust_distances(normal_columns(20_000))
    assert found is not None
    assert found.columns == ("a", "b", "c")
    assert found.limit == pytest.approx(stats.chi2.ppf(0.999, 3))
    assert (found.squared > found.limit).mean() == pytest.approx(0.001, abs=0.001)
    for share in (0.1, 0.5, 0.9):
        assert np.quantile(found.squared, share) == pytest.approx(stats.chi2.ppf(share, 3), rel=0.05)


def test_a_planted_clump_is_found_where_the_classical_covariance_hides_it():
    columns = with_planted(2_000, 300)
    found = robust_distances(columns)
    assert found is not None
    planted = found.rows < 300
    assert (found.squared[planted] > found.limit).all()
    assert (found.squared[~planted] > found.limit).mean() < 0.01
    X = np.stack(list(columns.values()), axis=1)
    centered = X - X.mean(axis=0)
    classical = np.einsum("ij,jk,ik->i", centered, np.linalg.inv(np.cov(X.T)), centered)
    assert (classical[:300] > found.limit).mean() < 0.05  # the negative control


def test_distances_are_near_those_of_scikit_learn():
    from sklearn.covariance import MinCovDet

    columns = with_planted(400, 40)
    found = robust_distances(columns)
    assert found is not None
    X = np.stack(list(columns.values()), axis=1)
    reference = MinCovDet(support_fraction=0.75, random_state=0).fit((X - X.mean(axis=0)) / X.std(axis=0))
    squared = reference.mahalanobis((X - X.mean(axis=0)) / X.std(axis=0))
    assert stats.spearmanr(found.squared, squared).statistic > 0.98
    assert np.median(found.squared / squared) == pytest.approx(1.0, abs=0.1)


def test_units_and_order_of_rows_change_nothing():
    columns = with_planted(500, 20)
    found = robust_distances(columns)
    order = np.random.default_rng(3).permutation(500)
    permuted = robust_distances({name: values[order] for name, values in columns.items()})
    scaled = robust_distances({name: 8.0 * values for name, values in columns.items()})
    assert found is not None
    assert permuted is not None
    assert scaled is not None
    assert np.array_equal(permuted.squared, found.squared[order])
    assert np.array_equal(scaled.squared, found.squared)


def test_columns_without_robust_spread_and_unknown_rows_are_left_out():
    columns = normal_columns(400)
    columns["mostly zero"] = np.where(np.arange(400) < 300, 0.0, 1.0)
    columns["a"][5] = np.nan
    found = robust_distances(columns)
    assert found is not None
    assert found.columns == ("a", "b", "c")
    assert 5 not in found.rows
    assert len(found.rows) == 399


def test_columns_that_carry_the_same_thing_do_not_break_it():
    columns = normal_columns(400)
    columns["copy"] = columns["a"].copy()
    found = robust_distances(columns)
    assert found is not None
    assert np.isfinite(found.squared).all()


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"a": np.arange(100.0)},
        {"a": np.arange(10.0), "b": np.arange(10.0) ** 2},
        {"a": np.arange(100.0), "b": np.full(100, np.nan)},
        {"a": np.ones(100), "b": np.arange(100.0)},
    ],
)
def test_too_little_gives_nothing(columns):
    assert robust_distances(columns) is None
