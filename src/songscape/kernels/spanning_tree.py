"""The minimum spanning tree under mutual reachability: neighbor lists first, leaves of space where they end.

The mutual reachability of two rows is the largest of their distance and their two core distances (Campello, Moulavi,
Sander: *Density-Based Clustering Based on Hierarchical Density Estimates*, 2013). Many pairs of rows share one value,
that of a core distance they both lie in. So edges are compared by *key*, mutual reachability first, plain distance
second: with distinct distances all keys are distinct, the tree is unique, and the order of the rows does not matter.

Borůvka's rounds: every component finds its least edge to another one, these edges join the tree, components merge.

1. *Lists.* A row's least edge to a listed neighbor outside its component. Rows outside the list lie at least as far
   off as its last entry, the row's *reach*, and their edges weigh no less than its core distance; so a component's
   least key is certain once it is below the *bound* that these two make for each of its rows.
2. *Leaves.* Exactly the rows of smaller bound search space for keys below the component's best. Leaves wholly in the
   row's component, leaves too far off and leaves whose own rows all reach farther are skipped.

All this is float32 and counts in *positions*, rows in leaf order; the edges found are measured again in float64.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit
from songscape.kernels.leaves import EUCLIDEAN, LANES, Leaves, box_to_box, box_to_lanes, measured, reach, row_to_block
from songscape.kernels.neighbor_lists import Lists
from songscape.kernels.union_find import find_root, join_roots
from songscape.threads import run_blocks

_BLOCKS = 32  # ranges of leaves that share what they learn about their components' best edges
_GRAIN = 4096
_NO_KEY = np.uint64(0xFFFFFFFFFFFFFFFF)
_MIXED = -1  # the component of a leaf with rows of several

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
UInt64 = npt.NDArray[np.uint64]


class _Space(NamedTuple):
    """Where the leaves lie: fields of `Leaves`, and the least reach of a leaf's rows."""

    starts: Int32
    lanes: Float32
    turned: Float32
    low_lanes: Float32
    high_lanes: Float32
    group_low: Float32
    group_high: Float32
    leaf_reach: Float32  # (n_leaves,)


class _Rows(NamedTuple):
    """What does not change between rounds, by position."""

    points: Float32  # (n_rows, n_columns)
    core: Float32  # (n_rows,): core distance
    reach: Float32  # (n_rows,): distance of the last listed neighbor


class _Forest(NamedTuple):
    """What changes from round to round."""

    component: Int32  # (n_rows,)
    leaf_component: Int32  # (n_leaves,): −1 where rows of several components share a leaf
    keys: UInt64  # (n_rows,): the least key found of an edge out of the component
    targets: Int32  # (n_rows,): where that edge leads


def span_rows(points: Float32, leaves: Leaves, lists: Lists) -> tuple[Int32, Int32, Float64]:
    """Return the edges of the minimum spanning tree under mutual reachability, by ascending weight.

    Parameters
    ----------
    points : float32, shape (n_rows, n_columns)
        C-contiguous, finite; at least one row.
    leaves : Leaves
        Of these points.
    lists : Lists
        From `list_neighbors` or `relist_neighbors`.

    Returns
    -------
    left, right : int32, shape (n_rows − 1,)
        The rows of an edge, the smaller number left.
    weight : float64, shape (n_rows − 1,)
        Mutual reachability. Equal weights stand in order of distance.
    """
    n_rows, order = len(points), leaves.order
    neighbors, lengths, core_neighbors, core = lists
    rows = _Rows(points[order], core, lengths[:, -1].copy())
    leaf_reach = np.minimum.reduceat(rows.reach, leaves.starts[:-1])
    space = _Space(
        leaves.starts,
        leaves.lanes,
        leaves.turned,
        leaves.low_lanes,
        leaves.high_lanes,
        leaves.group_low,
        leaves.group_high,
        leaf_reach,
    )
    forest = _Forest(
        component=np.arange(n_rows, dtype=np.int32),
        leaf_component=np.full(leaves.n_leaves, _MIXED, np.int32),
        keys=np.empty(n_rows, np.uint64),
        targets=np.empty(n_rows, np.int32),
    )
    opened = np.zeros(n_rows, np.int32)
    edges = np.empty((2, n_rows - 1), np.int32)
    n_blocks = min(_BLOCKS, leaves.n_leaves)
    n_edges = 0
    while n_edges < n_rows - 1:
        run_blocks(partial(_scan_lists, neighbors, lengths, rows.core, opened, forest), n_rows, grain=_GRAIN)
        best = np.full(n_rows - n_edges, _NO_KEY)
        _bound_components(rows, forest, best)
        run_blocks(partial(_search_block, space, rows, forest, best, n_blocks), n_blocks)
        n_edges = _merge(forest, best, edges, n_edges)
        _settle_leaves(leaves.starts, forest.component, forest.leaf_component)
    length = _measured_anew(rows.points, edges[0], edges[1])
    exact = _measured_anew(rows.points, np.arange(n_rows, dtype=np.int32), core_neighbors)
    weight = np.maximum(length, np.maximum(exact[edges[0]], exact[edges[1]]))
    return _in_order(order[edges], weight, length)


def _measured_anew(points: Float32, a: Int32, b: Int32) -> Float64:
    lengths = np.empty(len(a))
    run_blocks(partial(_measure, points, a, b, lengths), len(a), grain=_GRAIN)
    return lengths


def _in_order(edges: Int32, weight: Float64, length: Float64) -> tuple[Int32, Int32, Float64]:
    """Sort edges by weight, then length. Few weights are equal, so only these are sorted by both.

    What is equal in both stays as it came: no result hangs on how a sort happens to leave equal keys.
    """
    order = np.argsort(weight)
    weight = weight[order]
    equal = weight[1:] == weight[:-1]
    tied = np.flatnonzero(np.append(equal, False) | np.append(False, equal))
    among = order[tied]
    order[tied] = among[np.lexsort((among, length[among], weight[tied]))]
    left, right = edges[0][order], edges[1][order]
    return np.minimum(left, right), np.maximum(left, right), weight


@jit
def _measure(points, a, b, lengths, first, stop):  # type: ignore[no-untyped-def]
    """Write the distances from `a` to `b` in float64."""
    for i in range(first, stop):
        total = 0.0
        for j in range(points.shape[1]):
            gap = np.float64(points[a[i], j]) - points[b[i], j]
            total += gap * gap
        lengths[i] = np.sqrt(total)


@jit
def _key(weight, distance):  # type: ignore[no-untyped-def]
    """Return weight and distance as one number that ascends by weight, then distance: bits of floats ≥ 0 ascend."""
    high, low = np.float32(weight).view(np.uint32), np.float32(distance).view(np.uint32)
    return (np.uint64(high) << np.uint64(32)) | np.uint64(low)


@jit
def _weight(key):  # type: ignore[no-untyped-def]
    return np.uint32(key >> np.uint64(32)).view(np.float32)


@jit
def _bound(rows, position):  # type: ignore[no-untyped-def]
    """Return the least key that an edge of a row to one that is not in its list may have."""
    return _key(max(rows.core[position], rows.reach[position]), rows.reach[position])


@jit
def _scan_lists(neighbors, lengths, core, opened, forest, first, stop):  # type: ignore[no-untyped-def]
    """Find the least edge of some rows to a listed neighbor outside their component.

    opened : int32, shape (n_rows,)
        The place of the first such neighbor in the list, which never moves back.
    """
    component = forest.component
    k = neighbors.shape[1]
    for position in range(first, stop):
        listed, distances = neighbors[position], lengths[position]
        own, own_core = component[position], core[position]
        place = opened[position]
        while place < k and component[listed[place]] == own:
            place += 1
        opened[position] = place
        best, target = _NO_KEY, np.int32(-1)
        while place < k:
            distance = distances[place]
            least = max(own_core, distance)
            if _key(least, distance) >= best:
                break  # farther neighbors have larger keys still
            if component[listed[place]] != own:
                key = _key(max(least, core[listed[place]]), distance)
                if key < best:
                    best, target = key, listed[place]
            place += 1
        forest.keys[position] = best
        forest.targets[position] = target


@jit
def _bound_components(rows, forest, best):  # type: ignore[no-untyped-def]
    """Set the least key of each component: of its rows, or where none has an edge, of two positions side by side."""
    component, keys = forest.component, forest.keys
    for position in range(len(keys)):
        own = component[position]
        best[own] = min(best[own], keys[position])
    for position in range(len(keys) - 1):
        for side in range(2):
            here, there = position + side, position + 1 - side
            if component[here] != component[there] and best[component[here]] == _NO_KEY:
                total = np.float32(0.0)
                for j in range(rows.points.shape[1]):
                    gap = rows.points[here, j] - rows.points[there, j]
                    total += gap * gap
                distance = measured(total, EUCLIDEAN)
                keys[here] = _key(max(distance, max(rows.core[here], rows.core[there])), distance)
                forest.targets[here] = there
                best[component[here]] = keys[here]


@jit
def _search_block(space, rows, forest, bounds, n_blocks, block, _):  # type: ignore[no-untyped-def]
    """Search space for the rows of one block of leaves whose bound is less than their component's best key."""
    n_leaves = len(space.leaf_reach)
    best = bounds.copy()
    listed = np.empty(n_leaves, np.int32)
    for leaf in range(block * n_leaves // n_blocks, (block + 1) * n_leaves // n_blocks):
        limit = np.float32(-1.0)
        for position in range(space.starts[leaf], space.starts[leaf + 1]):
            bound = best[forest.component[position]]
            if _bound(rows, position) < bound:
                limit = max(limit, _weight(bound))
        if limit >= 0.0:
            for i in range(_list_leaves(space, forest.leaf_component, leaf, limit, listed)):
                _visit(space, rows, forest, best, leaf, listed[i])


@jit
def _list_leaves(space, leaf_component, leaf, limit, listed):  # type: ignore[no-untyped-def]
    """List the leaves that may hold an edge of weight `limit` or less out of `leaf`, the nearest first."""
    n_leaves = len(space.leaf_reach)
    low = space.low_lanes[leaf // LANES, :, leaf % LANES]
    high = space.high_lanes[leaf // LANES, :, leaf % LANES]
    total = reach(limit, len(low), EUCLIDEAN)
    own = leaf_component[leaf]
    sums = np.empty(LANES, np.float32)
    n_listed, least = 0, np.float32(np.inf)
    for group in range(len(space.group_low)):
        if box_to_box(low, high, space.group_low[group], space.group_high[group], EUCLIDEAN) > total:
            continue
        box_to_lanes(low, high, space.low_lanes[group], space.high_lanes[group], EUCLIDEAN, sums)
        for lane in range(min(LANES, n_leaves - group * LANES)):
            target = group * LANES + lane
            if sums[lane] > total or space.leaf_reach[target] > limit:
                continue
            if own != _MIXED and leaf_component[target] == own:
                continue
            listed[n_listed] = target
            if sums[lane] < least:
                least = sums[lane]
                listed[n_listed] = listed[0]
                listed[0] = target
            n_listed += 1
    return n_listed


@jit
def _visit(space, rows, forest, best, leaf, target):  # type: ignore[no-untyped-def]
    """Measure one leaf for those rows of another whose component's best key it may better."""
    n_columns = rows.points.shape[1]
    begin, start = space.starts[leaf], space.starts[target]
    count = space.starts[target + 1] - start
    other = forest.leaf_component[target]
    there, cores = forest.component[start : start + count], rows.core[start : start + count]
    box_sums = np.empty(LANES, np.float32)
    sums = np.empty(LANES, np.float32)
    low = space.low_lanes[target // LANES, :, target % LANES]
    high = space.high_lanes[target // LANES, :, target % LANES]
    box_to_lanes(low, high, space.turned[leaf], space.turned[leaf], EUCLIDEAN, box_sums)
    for position in range(begin, space.starts[leaf + 1]):
        own = forest.component[position]
        bound = best[own]
        if own == other or _bound(rows, position) >= bound:
            continue
        total = reach(_weight(bound), n_columns, EUCLIDEAN)
        if box_sums[position - begin] > total:
            continue
        row_to_block(rows.points[position], space.lanes[target], EUCLIDEAN, sums)
        for lane in range(count):
            if sums[lane] <= total and there[lane] != own:
                distance = measured(sums[lane], EUCLIDEAN)
                key = _key(max(distance, max(rows.core[position], cores[lane])), distance)
                if key < best[own]:
                    best[own] = key
                    forest.keys[position] = key
                    forest.targets[position] = start + lane


@jit
def _merge(forest, best, edges, n_edges):  # type: ignore[no-untyped-def]
    """Add the least edge of every component to the tree, number the components anew, and return the edges so far.

    Equal keys (duplicates) could close a circle: an edge inside what is already joined is left out.
    """
    component, keys = forest.component, forest.keys
    n_components = len(best)
    source = np.empty(n_components, np.int32)
    parent = np.empty(n_components, np.int32)
    size = np.empty(n_components, np.int32)
    for own in range(n_components):
        source[own] = -1
        parent[own] = own
        size[own] = 1
    for position in range(len(component)):
        own = component[position]
        if forest.targets[position] >= 0 and (source[own] < 0 or keys[position] < keys[source[own]]):
            source[own] = position
    for own in range(n_components):
        target = forest.targets[source[own]]
        a, b = find_root(parent, own), find_root(parent, component[target])
        if a != b:
            join_roots(parent, size, a, b)
            edges[0, n_edges] = source[own]
            edges[1, n_edges] = target
            n_edges += 1
    n_left = 0
    for own in range(n_components):  # from here on `size` holds the new numbers of the roots, `source` of all
        if parent[own] == own:
            size[own] = n_left
            n_left += 1
    for own in range(n_components):
        source[own] = size[find_root(parent, own)]
    for position in range(len(component)):
        component[position] = source[component[position]]
    return n_edges


@jit
def _settle_leaves(starts, component, leaf_component):  # type: ignore[no-untyped-def]
    """Note which leaves lie wholly in one component."""
    for leaf in range(len(leaf_component)):
        own = component[starts[leaf]]
        for position in range(starts[leaf] + 1, starts[leaf + 1]):
            if component[position] != own:
                own = np.int32(_MIXED)
        leaf_component[leaf] = own
