"""Ctrl-C while a folder is being claimed leaves nothing behind, at whichever step of the interpreter it comes."""

import sys
from functools import partial

import pytest
from interruptions import interrupted_at

from songscape.atlas import locks


def names(folder):
    return [path.name for path in folder.iterdir()]


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
def test_an_interruption_at_any_step_leaves_no_lock(tmp_path):
    target = tmp_path / "deep" / "atlas"
    step = 1
    while interrupted_at(step, locks, partial(locks.claimed, target)):
        assert names(tmp_path) == [], step
        with locks.claimed(target):  # and nothing is held by what was interrupted
            assert names(target.parent) == [".atlas.songscape-lock"]
        step += 1
    assert step > 100
    assert names(tmp_path) == []
