"""Rows as directions, for the metrics that see nothing else."""

import numpy as np
import numpy.typing as npt

from songscape.types import Float64


def unit_rows(X: npt.NDArray[np.floating], *, centered: bool = False) -> Float64:
    """Return rows scaled to length 1, each less its own mean first if `centered`; rows without a direction are zeros.

    Examples
    --------
    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    rows = X.astype(np.float64)
    if centered:
        rows -= rows.mean(axis=1, keepdims=True)
    largest = np.abs(rows).max(axis=1, keepdims=True)
    rows /= np.where(largest > 0.0, largest, 1.0)  # so that no square overflows
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    rows /= np.where(lengths > 0.0, lengths, 1.0)
    return rows
