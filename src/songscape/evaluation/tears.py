"""Where the map misleads about groups: groups torn into islands, and gaps that are not there in the features.

*Torn.* The rows of a group, with the edges of the map's neighbor graph between them, fall into connected components.
A component that holds at least a tenth of the group is an *island*, the rest are crumbs. A group of two or more
islands is torn: what is one in the groups stands in several places of the map. Its *wholeness* is the share of its
rows in the largest component. Null: the same group numbers dealt out anew among the rows.

*False gaps.* For two groups, take the neighbors of the smaller one's rows: which share lies in the larger one, in
features and on the map? There is a false gap where that share is at least `MIN_SHARE` in features and less than a
`MIN_LOSS`-th of it on the map: the gap (or the third group) that the map shows between the two is not there in the
features. Null: how many pairs the same rule names with the group numbers dealt out anew.

Both count edges of neighbor graphs, all of them: nothing is sampled but the null.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from songscape.config import EvaluationParams
from songscape.errors import InputError
from songscape.evaluation.records import Estimate
from songscape.kernels.edges import components_within, count_upward
from songscape.types import Float64, Int32, Int64
from songscape.validation import check_labels

ISLAND_SHARE = 0.1
"""Share of a group that makes a component of it an island."""
MIN_SHARE = 0.02
"""Share of neighbors in features that makes two groups neighbors."""
MIN_LOSS = 5.0
"""How many times smaller the share on the map must be for a false gap."""

_PERMUTATIONS = 3
_DENSE = 2000  # groups up to which a table of all pairs is cheaper than sorting edges

Lists = npt.NDArray[np.integer]
"""Row numbers of neighbors, a row's in each line."""


@dataclass(frozen=True, slots=True)
class TornGroup:
    """A group that the map shows in several places.

    Attributes
    ----------
    group : int
        Its number.
    size : int
        Its rows.
    islands : tuple of float
        Share of its rows in each island, falling; two or more.
    """

    group: int
    size: int
    islands: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FalseGap:
    """Two groups that are neighbors in features and not on the map.

    Attributes
    ----------
    group, other : int
        The smaller and the larger group.
    share_features, share_map : float
        Share of the neighbors of the smaller one's rows that lie in the larger one, in features and on the map.
    """

    group: int
    other: int
    share_features: float
    share_map: float


@dataclass(frozen=True, slots=True, eq=False)
class Tears:
    """Where the map misleads about groups.

    Attributes
    ----------
    wholeness : float64, shape (n_groups,)
        Share of each group's rows in its largest component on the map; NaN for a number that no row has.
    mean_wholeness : float
        Its mean over rows in groups; NaN without groups.
    wholeness_null : Estimate
        The same with the group numbers dealt out anew.
    torn : tuple of TornGroup
        By number.
    islands : int32, shape (n_rows,)
        Number of the row's island in its group, from 0 by falling size; −1 for crumbs and noise.
    gaps : tuple of FalseGap
        By falling difference of the shares.
    gaps_null : Estimate
        Number of false gaps with the group numbers dealt out anew.
    """

    wholeness: Float64
    mean_wholeness: float
    wholeness_null: Estimate
    torn: tuple[TornGroup, ...]
    islands: Int32
    gaps: tuple[FalseGap, ...]
    gaps_null: Estimate


def evaluate_tears(
    near_in_space: Lists,
    near_on_map: Lists,
    labels: npt.ArrayLike,
    *,
    params: EvaluationParams | None = None,
) -> Tears:
    """Name the groups that a map tears apart, and the gaps that it only pretends.

    Parameters
    ----------
    near_in_space, near_on_map : int, shapes (n_rows, k) and (n_rows, k')
        Row numbers of the nearest other rows of each row, in features and on the map.
    labels : array-like of int, shape (n_rows,)
        Group of each row, from 0; −1 for none.
    params : EvaluationParams, optional
        ``random_state`` is the seed of the nulls.

    Raises
    ------
    InputError
        If the graphs and `labels` differ in rows, or `labels` are none.

    Examples
    --------
    >>> ring = np.array([[1], [0], [3], [2], [5], [4]])
    >>> tears = evaluate_tears(ring, ring, [0, 0, 0, 0, 1, 1])
    >>> tears.torn
    (TornGroup(group=0, size=4, islands=(0.5, 0.5)),)
    """
    params = EvaluationParams() if params is None else params
    near_in_space, near_on_map = (np.ascontiguousarray(near, dtype=np.int32) for near in (near_in_space, near_on_map))
    groups = check_labels(labels, len(near_on_map))
    if len(near_in_space) != len(groups):
        raise InputError(
            f"near_in_space must have a row for each of the {len(groups)} rows of the map. Got {len(near_in_space)}."
        )
    components = components_within(near_on_map, groups)
    wholeness, torn, islands = _islands(components, groups)
    gaps = _false_gaps(near_in_space, near_on_map, groups)
    generator = np.random.Generator(np.random.PCG64(params.random_state))
    whole_null, gaps_null = Estimate.undefined(), Estimate.undefined()
    if len(wholeness):
        found = [_by_chance(near_in_space, near_on_map, generator.permutation(groups)) for _ in range(_PERMUTATIONS)]
        whole_null, gaps_null = (
            Estimate.of_repeats(np.array(values), len(groups)) for values in zip(*found, strict=True)
        )
    return Tears(wholeness, _mean_of_rows(wholeness, groups), whole_null, torn, islands, gaps, gaps_null)


def _by_chance(near_in_space: Int32, near_on_map: Int32, groups: Int32) -> tuple[float, float]:
    wholeness, _, _ = _islands(components_within(near_on_map, groups), groups)
    return _mean_of_rows(wholeness, groups), float(len(_false_gaps(near_in_space, near_on_map, groups)))


def _mean_of_rows(wholeness: Float64, groups: Int32) -> float:
    inside = groups[groups >= 0]
    return float(wholeness[inside].mean()) if len(inside) else float("nan")


def _islands(components: Int32, groups: Int32) -> tuple[Float64, tuple[TornGroup, ...], Int32]:
    """Return the wholeness of the groups, the torn ones, and the island of each row."""
    inside = np.flatnonzero(groups >= 0)
    sizes = np.bincount(groups[inside], minlength=int(groups.max(initial=-1)) + 1)
    parts = np.bincount(components[inside], minlength=int(components.max(initial=-1)) + 1)
    first = np.full(len(parts), -1)
    first[components[inside[::-1]]] = inside[::-1]
    held = np.flatnonzero(parts)
    held = held[np.lexsort((first[held], -parts[held], groups[first[held]]))]  # by group, the largest first
    group_of = groups[first[held]]
    starts = np.searchsorted(group_of, np.arange(len(sizes)))
    numbers = np.arange(len(held)) - starts[group_of]
    shares = parts[held] / sizes[group_of]
    wholeness = np.full(len(sizes), np.nan)
    wholeness[group_of[numbers == 0]] = shares[numbers == 0]
    island_of = np.full(len(parts), -1, np.int32)
    large = shares >= ISLAND_SHARE
    island_of[held[large]] = numbers[large]
    torn = tuple(
        TornGroup(int(group), int(sizes[group]), tuple(float(share) for share in shares[large & (group_of == group)]))
        for group in np.unique(group_of[large & (numbers == 1)])
    )
    return wholeness, torn, np.where(groups >= 0, island_of[components], -1).astype(np.int32)


def _false_gaps(near_in_space: Int32, near_on_map: Int32, groups: Int32) -> tuple[FalseGap, ...]:
    sizes = np.bincount(groups[groups >= 0], minlength=int(groups.max(initial=-1)) + 1)
    pairs, in_features = _edges_between(near_in_space, groups, sizes)
    map_pairs, on_map = _edges_between(near_on_map, groups, sizes)
    small, large = pairs // max(len(sizes), 1), pairs % max(len(sizes), 1)
    found = np.minimum(np.searchsorted(map_pairs, pairs), max(len(map_pairs) - 1, 0))
    matched = map_pairs[found] == pairs if len(map_pairs) else np.zeros(len(pairs), bool)
    share = in_features / (sizes[small] * near_in_space.shape[1])
    seen = np.where(matched, on_map[found] if len(on_map) else 0, 0) / (sizes[small] * near_on_map.shape[1])
    chosen = np.flatnonzero((share >= MIN_SHARE) & (seen * MIN_LOSS < share))
    chosen = chosen[np.lexsort((pairs[chosen], -(share - seen)[chosen]))]
    return tuple(FalseGap(int(small[i]), int(large[i]), float(share[i]), float(seen[i])) for i in chosen)


def _edges_between(near: Int32, groups: Int32, sizes: Int64) -> tuple[Int64, Int64]:
    """Return pairs of groups, the smaller first, and the edges that lead from the smaller to the larger one.

    Of groups of equal size the one with the higher number counts as the smaller.
    """
    rank = np.empty(len(sizes), np.int64)
    rank[np.lexsort((np.arange(len(sizes)), -sizes))] = np.arange(len(sizes))
    if len(sizes) <= _DENSE:
        table = np.zeros((len(sizes), len(sizes)), np.int64)
        count_upward(near, groups, rank, table)
        pairs = np.flatnonzero(table)
        return pairs, table.ravel()[pairs]
    source, target = np.repeat(groups, near.shape[1]), groups[near].ravel()
    counted = (source >= 0) & (target >= 0)
    source, target = source[counted].astype(np.int64), target[counted]
    upward = rank[source] > rank[target]
    pairs, counts = np.unique(source[upward] * len(sizes) + target[upward], return_counts=True)
    return pairs, counts.astype(np.int64)
