"""A full disk, folders that cannot be written, no place for compiled kernels."""

import ctypes
import os
import resource
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from commands import QUICK, contents, environment, message, names, run, succeeded

import songscape

NOWHERE = "/dev/null/nowhere"
_DROP_FROM_BOUNDING_SET, _OVERRIDES = 24, (1, 2, 3)  # prctl's PR_CAPBSET_DROP; CAP_DAC_OVERRIDE and its kin


def powerless() -> None:
    """Let rights count for the next program even if root starts it."""
    if os.geteuid() == 0:
        for power in _OVERRIDES:
            ctypes.CDLL(None).prctl(_DROP_FROM_BOUNDING_SET, power, 0, 0, 0)


def no_file_above(n_bytes: int) -> None:
    """Let no file grow beyond a size: what the system answers then is what a full disk makes it answer."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))


@pytest.fixture
def disk(tmp_path, missing):
    """A small disk of its own, in memory: what is written there does not fit, and the system itself says so."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "none", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        missing(f"Only root may mount the disk that gets full: {mounted.stderr.decode()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("command", ["build", "build in parts", "add"])
@pytest.mark.parametrize("share", [0.02, 0.9])
def test_a_disk_that_is_really_full(disk, built, tracks, more, command, share):
    """Room is left for a share of what one atlas takes; the old one lies there already."""
    atlas = shutil.copytree(built, disk / "atlas")
    before, size = contents(atlas), sum(path.stat().st_size for path in built.iterdir())
    spared = shutil.disk_usage(disk).free - int(share * size)
    (disk / "mine").write_bytes(bytes(spared))
    words = {
        "build": ("build", tracks, "-o", atlas, *QUICK),
        "build in parts": ("build", tracks, more, "-o", atlas, "--engine", "parts", *QUICK),
        "add": ("add", atlas, more),
    }[command]
    told = message(run(*words))
    assert "cannot be written" in told
    assert "The disk is full" in told
    assert contents(atlas) == before
    assert names(disk) == ["atlas", "mine"]
    (disk / "mine").unlink()
    succeeded(run(*words))  # with room again


@pytest.fixture
def locked(tmp_path):
    """A folder that nothing can be written into."""
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    write = f"open({str(folder / 'x')!r}, 'w')"
    refused = subprocess.run([sys.executable, "-c", write], preexec_fn=powerless, capture_output=True, check=False)
    assert b"PermissionError" in refused.stderr, "the test must run where rights count"
    yield folder
    folder.chmod(0o755)


@pytest.mark.parametrize("n_bytes", [0, 20, 20_000, 100_000, 400_000])
def test_a_full_disk_while_tracks_are_added(atlas, more, n_bytes):
    """At each size another file is the first that does not fit."""
    before = contents(atlas)
    told = message(run("add", atlas, more, preexec_fn=partial(no_file_above, n_bytes)))
    assert "cannot be written" in told
    assert contents(atlas) == before
    assert names(atlas.parent) == ["atlas"]


@pytest.mark.parametrize("n_bytes", [300_000])
def test_a_full_disk_while_an_atlas_is_built(atlas, tracks, n_bytes):
    before = contents(atlas)
    told = message(run("build", tracks, "-o", atlas, *QUICK, preexec_fn=partial(no_file_above, n_bytes)))
    assert "cannot be written" in told
    assert contents(atlas) == before
    assert names(atlas.parent) == ["atlas"]


def test_a_folder_that_cannot_be_written(locked, tracks, more, built):
    told = message(run("build", tracks, "-o", locked / "atlas", preexec_fn=powerless))
    assert f"cannot be written to '{locked / 'atlas'}': Permission denied. Choose another folder." in told
    assert names(locked) == []
    locked.chmod(0o755)
    atlas = shutil.copytree(built, locked / "atlas")
    locked.chmod(0o555)
    before = contents(atlas)
    assert "Permission denied" in message(run("add", atlas, more, preexec_fn=powerless))
    assert contents(atlas) == before
    succeeded(run("groups", atlas, preexec_fn=powerless))  # to read it takes no right to write


@pytest.mark.parametrize("where", ["file/atlas", "/proc/atlas", "/dev/null/atlas", "a" * 250])
def test_a_place_where_no_folder_can_be(tmp_path, tracks, where):
    (tmp_path / "file").write_text("mine")
    told = message(run("build", tracks, "-o", where, cwd=tmp_path))
    assert "cannot be written" in told
    assert contents(tmp_path) == {"file": b"mine"}


SEARCH = """
import numpy as np
from songscape.kernels.layout import move_plane
from songscape.neighbors import build_neighbors

found = build_neighbors(np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32), 5)
print(move_plane.stats.cache_path, found.indices.sum(), found.distances.tobytes().hex()[:999])
"""


def searched(env: dict[str, str]) -> list[str]:
    command = [sys.executable, "-c", SEARCH]
    done = subprocess.run(command, env=env, preexec_fn=powerless, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_no_place_for_compiled_kernels(tmp_path):
    """Installed where only others may write, without a home: compiled in memory, with the same result."""
    site = tmp_path / "site"
    shutil.copytree(Path(songscape.__file__).parent, site / "songscape", ignore=shutil.ignore_patterns("__pycache__"))
    folders = [site, *(path for path in site.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    bare = {"HOME": NOWHERE, "XDG_CACHE_HOME": NOWHERE, "NUMBA_CACHE_DIR": None, "PYTHONPATH": str(site)}
    try:
        without = searched(environment(**bare))
    finally:
        for folder in folders:
            folder.chmod(0o755)
    kept = searched(environment())
    assert without[0] == "None"
    assert kept[0] != "None"
    assert without[1:] == kept[1:]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """A folder of kernels, and what they find."""
    cache = tmp_path_factory.mktemp("kernels") / "cache"
    return cache, searched(environment(NUMBA_CACHE_DIR=str(cache)))


@pytest.mark.parametrize("harm", ["cut", "full"])
def test_kernels_that_were_kept_and_are_broken(compiled, tmp_path, harm):
    """A power cut leaves empty files, a full disk none: kernels are compiled anew."""
    whole = compiled[1]
    cache = shutil.copytree(compiled[0], tmp_path / "cache")
    kept = sorted(cache.rglob("*.nb*"))
    assert kept
    for path in kept:
        path.write_bytes(b"" if harm == "cut" else path.read_bytes()[:100])
    assert searched(environment(NUMBA_CACHE_DIR=str(cache)))[1:] == whole[1:]
