"""Sums that do not depend on the order of what is added."""

import numpy as np

from songscape.types import Float64

_GRID = 4096.0


def on_grid(values: Float64) -> Float64:
    """Return values rounded to 1/4096: products of two z then add without error in float64, up to 2^25 rows."""
    rounded: Float64 = np.rint(values * _GRID) / _GRID
    return rounded
