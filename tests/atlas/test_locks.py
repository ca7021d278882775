"""Ctrl-C while a folder is being claimed leaves nothing behind, at whichever step of the interpreter it comes."""

import contextlib
import sys

import pytest

from songscape.atlas import locks


def names(folder):
    return [path.name for path in folder.iterdir()]


def interrupt_at(step, folder):
    """Claim a folder with an interruption before the given step; True if the claim came to its end before it."""
    steps = 0

    def trace(frame, event, _):
        nonlocal steps
        if frame.f_code.co_filename not in (locks.__file__, contextlib.__file__):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            steps += 1
            if steps == step:
                sys.settrace(None)
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    try:
        sys.settrace(trace)
        with locks.claimed(folder):
            sys.settrace(before)
            return True
    except KeyboardInterrupt:
        return False
    finally:
        sys.settrace(before)


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
def test_an_interruption_at_any_step_leaves_no_lock(tmp_path):
    target = tmp_path / "deep" / "atlas"
    step = 1
    while not interrupt_at(step, target):
        assert names(tmp_path) == [], step
        with locks.claimed(target):  # and nothing is held by what was interrupted
            assert names(target.parent) == [".atlas.songscape-lock"]
        step += 1
    assert step > 100
    assert names(tmp_path) == []
