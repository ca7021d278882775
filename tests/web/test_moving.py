"""A map of many points on a slow machine: a part of them is drawn while it moves, all of them at rest."""

import pytest

from songscape.web.page import joined_modules

pytestmark = pytest.mark.slow

# A map of n points in a square of 400 pixels. The page's clock is ours: a frame takes as long as we say.
_OPEN = """async (n) => {
  document.body.innerHTML = "<div id=map style='position: relative; width: 400px; height: 400px'>" +
    "<canvas></canvas><canvas></canvas><canvas></canvas></div>";
  const [x, y] = [new Uint16Array(n), new Uint16Array(n)];
  for (let row = 0; row < n; row++) [x[row], y[row]] = [(row * 40503) & 65535, (row * 30011 + (row >> 4)) & 65535];
  const on = { hover() {}, pick() {}, pickGroup() {}, select() {}, moved() {} };
  const map = new module_map.MapView(document.getElementById("map"), { n, x, y, scales: [] }, on);
  map.setLooks(new Uint8Array(n), new Uint8Array(n).fill(1), [[200, 0, 0]], [220, 220, 220]);
  map.prepare();
  window.now = 1000;
  performance.now = () => window.now;
  window.map = map;
}"""

# Move a step a frame, each frame so many milliseconds after the last; return how many points each one drew.
_MOVE = """async ([frames, milliseconds]) => {
  const counts = [];
  for (let frame = 0; frame < frames; frame++) {
    window.now += milliseconds;
    map.camera.pan(frame % 2 ? 3 : -3, 0);
    map.draw();
    counts.push(map.renderer.count);
  }
  return counts;
}"""

# What is drawn once nothing has moved for a while, and how many pixels of the picture that gives.
_REST = """() => new Promise((resume) => {
  const look = () => {
    if (map.isMoving) return setTimeout(look, 20);
    map.draw();
    const { width, height } = map.canvas;
    const gl = map.canvas.getContext("webgl2");
    const data = new Uint8Array(4 * width * height);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, data);
    resume([map.renderer.count, data.filter((value, place) => place % 4 === 3 && value > 0).length]);
  };
  look();
})"""


@pytest.fixture
def page(browser):
    opened = browser.new_page()
    opened.set_content("<p></p>")
    opened.add_script_tag(content=joined_modules("map.js"))
    yield opened
    opened.close()


@pytest.mark.parametrize("n", [60_000, 200_000])
def test_slow_frames_draw_fewer_points_and_rest_draws_all(page, n):
    page.evaluate(_OPEN, n)
    page.evaluate(_REST)
    slow = page.evaluate(_MOVE, [8, 120])
    assert slow[0] == n  # nothing is known of the machine before the second frame
    assert slow == sorted(slow, reverse=True)
    assert slow[-1] == n // 16  # never fewer
    every, all_pixels = page.evaluate(_REST)
    assert every == n
    fast = page.evaluate(_MOVE, [8, 10])
    assert fast[-1] == n  # and it learns that the machine is fast after all
    assert all_pixels > 0.5 * 400 * 400 * 0.94**2


def test_a_part_of_the_points_covers_the_map(page):
    """Points of every place go first: the part is drawn through the same buffers with longer steps."""
    page.evaluate(_OPEN, 60_000)
    page.evaluate(_MOVE, [8, 120])
    part = page.evaluate(
        """() => {
          const { width, height } = map.canvas;
          map.renderer.draw(map.camera, { size: 2, alpha: 1 }, 1, 16);
          const gl = map.canvas.getContext("webgl2");
          const data = new Uint8Array(4 * width * height);
          gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, data);
          const tiles = new Set();
          for (let i = 0; i < width * height; i++) {
            if (data[4 * i + 3]) tiles.add(`${Math.floor((i % width) / 50)} ${Math.floor(i / width / 50)}`);
          }
          return [map.renderer.count, tiles.size];
        }"""
    )
    assert part == [60_000 // 16, 64]


def test_few_points_are_always_all_drawn(page):
    page.evaluate(_OPEN, 40_000)
    assert set(page.evaluate(_MOVE, [8, 120])) == {40_000}
