"""Songs that stand for a group: an id in place of an artist counts as one artist, and is not shown as a name."""

import numpy as np
import polars as pl

from songscape.interpretation.examples import described, exemplars

ONE, OTHER = "4tZwfgrHOc3mvqYlEYSvVi", "0LcJLqbBmaGUft1e9Mm8HV"
SONGS = pl.DataFrame({"title": list("abcd"), "artists": [[ONE], [ONE], ["Abba"], [OTHER]]})


def test_ids_are_not_shown_as_names():
    assert [song.artist for song in described(SONGS, np.arange(4))] == [None, None, "Abba", None]


def test_two_songs_under_one_id_are_of_one_artist():
    found = exemplars(SONGS, np.zeros(4, np.int32), 1, np.ones(4, np.float32), np.arange(4.0))
    assert [(song.title, song.artist) for song in found[0]] == [("a", None), ("c", "Abba"), ("d", None)]


def test_songs_without_an_artists_column():
    assert [song.artist for song in described(SONGS.select("title"), np.arange(2))] == [None, None]
