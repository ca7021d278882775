"""The statistics of the exploratory report: pure functions of arrays, NaN or −1 for unknown.

Sums over rows run in row order (``np.bincount``) or over whole numbers that float64 adds exactly, so the results are
the same bytes whatever the number of threads.

References
----------
- C. Spearman (1904), The proof and measurement of association between two things.
- R. A. Fisher (1925), Statistical methods for research workers: the correlation ratio η.
- T. L. Kelley (1935), An unbiased correlation ratio measure: ε².
- W. L. Hays (1963), Statistics for psychologists: ω².
- J. Cohen (1988), Statistical power analysis for the behavioral sciences: d, and what is small, medium, large.
- W. Bergsma (2013), A bias-correction for Cramér's V and Tschuprow's T.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.types import Float64, Int32, Int64

Bool = npt.NDArray[np.bool_]

MIN_PAIRS = 10
"""Rows that know both columns, below which no association is stated."""


def average_ranks(values: Float64) -> Float64:
    """Return the rank of each value from 1, equal values sharing the mean of their ranks; no NaN allowed.

    Examples
    --------
    >>> average_ranks(np.array([30.0, 10.0, 30.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    ranks: Float64 = pl.Series(values).rank("average").to_numpy().astype(np.float64)
    return ranks


def spearman_matrix(columns: list[Float64]) -> Float64:
    """Return Spearman's rank correlation of all pairs of columns, each over the rows that know both.

    It is Pearson's correlation of average ranks (ties share their mean rank). Columns that are known for the same
    rows are ranked once and correlated by one product of matrices; others are ranked again for each pair.

    Parameters
    ----------
    columns : list of float64, shape (n_rows,)
        NaN for unknown.

    Returns
    -------
    float64, shape (n_columns, n_columns)
        In [−1, 1], symmetric, 1 on the diagonal; NaN where fewer than `MIN_PAIRS` rows know both columns or one of
        them is constant there.

    Examples
    --------
    >>> rising = np.arange(20.0)
    >>> spearman_matrix([rising, -(rising**3)]).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    matrix = np.full((len(columns), len(columns)), np.nan)
    groups = _by_known_rows(columns)
    for i, (known, members) in enumerate(groups):
        for other_known, other_members in groups[: i + 1]:
            both = known & other_known
            if both.sum() < MIN_PAIRS:
                continue
            left = _centered_ranks(columns, members, both)
            right = left if other_members == members else _centered_ranks(columns, other_members, both)
            block = _cosines(left, right)
            matrix[np.ix_(members, other_members)] = block
            matrix[np.ix_(other_members, members)] = block.T
    return matrix


def _by_known_rows(columns: list[Float64]) -> list[tuple[Bool, list[int]]]:
    groups: list[tuple[Bool, list[int]]] = []
    for position, values in enumerate(columns):
        known = ~np.isnan(values)
        same = next((members for mask, members in groups if np.array_equal(mask, known)), None)
        if same is None:
            groups.append((known, [position]))
        else:
            same.append(position)
    return groups


def _centered_ranks(columns: list[Float64], members: list[int], rows: Bool) -> Float64:
    """Return 2 rank − (n + 1), whole numbers that sum to 0, float64 (n_members, n_rows)."""
    n = int(rows.sum())
    return np.stack([2.0 * average_ranks(columns[member][rows]) - (n + 1) for member in members])


def _cosines(left: Float64, right: Float64) -> Float64:
    norms = np.sqrt((left * left).sum(axis=1))[:, None] * np.sqrt((right * right).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        cosines: Float64 = np.clip(left @ right.T / norms, -1.0, 1.0)
    return cosines


@dataclass(frozen=True, slots=True)
class Variance:
    """How much of a number's variance lies between categories.

    Attributes
    ----------
    eta2 : float
        η² = SS_between / SS_total, in [0, 1]: the share in the sample, too high by about (k − 1) / (n − 1).
    epsilon2 : float
        ε² = (SS_between − (k − 1) MS_within) / SS_total = 1 − (1 − η²)(n − 1) / (n − k): corrected (Kelley 1935);
        set to 0 where negative.
    omega2 : float
        ω² = (SS_between − (k − 1) MS_within) / (SS_total + MS_within): corrected (Hays 1963); 0 where negative.
    n, k : int
        Rows that know both, and categories among them.
    """

    eta2: float
    epsilon2: float
    omega2: float
    n: int
    k: int


def explained_variance(codes: Int32, values: Float64) -> Variance:
    """Return how much of the variance of `values` lies between the categories `codes` (−1: unknown).

    All three are NaN where fewer than `MIN_PAIRS` rows know both, there is one category or as many as rows, or the
    values are constant. The square root of η² is the correlation ratio.

    Examples
    --------
    >>> halves = explained_variance(np.repeat([0, 1], 5).astype(np.int32), np.arange(10.0))
    >>> round(halves.eta2, 4), round(halves.omega2, 4)
    (0.7576, 0.7059)
    """
    known = (codes >= 0) & ~np.isnan(values)
    n = int(known.sum())
    group, value = codes[known], values[known]
    counts = np.bincount(group)
    k = int((counts > 0).sum())
    if n < MIN_PAIRS or k < 2 or k >= n or value.min() == value.max():
        return Variance(np.nan, np.nan, np.nan, n, k)
    value = value - value.mean()
    total = float((value * value).sum())
    means = np.bincount(group, value) / np.maximum(counts, 1)
    between = float((counts * means * means).sum())
    within = max(total - between, 0.0) / (n - k)
    corrected = max(between - (k - 1) * within, 0.0)
    return Variance(min(between / total, 1.0), corrected / total, corrected / (total + within), n, k)


def correlation_ratio(codes: Int32, values: Float64) -> float:
    """Return the correlation ratio of a category and a number, corrected for the number of categories: ε = √ε².

    In [0, 1]; 0 for unrelated columns, where the plain η = √η² would grow with the number of categories.
    """
    return float(np.sqrt(explained_variance(codes, values).epsilon2))


def contingency(left: Int32, right: Int32, shape: tuple[int, int] | None = None) -> Int64:
    """Return how many rows have each pair of categories, int64 (n_left, n_right); rows with a −1 do not count.

    `shape` says how many categories there are, where the last ones may not occur.

    Examples
    --------
    >>> contingency(np.array([0, 1, 1, -1], np.int32), np.array([1, 0, 1, 1], np.int32)).tolist()
    [[0, 1], [1, 1]]
    """
    known = (left >= 0) & (right >= 0)
    shape = shape or (int(left.max(initial=-1)) + 1, int(right.max(initial=-1)) + 1)
    pairs = left[known].astype(np.int64) * shape[1] + right[known]
    return np.bincount(pairs, minlength=shape[0] * shape[1]).reshape(shape).astype(np.int64)


def cramers_v(counts: Int64) -> float:
    """Return the bias-corrected Cramér's V of a table of counts (Bergsma 2013).

    With φ² = χ² / n: φ̃² = max(0, φ² − (r − 1)(c − 1) / (n − 1)), r̃ = r − (r − 1)² / (n − 1), c̃ alike, and
    Ṽ = √(φ̃² / min(r̃ − 1, c̃ − 1)). Empty rows and columns do not count.

    Returns
    -------
    float
        In [0, 1]: 0 for independent columns, 1 where one tells the other; NaN under `MIN_PAIRS` rows or two names.

    Examples
    --------
    >>> cramers_v(np.array([[50, 0], [0, 50]])), cramers_v(np.array([[25, 25], [25, 25]]))
    (1.0, 0.0)
    """
    counts = counts[counts.any(axis=1)][:, counts.any(axis=0)]
    n, (r, c) = int(counts.sum()), counts.shape
    if n < MIN_PAIRS or min(r, c) < 2:
        return float("nan")
    expected = counts.sum(axis=1, keepdims=True) * (counts.sum(axis=0) / n)
    phi2 = float(((counts - expected) ** 2 / expected).sum()) / n
    corrected = max(phi2 - (r - 1) * (c - 1) / (n - 1), 0.0)
    smaller = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1.0
    return float(min(np.sqrt(corrected / smaller), 1.0)) if smaller > 0.0 else float("nan")


def cohens_d(codes: Int32, values: Float64, n_groups: int) -> Float64:
    """Return for each category Cohen's d of its values against all other known rows.

    d = (mean inside − mean outside) / s, with s² = (SS_inside + SS_outside) / (n − 2), the pooled variance of the
    two. About 0.2 is small, 0.5 medium, 0.8 large (Cohen 1988).

    Returns
    -------
    float64, shape (n_groups,)
        NaN where the category or its rest has fewer than two rows, or nothing varies.

    Examples
    --------
    >>> cohens_d(np.repeat([0, 1], 3).astype(np.int32), np.array([1.0, 2, 3, 3, 4, 5]), 2).tolist()
    [-2.0, 2.0]
    """
    known = (codes >= 0) & ~np.isnan(values)
    group, value = codes[known], values[known]
    n = len(value)
    if n < 4:
        return np.full(n_groups, np.nan)
    value = value - value.mean()
    inside = np.bincount(group, minlength=n_groups).astype(np.float64)
    outside = n - inside
    sums = np.bincount(group, value, minlength=n_groups)
    total, total_squares = float(value.sum()), float((value * value).sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_in, mean_out = sums / inside, (total - sums) / outside
        pooled = np.sqrt(np.maximum(total_squares - inside * mean_in**2 - outside * mean_out**2, 0.0) / (n - 2))
        d: Float64 = (mean_in - mean_out) / pooled
    d[(inside < 2) | (outside < 2) | ~(pooled > 1e-9 * np.sqrt(total_squares / n))] = np.nan
    return d


def grouped_quantiles(
    codes: Int32, n_groups: int, columns: dict[str, Float64], at: tuple[float, ...]
) -> dict[str, Float64]:
    """Return quantiles of each column in each category, by linear interpolation (as ``np.quantile``).

    Returns
    -------
    dict
        Column → float64 (n_groups, len(at)), NaN where a category has no known value.

    Examples
    --------
    >>> codes = np.array([0, 0, 1, -1], np.int32)
    >>> grouped_quantiles(codes, 3, {"a": np.array([1.0, 2.0, 5.0, 9.0])}, (0.5,))["a"].ravel().tolist()
    [1.5, 5.0, nan]
    """
    frame = pl.DataFrame({"code": codes, **{f"c{i}": values for i, values in enumerate(columns.values())}})
    frame = frame.with_columns(pl.all().exclude("code").fill_nan(None)).filter(pl.col("code") >= 0)
    asked = [
        pl.col(f"c{i}").quantile(q, "linear").alias(f"c{i}q{j}")
        for i in range(len(columns))
        for j, q in enumerate(at)
    ]
    found = frame.group_by("code").agg(asked)
    rows = found["code"].to_numpy()
    result = {}
    for i, name in enumerate(columns):
        result[name] = np.full((n_groups, len(at)), np.nan)
        picked = found.select([f"c{i}q{j}" for j in range(len(at))])
        result[name][rows] = picked.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return result
