"""The order of a playlist: smooth transitions, an arc, fixed places, artists kept apart.

An order's cost is ``λ · mean price + (1 − λ) · mean distance from its place``, both in units of a random order. The
distance is that of the arc; without an arc it is that of the order in which the songs were given (best first), so
that smoothness 0 leaves a list as it came. λ is the smoothness, times 0.9 where an arc is to be followed.

More smoothness never raises the median transition price, and not by luck: the list is ordered for smoothness 1 first,
then for one step of the scale less after the other, down to the one asked for. Each time the cheapest order is sought
among those whose median price is not lower than that of the smoother order before.

Lists of up to eight songs are ordered exactly: every order is weighed. Longer ones start from greedy orders and the
order before, and are improved by a local search with random kicks; the result never costs more than any of its starts
whose median price is high enough. Lists of more than 1500 songs start from one greedy order, and are improved stretch
by stretch, so that the prices of one stretch at a time are enough.
"""

from dataclasses import dataclass

import numpy as np

from songscape.errors import InputError, ParameterError, must_be
from songscape.kernels.sequence import SHORT
from songscape.playlist.arcs import Arc, mean_distances, mean_ranks, plan_arc
from songscape.playlist.ordering import Problem, greedy_orders, improve, median_of, nearest_songs
from songscape.playlist.songs import Songs
from songscape.playlist.spacing import ListArtists, list_artists, space_list
from songscape.playlist.transitions import Prices, Pricing, only_songs, price_matrix, price_steps
from songscape.types import Float32, Float64, Int32

MOST = 10_000  # more songs are no playlist
_ARC_SHARE = 0.1  # what an arc counts at smoothness 1
_MIDDLE = 1000  # songs up to which smoothness has five steps, and two starts are tried
_WHOLE = 1500  # songs up to which all prices are held at once
_STRETCH = 600  # songs of longer lists that are ordered at once; stretches overlap by half
_STRETCH_KICKS = 30
_LOOKED_AT = 800  # songs of longer lists that are looked at for each place of a greedy order


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """An ordered list.

    Attributes
    ----------
    order : int32, shape (m,)
        Song numbers.
    artist_gap : int
        Songs of one artist stand more than this many places apart: as asked for, or the most that was found.
    gap_is_largest : bool
        Whether it is certain that no larger gap, up to the one asked for, exists.
    """

    order: Int32
    artist_gap: int
    gap_is_largest: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """One list of m songs to order, in numbers 0 to m − 1."""

    pricing: Prices
    levels: Float32
    targets: Float32
    units: Float64
    has_arc: bool
    artists: ListArtists
    at_place: Int32
    gap: int
    random_state: int

    def prices(self, members: Int32, others: Int32) -> Float32:
        """Return the prices from songs to others."""
        return price_matrix(self.pricing, members, others)

    def share(self, smoothness: float) -> float:
        """Return what prices count at a smoothness; the rest is that of places."""
        return smoothness * (1.0 - _ARC_SHARE if self.has_arc else 1.0)

    def distances(self, members: Int32, places: slice) -> Float32:
        """Return how far songs are off at places, in units of a random order: float32 (n_members, n_places)."""
        return self._off(self.levels[members, None], self.targets[places])

    def _off(self, levels: Float32, targets: Float32) -> Float32:
        units = np.where(self.units > 0.0, self.units, np.inf) * max(len(self.units), 1)
        off: Float32 = (np.nan_to_num(np.abs(levels - targets)) / units.astype(np.float32)).sum(axis=-1)
        return off

    def problem(self, members: Int32, first: int, held: Int32, prices: Float32, smoothness: float) -> Problem:
        """Return what orders of some songs, at places from `first` on, are judged by; numbered as `members` are."""
        m, share = len(self.at_place), self.share(smoothness)
        places = np.zeros((0, 0), np.float32)
        if share < 1.0:
            places = self.distances(members, slice(first, first + len(members))) * np.float32((1.0 - share) / m)
        return Problem(
            prices,
            prices * np.float32(share / max(m - 1, 1)),
            places,
            nearest_songs(prices),
            self.artists.conflicts(members) if self.gap else np.zeros((0, 0), np.bool_),
            self.gap,
            held,
        )

    def median(self, order: Int32) -> float:
        """Return the median price of the transitions of an order."""
        return median_of(price_steps(self.pricing, order))

    def cost(self, order: Int32, smoothness: float) -> float:
        """Return the cost of an order."""
        share = self.share(smoothness)
        off = float(self._off(self.levels[order], self.targets).mean(dtype=np.float64))
        return share * float(price_steps(self.pricing, order).mean(dtype=np.float64)) + (1.0 - share) * off


def order_songs(
    pricing: Pricing,
    chosen: Int32,
    *,
    arc: Arc | None = None,
    smoothness: float = 0.5,
    places: dict[int, int] | None = None,
    artist_gap: int = 0,
    random_state: int = 0,
) -> Sequence:
    """Put songs in order.

    Parameters
    ----------
    pricing : Pricing
        Prices between the songs of the catalog.
    chosen : int32, shape (m,)
        Different song numbers, at most 10 000; the most wanted first.
    arc : Arc, optional
        How energy, tempo and positiveness are to rise and fall.
    smoothness : float
        From 0 (only the arc counts, or the order given) to 1; rounded to quarters, to halves in lists of
        more than 1000 songs.
    places : dict of int to int, optional
        Song numbers at fixed places, the first place being 0.
    artist_gap : int
        At least so many other songs between two songs of one artist, wherever that is possible.
    random_state : int
        Seed of the search in lists of more than eight songs.

    Returns
    -------
    Sequence
        The same for the same input.

    Raises
    ------
    InputError
        If a song is given twice, or more than 10 000 are.
    ParameterError
        If smoothness, gap or places are out of range.
    """
    chosen = np.ascontiguousarray(chosen, np.int32)
    _check(pricing.songs, chosen, smoothness, artist_gap)
    at_place = _fixed_places(chosen, places or {})
    artists = list_artists(pricing.songs, chosen)
    spacing = space_list(artists, np.arange(len(chosen), dtype=np.int32), at_place, artist_gap)
    if len(chosen) < 2:
        return Sequence(chosen.copy(), spacing.gap, spacing.is_certain)
    task = _read_task(pricing, chosen, arc or Arc(), artists, at_place, spacing.gap, random_state)
    descend = _descend if len(chosen) <= _WHOLE else _descend_by_stretches
    return Sequence(chosen[descend(task, spacing.order, smoothness)], spacing.gap, spacing.is_certain)


def _check(songs: Songs, chosen: Int32, smoothness: float, artist_gap: int) -> None:
    if len(chosen) > MOST:
        raise InputError(f"A list of at most {MOST} songs can be put in order. Got {len(chosen)}.")
    if len(chosen) and not 0 <= chosen.min() <= chosen.max() < songs.n_songs:
        raise InputError(
            f"Songs must be numbers from 0 to {songs.n_songs - 1}. Got {chosen.min()} to {chosen.max()}."
        )
    numbers, counts = np.unique(chosen, return_counts=True)
    if len(numbers) < len(chosen):
        twice = ", ".join(map(str, numbers[counts > 1][:3]))
        raise InputError(f"A song can stand in a list only once. Got twice or more: {twice}.")
    if not 0.0 <= smoothness <= 1.0:
        raise ParameterError(must_be("smoothness", "a float in [0, 1]", smoothness))
    if artist_gap < 0:
        raise ParameterError(must_be("artist_gap", "an int in [0, inf)", artist_gap))


def _fixed_places(chosen: Int32, places: dict[int, int]) -> Int32:
    """Return the song fixed at each place, in numbers of the list; −1 where free."""
    at_place = np.full(len(chosen), -1, np.int32)
    for place, song in places.items():
        found = np.flatnonzero(chosen == song)
        if not 0 <= place < len(chosen) or not found.size or found[0] in at_place:
            raise ParameterError(
                f"Fixed places must lie in [0, {len(chosen) - 1}] and hold different songs of the list."
                f" Got song {song} at place {place}."
            )
        at_place[place] = found[0]
    return at_place


def _read_task(
    pricing: Pricing, chosen: Int32, arc: Arc, artists: ListArtists, at_place: Int32, gap: int, random_state: int
) -> _Task:
    plan = plan_arc(arc, pricing.songs, chosen)
    levels, targets = plan.levels, plan.targets
    if not plan.names:
        levels = targets = mean_ranks(np.arange(len(chosen)))[:, None]
    return _Task(
        only_songs(pricing, chosen),
        levels,
        targets,
        mean_distances(levels, targets),
        bool(plan.names),
        artists,
        at_place,
        gap,
        random_state,
    )


def _descend(task: _Task, spaced: Int32, smoothness: float) -> Int32:
    """Order for smoothness 1, then for less and less; the median price never falls on the way."""
    m = len(spaced)
    n_steps = 4 if m <= _MIDDLE else 2
    everything = np.arange(m, dtype=np.int32)
    prices = task.prices(everything, everything)
    order, median = spaced, -1.0
    for step in range(n_steps, round(smoothness * n_steps) - 1, -1):
        problem = task.problem(everything, 0, task.at_place, prices, step / n_steps)
        starts = _starts(task, problem, [spaced, order])
        n_kicks = 2 * m if m <= SHORT and step == n_steps else m // 4
        order = improve(problem, order, starts, least_median=median, n_kicks=n_kicks, random_state=task.random_state)
        median = problem.median(order)
    return order


def _starts(task: _Task, problem: Problem, known: list[Int32]) -> list[Int32]:
    """Return the cheapest two orders to start from, one in long lists; all keep fixed places and the gap."""
    m = len(task.at_place)
    free = np.setdiff1d(np.arange(m), task.at_place)
    wishes: list[Int32] = []
    if free.size:
        spread = np.unique(np.linspace(0, len(free) - 1, 10 if m <= SHORT else 2).astype(np.int64))
        wishes += list(greedy_orders(problem, free[spread].astype(np.int32)))
    if len(problem.places):
        wishes += [_by_level(task, column) for column in range(task.levels.shape[1])]
    orders = known + [wish if problem.keeps_gap(wish) else _spaced(task, wish, known[0]) for wish in wishes]
    cheapest = np.argsort([problem.cost(order) for order in orders], kind="stable")
    return [orders[i] for i in cheapest[: 2 if m <= _MIDDLE else 1]]


def _by_level(task: _Task, column: int) -> Int32:
    """Return the free songs at the free places in the order of their levels: the best order for that level alone."""
    order = task.at_place.copy()
    places = np.flatnonzero(order < 0)
    songs = np.setdiff1d(np.arange(len(order)), order)
    levels = np.nan_to_num(task.levels[songs, column], nan=0.5)
    order[places[np.argsort(task.targets[places, column], kind="stable")]] = songs[np.argsort(levels, kind="stable")]
    return order


def _spaced(task: _Task, wish: Int32, otherwise: Int32) -> Int32:
    """Return an order near to a wish that keeps the gap."""
    if task.gap == 0:
        return wish
    spacing = space_list(task.artists, wish, task.at_place, task.gap)
    return spacing.order if spacing.gap == task.gap else otherwise


def _descend_by_stretches(task: _Task, spaced: Int32, smoothness: float) -> Int32:
    """Order a long list for smoothness 1, a half, and 0, down to the one asked for; the median price never falls."""
    order, median = spaced, -1.0
    for step in range(2, round(smoothness * 2) - 1, -1):
        starts = [_spaced(task, _long_greedy(task, step / 2), spaced), spaced, order]
        if task.share(step / 2) < 1.0:
            starts += [_spaced(task, _by_level(task, column), spaced) for column in range(task.levels.shape[1])]
        costs = [task.cost(start, step / 2) for start in starts]
        found = _improve_stretches(task, starts[int(np.argmin(costs))], step / 2)
        found_median = task.median(found)
        if found_median >= median:
            order, median = found, found_median
    return order


def _long_greedy(task: _Task, smoothness: float) -> Int32:
    """Return an order that takes the cheapest of many songs at each place; the gap is left for later."""
    order, share, m = task.at_place.copy(), task.share(smoothness), len(task.at_place)
    free = np.setdiff1d(np.arange(m), order).astype(np.int32)
    for place in range(m):
        if order[place] < 0:
            every = max(len(free) // _LOOKED_AT, 1)
            some = np.arange(place % every, len(free), every)
            costs = np.zeros(len(some), np.float32)
            if place and share > 0.0:
                costs += task.prices(order[place - 1 : place], free[some])[0] * np.float32(share / (m - 1))
            if share < 1.0:
                costs += task.distances(free[some], slice(place, place + 1))[:, 0] * np.float32((1.0 - share) / m)
            best = some[np.argmin(costs)]
            order[place] = free[best]
            free = np.delete(free, best)
    return order


def _improve_stretches(task: _Task, order: Int32, smoothness: float) -> Int32:
    """Order one stretch after the other; what stands within the gap on either side is held."""
    m, margin = len(order), max(task.gap, 1)
    order = order.copy()
    for first in range(0, m - _STRETCH // 2, _STRETCH // 2):
        low, high = max(first - margin, 0), min(first + _STRETCH + margin, m)
        members = order[low:high].copy()
        places = np.arange(low, high)
        is_held = (task.at_place[low:high] >= 0) | (places < first) | (places >= first + _STRETCH)
        given = np.arange(len(members), dtype=np.int32)
        prices = task.prices(members, members)
        problem = task.problem(members, low, np.where(is_held, given, -1).astype(np.int32), prices, smoothness)
        found = improve(
            problem, given, [given], least_median=-1.0, n_kicks=_STRETCH_KICKS, random_state=task.random_state
        )
        order[low:high] = members[found]
    return order
