"""kill −9 at random moments, Ctrl-C at others: the old atlas is there, or the new one, whole; and nothing stays."""

import random
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
from commands import (
    QUICK,
    contents,
    kill,
    names,
    require_whole_atlas,
    run,
    start,
    succeeded,
    wait_until,
)

import songscape
from songscape.errors import AtlasError

IN_PARTS = ("--engine", "parts", *QUICK)
MOMENTS = 20
LEFT = ".atlas.songscape-"


def moments(seed: int, duration: float) -> list[float]:
    """Seeded moments, spread over what the work takes."""
    chance = random.Random(seed)
    return [duration * (number + chance.random()) / MOMENTS for number in range(MOMENTS)]


def require_only_what_the_next_run_clears(folder):
    assert [name for name in names(folder) if name != "atlas" and not name.startswith(LEFT)] == []


@pytest.mark.parametrize("first", [True, False], ids=["nothing there", "an atlas there"])
def test_build(built, tracks, tmp_path, took, first):
    target, killed = tmp_path / "atlas", 0
    old = contents(built)
    words = ("build", tracks, "-o", target, "--min-dist", 0.5, *QUICK)
    for moment in moments(1, took["build"])[int(first) :: 2]:
        if not (first or target.exists()):
            shutil.copytree(built, target)
        process = start(*words)
        time.sleep(moment)
        killed += kill(process) == -signal.SIGKILL
        require_only_what_the_next_run_clears(tmp_path)
        if target.exists() and (first or contents(target) != old):
            assert require_whole_atlas(target)["config"]["embedding"]["min_dist"] == 0.5
            shutil.rmtree(target)
        else:
            assert target.exists() != first
    assert killed >= 3
    succeeded(run(*words))
    assert require_whole_atlas(target)["config"]["embedding"]["min_dist"] == 0.5
    assert names(tmp_path) == ["atlas"]


@pytest.fixture(scope="module")
def built_in_parts(tracks, more, tmp_path_factory):
    """An atlas with its parts, and the seconds that such a build takes."""
    folder = tmp_path_factory.mktemp("parts")
    succeeded(run("build", tracks, more, "-o", folder / "atlas", *IN_PARTS))  # may compile
    begun = time.monotonic()
    succeeded(run("build", tracks, more, "-o", folder / "atlas", *IN_PARTS))
    return folder, time.monotonic() - begun


def of_all(folder):
    """What an atlas and its parts are, byte for byte."""
    return [contents(path) for path in (folder / "atlas", folder / "atlas.parts")]


@pytest.mark.parametrize("first", [True, False], ids=["nothing there", "an atlas there"])
def test_build_in_parts(built_in_parts, tracks, more, tmp_path, first):
    kept, duration = built_in_parts
    here, killed = tmp_path / "here", 0
    words = ("build", tracks, more, "-o", here / "atlas", "--min-dist", 0.5, *IN_PARTS)
    for moment in moments(4, duration)[int(first) :: 4]:
        here.mkdir() if first else shutil.copytree(kept, here)
        process = start(*words)
        time.sleep(moment)
        killed += kill(process) == -signal.SIGKILL
        there = [name for name in names(here) if not name.startswith(".atlas.")]
        assert set(there) <= {"atlas", "atlas.parts"}
        if not there or require_whole_atlas(here / "atlas")["config"]["embedding"]["min_dist"] != 0.5:
            assert first if not there else of_all(here) == of_all(kept)
        else:
            require_parts_of_it_or_none(here / "atlas")
        shutil.rmtree(here)
    assert killed >= 2
    here.mkdir()
    succeeded(run(*words))
    require_parts_of_it_or_none(here / "atlas")
    assert names(here) == ["atlas", "atlas.parts"]


def require_parts_of_it_or_none(atlas):
    """The model goes to its place first, its parts after it; in between no others are taken for them."""
    try:
        told = f"{len(songscape.open_parts(atlas))} tracks"
    except AtlasError as error:
        told = str(error)
    assert re.search("^100 tracks$|belong to another atlas|There are no parts", told), told


def test_add(atlas, built, more, took):
    old, killed = contents(built), 0
    for moment in moments(2, took["add"]):
        process = start("add", atlas, more)
        time.sleep(moment)
        killed += kill(process) == -signal.SIGKILL
        require_only_what_the_next_run_clears(atlas.parent)
        if contents(atlas) != old:
            assert len(require_whole_atlas(atlas)["additions"]) == 1
            shutil.rmtree(atlas)
            shutil.copytree(built, atlas)
    assert killed >= 5
    succeeded(run("add", atlas, more))
    assert len(require_whole_atlas(atlas)["additions"]) == 1
    assert names(atlas.parent) == ["atlas"]


SAVER = """
import sys
from dataclasses import replace
import songscape

target, pages = sys.argv[1:]
one = songscape.load_atlas(target)
metric = "cosine" if one.config.metric == "euclidean" else "euclidean"
other = replace(one, config=one.config.with_changes(metric=metric))
other.save(target, pages_from=pages)
print("saving", flush=True)
while True:
    one.save(target, pages_from=pages)
    other.save(target, pages_from=pages)
"""


def test_save(atlas, built):
    chance, seen = random.Random(3), set()
    for _ in range(MOMENTS):
        command = [sys.executable, "-c", SAVER, str(atlas), str(built)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "saving\n"
        time.sleep(chance.uniform(0.0, 0.5))
        assert kill(process) == -signal.SIGKILL
        require_only_what_the_next_run_clears(atlas.parent)
        seen.add(require_whole_atlas(atlas)["config"]["metric"])
    assert seen <= {"euclidean", "cosine"}
    songscape.load_atlas(atlas).save(atlas, pages_from=built)
    assert names(atlas.parent) == ["atlas"]


@pytest.mark.parametrize(
    ("how", "share"),
    [(signal.SIGINT, 0.0), (signal.SIGINT, 0.3), (signal.SIGINT, 0.6), (signal.SIGINT, 0.9), (signal.SIGTERM, 0.5)],
)
def test_a_stopped_build_leaves_everything_as_it_was(atlas, tracks, took, how, share):
    old = contents(atlas)
    process = start("build", tracks, "-o", atlas, "--min-dist", 0.5, *QUICK)
    wait_until((atlas.parent / ".atlas.songscape-lock").exists, process)
    time.sleep(share * 0.6 * took["build"])  # the lock is taken after libraries are loaded
    process.send_signal(how)
    _, err = process.communicate(timeout=240)
    assert names(atlas.parent) == ["atlas"]
    assert "Traceback" not in err
    if process.returncode != 0:  # else it had just been done
        assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[how]
        assert contents(atlas) == old


def test_a_closed_terminal_leaves_everything_as_it_was(atlas, tracks):
    old = contents(atlas)
    process = start("build", tracks, "-o", atlas, *QUICK)
    wait_until((atlas.parent / ".atlas.songscape-lock").exists, process)
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=240)
    assert process.returncode == 129
    assert names(atlas.parent) == ["atlas"]
    assert contents(atlas) == old
