"""A file larger than memory is built in blocks by this process: every row kept, memory bounded, whole or none."""

import json
import pickle
import re
import shutil
import subprocess
import sys
from functools import partial

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

import songscape
from songscape.catalog.blocks import Block, Limits, cut_file
from songscape.catalog.extent import Extent
from songscape.catalog.schema import CANONICAL
from songscape.cli.app import app
from songscape.cli.partitions import LOCAL, foretold
from songscape.config import Config
from songscape.distributed import planning
from songscape.distributed.dataset import remove_parts
from songscape.distributed.partition import survey
from songscape.distributed.planning import LEAST_ROWS, LEAST_SONGS, Sizes, sizes_of
from songscape.distributed.totals import added
from songscape.errors import ParameterError, ResourceError
from songscape.memory import Room
from songscape.parts.dataset import parts_folder, read_manifest

SIZES = {"fitted_songs": 300, "block_rows": 400}
QUICK = Config(embedding={"n_epochs": 10}, partitions=SIZES)
BAD = {5: "too,few", 700: 'a "lost quote', 1100: "An artist,A song" + 16 * ","}
"""Rows of the catalog, from 0, and what stands there instead."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One catalog of 1 200 rows, three of them bad, as one file."""
    folder = tmp_path_factory.mktemp("parts")
    songscape.write_synthetic(1200, folder / "big.csv", random_state=4)
    header, *rows = (folder / "big.csv").read_text("utf-8").splitlines(keepends=True)
    for row, text in BAD.items():
        rows[row] = text + "\n"
    (folder / "big.csv").write_text(header + "".join(rows), "utf-8")
    return folder


def machine(patch, n_bytes, rows):
    """Let a machine have so much memory, and files so many rows."""
    patch.setattr(planning, "least_room", lambda allowed: Room(n_bytes, "{} are free", "Close programs"))
    patch.setattr(planning, "extent_of", lambda path: Extent(rows, 110 * rows))


@pytest.fixture(scope="module")
def told(folder):
    """What the command says where the file needs more memory than there is."""
    words = ["build", folder / "big.csv", "-o", folder / "out" / "atlas", "--n-epochs", 10, "--json"]
    with pytest.MonkeyPatch.context() as patch:
        machine(patch, 700_000_000, 2_000_000)
        return CliRunner().invoke(app, list(map(str, [*words, "--fitted-songs", 300, "--block-rows", 400])))


@pytest.fixture(scope="module")
def built(folder, told):
    assert told.exit_code == 0, told.output
    return folder / "out" / "atlas"


@pytest.fixture(scope="module")
def parts(built):
    return songscape.scan_parts(built).collect()


def test_it_goes_this_way_by_itself_where_memory_does_not_suffice(told, built):
    assert (
        "In one piece this needs about 4.2 GB of memory and 700 MB are free, so it is built in parts" in told.stderr
    )
    assert "a model of 300 songs, and all tracks are placed by it, in blocks of 400 rows" in told.stderr
    assert json.loads(told.stdout) == read_manifest(built)


def test_every_row_is_a_track_in_its_order_or_a_reject_with_its_line(folder, built, parts):
    whole = songscape.read_catalog(folder / "big.csv")
    told = [*CANONICAL, "source_file", "source_line"]
    assert_frame_equal(parts.select(told), whole.tracks.select(told))
    assert parts.select("x", "y").null_count().sum_horizontal().item() == 0
    rejects = pl.read_csv(parts_folder(built) / "rejects.csv")
    assert_frame_equal(rejects, whole.rejects)
    assert rejects["line"].to_list() == [row + 2 for row in BAD]
    totals = read_manifest(built)["totals"]
    assert [totals[name] for name in ("rows_read", "rejected", "tracks")] == [1200, 3, 1197]


def test_parts_are_blocks_of_the_file_and_nothing_else_is_left(folder, built):
    manifest = read_manifest(built)
    assert [part["source"] for part in manifest["parts"]] == ["big.csv"] * 3
    first = [part["first_line"] for part in manifest["parts"]]
    assert first[0] == 2
    assert 300 < first[1] < 500 < 700 < first[2] < 900
    assert manifest["config"]["partitions"] == SIZES
    names = sorted(path.name for path in parts_folder(built).iterdir())
    files = [part["file"] for part in manifest["parts"]]
    assert names == ["manifest.json", *files, "rejects.csv", "report.html", "report.json"]
    assert sorted(path.name for path in built.parent.iterdir()) == ["atlas", "atlas.parts"]
    assert (built / "map.html").is_file()


def test_blocks_are_read_as_files_that_were_cut_by_hand(folder, built, parts, tmp_path):
    """All later steps take nothing but what is compared here: cleaned tracks and totals."""
    lines = (folder / "big.csv").read_text("utf-8").splitlines(keepends=True)
    first = [part["first_line"] - 1 for part in read_manifest(built)["parts"]]
    totals = []
    for number, (start, stop) in enumerate(zip(first, [*first[1:], len(lines)], strict=True)):
        (tmp_path / "f.csv").write_text(lines[0] + "".join(lines[start:stop]), "utf-8")
        totals.append(survey(number, Block(tmp_path / "f.csv"), QUICK.read, str(tmp_path)).totals)
    by_hand = pl.concat([pl.read_parquet(path) for path in sorted(tmp_path.glob("clean-*.parquet"))])
    where = ["source_file", "source_line"]
    assert_frame_equal(by_hand.drop(where), parts.select(by_hand.columns).drop(where))
    assert json.loads(json.dumps(added(totals).as_dict())) == read_manifest(built)["totals"]


def test_tracks_without_names_are_told(tmp_path):
    table = pl.DataFrame({"Titel": ["Eins", "Zwei"], "energy": [0.1, 0.9], "loudness": [-9.0, -5.0]})
    table.write_csv(tmp_path / "strange.csv")
    table.rename({"Titel": "title"}).with_columns(artist=pl.lit("A")).write_csv(tmp_path / "plain.csv")
    told = [
        survey(0, Block(tmp_path / name), QUICK.read, str(tmp_path)).nameless for name in ("strange.csv", "plain.csv")
    ]
    assert "No track has title or artists" in told[0]
    assert "Titel" in told[0]
    assert told[1] == ""


def test_what_was_cleared_and_the_groups_are_told_as_of_one_piece(tmp_path):
    tracks = songscape.synthesize_tracks(700, random_state=5)
    odd = pl.int_range(pl.len()).is_in([3, 400, 650])
    tracks.with_columns(Tempo=pl.when(odd).then(-1.0).otherwise("Tempo")).write_csv(tmp_path / "odd.csv")
    words = ["build", str(tmp_path / "odd.csv"), "-o", str(tmp_path / "atlas"), "--n-epochs", "10"]
    whole = CliRunner().invoke(app, words).stdout
    assert "in place of the one" not in whole
    assert f"{tmp_path / 'atlas'}, in place of the one that was there, in " in CliRunner().invoke(app, words).stdout
    blocks = CliRunner().invoke(app, [*words, "--engine", "parts", "--block-rows", "300"]).stdout
    cleared = [re.findall(r"(\w+): ([\d\u2009 ]+) × (.*), as in", text) for text in (whole, blocks)]
    assert cleared[0] == cleared[1]
    assert [(count, reason[:10]) for name, count, reason in cleared[0] if name == "tempo"] == [("3", "impossible")]
    assert "Groups      coarse" in blocks
    told = {one["column"]: one for one in read_manifest(tmp_path / "atlas")["changed"]}
    assert (told["tempo"]["count"], told["tempo"]["examples"]) == (3, ["-1.0"])
    report = (parts_folder(tmp_path / "atlas") / "report.html").read_text("utf-8")
    assert "Values cleared and mended" in report


def test_a_block_can_be_sent_to_a_worker(folder, tmp_path):
    blocks = cut_file(folder / "big.csv", Limits(300, 1 << 30), Config().read, tmp_path / "copy")
    assert pickle.loads(pickle.dumps(blocks)) == blocks


MOMENTS = (("survey", 0.5), ("neighbors", 0.0), ("save", 0.0))


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment[0])
def test_stopped_at_any_moment_it_leaves_everything_as_it_was(folder, built, tmp_path, moment):
    target = tmp_path / "atlas"
    target.mkdir()
    if moment[0] == "survey":  # what a killed build has left is removed by the next one, whatever becomes of that
        leftover = tmp_path / ".atlas.parts.songscape-new-killed"
        leftover.mkdir()
        (leftover / "clean-00000.parquet").write_text("half")

    def stop(stage, fraction):
        if stage == moment[0] and fraction >= moment[1]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        songscape.build_partitioned(folder / "big.csv", target, QUICK, engine="parts", progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["atlas"]
    assert list(target.iterdir()) == []


def test_an_atlas_in_one_piece_has_no_parts_of_another(built, tmp_path):
    shutil.copytree(parts_folder(built), tmp_path / "atlas.parts")
    (tmp_path / ".atlas.parts.songscape-new-killed").mkdir()
    (tmp_path / "mine.parts").mkdir()
    (tmp_path / "mine.parts" / "diary.txt").write_text("mine")
    for name in ("atlas", "mine"):
        remove_parts(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.parts"]


MEMORY = """
import sys
from pathlib import Path
from songscape.catalog import read_catalog
from songscape.catalog.blocks import Limits, cut_file
from songscape.config import ReadParams
from songscape.distributed.partition import place, survey
from songscape.memory import peak_memory
import numpy as np

aside, model, *files = sys.argv[1:]
none = np.zeros(0, np.int32)

def in_blocks(file):
    for number, block in enumerate(cut_file(Path(file), Limits(2000, 1 << 30), ReadParams(), Path(aside, "copy"))):
        survey(number, block, ReadParams(), aside)
        if number % 4 == 0:
            place(number, aside, model, none, 0)

in_blocks(files[0])  # allocators take some blocks until they are settled
for work in (in_blocks, read_catalog):
    for file in files:
        work(file)
        print(peak_memory())
"""


def test_memory_does_not_grow_with_the_file(folder, built, tmp_path):
    header, *rows = (folder / "big.csv").read_text("utf-8").splitlines(keepends=True)
    for name, times in (("a.csv", 6), ("b.csv", 20)):
        (tmp_path / name).write_text(header + "".join(rows) * times, "utf-8")
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    words = [sys.executable, "-c", MEMORY, tmp_path, built, *files]
    told = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=True).stdout
    few, many, few_whole, many_whole = (int(line) / 1e6 for line in told.splitlines())
    assert many - few < 12, told
    assert many_whole - max(few_whole, many) > 12, f"the negative control: read whole it grows: {told}"


@pytest.fixture
def room(monkeypatch):
    return partial(machine, monkeypatch)


def test_too_little_even_for_parts_is_refused_before_the_work(folder, tmp_path, room):
    room(400_000_000, 2_000_000)
    words = ["build", str(folder / "big.csv"), "-o", str(tmp_path / "atlas")]
    for engine in ("auto", "parts"):
        done = CliRunner().invoke(app, [*words, "--engine", engine])
        assert isinstance(done.exception, ResourceError)
        assert "Even in parts this needs about 5" in str(done.exception)
        assert "400 MB are free. Close programs" in str(done.exception)
    room(400_000_000, 1200)  # in one piece it needs no more than in parts: that way says what it needs
    assert planning.instead_of_one_piece([str(folder / "big.csv")], Config()) is None
    assert list(tmp_path.iterdir()) == []


def test_what_a_large_build_needs_is_told_on_a_terminal_before_the_work(folder, room, capsys):
    room(30_000_000_000, 5_000_000)
    told = planning.need_in_words([str(folder / "big.csv")], Config())
    assert told == "This needs up to about 10.1 GB of memory; 30.0 GB are free."
    room(30_000_000_000, 1200)
    assert planning.need_in_words([str(folder / "big.csv")], Config()) == ""
    room(30_000_000_000, 5_000_000)
    foretold([str(folder / "big.csv")], Config(), LOCAL)
    assert capsys.readouterr().err.strip() == told
    foretold([str(folder / "big.csv")], Config(), "parts")  # a line of its own has said it
    assert capsys.readouterr().err == ""


def test_options_that_do_not_go_together(folder, tmp_path):
    words = ["build", str(folder / "big.csv"), "-o", str(tmp_path / "atlas")]
    for wrong, message in ((["--engine", "parts", "--resume"], "stages of a build in one piece"),
                           (["--engine", "bits"], "one of auto, local, parts, dask")):  # fmt: skip
        found = CliRunner().invoke(app, [*words, *wrong]).exception
        assert isinstance(found, ParameterError)
        assert message in str(found)


def test_sizes_keep_to_the_memory_and_what_was_set_stays(room):
    room(10**12, 10**7)
    paths = ["big.csv"]
    assert sizes_of(paths, Config(), "parts") == Sizes(planning.FITTED_SONGS, planning.BLOCK_ROWS)
    assert sizes_of(paths, QUICK, "parts") == Sizes(**SIZES)
    assert sizes_of(paths, Config(), "dask") == Sizes(planning.FITTED_SONGS, None)
    before = planning.FITTED_SONGS + 1
    for n_bytes in (950_000_000, 850_000_000, 700_000_000):
        room(n_bytes, 10**7)
        sizes = sizes_of(paths, Config(), "parts")
        assert LEAST_SONGS <= sizes.fitted_songs < before
        assert sizes.block_rows >= LEAST_ROWS
        assert sizes.memory(Extent(10**7, 110 * 10**7), Config()) <= n_bytes
        before = sizes.fitted_songs
    with pytest.raises(ResourceError, match="Even in parts this needs about"):
        sizes_of(paths, Config(partitions={"fitted_songs": 10**6}), "parts")
    large, many = Sizes(1000, 100_000), 10**7
    short, long, longer = (large.memory(Extent(many, width * many), Config()) for width in (110, 640, 2000))
    assert short < long == longer, "a block of longer rows has fewer"
    few = Extent(1000, 110_000)
    assert Sizes(10**6, 10**6).memory(few, Config()) == Sizes(1000, 1000).memory(few, Config())
