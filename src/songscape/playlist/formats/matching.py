"""Items of playlist files → rows of the catalog: by id, else by artist and title, and what was not found.

Names are compared in two steps: as they stand but for case, accents and punctuation ("Heroes (Live)" is the live
track), then as songs (`songscape.titles`: "Heroes - 2017 Remaster" is "Heroes"). Artist and title are compared as one
key, so that it does not matter where a line ``A - B - C`` was divided.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.playlist.formats.items import PlaylistItem
from songscape.titles import artist_keys, plain_text, title_keys
from songscape.types import Int32
from songscape.wording import counted

NOT_FOUND, BY_ID, BY_NAME, AMBIGUOUS = 0, 1, 2, 3
"""How an item was matched; ambiguous is by name, where several songs have that name."""

_Int8 = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class TrackIndex:
    """The tracks of a catalog, ready to be looked up.

    Attributes
    ----------
    ids : polars.DataFrame
        ``id``, ``row``: the first row of each id.
    exact, songs : polars.DataFrame
        ``key``, ``row``, ``n_songs``: for each key of artist and title (as it stands, and as a song) the row that is
        taken, the most popular one of a song's representatives first, and how many songs have this key.
    """

    ids: pl.DataFrame
    exact: pl.DataFrame
    songs: pl.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """Where each item stands in the catalog.

    Attributes
    ----------
    rows : int32, shape (n_items,)
        Row of the catalog; −1 where not found.
    how : int8, shape (n_items,)
        `NOT_FOUND`, `BY_ID`, `BY_NAME` or `AMBIGUOUS`.
    """

    rows: Int32
    how: _Int8

    def count(self, how: int) -> int:
        """Return how many items were matched in this way."""
        return int(np.count_nonzero(self.how == how))

    def places(self, how: int) -> list[int]:
        """Return the places of the items that were matched in this way."""
        return [int(place) for place in np.flatnonzero(self.how == how)]

    def summary(self) -> str:
        """Return one sentence with the counts.

        Examples
        --------
        >>> Matching(np.array([4, -1], np.int32), np.array([BY_ID, NOT_FOUND], np.int8)).summary()
        '1 of 2 tracks found: 1 by id, 0 by name, 0 by a name that several songs have; 1 not found.'
        """
        n_items = len(self.rows)
        n_found = n_items - self.count(NOT_FOUND)
        return (
            f"{n_found} of {counted(n_items, 'track')} found: {self.count(BY_ID)} by id, {self.count(BY_NAME)} by"
            f" name, {self.count(AMBIGUOUS)} by a name that several songs have; {self.count(NOT_FOUND)} not found."
        )


def index_tracks(tracks: pl.DataFrame) -> TrackIndex:
    """Prepare a catalog for `match_items` and `match_rows`.

    Parameters
    ----------
    tracks : polars.DataFrame
        With ``id``, ``title``, ``artists``, ``popularity``, ``version_family`` and ``is_representative``.
    """
    rows = tracks.select(
        "id", "title", "version_family", "is_representative", "popularity", artist=pl.col("artists").list.first()
    ).with_row_index("row")
    rows = rows.cast({"row": pl.Int32})
    ids = rows.select("id", "row").drop_nulls().unique("id", keep="first", maintain_order=True)
    artist = artist_keys(rows["artist"])
    # The best first; the order of rows settles ties.
    order = rows.select(
        pl.arg_sort_by(["is_representative", "popularity", "row"], descending=[True, True, False], nulls_last=True)
    ).to_series()
    exact = _by_key(rows, _joined(artist, plain_text(rows["title"])), order)
    return TrackIndex(ids, exact, _by_key(rows, _joined(artist, title_keys(rows["title"])), order))


def _joined(artist: pl.Series, title: pl.Series) -> pl.Series:
    return pl.select(pl.concat_str(artist, title, separator=" ")).to_series()


def _by_key(rows: pl.DataFrame, key: pl.Series, order: pl.Series) -> pl.DataFrame:
    keyed = rows.select("row", "version_family", key=key)[order].filter(pl.col("key").is_not_null())
    return keyed.group_by("key").agg(pl.col("row").first(), n_songs=pl.col("version_family").n_unique())


def match_items(items: Sequence[PlaylistItem], index: TrackIndex) -> Matching:
    """Find the items of one playlist; see `match_rows`."""
    columns = {
        "id": [item.id for item in items],
        "title": [item.title or None for item in items],
        "artist": [item.artist or None for item in items],
    }
    return match_rows(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)), index)


def match_rows(rows: pl.DataFrame, index: TrackIndex) -> Matching:
    """Find rows of ids and names in the catalog: by id, else by name as it stands, else by song.

    Parameters
    ----------
    rows : polars.DataFrame
        ``id``, ``title`` and ``artist`` as texts, null where unknown; `PlaylistTable.tracks` is one.
    index : TrackIndex

    Returns
    -------
    Matching
        An item without artist is found by its title alone only through its id: a title is no song.
    """
    wanted = rows.select("id", "title", "artist")
    found = wanted.join(index.ids, on="id", how="left", maintain_order="left")["row"].fill_null(-1)
    places, how = found.to_numpy().astype(np.int32), np.where(found.to_numpy() >= 0, BY_ID, NOT_FOUND).astype(np.int8)
    missing = np.flatnonzero(places < 0)
    if len(missing):
        named = _match_names(wanted[missing].select("title", "artist"), index)
        places[missing] = named["row"].fill_null(-1).to_numpy()
        several = (named["n_songs"] > 1).fill_null(False).to_numpy()
        how[missing] = np.where(places[missing] < 0, NOT_FOUND, np.where(several, AMBIGUOUS, BY_NAME))
    return Matching(places, how)


def _match_names(names: pl.DataFrame, index: TrackIndex) -> pl.DataFrame:
    """Return ``row`` and ``n_songs`` for each title and artist, null where there is none."""
    unique = names.drop_nulls().unique(maintain_order=True)
    artist = artist_keys(unique["artist"])
    whole = plain_text(unique["artist"])
    keyed = unique.with_columns(
        as_told=_joined(artist, plain_text(unique["title"])),
        as_song=_joined(artist, title_keys(unique["title"])),
        whole=_joined(whole, plain_text(unique["title"])),
    )
    # The last one: a line of text may have been divided inside the name of an artist with commas.
    tries = [("as_told", index.exact), ("as_song", index.songs), ("as_song", index.exact), ("whole", index.exact)]
    rows = pl.lit(None, pl.Int32)
    counts = pl.lit(None, pl.UInt32)
    for number, (key, table) in enumerate(tries):
        step = table.rename({"key": key, "row": f"row_{number}", "n_songs": f"n_songs_{number}"})
        keyed = keyed.join(step, on=key, how="left", maintain_order="left")
        counts = pl.coalesce(counts, f"n_songs_{number}")
        rows = pl.coalesce(rows, f"row_{number}")
    best = keyed.select("title", "artist", row=rows, n_songs=counts)
    return names.join(best, on=["title", "artist"], how="left", maintain_order="left")
