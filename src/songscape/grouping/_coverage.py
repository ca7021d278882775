"""The dial of coverage: which rows are put in a group, and which are left between them."""

import math
from dataclasses import replace

import numpy as np

from songscape.errors import ParameterError, must_be
from songscape.types import Float32, Groups, GroupScale, Int32


def cover(groups: Groups, coverage: float) -> Groups:
    """Return the same groups with another share of the rows put in them; nothing else changes.

    At each scale the strongest rows are kept, so a row may be left outside at the fine scale, where it lies between
    two groups, and not at the coarse one, where both are one. Groups keep their numbers; at low coverage a group
    that is blurred throughout may keep none of its rows.

    Parameters
    ----------
    groups : Groups
        What `songscape.grouping.group` returned.
    coverage : float
        Share of the rows, in (0, 1]. Rows as strong as the last one stay too.

    Raises
    ------
    ParameterError
        If `coverage` lies outside (0, 1].

    Examples
    --------
    >>> from songscape.clustering import cluster
    >>> from songscape.grouping import group
    >>> points = np.concatenate([np.linspace(0, 1, 20), np.linspace(5, 6, 20)])[:, None].astype(np.float32)
    >>> groups = group(points, points, cluster(points))
    >>> [int((cover(groups, share).scale("coarse").labels < 0).sum()) for share in (1.0, 0.8)]
    [0, 8]
    """
    if isinstance(coverage, bool) or not isinstance(coverage, int | float) or not 0.0 < coverage <= 1.0:
        raise ParameterError(must_be("coverage", "a float in (0.0, 1.0]", coverage))
    scales = tuple(_covered(scale, coverage) for scale in groups.scales)
    return replace(groups, scales=scales, coverage=float(coverage))


def _covered(scale: GroupScale, coverage: float) -> GroupScale:
    return replace(scale, labels=covered_labels(scale.nearest, scale.strength, coverage))


def covered_labels(nearest: Int32, strength: Float32, coverage: float) -> Int32:
    """Return the nearest group of the strongest share of the rows, −1 for the others."""
    labels = nearest.copy()
    n_kept = math.ceil(round(coverage * len(nearest), 6))  # rounded: 0.7 of 10 rows are 7, not 8
    if n_kept < len(nearest):
        weakest = np.partition(strength, len(nearest) - n_kept)[len(nearest) - n_kept]
        labels[strength < weakest] = -1
    return labels
