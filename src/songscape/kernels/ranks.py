"""How far down the list of nearest rows given rows stand: counted, without sorting.

The rank of row j as seen from row i is 1 + the number of other rows strictly nearer to i. So rows at equal distances
share the best rank, and the order of rows plays no part. Rows are measured a tile at a time, always all 256 lanes of
it: so the distances that are compared come out of the same instructions and agree to the bit.
"""

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit
from songscape.kernels.leaves import EUCLIDEAN, MANHATTAN
from songscape.kernels.tiles import TILE, Tiles, add_distances
from songscape.threads import run_blocks

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

_BATCH = 16  # rows measured against a tile while it is in cache
_TILES = 16  # tiles measured before counting: 16 rows × 16 tiles of distances take 256 KB


def rank_excess(tiles: Tiles, rows: Int64, others: npt.NDArray[np.integer], metric_code: int) -> Int64:
    """Return by how much the ranks of some rows' partners exceed k, added up for each row.

    Parameters
    ----------
    tiles : Tiles
        All rows, in one group.
    rows : int64, shape (n_asked,)
        The rows i that are asked about.
    others : int, shape (n_asked, k)
        k other rows j for each, k at least 1.
    metric_code : int
        `EUCLIDEAN`, `MANHATTAN` or `CHEBYSHEV`.

    Returns
    -------
    int64, shape (n_asked,)
        Σ max(rank(i, j) − k, 0) over the row's k partners j.
    """
    excess = np.zeros(len(rows), np.int64)
    asked, partners, lanes = tiles.places[rows], tiles.places[others], tiles.lanes

    def work(first: int, stop: int) -> None:
        for begin in range(first * _BATCH, min(stop * _BATCH, len(rows)), _BATCH):
            batch = slice(begin, begin + _BATCH)
            points = tiles.points[asked[batch]]
            limits = _partner_distances(points, tiles.points[partners[batch]], metric_code)
            nearer = np.zeros(limits.shape, np.int64)
            distances = np.empty((len(points), _TILES * TILE), np.float32)
            for tile in range(0, len(lanes), _TILES):
                _measure(lanes[tile : tile + _TILES], points, metric_code, distances)
                _count_nearer(distances, min(_TILES * TILE, len(tiles.places) - TILE * tile), limits, nearer)
            itself = limits > 0.0  # it stands among the nearer rows, unless its partner is at distance 0 too
            excess[batch] = np.maximum(nearer - itself + 1 - limits.shape[1], 0).sum(axis=1)

    run_blocks(work, -(-len(rows) // _BATCH))
    return excess


def _partner_distances(points: Float32, partners: Float32, metric_code: int) -> Float32:
    """Return the ascending distances from each point to its partners, shape (n, k, n_padded), measured in tiles."""
    n, k, n_padded = partners.shape
    n_tiles = -(-k // TILE)
    seated = np.zeros((n, n_tiles * TILE, n_padded), np.float32)
    seated[:, :k] = partners
    lanes = np.ascontiguousarray(seated.reshape(n, n_tiles, TILE, n_padded).transpose(0, 1, 3, 2))
    distances = np.empty((n, n_tiles * TILE), np.float32)
    for i in range(n):
        _measure(lanes[i], points[i : i + 1], metric_code, distances[i : i + 1])
    return np.sort(distances[:, :k], axis=1)


def _measure(lanes: Float32, points: Float32, metric_code: int, distances: Float32) -> None:
    """Write the distances from each point to all lanes of some tiles."""
    if metric_code == EUCLIDEAN:
        _measure_euclidean(lanes, points, distances)
    else:
        _measure_other(lanes, points, metric_code == MANHATTAN, distances)


@jit(fastmath=True)  # finite and scaled: neither inf nor nan can occur
def _measure_euclidean(lanes, points, distances):  # type: ignore[no-untyped-def]
    squares, unused = np.empty(TILE, np.float32), np.empty(1, np.float64)
    for tile in range(len(lanes)):
        for i in range(len(points)):
            out = distances[i, TILE * tile : TILE * tile + TILE]
            for lane in range(TILE):
                out[lane] = 0.0
            add_distances(lanes[tile], points[i : i + 1], unused, squares, out)


@jit
def _measure_other(lanes, points, added_up, distances):  # type: ignore[no-untyped-def]
    """Write Manhattan distances, or Chebyshev distances where the columns' gaps are not `added_up`."""
    for tile in range(len(lanes)):
        for i in range(len(points)):
            out = distances[i, TILE * tile : TILE * tile + TILE]
            for lane in range(TILE):
                out[lane] = 0.0
            for feature in range(points.shape[1]):
                column, value = lanes[tile, feature], points[i, feature]
                if added_up:
                    for lane in range(TILE):
                        out[lane] += abs(column[lane] - value)
                else:
                    for lane in range(TILE):
                        out[lane] = max(out[lane], abs(column[lane] - value))


@jit(fastmath=True)  # distances of finite, scaled values
def _count_nearer(distances, width, limits, nearer):  # type: ignore[no-untyped-def]
    """Add to ``nearer[i, j]`` how many of the first `width` of ``distances[i]`` lie below ``limits[i, j]``."""
    for i in range(len(limits)):
        for begin in range(0, width, TILE):
            part = distances[i, begin : min(begin + TILE, width)]
            least, most = part[0], part[0]
            for lane in range(len(part)):
                least, most = min(least, part[lane]), max(most, part[lane])
            for j in range(limits.shape[1] - 1, -1, -1):
                limit = limits[i, j]
                if limit <= least:
                    break
                count = np.float32(len(part))
                if limit <= most:
                    count = np.float32(0.0)  # float32: eight at a time
                    for lane in range(len(part)):
                        count += np.float32(1.0) if part[lane] < limit else np.float32(0.0)
                nearer[i, j] += np.int64(count)
