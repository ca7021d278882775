"""The map picture: plain data first, then the two files."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from songscape.drawing.map import HEIGHT, MAX_BADGES, MAX_ROWS, WIDTH, color_labels, draw_map, picture_map, write_map
from songscape.drawing.palette import ENOUGH, NOISE, PALETTE, color_distances
from songscape.drawing.raster import Frame, neighbors_on_map
from songscape.errors import InputError

SVG = "{http://www.w3.org/2000/svg}"


def blobs(
    n_clusters: int, per_cluster: int, noise: int = 0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centers = rng.uniform(0, 100, (n_clusters, 2))
    labels = np.repeat(np.arange(n_clusters), per_cluster)
    points = centers[labels] + rng.normal(0, 1.0, (len(labels), 2))
    points = np.concatenate([points, rng.uniform(0, 100, (noise, 2))])
    return points[:, 0], points[:, 1], np.append(labels, np.full(noise, -1)).astype(np.int32)


def texts(path: Path) -> list[str]:
    return ["".join(element.itertext()) for element in ElementTree.parse(path).iter(f"{SVG}text")]


def test_plain_data_of_a_small_map() -> None:
    x, y, labels = blobs(3, 20, noise=15)
    labels[labels == 0] = 7  # numbers stay as they are, gaps included
    picture = picture_map(x, y, labels, names={7: "calm"})
    assert [(row.label, row.name, row.size) for row in picture.legend] == [(1, "", 20), (2, "", 20), (7, "calm", 20)]
    assert picture.legend[0].share == pytest.approx(20 / 75)
    assert {badge.label for badge in picture.badges} == {1, 2, 7}
    assert picture.noise == "noise: 15 tracks (20.0%)"
    assert picture.more == ""
    assert picture.caption.startswith("75 tracks · 3 clusters (HDBSCAN) · 20.0% noise")
    assert "axes have no unit" in picture.caption
    assert set(picture.colors) == {1, 2, 7}


def test_clusters_come_by_number_and_only_some_are_listed() -> None:
    sizes = np.arange(60, 0, -1)
    labels = np.repeat(np.arange(60), sizes)
    rng = np.random.default_rng(0)
    picture = picture_map(rng.uniform(0, 9, len(labels)), rng.uniform(0, 9, len(labels)), labels)
    assert [row.label for row in picture.legend] == list(range(MAX_ROWS))
    rest = sizes[MAX_ROWS:].sum() / sizes.sum()
    assert picture.more == f"… and 34 more clusters: {rest:.1%} of the tracks"
    assert len(picture.badges) <= MAX_BADGES
    assert {badge.label for badge in picture.badges} <= set(range(MAX_BADGES))
    assert picture.noise == ""


def test_badges_stand_near_the_densest_place() -> None:
    x, y, labels = blobs(6, 500)
    picture = picture_map(x, y, labels)
    frame = Frame.around(x, y, picture.pixels.shape[1], picture.pixels.shape[0])
    for badge in picture.badges:
        column, row = frame.pixels(x[labels == badge.label], y[labels == badge.label])
        middle = np.array([np.median(column), np.median(row)])
        assert np.abs(middle - (badge.anchor_x, badge.anchor_y)).max() < 1.2 * frame.scale


def test_neighbors_on_a_crowded_map_get_clearly_different_colors() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.uniform(0, 1, (2, 40_000))
    seeds = rng.uniform(0, 1, (150, 2))
    labels = ((x[:, None] - seeds[:, 0]) ** 2 + (y[:, None] - seeds[:, 1]) ** 2).argmin(axis=1)
    labels = np.argsort(np.argsort(-np.bincount(labels), kind="stable"))[labels].astype(np.int32)
    picture = picture_map(x, y, labels)
    gaps = color_distances(PALETTE)
    frame = Frame.around(x, y, picture.pixels.shape[1], picture.pixels.shape[0])
    neighbors = neighbors_on_map(frame, frame.pixels(x, y), labels)
    assert np.mean([len(beside) for beside in neighbors]) > 4
    shade = [PALETTE.index(picture.colors[label]) for label in range(150)]
    between = np.array([gaps[shade[i], shade[j]] for i, beside in enumerate(neighbors) for j in beside])
    assert between.min() >= 18
    assert (between >= ENOUGH).mean() > 0.97
    control = np.array([gaps[i % 12, j % 12] for i, beside in enumerate(neighbors) for j in beside])
    assert control.min() == 0.0
    assert (control >= ENOUGH).mean() < 0.8


@pytest.mark.parametrize(
    ("n", "labels", "n_badges"),
    [(0, [], 0), (1, [-1], 0), (1, [0], 1), (2, [0, 0], 1), (50, [-1] * 50, 0), (50, [0] * 50, 1)],
)
def test_few_points(n: int, labels: list[int], n_badges: int, tmp_path: Path) -> None:
    x = np.arange(n, dtype=np.float32)
    picture = picture_map(x, 0 * x, labels)
    assert len(picture.badges) == len(picture.legend) == n_badges
    assert picture.caption.startswith(f"{n} track{'' if n == 1 else 's'} · ")
    write_map(draw_map(picture), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.png", "map.svg"]


def test_points_on_one_spot() -> None:
    picture = picture_map(np.ones(500), np.ones(500), np.repeat([0, 1], 250))
    assert len(picture.badges) == 2


def test_two_thousand_clusters() -> None:
    picture = picture_map(*blobs(2000, 6))
    assert len(picture.legend) == MAX_ROWS
    assert 0.8 * MAX_BADGES <= len(picture.badges) <= MAX_BADGES
    assert len(picture.colors) == 2000
    assert "1\u2009974 more clusters" in picture.more


def test_order_of_rows_does_not_matter() -> None:
    x, y, labels = blobs(8, 100, noise=200)
    order = np.random.default_rng(5).permutation(len(x))
    one, other = picture_map(x, y, labels), picture_map(x[order], y[order], labels[order])
    assert one.colors == other.colors
    assert one.legend == other.legend
    assert np.abs(one.pixels.astype(int) - other.pixels).max() <= 1  # sums of colors in another order


def test_input_is_left_alone() -> None:
    x, y, labels = blobs(3, 30)
    before = x.copy(), y.copy(), labels.copy()
    picture_map(x, y, labels)
    for array, kept in zip((x, y, labels), before, strict=True):
        np.testing.assert_array_equal(array, kept)


def test_both_files(tmp_path: Path) -> None:
    title, name = 'Música <b> & "песни" 夢 $x$', "spoken_words $1 & more of them"
    picture = picture_map(*blobs(30, 50, noise=400), names={3: name})
    write_map(draw_map(picture, title=title), tmp_path)
    png = (tmp_path / "map.png").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (WIDTH, HEIGHT)
    words = texts(tmp_path / "map.svg")
    assert title in words
    assert picture.caption in words
    assert picture.noise in words
    assert {"spoken_words $1 &", "more of them"} <= set(words)
    for badge in picture.badges:
        assert str(badge.label) in words
    root = ElementTree.parse(tmp_path / "map.svg").getroot()
    (image,) = root.iter(f"{SVG}image")
    assert image.get("{http://www.w3.org/1999/xlink}href", "").startswith("data:image/png;base64,")
    assert len(list(root.iter(f"{SVG}path"))) < 300


def test_noise_is_grey_and_swatches_are_the_colors_of_the_map(tmp_path: Path) -> None:
    picture = picture_map(*blobs(5, 40, noise=60))
    write_map(draw_map(picture), tmp_path)
    svg = (tmp_path / "map.svg").read_text("utf-8").lower()
    for color in (*picture.colors.values(), NOISE):
        assert f"fill: {color.lower()}" in svg


def test_same_map_same_bytes_without_dates(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_map(draw_map(picture_map(*blobs(12, 60, noise=100)), title="Same"), tmp_path / name)
    for file in ("map.png", "map.svg"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    svg = (tmp_path / "one" / "map.svg").read_text("utf-8")
    assert not re.search(r"<dc:date>|20\d\d-\d\d-\d\d", svg)
    assert b"matplotlib" not in (tmp_path / "one" / "map.png").read_bytes()[:400].lower()


def test_many_tracks_make_small_files(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(0, 1, (2, 200_000))
    labels = np.where(rng.random(200_000) < 0.4, -1, (np.arctan2(y, x) * 8).astype(int) + 30).astype(np.int32)
    write_map(draw_map(picture_map(x, y, labels)), tmp_path)
    for file in ("map.png", "map.svg"):
        assert (tmp_path / file).stat().st_size < 3_000_000


@pytest.mark.parametrize(
    ("x", "y", "labels", "match"),
    [
        ([0.0, 1.0], [0.0], [0, 0], r"equally long. Got shapes \(2,\) and \(1,\)"),
        ([[0.0]], [[0.0]], [0], "one-dimensional"),
        ([0.0, np.nan], [0.0, 1.0], [0, 0], "x must be finite"),
        ([0.0, 1.0], [0.0, np.inf], [0, 0], "y must be finite"),
        ([0.0, 1.0], [0.0, 1.0], [0], "labels must be one-dimensional with 2 entries"),
        ([0.0, 1.0], [0.0, 1.0], [0, -2], "must be −1"),
    ],
)
def test_unusable_input_is_told(x: list[float], y: list[float], labels: list[int], match: str) -> None:
    with pytest.raises(InputError, match=match):
        picture_map(x, y, labels)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be written to .*nowhere"):
        write_map(draw_map(picture_map([0.0], [0.0], [0])), tmp_path / "nowhere")


def test_matplotlib_is_loaded_only_when_drawing_and_never_pyplot() -> None:
    code = (
        "import sys; from songscape.drawing.map import picture_map, draw_map\n"
        "picture = picture_map([0.0, 1.0], [0.0, 1.0], [0, 0]); assert 'matplotlib' not in sys.modules\n"
        "draw_map(picture); assert 'matplotlib' in sys.modules and 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_colors_alone_are_those_of_the_picture():
    rng = np.random.default_rng(3)
    labels = rng.integers(-1, 20, 500)
    x, y = rng.normal(size=(2, 500)) + labels
    colors = {label: PALETTE[place] for label, place in color_labels(x, y, labels).items()}
    assert colors == picture_map(x, y, labels).colors


def test_long_names_take_two_lines():
    names = {
        0: "Energetic electric · joyful · rock",
        1: "Quiet",
        2: "x" * 60,
        3: "one two three four five six seven eight nine ten",
    }
    figure = draw_map(picture_map([0.0, 1, 2, 3], [0.0, 1, 2, 3], [0, 1, 2, 3], names=names, what="group"))
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert "Energetic electric ·\njoyful · rock" in texts
    assert "Quiet" in texts
    assert "one two three four\nfive six seven eight…" in texts
    assert all(len(line) <= 21 for text in texts for line in text.split("\n") if "x" * 9 in text)
