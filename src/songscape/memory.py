"""How much memory there is, how much was used, and how much a build will need."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from songscape.errors import ResourceError

if sys.platform != "win32":
    import resource

_STATUS = Path("/proc/self/status")
_UNLIMITED = 1 << 60
_PER_PLAIN_BYTE = 11  # measured: 27 MB of CSV take 290 MB while they are read
_PER_PACKED_BYTE = 40


def available_memory() -> int | None:
    """Return the bytes that this process can still take, or None where the system does not say.

    The least of: free memory (``MemAvailable``), what the control groups around the process leave (version 1 and 2),
    and what the limit on address space (``ulimit -v``) leaves.
    """
    rooms = [room for room in (_free_room(), *_group_rooms(), _address_room()) if room is not None]
    return max(min(rooms), 0) if rooms else None


def peak_memory() -> int | None:
    """Return the most bytes of memory that this process has held so far, or None where the system does not say."""
    peak = _kilobytes(_STATUS, "VmHWM:")
    if peak is None and sys.platform != "win32":
        unit = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return peak


def readable(n_bytes: float) -> str:
    """Return a number of bytes in words.

    Examples
    --------
    >>> readable(1_234_567_890), readable(56_000_000)
    ('1.2 GB', '56 MB')
    """
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"


def reading_memory(files: Iterable[Path]) -> int:
    """Return about how many bytes more a process needs to read these files."""
    return sum(path.stat().st_size * (_PER_PACKED_BYTE if _is_packed(path) else _PER_PLAIN_BYTE) for path in files)


def _is_packed(path: Path) -> bool:
    return path.suffix.lower() in {".gz", ".zst", ".parquet"}


def build_memory(n_tracks: int, n_features: int, k: int) -> int:
    """Return about how many bytes more a process that holds a catalog needs to build its atlas.

    Libraries and compiled kernels; per track the features, the neighbor graph twice (by songs and by tracks), the
    graph of the layout or, later, the trees, the groups, what scores and cards are made from, and the report.
    Measured with 9 features and 15 neighbors: 1 000 000 tracks took 2.6 GB in all, 237 000 took 0.8 GB.
    """
    return 300_000_000 + n_tracks * (900 + 16 * n_features + 28 * k)


def require_memory(needed: int, what: str) -> None:
    """Raise `ResourceError` when the machine has less than `needed` bytes left for `what`."""
    room = available_memory()
    if room is not None and needed > room:
        raise ResourceError(
            f"{what} needs about {readable(needed)} of memory and {readable(room)} are free. Close other programs,"
            " use a machine with more, build from fewer tracks, or go on at your own risk with check_memory = false"
            " (--no-check-memory)."
        )


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
    return limit - (_kilobytes(_STATUS, "VmSize:") or 0)


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
