"""Measures of a playlist by hand, and that the baselines tell a good list from a poor one."""

import json
import math

import numpy as np
import pytest
from small_songs import make_songs

from songscape.playlist.arcs import Arc
from songscape.playlist.quality_card import MEASURES, measure_list, quality_card
from songscape.playlist.transitions import calibrate_prices, price_matrix, price_steps


def order_of(*numbers):
    return np.array(numbers, np.int32)


def test_measures_by_hand():
    songs = make_songs(
        6,
        artists=[[0], [0, 1], [2], [], [2], [3]],
        tags=[[0], [0, 1], [1], [2], [], [0]],
        year=[1991, 1999, 2003, np.nan, 2004, 1960],
        popularity=[10, 30, np.nan, 50, 0, 0],
    )
    pricing = calibrate_prices(songs)
    order = order_of(0, 1, 2, 3)
    found = measure_list(pricing, order, seeds=order_of(4))
    prices = price_matrix(pricing, order)
    steps = 1.0 - price_steps(pricing, order)
    assert found["coherence"] == pytest.approx(1.0 - prices[np.triu_indices(4, 1)].mean(), abs=1e-6)
    assert found["smoothness_median"] == pytest.approx(np.median(steps), abs=1e-6)
    assert found["smoothness_p10"] == pytest.approx(np.quantile(steps, 0.1), abs=1e-6)
    assert found["smoothness_worst"] == pytest.approx(steps.min(), abs=1e-6)
    assert found["artists"] == 3 / 4  # 0 twice, 2, and one unknown
    assert found["genres"] == 3
    assert found["decades"] == 2
    assert found["novelty"] == 3 / 4  # song 2 has the artist of the seed
    assert found["popularity"] == 30
    assert math.isnan(found["arc_fit"])
    assert tuple(found) == MEASURES


def test_what_means_nothing_is_unknown():
    pricing = calibrate_prices(make_songs(5, popularity=[np.nan] * 5))
    one = measure_list(pricing, order_of(3))
    assert all(math.isnan(one[name]) for name in ("coherence", "smoothness_worst", "novelty", "popularity"))
    assert all(math.isnan(value) for value in measure_list(pricing, order_of()).values())
    card = quality_card(pricing, order_of(3))
    assert card.worst_step == -1
    json.dumps(card.as_dict(), allow_nan=False)


def test_a_list_of_kin_is_more_coherent_than_chance():
    songs = make_songs(400, seed=3)
    pricing = calibrate_prices(songs)
    near = np.argsort(_to_all(pricing, 7))[:15]
    card = quality_card(pricing, near.astype(np.int32), seeds=order_of(7), arc=Arc(energy="rising"))
    assert card.playlist["coherence"] > card.random["coherence"] + 0.2
    assert card.playlist["coherence"] > card.genre["coherence"]
    assert abs(card.random["coherence"]) < 0.1  # the scale: random songs are at 0
    assert card.genre_name in songs.tags.names
    steps = price_steps(pricing, near.astype(np.int32))
    assert card.worst_step == steps.argmax()
    assert card == quality_card(pricing, near.astype(np.int32), seeds=order_of(7), arc=Arc(energy="rising"))


def _to_all(pricing, song):
    return price_matrix(pricing, order_of(song), np.arange(pricing.songs.n_songs, dtype=np.int32))[0]


def test_baselines_are_drawn_from_what_is_allowed():
    songs = make_songs(60, seed=1, popularity=np.arange(60))
    allowed = np.arange(60) >= 50
    card = quality_card(calibrate_prices(songs), order_of(50, 55, 59), allowed=allowed)
    assert 50 <= card.random["popularity"] <= 59
    assert 50 <= card.genre["popularity"] <= 59


def test_a_list_without_genres_has_no_list_of_one_genre():
    songs = make_songs(20, tags=[[0]] + [[] for _ in range(19)])
    card = quality_card(calibrate_prices(songs), order_of(3, 4, 5))
    assert card.genre_name == ""
    assert all(math.isnan(value) for value in card.genre.values())
