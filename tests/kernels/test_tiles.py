"""Rows in tiles, and the distances from points to a tile."""

import numpy as np
import pytest

from songscape.kernels.tiles import TILE, add_distances, build_tiles, reseated


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_each_row_has_a_place_of_its_own_in_a_tile_of_its_group(rng):
    groups = rng.integers(0, 5, 2000).astype(np.int32)
    points = rng.normal(size=(2000, 3)).astype(np.float32)
    tiles = build_tiles(points, groups)
    assert len(np.unique(tiles.places)) == 2000
    assert tiles.sizes.tolist() == np.bincount(groups).tolist()
    tile, lane = tiles.places // TILE, tiles.places % TILE
    assert np.all(lane < tiles.widths[tile])
    assert np.array_equal(np.searchsorted(tiles.firsts, tile, side="right") - 1, groups)
    assert tiles.widths.sum() == 2000
    assert np.array_equal(tiles.points[tiles.places], tiles.lanes[tile, :, lane])
    empty = np.setdiff1d(np.arange(len(tiles.points)), tiles.places)
    assert not tiles.points[empty].any()


@pytest.mark.parametrize(("n_features", "n_padded"), [(1, 2), (2, 2), (3, 6), (6, 6), (9, 10), (11, 14)])
def test_columns_are_padded_with_zeros(rng, n_features, n_padded):
    tiles = build_tiles(rng.normal(size=(10, n_features)), np.zeros(10, np.int32))
    assert tiles.lanes.shape == (1, n_padded, TILE)
    assert not tiles.lanes[:, n_features:].any()


def test_scaling_is_by_a_power_of_two_and_keeps_every_digit(rng):
    points = rng.normal(size=(50, 4)).astype(np.float32)
    for exponent in (-100, 0, 100):
        tiles = build_tiles(np.ldexp(points, exponent), np.zeros(50, np.int32))
        seated = tiles.points[tiles.places, :4]
        assert 0.5 <= np.abs(seated).max() < 1.0
        ratio = points / seated
        assert np.all(ratio == ratio[0, 0])


def test_a_column_far_from_zero_is_moved_to_zero_before_it_loses_digits():
    column = 1e9 + np.arange(8) / 8  # float32 steps by 64 there
    tiles = build_tiles(column[:, None], np.zeros(8, np.int32))
    steps = np.diff(tiles.points[tiles.places, 0])
    assert np.all(steps == steps[0])
    assert steps[0] > 0


def test_no_rows_make_no_tiles():
    assert build_tiles(np.empty((0, 3)), np.empty(0, np.int32)).lanes.shape == (0, 6, TILE)


def test_reseated_rows_take_the_groups_of_others(rng):
    groups = rng.integers(0, 4, 900).astype(np.int32)
    points = rng.normal(size=(900, 3)).astype(np.float32)
    order = rng.permutation(900)
    moved = reseated(build_tiles(points, groups), order)
    wanted = build_tiles(points, groups[order])
    assert moved.sizes.tolist() == wanted.sizes.tolist()
    group_of = np.searchsorted(moved.firsts, moved.places // TILE, side="right") - 1
    assert np.array_equal(group_of, groups[order])
    assert np.array_equal(moved.points[moved.places], wanted.points[wanted.places])
    assert np.array_equal(moved.lanes[moved.places // TILE, :, moved.places % TILE], moved.points[moved.places])


@pytest.mark.parametrize("n_padded", [2, 6, 10, 14])
@pytest.mark.parametrize("width", [1, 7, 100, TILE])
def test_distances_are_those_of_the_twin(rng, n_padded, width):
    tile = rng.normal(size=(n_padded, TILE)).astype(np.float32)
    points = rng.normal(size=(5, n_padded)).astype(np.float32)
    points[2] = tile[:, 0]
    sums, lane_sums = np.full(5, 3.0), np.full(width, 2.0, np.float32)
    add_distances(tile, points, sums, np.empty(width, np.float32), lane_sums)
    twin = np.sqrt(((points[:, :, None].astype(float) - tile[None, :, :width]) ** 2).sum(axis=1))
    np.testing.assert_allclose(sums, 3.0 + twin.sum(axis=1), rtol=1e-6)
    np.testing.assert_allclose(lane_sums, 2.0 + twin.sum(axis=0), rtol=1e-6)


def test_a_point_in_the_tile_is_at_distance_zero(rng):
    tile = rng.normal(size=(6, TILE)).astype(np.float32)
    lanes = np.zeros(TILE, np.float32)
    add_distances(tile, np.ascontiguousarray(tile[:, 9:10].T), np.zeros(1), np.empty(TILE, np.float32), lanes)
    assert lanes[9] == 0.0
    assert np.count_nonzero(lanes) == TILE - 1
