"""The map picture: the UMAP projection with HDBSCAN clusters, as map.png and map.svg.

`picture_map` turns points and labels into plain data (pixels, numbers with their places, rows of the legend, a
caption), `draw_map` turns that into a Matplotlib figure, `write_map` writes both files. The points are pixels in both
of them, so that a picture of a million tracks stays small; text in the SVG is text.
"""

import contextlib
import io
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from songscape.disk import writing
from songscape.drawing.fonts import legible, usual_fonts
from songscape.drawing.palette import NOISE, PALETTE, assign_colors, to_rgb
from songscape.drawing.placement import Badge, place_badges
from songscape.drawing.raster import Frame, Image, densest_places, neighbors_on_map, paint
from songscape.errors import InputError
from songscape.types import Float64, Int32, Int64
from songscape.validation import check_finite, check_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT, DPI = 2400, 1800, 150
_MAP = (40, 100, 1720, 1600)  # left, bottom, width, height of the map in pixels
_LEGEND_X, _LEGEND_TOP, _LEGEND_STEP = 1800, 1676, 54
MAX_BADGES = 40
MAX_ROWS = 26


@dataclass(frozen=True, slots=True)
class LegendRow:
    """One cluster in the legend: its number, name (may be empty), color, size, and share of all tracks."""

    label: int
    name: str
    color: str
    size: int
    share: float


@dataclass(frozen=True, slots=True)
class MapPicture:
    """All that is on the picture, as plain data.

    Attributes
    ----------
    pixels : uint8, shape (height, width, 4)
        The points, painted on white: red, green, blue, opacity.
    colors : dict of int to str
        Color of each cluster.
    badges : tuple of Badge
        Numbers on the map, those of the first clusters.
    legend : tuple of LegendRow
        The first clusters.
    more : str
        What the legend leaves out, in words; empty if nothing.
    noise : str
        How many tracks are noise, in words; empty if none is.
    caption : str
        Counts, and how to read the axes.
    what : str
        ``cluster`` or ``group``.
    """

    pixels: Image
    colors: dict[int, str]
    badges: tuple[Badge, ...]
    legend: tuple[LegendRow, ...]
    more: str
    noise: str
    caption: str
    what: str


def picture_map(
    x: Any, y: Any, labels: Any, *, names: dict[int, str] | None = None, what: str = "cluster"
) -> MapPicture:
    """Return the map of all tracks as plain data.

    Parameters
    ----------
    x, y : array-like of float, shape (n_tracks,)
        Position of each track on the map; no unit.
    labels : array-like of int, shape (n_tracks,)
        Cluster of each track, from 0; −1 for noise.
    names : dict of int to str, optional
        What the legend says beside the numbers: names of groups, or of those that most of a cluster is in.
    what : {"cluster", "group"}
        What the labels are: HDBSCAN's clusters with its noise, or groups and what lies outside of them.

    Returns
    -------
    MapPicture
        Pixels, numbers, legend and caption.

    Raises
    ------
    InputError
        If the arrays do not fit each other or the positions are not finite.

    Examples
    --------
    >>> picture = picture_map([0.0, 1.0, 2.0], [0.0, 0.0, 1.0], [0, 0, -1], names={0: "slow"})
    >>> [(row.label, row.name, row.size) for row in picture.legend], picture.noise
    ([(0, 'slow', 2)], 'noise: 1 track (33.3%)')
    """
    frame, points, groups = _placed(x, y, labels)
    sizes, order, ranks = _ranked(groups)
    shades = np.array(_shades(frame, points, ranks), dtype=np.int32)
    pixels = paint(frame, points, np.append(shades, np.int32(-1))[ranks], to_rgb(PALETTE), to_rgb([NOISE])[0])
    colors = {label: PALETTE[shade] for label, shade in zip(order, shades, strict=True)}
    numbers = order[:MAX_BADGES]
    boxes = [(22.0 + 17.0 * len(str(label)), 36.0) for label in numbers]
    badges = place_badges(
        densest_places(frame, points, ranks)[:MAX_BADGES], numbers, boxes, (frame.width, frame.height)
    )
    return MapPicture(
        pixels=pixels,
        colors=colors,
        badges=tuple(badges),
        legend=tuple(
            LegendRow(label, (names or {}).get(label, ""), colors[label], sizes[label], sizes[label] / len(groups))
            for label in order[:MAX_ROWS]
        ),
        more=_more([sizes[label] for label in order[MAX_ROWS:]], len(groups), what),
        noise=_noise(int((groups < 0).sum()), len(groups), what),
        caption=_caption(len(groups), len(order), int((groups < 0).sum()), what),
        what=what,
    )


def color_labels(x: Any, y: Any, labels: Any) -> dict[int, int]:
    """Return the place in `PALETTE` of each cluster's color on the map that `picture_map` draws of the same arrays.

    Examples
    --------
    >>> color_labels([0.0, 1.0, 2.0], [0.0, 0.0, 1.0], [0, 1, -1])
    {0: 0, 1: 1}
    """
    frame, points, groups = _placed(x, y, labels)
    _, order, ranks = _ranked(groups)
    return dict(zip(order, _shades(frame, points, ranks), strict=True))


def _placed(x: Any, y: Any, labels: Any) -> tuple[Frame, tuple[Int64, Int64], Int32]:
    across, up, groups = _checked(x, y, labels)
    frame = Frame.around(across, up, _MAP[2], _MAP[3])
    return frame, frame.pixels(across, up), groups


def _shades(frame: Frame, points: tuple[Int64, Int64], ranks: Int32) -> list[int]:
    return assign_colors(neighbors_on_map(frame, points, ranks))


def _ranked(labels: Int32) -> tuple[list[int], list[int], Int32]:
    """Return the size by label, the labels that occur, ascending, and each track's place among them or −1.

    Clusters are numbered by falling number of songs, so the first ones are the largest.
    """
    sizes = np.bincount(labels[labels >= 0], minlength=int(labels.max(initial=-1)) + 1)
    order = np.flatnonzero(sizes)
    rank = np.full(len(sizes) + 1, -1, dtype=np.int32)  # the last entry serves noise
    rank[order] = np.arange(len(order))
    return sizes.tolist(), order.tolist(), rank[labels]


def _checked(x: Any, y: Any, labels: Any) -> tuple[Float64, Float64, Int32]:
    across, up = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if across.ndim != 1 or across.shape != up.shape:
        raise InputError(
            f"x and y must be one-dimensional and equally long. Got shapes {across.shape} and {up.shape}."
        )
    check_finite(across, "x")
    check_finite(up, "y")
    return across, up, check_labels(labels, len(across))


def _grouped(number: int) -> str:
    """Return a number with thin spaces, as in 12 345."""
    return f"{number:,}".replace(",", "\u2009")


def _counted(number: int, what: str) -> str:
    return f"{_grouped(number)} {what}{'' if number == 1 else 's'}"


def _more(sizes: list[int], n_tracks: int, what: str) -> str:
    if not sizes:
        return ""
    return f"… and {_counted(len(sizes), f'more {what}')}: {sum(sizes) / n_tracks:.1%} of the tracks"


def _noise(n_noise: int, n_tracks: int, what: str) -> str:
    outside = "noise" if what == "cluster" else "outside"
    return f"{outside}: {_counted(n_noise, 'track')} ({n_noise / n_tracks:.1%})" if n_noise else ""


def _caption(n_tracks: int, n_clusters: int, n_noise: int, what: str) -> str:
    share = n_noise / n_tracks if n_tracks else 0.0
    kind, outside = ("cluster (HDBSCAN)", "noise") if what == "cluster" else ("group", "outside")
    clusters = _counted(n_clusters, what) + kind.removeprefix(what)
    if n_clusters > len(PALETTE):
        clusters += f", {len(PALETTE)} colors in turn"
    return (
        f"{_counted(n_tracks, 'track')} · {clusters} · {share:.1%} {outside} · UMAP"
        " projection: axes have no unit, nearness counts, and distance between far groups says little"
    )


def draw_map(picture: MapPicture, *, title: str = "Map of the catalog") -> "Figure":
    """Return the picture as a Matplotlib figure of 2400 × 1800 pixels, not bound to any window.

    Parameters
    ----------
    picture : MapPicture
        What `picture_map` returned.
    title : str
        Heading, in any script.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _styled():
        figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor="white")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))
        axes.axis("off")
        left, bottom, width, height = _MAP
        axes.imshow(
            picture.pixels,
            extent=(left, left + width, bottom, bottom + height),
            interpolation="none",
            aspect="auto",
            zorder=0,
        )
        axes.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))
        axes.text(left, HEIGHT - 62, title, fontsize=19, weight="bold", va="center")
        axes.text(left, 50, picture.caption, fontsize=10, color="#555555", va="center")
        for badge in picture.badges:
            _draw_badge(axes, badge, picture.colors[badge.label])
        _draw_legend(axes, picture)
    return figure


def _draw_badge(axes: "Axes", badge: Badge, color: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    left, top = _MAP[0], _MAP[1] + _MAP[3]
    x, y = left + badge.x, top - badge.y
    if badge.has_leader:
        anchor_x, anchor_y = left + badge.anchor_x, top - badge.anchor_y
        axes.plot([x, anchor_x], [y, anchor_y], color="#333333", linewidth=0.9, zorder=2)
        axes.plot(anchor_x, anchor_y, "o", color="#333333", markersize=2.5, zorder=2)
    axes.add_patch(
        FancyBboxPatch(
            (x - badge.width / 2, y - badge.height / 2),
            badge.width,
            badge.height,
            boxstyle="round,pad=0,rounding_size=9",
            facecolor=(1.0, 1.0, 1.0, 0.92),
            edgecolor=color,
            linewidth=1.4,
            zorder=3,
        )
    )
    axes.text(x, y, str(badge.label), fontsize=11, weight="bold", ha="center", va="center_baseline", zorder=4)


def _draw_legend(axes: "Axes", picture: MapPicture) -> None:
    from matplotlib.patches import Rectangle

    right, y = WIDTH - 40, _LEGEND_TOP
    if picture.legend:
        named = " · mostly in group" if picture.what == "cluster" and any(row.name for row in picture.legend) else ""
        axes.text(_LEGEND_X + 40, y, picture.what + named, fontsize=10, color="#555555", va="center")
        axes.text(right - 120, y, "tracks", fontsize=10, color="#555555", va="center", ha="right")
        axes.text(right, y, "share", fontsize=10, color="#555555", va="center", ha="right")
    for row in picture.legend:
        y -= _LEGEND_STEP
        axes.add_patch(Rectangle((_LEGEND_X, y - 13), 26, 26, facecolor=row.color, edgecolor="none"))
        axes.text(_LEGEND_X + 40, y, str(row.label), fontsize=11, weight="bold", va="center")
        axes.text(_LEGEND_X + 100, y, "\n".join(_lines(row.name)), fontsize=10, va="center", linespacing=1.05)
        axes.text(right - 120, y, _grouped(row.size), fontsize=11, va="center", ha="right")
        axes.text(right, y, f"{row.share:.1%}", fontsize=11, va="center", ha="right")
    for color, text in (("white", picture.more), (NOISE, picture.noise)):
        if text:
            y -= _LEGEND_STEP
            axes.add_patch(Rectangle((_LEGEND_X, y - 13), 26, 26, facecolor=color, edgecolor="none"))
            axes.text(_LEGEND_X + 40, y, text, fontsize=10.5, va="center")


def _lines(name: str, longest: int = 21) -> list[str]:
    """Return a name in at most two lines; dots between words end a line, none begins with one."""
    lines = textwrap.wrap(name.replace(" · ", "\u00a0· "), longest, max_lines=2, placeholder="…")
    return [line.replace("\u00a0", " ") for line in lines] or [name[:longest]]


@contextlib.contextmanager
def _styled() -> Iterator[None]:
    """Set Matplotlib up: text as text in SVG, the same ids each time, fonts for many scripts, no formulas."""
    import matplotlib

    with (
        matplotlib.rc_context(
            {
                "svg.fonttype": "none",
                "svg.hashsalt": "songscape",
                "font.family": usual_fonts(),
                "text.parse_math": False,
                "text.usetex": False,
            }
        ),
        warnings.catch_warnings(),
    ):
        # The SVG keeps a script that no font here has; the PNG shows … instead.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        yield


def map_png(figure: "Figure") -> bytes:
    """Return a figure of `draw_map` as a PNG file of 2400 × 1800 pixels; the same figure gives the same bytes."""
    stream = io.BytesIO()
    with _styled(), legible(figure):
        figure.savefig(stream, format="png", dpi=DPI, metadata={"Software": None}, pil_kwargs={"compress_level": 4})
    return stream.getvalue()


def write_map(figure: "Figure", folder: str | Path) -> None:
    """Write a figure of `draw_map` as ``map.png`` (2400 × 1800 pixels) and ``map.svg`` into a folder.

    The same figure gives the same bytes: no dates, no random ids.

    Raises
    ------
    InputError
        If the files cannot be written.
    """
    with writing("The map", Path(folder)), _styled():
        (Path(folder) / "map.png").write_bytes(map_png(figure))
        figure.savefig(Path(folder) / "map.svg", dpi=DPI, metadata={"Date": None, "Creator": None})
