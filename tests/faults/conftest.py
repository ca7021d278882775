"""A small catalog, tracks to add, and an atlas, made once; tests that change an atlas take a copy."""

import shutil
import time

import pytest
from commands import QUICK, run, succeeded

import songscape


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="session")
def tracks(place):
    songscape.write_synthetic(80, place / "tracks.csv", random_state=1)
    return place / "tracks.csv"


@pytest.fixture(scope="session")
def more(place):
    songscape.write_synthetic(20, place / "more.csv", random_state=2)
    return place / "more.csv"


@pytest.fixture(scope="session")
def took():
    """Seconds that build and add take where nothing goes wrong; kernels are compiled by then."""
    return {}


@pytest.fixture(scope="session")
def built(place, tracks, more, took):
    for name, words in (
        ("compiled", ["build", tracks, "-o", place / "built", *QUICK]),
        ("build", ["build", tracks, "-o", place / "built", *QUICK]),
        ("compiled too", ["add", place / "built", more, "-o", place / "grown"]),
        ("add", ["add", place / "built", more, "-o", place / "grown"]),
    ):
        start = time.monotonic()
        succeeded(run(*words))
        took[name] = time.monotonic() - start
    return place / "built"


@pytest.fixture
def atlas(built, tmp_path):
    """A copy of the atlas, alone in its folder but for what the test puts there."""
    return shutil.copytree(built, tmp_path / "here" / "atlas")
