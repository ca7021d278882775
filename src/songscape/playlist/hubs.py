"""Hubs: songs that would crowd every list, and how much of one each song is.

In many dimensions some points are near to everything (Radovanović, Nanopoulos and Ivanović 2010): here, well-known
songs of well-known years and genres. How many lists a song stands in is counted over requests that the catalog
itself gives: a song, drawn by popularity, and nine of those that score best beside it. What is taken off a song's
score grows with the logarithm of that count, like the log-odds of the other parts.

What people ask for has more hits in it, of several kinds, and then the same songs of the same artists stand in front.
So lists are made of ten hits each as well, and what is taken off the songs that stand in more than `MOST_LISTS` of
them grows until none does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from songscape.playlist.content import Content
from songscape.playlist.score import score_songs
from songscape.playlist.weights import ScoreWeights
from songscape.threads import run_tasks, use_threads
from songscape.types import Float32, Float64, Int32

MOST_REQUESTS, SONGS_PER_REQUEST = 64, 1000
"""A request for every thousand songs, at most so many: a catalog of less than a thousand has no use for reach."""

BEST_SHARE = 0.003
"""Share of the catalog that counts as a request's list."""

MOST_HIT_REQUESTS, MOST_LISTS = 256, 2
"""Requests of hits, one for every thousand songs, too; and in how many of their lists a song may stand."""

_SEEDS = 10
_LENGTH, _KEPT = 100, 1500  # of a list of hits: songs, and those that may move up into it
_HIT = 6.0  # power of the popularity that hits are drawn by
_ROUNDS, _STEP = 25, 0.5
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
        Its `hubs` are −log((1 + c) / (1 + mean of c)) for a song in c lists, less what keeps it out of lists of
        hits; None for a catalog of less than `SONGS_PER_REQUEST` songs.
    """
    n_requests = content.songs.n_songs // SONGS_PER_REQUEST
    if n_requests == 0:
        return content
    if hubs is None:
        counts = _counts(content, min(n_requests, MOST_REQUESTS), random_state)
        hubs = -np.log((1.0 + counts) / (1.0 + counts.mean())).astype(np.float32)
        lists = _lists_of_hits(replace(content, hubs=hubs), min(n_requests, MOST_HIT_REQUESTS), random_state)
        hubs = hubs - (balanced(lists, len(hubs)) / ScoreWeights().hubs).astype(np.float32)
    return replace(content, hubs=hubs)


def balanced(lists: Sequence[tuple[Int32, Float32]], n_songs: int, *, length: int = _LENGTH) -> Float64:
    """Return what to take off the scores of songs so that none stands in more than `MOST_LISTS` lists.

    Parameters
    ----------
    lists : sequence of (int32, float32)
        For each request the songs that come into question and their scores.
    n_songs : int
    length : int
        Songs in a list: those that score best.

    Returns
    -------
    float64, shape (n_songs,)
        At least 0; 0 for all songs that never stood in too many. After `_ROUNDS` rounds a song may still.

    Examples
    --------
    >>> songs = np.arange(2, dtype=np.int32)
    >>> lists = [(songs, np.float32([2.0, second])) for second in (0.0, 1.5, 0.0)]
    >>> balanced(lists, 2, length=1).round(1).tolist()  # until the second song leads the second list
    [0.6, 0.0]
    """
    offsets = np.zeros(n_songs)
    for _ in range(_ROUNDS):
        counts = np.zeros(n_songs)
        for songs, scores in lists:
            n_out = max(len(songs) - length, 0)
            counts[songs[np.argpartition(scores - offsets[songs], n_out)[n_out:]]] += 1.0
        over = counts > MOST_LISTS
        if not over.any():
            break
        offsets[over] += _STEP * np.log(counts[over] / MOST_LISTS)
    return offsets


def _lists_of_hits(content: Content, n_requests: int, random_state: int) -> list[tuple[Int32, Float32]]:
    """Return for each of some requests of ten hits the songs that score best, and their scores."""
    hits = (np.nan_to_num(content.songs.popularity.astype(np.float64)) + 1.0) ** _HIT
    rng = np.random.default_rng([random_state, 1])
    draws = _draws(hits, n_requests, rng)
    return run_tasks([partial(_list_of_hits, content, seeds) for seeds in draws])


def _draws(chances: Float64, n_draws: int, rng: np.random.Generator) -> Iterator[Int32]:
    """Return for each draw `_SEEDS` different songs, ascending; a song that comes again is drawn anew."""
    up_to = np.cumsum(chances / chances.sum())
    up_to /= up_to[-1]
    for _ in range(n_draws):
        seeds = np.empty(0, np.intp)
        while len(seeds) < _SEEDS:
            more = up_to.searchsorted(rng.random(_SEEDS - len(seeds)), side="right")
            seeds = np.union1d(seeds, more)
        yield seeds.astype(np.int32)


def _list_of_hits(content: Content, seeds: Int32) -> tuple[Int32, Float32]:
    with use_threads(1):
        total = _scores(content, seeds, ScoreWeights())
    found = _first(total, _KEPT, len(seeds))
    return found, total[found]


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
    return _first(_scores(content, seeds, weights), count, len(seeds))


def _scores(content: Content, seeds: Int32, weights: ScoreWeights) -> Float32:
    """Return the scores of all songs beside the seeds, −inf for these."""
    total = score_songs(content, seeds, None, weights).total
    total[seeds] = -np.inf
    return total


def _first(scores: Float32, count: int, n_seeds: int) -> Int32:
    """Return the songs that score best, ascending, but for the seeds."""
    count = min(count, len(scores) - n_seeds)
    found = np.argpartition(-scores, count - 1)[:count]
    return np.sort(found).astype(np.int32)  # how a partition orders its best is nobody's business
