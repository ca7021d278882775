import numpy as np
import pytest

from songscape.kernels.leaves import (
    CHEBYSHEV,
    EUCLIDEAN,
    FARTHEST,
    LANES,
    MANHATTAN,
    Leaves,
    box_to_box,
    box_to_lanes,
    build_leaves,
    measured,
    reach,
    row_to_block,
)
from songscape.threads import use_threads

METRICS = (EUCLIDEAN, MANHATTAN, CHEBYSHEV)


def total(gaps, metric, axis=-1):
    """The sum that gaps between coordinates stand for, added up column by column in float32."""
    gaps = np.moveaxis(np.abs(gaps).astype(np.float32), axis, 0)
    sums = np.zeros(gaps.shape[1:], np.float32)
    for gap in gaps:
        if metric == EUCLIDEAN:
            sums = sums + gap * gap
        elif metric == MANHATTAN:
            sums = sums + gap
        else:
            sums = np.maximum(sums, gap)
    return sums


def clouds():
    rng = np.random.default_rng(3)
    normal = rng.normal(size=(700, 4)).astype(np.float32)
    constant = normal.copy()
    constant[:, 2] = 5.0
    return {
        "normal": normal,
        "long": normal * np.float32([1e-3, 1.0, 1e3, 10.0]),
        "grid": rng.integers(0, 3, (500, 3)).astype(np.float32),
        "equal": np.full((300, 2), 7.0, np.float32),
        "constant column": constant,
        "one column": rng.normal(size=(130, 1)).astype(np.float32),
        "offset": (normal + 1e6).astype(np.float32),
        "outlier": np.vstack([normal, np.full((1, 4), 1e8, np.float32)]),
        "wide": rng.normal(size=(200, 70)).astype(np.float32),
        "none": np.empty((0, 3), np.float32),
        "one": normal[:1],
        "two": normal[:2],
        "full leaf": normal[:64],
        "one more": normal[:65],
    }


CLOUDS = clouds()


def check_leaves(leaves: Leaves, points: np.ndarray) -> None:
    """Check whatever holds for all leaves."""
    n_rows, n_columns = points.shape
    assert leaves.n_rows == n_rows
    assert leaves.n_leaves & (leaves.n_leaves - 1) == 0
    assert leaves.n_leaves == 1 or leaves.n_leaves // 2 * LANES < n_rows
    assert (np.sort(leaves.order) == np.arange(n_rows)).all()
    sizes = np.diff(leaves.starts)
    assert leaves.starts[0] == 0
    assert leaves.starts[-1] == n_rows
    assert sizes.max() <= LANES
    assert sizes.max() - sizes.min() <= 1
    assert leaves.lanes.shape == leaves.turned.shape == (leaves.n_leaves, n_columns, LANES)
    for leaf, size in enumerate(sizes):
        rows = leaves.order[leaves.starts[leaf] : leaves.starts[leaf + 1]]
        assert (points[rows] == leaves.lanes[leaf, :, :size].T).all()
        assert np.isposinf(leaves.lanes[leaf, :, size:]).all()
        turned = leaves.turned[leaf, :, :size].T
        assert (leaves.low[leaf] <= turned).all()
        assert (turned <= leaves.high[leaf]).all()
        if size:
            assert leaves.first_row[leaf] == rows.min()
        group, lane = divmod(leaf, LANES)
        assert (leaves.low_lanes[group, :, lane] == leaves.low[leaf]).all()
        assert (leaves.high_lanes[group, :, lane] == leaves.high[leaf]).all()
        assert (leaves.group_low[group] <= leaves.low[leaf]).all()
        assert (leaves.group_high[group] >= leaves.high[leaf]).all()


@pytest.mark.parametrize("name", CLOUDS)
@pytest.mark.parametrize("rotate", [True, False])
def test_leaves_hold_every_row_once(name, rotate):
    points = CLOUDS[name]
    before = points.copy()
    check_leaves(build_leaves(points, rotate=rotate), points)
    np.testing.assert_array_equal(points, before)


def test_neighbors_on_a_line_share_a_leaf():
    points = np.arange(256, dtype=np.float32)[::-1].reshape(-1, 1).copy()
    leaves = build_leaves(points)
    assert sorted(tuple(np.sort(part)) for part in np.split(leaves.order, leaves.starts[1:-1])) == [
        tuple(range(start, start + 64)) for start in range(0, 256, 64)
    ]


def test_the_widest_axis_is_split_first():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(128, 3)).astype(np.float32) * np.float32([0.1, 5.0, 0.1])
    leaves = build_leaves(points, rotate=False)
    first, second = points[leaves.order[:64], 1], points[leaves.order[64:], 1]
    assert max(first.min(), second.min()) >= min(first.max(), second.max())


def test_axes_turn_a_diagonal_line_flat():
    steps = np.linspace(0.0, 10.0, 100, dtype=np.float32)
    leaves = build_leaves(np.column_stack([steps, steps]))
    assert np.allclose(np.abs(leaves.axes[:, 0]), np.sqrt(0.5))
    assert np.abs(leaves.turned[:, 1, :50]).max() < 1e-5


def test_many_equal_rows_are_parted_in_linear_time():
    leaves = build_leaves(np.zeros((300_000, 2), np.float32))
    assert leaves.n_leaves == 8192  # a quadratic selection would take hours


def test_same_bytes_for_any_number_of_threads():
    points = np.random.default_rng(1).normal(size=(20_000, 5)).astype(np.float32)
    with use_threads(1):
        one = build_leaves(points)
    with use_threads(2):
        two = build_leaves(points)
    for name, left, right in zip(Leaves._fields, one, two, strict=True):
        assert left.tobytes() == right.tobytes(), name


def test_like_uses_the_same_axes():
    leaves = build_leaves(CLOUDS["normal"])
    others = build_leaves(CLOUDS["normal"][:9] + np.float32(1.0), like=leaves)
    assert (others.axes == leaves.axes).all()
    assert (others.center == leaves.center).all()


@pytest.mark.parametrize("metric", METRICS)
def test_row_to_block_equals_the_twin(metric):
    leaves = build_leaves(CLOUDS["normal"])
    sums = np.empty(LANES, np.float32)
    point = CLOUDS["normal"][17]
    for block in leaves.lanes:
        row_to_block(point, block, metric, sums)
        np.testing.assert_array_equal(sums, total(block - point[:, None], metric, axis=0))


@pytest.mark.parametrize("metric", METRICS)
def test_box_sums_equal_the_twin(metric):
    leaves = build_leaves(CLOUDS["grid"], rotate=False)
    sums = np.empty(LANES, np.float32)
    for low, high in zip(leaves.low, leaves.high, strict=True):
        gaps = np.maximum(np.maximum(leaves.low - high, low - leaves.high), 0.0)
        expected = total(gaps, metric)
        box_to_lanes(low, high, leaves.low_lanes[0], leaves.high_lanes[0], metric, sums)
        np.testing.assert_array_equal(sums[: leaves.n_leaves], expected)
        assert np.isposinf(sums[leaves.n_leaves :]).all()
        for other in range(leaves.n_leaves):
            assert box_to_box(low, high, leaves.low[other], leaves.high[other], metric) == expected[other]


def test_a_strided_box_counts_like_a_contiguous_one():
    leaves = build_leaves(CLOUDS["normal"])
    strided, plain = np.empty(LANES, np.float32), np.empty(LANES, np.float32)
    low, high = leaves.low_lanes[0, :, 3], leaves.high_lanes[0, :, 3]
    box_to_lanes(low, high, leaves.low_lanes[0], leaves.high_lanes[0], EUCLIDEAN, strided)
    box_to_lanes(low.copy(), high.copy(), leaves.low_lanes[0], leaves.high_lanes[0], EUCLIDEAN, plain)
    np.testing.assert_array_equal(strided, plain)


@pytest.mark.parametrize("name", ["normal", "long", "grid", "equal", "offset", "outlier", "wide"])
@pytest.mark.parametrize("metric", METRICS)
def test_boxes_never_hide_a_row(name, metric):
    """No box may lie farther off than `reach` of the measured distance to any of its rows."""
    points = CLOUDS[name]
    n_columns = points.shape[1]
    leaves = build_leaves(points, rotate=metric == EUCLIDEAN)
    boxes, sums = np.empty(LANES, np.float32), np.empty(LANES, np.float32)
    for asking in range(0, len(points), 23):
        leaf = int(np.searchsorted(leaves.starts, asking, side="right")) - 1
        lane = asking - leaves.starts[leaf]
        row = leaves.turned[leaf, :, lane].copy()
        box_to_lanes(row, row, leaves.low_lanes[0], leaves.high_lanes[0], metric, boxes)
        for other in range(leaves.n_leaves):
            row_to_block(leaves.lanes[leaf, :, lane].copy(), leaves.lanes[other], metric, sums)
            least = measured(sums[: leaves.starts[other + 1] - leaves.starts[other]].min(), metric)
            assert boxes[other] <= reach(least, n_columns, metric)


@pytest.mark.parametrize("metric", METRICS)
def test_reach_takes_back_what_measured_does(metric):
    sums = np.geomspace(1e-30, 1e30, 5000).astype(np.float32)
    for value in sums:
        bound = reach(measured(value, metric), 3, metric)
        assert value <= bound <= value * 1.00001
    assert reach(FARTHEST, 3, metric) == FARTHEST
