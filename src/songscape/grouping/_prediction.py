"""The groups of new rows, without a new fit."""

import numpy as np
import numpy.typing as npt

from songscape.errors import InputError
from songscape.grouping._membership import collect, nearby_shares, spread_around
from songscape.grouping._seats import seats_of
from songscape.kernels.centers import assign_rows, centers_of
from songscape.types import Float64, Groups, GroupScale, Int32
from songscape.validation import check_points


def predict_groups(groups: Groups, X: npt.ArrayLike, new_rows: npt.ArrayLike) -> Groups:
    """Put new rows in groups that are there: by the rule that put the rows there that the groups were made of.

    Parameters
    ----------
    groups : Groups
        What `songscape.grouping.group` returned for `X`.
    X : array-like, shape (n_rows, n_columns)
        The rows that the groups were made of; their means are the centers.
    new_rows : array-like, shape (n_new, n_columns)
        Finite numbers. Each is answered on its own: at once or one by one gives the same bytes.

    Returns
    -------
    Groups
        The same scales with a row for each new row. ``labels`` leaves a row outside (−1) whose membership is weaker
        than that of the last row that the coverage kept. ``is_core`` is False: the hierarchy has not seen them.

    Raises
    ------
    InputError
        If an array is no finite matrix, the columns differ in number, or `groups` is of other rows, or of none.

    Examples
    --------
    >>> from songscape.clustering import cluster
    >>> from songscape.config import GroupingParams
    >>> from songscape.grouping import group
    >>> rows = np.concatenate([np.linspace(at, at + 1, 20) for at in (0, 5, 7)])[:, None].astype(np.float32)
    >>> groups = group(rows, rows, cluster(rows), GroupingParams(n_coarse=2, coverage=1.0))
    >>> predict_groups(groups, rows, [[0.4], [7.5], [0.6]]).scale("coarse").nearest.tolist()
    [1, 0, 1]
    """
    rows, new = check_points(X), check_points(new_rows, name="new_rows")
    fine = groups.scales[-1]
    if len(rows) != len(fine.nearest) or len(rows) == 0 or new.shape[1] != rows.shape[1]:
        raise InputError(
            f"X must be the rows that made the groups, {len(fine.nearest)} and at least one, and new_rows have as"
            f" many columns. Got {rows.shape} and {new.shape}."
        )
    centers, sizes = centers_of(rows, fine.nearest, fine.n_groups)
    held_in = _held_in(groups)
    own = assign_rows(np.column_stack([new, np.zeros(len(new), np.float32)]), seats_of(centers, sizes, held_in))[0]
    near, shares = nearby_shares(new, centers, own, spread_around(rows, centers, fine.nearest))
    scales = [_scale_of(scale, up, own, near, shares) for scale, up in zip(groups.scales, held_in, strict=True)]
    return Groups(tuple(scales), groups.coverage, groups.space)


def _held_in(groups: Groups) -> list[Int32]:
    """Return for each scale the group that holds each fine one."""
    held = [np.arange(groups.scales[-1].n_groups, dtype=np.int32)]
    for scale in reversed(groups.scales[1:]):
        held.insert(0, scale.parents[held[0]])
    return held


def _scale_of(scale: GroupScale, up: Int32, own: Int32, near: Int32, shares: Float64) -> GroupScale:
    nearest = up[own]
    found = collect(up[near], shares, nearest)
    weakest = scale.strength[scale.labels >= 0].min(initial=np.inf)
    return GroupScale(
        name=scale.name,
        labels=np.where(found.strength >= weakest, nearest, np.int32(-1)),
        nearest=nearest,
        strength=found.strength,
        is_core=np.zeros(len(own), bool),
        indptr=found.indptr,
        members=found.members,
        weights=found.weights,
        parents=scale.parents,
        persistence=scale.persistence,
    )
