"""JSON, JSON Lines, Parquet, Arrow files and tables in memory → `RawTable`."""

import contextlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from songscape.catalog.raw import RawTable, Reject, internal_names
from songscape.errors import InputError, MissingExtraError

_BATCH = 20_000
_PROBED = 20  # lines that tell JSON Lines from a document that spans lines
_Numbered = tuple[int, dict[str, Any]]


def read_json(data: bytes, name: str) -> RawTable:
    """Take JSON apart: an array of objects, an object that holds one, JSON Lines, or columns by name.

    Values become text; nested objects become columns such as ``album.name``, nested lists stay as JSON text.

    Raises
    ------
    InputError
        If nothing in it can be read as records.
    """
    with _shallow(name):
        return _read_text(data.decode("utf-8", errors="replace"), name)


@contextlib.contextmanager
def _shallow(name: str) -> Iterator[None]:
    try:
        yield
    except RecursionError:  # from reading it, or from writing as text what could just be read
        raise InputError(f"'{name}' is JSON nested too deeply to be a table.") from None


def _read_text(text: str, name: str) -> RawTable:
    if text.lstrip().startswith("{"):
        as_lines = _read_json_lines(text, name)
        if as_lines is not None:
            return as_lines
    try:
        records = _records_of(json.loads(text))
    except json.JSONDecodeError as error:
        raise InputError(
            f"'{name}' begins as JSON and is not sound: {error.msg} in line {error.lineno}, column {error.colno}."
            " Is the file complete? Fetch or export it again."
        ) from None
    if records is None:
        raise InputError(f"'{name}' is JSON without a list of objects. Write one object a track: [{{...}}, {{...}}].")
    rejects: list[Reject] = []
    frame, lines = _tabulate(_only_objects(enumerate(records, start=1), rejects))
    return _raw(name, "json", frame, lines, None, rejects)


def _read_json_lines(text: str, name: str) -> RawTable | None:
    """Return JSON Lines as a table; None where not even half of the first lines are objects of their own."""
    lines = list(_numbered(text, 1))
    return _of_lines(lines, name) if _are_objects(lines) else None


def read_json_block(data: bytes, name: str, first_line: int) -> RawTable:
    """Take a block of JSON Lines apart, the first of them number `first_line`; raises as `read_json`."""
    with _shallow(name):
        return _of_lines(list(_numbered(data.decode("utf-8", errors="replace"), first_line)), name)


def is_json_lines(head: bytes) -> bool:
    """Tell whether a file that begins so is JSON Lines, and no document that spans lines."""
    if not head.lstrip().startswith(b"{"):
        return False
    return _are_objects(list(islice(_numbered(head.decode("utf-8", errors="replace"), 1), _PROBED)))


def _numbered(text: str, first_line: int) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank, with their numbers."""
    return ((number, line) for number, line in enumerate(text.split("\n"), start=first_line) if line.strip())


def _are_objects(lines: list[tuple[int, str]]) -> bool:
    probe = [_object_of(line) is not None for _, line in lines[:_PROBED]]
    return len(lines) >= 2 and sum(probe) * 2 >= len(probe)


def _of_lines(lines: list[tuple[int, str]], name: str) -> RawTable:
    rejects: list[Reject] = []
    kept: list[int] = []

    def objects() -> Iterator[_Numbered]:
        for position, (number, line) in enumerate(lines):
            found = _object_of(line)
            if found is None:
                rejects.append((number, "not a JSON object", line))
            else:
                kept.append(position)
                yield number, found

    frame, numbers = _tabulate(objects())
    texts = pl.Series([lines[position][1] for position in kept], dtype=pl.String)
    return _raw(name, "json lines", frame, numbers, texts, rejects)


def _object_of(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _records_of(value: Any) -> list[Any] | None:
    """Find the list of records in a JSON document."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return None
    lists = [inner for inner in value.values() if isinstance(inner, list) and any(isinstance(x, dict) for x in inner)]
    if len(lists) == 1:
        return lists[0]
    columns = list(value.values())
    if columns and all(isinstance(column, list) for column in columns) and len({len(c) for c in columns}) == 1:
        return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]
    if columns and all(isinstance(column, dict) for column in columns):  # pandas: column → row label → value
        labels = dict.fromkeys(label for column in columns for label in column)
        return [{name: column.get(label) for name, column in value.items()} for label in labels]
    return [value]


def _only_objects(records: Iterable[tuple[int, Any]], rejects: list[Reject]) -> Iterator[_Numbered]:
    for number, record in records:
        if isinstance(record, dict):
            yield number, record
        else:
            rejects.append((number, "not a JSON object", json.dumps(record, ensure_ascii=False)))


def _tabulate(records: Iterator[_Numbered]) -> tuple[pl.DataFrame, list[int]]:
    """Return records as a frame of texts, batch by batch, so that parsed objects do not pile up."""
    frames: list[pl.DataFrame] = []
    numbers: list[int] = []
    while batch := list(islice(records, _BATCH)):
        flat = [_flatten(record) for _, record in batch]
        names = dict.fromkeys(name for record in flat for name in record)
        columns = [_text_column(name, [record.get(name) for record in flat]) for name in names]
        frames.append(pl.DataFrame(columns, height=len(flat)))
        numbers.extend(number for number, _ in batch)
    return pl.concat(frames, how="diagonal") if frames else pl.DataFrame(), numbers


def _flatten(record: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    if not any(isinstance(value, dict) for value in record.values()):
        return record
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict) and depth < 3:
            flat |= {f"{name}.{inner}": found for inner, found in _flatten(value, depth + 1).items()}
        else:
            flat[name] = value
    return flat


def _text_column(name: str, values: list[Any]) -> pl.Series:
    """Return values as text: at once where all are texts, or all numbers of one kind."""
    kinds = set(map(type, values)) - {type(None)}
    try:
        if kinds <= {str}:
            return pl.Series(name, values, dtype=pl.String)
        if kinds in ({int}, {float}):
            return pl.Series(name, values).cast(pl.String)
    except (OverflowError, TypeError, UnicodeEncodeError):  # beyond 64 bits, or half a surrogate pair: one by one
        pass
    return pl.Series(name, [_as_text(value) for value in values], dtype=pl.String)


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):  # JSON may hold half a surrogate pair, which no UTF-8 can
        return value if value.isascii() else value.encode("utf-8", errors="replace").decode()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return repr(value)
    return json.dumps(value, ensure_ascii=True)


def _raw(
    name: str, kind: str, frame: pl.DataFrame, lines: list[int], texts: pl.Series | None, rejects: list[Reject]
) -> RawTable:
    headers = frame.columns
    frame.columns = internal_names(len(headers))
    return RawTable(name, kind, headers, frame, pl.Series(lines, dtype=pl.Int64), texts, rejects)


def read_columnar(data: bytes, name: str, kind: str) -> RawTable:
    """Read a Parquet or Arrow file.

    Raises
    ------
    InputError
        If it is damaged or truncated.
    """
    reader = pl.read_parquet if kind == "parquet" else pl.read_ipc
    with sound_columns(name, kind):
        return from_frame(reader(io.BytesIO(data)), name, kind)


def read_columnar_rows(path: Path, name: str, kind: str, ranges: list[tuple[int, int]]) -> RawTable:
    """Read ranges of rows of a Parquet or Arrow file, numbered as in the file; raises as `read_columnar`."""
    with sound_columns(name, kind):
        table = scan_columnar(path, kind)
        frame = pl.concat([table.slice(start, stop - start).collect() for start, stop in ranges])
    numbers = pl.concat([pl.int_range(start + 1, stop + 1, dtype=pl.Int64, eager=True) for start, stop in ranges])
    return replace(from_frame(frame, name, kind), lines=numbers)


def scan_columnar(path: Path, kind: str) -> pl.LazyFrame:
    """Return a Parquet or Arrow file as a lazy table."""
    return pl.scan_parquet(path) if kind == "parquet" else pl.scan_ipc(path)


@contextlib.contextmanager
def sound_columns(name: str, kind: str) -> Iterator[None]:
    """Raise `InputError` where a Parquet or Arrow file turns out to be damaged."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:  # damage can panic Polars
        told = str(error).splitlines()[0]
        raise InputError(f"'{name}' is a damaged or truncated {kind} file: {told}. Write it again.") from None


def from_table(table: Any, name: str) -> RawTable:
    """Take a Polars, pandas or Arrow table; pandas and Arrow are recognized without importing them.

    Raises
    ------
    InputError
        If it is no table, or holds values that Polars cannot take over.
    """
    if isinstance(table, pl.DataFrame):
        return from_frame(table, name, "table")
    if isinstance(table, pl.LazyFrame):
        return _collected(table, name)
    family = type(table).__module__.partition(".")[0]
    columns = getattr(table, "columns", None) if family == "pandas" else None
    one_column = isinstance(table, pl.Series) or getattr(table, "ndim", 2) != 2
    if one_column or not hasattr(table, "__arrow_c_stream__"):
        raise InputError(
            "The source must be a path, a pattern, a Polars, pandas or Arrow table, or a list of these."
            f" Got {type(table).__name__} instead."
        )
    try:
        if columns is not None:
            headers = [str(column) for column in columns]
            plain = table.set_axis(internal_names(len(headers)), axis=1).reset_index(drop=True)
            return from_frame(pl.from_pandas(plain), name, "table", headers)
        return from_frame(pl.DataFrame(table), name, "table")
    except ImportError as error:
        raise MissingExtraError(f"A {family} table needs pyarrow: {error}. pip install pyarrow.") from None
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        raise InputError(f"The {family} table cannot be read: {error}. Give its columns one type each.") from None


def _collected(table: pl.LazyFrame, name: str) -> RawTable:
    try:
        return from_frame(table.collect(), name, "table")
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"The Polars query cannot be collected: {str(error).splitlines()[0]}.") from None


def from_frame(frame: pl.DataFrame, name: str, kind: str, headers: list[str] | None = None) -> RawTable:
    """Return a Polars table as a `RawTable`; its rows are numbered from 1."""
    headers = headers or frame.columns
    plain = frame.select(pl.all())
    plain.columns = internal_names(len(headers))
    return RawTable(name, kind, headers, plain, pl.int_range(1, frame.height + 1, dtype=pl.Int64, eager=True))
