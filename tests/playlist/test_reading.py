"""Songs read from a table of tracks: by hand, at the edges, on real tracks."""

import time

import numpy as np
import polars as pl
import pytest

import songscape
from songscape.errors import InputError
from songscape.playlist.reading import read_songs
from songscape.playlist.tags import ARTIST_SHARE, tag_table

COLUMNS = ("danceability", "energy", "valence", "speechiness", "liveness", "acousticness", "instrumentalness")


def tracks_of(**columns):
    n = len(next(iter(columns.values())))
    base = {name: np.linspace(0.1, 0.9, n) for name in COLUMNS}
    base |= {"loudness": np.linspace(-20.0, -5.0, n), "tempo": np.linspace(80.0, 160.0, n)}
    return songscape.read_catalog(
        pl.DataFrame({"title": [f"song number {i}" for i in range(n)], **base, **columns})
    ).tracks


def songs_of(tracks):
    X = np.arange(2 * tracks.height, dtype=np.float32).reshape(-1, 2)
    return read_songs(tracks, X, X)


def weights_of(ragged, song):
    at = slice(ragged.indptr[song], ragged.indptr[song + 1])
    return dict(zip([ragged.names[i] for i in ragged.ids[at]], ragged.weights[at].tolist(), strict=True))


def test_a_family_is_one_song_with_the_values_of_its_representative():
    tracks = tracks_of(
        title=["Heroes - 2017 Remaster", "Heroes", "Fame"],
        artist=["David Bowie", "David Bowie", "David Bowie"],
        year=[2017, 1977, 1975],
        popularity=[40, 70, 60],
        genre=["art rock", None, "glam"],
        duration_ms=[371000, None, 250000],
    )
    songs = songs_of(tracks)
    assert songs.n_songs == 2
    assert songs.year.tolist() == [1977, 1975], "the earliest"
    assert songs.popularity.tolist() == [70, 60], "the highest"
    assert songs.duration.tolist() == [371, 250], "of the other version where the representative has none"
    representative = tracks.with_row_index().filter("is_representative").sort("version_family")
    assert songs.rows.tolist() == representative["index"].to_list()
    np.testing.assert_array_equal(songs.X[:, 0], 2 * songs.rows)
    np.testing.assert_allclose(songs.audio[:, 1], representative["energy"], rtol=1e-6)
    assert set(weights_of(songs.tags, 0)) >= {"art rock", "art", "rock"}, "the genre of any version"


def test_unknown_values():
    songs = songs_of(tracks_of(title=["a", "b"], energy=[None, 0.5], artist=[None, "Various Artists"]))
    assert np.isnan(songs.audio[0, 1])
    assert np.isnan(songs.ranks[0, 1])
    assert songs.ranks[1, 1] == 0.5
    for column in (songs.year, songs.popularity, songs.duration):
        assert np.isnan(column).all()
        assert column.dtype == np.float32
    for column in (songs.key, songs.mode, songs.explicit, songs.emotion):
        assert (column == -1).all()
    assert songs.artists.names == ()
    assert songs.tags.names == ()
    assert songs.emotions == ()
    assert songs.artists.indptr.tolist() == songs.tags.indptr.tolist() == [0, 0, 0]


def test_ranks_are_mean_ranks():
    songs = songs_of(tracks_of(title=list("abcd"), energy=[0.2, 0.2, 0.9, 0.1]))
    assert songs.ranks[:, 1].tolist() == [0.5, 0.5, 0.875, 0.125]


def test_artists_are_one_whatever_their_spelling_and_the_main_one_stands_first():
    songs = songs_of(tracks_of(title=list("abc"), artist=["Zoë;Adam", "adam", "ZOE"]))
    assert [songs.artists.of(i).tolist() for i in range(3)] == [[1, 0], [0], [1]]
    assert songs.artists.names == ("Adam", "Zoë")
    assert (songs.artists.weights == 1).all()


def test_codes_of_keys_emotions_and_flags():
    songs = songs_of(
        tracks_of(
            title=list("abc"),
            key=["C# Maj", "A min", None],
            emotion=["sadness", "joy", None],
            explicit=["Yes", "No", None],
        )
    )
    assert songs.key.tolist() == [1, 9, -1]
    assert songs.mode.tolist() == [1, 0, -1]
    assert songs.emotions == ("joy", "sadness")
    assert songs.emotion.tolist() == [1, 0, -1]
    assert songs.explicit.tolist() == [1, 0, -1]


def test_tags_by_hand():
    tracks = tracks_of(title=list("abc"), artist=["X", "X", "Y"], genre=["rock", None, "pop"])
    songs = songs_of(tracks)
    # the artist's mean is over the songs that have a genre: only song a, so songs a and b hold the same
    assert weights_of(songs.tags, 0) == weights_of(songs.tags, 1) == {"rock": 1.0}
    assert weights_of(songs.tags, 2) == {"pop": 1.0}
    tracks = tracks_of(title=list("ab"), artist=["X", "X"], genre=["rock", "pop"])
    own, other = 1.0 + ARTIST_SHARE / 2, ARTIST_SHARE / 2
    norm = np.hypot(own, other)
    assert weights_of(songs_of(tracks).tags, 0) == pytest.approx({"rock": own / norm, "pop": other / norm})


def test_rare_tags_count_more():
    songs = songs_of(tracks_of(title=list("abc"), genre=["dark trap", "trap", "trap"]))
    found = weights_of(songs.tags, 0)
    ratio = (1 + np.log(3)) / 1.0
    assert found["dark"] / found["trap"] == pytest.approx(ratio)
    assert np.isclose(sum(w**2 for w in found.values()), 1)


def test_words_that_say_nothing_are_no_tags():
    assert tag_table(pl.Series(["drum and bass"]))["tag"].to_list() == ["drum and bass", "drum", "bass"]


def test_one_row_a_track_is_asked_for():
    tracks = tracks_of(title=["a", "b"])
    with pytest.raises(InputError, match=r"place must have one row for each of 2 tracks\. Got 1 rows\."):
        read_songs(tracks, np.zeros((2, 1), np.float32), np.zeros((1, 2), np.float32))
    with pytest.raises(InputError, match="number their songs from 0"):
        songs_of(tracks.with_columns(version_family=pl.col("version_family") + 1))


def test_the_inputs_stay_as_they_are():
    tracks = tracks_of(title=["a", "b"], genre=["pop", "rock"])
    before = tracks.clone()
    songs_of(tracks)
    assert tracks.equals(before)


@pytest.mark.realdata
def test_real_tracks_take_seconds_at_most(data_folder):
    tracks = songscape.read_catalog(data_folder / "tracks.parquet").tracks
    X = np.zeros((tracks.height, 2), np.float32)
    start = time.process_time()
    songs = read_songs(tracks, X, X)
    assert time.process_time() - start < 8.0
    assert songs.n_songs == tracks["version_family"].n_unique()
    norms = np.add.reduceat(songs.tags.weights**2, songs.tags.indptr[:-1][np.diff(songs.tags.indptr) > 0])
    np.testing.assert_allclose(norms, 1.0, atol=1e-4)
    assert 0.6 < (np.diff(songs.tags.indptr) > 0).mean() < 0.75
