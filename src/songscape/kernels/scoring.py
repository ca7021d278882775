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

_SONGS = 2048  # songs in a block


class SparseRows(NamedTuple):
    """A sparse matrix by rows: row i holds entries ``indptr[i]`` to ``indptr[i + 1] − 1``."""

    indptr: Int64
    ids: Int32
    weights: Float32


class SongTables(NamedTuple):
    """Songs as the scores see them.

    Attributes
    ----------
    levels : float32, shape (n_levels, n_songs)
        Standardized values; NaN where unknown.
    codes : int16, shape (n_scales, n_songs)
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
    n_songs = songs.levels.shape[1]
    values = np.zeros((len(weights), n_songs), np.float32)
    total = np.zeros(n_songs, np.float32)

    def work(first: int, stop: int) -> None:
        _score_range(songs, seeds, weights, values, total, first * _SONGS, min(stop * _SONGS, n_songs))

    run_blocks(work, -(-n_songs // _SONGS))
    return values, total


@jit
def _add_parabola(levels: Float32, curve: Float32, out: Float32) -> None:
    for i in range(len(out)):
        z = levels[i]
        value = curve[0] + z * (curve[1] + z * curve[2])
        out[i] += value if z == z else np.float32(0.0)  # NaN is unknown


@jit
def _add_sums(rows: SparseRows, worth: Float32, first: int, out: Float32) -> None:
    for i in range(len(out)):
        total = np.float32(0.0)
        for at in range(rows.indptr[first + i], rows.indptr[first + i + 1]):
            total += rows.weights[at] * worth[rows.ids[at]]
        out[i] = total


@jit
def _add_artists(songs: SongTables, worth: Float32, first: int, any_artist: Float32, main_artist: Float32) -> None:
    indptr, ids = songs.artists.indptr, songs.artists.ids
    for i in range(len(any_artist)):
        best = np.float32(0.0)
        for at in range(indptr[first + i], indptr[first + i + 1]):
            best = max(best, worth[ids[at], 0])
        any_artist[i] = best
        main = songs.main_artist[first + i]
        if main >= 0:
            main_artist[0, i] = worth[main, 1]
            main_artist[1, i] = worth[main, 2]


@jit
def _add_scale(codes: Int16, worth: Float32, out: Float32) -> None:
    for i in range(len(out)):
        if codes[i] >= 0:
            out[i] = worth[codes[i]]


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
    n_scales = songs.codes.shape[0]
    base = len(weights) - 5 - n_scales
    for f in range(len(songs.levels)):
        row = seeds.row_of_level[f]
        _add_parabola(songs.levels[f, first:stop], seeds.curves[f], values[row, first:stop])
    _add_sums(songs.tags, seeds.tags, first, values[base, first:stop])
    _add_sums(songs.words, seeds.words, first, values[base + 1, first:stop])
    _add_artists(songs, seeds.artists, first, values[base + 2, first:stop], values[base + 3 : base + 5, first:stop])
    for k in range(n_scales):
        _add_scale(songs.codes[k, first:stop], seeds.scales[k], values[base + 5 + k, first:stop])
    out = total[first:stop]
    for part in range(len(weights)):
        weight = weights[part]
        row_values = values[part, first:stop]
        for i in range(len(out)):
            out[i] += weight * row_values[i]
