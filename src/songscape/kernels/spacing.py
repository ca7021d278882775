"""Songs of one artist kept apart: an order that does it, found by depth-first search.

The k-th song from an artist's last has to come at place m − 1 − k (gap + 1) or before. Where as many songs have such
a deadline as there are places up to it, only they can come next; where more have, the search turns back. A song
counts for its kind's first artist only: so nothing that exists is missed.
"""

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]


@jit
def space_artists(
    indptr: Int64,
    artists: Int32,
    starts: Int64,
    songs: Int32,
    fixed: Int32,
    left: Int64,
    gap: int,
    by_need: bool,
    max_nodes: int,
) -> tuple[Int32, int]:
    """Return an order in which no artist comes again within the gap.

    Parameters
    ----------
    indptr, artists : int64 (n_kinds + 1,), int32 (n_entries,)
        Artists of each kind of song, numbered from 0, as sparse rows: songs of one kind have the same artists.
    starts, songs : int64 (n_kinds + 1,), int32 (n_free,)
        The songs of each kind that may stand anywhere, ascending, as sparse rows. They are taken by their numbers, as
        far as the gap allows.
    fixed : int32, shape (m,)
        The kind that is fixed at each place; −1 where free.
    left : int64, shape (n_artists,)
        How many songs, of kinds that each artist is the first of, have no place yet. It is overwritten.
    gap : int
        Songs of one artist stand more than this many places apart.
    by_need : bool
        Whether the kind whose first artist has most songs left comes first, not the song with the least number.
    max_nodes : int
        How many places are looked at before the search gives up.

    Returns
    -------
    path, outcome : int32 (m,), int
        The kind at each place; and 1 found, 0 there is none, −1 given up.
    """
    m, n_kinds = len(fixed), len(starts) - 1
    path, tried = np.full(m, -1, np.int32), np.full(m, -1, np.int64)
    taken, place = np.full(n_kinds, 0, np.int64), 0
    seen = np.full(len(left), -1, np.int64)  # the last node at which an artist stood within the gap
    for node in range(max_nodes):
        if place < 0 or place == m:
            break
        if path[place] >= 0:  # come back from the next place: take the song out again
            taken[path[place]] -= fixed[place] < 0
            left[artists[indptr[path[place]]]] += 1
            path[place] = -1
        _mark(indptr, artists, path, fixed, place, gap, seen, node)
        best, chosen = -1, -1
        limit = _tight_deadline(left, m, place, gap)
        for kind in range(n_kinds):
            fits = m - 1 - (left[artists[indptr[kind]]] - 1) * (gap + 1) <= limit
            for entry in range(indptr[kind], indptr[kind + 1]):
                fits &= seen[artists[entry]] < node
            key = _key(starts, songs, taken, kind)
            if fixed[place] >= 0:
                key = 0 if fixed[place] == kind else -1
            elif by_need and key >= 0:
                key = (m - left[artists[indptr[kind]]]) * n_kinds + kind
            if fits and key > tried[place] and (chosen < 0 or key < best):
                best, chosen = key, kind
        if chosen < 0:
            tried[place] = -1
            place -= 1
        else:
            tried[place], path[place] = best, chosen
            taken[chosen] += fixed[place] < 0
            left[artists[indptr[chosen]]] -= 1
            place += 1
    return path, 1 if place == m else 0 if place < 0 else -1


@jit(inline=True)
def _key(starts, songs, taken, kind):  # type: ignore[no-untyped-def]
    """Return the number of the next song of a kind; −1 if all are taken."""
    entry = starts[kind] + taken[kind]
    return songs[entry] if entry < starts[kind + 1] else -1


@jit(inline=True)
def _mark(indptr, artists, path, fixed, place, gap, seen, node):  # type: ignore[no-untyped-def]
    """Note at which node the artists were seen that stand, or are fixed, too near to a place."""
    for other in range(max(place - gap, 0), min(place + gap + 1, len(fixed))):
        kind = path[other] if other < place else fixed[other]
        if kind >= 0 and other != place:
            for entry in range(indptr[kind], indptr[kind + 1]):
                seen[artists[entry]] = node


@jit(inline=True)
def _tight_deadline(left, m, place, gap):  # type: ignore[no-untyped-def]
    """Return the first deadline by which every place is needed; −1 if too few places are left before one."""
    due = np.full(m, 0, np.int64)
    limit = m - 1
    for artist in range(len(left)):
        for k in range(left[artist]):
            deadline = m - 1 - k * (gap + 1)
            if deadline < place:
                limit = -1
                break
            due[deadline] += 1
    waiting = 0
    for deadline in range(place, m):
        waiting += due[deadline]
        if limit == m - 1 and waiting >= deadline + 1 - place:
            limit = deadline if waiting == deadline + 1 - place else -1
    return limit
