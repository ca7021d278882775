"""The order of a playlist: cost of an order, and local search.

A list of m songs is ordered over m places. ``order[place]`` is the song at a place, numbered 0 to m − 1 in the list.
The cost of an order is ``step_weight · Σ prices[order[p], order[p + 1]] + Σ place_weights · |levels − targets|``.
Only orders that keep fixed places and the artist gap are ever looked at.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit

Bool = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

LONGEST_KICK = 30  # places that one random change of the search touches
SHORT = 200  # songs up to which all swaps are tried
LONGEST_MOVE = 1000  # places that one move touches, where every place of it has to be priced


class Sequencing(NamedTuple):
    """What an order is judged by.

    Attributes
    ----------
    prices : float32, shape (m, m)
        Price of each transition, ≥ 0, symmetric.
    step_weight : float
        What a price is multiplied by.
    levels, targets : float32, shape (m, n_levels)
        Level of each song (NaN: fits anywhere), and the level wished at each place.
    place_weights : float64, shape (n_levels,)
        What differences of level and target are multiplied by; all zero switches places off.
    indptr, artists : int64 (m + 1,), int32 (n_entries,)
        Artists of each song, as sparse rows.
    gap : int
        Songs of one artist stand more than this many places apart; 0 for no limit.
    fixed_before : int32, shape (m + 1,)
        How many places before a place are fixed.
    """

    prices: Float32
    step_weight: float
    levels: Float32
    targets: Float32
    place_weights: Float64
    indptr: Int64
    artists: Int32
    gap: int
    fixed_before: Int32


@jit
def place_cost(problem: Sequencing, song: int, place: int) -> float:
    """Return the cost of a song at a place."""
    total = 0.0
    for j in range(len(problem.place_weights)):
        off = problem.place_weights[j] * abs(problem.levels[song, j] - problem.targets[place, j])
        if off == off:
            total += off
    return total


@jit
def order_cost(problem: Sequencing, order: Int32) -> float:
    """Return the cost of an order, in float64."""
    total = 0.0
    for place in range(len(order)):
        total += place_cost(problem, order[place], place)
        if place > 0:
            total += problem.step_weight * problem.prices[order[place - 1], order[place]]
    return total


@jit
def gap_holds(problem: Sequencing, order: Int32, first: int, last: int) -> bool:
    """Return whether no artist comes again within the gap, at places that involve `first` to `last`."""
    for place in range(max(first - problem.gap, 0), last + 1):
        for later in range(max(place + 1, first), min(place + problem.gap, len(order) - 1) + 1):
            if _share_artist(problem.indptr, problem.artists, order[place], order[later]):
                return False
    return True


@jit
def _share_artist(indptr, artists, a, b):  # type: ignore[no-untyped-def]
    for one in range(indptr[a], indptr[a + 1]):
        for other in range(indptr[b], indptr[b + 1]):
            if artists[one] == artists[other]:
                return True
    return False


@jit
def follow_cheapest(problem: Sequencing, at_place: Int32, start: int) -> Int32:
    """Return the greedy order: at each place the song that costs least, within the gap where any song is.

    Parameters
    ----------
    problem : Sequencing
    at_place : int32, shape (m,)
        The song fixed at each place, −1 where free.
    start : int
        The song at the first place, unless that is fixed.
    """
    m = len(at_place)
    order = at_place.copy()
    free = np.ones(m, np.bool_)
    for place in range(m):
        if order[place] >= 0:
            free[order[place]] = False
    for place in range(m):
        if order[place] >= 0:
            continue
        best, chosen = np.inf, -1
        for song in range(m):
            if free[song]:
                cost = place_cost(problem, song, place)
                if place > 0:
                    cost += problem.step_weight * problem.prices[order[place - 1], song]
                elif song != start and free[start]:
                    continue
                for before in range(max(place - problem.gap, 0), place):
                    if _share_artist(problem.indptr, problem.artists, order[before], song):
                        cost += 1e9
                        break
                if cost < best:
                    best, chosen = cost, song
        order[place] = chosen
        free[chosen] = False
    return order


class _Search(NamedTuple):
    """The state of a local search.

    Attributes
    ----------
    order, place_of : int32, shape (m,)
        The song at each place, and the place of each song.
    spent : float64, shape (m + 1,)
        Cost of the songs at the places before a place.
    active : bool, shape (m,)
        Songs to look at.
    room : int32, shape (m,)
        To write in.
    """

    order: Int32
    place_of: Int32
    spent: Float64
    active: Bool
    room: Int32


@jit
def search_order(problem: Sequencing, order: Int32, near: Int32, n_kicks: int, seed: int) -> float:
    """Improve an order in place by local search with random kicks; return its cost.

    Parameters
    ----------
    problem : Sequencing
    order : int32, shape (m,)
        Keeps fixed places and the gap; it still does afterwards, and never costs more.
    near : int32, shape (m, n_near)
        For each song the songs to try beside it.
    n_kicks : int
        Random changes after the first local optimum, each kept if what becomes of it costs no more.
    seed : int
        Of the kicks.

    Notes
    -----
    Moves: exchange of two neighboring blocks, either reversed or not (2-opt and Or-opt are cases of it), and swaps of
    two songs, which fixed places between them do not hinder. Songs are looked at again only where something changed.
    """
    m = len(order)
    state = _Search(order, np.empty(m, np.int32), np.zeros(m + 1), np.ones(m, np.bool_), np.empty(m, np.int32))
    _renew(problem, state, 0, m - 1)
    kept, best = order.copy(), np.inf
    random = np.uint64(seed) * np.uint64(2) + np.uint64(1)
    for kick in range(1 + (n_kicks if m > 4 else 0)):
        if kick > 0:
            cuts = np.empty(3, np.int64)
            for j in range(3):
                random = random * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
                cuts[j] = np.int64(random >> np.uint64(33))
            lo = cuts[0] % (m - 2)
            hi = lo + 2 + cuts[1] % min(LONGEST_KICK, m - lo - 2)
            if not _exchange(problem, state, lo, lo + 1 + cuts[2] % (hi - lo), hi, 0, -np.inf):
                continue
        _settle(problem, state, near)
        cost = order_cost(problem, order)
        if cost <= best:
            best = cost
            kept[:] = order
        else:
            order[:] = kept
            _renew(problem, state, 0, m - 1)
    return best


@jit
def _renew(problem, state, first, last):  # type: ignore[no-untyped-def]
    """Note where songs stand and what is spent, from one place to another and all sums behind."""
    for place in range(first, len(state.order)):
        song = state.order[place]
        state.place_of[song] = place
        if len(problem.place_weights) > 0:
            state.spent[place + 1] = state.spent[place] + place_cost(problem, song, place)
        elif place >= last:
            break


@jit
def _settle(problem, state, near):  # type: ignore[no-untyped-def]
    """Try all moves of all active songs until none helps."""
    m = len(state.order)
    found = True
    while found:
        found = False
        for song in range(m):
            if state.active[song]:
                state.active[song] = False
                while _move_beside(problem, state, song, near[song]) or _move_away(problem, state, song, near[song]):
                    found = True


@jit
def _move_beside(problem, state, song, near):  # type: ignore[no-untyped-def]
    """Make the first move found that brings a song beside a near one, or to an end, and costs less.

    Moves 0 and 1 reverse what lies between the two, with one of them. The others take a block of 1 to 3 songs that
    begins or ends with the song, and put it before or behind the other, turned so that the two are neighbors.
    """
    m = len(state.order)
    for choice in range(-2, len(near)):
        here = state.place_of[song]
        there = -1 if choice == -2 else m if choice == -1 else state.place_of[near[choice]]
        left, right = min(here, there), max(here, there)
        for move in range(14):
            lo, mid, hi, turned = left + 1 - move, 0, right - move, 2
            if move < 2:
                lo, hi = max(lo, 0), min(hi, m - 1)
                mid = lo
            else:
                ends_with, behind = move % 2, move // 2 % 2
                first = here - ends_with * ((move - 2) // 4)
                stop = first + 1 + (move - 2) // 4
                is_turned = ends_with == behind
                if there >= stop:
                    lo, mid, hi, turned = first, stop, there - 1 + behind, 1 if is_turned else 0
                elif there < first:
                    lo, mid, hi, turned = there + behind, first, stop - 1, 2 if is_turned else 0
                else:
                    continue
            if 0 <= lo < hi < m and mid <= hi and _exchange(problem, state, lo, mid, hi, turned, 1e-9):
                return True
    return False


@jit
def _move_away(problem, state, song, near):  # type: ignore[no-untyped-def]
    """Swap a song with the first other found where that costs less: any other in short lists, else a near one."""
    m = len(state.order)
    for choice in range(m if m <= SHORT else len(near)):
        there = choice if m <= SHORT else state.place_of[near[choice]]
        here = state.place_of[song]
        if _swap(problem, state, min(here, there), max(here, there)):
            return True
    return False


@jit
def _source(lo, mid, hi, turned, place):  # type: ignore[no-untyped-def]
    """Return the place that a song comes from if the blocks [lo, mid) and [mid, hi] change sides.

    `turned` is 0, or 1 or 2 where the left or the right one is reversed as well.
    """
    n_right = hi + 1 - mid
    if place < lo + n_right:
        return hi - (place - lo) if turned == 2 else mid + (place - lo)
    from_left = place - lo - n_right
    return mid - 1 - from_left if turned == 1 else lo + from_left


@jit
def _exchange(problem, state, lo, mid, hi, turned, least_gain):  # type: ignore[no-untyped-def]
    """Exchange two blocks if fixed places and the gap allow it and it gains enough; return whether it was done."""
    order, prices, room = state.order, problem.prices, state.room
    m = len(order)
    if problem.fixed_before[hi + 1] > problem.fixed_before[lo]:
        return False
    seam = lo + hi + 1 - mid  # where the blocks meet afterwards
    gain = 0.0
    for cut in range(2 if lo == mid else 3):
        place = lo if cut == 0 else hi + 1 if cut == 1 else mid
        if 0 < place < m:
            gain += prices[order[place - 1], order[place]]
        place = seam if cut == 2 else place
        if 0 < place < m:
            before = place - 1 if cut == 0 else _source(lo, mid, hi, turned, place - 1)
            after = place if cut == 1 else _source(lo, mid, hi, turned, place)
            gain -= prices[order[before], order[after]]
    gain = problem.step_weight * gain + state.spent[hi + 1] - state.spent[lo]
    if gain <= least_gain or (len(problem.place_weights) > 0 and hi - lo > LONGEST_MOVE):
        return False
    for place in range(lo, hi + 1):
        room[place] = order[_source(lo, mid, hi, turned, place)]
        if len(problem.place_weights) > 0:
            gain -= place_cost(problem, room[place], place)
            if gain <= least_gain:
                return False
    for place in range(lo, hi + 1):
        room[place], order[place] = order[place], room[place]
    if problem.gap > 0 and not gap_holds(problem, order, lo, hi):
        for place in range(lo, hi + 1):
            order[place] = room[place]
        return False
    _renew(problem, state, lo, hi)
    for cut in range(3):
        place = lo if cut == 0 else hi + 1 if cut == 1 else seam
        for changed in range(max(place - 1, 0), min(place + 1, m)):
            state.active[order[changed]] = True
    return True


@jit
def _swap(problem, state, left, right):  # type: ignore[no-untyped-def]
    """Exchange two songs that are no neighbors, if that is allowed and costs less."""
    order, fixed, prices = state.order, problem.fixed_before, problem.prices
    if right - left < 2 or fixed[left + 1] > fixed[left] or fixed[right + 1] > fixed[right]:
        return False
    a, b = order[left], order[right]
    gain = state.spent[left + 1] - state.spent[left] + state.spent[right + 1] - state.spent[right]
    for apart in range(-1, 2, 2):
        if left + apart >= 0:
            gain += problem.step_weight * (prices[order[left + apart], a] - prices[order[left + apart], b])
        if right + apart < len(order):
            gain += problem.step_weight * (prices[order[right + apart], b] - prices[order[right + apart], a])
    if gain <= 1e-9:
        return False
    gain -= place_cost(problem, b, left) + place_cost(problem, a, right)
    if gain <= 1e-9:
        return False
    order[left], order[right] = b, a
    if problem.gap > 0 and not (gap_holds(problem, order, left, left) and gap_holds(problem, order, right, right)):
        order[left], order[right] = a, b
        return False
    _renew(problem, state, left, right)
    for apart in range(-1, 2):
        state.active[order[max(left + apart, 0)]] = True
        state.active[order[min(right + apart, len(order) - 1)]] = True
    return True
