"""Items of a playlist file → rows of the catalog."""

import numpy as np
import polars as pl
import pytest

from songscape.playlist.formats import (
    AMBIGUOUS,
    BY_ID,
    BY_NAME,
    NOT_FOUND,
    PlaylistItem,
    index_tracks,
    match_items,
    match_rows,
    parse_playlist,
    read_playlist,
    read_playlists,
    render,
)
from songscape.playlist.formats.items import PlaylistFile

TRACKS = pl.DataFrame(
    [
        ("id0", "Heroes", ["David Bowie"], 70.0, 0, True),
        ("id1", "Heroes - Live", ["David Bowie"], 40.0, 0, False),
        ("id2", "Intro", ["The xx"], 60.0, 1, True),
        ("id3", "Intro", ["The xx"], 65.0, 2, True),
        (None, "Yonkers", ["Tyler, The Creator"], 50.0, 3, True),
        ("id5", "Ночь", ["Кино"], None, 4, True),
        ("id6", None, ["Кино"], 1.0, 5, True),
        ("id7", "Song", None, 1.0, 6, True),
        ("id0", "Heroes", ["David Bowie"], 99.0, 0, False),
        ("id9", "Blue - Green", ["A"], 5.0, 7, True),
    ],
    schema={"id": pl.String, "title": pl.String, "artists": pl.List(pl.String), "popularity": pl.Float64,
            "version_family": pl.Int32, "is_representative": pl.Boolean},
    orient="row",
)  # fmt: skip


def found(*items):
    matching = match_items(items, index_tracks(TRACKS))
    return list(zip(matching.rows.tolist(), matching.how.tolist(), strict=True))


def test_by_id_the_first_row():
    assert found(PlaylistItem("whatever", id="id0"), PlaylistItem(id="id6")) == [(0, BY_ID), (6, BY_ID)]


def test_by_name_whatever_case_accents_and_version():
    assert found(
        PlaylistItem("HÉROES", ("david bowie",)),
        PlaylistItem("Heroes (Live)", ("David Bowie",)),
        PlaylistItem("Heroes - 2017 Remaster", ("David Bowie", "Brian Eno"), id="other"),
        PlaylistItem("ночь", ("КИНО",)),
        PlaylistItem("Yonkers", ("Tyler, The Creator",)),
        PlaylistItem("Yonkers", ("Tyler", "The Creator")),
    ) == [(0, BY_NAME), (1, BY_NAME), (0, BY_NAME), (5, BY_NAME), (4, BY_NAME), (4, BY_NAME)]


def test_a_name_of_several_songs_is_ambiguous_and_the_most_popular_is_taken():
    assert found(PlaylistItem("Intro", ("xx",))) == [(3, AMBIGUOUS)]


def test_what_is_not_there_is_not_found():
    absent = (PlaylistItem("Heroes", ("Blur",)), PlaylistItem("Song"), PlaylistItem(id="id99"), PlaylistItem("Кино"))
    assert found(*absent) == [(-1, NOT_FOUND)] * 4


def test_a_line_may_be_divided_at_the_wrong_dash():
    text = render(PlaylistFile((PlaylistItem("Blue - Green", ("A",)),)), "text")
    assert found(*parse_playlist(text.encode(), "x").items) == [(9, BY_NAME)]
    assert found(PlaylistItem("Green", ("A - Blue",))) == [(9, BY_NAME)]


def test_nothing_to_match_and_nothing_to_match_with():
    assert match_items((), index_tracks(TRACKS)).rows.tolist() == []
    none = match_items([PlaylistItem("Heroes", ("David Bowie",))], index_tracks(TRACKS.clear()))
    assert (none.rows.tolist(), none.rows.dtype, none.how.dtype) == ([-1], np.int32, np.int8)


def test_the_report():
    items = [
        PlaylistItem(id="id0"),
        PlaylistItem("Intro", ("xx",)),
        PlaylistItem("No"),
        PlaylistItem("Ночь", ("Кино",)),
    ]
    matching = match_items(items, index_tracks(TRACKS))
    assert matching.summary() == (
        "3 of 4 tracks found: 1 by id, 1 by name, 1 by a name that several songs have; 1 not found."
    )
    assert [items[place].title for place in matching.places(NOT_FOUND)] == ["No"]


def test_the_order_of_rows_changes_nothing_and_the_catalog_stays():
    rows = pl.DataFrame(
        {"id": ["id0", None, None], "title": [None, "Heroes", "Intro"], "artist": [None, "David Bowie", "xx"]}
    )
    before = TRACKS.clone()
    index = index_tracks(TRACKS)
    there = match_rows(rows, index)
    back = match_rows(rows.reverse(), index)
    assert there.rows.tolist() == back.rows.tolist()[::-1] == [0, 0, 3]
    assert TRACKS.equals(before)


@pytest.fixture(scope="module")
def real(data_folder):
    tracks = pl.read_parquet(data_folder / "tracks.parquet").select(
        "id", "popularity", title="name", artists=pl.col("artists").str.split(";")
    )
    return tracks.with_columns(version_family=pl.int_range(pl.len(), dtype=pl.Int32), is_representative=pl.lit(True))


@pytest.mark.realdata
def test_real_playlists_are_matched_by_id(data_folder, real):
    table = read_playlists(data_folder / "playlists.parquet")
    matching = match_rows(table.tracks, index_tracks(real))
    known = set(real["id"])
    assert matching.count(BY_ID) == sum(one in known for one in table.tracks["id"])
    assert matching.count(BY_ID) > 0.5 * table.tracks.height
    at = np.flatnonzero(matching.how == BY_ID)[::997]
    assert real["id"][matching.rows[at]].to_list() == table.tracks["id"][at].to_list()


@pytest.mark.realdata
def test_real_tracks_are_found_by_their_own_names(real):
    named = real.filter(pl.col("title").is_not_null() & pl.col("artists").is_not_null())
    rows = named.select(id=pl.lit(None, pl.String), title="title", artist=pl.col("artists").list.join(", "))
    matching = match_rows(rows, index_tracks(real))
    assert matching.count(NOT_FOUND) < 0.001 * named.height
    taken = real[matching.rows[matching.rows >= 0]]["artists"].list.first().str.to_lowercase()
    wanted = named.filter(matching.rows >= 0)["artists"].list.first().str.to_lowercase()
    assert (taken == wanted).mean() > 0.98  # the raw tracks write some artists in two ways


@pytest.mark.realdata
def test_a_real_export_is_found_in_part(data_folder, real):
    matching = match_items(read_playlist(data_folder / "raw" / "exportify_liked_2.csv").items, index_tracks(real))
    assert matching.count(BY_ID) + matching.count(BY_NAME) + matching.count(AMBIGUOUS) > 500
