"""The page as a whole: each item once, whatever the data hold, the same bytes each time, nothing from elsewhere."""

import copy
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from songscape.errors import InputError
from songscape.report import render_page, write_page

VOID = {"meta", "img", "input", "link", "br"}
MEGABYTE = 2**20


class Outline(HTMLParser):
    """The elements of a page, and whether each is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def outline(html: str) -> Outline:
    parser = Outline()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


def items_of(page) -> list[str]:
    return [item["id"] for section in page["sections"] for item in section["items"]]


def test_every_section_and_item_is_there_once_in_order(page, plain_html):
    seen = outline(plain_html)
    assert [one["id"] for one in seen.all("article")] == items_of(page)
    sections = [section["id"] for section in page["sections"]]
    assert [one["id"] for one in seen.all("section") if "id" in one] == sections
    links = [one["href"] for one in seen.all("a")]
    assert [link for link in links if link.removeprefix("#") in sections] == [f"#{name}" for name in sections]
    words = " ".join(seen.words)
    for text in (page["title"], *(item["title"] for section in page["sections"] for item in section["items"])):
        assert text in words


def test_ids_are_unique_and_links_lead_somewhere(plain_html, awkward_html):
    for html in (plain_html, awkward_html):
        seen = outline(html)
        ids = [attributes["id"] for _, attributes in seen.tags if attributes.get("id")]
        assert len(ids) == len(set(ids))
        assert {link["href"] for link in seen.all("a")} <= {f"#{name}" for name in ids}


def test_every_figure_has_words_and_a_table_of_its_numbers(plain_html):
    seen = outline(plain_html)
    svgs = seen.all("svg")
    assert len(svgs) == 9 + 7  # one of each kind that is drawn, and the panels
    assert all(svg["role"] == "img" and len(svg["aria-label"]) > 20 for svg in svgs)
    assert [image["alt"] for image in seen.all("img")] == ["A map of 3 tracks."]
    assert len(seen.all("details")) == 10
    assert len(seen.all("table")) == len(svgs) + 1 == len(seen.all("caption"))
    assert "90\u202f123" in plain_html


def test_each_figure_is_valid_xml(plain_html, awkward_html):
    for html in (plain_html, awkward_html):
        svgs = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
        assert len(svgs) > 10
        for svg in svgs:
            assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(plain_html, awkward_html):
    for html in (plain_html, awkward_html):
        seen = outline(html)
        assert not seen.all("script") + seen.all("link") + seen.all("iframe")
        sources = [attributes.get(key) for _, attributes in seen.tags for key in ("src", "href", "xlink:href")]
        assert all(source.startswith(("#", "data:image/png;base64,")) for source in sources if source)
        assert not [key for _, attributes in seen.tags for key in attributes if key.startswith("on")]
        style = html[html.index("<style>") : html.index("</style>")]
        assert "url(" not in style
        assert "@import" not in style


def test_what_titles_hold_is_text(awkward_html):
    html = awkward_html
    assert "<script" not in html
    assert "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; " in html
    assert "\x00" not in html
    html.encode("utf-8")


def test_an_image_cannot_break_out(page):
    image = next(item for item in page["sections"][1]["items"] if item["id"] == "image")
    image["figure"]["alt"] = '"><script>'
    assert "<script" not in render_page(page)
    image["figure"]["png"] = 'x" onload="alert(1)'
    with pytest.raises(InputError, match="image of item 'image' must be PNG data in base64"):
        render_page(page)


def test_every_color_of_a_figure_is_given_for_light_and_dark(plain_html, awkward_html):
    html = plain_html + awkward_html
    used = set(re.findall(r"var\(--([\w-]+)\)", html))
    light, dark = html.split("prefers-color-scheme: dark", 1)
    assert len(used) > 20
    for name in used:
        assert f"--{name}:" in light
        assert f"--{name}:" in dark[:4000], name


def test_the_same_data_give_the_same_bytes(page, plain_html, tmp_path):
    (tmp_path / "page.json").write_text(json.dumps(page), encoding="utf-8")
    code = (
        "import hashlib, json, sys; from songscape.report import render_page;"
        "print(hashlib.sha256(render_page(json.load(open(sys.argv[1], encoding='utf-8'))).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code, tmp_path / "page.json"],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": "", "SOURCE_DATE_EPOCH": seed, "MPLCONFIGDIR": str(tmp_path)},
        ).stdout
        for seed in ("1",)
    }
    assert seen == {hashlib.sha256(plain_html.encode()).hexdigest() + "\n"}


def test_other_data_give_another_page(page, plain_html):
    before = plain_html
    page["sections"][1]["items"][0]["figure"]["values"][0] += 1
    assert render_page(page) != before


def test_both_files_are_written_and_nothing_else(page, plain_html, tmp_path):
    before = json.dumps(page)
    write_page(page, tmp_path / "report.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json"]
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == plain_html
    data = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    figure = next(item for item in page["sections"][1]["items"] if item["id"] == "image")["figure"]
    del figure["png"]
    assert data == page
    assert json.dumps(page) != before  # only the pixels, taken out here, are not in the JSON
    assert list(data) == sorted(data)


def test_a_page_is_written_over_an_old_one(page, tmp_path):
    (tmp_path / "report.html").write_text("old")
    write_page(page, str(tmp_path / "report.html"))
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_place_where_nothing_can_be_written_is_told(page, tmp_path):
    with pytest.raises(InputError, match=r"report cannot be written to .*nowhere"):
        write_page(page, tmp_path / "nowhere" / "report.html")
    with pytest.raises(InputError, match="The report is an HTML file"):
        write_page(page, tmp_path / "report.json")
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(InputError, match=r"cannot be written to .*folder\.html"):
        write_page(page, tmp_path / "folder.html")
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]


def test_sizes_stay_small(plain_html, awkward_html):
    assert len(plain_html.encode()) < 0.4 * MEGABYTE
    assert len(awkward_html.encode()) < 1.5 * MEGABYTE


def test_long_facts_are_lines_of_which_some_are_folded(awkward_html):
    card = awkward_html[awkward_html.index('<article id="card"') : awkward_html.index('<article id="nothing"')]
    first, folded = card.split('<details class="more">')
    assert first.count("<dt>") == 5
    assert folded.count("<dt>") == 4
    assert first.count("<span>") == 15
    assert "small rooms (1; 2);</span>" in first
    assert "last 8</span>" in folded


def test_the_page_may_be_short():
    html = render_page({"title": "Empty", "sections": []})
    assert outline(html).all("article") == []
    assert 'class="findings"' not in html


def test_data_stay_as_they_were(awkward):
    before = repr(awkward)
    render_page(awkward)
    assert repr(awkward) == before


def broken(page, change):
    change(page)
    return page


def test_folds_and_swatches(page):
    changed = copy.deepcopy(page)
    item = changed["sections"][0]["items"][1]
    item["table"]["swatches"] = [4, *[None] * (len(item["table"]["rows"]) - 1)]
    item["folds"] = [
        {"id": "card-1", "title": "1 · Folk & <rock>", "note": "3 songs", "facts": [["More of", "a; b"]]}
    ]
    html = render_page(changed)
    assert '<details id="card-1">' in html
    assert "<summary>1 · Folk &amp; &lt;rock&gt; <span>3 songs</span></summary>" in html
    assert html.count('class="swatch"') == 1 + render_page(page).count('class="swatch"')
    assert 'style="background:#66ccee"' in html


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda page: page.pop("title"), "The page must have title, sections. Missing: title"),
        (lambda page: page["sections"][0].pop("items"), "A section must have id, title, items. Missing: items"),
        (lambda page: page["sections"][0]["items"][0].pop("id"), "item of section 'overview' must have"),
        (lambda page: page["sections"][1].update(id="overview"), "unique on the page. 'overview' is there twice"),
        (lambda page: page["sections"][0]["items"][0].update(id="overview"), "'overview' is there twice"),
        (lambda page: page["sections"][0].update(id="Über uns"), "small letters a to z.* Got 'Über uns'"),
        (lambda page: page["sections"][0]["items"][1]["table"]["rows"][0].pop(), "'largest' must have 5 cells"),
        (
            lambda page: page["sections"][1]["items"][0]["figure"]["values"].append(float("nan")),
            "must be finite, None where undefined. Got nan in item or section 'bars'",
        ),
        (
            lambda page: page["sections"][0]["items"][1]["table"].update(swatches=[1]),
            "'largest' must have one swatch for each row",
        ),
        (
            lambda page: page["sections"][0]["items"][0].update(folds=[{"id": "overview", "title": "", "facts": []}]),
            "'overview' is there twice",
        ),
        (
            lambda page: page["sections"][0]["items"][0].update(folds=[{"id": "one", "title": ""}]),
            "A fold of item .* must have id, title, facts. Missing: facts",
        ),
        (lambda page: page["sections"][0].update(lead={1, 2}), "must be plain.*Got <class 'set'>"),
        (
            lambda page: page["sections"][1]["items"][0]["figure"]["values"].pop(),
            "'bars' do not fit each other",
        ),
    ],
)
def test_wrong_pages_are_told(page, change, message):
    with pytest.raises(InputError, match=message):
        render_page(broken(page, change))


def test_the_template_and_its_style_are_in_the_package():
    import songscape.report

    folder = Path(songscape.report.__file__).parent / "templates"
    assert {"page.html.j2", "page.css"} <= {path.name for path in folder.iterdir()}


def test_a_figure_is_not_blown_up_where_only_its_table_is_wide():
    bars = {"kind": "bars", "labels": ["a", "b"], "values": [2, 1], "unit": "tracks"}
    table = {"columns": ["a column whose head is long"] * 6, "rows": [["x" * 20] * 6], "align": "llllll"}
    item = {"id": "one", "title": "One", "note": "", "figure": bars, "table": table, "facts": None}
    section = {"id": "all", "title": "All", "lead": "", "items": [item]}
    html = render_page({"title": "T", "subtitle": "", "findings": [], "sections": [section]})
    assert re.search(r'<article[^>]*class="[^"]*wide', html)
    assert '<div class="picture">' in html
    assert '"picture broad"' not in html
