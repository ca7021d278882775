"""Prices of transitions: by hand, beside a plain twin, and what they promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_songs import bytes_of, make_songs

from songscape.errors import ParameterError
from songscape.playlist.songs import AUDIO
from songscape.playlist.transitions import (
    PARTS,
    RANKED,
    Transitions,
    calibrate_prices,
    key_prices,
    price_matrix,
    price_step_parts,
    price_steps,
)
from songscape.threads import use_threads


def parts_of(pricing, a, b):
    """The parts of the price between two songs."""
    parts = price_step_parts(pricing, np.array([a, b], np.int32))
    return {part: float(values[0]) for part, values in parts.items()}


def plain_parts(pricing, a, b):
    """The same, slow and obvious: one part after the other, from the readable columns."""
    songs = pricing.songs
    found = {}
    tempo = songs.audio[:, AUDIO.index("tempo")].astype(float)
    octaves = abs(np.log2(tempo[a] / tempo[b])) % 1.0
    found["tempo"] = 2.0 * min(octaves, 1.0 - octaves)
    for name in RANKED:
        rank = songs.ranks[:, AUDIO.index(name)]
        found[name] = abs(float(rank[a]) - float(rank[b]))
    found["year"] = min(abs(float(songs.year[a]) - float(songs.year[b])) / 40.0, 1.0)
    found["key"] = float("nan")
    if songs.key[a] >= 0 and songs.key[b] >= 0:
        found["key"] = plain_key_steps(songs.key[a], songs.mode[a], songs.key[b], songs.mode[b]) / 6.0
    vectors = np.zeros((2, len(songs.tags.names)))
    for vector, song in zip(vectors, (a, b), strict=True):
        vector[songs.tags.of(song)] = songs.tags.weights[songs.tags.indptr[song] : songs.tags.indptr[song + 1]]
    found["tags"] = 1.0 - vectors[0] @ vectors[1] if vectors.any(axis=1).all() else float("nan")
    return {
        part: float(pricing.weights[i]) * (float(pricing.neutral[i]) if np.isnan(found[part]) else found[part])
        for i, part in enumerate(PARTS)
    }


def plain_key_steps(key_a, mode_a, key_b, mode_b):
    """Walk the circle of fifths from one relative major to the other."""
    if key_a == key_b and mode_a != mode_b:
        return 2
    start, end = ((key if mode == 1 else key + 3) % 12 for key, mode in ((int(key_a), mode_a), (int(key_b), mode_b)))
    up = next(steps for steps in range(12) if (start + 7 * steps) % 12 == end)
    return min(min(up, 12 - up) + (mode_a != mode_b), 6)


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.3, 1.0]))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_priced_as_by_the_twin(seed, missing):
    songs = make_songs(12, seed, missing=missing)
    before = bytes_of(songs)
    pricing = calibrate_prices(songs)
    chosen = np.arange(12, dtype=np.int32)[::-1]
    prices = price_matrix(pricing, chosen)
    for i, a in enumerate(chosen):
        for j, b in enumerate(chosen):
            parts = parts_of(pricing, a, b)
            assert tuple(parts) == PARTS
            assert parts == pytest.approx(plain_parts(pricing, a, b), abs=2e-5)
            assert prices[i, j] == pytest.approx(sum(parts.values()), abs=2e-5)
    np.testing.assert_array_equal(prices, prices.T)
    assert bytes_of(songs) == before


def test_tempo_is_folded_by_octaves():
    songs = make_songs(4, tempo=[87.0, 174.0, 87.0 * 2**0.5, 0.0])
    pricing = calibrate_prices(songs)
    weight = pricing.weights[PARTS.index("tempo")]
    assert parts_of(pricing, 0, 1)["tempo"] == pytest.approx(0.0, abs=1e-5)
    assert parts_of(pricing, 0, 2)["tempo"] == pytest.approx(weight, rel=1e-5)
    assert parts_of(pricing, 0, 3)["tempo"] == pytest.approx(weight * pricing.neutral[0], rel=1e-5)


@pytest.mark.parametrize(
    ("other", "steps"),
    [((0, 1), 0), ((7, 1), 1), ((5, 1), 1), ((9, 0), 1), ((0, 0), 2), ((4, 0), 2), ((6, 1), 6), ((1, 1), 5)],
)
def test_keys_from_c_major(other, steps):
    assert key_prices()[1, 2 * other[0] + other[1]] * 6 == pytest.approx(steps)


def test_keys_of_the_wheel_as_by_the_walk():
    wheel = key_prices()
    for a in range(24):
        for b in range(24):
            assert wheel[a, b] * 6 == pytest.approx(plain_key_steps(a // 2, a % 2, b // 2, b % 2))


def test_a_song_to_itself_is_seamless_and_a_random_pair_costs_one():
    songs = make_songs(400, 3)
    pricing = calibrate_prices(songs)
    prices = price_matrix(pricing, np.arange(400, dtype=np.int32))
    np.testing.assert_allclose(np.diag(prices), 0.0, atol=1e-6)
    assert np.median(prices[~np.eye(400, dtype=bool)]) == pytest.approx(1.0, abs=0.03)
    assert (prices >= 0.0).all()


def test_what_a_catalog_does_not_know_costs_nothing():
    songs = make_songs(20, tags=[[]] * 20, year=np.full(20, np.nan))
    pricing = calibrate_prices(songs)
    assert parts_of(pricing, 0, 1)["tags"] == 0.0
    assert parts_of(pricing, 0, 1)["year"] == 0.0
    assert parts_of(pricing, 0, 1)["energy"] > 0.0


def test_an_unknown_part_costs_the_mean_of_random_pairs():
    songs = make_songs(300, 5, tags=[[]] + [[i % 3] for i in range(299)])
    pricing = calibrate_prices(songs)
    tags = PARTS.index("tags")
    assert parts_of(pricing, 0, 7)["tags"] == pytest.approx(pricing.weights[tags] * 2 / 3, rel=0.05)


def test_weights_count_by_their_ratios():
    songs = make_songs(50)
    only_year = dict.fromkeys(PARTS, 0.0) | {"year": 3.0}
    one = price_matrix(calibrate_prices(songs, Transitions(**only_year)), np.arange(50, dtype=np.int32))
    other = price_matrix(
        calibrate_prices(songs, Transitions(**only_year | {"year": 1.0})), np.arange(50, dtype=np.int32)
    )
    np.testing.assert_allclose(one, other, rtol=1e-5)
    assert one[0, 1] / one[0, 2] == pytest.approx(
        min(abs(songs.year[0] - songs.year[1]), 40) / min(abs(songs.year[0] - songs.year[2]), 40)
    )


def test_all_weights_zero_and_a_single_song():
    free = Transitions(**dict.fromkeys(PARTS, 0.0))
    assert price_matrix(calibrate_prices(make_songs(5), free), np.arange(5, dtype=np.int32)).max() == 0.0
    assert price_matrix(calibrate_prices(make_songs(1)), np.zeros(1, np.int32))[0, 0] < 1e-6


def test_steps_of_a_list():
    pricing = calibrate_prices(make_songs(9))
    order = np.array([4, 2, 7], np.int32)
    prices = price_matrix(pricing, order)
    assert price_steps(pricing, order).tolist() == [prices[0, 1], prices[1, 2]]
    parts = price_step_parts(pricing, order)
    assert tuple(parts) == PARTS
    np.testing.assert_allclose(sum(parts.values()), [prices[0, 1], prices[1, 2]], rtol=1e-5)
    assert price_steps(pricing, order[:1]).shape == (0,)
    assert price_steps(pricing, order[:0]).shape == (0,)


def test_steps_of_a_long_list_are_those_of_its_matrix():
    pricing = calibrate_prices(make_songs(150, missing=0.1))
    order = np.random.default_rng(0).permutation(150).astype(np.int32)
    prices = price_matrix(pricing, order)
    np.testing.assert_array_equal(price_steps(pricing, order), prices.diagonal(1))


def test_the_same_bytes_on_one_and_two_threads():
    pricing = calibrate_prices(make_songs(600, missing=0.1))
    chosen = np.arange(600, dtype=np.int32)
    results = []
    for n_threads in (1, 2):
        with use_threads(n_threads):
            results.append(price_matrix(pricing, chosen).tobytes())
    assert results[0] == results[1]


@pytest.mark.parametrize("wrong", [{"tempo": -1.0}, {"tempo": float("nan")}, {"tags": "many"}, {"temp": 1.0}])
def test_wrong_weights(wrong):
    with pytest.raises(ParameterError, match=r"tempo|tags"):
        Transitions(**wrong)
