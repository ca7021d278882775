"""Fixtures that all tests share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest


@pytest.fixture(scope="session")
def missing() -> Callable[[str], NoReturn]:
    """How a test says what it lacks: it skips, except under CI, where it fails."""
    return pytest.fail if os.environ.get("CI", "").lower() == "true" else pytest.skip


@pytest.fixture(scope="session")
def data_folder(missing) -> Path:
    """The folder with the real tracks, named by SONGSCAPE_DATA."""
    named = os.environ.get("SONGSCAPE_DATA", "")
    if named and Path(named).is_dir():
        return Path(named)
    missing(f"SONGSCAPE_DATA must name the folder with light_spotify_dataset.csv. Got {named!r}.")
