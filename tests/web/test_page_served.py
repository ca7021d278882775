"""The page against the server, in a browser: the engine's answers arrive, titles stay text, no outside request."""

import subprocess
import sys

import pytest
from playwright.sync_api import expect
from web_pages import find, idle, ready, rows_of, settle

COMMAND = (sys.executable, "-c", "from songscape.cli import main; main()", "serve")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(atlas_folder):
    """Where a server of its own process answers."""
    process = subprocess.Popen([*COMMAND, str(atlas_folder), "--port", "0"], stdout=subprocess.PIPE, text=True)
    yield process.stdout.readline().strip().removeprefix("Songscape: ")
    process.kill()
    process.communicate()


@pytest.fixture
def watched(watch, address):
    """The page, ready; afterwards nothing was asked elsewhere."""
    found = watch()
    found.page.goto(address)
    ready(found.page)
    yield found
    assert [url for url in found.asked if not url.startswith((address, "data:", "blob:"))] == []


@pytest.fixture
def page(watched):
    """The same; afterwards no error was told, and nothing was refused."""
    yield watched.page
    assert watched.refused == []
    assert watched.faults == []


def basket(page):
    return page.locator("#basket .entry")


def test_the_points_are_there(page):
    """Pixels of many colors, not only a canvas."""
    settle(page)
    colors = page.evaluate(
        """async (bytes) => {
            const image = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: "image/png" }));
            const canvas = new OffscreenCanvas(image.width, image.height);
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0);
            const { data } = context.getImageData(0, 0, image.width, image.height);
            return new Set(new Uint32Array(data.buffer)).size;
        }""",
        list(page.locator("#map").screenshot()),
    )
    assert colors > 50


def test_search_asks_the_server_and_opens_a_track(page):
    with page.expect_response("**/api/search?**") as answer:
        find(page, "елка наташа")
    assert answer.value.status == 200
    expect(page.locator("#look h2")).to_have_text("Ёлка и Наташа")
    expect(page.locator("#look .member")).not_to_have_count(0)
    expect(page.locator("#look .tracks li")).not_to_have_count(0)


def test_titles_stay_text(page):
    for query, title in (
        ("script alert 1", "<script>alert(1)</script>"),
        ("img src x", "\"'><img src=x onerror=alert(1)>"),
    ):
        find(page, query)
        expect(page.locator("#look h2")).to_have_text(title)
    find(page, "x" * 40)
    expect(page.locator("#look h2")).to_contain_text("x" * 100)
    assert page.locator("#look script, #look img").count() == 0


def test_a_playlist_grows_is_ordered_and_becomes_a_journey(page):
    find(page, "グリズリー")
    with page.expect_response("**/api/playlists") as answer:
        page.locator("#look .row button").nth(1).click()
    made = [track["row"] for track in answer.value.json()["tracks"]]
    expect(basket(page)).to_have_count(11)
    assert set(rows_of(page)) >= {7, made[0]}
    before = rows_of(page)
    with page.expect_response("**/api/reorder"):
        page.locator("#list-order").click()
    idle(page)
    assert sorted(rows_of(page)) == sorted(before)
    with page.expect_response("**/api/journeys") as answer:
        page.locator("#list-journey").click()
    expect(basket(page)).to_have_count(20)
    assert rows_of(page) == [track["row"] for track in answer.value.json()["tracks"]]


def test_a_list_is_exported(page, address):
    page.goto(f"{address}#b=0.1.2.k.l")
    page.reload()
    ready(page)
    expect(basket(page)).to_have_count(5)
    with page.expect_download() as download:
        page.locator("#save-csv").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK" in text
    assert "<script>alert(1)</script>" in text


def test_what_the_server_refuses_is_told(watched):
    page = watched.page
    find(page, "グリズリー")
    refusal = {"error": {"code": "limits", "message": "Only 3 songs are left.", "details": None}}
    page.route("**/api/playlists", lambda route: route.fulfill(json=refusal, status=409))
    page.locator("#look .row button").nth(1).click()
    expect(page.locator("#note")).to_have_text("Only 3 songs are left.")
    assert basket(page).count() == 0
