"""The integer program that finds a list under all limits wherever taking songs greedily comes to nothing.

What it may do is counted in work, not in seconds: the same request gives the same list on a slow machine too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from songscape.playlist.limits import Quotas
from songscape.playlist.pool import Pool, scaled
from songscape.types import Float64, Int64

PROGRAM_WORK = 2e7  # that integer programs may do for one list: entries of their matrices times nodes searched
_LEAST_NODES = 20  # what setting up and solving a program without branching counts as
_MOST_SONGS = 20_000  # in one program
_MOST_REFUSED = 30  # lists that no order would keep the gap in, before the search for another is given up
_INFEASIBLE = 2  # status of scipy.optimize.milp: there is no list


@dataclass(slots=True)
class Effort:
    """What a search may do, and what came of it.

    Attributes
    ----------
    exact : bool
        Whether integer programs decide where greedy taking fails.
    work : float
        What these may still do.
    is_certain : bool
        False once one of them was given up: then nothing found does not mean that there is nothing.
    """

    exact: bool
    work: float = PROGRAM_WORK
    is_certain: bool = True


def best_by_program(pool: Pool, quotas: Quotas, effort: Effort, refused: Sequence[Int64] = ()) -> Int64 | None:
    """Return the most relevant list that keeps all quotas and was not refused; None if none was found."""
    kept, proves = _needed(pool, quotas)
    effort.is_certain &= proves
    found = _solve(pool.only(kept), quotas, effort, [np.flatnonzero(np.isin(kept, one)) for one in refused])
    return None if found is None else kept[found]


def _needed(pool: Pool, quotas: Quotas) -> tuple[Int64, bool]:
    """Return the songs that a program must know, and whether not finding a list of them proves that there is none.

    Of songs that no limit tells apart only the best can be needed: as many as an artist may have, or a list has; more
    of them where durations count. And where these do not, of songs that differ by their artists alone: once there
    are so many without a common artist that no list can meet all of them, one of these would do for any song behind.
    """
    by_duration = pool.limits.seconds is not None
    most = quotas.per_artist * (20 if by_duration else 1)
    lengths = np.array([len(row) for row in pool.artists], np.int64)
    met_by_list = quotas.m + int(np.sort(lengths)[-quotas.m :].sum())
    cells = (2 * pool.third + pool.is_known).tolist()
    waiting, apart = set(cells), dict.fromkeys(cells, 0)
    met: set[tuple[int, int]] = set()
    counts: dict[tuple[object, ...], int] = {}
    keep = pool.is_fixed.copy()
    room = _MOST_SONGS - int(keep.sum())
    for i, (row, cell) in enumerate(zip(pool.artists, cells, strict=True)):
        if cell not in waiting:
            continue
        if room <= 0:  # the most relevant songs come first
            return np.flatnonzero(keep), False
        alike = (cell, *row)
        counts[alike] = counts.get(alike, 0) + 1
        if not keep[i] and counts[alike] <= (most if row else quotas.m * 20):
            keep[i] = True
            room -= 1
        if not by_duration and met.isdisjoint((cell, artist) for artist in row):
            met.update((cell, artist) for artist in row)
            apart[cell] += 1
            if apart[cell] > met_by_list:
                waiting.remove(cell)
                if not waiting:
                    break
    return np.flatnonzero(keep), True


def _solve(pool: Pool, quotas: Quotas, effort: Effort, refused: Sequence[Int64]) -> Int64 | None:
    """Return the songs of the best list, and note in `effort` whether None means that there is no list."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    n = len(pool.numbers)
    entries, lower, upper, n_columns = _constraints(pool, quotas, refused)
    nodes = int(effort.work // max(len(entries), 1)) - _LEAST_NODES
    if nodes <= 0 or len(refused) > _MOST_REFUSED:
        effort.is_certain = False
        return None
    rows, columns, values = (np.array(part) for part in zip(*entries, strict=True))
    matrix = csr_array((values, (rows, columns)), shape=(len(upper), n_columns))
    solved = milp(
        np.concatenate([-scaled(pool.scores), np.zeros(n_columns - n)]),
        integrality=np.ones(n_columns, np.int64),
        bounds=Bounds(np.concatenate([pool.is_fixed.astype(float), np.zeros(n_columns - n)]), 1.0),
        constraints=LinearConstraint(matrix, lower, upper),
        options={"node_limit": nodes, "mip_rel_gap": 0.01},
    )
    effort.work -= len(entries) * (_LEAST_NODES + (solved.get("mip_node_count") or 0))
    if solved.x is not None:
        return np.flatnonzero(solved.x[:n] > 0.5)
    effort.is_certain &= solved.status == _INFEASIBLE
    return None


def _constraints(
    pool: Pool, quotas: Quotas, refused: Sequence[Int64]
) -> tuple[list[tuple[int, int, float]], list[float], list[float], int]:
    """Return entries (row, column, value), the least and the most of each row, and the number of columns.

    A column for each song says whether it is in. Where only some artists may have the most songs, a column for each
    artist says whether that is one of them; a song counts for the first of its artists only, since artists that share
    their songs share places too.
    """
    n = len(pool.numbers)
    names = sorted({artist for row in pool.artists for artist in row})
    row_of = {artist: row for row, artist in enumerate(names)}
    has_full = quotas.n_full < quotas.m
    n_columns = n + (len(names) if has_full else 0)
    entries = [(row_of[artist], i, 1.0) for i, row in enumerate(pool.artists) for artist in row]
    upper = [float(quotas.per_artist)] * len(names)
    if has_full:
        entries += [(len(names) + row_of[row[0]], i, 1.0) for i, row in enumerate(pool.artists) if row]
        entries += [(len(names) + row, n + row, -1.0) for row in range(len(names))]
        upper += [float(quotas.per_artist - 1)] * len(names)
    lower = [-np.inf] * len(upper)
    limits: list[tuple[npt.ArrayLike, float, float, int]] = [
        (np.ones(n), quotas.m, quotas.m, 0),
        (pool.is_known, 0, quotas.known, 0),
    ]
    limits += [(pool.third == third, 0, quotas.mix[third], 0) for third in range(3)]
    if has_full:
        limits.append((np.ones(len(names)), 0, quotas.n_full, n))
    if pool.limits.seconds is not None:
        half = 0.5 * pool.median_seconds
        limits.append((pool.seconds, pool.limits.seconds - half, pool.limits.seconds + half, 0))
    limits += [(np.isin(np.arange(n), one), 0, len(one) - 1, 0) for one in refused]
    for values, least, most, first in limits:
        weights: Float64 = np.asarray(values, np.float64)
        entries += [(len(upper), first + int(i), float(weights[i])) for i in np.flatnonzero(weights)]
        lower.append(least)
        upper.append(most)
    return entries, lower, upper, n_columns
