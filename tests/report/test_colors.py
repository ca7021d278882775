"""Colors in light and dark."""

import re

import numpy as np
import pytest

from songscape.drawing.palette import PALETTE, color_distances
from songscape.report import colors
from songscape.report.colors import SERIES, VARIABLES, heat, is_strong, series_color, shade


def luminance(color: str) -> float:
    channels = np.array([int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    """Contrast of WCAG 2: 1 to 21."""
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def by_name(place: int) -> dict[str, str]:
    return {color[0]: color[place] for color in VARIABLES}


def test_series_have_the_colors_of_the_map():
    assert tuple(color.upper() for color in SERIES) == PALETTE
    assert series_color(14) == SERIES[2]


def test_each_variable_has_a_name_and_a_light_color_of_its_own():
    assert len({name for name, _, _ in VARIABLES}) == len(VARIABLES)
    assert len({light for _, light, _ in VARIABLES}) == len(VARIABLES)
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for _, *pair in VARIABLES for color in pair)


@pytest.mark.parametrize("mode", [1, 2])
def test_text_stands_out_from_its_ground(mode):
    color = by_name(mode)
    assert contrast(color["ink"], color["paper"]) > 12
    assert contrast(color["soft"], color["paper"]) > 4.5
    for step in range(21):
        value = (step - 10) / 10
        ink = color["strong-ink"] if is_strong(value, -1.0, 1.0) else color["ink"]
        assert contrast(ink, color[f"ramp-{step}"]) > 3.5, value


@pytest.mark.parametrize("mode", [1, 2])
def test_series_differ_and_stand_out(mode):
    color = by_name(mode)
    series = [color[f"series-{place}"] for place in range(12)]
    assert min(contrast(one, color["paper"]) for one in series) > (1.4 if mode == 1 else 2.9)
    assert contrast(series[0], color["paper"]) > 4
    gaps = color_distances([*series, color["grey"]])
    assert gaps[np.triu_indices(13, 1)].min() >= 15


def test_shades_grow_with_the_distance_from_zero():
    for sign in (-1, 1):
        ends = [luminance(shade(sign * value, -1.0, 1.0)) for value in (0.0, 0.3, 0.6, 1.0)]
        assert ends == sorted(ends, reverse=True)
    assert shade(-2.0, -1.0, 1.0) == shade(-1.0, -1.0, 1.0)
    assert shade(0.5, -0.5, 1.0) == shade(0.5, -1.0, 1.0)
    assert shade(3.0, 3.0, 3.0) == shade(0.0, -1.0, 1.0)


def test_a_density_is_clear_where_nothing_is_and_turns_with_the_mode():
    levels = np.array([-1.0, 0.0, 0.5, 1.0])
    light, dark = heat(levels, "light"), heat(levels, "dark")
    assert light.shape == (4, 4)
    assert light[0, 3] == dark[0, 3] == 0.0
    assert (light[1:, 3] == 1.0).all()
    assert (np.diff(light[1:, :3].sum(axis=1)) < 0).all()
    assert (np.diff(dark[1:, :3].sum(axis=1)) > 0).all()


def test_all_colors_of_figures_are_variables():
    named = {value for name, value in vars(colors).items() if isinstance(value, str) and value.startswith("#")}
    assert len(named) > 5
    assert named | set(SERIES) <= set(colors.VARIABLE_OF)
