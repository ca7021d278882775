"""Songs of one artist kept apart: an order that does it, found by depth-first search."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]


class Kinds(NamedTuple):
    """Songs by their artists: songs of one kind have the same ones.

    Attributes
    ----------
    indptr, artists : int64 (n_kinds + 1,), int32 (n_entries,)
        Artists of each kind, numbered from 0, as sparse rows.
    starts, songs : int64 (n_kinds + 1,), int32 (n_free,)
        The songs of each kind that may stand anywhere, ascending, as sparse rows.
    fixed : int32, shape (m,)
        The kind that is fixed at each place; −1 where free.
    """

    indptr: Int64
    artists: Int32
    starts: Int64
    songs: Int32
    fixed: Int32


@jit
def space_artists(kinds: Kinds, gap: int, max_nodes: int) -> tuple[Int32, int]:
    """Return an order in which no artist comes again within the gap.

    Parameters
    ----------
    kinds : Kinds
        Free songs are taken by their numbers, as far as the gap allows.
    gap : int
        Songs of one artist stand more than this many places apart.
    max_nodes : int
        How many places are looked at before the search gives up.

    Returns
    -------
    path : int32, shape (m,)
        The kind at each place.
    outcome : int
        1 found, 0 there is none, −1 given up.

    Notes
    -----
    The k-th song from an artist's last has to come at place m − 1 − k (gap + 1) or before. Where as many songs have
    such a deadline as there are places up to it, only they can come next; where more have, the search turns back.
    A song counts for its kind's first artist only: so nothing that exists is missed.
    """
    m, n_kinds = len(kinds.fixed), len(kinds.starts) - 1
    path, tried = np.full(m, -1, np.int32), np.full(m, -1, np.int64)
    taken = np.zeros(n_kinds, np.int64)
    left = _count_songs(kinds)
    place = 0
    for _ in range(max_nodes):
        if place < 0 or place == m:
            return path, 1 if place == m else 0
        if path[place] >= 0:  # come back from the next place: take the song out again
            taken[path[place]] -= kinds.fixed[place] < 0
            left[kinds.artists[kinds.indptr[path[place]]]] += 1
            path[place] = -1
        limit = _tight_deadline(left, m, place, gap)
        best, chosen = m, -1
        for kind in range(n_kinds):
            key = 0
            if kinds.fixed[place] < 0:
                entry = kinds.starts[kind] + taken[kind]
                if entry >= kinds.starts[kind + 1]:
                    continue
                key = kinds.songs[entry]
            elif kinds.fixed[place] != kind:
                continue
            if tried[place] < key < best and _fits(kinds, kind, path, left, place, gap, limit):
                best, chosen = key, kind
        if chosen < 0:
            tried[place] = -1
            place -= 1
            continue
        tried[place], path[place] = best, chosen
        taken[chosen] += kinds.fixed[place] < 0
        left[kinds.artists[kinds.indptr[chosen]]] -= 1
        place += 1
    return path, 1 if place == m else -1


@jit
def _count_songs(kinds):  # type: ignore[no-untyped-def]
    """Return how many songs each artist is the first artist of."""
    left = np.zeros(kinds.artists.max() + 1, np.int64)
    for kind in range(len(kinds.starts) - 1):
        left[kinds.artists[kinds.indptr[kind]]] += kinds.starts[kind + 1] - kinds.starts[kind]
    for kind in kinds.fixed:
        if kind >= 0:
            left[kinds.artists[kinds.indptr[kind]]] += 1
    return left


@jit
def _tight_deadline(left, m, place, gap):  # type: ignore[no-untyped-def]
    """Return the first deadline by which every place is needed; −1 if too few places are left before one."""
    due = np.zeros(m, np.int64)
    for artist in range(len(left)):
        for k in range(left[artist]):
            deadline = m - 1 - k * (gap + 1)
            if deadline < place:
                return -1
            due[deadline] += 1
    waiting = 0
    for deadline in range(place, m):
        waiting += due[deadline]
        if waiting > deadline + 1 - place:
            return -1
        if waiting == deadline + 1 - place:
            return deadline
    return m - 1


@jit
def _fits(kinds, kind, path, left, place, gap, limit):  # type: ignore[no-untyped-def]
    """Return whether a kind may come at a place: in time, and not too near to what stands or is fixed there."""
    first, stop = kinds.indptr[kind], kinds.indptr[kind + 1]
    if len(path) - 1 - (left[kinds.artists[first]] - 1) * (gap + 1) > limit:
        return False
    for other_place in range(max(place - gap, 0), min(place + gap + 1, len(path))):
        other = path[other_place] if other_place < place else kinds.fixed[other_place]
        if other >= 0 and other_place != place:
            for entry in range(first, stop):
                for known in range(kinds.indptr[other], kinds.indptr[other + 1]):
                    if kinds.artists[entry] == kinds.artists[known]:
                        return False
    return True
