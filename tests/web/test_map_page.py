"""The offline file in a browser, opened from the disk: seen, searched, filtered, selected, saved, restored."""

from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from matplotlib.image import imread
from playwright.sync_api import expect
from web_pages import eventually, find, idle, ready, rows_of, settle, state_of, type_query

import songscape
from songscape.playlist.formats import read_playlist

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def map_file(atlas, tmp_path_factory) -> Path:
    return songscape.export_map(atlas, tmp_path_factory.mktemp("map") / "map.html")


@pytest.fixture
def open_map(watch, map_file):
    """Open the file with an address; afterwards nothing was asked outside, and no error was told."""
    pages = []

    def opened(address="", file=map_file, first="", **options):
        pages.append(watch(**options))
        page = pages[-1].page
        page.add_init_script(first)
        page.goto(f"{file.as_uri()}{address}")
        ready(page)
        return page

    yield opened
    for one in pages:
        assert [url for url in one.asked if not url.startswith(("file:", "blob:", "data:"))] == []
        assert one.faults == []


def pixels(page):
    """The map as it looks, without names: red, green, blue in [0, 1]."""
    settle(page)
    image = imread(BytesIO(page.locator("#map").screenshot()))
    return image[40:-90, 60:-40, :3]  # without buttons and note


def colorful(page):
    """How many pixels have a color, and not a grey."""
    found = pixels(page)
    return int((np.ptp(found, axis=2) > 0.15).sum())


def shown(page):
    """How many tracks are lit, as the page says."""
    return int(page.locator("#left-of").inner_text().split()[0].replace(",", ""))


def address_of(page):
    settle(page)
    return page.evaluate("location.hash")


def zoom_of(page):
    return float(state_of(page).get("v", "0%2C0%2C0").split("%2C")[2])


def test_the_points_are_seen(open_map, atlas):
    page = open_map("#l=0")
    assert colorful(page) > len(atlas.catalog)  # several pixels a point
    found = pixels(page).reshape(-1, 3)
    assert len(np.unique((found * 20).astype(int), axis=0)) > 20
    page.evaluate("document.querySelectorAll('#map canvas')[1].remove()")  # without the points nothing is left
    assert colorful(page) < 20


def test_filtered_points_turn_grey_and_do_not_vanish(open_map):
    page = open_map("#l=0")
    bright, background = colorful(page), pixels(page)[0, 0]
    inked = int((np.abs(pixels(page) - background).max(axis=2) > 0.04).sum())
    page.locator("#filters summary", has_text="Year").wait_for()
    page.locator("#from-year").fill("2090")
    page.keyboard.press("Tab")
    assert shown(page) == 0
    assert colorful(page) < 0.02 * bright
    assert int((np.abs(pixels(page) - background).max(axis=2) > 0.04).sum()) > 0.5 * inked


def test_filters_combine_and_count_as_the_table_does(open_map, atlas):
    page = open_map()
    page.locator("#from-year").fill("1990")
    page.keyboard.press("Tab")
    page.locator("summary", has_text="Emotion").click()
    page.locator("label", has_text="joy").locator("input").check()
    table = atlas.table()
    expected = table.filter(pl.col("year") >= 1990, pl.col("emotion") == "joy")
    assert 0 < len(expected) < len(table)
    expect(page.locator("#left-of")).to_contain_text(f"{len(expected):,} of {len(table):,}")
    page.locator("#clear-filters").click()
    assert shown(page) == len(table)


def test_a_brush_over_a_histogram_filters(open_map, atlas):
    page = open_map()
    box = page.locator("details:has(#from-tempo) svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"], box["y"] + 20, steps=4)
    page.mouse.up()
    low = float(page.locator("#from-tempo").input_value())
    table = atlas.table()
    assert table["tempo"].min() < low < table["tempo"].max()
    assert abs(shown(page) - len(table.filter(pl.col("tempo") >= low - 0.125))) <= 2  # steps of a quarter


def test_color_and_legend(open_map, atlas):
    page = open_map("#l=0")
    before = pixels(page)
    page.locator("#color").select_option("emotion")
    assert np.abs(pixels(page) - before).max() > 0.3
    counts = atlas.table()["emotion"].value_counts()
    joy = counts.filter(pl.col("emotion") == "joy")["count"].item()
    item = page.locator(".legend .item", has_text="joy")
    expect(item.locator(".count")).to_have_text(f"{joy:,}")
    item.click()
    assert shown(page) == joy
    expect(item).to_have_attribute("aria-pressed", "true")
    page.locator("#color").select_option("map_trust")
    assert shown(page) == len(atlas.catalog)
    assert page.locator(".legend .item").count() >= 4
    for name in page.locator("#color option").evaluate_all("all => all.map(one => one.value)"):
        page.locator("#color").select_option(name)
        expect(page.locator(".legend .item").first).to_be_visible()


FOUND = {
    "script alert": "<script>alert(1)</script>",
    "ЕЛКА наташа": "Ёлка и Наташа",
    "елка натаща": "Ёлка и Наташа",  # a typo
    "グリズリー": "グリズリー・ブルース",
    "ブルース": "グリズリー・ブルース",  # no spaces in this script
    "etc passwd": "../../etc/passwd",
}


def test_search_finds_and_flies_there(open_map):
    page = open_map()
    for query, title in FOUND.items():
        type_query(page, query)
        expect(page.locator("#results li").first.locator(".name")).to_have_text(title)
    page.keyboard.press("Enter")
    expect(page.locator("#look h2")).to_have_text("../../etc/passwd")
    eventually(lambda: zoom_of(page) > 3, True)  # the flight takes a moment


def test_a_search_in_vain_says_so(open_map):
    page = open_map()
    type_query(page, "qqqqqqzzzz")
    expect(page.locator("#results")).to_contain_text("Nothing found")


def test_titles_of_any_kind_are_text(open_map, atlas):
    page = open_map()
    titles = atlas.catalog.tracks["title"].to_list()[:12]
    for row in range(12):
        page.evaluate("row => { location.hash = `o=track.${row}&b=${row.toString(36)}` }", row)
        wanted = "".join(sign for sign in titles[row] if sign > " ")[:50]
        eventually(lambda: page.locator("#look h2").text_content().replace(" ", "")[:50], wanted)
        eventually(lambda: page.locator("#basket .entry .name").text_content().replace(" ", "")[:50], wanted)
    assert page.locator("#look script, #look img, #basket script, #basket img").count() == 0
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def lasso(page, shape):
    """Draw a shape on the map, in shares of its box."""
    box = page.locator("#map").bounding_box()
    spots = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in shape]
    page.mouse.move(*spots[0])
    page.mouse.down()
    for spot in spots[1:]:
        page.mouse.move(*spot, steps=3)
    page.mouse.up()


def test_lasso_selects_and_compares(open_map, atlas):
    page = open_map()
    page.locator("#tool-lasso").click()
    lasso(page, [(0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98), (0.02, 0.05)])
    everything = shown(page)
    assert everything > 0.95 * len(atlas.catalog)
    page.locator("#tool-rectangle").click()
    lasso(page, [(0.02, 0.02), (0.5, 0.98)])
    half = shown(page)
    assert 0 < half < everything
    expect(page.locator("#chosen h2")).to_have_text(f"{half:,} tracks selected")
    assert page.locator("#chosen table.compare tbody tr").count() >= 8
    page.locator("#map").focus()
    page.keyboard.press("Escape")
    assert shown(page) == len(atlas.catalog)


def test_a_group_has_a_card_and_can_be_selected(open_map, atlas):
    page = open_map("#o=group.coarse.0")
    card = atlas.cards["coarse"][0]
    expect(page.locator("#look h2")).to_have_text(card["name"])
    expect(page.locator("#look")).to_contain_text(card["verdict"])
    page.locator("#look button", has_text="Select the group").click()
    assert shown(page) == (atlas.table()["group_coarse"] == card["name"]).sum()


def test_a_playlist_from_seed_to_file(open_map, atlas, tmp_path):
    page = open_map("#o=track.40")
    page.locator("#look button", has_text="More like this").click()
    entries = page.locator("#basket .entry")
    expect(entries).to_have_count(11)
    first = entries.first.locator(".name").inner_text()
    page.locator("#lock-0").click()
    page.locator("#list-order").click()
    idle(page)
    expect(entries.first.locator(".name")).to_have_text(first)
    expect(page.locator("#basket .step.worst")).to_have_count(1)
    expect(page.locator("svg.arc polyline")).to_have_count(3)
    page.locator("#down-1").click()
    page.locator("#remove-10").click()
    expect(entries).to_have_count(10)
    page.locator("#list-undo").click()
    expect(entries).to_have_count(11)
    rows = rows_of(page)
    songs = atlas.song_of[rows]
    assert len(set(songs.tolist())) == 11
    for kind in ("m3u8", "xspf", "jspf", "csv"):
        with page.expect_download() as download:
            page.locator(f"#save-{kind}").click()
        target = tmp_path / f"list.{kind}"
        download.value.save_as(target)
        items = read_playlist(target).items
        assert len(items) == 11
        assert [item.title for item in items][1] in atlas.catalog.tracks["title"].to_list()


def test_a_journey_joins_its_ends_and_is_drawn(open_map):
    page = open_map("#b=1e.fu&l=0&p=0")
    before = pixels(page)
    page.locator("#list-length").fill("9")
    page.locator("#list-length").press("Tab")
    page.locator("#list-journey").click()
    expect(page.locator("#basket .entry")).to_have_count(9)
    rows = rows_of(page)
    assert (rows[0], rows[-1]) == (int("1e", 36), int("fu", 36))
    page.locator("#list-path").check()
    assert (np.abs(pixels(page) - before).max(axis=2) > 0.2).sum() > 300


def test_csv_is_harmless_in_a_spreadsheet(open_map):
    page = open_map("#b=2.0")
    with page.expect_download() as download:
        page.locator("#save-csv").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK" in text
    assert ",=HYPERLINK" not in text.replace('"', "")


def test_a_link_restores_everything(open_map):
    page = open_map("#l=0")
    page.locator("#color").select_option("energy")
    page.locator("#from-year").fill("1980")
    page.keyboard.press("Tab")
    page.locator("#tool-rectangle").click()
    lasso(page, [(0.1, 0.1), (0.6, 0.9)])
    page.locator("#heat").click()
    page.locator("#zoom-in").click()
    page.locator("#tab-basket").click()
    page.locator("#list-name").fill("Ночь & день")
    page.keyboard.press("Tab")
    left, picture = page.locator("#left-of").inner_text(), pixels(page)
    again = open_map(address_of(page))
    assert again.locator("#left-of").inner_text() == left
    assert again.locator("#color").input_value() == "energy"
    assert again.locator("#list-name").input_value() == "Ночь & день"
    assert np.abs(pixels(again) - picture).mean() < 0.01


@pytest.mark.parametrize(
    "address", ["#v=1,2&c=none&f=energy:x;nothing:1~2&s=lasso.1&o=track.99999999&b=zzzzzz.!&i=x", "#%%%"]
)
def test_a_broken_link_opens_the_whole_map(open_map, address, atlas):
    assert shown(open_map(address)) == len(atlas.catalog)


def test_by_keyboard_alone(open_map):
    page = open_map()
    everything = shown(page)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("etc passwd")
    expect(page.locator("#results")).to_have_attribute("data-query", "etc passwd")
    page.keyboard.press("Enter")
    expect(page.locator("#look h2")).to_have_text("../../etc/passwd")
    page.keyboard.press("a")
    page.keyboard.press("n")
    page.keyboard.press("a")
    expect(page.locator("#basket .entry")).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(page.locator("#basket .entry")).to_have_count(1)
    before = address_of(page)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("+")
    assert address_of(page) != before
    page.keyboard.press("v")
    seen = shown(page)
    expect(page.locator("#chosen h2")).to_have_text(f"{seen:,} tracks selected")
    assert 0 < seen < everything
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert shown(page) == everything
    page.keyboard.press("c")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "item"
    page.keyboard.press("Enter")
    expect(page.locator(".legend .item[aria-pressed=true]")).to_have_count(1)


def test_everything_that_can_be_pressed_has_a_name(open_map):
    page = open_map("#o=track.3&b=1.2.3&s=group.coarse.0")
    nameless = page.evaluate(
        """[...document.querySelectorAll("button, input, select, a, [role=tab], [role=img]")]
            .filter((node) => !(node.getAttribute("aria-label") || node.labels?.length || node.textContent.trim()))
            .map((node) => node.outerHTML)"""
    )
    assert nameless == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))


def test_russian_and_dark(open_map):
    page = open_map(locale="ru-RU", color_scheme="dark")
    expect(page.locator("#tab-basket")).to_contain_text("Плейлист")
    assert pixels(page)[0, 0].max() < 0.2
    page.locator("#language").click()
    expect(page.locator("#tab-basket")).to_contain_text("Playlist")
    page.locator("#theme").click()
    assert pixels(page)[0, 0].min() > 0.8


@pytest.mark.parametrize("size", [(1024, 640), (1366, 1024)])
def test_nothing_is_cut_off_on_small_screens(open_map, size):
    page = open_map(viewport={"width": size[0], "height": size[1]}, has_touch=True)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    for name in ("#map", "#search", "#tab-basket", "#color", "#zoom-all", "#help-open"):
        box = page.locator(name).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]
        assert box["y"] + min(box["height"], 40) <= size[1]
    page.locator("#map").tap(position={"x": 200, "y": 200})
    assert page.locator("#map").bounding_box()["width"] > 400


@pytest.mark.parametrize("n_tracks", [4, 60])
def test_a_poor_catalog_opens_too(open_map, tmp_path, n_tracks):
    """No artists, genres, years, groups: what is not known is not shown, and nothing breaks."""
    rng = np.random.default_rng(0)
    tracks = pl.DataFrame(
        {"title": [f"t{row}" for row in range(n_tracks)], "energy": rng.random(n_tracks), "tempo": 99.0}
    )
    atlas = songscape.build_atlas(songscape.read_catalog(tracks))
    page = open_map("#o=track.1&b=0.1.2", file=songscape.export_map(atlas, tmp_path / "poor.html"))
    assert shown(page) == n_tracks
    expect(page.locator("#look h2")).to_have_text("t1")
    expect(page.locator("#basket .entry")).to_have_count(3)
    page.locator("#tab-basket").click()
    page.locator("#list-order").click()
    idle(page)
    page.locator("#list-journey").click()
    idle(page)
    type_query(page, "t2")
    expect(page.locator("#results li").first.locator(".name")).to_have_text("t2")


def test_without_webgl_the_rest_works(open_map):
    page = open_map(
        "#f=year:1990~2000",
        first="""const real = HTMLCanvasElement.prototype.getContext;
            HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
              return kind === "webgl2" ? null : real.call(this, kind, ...rest);
            };""",
    )
    expect(page.locator("#note")).to_contain_text("WebGL 2")
    assert shown(page) > 0
    find(page, "etc passwd")
    expect(page.locator("#look h2")).to_have_text("../../etc/passwd")
    page.locator("#look button", has_text="Show on the map").click()
    page.locator("#look button", has_text="More like this").click()
    expect(page.locator("#basket .entry").nth(1)).to_be_visible()
