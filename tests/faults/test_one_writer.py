"""Two at once in one folder: the second is refused, and told who the first is."""

import os
import re
import signal

import pytest
from commands import QUICK, contents, kill, message, names, require_whole_atlas, run, start, succeeded, wait_until

import songscape
from songscape.atlas.locks import claimed
from songscape.errors import AtlasError

LOCK = ".atlas.songscape-lock"


@pytest.fixture
def first(tracks, atlas):
    """A build into the folder of the atlas that has claimed it, and stands still."""
    process = start("build", tracks, "-o", atlas, *QUICK)
    lock = atlas.parent / LOCK
    wait_until(lambda: lock.exists() and lock.stat().st_size > 0, process)
    process.send_signal(signal.SIGSTOP)
    yield process
    kill(process)


def test_a_second_writer_is_refused_and_told_who_the_first_is(first, tracks, more, atlas):
    before = contents(atlas)
    for words in (["build", tracks, "-o", atlas], ["add", atlas, more], ["evaluate", atlas, "--stability", 2]):
        told = message(run(*words))
        assert f"Another songscape is writing '{atlas}': process {first.pid}, since 20" in told
        assert "Wait until it has ended, or choose another folder." in told
    with pytest.raises(AtlasError, match=f"process {first.pid}"):
        songscape.load_atlas(atlas).save(atlas)
    assert contents(atlas) == before
    assert names(atlas.parent) == [LOCK, "atlas"]


def test_a_killed_process_leaves_no_lock(first, tracks, atlas):
    assert kill(first) == -signal.SIGKILL
    assert LOCK in names(atlas.parent)
    succeeded(run("build", tracks, "-o", atlas, *QUICK))
    require_whole_atlas(atlas)
    assert names(atlas.parent) == ["atlas"]


def test_other_folders_are_free_meanwhile(first, atlas):
    with claimed(atlas.parent / "other"):
        assert names(atlas.parent) == [LOCK, ".other.songscape-lock", "atlas"]
    assert names(atlas.parent) == [LOCK, "atlas"]


def test_a_folder_is_claimed_with_its_parents_and_left_as_it_was(tmp_path):
    target = tmp_path / "deep" / "down" / "atlas"
    with claimed(target), claimed(target):  # a build saves into the folder that it has claimed
        assert names(target.parent) == [LOCK]
        assert re.fullmatch(
            rf'{{"process": {os.getpid()}, "since": "[-\d]+ [:\d]+"}}', (target.parent / LOCK).read_text()
        )
    assert names(tmp_path) == []
    with claimed(target):
        target.mkdir()
    assert names(target.parent) == ["atlas"]
