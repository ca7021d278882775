"""Effect sizes: how far two sets of songs differ in one feature, from their counts by class.

Cliff's delta = P(x > y) − P(x < y) for a song x of the one set and y of the other (Cliff 1993,
doi:10.1037/0033-2909.114.3.494). It needs no normal distribution, does not change when the feature is put on another
scale, and reads plainly: 0.5 means that x wins three times out of four. Its variance is that of DeLong et al. (1988,
doi:10.2307/2531595), from the placements of the songs of each set among those of the other; its interval is the
asymmetric one of Cliff (1993), which stays within [−1, 1].
"""

from typing import NamedTuple

import numpy as np

from songscape.types import Float64, Int64

_Z95 = 1.959963984540054


class Effects(NamedTuple):
    """Cliff's delta with its 95 % interval and the medians of both sides; float64 (n_pairs,), NaN where undefined."""

    delta: Float64
    low: Float64
    high: Float64
    median: Float64
    other_median: Float64


def compare(counts: Int64, others: Int64, levels: Float64) -> Effects:
    """Compare pairs of sets of songs in one feature.

    Parameters
    ----------
    counts, others : int64, shape (n_pairs, n_classes)
        Songs by class of the one set, and of the one that it is compared with.
    levels : float64, shape (n_classes,)
        The value that stands for each class, ascending.

    Examples
    --------
    >>> effects = compare(np.array([[0, 1, 2]]), np.array([[2, 1, 0]]), np.array([1.0, 2.0, 3.0]))
    >>> float(effects.delta[0].round(4)), float(effects.median[0]), float(effects.other_median[0])
    (0.8889, 3.0, 1.0)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        n, m = counts.sum(axis=1), others.sum(axis=1)
        wins = (np.cumsum(others, axis=1) - others / 2.0) / m[:, None]  # chance to beat a random song of the others
        losses = 1.0 - (np.cumsum(counts, axis=1) - counts / 2.0) / n[:, None]
        win = (counts * wins).sum(axis=1) / n
        variance = _placement_variance(counts, wins, win) / n + _placement_variance(others, losses, win) / m
        low, high = _interval(2.0 * win - 1.0, 4.0 * variance, np.minimum(n, m))
    return Effects(2.0 * win - 1.0, low, high, medians(counts, levels), medians(others, levels))


def _placement_variance(counts: Int64, placements: Float64, mean: Float64) -> Float64:
    """Return the sample variance of the placements; 0 for a single song."""
    spread = (counts * (placements - mean[:, None]) ** 2).sum(axis=1)
    variance: Float64 = spread / np.maximum(counts.sum(axis=1) - 1, 1)
    return variance


def _interval(delta: Float64, variance: Float64, smaller: Int64) -> tuple[Float64, Float64]:
    """Return Cliff's interval; where all songs win, or all lose, the bound of Feng and Cliff (2004)."""
    z2 = _Z95**2
    room = 1.0 - delta**2
    half = _Z95 * np.sqrt(variance * (room**2 + z2 * variance))
    center, width = delta * room, room + z2 * variance
    sure = room + variance < 1e-12
    bound = (smaller - z2) / (smaller + z2)
    low = np.where(sure, np.where(delta > 0.0, np.maximum(bound, -1.0), -1.0), (center - half) / width)
    high = np.where(sure, np.where(delta > 0.0, 1.0, np.minimum(-bound, 1.0)), (center + half) / width)
    unknown = np.isnan(delta)
    return np.where(unknown, np.nan, np.maximum(low, -1.0)), np.where(unknown, np.nan, np.minimum(high, 1.0))


def medians(counts: Int64, levels: Float64) -> Float64:
    """Return the median of each row of counts, the mean of the two middle songs where their number is even."""
    n = counts.sum(axis=1)
    if not len(levels):
        return np.full(len(counts), np.nan)
    upto = np.cumsum(counts, axis=1)
    lower = (upto < ((n + 1) // 2)[:, None]).sum(axis=1)
    upper = (upto < (n // 2 + 1)[:, None]).sum(axis=1)
    last = len(levels) - 1
    middle: Float64 = (levels[np.minimum(lower, last)] + levels[np.minimum(upper, last)]) / 2.0
    return np.where(n > 0, middle, np.nan)
