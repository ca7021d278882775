"""Catalog → X: what each column of a catalog becomes before distances are taken.

A *feature* is one quality of a track (energy, tempo, key, emotion). It takes one column of X, or several where a
number cannot hold it: a circle takes a cosine and a sine, a category one indicator per value. All columns of a
feature share one scale, so that their variances sum to 1: every feature weighs as much as any other until it is
weighted. A *block* is a group of features with a common weight. Column weight = block weight × feature weight.

The road of a value: transform (below) → z = (value − mean) / scale, clipped to ±4 → missing ones filled →
× weight → float32.

=========  =======================================================================================
transform  value
=========  =======================================================================================
logit      log(p / (1 − p)) with p = (v + 0.01) / 1.02, for features in [0, 1]
decibel    v clipped to [−40, 2] dB
log2       log2 v, for tempo: equal ratios are equal distances
octave_*   cosine and sine of 2π log2 v: tempo without its octave, 87 = 174 BPM
fifths_*   cosine and sine of the place on the circle of fifths, a minor key at its relative major
linear     v
indicator  1 for tracks of the category; 1 / sqrt(k) in each of the k genres of a track
=========  =======================================================================================

Missing audio features are filled with their conditional mean given the track's known audio features (a linear
regression from the catalog's covariance), other missing features with the catalog's mean; both are flagged.

The result is a function of each row and of the catalog as a set: sums run over sorted values, or over values
rounded so that float64 adds them without error, hence a permutation of the rows permutes X bit by bit.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.config import FeatureParams
from songscape.errors import InputError
from songscape.types import FeatureColumn, FeatureMatrix, Float32, Float64

AUDIO_BLOCKS = ("sound", "mood", "rhythm", "tonality")
"""Blocks about how a track sounds; the others are held out of the metric unless asked for."""

MIN_KNOWN = 0.5
"""An audio feature that fewer of the tracks have is left out: filled values would steer the map."""

TAIL = 4.0
"""Standard deviations at which z is clipped."""

MAX_CATEGORIES = 10
"""Most frequent values of emotion or genre that get a column; it keeps X below 20 dimensions."""

_CONSTANT = "the same for all tracks"
_GRID = 4096.0  # z is rounded to 1 / 4096 for the covariance: products add exactly in float64 up to 2^25 rows


@dataclass(frozen=True, slots=True)
class Feature:
    """How one quality of a track enters X: its block, the transform of its values and its weight in the block."""

    name: str
    block: str
    transform: str
    weight: float = 1.0


FEATURES = (
    Feature("energy", "sound", "logit"),
    Feature("loudness", "sound", "decibel"),
    Feature("acousticness", "sound", "logit"),
    Feature("instrumentalness", "sound", "logit"),
    Feature("speechiness", "sound", "logit"),
    Feature("liveness", "sound", "logit", 0.25),  # 81–87 % of its variance lies within artists
    Feature("variance", "sound", "linear", 0.25),  # what it measures is not known well
    Feature("positiveness", "mood", "logit"),
    Feature("danceability", "rhythm", "logit"),
    Feature("tempo", "rhythm", "log2", 0.5),  # 91 % of its variance lies within artists; octave errors
    Feature("key", "tonality", "fifths"),
    Feature("mode", "tonality", "linear"),
    Feature("emotion", "emotion", "indicator"),
    Feature("genre", "genre", "indicator"),
    Feature("year", "year", "linear"),
    Feature("popularity", "popularity", "linear"),
    Feature("explicit", "explicit", "linear"),
)

_CIRCLES = {"fifths": ("fifths_cos", "fifths_sin"), "octave": ("octave_cos", "octave_sin")}
_SOURCES = {"genre": "genres"}  # features whose column in the catalog has another name
_ALLOWED = {  # closed ranges of the values that a transform takes
    "logit": (0.0, 1.0),
    "log2": (1e-9, 1000.0),
    "octave": (1e-9, 1000.0),
    "fifths": (0.0, 11.0),
}


def scale_features(tracks: pl.DataFrame, params: FeatureParams | None = None) -> FeatureMatrix:
    """Return a catalog's tracks as the scaled and weighted matrix that distances are taken in.

    Parameters
    ----------
    tracks : polars.DataFrame, n_tracks rows
        Canonical columns: audio features in [0, 1], ``loudness`` in dB, ``tempo`` in BPM, ``key`` 0–11, ``mode``
        1 for major; null or NaN where unknown. Columns that no block asks for may be absent.
    params : FeatureParams, optional
        Weights of the blocks, and whether tempo is folded into one octave.

    Returns
    -------
    FeatureMatrix
        ``X`` float32 (n_tracks, n_features), finite, with all that `apply_features` needs to repeat it.

    Raises
    ------
    InputError
        If there are no tracks, if no audio feature is known for half of them, if a block that was asked for by
        name has nothing known, or if values lie outside the ranges of a cleaned catalog.

    Examples
    --------
    >>> import polars as pl
    >>> tracks = pl.DataFrame({"energy": [0.2, 0.5, 0.8], "tempo": [90.0, 120.0, None]})
    >>> features = scale_features(tracks)
    >>> features.names, features.weights, features.imputed.tolist()
    (('energy', 'tempo'), (1.0, 0.5), [False, False, True])
    >>> features.left_out["loudness"]
    'unknown for all tracks'
    """
    params = params or FeatureParams()
    if tracks.height == 0:
        raise InputError("The catalog has no tracks, so there is nothing to scale. Give it at least one.")
    columns, values, left_out = _selected(tracks, params)
    _check_enough(columns, left_out, params, tracks.height)
    Z = _standardized(values, columns)
    covariance = _covariance(Z[_audio(columns)])
    X, imputed = _finished(Z, columns, covariance)
    return FeatureMatrix(X, tuple(columns), covariance, imputed, left_out)


def apply_features(tracks: pl.DataFrame, features: FeatureMatrix) -> FeatureMatrix:
    """Return new tracks as rows in the space of a finished matrix, by the treatment stored in it.

    Parameters
    ----------
    tracks : polars.DataFrame
        As for `scale_features`. A column that is absent counts as unknown for all of them.
    features : FeatureMatrix
        What `scale_features` returned; its own rows are not used.

    Returns
    -------
    FeatureMatrix
        `features` with ``X`` and ``imputed`` of the new tracks. Each row depends on its own track alone, and tracks
        that were scaled before come out bit by bit the same.

    Raises
    ------
    InputError
        If none of the features is known for any track, or if values lie outside the ranges of a cleaned catalog.

    Examples
    --------
    >>> import polars as pl
    >>> tracks = pl.DataFrame({"energy": [0.2, 0.5, 0.8], "tempo": [90.0, 120.0, None]})
    >>> features = scale_features(tracks)
    >>> bool((apply_features(tracks.tail(1), features).X == features.X[2:]).all())
    True
    """
    values = [_transformed(tracks, column) for column in features.columns]
    if tracks.height and all(np.isnan(value).all() for value in values):
        names = ", ".join(dict.fromkeys(column.feature for column in features.columns))
        raise InputError(
            f"The new tracks must have some of the features {names}. Got none of them in {tracks.height} rows."
            " Read the table with read_catalog, and check the names of its columns."
        )
    Z = _standardized(values, list(features.columns))
    X, imputed = _finished(Z, list(features.columns), features.covariance)
    return replace(features, X=X, imputed=imputed)


def _selected(
    tracks: pl.DataFrame, params: FeatureParams
) -> tuple[list[FeatureColumn], list[Float64], dict[str, str]]:
    """Return the columns that the blocks ask for, their transformed values, and what is left out and why."""
    varying: list[tuple[FeatureColumn, Float64]] = []
    constant: list[tuple[FeatureColumn, Float64]] = []
    left_out: dict[str, str] = {}
    for feature in FEATURES:
        if params.block_weight(feature.block) == 0.0:
            continue
        wanted = _columns_of(tracks, feature, params)
        raw = [_transformed(tracks, column) for column in wanted]
        reason = _why_left_out(raw, feature.block in AUDIO_BLOCKS)
        if reason:
            left_out[feature.name] = reason
            continue
        fitted = _fitted(wanted, raw)
        (varying if fitted[0].scale > 0.0 else constant).extend(zip(fitted, raw, strict=True))
    if varying:
        left_out |= {column.feature: _CONSTANT for column, _ in constant}
        return [column for column, _ in varying], [value for _, value in varying], left_out
    # All tracks are equal: a matrix of zeros says just that.
    return [replace(column, scale=1.0) for column, _ in constant], [value for _, value in constant], left_out


def _columns_of(tracks: pl.DataFrame, feature: Feature, params: FeatureParams) -> list[FeatureColumn]:
    """Return the columns that a feature asks for, not yet centered and scaled."""
    transform = "octave" if feature.name == "tempo" and params.fold_tempo else feature.transform
    weight = params.block_weight(feature.block) * feature.weight
    if transform == "indicator":
        parts = [(f"{feature.name}={value}", transform, value) for value in _frequent(tracks, feature.name)]
    elif transform in _CIRCLES:
        parts = [(f"{feature.name}_{part[-3:]}", part, "") for part in _CIRCLES[transform]]
    else:
        parts = [(feature.name, transform, "")]
    return [
        FeatureColumn(name, feature.name, feature.block, part, category, 0.0, 1.0, weight)
        for name, part, category in parts
    ]


def _frequent(tracks: pl.DataFrame, feature: str) -> list[str]:
    """Return the most frequent values of a feature of words, ties by name."""
    source = _SOURCES.get(feature, feature)
    if source not in tracks.columns:
        return []
    words = tracks[source].explode() if tracks[source].dtype == pl.List else tracks[source]
    counts = words.drop_nulls().cast(pl.String).rename("word").value_counts()
    return counts.sort("count", "word", descending=[True, False])["word"].head(MAX_CATEGORIES).to_list()


def _transformed(tracks: pl.DataFrame, column: FeatureColumn) -> Float64:
    """Return the transformed values of one column, float64 (n_tracks,), NaN where unknown."""
    source = _SOURCES.get(column.feature, column.feature)
    if source not in tracks.columns or tracks[source].dtype == pl.Null:
        return np.full(tracks.height, np.nan)
    if column.transform == "indicator":
        return _indicator(tracks[source], column.category)
    number = _numbers(tracks[source], column.transform)
    if column.transform.startswith("fifths"):
        mode = _numbers(tracks["mode"], "linear") if "mode" in tracks.columns else np.ones(tracks.height)
        return _TRANSFORMS[column.transform](np.where(mode == 0.0, number + 3.0, number))
    return _TRANSFORMS[column.transform](number)


def _fifths(key: Float64) -> Float64:
    return 2.0 * np.pi / 12.0 * (key * 7.0 % 12.0)


def _logit(value: Float64) -> Float64:
    p = (value + 0.01) / 1.02
    return np.log(p / (1.0 - p))


_TRANSFORMS: dict[str, Callable[[Float64], Float64]] = {
    "logit": _logit,
    "decibel": lambda value: np.clip(value, -40.0, 2.0),
    "log2": np.log2,
    "octave_cos": lambda value: np.cos(2.0 * np.pi * np.log2(value)),
    "octave_sin": lambda value: np.sin(2.0 * np.pi * np.log2(value)),
    "fifths_cos": lambda value: np.cos(_fifths(value)),
    "fifths_sin": lambda value: np.sin(_fifths(value)),
    "linear": lambda value: value,
}


def _numbers(column: pl.Series, transform: str) -> Float64:
    """Return a column as float64, NaN where unknown, after a look at its range."""
    if not (column.dtype.is_numeric() or column.dtype == pl.Boolean):
        raise InputError(
            f"The column '{column.name}' must be numeric. Got {column.dtype}. Read the table with read_catalog."
        )
    values: Float64 = column.cast(pl.Float64).to_numpy()
    low, high = _ALLOWED.get(transform.split("_")[0], (-np.inf, np.inf))
    with np.errstate(invalid="ignore"):
        wrong = (values < low) | (values > high) | np.isinf(values)
    if wrong.any():
        shown = ", ".join(f"{values[row]:g} in row {row}" for row in np.flatnonzero(wrong)[:3])
        allowed = "finite" if np.isinf(low) else f"within [{low:g}, {high:g}]"
        raise InputError(
            f"The column '{column.name}' must be {allowed}, or null where unknown. Got"
            f" {int(wrong.sum())} other values: {shown}. Read the table with read_catalog, which knows other scales."
        )
    return values


def _indicator(column: pl.Series, category: str) -> Float64:
    """Return 1 (or 1 / sqrt(k) for a track with k values) where a track has the category, NaN where it has none."""
    if column.dtype == pl.List:
        size = column.list.len().cast(pl.Float64).to_numpy()  # NaN for null
        has = column.list.contains(category).fill_null(False).to_numpy()
        return np.where(size > 0, has / np.sqrt(np.maximum(size, 1.0)), np.nan)
    return (column.cast(pl.String) == category).cast(pl.Float64).to_numpy()


def _why_left_out(raw: list[Float64], audio: bool) -> str:
    """Return why a feature cannot be used, or an empty string."""
    known = float((~np.isnan(raw[0])).mean()) if raw else 0.0
    if known == 0.0:
        return "unknown for all tracks"
    if audio and known < MIN_KNOWN:
        return f"known for {known:.1%} of the tracks, and less than {MIN_KNOWN:.0%} would let filled values steer"
    return ""


def _fitted(columns: list[FeatureColumn], raw: list[Float64]) -> list[FeatureColumn]:
    """Return the columns of one feature with their centers and the scale that they share; 0 if all is constant."""
    known = [np.sort(values)[: int((~np.isnan(values)).sum())] for values in raw]  # sorted: order of rows is gone
    constant = all(values[0] == values[-1] for values in known)
    scale = 0.0 if constant else float(np.sqrt(sum(values.var() for values in known)))
    return [
        replace(column, center=float(values[0] if constant else values.mean()), scale=scale)
        for column, values in zip(columns, known, strict=True)
    ]


def _check_enough(
    columns: list[FeatureColumn], left_out: dict[str, str], params: FeatureParams, n_tracks: int
) -> None:
    reasons = "; ".join(f"{name}: {why}" for name, why in left_out.items())
    if not columns:
        raise InputError(
            f"The catalog has no usable feature in {n_tracks} tracks ({reasons}). It needs audio features, as in the"
            " formats of the docs; name its columns with --column if they have other names."
        )
    used = {column.block for column in columns}
    used |= {feature.block for feature in FEATURES if left_out.get(feature.name) == _CONSTANT}
    absent = [name for name, weight in params.blocks.items() if weight > 0.0 and name not in used]
    if absent:
        raise InputError(
            f"The blocks {', '.join(absent)} were asked for, and the catalog has nothing usable for them in"
            f" {n_tracks} tracks ({reasons}). Leave them out, or give the catalog these columns."
        )


def _standardized(values: list[Float64], columns: list[FeatureColumn]) -> Float64:
    """Return z, float64 (n_columns, n_tracks), NaN where unknown."""
    Z: Float64 = np.empty((len(columns), len(values[0])))
    for row, value, column in zip(Z, values, columns, strict=True):
        np.clip((value - column.center) / column.scale, -TAIL, TAIL, out=row)
    return Z


def _audio(columns: list[FeatureColumn]) -> npt.NDArray[np.bool_]:
    return np.array([column.block in AUDIO_BLOCKS for column in columns], dtype=bool)


def _covariance(Z: Float64) -> Float64:
    """Return the covariance of the rows of `Z` over the pairs of known values, whatever the order of tracks."""
    known = (~np.isnan(Z)).astype(np.float64)
    rounded = np.nan_to_num(np.rint(Z * _GRID) / _GRID)
    pairs = np.maximum(known @ known.T, 1.0)
    covariance: Float64 = rounded @ rounded.T / pairs
    return covariance


def _finished(Z: Float64, columns: list[FeatureColumn], covariance: Float64) -> tuple[Float32, npt.NDArray[np.bool_]]:
    """Fill what is missing, weigh, and return (X, imputed); changes `Z`."""
    imputed = np.asarray(np.isnan(Z).any(axis=0))
    if imputed.any():
        audio = np.flatnonzero(_audio(columns))
        rows = np.flatnonzero(imputed)
        part = Z[:, rows]
        part[audio] = _filled(part[audio], covariance)
        Z[:, rows] = np.nan_to_num(part)  # the other blocks: the mean, 0, so that genre says nothing about sound
    X = np.empty((Z.shape[1], len(columns)), dtype=np.float32)
    for j, column in enumerate(columns):
        X[:, j] = Z[j] * column.weight
    return X, imputed


def _filled(Z: Float64, covariance: Float64) -> Float64:
    """Return `Z` with each NaN replaced by its conditional mean given the known values of the same track."""
    values, vectors = np.linalg.eigh(covariance)  # pairs of incomplete columns can make it indefinite
    definite = (vectors * np.maximum(values, 0.01)) @ vectors.T
    filled = Z.copy()
    missing = np.isnan(Z)
    codes = (1 << np.arange(len(Z), dtype=np.int64)) @ missing
    for code in np.unique(codes[codes > 0]):
        rows = np.flatnonzero(codes == code)
        unknown = (code >> np.arange(len(Z))) & 1 == 1
        known = np.flatnonzero(~unknown)
        slopes = np.linalg.solve(definite[np.ix_(known, known)], definite[np.ix_(known, np.flatnonzero(unknown))])
        for target, slope in zip(np.flatnonzero(unknown), slopes.T, strict=True):
            total = np.zeros(len(rows))
            for source, factor in zip(known, slope, strict=True):  # term by term: a row's sum has one order
                total += factor * Z[source, rows]
            filled[target, rows] = np.clip(total, -TAIL, TAIL)
    return filled
