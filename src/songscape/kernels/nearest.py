"""Exact nearest neighbors: leaves searched against leaves.

For each leaf of queries the leaves within reach are listed once, the nearer first. Each is tried on all queries of
the leaf: first its box against 64 queries at once; then, query by query, its 64 rows at once. Columns come a few at
a time, the widest axes first, and work stops as soon as nothing can be near enough; this goes on in turned
coordinates. Only what may belong to the answer is measured, in original coordinates (see `leaves`).

What is kept of a neighbor is one 64-bit key, the bits of its distance above its row number. Distances are ≥ 0, so
their bits ascend as they do, and one comparison of keys settles nearness and ties alike: the k smallest keys are
the answer, in whatever order leaves are visited.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit
from songscape.kernels.lanes import (
    EUCLIDEAN,
    LANES,
    box_sums,
    box_within,
    first_lane,
    key_distance,
    lanes_within,
    neighbor_key,
    row_sums,
    row_within,
)
from songscape.kernels.leaves import FARTHEST, Leaves, build_leaves, measured, reach
from songscape.progress import Report
from songscape.threads import run_blocks

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
UInt64 = npt.NDArray[np.uint64]

_LEAVES_AT_ONCE = 1024  # leaves whose answers stand in memory together: some 60 000 rows
_BINS = 64  # bins of distance in which the leaves to visit are put in order
_EPSILON = float(np.finfo(np.float32).eps)
_NO_KEY = (int(FARTHEST.view(np.uint32)) << 32) | 0xFFFFFFFF


class _Task(NamedTuple):
    """What does not change during a search."""

    metric: int
    blur: float  # how far turned coordinates may be off, all columns together
    same: bool  # the queries are the rows themselves


class _Asking(NamedTuple):
    """What a search needs of the leaves of queries; see `Leaves`."""

    starts: Int32
    order: Int32
    lanes: Float32
    turned: Float32
    low: Float32
    high: Float32


class _Space(NamedTuple):
    """What a search needs of the leaves that are searched; see `Leaves`."""

    starts: Int32
    order: Int32
    lanes: Float32
    turned: Float32
    low: Float32
    high: Float32
    low_lanes: Float32
    high_lanes: Float32
    first_row: Int32


class _Bench(NamedTuple):
    """Working memory: the queries of one leaf, what is known of their neighbors, and the leaves to visit."""

    points: Float32  # (64, n_columns), original coordinates
    turned: Float32  # (64, n_columns)
    keys: UInt64  # (64, k): heaps, the largest key first
    limits: Float32  # (64,): the largest sum of interest; −1 in lanes without a query
    screens: Float32  # (64,): the same for sums of turned coordinates
    sums: Float32  # (64,)
    found: Int32  # (n_leaves,): leaves to visit, as found
    found_gaps: Float32  # (n_leaves,): their sums from the box of the queries
    listed: Int32  # (n_leaves,): the same, the nearer first
    gaps: Float32  # (n_leaves,)
    ends: Int64  # (65,): where each bin of distances ends in the list


def nearest_rows(leaves: Leaves, k: int, metric_code: int, *, report: Report | None = None) -> tuple[Int32, Float32]:
    """Find the k nearest other rows of every row.

    Parameters
    ----------
    leaves : Leaves
        Built with ``rotate=False`` unless the metric is Euclidean.
    k : int
        At least 0; where there are fewer other rows, all of them are returned.
    metric_code : int
        `EUCLIDEAN`, `MANHATTAN` or `CHEBYSHEV`.
    report : callable, optional
        Called with the finished fraction.

    Returns
    -------
    indices : int32, shape (n_rows, min(k, n_rows − 1))
        Row numbers as in the input of `build_leaves`, ascending by distance, ties by row number, also at the last.
    distances : float32, same shape

    Raises
    ------
    ValueError
        If the metric is not Euclidean and the leaves were rotated.
    """
    k = min(k, max(leaves.n_rows - 1, 0))
    return _answers(leaves, leaves, k, metric_code, True, range(leaves.n_leaves), report)


def nearest_positions(leaves: Leaves, k: int) -> Iterator[tuple[int, Int32, Float32]]:
    """Yield the k nearest other rows of each row, by position and as positions, some rows at a time.

    With many neighbors they take more memory than all else: so nobody need hold those of all rows at once.

    Yields
    ------
    first : int
        Position of the first of these rows.
    indices, distances : int32 and float32, shape (n, min(k, n_rows − 1))
        Euclidean, as of `nearest_rows`.
    """
    in_order = leaves._replace(order=np.arange(leaves.n_rows, dtype=np.int32), first_row=leaves.starts[:-1])
    k = min(k, max(leaves.n_rows - 1, 0))
    for first in range(0, leaves.n_leaves, _LEAVES_AT_ONCE):
        stop = min(first + _LEAVES_AT_ONCE, leaves.n_leaves)
        begin = int(leaves.starts[first])
        here = in_order._replace(order=in_order.order - np.int32(begin))
        yield begin, *_answers(here, in_order, k, EUCLIDEAN, True, range(first, stop))


def query_rows(leaves: Leaves, queries: Float32, k: int, metric_code: int) -> tuple[Int32, Float32]:
    """Find the k nearest rows of new points; as `nearest_rows`, but no row is left out.

    Parameters
    ----------
    queries : float32, shape (n_queries, n_columns)
        C-contiguous and finite. Each is answered on its own: at once or one by one gives the same bytes.
    """
    asking = build_leaves(queries, like=leaves)
    return _answers(asking, leaves, min(k, leaves.n_rows), metric_code, False, range(asking.n_leaves))


def _answers(
    asking: Leaves, leaves: Leaves, k: int, metric: int, same: bool, asked: range, report: Report | None = None
) -> tuple[Int32, Float32]:
    """Return the neighbors of the rows of some leaves of `asking`; its order tells where each row's answer stands."""
    if metric != EUCLIDEAN and not np.array_equal(leaves.axes, np.eye(len(leaves.axes))):
        raise ValueError("Manhattan and Chebyshev distances need leaves built with rotate=False.")
    n_rows = int(asking.starts[asked.stop] - asking.starts[asked.start]) if len(asked) else 0
    indices = np.empty((n_rows, k), np.int32)
    distances = np.empty((n_rows, k), np.float32)
    if indices.size:
        extent = max(float(np.abs(side).max()) for side in (asking.low, asking.high, leaves.low, leaves.high))
        task = _Task(metric, len(leaves.axes) * _EPSILON * extent, same)
        queries = _Asking(*(getattr(asking, name) for name in _Asking._fields))
        space = _Space(*(getattr(leaves, name) for name in _Space._fields))

        def work(first: int, stop: int) -> None:
            leaf, end = asked.start + first, asked.start + stop
            _search_leaves(task, queries, space, _make_bench(space, k), (indices, distances), leaf, end)

        run_blocks(work, len(asked), grain=16, report=report)
    return indices, distances


def _make_bench(space: _Space, k: int) -> _Bench:
    n_leaves, n_columns = space.low.shape
    return _Bench(
        points=np.empty((LANES, n_columns), np.float32),
        turned=np.empty((LANES, n_columns), np.float32),
        keys=np.empty((LANES, k), np.uint64),
        limits=np.empty(LANES, np.float32),
        screens=np.empty(LANES, np.float32),
        sums=np.empty(LANES, np.float32),
        found=np.empty(n_leaves, np.int32),
        found_gaps=np.empty(n_leaves, np.float32),
        listed=np.empty(n_leaves, np.int32),
        gaps=np.empty(n_leaves, np.float32),
        ends=np.empty(_BINS + 1, np.int64),
    )


@jit
def _search_leaves(task, asking, space, bench, answer, first, stop):  # type: ignore[no-untyped-def]
    """Answer the queries of some leaves of `asking`."""
    for leaf in range(first, stop):
        begin = asking.starts[leaf]
        n_queries = asking.starts[leaf + 1] - begin
        _open_leaf(asking.lanes, asking.turned, leaf, n_queries, bench)
        n_listed = np.int64(0)
        for _ in range(2):
            n_listed = _list_leaves(task, asking.low, asking.high, leaf, space, bench, n_listed)
            _visit_listed(task, asking.turned, leaf, space, bench, n_listed)
        for lane in range(n_queries):
            _write(bench.keys, lane, asking.order[begin + lane], answer)


@jit
def _open_leaf(lanes, turned, leaf, n_queries, bench):  # type: ignore[no-untyped-def]
    """Take up the queries of a leaf; nothing is known of their neighbors yet."""
    points, turned_points, keys, limits, screens = bench.points, bench.turned, bench.keys, bench.limits, bench.screens
    for lane in range(LANES):
        for j in range(points.shape[1]):
            points[lane, j] = lanes[leaf, j, lane]
            turned_points[lane, j] = turned[leaf, j, lane]
        for place in range(keys.shape[1]):
            keys[lane, place] = np.uint64(_NO_KEY)
        limits[lane] = FARTHEST if lane < n_queries else np.float32(-1.0)
        screens[lane] = limits[lane]


@jit
def _list_leaves(task, low, high, leaf, space, bench, n_seeds):  # type: ignore[no-untyped-def]
    """List the leaves to visit; count them.

    First, with nothing known, the seeds: the smallest node around the queries with more than k rows. Then all other
    leaves that the queries can reach, the nearer first up to the width of a bin.
    """
    listed, gaps, starts = bench.listed, bench.gaps, space.starts
    n_leaves = len(starts) - 1
    if n_seeds == 0:
        begin = leaf if task.same else _nearest_leaf(task, low, high, leaf, space, bench.sums)
        width = 1
        while starts[begin + width] - starts[begin] <= bench.keys.shape[1] and width < n_leaves:
            width *= 2
            begin = begin // width * width
        for i in range(width):
            listed[i] = begin + i
            gaps[i] = 0.0
        return width
    first_seed = listed[0]
    found, found_gaps, sums = bench.found, bench.found_gaps, bench.sums
    radius = np.float32(0.0)
    for lane in range(LANES):
        if bench.limits[lane] > radius:
            radius = bench.limits[lane]
    scale = np.float32(_BINS - 1) / radius if radius > 0.0 else np.float32(0.0)
    ends = bench.ends
    for b in range(_BINS + 1):
        ends[b] = 0
    n_found = 0
    for group in range(len(space.low_lanes)):
        box_sums(low, high, leaf, space.low_lanes, space.high_lanes, group, task.metric, sums)
        near = lanes_within(sums, radius)
        while near != 0:
            lane = first_lane(near)
            near &= near - np.uint64(1)
            target = group * LANES + np.int64(lane)
            if target < first_seed or target >= first_seed + n_seeds:
                found[n_found] = target
                found_gaps[n_found] = sums[lane]
                ends[np.int64(sums[lane] * scale) + 1] += 1
                n_found += 1
    for previous in range(_BINS):
        ends[previous + 1] += ends[previous]
    for i in range(n_found):
        own = np.int64(found_gaps[i] * scale)
        listed[ends[own]] = found[i]
        gaps[ends[own]] = found_gaps[i]
        ends[own] += 1
    return n_found


@jit
def _nearest_leaf(task, low, high, leaf, space, sums):  # type: ignore[no-untyped-def]
    nearest, least = np.int64(0), np.float32(np.inf)
    for group in range(len(space.low_lanes)):
        box_sums(low, high, leaf, space.low_lanes, space.high_lanes, group, task.metric, sums)
        for lane in range(LANES):
            if sums[lane] < least:
                nearest, least = np.int64(group * LANES + lane), sums[lane]
    return nearest


@jit
def _visit_listed(task, turned, leaf, space, bench, n_listed):  # type: ignore[no-untyped-def]
    """Look for neighbors of the queries in the leaves listed."""
    keys, limits, screens, sums = bench.keys, bench.limits, bench.screens, bench.sums
    metric = task.metric
    screened = bench.points.shape[1] > 3  # with fewer columns it is as fast to measure at once
    for i in range(n_listed):
        if lanes_within(bench.gaps[i], limits) == 0:
            continue
        target = bench.listed[i]
        first_row = np.uint64(space.first_row[target])
        asked = box_within(space.low, space.high, target, turned, turned, leaf, metric, limits)
        while asked != 0:
            query = first_lane(asked)
            asked &= asked - np.uint64(1)
            if limits[query] == 0.0 and first_row > keys[query, 0]:
                continue  # k rows at distance 0 with smaller numbers are known already
            if screened and row_within(bench.turned, query, space.turned, target, metric, screens[query]) == 0:
                continue
            row_sums(bench.points, query, space.lanes, target, metric, sums)
            hits = lanes_within(sums, limits[query])
            if task.same and target == leaf:
                hits &= ~(np.uint64(1) << query)
            if hits != 0:
                _keep(task, bench, query, hits, space.order, space.starts[target])


@jit
def _keep(task, bench, query, hits, order, begin):  # type: ignore[no-untyped-def]
    """Keep those of the measured rows in `hits` that are among the nearest of a query."""
    keys = bench.keys
    k, n_columns = keys.shape[1], bench.points.shape[1]
    while hits != 0:
        lane = first_lane(hits)
        hits &= hits - np.uint64(1)
        key = neighbor_key(measured(bench.sums[lane], task.metric), np.uint64(order[begin + np.int64(lane)]))
        if key < keys[query, 0]:
            _replace_largest(keys, np.int64(query), k, key)
    distance = np.float64(key_distance(keys[query, 0]))
    bench.limits[query] = reach(distance, n_columns, task.metric)
    bench.screens[query] = reach(distance + task.blur, n_columns, task.metric)


@jit
def _replace_largest(keys, heap, size, key):  # type: ignore[no-untyped-def]
    """Put `key` in the place of the largest of the first `size` keys of a heap."""
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and keys[heap, child + 1] > keys[heap, child]:
            child += 1
        if keys[heap, child] <= key:
            break
        keys[heap, place] = keys[heap, child]
        place = child
    keys[heap, place] = key


@jit
def _write(keys, heap, row, answer):  # type: ignore[no-untyped-def]
    """Empty a heap into a row of the answer, from the last place to the first."""
    indices, distances = answer
    for place in range(keys.shape[1] - 1, -1, -1):
        key = keys[heap, 0]
        indices[row, place] = np.int32(key & np.uint64(0xFFFFFFFF))
        distances[row, place] = key_distance(key)
        _replace_largest(keys, heap, place, keys[heap, place])
