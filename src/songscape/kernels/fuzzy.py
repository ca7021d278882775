"""UMAP's fuzzy simplicial set: smoothed neighbor distances and their union.

McInnes, Healy, Melville: *UMAP* (arXiv 1802.03426), algorithms 2 and 3; the constants are umap-learn's.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit
from songscape.threads import run_blocks

_TOLERANCE = 1e-5
_MAX_STEPS = 64
_MIN_SCALE = 1e-3  # sigma is at least this share of the mean distance
_BLOCK = 1024

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]


@jit
def _bisect_sigma(distances: Float32, rho: float, target: float) -> float:
    """Return sigma with 1 + Σ exp(−max(0, d − rho) / sigma) = target + 1, by umap-learn's own bisection."""
    low, high, middle = 0.0, np.inf, 1.0
    for _ in range(_MAX_STEPS):
        total = 0.0
        for distance in distances:
            excess = distance - rho
            total += np.exp(-(excess / middle)) if excess > 0.0 else 1.0
        if abs(total - target) < _TOLERANCE:
            break
        if total > target:
            high = middle
            middle = (low + high) / 2.0
        else:
            low = middle
            middle = middle * 2.0 if high == np.inf else (low + high) / 2.0
    return middle


@jit
def _smooth_rows(first: int, stop: int, distances: Float32, mean_of_all: float, rho: Float32, sigma: Float32) -> None:
    k = distances.shape[1]
    target = np.log2(k + 1.0)  # n_neighbors counts the point itself
    for row in range(first, stop):
        near = distances[row]
        nearest, total = np.float32(0.0), 0.0
        for distance in near:
            if nearest == 0.0:
                nearest = distance
            total += distance
        width = _bisect_sigma(near, float(nearest), target)
        mean = total / (k + 1) if nearest > 0.0 else mean_of_all
        rho[row], sigma[row] = nearest, max(width, _MIN_SCALE * mean)


def smooth_distances(distances: Float32) -> tuple[Float32, Float32]:
    """Return rho and sigma of each row.

    Parameters
    ----------
    distances : float32, shape (n_rows, k), k ≥ 1
        Ascending distances to the k nearest *other* rows.

    Returns
    -------
    rho, sigma : float32, shape (n_rows,)
        rho is the smallest positive distance (0 where there is none). sigma solves
        Σ exp(−max(0, d − rho) / sigma) = log2(k + 1).
    """
    n_rows, k = distances.shape
    rho = np.empty(n_rows, np.float32)
    sigma = np.empty(n_rows, np.float32)
    mean_of_all = float(distances.sum(dtype=np.float64)) / max(1, n_rows * (k + 1))

    def work(first: int, stop: int) -> None:
        _smooth_rows(first, stop, distances, mean_of_all, rho, sigma)

    run_blocks(work, n_rows, grain=_BLOCK)
    return rho, sigma


@jit
def _sort_row(columns: Int32, values: Float32) -> None:
    """Sort a short row by column number, in place (insertion sort)."""
    for i in range(1, len(columns)):
        column, value = columns[i], values[i]
        j = i - 1
        while j >= 0 and columns[j] > column:
            columns[j + 1], values[j + 1] = columns[j], values[j]
            j -= 1
        columns[j + 1], values[j + 1] = column, value


@jit
def _weigh_rows(first: int, stop: int, columns: Int32, weights: Float32, rho: Float32, sigma: Float32) -> None:
    """Turn sorted-by-distance rows into sorted-by-column rows of membership strengths, in place."""
    for row in range(first, stop):
        for j in range(columns.shape[1]):
            excess = weights[row, j] - rho[row]
            weights[row, j] = np.exp(-(excess / sigma[row])) if excess > 0.0 else 1.0
        _sort_row(columns[row], weights[row])


def membership_strengths(indices: Int32, distances: Float32, rho: Float32, sigma: Float32) -> tuple[Int32, Float32]:
    """Return (columns, weights), each shaped as `indices`, rows sorted by column: exp(−max(0, d − rho) / sigma)."""
    columns, weights = indices.copy(), distances.copy()
    weigh_in_place(columns, weights, rho, sigma)
    return columns, weights


def weigh_in_place(indices: Int32, distances: Float32, rho: Float32, sigma: Float32) -> None:
    """Turn neighbors and distances into what `membership_strengths` returns: nothing is copied."""

    def work(first: int, stop: int) -> None:
        _weigh_rows(first, stop, indices, distances, rho, sigma)

    run_blocks(work, len(indices), grain=_BLOCK)


@jit
def _transpose(columns: Int32, weights: Float32) -> tuple[Int64, Int32, Float32]:
    """Return the transpose of the directed graph as CSR; counting sort leaves each row sorted by column."""
    n_rows, k = columns.shape
    indptr = np.zeros(n_rows + 1, np.int64)
    for row in range(n_rows):
        for j in range(k):
            indptr[columns[row, j] + 1] += 1
    for row in range(n_rows):
        indptr[row + 1] += indptr[row]
    slot = indptr[:-1].copy()
    rows = np.empty(n_rows * k, np.int32)
    values = np.empty(n_rows * k, np.float32)
    for row in range(n_rows):
        for j in range(k):
            column = columns[row, j]
            rows[slot[column]] = row
            values[slot[column]] = weights[row, j]
            slot[column] += 1
    return indptr, rows, values


@jit
def _merge(columns: Int32, weights: Float32, others: Int32, strengths: Float32, to: Int32, values: Float32) -> int:
    """Merge two rows sorted by column into p + q − p q; return the number of entries, written if there is room."""
    i = j = size = 0
    while i < len(columns) or j < len(others):
        mine = columns[i] if i < len(columns) else np.iinfo(np.int32).max
        theirs = others[j] if j < len(others) else np.iinfo(np.int32).max
        column = min(mine, theirs)
        p = q = np.float32(0.0)
        if mine == column:
            p = weights[i]
            i += 1
        if theirs == column:
            q = strengths[j]
            j += 1
        value = p + q - p * q
        if value > 0.0:
            if len(to):
                to[size] = column
                values[size] = value
            size += 1
    return size


class _Directed(NamedTuple):
    """The directed graph by rows, and its transpose."""

    columns: Int32
    weights: Float32
    indptr: Int64
    rows: Int32
    strengths: Float32


@jit
def _count_rows(first: int, stop: int, graph: _Directed, nothing: Int32, no_values: Float32, sizes: Int64) -> None:
    for row in range(first, stop):
        low, high = graph.indptr[row], graph.indptr[row + 1]
        others, strengths = graph.rows[low:high], graph.strengths[low:high]
        sizes[row] = _merge(graph.columns[row], graph.weights[row], others, strengths, nothing, no_values)


@jit
def _merge_rows(first: int, stop: int, graph: _Directed, indptr: Int64, indices: Int32, values: Float32) -> None:
    for row in range(first, stop):
        low, high = graph.indptr[row], graph.indptr[row + 1]
        others, strengths = graph.rows[low:high], graph.strengths[low:high]
        own = slice(indptr[row], indptr[row + 1])
        _merge(graph.columns[row], graph.weights[row], others, strengths, indices[own], values[own])


def fuzzy_union(columns: Int32, weights: Float32) -> tuple[Int64, Int32, Float32]:
    """Return p + pᵀ − p ∘ pᵀ of the directed graph as CSR (indptr, indices, weights), zeros left out.

    Entries are counted before they are written: so no more memory is taken than they need.

    Parameters
    ----------
    columns, weights : int32 and float32, shape (n_rows, k)
        The directed graph; each row sorted by column, no column twice.
    """
    graph = _Directed(columns, weights, *_transpose(columns, weights))
    indptr = np.zeros(len(columns) + 1, np.int64)
    nothing, no_values = np.empty(0, np.int32), np.empty(0, np.float32)

    def count(first: int, stop: int) -> None:
        _count_rows(first, stop, graph, nothing, no_values, indptr[1:])

    run_blocks(count, len(columns), grain=_BLOCK)
    np.cumsum(indptr, out=indptr)
    indices, values = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.float32)

    def merge(first: int, stop: int) -> None:
        _merge_rows(first, stop, graph, indptr, indices, values)

    run_blocks(merge, len(columns), grain=_BLOCK)
    return indptr, indices, values
