"""The helpers of a first run compile all that a build needs, and none is started on a machine that has compiled."""

import subprocess
import sys
import time
from pathlib import Path

import songscape
from songscape.atlas.warmup import Helpers, warm_up

_COMPILED = """
import importlib, pkgutil
import songscape, songscape.kernels
import songscape.atlas.warmup as warmup

def compiled():
    names = [each.name for each in pkgutil.iter_modules(songscape.kernels.__path__)]
    modules = [importlib.import_module(f"songscape.kernels.{name}") for name in names]
    kernels = {value for module in modules for value in vars(module).values() if hasattr(value, "signatures")}
    return {(each.py_func.__module__, each.__name__, form) for each in kernels for form in each.signatures}
"""

_BUILT = """
before = compiled()
warmup.compile_search_and_clustering()
warmup.compile_map_and_scores()
ready = compiled()
assert len(ready) > len(before) + 20, len(ready)
songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(9500)))
assert compiled() == ready, compiled() - ready
"""

_ADDED = """
import sys
warmup.load_placing()
ready = compiled()
assert len(ready) > 5, len(ready)
songscape.load_atlas(sys.argv[1]).add(songscape.read_catalog(songscape.synthesize_tracks(100, random_state=1)))
assert compiled() == ready, compiled() - ready
"""


def test_a_build_needs_no_kernel_that_the_helpers_have_not_compiled() -> None:
    ended = subprocess.run([sys.executable, "-c", _COMPILED + _BUILT], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_an_addition_needs_no_kernel_that_was_not_loaded_beside_the_atlas(tmp_path: Path) -> None:
    atlas = songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(9500)))
    atlas.save(tmp_path / "atlas")
    run = [sys.executable, "-c", _COMPILED + _ADDED, str(tmp_path / "atlas")]
    ended = subprocess.run(run, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_no_helper_runs_where_kernels_are_cached() -> None:
    warm_up_once = subprocess.run(
        [sys.executable, "-c", "import songscape.atlas.warmup as warmup; warmup.compile_map_and_scores()"],
        check=False,
    )
    assert warm_up_once.returncode == 0
    start = time.perf_counter()
    with warm_up() as helpers:
        helpers.wait_for_search()
        assert not helpers._running
    assert time.perf_counter() - start < 1.0


def test_the_search_is_waited_for_and_what_runs_is_stopped() -> None:
    helpers = Helpers()
    helpers.start()
    running = list(helpers._running.values())
    assert len(running) == 2
    helpers.wait_for_search()  # the helper's word, or its end
    helpers.stop()
    assert all(helper.returncode is not None for helper in running)
