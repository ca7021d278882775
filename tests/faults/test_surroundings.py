"""Threads, language, clock and memory around a build: the same bytes, or a message before the work."""

import os
import resource
from functools import partial

import pytest
from commands import QUICK, environment, message, names, require_whole_atlas, run, succeeded

import songscape
from songscape.config import Config
from songscape.errors import ResourceError

SAME = ("tracks.parquet", "arrays.npz", "songs.npz", "groups.json", "map.svg", "map.png", "map.html", "rejects.csv")
"""Files that nothing but the tracks and the config may change."""

BACK = """
import time
for name, unit in (("time", 1), ("time_ns", 10**9)):
    now = getattr(time, name)
    setattr(time, name, lambda now=now, unit=unit: now() - 30 * 365 * 86400 * unit)
"""

BUILDS = {
    "one thread, memory enough": (["--threads", 1, "--memory", "2GB"], {}),
    "more threads than cores": (["--threads", 4 * (os.cpu_count() or 1) + 3], {}),
    "Turkish, and no home": ([], {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "HOME": None}),
    "plain C": ([], {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}),
    "the clock set back": ([], {"PYTHONPATH": "{clock}"}),
}


@pytest.mark.parametrize("name", BUILDS)
def test_the_same_bytes(built, tracks, atlas, name):
    flags, changes = BUILDS[name]
    clock = atlas.parent / "clock"
    clock.mkdir()
    (clock / "sitecustomize.py").write_text(BACK)
    for path in atlas.iterdir():
        os.utime(path, (4_000_000_000, 4_000_000_000))  # what lies there is from the year 2096
    env = environment(**{key: value and value.format(clock=clock) for key, value in changes.items()})
    succeeded(run("build", tracks, "-o", atlas, *QUICK, *flags, env=env))
    told = require_whole_atlas(atlas)
    assert [name for name in SAME if (atlas / name).read_bytes() != (built / name).read_bytes()] == []
    assert names(atlas.parent) == ["atlas", "clock"]
    assert told["peak_memory_bytes"] < 2_000_000_000


def limited(n_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (n_bytes, n_bytes))


@pytest.mark.parametrize("megabytes", [400, 900, 1500, 1900])
def test_a_limit_on_memory_is_told_before_it_strikes(tracks, tmp_path, megabytes):
    told = message(run("build", tracks, "-o", tmp_path / "atlas", preexec_fn=partial(limited, megabytes * 1_000_000)))
    assert " needs about " in told
    assert "the limit on address space (ulimit -v) leaves" in told
    assert names(tmp_path) == []


def test_a_limit_that_leaves_enough_is_kept(built, tracks, tmp_path):
    room = 2_500_000_000 + 250_000_000 * (os.cpu_count() or 1)
    succeeded(run("build", tracks, "-o", tmp_path / "atlas", *QUICK, preexec_fn=partial(limited, room)))
    assert (tmp_path / "atlas" / "arrays.npz").read_bytes() == (built / "arrays.npz").read_bytes()


def test_memory_that_is_not_allowed_is_not_taken(tracks, tmp_path):
    told = message(run("build", tracks, "-o", tmp_path / "atlas", "--memory", "350MB", "--no-check-memory"))
    assert "An atlas of 80 tracks needs about 4" in told
    assert "the 350 MB that memory (--memory) allows in all leave" in told
    assert names(tmp_path) == []
    with pytest.raises(ResourceError, match=r"the 50 MB that memory \(--memory\) allows in all leave nothing"):
        songscape.build_atlas(songscape.read_catalog(tracks), Config(memory="50MB"))


def test_letters_that_change_with_the_language_stay_what_they_are(tmp_path):
    """In Turkish, I and i are two letters; nothing is compared by the rules of the machine's language."""
    table = tmp_path / "titles.csv"
    table.write_text("TITLE,ARTIST,ENERGY\nINTRO,İbo,50\nintro,ibo,51\nIntro (LIVE),IBO,52\n", encoding="utf-8")
    reports = set()
    for language in ("C", "tr_TR.UTF-8", "C.UTF-8"):
        spoken = environment(LC_ALL=language, LANG=language)
        succeeded(run("eda", table, "-o", tmp_path / "report.html", env=spoken))
        reports.add((tmp_path / "report.json").read_bytes())
    assert len(reports) == 1
