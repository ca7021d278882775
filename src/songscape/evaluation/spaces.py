"""Rows and what distance between them means: the ground of all scores that look at neighbors."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

import numpy as np
import numpy.typing as npt

from songscape.config import Metric
from songscape.directions import unit_rows
from songscape.errors import InputError, ParameterError
from songscape.kernels.leaves import CHEBYSHEV, EUCLIDEAN, MANHATTAN, Leaves, build_leaves
from songscape.kernels.nearest import nearest_rows
from songscape.types import Float32, Float64, Int32, Int64
from songscape.validation import check_points, measuring_unit, must_be

_PAIRS_AT_ONCE = 65536


@dataclass(frozen=True)
class Space:
    """Points, and the kernels' code of the metric under which they are compared.

    Attributes
    ----------
    points : float32, shape (n_rows, n_columns)
        Divided by a power of two where they are very large or small. For directions the rows scaled to length 1:
        their Euclidean distances are ordered as their angles are.
    code : int
        `EUCLIDEAN`, `MANHATTAN` or `CHEBYSHEV`.
    """

    points: Float32
    code: int

    @cached_property
    def leaves(self) -> Leaves:
        """The points cut into leaves, made when first asked for."""
        return build_leaves(self.points, rotate=self.code == EUCLIDEAN)

    def nearest(self, k: int) -> Int32:
        """Return the k nearest other rows of every row."""
        return nearest_rows(self.leaves, k, self.code)[0]

    def pair_distances(self, left: Int64, right: Int64) -> Float64:
        """Return a distance for each pair of rows; for directions the square orders them alike."""
        distances = np.empty(len(left))
        for begin in range(0, len(left), _PAIRS_AT_ONCE):
            part = slice(begin, begin + _PAIRS_AT_ONCE)
            gaps = np.abs(self.points[left[part]].astype(np.float64) - self.points[right[part]])
            if self.code == EUCLIDEAN:
                distances[part] = np.einsum("ij,ij->i", gaps, gaps)
            else:
                distances[part] = gaps.sum(axis=1) if self.code == MANHATTAN else gaps.max(axis=1)
        return distances


def check_space(X: npt.ArrayLike, metric: str) -> Space:
    """Return the space of checked rows.

    Raises
    ------
    ParameterError
        If `metric` is unknown.
    InputError
        If `X` is not a finite numeric matrix.
    """
    if metric not in get_args(Metric):
        raise ParameterError(must_be("metric", "one of " + ", ".join(map(repr, get_args(Metric))), metric))
    points = check_points(X)
    if metric in ("cosine", "correlation"):  # 1 − cos is half the squared distance of the directions
        units = unit_rows(points, centered=metric == "correlation")
        blank = ~units.any(axis=1)  # a direction of their own for rows without one: at distance 1 from the others
        points = np.column_stack([units, blank]).astype(np.float32)
    return Space(_measurable(points), {"manhattan": MANHATTAN, "chebyshev": CHEBYSHEV}.get(metric, EUCLIDEAN))


def check_spaces(X: npt.ArrayLike, embedding: npt.ArrayLike, metric: str) -> tuple[Space, Space]:
    """Return the space of `X` and that of its map, of as many rows."""
    space, placed = check_space(X, metric), check_points(embedding, name="embedding")
    if len(space.points) != len(placed):
        raise InputError(
            f"embedding must have a row for each of the {len(space.points)} rows of X. Got {len(placed)}."
        )
    return space, Space(_measurable(placed), EUCLIDEAN)


def _measurable(points: Float32) -> Float32:
    """Return points whose squares float32 can add up: divided by a power of two, which changes no order."""
    unit = measuring_unit(points)
    return np.ldexp(points, -unit) if unit else points


def rank_null(n_rows: int, k: int) -> float:
    """Return the trustworthiness that is expected where the k neighbors are any k other rows."""
    if k == 0:
        return math.nan
    # The mean excess of a random rank in 1 … n − 1 is (n − 1 − k)(n − k) / 2 over the n − 1 ranks.
    return 1.0 - (n_rows - 1 - k) * (n_rows - k) / ((n_rows - 1) * (2.0 * n_rows - 3.0 * k - 1.0))
