"""The colors of the page, each for light and for dark.

Figures are drawn in the light colors; each is then written as a CSS variable, and the page gives the variables their
values. So no two names may share a light color. The twelve colors of series are those of the map's clusters.
"""

from collections.abc import Sequence

import numpy as np

from songscape.types import Float64

INK, SOFT, RULE, AXIS = "#1b2026", "#59636e", "#dde2e8", "#8a95a1"
PAPER, GREY, STRONG_INK = "#fffffe", "#b3bac2", "#fdfdfd"
SERIES = (
    "#0072b2", "#e69f00", "#009e73", "#aa3377", "#66ccee", "#d55e00",
    "#332288", "#bb66ff", "#666633", "#ddcc77", "#663333", "#222255",
)  # fmt: skip

_DARK_SERIES = (
    "#4ba6e3", "#f0b544", "#35c79b", "#d977ad", "#a6e4fa", "#e8743b",
    "#6f52ff", "#875ec9", "#d9d98c", "#f7efc4", "#b25f4d", "#7a92ff",
)  # fmt: skip
_STEPS = 10
_RAMP_ENDS = {  # low end, middle, high end
    "light": ("#0a4680", "#f3f5f7", "#8f3800"),
    "dark": ("#62b4f3", "#252b32", "#f08c48"),
}
_HEAT_ENDS = {"light": ("#dcebf6", "#3d8fc4", "#06264a"), "dark": ("#1d3850", "#3d8fc4", "#e2f3ff")}


def _channels(color: str) -> Float64:
    return np.array([int(color[place : place + 2], 16) for place in (1, 3, 5)], dtype=np.float64)


def _mixed(one: str, other: str, share: float) -> str:
    red, green, blue = np.rint((1.0 - share) * _channels(one) + share * _channels(other)).astype(int)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _ramp(mode: str) -> list[str]:
    low, middle, high = _RAMP_ENDS[mode]
    falling = [_mixed(middle, low, step / _STEPS) for step in range(_STEPS, 0, -1)]
    return [*falling, middle, *(_mixed(middle, high, step / _STEPS) for step in range(1, _STEPS + 1))]


_RAMP = _ramp("light")


def shade(value: float, low: float, high: float) -> str:
    """Return the color of a value on a heat map.

    Where `low` is negative, blue below zero and orange above it, equally strong at equal distance; otherwise from
    pale to strong blue between `low` and `high`. What lies outside has the color of the end.

    Examples
    --------
    >>> shade(-1.0, -1.0, 1.0), shade(0.0, -1.0, 1.0) == shade(0.0, 0.0, 1.0), shade(9.0, 0.0, 1.0)
    ('#0a4680', True, '#0a4680')
    """
    return _RAMP[_STEPS + _step(value, low, high)]


def is_strong(value: float, low: float, high: float) -> bool:
    """Return whether the color of a value is so strong that text on it must be reversed."""
    return abs(_step(value, low, high)) > 0.6 * _STEPS


def _step(value: float, low: float, high: float) -> int:
    if low < 0:
        reach = max(-low, abs(high))
        return round(_STEPS * min(max(value / reach, -1.0), 1.0))
    width = high - low
    return -round(_STEPS * min(max((value - low) / width, 0.0), 1.0)) if width > 0 else 0


def series_color(place: int) -> str:
    """Return the color of the series at a place; after twelve, they start again."""
    return SERIES[place % len(SERIES)]


def heat(levels: Float64, mode: str) -> Float64:
    """Return colors of a density, sRGB and opacity in [0, 1]: nothing where a level is negative.

    Parameters
    ----------
    levels : float64, any shape
        From 0, the least, to 1, the most.
    mode : str
        ``"light"`` or ``"dark"``.
    """
    ends = np.stack([_channels(color) / 255.0 for color in _HEAT_ENDS[mode]])
    places = np.array([0.0, 0.5, 1.0])
    colors = [np.interp(levels, places, ends[:, channel]) for channel in range(3)]
    return np.stack([*colors, np.where(levels < 0.0, 0.0, 1.0)], axis=-1)


def _named(prefix: str, light: Sequence[str], dark: Sequence[str]) -> list[tuple[str, str, str]]:
    return [(f"{prefix}{place}", *pair) for place, pair in enumerate(zip(light, dark, strict=True))]


VARIABLES: tuple[tuple[str, str, str], ...] = (
    ("ink", INK, "#e7ebf0"),
    ("soft", SOFT, "#a3adb8"),
    ("rule", RULE, "#363e47"),
    ("axis", AXIS, "#76818d"),
    ("paper", PAPER, "#1b2026"),
    ("grey", GREY, "#666f79"),
    ("strong-ink", STRONG_INK, "#10151a"),
    *_named("series-", SERIES, _DARK_SERIES),
    *_named("ramp-", _RAMP, _ramp("dark")),
)
"""Name, light and dark value of each color."""

VARIABLE_OF = {light: name for name, light, _ in VARIABLES}
"""Name of the variable by the light color."""
