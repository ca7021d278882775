"""How far apart songs of one artist can stand in a list, and an order that keeps them so."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from songscape.kernels.spacing import space_artists
from songscape.playlist.songs import Songs
from songscape.types import Int32, Int64

_NODES = 30  # places looked at for each song of the list, at least
_LEAST_NODES = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class ListArtists:
    """The artists of the songs of a list.

    Attributes
    ----------
    indptr, artists : int64 (m + 1,), int32 (n_entries,)
        Artists of each song of the list, as sparse rows: numbered from 0 by the falling number of their songs,
        ascending in each row. A song of nobody known has an artist of its own.
    """

    indptr: Int64
    artists: Int32

    def of(self, song: int) -> Int32:
        """Return the artists of a song, the most frequent first."""
        return self.artists[self.indptr[song] : self.indptr[song + 1]]

    def counts(self) -> Int64:
        """Return how many songs of the list each artist has a part in."""
        return np.bincount(self.artists).astype(np.int64)

    def conflicts(self, members: Int32) -> npt.NDArray[np.bool_]:
        """Return whether songs share an artist: bool (n, n) for n of the songs of the list."""
        rows = [self.of(song) for song in members]
        holders: dict[int, list[int]] = {}
        for i, row in enumerate(rows):
            for artist in row.tolist():
                holders.setdefault(artist, []).append(i)
        shared = np.zeros((len(members), len(members)), np.bool_)
        for songs in holders.values():
            if len(songs) > 1:
                shared[np.ix_(songs, songs)] = True
        return shared


class Kinds(NamedTuple):
    """Songs by their artists, as `space_artists` takes them: songs of one kind have the same ones."""

    indptr: Int64
    artists: Int32
    starts: Int64
    songs: Int32
    fixed: Int32


@dataclass(frozen=True, slots=True, eq=False)
class Spacing:
    """An order in which songs of one artist stand apart.

    Attributes
    ----------
    order : int32, shape (m,)
        Songs by their places in the list.
    gap : int
        Songs of one artist stand more than this many places apart.
    is_certain : bool
        Whether no larger gap up to the one asked for exists; False if the search for one was given up.
    """

    order: Int32
    gap: int
    is_certain: bool


def list_artists(songs: Songs, chosen: Int32) -> ListArtists:
    """Return the artists of the songs of a list."""
    rows = [np.unique(songs.artists.of(song)) for song in chosen]
    nobody = len(songs.artists.names)
    rows = [row if row.size else np.array([nobody + i]) for i, row in enumerate(rows)]
    entries = np.concatenate([*rows, np.zeros(0, np.int64)]).astype(np.int64)
    _, numbers, counts = np.unique(entries, return_inverse=True, return_counts=True)
    by_count = np.argsort(np.argsort(-counts, kind="stable"), kind="stable")
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    artists = by_count[numbers].astype(np.int32)
    for i in range(len(rows)):
        artists[indptr[i] : indptr[i + 1]].sort()
    return ListArtists(indptr, artists)


def largest_gap(counts: Int64, m: int) -> int:
    """Return a gap that no list of m songs can exceed, if artists have these many songs each.

    An artist's c songs need (c − 1)(gap + 1) + 1 places.

    Examples
    --------
    >>> largest_gap(np.array([3, 1]), 7), largest_gap(np.array([1, 1]), 2)
    (2, 1)
    """
    most = int(counts.max(initial=1))
    return (m - 1) // (most - 1) - 1 if most > 1 else max(m - 1, 0)


def space_list(artists: ListArtists, wish: Int32, at_place: Int32, gap: int) -> Spacing:
    """Return an order near to a wished one that keeps artists apart: as far as asked for, else as far as can be.

    Parameters
    ----------
    artists : ListArtists
    wish : int32, shape (m,)
        Songs of the list in the order that one would like.
    at_place : int32, shape (m,)
        The song fixed at each place, −1 where free.
    gap : int
        Songs of one artist are to stand more than this many places apart.

    Returns
    -------
    Spacing
        With the gap asked for, or the largest one found.
    """
    m = len(wish)
    is_certain = True
    kinds = _kinds(artists, wish, at_place)
    of_kinds = np.diff(kinds.starts) + np.bincount(kinds.fixed[kinds.fixed >= 0], minlength=len(kinds.starts) - 1)
    firsts = kinds.artists[kinds.indptr[:-1]]
    left = np.bincount(firsts, of_kinds, minlength=int(artists.artists.max(initial=-1)) + 1).astype(np.int64)
    most = min(gap, largest_gap(artists.counts(), m), _gap_of_fixed(artists, at_place))
    for tried in range(most, 0, -1):
        for by_need in (False, True):
            path, outcome = space_artists(*kinds, left.copy(), tried, by_need, max(_LEAST_NODES, _NODES * m))
            if outcome >= 0:
                break
        if outcome == 1:
            return Spacing(_songs_of(path, kinds, wish, at_place), tried, is_certain)
        is_certain &= outcome == 0
    order = at_place.copy()
    order[at_place < 0] = wish[~np.isin(wish, at_place)]
    return Spacing(order, 0, is_certain)


def _gap_of_fixed(artists: ListArtists, at_place: Int32) -> int:
    """Return how many places lie at least between two songs of one artist that are fixed."""
    last: dict[int, int] = {}
    least = len(at_place)
    for place in np.flatnonzero(at_place >= 0).tolist():
        for artist in artists.of(at_place[place]).tolist():
            least = min(least, place - last.get(artist, -len(at_place) - 1) - 1)
            last[artist] = place
    return least


def _kinds(artists: ListArtists, wish: Int32, at_place: Int32) -> Kinds:
    """Return the songs by their artists; songs are numbered by their places in the wish."""
    rows: dict[tuple[int, ...], int] = {}
    kind_of = np.array([rows.setdefault(tuple(artists.of(song).tolist()), len(rows)) for song in wish], np.int32)
    place_in_wish = np.empty(len(wish), np.int32)
    place_in_wish[wish] = np.arange(len(wish), dtype=np.int32)
    is_fixed = at_place >= 0
    fixed = np.full(len(wish), -1, np.int32)
    fixed[is_fixed] = kind_of[place_in_wish[at_place[is_fixed]]]
    free = np.flatnonzero(~np.isin(wish, at_place)).astype(np.int32)
    free = free[np.argsort(kind_of[free], kind="stable")]
    starts = np.concatenate([[0], np.cumsum(np.bincount(kind_of[free], minlength=len(rows)))]).astype(np.int64)
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    return Kinds(indptr, np.array([artist for row in rows for artist in row], np.int32), starts, free, fixed)


def _songs_of(path: Int32, kinds: Kinds, wish: Int32, at_place: Int32) -> Int32:
    """Return the songs behind a path of kinds: each kind's free songs in the order of the wish."""
    order = at_place.copy()
    following = kinds.starts[:-1].copy()
    for place in np.flatnonzero(at_place < 0):
        order[place] = wish[kinds.songs[following[path[place]]]]
        following[path[place]] += 1
    return order
