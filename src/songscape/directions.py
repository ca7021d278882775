"""Rows as directions, for the metrics that see nothing else: cosine and correlation."""

from typing import Any

import numpy as np
import numpy.typing as npt


def unit_rows(X: npt.NDArray[np.floating[Any]], *, centered: bool = False) -> npt.NDArray[np.float64]:
    """Return rows scaled to length 1, each less its own mean first if `centered`; rows without a direction are zeros.

    It adds up column by column, so that a row's direction depends on nothing but the row.

    Examples
    --------
    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    columns = X.T.astype(np.float64)
    if centered:
        columns -= sum(columns) / len(columns)
    largest = np.abs(columns).max(axis=0)
    columns /= np.where(largest > 0.0, largest, 1.0)  # so that no square overflows
    lengths = np.sqrt(sum(column * column for column in columns))
    columns /= np.where(lengths > 0.0, lengths, 1.0)
    return np.ascontiguousarray(columns.T)


def comparable(X: npt.NDArray[np.float32], metric: str) -> npt.NDArray[np.float32]:
    """Return rows whose Euclidean distances rank as `metric` does: directions for cosine and correlation."""
    if metric not in ("cosine", "correlation"):
        return X
    return unit_rows(X, centered=metric == "correlation").astype(np.float32)
