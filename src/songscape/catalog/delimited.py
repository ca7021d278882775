"""Delimited text (CSV, TSV and kin) → `RawTable`, with every row accounted for.

A CSV parser that is fast is not careful: it fills short rows, swallows the rest of a file behind one lost quote, or
stops. So the lines are checked first. Each physical line is matched against the pattern of a well-formed record
with the header's number of fields; lines with an open quote are joined with those that close it and matched again.
What matches goes to Polars' parser as it stands, and the number of rows that comes back is checked. What does not
is tried once more by forgiving rules and else set aside as a reject, with its line number, a reason and its text.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import polars as pl

from songscape.catalog.dialect import Dialect, find_dialect
from songscape.catalog.raw import RawTable, Reject, internal_names, refuse_too_many
from songscape.errors import InputError
from songscape.threads import side_by_side

_LONGEST_RECORD = 1_000_000  # characters that one record may span before its open quote counts as damage


@dataclass(frozen=True, slots=True)
class Layout:
    """How a delimited file is laid out: known from its head, and true for all of it."""

    dialect: Dialect
    headers: list[str]
    header: str  # its first line, which is a reject where it comes again
    n_above: int  # lines above the first record

    def are_records(self, lines: pl.Series) -> pl.Series:
        """Tell which physical lines are a well-formed record each."""
        pattern = self.dialect.record_pattern(len(self.headers))
        told: pl.Series = _is_told(lines)
        return lines.str.contains(pattern) & (lines != self.header) & told

    def is_record(self, line: str) -> bool:
        """Tell whether a physical line is a record by forgiving rules."""
        return _forgiving_fields(line, self.dialect, len(self.headers)) is not None


def read_delimited(data: bytes, name: str) -> RawTable:
    """Take delimited UTF-8 text apart.

    Raises
    ------
    InputError
        If there is a header and nothing below it, or far too many columns.
    """
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    lines = split_lines(data)
    layout = find_layout(lines)
    refuse_too_many(layout.headers, name)
    if not _is_told(lines["text"].slice(layout.n_above)).any():
        raise InputError(f"'{name}' has a header and no rows below it. Columns: {', '.join(layout.headers[:10])}.")
    return _take_apart(data, lines, layout, name)


def read_delimited_block(data: bytes, name: str, layout: Layout, first_line: int) -> RawTable:
    """Take a block of records apart: whole lines from below the header, the first of them number `first_line`."""
    lines = split_lines(data).with_columns(pl.col("line") + (first_line - 1))
    return _take_apart(data, lines, replace(layout, n_above=0), name)


def find_layout(lines: pl.DataFrame) -> Layout:
    """Return how a file is laid out, from its first lines, as `split_lines` returns them."""
    first = int(_is_told(lines["text"]).arg_max() or 0)
    dialect = _announced(lines["text"][first])
    if dialect is not None:
        first += 1
    else:
        sample = lines["text"].slice(first, 200)
        dialect = find_dialect(sample.filter(_is_told(sample)).head(20).to_list())
    headers, n_above = _header(lines, first, dialect)
    return Layout(dialect, headers, lines["text"][first], n_above)


def _take_apart(data: bytes, lines: pl.DataFrame, layout: Layout, name: str) -> RawTable:
    dialect, headers = layout.dialect, layout.headers
    (records, rejects, intact), frame = side_by_side(  # the fast parser runs ahead: most files turn out intact
        partial(sort_records, lines.slice(layout.n_above), layout),
        partial(_parse, data, layout.n_above, dialect, len(headers)),
    )
    if not intact:
        frame = _parse(records["sound"].str.join("\n").item().encode(), 0, dialect, len(headers))
    details = {"delimiter": dialect.delimiter, "quote": dialect.quote}
    if frame.height != records.height:  # the fast parser disagrees: believe the careful one, and say so
        frame = _parse_carefully(records["sound"], dialect, len(headers))
        details["fallback"] = "split record by record: the fast parser found another number of rows"
    return RawTable(name, "csv", headers, frame, records["line"], records["text"], rejects, details=details)


def split_lines(data: bytes) -> pl.DataFrame:
    """Return physical lines as columns ``line`` (number from 1) and ``text`` (without the line end)."""
    step = 1 << 28  # Polars' texts hold less than 4 GiB
    pieces, start = [], 0
    while start < len(data):
        stop = data.rfind(b"\n", start, start + step) if start + step < len(data) else len(data)
        stop = stop if stop > start else len(data)
        pieces.append(pl.Series([data[start:stop]]).cast(pl.String).str.split("\n").explode())
        start = stop + 1
    text = pl.concat(pieces).str.strip_suffix("\r").alias("text")
    if data.endswith(b"\n"):
        text = text.head(len(text) - (text[-1] == ""))
    return pl.DataFrame({"line": pl.int_range(1, len(text) + 1, dtype=pl.Int64, eager=True), "text": text})


def _is_told(text: Any) -> Any:
    """Tell (of a series or an expression) where a line is not blank."""
    return text.str.contains(r"\S")


def _announced(line: str) -> Dialect | None:
    """Excel announces its delimiter in a first line such as ``sep=;``."""
    bare = line.strip().strip('"')
    return Dialect(bare[4]) if len(bare) == 5 and bare.lower().startswith("sep=") else None


def _header(lines: pl.DataFrame, first: int, dialect: Dialect) -> tuple[list[str], int]:
    """Return the header's fields and the position of the line below it; a quoted header may span lines."""
    for stop in range(first + 1, min(first + 20, lines.height) + 1):
        record = "\n".join(lines["text"].slice(first, stop - first))
        if record.count(dialect.quote) % 2 == 0:
            return [field.strip() for field in dialect.fields(record)], stop
    return [field.strip() for field in dialect.fields(lines["text"][first])], first + 1


def sort_records(body: pl.DataFrame, layout: Layout) -> tuple[pl.DataFrame, list[Reject], bool]:
    """Divide lines into records and rejects, and tell whether all was well-formed from the start.

    Parameters
    ----------
    body : polars.DataFrame
        Lines below the header. Blank ones are no records, but may belong to a quoted field.
    layout : Layout
        How fields are told apart, and how many there are. A header that comes again (files joined end to end) is a
        reject.

    Returns
    -------
    records : polars.DataFrame
        ``line``, ``text`` as it stands, and ``sound``, the same well-formed.
    rejects : list of (line, reason, raw)
    intact : bool
        True if each line was a well-formed record.
    """
    dialect, n_fields, header = layout.dialect, len(layout.headers), layout.header
    pattern = dialect.record_pattern(n_fields)
    text = pl.col("text")
    body = body.with_columns(
        odd=pl.when(text.str.contains(dialect.quote, literal=True))
        .then(text.str.count_matches(dialect.quote, literal=True) % 2 == 1)
        .otherwise(False),
        good=layout.are_records(body["text"]),
    )
    if body["good"].all():
        return body.select("line", "text", sound="text"), [], True
    joined = _join_by_parity(body, pattern) if body["odd"].any() else body
    if joined is None:
        joined = _join_by_walk(body, pattern)
    joined = joined.filter(_is_told(pl.col("text")))
    good, rejects = joined.filter("good").select("line", "text", sound="text"), []
    rescued: list[tuple[int, str, str]] = []
    for line, raw in joined.filter(~pl.col("good")).select("line", "text").iter_rows():
        fields = None if raw == header else _forgiving_fields(raw, dialect, n_fields)
        if fields is not None:
            rescued.append((line, raw, dialect.join(fields)))
        else:
            rejects.append((line, _reason(raw, dialect, n_fields, header), raw))
    if rescued:
        more = pl.DataFrame(rescued, schema=good.schema, orient="row")
        good = pl.concat([good, more]).sort("line")
    return good, rejects, False


def _join_by_parity(body: pl.DataFrame, pattern: str) -> pl.DataFrame | None:
    """Join lines between an opening and a closing quote; None where the result is not sound throughout."""
    inside = (pl.col("odd").cast(pl.Int64).cum_sum() - pl.col("odd")) % 2 == 1
    grouped = body.with_columns(inside=inside, record=(~inside).cum_sum())
    if grouped.select((pl.col("inside") & pl.col("good")).any()).item():
        return None  # a sound record inside quotes: more likely, a quote was lost
    joined = grouped.group_by("record", maintain_order=True).agg(
        pl.col("line").first(), pl.col("text").str.join("\n"), pl.len().alias("count"), pl.col("good").first()
    )
    joined = joined.with_columns(
        good=pl.when(pl.col("count") > 1).then(pl.col("text").str.contains(pattern)).otherwise("good")
    )
    sound = joined.select(((pl.col("count") == 1) | pl.col("good")).all()).item()  # a lone line may be bad by itself
    return joined.drop("record", "count") if sound else None


def _join_by_walk(body: pl.DataFrame, pattern: str) -> pl.DataFrame:
    """Join lines pair by pair of odd quotes, and leave a line alone whose quote nothing closes."""
    joins = list(_sound_joins(body, pattern))
    starts = pl.Series([first for first, _, _ in joins], dtype=pl.Int64)
    covered = [row for first, last, _ in joins for row in range(first, last + 1)]
    alone = body.with_row_index("row").filter(~pl.col("row").is_in(covered)).drop("row")
    multi = pl.DataFrame(
        {"line": body["line"].gather(starts), "text": [text for _, _, text in joins]},
        schema={"line": pl.Int64, "text": pl.String},
    ).with_columns(good=pl.lit(True))
    return pl.concat([alone.select("line", "text", "good"), multi]).sort("line")


def _sound_joins(body: pl.DataFrame, pattern: str) -> Iterator[tuple[int, int, str]]:
    odd = body["odd"].arg_true().to_list()
    good = body["good"]
    position = 0
    while position + 1 < len(odd):
        first, last = odd[position], odd[position + 1]
        text = "\n".join(body["text"].slice(first, last - first + 1)) if last - first < 10_000 else ""
        between = good.slice(first + 1, last - first - 1)
        if 0 < len(text) <= _LONGEST_RECORD and not between.any() and _matches(text, pattern):
            yield first, last, text
            position += 2
        else:
            position += 1


def _matches(text: str, pattern: str) -> bool:
    return bool(pl.Series([text]).str.contains(pattern).item())


def _forgiving_fields(raw: str, dialect: Dialect, n_fields: int) -> list[str] | None:
    """Return the fields of a record with unusual quoting, or None where no rule gives the right number."""
    common: dict[str, Any] = {"delimiter": dialect.delimiter, "quotechar": dialect.quote}
    rules: list[dict[str, Any]] = [{}, {"skipinitialspace": True}, {"escapechar": "\\", "doublequote": False}]
    if dialect.delimiter == "\t":
        rules.append({"quoting": csv.QUOTE_NONE, "quotechar": None})
    for rule in rules:
        try:
            records = list(csv.reader([raw], **{**common, **rule}))
        except csv.Error:
            continue
        if len(records) == 1 and len(records[0]) == n_fields:
            return records[0]
    return None


def _reason(raw: str, dialect: Dialect, n_fields: int, header: str) -> str:
    if raw == header:
        return "the header again"
    if raw.count(dialect.quote) % 2 == 1:
        return "a quote that is not closed"
    count = len(dialect.fields(raw))
    if count == n_fields:
        return "quotes that make no sense"
    few = "few" if count < n_fields else "many"
    return f"too {few} fields: {count} instead of {n_fields}"


def _parse(data: bytes, skip: int, dialect: Dialect, n_fields: int) -> pl.DataFrame:
    """Let Polars split well-formed records below the skipped lines; an empty frame where it refuses."""
    schema = dict.fromkeys(internal_names(n_fields), pl.String())
    try:
        return pl.read_csv(
            data,
            has_header=False,
            skip_lines=skip,
            schema=schema,
            separator=dialect.delimiter,
            quote_char=dialect.quote,
        )
    except pl.exceptions.PolarsError:
        return pl.DataFrame(schema=schema)


def _parse_carefully(records: pl.Series, dialect: Dialect, n_fields: int) -> pl.DataFrame:
    schema = dict.fromkeys(internal_names(n_fields), pl.String())
    frame = pl.DataFrame([dialect.split(record) for record in records], schema=schema, orient="row")
    return frame.with_columns(pl.all().replace("", None))
