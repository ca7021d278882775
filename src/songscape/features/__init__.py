"""Catalog → X: what each column of a catalog becomes before distances are taken.

A *feature* is one quality of a track (energy, tempo, key, emotion). It takes one column of X, or several where a
number cannot hold it: a circle takes a cosine and a sine, a category one indicator per value. All columns of a
feature share one scale, so that their variances sum to 1: every feature weighs as much as any other until it is
weighted. A *block* is a group of features with a common weight.

The road of a value: transform (below) → z = (value − mean) / scale, clipped to ±4 → missing ones filled →
discounted by what the catalog's artists teach (`songscape.features.artists`) → × block weight → float32. Where too
few artists are known, weights by hand of single features take the place of the discount.

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

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.config import FeatureParams
from songscape.errors import InputError
from songscape.features.artists import BLOCKS, discounted, learn_discount
from songscape.features.columns import (
    AUDIO_BLOCKS,
    FEATURES,
    MAX_CATEGORIES,
    MIN_KNOWN,
    TAIL,
    Feature,
    is_audio,
    require_enough,
    select_columns,
    standardized,
    transformed,
)
from songscape.features.filling import covariance_of, filled
from songscape.types import ArtistDiscount, FeatureColumn, FeatureMatrix, Float32, Float64

__all__ = [
    "AUDIO_BLOCKS",
    "FEATURES",
    "MAX_CATEGORIES",
    "MIN_KNOWN",
    "TAIL",
    "Feature",
    "apply_features",
    "scale_features",
]


def scale_features(tracks: pl.DataFrame, params: FeatureParams | None = None) -> FeatureMatrix:
    """Return a catalog's tracks as the scaled and weighted matrix that distances are taken in.

    Parameters
    ----------
    tracks : polars.DataFrame, n_tracks rows
        Canonical columns: audio features in [0, 1], ``loudness`` in dB, ``tempo`` in BPM, ``key`` 0–11, ``mode``
        1 for major; null or NaN where unknown; ``artists``, lists of texts, the main artist first. Columns that no
        block asks for may be absent.
    params : FeatureParams, optional
        Weights of the blocks, whether tempo is folded into one octave, whether artists are discounted.

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
    columns, values, left_out = select_columns(tracks, params)
    require_enough(columns, left_out, params, tracks.height)
    Z = standardized(values, columns)
    covariance = covariance_of(Z[is_audio(columns)])
    columns, discount = _discount(Z, columns, tracks, params)
    X, imputed = _finished(Z, columns, covariance, discount)
    return FeatureMatrix(X, tuple(columns), covariance, imputed, left_out, discount)


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
    values = [transformed(tracks, column) for column in features.columns]
    if tracks.height and all(np.isnan(value).all() for value in values):
        names = ", ".join(dict.fromkeys(column.feature for column in features.columns))
        raise InputError(
            f"The new tracks must have some of the features {names}. Got none of them in {tracks.height} rows."
            " Read the table with read_catalog, and check the names of its columns."
        )
    Z = standardized(values, list(features.columns))
    X, imputed = _finished(Z, list(features.columns), features.covariance, features.discount)
    return replace(features, X=X, imputed=imputed)


def _discount(
    Z: Float64, columns: list[FeatureColumn], tracks: pl.DataFrame, params: FeatureParams
) -> tuple[list[FeatureColumn], ArtistDiscount]:
    """Return what artists teach, and the columns without the weights by hand that it stands for."""
    if not params.discount_artists:
        return columns, ArtistDiscount(np.zeros((0, 0)), reason="not asked for")
    rows = [j for j, column in enumerate(columns) if column.block in BLOCKS]
    discount = learn_discount(Z[rows], tuple(columns[j].name for j in rows), tracks)
    weighted = [
        replace(column, weight=params.block_weight(column.block)) if column.name in discount.columns else column
        for column in columns
    ]
    return weighted, discount


def _finished(
    Z: Float64, columns: list[FeatureColumn], covariance: Float64, discount: ArtistDiscount
) -> tuple[Float32, npt.NDArray[np.bool_]]:
    """Fill what is missing, discount, weigh, and return (X, imputed); changes `Z`."""
    imputed = np.asarray(np.isnan(Z).any(axis=0))
    if imputed.any():
        audio = np.flatnonzero(is_audio(columns))
        rows = np.flatnonzero(imputed)
        part = Z[:, rows]
        part[audio] = filled(part[audio], covariance)
        Z[:, rows] = np.nan_to_num(part)  # the other blocks: the mean, 0, so that genre says nothing about sound
    if discount.columns:
        names = [column.name for column in columns]
        rows = np.array([names.index(name) for name in discount.columns])
        Z[rows] = discounted(Z[rows], discount.matrix)
    X = np.empty((Z.shape[1], len(columns)), dtype=np.float32)
    for j, column in enumerate(columns):
        X[:, j] = Z[j] * column.weight
    return X, imputed
