"""The order of a playlist: local search.

A list of m songs is ordered over m places. ``order[place]`` is the song at a place, numbered 0 to m − 1 in the list.
The cost of an order is ``Σ steps[order[p], order[p + 1]] + Σ places[order[p], p]``. Only orders that keep fixed
places and the artist gap are ever looked at.
"""

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit

Bool = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]

SHORT = 200  # songs up to which all swaps are tried
LONGEST = 100  # places that one move touches, where every place of it has to be priced
LEAST_GAIN = 1e-9
_MOVES = 14  # for each song that another is tried beside


@jit
def settle(
    order: Int32,
    active: Bool,
    steps: Float32,
    places: Float32,
    near: Int32,
    fixed_before: Int32,
    conflicts: Bool,
    gap: int,
) -> None:
    """Improve an order in place until no move helps.

    Parameters
    ----------
    order : int32, shape (m,)
        Keeps fixed places and the gap; it still does afterwards, and never costs more.
    active : bool, shape (m,)
        Songs to look at; none is left afterwards.
    steps : float32, shape (m, m)
        Cost of each transition, symmetric.
    places : float32, shape (m, m) or (0, 0)
        Cost of each song at each place; empty if places cost nothing.
    near : int32, shape (m, n_near)
        For each song the songs to try beside it.
    fixed_before : int32, shape (m + 1,)
        How many places before a place are fixed.
    conflicts : bool, shape (m, m) or (0, 0)
        Whether two songs share an artist; empty if there is no gap.
    gap : int
        Songs of one artist stand more than this many places apart.

    Notes
    -----
    Moves: exchange of two neighboring blocks, either reversed or not (2-opt and Or-opt are cases of it), and swaps of
    two songs, which fixed places between them do not hinder. Songs are looked at again only where something changed.
    """
    m = len(order)
    place_of, room, spent = np.empty(m, np.int32), np.empty(m, np.int32), np.zeros(m + 1)
    n_trials = (near.shape[1] + 2) * _MOVES + (m if m <= SHORT else near.shape[1])
    is_found = True
    _renew(order, places, place_of, spent, 0)
    while is_found:
        is_found = False
        for song in range(m):
            while active[song]:
                active[song] = False
                for trial in range(n_trials):
                    lo, hi, seam, gain = _gain(
                        order, steps, places, near, fixed_before, (place_of, room, spent), song, trial
                    )
                    if gain > LEAST_GAIN and _is_done(order, room, conflicts, gap, lo, hi):
                        _renew(order, places, place_of, spent, lo)
                        for j in range(9):  # songs whose neighbors may have changed
                            place = (lo if j < 3 else hi if j < 6 else seam) + j % 3 - 1
                            if 0 <= place < m:
                                active[order[place]] = True
                        active[song] = is_found = True
                        break


@jit(inline=True)
def _gain(order, steps, places, near, fixed_before, state, song, trial):  # type: ignore[no-untyped-def]
    """Return the first and last place that a move changes, that where blocks meet then, and what it gains."""
    place_of, room, spent = state
    m, n_beside = len(order), (near.shape[1] + 2) * _MOVES
    lo, hi, seam, gain = 0, 0, 0, 0.0
    if trial < n_beside:
        lo, mid, hi, turned = _blocks(place_of, song, near, trial)
        longest = m if len(places) == 0 else LONGEST
        seam = lo + hi + 1 - mid
        if 0 <= lo < hi <= lo + longest and fixed_before[hi + 1] == fixed_before[lo]:
            gain = _gain_of_exchange(order, steps, places, room, spent, lo, mid, hi, turned)
    else:
        other = trial - n_beside if m <= SHORT else near[song, trial - n_beside]
        lo, hi = min(place_of[song], place_of[other]), max(place_of[song], place_of[other])
        seam = lo
        n_fixed = fixed_before[hi + 1] - fixed_before[hi] + fixed_before[lo + 1] - fixed_before[lo]
        if hi - lo >= 2 and n_fixed == 0:
            gain = _gain_of_swap(order, steps, places, room, spent, lo, hi)
    return lo, hi, seam, gain


@jit(inline=True)
def _renew(order, places, place_of, spent, first):  # type: ignore[no-untyped-def]
    """Note where songs stand, and what is spent at the places before each, from one place on."""
    for place in range(first, len(order)):
        place_of[order[place]] = place
        if len(places) > 0:
            spent[place + 1] = spent[place] + places[order[place], place]


@jit(inline=True)
def _blocks(place_of, song, near, trial):  # type: ignore[no-untyped-def]
    """Return blocks [lo, mid) and [mid, hi] to exchange, and 1 or 2 if the left or right one is to be reversed.

    The trials bring a song beside a near one, or to an end. Moves 0 and 1 reverse what lies between the two, with one
    of them. The others take a block of 1 to 3 songs that begins or ends with the song, and put it before or behind
    the other, turned so that the two are neighbors. `lo` is −1 where there is no such move.
    """
    choice, move = trial // _MOVES - 2, trial % _MOVES
    here, there = place_of[song], -1
    if choice >= 0:
        there = place_of[near[song, choice]]
    elif choice == -1:
        there = len(place_of)
    lo, mid, hi, turned = -1, 0, 0, 2
    if move < 2:
        lo = max(min(here, there) + 1 - move, 0)
        hi = min(max(here, there) - move, len(place_of) - 1)
        mid = lo
    else:
        size, ends_with, behind = (move - 2) // 4, move % 2, move // 2 % 2
        first = here - ends_with * size
        stop = first + 1 + size
        if there >= stop:
            lo, mid, hi, turned = first, stop, there - 1 + behind, 1 if ends_with == behind else 0
        elif there < first:
            lo, mid, hi, turned = there + behind, first, stop - 1, 2 if ends_with == behind else 0
    return (lo if mid <= hi < len(place_of) else -1), mid, min(hi, len(place_of) - 1), turned


@jit(inline=True)
def _gain_of_exchange(order, steps, places, room, spent, lo, mid, hi, turned):  # type: ignore[no-untyped-def]
    """Return what the exchange of two blocks gains, or something not above 0; `room` is what comes to stand there."""
    seam = lo + hi + 1 - mid
    first, last = (order[hi], order[mid]) if turned == 2 else (order[mid], order[hi])
    gain = spent[hi + 1] - spent[lo]
    if lo < mid:
        after, end = (order[mid - 1], order[lo]) if turned == 1 else (order[lo], order[mid - 1])
        gain += steps[order[mid - 1], order[mid]] - steps[last, after]
        last = end
    if lo > 0:
        gain += steps[order[lo - 1], order[lo]] - steps[order[lo - 1], first]
    if hi + 1 < len(order):
        gain += steps[order[hi], order[hi + 1]] - steps[last, order[hi + 1]]
    place = lo
    while gain > LEAST_GAIN and place <= hi:
        if place < seam:
            room[place] = order[hi - (place - lo)] if turned == 2 else order[mid + (place - lo)]
        else:
            room[place] = order[mid - 1 - (place - seam)] if turned == 1 else order[lo + (place - seam)]
        if len(places) > 0:
            gain -= places[room[place], place]
        place += 1
    return gain


@jit(inline=True)
def _gain_of_swap(order, steps, places, room, spent, lo, hi):  # type: ignore[no-untyped-def]
    """Return what the swap of two songs that are no neighbors gains; `room` is what comes to stand there."""
    a, b = order[lo], order[hi]
    gain = 0.0
    if lo > 0:
        gain += steps[order[lo - 1], a] - steps[order[lo - 1], b]
    if hi + 1 < len(order):
        gain += steps[order[hi + 1], b] - steps[order[hi + 1], a]
    gain += steps[order[lo + 1], a] - steps[order[lo + 1], b] + steps[order[hi - 1], b] - steps[order[hi - 1], a]
    if len(places) > 0:
        gain += spent[lo + 1] - spent[lo] - places[b, lo] + spent[hi + 1] - spent[hi] - places[a, hi]
    if gain > LEAST_GAIN:
        for place in range(lo + 1, hi):
            room[place] = order[place]
        room[lo], room[hi] = b, a
    return gain


@jit(inline=True)
def _is_done(order, room, conflicts, gap, lo, hi):  # type: ignore[no-untyped-def]
    """Put what is in `room` in place and the old order into `room`, unless that breaks the gap."""
    for place in range(lo, hi + 1):
        room[place], order[place] = order[place], room[place]
    holds = True
    if gap > 0:
        for place in range(max(lo - gap, 0), hi + 1):
            for later in range(max(place + 1, lo), min(place + gap, len(order) - 1) + 1):
                holds &= not conflicts[order[place], order[later]]
        if not holds:
            for place in range(lo, hi + 1):
                order[place] = room[place]
    return holds
