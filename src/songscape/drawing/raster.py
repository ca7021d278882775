"""From points to pixels: a picture of density and clusters, densest places, and which clusters lie side by side.

Hundreds of thousands of markers would paint over each other and cost minutes as vectors. Here each point falls on a
small disk of pixels; a pixel takes the mean color of its points, stronger the more crowded the map is around it.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from songscape.types import Float64, Int32, Int64

Image = npt.NDArray[np.uint8]

_MARGIN = 0.03  # of the frame, on each side
_FAINTEST, _NOISE_FAINTEST = 0.45, 0.35  # opacity of points in the emptiest places; 1 in the densest
_GRAIN = 8  # least pixels of a cell in which crowding is counted
_LEVELS = 24  # steps of opacity; few enough for small files, too many to see


@dataclass(frozen=True, slots=True)
class Frame:
    """A window of pixels on the map; both axes have the same scale, since only distances mean anything.

    Attributes
    ----------
    width, height : int
        Size in pixels.
    left, top : float
        Map coordinates of the upper left corner; the second axis points up on the map, down in pixels.
    scale : float
        Pixels per unit of the map.
    """

    width: int
    height: int
    left: float
    top: float
    scale: float

    @classmethod
    def around(cls, x: Float64, y: Float64, width: int, height: int) -> "Frame":
        """Return the frame that shows all points, centered, with a margin."""
        if len(x) == 0:
            return cls(width, height, -0.5, 0.5, float(min(width, height)))
        wide, high = float(np.ptp(x)), float(np.ptp(y))
        inner = 1.0 - 2.0 * _MARGIN
        scales = [inner * pixels / extent for pixels, extent in ((width, wide), (height, high)) if extent > 0.0]
        scale = min(scales, default=1.0)
        middle_x, middle_y = (float(values.min()) / 2.0 + float(values.max()) / 2.0 for values in (x, y))
        return cls(width, height, middle_x - width / scale / 2.0, middle_y + height / scale / 2.0, scale)

    def pixels(self, x: Float64, y: Float64) -> tuple[Int64, Int64]:
        """Return column and row of each point, int64 (n,), within the frame."""
        column = np.clip((x - self.left) * self.scale, 0, self.width - 1).astype(np.int64)
        row = np.clip((self.top - y) * self.scale, 0, self.height - 1).astype(np.int64)
        return column, row

    def cell(self, n_points: int, least: int) -> int:
        """Return the side of a cell that holds a handful of points where they are spread evenly, at least `least`."""
        return max(least, int(2.0 * self.spacing(n_points)))

    def spacing(self, n_points: int) -> float:
        """Return the distance of points spread evenly over the frame, in pixels."""
        return float(np.sqrt(self.width * self.height / max(n_points, 1)))


def paint(frame: Frame, points: tuple[Int64, Int64], shades: Int32, colors: Float64, noise_color: Float64) -> Image:
    """Return the picture of all points on white, opaque, uint8 (height, width, 4).

    Parameters
    ----------
    frame : Frame
        The window.
    points : tuple of int64 arrays, shape (n,)
        Column and row of each point.
    shades : int32, shape (n,)
        Row of `colors` for each point; −1 for noise, which lies beneath the clusters.
    colors : float64, shape (n_colors, 3)
        sRGB in [0, 1].
    noise_color : float64, shape (3,)
        Color of noise.
    """
    size = frame.width * frame.height
    cells = _disks(frame, points)
    noise = shades < 0
    inside, shade = cells[~noise].ravel(), np.repeat(shades[~noise], cells.shape[1])
    dust = np.bincount(cells[noise].ravel(), minlength=size)
    count = np.bincount(inside, minlength=size)
    hit = np.flatnonzero(dust + count)
    dust, count = dust[hit], count[hit]
    crowd = _crowding(frame, points, hit)
    fog = np.where(dust > 0, _NOISE_FAINTEST + (1.0 - _NOISE_FAINTEST) * crowd, 0.0)
    ink = (_FAINTEST + (1.0 - _FAINTEST) * crowd) * np.sqrt(count / (count + dust))
    picture = np.full((size, 4), 255, dtype=np.uint8)
    for channel in range(3):
        ground = 1.0 - fog * (1.0 - noise_color[channel])
        total = np.bincount(inside, weights=colors[shade, channel], minlength=size)[hit]
        mean = total / np.maximum(count, 1)
        picture[hit, channel] = np.rint(255.0 * (ground + ink * (mean - ground)))
    return picture.reshape(frame.height, frame.width, 4)


def _disks(frame: Frame, points: tuple[Int64, Int64]) -> Int64:
    """Return the pixels of a small disk around each point, larger where there are few points, int64 (n, disk)."""
    column, row = points
    radius = float(np.clip(0.42 * frame.spacing(len(column)), 1.0, 8.0))
    reach = np.arange(-int(radius), int(radius) + 1)
    down, right = np.meshgrid(reach, reach, indexing="ij")
    within = down**2 + right**2 <= radius**2
    columns = np.clip(column[:, None] + right[within], 0, frame.width - 1)
    rows = np.clip(row[:, None] + down[within], 0, frame.height - 1)
    return np.asarray(rows * frame.width + columns, dtype=np.int64)


def _crowding(frame: Frame, points: tuple[Int64, Int64], pixels: Int64) -> Float64:
    """Return how crowded the map is around each pixel: 0 for the emptiest places of tracks, 1 for the densest.

    Points are counted in cells, smoothed, and compared on a log scale.
    """
    column, row = points
    grain = frame.cell(len(row), _GRAIN)
    wide, high = -(-frame.width // grain), -(-frame.height // grain)
    cell = (row // grain) * wide + column // grain
    if len(cell) == 0:
        return np.zeros(len(pixels))
    grid = np.bincount(cell, minlength=wide * high).reshape(high, wide).astype(np.float64)
    for _ in range(3):
        grid = _smoothed(_smoothed(grid).T).T
    sparse, dense = np.log(np.quantile(grid.ravel()[cell], (0.02, 0.995)))
    if dense - sparse < 0.1:
        return np.ones(len(pixels))
    level = np.clip((np.log(np.maximum(grid, 1e-9)) - sparse) / (dense - sparse), 0.0, 1.0)
    return np.rint(_LEVELS * _between(level, grain, pixels // frame.width, pixels % frame.width)) / _LEVELS


def _smoothed(grid: Float64) -> Float64:
    """Return the grid averaged over each cell (half) and those above and below it (a quarter each)."""
    near = np.pad(grid, ((1, 1), (0, 0)))
    return np.asarray((near[:-2] + 2.0 * near[1:-1] + near[2:]) / 4.0)


def _between(level: Float64, grain: int, row: Int64, column: Int64) -> Float64:
    """Return the cells' values at pixels, interpolated between the middles of the cells."""
    level = np.pad(level, ((0, 1), (0, 1)), mode="edge")
    down = np.clip((row + 0.5) / grain - 0.5, 0.0, level.shape[0] - 1.001)
    right = np.clip((column + 0.5) / grain - 0.5, 0.0, level.shape[1] - 1.001)
    i, j = down.astype(np.int64), right.astype(np.int64)
    down -= i
    right -= j
    upper = level[i, j] * (1.0 - right) + level[i, j + 1] * right
    lower = level[i + 1, j] * (1.0 - right) + level[i + 1, j + 1] * right
    return np.asarray(upper * (1.0 - down) + lower * down)


def densest_places(frame: Frame, points: tuple[Int64, Int64], labels: Int32) -> Float64:
    """Return where each cluster is densest and how far it reaches, float64 (n_clusters, 3): column, row, reach.

    The cluster's points are counted in cells and over the cells around each; the place is the mean
    of its points in the fullest cell, the reach the median distance of its points from there. All in pixels.
    """
    column, row = points
    cell = frame.cell(len(row), 24)
    wide, high = -(-frame.width // cell), -(-frame.height // cell)
    order = np.argsort(labels, kind="stable")
    first = np.searchsorted(labels[order], np.arange(labels.max(initial=-1) + 2))
    places = np.empty((len(first) - 1, 3))
    for label, (start, stop) in enumerate(pairwise(first)):
        rows = order[start:stop]
        index = (row[rows] // cell) * wide + column[rows] // cell
        counts = np.bincount(index, minlength=wide * high)
        around = np.pad(counts.reshape(high, wide), 1)
        smooth = 2 * counts + sum(
            around[1 + i : 1 + i + high, 1 + j : 1 + j + wide].ravel() for i, j in ((0, 1), (0, -1), (1, 0), (-1, 0))
        )
        here = rows[index == np.argmax(np.where(counts > 0, smooth, -1))]
        x, y = float(column[here].mean()), float(row[here].mean())
        places[label] = x, y, np.median(np.hypot(column[rows] - x, row[rows] - y))
    return places


def neighbors_on_map(frame: Frame, points: tuple[Int64, Int64], labels: Int32) -> list[list[int]]:
    """Return for each cluster the clusters beside it, ascending.

    Each cell belongs to the cluster with most points in it; clusters then grow into empty cells for a few steps, so
    that noise between two does not part them; those with touching cells are neighbors.
    """
    column, row = points
    cell = frame.cell(len(row), 12)
    wide, high = -(-frame.width // cell), -(-frame.height // cell)
    n_clusters = int(labels.max(initial=-1)) + 1
    owner = _owners((row // cell) * wide + column // cell, labels, wide * high).reshape(high, wide)
    for _ in range(4):
        ring = np.pad(owner, 1, constant_values=-1)
        offered = np.maximum.reduce([ring[:-2, 1:-1], ring[2:, 1:-1], ring[1:-1, :-2], ring[1:-1, 2:]])
        owner = np.where(owner < 0, offered, owner)
    touching = (
        (owner[:, 1:], owner[:, :-1]),
        (owner[1:], owner[:-1]),
        (owner[1:, 1:], owner[:-1, :-1]),
        (owner[1:, :-1], owner[:-1, 1:]),
    )
    one, other = np.concatenate([np.stack([a.ravel(), b.ravel()]) for a, b in touching], axis=1)
    differ = (one != other) & (one >= 0) & (other >= 0)
    one, other = one[differ], other[differ]
    pairs = np.unique(np.concatenate([one * n_clusters + other, other * n_clusters + one]))
    beside: list[list[int]] = [[] for _ in range(n_clusters)]
    for pair in pairs.tolist():
        beside[pair // n_clusters].append(pair % n_clusters)
    return beside


def _owners(cells: Int64, labels: Int32, n_cells: int) -> Int64:
    """Return the cluster with most points in each cell, ties to the smaller number, −1 where there is none."""
    inside = labels >= 0
    owner = np.full(n_cells, -1, dtype=np.int64)
    span = int(labels.max(initial=-1)) + 1
    keys, counts = np.unique(cells[inside] * span + labels[inside], return_counts=True)
    order = np.lexsort((-keys, counts))  # the last one written to a cell stays: most points, then smallest label
    owner[keys[order] // max(span, 1)] = keys[order] % max(span, 1)
    return owner
