"""A folder is written aside and put in place in one step: whatever happens, the old one is whole or the new one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from songscape.atlas import folder as folder_module
from songscape.atlas.folder import exchange, recover, written_aside


def write(target: Path, text: str) -> None:
    with written_aside(target) as aside:
        (aside / "a.txt").write_text(text)
        (aside / "b.txt").write_text(text)


def whole(target: Path) -> str | None:
    """The text that both files hold; None where the folder is not there."""
    if not target.exists():
        return None
    texts = {path.name: path.read_text() for path in target.iterdir()}
    assert sorted(texts) == ["a.txt", "b.txt"]
    assert texts["a.txt"] == texts["b.txt"]
    return texts["a.txt"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_folder_with_its_parents(tmp_path):
    target = tmp_path / "deep" / "down" / "atlas"
    write(target, "new")
    assert whole(target) == "new"
    assert names(target.parent) == ["atlas"]


def test_an_old_folder_is_replaced_and_nothing_stays_beside_it(tmp_path):
    write(tmp_path / "atlas", "old")
    write(tmp_path / "atlas", "new")
    assert whole(tmp_path / "atlas") == "new"
    assert names(tmp_path) == ["atlas"]


def test_an_error_leaves_the_old_folder_and_nothing_beside_it(tmp_path):
    write(tmp_path / "atlas", "old")

    def interrupted():
        with written_aside(tmp_path / "atlas") as aside:
            (aside / "a.txt").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert whole(tmp_path / "atlas") == "old"
    assert names(tmp_path) == ["atlas"]


def test_a_link_goes_on_pointing_where_it_does(tmp_path):
    write(tmp_path / "real", "old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert whole(tmp_path / "real") == "new"


def test_the_rights_are_those_of_any_new_folder(tmp_path):
    write(tmp_path / "atlas", "new")
    (tmp_path / "usual").mkdir()
    assert (tmp_path / "atlas").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_without_exchange_two_renames_do(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_module, "exchange", lambda first, second: False)
    write(tmp_path / "atlas", "old")
    write(tmp_path / "atlas", "new")
    assert whole(tmp_path / "atlas") == "new"
    assert names(tmp_path) == ["atlas"]


def test_exchange_says_no_where_one_is_missing(tmp_path):
    (tmp_path / "a").mkdir()
    assert not exchange(tmp_path / "a", tmp_path / "none")
    assert names(tmp_path) == ["a"]


def test_leftovers_are_removed_but_not_those_of_a_run_that_is_still_writing(tmp_path):
    target = tmp_path / "atlas"
    (tmp_path / ".atlas.songscape-new-killed").mkdir()
    (tmp_path / ".other.songscape-new-killed").mkdir()
    with written_aside(target) as first:
        write(target, "second")
        assert first.is_dir()
        (first / "a.txt").write_text("first")
        (first / "b.txt").write_text("first")
    assert whole(target) == "first"
    assert names(tmp_path) == [".other.songscape-new-killed", "atlas"]


def test_recover_does_nothing_where_the_folder_is_there(tmp_path):
    write(tmp_path / "atlas", "new")
    (tmp_path / ".atlas.songscape-old-x").mkdir()
    recover(tmp_path / "atlas")
    assert whole(tmp_path / "atlas") == "new"


KILLED = """
import os, signal, sys
from pathlib import Path
from songscape.atlas import folder
from test_folder import write

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

place, how, target = sys.argv[1:4]
if how == "two renames":
    folder.exchange = lambda first, second: False
if place == "between the renames":
    rename, calls = Path.rename, []
    def second_dies(self, other):
        calls.append(other)
        return die() if len(calls) == 2 else rename(self, other)
    Path.rename = second_dies
elif place == "after the swap":
    folder._flush_one = lambda path, flush=folder._flush_one: die() if Path(target).parent == path else flush(path)
else:
    setattr(folder, place, die)
write(Path(target), "new")
"""


@pytest.mark.parametrize(
    ("place", "how"),
    [
        ("flush", "exchange"),
        ("_put_in_place", "exchange"),
        ("after the swap", "exchange"),
        ("_put_in_place", "two renames"),
        ("between the renames", "two renames"),
        ("after the swap", "two renames"),
    ],
)
def test_kill_9_leaves_the_old_folder_or_the_new_one(tmp_path, place, how):
    target = tmp_path / "atlas"
    write(target, "old")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    died = subprocess.run([sys.executable, "-c", KILLED, place, how, str(target)], env=environment)
    assert died.returncode == -signal.SIGKILL
    recover(target)
    assert whole(target) == ("new" if place == "after the swap" else "old")
    write(target, "next")
    assert whole(target) == "next"
    assert names(tmp_path) == ["atlas"], "the next save removes what the killed one left"
