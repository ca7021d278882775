"""A journey from one song to another, by way of others if wished, in equal and smooth steps.

Places are spread evenly along the straight lines between the waypoints in X. For each place there is a shortlist of
the songs nearest to it, in X, years and tags: those of the song behind fade out as those of the song ahead fade in. A
beam search then takes one song for each place, none twice and no artist within the gap, so that steps are equal,
transitions cheap, and songs near to their places. Real songs lie beside the line, so the usual step is longer than
the line's: the search is repeated with the mean step that it found, and the one with the most equal steps is kept.
"""

import itertools
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from songscape.errors import LimitsError, ParameterError, must_be
from songscape.kernels.transitions import price_pairs
from songscape.playlist.songs import Songs
from songscape.playlist.transitions import PARTS, YEARS, Pricing, price_matrix
from songscape.types import Float32, Float64, Int32, Int64
from songscape.wording import counted

Bool = npt.NDArray[np.bool_]

_SHORTLIST = 40  # songs for each place
_BEAM = 12  # journeys that are followed at once
_ROUNDS = 2  # how often the usual step is measured
_TAGS, _POPULARITY, _YEARS = 0.3, 4.0, 1.0  # against the squared distance in X, in units of random pairs
_EVEN, _NEAR = 1.0, 0.5  # against the price of a transition
_CORRIDOR = 20_000  # songs near to the lines between the ends, in X alone, among which shortlists are sought
_LONG = 100  # songs; longer journeys are made of stretches
_STRETCH = 20  # songs of one
_MOST_STEPS = 50_000_000  # steps from one shortlist to the next that are looked at
_PLACES = 64  # places whose costs are held at once
_NOISE = np.float32(0.2)  # most that is added to a cost
_BLOCK = 64  # songs whose least cost is taken together


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What `plan_journey` was asked for beside ends and length."""

    match_popularity: bool
    artist_gap: int
    per_artist: int | None
    random_state: int


@dataclass(frozen=True, slots=True, eq=False)
class _Rules:
    """What artists forbid on a journey.

    Attributes
    ----------
    artists : list of int64, shape (n_here, width)
        For each place the artists of its songs, numbered from 0; `n_artists` fills the rows.
    clashes : list of dict
        For each place which of its songs share an artist with those of other places within the gap, by place.
    ends : set of int
        Places of the ends.
    per_artist : int
        The most songs of one artist.
    """

    artists: list[Int64]
    clashes: list[dict[int, Bool]]
    ends: set[int]
    n_artists: int
    per_artist: int


def plan_journey(
    pricing: Pricing,
    ends: tuple[int, ...],
    length: int,
    *,
    allowed: Bool | None = None,
    match_popularity: bool = False,
    artist_gap: int = 2,
    per_artist: int | None = None,
    random_state: int = 0,
) -> Int32:
    """Return a journey between songs.

    Parameters
    ----------
    pricing : Pricing
        Prices between the songs of the catalog.
    ends : tuple of int
        Start, any number of songs on the way, end: at least two, all different.
    length : int
        Number of songs, the ends among them.
    allowed : bool, shape (n_songs,), optional
        Songs that may be on the way; default all.
    match_popularity : bool
        Whether songs are to be about as popular as the ends.
    artist_gap : int
        At least so many other songs between two songs of one artist, but for the ends among themselves.
    per_artist : int, optional
        The most songs of one artist; ends count, and are in all the same.
    random_state : int
        0 for none; any other gives another journey, nearly as good.

    Returns
    -------
    int32, shape (length,)
        Song numbers; the first is the start and the last the end.

    Raises
    ------
    ParameterError
        If ends or length are out of range.
    LimitsError
        If too few songs are allowed.
    """
    _check(pricing.songs, ends, length, artist_gap)
    usable = np.ones(pricing.songs.n_songs, np.bool_) if allowed is None else allowed.copy()
    usable[list(ends)] = False
    wishes = _Wishes(match_popularity, artist_gap, per_artist, random_state)
    journey = (_direct if length <= _LONG else _by_stretches)(pricing, ends, length, usable, wishes)
    if journey is not None:
        return journey
    capped = per_artist is not None
    raise LimitsError(
        f"Only {counted(int(usable.sum()), 'song')} may be on the way: too few for a journey of {length} songs with"
        f" {artist_gap} others between two of one artist{f' and at most {per_artist} of one' if capped else ''}."
        f" Ask for a shorter journey, a smaller artist_gap,{' a greater per_artist,' if capped else ''}"
        " or a wider filter.",
        songs=int(usable.sum()),
        wished=length,
    )


def _direct(pricing: Pricing, ends: tuple[int, ...], length: int, usable: Bool, wishes: _Wishes) -> Int32 | None:
    """Return a journey that is searched at once; None if none was found."""
    marks = _places_of_ends(pricing.songs, ends, length)
    n_short, n_usable = _SHORTLIST, int(usable.sum())
    while n_usable >= length - len(ends):
        shortlists, costs = _shortlists(pricing, ends, marks, usable, wishes.match_popularity, n_short)
        if wishes.random_state:
            costs = _shaken(costs, wishes.random_state)
        rules = _read_rules(pricing.songs, shortlists, marks, wishes.artist_gap, wishes.per_artist or length)
        journey = _most_equal(pricing, shortlists, costs, rules)
        if journey is not None:
            return journey
        n_short *= 4
        if n_short >= 4 * n_usable or n_short**2 * length > _MOST_STEPS:
            break
    return None


def _by_stretches(
    pricing: Pricing, ends: tuple[int, ...], length: int, usable: Bool, wishes: _Wishes
) -> Int32 | None:
    """Return a long journey: one of few songs first, then what lies between each two of them; None if none was found.

    On each stretch an artist comes once, and not at all if a song of theirs is near or they have as many as allowed.
    """
    artists, free = pricing.songs.artists, usable.copy()
    n_marks = max(length // _STRETCH, len(ends))
    marks = (_direct if n_marks <= _LONG else _by_stretches)(pricing, ends, n_marks, usable, wishes)
    if marks is None:
        return None
    free[marks] = False
    counts = np.bincount(artists.of_all(marks)[1], minlength=len(artists.names))
    between = np.diff(np.linspace(0, length - n_marks, n_marks).astype(np.int64))
    journey = marks[:1].tolist()
    for k, n_songs in enumerate(between.tolist()):
        near = [*journey[max(len(journey) - wishes.artist_gap, 0) :], *marks[k + 1 : k + 3 + wishes.artist_gap]]
        barred = counts >= (wishes.per_artist or length)
        barred[artists.of_all(np.array(near))[1]] = True
        allowed = free.copy()
        allowed[np.repeat(np.arange(len(free)), np.diff(artists.indptr))[barred[artists.ids]]] = False
        once = replace(wishes, per_artist=1)
        part = _direct(pricing, (int(marks[k]), int(marks[k + 1])), n_songs + 2, allowed, once)
        if part is None:
            return None
        free[part] = False
        np.add.at(counts, artists.of_all(part[1:-1])[1], 1)
        journey += part[1:].tolist()
    return np.array(journey, np.int32)


def step_lengths(songs: Songs, order: Int32) -> Float64:
    """Return the distances in X from each song of a list to the next: float64 (m − 1,)."""
    steps: Float64 = np.linalg.norm(np.diff(songs.X[order].astype(np.float64), axis=0), axis=1)
    return steps


def _check(songs: Songs, ends: tuple[int, ...], length: int, artist_gap: int) -> None:
    if len(ends) < 2 or len(set(ends)) < len(ends) or not 0 <= min(ends) <= max(ends) < songs.n_songs:
        raise ParameterError(must_be("ends", f"at least two different songs in [0, {songs.n_songs - 1}]", ends))
    if length < len(ends):
        raise ParameterError(must_be("length", f"an int of at least {len(ends)}, for all the tracks named", length))
    if artist_gap < 0:
        raise ParameterError(must_be("artist_gap", "an int in [0, inf)", artist_gap))


def _places_of_ends(songs: Songs, ends: tuple[int, ...], length: int) -> Int64:
    """Return the places of the ends: in proportion to the distances between them, at least one step each."""
    stretches = np.maximum(step_lengths(songs, np.array(ends, np.int32)), 1e-9)
    extra = length - len(ends)
    along = np.concatenate([[0.0], np.cumsum(stretches)]) / stretches.sum()
    marks: Int64 = np.arange(len(ends)) + np.floor(along * extra + 0.5 * (along < 1.0)).astype(np.int64)
    return marks


def _shortlists(
    pricing: Pricing, ends: tuple[int, ...], marks: Int64, usable: Bool, match_popularity: bool, n_short: int
) -> tuple[list[Int32], list[Float32]]:
    """Return the songs nearest to each place, and how far they are from it; the ends stand alone at theirs."""
    fixed = np.array(ends, np.int32)
    length = int(marks[-1]) + 1
    free = np.setdiff1d(np.arange(length), marks)
    shortlists: list[Int32] = [np.zeros(0, np.int32)] * length
    costs: list[Float32] = [np.zeros(1, np.float32)] * length
    for mark, song in zip(marks, fixed, strict=True):
        shortlists[mark] = fixed[fixed == song]
    if not free.size:
        return shortlists, costs
    fractions = np.array([np.interp(free, marks, np.eye(len(ends))[i]) for i in range(len(ends))]).T
    n_kept = max(_CORRIDOR, 20 * length, 100 * n_short)
    others = _corridor(pricing.songs, fixed, usable, match_popularity, n_kept)
    for first in range(0, len(free), _PLACES):
        places = slice(first, first + _PLACES)
        table = _place_costs(pricing, fixed, fractions[places], others, match_popularity)
        for place, row in zip(free[places], table, strict=True):
            best = _least(row, min(n_short, len(others)))
            shortlists[place], costs[place] = others[best], row[best]
    return shortlists, costs


def _unit(songs: Songs) -> float:
    """Return the median squared distance in X of random pairs."""
    sample = songs.X[np.random.default_rng(0).integers(0, songs.n_songs, 100)]
    return float(np.median(((sample[:, None] - sample) ** 2).sum(axis=2))) or 1.0


def _corridor(songs: Songs, fixed: Int32, usable: Bool, match_popularity: bool, n_kept: int) -> Int32:
    """Return the usable songs nearest to the lines between the ends, in X and popularity; tags are left for later."""
    others = np.flatnonzero(usable).astype(np.int32)
    if len(others) <= n_kept:
        return others
    own = songs.popularity[others] if match_popularity else None
    nearest = off_the_way(songs, fixed, songs.X[others], own)
    return np.sort(others[np.argpartition(nearest, n_kept)[:n_kept]])


def off_the_way(songs: Songs, fixed: Int32, X: Float32, popularity: Float32 | None) -> Float32:
    """Return how far rows of X lie from the lines between some songs, float32 (n_rows,) in units of random pairs.

    Where `popularity` is given, rows less popular than all of the songs, or more, are farther.
    """
    ends = songs.X[fixed]
    along = np.einsum("ij,kj->ik", X, ends)  # from these products all distances follow
    lengths = ends @ ends.T
    nearest = np.full(len(X), np.inf, np.float32)
    for a in range(len(ends) - 1):
        squared = lengths[a, a] - 2.0 * lengths[a, a + 1] + lengths[a + 1, a + 1]
        ahead = along[:, a + 1] - along[:, a] + (lengths[a, a] - lengths[a, a + 1])
        part = np.clip(ahead / max(squared, np.float32(1e-9)), 0.0, 1.0)
        nearest = np.minimum(nearest, lengths[a, a] - 2.0 * along[:, a] + part * (part * squared - 2.0 * ahead))
    nearest = (nearest + np.einsum("ij,ij->i", X, X)) / np.float32(_unit(songs))
    if popularity is not None:
        wished = np.nan_to_num(songs.popularity[fixed], nan=50.0)
        off = np.nan_to_num(np.maximum(wished.min() - popularity, popularity - wished.max()))
        nearest += np.float32(_POPULARITY) * np.square(np.maximum(off, 0.0) / np.float32(100.0))
    return np.asarray(nearest, np.float32)


def _place_costs(
    pricing: Pricing, fixed: Int32, fractions: Float64, others: Int32, match_popularity: bool
) -> Float32:
    """Return how far songs are from places, float32 (n_places, n_others): X, years and tags."""
    songs, unit = pricing.songs, _unit(pricing.songs)
    X = songs.X[others]
    targets = fractions @ songs.X[fixed].astype(np.float64)
    only_tags = np.zeros(len(PARTS), np.float32)
    only_tags[PARTS.index("tags")] = 1.0
    unlike = price_pairs(pricing.profiles, only_tags, pricing.neutral, fixed, others)
    # einsum, not matmul: these products are so small that threads only get in each other's way
    table: Float32 = np.einsum("ij,kj->ik", (-2.0 * targets / unit).astype(np.float32), X)
    table += np.einsum("ij,ij->i", X, X) / np.float32(unit)
    table += np.einsum("ij,jk->ik", (_TAGS * fractions).astype(np.float32), unlike)
    if match_popularity:
        table += np.float32(_POPULARITY) * _apart(songs.popularity, fixed, fractions, others, 100.0)
    table += np.float32(_YEARS) * _apart(songs.year, fixed, fractions, others, YEARS)
    table += ((targets**2).sum(axis=1, keepdims=True) / unit).astype(np.float32)
    return table


def _apart(values: Float32, fixed: Int32, fractions: Float64, others: Int32, unit: float) -> Float32:
    """Return the squared distances of songs from the line between the ends, 0 where unknown, (n_places, n_others)."""
    if np.isnan(values[fixed]).any():
        return np.zeros((len(fractions), len(others)), np.float32)
    wished = (fractions @ values[fixed].astype(np.float64)).astype(np.float32)[:, None]
    apart: Float32 = np.nan_to_num((values[others] - wished) / np.float32(unit))
    return apart * apart


def _least(row: Float32, n: int) -> Int64:
    """Return the places of the n least values: they lie in the n blocks with the least minima."""
    n_blocks = len(row) // _BLOCK
    places = np.arange(len(row))
    if n < n_blocks:
        minima = row[: n_blocks * _BLOCK].reshape(n_blocks, _BLOCK).min(axis=1)
        blocks = np.argpartition(minima, n)[:n]
        places = np.concatenate([(blocks[:, None] * _BLOCK + np.arange(_BLOCK)).ravel(), places[n_blocks * _BLOCK :]])
    order: Int64 = places[np.lexsort((places, row[places]))[:n]]
    return order


def _shaken(costs: list[Float32], random_state: int) -> list[Float32]:
    """Return the costs with noise, by which songs that are about as good change places."""
    rng = np.random.default_rng(random_state)
    return [row + _NOISE * rng.random(len(row), dtype=np.float32) for row in costs]


def _most_equal(pricing: Pricing, shortlists: list[Int32], costs: list[Float32], rules: _Rules) -> Int32 | None:
    """Search with several usual steps, and return the journey whose steps differ least."""
    songs = pricing.songs
    steps, prices = [], []
    for one, other in itertools.pairwise(shortlists):
        apart = songs.X[one][:, None].astype(np.float64) - songs.X[other]
        steps.append(np.sqrt((apart**2).sum(axis=2)))
        prices.append(price_matrix(pricing, one, other))
    usual = float(np.median([step.min() for step in steps])) or 1.0
    best, least = None, np.inf
    for _ in range(_ROUNDS):
        found = _follow(
            shortlists,
            rules,
            costs,
            [_EVEN * (step / usual - 1.0) ** 2 + price for step, price in zip(steps, prices, strict=True)],
        )
        if found is None:
            return best
        lengths = step_lengths(songs, found)
        usual = float(lengths.mean()) or 1.0
        unequal = float(lengths.std()) / usual
        if unequal < least:
            best, least = found, unequal
    return best


def _read_rules(songs: Songs, shortlists: list[Int32], marks: Int64, gap: int, per_artist: int) -> _Rules:
    """Return what artists forbid; the ends clash with nothing, and songs that clash with an end ahead are marked."""
    owners, ids = songs.artists.of_all(np.concatenate(shortlists))
    names, numbers = np.unique(ids, return_inverse=True)
    among = np.arange(len(owners)) - np.searchsorted(owners, owners)  # the how-manieth artist of its song
    padded = np.full((sum(len(here) for here in shortlists), int(among.max(initial=0)) + 1), len(names))
    padded[owners, among] = numbers
    artists = np.split(padded, np.cumsum([len(here) for here in shortlists])[:-1])
    ends = set(marks.tolist())
    clashes: list[dict[int, Bool]] = []
    for place, here in enumerate(artists):
        near = range(max(place - gap, 0), min(place + gap + 1, len(artists)))
        found = {}
        for other in () if place in ends else near:
            if other < place or (other > place and other in ends):
                equal = artists[other][:, None, :, None] == here[None, :, None, :]
                found[other] = (equal & (here < len(names))[None, :, None, :]).any(axis=(2, 3))
        clashes.append(found)
    return _Rules(artists, clashes, ends, len(names), per_artist)


def _follow(shortlists: list[Int32], rules: _Rules, costs: list[Float32], moves: list[Float64]) -> Int32 | None:
    """Return the cheapest journey that a beam search finds; None if each comes to a place that it cannot fill."""
    everyone, flat = np.unique(np.concatenate(shortlists), return_inverse=True)
    number = np.split(flat.ravel(), np.cumsum([len(here) for here in shortlists])[:-1])
    paths = np.zeros((1, len(shortlists)), np.int64)
    spent = np.zeros(1)
    used = np.zeros((1, len(everyone)), np.bool_)
    counts = np.zeros((1, rules.n_artists + 1), np.int64)  # one more for those that stand for nobody
    for end in rules.ends:
        np.add.at(counts[0], rules.artists[end][0], 1)
    for place in range(1, len(shortlists)):
        total = spent[:, None] + moves[place - 1][paths[:, place - 1]] + _NEAR * costs[place]
        if place not in rules.ends:
            counts[:, -1] = 0
            is_full = counts >= rules.per_artist
            total[used[:, number[place]] | is_full[:, rules.artists[place]].any(axis=2)] = np.inf
            for other, clash in rules.clashes[place].items():
                total[clash[paths[:, other]] if other < place else np.repeat(clash, len(total), axis=0)] = np.inf
        best = np.argsort(total, axis=None, kind="stable")[:_BEAM]
        best = best[np.isfinite(total.ravel()[best])]
        if not best.size:
            return None
        behind, chosen = np.divmod(best, total.shape[1])
        paths, spent, used, counts = paths[behind], total.ravel()[best], used[behind], counts[behind]
        paths[:, place] = chosen
        used[np.arange(len(best)), number[place][chosen]] = True
        if place not in rules.ends:
            np.add.at(counts, (np.arange(len(best))[:, None], rules.artists[place][chosen]), 1)
    return np.array([shortlists[place][i] for place, i in enumerate(paths[0])], np.int32)
