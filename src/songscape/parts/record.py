"""A partitioned atlas that is asked for playlists over all its tracks, in memory that does not grow with them.

A request is answered in three steps. Names are looked up in all parts (`songscape.parts.names`). One walk over all
parts keeps the tracks that come nearest to what is asked for (`looks`, `shortlist`). These, with songs of the model
that keep the measures of the catalog (how rare a genre is, what an ordinary year is, what a transition costs), are a
small catalog, in which the list is made as in any other.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from songscape.atlas.loading import load_atlas
from songscape.atlas.playlists.asking import Names, joined, limited
from songscape.atlas.playlists.building import SMOOTH, journey_of, playlist_of, reorder_of, require_count, similar_of
from songscape.atlas.playlists.record import Playlist, PlaylistTrack
from songscape.atlas.record import Atlas
from songscape.errors import AtlasError, LimitsError, ParameterError, must_be
from songscape.parts.asking import PathLook, PlaylistLook, similar_look, wanted_by
from songscape.parts.dataset import model_folder
from songscape.parts.library import ShortLibrary
from songscape.parts.looks import Look
from songscape.parts.names import Named, Wanted, find_names
from songscape.parts.shortlist import Shortlist, find_nearest
from songscape.parts.table import ROW, PartTable
from songscape.playlist.emptiness import told_empty
from songscape.playlist.formats import read_playlist
from songscape.playlist.request import DEFAULT_LENGTH, JourneyRequest, Limits, PlaylistRequest
from songscape.types import Int64

SHORTLIST = 40_000
"""Tracks that are kept of all parts for a request; forty times its length if that is more."""

REFERENCE = 40_000
"""Tracks of the model, at most, that keep the measures of the catalog beside them."""

_PER_TRACK = 40
_MENDED = 3  # the dearest transitions of a list, beside which songs that would mend it are looked for


@dataclass(frozen=True, eq=False, repr=False)
class Parts:
    """A partitioned atlas, opened by `open_parts`; any number of threads may ask it at once.

    Attributes
    ----------
    model : Atlas
        The atlas of the sample.
    table : PartTable
        The tracks of all parts.
    model_rows : int64, shape (n_model_tracks,)
        The row over all parts of each track of the model, ascending.
    """

    model: Atlas
    table: PartTable
    model_rows: Int64

    def __len__(self) -> int:
        """Return the number of tracks of all parts."""
        return len(self.table)

    def __repr__(self) -> str:
        """Return one line: sizes, not the tables."""
        return f"Parts({len(self)} tracks, {len(self.table.files)} parts, model of {len(self.model.songs)} songs)"

    def playlist(self, request: PlaylistRequest) -> Playlist:
        """Build a playlist of the tracks of all parts.

        Parameters
        ----------
        request : PlaylistRequest
            As for `songscape.build_playlist`; ``row:123`` is a row over all parts.

        Returns
        -------
        Playlist
            As `songscape.build_playlist` makes it; `row` and `song` of its tracks are rows over all parts.

        Raises
        ------
        AtlasError
            If a part is damaged, or parts were replaced since they were opened.
        NotFoundError, LimitsError, InputError, ParameterError
            As `songscape.build_playlist`.
        """
        _require(request, PlaylistRequest)
        if request.learned is not None:
            raise ParameterError(
                "What was learned belongs to the songs of one atlas, and not to parts. Leave learned out, or ask the"
                " atlas beside the parts."
            )
        named = find_names(self.table, wanted_by(request))
        look = PlaylistLook(self._library(named), request)
        length = request.n_tracks or int(request.minutes or DEFAULT_LENGTH)
        library = self._with_shortlist(named, look, length, request)
        return _made(lambda: playlist_of(library, request), library)

    def journey(self, request: JourneyRequest) -> Playlist:
        """Plan a journey over the tracks of all parts; see `playlist` and `songscape.plan_journey`."""
        _require(request, JourneyRequest)
        named = find_names(self.table, wanted_by(request))
        reference = self._library(named)
        way = Names(reference).songs(request.stops)
        look = PathLook(reference, [way], match_popularity=request.match_popularity)
        library = self._with_shortlist(named, look, request.length, request)
        return _made(lambda: journey_of(library, request), library)

    def similar(self, track: str, *, n: int = 10, weights: Mapping[str, float] | None = None) -> Playlist:
        """Return the tracks of all parts that are most like one; see `playlist` and `songscape.find_similar`."""
        require_count(n)
        named = find_names(self.table, Wanted((track,)))
        look = similar_look(self._library(named), track, weights or {})
        library = self._with_shortlist(named, look, n)
        return _made(lambda: similar_of(library, track, n, weights or {}), library)

    def reorder(
        self,
        tracks: str | os.PathLike[str] | Sequence[str],
        *,
        request: PlaylistRequest | None = None,
        n_mends: int = 5,
    ) -> Playlist:
        """Return the best order of tracks, and tracks of all parts that would mend its worst transition.

        See `playlist` and `songscape.reorder_playlist`. Mends are looked for beside the dearest transitions.
        """
        smooth = SMOOTH if request is None else request
        _require(smooth, PlaylistRequest)
        if isinstance(tracks, str | os.PathLike):
            wanted = wanted_by(smooth, read_playlist(tracks).items)
        else:
            wanted = wanted_by(smooth)
            wanted = replace(wanted, tracks=(*wanted.tracks, *tracks))
        named = find_names(self.table, wanted)
        reference = self._library(named)
        free = smooth.with_changes(**dict.fromkeys(("where", "years", "popularity")), explicit="any")
        before = reorder_of(reference, tracks, free, 0)
        look = PathLook(reference, _dearest(reference, before))
        library = self._with_shortlist(named, look, len(before), smooth)
        return _made(lambda: reorder_of(library, tracks, smooth, n_mends), library)

    @cached_property
    def _reference(self) -> pl.DataFrame:
        """Tracks of the model, evenly drawn, with the columns of parts and ``row``."""
        schema = self.table.schema
        own = {"is_fitted": pl.lit(True), "unlike": pl.lit(False)}
        whole = self.model.table().with_columns(pl.Series(ROW, self.model_rows), **own)
        step = max(-(-whole.height // REFERENCE), 1)
        return whole.gather_every(step).select(*(pl.col(name).cast(dtype) for name, dtype in schema.items()), ROW)

    def _library(
        self, named: Named, shortlist: Shortlist | None = None, unknown: Mapping[str, int] | None = None
    ) -> ShortLibrary:
        tables = [self._reference, named.tracks, *([shortlist.tracks] if shortlist is not None else [])]
        return ShortLibrary(self.model, pl.concat(tables), named, unknown or {}, shortlist)

    def _with_shortlist(self, named: Named, look: Look, length: int, limits: Limits | None = None) -> ShortLibrary:
        """Return the tracks of all parts that come nearest, with the reference and what is named."""
        where = joined(limits.conditions(), self.table.schema) if limits else None
        size = max(SHORTLIST, _PER_TRACK * length)
        found = find_nearest(self.table, look, size, where, named.spelled)
        if not found.met:
            raise LimitsError(told_empty(found.counts, where.nearest(self.model.table()) if where else {}))
        return self._library(named, found, self._unknown(limited(limits) if limits else []))

    def _unknown(self, columns: Sequence[str]) -> dict[str, int]:
        """Return for how many tracks of all parts columns are unknown."""
        if not columns:
            return {}
        counts = self.table.each(lambda batch: [batch[name].null_count() for name in columns], columns)
        return dict(zip(columns, np.array(counts).sum(axis=0).tolist(), strict=True))


def open_parts(folder: str | os.PathLike[str]) -> Parts:
    """Open a partitioned atlas, to be asked for playlists over the tracks of all its parts.

    Parameters
    ----------
    folder : path
        Of the parts, or of the atlas beside them.

    Returns
    -------
    Parts
        With `playlist`, `journey`, `reorder` and `similar`. It holds the model, and for a request two batches of
        65 536 tracks at a time and some ten thousand tracks that come nearest: memory does not grow with the parts.

    Raises
    ------
    AtlasError
        If there are no parts, some are missing or of another size than written, or they belong to another atlas.

    Examples
    --------
    >>> import songscape
    >>> try:
    ...     songscape.open_parts("nowhere")
    ... except songscape.SongscapeError as error:
    ...     print(str(error)[:40])
    There are no parts beside 'nowhere': 'no
    """
    source = model_folder(folder)
    table = PartTable.of(source)
    model = load_atlas(source)
    rows = np.concatenate([np.empty(0, np.int64), *table.each(_fitted_rows, ("is_fitted", "is_representative"))])
    if len(rows) != len(model.catalog):
        raise AtlasError(
            f"The parts in '{table.folder}' hold {len(rows)} tracks of the model's {len(model.catalog)}. Build them"
            " again."
        )
    return Parts(model, table, rows)


def _fitted_rows(batch: pl.DataFrame) -> Int64:
    rows: Int64 = batch.filter("is_fitted", "is_representative")[ROW].to_numpy()
    return rows


def _require(request: object, kind: type) -> None:
    if not isinstance(request, kind):
        raise ParameterError(must_be("request", f"a {kind.__name__}", type(request)))


def _dearest(library: ShortLibrary, ordered: Playlist) -> list[list[int]]:
    """Return the dearest transitions of a list, as pairs of songs; a list of one song has a way of no length."""
    songs = [track.song for track in ordered.tracks]
    if len(songs) == 1:
        return [[songs[0], songs[0]]]
    prices = np.array([track.price for track in ordered.tracks[:-1]])
    return [[songs[place], songs[place + 1]] for place in np.argsort(-prices, kind="stable")[:_MENDED].tolist()]


def _made(make: Callable[[], Playlist], library: ShortLibrary) -> Playlist:
    """Return a playlist of a small library with the rows over all parts; where limits clash, what was looked at."""

    def told(track: PlaylistTrack) -> PlaylistTrack:
        row = int(library.rows[track.row])
        return replace(track, row=row, song=row)

    try:
        playlist = make()
    except LimitsError as error:
        raise LimitsError(f"{error}{library.what_was_left_out()}", **error.figures) from None
    return replace(playlist, tracks=tuple(map(told, playlist.tracks)), mends=tuple(map(told, playlist.mends)))
