"""What every page must fulfill, whatever the catalog: the shape of its plain data, and nothing beyond JSON."""

import json
import math
from typing import Any

FIGURES = {
    "bars": {"labels", "values", "unit", "muted"},
    "histogram": {"edges", "counts", "spikes"},
    "circle": {"labels", "series"},
    "matrix": {"rows", "columns", "values", "low", "high", "text"},
    "lines": {"x", "series"},
    "panels": {"panels"},
    "boxes": {"labels", "boxes"},
    "density": {"x_edges", "y_edges", "counts"},
    "stack": {"x", "names", "shares"},
}


def items_of(page: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """All items of a page by id."""
    return {item["id"]: item for section in page["sections"] for item in section["items"]}


def valid_page(page: dict[str, Any]) -> dict[str, Any]:
    """Return the page after a look at all of it."""
    text = json.dumps(page, allow_nan=False)
    assert json.loads(text) == page, "only dicts, lists, texts, numbers and None"
    assert set(page) == {"title", "subtitle", "findings", "sections"}
    assert len(page["findings"]) <= 10
    assert len(set(page["findings"])) == len(page["findings"])
    listed = [item["id"] for section in page["sections"] for item in section["items"]]
    assert len(listed) == len(set(listed))
    for sentence in page["findings"]:
        assert sentence.endswith("."), sentence
        assert "nan" not in sentence.split(), sentence
    for section in page["sections"]:
        assert set(section) == {"id", "title", "lead", "items"}
        assert section["items"], "a section without items is left out"
        for item in section["items"]:
            _valid_item(item)
    return page


def _valid_item(item: dict[str, Any]) -> None:
    assert set(item) == {"id", "title", "note", "figure", "table", "facts"}
    assert item["figure"] or item["table"] or item["facts"], item["id"]
    if item["table"]:
        assert set(item["table"]) == {"columns", "rows", "align"}
        width = len(item["table"]["columns"])
        assert len(item["table"]["align"]) == width, item["id"]
        assert item["table"]["rows"], item["id"]
        assert all(len(row) == width for row in item["table"]["rows"]), item["id"]
    for fact in item["facts"] or []:
        assert [type(part) for part in fact] == [str, str], item["id"]
    if item["figure"]:
        _valid_figure(item["figure"])


def _valid_figure(figure: dict[str, Any]) -> None:
    kind = figure["kind"]
    assert set(figure) - {"kind", "xlabel", "ylabel", "total"} == FIGURES[kind], kind
    if kind == "panels":
        assert figure["panels"]
        for panel in figure["panels"]:
            _valid_figure(panel["figure"])
    elif kind == "bars":
        assert len(figure["labels"]) == len(figure["values"]) > 0
    elif kind == "histogram":
        assert len(figure["edges"]) == len(figure["counts"]) + 1
        assert all(a < b for a, b in zip(figure["edges"], figure["edges"][1:], strict=False))
    elif kind == "circle":
        assert len(figure["labels"]) == 12
        assert all(len(series["values"]) == 12 for series in figure["series"])
    elif kind == "matrix":
        assert [len(row) for row in figure["values"]] == [len(figure["columns"])] * len(figure["rows"])
    elif kind == "lines":
        for series in figure["series"]:
            assert len(series["values"]) == len(figure["x"]) > 0
    elif kind == "boxes":
        assert len(figure["boxes"]) == len(figure["labels"]) > 0
        assert all(sorted(box) == box for box in figure["boxes"])
    elif kind == "density":
        assert len(figure["counts"]) == len(figure["y_edges"]) - 1 <= 60
        assert {len(row) for row in figure["counts"]} == {len(figure["x_edges"]) - 1}
        assert len(figure["x_edges"]) <= 61
    elif kind == "stack":
        assert [len(row) for row in figure["shares"]] == [len(figure["x"])] * len(figure["names"])
        for column in zip(*figure["shares"], strict=True):
            assert math.isclose(sum(column), 1.0, abs_tol=1e-4)
