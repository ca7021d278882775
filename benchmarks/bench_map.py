"""How large the map is as one file, how soon it shows, how smoothly it moves: in Chromium, with software WebGL.

    python benchmarks/bench_map.py ATLAS… [--out FOLDER]

Writes ``map.json`` and ``map.md``, and ends with an error if a target is missed. Without a graphics card a processor
draws the points, so frames take far longer here than on a laptop; the figures tell whether a change made them longer.
Where frames are slow, the page draws a part of the points while the map moves, and all of them at rest.
"""

import argparse
import dataclasses
import json
import os
import platform
import shutil
import statistics
import string
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl
from playwright.sync_api import Browser, sync_playwright

import songscape

MOST_MB, MOST_SECONDS = 20.0, 3.0
"""Targets for up to 200 000 tracks: megabytes of the file, seconds until the first picture."""

FRAMES = 40
SOFTWARE_WEBGL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--no-sandbox"]

# Pans by a few pixels a frame and returns the milliseconds between frames, each drawn to its end.
_PAN = """async (frames) => {
  const map = document.getElementById("map");
  const gl = map.querySelectorAll("canvas")[1].getContext("webgl2");
  const pixel = new Uint8Array(4);
  const times = [];
  for (let frame = 0; frame < frames; frame++) {
    const start = performance.now();
    const key = frame % 8 < 4 ? "ArrowLeft" : "ArrowRight";
    map.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await new Promise((resume) => requestAnimationFrame(() => requestAnimationFrame(resume)));
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    times.push(performance.now() - start);
  }
  return times;
}"""


@dataclass(frozen=True)
class Measured:
    """One map: its size, also if all tracks had ids and albums; times in seconds and milliseconds."""

    tracks: int
    megabytes: float
    named_megabytes: float
    export_seconds: float
    picture_seconds: float
    ready_seconds: float
    frame_ms: float
    slow_frame_ms: float

    @property
    def met(self) -> bool:
        """Whether size and first picture are within their targets, where there are any."""
        return self.tracks > 200_000 or (self.named_megabytes <= MOST_MB and self.picture_seconds <= MOST_SECONDS)


def main() -> int:
    """Measure, write, and tell which targets are missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("atlases", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SOFTWARE_WEBGL)
        warmed = browser.new_page()  # the first page pays for the start of the drawing process, whatever it shows
        warmed.evaluate("document.createElement('canvas').getContext('webgl2').finish()")
        warmed.close()
        found = [measured(browser, atlas) for atlas in options.atlases]
        version = browser.version
        browser.close()
    facts = {"machine": platform.processor() or platform.machine(), "chromium": version}
    options.out.mkdir(parents=True, exist_ok=True)
    whole = facts | {"measured": [asdict(one) | {"met": one.met} for one in found]}
    (options.out / "map.json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    page = render(found, version, load)
    (options.out / "map.md").write_text(page, encoding="utf-8")
    print(page)
    return 0 if all(one.met for one in found) else 1


def measured(browser: Browser, folder: Path) -> Measured:
    """Export an atlas, open the file, pan."""
    atlas = songscape.load_atlas(folder)
    with tempfile.TemporaryDirectory() as place:
        start = time.perf_counter()
        file = songscape.export_map(atlas, Path(place) / "map.html")
        exported = time.perf_counter() - start
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        start = time.perf_counter()
        page.goto(file.as_uri(), wait_until="commit")
        page.wait_for_selector("html[data-ready]", timeout=240_000)
        ready = time.perf_counter() - start
        drawn = page.evaluate("performance.getEntriesByName('first-picture')[0].startTime") / 1000
        page.wait_for_timeout(3000)  # what goes on in the background, such as the index of the search
        times = page.evaluate(_PAN, FRAMES)
        page.close()
        return Measured(
            tracks=len(atlas.catalog),
            megabytes=round(file.stat().st_size / 1e6, 1),
            named_megabytes=round(songscape.export_map(named(atlas), file).stat().st_size / 1e6, 1),
            export_seconds=round(exported, 1),
            picture_seconds=round(drawn, 2),
            ready_seconds=round(ready, 2),
            frame_ms=round(statistics.median(times), 1),
            slow_frame_ms=round(sorted(times)[int(0.95 * len(times))], 1),
        )


def named(atlas: songscape.Atlas) -> songscape.Atlas:
    """Return an atlas whose tracks all have a Spotify id and an album, three tracks to one; ids cannot be packed."""
    rng, tracks = np.random.default_rng(0), atlas.catalog.tracks
    signs = np.array([*string.digits, *string.ascii_letters])[rng.integers(0, 62, (len(tracks), 22))]
    titles = tracks["title"].gather(rng.integers(0, len(tracks), len(tracks) // 3 + 1))
    albums = titles.gather(np.sort(rng.integers(0, len(titles), len(tracks)))).alias("album")
    ids = pl.Series("id", ["".join(row) for row in signs])
    catalog = dataclasses.replace(atlas.catalog, tracks=tracks.with_columns(ids, albums))
    return dataclasses.replace(atlas, catalog=catalog)


def render(found: list[Measured], version: str, load: float) -> str:
    """Return the figures as a table."""
    lines = [
        f"Chromium {version}, WebGL by SwiftShader on {os.cpu_count()} cores ({platform.machine()}), load {load:.1f};"
        f" targets for 200 000 tracks: {MOST_MB:g} MB, first picture in {MOST_SECONDS:g} s.",
        "",
        "| tracks | file, MB | with Spotify ids and albums, MB | export, s | first picture, s | all there, s"
        " | frame while panning, ms (95 %) |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {one.tracks:,} | {one.megabytes} | {one.named_megabytes} | {one.export_seconds} | {one.picture_seconds}"
        f" | {one.ready_seconds} | {one.frame_ms} ({one.slow_frame_ms}) |"
        for one in found
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
