"""Artifacts: each kind planted is named, natural heaps are not, and a catalog of nothing else is no artifact."""

import numpy as np
import polars as pl
import pytest

from songscape.interpretation.artifacts import artifacts
from songscape.interpretation.columns import numeric_columns
from songscape.interpretation.grounds import told


def two_groups(n=200, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.repeat([0, 1], n).astype(np.int32)
    X = rng.normal(size=(2 * n, 4)) + 6.0 * labels[:, None]
    songs = pl.DataFrame(
        {
            "title": [f"Song {i}" for i in range(2 * n)],
            "artists": [[f"Artist {i % 150}"] for i in range(2 * n)],
            "energy": np.clip(0.5 + 0.1 * X[:, 0], 0, 1),
            "tempo": 120.0 + X[:, 1],
            "instrumentalness": rng.random(2 * n),
        }
    )
    return labels, X, songs


def reasons(tools, labels, X, songs):
    found = artifacts(songs, numeric_columns(songs), labels, 2, tools.nearest(X, 5))
    return [told([ground]) if ground else "" for ground in found]


def replaced(songs, labels, name, values):
    return songs.with_columns(pl.when(pl.Series(labels == 1)).then(pl.Series(values)).otherwise(name).alias(name))


def test_ordinary_groups_are_none(tools):
    assert reasons(tools, *two_groups()) == ["", ""]


@pytest.mark.parametrize("jitter", [0.0, 1e-4])
def test_copies_of_a_few_songs(tools, jitter):
    labels, X, songs = two_groups()
    rng = np.random.default_rng(1)
    X[labels == 1] = X[np.flatnonzero(labels == 1)[rng.integers(0, 40, 200)]] + jitter * rng.normal(size=(200, 4))
    first, second = reasons(tools, labels, X, songs)
    assert first == ""
    assert second.startswith("duplicates: ")


def test_one_title(tools):
    labels, X, songs = two_groups()
    titles = replaced(songs, labels, "title", ["Silent Night"] * 400)
    assert reasons(tools, labels, X, titles)[1] == "duplicates: 100 % of its songs share the title “silent night”"


def test_one_artist(tools):
    labels, X, songs = two_groups()
    artists = [["The Same", f"Guest {i}"] if i % 5 else [f"Other {i}"] for i in range(400)]
    one = replaced(songs, labels, "artists", artists)
    assert reasons(tools, labels, X, one) == ["", "one artist: 80 % of its songs are by “the same”"]


def test_one_value(tools):
    labels, X, songs = two_groups()
    filled = replaced(songs, labels, "tempo", [120.0] * 400)
    assert reasons(tools, labels, X, filled) == ["", "one value: 100 % of its songs have tempo 120 BPM"]


def test_one_missing_value(tools):
    labels, X, songs = two_groups()
    missing = replaced(songs, labels, "tempo", [None] * 400)
    assert reasons(tools, labels, X, missing)[1] == "one filled-in value: 100 % of its songs have no known tempo"


def test_various_artists_are_not_one(tools):
    labels, X, songs = two_groups()
    various = replaced(songs, labels, "artists", [["Various Artists"]] * 400)
    assert reasons(tools, labels, X, various) == ["", ""]


def test_zero_is_natural_for_a_share(tools):
    labels, X, songs = two_groups()
    sung = replaced(songs, labels, "instrumentalness", [0.0] * 400)
    assert reasons(tools, labels, X, sung) == ["", ""]


def test_a_catalog_of_one_artist_or_of_whole_numbers_is_no_heap_of_artifacts(tools):
    labels, X, songs = two_groups()
    one = songs.with_columns(artists=pl.Series([["Only"]] * 400), title=pl.lit("Untitled"))
    assert reasons(tools, labels, np.round(X), one) == ["", ""]


def test_nothing_known(tools):
    labels, X, songs = two_groups()
    empty = songs.with_columns(title=pl.lit(None, dtype=pl.String)).select("title")
    assert reasons(tools, labels, X, empty) == ["", ""]
    assert reasons(tools, labels, X, songs.select("energy")) == ["", ""]
