"""The report of all parts: what their totals say, and how groups of the sample are filled by all tracks."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from songscape.atlas.arrays import SCALES
from songscape.catalog.schema import FEATURES
from songscape.distributed.totals import MEASURED, borders
from songscape.exploration.plain import Figure, Item, bars, item, jsonable, matrix, panels, table
from songscape.exploration.view import axis_label
from songscape.parts.dataset import read_manifest, scan_parts
from songscape.report import write_page
from songscape.wording import counted, number, percent, short

_Told = dict[str, Any]

_TOP = 10
_MOST_ROWS = 200
_OUTSIDE, _OTHERS = "outside of groups", "all others"

_PARTS = "Each file, or block of a large one, is a part; a model of a sample has placed every track."
_FILLED = (
    "Groups were made of the sample, and all other tracks were given to them. A group whose share of all tracks is"
    " far from its share of the sample is one that the sample shows too large or too small."
)


def write_parts_report(folder: str | os.PathLike[str], path: str | os.PathLike[str]) -> Path:
    """Write the report of all tracks of a partitioned atlas: one HTML file, its numbers as JSON beside it.

    Parameters
    ----------
    folder : path
        Of an atlas that ``songscape build`` wrote in parts.
    path : path
        The HTML file.

    Returns
    -------
    Path
        The HTML file.

    Raises
    ------
    AtlasError
        If there are no parts, or they are damaged or belong to another atlas.
    InputError
        If the files cannot be written.

    Examples
    --------
    See the page on scaling in the documentation: `docs/scaling.md`.

    Notes
    -----
    Distributions and correlations are those that were added up when the atlas was built; of the parts themselves
    only the columns with groups are read, a piece at a time.
    """
    target = Path(path)
    page = parts_page(read_manifest(folder), scan_parts(folder))
    target.parent.mkdir(parents=True, exist_ok=True)
    write_page(page, target)
    return target


def parts_page(manifest: _Told, parts: pl.LazyFrame) -> _Told:
    """Return the report of all parts as plain data."""
    totals = manifest["totals"]
    wide = f"Quantiles are right to the width of a bin: {_resolution(totals)}."
    page: _Told = {
        "title": "All tracks",
        "subtitle": f"{counted(totals['tracks'], 'track')} of {counted(len(manifest['parts']), 'part')}",
        "findings": list(_findings(manifest)),
        "sections": [
            _section("overview", "What was read", _PARTS, _read(manifest)),
            _section("pictures", "What the catalog is made of", "", _pictures(totals)),
            _section("features", "Every column", wide, _features(totals)),
            _section("groups", "The groups, filled", _FILLED, [_groups(scale, parts) for scale in SCALES]),
        ],
    }
    plain: _Told = jsonable(page)
    return plain


def _section(name: str, title: str, lead: str, items: list[Item]) -> _Told:
    return {"id": name, "title": title, "lead": lead, "items": items}


def _findings(manifest: _Told) -> Iterator[str]:
    totals = manifest["totals"]
    unlike = sum(part["unlike"] for part in manifest["parts"])
    yield (
        f"{counted(manifest['fitted_songs'], 'song')} of {number(totals['songs'])} were fitted;"
        f" {percent(unlike / max(totals['tracks'], 1))} of all tracks are unlike those."
    )
    for name, what in (("emotion", "emotion"), ("genres", "genre")):
        if totals[name]:
            first, count = next(iter(totals[name].items()))
            yield f"The most frequent {what} is {first}: {counted(count, 'track')}."


def _read(manifest: _Told) -> list[Item]:
    totals = manifest["totals"]
    facts = [
        ["Rows read", number(totals["rows_read"])],
        ["Rows rejected", number(totals["rejected"])],
        ["Tracks", number(totals["tracks"])],
        ["Songs (version families within a part)", number(totals["songs"])],
        ["Fitted", counted(manifest["fitted_songs"], "song")],
    ]
    parts = [
        [_place_of(part), part["tracks"], percent(part["unlike"] / max(part["tracks"], 1))]
        for part in manifest["parts"]
    ]
    shown = table(["read from", "tracks", "share unlike the sample"], parts[:_MOST_ROWS], "lrr")
    more = f"The first {_MOST_ROWS} of {len(parts)}." if len(parts) > _MOST_ROWS else ""
    found = [item("counts", "Counts", facts=facts), item("files", "The parts", more, table=shown)]
    if manifest["changed"]:
        rows = [
            [one["column"], one["reason"], one["count"], ", ".join(one["examples"])] for one in manifest["changed"]
        ]
        shown = table(["column", "became missing or was mended", "values", "such as"], rows[:_MOST_ROWS], "llrl")
        found.append(item("changed", "Values cleared and mended", table=shown))
    if manifest["set_aside"]:
        rows = [[one["file"], one["reason"]] for one in manifest["set_aside"][:_MOST_ROWS]]
        found.append(item("set-aside", "Files set aside", table=table(["file", "why"], rows, "ll")))
    return found


def _place_of(part: _Told) -> str:
    """Return where a part was read: the file, and for a later block of it the line."""
    first = part.get("first_line", 1)
    return part["source"] if first <= 2 else f"{part['source']}, from line {first}"


def _pictures(totals: _Told) -> list[Item]:
    found = []
    for name, title in (
        ("emotion", "Emotions of the songs"),
        ("genres", f"The {_TOP} most frequent genres and the others"),
    ):
        counts = dict(list(totals[name].items())[:_TOP])
        others = totals["all_listed"][name] - sum(counts.values())
        if others:
            counts[_OTHERS] = others
        if counts:
            muted = [len(counts) - 1] if others else []
            found.append(item(name, title, figure=bars(list(counts), list(counts.values()), muted)))
    return found


def _features(totals: _Told) -> list[Item]:
    """Return the distributions of columns that are known, their quantiles, and how features go together."""
    known = [name for name in MEASURED if totals["columns"][name]["known"]]
    drawn = panels([(axis_label(name), _histogram(name, totals["columns"][name]["histogram"])) for name in known])
    shares = [float(share) for share in next((totals["columns"][name]["quantiles"] for name in known), ())]
    rows = [
        [name, totals["columns"][name]["known"], *map(short, totals["columns"][name]["quantiles"].values())]
        for name in known
    ]
    quantiles = table(["column", "known", *map(percent, shares)], rows, "l" + "r" * (1 + len(shares)))
    found = [item("distributions", "Distributions and quantiles", figure=drawn, table=quantiles)]
    features = [name for name in FEATURES if name in known]
    if len(features) > 1:
        note = "Pearson's correlations over all tracks in which both are known."
        values = _correlations(features, totals["correlations"])
        figure = matrix(features, features, values, low=-1.0, high=1.0)
        found.append(item("correlations", "How features go together", note, figure=figure))
    return found


def _histogram(name: str, counts: list[int]) -> Figure:
    """Return the histogram of a column, from its first bin that holds a track to the last."""
    low, high = borders(name)
    edges = np.linspace(low, high, len(counts) + 1)
    filled = np.flatnonzero(counts)
    first, stop = int(filled[0]), int(filled[-1]) + 1
    return {
        "kind": "histogram",
        "edges": edges[first : stop + 1],
        "counts": counts[first:stop],
        "spikes": [],
        "xlabel": "",
    }


def _resolution(totals: _Told) -> str:
    widths = {short(totals["columns"][name]["resolution"]): name for name in ("duration", "tempo", "year", "energy")}
    return ", ".join(f"{width} of {name}" for width, name in widths.items())


def _correlations(names: list[str], told: dict[str, dict[str, float | None]]) -> np.ndarray[Any, Any]:
    values = np.eye(len(names))
    for i, one in enumerate(names):
        for j, other in enumerate(names[i + 1 :], start=i + 1):
            found = told[one][other]
            values[i, j] = values[j, i] = np.nan if found is None else found
    return values


def _groups(scale: str, parts: pl.LazyFrame) -> Item:
    """Return how many of all tracks each group of a scale has, and its share of them and of the sample."""
    name = pl.col(f"group_{scale}").fill_null(_OUTSIDE).alias("group")
    fitted = (pl.col("is_fitted") & pl.col("is_representative")).sum().alias("fitted")
    found = parts.group_by(name).agg(pl.len().alias("tracks"), fitted).collect(engine="streaming")
    found = found.sort("tracks", "group", descending=[True, False])
    of_all, of_sample = (found[what] / max(found[what].sum(), 1) for what in ("tracks", "fitted"))
    rows = [
        [group, tracks, percent(share), percent(before)]
        for group, tracks, share, before in zip(found["group"], found["tracks"], of_all, of_sample, strict=True)
    ]
    shown = table(["group", "tracks", "share of all", "share of the sample"], rows, "lrrr")
    return item(f"groups-{scale}", f"The {scale} groups", table=shown)
