"""A small atlas with titles that try to break pages, and the server's parts over it."""

from pathlib import Path

import polars as pl
import pytest
from starlette.testclient import TestClient

import songscape
from songscape.web.api.engine import Engine
from songscape.web.api.guards import Hosts
from songscape.web.app import make_app

HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    '=HYPERLINK("http://example.com")',
    "\u202eright to left\u202c \u200f\u200e",
    "🎵👩‍👩‍👧‍👦 emoji",
    "nul\x00inside\x1b[31m",
    "x" * 10_000,
    "グリズリー・ブルース",
    "Ёлка и Наташа",
    "../../etc/passwd",
    "{{7*7}} ${7*7} %s %d",
    "</script><!--",
]


@pytest.fixture(scope="session")
def atlas():
    tracks = songscape.synthesize_tracks(700, random_state=5)
    title = next(name for name in ("title", "song") if name in tracks.columns)
    texts = tracks[title].to_list()
    texts[: len(HOSTILE)] = HOSTILE
    return songscape.build_atlas(songscape.read_catalog(tracks.with_columns(pl.Series(title, texts))))


@pytest.fixture(scope="session")
def atlas_folder(atlas, tmp_path_factory) -> Path:
    return atlas.save(tmp_path_factory.mktemp("web") / "atlas")


@pytest.fixture(scope="session")
def engine(atlas) -> Engine:
    return Engine(atlas)


@pytest.fixture(scope="session")
def served(engine):
    """The app as it is served, behind its guard."""
    return make_app(engine, Hosts("127.0.0.1"))


@pytest.fixture(scope="session")
def client(served) -> TestClient:
    return TestClient(served, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
