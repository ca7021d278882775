"""Each kind of figure: its numbers are in its text, what is odd does not stop it, nothing leaves the sheet."""

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.image import imread

from songscape.errors import InputError
from songscape.report.canvas import Canvas
from songscape.report.check import checked_page
from songscape.report.drawing import KINDS, PANEL_WIDTH, draw_svg, is_wide, view_figure
from songscape.report.numbers import GROUP, PERCENT
from songscape.report.plot import WIDE, WIDTH
from songscape.report.words import text_width

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def texts(svg: str) -> list[str]:
    """What is written, without what the pointer shows."""
    return [
        "".join([text.text or "", *(part.tail or "" for part in text)]) for text in parsed(svg).iter(f"{SVG}text")
    ]


def tips(svg: str) -> list[str]:
    return [title.text or "" for title in parsed(svg).iter(f"{SVG}title")]


def numbers_in(path: ElementTree.Element) -> np.ndarray:
    return np.array(re.findall(r"-?[\d.]+", path.get("d", "")), dtype=float).reshape(-1, 2)


def boxes(svg: str, color: str) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of the filled shapes of a color."""
    found = []
    for path in parsed(svg).iter(f"{SVG}path"):
        if f"fill:var(--{color})" in path.get("style", ""):
            points = numbers_in(path)
            found.append((*points.min(axis=0), *points.max(axis=0)))
    return found


def text_boxes(svg: str) -> list[tuple[float, float, float, float, str]]:
    """Left, top, right, bottom of the level texts, estimated as the figures do."""
    found = []
    for text in parsed(svg).iter(f"{SVG}text"):
        if "rotate" in text.get("transform", ""):
            continue
        style = dict(part.split(":") for part in text.get("style", "").split(";"))
        size, words = (
            float(style["font-size"][:-2]),
            "".join(text.itertext()) if not len(text) else text[0].tail or "",
        )
        width = text_width(words, size)
        x = float(text.get("x", 0)) - {"start": 0.0, "middle": 0.5, "end": 1.0}[style["text-anchor"]] * width
        y = float(text.get("y", 0))
        found.append((x, y - 0.7 * size, x + width, y + 0.1 * size, words))
    return found


def overlaps(svg: str) -> list[tuple[str, str]]:
    found = text_boxes(svg)
    return [
        (one[4], other[4])
        for place, one in enumerate(found)
        for other in found[:place]
        if min(one[2], other[2]) - max(one[0], other[0]) > 1.5 and min(one[3], other[3]) - max(one[1], other[1]) > 1.5
    ]


def drawn(figures) -> list[tuple[str, str, float]]:
    """Each picture of the figures as on a page, with its name and width; those of panels one by one."""
    items = [{"id": name, "title": name, "figure": figure} for name, figure in figures.items()]
    page = checked_page({"title": "", "sections": [{"id": "all", "title": "", "items": items}]})
    found = []
    for item in page["sections"][0]["items"]:
        figure = item["figure"]
        if figure["kind"] == "panels":
            parts = [(panel["figure"], PANEL_WIDTH) for panel in figure["panels"] if panel["figure"]]
        else:
            parts = [(figure, WIDE if is_wide(figure) else WIDTH)] if figure["kind"] != "image" else []
        found.extend((item["id"], draw_svg(part, width), width) for part, width in parts)
    return found


@pytest.fixture(scope="module")
def pictures(all_figures) -> list[tuple[str, str, float]]:
    return drawn(all_figures)


def test_every_kind_is_among_the_samples(figures):
    assert {figure["kind"] for figure in figures.values()} == set(KINDS) | {"panels", "image"}


def test_nothing_overlaps_and_nothing_leaves_the_sheet(pictures):
    for name, svg, width in pictures:
        assert overlaps(svg) == [], name
        height = float(parsed(svg).get("height", 0))
        for left, top, right, bottom, words in text_boxes(svg):
            assert left >= -1, (name, words)
            assert right <= width + 1, (name, words)
            assert top >= -1, (name, words)
            assert bottom <= height + 1, (name, words)
        for path in parsed(svg).iter(f"{SVG}path"):
            points = numbers_in(path)
            assert points.min() >= -4, name
            assert points[:, 0].max() <= width + 4, name
            assert points[:, 1].max() <= height + 4, name


def test_the_search_for_overlaps_sees_one():
    canvas = Canvas(100, 50)
    canvas.text(10, 20, "one")
    canvas.text(15, 22, "other")
    canvas.text(10, 45, "apart")
    assert overlaps(canvas.svg("")) == [("other", "one")]


def test_all_is_plain_svg(pictures):
    for name, svg, _ in pictures:
        root = parsed(svg)
        assert root.get("role") == "img"
        assert len(root.get("aria-label", "")) > 15, name
        assert not [one for one in root.iter() if one.get("id") or one.get("clip-path")]
        assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {"svg", "path", "text", "title", "image"}
        assert "#" not in re.sub(">[^<]*<", "><", svg).replace("data:image/png;base64,", ""), name
        assert not re.search(r"\de[-+]?\d", " ".join(texts(svg))), name


def test_bars():
    figure = {"kind": "bars", "labels": ["joy", "anger"], "values": [30_000, 10_000], "unit": "tracks", "muted": [1]}
    svg = draw_svg(figure)
    assert texts(svg) == ["joy", f"30{GROUP}000", f"75.0{PERCENT}", "anger", f"10{GROUP}000", f"25.0{PERCENT}"]
    ((left, _, right, _),) = boxes(svg, "series-0")
    ((grey_left, _, grey_right, _),) = boxes(svg, "grey")
    assert left == grey_left
    assert (right - left) / (grey_right - grey_left) == pytest.approx(3.0, rel=1e-3)
    assert f"joy: 30{GROUP}000 (75.0{PERCENT})" in tips(svg)


def test_bars_that_are_not_parts_of_one_whole():
    figure = {"kind": "bars", "labels": ["tempo", "key"], "values": [2, 1], "unit": "tracks", "total": 200}
    assert texts(draw_svg(figure)) == ["tempo", "2", f"1.0{PERCENT}", "key", "1", f"0.5{PERCENT}"]
    many = {**figure, "labels": ["a"] * 50, "values": [100] * 50}
    assert texts(draw_svg(many))[-1] == "… and 10 more"


def test_bars_of_what_does_not_count_have_no_share():
    svg = draw_svg({"kind": "bars", "labels": ["up", "down", "?"], "values": [0.8, -0.4, None], "unit": ""})
    assert texts(svg) == ["up", "0.8", "down", "−0.4", "?", "–"]
    up, down = boxes(svg, "series-0")
    assert up[0] == pytest.approx(down[2], abs=1e-3)
    assert (up[2] - up[0]) / (down[2] - down[0]) == pytest.approx(2.0, rel=1e-3)


def test_many_bars_are_counted_not_drawn():
    figure = {"kind": "bars", "labels": [f"g{n}" for n in range(300)], "values": [1] * 300, "unit": "tracks"}
    svg = draw_svg(figure)
    assert len(boxes(svg, "series-0")) == 40
    assert f"… and 260 more: 86.7{PERCENT}" in texts(svg)
    assert len(KINDS["bars"].tabulate(figure)["rows"]) == 300


def test_a_long_name_is_short_and_whole_where_the_pointer_is():
    name = "progressive " * 9
    svg = draw_svg({"kind": "bars", "labels": [name], "values": [2], "unit": "tracks"})
    assert texts(svg)[0].endswith("…")
    assert any(tip.startswith(name) for tip in tips(svg))


def test_histogram():
    figure = {"kind": "histogram", "edges": [0, 10, 20], "counts": [30, 60], "xlabel": "tempo (BPM)"}
    svg = draw_svg(figure)
    low, high = boxes(svg, "series-0")
    assert (high[3] - high[1]) / (low[3] - low[1]) == pytest.approx(2.0, rel=1e-3)
    assert {"tempo (BPM)", "tracks", "0", "10", "20", "60"} <= set(texts(svg))
    assert tips(svg) == ["0 to 10: 30", "10 to 20: 60"]
    label = parsed(svg).get("aria-label")
    assert label == "Histogram of tempo (BPM) from 0 to 20 over 90 tracks; most, 60, lie at 10 to 20."


def test_spikes_stand_apart_and_are_cut_where_too_high():
    figure = {
        "kind": "histogram",
        "edges": [0, 1, 2],
        "counts": [30, 60],
        "spikes": [{"value": 0, "count": 6000, "label": "0"}, {"value": 9, "count": 30, "label": "9"}],
    }
    svg = draw_svg(figure)
    spikes, bins = boxes(svg, "series-5"), boxes(svg, "series-0")
    assert max(box[2] for box in spikes) < min(box[0] for box in bins)
    assert len(boxes(svg, "paper")) == 1
    assert (spikes[1][3] - spikes[1][1]) == pytest.approx(bins[0][3] - bins[0][1], rel=1e-3)
    assert {f"6{GROUP}000", "30", "9"} <= set(texts(svg))
    assert "exactly 0 (98.0" in str(parsed(svg).get("aria-label"))
    assert KINDS["histogram"].tabulate(figure)["rows"][0] == ["exactly 0", 6000, f"98.0{PERCENT}"]


def test_circle_of_fifths():
    values = [10, *[0] * 10, 5]
    figure = {
        "kind": "circle",
        "labels": [f"k{n}" for n in range(12)],
        "series": [{"name": "major", "values": values}, {"name": "minor", "values": [5, *[0] * 11]}],
    }
    svg = draw_svg(figure)
    assert f"75.0{PERCENT}" in texts(svg)
    assert f"k0 major: 10 (50.0{PERCENT})" in tips(svg)
    root = parsed(svg)
    center = np.array([220.0, float(root.get("height")) - 200.0])
    lengths = {}
    for path in root.iter(f"{SVG}path"):
        for title in path.iter(f"{SVG}title"):
            radii = np.hypot(*(numbers_in(path) - center).T)
            lengths[title.text.split(":")[0]] = radii.max() - radii.min()
    assert lengths["k0 major"] / lengths["k11 major"] == pytest.approx(2.0, rel=1e-3)
    assert lengths["k0 minor"] == pytest.approx(lengths["k11 major"], rel=1e-3)
    assert "most frequent: k0 major 50.0" in str(root.get("aria-label"))


def test_matrix():
    figure = {
        "kind": "matrix",
        "rows": ["a", "b"],
        "columns": ["a", "b", "c"],
        "values": [[1.0, -0.5, 0.0001], [-0.5, 1.0, None]],
        "low": -1,
        "high": 1,
        "text": True,
    }
    svg = draw_svg(figure)
    assert [word for word in texts(svg) if "." in word] == ["1.00", "−0.50", "0.00", "−0.50", "1.00"]
    assert {"−1", "0", "1", "a", "b", "c"} <= set(texts(svg))
    assert "a × b: −0.5" in tips(svg)
    assert len(boxes(svg, "ramp-20")) == 3  # two cells and the end of the scale
    assert len(boxes(svg, "ramp-5")) == 3
    assert "farthest from zero: a and b −0.5, a and c" in str(parsed(svg).get("aria-label"))


def test_lines_have_bands_and_gaps():
    figure = {
        "kind": "lines",
        "x": [2000, 2001, 2002, 2003, 2004],
        "series": [
            {"name": "energy", "values": [1, 2, None, 3, 4], "low": [0, 1, None, 2, 3], "high": [2, 3, None, 4, 5]},
            {"name": "tempo", "values": [5, 5, 5, 5, 5], "low": None, "high": None},
        ],
        "xlabel": "year",
    }
    svg = draw_svg(figure)
    lines = [path for path in parsed(svg).iter(f"{SVG}path") if "stroke:var(--series-0)" in path.get("style", "")]
    assert [len(numbers_in(path)) for path in lines] == [2, 2]
    assert sum("opacity:0.18" in path.get("style", "") for path in parsed(svg).iter(f"{SVG}path")) == 2
    assert {"energy", "tempo", "2000", "2004", "year"} <= set(texts(svg))
    assert "energy from 1 at 2000 to 4 at 2004" in str(parsed(svg).get("aria-label"))
    table = KINDS["lines"].tabulate(figure)
    assert table["columns"] == ["year", "energy (low)", "energy", "energy (high)", "tempo"]
    assert table["rows"][2] == [2002, None, None, None, 5]


def test_boxes():
    figure = {"kind": "boxes", "labels": ["pop", "none"], "boxes": [[0, 2, 3, 6, 10], None], "xlabel": "energy"}
    svg = draw_svg(figure)
    ((left, _, right, _),) = boxes(svg, "series-0")
    whisker = next(
        numbers_in(path) for path in parsed(svg).iter(f"{SVG}path") if "stroke:var(--soft)" in path.get("style", "")
    )
    assert (right - left) / np.ptp(whisker[:, 0]) == pytest.approx(0.4, rel=1e-2)
    assert {"pop", "none", "3", "–", "energy"} <= set(texts(svg))
    assert "pop: 5 % 0, 25 % 2, median 3, 75 % 6, 95 % 10" in tips(svg)


def test_density_puts_each_count_where_it_belongs():
    figure = {
        "kind": "density",
        "x_edges": [0, 1, 2, 3],
        "y_edges": [0, 1, 2],
        "counts": [[100, 0, 1], [0, 10, 0]],
        "xlabel": "energy",
        "ylabel": "loudness",
    }
    svg = draw_svg(figure)
    images = [one for one in parsed(svg).iter(f"{SVG}image") if one.get("class") == "only-light"]
    pixels = imread(io.BytesIO(base64.b64decode(images[0].get("href").split(",")[1])))
    assert pixels.shape == (2, 3, 4)
    assert pixels[..., 3].tolist() == [[0, 1, 0], [1, 0, 1]]  # the first row of counts is at the bottom
    brightness = pixels[..., :3].sum(axis=2)
    assert brightness[1, 0] < brightness[0, 1] < brightness[1, 2]
    assert {"1", "10", "100"} <= set(texts(svg))
    assert "ten times as many" in " ".join(texts(svg))
    assert "over 111 tracks; the fullest cell, with 100, lies at 0 to 1 and 0 to 1" in str(
        parsed(svg).get("aria-label")
    )
    rows = KINDS["density"].tabulate(figure)["rows"]
    assert rows == [["0 to 1", 100, "0 to 1"], ["1 to 2", 10, "1 to 2"], ["2 to 3", 1, "0 to 1"]]


def test_density_of_unequal_cells_is_drawn_to_scale():
    svg = draw_svg({"kind": "density", "x_edges": [0, 1, 4], "y_edges": [0, 1], "counts": [[1, 5]]})
    image = next(parsed(svg).iter(f"{SVG}image"))
    pixels = imread(io.BytesIO(base64.b64decode(image.get("href").split(",")[1])))
    first = (pixels[0, :, :3] == pixels[0, 0, :3]).all(axis=1)
    assert first.mean() == pytest.approx(0.25, abs=0.01)


def test_stack():
    figure = {
        "kind": "stack",
        "x": ["1990s", "2000s"],
        "names": ["pop", "other"],
        "shares": [[0.25, 0.5], [0.75, None]],
        "xlabel": "decade",
    }
    svg = draw_svg(figure)
    columns = boxes(svg, "series-0")[1:]  # the first is the legend's
    greys = boxes(svg, "grey")[1:]
    assert [box[3] - box[1] for box in columns] == pytest.approx([60, 120], rel=1e-3)
    assert greys[0][3] == pytest.approx(columns[0][1], abs=1e-3)
    assert len(greys) == 1
    assert {"1990s", "2000s", "decade", "pop", "other", f"100{PERCENT}"} <= set(texts(svg))
    assert f"2000s, pop: 50.0{PERCENT}" in tips(svg)


def test_silhouette():
    figure = {
        "kind": "silhouette",
        "groups": [
            {"name": "quiet", "size": 30, "mean": 0.5, "quantiles": [0.9, 0.5, 0.1]},
            {"name": "loud", "size": 10, "mean": -0.1, "quantiles": [0.2, -0.1, -0.4]},
        ],
        "overall": 0.35,
        "null": 0.01,
    }
    svg = draw_svg(figure, WIDE)
    quiet, loud = boxes(svg, "series-0")[0], boxes(svg, "series-1")[0]
    assert (quiet[3] - quiet[1]) > 2 * (loud[3] - loud[1])
    assert (quiet[2] - quiet[0]) / (loud[2] - loud[0]) == pytest.approx(0.9 / 0.6, rel=1e-2)
    assert {"quiet", "loud", "0.50 · 30", "−0.10 · 10", "mean of all 0.350", "chance 0.010"} <= set(texts(svg))
    label = str(parsed(svg).get("aria-label"))
    assert "of 2 groups; highest quiet with 0.50, lowest loud with −0.10; mean of all songs 0.350" in label
    assert "mean · songs" in texts(svg)
    figure["groups"][0]["color"], figure["groups"][1]["color"] = 4, 0
    svg = draw_svg(figure, WIDE)
    assert boxes(svg, "series-4")[0] == quiet
    assert boxes(svg, "series-0")[0] == loud


def test_panels_are_pictures_of_their_own(figures):
    pictures = view_figure(figures["panels"])
    assert [picture.title for picture in pictures] == [panel["title"] for panel in figures["panels"]["panels"]]
    assert all(picture.markup.startswith("<svg") and picture.numbers for picture in pictures)
    assert view_figure(None) == []


def test_data_stay_as_they_were(figures):
    before = repr(figures)
    for name, kind in KINDS.items():
        kind.draw(figures[name], WIDTH)
        kind.tabulate(figures[name])
    assert repr(figures) == before


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        ({"kind": "bar"}, "must be of one of the kinds bars, boxes, .* Got 'bar'. Did you mean 'bars'"),
        ({}, "Got None"),
        ({"kind": "bars", "labels": []}, "'bars' must have labels, values. Missing: values"),
        ({"kind": "bars", "labels": ["a"], "values": [1, 2]}, "kind 'bars' do not fit each other"),
        ({"kind": "histogram", "edges": [0, 1], "counts": [1, 2]}, "do not fit each other"),
        ({"kind": "density", "x_edges": [0, 1], "y_edges": [0, 1], "counts": [[1, 2]]}, "do not fit each other"),
        ({"kind": "boxes", "labels": ["a"], "boxes": [[1, 2]]}, "do not fit each other"),
    ],
)
def test_wrong_data_are_told(figure, message):
    with pytest.raises(InputError, match=message):
        draw_svg(figure)


def test_there_are_no_halves_of_years():
    for years in ([2011, 2018, 2026], [2020, 2021, 2022, 2023]):
        one = {"name": "explicit", "values": [float(at % 3) for at in range(len(years))], "low": None, "high": None}
        svg = draw_svg({"kind": "lines", "x": years, "series": [one], "xlabel": "year", "ylabel": ""})
        ticks = [text for text in texts(svg) if text.startswith("20")]
        assert len(ticks) >= 3
        assert all(tick.isdecimal() for tick in ticks)


def test_bars_of_a_few_bins_are_no_blocks():
    """A column of one value has one bin, as wide as the picture; its bar is not."""

    def widths(n_bins):
        svg = draw_svg({"kind": "histogram", "edges": list(range(n_bins + 1)), "counts": [3] * n_bins})
        return [box[2] - box[0] for box in boxes(svg, "series-0")]

    assert widths(1) == pytest.approx([43.0], abs=1.5)
    assert max(widths(30)) < 20
