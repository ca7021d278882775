"""The plain data that a page is made of: builders of items and tables, findings, words for numbers.

A page is nested dicts and lists of text, whole numbers, finite floats and None, so that it goes into JSON as it is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from songscape.types import Float64, Int64

Item = dict[str, Any]
Figure = dict[str, Any]
Kind = Literal["make-up", "relation", "change", "trouble"]

DIGITS = 6
"""Significant digits of every float on the page."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence made from numbers, and how much it says.

    Attributes
    ----------
    kind : str
        ``make-up``, ``relation``, ``change`` or ``trouble``.
    subject : str
        What it is about: of several findings with one subject only the weightiest is shown.
    weight : float
        In [0, 1]; what it measures depends on the kind, see `songscape.exploration.findings`.
    text : str
        The sentence.
    always : bool
        Whether it is shown whatever its weight: the sentences of the three pictures.
    """

    kind: Kind
    subject: str
    weight: float
    text: str
    always: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What one look at the catalog gives: items of a section, and candidates for the findings."""

    items: list[Item] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def joined(parts: Sequence[Part]) -> Part:
    """Return all items and findings of the parts, in order."""
    return Part([item for part in parts for item in part.items], [one for part in parts for one in part.findings])


def item(
    name: str,
    title: str,
    note: str = "",
    *,
    figure: Figure | None = None,
    table: dict[str, Any] | None = None,
    facts: list[list[str]] | None = None,
) -> Item:
    """Return an item of a section; `name` is its id, unique on the page."""
    return {"id": name, "title": title, "note": note, "figure": figure, "table": table, "facts": facts}


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]], align: str) -> dict[str, Any]:
    """Return a table; `align` has one letter a column, l or r."""
    return {"columns": list(columns), "rows": [list(row) for row in rows], "align": align}


def panels(titled: Sequence[tuple[str, Figure]]) -> Figure:
    """Return small multiples of figures of one kind."""
    return {"kind": "panels", "panels": [{"title": title, "figure": figure} for title, figure in titled]}


def bars(
    labels: Sequence[str], values: Sequence[int] | Int64, muted: Sequence[int] = (), unit: str = "tracks"
) -> Figure:
    """Return horizontal bars of counts; those at the positions `muted` are drawn gray."""
    return {"kind": "bars", "labels": list(labels), "values": list(values), "unit": unit, "muted": list(muted)}


def matrix(
    rows: Sequence[str], columns: Sequence[str], values: Float64, *, low: float, high: float, text: bool = True
) -> Figure:
    """Return a heat map with the color scale from `low` to `high`."""
    labels = {"rows": list(rows), "columns": list(columns)}
    return {"kind": "matrix", **labels, "values": values, "low": low, "high": high, "text": text}


def jsonable(value: Any) -> Any:
    """Return plain data with NumPy values as Python ones, floats rounded to `DIGITS`, NaN and infinities as None.

    Examples
    --------
    >>> jsonable({"a": np.array([1.0, np.nan]), "b": (np.int64(3), 0.123456789)})
    {'a': [1.0, None], 'b': [3, 0.123457]}
    """
    if isinstance(value, dict):
        return {key: jsonable(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return jsonable(value.tolist())
    if isinstance(value, list | tuple):
        return [jsonable(inner) for inner in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") + 0.0 if math.isfinite(value) else None  # + 0.0: no minus zero
    return value


def shares(counts: npt.ArrayLike, total: int) -> Float64:
    """Return counts over a total; zeros where the total is 0."""
    return np.asarray(counts, dtype=np.float64) / max(total, 1)
