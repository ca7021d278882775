"""The array checks that each stage begins with."""

from typing import Any

import numpy as np
import numpy.typing as npt

from songscape.errors import InputError
from songscape.errors import did_you_mean as did_you_mean
from songscape.errors import must_be as must_be

FloatMatrix = npt.NDArray[np.float32]

_SAFE_EXPONENT = 40  # squares of numbers within 2^±40 stay well inside float32


def check_points(X: Any, *, name: str = "X", min_rows: int = 0) -> FloatMatrix:
    """Return `X` as a C-contiguous, finite float32 matrix, without changing the input.

    Parameters
    ----------
    X : array-like, shape (n_rows, n_columns)
        Anything that NumPy reads as a two-dimensional numeric array.
    name : str
        How the message calls the array.
    min_rows : int
        The fewest rows allowed.

    Raises
    ------
    InputError
        If `X` is not two-dimensional, not numeric, has no columns, too few rows, or NaN or infinite values.
    """
    try:
        points = np.ascontiguousarray(X, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be a numeric matrix of shape (rows, columns): {error}.") from None
    if points.ndim != 2 or points.shape[1] == 0:
        raise InputError(
            f"{name} must have two dimensions (rows, columns) and at least one column. Got shape {points.shape}."
            " Reshape your data: X.reshape(-1, 1) makes a single column."
        )
    if points.shape[0] < min_rows:
        raise InputError(f"{name} must have at least {min_rows} rows. Got {points.shape[0]}.")
    check_finite(points, name)
    return points


def measuring_unit(points: FloatMatrix) -> int:
    """Return the exponent e by which ``np.ldexp(points, -e)`` can be squared and added up in float32.

    A power of two changes no digit. 0 for all but the largest and the smallest numbers.

    Examples
    --------
    >>> measuring_unit(np.array([[3.0]], np.float32)), measuring_unit(np.array([[1e30]], np.float32))
    (0, 100)
    """
    largest = float(np.abs(points).max()) if points.size else 0.0
    exponent = int(np.frexp(largest)[1])
    return exponent if abs(exponent) > _SAFE_EXPONENT else 0


def check_finite(values: npt.NDArray[Any], name: str) -> None:
    """Raise `InputError` that counts NaN and infinite values and shows the first three rows with one."""
    finite = np.isfinite(values)
    if finite.all():
        return
    bad = np.flatnonzero(~finite.reshape(len(values), -1).all(axis=1))
    rows = ", ".join(str(row) for row in bad[:3])
    raise InputError(
        f"{name} must be finite. Got NaN or infinite values (or values beyond float32) in {len(bad)} of"
        f" {len(values)} rows, first in rows {rows}. Drop or impute them."
    )


def check_labels(labels: Any, n_rows: int, *, name: str = "labels") -> npt.NDArray[np.int32]:
    """Return cluster labels as int32 of length `n_rows`; −1 means noise, lower values are an error."""
    array = np.asarray(labels)
    if array.ndim != 1 or len(array) != n_rows:
        raise InputError(f"{name} must be one-dimensional with {n_rows} entries. Got shape {array.shape}.")
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise InputError(f"{name} must be integers, −1 for noise. Got dtype {array.dtype}.")
    if array.size and array.min() < -1:
        raise InputError(f"{name} must be −1 (noise) or a cluster number from 0. Got {array.min()}.")
    return np.ascontiguousarray(array, dtype=np.int32)
