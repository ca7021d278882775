"""The order of a playlist: smooth transitions, an arc, fixed places, artists kept apart.

An order's cost is ``λ · mean price + (1 − λ) · mean distance from its place``, both in units of a random order. The
distance is that of the arc; without an arc it is that of the order in which the songs were given (best first), so
that smoothness 0 leaves a list as it came. λ is the smoothness, times 0.9 where an arc is to be followed.

More smoothness never raises the median transition price, and not by luck: the list is ordered for smoothness 1 first,
then for one step of the scale less after the other, down to the one asked for. An order whose median price is lower
than that of the smoother one before it is passed over, and the smoother one kept: the median never falls on the way.

Lists of up to nine songs are ordered exactly (branch and bound). Longer ones start from greedy orders and the order
before, and are improved by a local search with random kicks; the result never costs more than any of its starts.
"""

from dataclasses import dataclass

import numpy as np

from songscape.errors import InputError, ParameterError, must_be
from songscape.kernels.exact_order import best_order
from songscape.kernels.sequence import (
    Sequencing,
    follow_cheapest,
    gap_holds,
    order_cost,
    search_order,
)
from songscape.playlist.arcs import Arc, mean_distances, mean_ranks, plan_arc
from songscape.playlist.songs import Songs
from songscape.playlist.spacing import ListArtists, list_artists, space_list
from songscape.playlist.transitions import Pricing, price_matrix
from songscape.types import Float32, Float64, Int32

EXACT = 9  # up to so many songs every order is weighed
MOST = 10_000  # more songs are no playlist, and their prices no longer fit into memory
_ARC_SHARE = 0.1  # what an arc counts at smoothness 1
_SMALL, _MIDDLE = 200, 1000  # songs up to which the search is thorough, and up to which smoothness has five steps


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
    """One list to order, in numbers 0 to m − 1."""

    prices: Float32
    levels: Float32
    targets: Float32
    units: Float64
    has_arc: bool
    artists: ListArtists
    at_place: Int32
    gap: int
    random_state: int

    def problem(self, smoothness: float) -> Sequencing:
        """Return what orders are judged by at a smoothness."""
        m = len(self.at_place)
        share = smoothness * (1.0 - _ARC_SHARE if self.has_arc else 1.0)
        scale = np.where(self.units > 0.0, self.units, np.inf) * m * max(len(self.units), 1)
        is_placed = share < 1.0
        return Sequencing(
            self.prices,
            share / max(m - 1, 1),
            self.levels if is_placed else self.levels[:, :0].copy(),
            self.targets if is_placed else self.targets[:, :0].copy(),
            (1.0 - share) / scale if is_placed else np.zeros(0),
            self.artists.indptr,
            self.artists.artists,
            self.gap,
            np.concatenate([[0], np.cumsum(self.at_place >= 0)]).astype(np.int32),
        )


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
        Seed of the search in lists of more than nine songs.

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
    return Sequence(chosen[_descend(task, spacing.order, smoothness)], spacing.gap, spacing.is_certain)


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
        price_matrix(pricing, chosen),
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
    near = _near(task.prices)
    order, median = spaced, -1.0
    for step in range(n_steps, round(smoothness * n_steps) - 1, -1):
        problem = task.problem(step / n_steps)
        starts = _starts(task, problem, [spaced, order])
        n_kicks = (2 * m if step == n_steps else m // 4) if m <= _SMALL else m // 4
        found = _improve(problem, starts, near, n_kicks, task.random_state)
        found_median = float(np.median(task.prices[found[:-1], found[1:]]))
        if found_median >= median:
            order, median = found, found_median
    return order


def _near(prices: Float32) -> Int32:
    """Return for each song those to try beside it: the ten cheapest."""
    m = len(prices)
    n_near = min(m - 1, 10)
    near = np.empty((m, n_near), np.int32)
    for song in range(m):
        row = prices[song].copy()
        row[song] = np.inf
        first = np.argpartition(row, n_near - 1)[:n_near]
        near[song] = first[np.lexsort((first, row[first]))]
    return near


def _starts(task: _Task, problem: Sequencing, known: list[Int32]) -> list[Int32]:
    """Return orders to start from, the cheapest first; all keep fixed places and the gap."""
    m = len(task.at_place)
    firsts = np.unique(np.linspace(0, m - 1, 10 if m <= _SMALL else 2, dtype=np.int32))
    wishes = [follow_cheapest(problem, task.at_place, first) for first in firsts]
    wishes += [_by_level(task, column) for column in range(problem.levels.shape[1])]
    orders = known + [_spaced(task, problem, wish, known[0]) for wish in wishes]
    costs = [order_cost(problem, order) for order in orders]
    return [orders[i] for i in np.argsort(costs, kind="stable")]


def _by_level(task: _Task, column: int) -> Int32:
    """Return the free songs at the free places in the order of their levels: the best order for that level alone."""
    order = task.at_place.copy()
    places = np.flatnonzero(order < 0)
    songs = np.setdiff1d(np.arange(len(order)), order)
    levels = np.nan_to_num(task.levels[songs, column], nan=0.5)
    order[places[np.argsort(task.targets[places, column], kind="stable")]] = songs[np.argsort(levels, kind="stable")]
    return order


def _spaced(task: _Task, problem: Sequencing, wish: Int32, otherwise: Int32) -> Int32:
    """Return an order near to a wish that keeps the gap."""
    if task.gap == 0 or gap_holds(problem, wish, 0, len(wish) - 1):
        return wish
    spacing = space_list(task.artists, wish, task.at_place, task.gap)
    return spacing.order if spacing.gap == task.gap else otherwise


def _improve(problem: Sequencing, starts: list[Int32], near: Int32, n_kicks: int, random_state: int) -> Int32:
    """Return the best order that a search from the first starts comes to."""
    m = len(starts[0])
    best, least = starts[0], np.inf
    for start in starts[: 2 if m <= _MIDDLE else 1]:
        order = start.copy()
        cost = search_order(problem, order, near, 0, random_state)
        if cost < least:
            best, least = order, cost
    if m <= EXACT:
        return best_order(problem, best)
    search_order(problem, best, near, n_kicks, random_state)
    return best
