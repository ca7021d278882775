"""The catalog's columns in the form that all groups can be counted from at once.

A numeric column becomes at most 1024 classes of equal values, or, where it has more distinct values, of neighboring
ones. Then a group is a row of counts, and effect sizes, intervals and medians of any two sets of songs follow from
counts alone: exactly for up to 1024 distinct values, else to within half a class (0.05 % of the songs).
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.types import Float64, Int32, Int64

MAX_CLASSES = 1024

UNITS = {
    "energy": "", "loudness": "dB", "acousticness": "", "instrumentalness": "", "speechiness": "", "liveness": "",
    "positiveness": "", "danceability": "", "tempo": "BPM", "duration": "s", "mode": "", "year": "",
    "popularity": "",
}  # fmt: skip
"""Numeric columns that cards speak about, with their units; shares in [0, 1] and scores have none."""

HELD_OUT = frozenset({"tonality", "genre", "emotion", "year", "popularity", "explicit"})
"""Blocks that the metric leaves out unless asked for."""

NEVER_IN_METRIC = frozenset({"duration"})
MAX_GENRES = 150
MIN_SONGS = 20
"""Genres, emotions and decades with fewer songs are not looked at: nothing could be shown of them."""


@dataclass(frozen=True, slots=True, eq=False)
class NumericColumn:
    """One feature in classes.

    Attributes
    ----------
    name, unit, held_out
        As in `Difference`.
    values : float64, shape (n_rows,)
        In the catalog's unit; NaN where unknown.
    codes : int32, shape (n_rows,)
        Class of each song, ascending with its value; −1 where unknown.
    levels : float64, shape (n_classes,)
        The value that stands for each class, ascending.
    """

    name: str
    unit: str
    held_out: bool
    values: Float64
    codes: Int32
    levels: Float64


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """The values of one kind of label: a song may have one, several (genres) or none.

    Attributes
    ----------
    kind : str
        ``genre``, ``emotion``, ``decade`` or ``explicit``.
    held_out : bool
        Whether it took no part in the metric.
    values : tuple of str
        The labels that are looked at.
    rows, codes : int32, shape (n_pairs,)
        Which song has which of them.
    known : bool, shape (n_rows,)
        True for songs that have any value of this kind, be it among `values` or not.
    """

    kind: str
    held_out: bool
    values: tuple[str, ...]
    rows: Int32
    codes: Int32
    known: npt.NDArray[np.bool_]


def numeric_columns(songs: pl.DataFrame, held_out: Collection[str] = HELD_OUT) -> list[NumericColumn]:
    """Return the numeric columns that vary, in the order of `UNITS`."""
    columns = []
    for name, unit in UNITS.items():
        if name not in songs.columns:
            continue
        values = songs[name].cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
        codes, levels = classes(values)
        if len(levels) > 1:
            outside = name in held_out or name in NEVER_IN_METRIC or (name == "mode" and "tonality" in held_out)
            columns.append(NumericColumn(name, unit, outside, values, codes, levels))
    return columns


def classes(values: Float64, max_classes: int = MAX_CLASSES) -> tuple[Int32, Float64]:
    """Return the class of each value, −1 for NaN, and the value that stands for each class.

    Equal values are always in one class. Where there are more than `max_classes` distinct ones, classes are cut at
    equal shares of the rows, and their middle value stands for them.

    Examples
    --------
    >>> codes, levels = classes(np.array([3.0, 1.0, np.nan, 3.0]))
    >>> codes.tolist(), levels.tolist()
    ([1, 0, -1, 1], [1.0, 3.0])
    """
    known = np.flatnonzero(~np.isnan(values))
    distinct, inverse, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    if len(distinct) > max_classes:
        middle = np.cumsum(counts) - counts / 2.0
        wanted = np.minimum(middle * max_classes / counts.sum(), max_classes - 1).astype(np.int64)
        kept, of_distinct = np.unique(wanted, return_inverse=True)
        starts = np.searchsorted(of_distinct, np.arange(len(kept) + 1))
        distinct = distinct[(starts[:-1] + starts[1:] - 1) // 2]
        inverse = of_distinct[inverse]
    codes = np.full(len(values), -1, dtype=np.int32)
    codes[known] = inverse
    return codes, distinct


def class_counts(codes: Int32, n_classes: int, labels: Int32, n_groups: int) -> Int64:
    """Return how many songs of each group are in each class, int64 (n_groups + 1, n_classes).

    The last row counts the songs in no group (label −1).
    """
    known = codes >= 0
    group = np.where(labels >= 0, labels, n_groups).astype(np.int64)
    cell = group[known] * n_classes + codes[known]
    return np.bincount(cell, minlength=(n_groups + 1) * n_classes).reshape(n_groups + 1, n_classes)


def categories(songs: pl.DataFrame, held_out: Collection[str] = HELD_OUT) -> list[Categories]:
    """Return genres, emotions, decades and explicit text as far as the catalog has them."""
    table = pl.DataFrame({"row": np.arange(songs.height, dtype=np.int32)})
    found = []
    if songs.schema.get("genres") == pl.List(pl.String):
        genres = table.with_columns(value=songs["genres"]).explode("value", empty_as_null=True).unique()
        found.append(_category("genre", "genre" in held_out, genres, songs.height))
    if songs.schema.get("emotion") == pl.String:
        emotions = table.with_columns(value=songs["emotion"])
        found.append(_category("emotion", "emotion" in held_out, emotions, songs.height))
    if "year" in songs.columns and songs.schema["year"].is_numeric():
        decades = pl.format("{}s", songs["year"].cast(pl.Int32) // 10 * 10)
        found.append(_category("decade", "year" in held_out, table.with_columns(value=decades), songs.height))
    if songs.schema.get("explicit") == pl.Boolean:
        flags = songs["explicit"].replace_strict({True: "explicit", False: "clean"}, return_dtype=pl.String)
        found.append(_category("explicit", "explicit" in held_out, table.with_columns(value=flags), songs.height))
    return [kind for kind in found if kind.values]


def _category(kind: str, held_out: bool, pairs: pl.DataFrame, n_rows: int) -> Categories:
    """Keep the values that enough songs have, the most frequent first; "clean" is only the rest of "explicit"."""
    pairs = pairs.drop_nulls("value")
    known = np.zeros(n_rows, dtype=np.bool_)
    known[pairs["row"].to_numpy()] = True
    counts = pairs.group_by("value").len().filter((pl.col("len") >= MIN_SONGS) & (pl.col("value") != "clean"))
    values = counts.sort("len", "value", descending=[True, False])["value"].head(MAX_GENRES).to_list()
    codes = pl.DataFrame(
        {"value": values, "code": np.arange(len(values), dtype=np.int32)}, schema_overrides={"value": pl.String}
    )
    kept = pairs.join(codes, on="value", maintain_order="left")
    return Categories(kind, held_out, tuple(values), kept["row"].to_numpy(), kept["code"].to_numpy(), known)
