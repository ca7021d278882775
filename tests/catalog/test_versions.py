"""Version families: what is joined, what is not, and who stands for a family."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.catalog import read_catalog
from songscape.catalog.schema import FEATURES
from songscape.catalog.versions import _components
from songscape.config import ReadParams

AUDIO = {name: 0.1 + 0.05 * i for i, name in enumerate(FEATURES)} | {"loudness": -7.25, "tempo": 120.5}


def tracks(*rows):
    """A table of rows (title, artist) or (title, artist, changes); audio differs by row unless it is given."""
    table = []
    for i, (title, artist, *changes) in enumerate(rows):
        own = {name: value + (i + 1) * 1e-3 for name, value in AUDIO.items()}
        table.append({"title": title, "artist": artist, **own, **(changes[0] if changes else {})})
    return pl.DataFrame(table, infer_schema_length=None)


def families(*rows):
    return read_catalog(tracks(*rows)).tracks["version_family"].to_list()


def test_versions_by_one_artist_are_one_family():
    rows = [("Heroes", "David Bowie"), ("Heroes - 2017 Remaster", "david bowie"), ("Heroes (Live)", "David Bowie")]
    assert families(*rows, ("Heroes", "Motörhead")) == [0, 0, 0, 1]


def test_a_remix_is_its_own_recording():
    assert families(("Animals", "Martin Garrix"), ("Animals - Botnek Remix", "Martin Garrix")) == [0, 1]


@pytest.mark.parametrize(
    "title",
    ["Intro", "INTRO", "Untitled", "Track 01", "Interlude I", "Allegro", "II. Allegro ma non troppo", "Outro (Live)"],
)
def test_generic_titles_join_nothing_by_themselves(title):
    assert families((title, "A"), (title, "A"), (title, "B")) == [0, 1, 2]
    assert families((title, "A", AUDIO), (title, "A", AUDIO), (title, "B")) == [0, 0, 1]


@pytest.mark.parametrize("artist", ["Various Artists", "Unknown Artist", "Traditional"])
def test_generic_artists_join_nothing_by_themselves(artist):
    assert families(("Greensleeves", artist), ("Greensleeves", artist)) == [0, 1]


def test_missing_titles_or_artists_join_nothing_by_themselves():
    assert families((None, "A"), (None, "A"), ("One", None), ("One", None), (None, None), (None, None)) == [
        0,
        1,
        2,
        3,
        4,
        5,
    ]


def test_equal_audio_joins_where_artist_or_title_agree():
    assert families(("Everytime We Touch", "Cascada", AUDIO), ("Every time we touch", "Cascada", AUDIO)) == [0, 0]
    assert families(("Maalaala", "Janine", AUDIO), ("Maalaala", "Various Artists", AUDIO)) == [0, 0]
    assert families(("Predictably", "A", AUDIO), ("Tantalizing", "B", AUDIO)) == [0, 1]


def test_a_nameless_copy_joins_the_named_one():
    rows = [(None, None, AUDIO), ("One", "A", AUDIO), (None, "A", AUDIO), ("Two", "B", AUDIO)]
    assert families(*rows) == [0, 0, 0, 1]


def test_few_features_do_not_make_a_fingerprint():
    table = pl.DataFrame({"title": ["One", "Two"], "artist": ["A", "A"], "energy": [0.5, 0.5], "tempo": [120, 120]})
    assert read_catalog(table).tracks["version_family"].to_list() == [0, 1]
    assert read_catalog(table.drop("title", "artist")).tracks["version_family"].to_list() == [0, 1]


def test_one_id_is_one_song_but_a_column_of_equal_ids_is_not():
    same = tracks(("One", "A"), ("One", None), ("Two", "B")).with_columns(id=pl.Series(["x", "x", "y"]))
    assert read_catalog(same).tracks["version_family"].to_list() == [0, 0, 1]
    constant = tracks(*[(f"Song {i}", f"Artist {i}") for i in range(50)]).with_columns(id=pl.lit("playlist"))
    assert read_catalog(constant).summary()["version_families"] == 50


def test_families_chain():
    rows = [("A", "X"), ("A (Live)", "X", AUDIO), ("Ah", "X", AUDIO), ("Ah - Remastered", "X")]
    assert families(*rows) == [0, 0, 0, 0]


def test_the_most_complete_then_of_equal_titles_the_most_popular_then_the_first_stands_for_a_family():
    rows = tracks(("A - Demo", "X"), ("A (Live)", "X"), ("A - Mono", "X"), ("B", "X"), ("B", "X"))
    popular = rows.with_columns(popularity=pl.Series([10, 90, 90, 5, 5]))
    assert read_catalog(popular).tracks["is_representative"].to_list() == [False, True, False, True, False]
    complete = popular.with_columns(album=pl.Series(["Album", None, None, None, None]))
    assert read_catalog(complete).tracks["is_representative"].to_list() == [True, False, False, True, False]


def test_joining_can_be_turned_off():
    catalog = read_catalog(tracks(("A", "X"), ("A", "X")), ReadParams(version_families=False))
    assert catalog.tracks["version_family"].to_list() == [0, 1]
    assert catalog.tracks["is_representative"].all()
    assert catalog.tracks.schema["version_family"] == pl.Int32


@settings(max_examples=25, derandomize=True, deadline=None)
@given(
    names=st.lists(
        st.tuples(st.sampled_from(["A", "A (Live)", "B", None]), st.sampled_from(["X", "Y", None])),
        min_size=1,
        max_size=12,
    ),
    seed=st.integers(0, 1000),
)
def test_row_order_changes_nothing_but_numbering(names, seed):
    rows = tracks(*names)
    order = np.random.default_rng(seed).permutation(len(names))
    straight = read_catalog(rows).tracks["version_family"].to_numpy()
    shuffled = read_catalog(rows[order.tolist()]).tracks["version_family"].to_numpy()
    same = straight[:, None] == straight[None, :]
    assert np.array_equal(shuffled[:, None] == shuffled[None, :], same[np.ix_(order, order)])
    assert shuffled[0] == 0
    assert set(shuffled) == set(range(shuffled.max() + 1))


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=10, max_size=10), min_size=1, max_size=3))
def test_components_equal_those_of_a_plain_walk(links):
    firsts = [np.array([link.index(group) for group in link]) for link in links]  # the first row of each row's group
    label = list(range(10))
    for _ in range(20):
        for first in firsts:
            for row in range(10):
                low = min(label[row], label[first[row]])
                label = [low if value in (label[row], label[first[row]]) else value for value in label]
    names = {value: i for i, value in enumerate(dict.fromkeys(label))}
    assert _components(firsts, 10).tolist() == [names[value] for value in label]


def test_the_plain_song_stands_for_its_versions():
    names = ["Fireflies - Live From Spotify NYC", "Fireflies", "Fireflies (Acoustic)"]
    table = pl.DataFrame(
        {"title": names, "artist": ["Owl City"] * 3, "popularity": [90, 10, 50], "energy": [0.5, 0.6, 0.7]}
    )
    assert read_catalog(table).tracks["is_representative"].to_list() == [False, True, False]


def test_each_family_has_exactly_one_representative():
    rows = [(f"Song {i % 7}", f"Artist {i % 3}") for i in range(60)]
    catalog = read_catalog(tracks(*rows))
    assert (
        catalog.tracks.group_by("version_family")
        .agg(pl.col("is_representative").sum())["is_representative"]
        .to_list()
        == [1] * 21
    )
    assert catalog.summary()["version_families"] == 21
