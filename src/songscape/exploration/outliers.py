"""Robust Mahalanobis distances: tracks whose mixture of audio features is rare, though each alone may be common.

The center and covariance come from a deterministic minimum covariance determinant (MCD), so that the outliers
themselves do not hide in a covariance that they have widened.

References
----------
- P. J. Rousseeuw, K. Van Driessen (1999), A fast algorithm for the minimum covariance determinant estimator.
- M. Hubert, P. J. Rousseeuw, T. Verdonck (2012), A deterministic algorithm for robust location and scatter.
- C. Croux, G. Haesbroeck (1999), Influence function and efficiency of the MCD scatter matrix estimator (the factor).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from songscape.exploration.measures import average_ranks
from songscape.types import Float64

Bool = npt.NDArray[np.bool_]

SUBSET = 0.75
"""Share of the rows that center and covariance are taken from: up to a quarter of the rows may be outliers."""

CUTOFF = 0.999
"""Rows beyond this quantile of the chi-squared distribution are called unusual."""

_KEPT = 0.975  # quantile of the reweighting step
_STEPS = 100
_SETTLED = 1e-3  # fall of the logarithm of the determinant below which further C-steps change nothing to speak of
_GRID = 4096.0  # robust z rounded to 1 / 4096: products add exactly in float64, in any order
_TAIL = 64.0
_MAD_TO_SIGMA = 1.4826
_MIN_ROWS_PER_COLUMN = 5


@dataclass(frozen=True, slots=True)
class Robust:
    """What is usual, and how far each row lies from it.

    Attributes
    ----------
    columns : tuple of str
        The columns used; a column with over half of its values equal has no robust spread and is left out.
    rows : int64, shape (n_known,)
        Rows that know all of these columns.
    z : float64, shape (n_columns, n_known)
        (value − median) / (1.4826 MAD), clipped to ±64.
    squared : float64, shape (n_known,)
        Squared robust Mahalanobis distance; for normal data chi-squared with n_columns degrees of freedom.
    limit : float
        The `CUTOFF` quantile of that distribution.
    """

    columns: tuple[str, ...]
    rows: npt.NDArray[np.int64]
    z: Float64
    squared: Float64
    limit: float


def robust_distances(columns: dict[str, Float64]) -> Robust | None:
    """Return the robust Mahalanobis distance of every row that knows all columns.

    1. z = (value − median) / (1.4826 MAD) for each column.
    2. Start from Spearman's rank correlations as covariance, and take the h = ⌈0.75 n⌉ rows nearest to the medians.
    3. C-steps: mean and covariance of these rows, then the h nearest rows under them, until the determinant of the
       covariance falls by less than a thousandth (Rousseeuw and Van Driessen 1999).
    4. Make the covariance consistent at the normal distribution: × 0.75 / F(χ²_p(0.75); p + 2) (Croux and Haesbroeck
       1999); then once more over all rows within χ²_p(0.975), with the factor of that share.

    Parameters
    ----------
    columns : dict
        Name → float64 (n_rows,), NaN for unknown.

    Returns
    -------
    Robust or None
        None where fewer than two columns can be used or there are fewer than five rows for each.
    """
    from scipy.special import chdtri

    known = ~np.any([np.isnan(values) for values in columns.values()], axis=0) if columns else np.zeros(0, bool)
    rows = np.flatnonzero(known)
    names, Z = _standardized({name: values[rows] for name, values in columns.items()}) if len(rows) else ((), None)
    p = len(names)
    if Z is None or p < 2 or len(rows) < max(_MIN_ROWS_PER_COLUMN * p, 20):
        return None
    center, covariance = _concentrated(Z)
    near = _squared(Z, center, covariance * _consistency(SUBSET, p)) <= chdtri(p, 1.0 - _KEPT)
    center, covariance = _moments(Z, near)
    squared = _squared(Z, center, covariance * _consistency(_KEPT, p))
    return Robust(names, rows, Z, squared, float(chdtri(p, 1.0 - CUTOFF)))


def _standardized(columns: dict[str, Float64]) -> tuple[tuple[str, ...], Float64 | None]:
    kept = {}
    for name, values in columns.items():
        middle = np.median(values)
        spread = _MAD_TO_SIGMA * np.median(np.abs(values - middle))
        if spread > 0.0:
            kept[name] = np.rint(np.clip((values - middle) / spread, -_TAIL, _TAIL) * _GRID) / _GRID
    return tuple(kept), np.stack(list(kept.values())) if kept else None


def _concentrated(Z: Float64) -> tuple[Float64, Float64]:
    """Return mean and covariance of the subset on which C-steps settle."""
    p, n = Z.shape
    h = int(np.ceil(SUBSET * n))
    ranks = np.stack([2.0 * average_ranks(z) - (n + 1) for z in Z])
    norms = np.sqrt((ranks * ranks).sum(axis=1))
    center, covariance = np.zeros(p), ranks @ ranks.T / norms[:, None] / norms
    best = np.inf
    for _ in range(_STEPS):
        squared = _squared(Z, center, covariance)
        next_center, next_covariance = _moments(Z, squared <= np.partition(squared, h - 1)[h - 1])
        determinant = float(np.linalg.slogdet(next_covariance)[1])
        center, covariance = next_center, next_covariance
        if determinant >= best - _SETTLED:
            break
        best = determinant
    return center, covariance


def _moments(Z: Float64, chosen: Bool) -> tuple[Float64, Float64]:
    part = Z[:, chosen]
    n = part.shape[1]
    center = part.sum(axis=1) / n
    covariance = part @ part.T / n - np.outer(center, center)
    return center, covariance + 1e-9 * np.eye(len(Z))  # columns that carry the same thing leave no volume


def _squared(Z: Float64, center: Float64, covariance: Float64) -> Float64:
    """Return squared Mahalanobis distances; term by term, so that a row's sum has one order on any machine."""
    values, vectors = np.linalg.eigh(covariance)
    axes = (vectors / np.sqrt(np.maximum(values, 1e-9))).T
    squared = np.zeros(Z.shape[1])
    for axis in axes:
        along = np.full(Z.shape[1], -float(axis @ center))
        for factor, z in zip(axis, Z, strict=True):
            along += factor * z
        squared += along * along
    return squared


def _consistency(share: float, p: int) -> float:
    """Return what the covariance of the nearest `share` of normal rows must be multiplied by."""
    from scipy.special import chdtr, chdtri

    return float(share / chdtr(p + 2, chdtri(p, 1.0 - share)))
