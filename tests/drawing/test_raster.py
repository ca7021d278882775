"""Pixels: frames, paint against a slow twin, densest places, neighbors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.drawing.raster import Frame, densest_places, neighbors_on_map, paint

COLORS = np.array([[0.9, 0.1, 0.1], [0.1, 0.2, 0.9]])
GREY = np.array([0.75, 0.75, 0.75])


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(n=st.integers(1, 60), seed=st.integers(0, 1000), stretch=st.sampled_from([0.0, 1e-6, 1.0, 1e6]))
def test_frame_shows_every_point_with_one_scale(n: int, seed: int, stretch: float) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(100, 3, n), stretch * rng.normal(size=n)
    frame = Frame.around(x, y, 300, 200)
    across, down = (x - frame.left) * frame.scale, (frame.top - y) * frame.scale
    assert (across >= 300 * 0.029).all()
    assert (across <= 300 * 0.971).all()
    assert (down >= 200 * 0.029).all()
    assert (down <= 200 * 0.971).all()
    column, row = frame.pixels(x, y)
    np.testing.assert_array_equal(column, np.floor(across).astype(int))
    np.testing.assert_array_equal(row, np.floor(down).astype(int))


def test_frame_of_nothing_and_of_one_point() -> None:
    none = np.empty(0)
    assert Frame.around(none, none, 30, 20).pixels(none, none)[0].shape == (0,)
    one = np.array([5.0])
    column, row = Frame.around(one, one, 30, 20).pixels(one, one)
    assert (column[0], row[0]) == (15, 10)


def test_up_on_the_map_is_up_in_the_picture() -> None:
    x, y = np.array([0.0, 1.0]), np.array([0.0, 1.0])
    column, row = Frame.around(x, y, 100, 100).pixels(x, y)
    assert column[0] < column[1]
    assert row[0] > row[1]


def test_empty_map_is_white() -> None:
    picture = paint(Frame(40, 30, 0, 0, 1), (ints(), ints()), np.empty(0, dtype=np.int32), COLORS, GREY)
    assert picture.shape == (30, 40, 4)
    assert (picture == 255).all()


def test_one_point_is_a_disk_in_its_color() -> None:
    picture = paint(Frame(101, 81, 0, 0, 1), (ints(50), ints(40)), np.array([1], dtype=np.int32), COLORS, GREY)
    np.testing.assert_allclose(picture[40, 50], [*(255 * COLORS[1]), 255], atol=1)
    assert (picture[40, 56] == picture[40, 50]).all()
    assert (picture[30, 50] == 255).all()
    inked = (picture[..., :3] < 255).any(axis=2)
    assert (inked == inked[::-1]).all()
    assert (inked == inked[:, ::-1]).all()


def test_clusters_lie_on_noise_and_noise_is_grey() -> None:
    points = (ints(20, 80, 80), ints(20, 20, 20))
    picture = paint(Frame(101, 81, 0, 0, 1), points, np.array([-1, -1, 0], dtype=np.int32), COLORS, GREY)
    noise, both = picture[20, 20, :3].astype(int), picture[20, 80, :3].astype(int)
    assert np.ptp(noise) == 0
    assert 150 < noise[0] < 255
    assert both[0] > both[1] + 60
    assert both[1] == both[2]


def slow_hue(column: np.ndarray, row: np.ndarray, shades: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Mean color of the points of each pixel, their disks one pixel in radius; nan where there is none."""
    total, count = np.zeros((*shape, 3)), np.zeros(shape)
    for c, r, shade in zip(column, row, shades, strict=True):
        for i, j in ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)):
            at = np.clip(r + i, 0, shape[0] - 1), np.clip(c + j, 0, shape[1] - 1)
            total[at] += COLORS[shade]
            count[at] += 1
    with np.errstate(invalid="ignore"):
        return total / count[..., None]


@settings(max_examples=6, derandomize=True, deadline=None)
@given(seed=st.integers(0, 1000))
def test_paint_matches_a_slow_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, high, wide = 600, 40, 50
    column, row = rng.integers(0, wide, n), rng.integers(0, high, n)
    shades = rng.integers(0, 2, n).astype(np.int32)
    picture = paint(Frame(wide, high, 0, 0, 1), (column, row), shades, COLORS, GREY)[..., :3] / 255
    hue = slow_hue(column, row, shades, (high, wide))
    inked = ~np.isnan(hue[..., 0])
    assert (picture[~inked] == 1).all()
    # picture = 1 + ink (hue − 1), with the same ink in all channels
    ink = (1 - picture[inked]) / (1 - hue[inked])
    assert np.ptp(ink, axis=1).max() < 0.05
    assert ink.min() > 0.42
    assert ink.max() < 1.01


def test_dense_places_are_darker() -> None:
    rng = np.random.default_rng(0)
    column = np.concatenate([rng.integers(10, 40, 4000), rng.integers(60, 390, 2000)])
    row = np.concatenate([rng.integers(10, 40, 4000), rng.integers(10, 290, 2000)])
    shades = np.zeros(6000, dtype=np.int32)
    picture = paint(Frame(400, 300, 0, 0, 1), (column, row), shades, COLORS, GREY)[..., 1].astype(float)
    dense, sparse = picture[15:35, 15:35], picture[50:250, 100:350]
    assert dense.mean() < 60
    assert sparse[sparse < 255].mean() > dense.mean() + 60


def test_densest_place() -> None:
    rng = np.random.default_rng(1)
    spread, heap = rng.integers(0, 400, (500, 2)), 300 + rng.integers(-3, 4, (500, 2))
    other = 50 + rng.integers(-10, 11, (300, 2))
    points = np.concatenate([spread, heap, other])
    labels = np.repeat([0, 1, -1], [1000, 300, 0]).astype(np.int32)
    places = densest_places(Frame(400, 400, 0, 0, 1), (points[:, 0], points[:, 1]), labels)
    np.testing.assert_allclose(places[:, :2], [[300, 300], [50, 50]], atol=6)
    assert places[1, 2] == pytest.approx(8, abs=3)
    assert densest_places(Frame(9, 9, 0, 0, 1), (ints(1), ints(1)), np.array([-1], dtype=np.int32)).shape == (0, 3)


def test_neighbors_by_hand() -> None:
    # 0 | 1 side by side, 2 far away, 3 behind a belt of noise beside 1
    blocks = {0: (0, 60), 1: (60, 120), -1: (120, 150), 3: (150, 210), 2: (420, 480)}
    column, row, labels = [], [], []
    for label, (start, stop) in blocks.items():
        x, y = np.meshgrid(np.arange(start, stop, 3), np.arange(0, 120, 3))
        column.append(x.ravel())
        row.append(y.ravel())
        labels.append(np.full(x.size, label, dtype=np.int32))
    points = (np.concatenate(column), np.concatenate(row))
    assert neighbors_on_map(Frame(480, 120, 0, 0, 1), points, np.concatenate(labels)) == [[1], [0, 3], [], [1]]


@settings(max_examples=30, derandomize=True, deadline=None)
@given(n=st.integers(0, 300), k=st.integers(1, 40), seed=st.integers(0, 1000))
def test_neighbors_are_mutual_and_free_of_order(n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = (rng.integers(0, 200, n), rng.integers(0, 100, n))
    labels = rng.integers(-1, k, n).astype(np.int32)
    frame = Frame(200, 100, 0, 0, 1)
    beside = neighbors_on_map(frame, points, labels)
    assert all(i in beside[j] and i != j for i, row in enumerate(beside) for j in row)
    order = rng.permutation(n)
    assert beside == neighbors_on_map(frame, (points[0][order], points[1][order]), labels[order])
