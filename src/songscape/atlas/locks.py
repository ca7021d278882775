"""One writer at a time: a build holds its folder from its first moment on, and a second one is told who does.

The lock is the system's, on a file ``.NAME.songscape-lock`` beside the folder: it ends with the process that holds
it, however that ends. A file that a killed process left there is taken over by the next one, and removed at its end.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from songscape.atlas.files import require_replaceable, told
from songscape.errors import AtlasError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_FAR = 1 << 30  # locked bytes cannot be read on Windows, and who holds the lock is to be read

_held: set[Path] = set()
"""The folders that this process holds: a build saves into the folder that it has claimed."""


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold a folder that an atlas may be written to against other processes while the ``with`` block runs.

    Parameters
    ----------
    folder : Path
        Need not exist. Parents that do not are made, and removed again if they stay empty.

    Raises
    ------
    AtlasError
        If something else than an atlas lies there, if another process holds it (the message tells which, and since
        when), or if nothing can be written beside it.
    ResourceError
        If the disk is full.
    """
    require_replaceable(folder)
    target = folder.resolve()
    if target in _held:
        yield
        return
    path = target.with_name(f".{target.name}.songscape-lock")
    missing = [parent for parent in target.parents if not parent.exists()]
    try:  # Ctrl-C may come between any two steps: what is left behind is found by looking, not by what was noted
        with contextlib.ExitStack() as held:
            with told(folder):
                target.parent.mkdir(parents=True, exist_ok=True)
                _take(path, folder, held)
            held.callback(_held.discard, target)
            _held.add(target)
            yield
    finally:
        _remove_unheld(path)
        for parent in missing:
            with contextlib.suppress(OSError):
                parent.rmdir()


def try_lock(descriptor: int) -> bool | None:
    """Lock an open file or folder; False if another process has it, None where the file system has no locks."""
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, _FAR, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return None
    return True


def _take(path: Path, folder: Path, held: contextlib.ExitStack) -> None:
    """Lock the lock file until ``held`` is closed, and write who holds it into it."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        held.callback(os.close, descriptor)
        if try_lock(descriptor) is False:
            raise AtlasError(
                f"Another songscape is writing '{folder}': {_holder(descriptor)}. Wait until it has ended, or"
                " choose another folder."
            )
        if _is_named(descriptor, path):  # else who held it has just removed it: what lies there now is another file
            _sign(descriptor)
            return


def _remove_unheld(path: Path) -> None:
    """Remove a lock file that no process holds. Who opens it meanwhile sees that its name is gone."""
    with contextlib.suppress(OSError), contextlib.ExitStack() as opened:
        descriptor = os.open(path, os.O_RDWR)
        opened.callback(os.close, descriptor)
        if try_lock(descriptor) is not False and _is_named(descriptor, path):
            path.unlink()


def _sign(descriptor: int) -> None:
    """Write who holds the lock into its file."""
    who = {"process": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, json.dumps(who).encode())


def _is_named(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _holder(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        who = json.loads(os.read(descriptor, 1000))
        return f"process {who['process']}, since {who['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that has only just begun"
