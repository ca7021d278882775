"""The search for the best order of a list whose prices fit into memory, or of a stretch of a longer one."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

import numpy as np
import numpy.typing as npt

from songscape.kernels.sequence import LEAST_GAIN, settle
from songscape.types import Float32, Int32

Bool = npt.NDArray[np.bool_]

EXACT = 8  # up to so many songs every order is weighed
_NEAR = 10  # songs that each is tried beside
_LONGEST_KICK = 30  # places that one random change of the search touches
_FORBIDDEN = np.float32(1e6)  # costs more than any order


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What the orders of m songs are judged by, in numbers 0 to m − 1.

    Attributes
    ----------
    prices : float32, shape (m, m)
        Prices of the transitions.
    steps : float32, shape (m, m)
        What they cost.
    places : float32, shape (m, m) or (0, 0)
        What each song costs at each place; empty if nothing.
    near : int32, shape (m, n_near)
        For each song those to try beside it.
    conflicts : bool, shape (m, m) or (0, 0)
        Whether two songs share an artist; empty if there is no gap.
    gap : int
        Songs of one artist stand more than this many places apart.
    at_place : int32, shape (m,)
        The song fixed at each place, −1 where free.
    """

    prices: Float32
    steps: Float32
    places: Float32
    near: Int32
    conflicts: Bool
    gap: int
    at_place: Int32

    @property
    def fixed_before(self) -> Int32:
        """How many places before a place are fixed, int32 (m + 1,)."""
        return np.concatenate([[0], np.cumsum(self.at_place >= 0)]).astype(np.int32)

    def cost(self, order: Int32) -> float:
        """Return the cost of an order."""
        total = float(self.steps[order[:-1], order[1:]].sum(dtype=np.float64))
        if len(self.places):
            total += float(self.places[order, np.arange(len(order))].sum(dtype=np.float64))
        return total

    def median(self, order: Int32) -> float:
        """Return the median price of the transitions."""
        return median_of(self.prices[order[:-1], order[1:]])

    def keeps_gap(self, order: Int32) -> bool:
        """Whether songs of one artist stand far enough apart in a list, or a stretch of it."""
        reach = min(self.gap, len(order) - 1)
        return not any(self.conflicts[order[:-apart], order[apart:]].any() for apart in range(1, reach + 1))


def median_of(prices: Float32) -> float:
    """Return the median; for a few dozen values `numpy.median` takes ten times as long."""
    ordered, n = np.sort(prices), len(prices)
    return float((ordered[(n - 1) // 2] + ordered[n // 2]) * np.float32(0.5))


def nearest_songs(prices: Float32) -> Int32:
    """Return for each song those to try beside it: the ten cheapest, int32 (m, n_near)."""
    m = len(prices)
    n_near = min(m - 1, _NEAR)
    others = prices.copy()
    np.fill_diagonal(others, np.inf)
    near = np.sort(np.argpartition(others, n_near - 1, axis=1)[:, :n_near], axis=1)
    ranked = np.argsort(np.take_along_axis(others, near, axis=1), axis=1, kind="stable")
    return np.take_along_axis(near, ranked, axis=1).astype(np.int32)


def greedy_orders(problem: Problem, firsts: Int32) -> Int32:
    """Return orders that take the cheapest song at each place, within the gap where any song is.

    Parameters
    ----------
    problem : Problem
    firsts : int32, shape (n,)
        The song at the first place of each order, unless that place or that song is fixed.

    Returns
    -------
    int32, shape (n, m)
    """
    m, rows = len(problem.at_place), np.arange(len(firsts))
    orders = np.empty((len(firsts), m), np.int32)
    taken = np.zeros((len(firsts), m), np.bool_)
    taken[:, problem.at_place[problem.at_place >= 0]] = True
    blocked = np.full((len(firsts), m), -1)  # the last place that a song is too near at
    for place, fixed in enumerate(problem.at_place):
        if fixed >= 0:
            chosen = np.full(len(firsts), fixed)
        else:
            costs = (
                problem.steps[orders[:, place - 1]]
                if place
                else np.where(np.arange(m) == firsts[:, None], -_FORBIDDEN, 0.0)
            )
            if len(problem.places):
                costs = costs + problem.places[:, place]
            if problem.gap:
                costs = costs + _FORBIDDEN * (blocked >= place)
            chosen = np.argmin(np.where(taken, np.inf, costs), axis=1)
        orders[:, place] = chosen
        taken[rows, chosen] = True
        if problem.gap:
            blocked[problem.conflicts[chosen]] = place + problem.gap
    return orders


def improve(
    problem: Problem, known: Int32, starts: list[Int32], *, least_median: float, n_kicks: int, random_state: int
) -> Int32:
    """Return the cheapest order found whose median price is high enough; never dearer than the known one.

    Parameters
    ----------
    problem : Problem
    known : int32, shape (m,)
        An order that keeps all: fixed places, the gap, the least median.
    starts : list of int32, shape (m,)
        Orders to start from; they keep fixed places and the gap.
    least_median : float
        The median price of the transitions may not be lower.
    n_kicks : int
        Random changes after the first local optima, each kept if what becomes of it costs no more.
    random_state : int
        Of these.

    Notes
    -----
    The search goes where orders are cheap, whatever their median, and keeps the cheapest allowed one that it meets.
    Where the cheapest of all is not allowed, it goes on from that one, among allowed orders only.
    """
    search = _Search(problem, known, least_median)
    for start in starts:
        search.offer(search.settled(start, np.ones(len(start), np.bool_)))
    if len(known) <= EXACT:
        return best_order(problem, search.best, least_median)
    rng = np.random.default_rng(random_state)
    search.kick(rng.random((n_kicks, 3)))
    if search.cost < search.least:
        search.only_allowed = True
        search.order, search.cost = search.best, search.least
        search.kick(rng.random((n_kicks, 3)))
    return search.best


def best_order(problem: Problem, known: Int32, least_median: float) -> Int32:
    """Return the cheapest of all orders that keep fixed places, the gap and a least median price.

    Parameters
    ----------
    problem : Problem
        Of at most `EXACT` songs.
    known : int32, shape (m,)
        One that does, returned if none costs less.
    least_median : float
    """
    orders = _all_orders(len(known))
    fixed = problem.at_place >= 0
    orders = orders[(orders[:, fixed] == problem.at_place[fixed]).all(axis=1)]
    costs = problem.steps[orders[:, :-1], orders[:, 1:]].sum(axis=1, dtype=np.float64)
    if len(problem.places):
        costs += problem.places[orders, np.arange(len(known))].sum(axis=1, dtype=np.float64)
    cheaper = np.flatnonzero(costs < problem.cost(known) - LEAST_GAIN)
    for order in orders[cheaper[np.argsort(costs[cheaper], kind="stable")]]:
        if problem.keeps_gap(order) and problem.median(order) >= least_median:
            return np.ascontiguousarray(order)
    return known


@lru_cache(maxsize=EXACT)
def _all_orders(m: int) -> Int32:
    return np.array(list(permutations(range(m))), np.int32)


class _Search:
    """Where a search stands (`order`, `cost`), and the best allowed order it has met (`best`, `least`)."""

    def __init__(self, problem: Problem, known: Int32, least_median: float) -> None:
        self.problem, self.least_median = problem, least_median
        self.fixed_before = problem.fixed_before
        self.best, self.least = known, problem.cost(known)
        self.order, self.cost = known, self.least
        self.only_allowed = False

    def settled(self, order: Int32, active: Bool) -> Int32:
        """Return the local optimum near an order."""
        order, problem = order.copy(), self.problem
        settle(
            order,
            active,
            problem.steps,
            problem.places,
            problem.near,
            self.fixed_before,
            problem.conflicts,
            problem.gap,
        )
        return order

    def offer(self, order: Int32) -> None:
        """Go to an order that costs no more; note it if it is the best that is allowed."""
        cost = self.problem.cost(order)
        if cost > self.cost and cost >= self.least:
            return
        is_allowed = self.problem.median(order) >= self.least_median
        if is_allowed and cost < self.least:
            self.best, self.least = order, cost
        if cost <= self.cost and (is_allowed or not self.only_allowed):
            self.order, self.cost = order, cost

    def kick(self, draws: npt.NDArray[np.float64]) -> None:
        """Exchange two random neighboring blocks, settle and offer what becomes of it; once for each draw."""
        m, gap = len(self.order), self.problem.gap
        for one, two, three in draws:
            lo = int(one * (m - 2))
            hi = lo + 2 + int(two * min(_LONGEST_KICK, m - lo - 2))
            mid = lo + 1 + int(three * (hi - lo))
            if self.fixed_before[hi + 1] > self.fixed_before[lo]:
                continue
            order = self.order.copy()
            order[lo : hi + 1] = np.concatenate([self.order[mid : hi + 1], self.order[lo:mid]])
            if gap and not self.problem.keeps_gap(order[max(lo - gap, 0) : hi + gap + 1]):
                continue
            active = np.zeros(m, np.bool_)
            seam = lo + hi + 1 - mid
            for cut in (lo, seam, hi + 1):
                active[order[max(cut - 1, 0) : cut + 1]] = True
            self.offer(self.settled(order, active))
