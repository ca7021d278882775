"""How many of a few fixed rows, the landmarks, lie nearer to a row than given others do.

With landmarks drawn at random from all rows the count, scaled up, is an unbiased estimate of a rank, at the cost of a
few distances a row instead of all of them. Landmarks lie in tiles of 256, one column after the other, so that one
instruction measures eight of them.
"""

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit
from songscape.kernels.leaves import EUCLIDEAN, MANHATTAN
from songscape.kernels.tiles import TILE
from songscape.threads import run_blocks

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

_BLOCK = 256


def nearer_landmarks(points: Float32, others: Int32, landmarks: Int64, metric_code: int) -> Int32:
    """Count the landmarks that lie strictly nearer to a row than each of its others; the row itself never counts.

    Parameters
    ----------
    points : float32, shape (n_rows, n_columns)
        C-contiguous and finite, squares within float32.
    others : int32, shape (n_rows, k)
        k other rows for each row.
    landmarks : int64, shape (n_landmarks,)
        Row numbers, none twice.
    metric_code : int
        `EUCLIDEAN`, `MANHATTAN` or `CHEBYSHEV`.

    Returns
    -------
    int32, shape (n_rows, k)
    """
    n_rows, n_columns = points.shape
    n_tiles = -(-len(landmarks) // TILE)
    seated = np.full((n_tiles * TILE, n_columns), np.inf, np.float32)
    seated[: len(landmarks)] = points[landmarks]
    lanes = np.ascontiguousarray(seated.reshape(n_tiles, TILE, n_columns).transpose(0, 2, 1))
    seats = np.full(n_rows, -1, np.int64)
    seats[landmarks] = np.arange(len(landmarks))
    nearer = np.zeros(others.shape, np.int32)

    def work(first: int, stop: int) -> None:
        _count(points, others, lanes, seats, metric_code, nearer, first * _BLOCK, min(stop * _BLOCK, n_rows))

    run_blocks(work, -(-n_rows // _BLOCK))
    return nearer


@jit
def _count(points, others, lanes, seats, metric, nearer, first, stop):  # type: ignore[no-untyped-def]
    n_columns = points.shape[1]
    sums, limits = np.empty(TILE, np.float32), np.empty(others.shape[1], np.float32)
    for row in range(first, stop):
        point, counts = points[row], nearer[row]
        for j in range(len(limits)):
            other = points[others[row, j]]
            total = np.float32(0.0)
            for column in range(n_columns):
                gap = abs(other[column] - point[column])
                if metric == EUCLIDEAN:
                    total += gap * gap
                elif metric == MANHATTAN:
                    total += gap
                else:
                    total = max(total, gap)
            limits[j] = total
        for tile in range(len(lanes)):
            _sum_lanes(point, lanes[tile], metric, sums)
            if seats[row] // TILE == tile and seats[row] >= 0:
                sums[seats[row] % TILE] = np.inf
            for j in range(len(limits)):
                limit, count = limits[j], np.int32(0)
                for lane in range(TILE):
                    count += np.int32(sums[lane] < limit)
                counts[j] += count


@jit
def _sum_lanes(point, tile, metric, sums):  # type: ignore[no-untyped-def]
    """Write squared, summed or largest gaps between a point and all lanes, column by column in their order."""
    sums[:] = np.float32(0.0)
    for column in range(len(point)):
        lane_values, value = tile[column], point[column]
        if metric == EUCLIDEAN:
            for lane in range(TILE):
                gap = lane_values[lane] - value
                sums[lane] += gap * gap
        elif metric == MANHATTAN:
            for lane in range(TILE):
                sums[lane] += abs(lane_values[lane] - value)
        else:
            for lane in range(TILE):
                sums[lane] = max(sums[lane], abs(lane_values[lane] - value))
