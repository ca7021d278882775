"""What scores are computed from: songs prepared once for any number of requests."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from songscape.kernels.scoring import SongTables, SparseRows
from songscape.playlist.songs import Ragged, Songs, entries_of
from songscape.types import Float32, Float64, Int32, Int64

if TYPE_CHECKING:
    from songscape.playlist.prepared import Prepared

N_SCENES = 32
"""Dimensions in which the genres of artists are smoothed: enough that related genres lie near each other."""

_ITERATIONS = 6
_MIX = 0x9E3779B97F4A7C15  # an odd number of 64 bits without pattern
_STEADY = 2.0  # songs of an artist without peculiarity that steady the mean over its own


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """A quantity in bins, and how often each bin occurs.

    Attributes
    ----------
    centers : float64, shape (n_bins,)
        Ascending.
    background : float64, shape (n_bins,)
        Share of the catalog per unit of the quantity, > 0.
    width : float
        Width of the kernel around each seed.
    """

    centers: Float64
    background: Float64
    width: float


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """Songs prepared for scoring.

    Attributes
    ----------
    songs : Songs
    tables : SongTables
        Levels are standardized ranks; scales are era, popularity, duration, explicit, emotion.
    by_word, by_artist : Ragged
        The songs that hold each word and each artist.
    scales : tuple of Scale
        Era, popularity and duration.
    explicit_share : float
        Share of explicit songs among those known.
    emotion_shares : float64, shape (n_emotions,)
    artist_sizes : float32, shape (n_artists,)
        Songs of each artist.
    scenes : float32, shape (n_artists, N_SCENES)
        Genres of each artist in few dimensions; norm 1, or 0 where unknown. Columns are contiguous.
    voices : float32, shape (n_artists, 18)
        Mean levels of each artist's songs, of unit variance over songs, and their squares. Columns are contiguous.
    hubs : float32, shape (n_songs,), or None
        See `songscape.playlist.hubs`; None where nobody asked.
    """

    songs: Songs
    tables: SongTables
    by_word: Ragged
    by_artist: Ragged
    scales: tuple[Scale, Scale, Scale]
    explicit_share: float
    emotion_shares: Float64
    artist_sizes: Float32
    scenes: Float32
    voices: Float32
    hubs: Float32 | None = None


def prepare_content(songs: Songs, prepared: "Prepared | None" = None) -> Content:
    """Return songs prepared for scoring; do this once for a catalog.

    `prepared` is what was made of the same songs before and takes longest to make.

    Years and popularity that are not known are taken from the mean of the artist's songs.
    """
    main = main_artists(songs)
    n_artists = len(songs.artists.names)
    levels = _standardized(songs.ranks)
    year = _filled(songs.year, main, n_artists)
    popularity = _filled(songs.popularity, main, n_artists)
    length = np.log2(np.clip(songs.duration.astype(np.float64), 15.0, 3600.0))
    era, era_codes = _scale(year, np.arange(1900.0, 2041.0), 4.0)
    fame, fame_codes = _scale(popularity, np.arange(0.0, 101.0), 10.0)
    size, size_codes = _scale(length, np.arange(3.9, 11.9, 0.05), 0.2)
    codes = np.stack([era_codes, fame_codes, size_codes, songs.explicit, songs.emotion]).astype(np.int16)
    style, styles = prepared.styles if prepared else _styles(songs.tags)
    tables = SongTables(
        np.ascontiguousarray(levels.T),
        codes,
        main,
        style,
        styles,
        by_tag=SparseRows(*_turned(styles, len(songs.tags.names))),
    )
    known = songs.explicit[songs.explicit >= 0]
    emotions = np.bincount(songs.emotion[songs.emotion >= 0], minlength=len(songs.emotions)).astype(np.float64)
    return Content(
        songs=songs,
        tables=tables,
        by_word=_holders(songs.words or _nothing(songs.n_songs)),
        by_artist=_holders(songs.artists),
        scales=(era, fame, size),
        explicit_share=float((known.sum() + 1.0) / (len(known) + 2.0)),
        emotion_shares=(emotions + 1.0) / (emotions.sum() + max(len(emotions), 1)),
        artist_sizes=np.bincount(songs.artists.ids, minlength=n_artists).astype(np.float32),
        scenes=np.asfortranarray(prepared.scenes if prepared else _scenes(songs, main, n_artists)),
        voices=np.asfortranarray(_voices(levels, main, n_artists)),
    )


def main_artists(songs: Songs) -> Int32:
    """Return the main artist of each song, −1 where unknown."""
    main = np.full(songs.n_songs, -1, np.int32)
    named = np.flatnonzero(np.diff(songs.artists.indptr) > 0)
    main[named] = songs.artists.ids[songs.artists.indptr[named]]
    return main


def _nothing(n_songs: int) -> Ragged:
    return Ragged(np.zeros(n_songs + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32), ())


def _holders(held: Ragged) -> Ragged:
    """Return the songs that hold each thing, ascending, with the same weights."""
    return Ragged(*_turned(held, len(held.names)), held.names)


def _turned(rows: Ragged | SparseRows, n_things: int) -> tuple[Int64, Int32, Float32]:
    """Return a sparse matrix of rows by its columns: where each begins, its rows, ascending, and their weights."""
    order = np.argsort(rows.ids, kind="stable")
    owners = np.repeat(np.arange(len(rows.indptr) - 1, dtype=np.int32), np.diff(rows.indptr))
    counts = np.bincount(rows.ids, minlength=n_things)
    return np.concatenate([[0], np.cumsum(counts)]), owners[order], rows.weights[order]


def _styles(tags: Ragged) -> tuple[Int32, SparseRows]:
    """Return which row of tags each song has, and the different rows: found by their sums, then compared."""
    entries = tags.ids.astype(np.uint64) * np.uint64(_MIX) ^ tags.weights.view(np.uint32)
    entries = (entries ^ entries >> np.uint64(29)) * np.uint64(_MIX)
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(entries)])
    _, first, number = np.unique(np.diff(sums[tags.indptr]), return_index=True, return_inverse=True)
    lengths, like = np.diff(tags.indptr), first[number]
    like = np.where(lengths == lengths[like], like, np.arange(len(lengths)))
    other = entries_of(tags.indptr, like)[1]
    differs = (tags.ids != tags.ids[other]) | (tags.weights != tags.weights[other])
    apart = np.flatnonzero(np.diff(np.concatenate([[0], np.cumsum(differs)])[tags.indptr]))
    like[apart] = apart  # equal sums by chance
    kept, style = np.unique(like, return_inverse=True)
    indptr, entries_kept = entries_of(tags.indptr, kept)
    return style.astype(np.int32), SparseRows(indptr, tags.ids[entries_kept], tags.weights[entries_kept])


def _standardized(ranks: Float32) -> Float32:
    """Return columns of mean 0 and variance 1 among known values; a column without two values stays unknown."""
    known = ~np.isnan(ranks)
    counts = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, ranks, 0.0).astype(np.float64)
    mean = filled.sum(axis=0) / counts
    spread = np.sqrt((np.where(known, ranks - mean, 0.0) ** 2).sum(axis=0) / counts)
    spread[spread == 0.0] = np.nan
    return np.ascontiguousarray((ranks - mean) / spread, np.float32)


def artist_means(values: Float64, main: Int32, n_artists: int) -> Float64:
    """Return the mean of each artist's known values; NaN where there are none."""
    known = np.flatnonzero(~np.isnan(values) & (main >= 0))
    sums = np.bincount(main[known], values[known], minlength=n_artists)
    counts = np.bincount(main[known], minlength=n_artists)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _filled(values: Float32, main: Int32, n_artists: int) -> Float64:
    out = values.astype(np.float64)
    means = artist_means(out, main, n_artists)
    gaps = np.flatnonzero(np.isnan(out) & (main >= 0))
    out[gaps] = means[main[gaps]]
    return out


def _scale(values: Float64, centers: Float64, width: float) -> tuple[Scale, Int32]:
    """Return the scale of a quantity and each value's bin, −1 where unknown."""
    step = centers[1] - centers[0]
    known = ~np.isnan(values)
    codes = np.full(len(values), -1, np.int32)
    codes[known] = np.clip(np.rint((values[known] - centers[0]) / step), 0, len(centers) - 1).astype(np.int32)
    counts = np.bincount(codes[known], minlength=len(centers)).astype(np.float64)
    kernel = np.exp(-0.5 * ((centers[:, None] - centers) / (0.6 * width)) ** 2)
    kernel /= kernel.sum(axis=0)
    even = 1.0 / len(centers)
    share = (kernel @ counts + 10.0 * even) / (counts.sum() + 10.0)
    return Scale(centers, (0.99 * share + 0.01 * even) / step, width), codes


def _scenes(songs: Songs, main: Int32, n_artists: int) -> Float32:
    """Return the genres of artists on the leading singular directions of artists × tags (subspace iteration)."""
    profile = _profiles(songs, main, n_artists)
    n_scenes = min(N_SCENES, *profile.shape)
    if n_scenes == 0:
        return np.zeros((n_artists, 1), np.float32)
    basis = np.random.default_rng(0).normal(size=(profile.shape[1], n_scenes))
    transposed = profile.T.tocsr()
    for _ in range(_ITERATIONS):
        basis = np.linalg.qr(transposed @ (profile @ basis))[0]
    return unit(profile @ basis)


def _profiles(songs: Songs, main: Int32, n_artists: int) -> Any:
    """Return the tags of artists, a sparse matrix (n_artists, n_tags): the sum over their songs, of norm 1."""
    from scipy.sparse import csr_array, diags_array

    tags = csr_array((songs.tags.weights, songs.tags.ids, songs.tags.indptr), (songs.n_songs, len(songs.tags.names)))
    named = np.flatnonzero(main >= 0)
    ones = np.ones(len(named), np.float32)
    profile = csr_array((ones, (main[named], named)), shape=(n_artists, songs.n_songs)) @ tags
    norms = np.sqrt(np.asarray(profile.power(2).sum(axis=1)).ravel())
    return csr_array(diags_array(1.0 / np.maximum(norms, 1e-9)) @ profile)


def unit(rows: Float64) -> Float32:
    """Return rows divided by their norms; zeros where there is nothing to divide."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.ascontiguousarray(rows / np.where(norms > 1e-6, norms, np.inf), np.float32)


def _voices(levels: Float32, main: Int32, n_artists: int) -> Float32:
    named = np.flatnonzero(main >= 0)
    counts = np.bincount(main[named], minlength=n_artists)
    voices = np.empty((n_artists, levels.shape[1]), np.float32)
    for f, column in enumerate(np.nan_to_num(levels).T):
        mean = np.bincount(main[named], column[named], minlength=n_artists) / (counts + _STEADY)
        spread = mean[main[named]].std() if len(named) else 0.0
        voices[:, f] = mean / spread if spread > 0.0 else 0.0
    return np.column_stack([voices, voices**2])
