"""`RawTable` → canonical columns: values read, scales judged, impossible values cleared, all of it counted.

Every reader works on a whole column. Where a text needs more than a cast, it is read once per distinct text.
What is cleared becomes null, never silently: a `Ledger` keeps reason, count and the first three examples.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from songscape.catalog.artist_names import named, names_in_records, unwrapped
from songscape.catalog.ledger import NONE_YET, Decisions, Ledger
from songscape.catalog.scales import divided, find_spike, in_canonical_unit, scale_of, unit_scales
from songscape.catalog.schema import BY_NAME, EMOTIONS, Column, plain_header
from songscape.catalog.values import (
    COMMA_NAMES,
    MISSING_TEXTS,
    date_from_text,
    flag_from_text,
    genres_from_text,
    id_from_text,
    is_marked_missing,
    key_from_text,
    list_from_text,
    meter_from_text,
    mode_from_text,
    names_of,
    number_from_text,
    seconds_from_text,
)
from songscape.threads import run_tasks

_NUMERIC = ("unit", "number", "duration")
_JOINT = "\x1f"  # lists are joined by it on the way: Polars takes in texts much faster than lists of lists
VARIANCE_FILLER = 0.833514  # stands on three quarters of the light emotions set


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The canonical columns of one file, by name, with what was found in each."""

    columns: dict[str, pl.Series]
    ledgers: dict[str, Ledger]


def clean(sources: dict[str, pl.Series], headers: dict[str, list[str]], decisions: Decisions = NONE_YET) -> Cleaned:
    """Read all canonical columns that a file, or a block of it, has.

    Parameters
    ----------
    sources : dict
        Canonical name → raw column.
    headers : dict
        Canonical name → the headers that column came from.
    decisions : dict
        What was decided on a sample of the file; what is not there is judged from the columns.
    """
    raws = {name: plain_series(raw) for name, raw in sources.items()}
    ledgers = {name: Ledger(headers[name], decided=dict(decisions.get(name, {}))) for name in raws}
    numeric = [name for name in raws if BY_NAME[name].kind in _NUMERIC]
    read = run_tasks([partial(_read_numbers, raws[name], BY_NAME[name], ledgers[name]) for name in numeric])
    numbers = dict(zip(numeric, read, strict=True))
    scales = unit_scales({name: column for name, column in numbers.items() if BY_NAME[name].kind == "unit"})

    def read_column(name: str) -> pl.Series:
        column, raw, ledger = BY_NAME[name], raws[name], ledgers[name]
        if column.kind not in _NUMERIC:
            return _READERS[column.kind](raw, column, ledger)
        header = plain_header(headers[name][0])
        judge = partial(scale_of, name, numbers[name], header, scales.get(name, 1.0))
        scale: str = ledger.decide("scale", judge)
        ledger.scale = scale
        return _clear_numbers(in_canonical_unit(name, numbers[name], scale), raw, column, ledger)

    columns = dict(zip(raws, run_tasks([partial(read_column, name) for name in raws]), strict=True))
    _derive(columns, ledgers, raws)
    if "artists" in columns and not isinstance(raws["artists"].dtype, pl.List):
        columns["artists"], found = named(columns, names_in_records(as_texts(raws["artists"])))
        ledgers["artists"].mended += [found] if found else []
    return Cleaned({name: column.alias(name) for name, column in columns.items()}, ledgers)


def plain_series(raw: pl.Series) -> pl.Series:
    """Return a column of any type as text, number, truth value, time, or list of these."""
    dtype = raw.dtype
    if dtype == pl.String or dtype.is_integer() or dtype.is_float() or dtype.is_temporal() or dtype == pl.Boolean:
        return raw
    if dtype.is_decimal():
        return raw.cast(pl.Float64)
    if isinstance(dtype, pl.List):
        return raw
    if isinstance(dtype, (pl.Struct, pl.Array)) or dtype == pl.Object:
        return pl.Series([None if value is None else str(value) for value in raw.to_list()], dtype=pl.String)
    return raw.cast(pl.String, strict=False)


def as_own_texts(raw: pl.Series) -> pl.Series:
    """Return a user's own column as text: lists as they would be written in JSON."""
    if isinstance(raw.dtype, pl.List):
        values = [
            None if items is None else json.dumps(items, ensure_ascii=False, default=str) for items in raw.to_list()
        ]
        return pl.Series(raw.name, values, dtype=pl.String)
    return as_texts(plain_series(raw))


def as_texts(raw: pl.Series) -> pl.Series:
    """Return a plain column as text, blank ones as null."""
    if isinstance(raw.dtype, pl.List):
        texts = [None if value is None else ";".join(map(str, value)) for value in raw.to_list()]
        return pl.Series(texts, dtype=pl.String)
    if raw.dtype == pl.String:
        return raw
    return raw.cast(pl.String, strict=False)


def per_text(texts: pl.Series, read: Callable[[str], Any], dtype: pl.DataType) -> pl.Series:
    """Return ``read(text)`` for each row, called once per distinct text."""
    distinct = texts.drop_nulls().unique(maintain_order=True)
    values = pl.Series([read(text) for text in distinct.to_list()], dtype=dtype)
    table = pl.DataFrame({"text": distinct, "value": values})
    rows = pl.DataFrame({"text": texts})
    return rows.join(table, on="text", how="left", maintain_order="left")["value"]


def _read_numbers(raw: pl.Series, column: Column, ledger: Ledger) -> pl.Series:
    if raw.dtype == pl.Duration:
        return divided(raw.dt.total_milliseconds(), 1000.0)
    if raw.dtype != pl.String and not isinstance(raw.dtype, pl.List) and not raw.dtype.is_temporal():
        return raw.cast(pl.Float64).fill_nan(None)
    texts = as_texts(raw)
    numbers = texts.cast(pl.Float64, strict=False)
    failed = (numbers.is_null() | numbers.is_nan()) & texts.is_not_null()
    if failed.any():
        hard = texts.filter(failed)
        read = _seconds if column.kind == "duration" else number_from_text
        found = per_text(hard, read, pl.Float64())
        lost = hard.filter(found.is_null())
        _write_lost(ledger, lost)
        numbers = numbers.scatter(failed.arg_true(), found)
    return numbers.fill_nan(None)


def _seconds(text: str) -> float | None:
    seconds = seconds_from_text(text)
    return number_from_text(text) if seconds is None else seconds


def _write_lost(ledger: Ledger, lost: pl.Series) -> None:
    """Write down texts that gave no value: marks that state a gap apart from what cannot be read."""
    marked = per_text(lost, is_marked_missing, pl.Boolean())
    stated = lost.filter(marked & (lost.str.strip_chars() != ""))
    unread = lost.filter(~marked)
    for reason, texts in (("stated as missing", stated), ("cannot be read", unread)):
        if len(texts):
            ledger.write(reason, texts)


def _clear_numbers(values: pl.Series, raw: pl.Series, column: Column, ledger: Ledger) -> pl.Series:
    outside = ~values.is_between(column.low, column.high)
    values = ledger.clear(values, outside, raw, _impossible(column))
    if column.name == "variance":
        filler = (values - VARIANCE_FILLER).abs() < 1e-9
        values = ledger.clear(values, filler, raw, "a filler, the same value on many rows")
    spike = ledger.decide("filler", partial(find_spike, values, 1000 if column.kind == "unit" else 50))
    if spike is not None:
        values = ledger.clear(values, values == spike, raw, "a filler, the same value on many rows")
    return values


def _range(column: Column) -> str:
    low = "0 (excluded)" if 0 < column.low < 1e-6 else f"{column.low:g}"
    return f"{low} to {column.high:g}"


def _read_each(raw: pl.Series, read: Callable[[str], Any], dtype: pl.DataType, ledger: Ledger) -> pl.Series:
    """Read a column text by text and write down what gave no value."""
    texts = as_texts(raw)
    values = per_text(texts, read, dtype)
    _write_lost(ledger, texts.filter(values.is_null() & texts.is_not_null()))
    return values


def _text(raw: pl.Series, column: Column, ledger: Ledger) -> pl.Series:
    texts = as_texts(raw).str.strip_chars()
    values = pl.select(pl.when(~texts.is_in(list(MISSING_TEXTS))).then(texts)).to_series()
    lost = texts.filter(values.is_null() & (texts != ""))
    if len(lost):
        ledger.write("stated as missing", lost)
    return values


def _id(raw: pl.Series, column: Column, ledger: Ledger) -> pl.Series:
    texts = _text(raw, column, ledger)
    if texts.str.contains("spotify", literal=True).any():
        return per_text(texts, id_from_text, pl.String())
    return texts


def _artists(raw: pl.Series, column: Column, ledger: Ledger) -> pl.Series:
    if isinstance(raw.dtype, pl.List):
        return _lists(raw, names_of)
    stood = as_texts(raw)
    texts = unwrapped(stood, _JOINT)
    ledger.mend("a record or a link, its name taken", stood.filter((stood != texts).fill_null(False)))
    comma = ledger.decide("comma", partial(_dividing_comma, texts, plain_header(ledger.source[0])))
    ledger.scale = "commas belong to names" if comma is None else f"divided by {comma!r}"
    several = texts.str.contains(r'[;,\["]')
    joined = _text(texts, column, ledger)  # one name for most; the slow look only where there may be more
    if several.any():
        lists = per_text(
            texts.filter(several), lambda text: _JOINT.join(list_from_text(text, comma)) or None, pl.String()
        )
        joined = joined.scatter(several.arg_true(), lists)
    return joined.str.split(_JOINT)


def _dividing_comma(texts: pl.Series, header: str) -> str | None:
    """A header in the plural says that commas divide; which form of comma, the column tells."""
    if header not in ("artists", "artistnames", "artistsname", "artistsnames", "trackartists", "albumartists"):
        return None
    texts = texts.filter(texts.str.contains(",", literal=True)).str.replace_many(
        list(COMMA_NAMES), [""] * len(COMMA_NAMES)
    )
    spaced = int(texts.str.contains(r",\s").sum())
    tight = int(texts.str.contains(r",\S").sum())
    return "," if tight > spaced else ", "


def _genres(raw: pl.Series, column: Column, ledger: Ledger) -> pl.Series:
    if isinstance(raw.dtype, pl.List):
        return _lists(raw, lambda items: genres_from_text(";".join(names_of(items))))
    texts = as_texts(raw)
    values = per_text(texts, lambda text: _JOINT.join(genres_from_text(text)) or None, pl.String()).str.split(_JOINT)
    lost = texts.filter(values.is_null() & (texts.str.strip_chars() != ""))
    if len(lost):
        ledger.write("an unknown genre", lost)
    return values


def _lists(raw: pl.Series, read: Callable[[list[Any]], list[str]]) -> pl.Series:
    values = [None if items is None else read(items) or None for items in raw.to_list()]
    return pl.Series(values, dtype=pl.List(pl.String))


def _year(raw: pl.Series, column: Column, ledger: Ledger) -> pl.Series:
    years = _read_each(raw, date_from_text, pl.String(), ledger).str.slice(0, 4).cast(pl.Int32)
    return ledger.clear(years, ~years.is_between(int(column.low), int(column.high)), raw, _impossible(column))


def _date(raw: pl.Series, column: Column, ledger: Ledger) -> pl.Series:
    texts = as_texts(raw)
    parts = texts.drop_nulls().unique(maintain_order=True).str.extract_groups(r"^\s*(\d{1,2})[-/.](\d{1,2})[-/.]\d")
    first, second = (parts.struct.field(name).cast(pl.Int32) for name in ("1", "2"))
    n_day_first, n_month_first = int((first > 12).sum()), int((second > 12).sum())
    if n_day_first != n_month_first:  # else nothing is decided, and another block of the file may tell
        ledger.decide("day first", lambda: n_day_first > n_month_first)
    day_first: bool = ledger.decided.get("day first", True)
    dates = _read_each(texts, lambda text: date_from_text(text, day_first), pl.String(), ledger)
    if len(first.drop_nulls()):
        ledger.scale = "day/month/year" if day_first else "month/day/year"
    years = BY_NAME["year"]
    outside = ~dates.str.slice(0, 4).cast(pl.Int32).is_between(int(years.low), int(years.high))
    return ledger.clear(dates, outside, raw, _impossible(years))


def _key(raw: pl.Series, column: Column, ledger: Ledger) -> pl.Series:
    keys = _read_each(raw, lambda text: (key_from_text(text) or (None,))[0], column.dtype, ledger)
    return ledger.clear(keys, keys == -1, raw, "no key detected (−1)")


def _mode(raw: pl.Series, column: Column, ledger: Ledger) -> pl.Series:
    return _read_each(raw, mode_from_text, column.dtype, ledger)


def _meter(raw: pl.Series, column: Column, ledger: Ledger) -> pl.Series:
    meters = _read_each(raw, meter_from_text, column.dtype, ledger)
    return ledger.clear(meters, ~meters.is_between(int(column.low), int(column.high)), raw, _impossible(column))


def _flag(raw: pl.Series, column: Column, ledger: Ledger) -> pl.Series:
    return raw if raw.dtype == pl.Boolean else _read_each(raw, flag_from_text, column.dtype, ledger)


def _label(text: str) -> str | None:
    return None if is_marked_missing(text) else text.strip().lower()


def _emotion(raw: pl.Series, column: Column, ledger: Ledger) -> pl.Series:
    """Labels outside the vocabulary on a handful of rows are junk; a file with its own vocabulary keeps it."""
    labels = _read_each(raw, _label, pl.String(), ledger)
    vocabulary = ledger.decide("vocabulary", partial(_vocabulary, labels))
    if vocabulary is None:
        return labels
    return ledger.clear(labels, ~labels.is_in(vocabulary), raw, "a label outside the vocabulary")


def _vocabulary(labels: pl.Series) -> list[str] | None:
    """Return the labels that a file uses, or None where most are not the usual ones: it has its own."""
    n_labels = len(labels) - labels.null_count()
    if int(labels.is_in(list(EMOTIONS)).sum()) * 2 < n_labels:
        return None
    counts = labels.drop_nulls().value_counts()
    frequent = counts.filter(pl.col("count") > max(5, 0.005 * n_labels))[counts.columns[0]]
    return sorted({*EMOTIONS, *frequent.to_list()})


def _impossible(column: Column) -> str:
    return f"impossible, outside {_range(column)}"


def _derive(columns: dict[str, pl.Series], ledgers: dict[str, Ledger], raws: dict[str, pl.Series]) -> None:
    """Take the mode from keys such as ``C# Maj``, and the year from the release date, where they are not given."""
    if "key" in columns:
        modes = per_text(as_texts(raws["key"]), lambda text: (key_from_text(text) or (None, None))[1], pl.Int8())
        _fill(columns, ledgers, "mode", modes, "key")
    if "release_date" in columns:
        _fill(columns, ledgers, "year", columns["release_date"].str.slice(0, 4).cast(pl.Int32), "release_date")


def _fill(
    columns: dict[str, pl.Series], ledgers: dict[str, Ledger], name: str, found: pl.Series, origin: str
) -> None:
    if name in columns:
        columns[name] = columns[name].fill_null(found)
    elif found.null_count() < len(found):
        columns[name] = found
        ledgers[name] = Ledger(ledgers[origin].source, scale=f"taken from {origin}")


_READERS: dict[str, Callable[[pl.Series, Column, Ledger], pl.Series]] = {
    "id": _id,
    "text": _text,
    "artists": _artists,
    "genres": _genres,
    "year": _year,
    "date": _date,
    "key": _key,
    "mode": _mode,
    "meter": _meter,
    "flag": _flag,
    "emotion": _emotion,
}
