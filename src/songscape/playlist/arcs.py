"""Arcs: how energy, tempo and positiveness are to rise and fall along a playlist.

An arc shapes the order of songs that are chosen already. So only its rises and falls count, not its height: levels
are ranks among the songs of the list, and targets are ranks among its places. Any list can then follow any arc, and a
list of equal songs follows all of them.

========  ===========================================================================================================
shape     the wish
========  ===========================================================================================================
rising    up from first to last
falling   down from first to last
wave      from low to high and back, twice; once in lists of fewer than 12 songs
flat      no stretch of the list higher than another: highs and lows take turns, a turn every five songs
points    own levels at equal distances from the first place to the last, straight lines between
========  ===========================================================================================================
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import field_validator

from songscape.config import Params
from songscape.errors import ParameterError, must_be
from songscape.playlist.songs import AUDIO, Songs
from songscape.types import Float32, Float64, Int32

SHAPES = ("rising", "falling", "wave", "flat")
Shape = str | tuple[float, ...]

_ALLOWED = f"one of {', '.join(map(repr, SHAPES))}, or at least two numbers: levels from first to last"


class Arc(Params):
    """The shape of a list by feature; None leaves a feature free."""

    energy: Shape | None = None
    tempo: Shape | None = None
    positiveness: Shape | None = None

    @field_validator("energy", "tempo", "positiveness", mode="before")
    @classmethod
    def _known_shape(cls, shape: Any, info: Any) -> Shape | None:
        if shape is None or (isinstance(shape, str) and shape in SHAPES):
            return shape
        if isinstance(shape, (list, tuple)) and len(shape) > 1:
            points = tuple(float(point) for point in shape if isinstance(point, (int, float)))
            if len(points) == len(shape) and np.isfinite(points).all():
                return points
        raise ParameterError(must_be(info.field_name, _ALLOWED, shape))

    def shapes(self) -> dict[str, Shape]:
        """Return the features that have a shape."""
        return {name: shape for name, shape in dict(self).items() if shape is not None}


@dataclass(frozen=True, slots=True, eq=False)
class ArcPlan:
    """An arc for one list of m songs.

    Attributes
    ----------
    names : tuple of str
        Features, one a column.
    levels : float32, shape (m, n_features)
        Mean rank of each song among those of the list, in (0, 1); NaN where unknown: such a song fits anywhere.
    targets : float32, shape (m, n_features)
        Level wished at each place, in (0, 1).
    units : float64, shape (n_features,)
        What a random order is off at each place, in the mean; 0 where every order follows the arc.
    """

    names: tuple[str, ...]
    levels: Float32
    targets: Float32
    units: Float64


def shape_targets(shape: Shape, n_places: int) -> Float32:
    """Return the level wished at each place: mean ranks among places, float32 (n_places,) in (0, 1).

    Examples
    --------
    >>> shape_targets("rising", 4).tolist()
    [0.125, 0.375, 0.625, 0.875]
    >>> shape_targets((0.2, 0.9, 0.2, 0.7), 4).tolist()
    [0.25, 0.875, 0.25, 0.625]
    """
    along = np.linspace(0.0, 1.0, n_places)
    if not isinstance(shape, str):
        heights = np.interp(along, np.linspace(0.0, 1.0, len(shape)), shape)
    elif shape == "wave":
        heights = -np.cos(2.0 * np.pi * along * (1 if n_places < 12 else 2))
    elif shape == "flat":
        heights = np.cos(2.0 * np.pi * (np.arange(n_places) - 0.5 * (n_places - 1)) / 5.0)
    else:
        heights = along if shape == "rising" else -along
    return mean_ranks(heights.round(9))  # equal heights stay equal after rounding


def mean_ranks(values: Any) -> Float32:
    """Return mean ranks among known values, as float32 in (0, 1); NaN stays NaN."""
    values = np.asarray(values, np.float64)
    known = ~np.isnan(values)
    ranks = np.full(len(values), np.nan, np.float32)
    _, place, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    ranks[known] = ((np.cumsum(counts) - 0.5 * counts) / max(known.sum(), 1))[place]
    return ranks


def plan_arc(arc: Arc, songs: Songs, chosen: Int32) -> ArcPlan:
    """Return levels and targets of an arc for a list.

    Parameters
    ----------
    arc : Arc
    songs : Songs
        The catalog.
    chosen : int32, shape (m,)
        Song numbers, in any order: the i-th row of `levels` is that of ``chosen[i]``.
    """
    shapes = arc.shapes()
    audio = songs.audio[chosen]
    levels = np.empty((len(chosen), len(shapes)), np.float32)
    targets = np.empty_like(levels)
    for column, (name, shape) in enumerate(shapes.items()):
        levels[:, column] = mean_ranks(audio[:, AUDIO.index(name)])
        targets[:, column] = shape_targets(shape, len(chosen))
    return ArcPlan(tuple(shapes), levels, targets, mean_distances(levels, targets))


def mean_distances(levels: Float32, targets: Float32) -> Float64:
    """Return how far levels are from targets in a random order, in the mean; float64, one for each column."""
    units = np.zeros(levels.shape[1])
    for column in range(levels.shape[1]):
        known = levels[~np.isnan(levels[:, column]), column].astype(np.float64)
        wished = np.sort(targets[:, column].astype(np.float64))
        if known.size:
            below = np.searchsorted(wished, known)
            sums = np.concatenate([[0.0], np.cumsum(wished)])
            off = known * below - sums[below] + (sums[-1] - sums[below]) - known * (len(wished) - below)
            units[column] = off.mean() / len(wished)
    return units


def arc_fit(arc: Arc, songs: Songs, order: Int32) -> dict[str, float]:
    """Return how well a list follows an arc, by feature: 1 as well as it can be, 0 as a random order or worse.

    Parameters
    ----------
    arc : Arc
    songs : Songs
        The catalog.
    order : int32, shape (m,)
        Song numbers in the order of the list.

    Returns
    -------
    dict of str to float
        In [0, 1] for each feature that has a shape: one less the mean distance of levels from targets, in units of a
        random order's. 1 where every order follows the arc: one song, equal songs, no value known.
    """
    plan = plan_arc(arc, songs, order)
    fits = {}
    for column, name in enumerate(plan.names):
        off = np.abs(plan.levels[:, column] - plan.targets[:, column]).astype(np.float64)
        unit, known = float(plan.units[column]), ~np.isnan(off)
        spread = np.ptp(plan.levels[known, column]) * np.ptp(plan.targets[:, column]) if known.any() else 0.0
        fits[name] = max(0.0, 1.0 - float(off[known].mean()) / unit) if spread > 0.0 else 1.0
    return fits
