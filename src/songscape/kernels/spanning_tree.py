"""The minimum spanning tree under mutual reachability: neighbor lists first, leaves of space where they end.

The mutual reachability of two rows is the largest of their distance and their two core distances (Campello, Moulavi,
Sander: *Density-Based Clustering Based on Hierarchical Density Estimates*, 2013). Many pairs of rows share one value,
that of a core distance they both lie in. So edges are compared by *key*, mutual reachability first, plain distance
second: with distinct distances all keys are distinct, the tree is unique, and the order of the rows changes nothing.

Borůvka's rounds: every component finds its least edge to another one, all these edges join the tree, components merge.

1. *Lists.* A row's least edge to a listed neighbor outside its component. Rows outside the list lie at least as far off
   as its end, the row's *reach*; so a component's least listed key is certain unless one of its rows has a smaller reach.
2. *Leaves.* Exactly these rows search space, for keys below the component's best: leaves of one component with the row,
   leaves too far off and leaves whose own rows all reach farther are skipped.

Everything here is float32 and counts in *positions*, rows in leaf order. The edges found are measured anew in float64.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit, run_blocks
from songscape.kernels.leaves import EUCLIDEAN, LANES, Leaves, box_to_box, box_to_lanes, measured, reach, row_to_block
from songscape.kernels.union_find import find_root, join_roots

_BLOCKS = 32  # ranges of leaves that share what they learn about their components' best edges
_GRAIN = 4096
_NO_KEY = np.uint64(0xFFFFFFFFFFFFFFFF)
_MIXED = -1  # the component of a leaf with rows of several

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
UInt64 = npt.NDArray[np.uint64]


class _Rows(NamedTuple):
    """What does not change between rounds, by position."""

    points: Float32  # (n_rows, n_columns)
    core: Float32  # (n_rows,)
    neighbors: Int32  # (n_rows, k): positions
    distances: Float32  # (n_rows, k)
    leaf_reach: Float32  # (n_leaves,): the least reach of a leaf's rows


class _Forest(NamedTuple):
    """What changes from round to round."""

    component: Int32  # (n_rows,)
    leaf_component: Int32  # (n_leaves,): −1 where rows of several components share a leaf
    opened: Int32  # (n_rows,): place of the first listed neighbor outside the component
    keys: UInt64  # (n_rows,): the least key of an edge out of the component
    targets: Int32  # (n_rows,): where that edge leads
    best: UInt64  # (n_components,): the least key of a component; only the first are in use


def span_rows(
    points: Float32, leaves: Leaves, indices: Int32, distances: Float32, min_samples: int
) -> tuple[Int32, Int32, Float64]:
    """Return the edges of the minimum spanning tree under mutual reachability, by ascending weight.

    Parameters
    ----------
    points : float32, shape (n_rows, n_columns)
        C-contiguous, finite; at least one row.
    leaves : Leaves
        Of these points.
    indices, distances : int32 and float32, shape (n_rows, k)
        The k nearest other rows of each row in Euclidean distance, ascending.
    min_samples : int
        The core distance of a row is that to its `min_samples`-th neighbor, in [1, k].

    Returns
    -------
    left, right : int32, shape (n_rows − 1,)
        The rows of an edge, the smaller number left.
    weight : float64, shape (n_rows − 1,)
        Mutual reachability. Equal weights stand in order of distance, then of `left` and `right`.
    """
    n_rows = len(points)
    rows = _arrange(points, leaves, indices, distances, min_samples)
    forest = _Forest(
        component=np.arange(n_rows, dtype=np.int32),
        leaf_component=np.full(leaves.n_leaves, _MIXED, np.int32),
        opened=np.zeros(n_rows, np.int32),
        keys=np.empty(n_rows, np.uint64),
        targets=np.empty(n_rows, np.int32),
        best=np.empty(n_rows, np.uint64),
    )
    edges = np.empty((n_rows - 1, 2), np.int32)
    n_components, n_edges = n_rows, 0
    n_blocks = min(_BLOCKS, leaves.n_leaves)
    while n_components > 1:
        run_blocks(lambda a, b: _scan_lists(rows, forest, a, b), n_rows, grain=_GRAIN)
        _bound_components(rows, forest, n_components)
        count = n_components
        run_blocks(lambda a, b: _search_block(leaves, rows, forest, count, n_blocks, a), n_blocks)  # noqa: B023
        n_components, n_edges = _merge(forest, n_components, edges, n_edges)
        _settle_leaves(leaves.starts, forest)
    return _in_order(points, leaves.order[edges], indices[:, min_samples - 1])


def _arrange(points: Float32, leaves: Leaves, indices: Int32, distances: Float32, min_samples: int) -> _Rows:
    order = leaves.order
    place = np.empty_like(order)
    place[order] = np.arange(len(order), dtype=np.int32)
    neighbors, lengths = np.empty_like(indices), np.empty_like(distances)
    run_blocks(lambda a, b: _relist(order, place, indices, distances, neighbors, lengths, a, b), len(order), grain=_GRAIN)
    core = lengths[:, min_samples - 1].copy()
    leaf_reach = np.minimum.reduceat(lengths[:, -1], leaves.starts[:-1])
    return _Rows(points[order], core, neighbors, lengths, leaf_reach)


def _in_order(points: Float32, edges: Int32, core_neighbor: Int32) -> tuple[Int32, Int32, Float64]:
    """Measure edges in float64 and sort them."""
    left, right = edges.min(axis=1), edges.max(axis=1)
    core = _lengths(points, np.arange(len(points)), core_neighbor)
    length = _lengths(points, left, right)
    weight = np.maximum(length, np.maximum(core[left], core[right]))
    order = np.argsort(weight)
    equal = weight[order][1:] == weight[order][:-1]
    tied = np.flatnonzero(np.append(equal, False) | np.append(False, equal))
    among = order[tied]
    order[tied] = among[np.lexsort((right[among], left[among], length[among], weight[among]))]
    return left[order], right[order], weight[order]


def _lengths(points: Float32, a: npt.NDArray[np.integer], b: npt.NDArray[np.integer]) -> Float64:
    total = np.zeros(len(a))
    for column in points.T.astype(np.float64):
        total += (column[a] - column[b]) ** 2
    return np.sqrt(total)


@jit
def _relist(order, place, indices, distances, neighbors, lengths, first, stop):  # type: ignore[no-untyped-def]
    """Write the neighbor lists of some positions, as positions."""
    for position in range(first, stop):
        row = order[position]
        lengths[position] = distances[row]
        for i in range(indices.shape[1]):
            neighbors[position, i] = place[indices[row, i]]


@jit
def _key(weight, distance):  # type: ignore[no-untyped-def]
    """Return weight and distance as one number that ascends by weight, then distance: bits of floats ≥ 0 ascend."""
    high, low = np.float32(weight).view(np.uint32), np.float32(distance).view(np.uint32)
    return (np.uint64(high) << np.uint64(32)) | np.uint64(low)


@jit
def _weight(key):  # type: ignore[no-untyped-def]
    return np.uint32(key >> np.uint64(32)).view(np.float32)


@jit
def _scan_lists(rows, forest, first, stop):  # type: ignore[no-untyped-def]
    """Find the least edge of each row to a listed neighbor outside its component."""
    k = rows.neighbors.shape[1]
    for position in range(first, stop):
        listed, lengths = rows.neighbors[position], rows.distances[position]
        own, core = forest.component[position], rows.core[position]
        place = forest.opened[position]
        while place < k and forest.component[listed[place]] == own:
            place += 1
        forest.opened[position] = place
        best, target = _NO_KEY, -1
        while place < k:
            least = max(core, lengths[place])
            if _key(least, lengths[place]) >= best:
                break  # farther neighbors have larger keys still
            if forest.component[listed[place]] != own:
                key = _key(max(least, rows.core[listed[place]]), lengths[place])
                if key < best:
                    best, target = key, listed[place]
            place += 1
        forest.keys[position] = best
        forest.targets[position] = target


@jit
def _bound_components(rows, forest, n_components):  # type: ignore[no-untyped-def]
    """Set the best key of each component, from its rows; where none has an edge, from positions side by side."""
    best = forest.best
    best[:n_components] = _NO_KEY
    for position in range(len(forest.keys)):
        own = forest.component[position]
        best[own] = min(best[own], forest.keys[position])
    for position in range(len(forest.keys) - 1):
        a, b = forest.component[position], forest.component[position + 1]
        if a != b and (best[a] == _NO_KEY or best[b] == _NO_KEY):
            total = np.float32(0.0)
            for j in range(rows.points.shape[1]):
                gap = rows.points[position, j] - rows.points[position + 1, j]
                total += gap * gap
            distance = measured(total, EUCLIDEAN)
            key = _key(max(distance, max(rows.core[position], rows.core[position + 1])), distance)
            if best[a] == _NO_KEY:
                best[a] = key
                forest.keys[position], forest.targets[position] = key, position + 1
            if best[b] == _NO_KEY:
                best[b] = key
                forest.keys[position + 1], forest.targets[position + 1] = key, position


@jit
def _search_block(leaves, rows, forest, n_components, n_blocks, block):  # type: ignore[no-untyped-def]
    """Search space for the rows of one block of leaves whose lists end too early."""
    n_leaves = len(forest.leaf_component)
    best = forest.best[:n_components].copy()
    listed = np.empty(n_leaves, np.int32)
    for leaf in range(block * n_leaves // n_blocks, (block + 1) * n_leaves // n_blocks):
        limit = np.float32(-1.0)
        for position in range(leaves.starts[leaf], leaves.starts[leaf + 1]):
            bound = best[forest.component[position]]
            end = rows.distances[position, -1]
            if _key(end, end) < bound:
                limit = max(limit, _weight(bound))
        if limit < 0.0:
            continue
        n_listed = _list_leaves(leaves, rows, forest, leaf, limit, listed)
        for i in range(n_listed):
            _visit(leaves, rows, forest, best, leaf, listed[i])


@jit
def _list_leaves(leaves, rows, forest, leaf, limit, listed):  # type: ignore[no-untyped-def]
    """List the leaves that may hold an edge of weight `limit` or less out of `leaf`, the nearest first."""
    n_leaves, n_columns = leaves.low.shape
    low, high = leaves.low[leaf], leaves.high[leaf]
    total = reach(limit, n_columns, EUCLIDEAN)
    own = forest.leaf_component[leaf]
    sums = np.empty(LANES, np.float32)
    n_listed, least = 0, np.float32(np.inf)
    for group in range(len(leaves.group_low)):
        if box_to_box(low, high, leaves.group_low[group], leaves.group_high[group], EUCLIDEAN) > total:
            continue
        box_to_lanes(low, high, leaves.low_lanes[group], leaves.high_lanes[group], EUCLIDEAN, sums)
        for lane in range(min(LANES, n_leaves - group * LANES)):
            target = group * LANES + lane
            if sums[lane] > total or rows.leaf_reach[target] > limit:
                continue
            if own != _MIXED and forest.leaf_component[target] == own:
                continue
            listed[n_listed] = target
            if sums[lane] < least:
                least = sums[lane]
                listed[0], listed[n_listed] = listed[n_listed], listed[0]
            n_listed += 1
    return n_listed


@jit
def _visit(leaves, rows, forest, best, leaf, target):  # type: ignore[no-untyped-def]
    """Measure one leaf for those rows of another whose best edge it may better."""
    n_columns = rows.points.shape[1]
    begin, start = leaves.starts[leaf], leaves.starts[target]
    count = leaves.starts[target + 1] - start
    other = forest.leaf_component[target]
    there, cores = forest.component[start : start + count], rows.core[start : start + count]
    box_sums = np.empty(LANES, np.float32)
    sums = np.empty(LANES, np.float32)
    turned = leaves.turned[leaf]
    box_to_lanes(leaves.low[target], leaves.high[target], turned, turned, EUCLIDEAN, box_sums)
    for position in range(begin, leaves.starts[leaf + 1]):
        own = forest.component[position]
        bound = best[own]
        end = rows.distances[position, -1]
        if own == other or _key(end, end) >= bound:
            continue
        total = reach(_weight(bound), n_columns, EUCLIDEAN)
        if box_sums[position - begin] > total:
            continue
        row_to_block(rows.points[position], leaves.lanes[target], EUCLIDEAN, sums)
        core = rows.core[position]
        for lane in range(count):
            if sums[lane] <= total and there[lane] != own:
                distance = measured(sums[lane], EUCLIDEAN)
                key = _key(max(distance, max(core, cores[lane])), distance)
                if key < best[own]:
                    best[own] = key
                    forest.keys[position], forest.targets[position] = key, start + lane


@jit
def _merge(forest, n_components, edges, n_edges):  # type: ignore[no-untyped-def]
    """Add the least edge of every component to the tree, and number the components anew.

    Equal keys (duplicates) could close a circle: an edge inside what is already joined is left out.
    """
    component = forest.component
    source = np.full(n_components, -1, np.int32)
    for position in range(len(component)):
        own = component[position]
        if forest.targets[position] >= 0 and (
            source[own] < 0 or forest.keys[position] < forest.keys[source[own]]
        ):
            source[own] = position
    parent = np.arange(n_components).astype(np.int32)
    size = np.ones(n_components, np.int32)
    for own in range(n_components):
        target = forest.targets[source[own]]
        a, b = find_root(parent, own), find_root(parent, component[target])
        if a != b:
            join_roots(parent, size, a, b)
            edges[n_edges] = source[own], target
            n_edges += 1
    number = np.full(n_components, -1, np.int32)
    n_left = 0
    for own in range(n_components):
        root = find_root(parent, own)
        if number[root] < 0:
            number[root] = n_left
            n_left += 1
        size[own] = number[root]
    for position in range(len(component)):
        component[position] = size[component[position]]
    return n_left, n_edges


@jit
def _settle_leaves(starts, forest):  # type: ignore[no-untyped-def]
    """Note which leaves lie wholly in one component."""
    for leaf in range(len(starts) - 1):
        own = forest.component[starts[leaf]]
        for position in range(starts[leaf] + 1, starts[leaf + 1]):
            if forest.component[position] != own:
                own = _MIXED
                break
        forest.leaf_component[leaf] = own
