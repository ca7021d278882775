"""Factors of playlists and songs: one half-step of alternating least squares, by conjugate gradients."""

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit
from songscape.threads import run_blocks

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

_ROWS = 256  # rows in a block


def solve_rows(indptr: Int64, ids: Int32, other: Float32, start: Float32, confidence: float, ridge: float) -> Float32:
    """Return the factors of rows that fit the factors of what they hold.

    Parameters
    ----------
    indptr, ids : int64 (n_rows + 1,), int32 (n_entries,)
        Row i holds ``ids[indptr[i] : indptr[i + 1]]``.
    other : float32, shape (n_others, n_factors)
        Factors of what rows hold.
    start : float32, shape (n_rows, n_factors)
        Where the search begins.
    confidence : float
        A thing that is held counts 1 + confidence times what one that is not does.
    ridge : float
        Penalty on the squared norm of a row.

    Returns
    -------
    float32, shape (n_rows, n_factors)
        About the minimum of Σ c (1[held] − x·y)² + ridge |x|², after three steps.
    """
    gram = (other.T.astype(np.float64) @ other.astype(np.float64) + ridge * np.eye(other.shape[1])).astype(np.float32)
    out = start.copy()

    def work(first: int, stop: int) -> None:
        rows = (first * _ROWS, min(stop * _ROWS, len(out)))
        _solve_range(indptr, ids, other, gram, confidence, out, *rows)

    run_blocks(work, -(-len(out) // _ROWS))
    return out


@jit
def _apply(
    gram: Float32, other: Float32, held: Int32, confidence: float | np.float32, x: Float32, out: Float32
) -> None:
    """Write (gram + confidence Σ y yᵀ) x to `out`."""
    k = len(x)
    for a in range(k):
        out[a] = np.float32(0.0)
    for b in range(k):
        row = gram[b]
        weight = x[b]
        for a in range(k):
            out[a] += weight * row[a]
    for at in range(len(held)):
        y = other[held[at]]
        product = np.float32(0.0)
        for a in range(k):
            product += y[a] * x[a]
        product *= confidence
        for a in range(k):
            out[a] += product * y[a]


@jit
def _solve_range(
    indptr: Int64,
    ids: Int32,
    other: Float32,
    gram: Float32,
    confidence: float,
    out: Float32,
    first: int,
    stop: int,
) -> None:
    k = other.shape[1]
    trust = np.float32(confidence)
    rest = np.empty(k, np.float32)
    way = np.empty(k, np.float32)
    image = np.empty(k, np.float32)
    for i in range(first, stop):
        held = ids[indptr[i] : indptr[i + 1]]
        x = out[i]
        if len(held) == 0:
            x[:] = np.float32(0.0)
            continue
        _apply(gram, other, held, trust, x, image)
        for a in range(k):
            rest[a] = -image[a]
        for at in range(len(held)):
            y = other[held[at]]
            for a in range(k):
                rest[a] += (np.float32(1.0) + trust) * y[a]
        way[:] = rest
        size = np.float32(0.0)
        for a in range(k):
            size += rest[a] * rest[a]
        for _ in range(3):
            if size < np.float32(1e-12):
                break
            _apply(gram, other, held, trust, way, image)
            curve = np.float32(0.0)
            for a in range(k):
                curve += way[a] * image[a]
            step = size / curve
            new_size = np.float32(0.0)
            for a in range(k):
                x[a] += step * way[a]
                rest[a] -= step * image[a]
                new_size += rest[a] * rest[a]
            ratio = new_size / size
            for a in range(k):
                way[a] = rest[a] + ratio * way[a]
            size = new_size
