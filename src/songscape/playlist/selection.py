"""Which songs a playlist holds: the most relevant, as different from each other as wished, under all hard limits.

Relevance against variety is maximal marginal relevance (Carbonell and Goldstein 1998): songs are taken one by one,
each the one with the greatest ``(1 − variety) · relevance − variety · similarity`` to the most similar song taken.
Relevance is the score scaled to [0, 1] over the candidates; similarity is half that of tags (cosine) and half that in
X, ``exp(−d² / median d²)``. With variety 0 all songs are candidates; else only the best ones are, ten for each place
at variety 1: the bar under which no song falls for the sake of variety.

Limits are exact. Taking songs greedily nearly always meets them; where it comes to nothing, an integer program
decides (``scipy.optimize.milp``): a list that keeps all limits is found if there is one, else the error says which
limits clash.

``random_state`` 0 takes the scores as they are. Any other value adds noise to them, a tenth of their standard
deviation among the candidates: another list, nearly as relevant, and the same again for the same value.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from songscape.errors import InputError, LimitsError, ParameterError, must_be
from songscape.playlist.limits import (
    LONGEST,
    Limits,
    Quotas,
    artist_rows,
    check_fixed,
    popularity_thirds,
    quotas_for,
    song_seconds,
)
from songscape.playlist.similarity import Similarity
from songscape.playlist.songs import Songs
from songscape.playlist.spacing import list_artists, space_list
from songscape.types import Float32, Float64, Int32, Int64
from songscape.wording import counted

Bool = npt.NDArray[np.bool_]

_NOISE = 0.1  # of the standard deviation of the scores
_PROGRAM_SECONDS = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class _Pool:
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

    def only(self, kept: Int64) -> "_Pool":
        """Return the pool of some of its songs."""
        columns = ("numbers", "scores", "seconds", "third", "is_known", "is_fixed")
        return replace(
            self, artists=[self.artists[i] for i in kept], **{name: getattr(self, name)[kept] for name in columns}
        )


def select_songs(
    scores: Float32,
    allowed: Bool,
    songs: Songs,
    limits: Limits,
    *,
    variety: float = 0.3,
    random_state: int = 0,
) -> Int32:
    """Choose the songs of a playlist.

    Parameters
    ----------
    scores : float32, shape (n_songs,)
        Relevance; higher is better.
    allowed : bool, shape (n_songs,)
        Songs that may be in. Those that must be in are allowed anyway.
    songs : Songs
        The catalog.
    limits : Limits
        Kept exactly.
    variety : float
        From 0, the most relevant songs, to 1, the widest spread above the bar.
    random_state : int
        0 for none; any other gives another list, nearly as good.

    Returns
    -------
    int32, shape (m,)
        Song numbers by falling score.

    Raises
    ------
    LimitsError
        If no list of songs keeps all limits: which clash, and the nearest that is possible.
    ParameterError, InputError
        If a parameter is out of range, or scores are not finite.
    """
    if not 0.0 <= variety <= 1.0:
        raise ParameterError(must_be("variety", "a float in [0, 1]", variety))
    if len(scores) != songs.n_songs or len(allowed) != songs.n_songs or not np.isfinite(scores[allowed]).all():
        raise InputError(f"scores and allowed must have {songs.n_songs} entries, and scores be finite where allowed.")
    check_fixed(limits, songs)
    n_wished = limits.length or int(np.ceil((limits.seconds or 0.0) / 60.0))
    for n_best in (max(2000, 40 * min(n_wished, LONGEST)), songs.n_songs):
        pool = _read_pool(scores, allowed, songs, limits, n_best, random_state)
        found = _choose(pool, variety, exact=n_best >= songs.n_songs or len(pool.numbers) < n_best)
        if found is not None:
            numbers = pool.numbers[found]
            return numbers[np.argsort(-scores[numbers], kind="stable")].astype(np.int32)
    raise LimitsError(_explain(pool))


def _read_pool(scores: Float32, allowed: Bool, songs: Songs, limits: Limits, n_best: int, random_state: int) -> _Pool:
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
    is_known = np.array([not limits.known_artists.isdisjoint(row) for row in rows], np.bool_)
    thirds = np.ones(len(numbers), np.int32) if limits.popularity_mix is None else popularity_thirds(songs)[numbers]
    is_fixed = np.isin(numbers, fixed)
    durations = seconds[numbers].astype(np.float64)
    return _Pool(songs, limits, numbers, values[ranked], durations, median, rows, thirds, is_known, is_fixed)


def _choose(pool: _Pool, variety: float, *, exact: bool) -> Int64 | None:
    """Return places in the pool of a list that keeps all limits; None if there is none."""
    for m in _lengths(pool):
        for spare in range(quotas_for(pool.limits, m).per_artist):
            quotas = quotas_for(pool.limits, m, spare=spare)
            found = _take(pool, quotas, variety)
            if found is None and exact:
                found = _program(pool, quotas)
            if found is None:
                break
            if _can_be_spaced(pool, found):
                return found
    return None


def _lengths(pool: _Pool) -> list[int]:
    """Return the numbers of songs to try, the likeliest first."""
    limits, n = pool.limits, len(pool.numbers)
    if limits.length is not None:
        return [limits.length] if limits.length <= n else []
    least = max(int(pool.is_fixed.sum()), max(limits.places, default=-1) + 1, 1)
    likeliest = round((limits.seconds or 0.0) / pool.median_seconds)
    tried = [likeliest + step for reach in range(max(3, likeliest // 5) + 1) for step in {reach, -reach}]
    return [m for m in tried if least <= m <= min(n, LONGEST)]


def _take(pool: _Pool, quotas: Quotas, variety: float) -> Int64 | None:
    """Take songs one by one, the best of those that quotas still allow; None if that comes to nothing."""
    reach = len(pool.numbers) if variety == 0.0 else round(quotas.m * (1.0 + 9.0 * variety)) + 20
    candidates = _reachable(pool, quotas, reach)
    tally = _Tally(pool, quotas)
    relevance = _scaled(pool.scores[candidates])
    nearest = np.full(len(candidates), -np.inf)
    waiting = np.ones(len(candidates), np.bool_)
    similar = Similarity(pool.songs, pool.numbers[candidates]) if variety > 0.0 else None
    taken: list[int] = []
    fixed_first = np.flatnonzero(pool.is_fixed[candidates])
    while len(taken) < quotas.m:
        if len(taken) < len(fixed_first):
            best = int(fixed_first[len(taken)])
        else:
            values = (1.0 - variety) * relevance - (variety * np.maximum(nearest, 0.0) if similar else 0.0)
            values[~waiting] = -np.inf
            best = int(np.argmax(values))
            if not waiting[best]:
                return None
        waiting[best] = False
        if tally.admits(int(candidates[best])):
            tally.add(int(candidates[best]))
            taken.append(best)
            if similar:
                nearest = np.maximum(nearest, similar.to(best))
        elif len(taken) < len(fixed_first):
            return None
    found = candidates[taken]
    return found if pool.limits.seconds is None else _fit_seconds(pool, quotas, found)


def _reachable(pool: _Pool, quotas: Quotas, reach: int) -> Int64:
    """Return the first `reach` songs of the pool and the fixed ones; no artist crowds out the others."""
    if reach >= len(pool.numbers):
        return np.arange(len(pool.numbers))
    most = 4 * quotas.per_artist
    counts: dict[int, int] = {}
    kept: list[int] = []
    for i, row in enumerate(pool.artists):
        if pool.is_fixed[i] or (len(kept) < reach and all(counts.get(artist, 0) < most for artist in row)):
            kept.append(i)
            for artist in row:
                counts[artist] = counts.get(artist, 0) + 1
    return np.array(kept, np.int64)


class _Tally:
    """What is taken so far, against quotas."""

    def __init__(self, pool: _Pool, quotas: Quotas) -> None:
        self.pool, self.quotas = pool, quotas
        self.by_artist: dict[int, int] = {}
        self.mix = [0, 0, 0]
        self.known = 0

    def admits(self, i: int) -> bool:
        """Whether a song can be added."""
        pool, quotas = self.pool, self.quotas
        if self.mix[pool.third[i]] >= quotas.mix[pool.third[i]] or (pool.is_known[i] and self.known >= quotas.known):
            return False
        counts = [self.by_artist.get(artist, 0) for artist in pool.artists[i]]
        if any(count >= quotas.per_artist for count in counts):
            return False
        n_full = (
            sum(count == quotas.per_artist for count in self.by_artist.values()) if quotas.n_full < quotas.m else 0
        )
        return n_full + sum(count + 1 == quotas.per_artist for count in counts) <= quotas.n_full

    def add(self, i: int, by: int = 1) -> None:
        """Add a song, or take it out again."""
        for artist in self.pool.artists[i]:
            self.by_artist[artist] = self.by_artist.get(artist, 0) + by
        self.mix[self.pool.third[i]] += by
        self.known += by * bool(self.pool.is_known[i])


def _scaled(scores: Float64) -> Float64:
    low, high = scores.min(initial=np.inf), scores.max(initial=-np.inf)
    return (scores - low) / (high - low) if high > low else np.zeros(len(scores))


def _fit_seconds(pool: _Pool, quotas: Quotas, found: Int64) -> Int64 | None:
    """Exchange single songs until the duration is met within half a median song; None if that comes to nothing."""
    wish = pool.limits.seconds or 0.0
    tolerance = 0.5 * pool.median_seconds
    taken = list(found)
    tally = _Tally(pool, quotas)
    for i in taken:
        tally.add(int(i))
    for _ in range(len(taken)):
        off = float(pool.seconds[taken].sum()) - wish
        if abs(off) <= tolerance:
            return np.array(taken, np.int64)
        others = np.setdiff1d(np.arange(min(len(pool.numbers), 20 * quotas.m + 200)), taken)
        trials = []
        for place in np.flatnonzero(~pool.is_fixed[taken]):
            out = taken[place]
            tally.add(int(out), -1)
            left = np.maximum(np.abs(off - pool.seconds[out] + pool.seconds[others]), tolerance)
            for j in np.lexsort((-pool.scores[others], left))[:5]:
                if left[j] < abs(off) and tally.admits(int(others[j])):
                    trials.append((left[j], pool.scores[out] - pool.scores[others[j]], int(place), int(others[j])))
                    break
            tally.add(int(out))
        if not trials:
            return None
        _, _, best, coming = min(trials)
        tally.add(int(taken[best]), -1)
        tally.add(coming)
        taken[best] = np.int64(coming)
    return None


def _program(pool: _Pool, quotas: Quotas) -> Int64 | None:
    """Return the most relevant list that keeps all quotas, by an integer program; None if there is none.

    Of songs that no limit tells apart only the best can be needed: as many as an artist may have, or a list has; more
    of them where durations count.
    """
    most = quotas.per_artist * (1 if pool.limits.seconds is None else 20)
    counts: dict[tuple[object, ...], int] = {}
    keep = pool.is_fixed.copy()
    for i, row in enumerate(pool.artists):
        alike = (tuple(row), int(pool.third[i]), bool(pool.is_known[i]))
        counts[alike] = counts.get(alike, 0) + 1
        keep[i] |= counts[alike] <= (most if row else quotas.m * 20)
    kept = np.flatnonzero(keep)
    found = _solve(pool.only(kept), quotas)
    return None if found is None else kept[found]


def _solve(pool: _Pool, quotas: Quotas) -> Int64 | None:
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    n = len(pool.numbers)
    names = sorted({artist for row in pool.artists for artist in row})
    row_of = {artist: row for row, artist in enumerate(names)}
    has_full = quotas.n_full < quotas.m
    n_columns = n + (len(names) if has_full else 0)
    entries = [(row_of[artist], i, 1.0) for i, row in enumerate(pool.artists) for artist in row]
    upper = [float(quotas.per_artist - has_full)] * len(names)
    lower = [-np.inf] * len(names)
    if has_full:
        entries += [(row, n + row, -1.0) for row in range(len(names))]

    def limit(values: npt.ArrayLike, least: float, most: float, first: int = 0) -> None:
        row = len(upper)
        entries.extend((row, first + int(i), float(v)) for i, v in enumerate(np.asarray(values, np.float64)) if v)
        lower.append(least)
        upper.append(most)

    limit(np.ones(n), quotas.m, quotas.m)
    limit(pool.is_known, 0, quotas.known)
    for third in range(3):
        limit(pool.third == third, 0, quotas.mix[third])
    if has_full:
        limit(np.ones(len(names)), 0, quotas.n_full, first=n)
    if pool.limits.seconds is not None:
        half = 0.5 * pool.median_seconds
        limit(pool.seconds, pool.limits.seconds - half, pool.limits.seconds + half)
    rows, columns, values = (np.array(part) for part in zip(*entries, strict=True))
    matrix = csr_array((values, (rows, columns)), shape=(len(upper), n_columns))
    cost = np.concatenate([-_scaled(pool.scores), np.zeros(n_columns - n)])
    least = np.concatenate([pool.is_fixed.astype(float), np.zeros(n_columns - n)])
    solved = milp(
        cost,
        integrality=np.ones(n_columns, np.int64),
        bounds=Bounds(least, 1.0),
        constraints=LinearConstraint(matrix, lower, upper),
        options={"time_limit": _PROGRAM_SECONDS, "mip_rel_gap": 0.01},
    )
    return np.flatnonzero(solved.x[:n] > 0.5) if solved.x is not None else None


def _can_be_spaced(pool: _Pool, found: Int64) -> bool:
    """Whether the list has an order that keeps the gap, with fixed places."""
    gap = pool.limits.artist_gap
    if gap == 0:
        return True
    chosen = pool.numbers[found].astype(np.int32)
    at_place = np.full(len(chosen), -1, np.int32)
    for place, song in pool.limits.places.items():
        at_place[place] = np.flatnonzero(chosen == song)[0]
    wish = np.arange(len(chosen), dtype=np.int32)
    return space_list(list_artists(pool.songs, chosen), wish, at_place, gap).gap >= min(gap, len(chosen) - 1)


def _explain(pool: _Pool) -> str:
    """Return which limits clash, and the nearest that is possible."""
    limits = pool.limits
    n_artists = len({artist for row in pool.artists for artist in row})
    sentence = f"Only {counted(len(pool.numbers), 'song')} of {counted(n_artists, 'artist')} can be in"
    advice = []
    if limits.length is not None:
        possible = _longest(pool)
        sentence += f"; with all limits kept {possible} of the {limits.length} wished are possible"
        if possible:
            advice.append(f"a length of {possible}")
    else:
        sentence += f", and no choice of them lasts {limits.seconds:.0f} seconds with all limits kept"
    advice += [words for words in _looser(pool) if words]
    return f"{sentence}. Ask for {', or for '.join(advice) if advice else 'fewer limits'}."


def _longest(pool: _Pool) -> int:
    """Return the greatest number of songs that keeps all limits, by bisection."""
    low = max(int(pool.is_fixed.sum()), max(pool.limits.places, default=-1) + 1) - 1
    low, high = max(low, 0), min((pool.limits.length or 1) - 1, len(pool.numbers))
    while low < high:
        middle = (low + high + 1) // 2
        trial = replace(pool, limits=replace(pool.limits, length=middle))
        if _choose(trial, 0.0, exact=True) is None:
            high = middle - 1
        else:
            low = middle
    return low


def _looser(pool: _Pool) -> list[str]:
    """Return single limits that, loosened so far, make the list possible."""
    limits = pool.limits

    def works(**changes: object) -> bool:
        return _choose(replace(pool, limits=replace(limits, **changes)), 0.0, exact=True) is not None  # type: ignore[arg-type]

    found = []
    if limits.per_artist is not None and works(per_artist=None):
        cap = limits.per_artist + 1
        while not works(per_artist=cap):
            cap += 1
        found.append(f"per_artist {cap}")
    if limits.artist_gap > 0 and works(artist_gap=0):
        gap = limits.artist_gap - 1
        while not works(artist_gap=gap):
            gap -= 1
        found.append(f"artist_gap {gap}")
    if limits.new_artists is not None and works(new_artists=None):
        found.append("a smaller share of new artists")
    if limits.popularity_mix is not None and works(popularity_mix=None):
        found.append("another popularity mix")
    return found
