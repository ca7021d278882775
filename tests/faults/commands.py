"""The commands as processes of their own, and what a folder holds after they met with something."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from songscape.atlas.files import read_run, require_whole

QUICK = ("--n-epochs", 20)
"""Flags of a build whose map nobody looks at."""

PATIENCE = 240
"""Seconds after which a command that should have ended counts as hanging; on a busy machine as well."""


class Done(NamedTuple):
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


def start(*words: object, **options: Any) -> subprocess.Popen[str]:
    """Start ``songscape`` with these words."""
    command = [sys.executable, "-c", "from songscape.cli import main; main()", *map(str, words)]
    options = {"preexec_fn": heed_the_terminal, **options}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def heed_the_terminal() -> None:
    """As a terminal starts a program; these tests themselves may run under nohup, or in the background of a shell."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def run(*words: object, **options: Any) -> Done:
    """Run ``songscape`` to its end."""
    process = start(*words, **options)
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Done(process.returncode, out, err)


def message(done: Done) -> str:
    """Return the one message of a command that was refused: exit code 2, nothing on standard output, no traceback."""
    assert (done.code, done.out) == (2, ""), done
    assert done.err.startswith("Error: "), done.err
    assert done.err.count("\n") == 1, done.err
    return done.err


def succeeded(done: Done) -> Done:
    """Return what a command left that had to succeed."""
    assert (done.code, done.err) == (0, ""), done
    return done


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until something shows on the disk while a process runs."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)


def kill(process: subprocess.Popen[str]) -> int:
    """Kill a process as no process can prevent, and return how it ended: −9, or 0 if it had just been done."""
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode


def contents(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def names(folder: Path) -> list[str]:
    """Return what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def require_whole_atlas(folder: Path) -> dict[str, Any]:
    """Return what an atlas tells about itself, once each of its files is as it was written."""
    told = read_run(folder)
    require_whole(folder, told)
    return told


def environment(**changes: str | None) -> dict[str, str]:
    """Return the variables of this process with some changed, or taken out (None)."""
    merged = {**os.environ, **{name: value for name, value in changes.items() if value is not None}}
    return {name: value for name, value in merged.items() if changes.get(name, "") is not None}
