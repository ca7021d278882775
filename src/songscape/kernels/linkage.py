"""From a spanning tree to the single-linkage hierarchy."""

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit
from songscape.kernels.union_find import find_root, join_roots

Int32 = npt.NDArray[np.int32]


@jit
def link_rows(left: Int32, right: Int32) -> tuple[Int32, Int32, Int32]:
    """Merge rows along the edges of a spanning tree, in the order given.

    Parameters
    ----------
    left, right : int32, shape (n_rows − 1,)
        The rows that an edge joins; edges by ascending weight. They must form a tree.

    Returns
    -------
    left_node, right_node : int32, shape (n_rows − 1,)
        Nodes merged: a row below n_rows, or n_rows + i for the i-th merge.
    size : int32, shape (n_rows − 1,)
        Rows under the new node.
    """
    n_merges = len(left)
    n_rows = n_merges + 1
    parent = np.empty(n_rows, np.int32)
    members = np.empty(n_rows, np.int32)
    node = np.empty(n_rows, np.int32)  # the hierarchy's node of each root
    for row in range(n_rows):
        parent[row] = node[row] = row
        members[row] = 1
    left_node = np.empty(n_merges, np.int32)
    right_node = np.empty(n_merges, np.int32)
    size = np.empty(n_merges, np.int32)
    for merge in range(n_merges):
        a, b = find_root(parent, left[merge]), find_root(parent, right[merge])
        left_node[merge] = node[a]
        right_node[merge] = node[b]
        root = join_roots(parent, members, a, b)
        node[root] = n_rows + merge
        size[merge] = members[root]
    return left_node, right_node, size
