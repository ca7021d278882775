"""What the neighbor graph says about groups: who links to whom, where they are densest, and which songs are hubs."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from songscape.types import Float64, Int32, Int64, NeighborGraph

NEAR_MEMBERS = 5
"""Density is measured by the mean distance to this many nearest songs of the same group."""

_ROWS_AT_ONCE = 65536


class Links(NamedTuple):
    """What is counted from the neighbor graph.

    Attributes
    ----------
    shares : float64, shape (n_groups, n_groups)
        Of the links of a group's songs to songs in groups: the share that leads to each group. Rows sum to 1, or 0.
    sparsity : float64, shape (n_rows,)
        Mean distance to the five nearest songs of the same group; inf where fewer are among the neighbors.
    popularity : int64, shape (n_rows,)
        In how many other songs' lists of neighbors a song occurs.
    """

    shares: Float64
    sparsity: Float64
    popularity: Int64


def count_links(labels: Int32, n_groups: int, neighbors: NeighborGraph) -> Links:
    """Count the links within and between groups, in one walk over the graph."""
    n, k = neighbors.indices.shape
    pairs = np.zeros((n_groups + 1) ** 2, dtype=np.int64)
    sparsity = np.full(n, np.inf)
    wanted = min(NEAR_MEMBERS, k)
    for start in range(0, n, _ROWS_AT_ONCE):
        rows = slice(start, min(start + _ROWS_AT_ONCE, n))
        beside = labels[neighbors.indices[rows]]
        here = labels[rows]
        cells = (here[:, None] % (n_groups + 1)).astype(np.int64) * (n_groups + 1) + beside % (n_groups + 1)
        pairs += np.bincount(cells.ravel(), minlength=len(pairs))  # −1 % (n + 1) = n: songs in no group come last
        own = (beside == here[:, None]) & (here >= 0)[:, None]
        sparsity[rows] = _mean_of_first(neighbors.distances[rows], own, wanted)
    counts = pairs.reshape(n_groups + 1, n_groups + 1)[:n_groups, :n_groups]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return Links(shares, sparsity, np.bincount(neighbors.indices.ravel(), minlength=n))


def _mean_of_first(distances: npt.NDArray[np.float32], own: npt.NDArray[np.bool_], wanted: int) -> Float64:
    """Return the mean of the first `wanted` distances that are `own`, inf where there are fewer."""
    order = np.cumsum(own, axis=1, dtype=np.int16)
    taken = own & (order <= wanted)
    total = np.where(taken, distances, np.float32(0.0)).sum(axis=1, dtype=np.float64)
    enough = order[:, -1] >= wanted if own.shape[1] else np.zeros(len(own), dtype=np.bool_)
    return np.where(enough, total / max(wanted, 1), np.inf)


def hub_shares(labels: Int32, n_groups: int, popularity: Int64) -> tuple[Float64, list[Int64]]:
    """Return the share of a group's occurrences that its most frequent hundredth takes, and its three top songs.

    The hundredth is rounded up, so a group of at most 100 songs has one such song. 0 without any occurrence.
    """
    order = np.lexsort((np.arange(len(labels)), -popularity, labels))
    starts = np.searchsorted(labels[order], np.arange(n_groups + 1))
    shares = np.zeros(n_groups)
    tops = []
    for group in range(n_groups):
        rows = order[starts[group] : starts[group + 1]]
        total = popularity[rows].sum()
        shares[group] = popularity[rows[: -(-len(rows) // 100)]].sum() / max(total, 1)
        tops.append(rows[:3])
    return shares, tops


def nearest_groups(shares: Float64, centers: Float64, n_linked: int, n_near: int) -> list[list[int]]:
    """Return for each group the others that most of its links lead to, then those with the nearest centers."""
    n_groups = len(shares)
    squares = ((centers[:, None] - centers[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squares, np.inf)
    linked = shares + shares.T
    np.fill_diagonal(linked, 0.0)
    found = []
    for group in range(n_groups):
        by_links = np.lexsort((squares[group], -linked[group]))[:n_linked]
        by_links = by_links[linked[group, by_links] > 0.0]
        near = np.argsort(squares[group], kind="stable")[: min(n_near, n_groups - 1)]
        found.append(list(dict.fromkeys(int(other) for other in (*by_links, *near))))
    return found
