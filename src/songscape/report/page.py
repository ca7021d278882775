"""Plain data of a report → one HTML file that needs nothing else, and a JSON file of the same data."""

import json
import os
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from songscape.disk import writing
from songscape.errors import InputError
from songscape.report.check import checked_page
from songscape.report.colors import VARIABLES
from songscape.report.drawing import is_wide, view_figure
from songscape.report.facts import view_facts, view_folds
from songscape.report.tables import view_table
from songscape.report.words import unbroken

_COLUMN = 480  # pixels: a table that wants more has all columns of the grid
_ROW = 360  # pixels: a higher item spans rows of the grid, with others beside it


def render_page(page: dict[str, Any]) -> str:
    """Return a report as one HTML page: figures, style and text inside, no script, nothing loaded from elsewhere.

    Parameters
    ----------
    page : dict
        Plain data: ``title``, ``subtitle``, ``findings`` and ``sections``; each section has ``id``, ``title``,
        ``lead`` and ``items``; each item ``id``, ``title`` and ``note``, and any of ``figure``, ``table``, ``facts``,
        ``folds`` (entries to unfold, each with ``id``, ``title``, ``note``, ``facts``).

    Returns
    -------
    str
        The page. The same data give the same text.

    Raises
    ------
    InputError
        If parts are missing, ids are not unique, or numbers are not finite.

    Examples
    --------
    >>> figure = {"kind": "bars", "labels": ["pop"], "values": [3], "unit": "tracks"}
    >>> item = {"id": "genres", "title": "Genres", "note": "", "figure": figure, "table": None, "facts": None}
    >>> section = {"id": "catalog", "title": "Catalog", "lead": "", "items": [item]}
    >>> html = render_page({"title": "Report", "subtitle": "", "findings": ["3 tracks"], "sections": [section]})
    >>> html.startswith("<!DOCTYPE html>"), "<svg" in html
    (True, True)
    """
    page = checked_page(page)
    environment = Environment(
        loader=PackageLoader("songscape.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["unbroken"] = unbroken
    sections = [{**section, "items": [_view(item) for item in section["items"]]} for section in page["sections"]]
    return environment.get_template("page.html.j2").render(page=page, sections=sections, colors=VARIABLES)


def _view(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item as the template shows it."""
    figure, table = item.get("figure"), item.get("table")
    pictures = view_figure(figure)
    view = view_table(table) if table else None
    facts = view_facts(item.get("facts"))
    wide = is_wide(figure) or bool(item.get("folds")) or (view is not None and view.width > _COLUMN)
    height = max((picture.height for picture in pictures), default=0) + (view.height if view else 0)
    height += facts.height if facts else 0
    return {
        "id": item["id"],
        "title": item["title"],
        "note": item.get("note") or "",
        "facts": facts,
        "pictures": pictures,
        "table": view,
        "folds": view_folds(item.get("folds")),
        "wide": wide,
        "rows": 1 if wide else min(max(round(height / _ROW), 1), 4),
        "panels": figure is not None and figure.get("kind") == "panels",
        "broad": is_wide(figure),  # a card may be wide for its table, and a narrow figure in it is not blown up
    }


def write_page(page: dict[str, Any], path: str | Path) -> None:
    """Write a report as HTML, and beside it, with the ending ``.json``, the data that it shows.

    Both are written aside and then renamed, so that a reader never sees half a file. Of images, the JSON keeps size
    and description.

    Parameters
    ----------
    page : dict
        Plain data, see `render_page`.
    path : str or Path
        The HTML file, whose folder exists.

    Raises
    ------
    InputError
        If the data are wrong or the files cannot be written.
    """
    target = Path(path)
    if target.suffix == ".json":
        raise InputError(f"The report is an HTML file, and its data go to a .json file beside it. Got '{target}'.")
    data = json.dumps(_without_pixels(checked_page(page)), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    html = render_page(page)
    _replace(target.with_suffix(".json"), data)
    _replace(target, html)


def _without_pixels(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_pixels(part) for key, part in value.items() if key != "png"}
    return [_without_pixels(part) for part in value] if isinstance(value, list) else value


def _replace(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    with writing("The report", path):
        try:
            with aside.open("w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
