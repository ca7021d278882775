"""Words of titles and albums: what themed playlists share beyond sound and style (Christmas, films, places)."""

from typing import Any

import numpy as np
import polars as pl

from songscape.playlist.songs import Ragged
from songscape.playlist.tags import ragged, unit_sparse
from songscape.titles import plain_text

_LEAST_SONGS = 3
"""A word in fewer songs ties too few to count."""


def song_words(titles: pl.Series, albums: pl.Series) -> Ragged:
    """Return the words of each song's title and album, weighted by rarity.

    Parameters
    ----------
    titles, albums : polars.Series of text, n_songs rows
        Null where unknown.

    Returns
    -------
    Ragged
        The words of a title have norm 1, and so have those of an album; a word counts log(n / df). Words of titles
        and of albums are kept apart: an album word starts with ``@``.

    Examples
    --------
    >>> words = song_words(pl.Series(["Silent Night", "Night Fever", "Night"]), pl.Series([None, None, None]))
    >>> words.names, words.of(0).tolist()
    (('night',), [0])
    """
    from scipy.sparse import csr_array, hstack

    titled, title_words = _weighted(titles.cast(pl.String))
    released, album_words = _weighted(albums.cast(pl.String))
    both = csr_array(hstack([titled, released], format="csr", dtype=np.float32))
    return ragged(both, (*title_words, *(f"@{word}" for word in album_words)))


def _weighted(texts: pl.Series) -> tuple[Any, list[str]]:
    """Return the sparse matrix texts × words, weighted by rarity with rows of norm 1, and the words."""
    from scipy.sparse import csr_array

    split = plain_text(texts).str.split(" ").to_frame("word").with_row_index("song").explode("word")
    split = split.filter(pl.col("word").str.len_chars() > 1)
    names = split["word"].unique(maintain_order=True)
    ids = split["word"].cast(pl.Enum(names)).to_physical().to_numpy()
    ones = np.ones(len(ids), np.float32)
    held = csr_array((ones, (split["song"].to_numpy(), ids)), shape=(len(texts), len(names)))
    held.sum_duplicates()
    counts = np.bincount(held.indices, minlength=len(names))
    common = np.flatnonzero(counts >= _LEAST_SONGS)
    place = np.full(len(names), -1, np.int32)
    place[common] = np.arange(len(common), dtype=np.int32)
    kept = counts[held.indices] >= _LEAST_SONGS
    owners = np.repeat(np.arange(len(texts)), np.diff(held.indptr))[kept]
    ids = place[held.indices[kept]]
    rarity = (0.01 + np.log(len(texts) / counts[common])).astype(np.float32)
    matrix = csr_array((rarity[ids], (owners, ids)), shape=(len(texts), len(common)))
    return unit_sparse(matrix), names.gather(common).to_list()
