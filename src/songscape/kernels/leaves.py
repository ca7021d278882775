"""Rows cut into leaves of at most 64 neighbors in space: the ground that every exact search stands on.

The rows are halved again and again at the median of the widest axis until each part, a *leaf*, holds at most
`LANES` rows. There is no tree to walk: node i of level v holds positions ``(i n) >> v`` up to ``((i + 1) n) >> v``,
so leaves that lie side by side in space mostly stand side by side in memory. A search looks at boxes, skips those
that lie too far off, and measures whole leaves at once, 64 contiguous numbers a column.

**Two sets of coordinates.** Boxes are drawn in *turned* coordinates (centered, rotated to the principal axes), where
they are tightest. Distances are always measured in the *original* coordinates, column by column in their order: so
a distance is a pure, symmetric function of two rows, and neither the axes' rounding nor the order of the rows can
change it. Differences of float32 numbers are rounded correctly wherever the numbers lie: they need no centering.

**Sums.** Inside a search a distance is a *sum*: the squared distance (Euclidean), the distance itself (Manhattan,
Chebyshev). `measured` turns a sum into a distance, `reach` a distance into the largest sum that still belongs to it.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from songscape.axes import principal_axes
from songscape.kernels._jit import jit
from songscape.kernels.lanes import CHEBYSHEV, EUCLIDEAN, LANES, MANHATTAN, box_sums, row_sums
from songscape.threads import run_blocks

__all__ = [
    "CHEBYSHEV",
    "EUCLIDEAN",
    "FARTHEST",
    "LANES",
    "MANHATTAN",
    "Leaves",
    "box_to_box",
    "box_to_lanes",
    "build_leaves",
    "measured",
    "reach",
    "row_to_block",
]

FARTHEST = np.float32(np.finfo(np.float32).max)
"""A finite bound that every distance passes and no padded lane does."""

_EPSILON = float(np.finfo(np.float32).eps)
_SAMPLE = 256  # rows looked at to find the widest axis of a node
_AXES_WORK = 40_000_000  # multiplications spent on the covariance: the axes need not be exact

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]


class Leaves(NamedTuple):
    """Rows in leaf order with their boxes; a *position* is a place in that order, a *row* the number in the input.

    Attributes
    ----------
    order : int32, shape (n_rows,)
        The row at each position.
    starts : int32, shape (n_leaves + 1,)
        Leaf i holds positions ``starts[i]`` up to ``starts[i + 1]``, at most 64. n_leaves is a power of two.
    lanes : float32, shape (n_leaves, n_columns, 64)
        Original coordinates, a column of a leaf contiguous; lanes without a row hold inf.
    turned : float32, shape (n_leaves, n_columns, 64)
        The same rows in the coordinates of the boxes; lanes without a row hold 0.
    low, high : float32, shape (n_leaves, n_columns)
        The leaf's box, widened so that rounding never hides a row. Empty leaves (only with no rows): inf, −inf.
    low_lanes, high_lanes : float32, shape (n_groups, n_columns, 64)
        The boxes of 64 leaves side by side; lanes without a leaf hold inf, −inf.
    group_low, group_high : float32, shape (n_groups, n_columns)
        The box around the leaves of a group.
    first_row : int32, shape (n_leaves,)
        The smallest row number in the leaf.
    center : float64, shape (n_columns,)
        The middle of each column's range, taken off before the rotation.
    axes : float64, shape (n_columns, n_columns)
        Columns are the principal axes, widest first; the identity if the leaves were built without rotation.
    """

    order: Int32
    starts: Int32
    lanes: Float32
    turned: Float32
    low: Float32
    high: Float32
    low_lanes: Float32
    high_lanes: Float32
    group_low: Float32
    group_high: Float32
    first_row: Int32
    center: Float64
    axes: Float64

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.order)

    @property
    def n_leaves(self) -> int:
        """Number of leaves, a power of two."""
        return len(self.starts) - 1


def build_leaves(points: Float32, *, rotate: bool = True, like: Leaves | None = None) -> Leaves:
    """Cut rows into leaves.

    Parameters
    ----------
    points : float32, shape (n_rows, n_columns)
        C-contiguous and finite, with differences between rows below 1e18; n_rows may be 0.
    rotate : bool
        Draw the boxes along the principal axes. Only Euclidean distances survive a rotation: leaves for Manhattan
        or Chebyshev search need ``rotate=False``.
    like : Leaves, optional
        Use the center and axes of these leaves, so that boxes of both can be compared (queries against rows).

    Examples
    --------
    >>> leaves = build_leaves(np.arange(200, dtype=np.float32).reshape(100, 2))
    >>> leaves.n_leaves, leaves.lanes.shape
    (2, (2, 2, 64))
    """
    n_rows, n_columns = points.shape
    if like is not None:
        center, axes = like.center, like.axes
    else:
        center, axes = _center(points), _principal_axes(points) if rotate else np.eye(n_columns)
    turned = np.empty_like(points)
    run_blocks(lambda a, b: _turn(points, center, axes, turned, a, b), n_rows, grain=8192)

    depth = max(0, (max(n_rows, 1) - 1) // LANES).bit_length()
    order = np.arange(n_rows, dtype=np.int32)
    keys = np.empty(n_rows, np.float32)
    for level in range(depth):
        grain = max(1, 2**level // 16)
        run_blocks(lambda a, b, v=level: _halve(turned, order, keys, v, a, b), 2**level, grain=grain)  # type: ignore[misc]
    starts = (np.arange(2**depth + 1, dtype=np.int64) * n_rows >> depth).astype(np.int32)
    return _pack(points, turned, order, starts, center, axes)


def _center(points: Float32) -> Float64:
    if len(points) == 0:
        return np.zeros(points.shape[1])
    center: Float64 = (points.min(axis=0).astype(np.float64) + points.max(axis=0)) / 2.0
    return center


def _principal_axes(points: Float32) -> Float64:
    """Axes of an evenly spaced sample, by falling variance; einsum adds in one fixed order, BLAS would not."""
    n_rows, n_columns = points.shape
    if n_rows == 0:
        return np.eye(n_columns)
    step = max(1, n_rows * n_columns * n_columns // _AXES_WORK)
    sample = points[::step].astype(np.float64)
    sample -= sample.mean(axis=0)
    return principal_axes(np.einsum("ij,ik->jk", sample, sample))[1]


def _pack(points: Float32, turned: Float32, order: Int32, starts: Int32, center: Float64, axes: Float64) -> Leaves:
    n_leaves, n_columns = len(starts) - 1, points.shape[1]
    n_groups = -(-n_leaves // LANES)
    leaves = Leaves(
        order=order,
        starts=starts,
        lanes=np.full((n_leaves, n_columns, LANES), np.inf, np.float32),
        turned=np.zeros((n_leaves, n_columns, LANES), np.float32),
        low=np.full((n_leaves, n_columns), np.inf, np.float32),
        high=np.full((n_leaves, n_columns), -np.inf, np.float32),
        low_lanes=np.full((n_groups, n_columns, LANES), np.inf, np.float32),
        high_lanes=np.full((n_groups, n_columns, LANES), -np.inf, np.float32),
        group_low=np.full((n_groups, n_columns), np.inf, np.float32),
        group_high=np.full((n_groups, n_columns), -np.inf, np.float32),
        first_row=np.full(n_leaves, np.iinfo(np.int32).max, np.int32),
        center=center,
        axes=axes,
    )
    run_blocks(lambda a, b: _fill_leaves(points, turned, leaves, a, b), n_leaves, grain=64)
    for group in range(n_groups):
        inside = slice(group * LANES, (group + 1) * LANES)
        leaves.low_lanes[group, :, : len(leaves.low[inside])] = leaves.low[inside].T
        leaves.high_lanes[group, :, : len(leaves.high[inside])] = leaves.high[inside].T
        leaves.group_low[group] = leaves.low[inside].min(axis=0)
        leaves.group_high[group] = leaves.high[inside].max(axis=0)
    return leaves


@jit
def _turn(points, center, axes, turned, first, stop):  # type: ignore[no-untyped-def]
    """Write rows `first` to `stop` centered and rotated; added up in float64, each row on its own."""
    n_columns = points.shape[1]
    sums = np.empty(n_columns, np.float64)
    for row in range(first, stop):
        point = points[row]
        sums[:] = 0.0
        for i in range(n_columns):
            value = np.float64(point[i]) - center[i]
            axis = axes[i]
            for j in range(n_columns):
                sums[j] += value * axis[j]
        out = turned[row]
        for j in range(n_columns):
            out[j] = sums[j]


@jit
def _halve(turned, order, keys, level, first, stop):  # type: ignore[no-untyped-def]
    """Part each node of `level` at the median of its widest axis, in place in `order`."""
    n_rows = len(turned)
    for node in range(first, stop):
        begin, end = (node * n_rows) >> level, ((node + 1) * n_rows) >> level
        middle = ((2 * node + 1) * n_rows) >> (level + 1)
        axis = _widest_axis(turned, order[begin:end])
        for position in range(begin, end):
            keys[position] = turned[order[position], axis]
        _part(keys[begin:end], order[begin:end], middle - begin)


@jit
def _widest_axis(turned, rows):  # type: ignore[no-untyped-def]
    """Return the column with the largest variance over some evenly spaced rows."""
    n_columns = turned.shape[1]
    step = max(1, len(rows) // _SAMPLE)
    shift = turned[rows[0]]
    sums = np.zeros(n_columns, np.float64)
    squares = np.zeros(n_columns, np.float64)
    n_seen = 0
    for i in range(0, len(rows), step):
        point = turned[rows[i]]
        n_seen += 1
        for j in range(n_columns):
            gap = np.float64(point[j]) - shift[j]
            sums[j] += gap
            squares[j] += gap * gap
    widest, largest = 0, -1.0
    for j in range(n_columns):
        variance = squares[j] - sums[j] * sums[j] / n_seen
        if variance > largest:
            widest, largest = j, variance
    return widest


@jit
def _part(keys, order, middle):  # type: ignore[no-untyped-def]
    """Quickselect: afterwards no key before `middle` is larger than any from `middle` on; `order` moves along."""
    left, right = 0, len(keys) - 1
    while left < right:
        a, b, c = keys[left], keys[(left + right) // 2], keys[right]
        pivot = max(min(a, b), min(max(a, b), c))
        i, j = left, right
        while i <= j:
            while keys[i] < pivot:
                i += 1
            while keys[j] > pivot:
                j -= 1
            if i <= j:
                keys[i], keys[j] = keys[j], keys[i]
                order[i], order[j] = order[j], order[i]
                i += 1
                j -= 1
        if middle <= j:
            right = j
        elif middle >= i:
            left = i
        else:
            return


@jit
def _fill_leaves(points, turned, leaves, first, stop):  # type: ignore[no-untyped-def]
    """Fill lanes, boxes and first rows of some leaves.

    A turned coordinate is off by its rounding to float32, and by float64's rounding of the whole row. The boxes are
    widened by four times the one and a hundred times the other; `reach` covers what is left, which is relative.
    """
    n_columns = points.shape[1]
    for leaf in range(first, stop):
        begin = leaves.starts[leaf]
        low, high = leaves.low[leaf], leaves.high[leaf]
        for lane in range(leaves.starts[leaf + 1] - begin):
            row = leaves.order[begin + lane]
            leaves.first_row[leaf] = min(leaves.first_row[leaf], row)
            for j in range(n_columns):
                value = turned[row, j]
                leaves.lanes[leaf, j, lane] = points[row, j]
                leaves.turned[leaf, j, lane] = value
                low[j] = min(low[j], value)
                high[j] = max(high[j], value)
        size = 0.0
        for j in range(n_columns):
            size += max(abs(low[j]), abs(high[j]))
        if size < np.inf:
            for j in range(n_columns):
                margin = 4.0 * _EPSILON * max(abs(low[j]), abs(high[j])) + 1e-13 * size
                low[j] -= margin
                high[j] += margin


@jit
def measured(total, metric):  # type: ignore[no-untyped-def]
    """Return the distance that a sum stands for."""
    return np.sqrt(total) if metric == EUCLIDEAN else total


@jit
def reach(distance, n_columns, metric):  # type: ignore[no-untyped-def]
    """Return the largest sum, between rows or to a box, that rows at `distance` or nearer can have; finite.

    The slack covers the rounding of sums, which grows with the columns, and of the square root.
    """
    total = np.float64(distance) * distance if metric == EUCLIDEAN else np.float64(distance)
    total *= 1.0 + (2.0 * n_columns + 16.0) * _EPSILON
    return np.float32(total) if total < np.float64(FARTHEST) else FARTHEST


@jit
def row_to_block(point, block, metric, sums):  # type: ignore[no-untyped-def]
    """Write the sums from one row to the 64 lanes of a leaf, in original coordinates, column by column.

    Parameters
    ----------
    point : float32, shape (n_columns,)
    block : float32, shape (n_columns, 64)
        One leaf of ``Leaves.lanes``; lanes without a row give inf.
    sums : float32, shape (64,)
        Written.
    """
    row_sums(point, 0, block, 0, metric, sums)


@jit
def box_to_lanes(low, high, low_lanes, high_lanes, metric, sums):  # type: ignore[no-untyped-def]
    """Write the sums from one box to 64 boxes side by side; 0 where they touch. A row is a box without extent.

    Parameters
    ----------
    low, high : float32, shape (n_columns,)
        The one box.
    low_lanes, high_lanes : float32, shape (n_columns, 64)
        The 64 boxes: one group of ``Leaves.low_lanes`` and ``Leaves.high_lanes``, or, both being the same array,
        the 64 rows of one leaf of ``Leaves.turned``.
    sums : float32, shape (64,)
        Written.
    """
    box_sums(low, high, 0, low_lanes, high_lanes, 0, metric, sums)


@jit
def box_to_box(low_a, high_a, low_b, high_b, metric):  # type: ignore[no-untyped-def]
    """Return the sum between two boxes in turned coordinates; 0 where they touch. A row is a box without extent."""
    total = np.float32(0.0)
    for j in range(len(low_a)):
        gap = max(max(low_a[j] - high_b[j], low_b[j] - high_a[j]), np.float32(0.0))
        if metric == EUCLIDEAN:
            total += gap * gap
        elif metric == MANHATTAN:
            total += gap
        else:
            total = max(total, gap)
    return total
