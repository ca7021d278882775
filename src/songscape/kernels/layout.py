"""UMAP's layout: block-synchronous, the same bytes for any number of threads, vectorized throughout.

The rows, which stand in leaf order so that neighbors stand together, are cut into fixed blocks. In each epoch a block
reads rows of other blocks, and all negative samples, from a snapshot taken at the start of the epoch; its own rows it
reads as they move. So blocks run side by side and which thread runs one cannot matter.

Three choices set it apart from the published code, which samples edges one by one; the objective is the same:

- *Expected forces.* Every edge acts in every epoch with its weight instead of being sampled in proportion to it.
- *Implicit attraction.* With c_j the attraction coefficient toward neighbor j, a row moves to
  (y + Σ c_j z_j) / (1 + Σ c_j): the backward Euler step, which cannot overshoot.
- *Shared negatives.* `TILE` consecutive rows share `NEGATIVES` negative samples, weighted so that the expected
  repulsion is ``negative_sample_rate`` per positive sample, as published. They come from a hash of
  (seed, tile, epoch, sample): there is no generator state.

Forces, with s the squared distance (McInnes, Healy, Melville: *UMAP*, arXiv 1802.03426, section 3.2):
attraction 2ab s^(b − 1) / (1 + a s^b), counted twice because the published code moves both ends of an edge;
repulsion 2b / ((0.001 + s)(1 + a s^b)), each component clipped to ±4.

Inner loops count in unsigned numbers: numba's check for negative indices would stop vectorization.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit

TILE = 16
NEGATIVES = 32
_LANES = np.uint64(8)  # edges are padded to a multiple of this, so that no remainder runs one by one
_ONE = np.uint64(1)
_CLOSEST = np.float32(1e-6)  # squared distance below which the curve is flat
_CLIP = np.float32(4.0)

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]


class Edges(NamedTuple):
    """The fuzzy graph as CSR, rows in leaf order; `widest` is the most entries of a row."""

    indptr: Int64
    indices: Int32
    weights: Float32
    widest: int


class Curve(NamedTuple):
    """The low-dimensional membership 1 / (1 + a d^(2b))."""

    a: np.float32
    b: np.float32


class Step(NamedTuple):
    """What one epoch needs to know besides the positions; `tile` consecutive rows share their negative samples."""

    epoch: int
    learning_rate: np.float32
    negative_sample_rate: np.float32
    seed: int
    tile: int


@jit(fastmath=True, inline=True)
def power(base: np.float32, exponent: np.float32) -> np.float32:
    """Return base ** exponent within 1e-3 (relative; for exponents up to 2), for positive normal `base`.

    log2 and exp2 are minimax polynomials on bit patterns: straight-line arithmetic that vectorizes, as a call of
    the library's pow does not.
    """
    bits = np.float32(base).view(np.int32)
    mantissa = np.int32((bits & np.int32(0x007FFFFF)) | np.int32(0x3F800000)).view(np.float32)
    log = np.float32(-0.08161492)
    log = log * mantissa + np.float32(0.64513706)
    log = log * mantissa + np.float32(-2.12066349)
    log = log * mantissa + np.float32(4.07007965)
    log = log * mantissa + np.float32(-2.51285071)
    x = exponent * (np.float32((bits >> np.int32(23)) - np.int32(127)) + log)
    x = max(min(x, np.float32(126.0)), np.float32(-126.0))
    whole = np.floor(x)
    rest = x - whole
    value = np.float32(0.01369766)
    value = value * rest + np.float32(0.05169037)
    value = value * rest + np.float32(0.24163844)
    value = value * rest + np.float32(0.69296612)
    value = value * rest + np.float32(1.0000037)
    return np.float32(value * np.int32((np.int32(whole) + np.int32(127)) << np.int32(23)).view(np.float32))


@jit
def _mix(key: np.uint32) -> np.uint32:
    """Scramble 32 bits (the finalizer "lowbias32" of C. Wellons)."""
    key ^= key >> np.uint32(16)
    key = np.uint32(key * np.uint32(0x7FEB352D))
    key ^= key >> np.uint32(15)
    key = np.uint32(key * np.uint32(0x846CA68B))
    return np.uint32(key ^ (key >> np.uint32(16)))


@jit
def draw_negatives(snapshot: Float32, tile: int, step: Step, negatives: Float32) -> None:
    """Fill `negatives`, shape (n_components, NEGATIVES), with positions of rows drawn by a hash of the counter."""
    n_rows = np.uint64(snapshot.shape[1])
    key = _mix(np.uint32(step.seed) ^ _mix(np.uint32(tile) ^ _mix(np.uint32(step.epoch))))
    for sample in range(NEGATIVES):
        drawn = _mix(key + np.uint32(sample) * np.uint32(0x9E3779B1))
        row = np.int64((np.uint64(drawn) * n_rows) >> np.uint64(32))
        for axis in range(len(snapshot)):
            negatives[axis, sample] = snapshot[axis, row]


@jit(fastmath=True)
def move_plane(starts, graph, positions, snapshot, curve, step, first_block, stop_block):  # type: ignore[no-untyped-def]
    """Move the rows of some blocks by one epoch, in place: two components.

    Parameters
    ----------
    starts : int64, shape (n_blocks + 1,)
        Block i holds rows ``starts[i]`` up to ``starts[i + 1]``.
    graph : Edges
    positions, snapshot : float32, shape (2, n_rows)
        Positions as they move, and as they stood at the start of the epoch.
    curve : Curve
    step : Step
    first_block, stop_block : int
        The blocks to move.
    """
    one, zero, a, b = np.float32(1.0), np.float32(0.0), curve.a, curve.b
    attraction = np.float32(4.0) * a * b * step.learning_rate
    repulsion = step.learning_rate * step.negative_sample_rate / np.float32(NEGATIVES)
    xs, ys, old_xs, old_ys = positions[0], positions[1], snapshot[0], snapshot[1]
    negatives = np.empty((2, NEGATIVES), np.float32)
    away_x, away_y = negatives[0], negatives[1]
    room = graph.widest + np.int64(_LANES)
    to_x, to_y, weights = np.empty(room, np.float32), np.empty(room, np.float32), np.empty(room, np.float32)
    for block in range(first_block, stop_block):
        first, stop = np.uint64(starts[block]), np.uint64(starts[block + 1])
        for row in range(first, stop):
            if row == first or row % np.uint64(step.tile) == np.uint64(0):
                draw_negatives(snapshot, np.int64(row) // step.tile, step, negatives)
            low = np.uint64(graph.indptr[row])
            size = np.uint64(graph.indptr[row + _ONE]) - low
            padded = (size + _LANES - _ONE) // _LANES * _LANES
            for edge in range(size):
                weights[edge] = graph.weights[low + edge]
                column = np.uint64(graph.indices[low + edge])
                if first <= column < stop:
                    to_x[edge], to_y[edge] = xs[column], ys[column]
                else:
                    to_x[edge], to_y[edge] = old_xs[column], old_ys[column]
            for edge in range(size, padded):
                weights[edge] = to_x[edge] = to_y[edge] = zero

            x, y, sum_x, sum_y, pull, total = xs[row], ys[row], zero, zero, zero, zero
            for edge in range(padded):
                dx, dy = x - to_x[edge], y - to_y[edge]
                square = max(dx * dx + dy * dy, _CLOSEST)
                curved = power(square, b)
                force = attraction * weights[edge] * curved / (square * (one + a * curved))
                pull += force
                sum_x += force * to_x[edge]
                sum_y += force * to_y[edge]
                total += weights[edge]
            x, y = (x + sum_x) / (one + pull), (y + sum_y) / (one + pull)

            sum_x, sum_y = zero, zero
            for sample in range(np.uint64(NEGATIVES)):
                dx, dy = x - away_x[sample], y - away_y[sample]
                square = dx * dx + dy * dy
                curved = power(max(square, _CLOSEST), b)
                force = np.float32(2.0) * b / ((np.float32(0.001) + square) * (one + a * curved))
                sum_x += max(min(force * dx, _CLIP), -_CLIP)
                sum_y += max(min(force * dy, _CLIP), -_CLIP)
            xs[row], ys[row] = x + repulsion * total * sum_x, y + repulsion * total * sum_y


@jit(fastmath=True)
def move_space(starts, graph, positions, snapshot, curve, step, first_block, stop_block):  # type: ignore[no-untyped-def]
    """Move the rows of some blocks by one epoch, in place: `move_plane` for any number of components.

    It adds up the forces axis by axis, in passes over small buffers, which takes about twice as long in the plane.
    """
    one, zero, a, b = np.float32(1.0), np.float32(0.0), curve.a, curve.b
    attraction = np.float32(4.0) * a * b * step.learning_rate
    repulsion = step.learning_rate * step.negative_sample_rate / np.float32(NEGATIVES)
    axes, drawn = np.uint64(len(positions)), np.uint64(NEGATIVES)
    negatives = np.empty((len(positions), NEGATIVES), np.float32)
    room = max(graph.widest + np.int64(_LANES), NEGATIVES)
    ends, forces = np.empty((len(positions), room), np.float32), np.empty(room, np.float32)
    for block in range(first_block, stop_block):
        first, stop = np.uint64(starts[block]), np.uint64(starts[block + 1])
        for row in range(first, stop):
            if row == first or row % np.uint64(step.tile) == np.uint64(0):
                draw_negatives(snapshot, np.int64(row) // step.tile, step, negatives)
            low = np.uint64(graph.indptr[row])
            size = np.uint64(graph.indptr[row + _ONE]) - low
            for edge in range(size):
                column = np.uint64(graph.indices[low + edge])
                source = positions if first <= column < stop else snapshot
                for axis in range(axes):
                    ends[axis, edge] = source[axis, column]

            _squares(positions, row, ends, size, forces)
            pull, total = zero, zero
            for edge in range(size):
                square = max(forces[edge], _CLOSEST)
                curved = power(square, b)
                weight = graph.weights[low + edge]
                forces[edge] = attraction * weight * curved / (square * (one + a * curved))
                pull += forces[edge]
                total += weight
            for axis in range(axes):
                toward = zero
                for edge in range(size):
                    toward += forces[edge] * ends[axis, edge]
                positions[axis, row] = (positions[axis, row] + toward) / (one + pull)

            _squares(positions, row, negatives, drawn, forces)
            for sample in range(drawn):
                curved = power(max(forces[sample], _CLOSEST), b)
                forces[sample] = np.float32(2.0) * b / ((np.float32(0.001) + forces[sample]) * (one + a * curved))
            for axis in range(axes):
                at, push = positions[axis, row], zero
                for sample in range(drawn):
                    push += max(min(forces[sample] * (at - negatives[axis, sample]), _CLIP), -_CLIP)
                positions[axis, row] = at + repulsion * total * push


@jit(fastmath=True, inline=True)
def _squares(positions, row, ends, size, squares):  # type: ignore[no-untyped-def]
    """Fill `squares` with the squared distances from one row to `size` points, shape (n_components, ≥ size)."""
    for point in range(size):
        squares[point] = np.float32(0.0)
    for axis in range(np.uint64(len(positions))):
        at = positions[axis, row]
        for point in range(size):
            offset = at - ends[axis, point]
            squares[point] += offset * offset


@jit
def spread_sample(graph, step, sample, positions, first, stop):  # type: ignore[no-untyped-def]
    """Place rows by the rows of a sample that are already placed, in place.

    Row i lies at the mean of its neighbors in the sample, weighted by the graph; the sample's own rows, and rows
    without such a neighbor, at the place of the sample's row of their own stretch of `step` rows.

    Parameters
    ----------
    graph : Edges
    step : int
        Every `step`-th row is in the sample, from row ``step // 2``.
    sample : float32, shape (n_components, n_sample)
    positions : float32, shape (n_components, n_rows)
    first, stop : int
        The rows to place.
    """
    last = sample.shape[1] - 1
    for row in range(first, stop):
        total = np.float32(0.0)
        for axis in range(len(sample)):
            positions[axis, row] = np.float32(0.0)
        if row % step != step // 2:
            for entry in range(graph.indptr[row], graph.indptr[row + 1]):
                column, weight = graph.indices[entry], graph.weights[entry]
                if column % step == step // 2:
                    total += weight
                    for axis in range(len(sample)):
                        positions[axis, row] += weight * sample[axis, column // step]
        for axis in range(len(sample)):
            if total > np.float32(0.0):
                positions[axis, row] /= total
            else:
                positions[axis, row] = sample[axis, min(row // step, last)]
