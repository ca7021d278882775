"""Sources that cannot be read: one clear message, all problems at once."""

import gzip
import json

import polars as pl
import pytest
from backports import zstd

from songscape.catalog import read_catalog
from songscape.config import ReadParams
from songscape.errors import InputError, ParameterError

CSV = b"title,artist,energy\nOne,A,0.5\nTwo,B,0.6\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
XLSX = b"PK\x03\x04\x14\x00\x06\x00"
PARQUET = b"PAR1" + bytes(200) + b"PAR1"


def packed(data: bytes) -> bytes:
    """``data`` in gzip without the clock's time: workers of one test run must name their tests alike."""
    return gzip.compress(data, mtime=0)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", r"'t.csv' is empty \(0 bytes\)"),
        (b" \n\n  ", "'t.csv' is empty"),
        (b"\xef\xbb\xbf", "'t.csv' is empty"),
        (packed(b""), "'t.csv' is empty once unpacked"),
        (b"title,artist,energy\n", "has a header and no rows below it. Columns: title, artist, energy"),
        (b"title,artist,energy", "has a header and no rows below it"),
        (b"title,artist,year\nOne,A,2000\n", "no audio features: none of danceability, .* is among its columns"),
        (b"title,artist,year\nOne,A,2000\n", "--column energy="),
        (b"just a line of words\nand another one\n", "no audio features"),
        (PNG, "not a table: it is a PNG image"),
        (b"%PDF-1.7 ...", "not a table: it is a PDF document. Export the table as CSV"),
        (XLSX, "not a table: it is a zip archive or an Excel workbook. Save the sheet as CSV"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        (b"  <html><head></head></html>", "web page"),
        (bytes(range(256)) * 20, "binary data"),
        (packed(CSV)[:-12], "truncated gzip file"),
        (packed(CSV * 50)[:40], "truncated gzip file"),
        (packed(CSV)[:12] + b"\xff\xff" + packed(CSV)[14:], "damaged gzip file"),
        (zstd.compress(CSV)[:-6], "truncated or damaged zstd file"),
        (PARQUET, "damaged or truncated parquet file"),
        (b'[{"title": "One", "energy": 0.5}, {"title"', "not sound: .* line 1, column"),
        (b'{"title": "One", "energy"', "not sound"),
        (b"[1, 2, 3]", "no audio features|None of 3 rows"),
        (b"[]", "no audio features"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": {"energy": 1}, "b": 2}', "no audio features|None of"),
        (
            b"title,energy\nOne,0.5,1,2\nTwo\n",
            r"None of 2 rows can be used. The first: t.csv, line 2: too many fields",
        ),
        (b"title,energy,tempo\nOne,x,y\nTwo,?,\n", "None of 2 rows .* 9 of 9 audio features are missing"),
        (b"title,tempo,BPM\nOne,120,121\n", "two columns for one thing: 'tempo' and 'BPM' are both taken for tempo"),
        (
            b"title,energy,energy\nOne,0.5,0.5\n",
            "two columns for one thing: 'energy' and 'energy'.* first in lines 2",
        ),
    ],
)
def test_files_that_cannot_be_read(tmp_path, data, match):
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    with pytest.raises(InputError, match=match):
        read_catalog(path)


@pytest.mark.parametrize(
    ("source", "match"),
    [
        ("missing.csv", "There is no file '.*missing.csv'. Check the path; its folder exists"),
        ("no/such/folder.csv", "its folder does not exist either"),
        ("*.nothing", "No file matches the pattern '.*nothing'"),
        ("", "is a folder. Name the file in it"),
    ],
)
def test_paths_that_lead_nowhere(tmp_path, source, match):
    with pytest.raises(InputError, match=match):
        read_catalog(str(tmp_path / source))


@pytest.mark.parametrize("source", [None, 7, object(), {"title": ["One"]}, pl.Series([1.0])])
def test_sources_that_are_no_table(source):
    with pytest.raises(InputError, match="source must be a path, a pattern, a Polars, pandas or Arrow table"):
        read_catalog(source)


def test_an_empty_list_is_nothing_to_read():
    with pytest.raises(InputError, match="list of files is empty"):
        read_catalog([])


def test_a_null_character_is_no_file_name():
    with pytest.raises(InputError, match="not a file name"):
        read_catalog("a\0b.csv")


def test_tables_without_rows_or_columns():
    with pytest.raises(InputError, match="no audio features"):
        read_catalog(pl.DataFrame())
    with pytest.raises(InputError, match="has columns and no rows"):
        read_catalog(pl.DataFrame({"title": [], "energy": []}))


def test_all_problems_are_told_at_once(tmp_path):
    for name, data in (("a.csv", PNG), ("b.csv", b"title,tempo,bpm,val,valence\nx,1,2,3,4\n"), ("c.csv", CSV)):
        (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_catalog(str(tmp_path / "*.csv"))
    message = str(caught.value)
    assert "'a.csv' is not a table" in message
    assert "'tempo' and 'bpm' are both taken for tempo" in message
    assert "c.csv" not in message
    with pytest.raises(InputError, match=r"There is no file '.*x.csv'.*There is no file '.*y.csv'"):
        read_catalog([tmp_path / "x.csv", tmp_path / "y.csv"])


def test_rival_columns_are_no_problem_where_they_complete_each_other(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"title,tempo,BPM\nOne,120,\nTwo,,90\n")
    assert read_catalog(path).tracks["tempo"].to_list() == [120.0, 90.0]


def test_rival_columns_are_settled_by_choice(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"title,tempo,BPM\nOne,120,121\n")
    catalog = read_catalog(path, ReadParams(columns={"tempo": "BPM"}))
    assert catalog.tracks["tempo"].to_list() == [121.0]
    assert catalog.tracks["tempo_original"].to_list() == ["120"]


def test_chosen_columns_are_checked(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(CSV)
    with pytest.raises(ParameterError, match=r"Unknown canonical column 'tempoo'.* Did you mean 'tempo'"):
        read_catalog(path, ReadParams(columns={"tempoo": "energy"}))
    with pytest.raises(InputError, match=r"There is no column 'Energie' for energy. Did you mean 'energy'"):
        read_catalog(path, ReadParams(columns={"energy": "Energie"}))


def test_a_chosen_column_need_stand_in_one_file_only():
    one = pl.DataFrame({"title": ["a"], "speed": [120], "energy": [0.5]})
    two = pl.DataFrame({"title": ["b"], "tempo": [90], "energy": [0.5]})
    catalog = read_catalog([one, two], ReadParams(columns={"tempo": "speed"}))
    assert catalog.tracks["tempo"].to_list() == [120.0, 90.0]


def test_an_unreadable_file_says_why(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_bytes(CSV)

    def refuse(self, mode):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(InputError, match="cannot be read: Permission denied"):
        read_catalog(path)


def test_json_without_records(tmp_path):
    path = tmp_path / "t.json"
    path.write_text(json.dumps(["a", "b"]), encoding="utf-8")
    with pytest.raises(InputError, match="no audio features"):
        read_catalog(path)
