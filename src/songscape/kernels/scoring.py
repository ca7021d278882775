"""Scores of all songs at once."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit
from songscape.threads import run_blocks

Float32 = npt.NDArray[np.float32]
Int16 = npt.NDArray[np.int16]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

_SONGS = 4096  # songs in a block: what is added to stays in the nearest cache
_AT_ONCE = 16  # blocks a call takes: a call costs as much as some blocks


class SparseRows(NamedTuple):
    """A sparse matrix by rows: row i holds entries ``indptr[i]`` to ``indptr[i + 1] − 1``."""

    indptr: Int64
    ids: Int32
    weights: Float32


class SongTables(NamedTuple):
    """What all songs have, as the scores see it.

    Attributes
    ----------
    levels : float32, shape (n_levels, n_songs)
        Standardized values; NaN where unknown.
    codes : int16, shape (n_scales, n_songs)
        The bin of each song on each scale; −1 where unknown.
    main_artist : int32, shape (n_songs,)
        −1 where unknown.
    style : int32, shape (n_songs,)
        The row of `styles` that holds the song's tags.
    styles : SparseRows
        Different rows of tags: many songs of an artist have the same.
    by_tag : SparseRows
        The same by tags: the styles that have each tag, ascending.
    """

    levels: Float32
    codes: Int16
    main_artist: Int32
    style: Int32
    styles: SparseRows
    by_tag: SparseRows


class Worth(NamedTuple):
    """What counts how much, weights included: tables that a song looks itself up in.

    Attributes
    ----------
    curves : float32, shape (n_levels, 3)
        A level z counts ``curves[f, 0] + curves[f, 1] z + curves[f, 2] z²``.
    tags : float32, shape (n_tags,)
    main_artists : float32, shape (1 + n_artists,)
        The first is for songs whose artist is unknown.
    scales : float32, shape (n_scales, 1 + n_bins)
        The first of each row is for unknown values.
    """

    curves: Float32
    tags: Float32
    main_artists: Float32
    scales: Float32


def add_scores(songs: SongTables, worth: Worth, total: Float32) -> None:
    """Add what all songs are worth to `total`, float32 (n_songs,), in place."""
    by_style = np.zeros(len(songs.styles.indptr) - 1, np.float32)
    add_held(songs.by_tag, worth.tags, by_style)

    def add(first: int, stop: int) -> None:
        _add_songs(songs, worth, by_style, first * _SONGS, total[first * _SONGS : stop * _SONGS])

    run_blocks(add, -(-len(total) // _SONGS), grain=_AT_ONCE)


def add_held(holders: SparseRows, worth: Float32, total: Float32) -> None:
    """Add to the holders of each thing, a row of `holders`, its weight times what the thing is worth, in place."""
    _add_held(holders, worth, total)


def weighted_sum(columns: Float32, weights: Float32) -> Float32:
    """Return Σ w c over the columns, float32 (n,), of ``columns`` (n_columns, n): without the threads of BLAS."""
    out = np.zeros(columns.shape[1], np.float32)
    _add_columns(columns, weights, out)
    return out


@jit
def _add_held(holders: SparseRows, worth: Float32, out: Float32) -> None:
    for thing in range(len(worth)):
        value = worth[thing]
        if value != np.float32(0.0):  # few things count
            for at in range(holders.indptr[thing], holders.indptr[thing + 1]):
                out[holders.ids[at]] += holders.weights[at] * value


@jit
def _add_columns(columns: Float32, weights: Float32, out: Float32) -> None:
    for start in range(0, len(out), _SONGS):
        part = out[start : start + _SONGS]
        for k in range(len(columns)):
            column, weight = columns[k, start : start + _SONGS], weights[k]
            for i in range(len(part)):
                part[i] += weight * column[i]


@jit
def _add_songs(songs: SongTables, worth: Worth, by_style: Float32, first: int, out: Float32) -> None:
    for start in range(0, len(out), _SONGS):
        _add_block(songs, worth, by_style, first + start, out[start : start + _SONGS])


@jit
def _add_block(songs: SongTables, worth: Worth, by_style: Float32, first: int, out: Float32) -> None:
    # One plain loop a table, and places without a sign: numba then neither branches nor looks for negative ones.
    for f in range(len(songs.levels)):
        levels, curve = songs.levels[f, first : first + len(out)], worth.curves[f]
        for i in range(len(out)):
            z = levels[i]
            value = curve[0] + z * (curve[1] + z * curve[2])
            out[i] += value if z == z else np.float32(0.0)  # NaN is unknown
    style = songs.style[first : first + len(out)]
    main = songs.main_artist[first : first + len(out)]
    for i in range(len(out)):
        out[i] += by_style[np.uint32(style[i])] + worth.main_artists[np.uint32(main[i] + 1)]
    for k in range(len(songs.codes)):
        codes, scale = songs.codes[k, first : first + len(out)], worth.scales[k]
        for i in range(len(out)):
            out[i] += scale[np.uint32(codes[i] + 1)]
