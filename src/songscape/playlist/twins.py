"""Twins: songs that seem to be another one once more, though the catalog could not join the two for sure.

Two songs are twins if their titles are the same but for marks of versions, and nothing speaks for two songs: they
share an artist, the name of one main artist lies within that of the other ("Tom Petty", "Tom Petty and the
Heartbreakers"), or one of them has no main artist, or only an id in the place of its name.
"""

from collections.abc import Set
from functools import lru_cache

import numpy as np
import polars as pl

from songscape.playlist.songs import Ragged, Songs
from songscape.titles import artist_keys, bare_ids
from songscape.types import Int32


def twins_of(songs: Songs, some: Int32) -> Int32:
    """Return the twins of some songs, ascending, without these songs themselves.

    Parameters
    ----------
    songs : Songs
    some : int32, shape (n,)
        Song numbers.

    Returns
    -------
    int32, shape (n_twins,)
        None where nobody read the titles.

    Examples
    --------
    >>> import songscape
    >>> from songscape.playlist.reading import read_songs
    >>> artists = ["Bob Marley", "Bob Marley & The Wailers", "4tZwfgrHOc3mvqYlEYSvVi", "Pearl Jam"]
    >>> table = pl.DataFrame({"title": ["Jamming", "Jamming - Live", "Jamming", "Jamming"], "artist": artists})
    >>> tracks = songscape.read_catalog(table.with_columns(energy=pl.Series([0.1, 0.2, 0.3, 0.4]))).tracks
    >>> songs = read_songs(tracks, np.zeros((4, 1), np.float32), np.zeros((4, 2), np.float32))
    >>> twins_of(songs, np.array([0], np.int32)).tolist()
    [1, 2]
    """
    if songs.titles is None or len(some) == 0:
        return np.empty(0, np.int32)
    wanted = np.unique(songs.titles[some])
    wanted = wanted[wanted >= 0]
    same = songs.titles == wanted[0] if len(wanted) == 1 else np.isin(songs.titles, wanted)
    alike = np.flatnonzero(same).astype(np.int32)
    if len(alike) <= 1:
        return np.empty(0, np.int32)
    artists = {song: frozenset(songs.artists.of(song).tolist()) for song in alike.tolist()}
    names = dict(zip(alike.tolist(), _main_names(songs, alike), strict=True))
    by_title: dict[int, list[int]] = {}
    for song in alike.tolist():
        by_title.setdefault(int(songs.titles[song]), []).append(song)
    found = {
        other
        for song in some.tolist()
        for other in by_title.get(int(songs.titles[song]), ())
        if artists[song] & artists[other] or _may_be_one(names[song], names[other])
    }
    return np.array(sorted(found.difference(some.tolist())), np.int32)


def _main_names(songs: Songs, some: Int32) -> list[frozenset[str]]:
    """Return the words of the main artists' names; none where there is no name."""
    keys = _keys(songs.artists)
    return [frozenset(keys[i].split() if i >= 0 else ()) for i in songs.artists.firsts(some).tolist()]


@lru_cache(maxsize=2)  # for all artists at once: for a few it takes as long as for thousands
def _keys(artists: Ragged) -> list[str]:
    """Return the key of each artist's name; "" for a bare id."""
    names = pl.Series(artists.names, dtype=pl.String)
    keys = pl.select(pl.when(~bare_ids(pl.lit(names))).then(pl.lit(artist_keys(names))).fill_null("")).to_series()
    return keys.to_list()


def _may_be_one(name: Set[str], other: Set[str]) -> bool:
    return name <= other or other <= name
