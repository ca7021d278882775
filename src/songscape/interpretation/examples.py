"""Songs that stand for a group: where it is densest, and what people may know of it."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
import polars as pl

from songscape.interpretation.records import Song
from songscape.titles import bare_ids
from songscape.types import Float32, Float64, Int32, Int64

SHOWN = 5
_LOOKED_AT = 40  # songs of a group that are searched for five by different artists


def exemplars(
    songs: pl.DataFrame, labels: Int32, n_groups: int, depth: Float32, sparsity: Float64
) -> list[list[Song]]:
    """Return the songs around which each group is densest: by sound alone, each artist and each title once.

    Only the half of the group with the higher silhouette is looked at, so that no dense border stands for the whole.
    Popularity plays no part. Songs with fewer than five members of the group among their neighbors come last.
    """
    return _shown(songs, list(_best(labels, n_groups, sparsity, depth)))


def popular(songs: pl.DataFrame, labels: Int32, n_groups: int, depth: Float32) -> list[list[Song]]:
    """Return the most popular songs of that half of each group, each artist and title once."""
    if "popularity" not in songs.columns:
        return [[] for _ in range(n_groups)]
    known = songs["popularity"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    chosen = _best(labels, n_groups, np.where(np.isnan(known), np.inf, -known), depth)
    return _shown(songs, [rows[~np.isnan(known[rows])] for rows in chosen])


def described(songs: pl.DataFrame, rows: Int64) -> list[Song]:
    """Return what the catalog says of some rows: None for columns that it lacks, and for an id in place of a name."""
    return _readable(_told(songs, rows))


def _told(songs: pl.DataFrame, rows: Int64) -> list[Song]:
    some = songs[rows]
    titles = some["title"].to_list() if "title" in some.columns else [None] * len(rows)
    years = some["year"].to_list() if "year" in some.columns else [None] * len(rows)
    popularity = some["popularity"].to_list() if "popularity" in some.columns else [None] * len(rows)
    artists = main_artists(some).to_list()
    parts = zip(rows.tolist(), titles, artists, years, popularity, strict=True)
    return [Song(*part) for part in parts]


def _readable(songs: list[Song]) -> list[Song]:
    names = pl.Series([song.artist for song in songs], dtype=pl.String)
    is_id = pl.select(bare_ids(pl.lit(names)).fill_null(False)).to_series()
    return [replace(song, artist=None) if bare else song for song, bare in zip(songs, is_id, strict=True)]


def main_artists(songs: pl.DataFrame) -> pl.Series:
    """Return the first artist of each song; null where the catalog does not say."""
    if songs.schema.get("artists") == pl.List(pl.String):
        return songs["artists"].list.first()
    return pl.Series([None] * songs.height, dtype=pl.String)


def _best(labels: Int32, n_groups: int, cost: Float64, depth: Float32) -> Iterator[Int64]:
    """Return for each group the rows of lowest cost among its deeper half."""
    order = np.lexsort((np.arange(len(labels)), cost, labels))
    starts = np.searchsorted(labels[order], np.arange(n_groups + 1))
    for group in range(n_groups):
        rows = order[starts[group] : starts[group + 1]]
        inner = np.nan_to_num(depth[rows], nan=-1.0)
        yield rows[inner >= np.median(inner)][:_LOOKED_AT] if len(rows) else rows


def _shown(songs: pl.DataFrame, chosen: list[Int64]) -> list[list[Song]]:
    """Return the first few songs of each choice, each artist and title once."""
    every = iter(_told(songs, np.concatenate([np.empty(0, dtype=np.int64), *chosen])))
    return [_readable(_distinct(list(islice(every, len(rows))))) for rows in chosen]


def _distinct(songs: list[Song]) -> list[Song]:
    """Return the first few songs of different artists and different titles; an unknown one differs from all."""
    kept: list[Song] = []
    seen: set[tuple[str, str]] = set()
    for song in songs:
        marks = {("artist", (song.artist or "").casefold()), ("title", (song.title or "").casefold())}
        if seen.isdisjoint(marks):
            kept.append(song)
            seen |= {mark for mark in marks if mark[1]}
        if len(kept) == SHOWN:
            break
    return kept
