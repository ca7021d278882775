"""How well each song of a catalog fits the seeds: a sum of named parts.

===========  =========================================================================================================
part         what it counts, before its weight
===========  =========================================================================================================
sound        log density of energy, loudness, acousticness, instrumentalness, speechiness and liveness in a Gaussian
             around the seeds, less the log density in the catalog
mood         the same for positiveness
rhythm       the same for tempo and danceability: with equal weights the three add up to one Gaussian
genre        cosine of the song's tags (its own and its artist's) with the sum of the seeds' tags, in [0, 1]
words        product of the song's title and album words with those of the seeds, 1.8 Σ / (8 + n): what several
             seeds share counts, not that one song is called "Creep" and another one "Negative Creep"
artist       log(1 + 30 s / (5 + n)) for the best of its artists: s seeds by this artist, of n songs in the catalog
scene        cosine of the main artist's genres with those of the seeds' artists, in a space where related genres
             are near, in [−1, 1]
voice        the Gaussian of `sound`, `mood` and `rhythm` over the mean values of artists
era          log density of the year among the seeds' years (Laplace kernel of 4 years) against the catalog's
popularity   the same for popularity (Gaussian kernel of 10 points)
duration     the same for length (Gaussian kernel of 0.2 octaves)
explicit     log share of explicit songs among the seeds against the catalog's
emotion      log share of the song's emotion among the seeds against the catalog's
hubs         less the more lists a song would stand in anyway (`songscape.playlist.hubs`)
company      `songscape.playlist.cooccurrence`: what else stands in playlists that hold the seeds
target       nearness to target values (`songscape.playlist.moods`)
unlike       less what the score of the song for other seeds is above half its score for these, and above 0
===========  =========================================================================================================

All are log-odds or grow like them; a part that is unknown for a song counts 0. The Gaussian follows the seeds: with n
seeds of weighted sum Σx, its mean is Σx / (n + 0.6) and its variance (10 σ² + Σ(x − mean)²) / (10 + n) · (1 + 1/n),
where σ² is the variance inside real playlists (`SPREADS`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from songscape.errors import InputError
from songscape.kernels.scoring import SparseRows, Worth, add_held, add_scores, weighted_sum
from songscape.playlist.content import Content, Scale
from songscape.playlist.songs import AUDIO, Ragged, entries_of
from songscape.playlist.weights import ScoreWeights
from songscape.types import Float32, Float64, Int32

PARTS = (
    "sound",
    "mood",
    "rhythm",
    "genre",
    "words",
    "artist",
    "scene",
    "voice",
    "era",
    "popularity",
    "duration",
    "explicit",
    "emotion",
)
"""The parts that every score from seeds has."""

SPREADS = {
    "danceability": 0.59,
    "energy": 0.48,
    "positiveness": 0.69,
    "speechiness": 0.71,
    "liveness": 0.95,
    "acousticness": 0.49,
    "instrumentalness": 0.47,
    "loudness": 0.50,
    "tempo": 0.91,
}
"""Variance inside real playlists of features as ranks of unit variance."""

COMMON = 0.5
"""Share of its score for the seeds that a song may score for what a list shall be unlike."""

_PART_OF = {"positiveness": 1, "tempo": 2, "danceability": 2}
_TRUST = 10.0  # how many songs the variance inside real playlists is worth
_PULL = 0.6  # how many songs the catalog's mean is worth
_VOICE_SPREAD, _VOICE_TRUST = 0.5, 5.0
_WORDS_TRUST, _WORDS_SCALE = 8.0, 1.8  # the mean over ten seeds; of one seed's title the words say little
_BACKGROUND = 2.0  # how many seeds the catalog's distribution is worth


class SeedTables(NamedTuple):
    """What is asked for, before the weights of parts, as tables that a song looks itself up in.

    Attributes
    ----------
    curves : float32, shape (n_levels, 3)
        A level z counts ``curves[f, 0] + curves[f, 1] z + curves[f, 2] z²``.
    row_of_level : int32, shape (n_levels,)
        The part that each level counts in.
    tags, words : float32, shape (n_tags,) and (n_words,)
        What each tag and word counts.
    artists : float32, shape (n_artists, 3)
        What each artist counts: of any artist the greatest first value counts, of the main one the others. Columns
        are contiguous.
    scales : float32, shape (n_scales, n_bins)
        What each bin of each scale counts.
    """

    curves: Float32
    row_of_level: Int32
    tags: Float32
    words: Float32
    artists: Float32
    scales: Float32


@dataclass(frozen=True, eq=False)
class ScoreParts:
    """The scores of all songs, and their parts.

    Attributes
    ----------
    names : tuple of str
        The parts.
    weights : float32, shape (n_parts,)
    total : float32, shape (n_songs,)
        The scores: ``weights @ values`` up to rounding.
    at : callable
        Takes song numbers and returns the parts of their scores before the weights, float32 (n_parts, n); 0 where
        unknown.
    """

    names: tuple[str, ...]
    weights: Float32
    total: Float32
    at: Callable[[Int32], Float32]

    @cached_property
    def values(self) -> Float32:
        """The parts of all songs' scores, float32 (n_parts, n_songs); for a few songs `at` is much faster."""
        return self.at(np.arange(len(self.total), dtype=np.int32))

    def of(self, songs: Int32) -> list[dict[str, float]]:
        """Return the weighted parts of songs' scores; they add up to their scores."""
        weighted = self.weights[:, None] * self.at(songs)
        return [dict(zip(self.names, parts, strict=True)) for parts in weighted.T.tolist()]

    def with_part(self, name: str, values: Float32, weight: float) -> "ScoreParts":
        """Return the scores with one part more."""
        values = values.astype(np.float32, copy=False)
        total = np.float32(weight) * values
        total += self.total
        return ScoreParts(
            (*self.names, name),
            np.append(self.weights, np.float32(weight)),
            total,
            lambda songs: np.vstack([self.at(songs), values[None, songs]]),
        )

    def times(self, factor: float) -> "ScoreParts":
        """Return the scores with all weights multiplied."""
        scaled = np.float32(factor)
        return ScoreParts(self.names, scaled * self.weights, scaled * self.total, self.at)


def score_songs(
    content: Content,
    seeds: Int32,
    seed_weights: Float32 | None = None,
    weights: ScoreWeights | None = None,
    *,
    unlike: Int32 | None = None,
    unlike_weights: Float32 | None = None,
) -> ScoreParts:
    """Score all songs of a catalog for how well they go with seeds; the seeds themselves too.

    Parameters
    ----------
    content : Content
        The catalog's songs, prepared.
    seeds : int32, shape (n_seeds,)
        Song numbers; with none all parts are 0.
    seed_weights : float32, shape (n_seeds,), optional
        How much each seed counts, > 0; 1 by default: a seed of weight 2 counts as two.
    weights : ScoreWeights, optional
        How much each part counts, where there are ten seeds: see `ScoreWeights.for_seeds`.
    unlike : int32, optional
        Songs that a playlist shall be unlike: what the score for these is above half that for the seeds is taken off.
        So metal unlike other metal stays metal: what both have in common hardly counts.
    unlike_weights : float32, optional
        How much each of these counts, as `seed_weights`.

    Returns
    -------
    ScoreParts

    Raises
    ------
    InputError
        If a song number is none of the catalog's, or a weight is not positive.

    Examples
    --------
    >>> import polars as pl, songscape
    >>> from songscape.playlist.content import prepare_content
    >>> from songscape.playlist.reading import read_songs
    >>> table = {"title": list("abc"), "artist": list("XYX"), "genre": ["pop", "folk", "pop"], "energy": [0.9, 0, 1]}
    >>> tracks = songscape.read_catalog(pl.DataFrame(table)).tracks
    >>> songs = read_songs(tracks, np.zeros((3, 1), np.float32), np.zeros((3, 2), np.float32))
    >>> score = score_songs(prepare_content(songs), np.array([0], np.int32))
    >>> [of_c] = score.of(np.array([2]))
    >>> score.total.argsort()[::-1].tolist(), max(of_c, key=of_c.get)
    ([0, 2, 1], 'artist')
    """
    seeds, counts = _checked(content, seeds, seed_weights)
    weights = weights or ScoreWeights()
    own = weights.for_seeds(float(counts.sum()))
    tables = seed_tables(content, seeds, counts)
    total = _totals(content, tables, own)
    parts = ScoreParts(PARTS, own.of(PARTS), total, lambda songs: _part_values(content, tables, songs))
    if content.hubs is not None and own.hubs > 0.0 and len(seeds):
        parts = parts.with_part("hubs", content.hubs, own.hubs)
    if unlike is None or len(unlike) == 0:
        return parts
    against = score_songs(content, unlike, unlike_weights, weights.with_changes(hubs=0.0)).total
    nearer = against - np.float32(COMMON) * np.maximum(parts.total, 0.0)
    return parts.with_part("unlike", -np.maximum(nearer, 0.0), weights.unlike)


def _checked(content: Content, seeds: Int32, seed_weights: Float32 | None) -> tuple[Int32, Float64]:
    seeds = np.asarray(seeds, np.int32)
    n_songs = content.songs.n_songs
    wrong = seeds[(seeds < 0) | (seeds >= n_songs)]
    if len(wrong):
        raise InputError(f"seeds must be song numbers in [0, {n_songs - 1}]. Got {wrong[0]}.")
    counts = np.ones(len(seeds)) if seed_weights is None else np.asarray(seed_weights, np.float64)
    if counts.shape != seeds.shape or not (counts > 0.0).all():  # false for NaN too
        raise InputError(f"seed_weights must be {len(seeds)} numbers above 0, one for each seed. Got {seed_weights}.")
    return seeds, counts


def _totals(content: Content, tables: SeedTables, weights: ScoreWeights) -> Float32:
    """Return the weighted sums of the parts of all songs' scores, float32 (n_songs,)."""
    total = np.zeros(content.songs.n_songs, np.float32)
    for artist in np.flatnonzero(tables.artists[:, 0] > 0.0).tolist():
        of_artist = content.by_artist.of(artist)
        total[of_artist] = np.maximum(total[of_artist], np.float32(weights.artist) * tables.artists[artist, 0])
    by_word = content.by_word
    add_held(
        SparseRows(by_word.indptr, by_word.ids, by_word.weights), np.float32(weights.words) * tables.words, total
    )
    by_part = weights.of(PARTS)
    worth = Worth(
        by_part[tables.row_of_level, None] * tables.curves,
        np.float32(weights.genre) * tables.tags,
        np.append(np.float32(0.0), tables.artists[:, 1:] @ weights.of(("scene", "voice"))),
        np.pad(by_part[-len(tables.scales) :, None] * tables.scales, ((0, 0), (1, 0))),
    )
    add_scores(content.tables, worth, total)
    return total


def _part_values(content: Content, tables: SeedTables, songs: Int32) -> Float32:
    """Return the parts of some songs' scores before the weights, float32 (n_parts, n)."""
    values = np.zeros((len(PARTS), len(songs)), np.float32)
    z = content.tables.levels[:, songs]
    low, slope, bend = tables.curves.T[:, :, None]
    np.add.at(values, tables.row_of_level, np.where(np.isnan(z), np.float32(0.0), low + z * (slope + z * bend)))
    values[PARTS.index("genre")] = _sums(content.songs.tags, tables.tags, songs)
    if content.songs.words is not None:
        values[PARTS.index("words")] = _sums(content.songs.words, tables.words, songs)
    owners, artists = content.songs.artists.of_all(songs)
    np.maximum.at(values[PARTS.index("artist")], owners, tables.artists[artists, 0])
    main = content.tables.main_artist[songs]
    values[PARTS.index("scene"), main >= 0] = tables.artists[main[main >= 0], 1]
    values[PARTS.index("voice"), main >= 0] = tables.artists[main[main >= 0], 2]
    for k, scale in enumerate(tables.scales):
        code = content.tables.codes[k, songs]
        values[k - len(tables.scales)] = np.where(code >= 0, scale[code], np.float32(0.0))
    return values


def _sums(held: Ragged, worth: Float32, songs: Int32) -> Float32:
    """Return what songs hold, each thing times what it is worth."""
    indptr, entries = entries_of(held.indptr, songs)
    owners = np.repeat(np.arange(len(songs)), np.diff(indptr))
    worths = held.weights[entries] * worth[held.ids[entries]]
    return np.bincount(owners, worths, minlength=len(songs)).astype(np.float32)


def seed_tables(content: Content, seeds: Int32, counts: Float64) -> SeedTables:
    """Return what seeds ask for, before the weights of parts."""
    songs = content.songs
    rows = np.array([_PART_OF.get(name, 0) for name in AUDIO], np.int32)
    if len(seeds) == 0:
        counts = np.empty(0)
    tags = _gathered(songs.tags, seeds, counts)
    norm = float(np.linalg.norm(tags))
    words = _gathered(songs.words, seeds, counts) if songs.words is not None else np.empty(0)
    return SeedTables(
        _curves(content.tables.levels[:, seeds].T, counts, np.array([SPREADS[name] for name in AUDIO])),
        rows,
        (tags / norm if norm > 0.0 else tags).astype(np.float32),
        (_WORDS_SCALE * words / (float(counts.sum()) + _WORDS_TRUST)).astype(np.float32),
        _artist_table(content, seeds, counts),
        _scale_tables(content, seeds, counts),
    )


def _gathered(held: Ragged, seeds: Int32, counts: Float64) -> Float64:
    """Return the sum of what the seeds hold."""
    total = np.zeros(len(held.names))
    for seed, count in zip(seeds, counts, strict=True):
        at = slice(held.indptr[seed], held.indptr[seed + 1])
        total[held.ids[at]] += count * held.weights[at]
    return total


def _curves(levels: Float32, counts: Float64, spreads: Float64, trust: float = _TRUST) -> Float32:
    """Return for each level the log ratio of a Gaussian around the seeds to the standard one, as a parabola."""
    known = ~np.isnan(levels)
    held = np.where(known, levels, 0.0).astype(np.float64)
    n = (counts[:, None] * known).sum(axis=0)
    mean = (counts[:, None] * held).sum(axis=0) / (n + _PULL)
    scatter = (counts[:, None] * np.where(known, (held - mean) ** 2, 0.0)).sum(axis=0)
    variance = (trust * spreads + scatter) / (trust + n) * (1.0 + 1.0 / np.maximum(n, 1e-9))
    curves = np.column_stack([-0.5 * (mean**2 / variance + np.log(variance)), mean / variance, 0.5 - 0.5 / variance])
    return np.where(n[:, None] > 0.0, curves, 0.0).astype(np.float32)


def _artist_table(content: Content, seeds: Int32, counts: Float64) -> Float32:
    """Return what each artist counts: as one of the seeds', as one of their scene, as one who sounds alike."""
    artists = content.songs.artists
    table = np.zeros((len(artists.names), 3), np.float32, order="F")
    if len(table) == 0 or len(seeds) == 0:
        return table
    by_artist = _gathered(artists, seeds, counts)
    held = np.flatnonzero(by_artist)
    table[held, 0] = np.log1p(30.0 * by_artist[held] / (5.0 + content.artist_sizes[held]))
    main = content.tables.main_artist[seeds]
    named = main >= 0
    if named.any():
        scene = counts[named] @ content.scenes[main[named]].astype(np.float64)
        norm = float(np.linalg.norm(scene))
        table[:, 1] = weighted_sum(content.scenes.T, (scene / norm if norm > 1e-6 else scene).astype(np.float32))
        voices = content.voices[main[named], : len(AUDIO)]
        curves = _curves(voices, counts[named], np.full(len(AUDIO), _VOICE_SPREAD), _VOICE_TRUST)
        table[:, 2] = curves[:, 0].sum() + weighted_sum(content.voices.T, curves[:, 1:].T.ravel())
    return table


def _scale_tables(content: Content, seeds: Int32, counts: Float64) -> Float32:
    codes = content.tables.codes
    n_bins = max(len(content.scales[0].centers), len(content.scales[1].centers), len(content.scales[2].centers))
    tables = np.zeros((codes.shape[0], max(n_bins, len(content.emotion_shares))), np.float32)
    for k, scale in enumerate(content.scales):
        tables[k, : len(scale.centers)] = _density_ratio(scale, codes[k, seeds], counts, laplace=k == 0)
    shares = np.array([1.0 - content.explicit_share, content.explicit_share])
    tables[3, :2] = _share_ratio(shares, codes[3, seeds], counts)
    emotions = content.emotion_shares
    tables[4, : len(emotions)] = _share_ratio(emotions, codes[4, seeds], counts)
    return tables


def _density_ratio(scale: Scale, codes: Float64, counts: Float64, *, laplace: bool) -> Float64:
    """Return log of the seeds' density over the catalog's at each bin."""
    known = codes >= 0
    n = counts[known].sum()
    if n == 0.0:
        return np.zeros(len(scale.centers))
    away = np.abs(scale.centers[:, None] - scale.centers[codes[known]]) / scale.width
    kernel = np.exp(-away) / 2.0 if laplace else np.exp(-0.5 * away**2) / np.sqrt(2.0 * np.pi)
    density = kernel @ counts[known] / scale.width
    ratio: Float64 = (density + _BACKGROUND * scale.background) / ((n + _BACKGROUND) * scale.background)
    return np.log(ratio)


def _share_ratio(shares: Float64, codes: Float64, counts: Float64) -> Float64:
    known = codes >= 0
    held = np.bincount(codes[known], counts[known], minlength=len(shares))[: len(shares)]
    n = held.sum()
    ratio: Float64 = (held + _BACKGROUND * shares) / ((n + _BACKGROUND) * shares)
    return np.log(ratio)
