"""A map colored by a number of each track: where the map may be trusted, say."""

import io
from typing import Any

import numpy as np

from songscape.drawing.palette import NOISE, to_rgb
from songscape.drawing.raster import Frame, paint
from songscape.errors import InputError
from songscape.types import Float64

WIDTH, HEIGHT = 1400, 1050
_MAP_WIDTH, _MAP_HEIGHT = 1340, 930
_DPI = 100
_STEPS = 12  # colors of the scale
_SCALE = "cividis"  # grows evenly in lightness, also for people who see no red or green


def shade_values(values: Any, low: float, high: float) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Return the step of the color scale for each value, int32 (n,); −1 for NaN.

    Examples
    --------
    >>> shade_values([0.0, 0.5, 1.0, 2.0, float("nan")], 0.0, 1.0).tolist()
    [0, 6, 11, 11, -1]
    """
    numbers = np.asarray(values, dtype=np.float64)
    part = np.nan_to_num((numbers - low) / (high - low))
    steps = np.clip(np.floor(part * _STEPS), 0, _STEPS - 1).astype(np.int32)
    return np.where(np.isnan(numbers), np.int32(-1), steps)


def scale_colors() -> Float64:
    """Return the colors of the scale from low to high, sRGB in [0, 1], float64 (12, 3)."""
    import matplotlib

    colors = matplotlib.colormaps[_SCALE].resampled(_STEPS)
    return np.asarray(colors(np.arange(_STEPS)), dtype=np.float64)[:, :3]


def values_png(x: Any, y: Any, values: Any, *, label: str, low: float, high: float) -> bytes:
    """Return the map of all tracks, colored by a number, as a PNG file of 1400 × 1050 pixels.

    Parameters
    ----------
    x, y : array-like of float, shape (n_tracks,)
        Position of each track on the map.
    values : array-like of float, shape (n_tracks,)
        The number; tracks with NaN are grey and lie beneath.
    label : str
        What the color scale says.
    low, high : float
        Ends of the color scale; what lies beyond has the color of the end.

    Raises
    ------
    InputError
        If the arrays do not fit each other.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from matplotlib.figure import Figure

    across, up = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if not across.shape == up.shape == np.shape(values) or across.ndim != 1:
        raise InputError("x, y and values must be one-dimensional and equally long.")
    colors = ListedColormap(scale_colors())
    frame = Frame.around(across, up, _MAP_WIDTH, _MAP_HEIGHT)
    shades = shade_values(values, low, high)
    pixels = paint(frame, frame.pixels(across, up), shades, scale_colors(), to_rgb([NOISE])[0])
    figure = Figure(figsize=(WIDTH / _DPI, HEIGHT / _DPI), dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    figure.figimage(pixels, 30, HEIGHT - _MAP_HEIGHT - 20)
    bar = figure.add_axes((0.25, 0.065, 0.5, 0.018))
    steps = BoundaryNorm(np.linspace(low, high, _STEPS + 1), _STEPS)
    figure.colorbar(ScalarMappable(steps, colors), cax=bar, orientation="horizontal", extend="min")
    ticks = np.linspace(low, high, 6)
    bar.set_xticks(ticks, [f"{tick:.2f}" for tick in ticks], fontsize=12)
    bar.set_xlabel(label, fontsize=13)
    stream = io.BytesIO()
    figure.savefig(stream, dpi=_DPI, metadata={"Software": None})
    return stream.getvalue()
