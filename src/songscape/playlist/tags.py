"""Tags: genres and their words, those of the song's artist added, weighted by rarity."""

from typing import Any

import numpy as np
import polars as pl

from songscape.playlist.songs import Ragged
from songscape.titles import plain_text
from songscape.types import Float32, Int32, Int64

ARTIST_SHARE = 0.7
"""Weight of the main artist's mean tags beside the song's own."""

_NO_TAGS = ("and", "of", "the", "de", "n", "unknown", "music", "other")


def tag_table(genres: pl.Series) -> pl.DataFrame:
    """Return all tags of all distinct genres: the genre itself, normalized, and its words.

    Parameters
    ----------
    genres : polars.Series of text
        Distinct names of genres.

    Returns
    -------
    polars.DataFrame
        ``genre`` as it came and ``tag``; a genre has one row for each of its tags.

    Examples
    --------
    >>> tag_table(pl.Series(["Hip-Hop", "r&b"])).sort("genre", "tag").rows()
    [('Hip-Hop', 'hip'), ('Hip-Hop', 'hip hop'), ('Hip-Hop', 'hop'), ('r&b', 'r and b')]
    """
    plain = plain_text(genres)
    words = plain.str.split(" ")
    table = pl.DataFrame({"genre": genres, "whole": plain, "words": words})
    whole = table.select("genre", tag="whole")
    single = table.select("genre", tag="words").explode("tag").filter(pl.col("tag").str.len_chars() > 1)
    return pl.concat([whole, single]).filter(~pl.col("tag").is_in(_NO_TAGS)).unique(maintain_order=True)


def song_tags(pairs: pl.DataFrame, main_artist: Int32, n_artists: int) -> Ragged:
    """Return the tags of songs: their own, weighted by rarity, and those of the main artist's songs.

    Parameters
    ----------
    pairs : polars.DataFrame
        Columns ``song`` (int32) and ``genre`` (text), not null.
    main_artist : int32, shape (n_songs,)
        The main artist of each song; −1 where unknown.
    n_artists : int
        Number of artists.

    Returns
    -------
    Ragged
        A song's weights have norm 1; a song without genre, by an artist without genre, has no entry.

    Notes
    -----
    A tag counts log(n / df): n songs with any genre, df of them with this tag; plus 1, so that a tag that all share
    still counts. Own weights have norm 1 before `ARTIST_SHARE` × the mean over the artist's songs is added.
    """
    known = tag_table(pairs["genre"].unique(maintain_order=True))
    entries = pairs.join(known, on="genre").select("song", "tag").unique()
    names = entries["tag"].unique().sort()
    ids = entries["tag"].cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int32)
    own = _own(entries["song"].to_numpy(), ids, len(main_artist), len(names))
    return ragged(_with_artists(own, main_artist, n_artists), tuple(names))


def _own(songs: Int32, tags: Int32, n_songs: int, n_tags: int) -> Any:
    """Return the sparse matrix (n_songs, n_tags) of own tags; rows have norm 1 or are empty."""
    from scipy.sparse import csr_array

    tagged = len(np.unique(songs))
    rarity = 1.0 + np.log(tagged / np.maximum(np.bincount(tags, minlength=n_tags), 1))
    own = csr_array((rarity[tags].astype(np.float32), (songs, tags)), shape=(n_songs, n_tags))
    return unit_sparse(own)


def _with_artists(own: Any, main_artist: Int32, n_artists: int) -> Any:
    from scipy.sparse import csr_array

    known = np.flatnonzero((main_artist >= 0) & (np.diff(own.indptr) > 0))
    counts = np.bincount(main_artist[known], minlength=n_artists)
    share = (1.0 / np.maximum(counts[main_artist[known]], 1)).astype(np.float32)
    gather = csr_array((share, (main_artist[known], known)), shape=(n_artists, own.shape[0]))
    profile = (gather @ own) * np.float32(ARTIST_SHARE)
    named = np.flatnonzero(main_artist >= 0)
    spread = csr_array(
        (np.ones(len(named), np.float32), (named, main_artist[named])), shape=(own.shape[0], max(n_artists, 1))
    )
    return unit_sparse(own + spread @ profile) if n_artists else own


def unit_sparse(matrix: Any) -> Any:
    """Divide the rows of a sparse matrix by their norms, in place."""
    matrix.sort_indices()
    counts = np.diff(matrix.indptr)
    filled = counts > 0
    norms = np.ones(matrix.shape[0])
    if filled.any():
        norms[filled] = np.sqrt(np.add.reduceat(matrix.data.astype(np.float64) ** 2, matrix.indptr[:-1][filled]))
    matrix.data = (matrix.data / np.repeat(norms, counts)).astype(np.float32)
    return matrix


def ragged(matrix: Any, names: tuple[str, ...]) -> Ragged:
    """Return a sparse matrix as `Ragged`."""
    indptr: Int64 = matrix.indptr.astype(np.int64)
    weights: Float32 = matrix.data.astype(np.float32)
    return Ragged(indptr, matrix.indices.astype(np.int32), weights, names)
