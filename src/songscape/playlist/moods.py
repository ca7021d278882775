"""Moods: how near each song is to target values and to emotions.

A target value (energy 0.8, 120 BPM, the year 1994) is compared as a *rank*: where it would stand among the catalog's
known values, so that equal steps mean equally many songs on any feature. A song's closeness to a target is
``exp(−|Δrank| / 0.1)``: 1 at the value, 0.37 where a tenth of the songs lie between. What is unknown is worth what a
song is worth in the mean, so that it speaks neither for nor against the song.
"""

from collections.abc import Mapping

import numpy as np

from songscape.errors import NotFoundError, ParameterError, did_you_mean, must_be
from songscape.playlist.request import TARGET_RANGES
from songscape.playlist.songs import AUDIO, Songs
from songscape.types import Float32, Float64

RANK_SCALE = 0.1
"""Difference in ranks over which closeness falls by the factor e."""


def target_closeness(songs: Songs, target: Mapping[str, float]) -> Float32:
    """Return how near each song is to target values: the mean over the features, float32 (n_songs,), in [0, 1].

    Parameters
    ----------
    songs : Songs
        The songs.
    target : mapping of str to float
        Feature to value, in the units of `songscape.playlist.request.TARGET_RANGES`; at least one.

    Raises
    ------
    ParameterError
        If there is no target, a feature is unknown, its value out of range, or no song has a value of it.
    """
    if not target:
        raise ParameterError("There is no target. Name a feature and a value, as in energy=0.8.")
    closeness = [_closeness(song_values(songs, name), name, value) for name, value in target.items()]
    mean: Float32 = np.stack(closeness).mean(axis=0)
    return mean


def emotion_closeness(songs: Songs, emotions: Mapping[str, float]) -> Float32:
    """Return how much of the emotions asked for each song has, float32 (n_songs,), in [0, 1].

    A song of the emotion with the largest weight has 1; one without a known emotion has the mean of the others.

    Raises
    ------
    NotFoundError
        If the catalog does not have an emotion; with what may have been meant.
    ParameterError
        If no emotion has a weight above 0.
    """
    weights = np.zeros(len(songs.emotions), dtype=np.float64)
    for name, weight in emotions.items():
        weights[_emotion(songs.emotions, name)] += weight
    if not weights.any():
        raise ParameterError("No emotion has a weight above 0. Name one, as in joy.")
    known = songs.emotion >= 0
    worth = (weights / weights.max())[songs.emotion]
    return _mean_where_unknown(worth, known)


def _closeness(values: Float64, name: str, value: float) -> Float32:
    low, high = TARGET_RANGES[name]
    if not low <= value <= high:  # false for NaN too
        raise ParameterError(must_be(name, f"in [{low:g}, {high:g}]", value))
    known = np.isfinite(values)
    ordered = np.sort(values[known])
    if not len(ordered):
        raise ParameterError(f"No song of this catalog has a known {name}: it cannot be a target.")
    return _mean_where_unknown(closeness_among(ordered, values, value), known)


def closeness_among(ordered: Float64, values: Float64, value: float) -> Float64:
    """Return how near values are to one, in ranks among ordered values, in [0, 1]; without meaning where unknown."""
    asked = np.array([value], dtype=np.float32).astype(np.float64)  # as precise as the songs' values
    closeness: Float64 = np.exp(-np.abs(ranks_among(ordered, values) - ranks_among(ordered, asked)) / RANK_SCALE)
    return closeness


def ranks_among(ordered: Float64, values: Float64) -> Float64:
    """Return the mean rank of values among ordered ones, in [0, 1]."""
    below, upto = np.searchsorted(ordered, values, "left"), np.searchsorted(ordered, values, "right")
    ranks: Float64 = (below + upto) / (2.0 * len(ordered))
    return ranks


def _mean_where_unknown(worth: Float64, known: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Float32:
    mean = float(worth[known].mean()) if known.any() else 0.0
    return np.where(known, worth, mean).astype(np.float32)


def song_values(songs: Songs, name: str) -> Float64:
    """Return the values of a feature that may be a target; raises `ParameterError` for any other."""
    if name not in TARGET_RANGES:
        hint = did_you_mean(name, TARGET_RANGES) or f" Known: {', '.join(TARGET_RANGES)}."
        raise ParameterError(f"Unknown feature '{name}'.{hint}")
    if name in AUDIO:
        return songs.audio[:, AUDIO.index(name)].astype(np.float64)
    columns = {"year": songs.year, "popularity": songs.popularity, "duration": songs.duration}
    return columns[name].astype(np.float64)


def _emotion(known: tuple[str, ...], name: str) -> int:
    plain = name.strip().lower()
    if plain in known:
        return known.index(plain)
    if not known:
        raise NotFoundError(f"The catalog has no emotion '{name}': it knows the emotion of no song.")
    hint = did_you_mean(plain, known) or f" It has: {', '.join(known)}."
    raise NotFoundError(f"The catalog has no emotion '{name}'.{hint}", known)
