"""Missing audio features: the conditional mean given what is known of the track."""

import numpy as np

from songscape.features.columns import TAIL
from songscape.features.exact import on_grid
from songscape.types import Float64


def covariance_of(Z: Float64) -> Float64:
    """Return the covariance of the rows of `Z` over the pairs of known values, whatever the order of tracks."""
    known = (~np.isnan(Z)).astype(np.float64)
    rounded = np.nan_to_num(on_grid(Z))
    pairs = np.maximum(known @ known.T, 1.0)
    covariance: Float64 = rounded @ rounded.T / pairs
    return covariance


def filled(Z: Float64, covariance: Float64) -> Float64:
    """Return `Z` with each NaN replaced by its conditional mean given the known values of the same track."""
    values, vectors = np.linalg.eigh(covariance)  # pairs of incomplete columns can make it indefinite
    definite = (vectors * np.maximum(values, 0.01)) @ vectors.T
    result = Z.copy()
    missing = np.isnan(Z)
    codes = (1 << np.arange(len(Z), dtype=np.int64)) @ missing
    for code in np.unique(codes[codes > 0]):
        rows = np.flatnonzero(codes == code)
        unknown = (code >> np.arange(len(Z))) & 1 == 1
        known = np.flatnonzero(~unknown)
        slopes = np.linalg.solve(definite[np.ix_(known, known)], definite[np.ix_(known, np.flatnonzero(unknown))])
        for target, slope in zip(np.flatnonzero(unknown), slopes.T, strict=True):
            total = np.zeros(len(rows))
            for source, factor in zip(known, slope, strict=True):  # term by term: a row's sum has one order
                total += factor * Z[source, rows]
            result[target, rows] = np.clip(total, -TAIL, TAIL)
    return result
