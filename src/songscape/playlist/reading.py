"""`read_songs`: from the cleaned table of tracks to `Songs`."""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from songscape.errors import InputError
from songscape.playlist.songs import AUDIO, Int8, Ragged, Songs
from songscape.playlist.tags import song_tags
from songscape.playlist.words import song_words
from songscape.playlist.years import song_years
from songscape.titles import GENERIC_TITLE, artist_keys, title_keys
from songscape.types import GENERIC_ARTISTS, Float32, Float64, Int32

if TYPE_CHECKING:
    from songscape.playlist.prepared import Prepared


def read_songs(tracks: pl.DataFrame, X: Float32, place: Float32, prepared: "Prepared | None" = None) -> Songs:
    """Return a catalog's songs as arrays.

    Parameters
    ----------
    tracks : polars.DataFrame
        The cleaned table, ``catalog.tracks``: one row a track.
    X : float32, shape (n_tracks, n_features)
        Scaled features, one row a track.
    place : float32, shape (n_tracks, n_components)
        Where each track lies on the map.
    prepared : Prepared, optional
        What was made of the same table before and takes longest to make.

    Returns
    -------
    Songs
        One row a song. Its values are those of its representative track; where that has none, those of the first
        track of the song that has one. The year is the earliest that others support (`song_years`), popularity the
        highest of all its tracks; artists and genres are those of all its tracks, the representative's first.

    Raises
    ------
    InputError
        If `X` or `place` has not one row for each track, or the songs are not numbered from 0 without a gap, each
        with one representative.

    Notes
    -----
    Artists are one if their names agree without case, accents and punctuation. Names that stand for nobody
    ("Various Artists") are left out: sharing them says nothing.

    Examples
    --------
    >>> import songscape
    >>> table = {"title": ["One", "Two"], "artist": ["A", "A;B"], "genre": ["pop", None], "energy": [0.1, 0.9]}
    >>> tracks = songscape.read_catalog(pl.DataFrame(table)).tracks
    >>> songs = read_songs(tracks, np.zeros((2, 1), np.float32), np.zeros((2, 2), np.float32))
    >>> songs.n_songs, songs.artists.names, songs.artists.of(1).tolist(), songs.tags.names
    (2, ('A', 'B'), [0, 1], ('pop',))
    """
    _check(tracks, X, place)
    song_of = tracks["version_family"].to_numpy()
    rows = np.empty(int(song_of.max(initial=-1)) + 1, np.int32)
    chosen = np.flatnonzero(tracks["is_representative"].to_numpy())
    rows[song_of[chosen]] = chosen
    audio = np.column_stack([_first_known(_floats(tracks, name), song_of, rows) for name in AUDIO])
    artists, tags, words = (
        (prepared.artists, prepared.tags, prepared.words) if prepared else _read_names(tracks, song_of, rows)
    )
    emotion, emotions = _emotions(tracks)
    return Songs(
        rows=rows,
        X=np.ascontiguousarray(X[rows], np.float32),
        place=np.ascontiguousarray(place[rows], np.float32),
        audio=np.ascontiguousarray(audio, np.float32),
        ranks=prepared.ranks if prepared else _ranks(audio),
        key=_codes(tracks["key"], song_of, rows).astype(np.int8),
        mode=_codes(tracks["mode"], song_of, rows).astype(np.int8),
        year=song_years(_floats(tracks, "year"), song_of, artists.firsts(np.arange(len(rows)))),
        popularity=_highest(_floats(tracks, "popularity"), song_of, len(rows)),
        duration=_first_known(_floats(tracks, "duration"), song_of, rows).astype(np.float32),
        explicit=_flags(tracks["explicit"], song_of, rows),
        emotion=_codes(emotion, song_of, rows).astype(np.int16),
        emotions=emotions,
        artists=artists,
        tags=tags,
        words=words,
        titles=_titles(tracks["title"].gather(rows), prepared),
    )


def _emotions(tracks: pl.DataFrame) -> tuple[pl.Series, tuple[str, ...]]:
    """Return the emotion of each track as a place among their names, null where unknown."""
    names = tuple(tracks["emotion"].drop_nulls().unique().sort())
    if not names:
        return tracks["emotion"].cast(pl.UInt32), names
    return tracks["emotion"].cast(pl.Enum(names)).to_physical(), names


def _read_names(tracks: pl.DataFrame, song_of: Int32, rows: Int32) -> tuple[Ragged, Ragged, Ragged]:
    """Return artists, tags and words of each song."""
    artists, main_artist = _artists(tracks, song_of)
    tags = song_tags(_pairs(tracks, song_of, "genres", "genre"), main_artist, len(artists.names))
    return artists, tags, song_words(tracks["title"].gather(rows), tracks["album"].gather(rows))


def _titles(titles: pl.Series, prepared: "Prepared | None") -> Int32:
    """Return a number for each title, the same for those of the same key; −1 where it tells nothing."""
    if prepared and prepared.titles is not None:
        return prepared.titles
    keys = title_keys(titles.cast(pl.String)).alias("key").to_frame()
    known = keys.select(pl.when(~pl.col("key").str.contains(GENERIC_TITLE)).then("key")).to_series()
    return (known.rank("dense").cast(pl.Int32) - 1).fill_null(-1).to_numpy()


def _check(tracks: pl.DataFrame, X: Float32, place: Float32) -> None:
    for name, array in (("X", X), ("place", place)):
        if len(array) != tracks.height:
            raise InputError(f"{name} must have one row for each of {tracks.height} tracks. Got {len(array)} rows.")
    numbers = tracks.filter("is_representative")["version_family"].sort()
    if not np.array_equal(numbers.to_numpy(), np.arange(tracks["version_family"].n_unique())):
        raise InputError(
            "tracks must number their songs from 0 without a gap in 'version_family', with one representative each."
            " Read the table with songscape.read_catalog."
        )


def _floats(tracks: pl.DataFrame, name: str) -> Float64:
    return tracks[name].cast(pl.Float64).fill_null(np.nan).to_numpy()


def _first_known(values: Float64, song_of: Int32, rows: Int32) -> Float64:
    """Return the value of each song: its representative's, else that of its first track with one; NaN for none."""
    out = values[rows]
    gaps = np.isnan(out)
    if gaps.any():
        known = np.flatnonzero(~np.isnan(values) & gaps[song_of])[::-1]
        out[song_of[known]] = values[known]  # of several the last one written stays: the first track
    return out


def _codes(column: pl.Series, song_of: Int32, rows: Int32) -> Float64:
    return np.nan_to_num(_first_known(column.cast(pl.Float64).fill_null(np.nan).to_numpy(), song_of, rows), nan=-1.0)


def _flags(column: pl.Series, song_of: Int32, rows: Int32) -> Int8:
    return _codes(column.cast(pl.Int8), song_of, rows).astype(np.int8)


def _highest(values: Float64, song_of: Int32, n_songs: int) -> Float32:
    out = np.full(n_songs, np.nan)
    np.fmax.at(out, song_of, values)
    return out.astype(np.float32)


def _ranks(audio: Float64) -> Float32:
    """Return mean ranks among known values, in [0, 1]."""
    ranks = []
    for column in audio.T:
        known = pl.Series(column).fill_nan(None)
        ranked = known.rank("average").cast(pl.Float64).fill_null(np.nan).to_numpy()
        ranks.append((ranked - 0.5) / max(len(known) - known.null_count(), 1))
    return np.ascontiguousarray(np.column_stack(ranks), np.float32)


def _pairs(tracks: pl.DataFrame, song_of: Int32, column: str, name: str) -> pl.DataFrame:
    """Return one row for each distinct thing that a song's tracks list, the representative's first."""
    table = tracks.select(song=pl.Series(song_of), first=pl.col("is_representative"), **{name: pl.col(column)})
    table = table.filter(pl.col(name).list.len() > 0).explode(name).drop_nulls(name)
    return table.sort("song", ~pl.col("first"), maintain_order=True).select("song", name)


def _artists(tracks: pl.DataFrame, song_of: Int32) -> tuple[Ragged, Int32]:
    """Return the artists of each song and the number of its main artist, −1 where unknown."""
    pairs = _pairs(tracks, song_of, "artists", "artist")
    names = pairs["artist"].unique(maintain_order=True)
    keys = pl.DataFrame({"artist": names, "key": artist_keys(names)})
    keys = keys.filter(~pl.col("key").is_in(GENERIC_ARTISTS) & (pl.col("key") != ""))
    keys = keys.with_columns(id=pl.col("key").rank("dense").cast(pl.Int32) - 1)
    pairs = pairs.join(keys, on="artist", maintain_order="left").select("song", "id").unique(maintain_order=True)
    shown = keys.unique("id", keep="first", maintain_order=True).sort("id")["artist"]
    songs = pairs["song"].to_numpy()
    ids = pairs["id"].to_numpy()
    n_songs = int(song_of.max(initial=-1)) + 1
    indptr = np.concatenate([[0], np.cumsum(np.bincount(songs, minlength=n_songs))]).astype(np.int64)
    main = np.full(n_songs, -1, np.int32)
    filled = np.flatnonzero(np.diff(indptr) > 0)
    main[filled] = ids[indptr[filled]]
    return Ragged(indptr, ids, np.ones(len(ids), np.float32), tuple(shown)), main
