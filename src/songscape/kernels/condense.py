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
    left, right, distance, size : int32 but float64 distance, shape (n_rows − 1,)
        The hierarchy, as in `songscape.types.LinkageTree`.
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
    cluster = np.empty(2 * n_rows - 1, np.int32)
    fallen = np.empty(2 * n_rows - 1, np.float64)  # where a node fell out of its cluster; −1: it belongs to its core
    cluster[-1] = 0
    fallen[-1] = -1.0 if n_rows > 1 else np.inf  # a lone row is never parted from anything
    most = 2 * (n_rows // min_cluster_size) + 1  # disjoint leaves of at least that size, and their ancestors
    cluster_parent = np.empty(most, np.int32)
    cluster_lambda = np.empty(most, np.float64)
    cluster_size = np.empty(most, np.int32)
    cluster_parent[0] = 0
    cluster_lambda[0] = 0.0
    cluster_size[0] = n_rows
    n_clusters = 1
    for merge in range(n_rows - 2, -1, -1):
        node = n_rows + merge
        inside = fallen[node] < 0.0
        height = 1.0 / distance[merge] if inside else fallen[node]
        least = min_cluster_size if inside and distance[merge] > 0.0 else n_rows + 1
        left_size = _rows_under(left[merge], size)
        splits = min(left_size, size[merge] - left_size) >= least
        for side in range(2):
            child = left[merge] if side == 0 else right[merge]
            child_size = left_size if side == 0 else size[merge] - left_size
            cluster[child] = cluster[node]
            fallen[child] = -1.0 if child_size >= least else height
            if splits:
                cluster[child] = n_clusters
                cluster_parent[n_clusters] = cluster[node]
                cluster_lambda[n_clusters] = height
                cluster_size[n_clusters] = child_size
                n_clusters += 1
    return (
        cluster[:n_rows],
        fallen[:n_rows],
        cluster_parent[:n_clusters],
        cluster_lambda[:n_clusters],
        cluster_size[:n_clusters],
    )


@jit
def _rows_under(node: int, size: Int32) -> int:
    """Return how many rows a node of the hierarchy holds: one, if it is a row."""
    n_rows = len(size) + 1
    return size[node - n_rows] if node >= n_rows else 1
