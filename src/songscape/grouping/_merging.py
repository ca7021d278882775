"""Merging and regrouping of groups that are known by their centers and sizes."""

import numpy as np

from songscape.types import Float64, Int32

_STARTS = 40
_STEPS = 40


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


def regroup_centers(centers: Float64, sizes: Float64, merged: Int32) -> Int32:
    """Return the best of many partitions into as many groups: the one with least squared distances to their centers.

    One starts from `merged`, 40 others from drawn centers (k-means++, a fixed seed), and each runs to its end
    (Lloyd). The best of all hardly depends on which rows a sample has; a single merging, whose early steps cannot
    be undone, does.

    Parameters
    ----------
    centers, sizes
        As in `merge_centers`.
    merged : int32, shape (n_centers,)
        Groups from 0, each with a center.

    Returns
    -------
    int32, shape (n_centers,)
        Groups from 0, each with a center; at most as many.
    """
    rng = np.random.default_rng(0)
    n_groups = int(merged.max()) + 1
    weights = np.bincount(merged, sizes)
    starts = [np.stack([np.bincount(merged, sizes * column) for column in centers.T], axis=1) / weights[:, None]]
    if 1 < n_groups < len(centers):
        starts += [_drawn(centers, sizes, n_groups, rng) for _ in range(_STARTS)]
    ended = [_run(centers, sizes, start) for start in starts]
    best = min(range(len(ended)), key=lambda i: ended[i][0])
    return np.unique(ended[best][1], return_inverse=True)[1].astype(np.int32)


def _drawn(centers: Float64, sizes: Float64, n_groups: int, rng: np.random.Generator) -> Float64:
    """Draw centers to start from, each by its squared distance from those before (Arthur, Vassilvitskii 2007)."""
    cost, chosen = sizes, []
    for _ in range(n_groups):
        chosen.append(int(np.searchsorted(np.cumsum(cost), rng.random() * cost.sum(), side="right")) % len(centers))
        squares = ((centers - centers[chosen[-1]]) ** 2).sum(axis=1) * sizes
        cost = squares if len(chosen) == 1 else np.minimum(cost, squares)
    return centers[chosen]


def _run(centers: Float64, sizes: Float64, ends: Float64) -> tuple[float, Int32]:
    """Run Lloyd's algorithm on weighted centers; return the sum of squared distances, and the groups."""
    group = np.full(len(centers), -1)
    for _ in range(_STEPS):
        squares = ((centers[:, None] - ends[None]) ** 2).sum(axis=2)
        before, group = group, squares.argmin(axis=1)
        if (before == group).all():
            break
        member = sizes * (np.arange(len(ends))[:, None] == group)
        held = member.any(axis=1)
        ends = ends.copy()
        ends[held] = member[held] @ centers / member[held].sum(axis=1, keepdims=True)
    return float((sizes * squares.min(axis=1)).sum()), group.astype(np.int32)
