"""What a song shares with the nearest seed, by hand."""

import numpy as np
import pytest
from small_songs import make_songs

from songscape.playlist.explanation import kinships, nearest_seeds, own_words
from songscape.playlist.transitions import calibrate_prices, price_matrix


def numbers(*songs):
    return np.array(songs, np.int32)


def kinship(songs, song, seed, price):
    return kinships(songs, numbers(song), numbers(seed), np.array([price]))[0]


def test_kinship_by_hand():
    songs = make_songs(
        40,
        energy=np.linspace(0.0, 1.0, 40),
        artists=[[0, 1], [1, 2]] + [[3]] * 38,
        tags=[[0, 1, 2], [1, 2, 3]] + [[4]] * 38,
        year=[1991, 1999] + [2000] * 38,
        emotions=("anger", "joy"),
        emotion=[1, 1] + [0] * 38,
    )
    found = kinship(songs, 0, 1, 0.25)
    assert found.artists == ("name 1",)
    assert set(found.tags) == {"name 1", "name 2"}
    assert (found.decade, found.emotion, found.seed, found.price) == (1990, "joy", 1, 0.25)
    assert "energy" in found.features  # the two lowest of all
    assert found.words()[0] == "same artist: name 1"
    assert "1990s" in found.words()
    stranger = kinship(songs, 0, 30, 1.0)
    assert (stranger.artists, stranger.tags, stranger.decade, stranger.emotion) == ((), (), None, "")


def test_unknown_values_are_nothing_in_common():
    songs = make_songs(10, missing=1.0, tags=[[] for _ in range(10)], artists=[[] for _ in range(10)])
    assert kinship(songs, 0, 1, 1.0).words() == []


def test_each_song_is_told_its_nearest_seed_and_a_seed_another_one():
    pricing = calibrate_prices(make_songs(50, seed=4))
    order, seeds = numbers(3, 9, 20, 21), numbers(9, 30)
    prices = price_matrix(pricing, order, seeds)
    found = nearest_seeds(pricing, order, seeds)
    for song, row, one in zip(order, prices, found, strict=True):
        expected = 1 if song == 9 else int(row.argmin())
        assert one.seed == seeds[expected]
        assert one.price == pytest.approx(row[expected])
    assert nearest_seeds(pricing, order, numbers()) == [None] * 4
    assert nearest_seeds(pricing, numbers(9), numbers(9))[0].seed == 9  # nobody else to compare it with


def test_being_alike_in_what_most_songs_are_says_nothing():
    songs = make_songs(41, energy=np.linspace(0.0, 1.0, 41), instrumentalness=np.zeros(41))
    assert "instrumentalness" not in kinship(songs, 20, 21, 0.1).features
    assert "energy" not in kinship(songs, 20, 21, 0.1).features  # the two in the middle
    assert "energy" in kinship(songs, 39, 40, 0.1).features


def test_words_of_a_shared_genre_are_not_told_beside_it():
    songs = make_songs(4, tags=[[0, 1, 2], [0, 1, 2], [1], [2]])
    object.__setattr__(songs.tags, "names", ("trip hop", "trip", "hop"))
    assert kinship(songs, 0, 1, 0.1).tags == ("trip hop",)


def test_what_a_song_is_by_itself():
    known = {"year": [1994, 1994], "emotions": ("anger",), "emotion": [0, -1]}
    songs = make_songs(2, tags=[[0], []], **known)
    assert own_words(songs, 0) == ["name 0", "1990s", "anger"]
    assert own_words(songs, 1) == ["1990s"]
    assert own_words(make_songs(1, missing=1.0, tags=[[]], emotion=[-1]), 0) == []
