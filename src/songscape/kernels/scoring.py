"""Scores of all songs at once: each song's parts, and their weighted sum."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit
from songscape.threads import run_blocks

Float32 = npt.NDArray[np.float32]
Int16 = npt.NDArray[np.int16]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

_SONGS = 8192  # songs in a block


class SparseRows(NamedTuple):
    """A sparse matrix by rows: row i holds entries ``indptr[i]`` to ``indptr[i + 1] − 1``."""

    indptr: Int64
    ids: Int32
    weights: Float32


class SongTables(NamedTuple):
    """Songs as the scores see them.

    Attributes
    ----------
    levels : float32, shape (n_songs, n_levels)
        Standardized values; NaN where unknown.
    codes : int16, shape (n_songs, n_scales)
        The bin of each song on each scale; −1 where unknown.
    main_artist : int32, shape (n_songs,)
        −1 where unknown.
    artists, tags, words : SparseRows
        What each song holds.
    """

    levels: Float32
    codes: Int16
    main_artist: Int32
    artists: SparseRows
    tags: SparseRows
    words: SparseRows


class SeedTables(NamedTuple):
    """What is asked for, as tables that a song looks itself up in.

    Attributes
    ----------
    curves : float32, shape (n_levels, 3)
        A level z counts ``curves[f, 0] + curves[f, 1] z + curves[f, 2] z²``.
    row_of_level : int32, shape (n_levels,)
        The part that each level counts in.
    tags, words : float32, shape (n_tags,) and (n_words,)
        What each tag and word counts.
    artists : float32, shape (n_artists, 3)
        What each artist counts: of any artist the greatest first value counts, of the main one the others.
    scales : float32, shape (n_scales, n_bins)
        What each bin of each scale counts.
    """

    curves: Float32
    row_of_level: Int32
    tags: Float32
    words: Float32
    artists: Float32
    scales: Float32


def score_all(songs: SongTables, seeds: SeedTables, weights: Float32) -> tuple[Float32, Float32]:
    """Return the parts of all scores, and their weighted sums.

    Parameters
    ----------
    songs : SongTables
    seeds : SeedTables
    weights : float32, shape (n_parts,)
        ``n_parts = n_rows_of_levels + 5 + n_scales``, in this order: the rows of levels; tags; words; any artist, and
        twice the main artist; the scales.

    Returns
    -------
    values : float32, shape (n_parts, n_songs)
    total : float32, shape (n_songs,)
    """
    n_songs = len(songs.levels)
    values = np.zeros((len(weights), n_songs), np.float32)
    total = np.empty(n_songs, np.float32)

    def work(first: int, stop: int) -> None:
        _score_range(songs, seeds, weights, values, total, first * _SONGS, min(stop * _SONGS, n_songs))

    run_blocks(work, -(-n_songs // _SONGS))
    return values, total


@jit
def _row_sum(rows: SparseRows, worth: Float32, i: int) -> np.float32:
    total = np.float32(0.0)
    for at in range(rows.indptr[i], rows.indptr[i + 1]):
        total += rows.weights[at] * worth[rows.ids[at]]
    return total


@jit
def _score_range(
    songs: SongTables,
    seeds: SeedTables,
    weights: Float32,
    values: Float32,
    total: Float32,
    first: int,
    stop: int,
) -> None:
    n_scales = songs.codes.shape[1]
    n_rows = len(weights) - 5 - n_scales
    for i in range(first, stop):
        for f in range(songs.levels.shape[1]):
            z = songs.levels[i, f]
            if z == z:  # known
                values[seeds.row_of_level[f], i] += seeds.curves[f, 0] + z * (
                    seeds.curves[f, 1] + z * seeds.curves[f, 2]
                )
        values[n_rows, i] = _row_sum(songs.tags, seeds.tags, i)
        values[n_rows + 1, i] = _row_sum(songs.words, seeds.words, i)
        artist = np.float32(0.0)
        for at in range(songs.artists.indptr[i], songs.artists.indptr[i + 1]):
            artist = max(artist, seeds.artists[songs.artists.ids[at], 0])
        values[n_rows + 2, i] = artist
        main = songs.main_artist[i]
        if main >= 0:
            values[n_rows + 3, i] = seeds.artists[main, 1]
            values[n_rows + 4, i] = seeds.artists[main, 2]
        for k in range(n_scales):
            code = songs.codes[i, k]
            if code >= 0:
                values[n_rows + 5 + k, i] = seeds.scales[k, code]
        score = np.float32(0.0)
        for part in range(len(weights)):
            score += weights[part] * values[part, i]
        total[i] = score
