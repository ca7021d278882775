"""How well a ranking finds the songs that a real playlist went on with.

The measures of the RecSys Challenge 2018 (Chen, Lamere, Schedl and Zamani 2018), over songs instead of tracks.
"""

import math
from typing import NamedTuple

import numpy as np

from songscape.playlist.ranking import best_first
from songscape.types import Float32, Float64, Int32

DEPTH = 500
"""How many songs a continuation may hold."""

_PER_PAGE = 10
_MOST_CLICKS = 51


class Measures(NamedTuple):
    """The measures of one continuation, or means over several.

    Attributes
    ----------
    r_precision : float
        Share of the first n songs that are right, where n songs are to be found (at most `DEPTH`).
    recall : float
        Share of the songs to be found that are among the first `DEPTH`.
    ndcg : float
        Discounted cumulative gain of the first `DEPTH` over the best possible one.
    auc : float
        Probability that a song to be found scores above another candidate; ties count half.
    clicks : float
        Pages of ten to turn until the first right song appears; 51 if it does not within `DEPTH`.
    """

    r_precision: float
    recall: float
    ndcg: float
    auc: float
    clicks: float


def measure(scores: Float32, hidden: Int32) -> Measures:
    """Judge the ranking of candidates by falling score; ties by number.

    Parameters
    ----------
    scores : float32, shape (n_candidates,)
        The given songs are no candidates: −inf.
    hidden : int32, shape (n_hidden,)
        Candidates to be found, n_hidden ≥ 1, each once.

    Examples
    --------
    >>> found = measure(np.array([0.9, 0.1, 0.8, -np.inf], np.float32), np.array([0, 1], np.int32))
    >>> found.r_precision, found.recall, found.auc, found.clicks
    (0.5, 1.0, 0.5, 0.0)
    """
    first = best_first(scores, DEPTH)
    hits = np.isin(first, hidden)
    n = len(hidden)
    gains = 1.0 / np.log2(np.arange(2, DEPTH + 2))
    places = np.flatnonzero(hits)
    return Measures(
        float(hits[:n].sum() / min(n, DEPTH)),
        float(hits.sum() / n),
        float(gains[places].sum() / gains[: min(n, DEPTH)].sum()),
        _auc(scores, hidden),
        float(places[0] // _PER_PAGE) if len(places) else float(_MOST_CLICKS),
    )


def _auc(scores: Float32, hidden: Int32) -> float:
    found = np.sort(scores[hidden])
    candidates = scores[scores > -np.inf]
    n, m = len(found), len(candidates) - len(found)
    if m == 0:
        return 0.5
    wins = 2.0 * n * len(candidates) - _not_above(candidates, found)
    own = 2.0 * n * n - _not_above(found, found)
    return float((wins - own) / (2.0 * n * m))


def _not_above(values: Float32, found: Float32) -> float:
    """Return for all values, twice, how many found ones lie below them; those level with them count half."""
    below = np.searchsorted(found, values, "left").sum(dtype=np.int64)
    level = np.searchsorted(found, values, "right").sum(dtype=np.int64)
    return float(below + level)


def mean_of(measures: list[Measures]) -> Measures:
    """Return the mean of each measure."""
    return Measures(*(math.fsum(column) / len(measures) for column in zip(*measures, strict=True)))


def less(one: Measures, other: Measures) -> Measures:
    """Return each measure of one continuation minus that of another."""
    return Measures(*(a - b for a, b in zip(one, other, strict=True)))


def intervals(
    measures: list[Measures], *, n_samples: int = 1000, random_state: int = 0
) -> dict[str, tuple[float, float]]:
    """Return 95 % bootstrap intervals of the means: playlists are drawn again with replacement."""
    table: Float64 = np.array(measures, np.float64)
    rng = np.random.default_rng(random_state)
    drawn = rng.integers(0, len(table), (n_samples, len(table)))
    means = np.stack([table[rows].mean(axis=0) for rows in drawn])
    low, high = np.quantile(means, [0.025, 0.975], axis=0)
    return {name: (float(a), float(b)) for name, a, b in zip(Measures._fields, low, high, strict=True)}
