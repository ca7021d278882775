"""Real files: counts, units and ranges as they were read off them."""

from datetime import timedelta

import polars as pl
import pytest

from songscape.catalog import read_catalog
from songscape.catalog.schema import FEATURES
from songscape.errors import InputError

pytestmark = pytest.mark.realdata

EXPECTED = {  # rows, rejects, families; nulls of some columns
    "raw/classic_hits.csv": (15150, 0, {"tempo": 2, "time_signature": 2, "year": 0, "duration": 0}),
    "raw/emotions_900k_sample.json": (22, 0, {"emotion": 0, "tempo": 0, "loudness": 0, "duration": 0, "album": 0}),
    "raw/exportify_liked_2.csv": (706, 0, {"id": 0, "genres": 382, "release_date": 0, "mode": 0}),
    "raw/genres_v2.csv": (238, 0, {"id": 0, "title": 0, "artists": 238, "duration": 0}),
    "raw/music_genre.csv": (14176, 6, {"tempo": 1440, "duration": 1368, "artists": 684, "key": 0, "mode": 0}),
    "raw/songs_normalize.csv": (443, 0, {"year": 0, "genres": 0, "explicit": 0}),
    "raw/top10s.csv": (603, 0, {"instrumentalness": 603, "tempo": 1, "genres": 0}),
    "raw/unpopular_songs.csv": (10877, 0, {"id": 0, "tempo": 19, "explicit": 0}),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_raw_files(data_folder, name):
    rows, rejected, nulls = EXPECTED[name]
    catalog = read_catalog(data_folder / name)
    summary = catalog.summary()
    assert (summary["rows_read"], summary["rows_rejected"], summary["tracks"]) == (rows, rejected, rows - rejected)
    assert {column: catalog.tracks[column].null_count() for column in nulls} == nulls
    _check_ranges(catalog.tracks)
    assert 0.85 * len(catalog) <= summary["version_families"] <= len(catalog)


def _check_ranges(tracks):
    for name in FEATURES[:7]:
        known = tracks[name].drop_nulls()
        assert known.is_empty() or (known.min() >= 0 and known.max() <= 1 and known.max() > 0.04), name
    assert 40 < tracks["tempo"].median() < 200
    assert -20 < tracks["loudness"].median() < -3
    known = tracks["duration"].drop_nulls()
    assert known.is_empty() or 60 < known.median() < 400
    assert tracks["key"].drop_nulls().is_between(0, 11).all()
    assert tracks["mode"].drop_nulls().is_between(0, 1).all()
    assert tracks["year"].drop_nulls().is_between(1890, 2030).all()


def test_truncated_last_row_of_music_genre_is_told(data_folder):
    rejects = read_catalog(data_folder / "raw/music_genre.csv").rejects
    assert rejects["line"].to_list() == [10002, 10003, 10004, 10005, 10006, 14177]
    assert rejects["reason"].to_list()[-1] == "too few fields: 17 instead of 18"
    assert rejects["raw"].to_list()[0] == "," * 17


def test_export_without_audio_features(data_folder):
    with pytest.raises(InputError, match=r"'exportify_liked.csv' has no audio features"):
        read_catalog(data_folder / "raw/exportify_liked.csv")


def test_by_hand_first_rows(data_folder):
    first = read_catalog(data_folder / "raw/emotions_900k_sample.json").tracks.row(0, named=True)
    assert first["title"] == "First Breath"
    assert first["artists"] == ["!YADNUS", "Daylyt"]
    assert (first["key"], first["mode"], first["time_signature"], first["explicit"]) == (9, 1, 4, True)
    assert first["duration"] == timedelta(minutes=1, seconds=15).total_seconds()
    assert first["tempo"] == pytest.approx(86.0, abs=1e-6)
    assert first["loudness"] == pytest.approx(-10.44, abs=1e-6)
    assert (first["energy"], first["release_date"], first["year"]) == (0.55, "2019-08-13", 2019)
    genre = read_catalog(data_folder / "raw/music_genre.csv").tracks.row(0, named=True)
    assert (genre["artists"], genre["key"], genre["mode"], genre["duration"]) == (["Röyksopp"], 10, 0, None)
    top = read_catalog(data_folder / "raw/top10s.csv").tracks.row(0, named=True)
    assert (top["tempo"], top["energy"], top["duration"], top["genres"]) == (97.0, 0.89, 217.0, ["neo mellow"])


def test_light_emotions_set(data_folder):
    catalog = read_catalog(data_folder / "light_spotify_dataset.csv")
    tracks = catalog.tracks
    assert catalog.summary()["rows_read"] == catalog.summary()["tracks"] == 236_988
    assert tracks["title"].null_count() == 8
    assert set(tracks["emotion"].drop_nulls()) == {"joy", "sadness", "anger", "love", "fear", "surprise"}
    assert tracks["emotion"].null_count() == 9
    assert tracks["variance"].null_count() == 177_736
    assert tracks["genres"].null_count() == 58_171
    assert tracks["key"].null_count() == tracks["mode"].null_count() == tracks["explicit"].null_count() == 0
    assert tracks["tempo"].null_count() == 139
    assert tracks["energy"].mean() == pytest.approx(0.62, abs=0.02)
    assert tracks["loudness"].mean() == pytest.approx(-8.3, abs=0.6)
    _check_ranges(tracks)
    assert catalog.notes["files"][0]["columns"]["energy"]["scale"] == "0–100"
    _check_families(catalog)


def test_real_tracks_parquet(data_folder):
    catalog = read_catalog(data_folder / "tracks.parquet")
    assert catalog.summary()["tracks"] == 359_276
    assert catalog.tracks["id"].n_unique() == 359_276
    _check_ranges(catalog.tracks)
    assert 300_000 < catalog.summary()["version_families"] < 325_000
    _check_families(catalog)


def _check_families(catalog):
    """No giant family, and real versions joined; a merge of all songs by an artist would show as many titles."""
    sizes = catalog.tracks["version_family"].value_counts()["count"]
    assert sizes.max() < 50
    titles = catalog.tracks.group_by("version_family").agg(
        pl.col("title").str.slice(0, 4).str.to_lowercase().n_unique()
    )
    assert titles["title"].max() <= 6
    share = catalog.summary()["version_families"] / len(catalog)
    assert 0.8 < share < 0.95
