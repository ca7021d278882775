"""The songs that a playlist can be made of, and what is taken of them against quotas."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from songscape.playlist.limits import Limits, Quotas, artist_rows, popularity_thirds, song_seconds
from songscape.playlist.songs import Songs
from songscape.types import Float32, Float64, Int32, Int64

Bool = npt.NDArray[np.bool_]

_NOISE = 0.1  # of the standard deviation of the scores


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The songs that a list can be made of, the most relevant first."""

    songs: Songs
    limits: Limits
    numbers: Int64
    scores: Float64
    seconds: Float64
    median_seconds: float
    artists: list[list[int]]
    third: Int32
    is_known: Bool
    is_fixed: Bool

    def only(self, kept: Int64) -> "Pool":
        """Return the pool of some of its songs."""
        columns = ("numbers", "scores", "seconds", "third", "is_known", "is_fixed")
        return replace(
            self, artists=[self.artists[i] for i in kept], **{name: getattr(self, name)[kept] for name in columns}
        )


def read_pool(scores: Float32, allowed: Bool, songs: Songs, limits: Limits, n_best: int, random_state: int) -> Pool:
    """Return the best songs of those allowed, and those that must be in, by falling score."""
    fixed = np.array(limits.fixed_songs(), np.int64)
    usable = allowed.copy()
    usable[fixed] = True
    numbers = np.flatnonzero(usable)
    if len(numbers) > n_best:
        best = np.argpartition(-scores[numbers], n_best)[:n_best]
        numbers = np.union1d(numbers[best], fixed)
    values = np.nan_to_num(scores[numbers].astype(np.float64), posinf=0.0, neginf=0.0)
    if random_state:
        noise = np.random.default_rng(random_state).standard_normal(songs.n_songs)[numbers]
        values = values + _NOISE * values.std() * noise
    ranked = np.lexsort((numbers, -values))
    numbers = numbers[ranked]
    rows = artist_rows(songs, numbers)
    seconds, median = song_seconds(songs) if limits.seconds is not None else (np.ones(songs.n_songs), 1.0)
    is_known = np.zeros(len(numbers), np.bool_)
    if limits.known_artists:
        owners, artists = songs.artists.of_all(numbers)
        is_known[owners[np.isin(artists, list(limits.known_artists))]] = True
    thirds = np.ones(len(numbers), np.int32) if limits.popularity_mix is None else popularity_thirds(songs)[numbers]
    is_fixed = np.isin(numbers, fixed)
    durations = seconds[numbers].astype(np.float64)
    return Pool(songs, limits, numbers, values[ranked], durations, median, rows, thirds, is_known, is_fixed)


class Tally:
    """What is taken so far, against quotas."""

    def __init__(self, pool: Pool, quotas: Quotas) -> None:
        self.pool, self.quotas = pool, quotas
        self.by_artist: dict[int, int] = {}
        self.by_first: dict[int, int] = {}
        self.mix = [0, 0, 0]
        self.known = 0
        self.n_full = 0

    def admits(self, i: int) -> bool:
        """Whether a song can be added."""
        pool, quotas = self.pool, self.quotas
        if self.mix[pool.third[i]] >= quotas.mix[pool.third[i]] or (pool.is_known[i] and self.known >= quotas.known):
            return False
        row = pool.artists[i]
        if any(self.by_artist.get(artist, 0) >= quotas.per_artist for artist in row):
            return False
        fills = bool(row) and self.by_first.get(row[0], 0) + 1 == quotas.per_artist
        return self.n_full + fills <= quotas.n_full

    def add(self, i: int, by: int = 1) -> None:
        """Add a song, or take it out again."""
        row = self.pool.artists[i]
        for artist in row:
            self.by_artist[artist] = self.by_artist.get(artist, 0) + by
        if row:
            before = self.by_first.get(row[0], 0)
            self.by_first[row[0]] = before + by
            self.n_full += (before + by == self.quotas.per_artist) - (before == self.quotas.per_artist)
        self.mix[self.pool.third[i]] += by
        self.known += by * bool(self.pool.is_known[i])


def fixed_fit(pool: Pool, quotas: Quotas) -> bool:
    """Return whether the songs that must be in keep all limits among themselves; if they do not, no list can."""
    tally, limits, fixed = Tally(pool, quotas), pool.limits, np.flatnonzero(pool.is_fixed)
    for i in fixed.tolist():
        if not tally.admits(i):
            return False
        tally.add(i)
    artists = dict(zip(pool.numbers[fixed].tolist(), (set(pool.artists[i]) for i in fixed), strict=True))
    placed = sorted((place, artists[song]) for place, song in limits.places.items())
    for at, (place, own) in enumerate(placed):
        if any(other - place <= limits.artist_gap and own & theirs for other, theirs in placed[at + 1 :]):
            return False
    return limits.seconds is None or _lasts(pool, quotas.m, limits.seconds)


def _lasts(pool: Pool, m: int, wish: float) -> bool:
    """Return whether m songs, those that must be in among them, can last about as long as wished."""
    free = m - int(pool.is_fixed.sum())
    others = np.sort(pool.seconds[~pool.is_fixed])
    if not 0 <= free <= len(others):
        return False
    fixed, half = float(pool.seconds[pool.is_fixed].sum()), 0.5 * pool.median_seconds
    least, most = fixed + float(others[:free].sum()), fixed + float(others[len(others) - free :].sum())
    return least <= wish + half and most >= wish - half


def scaled(scores: Float64) -> Float64:
    """Return scores scaled to [0, 1]; zeros where all are equal."""
    low, high = scores.min(initial=np.inf), scores.max(initial=-np.inf)
    return (scores - low) / (high - low) if high > low else np.zeros(len(scores))
