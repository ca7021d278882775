"""Ward merging of groups that are known by their centers and sizes."""

import numpy as np

from songscape.types import Float64, Int32


def merge_centers(centers: Float64, sizes: Float64, n_groups: int, blocks: Int32 | None = None) -> Int32:
    """Merge groups two by two, always the pair whose union adds least to the squared distances, until few are left.

    Joining groups of a and b rows whose centers lie a distance d apart adds a b / (a + b) d² to the sum of squared
    distances of rows from their group's center (Ward 1963, doi:10.1080/01621459.1963.10500845). What is left at a
    smaller `n_groups` is made of what is left at a larger one: so scales nest.

    Parameters
    ----------
    centers : float64, shape (n_centers, n_columns)
    sizes : float64, shape (n_centers,)
        Rows in each group, > 0.
    n_groups : int
        Groups to be left, at least 1; with fewer centers, all stay.
    blocks : int32, shape (n_centers,), optional
        Only centers of the same block are merged; at least one group is left in each.

    Returns
    -------
    int32, shape (n_centers,)
        Number of the group that each center ends in, from 0, in order of the first center of a group.

    Examples
    --------
    >>> merge_centers(np.array([[0.0], [5.0], [1.0], [9.0]]), np.ones(4), 2).tolist()
    [0, 1, 0, 1]
    >>> merge_centers(np.array([[0.0], [5.0], [1.0], [9.0]]), np.ones(4), 2, np.array([0, 0, 1, 1])).tolist()
    [0, 0, 1, 1]
    """
    centers, sizes = centers.copy(), sizes.astype(np.float64)
    group = np.arange(len(centers))
    blocks = np.zeros(len(centers), np.int32) if blocks is None else blocks
    added = np.stack([_added(centers, sizes, blocks, i) for i in range(len(centers))])
    for _ in range(len(centers) - max(n_groups, len(np.unique(blocks)))):
        into, gone = sorted(divmod(int(added.argmin()), len(centers)))
        both = sizes[into] + sizes[gone]
        centers[into] = (sizes[into] * centers[into] + sizes[gone] * centers[gone]) / both
        sizes[into], sizes[gone] = both, 0.0
        group[group == gone] = into
        added[gone] = added[:, gone] = np.inf
        added[into] = added[:, into] = _added(centers, sizes, blocks, into)
    return np.unique(group, return_inverse=True)[1].astype(np.int32)


def _added(centers: Float64, sizes: Float64, blocks: Int32, i: int) -> Float64:
    """Return what joining group i with each other group adds; inf for itself, other blocks and what is gone."""
    squares = ((centers - centers[i]) ** 2).sum(axis=1)
    with np.errstate(divide="ignore"):
        cost: Float64 = squares / (1.0 / sizes + 1.0 / sizes[i])
    cost[(sizes == 0.0) | (blocks != blocks[i])] = np.inf
    cost[i] = np.inf
    return cost
