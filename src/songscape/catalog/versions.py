"""Version families: the rows of a catalog that are one song, and the row that stands for it.

Two rows are one song if any of these holds; families are the connected components.

1. They have the same id and the same title key.
2. They have the same main artist and the same title key (`songscape.titles`), unless the title is generic
   ("Intro", "Untitled", "Allegro") or the artist is ("Various Artists").
3. Their audio features are equal, at most two of them missing, and they share the main artist or the title key; or
   all nine are there and equal, and one of the rows has no title or no artist that could contradict.

A missing title or artist joins nothing by itself, and equal audio under two artists and two titles is left apart.
The row that stands for a family is the most complete one, then the one with the shortest title (the plain song before
"… - Live"), then the most popular, then the first.
"""

from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.catalog.schema import CANONICAL, FEATURES
from songscape.threads import run_tasks, side_by_side
from songscape.titles import GENERIC_TITLE, artist_keys, title_keys
from songscape.types import GENERIC_ARTISTS, Int32, Int64


def join_versions(tracks: pl.DataFrame) -> pl.DataFrame:
    """Return the tracks with ``version_family`` (int32) and ``is_representative`` (bool).

    Parameters
    ----------
    tracks : polars.DataFrame
        With all canonical columns.
    """
    keys = _keys(tracks)
    pairs = (("id", "title"), ("artist", "song"), ("audio", "artist"), ("audio", "title"))
    joins = [partial(_first_of, keys, one, other) for one, other in pairs]
    firsts = run_tasks([*joins, partial(_first_of_nameless, keys)])
    family = _components(firsts, tracks.height)
    return tracks.with_columns(
        pl.Series("version_family", family), pl.Series("is_representative", _representatives(tracks, family))
    )


def join_to(tracks: pl.DataFrame, new: pl.DataFrame, *, version_families: bool = True) -> pl.DataFrame:
    """Return new tracks with their families, where some tracks have theirs already, which stay as they are.

    A new track that is one song with an old one joins its family, whose representative stays; if it is one song with
    several old families, the first of them. Other new tracks get numbers after the old ones.

    Parameters
    ----------
    tracks : polars.DataFrame
        With all canonical columns, ``version_family`` and ``is_representative``.
    new : polars.DataFrame
        With all canonical columns.
    version_families : bool
        False where each track of `tracks` is a family of its own: then each new one is too.
    """
    n_old = int(tracks["version_family"].max()) + 1  # type: ignore[arg-type]
    if not version_families:
        return stand_alone(new).with_columns(pl.col("version_family") + n_old)
    old = _concerned(tracks, new)
    both = join_versions(pl.concat([old.select(CANONICAL), new.select(CANONICAL)], how="vertical_relaxed"))
    family = both["version_family"].to_numpy()
    first = np.full(int(family.max()) + 1, -1, np.int32)
    before = old["version_family"].to_numpy()
    first[family[: old.height][::-1]] = before[::-1]  # the last write wins: that of the first row
    fresh = np.flatnonzero(first < 0)
    first[fresh] = n_old + np.arange(len(fresh), dtype=np.int32)
    own = first[family[old.height :]]
    stands = both["is_representative"].to_numpy()[old.height :] & (own >= n_old)
    return new.with_columns(version_family=pl.Series(own), is_representative=pl.Series(stands))


def _concerned(tracks: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Return the tracks that share id, main artist or all audio features with a new one: no rule joins others."""
    artist = pl.Series(artist_keys(tracks["artists"].list.first()))
    of_new = artist_keys(new["artists"].list.first()).drop_nulls()
    sound = new.select(pl.col(name).cast(tracks[name].dtype) for name in FEATURES)
    rows = tracks.select(*FEATURES).with_row_index("row")
    alike = rows.join(sound, on=FEATURES, how="semi", nulls_equal=True)
    same_id = pl.col("id").is_in(new["id"].drop_nulls().implode())
    row = pl.int_range(pl.len())
    return tracks.filter(same_id | artist.is_in(of_new.implode()) | row.is_in(alike["row"].implode()))


def stand_alone(tracks: pl.DataFrame) -> pl.DataFrame:
    """Return the tracks, each as a family of its own."""
    return tracks.with_columns(version_family=pl.int_range(pl.len(), dtype=pl.Int32), is_representative=pl.lit(True))


def _keys(tracks: pl.DataFrame) -> pl.DataFrame:
    """Return one column a key, null where it says nothing."""
    main_artists = tracks["artists"].list.first()
    title, artist = side_by_side(lambda: title_keys(tracks["title"]), lambda: artist_keys(main_artists))
    known = pl.sum_horizontal(pl.col(FEATURES).is_not_null())
    sound = tracks.select(*FEATURES).with_row_index("row").with_columns(pl.col("row").cast(pl.Int64), known=known)
    audio = sound.select(pl.when(pl.col("known") >= 7).then(pl.col("row").min().over(FEATURES))).to_series()
    keys = sound.select("row", "known").with_columns(
        tracks["id"], title.alias("title"), artist.alias("artist"), audio.alias("audio")
    )
    return keys.with_columns(
        artist=pl.when(~pl.col("artist").is_in(GENERIC_ARTISTS)).then("artist"),
        song=pl.when(~pl.col("title").str.contains(GENERIC_TITLE)).then("title"),
    )


def _first_of(keys: pl.DataFrame, one: str, other: str) -> Int64:
    """Return for each row the first row with the same two keys; the row itself where a key is missing."""
    row = pl.col("row")
    known = pl.col(one).is_not_null() & pl.col(other).is_not_null()
    return keys.select(pl.when(known).then(row.min().over(one, other)).otherwise(row)).to_series().to_numpy()


def _first_of_nameless(keys: pl.DataFrame) -> Int64:
    """Return for each row without title or artist the first row of equal audio, one with both if there is one."""
    row = pl.col("row")
    named = pl.col("title").is_not_null() & pl.col("artist").is_not_null()
    told = pl.when(named).then(row)
    joins = ~named & (pl.col("known") == len(FEATURES))
    first = pl.coalesce(told.min().over("audio"), row.min().over("audio"))
    return keys.select(pl.when(joins).then(first).otherwise(row)).to_series().to_numpy()


def _components(firsts: list[Int64], n_rows: int) -> Int32:
    """Number the connected components of ``row — first[row]``, in order of their first row."""
    label = np.arange(n_rows, dtype=np.int64)
    while True:
        before = label.copy()
        for first in firsts:
            lowest = np.full(n_rows, n_rows, dtype=np.int64)
            np.minimum.at(lowest, first, label)
            label = np.minimum(label, lowest[first])
        if np.array_equal(label, before):
            return np.unique(label, return_inverse=True)[1].astype(np.int32)


def _representatives(tracks: pl.DataFrame, family: Int32) -> npt.NDArray[np.bool_]:
    completeness = tracks.select(pl.sum_horizontal(pl.col(CANONICAL).is_not_null())).to_series().to_numpy()
    popularity = tracks["popularity"].fill_null(-1.0).to_numpy()
    title_length = tracks["title"].str.len_chars().fill_null(0).to_numpy()
    chosen: npt.NDArray[np.bool_] = np.bincount(family)[family] == 1
    rows = np.flatnonzero(~chosen)
    keys = (-popularity[rows], title_length[rows], -completeness[rows].astype(np.int64), family[rows])
    ranked = rows[np.lexsort(keys)]  # stable: then the first row
    chosen[ranked[np.flatnonzero(np.diff(family[ranked], prepend=-1))]] = True
    return chosen
