"""Hubs: songs that would crowd every list, and how much of one each song is.

In many dimensions some points are near to everything (Radovanović, Nanopoulos and Ivanović 2010): here, well-known
songs of well-known years and genres. How many lists a song stands in is counted over requests that the catalog
itself gives: a song, drawn by popularity, and nine of those that score best beside it. What is taken off a song's
score grows with the logarithm of that count, like the log-odds of the other parts.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from songscape.playlist.content import Content
from songscape.playlist.score import score_songs
from songscape.playlist.weights import ScoreWeights
from songscape.threads import run_tasks, use_threads
from songscape.types import Float32, Float64, Int32

MOST_REQUESTS, SONGS_PER_REQUEST = 128, 1000
"""A request for every thousand songs, at most so many: a catalog of less than a thousand has no use for reach."""

BEST_SHARE = 0.003
"""Share of the catalog that counts as a request's list."""

_SEEDS = 10
_NEARBY = 200
_BASE_POPULARITY = 5.0  # so that songs of popularity 0 are drawn, too


def with_hubs(content: Content, hubs: Float32 | None = None, *, random_state: int = 0) -> Content:
    """Return songs prepared for scoring, with how much of a hub each is.

    Parameters
    ----------
    content : Content
    hubs : float32, shape (n_songs,), optional
        What was found before, for the same songs; computed by default.
    random_state : int
        Seed of the requests.

    Returns
    -------
    Content
        Its `hubs` are −log((1 + c) / (1 + mean of c)) for a song in c lists; None for a catalog of less than
        `SONGS_PER_REQUEST` songs.
    """
    n_requests = min(content.songs.n_songs // SONGS_PER_REQUEST, MOST_REQUESTS)
    if n_requests == 0:
        return content
    if hubs is None:
        counts = _counts(content, n_requests, random_state)
        hubs = -np.log((1.0 + counts) / (1.0 + counts.mean())).astype(np.float32)
    return replace(content, hubs=hubs)


def _counts(content: Content, n_requests: int, random_state: int) -> Float64:
    """Return in how many requests' lists each song stands."""
    n_songs = content.songs.n_songs
    chance = np.nan_to_num(content.songs.popularity.astype(np.float64)) + _BASE_POPULARITY
    rng = np.random.default_rng(random_state)
    firsts = rng.choice(n_songs, n_requests, p=chance / chance.sum()).tolist()
    requests = zip(firsts, rng.spawn(n_requests), strict=True)
    counts = np.zeros(n_songs)
    for found in run_tasks([partial(_list_around, content, first, own) for first, own in requests]):
        counts[found] += 1.0
    return counts


def _list_around(content: Content, first: int, rng: np.random.Generator) -> Int32:
    """Return the list of one request; on one thread, since two requests run at a time."""
    weights = ScoreWeights(hubs=0.0)
    with use_threads(1):
        near = _best(content, np.array([first], np.int32), _NEARBY, weights)
        beside = rng.choice(near, min(_SEEDS - 1, len(near)), replace=False)
        seeds = np.append(np.int32(first), np.sort(beside)).astype(np.int32)
        return _best(content, seeds, max(round(BEST_SHARE * content.songs.n_songs), 1), weights)


def _best(content: Content, seeds: Int32, count: int, weights: ScoreWeights) -> Int32:
    """Return the songs, ascending, that score best beside the seeds; none of these."""
    total = score_songs(content, seeds, None, weights).total
    total[seeds] = -np.inf
    count = min(count, len(total) - len(seeds))
    found = np.argpartition(-total, count - 1)[:count]
    return np.sort(found).astype(np.int32)  # how a partition orders its best is nobody's business
