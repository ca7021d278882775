"""Duplicates and version families: rows that are the same, songs that stand there several times, twins in sound."""

import numpy as np
import polars as pl

from songscape.exploration.plain import Finding, Item, Part, bars, item, table
from songscape.exploration.view import AUDIO, View
from songscape.wording import counted, number, percent

LARGEST = 10
"""Families and twins listed."""

_SIZES = ((1, 1), (2, 2), (3, 3), (4, 5), (6, 10), (11, 20), (21, None))
_TITLES = 3  # of a family, as examples
_ORIGIN = {"version_family", "is_representative", "source_file", "source_line"}


def families(view: View) -> Part:
    """Return what stands in the catalog more than once."""
    items, findings = [], []
    facts = [*_equal_rows(view)]
    if view.has("version_family"):
        sizes = (
            view.tracks["version_family"]
            .value_counts(name="rows")
            .sort("rows", "version_family", descending=[True, False])
        )
        rows = sizes["rows"].to_numpy()
        extra = len(view) - len(rows)
        facts += [
            ["Songs (version families)", number(len(rows))],
            ["Songs with several rows", f"{number(int((rows > 1).sum()))} ({percent(float((rows > 1).mean()))})"],
            ["Rows beyond the first of their song", f"{number(extra)} ({percent(extra / len(view))})"],
        ]
        if extra:
            items = [_family_sizes(rows), *_largest(view, sizes)]
            text = f"{percent(extra / len(view))} of the rows are further versions of a song that is already there"
            findings = [Finding("trouble", "versions", extra / len(view), f"{text}; the largest has {rows[0]} rows.")]
    if not facts:
        return Part()
    first = item(
        "duplicates", "Duplicates", "Rows that are the same but for where they stand in the file.", facts=facts
    )
    return Part([first, *items, *_twins(view)], findings)


def _equal_rows(view: View) -> list[list[str]]:
    columns = [name for name in view.tracks.columns if name in view.columns and name not in _ORIGIN]
    if not {"title", "id"} & set(columns):
        return []
    rows = view.tracks.select(columns)
    plain = [name for name in columns if not isinstance(rows.schema[name], pl.List)]
    candidates = rows.filter(rows.select(plain).hash_rows().is_duplicated())  # rows of different hashes are different
    return [["Rows equal to an earlier one", number(candidates.height - candidates.n_unique())]]


def _family_sizes(rows: np.ndarray) -> Item:
    labels, values = [], []
    for low, high in _SIZES:
        count = int(((rows >= low) & (rows <= (high or rows.max(initial=0)))).sum())
        if count:
            labels.append(f"{low} or more rows" if high is None else f"{low} row" if high == 1 else
                          f"{low} rows" if low == high else f"{low}–{high} rows")  # fmt: skip
            values.append(count)
    note = "A family is one song: the same title and artist but for Live, Remaster and the like, or the same audio."
    return item("family-sizes", "Rows of a song", note, figure=bars(labels, values, unit="songs"))


def _largest(view: View, sizes: pl.DataFrame) -> list[Item]:
    rows = []
    family = view.tracks["version_family"]
    for number_, count in sizes.filter(pl.col("rows") > 1).head(LARGEST).select("version_family", "rows").iter_rows():
        members = (family == number_).arg_true()
        of_family = (
            view.tracks["is_representative"].gather(members).fill_null(False)
            if view.has("is_representative")
            else None
        )
        chosen = members.filter(of_family) if of_family is not None and of_family.any() else members
        title, artist = view.name_of(int(chosen[0]))
        others = [name for name in dict.fromkeys(view.name_of(int(row))[0] for row in members) if name != title]
        rows.append([title, artist, count, ", ".join(others[:_TITLES]) or None])
    listed = table(["song", "artist", "rows", "also as"], rows, "llrl")
    return [item("largest-families", "The largest version families", table=listed)]


def _twins(view: View) -> list[Item]:
    """Return rows of equal audio under different names: one recording sold twice, or a wrong match of the source."""
    features = [name for name in AUDIO if name in view.numbers]
    if len(features) < len(AUDIO) or not view.has("version_family"):
        return []
    line = pl.int_range(pl.len()).alias("row")
    known = view.tracks.select(*features, "version_family", line).drop_nulls()
    groups = known.group_by(features).agg(
        pl.col("version_family").n_unique().alias("songs"),
        pl.col("row").sort().alias("members"),
        pl.len().alias("rows"),
    )
    groups = groups.filter(pl.col("songs") > 1).with_columns(pl.col("members").list.first().alias("first"))
    if not groups.height:
        return []
    groups = groups.sort("songs", "first", descending=[True, False])
    rows = []
    for songs, members in groups.head(LARGEST).select("songs", "members").iter_rows():
        names = dict.fromkeys(" – ".join(view.name_of(int(member))) for member in members[:50])
        rows.append([songs, " · ".join(list(names)[:_TITLES])])
    total = int(groups["rows"].sum())
    note = f"{counted(total, 'track')} share all nine audio features with a song of another name and artist. Coarse"
    note += " rounding makes some of them by chance."
    return [
        item("twins", "The same audio under different names", note, table=table(["songs", "for example"], rows, "rl"))
    ]
