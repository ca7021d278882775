"""Ctrl-C while a folder is made to write into leaves none, at whichever step of the interpreter it comes."""

from functools import partial

from interruptions import interrupted_at

from songscape.atlas import folder


def test_an_interruption_at_any_step_leaves_no_folder(tmp_path):
    step = 1
    while interrupted_at(step, folder, partial(folder.written_aside, tmp_path / "atlas")):
        assert list(tmp_path.iterdir()) == [], step
        step += 1
    assert step > 100
    assert [path.name for path in tmp_path.iterdir()] == ["atlas"]
