"""Hubs: songs that would crowd every list, and what is taken off their scores.

In many dimensions some points are near to everything (Radovanović, Nanopoulos and Ivanović 2010). Here each song's
score is judged against how well it does with other requests (cross-domain similarity local scaling, Conneau et al.
2018): the mean of its best scores over many requests is taken off, beyond what a median song reaches.
"""

import numpy as np

from songscape.playlist.content import Content
from songscape.playlist.score import score_songs
from songscape.playlist.weights import ScoreWeights
from songscape.progress import Progress, silent
from songscape.types import Float32, Int32

N_REQUESTS = 256

_BEST = 8  # requests that a song does best with
_SEEDS = 10
_NEARBY = 200


def hub_offsets(
    content: Content, weights: ScoreWeights | None = None, *, random_state: int = 0, progress: Progress = silent
) -> Float32:
    """Return what each song's popularity with all requests takes off its score; 0 for half of the songs or more.

    Parameters
    ----------
    content : Content
    weights : ScoreWeights, optional
    random_state : int
        Seed of the requests: each is ten songs around a random one.
    progress : callable
        Called with ``"hubs"`` and a fraction.

    Returns
    -------
    float32, shape (n_songs,)
        To be added by ``ScoreParts.with_part("hubs", offsets, weight)``; ≤ 0.
    """
    n_songs = content.songs.n_songs
    rng = np.random.default_rng(random_state)
    best = np.full((min(_BEST, N_REQUESTS), n_songs), -np.inf, np.float32)
    for at in range(N_REQUESTS):
        total = score_songs(content, _request(content, weights, rng), None, weights).total
        total -= np.partition(total, -min(_NEARBY, n_songs))[-min(_NEARBY, n_songs)]  # requests differ in level
        lowest = best.argmin(axis=0)
        held = best[lowest, np.arange(n_songs)]
        best[lowest, np.arange(n_songs)] = np.maximum(held, total)
        progress("hubs", (at + 1) / N_REQUESTS)
    level = best.mean(axis=0)
    offsets: Float32 = -np.maximum(level - np.median(level), 0.0).astype(np.float32)
    return offsets


def _request(content: Content, weights: ScoreWeights | None, rng: np.random.Generator) -> Int32:
    """Return ten songs that go together: a random one, and some of those that score best beside it."""
    n_songs = content.songs.n_songs
    first = np.array([rng.integers(n_songs)], np.int32)
    total = score_songs(content, first, None, weights).total
    total[first] = -np.inf
    count = min(_NEARBY, n_songs - 1)
    near = np.argpartition(-total, max(count - 1, 0))[:count]
    chosen = rng.choice(near, min(_SEEDS - 1, count), replace=False)
    return np.concatenate([first, np.sort(chosen)]).astype(np.int32)
