"""How far two partitions of the same rows agree: corrected for chance, and group by group.

With n_ij the rows in group i of one side and group j of the other, a_i and b_j their sums and n that of all:

- adjusted mutual information = (MI − E[MI]) / ((H_left + H_right) / 2 − E[MI]), with
  MI = Σ_ij n_ij / n · log(n n_ij / (a_i b_j)) and E[MI] its mean over all tables of the same sums
  (Vinh, Epps & Bailey 2010, https://jmlr.org/papers/v11/vinh10a.html);
- adjusted Rand index = (S − E) / ((S_left + S_right) / 2 − E), with S the pairs of rows that both sides join, S_left
  and S_right those that each joins, E = S_left S_right / (n (n − 1) / 2) (Hubert & Arabie 1985,
  doi:10.1007/BF01908075);
- Jaccard index of two groups = rows in both / rows in either; `best_jaccard` takes the best match of each group
  (Hennig 2007, doi:10.1016/j.csda.2006.11.025).

A row whose group is unknown on one side (−1) says nothing about the other and is left out of the first two. E[MI] is
the sum over hypergeometric probabilities, exact but for terms that together weigh less than 1e-16. Both are those of
scikit-learn.
"""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from songscape.config import EvaluationParams
from songscape.errors import InputError, ParameterError
from songscape.evaluation.records import Estimate
from songscape.types import Float64, Int32, Int64
from songscape.validation import check_labels, must_be

NoiseAs = Literal["left out", "a group"]

_REPLICATES = 100
_PERMUTATIONS = 10
_Z95 = 1.959963984540054
_TAIL = 40.0  # a window of the hypergeometric sum leaves out less than exp(−40)
_TERMS_AT_ONCE = 1 << 20


class _Table(NamedTuple):
    """The cells of a table of counts that are not empty, and the sums of its rows and columns."""

    left: Int64  # (n_cells,)
    right: Int64  # (n_cells,)
    counts: Int64  # (n_cells,)
    left_sizes: Int64
    right_sizes: Int64

    @property
    def n_rows(self) -> int:
        return int(self.counts.sum())

    @property
    def is_telling(self) -> bool:
        """Whether each side tells any rows apart."""
        return len(self.left_sizes) > 1 and len(self.right_sizes) > 1


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far groups agree with something that they were not made from.

    Attributes
    ----------
    n_rows : int
        Rows with a group on both sides: those that were compared.
    share : float
        The same as a share of all rows, in [0, 1]; NaN without rows.
    ami, ari : Estimate
        Adjusted mutual information and adjusted Rand index: 1 for equal partitions, 0 as by chance; NaN where one
        side has fewer than two groups. The interval is that of catalogs like this one: rows drawn anew.
    ami_null, ari_null : Estimate
        The same with the groups dealt out anew among the compared rows, mean of ten times.
    """

    n_rows: int
    share: float
    ami: Estimate
    ari: Estimate
    ami_null: Estimate
    ari_null: Estimate


def adjusted_mutual_information(left: npt.ArrayLike, right: npt.ArrayLike) -> float:
    """Return the mutual information of two partitions, corrected for chance.

    Parameters
    ----------
    left, right : array-like of int, shape (n_rows,)
        Group of each row, from 0; −1 where unknown. A row that is unknown on either side is left out.

    Returns
    -------
    float
        1 for equal partitions, 0 on average for independent ones, a little below 0 for less than chance; NaN where
        one side has fewer than two groups.

    Raises
    ------
    InputError
        If the two are no labels of the same rows.

    Examples
    --------
    >>> adjusted_mutual_information([0, 0, 1, 1], [1, 1, 0, 0])
    1.0
    >>> round(adjusted_mutual_information([0, 0, 1, 1], [0, 1, 0, 1]), 3)
    -0.5
    """
    table = _table(*_check_pair(left, right))
    return _ami(table, _expected_information(table)) if table.is_telling else math.nan


def adjusted_rand_index(left: npt.ArrayLike, right: npt.ArrayLike) -> float:
    """Return the share of pairs of rows that two partitions treat alike, corrected for chance.

    Parameters, errors and undefined cases are those of `adjusted_mutual_information`; the range is [−0.5, 1].

    Examples
    --------
    >>> adjusted_rand_index([0, 0, 1, 1], [1, 1, 0, 0]), round(adjusted_rand_index([0, 0, 1, 1], [0, 1, 0, 1]), 3)
    (1.0, -0.5)
    """
    table = _table(*_check_pair(left, right))
    return _ari(table) if table.is_telling else math.nan


def best_jaccard(reference: npt.ArrayLike, other: npt.ArrayLike) -> Float64:
    """Return for each group of one partition the Jaccard index with the group of another that matches it best.

    Parameters
    ----------
    reference, other : array-like of int, shape (n_rows,)
        Group of each row, from 0; −1 for none. Rows without a group on one side count in the groups of the other.

    Returns
    -------
    float64, shape (n_groups of reference,)
        In [0, 1]; 0 where no group of `other` shares a row, NaN for a number that no row has.

    Raises
    ------
    InputError
        If the two are no labels of the same rows.

    Examples
    --------
    >>> best_jaccard([0, 0, 0, 1, 1, -1], [1, 1, 0, 0, 0, 0]).tolist()
    [0.6666666666666666, 0.5]
    """
    ours, theirs = _check_pair(reference, other)
    n_groups = int(ours.max(initial=-1)) + 1
    sizes, other_sizes = (np.bincount(side[side >= 0], minlength=1) for side in (ours, theirs))
    left, right, counts = _cells(ours, theirs)
    best = np.zeros(n_groups)
    np.maximum.at(best, left, counts / (sizes[left] + other_sizes[right] - counts))
    best[sizes[:n_groups] == 0] = np.nan
    return best


def evaluate_agreement(
    labels: npt.ArrayLike,
    held_out: npt.ArrayLike,
    *,
    noise: NoiseAs = "left out",
    params: EvaluationParams | None = None,
) -> Agreement:
    """Compare groups with labels that they were not made from, beside what permuted groups give.

    Parameters
    ----------
    labels : array-like of int, shape (n_rows,)
        Group of each row, from 0; −1 for noise.
    held_out : array-like of int, shape (n_rows,)
        Number of its genre, say, from 0; −1 where unknown. Such rows are left out.
    noise : {"left out", "a group"}
        What noise in `labels` is: rows of easy groups alone agree better, so groups of different coverage are
        compared with noise counted as a group of its own.
    params : EvaluationParams, optional
        ``random_state`` is the seed of the intervals and of the permutations.

    Returns
    -------
    Agreement

    Raises
    ------
    InputError
        If the two are no labels of the same rows.
    ParameterError
        If `noise` is unknown.

    Examples
    --------
    >>> agreement = evaluate_agreement([0, 0, 1, 1] * 50, [0, 0, 1, -1] * 50)
    >>> agreement.n_rows, agreement.share, agreement.ami.value
    (150, 0.75, 1.0)
    """
    if noise not in get_args(NoiseAs):
        raise ParameterError(must_be("noise", "'left out' or 'a group'", noise))
    params = EvaluationParams() if params is None else params
    groups, known = _check_pair(labels, held_out)
    if noise == "a group":
        groups = np.where(groups < 0, groups.max(initial=-1) + 1, groups)
    table = _table(groups, known)
    n_rows, n_all = table.n_rows, len(groups)
    share = n_rows / n_all if n_all else math.nan
    if not table.is_telling:
        return Agreement(n_rows, share, *[Estimate.undefined()] * 4)
    generator = np.random.Generator(np.random.PCG64(params.random_state))
    expected = _expected_information(table)
    ami, ari = _with_intervals(table, expected, generator)
    inside = (groups >= 0) & (known >= 0)
    ami_null, ari_null = _permuted(groups[inside], known[inside], expected, generator)
    return Agreement(n_rows, share, ami, ari, ami_null, ari_null)


def _check_pair(left: npt.ArrayLike, right: npt.ArrayLike) -> tuple[Int32, Int32]:
    first = np.asarray(left)
    if first.ndim != 1:
        raise InputError(f"Labels must be one-dimensional, a number for each row. Got shape {first.shape}.")
    return check_labels(first, len(first)), check_labels(right, len(first), name="the other labels")


def _cells(left: Int32, right: Int32) -> tuple[Int64, Int64, Int64]:
    """Return group and other group of each pair of groups that share rows, and how many rows they share."""
    inside = (left >= 0) & (right >= 0)
    width = int(right.max(initial=0)) + 1
    codes, counts = np.unique(left[inside].astype(np.int64) * width + right[inside], return_counts=True)
    return codes // width, codes % width, counts.astype(np.int64)


def _table(left: Int32, right: Int32) -> _Table:
    """Return the table of counts, its rows and columns numbered without gaps."""
    rows, columns, counts = _cells(left, right)
    rows = np.unique(rows, return_inverse=True)[1].astype(np.int64)
    columns = np.unique(columns, return_inverse=True)[1].astype(np.int64)
    return _Table(rows, columns, counts, _sums(rows, counts), _sums(columns, counts))


def _sums(groups: Int64, counts: Int64, n_groups: int = 0) -> Int64:
    return np.rint(np.bincount(groups, counts, minlength=n_groups)).astype(np.int64)


def _entropy(sizes: Int64) -> float:
    shares = sizes[sizes > 0] / sizes.sum()
    return -float((shares * np.log(shares)).sum())


def _ami(table: _Table, expected: float) -> float:
    """Return the adjusted mutual information, given the expected one; NaN where chance leaves no room."""
    n_rows, filled = table.n_rows, table.counts > 0
    counts = table.counts[filled].astype(np.float64)
    product = table.left_sizes[table.left[filled]].astype(np.float64) * table.right_sizes[table.right[filled]]
    information = float((counts * np.log(n_rows * counts / product)).sum()) / n_rows
    most = (_entropy(table.left_sizes) + _entropy(table.right_sizes)) / 2.0
    room = most - expected
    return min((information - expected) / room, 1.0) if room > 1e-12 * max(most, 1.0) else math.nan


def _ari(table: _Table) -> float:
    """Return the adjusted Rand index; NaN where chance leaves no room."""
    joined, left, right, pairs = (
        float((sizes * (sizes - 1) // 2).sum())
        for sizes in (table.counts, table.left_sizes, table.right_sizes, np.array([table.n_rows], np.int64))
    )
    expected = left * right / max(pairs, 1.0)
    room = (left + right) / 2.0 - expected
    return min((joined - expected) / room, 1.0) if room > 0.0 else math.nan


def _expected_information(table: _Table) -> float:
    """Return the mean mutual information of all tables with the same sums.

    A pair of groups contributes by its two sizes alone, so pairs of equal sizes are summed once.
    """
    n_rows = table.n_rows
    left, left_times = np.unique(table.left_sizes, return_counts=True)
    right, right_times = np.unique(table.right_sizes, return_counts=True)
    a, b = np.repeat(left, len(right)), np.tile(right, len(left))
    times = np.repeat(left_times, len(right)) * np.tile(right_times, len(left))
    mean = a * (b / n_rows)
    spread = mean * (1.0 - a / n_rows) * (n_rows - b) / max(n_rows - 1, 1)
    reach = _TAIL / 3.0 + np.sqrt(_TAIL**2 / 9.0 + 2.0 * _TAIL * spread)  # Bernstein's bound of the tails
    low = np.maximum(np.maximum(1, a + b - n_rows), np.floor(mean - reach).astype(np.int64))
    high = np.minimum(np.minimum(a, b), np.ceil(mean + reach).astype(np.int64))
    lengths = np.maximum(high - low + 1, 0)
    factorials = _log_factorials(n_rows)
    total, begin = 0.0, 0
    ends = np.cumsum(lengths)
    while begin < len(a):
        done = int(ends[begin - 1]) if begin else 0
        stop = max(int(np.searchsorted(ends, done + _TERMS_AT_ONCE)), begin + 1)
        part = slice(begin, stop)
        terms = _information_terms(a[part], b[part], low[part], lengths[part], factorials)
        total += float((terms * np.repeat(times[part], lengths[part])).sum())
        begin = stop
    return total


def _information_terms(a: Int64, b: Int64, low: Int64, lengths: Int64, factorials: Float64) -> Float64:
    """Return, pair after pair, ``m / n log(n m / (a b))`` times the probability of m shared rows, m from `low` up."""
    n_rows = len(factorials) - 1
    starts = np.cumsum(lengths) - lengths
    shared = np.arange(int(lengths.sum())) + np.repeat(low - starts, lengths)
    fixed = factorials[a] + factorials[b] + factorials[n_rows - a] + factorials[n_rows - b] - factorials[n_rows]
    both = np.repeat(a + b, lengths)
    chance = np.exp(
        np.repeat(fixed, lengths)
        - factorials[shared]
        - factorials[np.repeat(a, lengths) - shared]
        - factorials[np.repeat(b, lengths) - shared]
        - factorials[n_rows - both + shared]
    )
    product = np.repeat(a.astype(np.float64) * b, lengths)
    terms: Float64 = chance * shared / n_rows * np.log(n_rows * shared / product)
    return terms


def _log_factorials(n: int) -> Float64:
    """Return log m! for m from 0 to n."""
    from scipy.special import gammaln

    values: Float64 = gammaln(np.arange(1.0, n + 2.0))
    return values


def _with_intervals(table: _Table, expected: float, generator: np.random.Generator) -> tuple[Estimate, Estimate]:
    """Return both indices with the normal interval of a bootstrap: the rows drawn anew, cell by cell.

    Redrawn tables are noisier than the table, so their mean lies too high; only their spread is used. Their sums
    hardly change what is expected by chance, so that is taken as it is.
    """
    drawn = generator.multinomial(table.n_rows, table.counts / table.n_rows, size=_REPLICATES)
    found = np.empty((_REPLICATES, 2))
    for i, counts in enumerate(drawn):
        left = _sums(table.left, counts, len(table.left_sizes))
        right = _sums(table.right, counts, len(table.right_sizes))
        again = _Table(table.left, table.right, counts, left, right)
        found[i] = _ami(again, expected), _ari(again)
    half = _Z95 * found.std(axis=0, ddof=1)
    ami, ari = (
        Estimate(value, value - float(width), min(value + float(width), 1.0), table.n_rows)
        for value, width in zip((_ami(table, expected), _ari(table)), half, strict=True)
    )
    return ami, ari


def _permuted(
    left: Int32, right: Int32, expected: float, generator: np.random.Generator
) -> tuple[Estimate, Estimate]:
    """Return both indices with the left groups dealt out anew; what is expected by chance stays the same."""
    found = np.empty((_PERMUTATIONS, 2))
    for i in range(_PERMUTATIONS):
        table = _table(generator.permutation(left), right)
        found[i] = _ami(table, expected), _ari(table)
    ami, ari = (Estimate.of_repeats(values, len(left)) for values in found.T)
    return ami, ari
