"""Titles, artists, ids and albums of all tracks: the buffer that comes after the first picture.

Texts stand one behind the other, as UTF-8 without a separator, with their lengths in UTF-16 units, the unit of
JavaScript. So a text may hold anything. Artists and albums are listed once each.
"""

from typing import Any

import numpy as np
import polars as pl

from songscape.atlas.record import Atlas
from songscape.web.packing.buffer import Array, pack, smallest

_LONGEST = 10_000  # characters of a text; longer ones are cut
_MOST_ARTISTS = 20  # of one track


def pack_text(atlas: Atlas) -> bytes:
    """Return the texts of all tracks as one buffer.

    For each of ``title``, ``artist``, ``album`` and ``id`` there is an array of bytes and one of lengths; artists and
    albums are distinct, ``artist_counts``, ``artist_ids`` and ``album_ids`` tell whose they are.

    Examples
    --------
    >>> import songscape
    >>> from songscape.web.packing.buffer import unpack
    >>> atlas = songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(300, random_state=0)))
    >>> header, arrays = unpack(pack_text(atlas))
    >>> len(arrays["title_lengths"]), len(arrays["title"].tobytes().decode()) - int(arrays["title_lengths"].sum())
    (300, 0)
    """
    tracks = atlas.catalog.tracks
    arrays = _texts("title", _column(tracks, "title"))
    artists = tracks["artists"] if "artists" in tracks else pl.Series([[]] * len(tracks), dtype=pl.List(pl.String))
    artists = artists.fill_null([]).list.drop_nulls().list.head(_MOST_ARTISTS)
    names, places = _distinct(artists.explode(empty_as_null=False))
    arrays |= _texts("artist", names)
    arrays |= {"artist_counts": artists.list.len().to_numpy().astype(np.uint8), "artist_ids": places}
    albums, places = _distinct(_column(tracks, "album"))
    arrays |= _texts("album", albums) | {"album_ids": places}
    if not (ids := _column(tracks, "id")).is_null().all():
        arrays |= _texts("id", ids)
    return pack({"n": len(tracks)}, arrays)


def _column(tracks: pl.DataFrame, name: str) -> pl.Series:
    return tracks[name] if name in tracks else pl.Series(name, [None] * len(tracks), dtype=pl.String)


def _texts(name: str, values: pl.Series) -> dict[str, Array]:
    """Return texts behind each other as bytes, and their lengths in UTF-16 units; null is the empty text."""
    texts = values.fill_null("").str.head(_LONGEST)
    beyond = texts.str.count_matches("[\U00010000-\U0010ffff]")  # these take two units
    lengths = (texts.str.len_chars() + beyond).to_numpy()
    data: Any = "".join(texts).encode()
    return {name: np.frombuffer(data, np.uint8), f"{name}_lengths": smallest(lengths, int(lengths.max(initial=0)))}


def _distinct(values: pl.Series) -> tuple[pl.Series, Array]:
    """Return distinct texts in order of their first place, and the place of each value among them."""
    names = values.drop_nulls().unique(maintain_order=True).alias("text")
    table = pl.DataFrame({"text": names, "place": pl.Series(range(len(names)), dtype=pl.Int64)})
    places = values.to_frame("text").join(table, on="text", how="left", maintain_order="left")["place"]
    return names, smallest(places.fill_null(-1).to_numpy(), len(names))
