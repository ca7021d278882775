"""A journey from one song to another, by way of others if wished, in equal and smooth steps.

Places are spread evenly along the straight lines between the waypoints in X. For each place there is a shortlist of
the songs nearest to it, in X and in tags: those of the song behind fade out as those of the song ahead fade in. A
beam search then takes one song for each place, none twice and no artist within the gap, so that steps are equal,
transitions cheap, and songs near to their places. Real songs lie beside the line, so the usual step is longer than
the line's: the search is repeated with the mean step that it found, and the one with the most equal steps is kept.
"""

import itertools

import numpy as np
import numpy.typing as npt

from songscape.errors import LimitsError, ParameterError, must_be
from songscape.kernels.transitions import price_pairs
from songscape.playlist.songs import Songs
from songscape.playlist.transitions import PARTS, Pricing, price_matrix
from songscape.types import Float32, Float64, Int32, Int64

Bool = npt.NDArray[np.bool_]

_SHORTLIST = 40  # songs for each place
_BEAM = 12  # journeys that are followed at once
_ROUNDS = 2  # how often the usual step is measured
_TAGS, _POPULARITY = 0.3, 4.0  # against the squared distance in X, in units of random pairs
_EVEN, _NEAR = 1.0, 0.5  # against the price of a transition
_BLOCK = 64  # songs whose least cost is taken together


def plan_journey(
    pricing: Pricing,
    ends: tuple[int, ...],
    length: int,
    *,
    allowed: Bool | None = None,
    match_popularity: bool = False,
    artist_gap: int = 2,
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
    songs = pricing.songs
    _check(songs, ends, length, artist_gap)
    marks = _places_of_ends(songs, ends, length)
    usable = np.ones(songs.n_songs, np.bool_) if allowed is None else allowed.copy()
    usable[list(ends)] = False
    n_short = _SHORTLIST
    while True:
        shortlists, costs = _shortlists(pricing, ends, marks, usable, match_popularity, n_short)
        journey = _most_equal(pricing, shortlists, costs, artist_gap)
        if journey is not None:
            return journey
        if n_short >= usable.sum():
            raise LimitsError(
                f"Only {int(usable.sum())} songs may be on the way: too few for a journey of {length} songs with"
                f" {artist_gap} others between two of one artist. Ask for a shorter journey, a smaller artist_gap,"
                " or a wider filter."
            )
        n_short *= 4


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
    _songs, fixed = pricing.songs, np.array(ends, np.int32)
    others = np.flatnonzero(usable).astype(np.int32)
    length = int(marks[-1]) + 1
    free = np.setdiff1d(np.arange(length), marks)
    shortlists: list[Int32] = [np.zeros(0, np.int32)] * length
    costs: list[Float32] = [np.zeros(1, np.float32)] * length
    for mark, song in zip(marks, fixed, strict=True):
        shortlists[mark] = fixed[fixed == song]
    if free.size:
        fractions = np.array([np.interp(free, marks, np.eye(len(ends))[i]) for i in range(len(ends))]).T
        table = _place_costs(pricing, fixed, fractions, others, match_popularity)
        for place, row in zip(free, table, strict=True):
            best = _least(row, min(n_short, len(others)))
            shortlists[place], costs[place] = others[best], row[best]
    return shortlists, costs


def _place_costs(
    pricing: Pricing, fixed: Int32, fractions: Float64, others: Int32, match_popularity: bool
) -> Float32:
    """Return how far songs are from places, float32 (n_places, n_others): one product of matrices."""
    songs = pricing.songs
    X = songs.X[others]
    sample = songs.X[np.random.default_rng(0).integers(0, songs.n_songs, 100)]
    unit = float(np.median(((sample[:, None] - sample) ** 2).sum(axis=2))) or 1.0
    targets = fractions @ songs.X[fixed].astype(np.float64)
    only_tags = np.zeros(len(PARTS), np.float32)
    only_tags[PARTS.index("tags")] = 1.0
    unlike = price_pairs(pricing.profiles, only_tags, pricing.neutral, fixed, others)
    table: Float32 = (-2.0 * targets / unit).astype(np.float32) @ X.T
    table += np.einsum("ij,ij->i", X, X) / np.float32(unit)
    table += (_TAGS * fractions).astype(np.float32) @ unlike
    if match_popularity:
        wished = np.nan_to_num(songs.popularity[fixed].astype(np.float64), nan=50.0)
        popularity = np.nan_to_num(songs.popularity[others], nan=float(wished.mean()))
        apart = (popularity - (fractions @ wished).astype(np.float32)[:, None]) / np.float32(100.0)
        table += np.float32(_POPULARITY) * apart * apart
    table += ((targets**2).sum(axis=1, keepdims=True) / unit).astype(np.float32)
    return table


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


def _most_equal(pricing: Pricing, shortlists: list[Int32], costs: list[Float32], artist_gap: int) -> Int32 | None:
    """Search with several usual steps, and return the journey whose steps differ least."""
    songs = pricing.songs
    steps, prices = [], []
    for one, other in itertools.pairwise(shortlists):
        apart = songs.X[one][:, None].astype(np.float64) - songs.X[other]
        steps.append(np.sqrt((apart**2).sum(axis=2)))
        prices.append(price_matrix(pricing, one, other))
    artists = [[set(songs.artists.of(int(song)).tolist()) for song in songs_here] for songs_here in shortlists]
    usual = float(np.median([step.min() for step in steps])) or 1.0
    best, least = None, np.inf
    for _ in range(_ROUNDS):
        found = _follow(
            shortlists,
            artists,
            costs,
            [_EVEN * (step / usual - 1.0) ** 2 + price for step, price in zip(steps, prices, strict=True)],
            artist_gap,
        )
        if found is None:
            return best
        lengths = step_lengths(songs, found)
        usual = float(lengths.mean()) or 1.0
        unequal = float(lengths.std()) / usual
        if unequal < least:
            best, least = found, unequal
    return best


def _follow(
    shortlists: list[Int32],
    artists: list[list[set[int]]],
    costs: list[Float32],
    moves: list[Float64],
    artist_gap: int,
) -> Int32 | None:
    """Return the cheapest journey that a beam search finds; None if each comes to a place that it cannot fill."""
    ahead: list[set[int]] = [rows[0] if len(rows) == 1 else set() for rows in artists]
    paths: list[tuple[float, tuple[int, ...]]] = [(0.0, (0,))]
    for place in range(1, len(shortlists)):
        here, is_end = shortlists[place], len(shortlists[place]) == 1
        coming: set[int] = set().union(*ahead[place + 1 : place + 1 + artist_gap])
        grown = []
        for spent, path in paths:
            behind = range(max(0, place - artist_gap), place)
            near = coming.union(*(artists[p][path[p]] for p in behind))
            used = {int(shortlists[p][path[p]]) for p in range(place)}
            total = spent + moves[place - 1][path[-1]] + _NEAR * costs[place]
            n_kept = 0
            for i in np.argsort(total, kind="stable"):
                if is_end or (int(here[i]) not in used and not artists[place][i] & near):
                    grown.append((float(total[i]), (*path, int(i))))
                    n_kept += 1
                    if n_kept == _BEAM:
                        break
        paths = sorted(grown)[:_BEAM]
        if not paths:
            return None
    return np.array([shortlists[place][i] for place, i in enumerate(paths[0][1])], np.int32)
