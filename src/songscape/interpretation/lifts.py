"""Which genres, emotions and decades a group has more, or less, of than the rest; with intervals and corrected p.

With a of the group's n songs having a label, and c of the m others: lift = ((a + ½) / (n + ½)) / ((c + ½) / (m + ½)),
and its logarithm has the variance 1/(a + ½) − 1/(n + ½) + 1/(c + ½) − 1/(m + ½) (Katz et al. 1978,
doi:10.2307/2530610, with Haldane's half). p is that of drawing so far from the expected count without replacement
(hypergeometric, the smaller tail doubled), q follows Benjamini and Hochberg (1995,
doi:10.1111/j.2517-6161.1995.tb02031.x) over everything that was tested at the scale.
"""

import numpy as np
import numpy.typing as npt

from songscape.interpretation.columns import Categories
from songscape.interpretation.records import Lift
from songscape.types import Float64, Int32, Int64

LEVEL = 0.05
"""The share of false finds among those that are shown is held below this."""

_Z95 = 1.959963984540054
_NEGLIGIBLE = 1e-15  # a tail is summed up until its terms are this small against its sum


def significant_lifts(kinds: list[Categories], labels: Int32, n_groups: int) -> list[list[Lift]]:
    """Return for each group the labels whose share differs from the rest's with q ≤ 0.05, the most telling first.

    A label tells much that is both frequent and clear: the larger of its two shares × the least |log2 lift| of its
    interval, as in a divergence of distributions.
    """
    tables = [_Table(kind, labels, n_groups) for kind in kinds]
    tested = [table.known > 0 for table in tables]
    every = [table.p[rows].ravel() for table, rows in zip(tables, tested, strict=True)]
    q = adjusted(np.concatenate([np.empty(0), *every]))
    found: list[list[Lift]] = [[] for _ in range(n_groups)]
    first = 0
    for table, rows, flat in zip(tables, tested, every, strict=True):
        corrected = np.ones_like(table.p)
        corrected[rows] = q[first : first + len(flat)].reshape(-1, table.p.shape[1])
        first += len(flat)
        for group, j in np.argwhere(corrected <= LEVEL):
            found[group].append(table.lift(group, j, float(corrected[group, j])))
    return [sorted(some, key=lambda lift: (-telling(lift), -lift.count, lift.kind, lift.value)) for some in found]


def telling(lift: Lift) -> float:
    """Return how much a label says about a group; 0 where the interval of its lift holds 1."""
    surprise = max(0.0, float(np.log2(lift.low)), -float(np.log2(lift.high)))
    return max(lift.share, lift.rest_share) * surprise


class _Table:
    """Counts, ratios and p of one kind of label, float64 (n_groups, n_values)."""

    def __init__(self, kind: Categories, labels: Int32, n_groups: int) -> None:
        n_values = len(kind.values)
        group = np.where(labels >= 0, labels, n_groups).astype(np.int64)
        cells = np.bincount(group[kind.rows] * n_values + kind.codes, minlength=(n_groups + 1) * n_values)
        every = cells.reshape(n_groups + 1, n_values)
        self.kind = kind
        self.known = np.bincount(group[kind.known], minlength=n_groups + 1)[:n_groups]
        self.inside, total = every[:n_groups], every.sum(axis=0)
        n = self.known[:, None]
        m = int(kind.known.sum()) - n
        self.ratio, self.low, self.high = ratios(self.inside, n, total - self.inside, m)
        self.p = two_sided_p(self.inside, n, total, n + m)
        self.share = self.inside / np.maximum(n, 1)
        self.rest_share = (total - self.inside) / np.maximum(m, 1)

    def lift(self, group: int, j: int, q: float) -> Lift:
        at = group, j
        return Lift(
            kind=self.kind.kind,
            value=self.kind.values[j],
            count=int(self.inside[at]),
            share=float(self.share[at]),
            rest_share=float(self.rest_share[at]),
            lift=float(self.ratio[at]),
            low=float(self.low[at]),
            high=float(self.high[at]),
            p=float(self.p[at]),
            q=q,
            held_out=self.kind.held_out,
        )


def ratios(a: Int64, n: Int64, c: Int64, m: Int64) -> tuple[Float64, Float64, Float64]:
    """Return (a / n) / (c / m) with Haldane's half, and its 95 % interval after Katz.

    Examples
    --------
    >>> [round(float(part), 3) for part in ratios(np.array(30), np.array(100), np.array(20), np.array(200))]
    [2.968, 1.79, 4.923]
    """
    log_ratio = np.log((a + 0.5) / (n + 0.5)) - np.log((c + 0.5) / (m + 0.5))
    variance = 1.0 / (a + 0.5) - 1.0 / (n + 0.5) + 1.0 / (c + 0.5) - 1.0 / (m + 0.5)
    half = _Z95 * np.sqrt(np.maximum(variance, 0.0))
    return np.exp(log_ratio), np.exp(log_ratio - half), np.exp(log_ratio + half)


def two_sided_p(a: Int64, n: Int64, marked: Int64, total: Int64) -> Float64:
    """Return the hypergeometric p of `a` marked among `n` drawn from `total` that hold `marked`, per entry.

    Twice the smaller of the two tails, at most 1. The arguments broadcast against each other.

    Examples
    --------
    >>> round(float(two_sided_p(np.array([3]), np.array([3]), np.array([4]), np.array([8]))[0]), 6)
    0.142857
    """
    parts = np.broadcast_arrays(a, n, marked, total)
    drawn, n_drawn, n_marked, n_total = (part.astype(np.float64).ravel() for part in parts)
    upward = drawn * n_total >= n_drawn * n_marked  # at or above the expected count the upper tail is the smaller one
    tail = _tail(drawn, n_drawn, n_marked, n_total, upward)
    return np.minimum(1.0, 2.0 * tail).reshape(parts[0].shape)


def _tail(a: Float64, n: Float64, marked: Float64, total: Float64, upward: npt.NDArray[np.bool_]) -> Float64:
    """Return P(X ≥ a) where `upward`, else P(X ≤ a): terms from a outward, each from the one before."""
    most = int(total.max(initial=0.0))
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1.0, most + 1.0)))])

    def log_choose(n: Float64, k: Float64) -> Float64:
        every, some = n.astype(np.int64), k.astype(np.int64)
        chosen: Float64 = log_factorial[every] - log_factorial[some] - log_factorial[every - some]
        return chosen

    first = np.exp(log_choose(marked, a) + log_choose(total - marked, n - a) - log_choose(total, n))
    sums, term, x = np.ones_like(a), np.ones_like(a), a.copy()
    active = np.flatnonzero(first > 0.0)
    while len(active):
        i = active
        up = (marked[i] - x[i]) * (n[i] - x[i]) / ((x[i] + 1.0) * (total[i] - marked[i] - n[i] + x[i] + 1.0))
        down = x[i] * (total[i] - marked[i] - n[i] + x[i]) / ((marked[i] - x[i] + 1.0) * (n[i] - x[i] + 1.0))
        term[i] *= np.where(upward[i], up, down)
        x[i] += np.where(upward[i], 1.0, -1.0)
        sums[i] += term[i]
        active = i[term[i] > _NEGLIGIBLE * sums[i]]
    return first * sums


def adjusted(p: Float64) -> Float64:
    """Return p corrected by Benjamini and Hochberg: the smallest false discovery rate at which each is a find.

    Examples
    --------
    >>> adjusted(np.array([0.01, 0.04, 0.03, 0.5])).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    n = len(p)
    order = np.argsort(p, kind="stable")[::-1]
    steps = np.minimum.accumulate(p[order] * n / np.arange(n, 0, -1))
    q = np.empty(n)
    q[order] = np.minimum(steps, 1.0)
    return q
