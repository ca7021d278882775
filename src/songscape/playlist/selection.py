"""Which songs a playlist holds: the most relevant, as different from each other as wished, under all hard limits.

Relevance against variety is maximal marginal relevance (Carbonell and Goldstein 1998): songs are taken one by one,
each the one with the greatest ``(1 − variety) · relevance − variety · similarity`` to the most similar song taken.
Relevance is the score scaled to [0, 1] over the candidates; similarity is half that of tags (cosine) and half that in
X, ``exp(−d² / median d²)``. With variety 0 all songs are candidates; else only the best ones are, ten for each place
at variety 1: the bar under which no song falls for the sake of variety. Long lists are taken by stretches of 150
songs, each from the best that are left, so that variety counts within a stretch and the effort grows with the length
alone. Where limits use up the candidates, the next best ones follow.

Limits are exact. Taking songs greedily nearly always meets them; where it comes to nothing, an integer program
decides (``scipy.optimize.milp``): a list that keeps all limits is found if there is one, else the error says which
limits clash. What it may do is counted in nodes of its search, so that the outcome does not depend on the machine;
where they do not suffice, or more than 1000 songs are asked for, the error says that the search was given up.

``random_state`` 0 takes the scores as they are. Any other value adds noise to them, a tenth of their standard
deviation among the candidates: another list, nearly as relevant, and the same again for the same value.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from songscape.errors import InputError, LimitsError, ParameterError, must_be
from songscape.playlist.limits import LONGEST, Limits, Quotas, check_fixed, quotas_for
from songscape.playlist.pool import Pool, Tally, fixed_fit, read_pool, scaled
from songscape.playlist.program import Effort, best_by_program
from songscape.playlist.similarity import Similarity
from songscape.playlist.songs import Songs
from songscape.playlist.spacing import list_artists, space_list
from songscape.types import Float32, Int32, Int64
from songscape.wording import counted

Bool = npt.NDArray[np.bool_]

_FIRST = 10.0  # more than any worth
_STRETCH = 150  # songs of a list that are taken from the same candidates
_EXACT = 1000  # songs of the longest list that an integer program decides on


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
        If no list of songs keeps all limits, which clash, and the nearest that is possible; or that the search for
        a list was given up.
    ParameterError, InputError
        If a parameter is out of range, or scores are not finite.
    """
    if not 0.0 <= variety <= 1.0:
        raise ParameterError(must_be("variety", "a float in [0, 1]", variety))
    if len(scores) != songs.n_songs or len(allowed) != songs.n_songs or not np.isfinite(scores[allowed]).all():
        raise InputError(f"scores and allowed must have {songs.n_songs} entries, and scores be finite where allowed.")
    check_fixed(limits, songs)
    n_wished = limits.length or int(np.ceil((limits.seconds or 0.0) / 60.0))
    for n_best in (max(600, 40 * min(n_wished, LONGEST)), songs.n_songs):
        pool = read_pool(scores, allowed, songs, limits, n_best, random_state)
        effort = Effort(exact=n_best >= songs.n_songs or len(pool.numbers) < n_best)
        found = _choose(pool, variety, effort)
        if found is not None:
            numbers = pool.numbers[found]
            return numbers[np.argsort(-scores[numbers], kind="stable")].astype(np.int32)
        if effort.exact:
            break
    raise _clash(pool, effort.is_certain)


def _choose(pool: Pool, variety: float, effort: Effort) -> Int64 | None:
    """Return places in the pool of a list that keeps all limits; None if none was found."""
    for m in _lengths(pool):
        quotas = quotas_for(pool.limits, m)
        if not fixed_fit(pool, quotas):
            continue
        for spare in range(quotas.per_artist):
            found = _take(pool, quotas_for(pool.limits, m, spare=spare), variety)
            if found is None:
                break
            if _can_be_spaced(pool, found, effort):
                return found
        refused: list[Int64] = []
        if effort.exact and m > _EXACT:
            effort.is_certain = False
        while effort.exact and m <= _EXACT and (found := best_by_program(pool, quotas, effort, refused)) is not None:
            if _can_be_spaced(pool, found, effort):
                return found
            refused.append(found)
    return None


def _lengths(pool: Pool) -> list[int]:
    """Return the numbers of songs to try, the likeliest first."""
    limits, n = pool.limits, len(pool.numbers)
    if limits.length is not None:
        return [limits.length] if limits.length <= n else []
    least = max(int(pool.is_fixed.sum()), max(limits.places, default=-1) + 1, 1)
    likeliest = round((limits.seconds or 0.0) / pool.median_seconds)
    tried = [likeliest + step for reach in range(max(3, likeliest // 5) + 1) for step in {reach, -reach}]
    return [m for m in tried if least <= m <= min(n, LONGEST)]


def _take(pool: Pool, quotas: Quotas, variety: float) -> Int64 | None:
    """Take songs one by one, the best of those that quotas still allow; None if that comes to nothing."""
    tally, waiting = Tally(pool, quotas), np.ones(len(pool.numbers), np.bool_)
    taken: list[int] = []
    while len(taken) < quotas.m:
        size = min(quotas.m - len(taken), max(_STRETCH, int((pool.is_fixed & waiting).sum())))
        candidates = _reachable(tally, waiting, size + round(9.0 * variety * size) + 20, variety > 0.0)
        found = _take_stretch(tally, candidates, size, variety)
        if not found:
            return None
        waiting[candidates] &= ~np.isin(candidates, found)
        taken += found
    chosen = np.array(taken, np.int64)
    if pool.is_fixed[chosen].sum() < pool.is_fixed.sum():
        return None
    return chosen if pool.limits.seconds is None else _fit_seconds(pool, quotas, chosen)


def _take_stretch(tally: Tally, candidates: Int64, size: int, variety: float) -> list[int]:
    """Return up to `size` of the candidates in the order taken, those that must be in first, and count them."""
    pool, taken = tally.pool, list[int]()
    worth = (1.0 - variety) * scaled(pool.scores[candidates]) + _FIRST * pool.is_fixed[candidates]
    nearest = np.zeros(len(candidates))
    similar = Similarity(pool.songs, pool.numbers[candidates]) if variety > 0.0 and len(candidates) else None
    waiting = np.ones(len(candidates), np.bool_)
    while len(taken) < size and waiting.any():
        best = int(np.argmax(np.where(waiting, worth - variety * nearest, -np.inf)))
        waiting[best] = False
        if tally.admits(int(candidates[best])):
            tally.add(int(candidates[best]))
            taken.append(int(candidates[best]))
            if similar:
                nearest = np.maximum(nearest, similar.to(best))
    return taken


def _reachable(tally: Tally, waiting: Bool, reach: int, spread: bool) -> Int64:
    """Return the first `reach` waiting songs that quotas allow, and those that must be in.

    Songs that quotas refuse wait no longer: they will be refused ever after. If the songs are to be `spread`, no
    artist crowds out the others.
    """
    pool, most = tally.pool, 4 * tally.quotas.per_artist
    counts: dict[int, int] = {}
    kept: list[int] = []
    for i in np.flatnonzero(waiting).tolist():
        if len(kept) >= reach:
            break
        if not tally.admits(i):
            waiting[i] = False
        elif pool.is_fixed[i] or not spread or all(counts.get(artist, 0) < most for artist in pool.artists[i]):
            kept.append(i)
            for artist in pool.artists[i]:
                counts[artist] = counts.get(artist, 0) + 1
    return np.union1d(kept, np.flatnonzero(pool.is_fixed & waiting)).astype(np.int64)


def _fit_seconds(pool: Pool, quotas: Quotas, found: Int64) -> Int64 | None:
    """Exchange single songs until the duration is met within half a median song; None if that comes to nothing."""
    wish = pool.limits.seconds or 0.0
    tolerance = 0.5 * pool.median_seconds
    taken = list(found)
    tally = Tally(pool, quotas)
    for i in taken:
        tally.add(int(i))
    for _ in range(len(taken) + 1):  # the last time only to see whether it is met
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


def _can_be_spaced(pool: Pool, found: Int64, effort: Effort) -> bool:
    """Whether the list has an order that keeps the gap, with fixed places."""
    gap = pool.limits.artist_gap
    if gap == 0:
        return True
    chosen = pool.numbers[found].astype(np.int32)
    at_place = np.full(len(chosen), -1, np.int32)
    for place, song in pool.limits.places.items():
        at_place[place] = np.flatnonzero(chosen == song)[0]
    wish = np.arange(len(chosen), dtype=np.int32)
    spacing = space_list(list_artists(pool.songs, chosen), wish, at_place, gap)
    is_spaced = spacing.gap >= min(gap, len(chosen) - 1)
    effort.is_certain &= is_spaced or spacing.is_certain
    return is_spaced


def _clash(pool: Pool, is_certain: bool) -> LimitsError:
    """Return the error that tells which limits clash, and the nearest that is possible."""
    figures = {"songs": len(pool.numbers)}
    limits, effort = pool.limits, Effort(exact=True)
    n_artists = len({artist for row in pool.artists for artist in row})
    given_up = "" if is_certain else "The search was given up: a list may exist, none was found. "
    sentence = f"{given_up}Only {counted(len(pool.numbers), 'song')} of {counted(n_artists, 'artist')} can be in"
    advice = []
    if limits.length is not None:
        possible = _longest(pool, effort)
        at_least = "" if effort.is_certain and is_certain else "at least "
        sentence += f"; with all limits kept {at_least}{possible} of the {limits.length} wished are possible"
        figures |= {"wished": limits.length, "possible": possible}
        if possible:
            advice.append(f"a length of {possible}")
    elif is_certain:
        sentence += f", and no choice of them lasts {limits.seconds:.0f} seconds with all limits kept"
    advice += _looser(pool, effort)
    asked = f"Ask for {', or for '.join(advice) if advice else 'fewer limits'}."
    return LimitsError(f"{sentence}. {asked}", **figures)


def _longest(pool: Pool, effort: Effort) -> int:
    """Return the greatest number of songs for which a list was found that keeps all limits."""
    needed = max(int(pool.is_fixed.sum()), max(pool.limits.places, default=-1) + 1)

    def fails(length: int) -> bool:
        return _choose(replace(pool, limits=replace(pool.limits, length=length)), 0.0, effort) is None

    longest = _first(fails, max(needed, 1), min(pool.limits.length or 1, len(pool.numbers) + 1)) - 1
    return longest if longest >= needed else 0


def _looser(pool: Pool, effort: Effort) -> list[str]:
    """Return single limits that, loosened so far, make the list possible, else those of artists together."""
    limits = pool.limits

    def works(**changes: object) -> bool:
        looser = replace(limits, **changes)  # type: ignore[arg-type]
        return _choose(replace(pool, limits=looser), 0.0, effort) is not None

    found = []
    if limits.per_artist is not None and works(per_artist=None):
        cap = _first(lambda most: works(per_artist=most), limits.per_artist + 1, len(pool.numbers))
        found.append(f"per_artist {cap}")
    if limits.artist_gap > 0 and works(artist_gap=0):
        less = _first(lambda off: works(artist_gap=limits.artist_gap - off), 1, limits.artist_gap)
        found.append(f"artist_gap {limits.artist_gap - less}")
    if not found and limits.per_artist is not None and limits.artist_gap > 0 and works(per_artist=None, artist_gap=0):
        cap = _first(lambda most: works(per_artist=most, artist_gap=0), limits.per_artist + 1, len(pool.numbers))
        found.append(f"per_artist {cap} together with artist_gap 0")
    if limits.new_artists is not None and works(new_artists=None):
        found.append("a smaller share of new artists")
    if limits.popularity_mix is not None and works(popularity_mix=None):
        found.append("another popularity mix")
    return found


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Return the first number for which something holds, by bisection; it is taken to hold for `high`."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
