"""What playlists need of an atlas, made once and kept with it."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy.typing as npt
import polars as pl

from songscape.atlas.files import SONGS
from songscape.playlist.conditions import Columns
from songscape.playlist.content import Content, prepare_content
from songscape.playlist.finding import Finder
from songscape.playlist.formats import PlaylistItem, TrackIndex, index_tracks
from songscape.playlist.hubs import with_hubs
from songscape.playlist.prepared import Prepared, pack_content, prepared_of
from songscape.playlist.reading import read_songs
from songscape.playlist.songs import Songs
from songscape.playlist.transitions import Pricing, calibrate_prices
from songscape.playlist.where import Where
from songscape.types import Groups, Int32

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

    @property
    def tracks(self) -> pl.DataFrame:
        """The catalog's tracks."""
        return self.atlas.catalog.tracks

    @property
    def cards(self) -> dict[str, list[dict[str, Any]]]:
        """The cards of the groups at each scale."""
        return self.atlas.cards

    @property
    def groups(self) -> Groups:
        """The groups, one row a song."""
        return self.atlas.groups

    def matching(self, where: Where) -> int:
        """Return how many tracks of the catalog meet a filter."""
        return int(where.mask(self.columns).sum())

    def unknown(self, column: str) -> int:
        """Return for how many tracks of the catalog a column is unknown."""
        return self.table[column].null_count()

    @cached_property
    def table(self) -> pl.DataFrame:
        """The tracks with place, cluster and groups: what filters may ask for."""
        return self.atlas.table()

    @cached_property
    def columns(self) -> Columns:
        """The same table as filters see it: texts are made plain once."""
        return Columns(self.table)

    @cached_property
    def song_of(self) -> Int32:
        """The song of each track, int32 (n_tracks,)."""
        return self.atlas.song_of

    @cached_property
    def songs(self) -> Songs:
        """The songs as arrays."""
        return read_songs(self.tracks, self.atlas.X, self.atlas.embedding, self._prepared)

    @cached_property
    def content(self) -> Content:
        """The songs prepared for scoring."""
        prepared = self._prepared
        return with_hubs(prepare_content(self.songs, prepared), prepared.hubs if prepared else None)

    @cached_property
    def _prepared(self) -> Prepared | None:
        found: Any = self.atlas.kept.get(SONGS)
        return prepared_of(found)

    def packed(self) -> dict[str, npt.NDArray[Any]]:
        """Return what the atlas folder keeps, so that the next process need not make it."""
        return pack_content(self.content)

    @cached_property
    def pricing(self) -> Pricing:
        """Prices between the songs."""
        return calibrate_prices(self.songs)

    @cached_property
    def finder(self) -> Finder:
        """Finds tracks and artists by name."""
        return Finder(self.tracks)

    @cached_property
    def index(self) -> TrackIndex:
        """Finds the tracks of playlist files."""
        return index_tracks(self.tracks)

    def item(self, row: int) -> PlaylistItem:
        """Return a track as an item of a playlist file."""
        return self.items([row])[0]

    def items(self, rows: Sequence[int]) -> list[PlaylistItem]:
        """Return tracks as items of a playlist file."""
        return [
            PlaylistItem(
                title=title or "",
                artists=tuple(artists or ()),
                id=number,
                album=album or "",
                duration=duration,
                year=None if year is None else int(year),
                explicit=explicit,
            )
            for number, title, artists, album, year, duration, explicit in map(self._shown.row, rows)
        ]

    @cached_property
    def _shown(self) -> pl.DataFrame:
        return self.tracks.select(_SHOWN).rechunk()  # a row of one piece comes at once


def library_of(atlas: "Atlas") -> Library:
    """Return the library of an atlas, the same each time."""
    found = atlas.kept.get(_NAME)
    if not isinstance(found, Library):
        found = atlas.kept[_NAME] = Library(atlas)
    return found
