"""Files that are made to hurt: each is read right, or refused with one message, in bounded time and memory."""

import gzip
import json
import subprocess
import sys
import time

import polars as pl
import pytest
from backports import zstd
from commands import message, names, run

import songscape
from songscape.catalog import sources
from songscape.catalog.raw import MOST_COLUMNS
from songscape.errors import InputError

HEADER = b"title,artist,energy\n"
MEASURED = """
import sys, songscape
from songscape.errors import InputError
from songscape.memory import peak_memory
before = peak_memory()  # not ru_maxrss: that begins with the peak of the process that started this one
try:
    songscape.read_catalog(sys.argv[1])
except InputError as error:
    print((peak_memory() - before) // 1024)
    print(error)
"""


def refused_within(path, kilobytes: int) -> str:
    """The message about a file, whose reading took no more memory than this."""
    done = subprocess.run([sys.executable, "-c", MEASURED, str(path)], capture_output=True, text=True, check=True)
    taken, _, told = done.stdout.partition("\n")
    assert 0 <= int(taken) < kilobytes
    return told


def written(path, data: bytes):
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("fill", "told"), [(b"\0", "it holds binary data"), (b"x", "hold no end of a line")])
def test_two_gigabytes_in_one_line(tmp_path, fill, told):
    path = tmp_path / "line.csv"
    with path.open("wb") as stream:
        stream.write(b"title,artist,energy" + fill * (1 << 25))
        stream.truncate(2 << 30)  # the rest is a hole, which takes no room on the disk
    start = time.process_time()
    with pytest.raises(InputError, match=rf"'line\.csv' is not a table: .*{told}"):
        songscape.read_catalog(path)
    assert time.process_time() - start < 5
    assert told in refused_within(path, 80_000)


def test_two_gigabytes_in_one_line_on_the_command_line(tmp_path):
    path = tmp_path / "line.csv"
    with path.open("wb") as stream:
        stream.truncate(2 << 30)
    told = message(run("build", path, "-o", tmp_path / "atlas", "--no-check-memory"))
    assert "'line.csv' is not a table" in told
    assert names(tmp_path) == ["line.csv"]


@pytest.mark.parametrize(("name", "pack"), [("bomb.csv.gz", gzip.compress), ("bomb.csv.zst", zstd.compress)])
def test_a_bomb_of_rows_unpacks_to_its_limit(tmp_path, name, pack):
    bomb = written(tmp_path / name, pack(HEADER + b"a,b,1\n" * 60_000_000))
    assert bomb.stat().st_size < 1_500_000
    told = refused_within(bomb, 1_200_000)
    assert f"'{name}' unpacks to more than 268 MB, over 100 times its size" in told
    assert "unpack it and read the plain file" in told


def test_a_bomb_of_zeros_is_no_table(tmp_path):
    bomb = written(tmp_path / "zeros.csv.gz", gzip.compress(bytes(400 << 20), 1))
    assert "binary data" in refused_within(bomb, 160_000)  # of 400 MB


def test_what_packs_well_and_is_small_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "ALWAYS_UNPACKED", 1000)
    rows = b"".join(b"song %d,somebody,%d\n" % (row, row % 100) for row in range(5000))
    assert len(songscape.read_catalog(written(tmp_path / "a.csv.gz", gzip.compress(HEADER + rows)))) == 5000
    same = written(tmp_path / "b.csv.gz", gzip.compress(HEADER + b"a,b,1\n" * 50_000))
    with pytest.raises(InputError, match="unpacks to more than 0 MB"):
        songscape.read_catalog(same)


DEEP = '{"title": "deep", "energy": 1, "x": %s%s}'
FLAT = '{"title": "flat", "energy": 1}'


def deep(depth: int) -> str:
    return DEEP % ("[" * depth, "]" * depth)


@pytest.mark.parametrize("depth", [100, *range(800, 1000, 25), 2000, 200_000])
def test_deep_json(tmp_path, depth):
    """Between 100 and 2000 it depends on what else is on the stack; either answer will do, and no other."""
    document = written(tmp_path / "deep.json", f"[{deep(depth)},{FLAT}]".encode())
    try:
        found = songscape.read_catalog(document).tracks["title"].to_list()
    except InputError as error:
        found = str(error)
    read, told = ["deep", "flat"], "'deep.json' is JSON nested too deeply to be a table."
    assert found in {100: [read], 2000: [told], 200_000: [told]}.get(depth, [read, told])
    lines = written(tmp_path / "deep.jsonl", "\n".join([deep(depth), FLAT, FLAT]).encode())
    try:
        catalog = songscape.read_catalog(lines)
        rows = len(catalog) + catalog.rejects.height
    except InputError as error:
        rows = str(error)
    assert rows in {100: [3], 2000: [3], 200_000: [3]}.get(depth, [3, told.replace(".json", ".jsonl")])
    objects = written(tmp_path / "objects.json", b'{"a":' * depth + b"1" + b"}" * depth)
    with pytest.raises(InputError, match=r"nested too deeply|no audio features"):
        songscape.read_catalog(objects)


WRITERS = {"csv": "write_csv", "json": "write_json", "jsonl": "write_ndjson", "parquet": "write_parquet"}


@pytest.mark.parametrize("kind", WRITERS)
def test_ten_thousand_columns(tmp_path, kind):
    table = {**{f"c{number}": [1, 2, 3] for number in range(9998)}, "title": ["a", "b", "c"], "energy": [1, 2, 3]}
    path = tmp_path / f"wide.{kind}"
    frame = pl.DataFrame(table)
    getattr(frame, WRITERS[kind])(path)
    with pytest.raises(InputError, match=rf"'wide\.{kind}' has 10000 columns; at most {MOST_COLUMNS} are read"):
        songscape.read_catalog(path)
    getattr(frame.select(frame.columns[-MOST_COLUMNS:]), WRITERS[kind])(path)
    assert len(songscape.read_catalog(path)) == 3


def test_names_of_columns_that_repeat_or_are_empty(tmp_path):
    repeated = b"title,artist,tempo,,,mood,mood,tempo\na,b,100,x,y,p,q,\nc,d,,x,y,p,q,120\n"
    tracks = songscape.read_catalog(written(tmp_path / "repeated.csv", repeated)).tracks
    assert tracks["tempo"].to_list() == [100.0, 120.0]
    assert tracks.select("column_1", "column_2", "mood", "mood_2").row(0) == ("x", "y", "p", "q")
    clash = written(tmp_path / "clash.csv", b"title,energy,energy\na,1,2\n")
    with pytest.raises(InputError, match="two columns for one thing: 'energy' and 'energy'"):
        songscape.read_catalog(clash)
    with pytest.raises(InputError, match="no audio features"):
        songscape.read_catalog(written(tmp_path / "empty.csv", b",,,\n1,2,3,4\n"))
    keys = written(tmp_path / "keys.json", json.dumps([{"": "x", "title": "a", "energy": 1}]).encode())
    assert songscape.read_catalog(keys).tracks["column_0"].to_list() == ["x"]


def test_the_measure_of_memory_sees_what_is_taken(tmp_path):
    """A negative control: a file that is read whole does not pass for one that is not."""
    path = written(tmp_path / "plain.csv", b"title,name\n" + b"a,b\n" * 5_000_000)
    done = subprocess.run([sys.executable, "-c", MEASURED, str(path)], capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[0]) > 100_000
