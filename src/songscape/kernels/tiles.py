"""Rows in tiles of 256, stored by column, and the distances from points to a tile: the leaf of all-pairs work.

With one feature of 256 rows contiguous, one instruction works on eight rows at once (AVX2), and a tile stays in the
fastest cache while many points are measured against it. A *place* is a seat in a tile: ``256 tile + lane``.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit

TILE = 256
"""Most rows in a tile."""


class Tiles(NamedTuple):
    """Rows sorted by group, each group in tiles of its own; the last tile of a group may be part empty.

    Attributes
    ----------
    lanes : float32, shape (n_tiles, n_padded, 256)
        Coordinates by column; `n_padded` is 2, 6, 10 …: columns of zeros follow the features.
    points : float32, shape (n_places, n_padded)
        The same coordinates by place; empty places hold zeros.
    widths : int64, shape (n_tiles,)
        Rows in each tile.
    firsts : int64, shape (n_groups + 1,)
        Group g has tiles ``firsts[g]`` up to ``firsts[g + 1]``.
    sizes : int64, shape (n_groups,)
        Rows in each group.
    places : int64, shape (n_rows,)
        The place of each row.
    """

    lanes: npt.NDArray[np.float32]
    points: npt.NDArray[np.float32]
    widths: npt.NDArray[np.int64]
    firsts: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]


def build_tiles(points: npt.NDArray[np.floating], groups: npt.NDArray[np.int32]) -> Tiles:
    """Lay out finite `points` in tiles, moved and scaled so that float32 holds them well.

    All columns are divided by one power of two (exact), so that squares neither overflow nor vanish; a column that
    lies far from zero is moved to zero first. Scores that are ratios of distances do not change.

    Parameters
    ----------
    points : float32 or float64, shape (n_rows, n_features)
    groups : int32, shape (n_rows,)
        Group of each row, from 0, none without rows. Within a group rows stand by row number.

    Examples
    --------
    >>> tiles = build_tiles(np.array([[0.5], [0.25], [0.75]]), np.array([1, 0, 1], dtype=np.int32))
    >>> tiles.lanes.shape, tiles.firsts.tolist(), tiles.places.tolist()
    ((2, 2, 256), [0, 1, 2], [256, 0, 257])
    """
    n_rows, n_features = points.shape
    padded = np.zeros((n_rows, n_features + (2 - n_features) % 4), np.float32)
    shift, exponent = _shift_and_exponent(points)
    for feature in range(n_features):
        padded[:, feature] = np.ldexp(points[:, feature].astype(np.float64) - shift[feature], -exponent)
    return _seat(padded, groups)


def thinned(tiles: Tiles, groups: npt.NDArray[np.int32], rows: npt.NDArray[np.int64]) -> Tiles:
    """Return tiles of these rows alone, moved and scaled as they are. Each group of all must keep a row."""
    return _seat(tiles.points[tiles.places[rows]], groups[rows])


def _seat(padded: npt.NDArray[np.float32], groups: npt.NDArray[np.int32]) -> Tiles:
    sizes = np.bincount(groups).astype(np.int64)
    firsts = np.concatenate([[0], np.cumsum(-(-sizes // TILE))]).astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    places = np.empty(len(padded), np.int64)
    places[np.argsort(groups, kind="stable")] = np.arange(len(padded)) + np.repeat(firsts[:-1] * TILE - starts, sizes)
    seated = np.zeros((int(firsts[-1]) * TILE, padded.shape[1]), np.float32)
    seated[places] = padded
    widths = np.bincount(places // TILE, minlength=int(firsts[-1])).astype(np.int64)
    return Tiles(_by_column(seated), seated, widths, firsts, sizes, places)


def reseated(tiles: Tiles, order: npt.NDArray[np.integer]) -> Tiles:
    """Return tiles in which each row i takes the seat, and with it the group, of row ``order[i]``."""
    points = np.zeros_like(tiles.points)
    places = tiles.places[order]
    points[places] = tiles.points[tiles.places]
    return tiles._replace(lanes=_by_column(points), points=points, places=places)


def _by_column(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.ascontiguousarray(points.reshape(-1, TILE, points.shape[1]).transpose(0, 2, 1))


def _shift_and_exponent(points: npt.NDArray[np.floating]) -> tuple[npt.NDArray[np.float64], int]:
    """Return what to take off each column, and the power of two to divide by."""
    if len(points) == 0:
        return np.zeros(points.shape[1]), 0
    low, high = points.min(axis=0).astype(np.float64), points.max(axis=0).astype(np.float64)
    middle = low / 2 + high / 2
    shift = np.where(np.abs(middle) > 4 * (high / 2 - low / 2), middle, 0.0)  # nearer zero, the same digits say more
    reach = np.maximum(np.abs(low - shift), np.abs(high - shift)).max()
    return shift, int(np.frexp(reach)[1])


@jit(fastmath=True, inline=True)  # finite and scaled: neither inf nor nan can occur
def add_distances(tile, points, sums, squares, lane_sums):  # type: ignore[no-untyped-def]
    """Measure each of `points` against a tile; add its distances to its sum, and each distance to its lane's sum.

    The loops run over lanes inside, four features a pass, the last two together with the root: each pass more would
    load and store all squares once more.

    Parameters
    ----------
    tile : float32, shape (n_padded, 256)
    points : float32, shape (n_points, n_padded)
    sums : float64, shape (n_points,)
        Added to.
    squares, lane_sums : float32, shape (width,)
        Room to work in, and the sums of the lanes, added to. Lanes of the tile from `width` on are left out.
    """
    n_padded = len(tile)
    for i in range(len(points)):
        point = points[i]
        squares[:] = 0.0
        feature = 0
        while feature + 2 < n_padded:
            a, b, c, d = tile[feature], tile[feature + 1], tile[feature + 2], tile[feature + 3]
            point_a, point_b = point[feature], point[feature + 1]
            point_c, point_d = point[feature + 2], point[feature + 3]
            for lane in range(len(squares)):
                gap_a, gap_b, gap_c, gap_d = (
                    a[lane] - point_a,
                    b[lane] - point_b,
                    c[lane] - point_c,
                    d[lane] - point_d,
                )
                squares[lane] += (gap_a * gap_a + gap_b * gap_b) + (gap_c * gap_c + gap_d * gap_d)
            feature += 4
        a, b = tile[feature], tile[feature + 1]
        point_a, point_b = point[feature], point[feature + 1]
        total = np.float32(0.0)
        for lane in range(len(squares)):
            gap_a, gap_b = a[lane] - point_a, b[lane] - point_b
            distance = np.sqrt(squares[lane] + (gap_a * gap_a + gap_b * gap_b))
            total += distance
            lane_sums[lane] += distance
        sums[i] += total
