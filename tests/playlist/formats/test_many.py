"""Many playlists at once, from every form."""

import json

import polars as pl
import pytest

from songscape.errors import InputError
from songscape.playlist.formats import PlaylistFile, PlaylistItem, read_playlists, write_playlist

from .samples import SPOTIFY_ID

ROWS = {
    "Playlist_ID": ["b", "a", "b", "b", None, "a"],
    "POSITION": [2, 0, 1, 0, 0, 1],
    "track_id": ["2", f"spotify:track:{SPOTIFY_ID}", "1", "0", "9", " "],
    "source": ["s", None, "s", "s", "s", None],
    "other": [0, 0, 0, 0, 0, 0],
}


def check_small(table):
    assert table.playlists["playlist_id"].to_list() == ["b", "a"]
    assert table.playlists["source"].to_list() == ["s", None]
    assert table.tracks["playlist"].to_list() == [0, 0, 0, 1]
    assert table.tracks["playlist"].dtype == pl.Int32
    assert table.tracks["id"].to_list() == ["0", "1", "2", SPOTIFY_ID]
    assert table.n_rejected == 2


@pytest.mark.parametrize("form", ["parquet", "csv", "semicolons", "jsonl"])
def test_tables_by_their_columns(tmp_path, form):
    frame, path = pl.DataFrame(ROWS), tmp_path / f"x.{form}"
    if form == "parquet":
        frame.write_parquet(path)
    elif form == "jsonl":
        frame.write_ndjson(path)
    else:
        path = tmp_path / "x.csv"
        frame.write_csv(path, separator=";" if form == "semicolons" else ",", include_bom=True)
    check_small(read_playlists(path))


def test_a_table_without_positions_keeps_its_order_and_counts_short_rows(tmp_path):
    (tmp_path / "x.csv").write_text("pid,track_name,artist_name,playlist_name\n7,B,X,n\n7,A,Y,n\n7,only\n")
    table = read_playlists(tmp_path / "x.csv")
    assert table.tracks.select("title", "artist").rows() == [("B", "X"), ("A", "Y")]
    assert table.playlists.rows() == [("7", "n", None)]
    (short,) = table.rejects
    assert (table.n_rejected, short.line, short.reason) == (1, 4, "not 4 fields, as the header has")


MPD = {"info": {"slice": "0-999"}, "playlists": [
    {"name": "Throwbacks", "pid": 0, "num_tracks": 2, "tracks": [
        {"pos": 0, "artist_name": "Missy", "track_uri": f"spotify:track:{SPOTIFY_ID}", "track_name": "Lose"},
        {"pos": 1, "artist_name": "Britney", "track_name": "Toxic"}]},
    {"name": "Other", "pid": 1, "tracks": [{"track_uri": "spotify:track:" + "1" * 22}, 3, {"pos": 9}]},
    "broken"]}  # fmt: skip


def check_mpd(table):
    assert table.playlists["name"].to_list() == ["Throwbacks", "Other"]
    assert table.tracks["playlist"].to_list() == [0, 0, 1, 1]
    assert table.tracks["id"].to_list() == [SPOTIFY_ID, None, "1" * 22, "3"]
    assert table.tracks["title"].to_list() == ["Lose", "Toxic", None, None]


@pytest.mark.parametrize("indent", [None, 1])
def test_a_slice_of_the_million_playlist_dataset(tmp_path, indent):
    (tmp_path / "mpd.slice.0-999.json").write_text(json.dumps(MPD, indent=indent))
    table = read_playlists(tmp_path / "mpd.slice.0-999.json")
    check_mpd(table)
    assert table.n_rejected == 2


def test_playlists_as_json_lines(tmp_path):
    (tmp_path / "x.jsonl").write_text("\n".join([*map(json.dumps, MPD["playlists"][:2]), "broken"]))
    table = read_playlists(tmp_path / "x.jsonl")
    check_mpd(table)
    assert table.rejects[0].line == 3


def test_a_folder_of_files_of_all_kinds(tmp_path):
    mine = PlaylistFile((PlaylistItem("Heroes", ("David Bowie",), SPOTIFY_ID),), "Berlin")
    write_playlist(mine, tmp_path / "a.m3u8")
    write_playlist(mine, tmp_path / "b.xspf")
    (tmp_path / "c.json").write_text(json.dumps(MPD))
    (tmp_path / "d.json").write_text(json.dumps(MPD))
    (tmp_path / "e.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / ".hidden").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    table = read_playlists(tmp_path)
    assert table.playlists["name"].to_list() == ["Berlin", "Berlin", *["Throwbacks", "Other"] * 2]
    assert table.n_playlists == 6
    assert table.tracks.height == 2 + 8
    assert "'e.pdf' is a PDF document" in " ".join(one.reason for one in table.rejects)


def test_one_playlist_is_a_table_of_one(tmp_path):
    path = write_playlist(PlaylistFile((PlaylistItem("A"), PlaylistItem("B")), "n"), tmp_path / "n.json")
    table = read_playlists(path)
    assert (table.n_playlists, table.tracks["title"].to_list()) == (1, ["A", "B"])
    (tmp_path / "t.csv").write_text("title,artist\nA,X\n")
    assert read_playlists(tmp_path / "t.csv").playlists["name"].to_list() == ["t"]


def test_what_cannot_be_read_is_one_message(tmp_path):
    (tmp_path / "empty").mkdir()
    pl.DataFrame({"playlist_id": ["a"], "energy": [0.5]}).write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"playlist_id": ["a"], "track_id": [["x"]]}).write_parquet(tmp_path / "b.parquet")
    (tmp_path / "c.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-20])
    (tmp_path / "d.csv").write_text("playlist_id,track_id\n,x\n")
    for name, message in [
        ("empty", "holds no playlist with a track in it"),
        ("a.parquet", r"'a\.parquet' needs the columns playlist_id and track_id .*Its columns: playlist_id, energy"),
        ("b.parquet", "holds no texts or numbers"),
        ("c.parquet", "damaged or truncated Parquet"),
        ("d.csv", "holds no playlist with a track in it"),
        ("none.csv", "cannot be read: No such file"),
    ]:
        with pytest.raises(InputError, match=message):
            read_playlists(tmp_path / name)


@pytest.mark.realdata
def test_the_real_playlists(data_folder):
    table = read_playlists(data_folder / "playlists.parquet")
    truth = pl.read_parquet(data_folder / "playlists.parquet")
    assert table.n_playlists == truth["playlist_id"].n_unique() == 2025
    assert table.tracks.height == truth.height
    assert table.n_rejected == 0
    assert table.playlists["source"].null_count() == 0
    one = truth.filter(pl.col("playlist_id") == truth["playlist_id"][-1]).sort("position")["track_id"]
    row = table.playlists["playlist_id"].to_list().index(truth["playlist_id"][-1])
    assert table.tracks.filter(pl.col("playlist") == row)["id"].to_list() == one.to_list()
