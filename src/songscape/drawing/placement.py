"""Where numbers stand on the map: near the place they name, none on top of another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from songscape.types import Float64

_RINGS = (0.0, 16.0, 28.0, 42.0, 58.0, 76.0, 96.0, 120.0, 150.0)
_DIRECTIONS = 16
_GAP = 3.0  # pixels that stay free between two boxes


@dataclass(frozen=True, slots=True)
class Badge:
    """A number on the map, in pixels from the upper left corner.

    Attributes
    ----------
    label : int
        The cluster.
    x, y : float
        Center of the box.
    anchor_x, anchor_y : float
        The place that it names; a line leads there where it lies outside of the box.
    width, height : float
        Size of the box.
    """

    label: int
    x: float
    y: float
    anchor_x: float
    anchor_y: float
    width: float
    height: float

    @property
    def has_leader(self) -> bool:
        """Whether the named place lies outside of the box."""
        return abs(self.x - self.anchor_x) > self.width / 2 or abs(self.y - self.anchor_y) > self.height / 2


def place_badges(
    places: Float64, labels: Sequence[int], sizes: Sequence[tuple[float, float]], bounds: tuple[float, float]
) -> list[Badge]:
    """Return boxes near their places that overlap neither each other nor the edge, first come first served.

    Parameters
    ----------
    places : float64, shape (n, 3)
        Column and row of what to name, the most important first, and how far it reaches; a box steps aside from
        what it would hide.
    labels : sequence of int
        The cluster of each.
    sizes : sequence of (float, float)
        Width and height of each box.
    bounds : (float, float)
        Width and height of the picture.

    Returns
    -------
    list of Badge
        In the order given; a box that finds no room near its place is left out. Places of others stay free where
        that is possible.

    Examples
    --------
    >>> here = np.array([[50.0, 50.0, 40.0], [80.0, 50.0, 2.0]])
    >>> two = place_badges(here, [0, 1], [(20.0, 10.0)] * 2, (100.0, 100.0))
    >>> [(badge.x, badge.y, badge.has_leader) for badge in two]
    [(50.0, 50.0, False), (80.0, 66.0, True)]
    """
    offsets = _spiral()
    placed: list[Badge] = []
    for i, (label, (width, height)) in enumerate(zip(labels, sizes, strict=True)):
        x, y, reach = places[i]
        half = np.array([width, height]) / 2.0
        spots = offsets + np.array([x, y])
        free = ((spots >= half) & (spots <= np.array(bounds) - half)).all(axis=1)
        for other in placed:
            apart = np.abs(spots - (other.x, other.y)) - half - (other.width / 2.0, other.height / 2.0)
            free &= (apart >= _GAP).any(axis=1)
        if reach < half.max():
            free &= (np.abs(offsets) >= half + reach / 2.0).any(axis=1)
        others = np.delete(places[:, :2], i, axis=0)
        hides = (np.abs(spots[:, None] - others[None]) < half).all(axis=2).any(axis=1)
        best = free & ~hides if (free & ~hides).any() else free
        if best.any():
            spot_x, spot_y = spots[np.argmax(best)]
            placed.append(Badge(label, float(spot_x), float(spot_y), float(x), float(y), width, height))
    return placed


def _spiral() -> Float64:
    """Return offsets to try, nearest first; straight down, up, right and left before the slanted ones."""
    turns = np.arange(_DIRECTIONS) / _DIRECTIONS
    turns = turns[np.argsort(turns * 4 % 1.0 > 0.0, kind="stable")]
    angles = 2.0 * np.pi * turns
    ring = np.round(np.stack([np.sin(angles), np.cos(angles)], axis=1), 12)
    return np.concatenate([np.zeros((1, 2)), *(radius * ring for radius in _RINGS[1:])]) + 0.0
