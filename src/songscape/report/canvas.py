"""A sheet of pixels to draw on with Matplotlib, and the SVG that is made of it.

Coordinates are pixels from the upper left corner. Artists go on a Matplotlib figure without axes: laying out axes and
measuring glyphs is nine tenths of the time that Matplotlib needs for a small figure, and its margins are guesses that
end in labels over labels. Here each figure reserves the room of its labels itself.
"""

import base64
import io
import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

import matplotlib
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.image import imsave
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from songscape.report.colors import INK, VARIABLE_OF
from songscape.types import Float64

Point = tuple[float, float]

_DPI = 72  # one point of Matplotlib is one pixel
_SETTINGS: Any = {"svg.fonttype": "none", "svg.hashsalt": "songscape", "path.simplify": False}
_NO_SOFTWARE: Any = {"Software": None}
_NO_DATES: Any = dict.fromkeys(("Date", "Creator", "Format", "Type"))
_COLOR = re.compile(r"#[0-9a-f]{6}")
_FONT = re.compile(r"font-family:[^;]*;?\s*")
_SPACE = re.compile(r"\s+")
_NO_TURN = re.compile(r"^rotate\(-?0 ")
_XML = "http://www.w3.org/2000/svg"


class _Words(Text):
    """One line of text that is placed by its anchor alone, so that no glyph is measured and none can be missing."""

    def draw(self, renderer: Any) -> None:
        across, up = self.get_transform().transform(self.get_unitless_position())
        renderer.open_group("text", self.get_gid())
        pen = renderer.new_gc()
        pen.set_foreground(self.get_color())
        down = renderer.get_canvas_width_height()[1] - up
        renderer.draw_text(
            pen,
            across,
            down,
            self.get_text(),
            self.get_fontproperties(),
            self.get_rotation(),
            ismath=False,
            mtext=self,
        )
        pen.restore()
        renderer.close_group("text")


class Canvas:
    """One figure being drawn.

    Parameters
    ----------
    width, height : float
        Size in pixels.

    Examples
    --------
    >>> canvas = Canvas(100, 40)
    >>> canvas.rectangle(10, 10, 50, 20, "#0072b2", tip="pop: 5")
    >>> canvas.text(10, 38, "pop & rock")
    >>> svg = canvas.svg("Two genres")
    >>> "var(--series-0)" in svg, "<title>pop: 5</title>" in svg, "pop &amp; rock</text>" in svg
    (True, True, True)
    """

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = round(width), round(height)
        self._figure = Figure(figsize=(self.width / _DPI, self.height / _DPI), dpi=_DPI)
        self._figure.patch.set_visible(False)
        self._down = Affine2D([[1.0, 0.0, 0.0], [0.0, -1.0, self.height], [0.0, 0.0, 1.0]])
        self._tips: dict[str, str] = {}
        self._images: list[ElementTree.Element] = []

    def _add(self, artist: Artist, tip: str) -> None:
        artist.set_transform(self._down)
        artist.set_clip_on(False)
        artist.set_zorder(len(self._figure.artists))  # what comes later lies above
        if tip:
            name = f"tip-{len(self._tips)}"
            artist.set_gid(name)
            self._tips[name] = tip
        self._figure.add_artist(artist)

    def rectangle(
        self, x: float, y: float, width: float, height: float, color: str, *, tip: str = "", opacity: float = 1.0
    ) -> None:
        """Fill a rectangle whose upper left corner is (x, y)."""
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        self.polygon(corners, color, tip=tip, opacity=opacity)

    def polygon(
        self, corners: Sequence[Point], color: str, *, edge: str = "none", tip: str = "", opacity: float = 1.0
    ) -> None:
        """Fill what lies within the corners."""
        path = Path([*corners, corners[0]], closed=True)
        self._add(PathPatch(path, facecolor=color, edgecolor=edge, linewidth=1.0, alpha=opacity), tip)

    def line(
        self,
        points: Sequence[Point],
        color: str,
        *,
        width: float = 1.0,
        dashes: tuple[float, ...] = (),
        tip: str = "",
    ) -> None:
        """Draw a line through the points; two numbers in turn tell the lengths of dashes and gaps."""
        across, down = zip(*points, strict=True)
        style: Any = (0, dashes) if dashes else "-"
        self._add(
            Line2D(across, down, color=color, linewidth=width, linestyle=style, solid_joinstyle="round"),
            tip,
        )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 13.0,
        color: str = INK,
        align: str = "left",
        turn: float = 0.0,
        tip: str = "",
    ) -> None:
        """Write one line with its baseline at y; `align` tells what of it is at x; `turn` is counter-clockwise."""
        if words:
            text = _Words(
                x, y, words, size=size, color=color, ha=align, rotation=turn, va="baseline",
                rotation_mode="anchor",
            )  # fmt: skip
            self._add(text, tip)

    def image(self, x: float, y: float, width: float, height: float, pixels: Float64, mode: str) -> None:
        """Put pixels, sRGB and opacity in [0, 1], the first row on top, beneath all else; shown in one mode only."""
        stream = io.BytesIO()
        imsave(stream, pixels, format="png", metadata=_NO_SOFTWARE)
        attributes = {
            "x": f"{x:g}", "y": f"{y:g}", "width": f"{width:g}", "height": f"{height:g}",
            "preserveAspectRatio": "none", "class": f"only-{mode}",
            "href": f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode('ascii')}",
        }  # fmt: skip
        self._images.append(ElementTree.Element("image", attributes))

    def svg(self, label: str) -> str:
        """Return the picture as an SVG element to be put in a page; `label` tells in words what it shows."""
        stream = io.StringIO()
        with matplotlib.rc_context(_SETTINGS):
            self._figure.savefig(stream, format="svg", metadata=_NO_DATES)
        drawn = stream.getvalue()
        body = drawn[
            drawn.index(">", drawn.index("<svg")) + 1 :
        ]  # the head names the printed size and foreign schemas
        shapes = ElementTree.fromstring(f"<svg>{body}").findall("g/*")
        root = ElementTree.Element(
            "svg",
            {
                "xmlns": _XML, "viewBox": f"0 0 {self.width} {self.height}", "width": str(self.width),
                "height": str(self.height), "role": "img", "aria-label": label,
            },
        )  # fmt: skip
        root.extend(self._images)
        for group in shapes:
            root.append(self._tidied(group))
        return ElementTree.tostring(root, encoding="unicode")

    def _tidied(self, group: ElementTree.Element) -> ElementTree.Element:
        """Return the one shape or text of a group, its colors as variables, with what the pointer shows over it."""
        (element,) = group
        element.tail = None
        element.set("style", _tidied_style(element.get("style", "")))
        if "d" in element.attrib:
            element.set("d", _SPACE.sub(" ", element.attrib["d"]).strip())
        if _NO_TURN.match(element.get("transform", "")):
            del element.attrib["transform"]
        tip = self._tips.get(group.get("id", ""))
        if tip is not None:
            title = ElementTree.Element("title")
            title.text = tip
            if element.tag == "text":
                title.tail, element.text = element.text, None
            element.insert(0, title)
        return element


def _tidied_style(style: str) -> str:
    named = _COLOR.sub(lambda found: f"var(--{VARIABLE_OF[found[0]]})", style)
    return _FONT.sub("", named).replace(": ", ":").replace("; ", ";").rstrip(";")
