"""Whether there is anything between two groups: a cut through a continuum has no gap, two groups of songs have one.

Any way of cutting up a continuum gives groups that are near themselves and far from others: their links, their
silhouette above that of permuted labels, and rules that find them again prove nothing. What a continuum lacks is
emptiness. So songs are counted in balls along the straight line between the centers of two groups. In a log-concave
density (normal, uniform, logistic, exponential, and all products and linear images of these) the mass of a ball
is log-concave in its center (Prékopa 1973): nowhere on the line can there be less than at the emptier end.
The radius is such that the emptier end has k songs. If its true mass were the same c on the way, the count there
would follow the negative binomial distribution with k successes and chance ½; a gap is *real* where so few songs have
p ≤ 0.001 under it, and at most half as many as at the end.
"""

import math
from functools import lru_cache

import numpy as np

from songscape.types import Float32, Float64, Int32, Int64

SAMPLE = 40_000
"""Rows looked at; of more, every so many-th."""

MOST = 40
LEVEL = 0.001
MOST_TABLED = 100
"""From about 60 songs on, half as many is the stricter condition."""

MIN_PLACES = 5
"""A ball holds songs at so many different places: the steps of whole numbers are no gaps."""

STEPS = (1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6)
"""Places between the centers where songs are counted."""

_POINTS_AT_ONCE = 512


def gaps_between(
    X: Float32, labels: Int32, centers: Float64, pairs: list[tuple[int, int]]
) -> list[tuple[float, bool]]:
    """Return for each pair of groups how empty the line between them is, in [0, 1], and whether the gap is real.

    Parameters
    ----------
    X : float32, shape (n_rows, n_features)
        The space of the groups.
    labels : int32, shape (n_rows,)
        Group of each row; −1 for none. Such rows are counted all the same: they may fill a gap.
    centers : float64, shape (n_groups, n_features)
        Means of the groups.
    pairs : list of (int, int)
        The groups to look between.

    Returns
    -------
    list of (float, bool)
        1 − (fewest songs on the way) / (songs at the emptier end); NaN and False where a group has too few songs.

    Examples
    --------
    >>> X = np.concatenate([np.linspace(0, 1, 100), np.linspace(9, 10, 100)]).astype(np.float32)[:, None]
    >>> labels = (np.arange(200) // 100).astype(np.int32)
    >>> gaps_between(X, labels, np.array([[0.5], [9.5]]), [(0, 1)])
    [(1.0, True)]
    """
    if not pairs:
        return []
    rows = np.arange(0, len(X), -(-len(X) // SAMPLE))
    sizes = np.bincount(labels[rows] + 1, minlength=len(centers) + 1)[1:]
    points, songs = _places(X[rows])
    squares = _squares_to(points, centers)
    found = []
    for one, other in pairs:
        wanted = min(MOST, int(min(sizes[one], sizes[other])) // 2)
        if most_by_chance(wanted) < 0:
            found.append((float("nan"), False))
            continue
        radius2 = max(_reach(squares[one], songs, wanted), _reach(squares[other], songs, wanted))
        k = int(min(songs[squares[end] <= radius2].sum() for end in (one, other)))
        apart2 = float(((centers[one] - centers[other]) ** 2).sum())
        fewest = _fewest_between(squares[one], squares[other], songs, apart2, radius2)
        found.append((max(0.0, 1.0 - fewest / k), fewest <= min(most_by_chance(min(k, MOST_TABLED)), k // 2)))
    return found


@lru_cache(maxsize=128)
def most_by_chance(k: int) -> int:
    """Return the largest count that has p ≤ 0.001 where `k` are to be expected; −1 if not even 0 has.

    Examples
    --------
    >>> most_by_chance(40), most_by_chance(10), most_by_chance(9)
    (16, 0, -1)
    """
    most, mass = -1, 0.5**k
    while mass <= LEVEL:
        most += 1
        mass += math.comb(k + most, most + 1) * 0.5 ** (k + most + 1)
    return most


def _places(points: Float32) -> tuple[Float64, Int64]:
    """Return the distinct rows, and how many songs are at each."""
    whole = np.ascontiguousarray(points + np.float32(0.0)).view(np.dtype((np.void, 4 * points.shape[1])))  # −0 = 0
    _, first, songs = np.unique(whole.ravel(), return_index=True, return_counts=True)
    return points[first].astype(np.float64), songs


def _squares_to(points: Float64, centers: Float64) -> Float64:
    """Return the squared distance of each center (row) to each point, summed feature by feature: one fixed order."""
    squares = np.zeros((len(centers), len(points)))
    for start in range(0, len(points), _POINTS_AT_ONCE):
        part = slice(start, start + _POINTS_AT_ONCE)
        for j in range(points.shape[1]):
            apart = centers[:, j, None] - points[None, part, j]
            apart *= apart
            squares[:, part] += apart
    return squares


def _reach(squares: Float64, songs: Int64, wanted: int) -> float:
    """Return the squared radius around a center that holds so many songs, at several places."""
    n_near = min(max(wanted, MIN_PLACES), len(squares))
    near = np.argpartition(squares, n_near - 1)[:n_near]
    near = near[np.argsort(squares[near], kind="stable")]
    enough = int(np.searchsorted(np.cumsum(songs[near]), wanted))
    return float(squares[near[min(max(enough, MIN_PLACES - 1), n_near - 1)]])


def _fewest_between(to_one: Float64, to_other: Float64, songs: Int64, apart2: float, radius2: float) -> int:
    """Return the fewest songs in a ball on the way.

    By Stewart's theorem the squared distance to the place at t follows from those to both ends.
    """
    reach = (np.sqrt(apart2) + np.sqrt(radius2)) ** 2
    close = np.flatnonzero((to_one <= reach) & (to_other <= reach))
    one, other, weights = to_one[close], to_other[close], songs[close]
    inside = ((1.0 - t) * one + t * other - t * (1.0 - t) * apart2 <= radius2 for t in STEPS)
    return min(int(weights[within].sum()) for within in inside)
