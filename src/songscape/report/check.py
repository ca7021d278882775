"""Whether plain data are a page: ids, numbers and texts as the page needs them."""

import math
import re
from typing import Any

from songscape.errors import InputError
from songscape.report.words import clean

_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")
_OF_PAGE, _OF_SECTION, _OF_ITEM = ("title", "sections"), ("id", "title", "items"), ("id", "title")
_OF_FOLD = ("id", "title", "facts")
_LABELS = ("labels", "rows", "columns", "names")
_PIXELS = re.compile(r"[A-Za-z0-9+/]+=*")


def checked_page(page: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of the page with clean texts.

    Raises
    ------
    InputError
        If a part is missing, an id is not fit or not unique, a number is not finite, or a table is not rectangular.
    """
    _require(page, _OF_PAGE, "The page")
    copy: dict[str, Any] = {"subtitle": "", "findings": [], **_cleaned(page, "the page")}
    seen: set[str] = set()
    for section in copy["sections"]:
        _require(section, _OF_SECTION, "A section")
        section.setdefault("lead", "")
        _check_id(section["id"], seen)
        for item in section["items"]:
            _require(item, _OF_ITEM, f"An item of section '{section['id']}'")
            _check_id(item["id"], seen)
            _check_item(item)
            for fold in item.get("folds") or ():
                _require(fold, _OF_FOLD, f"A fold of item '{item['id']}'")
                _check_id(fold["id"], seen)
    return copy


def _require(part: dict[str, Any], keys: tuple[str, ...], what: str) -> None:
    missing = [key for key in keys if key not in part]
    if missing:
        raise InputError(f"{what} must have {', '.join(keys)}. Missing: {missing[0]}.")


def _check_id(name: Any, seen: set[str]) -> None:
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise InputError(f"An id must be of small letters a to z, digits and hyphens. Got {name!r}.")
    if name in seen:
        raise InputError(f"Ids must be unique on the page. '{name}' is there twice.")
    seen.add(name)


def _check_item(item: dict[str, Any]) -> None:
    table, figure = item.get("table"), item.get("figure")
    if table is not None:
        for row in table["rows"]:
            if len(row) != len(table["columns"]):
                raise InputError(
                    f"Each row of the table of item '{item['id']}' must have {len(table['columns'])} cells,"
                    f" one per column. Got {len(row)}."
                )
        if len(table.get("swatches") or table["rows"]) != len(table["rows"]):
            raise InputError(f"The table of item '{item['id']}' must have one swatch for each row, or none.")
    if figure is not None:
        _name_labels(figure, item["id"])


def _name_labels(figure: dict[str, Any], where: str) -> None:
    """Give labels that are missing or empty a visible word; check the pixels of an image."""
    for panel in figure.get("panels") or ():
        if panel["figure"] is not None:
            _name_labels(panel["figure"], where)
    for key in _LABELS:
        if key in figure:
            figure[key] = ["(none)" if label is None else str(label) or "(empty)" for label in figure[key]]
    if figure.get("kind") == "image" and not _PIXELS.fullmatch(str(figure.get("png", ""))):
        raise InputError(f"The image of item '{where}' must be PNG data in base64.")


def _cleaned(value: Any, where: str) -> Any:
    """Return a deep copy with clean texts; `where` tells in messages which part this is."""
    if isinstance(value, dict):
        inner = f"item or section '{value['id']}'" if "id" in value else where
        return {key: part if key == "png" else _cleaned(part, inner) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(part, where) for part in value]
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"Numbers of the page must be finite, None where undefined. Got {value} in {where}.")
    if value is None or isinstance(value, bool | int | float):
        return value
    raise InputError(
        f"Data of the page must be plain: texts, numbers, lists, dicts, None. Got {type(value)} in {where}."
    )
