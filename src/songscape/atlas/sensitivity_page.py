"""What sensitivity came to, as plain data of a report and as lines for a terminal."""

from dataclasses import asdict
from typing import Any

from songscape.atlas.sensitivity import SCORES, Sensitivity
from songscape.atlas.sweep_page import SHOWN, table_lines

Plain = dict[str, Any]

NOTE = (
    "Score minus that of the base; ± is half of a 95 % interval. A delta in brackets is no larger than what the"
    " controls do: another seed, nine tenths of the songs. Same groups: ARI with the groups of the base. Where a"
    " block of labels is taken in, agreement with them proves nothing and is left out. Silhouettes of other features"
    " are measured in another space and compare only roughly."
)
_TOLD = ("ami_genre", "silhouette_features", "trustworthiness")


def sensitivity_section(found: Sensitivity) -> Plain:
    """Return a section of a report: what matters in sentences, the table, all deltas at a glance."""
    columns, rows = sensitivity_rows(found)
    errors = [[row["change"], row["error"]] for row in found.changes if row["error"]]
    table = {"columns": columns, "rows": rows, "align": "l" + "r" * (len(columns) - 1)}
    items = [_item("sensitivity-table", "Every change against the base", NOTE, table=table, facts=errors or None)]
    good = [row for row in (*found.changes, *found.controls) if not row["error"]]
    names = [name for name in SCORES if any(row["deltas"][name] is not None for row in good)]
    widest = max((abs(row["deltas"][name] or 0.0) for row in good for name in names), default=0.0)
    if widest > 0.0:
        figure = {
            "kind": "matrix",
            "rows": [row["change"] for row in good],
            "columns": [SHOWN[name] for name in names],
            "values": [[_rounded(row["deltas"][name]) for name in names] for row in good],
            "low": -float(f"{widest:.2g}"),
            "high": float(f"{widest:.2g}"),
            "text": True,
        }
        note = "The last two rows are the controls: what a change of nothing does."
        items.append(_item("sensitivity-matrix", "All changes at a glance", note, figure=figure))
    return {
        "id": "sensitivity",
        "title": "What each block and treatment does",
        "lead": " ".join(sensitivity_findings(found)),
        "items": items,
    }


def sensitivity_data(found: Sensitivity) -> Plain:
    """Return all of it as plain data."""
    return asdict(found)


def sensitivity_lines(found: Sensitivity) -> list[str]:
    """Return table, errors and sentences as lines for a terminal."""
    columns, rows = sensitivity_rows(found)
    errors = [f"{row['change']}: {row['error']}" for row in found.changes if row["error"]]
    return [*table_lines(columns, rows), "", *errors, *sensitivity_findings(found)]


def sensitivity_rows(found: Sensitivity) -> tuple[list[str], list[list[str]]]:
    """Return the columns of the table, and its cells: the base first, then its changes, then the controls."""
    names = [name for name in SCORES if found.base.get(name) is not None]
    rows = [[f"base ({found.partition})", "", *(f"{found.base[name]:.3f}".replace("-", "−") for name in names)]]
    for row in (*found.changes, *found.controls):
        if row["error"]:
            rows.append([row["change"], "error", *("" for _ in names)])
            continue
        same = row["same_groups"]
        cells = [_cell(row, name, found.chance.get(name)) for name in names]
        rows.append([row["change"], "–" if same is None else f"{same:.2f}".replace("-", "−"), *cells])
    return ["change", "same groups", *(SHOWN[name] for name in names)], rows


def sensitivity_findings(found: Sensitivity) -> list[str]:
    """Return what raises and lowers the scores that matter most, beyond what the controls do."""
    sentences = []
    for name in _TOLD:
        clear = [row for row in found.changes if _is_clear(row, name, found.chance.get(name))]
        if found.base.get(name) is None:
            continue
        if not clear:
            sentences.append(f"{SHOWN[name][:1].upper()}{SHOWN[name][1:]}: no change does more than chance.")
            continue
        ordered = sorted(clear, key=lambda row: row["deltas"][name])
        ends = [ordered[-1]] if ordered[-1]["deltas"][name] > 0.0 else []
        ends += [ordered[0]] if ordered[0]["deltas"][name] < 0.0 else []
        told = ", ".join(f"{row['change']} {_signed(row['deltas'][name])}" for row in ends)
        sentences.append(f"{SHOWN[name][:1].upper()}{SHOWN[name][1:]} (base {found.base[name]:.3f}): {told}.")
    return sentences


def _is_clear(row: Plain, name: str, chance: float | None) -> bool:
    delta = row["deltas"].get(name)
    return delta is not None and abs(delta) > max(chance or 0.0, row["halves"].get(name, 0.0))


def _cell(row: Plain, name: str, chance: float | None) -> str:
    delta, half = row["deltas"][name], row["halves"].get(name)
    if delta is None:
        return "–"
    text = _signed(delta) + (f" ± {half:.3f}" if half is not None else "")
    return text if abs(delta) > (chance or 0.0) else f"({text})"


def _signed(delta: float) -> str:
    return f"{delta:+.3f}".replace("-", "−")


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.3g}")


def _item(number: str, title: str, note: str, **parts: Any) -> Plain:
    return {"id": number, "title": title, "note": note, "figure": None, "table": None, "facts": None} | parts
