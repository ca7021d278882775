"""The best order of a short playlist, by branch and bound."""

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit
from songscape.kernels.sequence import Sequencing, gap_holds, order_cost, place_cost

Int32 = npt.NDArray[np.int32]


@jit
def best_order(problem: Sequencing, order: Int32) -> Int32:
    """Return an order of least cost, by branch and bound over all that keep fixed places and the gap.

    Parameters
    ----------
    problem : Sequencing
        Of at most about ten songs: the time may grow as m!.
    order : int32, shape (m,)
        A good order, which keeps them; returned if none costs less.

    Notes
    -----
    Bound: each song not yet placed is entered from somewhere, at its least price at least; each place left costs what
    the song that suits it best costs there.
    """
    m = len(order)
    best, bound = order.copy(), order_cost(problem, order) - 1e-9
    entry, ahead = np.full(m, np.inf), np.zeros(m + 1)
    for song in range(m):
        for other in range(m):
            if other != song:
                entry[song] = min(entry[song], problem.step_weight * problem.prices[other, song])
    for place in range(m - 1, -1, -1):
        least = np.inf
        for song in range(m):
            least = min(least, place_cost(problem, song, place))
        ahead[place] = ahead[place + 1] + least
    path, used, spent = np.full(m, -1, np.int32), np.zeros(m, np.bool_), np.zeros(m + 1)
    place = 0
    while place >= 0:
        if path[place] >= 0:
            used[path[place]] = False
        song = path[place] + 1
        is_fixed = problem.fixed_before[place + 1] > problem.fixed_before[place]
        while song < m and (used[song] or (is_fixed and song != order[place])):
            song += 1
        if song >= m:
            path[place] = -1
            place -= 1
            continue
        path[place] = song
        used[song] = True
        cost = spent[place] + place_cost(problem, song, place)
        if place > 0:
            cost += problem.step_weight * problem.prices[path[place - 1], song]
        rest = ahead[place + 1]
        for other in range(m):
            if not used[other]:
                rest += entry[other]
        if cost + rest >= bound or not gap_holds(problem, path[: place + 1], place, place):
            continue
        spent[place + 1] = cost
        if place == m - 1:
            best[:] = path
            bound = cost - 1e-9
        else:
            place += 1
    return best
