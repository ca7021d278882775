"""Columns of an atlas → codes of one or two bytes, with what is needed to read them.

A number becomes the nearest of equal steps, ``value = low + code · step``; a category the place of its value in a
list. The highest code of a type means unknown. The page colors and filters by these columns.
"""

import math
from typing import Any

import numpy as np
import polars as pl

from songscape.web.packing.buffer import Array, smallest

KEYS = ("C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
"""Pitch classes as musicians write them."""

_ORDERS = {"key": KEYS, "mode": ("minor", "major"), "time_signature": tuple(str(beats) for beats in range(17))}
_STEPS = {
    **dict.fromkeys(("danceability", "energy", "positiveness", "speechiness", "liveness", "acousticness"), 0.005),
    "instrumentalness": 0.005,
    "loudness": 0.25,
    "tempo": 0.25,
    "duration": 1.0,
    "year": 1.0,
    "popularity": 0.5,
    "silhouette": 0.01,
    "map_trust": 0.005,
    "map_continuity": 0.005,
}
_NOT_SHOWN = {
    "id", "title", "artists", "album", "genres", "release_date", "key", "mode", "time_signature", "version_family",
    "is_representative", "source_file", "source_line", "x", "y", "z", "cluster", "cluster_probability",
}  # fmt: skip
_MOST_STEPS = 65_000
_MOST_VALUES = 60  # of a text column of the user's own, which is shown as categories

Column = tuple[dict[str, Any], Array]


def number_column(name: str, values: pl.Series, step: float | None = None) -> Column | None:
    """Return a column of numbers as codes of equal steps; None where nothing is known.

    Parameters
    ----------
    name : str
    values : polars.Series
        Numbers; null and NaN are unknown.
    step : float, optional
        Made larger where the range has more than 65 000 of them; by default a 250th of the range.

    Returns
    -------
    (dict, array) or None
        ``name``, ``kind`` (number), ``low``, ``high``, ``step``; codes as uint8 or uint16.

    Examples
    --------
    >>> about, codes = number_column("year", pl.Series([1990, None, 2001]), 1.0)
    >>> about["low"], about["high"], codes.tolist()
    (1990.0, 2001.0, [0, 255, 11])
    """
    floats = values.cast(pl.Float64).to_numpy()
    known = np.isfinite(floats)
    if not known.any():
        return None
    low, high = float(floats[known].min()), float(floats[known].max())
    step = max(step or 0.0, (high - low) / (_MOST_STEPS if step else 250)) or 1.0
    low = math.floor(low / step + 1e-9) * step
    codes = np.full(len(floats), -1, np.int64)
    codes[known] = np.rint((floats[known] - low) / step)
    about = {"name": name, "kind": "number", "low": low, "high": high, "step": step}
    return about, smallest(codes, int(codes.max()))


def category_column(name: str, values: pl.Series, order: list[str] | None = None) -> Column | None:
    """Return a column of texts as places in a list, the most frequent value first; None where nothing is known.

    Examples
    --------
    >>> about, codes = category_column("emotion", pl.Series(["joy", "fear", None, "joy"]))
    >>> about["values"], codes.tolist()
    (['joy', 'fear'], [0, 1, 255, 0])
    """
    counts = values.drop_nulls().value_counts(sort=False).sort(["count", values.name], descending=[True, False])
    found: list[str] = counts[values.name].to_list()
    if not found:
        return None
    if order is not None:
        found = [value for value in order if value in set(found)]
    places = pl.DataFrame(
        {"value": found, "place": range(len(found))}, schema={"value": pl.String, "place": pl.Int64}
    )
    codes = values.to_frame("value").join(places, on="value", how="left", maintain_order="left")["place"]
    about = {"name": name, "kind": "category", "values": found}
    return about, smallest(codes.fill_null(-1).to_numpy(), len(found))


def all_columns(table: pl.DataFrame) -> list[Column]:
    """Return the columns of an atlas' table that the page colors and filters by, those of groups left out."""
    found: list[Column | None] = []
    for name, values in shown_columns(table).items():
        if values.dtype.is_numeric():
            found.append(number_column(name, values, _STEPS.get(name)))
        elif name in _ORDERS or values.n_unique() <= _MOST_VALUES or name in ("emotion", "genre"):
            found.append(category_column(name, values, _order(name, table.schema.get(name))))
    return [column for column in found if column is not None]


def shown_columns(table: pl.DataFrame) -> dict[str, pl.Series]:
    """Return what the page may show of tracks by column, those of groups left out: numbers, and texts as it has them.

    Examples
    --------
    >>> table = pl.DataFrame({"energy": [0.5], "key": [1], "explicit": [False], "genres": [["pop", "rock"]]})
    >>> {name: values.to_list() for name, values in shown_columns(table).items()}
    {'energy': [0.5], 'emotion': [None], 'genre': ['pop'], 'key': ['D♭'], 'explicit': ['no']}
    """
    found = {name: table[name] for name in _STEPS if name in table}
    found["emotion"] = _texts(table, "emotion")
    genres = table["genres"].list.first() if "genres" in table else pl.Series([None] * len(table), dtype=pl.String)
    found["genre"] = genres.alias("genre")
    found |= {name: _named(table[name], names) for name, names in _ORDERS.items() if name in table}
    known = {*_STEPS, *_NOT_SHOWN, "emotion"}
    for name, kind in table.schema.items():
        if name not in known and not name.startswith(("axis_", "group_")):
            if kind == pl.Boolean:
                words = pl.when(pl.col(name)).then(pl.lit("yes")).when(~pl.col(name)).then(pl.lit("no"))
                found[name] = table.select(words.alias(name)).to_series()
            elif kind.is_numeric() or kind == pl.String:
                found[name] = table[name]
    return found


def _order(name: str, kind: pl.DataType | None) -> list[str] | None:
    """Return the order of a column's values where it has one of its own."""
    return ["no", "yes"] if kind == pl.Boolean else list(_ORDERS[name]) if name in _ORDERS else None


def _named(values: pl.Series, names: tuple[str, ...]) -> pl.Series:
    """Return small whole numbers as their names."""
    places = values.cast(pl.Int64)
    return pl.Series(names).gather(places.set(~places.is_between(0, len(names) - 1), None)).alias(values.name)


def _texts(table: pl.DataFrame, name: str) -> pl.Series:
    return table[name] if name in table else pl.Series(name, [None] * len(table), dtype=pl.String)
