"""Moods: closeness to target values and emotions, by hand and as properties."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.errors import NotFoundError, ParameterError
from songscape.playlist.moods import emotion_closeness, target_closeness
from songscape.playlist.songs import AUDIO, Ragged, Songs


def songs_with(energy, emotion=(), emotions=("joy", "sadness"), year=()):
    """Songs of which only energy, emotion and year are known."""
    n = len(energy)
    audio = np.full((n, len(AUDIO)), np.nan, dtype=np.float32)
    audio[:, AUDIO.index("energy")] = energy
    empty = Ragged(np.zeros(n + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32), ())
    unknown, none = np.full(n, np.nan, np.float32), np.full(n, -1, np.int8)
    return Songs(
        rows=np.arange(n, dtype=np.int32),
        X=np.zeros((n, 1), np.float32),
        place=np.zeros((n, 2), np.float32),
        audio=audio,
        ranks=audio,
        key=none,
        mode=none,
        year=np.array(year, np.float32) if len(year) else unknown,
        popularity=unknown,
        duration=unknown,
        explicit=none,
        emotion=np.array(emotion, np.int16) if len(emotion) else none.astype(np.int16),
        emotions=emotions,
        artists=empty,
        tags=empty,
    )


def test_closeness_falls_with_the_share_of_songs_between():
    songs = songs_with([0.1, 0.2, 0.3, 0.4, np.nan])
    close = target_closeness(songs, {"energy": 0.3})
    assert close.dtype == np.float32
    assert close[:4] == pytest.approx(np.exp([-5.0, -2.5, 0.0, -2.5]))
    assert close[4] == pytest.approx(close[:4].mean())


def test_several_targets_are_their_mean():
    songs = songs_with([0.1, 0.2, 0.3], year=[1990, 1980, 1970])
    parts = [target_closeness(songs, {name: value}) for name, value in (("energy", 0.1), ("year", 1970))]
    assert target_closeness(songs, {"energy": 0.1, "year": 1970}) == pytest.approx(np.mean(parts, axis=0))


@settings(derandomize=True, deadline=None, max_examples=80)
@given(
    energy=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=20),
    target=st.floats(0, 1),
    scale=st.sampled_from([0.25, 0.5, 1.0]),
)
def test_closeness_sees_only_the_order_of_values_and_knows_no_negative(energy, target, scale):
    close = target_closeness(songs_with(energy), {"energy": target})
    assert ((close >= 0) & (close <= 1)).all()
    shrunk = target_closeness(songs_with(np.float32(energy) * np.float32(scale)), {"energy": target * scale})
    if min(value for value in [1.0, *energy] if value) > 1e-30:  # else products are rounded to equal values
        assert np.array_equal(close, shrunk)
    above = np.sort(np.float32([value for value in energy if value >= target]))
    ordered = target_closeness(songs_with(energy), {"energy": target})[np.argsort(energy, kind="stable")]
    assert (np.diff(ordered[len(energy) - len(above) :]) <= 1e-6).all()


def test_emotions_by_weight_and_the_mean_where_unknown():
    songs = songs_with([0.5] * 4, emotion=[0, 1, 1, -1])
    assert emotion_closeness(songs, {"Joy": 2.0, "sadness": 1.0}) == pytest.approx([1.0, 0.5, 0.5, 2 / 3])
    nobody = replace(songs, emotion=np.full(4, -1, np.int16))
    assert emotion_closeness(nobody, {"joy": 1.0}).tolist() == [0.0] * 4


def test_wrong_moods_are_told():
    songs = songs_with([0.1, 0.2])
    with pytest.raises(NotFoundError, match=r"no emotion 'sadnes'\. Did you mean 'sadness'"):
        emotion_closeness(songs, {"sadnes": 1.0})
    with pytest.raises(NotFoundError, match="it knows the emotion of no song"):
        emotion_closeness(songs_with([0.1], emotions=()), {"joy": 1.0})
    with pytest.raises(ParameterError, match="No emotion has a weight above 0"):
        emotion_closeness(songs, {"joy": 0.0})
    with pytest.raises(ParameterError, match=r"Unknown feature 'enrgy'\. Did you mean 'energy'"):
        target_closeness(songs, {"enrgy": 0.5})
    with pytest.raises(ParameterError, match="'energy' parameter must be in"):
        target_closeness(songs, {"energy": float("nan")})
    with pytest.raises(ParameterError, match="No song of this catalog has a known tempo"):
        target_closeness(songs, {"tempo": 120.0})
    with pytest.raises(ParameterError, match="There is no target"):
        target_closeness(songs, {})
