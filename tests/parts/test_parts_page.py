"""The page over all parts, in a browser: tracks that the map does not have are shown, listed, priced and kept."""

import shutil
import socket
import threading
import time

import pytest
import uvicorn
from playwright.sync_api import expect, sync_playwright

from songscape.web.api.guards import Hosts
from songscape.web.api.parts_engine import PartsEngine
from songscape.web.app import make_app

PATIENCE = 60_000
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SOFTWARE_WEBGL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--no-sandbox"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(parts):
    """Where a server in a thread of this process answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        app = make_app(PartsEngine(parts), Hosts("127.0.0.1"))
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def page(address):
    assert CHROMIUM, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SOFTWARE_WEBGL, timeout=120_000)
        page = browser.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(address)
        ready(page)
        yield page
        browser.close()


def ready(page):
    page.locator("html[data-ready]").wait_for(state="attached", timeout=120_000)


def test_the_page_says_that_the_map_is_a_sample(page):
    expect(page.locator("#look")).to_contain_text("lists and searches go over all 800 tracks", timeout=PATIENCE)


def test_a_track_that_is_not_on_the_map_is_found_listed_and_kept(page, parts, tracks):
    n = len(parts.model.catalog)
    off_map = sorted(set(range(len(parts))) - set(parts.model_rows.tolist()))
    row = next(
        row
        for row in off_map
        if tracks["title"][row] and tracks["title"][row].isascii() and tracks["genres"][row] is not None
    )
    page.goto(f"{page.url.split('#')[0]}#o=track.{n + row}")
    page.reload()
    ready(page)
    expect(page.locator("#look h2")).to_have_text(tracks["title"][row], timeout=PATIENCE)
    expect(page.locator("#look")).to_contain_text(tracks["genres"][row][0])
    expect(page.locator("#look ul.tracks li").first).to_be_visible(timeout=PATIENCE)
    page.locator("#look .row button").first.click()  # add
    page.locator("#look .row button").nth(1).click()  # more like this
    expect(page.locator("#basket .entry")).to_have_count(11, timeout=PATIENCE)
    expect(page.locator("#basket .entry").first).to_contain_text(tracks["title"][row])
    prices = page.locator("#basket .step > .count").all_inner_texts()
    assert len(prices) == 10
    assert all(0.0 <= float(price) < 3.0 for price in prices)
    page.wait_for_timeout(600)  # the address is written
    kept = page.locator("#basket .entry .name").all_inner_texts()
    page.reload()
    ready(page)
    expect(page.locator("#basket .entry")).to_have_count(11, timeout=PATIENCE)
    assert page.locator("#basket .entry .name").all_inner_texts() == kept
    page.locator("[role=tab][aria-controls=basket]").click()
    with page.expect_download() as download:
        page.locator("#save-csv").click()
    assert tracks["title"][row] in download.value.path().read_text("utf-8-sig")
    page.locator("#list-order").click()
    expect(page.locator("#basket.busy")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator("#basket .entry")).to_have_count(11)
    assert page.faults == []


def test_rows_that_there_are_not_are_left_out(page):
    page.goto(f"{page.url.split('#')[0]}#b=5.zzzzz&o=track.999999")
    page.reload()
    ready(page)
    expect(page.locator("#basket .entry")).to_have_count(1, timeout=PATIENCE)
    assert page.faults == []
