"""From the leaves of a hierarchy to nested groups at three scales.

1. Noise goes to the cluster of most of its nearest 15 rows that have one, in the space of `points`.
2. Clusters are merged two by two, always the pair whose union adds least to the squared distances in `X` (Ward),
   until ``n_coarse`` are left; or regrouped, where that is better. The centers of these settle among the rows
   (Lloyd), and each cluster goes to the nearest. Within the coarse groups the same makes ``n_middle`` groups in
   all, and within those mere merging ``n_fine``: so a group lies in one group of the coarser scale.
3. Each row goes to the fine group for which 4 c² + 2 m² + f² is smallest, with c, m and f its distances to the
   centers of the coarse, the middle and the fine group, and centers follow; up to 20 times. That is Lloyd's
   algorithm for three nested scales at once: larger groups, whose places are surer, count more.
4. Memberships are shares of a mixture, see `songscape.grouping._membership`; the strongest rows are covered.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from songscape.config import GroupingParams
from songscape.errors import InputError
from songscape.grouping._cores import fill_noise, settle_centers
from songscape.grouping._coverage import covered_labels
from songscape.grouping._membership import collect, nearby_shares, spread_around
from songscape.grouping._merging import merge_centers, regroup_centers
from songscape.grouping._seats import merged_centers, seats_of
from songscape.kernels.centers import assign_rows, centers_of
from songscape.progress import Progress, silent
from songscape.types import Clustering, Float32, Float64, Groups, GroupScale, Int32
from songscape.validation import check_points, measuring_unit

SCALES = ("coarse", "middle", "fine")
"""Names of the scales, coarse first."""

_STAGE = "groups"
_FEWEST = 10  # rows of a group
_ROUNDS = 20  # steps in which rows and centers follow each other
_EMPTY = np.zeros(0, np.int32)


class _Leaves(NamedTuple):
    """Clusters of the finest cut, every row in one of them."""

    filled: Int32  # (n_rows,)
    is_core: npt.NDArray[np.bool_]  # (n_rows,)
    persistence: Float64  # (n_leaves,)


class _Seated(NamedTuple):
    """Fine groups with rows, the rows' places in and near them, and what the fine groups lie in."""

    own: Int32  # (n_rows,): the fine group of each row
    near: Int32  # (n_rows, k): fine groups near each row, its own among them
    shares: Float64  # (n_rows, k)
    held_in: list[Int32]  # for each scale (n_fine,): the group that holds each fine group


def group(
    X: npt.ArrayLike,
    points: npt.ArrayLike,
    clustering: Clustering,
    params: GroupingParams = GroupingParams(),  # noqa: B008 - frozen
    *,
    progress: Progress = silent,
) -> Groups:
    """Make nested groups at three scales of clusters that leave many rows out.

    The four steps stand at the head of `songscape.grouping._group`.

    Parameters
    ----------
    X : array-like, shape (n_rows, n_columns)
        Scaled features, where distances between rows and groups are measured. n_rows may be 0.
    points : array-like, shape (n_rows, n_components)
        Where `clustering` was found: the map, a denser one, or `X` itself.
    clustering : Clustering
        Of `points`; leaves suit best. Without a cluster, all rows are one group.
    params : GroupingParams
        How many groups, where there are so many clusters, and the coverage.
    progress : callable
        Called as ``progress("groups", fraction)``.

    Returns
    -------
    Groups
        Groups are numbered by falling number of rows in ``nearest``, ties by first row, whatever the coverage.

    Raises
    ------
    InputError
        If `X` or `points` is no finite matrix, or the numbers of rows differ.

    Notes
    -----
    A row's group at a coarser scale is the one that holds its fine group. Its persistence as a density cluster
    is the mean of those of its leaves, weighted by the rows that HDBSCAN put there.

    Examples
    --------
    >>> from songscape.clustering import cluster
    >>> from songscape.config import ClusteringParams
    >>> points = np.concatenate([np.linspace(at, at + 1, 20) for at in (0, 5, 7)])[:, None].astype(np.float32)
    >>> leaves = cluster(points, ClusteringParams(cluster_selection_method="leaf"))
    >>> groups = group(points, points, leaves, GroupingParams(n_coarse=2, coverage=1.0))
    >>> [scale.n_groups for scale in groups.scales]
    [2, 3, 3]
    >>> groups.scale("coarse").labels[[0, 25, 45]].tolist(), groups.scale("middle").parents.tolist()
    ([1, 0, 0], [1, 0, 0])
    """
    rows, places = check_points(X), check_points(points, name="points")
    _check_rows(len(rows), len(places), len(clustering.labels))
    progress(_STAGE, 0.0)
    if len(rows) == 0:
        return Groups(tuple(_no_groups(name) for name in SCALES), params.coverage, params.space)
    rows, places = (np.ldexp(values, -measuring_unit(values)) for values in (rows, places))
    leaves = _leaves(places, clustering)
    progress(_STAGE, 0.05)
    centers, sizes = centers_of(rows, leaves.filled, len(leaves.persistence))
    cuts = _cuts(rows, centers, sizes, params)
    progress(_STAGE, 0.55)
    seated = _seat(rows, centers, sizes, cuts)
    progress(_STAGE, 0.95)
    scales = _scales(seated, leaves, params.coverage)
    progress(_STAGE, 1.0)
    return Groups(scales, params.coverage, params.space)


def _check_rows(n_rows: int, n_points: int, n_labels: int) -> None:
    if not n_rows == n_points == n_labels:
        raise InputError(
            f"X, points and clustering must have equally many rows. Got {n_rows}, {n_points} and {n_labels}."
            " Cluster the places of the rows of X."
        )


def _targets(params: GroupingParams) -> tuple[int, int, int]:
    """Return the numbers of groups wanted, coarse first; never more than at the next finer scale."""
    middle = min(params.n_middle, params.n_fine)
    return min(params.n_coarse, middle), middle, params.n_fine


def _cuts(rows: Float32, centers: Float64, sizes: Float64, params: GroupingParams) -> list[Int32]:
    """Return for each scale the group that each leaf lies in, int32 (n_leaves,), numbered from 0."""
    n_coarse, n_middle, n_fine = _targets(params)
    everything = np.zeros(len(centers), np.int32), np.zeros(len(rows), np.int32)
    coarse = _settled(rows, centers, sizes, n_coarse, *everything)
    middle, _ = _settled(rows, centers, sizes, n_middle, *coarse)
    return [coarse[0], middle, merge_centers(centers, sizes, n_fine, middle)]


def _settled(
    rows: Float32, centers: Float64, sizes: Float64, n_groups: int, blocks: Int32, block_of: Int32
) -> tuple[Int32, Int32]:
    """Merge leaves within blocks, regroup them, and let the centers settle among the rows of their block.

    Parameters
    ----------
    blocks : int32, shape (n_leaves,)
        The block of each leaf, from 0; the same for each row in `block_of`, int32 (n_rows,).

    Returns
    -------
    group of each leaf, int32 (n_leaves,), and of each row, int32 (n_rows,)
        The one whose center is nearest. No group is without leaves.
    """
    merged = merge_centers(centers, sizes, n_groups, blocks)
    of_leaf, of_row = np.empty_like(merged), np.empty_like(block_of)
    n_before = 0
    for block in range(int(blocks.max()) + 1):
        leaves, inside = np.flatnonzero(blocks == block), np.flatnonzero(block_of == block)
        counted = np.unique(merged[leaves], return_inverse=True)[1].astype(np.int32)
        best = regroup_centers(centers[leaves], sizes[leaves], counted)
        ends = settle_centers(rows[inside], merged_centers(centers[leaves], sizes[leaves], best))
        chosen, _, _ = assign_rows(centers[leaves].astype(np.float32), ends)
        held, numbers = np.unique(chosen, return_inverse=True)
        of_leaf[leaves] = n_before + numbers
        of_row[inside] = n_before + assign_rows(rows[inside], ends[held])[0]
        n_before += len(held)
    return of_leaf, of_row


def _leaves(places: Float32, clustering: Clustering) -> _Leaves:
    is_core = clustering.labels >= 0
    if not is_core.any():
        return _Leaves(np.zeros(len(places), np.int32), is_core, np.zeros(1))
    persistence = np.clip(clustering.persistence, 0.0, 1.0)
    return _Leaves(fill_noise(places, clustering.labels), is_core, persistence)


def _seat(rows: Float32, centers: Float64, sizes: Float64, cuts: list[Int32]) -> _Seated:
    """Move each row to its fine group, a few times; groups with few rows give them to others."""
    n_fine = int(cuts[-1].max()) + 1
    held_in = [_held_in(cuts[-1], cut, n_fine) for cut in cuts]
    centers, sizes = merged_centers(centers, sizes, cuts[-1]), np.bincount(cuts[-1], sizes).astype(np.float64)
    flat = np.column_stack([rows, np.zeros(len(rows), np.float32)])
    own = np.full(len(rows), -1, np.int32)
    for _ in range(_ROUNDS):
        before = own
        own, sums, counts = assign_rows(flat, seats_of(centers, sizes, held_in))
        if (own == before).all():
            break
        kept = np.flatnonzero(counts >= min(_FEWEST, counts.max()))
        centers, sizes = sums[kept, :-1] / counts[kept, None], counts[kept]
        held_in = _kept(held_in, kept)
    own, _, counts = assign_rows(flat, seats_of(centers, sizes, held_in))
    while len(kept := np.flatnonzero(counts >= min(_FEWEST, counts.max()))) < len(counts):
        centers, sizes, held_in = centers[kept], sizes[kept], _kept(held_in, kept)
        own, _, counts = assign_rows(flat, seats_of(centers, sizes, held_in))
    near, shares = nearby_shares(rows, centers, own, spread_around(rows, centers, own))
    return _Seated(own, near, shares, held_in)


def _kept(held_in: list[Int32], kept: npt.NDArray[np.intp]) -> list[Int32]:
    """Return what some of the fine groups lie in, numbered anew."""
    return [np.unique(up[kept], return_inverse=True)[1].astype(np.int32) for up in held_in]


def _held_in(fine: Int32, coarser: Int32, n_fine: int) -> Int32:
    """Return the coarser group of each fine one, from both cuts of the leaves."""
    up = np.zeros(n_fine, np.int32)
    up[fine] = coarser
    return up


def _scales(seated: _Seated, leaves: _Leaves, coverage: float) -> tuple[GroupScale, ...]:
    scales: list[GroupScale] = []
    for name, up in zip(SCALES, seated.held_in, strict=True):
        number = _by_size(up[seated.own], int(up.max()) + 1)
        of_fine = number[up]
        nearest = of_fine[seated.own]
        found = collect(of_fine[seated.near], seated.shares, nearest)
        n_groups = int(nearest.max()) + 1
        scales.append(
            GroupScale(
                name=name,
                labels=covered_labels(nearest, found.strength, coverage),
                nearest=nearest,
                strength=found.strength,
                is_core=leaves.is_core,
                indptr=found.indptr,
                members=found.members,
                weights=found.weights,
                parents=_parents(nearest, scales[-1].nearest, n_groups) if scales else _EMPTY,
                persistence=_persistence(nearest, leaves, n_groups),
            )
        )
    return tuple(scales)


def _by_size(labels: Int32, n_groups: int) -> Int32:
    """Return for each group its number by falling size, ties by first row; groups without rows come last."""
    sizes = np.bincount(labels, minlength=n_groups)
    first = np.full(n_groups, len(labels))
    first[labels[::-1]] = np.arange(len(labels))[::-1]
    number = np.empty(n_groups, np.int32)
    number[np.lexsort((first, -sizes))] = np.arange(n_groups)
    return number


def _parents(nearest: Int32, coarser: Int32, n_groups: int) -> Int32:
    parents = np.zeros(n_groups, np.int32)
    parents[nearest] = coarser
    return parents


def _persistence(nearest: Int32, leaves: _Leaves, n_groups: int) -> Float32:
    """Return the mean persistence of the leaves whose core rows a group has; 0 without core rows."""
    rows = np.flatnonzero(leaves.is_core)
    counts = np.bincount(nearest[rows], minlength=n_groups)
    sums = np.bincount(nearest[rows], leaves.persistence[leaves.filled[rows]], n_groups)
    return (sums / np.maximum(counts, 1)).astype(np.float32)


def _no_groups(name: str) -> GroupScale:
    numbers, flags = np.zeros(0, np.float32), np.zeros(0, bool)
    return GroupScale(name, _EMPTY, _EMPTY, numbers, flags, np.zeros(1, np.int64), _EMPTY, numbers, _EMPTY, numbers)
