"""How much memory there is, how much was used, and how much a build will need."""

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from songscape.errors import ResourceError

if sys.platform != "win32":
    import resource

_STATUS = Path("/proc/self/status")
_UNLIMITED = 1 << 60

STAGES = {
    "neighbors": (45_000_000, 0),
    "embedding": (50_000_000, 0),
    "clustering": (60_000_000, 0),
    "groups": (250_000_000, 500),
    "evaluation": (220_000_000, 740),  # cards are described beside it
    "save": (380_000_000, 0),
}
"""Bytes that each stage takes whatever it is given, and bytes a track beside its features and neighbors.

Measured as the peak of each stage above what the process held after reading, on 40 000 and 160 000 synthetic tracks
with 9 features and 15 neighbors, groups on 1 000 000, with which the process took 2.0 GB in all.
"""

FOR_A_BUILD = (
    "build from fewer tracks, or in parts where they are many (--engine parts: some 800 MB at least), or go on at"
    " your own risk with check_memory = false (--no-check-memory)"
)

_UNUSED_ADDRESSES = 1_200_000_000  # what libraries reserve and never touch; measured with two cores: 1.5 GB in all
_UNUSED_PER_CORE = 170_000_000
_LIBRARIES = 150_000_000  # what they hold once they are loaded


class Room(NamedTuple):
    """How many bytes a process can still take, who says so, and what to do where they are too few."""

    left: int
    told: str
    advice: str


def available_memory() -> int | None:
    """Return the bytes that this process can still take, or None where the system does not say.

    The least of: free memory (``MemAvailable``), what the control groups around the process leave (version 1 and 2),
    and what the limit on address space (``ulimit -v``) leaves.
    """
    room = least_room()
    return None if room is None else room.left


def least_room(allowed: int | None = None) -> Room | None:
    """Return the tightest room that machine, limits and the bytes `allowed` to this process in all leave."""
    rooms = [*_rooms(), *([] if allowed is None else [_allowed_room(allowed)])]
    return min(rooms, default=None, key=lambda room: room.left)


def peak_memory() -> int | None:
    """Return the most bytes of memory that this process has held so far, or None where the system does not say."""
    peak = _kilobytes(_STATUS, "VmHWM:")
    if peak is None and sys.platform != "win32":
        unit = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return peak


def release_memory() -> None:
    """Give memory that is free again back to the system, where its allocator would keep it for later."""
    with contextlib.suppress(AttributeError, OSError, TypeError):  # no such call but in glibc
        ctypes.CDLL(None).malloc_trim(0)


def readable(n_bytes: float) -> str:
    """Return a number of bytes in words.

    Examples
    --------
    >>> readable(1_234_567_890), readable(56_000_000), readable(1000), readable(0)
    ('1.2 GB', '56 MB', 'less than 1 MB', 'nothing')
    """
    if n_bytes < 1e6:
        return "less than 1 MB" if n_bytes > 0 else "nothing"
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"


def build_memory(n_tracks: int, n_features: int, k: int) -> int:
    """Return about how many bytes more a process that holds a catalog needs to build its atlas and to save it.

    The most of what each stage needs, see `STAGES`, and a fifth more.
    """
    of_track = 16 * n_features + 28 * k  # features and neighbors of each track stay until the end
    return max(int(1.2 * (fixed + n_tracks * (bytes_a_track + of_track))) for fixed, bytes_a_track in STAGES.values())


def require_memory(needed: int, what: str, allowed: int | None = None, otherwise: str = FOR_A_BUILD) -> None:
    """Raise `ResourceError` when `what` needs more bytes than are left, of the machine's or of those `allowed`.

    The message says what can be done `otherwise`, beside taking a machine with more.
    """
    room = least_room(allowed)
    if room is not None and needed > room.left:
        raise ResourceError(
            f"{what} needs about {readable(needed)} of memory and {room.told.format(readable(room.left))}."
            f" {room.advice}, use a machine with more, {otherwise}."
        )


def require_libraries() -> None:
    """Raise `ResourceError` where a limit on address space is too tight to load the libraries, before they are."""
    left = _address_room()
    if left is not None and left < _LIBRARIES:
        raise ResourceError(
            f"Songscape needs about {readable(_unused_addresses() + _LIBRARIES)} of addresses before any data, and"
            f" the limit on address space (ulimit -v) leaves {readable(max(left, 0))} to use. Raise that limit."
        )


def _rooms() -> Iterator[Room]:
    free, address = _free_room(), _address_room()
    if free is not None:
        yield Room(max(free, 0), "{} are free", "Close other programs")
    for left in _group_rooms():
        yield Room(max(left, 0), "the limit on this group of processes leaves {}", "Raise that limit")
    if address is not None:
        yield Room(max(address, 0), "the limit on address space (ulimit -v) leaves {}", "Raise that limit")


def _allowed_room(allowed: int) -> Room:
    held = _kilobytes(_STATUS, "VmRSS:") or 0
    told = f"the {readable(allowed)} that memory (--memory) allows in all leave {{}}"
    if held >= allowed:
        told += f": the process holds {readable(held)} already"
    return Room(max(allowed - held, 0), told, "Allow more")


def _free_room() -> int | None:
    free = _kilobytes(Path("/proc/meminfo"), "MemAvailable:")
    if free is None and hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        free = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return free


def _address_room() -> int | None:
    if sys.platform == "win32":
        return None
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return None
    return limit - _unused_addresses() - (_kilobytes(_STATUS, "VmRSS:") or 0)


def _unused_addresses() -> int:
    return _UNUSED_ADDRESSES + _UNUSED_PER_CORE * (os.cpu_count() or 1)


def _group_rooms() -> Iterator[int]:
    """Yield what each control group around this process leaves; page cache that can be dropped counts as free."""
    for line in _lines(Path("/proc/self/cgroup")):
        _, controllers, inner = line.split(":", 2)
        if controllers == "":  # version 2
            root, limit, used, cache = Path("/sys/fs/cgroup"), "memory.max", "memory.current", "inactive_file "
        elif "memory" in controllers.split(","):
            root = Path("/sys/fs/cgroup/memory")
            limit, used, cache = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "
        else:
            continue
        folder = root / inner.lstrip("/")
        for group in (folder, *folder.parents):
            most, now = _number(group / limit), _number(group / used)
            if most is not None and now is not None and most < _UNLIMITED:
                yield most - now + _field(group / "memory.stat", cache)
            if group == root:
                break


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []


def _number(path: Path) -> int | None:
    lines = _lines(path)
    return int(lines[0]) if lines and lines[0].isdecimal() else None


def _field(path: Path, start: str) -> int:
    return next((int(line.split()[1]) for line in _lines(path) if line.startswith(start)), 0)


def _kilobytes(path: Path, start: str) -> int | None:
    value = _field(path, start)
    return value * 1024 if value else None
