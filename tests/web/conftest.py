"""A small atlas with titles that try to break pages, the server's parts over it, and a browser."""

import shutil
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import expect, sync_playwright
from starlette.testclient import TestClient
from web_pages import PATIENCE

import songscape
from songscape.web.api.engine import Engine
from songscape.web.api.guards import Hosts
from songscape.web.app import make_app

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SOFTWARE_WEBGL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--no-sandbox"]

expect.set_options(timeout=1e3 * PATIENCE)

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


@pytest.fixture(scope="module")
def browser():
    """Chromium, with WebGL by the processor. One for each module: while it runs, no other event loop can."""
    assert CHROMIUM, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=SOFTWARE_WEBGL, timeout=120_000)
        yield running
        running.close()


class Watched:
    """A page, and what it told, asked and was refused."""

    def __init__(self, context):
        context.set_default_timeout(1e3 * PATIENCE)
        self.page, self.told, self.asked, self.refused = context.new_page(), [], [], []
        self.page.on("console", lambda one: self.told.append(one.text) if one.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.told.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.told.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("response", lambda answer: self.refused.append(answer.url) if answer.status >= 400 else None)

    @property
    def faults(self):
        """What was told, without what software WebGL says of itself."""
        return [text for text in self.told if "GPU stall" not in text]


@pytest.fixture
def watch(browser):
    """Open pages of their own contexts; all are closed in the end."""
    contexts = []

    def opened(**options):
        contexts.append(
            browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en-US"} | options)
        )
        return Watched(contexts[-1])

    yield opened
    for context in contexts:
        context.close()
