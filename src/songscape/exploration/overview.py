"""Overview: what was read, what was understood, what was cleared or filled in, and why."""

from typing import Any

import numpy as np
import polars as pl

from songscape.exploration.findings import RULE
from songscape.exploration.plain import Finding, Item, Part, item, table
from songscape.exploration.view import CANONICAL, View
from songscape.wording import counted, number, percent, short

MAX_ROWS = 40
"""Rows of a table of the overview at most."""


def overview(
    view: View,
    notes: dict[str, Any],
    rejects: pl.DataFrame,
    inputs: list[dict[str, Any]],
) -> Part:
    """Return the counts, the files, the columns found, what was cleared and why, the rejects."""
    items = [_counts(view, rejects)]
    files: list[dict[str, Any]] = notes.get("files", [])
    items += _files(files, inputs)
    items += _set_aside(notes.get("set_aside", []))
    items += _columns(view, files)
    items += _cleared(files)
    items += _rejects(rejects)
    return Part(items, _about_artists(view))


def subtitle(view: View) -> str:
    """Return the line below the title: how many tracks, by whom, from when."""
    words = [counted(len(view), "track")]
    if view.has("artists"):
        words[0] += f" by {counted(_distinct(view, 'artists'), 'artist')}"
    words += [text for label, text in _span(view) if label == "Years"]
    return ", ".join(words)


def _counts(view: View, rejects: pl.DataFrame) -> Item:
    facts = [
        ["Rows read", number(len(view) + rejects.height)],
        ["Rows rejected", number(rejects.height)],
        ["Tracks", number(len(view))],
    ]
    if view.has("version_family"):
        facts.append(["Songs (version families)", number(view.tracks["version_family"].n_unique())])
    for name, label in (("artists", "Artists"), ("genres", "Genres")):
        if view.has(name):
            facts.append([label, number(_distinct(view, name))])
    if view.has("album"):
        facts.append(["Albums", number(view.tracks["album"].drop_nulls().n_unique())])
    facts += _span(view)
    return item("counts", "What was read", RULE, facts=facts)


def _distinct(view: View, name: str) -> int:
    """Return how many different values the lists of a column hold."""
    return view.tracks[name].explode().drop_nulls().n_unique()


def _span(view: View) -> list[list[str]]:
    if "year" not in view.numbers:
        return []
    years = view.numbers["year"]
    return [["Years", f"{np.nanmin(years):.0f}–{np.nanmax(years):.0f}, median {short(float(np.nanmedian(years)))}"]]


def _files(files: list[dict[str, Any]], inputs: list[dict[str, Any]]) -> list[Item]:
    if not inputs:
        return []
    encodings = {entry.get("file"): entry.get("encoding") for entry in files}
    rows = [
        [entry.get("file"), entry.get("format"), encodings.get(entry.get("file")), entry.get("rows")]
        for entry in inputs[:MAX_ROWS]
    ]
    more = f"{counted(len(inputs) - MAX_ROWS, 'more file')} not listed." if len(inputs) > MAX_ROWS else ""
    return [item("files", "Files", more, table=table(["file", "format", "encoding", "rows"], rows, "lllr"))]


def _set_aside(files: list[dict[str, Any]]) -> list[Item]:
    """Return the files that could not be used."""
    if not files:
        return []
    rows = [[entry["file"], entry["reason"]] for entry in files[:MAX_ROWS]]
    more = f"{counted(len(files) - MAX_ROWS, 'more file')} not listed." if len(files) > MAX_ROWS else ""
    return [item("set-aside", "Files set aside", more, table=table(["file", "why"], rows, "ll"))]


def _columns(view: View, files: list[dict[str, Any]]) -> list[Item]:
    """Return the columns found, with the headers they were recognized by and the scale they were read on."""
    rows = []
    for name in view.columns:
        entries = [entry["columns"][name] for entry in files if name in entry.get("columns", {})]
        headers = dict.fromkeys(header for entry in entries for header in entry.get("source", []))
        scales = dict.fromkeys(entry["scale"] for entry in entries if entry.get("scale"))
        known = len(view) - view.tracks[name].null_count()
        rows.append([name, ", ".join(headers) or None, "; ".join(scales) or None, known, percent(known / len(view))])
    if not rows:
        return []
    note = "A header is recognized in lower case with everything but letters and digits dropped."
    absent = [name for name in view.tracks.columns if name in CANONICAL and name not in view.columns]
    if absent:
        note += f" Not in this catalog: {', '.join(absent)}."
    if view.own_columns:
        listed = ", ".join(view.own_columns[:12]) + (", …" if len(view.own_columns) > 12 else "")
        note += f" Kept as they were: {counted(len(view.own_columns), 'other column')} ({listed})."
    found = table(["column", "recognized by", "read as", "tracks that have it", "share"], rows, "lllrr")
    return [item("columns", "Columns found", note, table=found)]


def _cleared(files: list[dict[str, Any]]) -> list[Item]:
    found = []
    if rows := cleared_rows(files):
        note = "Cleared values count as unknown. What was impossible, a filler or outside a vocabulary says nothing."
        columns = ["column", "values cleared", "why", "for example"]
        cleared = table(columns, rows[:MAX_ROWS], "lrll")
        found.append(item("cleared", "What was cleared, and why", note, table=cleared))
    if rows := cleared_rows(files, "mended"):
        columns = ["column", "values mended", "what stood there", "for example"]
        mended = table(columns, rows[:MAX_ROWS], "lrll")
        found.append(item("mended", "What was mended", "", table=mended))
    return found


def cleared_rows(files: list[dict[str, Any]], kind: str = "cleared") -> list[list[Any]]:
    """Return column, count, reason and examples of what was cleared or ``mended`` in all files, the most first."""
    found: dict[tuple[str, str], list[Any]] = {}
    for entry in files:
        for name, ledger in entry.get("columns", {}).items():
            for cleared in ledger.get(kind, []):
                row = found.setdefault((name, cleared["reason"]), [name, 0, cleared["reason"], {}])
                row[1] += cleared["count"]
                row[3] |= dict.fromkeys(cleared.get("examples", []))
    rows = [[*row[:3], ", ".join(list(row[3])[:3])] for row in found.values()]
    return sorted(rows, key=lambda row: -row[1])


def _rejects(rejects: pl.DataFrame) -> list[Item]:
    if not rejects.height:
        return []
    reasons = rejects["reason"].value_counts(name="count").sort("count", "reason", descending=[True, False])
    rows = [[reason, count] for reason, count in reasons.head(MAX_ROWS).iter_rows()]
    return [item("rejects", "Rows that could not be used", table=table(["reason", "rows"], rows, "lr"))]


def _about_artists(view: View) -> list[Finding]:
    if not view.has("artists"):
        return []
    counts = (
        view.main_artist.drop_nulls().value_counts(name="count").sort("count", descending=True)["count"].to_numpy()
    )
    if len(counts) < 10:
        return []
    once = int((counts == 1).sum()) / len(counts)
    top = int(np.ceil(len(counts) / 100))
    held = counts[:top].sum() / counts.sum()
    concentration = (
        f"The {counted(top, 'artist')} with the most tracks, 1 % of all, hold {percent(held)} of the tracks"
    )
    text = f"{concentration}; {percent(once)} of the artists have a single one."
    return [Finding("make-up", "artists", float(max(held - 0.01, 0.0) / 0.99), text)]
