"""Edges of a neighbor graph within and between groups of rows: counted one by one, nothing listed."""

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit
from songscape.kernels.union_find import find_root, join_roots

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]


@jit
def components_within(near: Int32, groups: Int32) -> Int32:
    """Return the connected components of each group's rows, along the edges that join rows of one group.

    Parameters
    ----------
    near : int32, shape (n_rows, k)
        Row numbers of the neighbors of each row.
    groups : int32, shape (n_rows,)
        Group of each row, from 0; −1 for none: such rows stand alone.

    Returns
    -------
    int32, shape (n_rows,)
        A row of the component, the same for all its rows.
    """
    n_rows = len(near)
    parent = np.empty(n_rows, np.int32)
    members = np.empty(n_rows, np.int32)
    for row in range(n_rows):
        parent[row] = row
        members[row] = 1
    for row in range(n_rows):
        for place in range(near.shape[1]):
            other = near[row, place]
            if groups[row] >= 0 and groups[other] == groups[row]:
                a, b = find_root(parent, np.int32(row)), find_root(parent, other)
                if a != b:
                    join_roots(parent, members, a, b)
    for row in range(n_rows):
        parent[row] = find_root(parent, np.int32(row))
    return parent


@jit
def count_upward(near: Int32, groups: Int32, rank: Int64, counts: Int64) -> None:
    """Count for each pair of groups the edges that lead from the group of the higher rank to that of the lower one.

    Parameters
    ----------
    near, groups
        As in `components_within`.
    rank : int64, shape (n_groups,)
        A different number for each group.
    counts : int64, shape (n_groups, n_groups)
        ``[source, target]``, added to.
    """
    for row in range(len(near)):
        source = groups[row]
        for place in range(near.shape[1]):
            target = groups[near[row, place]]
            if source >= 0 and target >= 0 and rank[source] > rank[target]:
                counts[source, target] += 1
