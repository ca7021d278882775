"""Figures of plain data → what the page shows: pictures with their alternative text and their numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from songscape.errors import InputError, did_you_mean
from songscape.report.canvas import Canvas
from songscape.report.figures import bars, boxes, circle, density, histogram, lines, matrix, silhouette, stack
from songscape.report.plot import WIDE, WIDTH
from songscape.report.tables import TableView, view_table

PANEL_WIDTH = 340


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of figure is drawn, told in a sentence, and listed; which keys its data must have."""

    draw: Callable[[dict[str, Any], int], Canvas]
    describe: Callable[[dict[str, Any]], str]
    tabulate: Callable[[dict[str, Any]], dict[str, Any]]
    keys: tuple[str, ...]


KINDS = {
    "bars": Kind(bars.draw, bars.describe, bars.tabulate, ("labels", "values")),
    "histogram": Kind(histogram.draw, histogram.describe, histogram.tabulate, ("edges", "counts")),
    "circle": Kind(circle.draw, circle.describe, circle.tabulate, ("labels", "series")),
    "matrix": Kind(matrix.draw, matrix.describe, matrix.tabulate, ("rows", "columns", "values", "low", "high")),
    "lines": Kind(lines.draw, lines.describe, lines.tabulate, ("x", "series")),
    "boxes": Kind(boxes.draw, boxes.describe, boxes.tabulate, ("labels", "boxes")),
    "density": Kind(density.draw, density.describe, density.tabulate, ("x_edges", "y_edges", "counts")),
    "stack": Kind(stack.draw, stack.describe, stack.tabulate, ("x", "names", "shares")),
    "silhouette": Kind(silhouette.draw, silhouette.describe, silhouette.tabulate, ("groups",)),
}
"""The kinds that are drawn; ``image`` and ``panels`` are put together from what there is."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of an item.

    Attributes
    ----------
    title : str
        Heading of a panel; empty otherwise.
    markup : Markup
        The SVG element, or the image.
    numbers : TableView or None
        What the picture shows, as a table.
    height : int
        In pixels.
    """

    title: str
    markup: Markup
    numbers: TableView | None
    height: int


def view_figure(figure: dict[str, Any] | None) -> list[Picture]:
    """Return the pictures of a figure: several for panels, none where there is no figure.

    Raises
    ------
    InputError
        If its kind is not known, or a part of its data is missing or does not fit the rest.
    """
    if figure is None:
        return []
    if figure.get("kind") == "panels":
        return [
            _picture(_untitled(panel["figure"], panel["title"]), panel["title"], PANEL_WIDTH)
            for panel in figure["panels"]
            if panel["figure"] is not None
        ]
    return [_picture(figure, "", WIDE if is_wide(figure) else WIDTH)]


def _untitled(figure: dict[str, Any], title: str) -> dict[str, Any]:
    """Return the figure of a panel without the title of an axis that the panel has itself."""
    return {key: value for key, value in figure.items() if not (key in ("xlabel", "ylabel") and value == title)}


def is_wide(figure: dict[str, Any] | None) -> bool:
    """Return whether a figure needs all columns of the page."""
    if figure is None:
        return False
    if figure.get("kind") == "matrix":
        return matrix.width_wanted(figure) > WIDTH
    return figure.get("kind") in ("panels", "image", "silhouette")


def draw_svg(figure: dict[str, Any], width: int = WIDTH) -> str:
    """Return one figure as an SVG element.

    Parameters
    ----------
    figure : dict
        Plain data of one of `KINDS`.
    width : int
        In pixels; the height follows from the data.

    Raises
    ------
    InputError
        If its kind is not known, or a part of its data is missing or does not fit the rest.

    Examples
    --------
    >>> svg = draw_svg({"kind": "bars", "labels": ["joy", "anger"], "values": [30, 10], "unit": "tracks"})
    >>> 'role="img" aria-label="Bar chart of tracks: joy 30 (75.0' in svg
    True
    """
    return _drawn(figure, width)[0]


def _drawn(figure: dict[str, Any], width: int) -> tuple[str, int]:
    kind = _kind(figure)
    try:
        canvas = kind.draw(figure, width)
        return canvas.svg(kind.describe(figure)), canvas.height
    except (ValueError, IndexError, TypeError, KeyError) as error:
        raise InputError(
            f"The data of a figure of kind '{figure['kind']}' do not fit each other: {error}."
        ) from error


def _kind(figure: dict[str, Any]) -> Kind:
    name = figure.get("kind")
    if name not in KINDS:
        known = [*KINDS, "image", "panels"]
        raise InputError(
            f"A figure must be of one of the kinds {', '.join(sorted(known))}. Got {name!r}."
            f"{did_you_mean(str(name), known)}"
        )
    missing = [key for key in KINDS[name].keys if figure.get(key) is None]
    if missing:
        raise InputError(f"A figure of kind '{name}' must have {', '.join(KINDS[name].keys)}. Missing: {missing[0]}.")
    return KINDS[name]


def _picture(figure: dict[str, Any], title: str, width: int) -> Picture:
    if figure.get("kind") == "image":
        return Picture(title, _image(figure), None, figure["height"])
    svg, height = _drawn(figure, width)
    return Picture(title, Markup(svg), view_table(_kind(figure).tabulate(figure)), height)


def _image(figure: dict[str, Any]) -> Markup:
    return Markup('<img class="paper" src="data:image/png;base64,{}" width="{}" height="{}" alt="{}">').format(
        figure["png"], figure["width"], figure["height"], figure["alt"]
    )
