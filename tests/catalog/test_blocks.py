"""Blocks of a file: whole rows, all read in one manner, numbered as in the file; together they are the file."""

import gzip
import json

import polars as pl
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import songscape
from songscape.catalog.blocks import Limits, cut_file, read_block
from songscape.catalog.borders import record_border
from songscape.catalog.delimited import find_layout, split_lines
from songscape.catalog.extent import extent_of
from songscape.catalog.plain import PlainFile
from songscape.catalog.schema import CANONICAL
from songscape.config import ReadParams
from songscape.errors import InputError, ParameterError

N = 600
APART = ReadParams(version_families=False)  # versions are joined within a block
TOLD = [*CANONICAL, "source_file", "source_line", "version_family", "is_representative"]


@pytest.fixture(scope="module")
def tracks():
    return songscape.synthesize_tracks(N, random_state=5)


def blocks_of(path, rows=100, params=APART, n_bytes=1 << 40):
    return cut_file(path, Limits(rows, n_bytes), params, path.with_name("copy"))


def catalogs_of(path, **more):
    blocks = blocks_of(path, **more)
    return [read_block(block, more.get("params", APART)) for block in blocks]


def require_as_whole(path, n_least=5, **more):
    """Read a file in blocks and as a whole: the same tracks and rejects, each with its line."""
    whole, parts = songscape.read_catalog(path, APART), catalogs_of(path, **more)
    assert len(parts) >= n_least
    whole_tracks = whole.tracks.select(TOLD).drop("version_family")
    assert_frame_equal(pl.concat([part.tracks.select(TOLD) for part in parts]).drop("version_family"), whole_tracks)
    assert_frame_equal(pl.concat([part.rejects for part in parts]), whole.rejects)
    return parts


def lyrics_table(tracks):
    """Texts over several lines, with commas, doubled quotes, blank lines and lines that look like rows."""
    lines = ['He said ""go""', "", "la, la, la", "one,two,three,four,five", "Ende"]
    texts = ["\n".join(lines[: 1 + number % 5]) for number in range(tracks.height)]
    return tracks.with_columns(text=pl.Series(texts))


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("t.csv", lambda tracks, path: tracks.write_csv(path)),
        ("t.tsv", lambda tracks, path: tracks.write_csv(path, separator="\t", line_terminator="\r\n")),
        ("lyrics.csv", lambda tracks, path: lyrics_table(tracks).write_csv(path)),
        ("quoted.csv", lambda tracks, path: lyrics_table(tracks).write_csv(path, quote_style="always")),
        ("t.jsonl", lambda tracks, path: tracks.write_ndjson(path)),
        ("t.parquet", lambda tracks, path: tracks.write_parquet(path, row_group_size=150)),
        ("t.arrow", lambda tracks, path: tracks.write_ipc(path)),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_blocks_together_are_the_file(tracks, tmp_path, name, write):
    write(tracks, tmp_path / name)
    parts = require_as_whole(tmp_path / name)
    assert max(len(part) for part in parts) < 0.5 * N
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]  # read where it lies


def recoded(path, codec, mark=b""):
    path.write_bytes(mark + path.read_text("utf-8").encode(codec, errors="replace"))


@pytest.mark.parametrize(
    "form", ["latin-1", "utf-16", "utf-8-sig", "mac", "gzip", "zstd", "packed latin-1", "one damaged byte"]
)
def test_packed_files_and_other_encodings(tracks, tmp_path, form):
    path = tmp_path / "t.csv"
    tracks.with_columns(song=pl.col("song") + " Ünïcödé").write_csv(path)
    plain = path.read_bytes()
    if form == "mac":
        path.write_bytes(plain.replace(b"\n", b"\r"))
    elif form in ("gzip", "zstd"):
        path.write_bytes(gzip.compress(plain) if form == "gzip" else zstd.compress(plain))
    elif form == "packed latin-1":
        recoded(path, "latin-1")
        path.write_bytes(gzip.compress(path.read_bytes()))
    elif form == "one damaged byte":
        path.write_bytes(plain.replace("Ü".encode(), b"\xdc", 1))
    else:
        recoded(path, form)
    parts = require_as_whole(path)
    assert all(part.tracks["title"].str.ends_with(" Ünïcödé").all() for part in parts)


def test_bad_rows_keep_their_lines(tracks, tmp_path):
    path = tmp_path / "t.csv"
    tracks.write_csv(path)
    lines = path.read_text().splitlines()
    for row, text in (
        (1, lines[0]),
        (150, "too,few"),
        (151, "too,few"),
        (350, '"lost quote' + lines[350]),
        (600, "x"),
    ):
        lines[row] = text
    lines[450:450] = ["", ""]
    path.write_text("\n".join(lines))
    parts = require_as_whole(path)
    rejects = pl.concat([part.rejects for part in parts])
    assert rejects["line"].to_list() == [2, 151, 152, 351, 603]
    assert rejects["reason"][0] == "the header again"


def test_lines_of_json_that_are_no_objects(tracks, tmp_path):
    path = tmp_path / "t.jsonl"
    tracks.write_ndjson(path)
    lines = path.read_text().splitlines()
    lines[400], lines[401], lines[10] = "{broken", "", "[1, 2]"
    path.write_text("\n".join(lines))
    parts = require_as_whole(path)
    assert pl.concat([part.rejects for part in parts])["line"].to_list() == [11, 401]


def hard_to_judge(tracks):
    """Sorted so that many a block by itself says something else than the file: scales, units, dates, labels."""
    low = pl.when(pl.int_range(pl.len()) < N // 3)
    return tracks.sort("Instrumentalness", "Energy").with_columns(
        Length=low.then(pl.lit(4000)).otherwise(200_000),  # milliseconds, or an hour?
        date=low.then(pl.lit("04/05/2001")).otherwise(pl.lit("05/28/2001")),
        emotion=low.then(pl.lit("sauer")).otherwise(pl.lit("joy")),
        Popularity=low.then(pl.lit(0.5)).otherwise(pl.col("Popularity")),
    ).rename({"date": "release_date"}).drop("Release Date")  # fmt: skip


def test_a_block_is_read_as_the_file_is(tracks, tmp_path):
    path = tmp_path / "t.csv"
    hard_to_judge(tracks).write_csv(path)
    require_as_whole(path)
    blocks = blocks_of(path)
    lines = path.read_text().splitlines(keepends=True)
    alone = tmp_path / "alone.csv"
    alone.write_text(lines[0] + "".join(lines[1 : blocks[1].first_line - 1]))
    told = songscape.read_catalog(alone, APART).tracks  # the negative control: by itself it is read otherwise
    mine = read_block(blocks[0], APART).tracks
    for name in ("duration", "popularity", "release_date"):
        assert not told[name].equals(mine[name]), name


def test_a_block_of_bad_rows_alone_has_no_tracks_and_loses_none(tracks, tmp_path):
    path = tmp_path / "t.csv"
    tracks.write_csv(path)
    lines = path.read_text().splitlines()
    lines[150:450] = ["An artist,A song" + 16 * "," for _ in range(300)]
    path.write_text("\n".join(lines))
    parts = require_as_whole(path, rows=50)
    assert [len(part) for part in parts].count(0) >= 1
    assert sum(part.summary()["rows_read"] for part in parts) == N


def test_versions_are_joined_within_a_block(tracks, tmp_path):
    path = tmp_path / "t.csv"
    tracks.write_csv(path)
    songs = [part.summary()["version_families"] for part in catalogs_of(path, params=ReadParams())]
    assert songscape.read_catalog(path).summary()["version_families"] < sum(songs) < N


def test_a_small_file_is_one_block_and_read_as_ever(tracks, tmp_path):
    path = tmp_path / "t.csv"
    tracks.write_csv(path)
    (block,) = blocks_of(path, rows=2 * N)
    assert block.manner is None
    assert_frame_equal(read_block(block, ReadParams()).tracks, songscape.read_catalog(path).tracks)
    assert len(blocks_of(path, rows=2 * N, n_bytes=path.stat().st_size // 4)) >= 4


def test_what_cannot_be_read_in_pieces_is_told(tracks, tmp_path):
    path = tmp_path / "t.json"
    path.write_text(json.dumps(tracks.to_dicts(), indent=1))
    with pytest.raises(InputError, match=r"one JSON document, which cannot be read in pieces.*JSON Lines"):
        blocks_of(path)
    path.write_bytes(gzip.compress(path.read_bytes())[:-9_000])
    with pytest.raises(InputError, match="truncated gzip file"):
        catalogs_of(path)
    path.write_text("title,artist\n" + "a,b\n" * N)
    with pytest.raises(InputError, match="no audio features"):
        blocks_of(path)
    tracks.write_csv(path)
    with pytest.raises(InputError, match="There is no column 'Schwung' for energy"):
        blocks_of(path, params=ReadParams(columns={"energy": "Schwung"}))
    with pytest.raises(ParameterError, match="Unknown canonical column 'enrgy'"):
        blocks_of(path, params=ReadParams(columns={"enrgy": "Energy"}))
    tracks.write_parquet(path)
    path.write_bytes(path.read_bytes()[:-200] + b"\0" * 196 + b"PAR1")
    with pytest.raises(InputError, match="damaged or truncated"):
        catalogs_of(path)


def test_two_columns_for_one_thing_are_told_with_their_lines(tracks, tmp_path):
    path = tmp_path / "t.csv"
    names = [None] * N
    names[500] = "Another"
    tracks.with_columns(title=pl.Series(names)).write_csv(path)
    with pytest.raises(InputError, match=r"both taken for title.*first in lines 502\."):
        catalogs_of(path)


def test_the_extent_of_a_file_is_about_right(tracks, tmp_path):
    tracks.write_csv(tmp_path / "t.csv")
    n_bytes = (tmp_path / "t.csv").stat().st_size
    for name, data in (("t.csv.gz", gzip.compress), ("t.csv.zst", zstd.compress)):
        (tmp_path / name).write_bytes(data((tmp_path / "t.csv").read_bytes()))
    tracks.write_parquet(tmp_path / "t.parquet")
    tracks.write_ndjson(tmp_path / "t.jsonl")
    for path in tmp_path.iterdir():
        found = extent_of(path)
        assert N - 1 <= found.rows <= N + 1, path.name
        assert n_bytes / 3 < found.n_bytes < 4 * n_bytes
    assert extent_of(tmp_path / "none.csv") == extent_of(tmp_path) == extent_of(tmp_path / "none.csv").__class__(0, 0)


FIELDS = st.text(st.sampled_from('a,"\n\rß '), max_size=8)


@settings(derandomize=True, max_examples=20, deadline=None)
@given(rows=st.lists(st.tuples(FIELDS, FIELDS, FIELDS), min_size=30, max_size=60), share=st.floats(0.0, 1.0))
def test_a_border_never_divides_a_record(tmp_path_factory, rows, share):
    """Rows of well-quoted texts of any kind: behind a border stand whole rows, and before it as well."""
    path = tmp_path_factory.mktemp("border") / "t.csv"
    quoted = ['"' + '","'.join(field.replace('"', '""') for field in row) + '"\n' for row in rows]
    starts, place = [], len("one,two,three\n")
    for text in quoted:
        starts.append(place)
        place += len(text.encode())
    path.write_bytes(("one,two,three\n" + "".join(quoted)).encode())
    file = PlainFile("t.csv", path, 0, place)
    layout = find_layout(split_lines(path.read_bytes()))
    border = record_border(file, layout, starts[0] + int(share * (starts[-2] - starts[0])), place)
    assert border in (*starts, place)


@pytest.mark.realdata
@pytest.mark.parametrize(("name", "rows"), [("light_spotify_dataset.csv", 20_000), ("tracks.parquet", 50_000)])
def test_real_catalogs_in_blocks_are_what_they_are_as_a_whole(data_folder, tmp_path, name, rows):
    """But for artists that stand as a bare id: their names are looked for among the rows of a block."""
    whole = songscape.read_catalog(data_folder / name, APART)
    blocks = cut_file(data_folder / name, Limits(rows, 1 << 40), APART, tmp_path / "copy")
    parts = [read_block(block, APART) for block in blocks]
    assert len(parts) > 7
    tracks = pl.concat([part.tracks.select(TOLD) for part in parts])
    same = [column for column in TOLD if column not in ("artists", "version_family")]
    assert_frame_equal(tracks.select(same), whole.tracks.select(same))
    assert (tracks["artists"].list.join("|").ne_missing(whole.tracks["artists"].list.join("|"))).mean() < 0.01
    assert_frame_equal(pl.concat([part.rejects for part in parts]), whole.rejects)
