"""A small library: some tracks of a partitioned atlas, made ready for playlists as a whole catalog is."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from songscape.atlas.playlists.library import Library
from songscape.atlas.record import Atlas, representatives
from songscape.catalog.versions import join_versions, stand_alone
from songscape.features import apply_features
from songscape.parts.names import Named
from songscape.parts.shortlist import Shortlist
from songscape.parts.table import ROW
from songscape.playlist.finding import Finder, Found, FoundName
from songscape.playlist.prepared import Prepared
from songscape.playlist.reading import read_songs
from songscape.playlist.songs import Songs
from songscape.playlist.where import Where
from songscape.titles import artist_keys
from songscape.types import Float32, Groups, GroupScale, Int32, Int64
from songscape.wording import number


class ShortLibrary(Library):
    """Some tracks of a partitioned atlas: those of the model keep the measures, the others are asked for.

    Rows are places among these tracks; `rows` tells which rows over all parts they are.

    Parameters
    ----------
    model : Atlas
        The atlas of the sample: scaling and groups are its own.
    tracks : polars.DataFrame
        With the columns of parts and ``row``; a track may come twice.
    named : Named
        What the names in the request stand for; their tracks are among `tracks`.
    unknown : mapping of str to int
        For how many tracks of all parts a column is unknown.
    shortlist : Shortlist, optional
        What the conditions leave of all parts.
    """

    def __init__(
        self,
        model: Atlas,
        tracks: pl.DataFrame,
        named: Named,
        unknown: Mapping[str, int],
        shortlist: Shortlist | None = None,
    ) -> None:
        super().__init__(model)
        chosen = tracks.unique(ROW, keep="first", maintain_order=True).sort(ROW)
        self.rows: Int64 = chosen[ROW].to_numpy()
        join = join_versions if model.config.read.version_families else stand_alone
        self._table = join(chosen.drop(ROW, "version_family", "is_representative"))
        self._named, self._unknown, self._shortlist = named, unknown, shortlist

    @property
    def tracks(self) -> pl.DataFrame:
        """These tracks."""
        return self._table

    @property
    def table(self) -> pl.DataFrame:
        """These tracks with place and groups, as parts have them."""
        return self._table

    @cached_property
    def song_of(self) -> Int32:
        """The song of each track; two tracks are one song from whatever parts they come."""
        return self._table["version_family"].to_numpy()

    @cached_property
    def songs(self) -> Songs:
        """The songs as arrays; features are scaled as those of the model."""
        X: Float32 = apply_features(self._table, self.atlas.features).X
        place = self._table.select("x", "y").to_numpy().astype(np.float32)
        return read_songs(self._table, X, place)

    @property
    def _prepared(self) -> Prepared | None:
        """Return nothing: what the folder of the model keeps was made of other songs."""
        return None

    @cached_property
    def groups(self) -> Groups:
        """The groups of these songs: of each the one that its part tells."""
        songs = self._table[representatives(self._table)]
        model = self.atlas.groups
        scales = tuple(_scale(scale, songs, self.cards[scale.name]) for scale in model.scales)
        return Groups(scales, model.coverage, model.space)

    @cached_property
    def finder(self) -> Finder:
        """Finds what the request names; it was looked up in all parts before."""
        return _KnownFinder(self._table, self.rows, self._named, self.songs.artists.names)

    def matching(self, where: Where) -> int:
        """Return how many tracks of all parts meet conditions of the request, all of them or all but one."""
        if self._shortlist is None:
            return super().matching(where)
        told = {text for text, _ in where.parts}
        left_out = [text for text in self._shortlist.without if text not in told]
        return self._shortlist.without[left_out[0]] if left_out else self._shortlist.met

    def what_was_left_out(self) -> str:
        """Return that there are more tracks that meet the conditions than were looked at; empty if there are none."""
        if self._shortlist is None or self._shortlist.met <= self._shortlist.tracks.height:
            return ""
        kept, met = number(self._shortlist.tracks.height), number(self._shortlist.met)
        return f" Only the {kept} that come nearest of {met} tracks were looked at."

    def unknown(self, column: str) -> int:
        """Return for how many tracks of all parts a column is unknown."""
        return self._unknown[column]


class _KnownFinder(Finder):
    """Finds names that were looked up before, among a few tracks."""

    def __init__(self, tracks: pl.DataFrame, rows: Int64, named: Named, artists: tuple[str, ...]) -> None:
        super().__init__(tracks, rows.tolist())
        self._rows, self._named, self._names = rows, named, artists

    def track(self, text: str) -> Found:
        """Return the track that a text of the request names."""
        found = self._named.rows.get(text)
        if found is None:  # a track of a file that no part has: something like it may be at hand
            return super().track(text)
        return Found(int(np.searchsorted(self._rows, found.row)), found.how, found.certainty)

    def artist(self, text: str) -> FoundName:
        """Return the artist that a text of the request names, spelled as among these tracks."""
        found = self._named.artists[text]
        key = artist_keys(pl.Series([found.name], dtype=pl.String))[0]
        place = artist_keys(pl.Series(self._names, dtype=pl.String)).index_of(key)
        return found if place is None else FoundName(self._names[place], found.certainty)


def _scale(scale: GroupScale, songs: pl.DataFrame, cards: list[dict[str, Any]]) -> GroupScale:
    """Return a scale of the model for other songs: each belongs to the group that its part names, as strongly."""
    numbers = {card["name"]: card["number"] for card in reversed(cards)}
    named = songs[f"group_{scale.name}"].replace_strict(numbers, default=-1, return_dtype=pl.Int32).fill_null(-1)
    labels: Int32 = named.to_numpy().copy()
    strength = songs[f"group_{scale.name}_strength"].fill_null(0.0).to_numpy().astype(np.float32)
    inside = (labels >= 0) & (strength > 0.0)
    return GroupScale(
        scale.name,
        labels,
        labels,
        strength,
        np.zeros(len(labels), np.bool_),
        np.concatenate([[0], np.cumsum(inside)]).astype(np.int64),
        labels[inside],
        strength[inside],
        scale.parents,
        scale.persistence,
    )
