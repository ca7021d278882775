"""results.json → results.md. Nothing is measured here and nothing is known that is not in the file."""

import json
import math
from pathlib import Path
from typing import Any

from figure import LEFT_OUT, draw
from measure import median, spaced
from targets import GB, NotMeasuredError, at_least, find, judged

TITLES = {
    "neighbors": "Exact nearest neighbors, k = 15",
    "umap": "UMAP, from features to map",
    "hdbscan": "HDBSCAN on the map",
    "silhouette": "Exact silhouette, 80 clusters, in feature space",
    "build": "`songscape build`, the first run, the import, a million tracks",
    "scores": "`songscape evaluate`, stability, a sweep",
}
OURS = "songscape"
INTRO = """# Benchmarks

Written by `python benchmarks/run.py` (or `make bench`) from `results.json`; never by hand. How it is measured, and
how to read it: [docs/benchmarks.md](../docs/benchmarks.md). Times are medians of the runs, with the fastest and
slowest where there are several; memory is the most that a process held while it worked. Machines differ and are
shared: compare within a table, where contenders took turns.
"""


def write_report(folder: Path) -> None:
    """Write results.md and the figures beside results.json."""
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))["steps"]
    (folder / "results.md").write_text(report(results), encoding="utf-8")
    draw(results, folder)


def report(results: dict[str, Any]) -> str:
    """Return the page."""
    parts = [INTRO, _targets(results), "## Time against rows\n\n![Time against rows](scaling.svg)\n"]
    parts += [_step(name, results[name]) for name in TITLES if name in results]
    return "\n".join(parts)


def _targets(results: dict[str, Any]) -> str:
    rows = []
    for target, reached in judged(results):
        if isinstance(reached, str):
            cells = [reached, "–", "not judged", "not judged"]
        else:
            verdict = _unlike(results[target.step]) or ("pass" if reached.passes else "**FAIL**")
            aim = "not judged" if _unlike(results[target.step]) else ("reached" if reached.aims else "not yet")
            cells = [reached.what, reached.ratio, verdict, aim]
        rows.append([target.name, target.must, *cells[:3], target.aim, cells[3]])
    head = ["what", "must reach", "reached", "ratio", "verdict", "aims at", ""]
    return "## Targets\n\n" + _table(head, rows)


def _unlike(step: dict[str, Any]) -> str:
    """Return why a step's run says nothing about the targets, empty if it does."""
    return "" if step["plan"] == "full" else "not judged: a quick run"


def _step(name: str, step: dict[str, Any]) -> str:
    lines = [f"## {TITLES[name]}\n", _machine(step), ""]
    if name in ("build", "scores"):
        lines.append(_build_table(step) if name == "build" else _commands_table(step))
        return "\n".join(lines)
    lines.append(_headline_table(name, step))
    if name == "hdbscan":
        lines.append(_agreement(step))
    if name == "silhouette":
        lines.append(_differences(step))
    if name == "umap":
        lines.append(
            f"Scores on {spaced(step['sampled_rows'] or 0)} fixed rows and 200 000 pairs, 95 % bootstrap intervals.\n"
        )
    lines.append(_curve_table(step))
    return "\n".join(lines)


def _machine(step: dict[str, Any]) -> str:
    at = step["machine"]
    load = at["load_average"][0]
    busy = " **It was not idle: differences may be noise.**" if load > 0.5 * at["cores"] else ""
    listed = ", ".join(f"{name} {number}" for name, number in step["versions"].items())
    return (
        f"{at['processor']}, {at['cores']} cores, {at['memory_bytes'] / GB:.0f} GB, {at['system']}, {at['date']};"
        f" load {load} at the start.{busy} {listed}. The step took {step['took_seconds']} s."
    )


def _headline_table(name: str, step: dict[str, Any]) -> str:
    n = step["headline"]
    shown = [m for m in step["measurements"] if m["n"] in (n, step.get("measured_rows")) and _is_told(m, step)]
    scored = {"umap": ["trustworthiness", "overlap", "spearman"], "neighbors": ["recall"]}.get(name, [])
    names = {"overlap": "kNN overlap@15", "trustworthiness": "trustworthiness@15", "spearman": "global Spearman"}
    rows = [
        [
            _name(measured["contender"]),
            f"{spaced(measured['n'])} {measured['data']}",
            _time(measured),
            _cpu(measured),
            _memory(measured),
            _ratio(measured, step),
            *[_score(measured, score) for score in scored],
        ]
        for measured in shown
    ]
    head = ["", "rows", "time", "processor", "memory", "against ours", *[names.get(score, score) for score in scored]]
    return _table(head, rows)


def _is_told(measured: dict[str, Any], step: dict[str, Any]) -> bool:
    """Return whether a measurement belongs into the headline's table: of fewer rows only what was extrapolated."""
    return measured["n"] == step["headline"] or measured["contender"] == "scikit-learn"


def _curve_table(step: dict[str, Any]) -> str:
    contenders = list(dict.fromkeys(m["contender"] for m in step["measurements"]))
    contenders.sort(key=lambda name: not name.startswith(OURS))
    sizes = sorted({m["n"] for m in step["measurements"]})
    cells = {(m["contender"], m["n"]): m for m in step["measurements"]}
    kinds = {m["n"]: m["data"] for m in step["measurements"]}
    rows = [[_name(name), *[_cell(cells.get((name, n))) for n in sizes]] for name in contenders]
    return _table(["seconds · GB", *[f"{spaced(n)} {kinds[n]}" for n in sizes]], rows)


def _agreement(step: dict[str, Any]) -> str:
    parts = []
    chosen = ", ".join(f"{name} {value}" for name, value in step["parameters"].items())
    parts.append(f"Parameters: leaves, {chosen} (the build's, at {spaced(step['headline'])} rows).\n")
    for reference, found in step["agreement"].items():
        parts.append(f"Labels at {spaced(found['n'])} rows, compared with those of {reference}:\n")
        rows = [
            [_name(name), "not compared", "", ""]
            if facts is None
            else [
                _name(name),
                f"{facts['adjusted_rand_index']:.4f}",
                str(facts["n_clusters"]),
                f"{facts['noise_fraction']:.1%}",
            ]
            for name, facts in found["contenders"].items()
        ]
        parts.append(_table(["", "adjusted Rand index", "clusters", "noise"], rows))
    return "\n".join(parts)


def _differences(step: dict[str, Any]) -> str:
    told = [
        f"clusters of the {space}: " + ("not compared" if found["largest"] is None else f"{found['largest']:.1e}")
        for space, found in step["differences"].items()
    ]
    rows = spaced(step["measured_rows"])
    return f"Largest difference of a row's silhouette from scikit-learn's on {rows} rows: {'; '.join(told)}.\n"


def _commands_table(step: dict[str, Any]) -> str:
    rows = [
        [m["contender"], f"{spaced(m['n'])} {m['data']}", _time(m), _cpu(m), _memory(m)] for m in step["measurements"]
    ]
    return _table(["", "rows", "time", "processor", "memory"], rows)


def _build_table(step: dict[str, Any]) -> str:
    rows = []
    for measured in step["measurements"]:
        size = f"{spaced(measured['n'])} {measured['data']}" if measured["n"] else ""
        rows.append(
            [measured["contender"], size, _time(measured), _cpu(measured), _memory(measured), _stages(measured)]
        )
    extra = ", ".join(f"{value:.1f}" for value in step["first_run_extra"])
    table = _table(["", "rows", "time", "processor", "memory", "stages of the last run, seconds"], rows)
    return f"{table}\nExtra time of a first run, pair by pair: {extra} s.\n"


def _stages(measured: dict[str, Any]) -> str:
    timings = measured["facts"].get("timings", {})
    return ", ".join(f"{stage} {value:.1f}" for stage, value in timings.items() if stage != "total")


def _name(contender: str) -> str:
    return f"**{contender}**" if contender.startswith(OURS) else contender


def _time(measured: dict[str, Any]) -> str:
    runs = measured["seconds"]
    if not runs:
        return f"{measured['status']}: {measured['message']}"
    told = f"{_digits(median(runs))} s"
    if len(runs) > 1:
        told += f" ({_digits(min(runs))}–{_digits(max(runs))}, {len(runs)} runs)"
    return f"{told}; {measured['message']}" if measured["message"] else told


def _cpu(measured: dict[str, Any]) -> str:
    return f"{_digits(median(measured['cpu_seconds']))} s" if measured["cpu_seconds"] else "–"


def _memory(measured: dict[str, Any]) -> str:
    return f"{max(measured['peak_bytes']) / GB:.2f} GB" if measured["peak_bytes"] else "–"


def _ratio(measured: dict[str, Any], step: dict[str, Any]) -> str:
    """Return how many times our time a contender takes, at the same number of rows."""
    try:
        own, theirs = at_least(find(step, OURS, measured["n"])), at_least(measured)
    except NotMeasuredError:
        return "–"
    if measured["contender"] in LEFT_OUT:
        return "–"
    sign = "> " if measured["status"] == "timeout" else ""
    return "1" if measured["contender"] == OURS else f"{sign}{_digits(theirs / own)}×"


def _score(measured: dict[str, Any], score: str) -> str:
    found = measured["facts"].get(score)
    if found is None:
        return "–"
    if isinstance(found, float):
        return f"{found:.4f}"
    return f"{found['value']:.3f} ({found['value_low']:.3f}–{found['value_high']:.3f})"


def _cell(measured: dict[str, Any] | None) -> str:
    if measured is None:
        return ""
    if not measured["seconds"]:
        return {"timeout": f"> {measured['limit']:.0f} s", "skipped": "too slow"}.get(measured["status"], "failed")
    mark = "*" if measured["status"] == "extrapolated" else ""
    memory = f" · {max(measured['peak_bytes']) / GB:.2f}" if measured["peak_bytes"] else ""
    return f"{_digits(median(measured['seconds']))}{mark}{memory}"


def _digits(value: float) -> str:
    """Return three significant digits, without an exponent."""
    if not math.isfinite(value) or value == 0.0:
        return str(value)
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}" if abs(value) < 1000 else f"{value:.0f}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
