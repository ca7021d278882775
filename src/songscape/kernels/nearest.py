"""Exact nearest neighbors: leaves searched against leaves.

For each leaf of queries the leaves near it are listed once, nearest box first. Each is tried on all queries of the
leaf: first query against box, 64 at once; then the queries that remain measure the whole leaf, 64 rows at once. The
search stops at the first box beyond the farthest of all current k-th neighbors.

What is kept of a neighbor is one 64-bit key, the bits of its distance above its row number. Distances are ≥ 0, so
their bits ascend as they do, and one comparison of keys settles nearness and ties alike: the k smallest keys are
the answer, in whatever order leaves are visited.
"""

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit, run_blocks
from songscape.kernels.leaves import (
    EUCLIDEAN,
    FARTHEST,
    LANES,
    Leaves,
    box_to_box,
    box_to_lanes,
    build_leaves,
    measured,
    reach,
    row_to_block,
)

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]

_BINS = 64  # bins of distance in which the leaves to visit are put in order
_NO_KEY = (int(FARTHEST.view(np.uint32)) << 32) | 0xFFFFFFFF


def nearest_rows(leaves: Leaves, k: int, metric_code: int) -> tuple[Int32, Float32]:
    """Find the k nearest other rows of every row.

    Parameters
    ----------
    leaves : Leaves
        Built with ``rotate=False`` unless the metric is Euclidean.
    k : int
        At least 0; where there are fewer other rows, all of them are returned.
    metric_code : int
        `EUCLIDEAN`, `MANHATTAN` or `CHEBYSHEV`.

    Returns
    -------
    indices : int32, shape (n_rows, min(k, n_rows − 1))
        Row numbers as in the input of `build_leaves`, ascending by distance, ties by row number, also at the last.
    distances : float32, same shape
    """
    return _search(leaves, leaves, min(k, max(leaves.n_rows - 1, 0)), metric_code, True)


def query_rows(leaves: Leaves, queries: Float32, k: int, metric_code: int) -> tuple[Int32, Float32]:
    """Find the k nearest rows of new points; as `nearest_rows`, but no row is left out.

    Parameters
    ----------
    queries : float32, shape (n_queries, n_columns)
        C-contiguous and finite. Each is answered on its own: at once or one by one gives the same bytes.
    """
    asking = build_leaves(queries, like=leaves)
    return _search(asking, leaves, min(k, leaves.n_rows), metric_code, False)


def _search(asking: Leaves, leaves: Leaves, k: int, metric: int, same: bool) -> tuple[Int32, Float32]:
    if metric != EUCLIDEAN and not np.array_equal(leaves.axes, np.eye(len(leaves.axes))):
        raise ValueError("Manhattan and Chebyshev distances need leaves built with rotate=False.")
    indices = np.empty((asking.n_rows, k), np.int32)
    distances = np.empty((asking.n_rows, k), np.float32)
    if indices.size:
        run_blocks(
            lambda a, b: _search_leaves(asking, leaves, metric, same, indices, distances, a, b),
            asking.n_leaves,
            grain=16,
        )
    return indices, distances


@jit
def _search_leaves(asking, leaves, metric, same, indices, distances, first, stop):  # type: ignore[no-untyped-def]
    """Answer the queries of some leaves of `asking`."""
    n_leaves, n_columns = leaves.low.shape
    k = indices.shape[1]
    queries = np.empty((LANES, n_columns), np.float32)
    keys = np.empty((LANES, k), np.uint64)
    limits = np.empty(LANES, np.float32)
    listed = np.empty(n_leaves, np.int32)
    gaps = np.empty(n_leaves, np.float32)
    for leaf in range(first, stop):
        n_queries = asking.starts[leaf + 1] - asking.starts[leaf]
        queries[:] = asking.lanes[leaf].T
        keys[:] = np.uint64(_NO_KEY)
        limits[:n_queries] = FARTHEST
        limits[n_queries:] = -1.0
        near = leaf if same else _nearest_leaf(leaves, asking.low[leaf], asking.high[leaf], metric)
        seeds = _seeds(near, k, leaves)
        for target in range(seeds[0], seeds[1]):
            _visit(asking.turned[leaf], queries, keys, limits, leaves, target, metric, same and target == leaf)
        n_listed = _list_leaves(
            asking.low[leaf], asking.high[leaf], leaves, seeds, metric, limits.max(), listed, gaps
        )
        for i in range(n_listed):
            if gaps[i] <= limits.max():
                _visit(asking.turned[leaf], queries, keys, limits, leaves, listed[i], metric, False)
        for query in range(n_queries):
            _write(keys[query], asking.order[asking.starts[leaf] + query], indices, distances)


@jit
def _nearest_leaf(leaves, low, high, metric):  # type: ignore[no-untyped-def]
    """Return a leaf near a box: the nearest of the nearest group."""
    nearest, least = 0, np.float32(np.inf)
    for group in range(len(leaves.group_low)):
        gap = box_to_box(low, high, leaves.group_low[group], leaves.group_high[group], metric)
        if gap < least:
            nearest, least = group, gap
    sums = np.empty(LANES, np.float32)
    box_to_lanes(low, high, leaves.low_lanes[nearest], leaves.high_lanes[nearest], metric, sums)
    return nearest * LANES + np.argmin(sums)


@jit
def _seeds(near, k, leaves):  # type: ignore[no-untyped-def]
    """Return the range of leaves to visit first: the smallest node around `near` with more than k rows."""
    width, n_leaves = 1, len(leaves.low)
    while True:
        begin = near // width * width
        if leaves.starts[begin + width] - leaves.starts[begin] > k or width == n_leaves:
            return begin, begin + width
        width *= 2


@jit
def _list_leaves(low, high, leaves, seeds, metric, radius, listed, gaps):  # type: ignore[no-untyped-def]
    """List the leaves within `radius` of a box, the seeds left out, in rough order of distance; return how many."""
    n_leaves = len(leaves.low)
    sums = np.empty(LANES, np.float32)
    found = np.empty(n_leaves, np.int32)
    found_gaps = np.empty(n_leaves, np.float32)
    ends = np.zeros(_BINS + 1, np.int64)
    scale = np.float32(_BINS - 1) / radius if radius > 0.0 else np.float32(0.0)
    n_found = 0
    for group in range(len(leaves.group_low)):
        if box_to_box(low, high, leaves.group_low[group], leaves.group_high[group], metric) > radius:
            continue
        box_to_lanes(low, high, leaves.low_lanes[group], leaves.high_lanes[group], metric, sums)
        for lane in range(min(LANES, n_leaves - group * LANES)):
            leaf = group * LANES + lane
            if sums[lane] <= radius and not seeds[0] <= leaf < seeds[1]:
                found[n_found] = leaf
                found_gaps[n_found] = sums[lane]
                ends[np.int64(sums[lane] * scale) + 1] += 1
                n_found += 1
    for b in range(_BINS):
        ends[b + 1] += ends[b]
    for i in range(n_found):
        b = np.int64(found_gaps[i] * scale)
        listed[ends[b]] = found[i]
        gaps[ends[b]] = found_gaps[i]
        ends[b] += 1
    return n_found


@jit
def _visit(turned, queries, keys, limits, leaves, target, metric, same):  # type: ignore[no-untyped-def]
    """Measure one leaf for those queries that its box does not exclude."""
    n_columns = queries.shape[1]
    begin = leaves.starts[target]
    count = leaves.starts[target + 1] - begin
    order = leaves.order[begin : begin + count]
    first_row = np.uint64(leaves.first_row[target])
    box_sums = np.empty(LANES, np.float32)
    sums = np.empty(LANES, np.float32)
    box_to_lanes(leaves.low[target], leaves.high[target], turned, turned, metric, box_sums)
    for query in range(LANES):
        limit = limits[query]
        if box_sums[query] > limit:
            continue
        best = keys[query]
        if limit == 0.0 and first_row > best[0]:  # k rows at distance 0 already, with smaller numbers
            continue
        row_to_block(queries[query], leaves.lanes[target], metric, sums)
        if sums.min() > limit:
            continue
        for lane in range(count):
            if sums[lane] <= limit and not (same and lane == query):
                key = _key(measured(sums[lane], metric), order[lane])
                if key < best[0]:
                    _replace_largest(best, len(best), key)
        limits[query] = reach(_distance(best[0]), n_columns, metric)


@jit
def _key(distance, row):  # type: ignore[no-untyped-def]
    bits = np.float32(distance).view(np.uint32)
    return (np.uint64(bits) << np.uint64(32)) | np.uint64(row)


@jit
def _distance(key):  # type: ignore[no-untyped-def]
    return np.uint32(key >> np.uint64(32)).view(np.float32)


@jit
def _replace_largest(heap, size, key):  # type: ignore[no-untyped-def]
    """Put `key` in the place of the largest of the first `size` keys, kept as a heap with the largest first."""
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and heap[child + 1] > heap[child]:
            child += 1
        if heap[child] <= key:
            break
        heap[place] = heap[child]
        place = child
    heap[place] = key


@jit
def _write(heap, row, indices, distances):  # type: ignore[no-untyped-def]
    """Empty a heap into a row of the answer, from the last place to the first."""
    for place in range(len(heap) - 1, -1, -1):
        key = heap[0]
        indices[row, place] = np.int32(key & np.uint64(0xFFFFFFFF))
        distances[row, place] = _distance(key)
        _replace_largest(heap, place, heap[place])
