"""The page as a browser lays it out: three widths, dark, and on paper. Needs Chromium; under CI it must be there."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

WIDTHS = (1600, 1024, 420)

PROBE = """
<pre id="probe"></pre>
<script>
function outside(box) { return box.right > document.documentElement.clientWidth + 1 || box.left < -1; }
function scrolls(element) {
  for (let one = element; one; one = one.parentElement)
    if (/auto|scroll/.test(getComputedStyle(one).overflowX)) return true;
  return false;
}
addEventListener("load", () => {
  const found = {wide: document.documentElement.scrollWidth, room: document.documentElement.clientWidth};
  const parts = [...document.querySelectorAll("article, svg, img, table, h1, h2, h3, p, li, dd, dt, figcaption")];
  const lost = parts.filter(one => outside(one.getBoundingClientRect()) && !scrolls(one));
  found.outside = lost.map(one => one.outerHTML.slice(0, 90));
  const texts = [...document.querySelectorAll("svg text")];
  found.smallest = Math.min(...texts.map(one => {
    const turned = one.getScreenCTM();
    return parseFloat(getComputedStyle(one).fontSize) * Math.hypot(turned.a, turned.b);
  }));
  found.clipped = texts.filter(one => {
    const box = one.getBoundingClientRect(), sheet = one.ownerSVGElement.getBoundingClientRect();
    const across = box.right > sheet.right + 2 || box.left < sheet.left - 2;
    return across || box.bottom > sheet.bottom + 6 || box.top < sheet.top - 6;
  }).map(one => one.textContent);
  found.touching = [];
  for (const svg of document.querySelectorAll("svg")) {
    const own = [...svg.querySelectorAll("text")].filter(one => !/rotate/.test(one.getAttribute("transform") || ""));
    const boxes = own.map(one => one.getBoundingClientRect());
    for (let i = 0; i < own.length; i++) for (let j = 0; j < i; j++) {
      const across = Math.min(boxes[i].right, boxes[j].right) - Math.max(boxes[i].left, boxes[j].left);
      const down = Math.min(boxes[i].bottom, boxes[j].bottom) - Math.max(boxes[i].top, boxes[j].top);
      const high = Math.min(boxes[i].height, boxes[j].height);
      if (across > 2 && down > 0.6 * high) found.touching.push([own[j].textContent, own[i].textContent]);
    }
  }
  const articles = [...document.querySelectorAll("article")].map(one => one.getBoundingClientRect());
  found.piled = 0;
  for (const [i, one] of articles.entries()) for (const other of articles.slice(0, i)) {
    const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
    const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
    if (across > 1 && down > 1) found.piled++;
  }
  found.contents = getComputedStyle(document.querySelector(".contents ol")).display;
  document.getElementById("probe").textContent = "PROBE" + JSON.stringify(found) + "END";
});
</script>
"""


@pytest.fixture(scope="session")
def browser() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found:
        return found
    message = "Chromium must be on the path for these tests: apt-get install chromium"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def files(plain_html, awkward_html, tmp_path_factory) -> dict[str, Path]:
    """Each page as it is, and with a script that measures it."""
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for name, html in (("plain", plain_html), ("awkward", awkward_html)):
        found[name], found[f"{name}-probe"] = folder / f"{name}.html", folder / f"{name}-probe.html"
        found[name].write_text(html, encoding="utf-8")
        found[f"{name}-probe"].write_text(html.replace("</body>", f"{PROBE}</body>"), encoding="utf-8")
    return found


def run(browser: str, page: Path, *flags: str) -> str:
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
        f"--user-data-dir={page.parent / 'profile'}", *flags, page.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def measured(browser: str, page: Path, width: int) -> dict:
    # A window of headless Chromium is at least 500 pixels wide: a narrower page is shown in a frame of its width.
    frame = page.with_name(f"{page.stem}-{width}.html")
    frame.write_text(
        f'<body style="margin:0"><iframe src="{page.name}" width="{width}" height="900" style="border:0"></iframe>'
        "<pre></pre><script>addEventListener('load', () => { document.querySelector('pre').textContent ="
        " document.querySelector('iframe').contentDocument.getElementById('probe').textContent; });</script>",
        encoding="utf-8",
    )
    dom = run(browser, frame, "--allow-file-access-from-files", f"--window-size={max(width, 800)},900", "--dump-dom")
    found = re.search("PROBE(.*)END", dom)
    assert found, dom[-500:]
    return json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["plain", "awkward"])
def test_the_layout(browser, files, name, width):
    found = measured(browser, files[f"{name}-probe"], width)
    assert found["room"] == width
    assert found["wide"] <= width + 1
    assert found["outside"] == []
    assert found["piled"] == 0
    assert found["clipped"] == []
    assert found["touching"] == []
    assert found["smallest"] > 8.0
    assert found["contents"] == ("block" if width == 1600 else "none")


@pytest.mark.slow
def test_light_and_dark(browser, files, tmp_path):
    pictures = {}
    for mode, value in (("light", 1), ("dark", 0)):
        path = tmp_path / f"{mode}.png"
        flags = (f"--blink-settings=preferredColorScheme={value}", "--window-size=1200,2400", f"--screenshot={path}")
        run(browser, files["plain"], *flags)
        pictures[mode] = imread(path)[..., :3]
    light, dark = (np.median(pictures[mode]) for mode in ("light", "dark"))
    assert light > 0.9
    assert dark < 0.2
    colorful = {mode: (np.ptp(pixels, axis=2) > 0.3).mean() for mode, pixels in pictures.items()}
    assert min(colorful.values()) > 0.01


@pytest.mark.slow
def test_on_paper(browser, files, tmp_path):
    path = tmp_path / "plain.pdf"
    run(browser, files["plain"], f"--print-to-pdf={path}", "--no-pdf-header-footer")
    pages = len(re.findall(rb"/Type\s*/Page\b", path.read_bytes()))
    assert 3 <= pages <= 8


@pytest.mark.slow
def test_the_measures_see_what_is_wrong(browser, files):
    html = files["plain-probe"].read_text(encoding="utf-8")
    wrong = files["plain"].with_name("wrong.html")
    twice = (
        '<text style="font-size:5px" x="20" y="20">one</text><text style="font-size:5px" x="20" y="20">other</text>'
    )
    gone = '<text style="font-size:13px" x="9000" y="20">gone</text></svg>'
    html = html.replace("</svg>", twice + gone, 1).replace(
        '<p class="lead">', '<p class="lead" style="min-width:3000px">', 1
    )
    wrong.write_text(html.replace("</style>", ".item { margin-bottom: -60px; }</style>"), encoding="utf-8")
    found = measured(browser, wrong, 1024)
    assert ["one", "other"] in found["touching"]
    assert found["clipped"] == ["gone"]
    assert found["smallest"] < 8.0
    assert found["wide"] > 2000
    assert found["outside"]
    assert found["piled"] > 0
