"""How much memory there is, read from files as the system writes them."""

import subprocess
import sys
from pathlib import Path

import pytest

from songscape import memory
from songscape.errors import ResourceError


@pytest.fixture
def system(tmp_path, monkeypatch):
    """Let paths under /proc and /sys be read below a folder of the test."""

    def write(files: dict[str, str]) -> None:
        for name, text in files.items():
            path = tmp_path / name.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    lines = memory._lines
    monkeypatch.setattr(memory, "_lines", lambda path: lines(tmp_path / str(path).lstrip("/")))
    monkeypatch.setattr(memory, "_address_room", lambda: None)
    write({"/proc/meminfo": "MemTotal: 9000 kB\nMemAvailable: 8000 kB\n"})
    return write


def test_free_memory(system):
    assert memory.available_memory() == 8000 * 1024


def test_a_control_group_of_version_2_and_its_parents(system):
    system(
        {
            "/proc/self/cgroup": "0::/outer/inner\n",
            "/sys/fs/cgroup/outer/inner/memory.max": "max\n",
            "/sys/fs/cgroup/outer/inner/memory.current": "5\n",
            "/sys/fs/cgroup/outer/memory.max": "3000000\n",
            "/sys/fs/cgroup/outer/memory.current": "1000000\n",
            "/sys/fs/cgroup/outer/memory.stat": "anon 7\ninactive_file 500000\n",
        }
    )
    assert memory.available_memory() == 2_500_000


def test_a_control_group_of_version_1(system):
    system(
        {
            "/proc/self/cgroup": "5:cpu:/x\n4:memory,hugetlb:/job\n0::/\n",
            "/sys/fs/cgroup/memory/job/memory.limit_in_bytes": "4000000\n",
            "/sys/fs/cgroup/memory/job/memory.usage_in_bytes": "1000000\n",
            "/sys/fs/cgroup/memory/job/memory.stat": "total_inactive_file 10\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes": "1000000\n",
        }
    )
    assert memory.available_memory() == 3_000_010


def test_a_group_that_is_over_its_limit_leaves_nothing(system):
    system(
        {
            "/proc/self/cgroup": "0::/\n",
            "/sys/fs/cgroup/memory.max": "10\n",
            "/sys/fs/cgroup/memory.current": "20\n",
        }
    )
    assert memory.available_memory() == 0


def test_a_limit_on_address_space_counts():
    code = (
        "import resource, sys\n"
        "from songscape.memory import available_memory\n"
        "def room(limit):\n"
        "    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))\n"
        "    return available_memory()\n"
        "unlimited = available_memory()\n"
        "assert room(1 << 50) == unlimited or abs(room(1 << 50) - unlimited) < 1 << 30\n"
        "unused = memory._unused_addresses()\n"
        "assert 500_000_000 < room(600_000_000 + unused) < 600_000_000, 'less what the process holds'\n"
        "assert room(unused) == 0\n"
    )
    subprocess.run([sys.executable, "-c", "from songscape import memory\n" + code], check=True)


def test_the_peak_stays_when_memory_is_given_back():
    code = (
        "from songscape.memory import peak_memory\n"
        "before = peak_memory()\n"
        "block = bytearray(50_000_000)\n"
        "del block\n"
        "assert before + 45_000_000 < peak_memory() < before + 60_000_000\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_too_little_memory_is_said_with_what_to_do(monkeypatch):
    free = memory.Room(2_000_000_000, "{} are free", "Close other programs")
    monkeypatch.setattr(memory, "_rooms", lambda: [free])
    memory.require_memory(2_000_000_000, "It")
    with pytest.raises(ResourceError) as caught:
        memory.require_memory(3_100_000_000, "An atlas of 1000000 tracks")
    assert str(caught.value).startswith(
        "An atlas of 1000000 tracks needs about 3.1 GB of memory and 2.0 GB are free. Close other programs,"
    )
    assert "--no-check-memory" in str(caught.value)


def test_where_the_system_says_nothing_the_work_goes_on(monkeypatch):
    monkeypatch.setattr(memory, "_rooms", lambda: [])
    assert memory.available_memory() is None
    memory.require_memory(10**18, "It")


def test_what_is_allowed_counts_what_the_process_holds_already(monkeypatch):
    monkeypatch.setattr(memory, "_rooms", lambda: [])
    memory.require_memory(10_000_000_000, "It", 100_000_000_000)
    with pytest.raises(
        ResourceError, match=r"It needs about 9\.0 GB of memory and the 9\.0 GB that memory \(--memory\)"
    ):
        memory.require_memory(9_000_000_000, "It", 9_000_000_000)


def test_the_tightest_limit_is_told(monkeypatch):
    monkeypatch.setattr(memory, "_free_room", lambda: 900)
    monkeypatch.setattr(memory, "_group_rooms", lambda: [700, 800])
    monkeypatch.setattr(memory, "_address_room", lambda: -5)
    assert memory.available_memory() == 0
    assert "ulimit -v" in memory.least_room().told
    monkeypatch.setattr(memory, "_address_room", lambda: None)
    assert memory.least_room()[:2] == (700, "the limit on this group of processes leaves {}")


def test_a_missing_file_says_nothing():
    assert memory._lines(Path("/no/such/file")) == []
    assert memory._number(Path("/no/such/file")) is None


def test_building_needs_more_for_more():
    few = memory.build_memory(1_000_000, 9, 15)
    assert few < memory.build_memory(2_000_000, 9, 15)
    assert few < memory.build_memory(1_000_000, 30, 15)
    assert few < memory.build_memory(1_000_000, 9, 60)
    assert 380_000_000 <= memory.build_memory(10, 9, 15) < 500_000_000, "what drawing takes, however few tracks"
