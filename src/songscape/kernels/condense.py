"""From the single-linkage hierarchy to the condensed tree of HDBSCAN."""

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit

Int32 = npt.NDArray[np.int32]
Float64 = npt.NDArray[np.float64]


@jit
def condense_tree(
    left: Int32, right: Int32, distance: Float64, size: Int32, min_cluster_size: int
) -> tuple[Int32, Float64, Int32, Float64, Int32]:
    """Walk the hierarchy from its root and keep only splits into two groups of at least `min_cluster_size` rows.

    Parameters
    ----------
    left, right : int32, shape (n_rows − 1,)
        Nodes merged, in order of merges: a row below n_rows, or n_rows + i for the i-th merge.
    distance : float64, shape (n_rows − 1,)
        Height of each merge, ascending.
    size : int32, shape (n_rows − 1,)
        Rows under the merged node.
    min_cluster_size : int
        At least 2.

    Returns
    -------
    row_cluster : int32, shape (n_rows,)
        The cluster that a row falls out of; 0 is the root, which holds all rows.
    row_lambda : float64, shape (n_rows,)
        1 / distance at which it does; inf at distance 0.
    cluster_parent : int32, shape (n_clusters,)
        The cluster that a cluster splits off, always a lower number; 0 for the root.
    cluster_lambda : float64, shape (n_clusters,)
        1 / distance at which it does, finite; 0 for the root.
    cluster_size : int32, shape (n_clusters,)
        Rows in the cluster when it splits off.

    Notes
    -----
    A merge at distance 0 is never a split: rows that cannot be told apart all fall together, at inf.
    """
    n_rows = len(left) + 1
    n_nodes = 2 * n_rows - 1
    cluster = np.zeros(n_nodes, np.int32)
    fallen = np.full(n_nodes, -1.0)  # where a node fell out of its cluster; −1: it is (part of) the cluster
    fallen[:n_rows] = np.inf  # the lone row of a hierarchy without merges
    most = 2 * (n_rows // min_cluster_size) + 1  # disjoint leaves of at least that size, and their ancestors
    cluster_parent, cluster_lambda = np.zeros(most, np.int32), np.zeros(most)
    cluster_size = np.empty(most, np.int32)
    cluster_size[0] = n_rows
    n_clusters = 1
    for merge in range(n_rows - 2, -1, -1):
        node = n_rows + merge
        height = fallen[node]
        inside = height < 0.0
        if inside:
            height = 1.0 / distance[merge]
        sizes = (
            size[left[merge] - n_rows] if left[merge] >= n_rows else 1,
            size[right[merge] - n_rows] if right[merge] >= n_rows else 1,
        )
        splits = inside and min(sizes) >= min_cluster_size and distance[merge] > 0.0
        for child, child_size in ((left[merge], sizes[0]), (right[merge], sizes[1])):
            cluster[child] = cluster[node]
            if splits:
                cluster[child] = n_clusters
                cluster_parent[n_clusters] = cluster[node]
                cluster_lambda[n_clusters] = height
                cluster_size[n_clusters] = child_size
                n_clusters += 1
            elif not (inside and child_size >= min_cluster_size and distance[merge] > 0.0):
                fallen[child] = height
    return (
        cluster[:n_rows].copy(),
        fallen[:n_rows].copy(),
        cluster_parent[:n_clusters].copy(),
        cluster_lambda[:n_clusters].copy(),
        cluster_size[:n_clusters].copy(),
    )
