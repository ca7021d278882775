"""Which songs of two atlases are the same: by id, else by artist and title."""

from dataclasses import dataclass

import polars as pl

from songscape.catalog.record import Catalog
from songscape.titles import artist_keys, title_keys
from songscape.types import GENERIC_ARTISTS, Int32

_NAMED = ("artist", "title", "nth")


@dataclass(frozen=True, slots=True, eq=False)
class SongMatch:
    """Pairs of songs, one of each atlas; a song stands in one pair at most.

    Attributes
    ----------
    old, new : int32, shape (n_pairs,)
        Song numbers in the old and the new atlas, ascending by `new`.
    by_id : int
        How many of the pairs have an id in common; the others have artist and title.
    """

    old: Int32
    new: Int32
    by_id: int

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.new)


def match_songs(old: Catalog, new: Catalog) -> SongMatch:
    """Return the songs that two catalogs have in common.

    Any id that a track of the one song shares with a track of the other joins them; songs that are left are joined by
    the key of main artist and title (`songscape.titles`), in order of the catalogs where several songs have the same.
    Songs without artist or title, or of "Various Artists", are found by id only.

    Examples
    --------
    >>> import songscape
    >>> tracks = songscape.synthesize_tracks(50, random_state=0)
    >>> one, other = (songscape.read_catalog(part) for part in (tracks.head(40), tracks.tail(40).reverse()))
    >>> len(match_songs(one, other))
    28
    """
    by_id = _one_to_one(_ids(old).join(_ids(new), on="id", suffix="_new"))
    left = [
        _names(catalog).filter(~pl.col("song").is_in(by_id[taken].implode()))
        for catalog, taken in ((old, "song"), (new, "song_new"))
    ]
    by_name = _one_to_one(left[0].join(left[1], on=_NAMED, suffix="_new"))
    pairs = pl.concat([by_id, by_name]).sort("song_new")
    return SongMatch(pairs["song"].to_numpy(), pairs["song_new"].to_numpy(), by_id.height)


def _ids(catalog: Catalog) -> pl.DataFrame:
    told = catalog.tracks.select("id", song=pl.col("version_family").cast(pl.Int32))
    return told.drop_nulls("id").unique("id", keep="first", maintain_order=True)


def _names(catalog: Catalog) -> pl.DataFrame:
    """Return the names that tracks have, one row for each song and name; songs of one name are counted through."""
    tracks = catalog.tracks
    told = tracks.select(
        artist_keys(tracks["artists"].list.first()).alias("artist"),
        title_keys(tracks["title"]).alias("title"),
        pl.col("version_family").cast(pl.Int32).alias("song"),
    )
    known = told.drop_nulls().filter(~pl.col("artist").is_in(GENERIC_ARTISTS)).unique(maintain_order=True)
    return known.with_columns(pl.int_range(pl.len()).over("artist", "title").alias("nth"))


def _one_to_one(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return pairs in which no song stands twice: the first of each, in order of the new songs."""
    ordered = pairs.select("song", "song_new").sort("song_new", "song")
    return ordered.unique("song_new", keep="first", maintain_order=True).unique(
        "song", keep="first", maintain_order=True
    )
