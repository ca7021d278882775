"""Twins: songs that seem to be another one once more."""

import numpy as np
import polars as pl
import pytest
from small_songs import make_songs

import songscape
from songscape.playlist.reading import read_songs
from songscape.playlist.twins import twins_of

BARE = "6wH6iStAh4KIaWfuhf0NYM"


def songs_named(*names):
    """Songs of (artists, title), each with a sound of its own."""
    table = {"artist": [artist for artist, _ in names], "title": [title for _, title in names]}
    tracks = songscape.read_catalog(pl.DataFrame(table | {"energy": np.linspace(0.0, 1.0, len(names))})).tracks
    assert tracks["version_family"].n_unique() == len(names)
    nothing = np.zeros((len(names), 2), np.float32)
    return read_songs(tracks, nothing, nothing)


@pytest.mark.parametrize(
    ("one", "other", "is_twin"),
    [
        (("Nick Drake", "Pink Moon"), (BARE, "Pink Moon - Remastered"), True),
        ((BARE, "Pink Moon"), ("Nick Drake", "Pink Moon"), True),
        (("Nick Drake", "Pink Moon"), (None, "Pink Moon"), True),
        (("Nick Drake", "Pink Moon"), ("Various Artists", "Pink Moon"), True),
        (("Tom Petty", "Free Fallin'"), ("Tom Petty and the Heartbreakers", "Free Fallin'"), True),
        (("Daddy Yankee", "Gata"), ("Alex Gargolas;Daddy Yankee", "Gata (feat. Nicky Jam)"), True),
        (("Nick Drake", "Pink Moon"), ("Beck", "Pink Moon"), False),  # a cover is another song
        (("Nick Drake", "Pink Moon"), (BARE, "Pink"), False),
        (("Nick Drake", "Introduction"), (BARE, "Introduction"), False),  # the title tells nothing
        (("Nick Drake", "Pink Moon"), ("Nick Drake Tribute", "Pink Moon (Remix)"), False),
    ],
)
def test_by_hand(one, other, is_twin):
    songs = songs_named(one, other, ("Nobody Else", "Another Song"))
    assert twins_of(songs, np.array([0], np.int32)).tolist() == [1] * is_twin
    assert twins_of(songs, np.array([1], np.int32)).tolist() == [0] * is_twin
    assert twins_of(songs, np.array([2], np.int32)).tolist() == []


def test_of_several_songs_none_is_its_own_twin():
    songs = songs_named(("A B", "One"), ("A", "One"), ("C", "Two"), (BARE, "Two"), ("A B C", "One"))
    assert twins_of(songs, np.array([0, 1, 2], np.int32)).tolist() == [3, 4]
    assert twins_of(songs, np.array([], np.int32)).tolist() == []


def test_nobody_read_the_titles():
    assert twins_of(make_songs(20), np.arange(5, dtype=np.int32)).tolist() == []
