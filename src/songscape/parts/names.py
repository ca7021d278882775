"""Names in a request, looked up over all parts: one walk for what stands there, another one for typos.

A first walk gathers the tracks that bear an id or a title asked for, a second one the nearest names for texts that
none of them bears; which of these is meant is then decided as in any catalog (`songscape.playlist.finding`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import polars as pl

from songscape.catalog.versions import join_versions
from songscape.parts.table import ROW, PartTable, compact
from songscape.playlist.finding import Finder, Found, FoundName, id_in, one_line, row_in, titles_in
from songscape.playlist.formats import PlaylistItem, index_tracks, match_items
from songscape.playlist.fuzzy import Texts
from songscape.titles import artist_keys, may_hold, plain_text, title_keys

_SUGGESTED = 5  # artists that may be meant, of each batch


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request names: tracks, artists, and tracks of playlist files."""

    tracks: tuple[str, ...] = ()
    artists: tuple[str, ...] = ()
    items: tuple[PlaylistItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """What was found.

    Attributes
    ----------
    rows : dict of str to Found
        The track that each text names; its row is that over all parts.
    artists : dict of str to FoundName
        The artist that each text names.
    spelled : frozenset of str
        All spellings of these artists.
    tracks : polars.DataFrame
        The tracks that are named, with ``row``.
    """

    rows: Mapping[str, Found]
    artists: Mapping[str, FoundName]
    spelled: frozenset[str]
    tracks: pl.DataFrame


def find_names(table: PartTable, wanted: Wanted) -> Named:
    """Find what a request names among all tracks.

    Raises
    ------
    NotFoundError
        As `songscape.playlist.finding.Finder`: if there is no such track or artist, with suggestions, or several.
    """
    texts = {text: one_line(text) for text in wanted.tracks}
    by_row = {
        text: Found(row_in(asked, len(table)), "row", 1.0)
        for text, asked in texts.items()
        if asked.lower().startswith("row:")
    }
    others = [text for text in texts if text not in by_row]
    bearing = _joined(table, _bearing_all(table, _Patterns.of([texts[text] for text in others], wanted.items)))
    found = by_row | _found(table, others, bearing)
    artists, spelled = _artists(table, wanted.artists)
    rows = [one.row for one in found.values()]
    if wanted.items:
        matched = match_items(wanted.items, index_tracks(bearing)).rows
        rows += bearing[ROW].gather(matched[matched >= 0]).to_list()
    return Named(found, artists, spelled, table.gather(np.array(rows, np.int64)))


@dataclass(frozen=True, slots=True)
class _Patterns:
    """What a track must have to be looked at closely: an id, a title as it stands, or the key of one."""

    ids: frozenset[str] = field(default_factory=frozenset)
    plain: frozenset[str] = field(default_factory=frozenset)
    keys: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, asked: Sequence[str], items: Sequence[PlaylistItem]) -> "_Patterns":
        titles = pl.Series(
            [*(title for text in asked for title in titles_in(text)), *(one.title for one in items)], dtype=pl.String
        )
        ids = frozenset([*map(id_in, asked), *(one.id for one in items if one.id)])
        return cls(ids, _known(plain_text(titles)), _known(title_keys(titles)))

    def bearing(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return the tracks of a batch that have one of them."""
        hit = batch["id"].is_in(list(self.ids)).fill_null(False).to_numpy().copy()
        words = sorted(self.plain | self.keys)
        near = np.flatnonzero(may_hold(batch["title"], words).to_numpy()) if words else np.empty(0, np.intp)
        titles = batch["title"].gather(near)
        hit[near] |= plain_text(titles).is_in(list(self.plain)).fill_null(False).to_numpy()
        hit[near] |= title_keys(titles).is_in(list(self.keys)).fill_null(False).to_numpy()
        return compact(batch.filter(pl.Series(hit)))


def _known(texts: pl.Series) -> frozenset[str]:
    return frozenset(text for text in texts.drop_nulls().to_list() if text)


def _bearing_all(table: PartTable, patterns: _Patterns) -> Iterable[pl.DataFrame]:
    return table.each(patterns.bearing) if patterns.ids or patterns.plain else []


def _joined(table: PartTable, found: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return tracks of several batches; those of one song are told to be, from whatever part they come."""
    tracks = pl.concat([table.empty(), *found])
    return join_versions(tracks) if tracks.height else tracks


def _found(table: PartTable, texts: Sequence[str], bearing: pl.DataFrame) -> dict[str, Found]:
    """Return the track that each text names: by those that bear it, else by the nearest name."""
    finder = Finder(bearing, bearing[ROW].to_list())
    exact = {text: finder.exactly(text) for text in texts}
    unmet = [text for text, one in exact.items() if one is None]
    found = {text: _over_all(one, bearing) for text, one in exact.items() if one is not None}
    if unmet:
        near = table.each(partial(_near, [one_line(text) for text in unmet]))
        for number, text in enumerate(unmet):
            tracks = _joined(table, [batch[number] for batch in near])
            found[text] = _over_all(Finder(tracks, tracks[ROW].to_list()).track(text), tracks)
    return found


def _near(asked: Sequence[str], batch: pl.DataFrame) -> list[pl.DataFrame]:
    """Return for each text the tracks of a batch that have the nearest names."""
    finder = Finder(batch)
    return [compact(batch[[row for row, _ in finder.nearest_names(text)]]) for text in asked]


def _over_all(found: Found, tracks: pl.DataFrame) -> Found:
    return Found(int(tracks[ROW][found.row]), found.how, found.certainty)


def _artists(table: PartTable, texts: Sequence[str]) -> tuple[dict[str, FoundName], frozenset[str]]:
    """Return the artists that texts name, and all spellings of their names."""
    if not texts:
        return {}, frozenset()
    keys = [key or "" for key in artist_keys(pl.Series(texts, dtype=pl.String)).to_list()]
    near = table.each(partial(_near_artists, keys), columns=["artists"])
    names = pl.concat(near).unique("name", maintain_order=True)
    listed = pl.DataFrame(
        {"id": None, "title": None, "artists": names["name"].to_frame().select(pl.concat_list("name")).to_series()},
        schema={"id": pl.String(), "title": pl.String(), "artists": pl.List(pl.String())},
    )
    finder = Finder(listed)
    found = {text: finder.artist(text) for text in texts}
    meant = artist_keys(pl.Series([one.name for one in found.values()], dtype=pl.String))
    return found, frozenset(names.filter(pl.col("key").is_in(meant.implode()))["name"].to_list())


def _near_artists(keys: Sequence[str], batch: pl.DataFrame) -> pl.DataFrame:
    """Return the artists of a batch that have one of the keys, and those with the nearest ones: name and key."""
    names = batch["artists"].explode().drop_nulls().unique(maintain_order=True).alias("name")
    table = names.to_frame().with_columns(key=artist_keys(names))
    texts = Texts(table["key"])
    near = {place for key in keys for place, _ in texts.nearest(key, _SUGGESTED)}
    same = table["key"].is_in(list(keys)).fill_null(False)
    return compact(table.filter(same | pl.Series(np.isin(np.arange(table.height), sorted(near)))))
