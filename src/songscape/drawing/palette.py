"""Colors for clusters that people with any color vision can tell apart, and their assignment on the map.

The palette joins colors of Okabe & Ito (2008) and Paul Tol (2021) with a violet and dark variants, chosen so that
every pair, and each color and the grey of noise, stay at least 18 apart in CIE L*a*b* under normal vision,
protanopia and deuteranopia (simulated by the matrices of Machado, Oliveira & Fernandes 2009,
https://doi.org/10.1109/TVCG.2009.113, at full severity).
"""

from collections.abc import Sequence

import numpy as np

from songscape.types import Float64

PALETTE = (
    "#0072B2", "#E69F00", "#009E73", "#AA3377", "#66CCEE", "#D55E00",
    "#332288", "#BB66FF", "#666633", "#DDCC77", "#663333", "#222255",
)  # fmt: skip
NOISE = "#BFBFBF"

ENOUGH = 30.0
"""Distance from which two colors count as clearly different; among those, the least used color is taken."""

_VISIONS = (
    np.eye(3),
    np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
)
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])


def to_rgb(colors: Sequence[str]) -> Float64:
    """Return hexadecimal colors as sRGB in [0, 1], float64 (n_colors, 3)."""
    return np.array([[int(color[i : i + 2], 16) / 255.0 for i in (1, 3, 5)] for color in colors]).reshape(-1, 3)


def color_distances(colors: Sequence[str]) -> Float64:
    """Return the distances of all pairs as the least favorable of three kinds of color vision sees them.

    Euclidean in CIE L*a*b* (CIE 1976); about 2 is just noticeable, 100 is black to white. float64 (n, n).

    Examples
    --------
    >>> color_distances(["#000000", "#ffffff"]).round().tolist()
    [[0.0, 100.0], [100.0, 0.0]]
    """
    rgb = to_rgb(colors)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = [np.clip(linear @ vision.T, 0.0, 1.0) for vision in _VISIONS]
    gaps = [np.linalg.norm(lab[:, None] - lab[None], axis=2) for lab in map(_lab, seen)]
    least: Float64 = np.min(gaps, axis=0)
    return least


def _lab(linear: Float64) -> Float64:
    xyz = linear @ _TO_XYZ.T / _WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16.0 / 116.0)
    x, y, z = f.T
    return np.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)], axis=1)


def assign_colors(neighbors: Sequence[Sequence[int]]) -> list[int]:
    """Return a place in `PALETTE` for each cluster, so that neighbors on the map differ clearly.

    Parameters
    ----------
    neighbors : sequence of sequences of int
        For each cluster, in order of importance, the clusters beside it on the map.

    Returns
    -------
    list of int
        The color of each cluster. Clusters are colored in turn: of the colors clearly different from all
        neighbors colored before, the least used; where there is none, the one most different from them. Where
        there are no more clusters than colors, no two have the same one.

    Examples
    --------
    >>> assign_colors([[1], [0, 2], [1]])
    [0, 1, 2]
    """
    all_differ = len(neighbors) <= len(PALETTE)
    distances = color_distances(PALETTE)
    used = np.zeros(len(PALETTE), dtype=np.int64)
    chosen: list[int] = []
    for i, beside in enumerate(neighbors):
        before = [chosen[j] for j in beside if j < i]
        gap = distances[:, before].min(axis=1, initial=100.0)
        if all_differ:
            gap = np.where(used > 0, -1.0, gap)
        good = np.flatnonzero(gap >= ENOUGH)
        color = int(good[np.argmin(used[good])]) if len(good) else int(np.argmax(gap))
        used[color] += 1
        chosen.append(color)
    return chosen
