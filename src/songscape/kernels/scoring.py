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

_SONGS = 4096  # songs in a block
_ROWS = 4096  # rows of a sparse matrix in a block
_AT_ONCE = 8  # blocks a call takes: a call costs as much as a fifth of a block


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
    """

    levels: Float32
    codes: Int16
    main_artist: Int32
    style: Int32
    styles: SparseRows


class Worth(NamedTuple):
    """What counts how much, weights included: tables that a song looks itself up in.

    Attributes
    ----------
    curves : float32, shape (n_levels, 3)
        A level z counts ``curves[f, 0] + curves[f, 1] z + curves[f, 2] z²``.
    tags : float32, shape (n_tags,)
    main_artists : float32, shape (n_artists,)
    scales : float32, shape (n_scales, n_bins)
    """

    curves: Float32
    tags: Float32
    main_artists: Float32
    scales: Float32


def add_scores(songs: SongTables, worth: Worth, total: Float32) -> None:
    """Add what all songs are worth to `total`, float32 (n_songs,), in place."""
    n_styles, n_songs = len(songs.styles.indptr) - 1, len(total)
    by_style = np.empty(n_styles, np.float32)

    def sum_tags(first: int, stop: int) -> None:
        _sum_rows(songs.styles, worth.tags, first * _ROWS, by_style[first * _ROWS : stop * _ROWS])

    def add(first: int, stop: int) -> None:
        _add_range(songs, worth, by_style, total[first * _SONGS : stop * _SONGS], first * _SONGS)

    run_blocks(sum_tags, -(-n_styles // _ROWS), grain=_AT_ONCE)
    run_blocks(add, -(-n_songs // _SONGS), grain=_AT_ONCE)


@jit
def _sum_rows(rows: SparseRows, worth: Float32, first: int, out: Float32) -> None:
    for i in range(len(out)):
        total = np.float32(0.0)
        for at in range(rows.indptr[first + i], rows.indptr[first + i + 1]):
            total += rows.weights[at] * worth[rows.ids[at]]
        out[i] = total


@jit
def _add_range(songs: SongTables, worth: Worth, by_style: Float32, out: Float32, first: int) -> None:
    for f in range(len(songs.levels)):
        levels, curve = songs.levels[f, first : first + len(out)], worth.curves[f]
        for i in range(len(out)):
            z = levels[i]
            value = curve[0] + z * (curve[1] + z * curve[2])
            out[i] += value if z == z else np.float32(0.0)  # NaN is unknown
    for i in range(len(out)):
        value = by_style[songs.style[first + i]]
        main = songs.main_artist[first + i]
        if main >= 0:
            value += worth.main_artists[main]
        for k in range(len(songs.codes)):
            code = songs.codes[k, first + i]
            if code >= 0:
                value += worth.scales[k, code]
        out[i] += value
