"""Fixtures that all tests share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder with the real tracks, named by SONGSCAPE_DATA; without it the test skips, except under CI."""
    named = os.environ.get("SONGSCAPE_DATA", "")
    if named and Path(named).is_dir():
        return Path(named)
    message = f"SONGSCAPE_DATA must name the folder with light_spotify_dataset.csv. Got {named!r}."
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(message)
    pytest.skip(message)
