"""Trouble: what to know before trusting a number of this catalog."""

from typing import Any

import numpy as np
import polars as pl

from songscape.exploration.bins import find_spikes, grid_of
from songscape.exploration.doubtful import doubtful_artists
from songscape.exploration.families import families
from songscape.exploration.outliers import robust_distances
from songscape.exploration.overview import cleared_rows
from songscape.exploration.plain import Finding, Item, Part, bars, item, joined, table
from songscape.exploration.relations import Associations, carries_the_same
from songscape.exploration.view import AUDIO, UNIT_FEATURES, View
from songscape.types import Float64
from songscape.wording import counted, number, percent, short

LISTED = 15
"""Rows of a table at most."""

SATURATED = 0.01
"""A share of the tracks at the lowest or highest value from which a column is called saturated there."""

SAME = 0.95
"""Association from which two columns carry the same thing."""

_DERIVED = {"year", "release_date"}  # the one is taken from the other
_PATTERNS = 8
_LONG_TEXT = 200  # characters a row on average, beyond which a column is text to read, not to compare
_STEPS = {1.0: "whole numbers", 0.1: "steps of 0.1", 0.01: "steps of 0.01"}
_SINGULAR = {"genres": "genre", "artists": "artist"}
_IMPOSSIBLE, _OUTSIDE = "impossible", "a label outside"


def trouble(view: View, notes: dict[str, Any], found: Associations) -> Part:
    """Return all that should make a reader careful."""
    cleared = cleared_rows(notes.get("files", []))
    parts = [
        _missing(view, cleared),
        _saturated(view),
        families(view),
        _told(cleared, "junk-labels", "Junk labels", _OUTSIDE),
    ]
    parts += [_artists(view), _outliers(view), _told(cleared, "impossible", "Impossible values", _IMPOSSIBLE)]
    return joined([*parts, _same(view, found)])


def _missing(view: View, cleared: list[list[Any]]) -> Part:
    """Return what is unknown, column by column, and which columns are unknown together."""
    gaps = {name: view.tracks[name].null_count() for name in view.columns}
    gaps = {name: count for name, count in sorted(gaps.items(), key=lambda pair: -pair[1]) if count}
    if not gaps:
        return Part()
    figure = bars([*gaps], [*gaps.values()]) | {"total": view.tracks.height}
    note = "Tracks that do not know a column, of the columns that the catalog has."
    items = [item("missing", "Missing values", note, figure=figure), *_patterns(view, [*gaps])]
    findings = []
    for name, count in gaps.items():
        if name == "release_date" and "year" in view.columns:
            continue  # the year tells it already
        text = f"{percent(count / len(view))} of the tracks have no {_SINGULAR.get(name, name).replace('_', ' ')}"
        why = next((row for row in cleared if row[0] == name), None)
        if why and why[1] >= count / 2:
            text += f" ({counted(why[1], 'value')} cleared: {why[2].split(',')[0]})"
        findings.append(Finding("trouble", f"{name} unknown", count / len(view), f"{text}."))
    return Part(items, findings)


def _patterns(view: View, names: list[str]) -> list[Item]:
    if len(names) < 2:
        return []
    absent = view.tracks.select(pl.col(name).is_null() for name in names)
    counts = absent.group_by(names).agg(pl.len().alias("tracks")).sort("tracks", *names, descending=True)
    rows = []
    for *missing, tracks in counts.head(_PATTERNS).iter_rows():
        which = ", ".join(name for name, gap in zip(names, missing, strict=True) if gap)
        rows.append([which or "nothing", tracks, percent(tracks / len(view))])
    note = f"The most frequent of {counted(counts.height, 'combination')}."
    shown = table(["unknown together", "tracks", "share"], rows, "lrr")
    return [item("missing-pattern", "What is missing together", note, table=shown)]


def _saturated(view: View) -> Part:
    """Return how each numeric column is rounded, and where it piles up."""
    rows = []
    for name, values in view.numbers.items():
        known = values[~np.isnan(values)]
        steps = _STEPS.get(grid_of(known * 60.0 if name == "duration" else known), "finer")
        verdict = "constant" if known.min() == known.max() else "; ".join(_piles(known, name))
        low, high = (float((known == end).mean()) for end in (known.min(), known.max()))
        rows.append([name, len(np.unique(known)), steps, percent(low), percent(high), verdict or None])
    if not rows:
        return Part()
    note = (
        "Rounded columns have ties, and few distinct values carry less than they seem to. A column is saturated where"
        f" at least {percent(SATURATED)} of the tracks are at its lowest or highest value, and that value stands out."
    )
    columns = ["column", "distinct values", "stands in", "at the lowest", "at the highest", "verdict"]
    return Part([item("rounding", "Saturated and rounded columns", note, table=table(columns, rows, "lrlrrl"))])


def _piles(known: Float64, name: str) -> list[str]:
    words = []
    low, high = float(known.min()), float(known.max())
    spikes = find_spikes(known)
    for value, count in spikes:
        where = "saturated at" if value in (low, high) else "spike at"
        words.append(f"{where} {short(value)} ({percent(count / len(known))})")
    for end in (low, high) if name in UNIT_FEATURES and len(np.unique(known)) > 2 else ():
        share = float((known == end).mean())
        if end in (0.0, 1.0) and share >= SATURATED and end not in [value for value, _ in spikes]:
            words.append(f"saturated at {short(end)} ({percent(share)})")
    return words


def _told(cleared: list[list[Any]], name: str, title: str, reason: str) -> Part:
    """Return what reading cleared for one reason."""
    rows = [row for row in cleared if row[2].startswith(reason)]
    if not rows:
        return Part()
    note = "Cleared when the catalog was read: they count as unknown."
    shown = table(["column", "values", "why", "for example"], rows[:LISTED], "lrll")
    return Part([item(name, title, note, table=shown)])


def _artists(view: View) -> Part:
    """Return names that are hardly artists: by what they are taken for, then the most frequent ones."""
    if not view.has("artists"):
        return Part()
    found = doubtful_artists(view.main_artist)
    if not found.height:
        return Part()
    tracks = int(found["tracks"].sum())
    note = (
        f"{counted(found.height, 'name')} with {counted(tracks, 'track')}, by the form of the name alone. What is the"
    )
    note += " work of many hands tells nothing about one artist's style."
    kinds = found.group_by("reason").agg(pl.len().alias("names"), pl.col("tracks").sum(), pl.col("artist").head(3))
    kinds = kinds.sort("tracks", "reason", descending=[True, False])
    rows = [[reason, names, count, ", ".join(some)] for reason, names, count, some in kinds.iter_rows()]
    columns = ["taken for", "names", "tracks", "for example"]
    shown = item("not-artists", "Artists that are not artists", note, table=table(columns, rows, "lrrl"))
    named = table(["name", "taken for", "tracks"], [list(row) for row in found.head(LISTED).iter_rows()], "llr")
    top = found.row(0, named=True)
    text = (
        f"{percent(tracks / len(view))} of the tracks stand under a name that is hardly an artist, as {top['artist']}"
    )
    finding = Finding("trouble", "artists", tracks / len(view), f"{text} ({number(top['tracks'])}).")
    return Part([shown, item("not-artists-names", "The most frequent of them", table=named)], [finding])


def _transformed(view: View) -> dict[str, Float64]:
    """Return the nine audio features with long tails made short: logit of the 0–1 ones, log2 of tempo."""
    columns = {}
    for name in AUDIO:
        if name in view.numbers:
            values = view.numbers[name]
            if name in UNIT_FEATURES:
                share = (np.clip(values, 0.0, 1.0) + 0.01) / 1.02
                columns[name] = np.log(share / (1.0 - share))
            elif name == "tempo":
                columns[name] = np.log2(np.where(values > 0.0, values, np.nan))
            else:
                columns[name] = values
    return columns


def _outliers(view: View) -> Part:
    """Return the tracks furthest from what is usual, one for each song, with the feature that stands out most."""
    found = robust_distances(_transformed(view))
    if found is None:
        return Part()
    order = np.argsort(-found.squared, kind="stable")
    order = order[view.first_of_family[found.rows[order]]][:LISTED]
    rows = []
    for at in order:
        if found.squared[at] <= found.limit:
            break
        row = int(found.rows[at])
        standing = np.argsort(-np.abs(found.z[:, at]), kind="stable")[:2]
        why = [
            f"{found.columns[i]} {_shown(view, found.columns[i], row)} (z {short(round(float(found.z[i, at]), 1))})"
            for i in standing
        ]
        rows.append([*view.name_of(row), float(np.sqrt(found.squared[at])), ", ".join(why)])
    if not rows:
        return Part()
    beyond = int((found.squared > found.limit).sum())
    p = len(found.columns)
    note = (
        f"Robust Mahalanobis distance over {', '.join(found.columns)}; center and covariance from the densest 75 % of"
        f" the tracks. {counted(beyond, 'track')} ({percent(beyond / len(found.rows))})"
        f" {'lies' if beyond == 1 else 'lie'} beyond"
        f" {short(round(found.limit**0.5, 2))}, where normal data of {p} columns would have 0.1 %: audio features"
        " have long tails, so this is a list to look at, not a verdict. One track for each song."
    )
    shown = table(["title", "artist", "distance", "what stands out"], rows, "llrl")
    return Part([item("outliers", "Unusual mixtures of features", note, table=shown)])


def _shown(view: View, name: str, row: int) -> str:
    return short(round(float(view.numbers[name][row]), 3))


def _same(view: View, found: Associations) -> Part:
    """Return pairs of columns of which one is enough."""
    rows = carries_the_same(found, SAME)
    related = {(row[0], row[1]) for row in rows}
    rows += [row for row in _one_to_one(view) if (row[0], row[1]) not in related]
    constant = [name for name in (*view.columns, *view.own_columns) if _is_constant(view.tracks[name])]
    facts = [["The same for all tracks", ", ".join(constant)]] if constant else None
    if not rows and facts is None:
        return Part()
    note = f"Associations from {SAME}, and columns whose values match one to one."
    shown = table(["column", "column", "how"], rows[:LISTED], "lll") if rows else None
    return Part([item("same", "Columns that carry the same thing", note, table=shown, facts=facts)])


def _is_constant(column: pl.Series) -> bool:
    return len(column) > 1 and column.null_count() == 0 and not isinstance(column.dtype, pl.List) and bool(
        (column == column[0]).all()
    )  # fmt: skip


def _one_to_one(view: View) -> list[list[object]]:
    """Return pairs of columns of equal content, or that name the same things in other words.

    A pair of which each value of one goes with a single value of the other. Columns that are nearly distinct (ids)
    match trivially and count only where they are equal.
    """
    names = [name for name in (*view.columns, *view.own_columns) if _comparable(view.tracks[name])]
    distinct = {name: view.tracks[name].n_unique() for name in names}
    found: list[list[object]] = []
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            if distinct[one] != distinct[other] or distinct[one] < 2 or {one, other} == _DERIVED:
                continue
            left, right = view.tracks[one], view.tracks[other]
            if left.dtype == right.dtype and left.equals(right, null_equal=True):
                found.append([one, other, "equal in every row"])
            elif 2 < distinct[one] <= len(view) / 2 and view.tracks.select(one, other).n_unique() == distinct[one]:
                found.append([one, other, f"one to one, {counted(distinct[one], 'value')}"])
    return found


def _comparable(column: pl.Series) -> bool:
    if isinstance(column.dtype, pl.List | pl.Struct | pl.Array) or column.dtype == pl.Object:
        return False
    return column.dtype != pl.String or float(column.str.len_bytes().mean() or 0.0) <= _LONG_TEXT  # type: ignore[arg-type]
