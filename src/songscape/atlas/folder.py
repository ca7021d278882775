"""Write a folder aside, then put it in place in one step: a killed run leaves the old folder whole or the new one.

A folder that is being written lies beside its target as ``.NAME.songscape-new-…`` and is locked by its writer;
what a killed run left there is removed by the next one, which can take the lock. Where the system cannot exchange
two folders in one step, the old one is renamed to ``.NAME.songscape-old-…`` first; should a run be killed in between,
`recover` puts it back.
"""

import contextlib
import ctypes
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from songscape.atlas.locks import try_lock

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextlib.contextmanager
def written_aside(target: Path) -> Iterator[Path]:
    """Yield an empty folder to write into; on leaving the block it takes the place of `target`.

    Parameters
    ----------
    target : Path
        The folder to make or to replace. Its parents are made. A symbolic link keeps pointing where it does.

    Yields
    ------
    Path
        A folder on the same file system. When the block raises, it is removed and `target` stays as it was.
    """
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    recover(target)
    remove_leftovers(target)
    # Named before it is made, so that at no moment it is there and unknown.
    aside = target.parent / f"{_prefix(target, 'new')}{secrets.token_hex(8)}"
    try:
        aside.mkdir()
        with _lock(aside):
            yield aside
            flush(aside)
            _put_in_place(aside, target)
            _flush_one(target.parent)
    finally:  # after an exchange this is the old folder, after an error the unfinished new one
        shutil.rmtree(aside, ignore_errors=True)


def flush(folder: Path) -> None:
    """Wait until the files and their names are on the disk: a rename must not become durable before them."""
    for path in sorted(folder.iterdir()):
        _flush_one(path)
    _flush_one(folder)


def recover(target: Path) -> None:
    """Put the old folder back where a run was killed between the two renames of a system without exchange."""
    if target.exists():
        return
    for old in _siblings(target, "old"):
        old.rename(target)
        return


def exchange(first: Path, second: Path) -> bool:
    """Let two folders take each other's name in one step; False where the system cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    done = rename(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), ctypes.c_uint(_RENAME_EXCHANGE))
    return int(done) == 0


def _put_in_place(aside: Path, target: Path) -> None:
    if not target.exists():
        aside.rename(target)
    elif not exchange(aside, target):
        old = Path(tempfile.mkdtemp(prefix=_prefix(target, "old"), dir=target.parent))
        target.rename(old)
        try:
            aside.rename(target)
        except OSError:
            old.rename(target)
            raise
        shutil.rmtree(old, ignore_errors=True)


def _prefix(target: Path, kind: str) -> str:
    return f".{target.name}.songscape-{kind}-"


def _siblings(target: Path, kind: str) -> list[Path]:
    if not target.parent.is_dir():
        return []
    return sorted(path for path in target.parent.iterdir() if path.name.startswith(_prefix(target, kind)))


def remove_leftovers(target: Path) -> None:
    """Remove what killed runs have left beside a folder that they were to write."""
    for path in [*_siblings(target, "new"), *_siblings(target, "old")]:
        with _lock(path) as locked:
            if locked:  # else another run is writing there at this moment
                shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[bool]:
    """Try to hold the folder's lock, which the system releases when the process ends, however it ends."""
    if sys.platform == "win32":  # folders cannot be opened there: leftovers stay until removed by hand
        yield False
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield try_lock(descriptor) is True
    finally:
        os.close(descriptor)


def _flush_one(path: Path) -> None:
    if sys.platform == "win32" and path.is_dir():  # folders cannot be opened there
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
