"""Twins: songs that seem to be another one once more, though the catalog could not join the two for sure.

Two songs are twins if their titles are the same but for marks of versions, and nothing speaks for two songs: they
share an artist, the name of one main artist lies within that of the other ("Tom Petty", "Tom Petty and the
Heartbreakers"), or one of them has no main artist, or only an id in the place of its name.
"""

from collections.abc import Set

import numpy as np
import polars as pl

from songscape.playlist.songs import Songs
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
    alike = np.flatnonzero(np.isin(songs.titles, wanted[wanted >= 0])).astype(np.int32)
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
    firsts = songs.artists.firsts(some)
    told = pl.Series([songs.artists.names[i] if i >= 0 else None for i in firsts.tolist()], dtype=pl.String)
    named = pl.select(pl.when(~bare_ids(pl.lit(told))).then(pl.lit(artist_keys(told)))).to_series()
    return [frozenset((name or "").split()) for name in named.to_list()]


def _may_be_one(name: Set[str], other: Set[str]) -> bool:
    return name <= other or other <= name
