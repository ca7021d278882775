"""The columns of X: which qualities of a track there are, how their values are transformed, and put to one scale."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.config import FeatureParams
from songscape.errors import InputError
from songscape.types import FeatureColumn, Float64

AUDIO_BLOCKS = ("sound", "mood", "rhythm", "tonality")
"""Blocks about how a track sounds; the others are held out of the metric unless asked for."""

MIN_KNOWN = 0.5
"""An audio feature that fewer of the tracks have is left out: filled values would steer the map."""

TAIL = 4.0
"""Standard deviations at which z is clipped."""

MAX_CATEGORIES = 10
"""Most frequent values of emotion or genre that get a column; it keeps X below 20 dimensions."""

_CONSTANT = "the same for all tracks"


@dataclass(frozen=True, slots=True)
class Feature:
    """How one quality of a track enters X: block, transform of its values, weight where no artist is discounted."""

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


def select_columns(
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
        raw = [transformed(tracks, column) for column in wanted]
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


def transformed(tracks: pl.DataFrame, column: FeatureColumn) -> Float64:
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


def require_enough(
    columns: list[FeatureColumn], left_out: dict[str, str], params: FeatureParams, n_tracks: int
) -> None:
    """Raise `InputError` if nothing is left, or a block that was asked for by name has nothing."""
    reasons = "; ".join(f"{name}: {why}" for name, why in left_out.items())
    if not columns:
        raise InputError(
            f"The catalog has no usable feature in {n_tracks} tracks ({reasons}). It needs audio features, as in the"
            " formats of the docs; if they have other names, name them: --column energy=MyEnergy, in Python"
            ' ReadParams(columns={"energy": "MyEnergy"}).'
        )
    used = {column.block for column in columns}
    used |= {feature.block for feature in FEATURES if left_out.get(feature.name) == _CONSTANT}
    absent = [name for name, weight in params.blocks.items() if weight > 0.0 and name not in used]
    if absent:
        raise InputError(
            f"The blocks {', '.join(absent)} were asked for, and the catalog has nothing usable for them in"
            f" {n_tracks} tracks ({reasons}). Leave them out, or give the catalog these columns."
        )


def standardized(values: list[Float64], columns: list[FeatureColumn]) -> Float64:
    """Return z, float64 (n_columns, n_tracks), NaN where unknown."""
    Z: Float64 = np.empty((len(columns), len(values[0])))
    for row, value, column in zip(Z, values, columns, strict=True):
        np.clip((value - column.center) / column.scale, -TAIL, TAIL, out=row)
    return Z


def is_audio(columns: list[FeatureColumn]) -> npt.NDArray[np.bool_]:
    """Return which columns are about how a track sounds, bool (n_columns,)."""
    return np.array([column.block in AUDIO_BLOCKS for column in columns], dtype=bool)
