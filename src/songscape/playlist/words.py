"""Words of titles and albums: what themed playlists share beyond sound and style (Christmas, films, places)."""

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

    parts, names = [], []
    for texts, mark in ((titles, ""), (albums, "@")):
        entries = _entries(texts.cast(pl.String))
        known = entries["word"].unique().sort()
        ids = entries["word"].cast(pl.Enum(known)).to_physical().to_numpy()
        rarity = 0.01 + np.log(len(texts) / entries["count"].to_numpy())
        shape = (len(texts), len(known))
        parts.append(
            unit_sparse(csr_array((rarity.astype(np.float32), (entries["song"].to_numpy(), ids)), shape=shape))
        )
        names += [mark + word for word in known]
    both = csr_array(hstack(parts, format="csr", dtype=np.float32))
    return ragged(both, tuple(names))


def _entries(texts: pl.Series) -> pl.DataFrame:
    """Return ``song``, ``word`` and the ``count`` of songs with it: one row for each distinct word of a song."""
    distinct = pl.DataFrame({"text": texts}).with_row_index("song").drop_nulls()
    unique = distinct["text"].unique(maintain_order=True)
    split = pl.DataFrame({"text": unique, "word": plain_text(unique).str.split(" ").list.unique(maintain_order=True)})
    split = split.explode("word").filter(pl.col("word").str.len_chars() > 1)
    entries = distinct.join(split, on="text", maintain_order="left").select("song", "word")
    entries = entries.with_columns(count=pl.len().over("word"))
    return entries.filter(pl.col("count") >= _LEAST_SONGS)
