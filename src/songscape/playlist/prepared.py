"""What takes longest to read out of a catalog for playlists, as arrays that an atlas folder keeps.

Reading the songs of 200 000 tracks takes two seconds, most of it for words, genres and names as numbers. These depend
on the catalog alone, so they are made once, when the atlas is saved. The rest is made from them and from the table.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from songscape.kernels.scoring import SparseRows
from songscape.playlist.songs import Ragged, entries_of

if TYPE_CHECKING:
    from songscape.playlist.content import Content

FORM = 2
"""Rises with every change of what `read_songs` or `prepare_content` make: older arrays are not used then."""

Arrays = Mapping[str, npt.NDArray[Any]]


def pack_content(content: "Content") -> dict[str, npt.NDArray[Any]]:
    """Return what takes longest to make of songs, by name.

    Examples
    --------
    >>> import polars as pl, songscape
    >>> from songscape.playlist.content import prepare_content
    >>> from songscape.playlist.reading import read_songs
    >>> table = pl.DataFrame({"title": ["One", "Two"], "artist": ["A", "B"], "energy": [0, 1]})
    >>> tracks = songscape.read_catalog(table).tracks
    >>> songs = read_songs(tracks, np.zeros((2, 1), np.float32), np.zeros((2, 2), np.float32))
    >>> Prepared(pack_content(prepare_content(songs))).artists.names
    ('A', 'B')
    """
    songs, styles = content.songs, content.tables.styles
    arrays: dict[str, npt.NDArray[Any]] = {"form": np.array([FORM]), "tags_names": _text(songs.tags.names)}
    arrays |= {"ranks": songs.ranks, "scenes": content.scenes, "style": content.tables.style}
    arrays |= {} if songs.titles is None else {"titles": songs.titles}
    arrays |= _packed("artists", songs.artists)
    arrays |= {"styles_indptr": styles.indptr, "styles_ids": styles.ids, "styles_weights": styles.weights}
    if content.hubs is not None:
        arrays["hubs"] = content.hubs
    return arrays | (_packed("words", songs.words) if songs.words is not None else {})


def _packed(name: str, held: Ragged) -> dict[str, npt.NDArray[Any]]:
    arrays: dict[str, npt.NDArray[Any]] = {"indptr": held.indptr, "ids": held.ids, "weights": held.weights}
    return {f"{name}_{part}": values for part, values in arrays.items()} | {f"{name}_names": _text(held.names)}


def _text(names: tuple[str, ...]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(json.dumps(names, ensure_ascii=False).encode(), np.uint8)


class Prepared:
    """Arrays of `pack_content`, as what they were made from.

    Attributes
    ----------
    ranks, scenes : float32
        As `Songs.ranks` and `Content.scenes`.
    hubs : float32, or None
        As `Content.hubs`.
    titles : int32, or None
        As `Songs.titles`; None in arrays of an older Songscape.
    artists, tags, words : Ragged
        As those of `Songs`.
    styles : (int32, SparseRows)
        `SongTables.style` and `SongTables.styles`.
    """

    def __init__(self, arrays: Arrays) -> None:
        self.ranks, self.scenes = arrays["ranks"], arrays["scenes"]
        self.hubs, self.titles = arrays.get("hubs"), arrays.get("titles")
        self.artists = _unpacked("artists", arrays)
        self.words = _unpacked("words", arrays) if "words_ids" in arrays else None
        rows = SparseRows(arrays["styles_indptr"], arrays["styles_ids"], arrays["styles_weights"])
        self.styles = arrays["style"], rows
        indptr, entries = entries_of(rows.indptr, arrays["style"])
        self.tags = Ragged(indptr, rows.ids[entries], rows.weights[entries], _names("tags", arrays))


def prepared_of(arrays: Arrays | None) -> Prepared | None:
    """Return what arrays hold; None without any, and if they are not of the form that this Songscape makes."""
    return Prepared(arrays) if arrays is not None and int(arrays["form"][0]) == FORM else None


def _unpacked(name: str, arrays: Arrays) -> Ragged:
    indptr, ids, weights = (arrays[f"{name}_{part}"] for part in ("indptr", "ids", "weights"))
    return Ragged(indptr, ids, weights, _names(name, arrays))


def _names(name: str, arrays: Arrays) -> tuple[str, ...]:
    return tuple(json.loads(arrays[f"{name}_names"].tobytes()))
