"""One small catalog in every form that can be read: the same tracks come out."""

import codecs
import gzip
import hashlib
import json
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from backports import zstd

from songscape.catalog import read_catalog
from songscape.config import ReadParams

ROWS = [
    {"title": "Jóga", "artist": "Björk", "tempo": 83.5, "energy": 0.42, "year": 1997, "note": "a, b"},
    {"title": "Für Elise", "artist": "Ludwig", "tempo": 72.0, "energy": 0.1, "year": 1810 + 200, "note": 'say "x"'},
    {"title": "Café", "artist": "Zoé", "tempo": 120.25, "energy": 0.9, "year": 2003, "note": "plain"},
]
HEADERS = list(ROWS[0])


def quoted(value, delimiter):
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if delimiter in text or '"' in text else text


def delimited(delimiter=",", end="\n"):
    lines = [HEADERS] + [list(row.values()) for row in ROWS]
    return end.join(delimiter.join(quoted(value, delimiter) for value in line) for line in lines) + end


def check(catalog, *, kind, named=None):
    tracks = catalog.tracks
    assert tracks["title"].to_list() == [row["title"] for row in ROWS]
    assert tracks["artists"].to_list() == [[row["artist"]] for row in ROWS]
    assert tracks["tempo"].to_list() == [row["tempo"] for row in ROWS]
    assert tracks["energy"].to_list() == [row["energy"] for row in ROWS]
    assert tracks["year"].to_list() == [row["year"] for row in ROWS]
    assert tracks["note"].to_list() == [row["note"] for row in ROWS]
    assert catalog.summary() == {"rows_read": 3, "rows_rejected": 0, "tracks": 3, "version_families": 3}
    assert catalog.inputs[0]["format"] == kind
    assert catalog.inputs[0]["rows"] == 3
    assert catalog.inputs[0]["file"] == (named or catalog.inputs[0]["file"])


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (delimited().encode("utf-8"), "utf-8"),
        (codecs.BOM_UTF8 + delimited().encode("utf-8"), "utf-8 with byte order mark"),
        (delimited(";").encode("utf-8"), "utf-8"),
        (delimited("\t").encode("utf-8"), "utf-8"),
        (delimited("|", "\r\n").encode("utf-8"), "utf-8"),
        (delimited(end="\r").encode("utf-8"), "utf-8"),
        (delimited().encode("latin-1"), "latin-1"),
        (delimited().replace("plain", "it’s").encode("cp1252"), "windows-1252"),
        (delimited().encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + delimited().encode("utf-16-be"), "utf-16"),
        (delimited("\t", "\r\n").encode("utf-16-le"), "utf-16 without byte order mark"),
        (delimited().encode("utf-32"), "utf-32"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else None,
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress], ids=["plain", "gzip", "zstd"])
def test_delimited_text(tmp_path, data, encoding, pack):
    path = tmp_path / "tracks.data"
    path.write_bytes(pack(data))
    catalog = read_catalog(path)
    if encoding == "windows-1252":
        assert catalog.tracks["note"][2] == "it’s"
        catalog = read_catalog(_with(tmp_path, data.replace(b"it\x92s", b"plain")))
    else:
        assert catalog.notes["files"][0]["encoding"] == encoding
    check(catalog, kind="csv")


def _with(folder: Path, data: bytes) -> Path:
    path = folder / "other.data"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (json.dumps(ROWS, ensure_ascii=False), "json"),
        (json.dumps(ROWS, indent=2), "json"),
        (json.dumps({"tracks": ROWS, "total": 3}), "json"),
        (json.dumps({name: [row[name] for row in ROWS] for name in HEADERS}), "json"),
        (json.dumps({name: {str(i): row[name] for i, row in enumerate(ROWS)} for name in HEADERS}), "json"),
        ("\n".join(json.dumps(row) for row in ROWS), "json lines"),
        ("\n\n" + "\r\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS) + "\n", "json lines"),
        ("\n".join(json.dumps({k: str(v) for k, v in row.items()}) for row in ROWS), "json lines"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress], ids=["plain", "gzip", "zstd"])
def test_json(tmp_path, text, kind, pack):
    path = tmp_path / "tracks.txt"
    path.write_bytes(pack(text.encode()))
    check(read_catalog(path), kind=kind, named="tracks.txt")


def test_nested_json_is_flattened(tmp_path):
    path = tmp_path / "web.json"
    item = {
        "track": {
            "id": "x1",
            "name": "Jóga",
            "artists": [{"name": "Björk"}, {"name": "Guest"}],
            "duration_ms": 305000,
        },
        "audio_features": {"energy": 0.4, "tempo": 83.5},
    }
    path.write_text(json.dumps({"items": [item]}), encoding="utf-8")
    track = read_catalog(path).tracks.row(0, named=True)
    assert track["id"] == "x1"
    assert track["artists"] == ["Björk", "Guest"]
    assert track["duration"] == 305.0
    assert (track["energy"], track["tempo"]) == (0.4, 83.5)


def test_broken_json_lines_are_rejects_with_their_line(tmp_path):
    lines = [json.dumps(row) for row in ROWS]
    path = tmp_path / "tracks.jsonl"
    path.write_text("\n".join([lines[0], "", lines[1][:-5], "[1, 2]", lines[1], lines[2]]), encoding="utf-8")
    catalog = read_catalog(path)
    assert catalog.rejects.rows() == [
        ("tracks.jsonl", 3, "not a JSON object", lines[1][:-5]),
        ("tracks.jsonl", 4, "not a JSON object", "[1, 2]"),
    ]
    assert catalog.tracks["source_line"].to_list() == [1, 5, 6]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress], ids=["plain", "gzip", "zstd"])
@pytest.mark.parametrize(("write", "kind"), [("write_parquet", "parquet"), ("write_ipc", "arrow")])
def test_columnar_files(tmp_path, write, kind, pack):
    path = tmp_path / "tracks.bin"
    getattr(pl.DataFrame(ROWS), write)(path, compression="uncompressed")
    path.write_bytes(pack(path.read_bytes()))
    check(read_catalog(path), kind=kind)


def test_sha256_is_that_of_the_file_as_it_lies_there(tmp_path):
    path = tmp_path / "tracks.csv.gz"
    path.write_bytes(gzip.compress(delimited().encode()))
    catalog = read_catalog(str(path))
    expected = {
        "file": "tracks.csv.gz",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "rows": 3,
        "format": "csv",
    }
    assert catalog.inputs == [expected]
    assert catalog.notes["files"][0]["packing"] == "gzip"


@pytest.mark.parametrize(
    "table",
    [pl.DataFrame(ROWS), pl.LazyFrame(ROWS), pd.DataFrame(ROWS), pa.Table.from_pylist(ROWS)],
    ids=["polars", "lazy", "pandas", "arrow"],
)
def test_tables_in_memory(table):
    catalog = read_catalog(table)
    check(catalog, kind="table", named="<table>")
    assert catalog.inputs[0]["sha256"] is None
    assert catalog.tracks["source_line"].to_list() == [1, 2, 3]


def test_tables_are_left_as_they_were():
    polars, pandas = pl.DataFrame(ROWS), pd.DataFrame(ROWS, index=[7, 8, 9])
    before = pandas.copy()
    read_catalog([polars, pandas])
    assert polars.equals(pl.DataFrame(ROWS))
    pd.testing.assert_frame_equal(pandas, before)


def test_pandas_columns_may_repeat_and_need_not_be_text():
    table = pd.DataFrame([["One", 0.5, 1, 2], ["Two", 0.6, 3, 4]], columns=["title", "energy", "mood", "mood"])
    table[2024] = ["x", "y"]
    tracks = read_catalog(table).tracks
    assert tracks.select("mood", "mood_2", "2024").rows() == [(1, 2, "x"), (3, 4, "y")]


def test_typed_columns_of_tables():
    table = pl.DataFrame(
        {
            "name": ["One", "Two"],
            "artists": [["A", "B"], None],
            "genre": pl.Series([["Rock", "unknown"], []], dtype=pl.List(pl.String)),
            "release_date": pl.Series(["2013-04-29", None]).str.to_date(),
            "duration": pl.Series([227_000, None]).cast(pl.Duration("ms")),
            "explicit": [True, None],
            "key": pl.Series([5, -1], dtype=pl.Int8),
            "mode": pl.Series(["Major", None], dtype=pl.Categorical),
            "energy": pl.Series(["0.5", "0.25"]).cast(pl.Decimal(10, 3)),
            "tempo": pl.Series([float("nan"), 100.0]),
            "loudness": pl.Series([-5, -6]),
        }
    )
    rows = read_catalog(table).tracks.rows(named=True)
    first, second = rows
    assert first["artists"] == ["A", "B"]
    assert first["genres"] == ["rock"]
    assert (first["release_date"], first["year"]) == ("2013-04-29", 2013)
    assert first["duration"] == 227.0
    assert (first["explicit"], first["key"], first["mode"]) == (True, 5, 1)
    assert (first["energy"], first["tempo"], second["tempo"]) == (0.5, None, 100.0)
    assert [
        second[name] for name in ("artists", "genres", "release_date", "duration", "explicit", "key", "mode")
    ] == [None] * 7


@pytest.mark.parametrize("delimiter", ["\x01", "\x1f", "^"])
def test_rare_delimiters(tmp_path, delimiter):
    path = tmp_path / "tracks.data"
    path.write_text(delimited(delimiter), encoding="utf-8")
    check(read_catalog(path), kind="csv")


def test_the_500k_set(tmp_path):
    header = (
        "Artist(s),song,text,Length,emotion,Genre,Album,Release Date,Key,Tempo,Loudness (db),Time signature,Explicit,"
        "Popularity,Energy,Danceability,Positiveness,Speechiness,Liveness,Acousticness,Instrumentalness,"
        "Good for Party"
    )
    rows = [
        '"Drake,Future",Jumpman,"Line, with ""quotes"" and commas",03:47,joy,"hip hop,trap",What a Time,'
        "29th April 2013,C# Maj,142,-6.85db,4/4,Yes,75,55,85,66,20,33,6,0,1",
        '"Tyler, The Creator",EARFQUAKE,la la,1:02:03,True,pop,IGOR,,F min,80,-12db,3/4,No,0,50,55,41,7,80,23,1,0',
    ]
    path = tmp_path / "spotify_dataset.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    first, second = read_catalog(path).tracks.rows(named=True)
    assert (first["artists"], second["artists"]) == (["Drake", "Future"], ["Tyler, The Creator"])
    assert (first["duration"], second["duration"]) == (227.0, 3723.0)
    assert (first["release_date"], first["year"], second["year"]) == ("2013-04-29", 2013, None)
    assert (first["key"], first["mode"], second["key"], second["mode"]) == (1, 1, 5, 0)
    assert (first["loudness"], second["loudness"], first["time_signature"]) == (-6.85, -12.0, 4)
    assert (first["genres"], first["energy"], first["explicit"]) == (["hip hop", "trap"], 0.55, True)
    assert (first["emotion"], second["emotion"]) == ("joy", None)
    assert (first["text"], first["Good for Party"]) == ('Line, with "quotes" and commas', "1")


def test_several_files_and_a_pattern(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.jsonl"
    first.write_text("title,BPM,energy,mine\nOne,120,50,x\nTwo,90,70,y\n", encoding="utf-8")
    second.write_text('{"name": "Three", "tempo": 100, "energy": 0.5, "yours": [1]}\nnonsense\n', encoding="utf-8")
    catalog = read_catalog([first, str(tmp_path / "*.jsonl")])
    assert catalog.tracks["title"].to_list() == ["One", "Two", "Three"]
    assert catalog.tracks["energy"].to_list() == [0.5, 0.7, 0.5]
    assert catalog.tracks["mine"].to_list() == ["x", "y", None]
    assert catalog.tracks["yours"].to_list() == [None, None, "[1]"]
    assert catalog.tracks["source_file"].to_list() == ["a.csv", "a.csv", "b.jsonl"]
    assert catalog.rejects.rows() == [("b.jsonl", 2, "not a JSON object", "nonsense")]
    assert [entry["rows"] for entry in catalog.inputs] == [2, 2]
    both = read_catalog(str(tmp_path / "[ab].*"))
    assert both.tracks.equals(catalog.tracks)


def test_files_of_one_name_are_told_apart(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "t.csv").write_text("title,energy\nx,0.5\n", encoding="utf-8")
    catalog = read_catalog(str(tmp_path / "**" / "t.csv"))
    assert catalog.tracks["source_file"].to_list() == [str(tmp_path / f / "t.csv") for f in ("one", "two")]


def test_own_columns_of_different_types_become_text():
    one = pl.DataFrame({"title": ["a"], "energy": [0.5], "stars": [5]})
    two = pl.DataFrame({"title": ["b"], "energy": [0.5], "stars": [[1, 2]]})
    assert read_catalog([one, two]).tracks["stars"].to_list() == ["5", "[1, 2]"]


def test_columns_may_be_chosen_by_hand(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("title,speed,tempo,punch\nOne,120,fast,40\nTwo,90,slow,80\n", encoding="utf-8")
    catalog = read_catalog(path, ReadParams(columns={"tempo": "speed", "energy": "punch"}))
    assert catalog.tracks["tempo"].to_list() == [120.0, 90.0]
    assert catalog.tracks["energy"].to_list() == [0.4, 0.8]
    assert catalog.tracks["tempo_original"].to_list() == ["fast", "slow"]
    assert catalog.notes["files"][0]["columns"]["tempo"]["source"] == ["speed"]


def test_progress_reaches_the_end_and_never_falls():
    seen = []
    read_catalog([pl.DataFrame(ROWS)] * 3, progress=lambda stage, fraction: seen.append((stage, fraction)))
    assert {stage for stage, _ in seen} == {"read"}
    assert [fraction for _, fraction in seen] == sorted(fraction for _, fraction in seen)
    assert seen[-1][1] == 1.0
