"""What playlists need of an atlas, made once and kept with it."""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from songscape.playlist.content import Content, prepare_content
from songscape.playlist.finding import Finder
from songscape.playlist.formats import PlaylistItem, TrackIndex, index_tracks
from songscape.playlist.reading import read_songs
from songscape.playlist.songs import Songs
from songscape.playlist.transitions import Pricing, calibrate_prices
from songscape.types import Int32

if TYPE_CHECKING:
    from songscape.atlas.record import Atlas

_NAME = "library"
_SHOWN = ("id", "title", "artists", "album", "year", "duration", "explicit")


class Library:
    """An atlas made ready for playlists: each piece is made when it is first asked for.

    Get it by `library_of`. Songs are numbered as in ``version_family``, rows are those of ``tracks.parquet``.
    """

    def __init__(self, atlas: "Atlas") -> None:
        self.atlas = atlas

    @cached_property
    def table(self) -> pl.DataFrame:
        """The tracks with place, cluster and groups: what filters may ask for."""
        return self.atlas.table()

    @cached_property
    def song_of(self) -> Int32:
        """The song of each track, int32 (n_tracks,)."""
        return self.atlas.song_of

    @cached_property
    def songs(self) -> Songs:
        """The songs as arrays."""
        return read_songs(self.atlas.catalog.tracks, self.atlas.X, self.atlas.embedding)

    @cached_property
    def content(self) -> Content:
        """The songs prepared for scoring."""
        return prepare_content(self.songs)

    @cached_property
    def pricing(self) -> Pricing:
        """Prices between the songs."""
        return calibrate_prices(self.songs)

    @cached_property
    def finder(self) -> Finder:
        """Finds tracks and artists by name."""
        return Finder(self.atlas.catalog.tracks)

    @cached_property
    def index(self) -> TrackIndex:
        """Finds the tracks of playlist files."""
        return index_tracks(self.atlas.catalog.tracks)

    @cached_property
    def near(self) -> Int32:
        """The nearest other songs of each song, int32 (n_songs, k)."""
        return np.ascontiguousarray(self.song_of[self.atlas.neighbors.indices[self.songs.rows]])

    def item(self, row: int) -> PlaylistItem:
        """Return a track as an item of a playlist file."""
        found = {name: column[row] for name, column in self._shown.items()}
        return PlaylistItem(
            title=found["title"] or "",
            artists=() if found["artists"] is None else tuple(found["artists"]),
            id=found["id"],
            album=found["album"] or "",
            duration=found["duration"],
            year=None if found["year"] is None else int(found["year"]),
            explicit=None if found["explicit"] is None else bool(found["explicit"]),
        )

    @cached_property
    def _shown(self) -> dict[str, pl.Series]:
        return {name: self.table[name] for name in _SHOWN}  # one value of a column comes at once, a row does not


def library_of(atlas: "Atlas") -> Library:
    """Return the library of an atlas, the same each time."""
    found = atlas.kept.get(_NAME)
    if not isinstance(found, Library):
        found = atlas.kept[_NAME] = Library(atlas)
    return found
