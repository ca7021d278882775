"""What a sweep came to, as plain data of a report and as lines for a terminal."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from songscape.atlas.sweep import SweepResult

Plain = dict[str, Any]

SHOWN = {
    "n_groups": "groups",
    "coverage": "in groups",
    "largest": "largest",
    "silhouette_features": "silhouette",
    "silhouette_features_null": "null",
    "silhouette_map": "map silhouette",
    "dbcv_features": "density",
    "trustworthiness": "trust",
    "continuity": "continuity",
    "ami_genre": "AMI genre",
    "ami_emotion": "AMI emotion",
    "ami_decade": "AMI decade",
    "hub_skewness": "hub skewness",
}
"""Columns of the table that are shown, and their names in words; the CSV and the JSON have all."""

_WIDEST = 100  # letters of a line; a table that is wider goes on below

NOTE = (
    "Noise counts as a group of its own for AMI, so that settings of different coverage compare. Each silhouette"
    " stands beside its null. The recommendation looks at no labels."
)


def sweep_section(result: SweepResult) -> Plain:
    """Return a section of a report: recommendation, table, all settings at a glance, what each parameter does.

    Parameters
    ----------
    result : SweepResult
        From `songscape.atlas.sweep.sweep`.

    Returns
    -------
    dict
        ``id``, ``title``, ``lead``, ``items``, as `songscape.report` renders them.
    """
    items = [_table_item(result)]
    if result.table["error"].null_count() > 1:
        items.append(_matrix_item(result))
    items += [item for name, values in result.parameters.items() if (item := _lines_item(result, name, values))]
    return {"id": "sweep", "title": "What the parameters do", "lead": result.reason, "items": items}


def sweep_data(result: SweepResult) -> Plain:
    """Return all of a sweep as plain data: grid, rows, recommendation, reason, how often stages were computed."""
    return {
        "parameters": result.parameters,
        "rows": result.table.to_dicts(),
        "recommended": result.recommended,
        "reason": result.reason,
        "computed": result.computed,
    }


def sweep_rows(result: SweepResult) -> tuple[list[str], list[list[str]]]:
    """Return the columns that are shown and the cells of each setting, as text."""
    scores = [name for name in SHOWN if name in result.table.columns]
    columns = ["setting", *_short_names(list(result.parameters)), *(SHOWN[name] for name in scores)]
    rows = []
    for i, row in enumerate(result.table.iter_rows(named=True)):
        mark = " ←" if i == result.recommended else ""
        values = [row[name] for name in result.parameters]
        cells = ["error" if row["error"] and not place else _cell(row[name]) for place, name in enumerate(scores)]
        rows.append([f"{i + 1}{mark}", *values, *cells])
    return columns, rows


def sweep_lines(result: SweepResult) -> list[str]:
    """Return the table of a sweep, its errors and its recommendation as lines; the table is 100 letters wide."""
    columns, rows = sweep_rows(result)
    lines = table_lines(columns, rows)
    errors = [f"Setting {i + 1}: {error}" for i, error in enumerate(result.table["error"]) if error]
    return [*lines, "", *errors, result.reason]


def table_lines(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table as lines of at most 100 letters: what is wider goes on below, behind the first column again.

    Examples
    --------
    >>> table_lines(["setting", "score"], [["1", "0.5"], ["2", "–"]])
    ['setting  score', '1        0.5', '2        –']
    """
    cells = [columns, *rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    parts: list[list[int]] = [[0]]
    for place in range(1, len(columns)):
        if sum(widths[i] + 2 for i in parts[-1]) + widths[place] > _WIDEST and len(parts[-1]) > 1:
            parts.append([0])
        parts[-1].append(place)
    lines: list[str] = []
    for part in parts:
        lines += [""] if lines else []
        lines += ["  ".join(row[i].ljust(widths[i]) for i in part).rstrip() for row in cells]
    return lines


def _short_names(parameters: list[str]) -> list[str]:
    """Return the last parts of names, whole names where these would be the same twice or that of a score."""
    lasts = [name.rpartition(".")[2] for name in parameters]
    taken = set(SHOWN) | set(SHOWN.values())
    return [
        name if lasts.count(last) > 1 or last in taken else last for name, last in zip(parameters, lasts, strict=True)
    ]


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}".replace("-", "−")


def _table_item(result: SweepResult) -> Plain:
    columns, rows = sweep_rows(result)
    table = {"columns": columns, "rows": rows, "align": "r" * len(columns)}
    errors = [[f"setting {i + 1}", error] for i, error in enumerate(result.table["error"]) if error]
    return _item("sweep-table", f"{result.table.height} settings", NOTE, table=table, facts=errors or None)


def _matrix_item(result: SweepResult) -> Plain:
    """Return all settings at a glance: each score from 0 at its lowest to 1 at its highest."""
    good = result.table.with_row_index("setting").filter(pl.col("error").is_null())
    names = [name for name in SHOWN if name in good.columns and not name.endswith("_null")]
    names = [name for name in names if name not in ("n_groups", "largest", "hub_skewness")]
    places = [_places(good[name].cast(pl.Float64)) for name in names]
    kept = [i for i, place in enumerate(places) if any(value is not None for value in place)]
    figure = {
        "kind": "matrix",
        "rows": [_setting(row, result) for row in good.iter_rows(named=True)],
        "columns": [SHOWN[names[i]] for i in kept],
        "values": [[places[i][row] for i in kept] for row in range(good.height)],
        "low": 0,
        "high": 1,
        "text": True,
    }
    note = "Each score by itself: 0 where it is lowest, 1 where it is highest. Scores that do not vary are left out."
    return _item("sweep-matrix", "All settings at a glance", note, figure=figure)


def _setting(row: dict[str, Any], result: SweepResult) -> str:
    return f"{row['setting'] + 1}: {' · '.join(row[name] for name in result.parameters)}"


def _places(values: pl.Series) -> list[float | None]:
    known = values.drop_nulls()
    low, high = (float(known.to_numpy().min()), float(known.to_numpy().max())) if len(known) else (0.0, 0.0)
    if high <= low:
        return [None] * len(values)
    return [None if value is None else round((value - low) / (high - low), 4) for value in values]


def _lines_item(result: SweepResult, name: str, values: list[Any]) -> Plain | None:
    """Return what a numeric parameter does to each score: mean over the other parameters, from lowest to highest."""
    good = result.table.filter(pl.col("error").is_null())
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) < 2 or len(numbers) < len(values) or good.is_empty():
        return None
    x = sorted(set(numbers))
    panels = []
    for score, words in SHOWN.items():
        if score not in good.columns or score.endswith("_null"):
            continue
        parts = [good.filter(pl.col(name) == f"{value:g}")[score].drop_nulls() for value in x]
        stats = {kind: [_rounded(getattr(part, kind)()) for part in parts] for kind in ("mean", "min", "max")}
        series = {"name": words, "values": stats["mean"], "low": stats["min"], "high": stats["max"]}
        panels.append({"title": words, "figure": {"kind": "lines", "x": x, "series": [series], "xlabel": name}})
    number = name.replace(".", "-").replace("_", "-")
    note = "Line: mean over the other parameters; band: from the lowest to the highest of them."
    figure = {"kind": "panels", "panels": panels}
    return _item(f"sweep-{number}", f"What {name} does", note, figure=figure)


def _rounded(value: Any) -> float | None:
    return None if value is None else float(f"{value:.6g}")


def _item(number: str, title: str, note: str, **parts: Any) -> Plain:
    return {"id": number, "title": title, "note": note, "figure": None, "table": None, "facts": None} | parts
