"""The neighbors of rows as a spanning tree wants them: by position and as positions, and core distances."""

from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit
from songscape.kernels.leaves import Leaves
from songscape.kernels.nearest import nearest_positions
from songscape.threads import run_blocks

_GRAIN = 4096

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]


class Lists(NamedTuple):
    """Neighbors of each row, by position and as positions.

    Attributes
    ----------
    neighbors, lengths : int32 and float32, shape (n_rows, k)
        The k nearest other rows of each row in Euclidean distance, ascending, ties by position.
    core_neighbors, core : int32 and float32, shape (n_rows,)
        The `min_samples`-th nearest other row, listed or not, and its distance: the core distance.
    """

    neighbors: Int32
    lengths: Float32
    core_neighbors: Int32
    core: Float32


def list_neighbors(leaves: Leaves, min_samples: int, k: int) -> Lists:
    """Search the `k` nearest other rows of each row, and the one that its core distance leads to.

    Any k gives the same tree; how fast, and with how much memory, depends on it.
    """
    n_rows, width = leaves.n_rows, min(k, leaves.n_rows - 1)
    lists = Lists(
        np.empty((n_rows, width), np.int32),
        np.empty((n_rows, width), np.float32),
        np.empty(n_rows, np.int32),
        np.empty(n_rows, np.float32),
    )
    for first, indices, distances in nearest_positions(leaves, max(width, min_samples)):
        here = slice(first, first + len(indices))
        lists.neighbors[here], lists.lengths[here] = indices[:, :width], distances[:, :width]
        lists.core_neighbors[here], lists.core[here] = indices[:, min_samples - 1], distances[:, min_samples - 1]
    return lists


def relist_neighbors(leaves: Leaves, min_samples: int, indices: Int32, distances: Float32) -> Lists:
    """Return neighbor lists that are by row and of rows, shape (n_rows, k), k ≥ min_samples, as `Lists`."""
    order = leaves.order
    place = np.empty_like(order)
    place[order] = np.arange(len(order), dtype=np.int32)
    neighbors, lengths = np.empty_like(indices), np.empty_like(distances)
    run_blocks(partial(_relist_rows, order, place, indices, distances, neighbors, lengths), len(order), grain=_GRAIN)
    return Lists(neighbors, lengths, neighbors[:, min_samples - 1].copy(), lengths[:, min_samples - 1].copy())


@jit
def _relist_rows(order, place, indices, distances, neighbors, lengths, first, stop):  # type: ignore[no-untyped-def]
    for position in range(first, stop):
        row = order[position]
        for i in range(indices.shape[1]):
            neighbors[position, i] = place[indices[row, i]]
            lengths[position, i] = distances[row, i]
