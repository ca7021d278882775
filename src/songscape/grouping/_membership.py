"""How far a row belongs to which groups: shares of a mixture with a place for rows that belong to none.

With d_g the distance of a row from the center of fine group g, its membership is

    w_g = exp(−d_g² / 2s²) / (Σ_h exp(−d_h² / 2s²) + exp(−2D / 2s²)),

over the five groups h whose centers are nearest, its own in any case: shares of a mixture of equal round Gaussians,
with a noise cluster that lies at the squared distance 2D from everything (Davé 1991,
doi:10.1016/0167-8655(91)90002-4), twice the mean D of all rows' squared distances from the center of their own group.
s² is the variance of rows around their center along one direction: D over the number of ways they scatter,
(tr S)² / tr S² for the covariance S of rows within fine groups. Memberships below 1 % are dropped. The membership in
a coarser group is the sum of those in its fine groups: scales never disagree.

A row's own group need not be the one of its largest membership. It was chosen by 4 c² + 2 m² + f², which lets larger
groups count more, because their places are surer and groups come out alike in subsamples; memberships look at the
distance f to fine centers alone. At the fine scale the two differ where another fine center is nearer and lies in a
coarser group that is farther; at coarser scales also where many fine groups of a neighbor stand around the row. Such
rows lie at borders: their strength is low, so they are the first that coverage leaves out. Memberships by the former
cost would agree by construction, and be useless: among fine groups of one middle group it differs by a seventh of f²,
so all of them would be about equal.
"""

from typing import NamedTuple

import numpy as np

from songscape.grouping._cores import nearest_centers
from songscape.types import Float32, Float64, Int32, Int64

MOST = 5
"""Groups of a row, at most, at each scale."""

_LEAST = 0.01
_NOISE = 2.0  # relative to the mean; some 3 % of the rows of a round Gaussian in nine columns lie farther out


class Sparse(NamedTuple):
    """Memberships of rows in groups; fields as in `songscape.types.GroupScale`."""

    indptr: Int64
    members: Int32
    weights: Float32
    strength: Float32


class Spread(NamedTuple):
    """How rows scatter around the center of their group."""

    typical: float  # mean squared distance
    n_directions: float  # see `directions`


def spread_around(rows: Float32, centers: Float64, own: Int32) -> Spread:
    """Return how rows scatter around the centers of their groups; `own` int32 (n_rows,)."""
    residuals = rows - centers[own]
    return Spread(float((residuals**2).sum(axis=1).mean()), directions(residuals))


def nearby_shares(rows: Float32, centers: Float64, own: Int32, spread: Spread) -> tuple[Int32, Float64]:
    """Return groups near each row, int32 (n_rows, k), and its memberships in them, float64 (n_rows, k).

    Parameters
    ----------
    rows : float32, shape (n_rows, n_columns)
    centers : float64, shape (n_groups, n_columns)
    own : int32, shape (n_rows,)
        The group of each row. Where it is not among the five nearest, it stands in the place of the last.
    spread : Spread
        Of the rows that the groups were made of.
    """
    near, distances = nearest_centers(rows, centers, MOST)
    squares = distances.astype(np.float64) ** 2
    missing = ~(near == own[:, None]).any(axis=1)
    near[missing, -1] = own[missing]
    squares[missing, -1] = ((rows[missing] - centers[own[missing]]) ** 2).sum(axis=1)
    return near, mixture_shares(squares, spread.typical, spread.n_directions)


def mixture_shares(squares: Float64, typical: float, n_directions: float) -> Float64:
    """Return the memberships of rows in groups at some squared distances.

    Parameters
    ----------
    squares : float64, shape (n_rows, k)
        Squared distances.
    typical : float
        The mean squared distance of rows from the center of their group; 0 if every row lies on its center.
    n_directions : float
        Number of directions that rows scatter in around their centers, at least 1.

    Returns
    -------
    float64, shape (n_rows, k)
        In [0, 1], at least 0.01 or 0; each row sums to at most 1.

    Examples
    --------
    >>> mixture_shares(np.array([[0.0, 8.0], [2.0, 2.0]]), 1.0, 2.0).round(2).tolist()
    [[0.88, 0.0], [0.33, 0.33]]
    """
    if typical == 0.0:
        first = np.argmin(squares, axis=1)
        on_center: Float64 = (np.arange(squares.shape[1]) == first[:, None]).astype(np.float64)
        return on_center
    double_variance = 2.0 * typical / n_directions
    least = np.minimum(squares.min(axis=1, keepdims=True), _NOISE * typical)
    shares: Float64 = np.exp((least - squares) / double_variance)
    noise = np.exp((least - _NOISE * typical) / double_variance)
    shares /= shares.sum(axis=1, keepdims=True) + noise
    shares[shares < _LEAST] = 0.0
    return shares


def directions(residuals: Float64) -> float:
    """Return in how many directions rows scatter, (tr S)² / tr S²: d for a round cloud in d columns, 1 for a line."""
    covariance = residuals.T @ residuals
    squares = float((covariance**2).sum())
    return float(np.trace(covariance)) ** 2 / squares if squares > 0.0 else 1.0


def collect(groups: Int32, shares: Float64, own: Int32) -> Sparse:
    """Add up the shares of equal groups in each row and store what is there, the strongest first.

    Parameters
    ----------
    groups : int32, shape (n_rows, k)
        Group of each share; a group may come several times in a row.
    shares : float64, shape (n_rows, k)
    own : int32, shape (n_rows,)
        The group whose membership is each row's strength.
    """
    sums = np.zeros_like(shares)
    repeated = np.zeros(shares.shape, bool)
    for j in range(groups.shape[1]):
        same = groups == groups[:, j : j + 1]
        sums[:, j] = np.where(same, shares, 0.0).sum(axis=1)
        repeated[:, j] = same[:, :j].any(axis=1)
    strength = _rounded_down(np.where(groups == own[:, None], sums, 0.0).max(axis=1))
    sums[repeated] = 0.0
    order = np.lexsort((groups, -sums), axis=1)
    weights = _rounded_down(np.take_along_axis(sums, order, axis=1))
    kept = weights > 0.0
    indptr = np.concatenate([[0], np.cumsum(kept.sum(axis=1))]).astype(np.int64)
    members = np.take_along_axis(groups, order, axis=1)[kept].astype(np.int32)
    return Sparse(indptr, members, weights[kept], strength)


def _rounded_down(values: Float64) -> Float32:
    """Return float32 numbers that are not larger: sums that were at most 1 stay so."""
    rounded = values.astype(np.float32)
    return np.where(rounded > values, np.nextafter(rounded, np.float32(0.0)), rounded)
