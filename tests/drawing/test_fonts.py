"""Texts on the map in any script: what no font has is an ellipsis in the PNG, and stays as it is in the SVG."""

import warnings

import numpy as np
import pytest

from songscape.drawing.fonts import fonts_for, legible, usual_fonts, without
from songscape.drawing.map import draw_map, map_png, picture_map, write_map

NOWHERE = "\U0010fffd\U0010fffc"  # a private plane: no font has it


@pytest.fixture(scope="module")
def picture():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(200, 2)).astype(np.float32)
    labels = (points[:, 0] > 0).astype(np.int32)
    return picture_map(points[:, 0], points[:, 1], labels, names={0: "Loud", 1: f"Quiet {NOWHERE}"})


def test_latin_needs_no_other_font_and_lacks_nothing():
    assert fonts_for("Café · Björk") == (usual_fonts(), set())


def test_another_installed_font_is_taken_for_what_the_usual_ones_lack(monkeypatch):
    from songscape.drawing import fonts

    has = {"DejaVu Sans": frozenset(map(ord, "ab")), "Odd One": frozenset(map(ord, "c")), "Empty": frozenset()}
    monkeypatch.setattr("matplotlib.font_manager.get_font_names", lambda: list(has))
    monkeypatch.setattr(fonts, "_glyphs", has.__getitem__)
    assert fonts_for("abc d") == (["DejaVu Sans", "Odd One"], {"d"})


def test_a_run_without_glyphs_is_one_ellipsis():
    assert without(f"a{NOWHERE}b{NOWHERE}", set(NOWHERE)) == "a…b…"


def test_the_png_draws_no_boxes_and_the_svg_keeps_the_text(picture, tmp_path):
    figure = draw_map(picture, title=f"Map {NOWHERE}")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with legible(figure):
            figure.canvas.draw()
    assert not [one for one in seen if "Glyph" in str(one.message)]
    same = draw_map(picture, title="Map …")
    for text in same.findobj(lambda one: hasattr(one, "get_text")):
        text.set_text(text.get_text().replace(NOWHERE, "…"))
    assert map_png(figure) == map_png(same)
    write_map(figure, tmp_path)
    assert NOWHERE in (tmp_path / "map.svg").read_text(encoding="utf-8")
