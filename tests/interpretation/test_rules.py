"""Rules: by hand, against trying everything, judged by artists that the search has not seen."""

import itertools

import numpy as np
import polars as pl
import pytest

from songscape.interpretation.columns import numeric_columns
from songscape.interpretation.rules import (
    MIN_GAIN,
    _conditions,
    _first_half,
    _half,
    _search,
    _where,
    find_rules,
    wilson,
)


def songs_with(n=4000, seed=0, **columns):
    rng = np.random.default_rng(seed)
    table = {name: rng.random(n) for name in ("energy", "acousticness", "danceability")}
    return pl.DataFrame({**table, "artists": [[f"Artist {i % 500}"] for i in range(n)], **columns})


def test_a_planted_rule_is_found_and_judged():
    songs = songs_with()
    inside = (songs["acousticness"] > 0.7) & (songs["energy"] < 0.4)
    labels = np.where(inside, 0, -1).astype(np.int32)
    (rule,) = find_rules(songs, numeric_columns(songs), labels, 1)
    assert {condition.feature for condition in rule.conditions} == {"acousticness", "energy"}
    assert all(
        condition.side == (">" if condition.feature == "acousticness" else "<") for condition in rule.conditions
    )
    assert rule.text.startswith("acousticness > 0.7")
    assert " and energy < 0.4" in rule.text
    assert rule.precision > 0.95
    assert rule.recall > 0.95
    assert rule.precision_low <= rule.precision <= rule.precision_high
    assert rule.recall_low <= rule.recall <= rule.recall_high
    assert rule.f1 == pytest.approx(2 * rule.precision * rule.recall / (rule.precision + rule.recall))


def test_the_scores_are_those_of_songs_that_the_rule_was_not_fitted_on():
    songs = songs_with()
    labels = np.where(songs["energy"] + 0.3 * songs["danceability"] > 0.9, 0, -1).astype(np.int32)
    (rule,) = find_rules(songs, numeric_columns(songs), labels, 1)
    first = _first_half(songs["artists"].list.first(), np.arange(songs.height))
    hit = np.logical_and.reduce([_where(one, songs[one.feature].to_numpy()) for one in rule.conditions])
    inside = labels == 0
    assert rule.n_judged == (inside & ~first).sum()
    assert rule.precision == pytest.approx((hit & inside & ~first).sum() / (hit & ~first).sum())
    assert rule.recall == pytest.approx((hit & inside & ~first).sum() / (inside & ~first).sum())
    assert rule.precision != pytest.approx((hit & inside & first).sum() / (hit & first).sum(), abs=1e-9)


def test_no_artist_is_in_both_halves_and_unknown_ones_are_divided():
    artists = pl.Series([f"Artist {i % 40}" for i in range(400)])
    first = _first_half(artists, np.arange(400))
    sides = pl.DataFrame({"artist": artists, "first": first}).group_by("artist").agg(pl.col("first").n_unique())
    assert sides["first"].to_list() == [1] * 40
    for alone in (pl.Series(["One"] * 400), pl.Series([None] * 400, dtype=pl.String)):
        assert 0.4 < _first_half(alone, np.arange(400)).mean() < 0.6


def test_the_beam_finds_what_trying_all_pairs_finds():
    songs = songs_with(600, seed=3)
    labels = np.where((songs["energy"] - 0.5) ** 2 + (songs["acousticness"] - 0.4) ** 2 < 0.04, 0, 1).astype(np.int32)
    columns = numeric_columns(songs)
    conditions = [condition for column in columns for condition in _conditions(column)]
    holds = np.array([_where(one, songs[one.feature].to_numpy()) for one in conditions])
    found = _search(_half(holds, labels), 0)

    def f1(rule):
        hit = holds[list(rule)].all(axis=0)
        return 2 * (hit & (labels == 0)).sum() / (hit.sum() + (labels == 0).sum())

    pairs = max(f1(pair) for pair in itertools.combinations(range(len(conditions)), 2))
    assert 1 <= len(found) <= 3
    assert f1(found) >= pairs - MIN_GAIN


def test_no_rule_for_labels_dealt_at_random():
    songs = songs_with()
    labels = np.random.default_rng(1).integers(0, 8, songs.height).astype(np.int32)
    assert sum(rule is not None for rule in find_rules(songs, numeric_columns(songs), labels, 8)) <= 1


def test_unknown_values_fulfill_no_condition():
    songs = songs_with(1000)
    unknown = songs.with_columns(energy=pl.when(pl.col("energy") < 0.5).then(pl.col("energy")))
    labels = np.where(unknown["energy"].is_null(), 0, -1).astype(np.int32)
    for rule in find_rules(unknown, numeric_columns(unknown), labels, 1):
        assert rule is None or "energy" not in rule.text


def test_thresholds_are_round_and_carry_units():
    tempo = songs_with(500, tempo=np.random.default_rng(0).uniform(60, 180, 500))
    (column,) = [column for column in numeric_columns(tempo) if column.name == "tempo"]
    conditions = _conditions(column)
    assert all(condition.threshold == round(condition.threshold) for condition in conditions)
    assert all(condition.text.endswith(" BPM") for condition in conditions)


def test_held_out_columns_and_empty_tables_make_no_rules():
    songs = pl.DataFrame({"popularity": np.arange(100.0), "year": np.arange(1920, 2020)})
    labels = np.repeat([0, 1], 50).astype(np.int32)
    assert find_rules(songs, numeric_columns(songs), labels, 2) == [None, None]


def test_wilson_by_hand():
    low, high = wilson(8, 10)
    assert (low, high) == (pytest.approx(0.49016, abs=1e-5), pytest.approx(0.94331, abs=1e-5))
    assert wilson(0, 10)[0] == 0.0
    assert wilson(10, 10)[1] == pytest.approx(1.0)
    assert wilson(0, 0) == (0.0, 1.0)
