"""`read_catalog`: from any file or table to a clean `Catalog`."""

import re
import time
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from songscape.catalog.cleaning import as_own_texts, as_texts, clean, plain_series
from songscape.catalog.delimited import read_delimited
from songscape.catalog.ledger import NONE_YET, Decisions, Ledger
from songscape.catalog.raw import RawTable, refuse_too_many, unique_names
from songscape.catalog.record import REJECTS_SCHEMA, Catalog
from songscape.catalog.schema import ADDED, CANONICAL, COLUMNS, FEATURES, RESERVED, match_columns
from songscape.catalog.sources import Payload, SourceFile, expand, load
from songscape.catalog.structured import from_table, read_columnar, read_json
from songscape.catalog.text import refuse_foreign, refuse_non_table
from songscape.catalog.versions import join_versions, stand_alone
from songscape.config import ReadParams
from songscape.encodings import decode
from songscape.errors import InputError, ParameterError
from songscape.progress import Progress, silent
from songscape.validation import did_you_mean


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or a block of one, after cleaning: the raw table, canonical and own columns, notes and decisions."""

    raw: RawTable
    frame: pl.DataFrame
    notes: dict[str, Any]
    decisions: Decisions


def read_catalog(
    source: Any, params: ReadParams | None = None, *, lenient: bool = False, progress: Progress = silent
) -> Catalog:
    """Read one or several files or tables into a clean catalog.

    Parameters
    ----------
    source : path, pattern, table, or list of these
        CSV with any delimiter, TSV, JSON, JSON Lines, Parquet or Arrow files, plain or packed with gzip or zstd; a
        pattern such as ``"exports/*.csv"``; addresses and patterns in a store, such as ``"s3://bucket/*.parquet"``,
        with ``songscape[s3]``; a Polars, pandas or Arrow table.
    params : ReadParams
        ``columns`` maps canonical names to headers where recognition by name does not do; ``version_families``
        turns the joining of versions of one song off.
    lenient : bool
        Take files without audio features, too, and set files that cannot be read aside, with the reason in ``notes``
        under ``"set_aside"``, as long as one can be used. Enough for a report; no atlas can be built without audio
        features.
    progress : callable
        Called with ``"read"`` and a fraction.

    Returns
    -------
    Catalog
        Every row of the source is either in ``tracks`` or, with a reason, in ``rejects``; blank lines and the header
        are not rows.

    Raises
    ------
    InputError
        If a source is missing, empty, damaged, no table, or without audio features; if two columns stand for one
        thing; if no row can be used. One message names the problems of all files.
    ParameterError
        If ``columns`` names an unknown canonical column.

    Examples
    --------
    >>> table = pl.DataFrame({"title": ["One", "One (Live)"], "artist": ["A", "A"], "BPM": [120, 124]})
    >>> catalog = read_catalog(table)
    >>> catalog.tracks.select("title", "artists", "tempo", "version_family", "is_representative").rows()
    [('One', ['A'], 120.0, 0, True), ('One (Live)', ['A'], 124.0, 0, False)]
    """
    start = time.perf_counter()
    params = params or ReadParams()
    check_columns(params.columns)
    items, problems = expand(source)
    names = source_names(items)
    parts: list[Part] = []
    aside: list[dict[str, str]] = []
    for position, (item, name) in enumerate(zip(items, names, strict=True)):
        try:
            parts.append(_read_part(item, name, params.columns, lenient=lenient))
        except InputError as error:
            aside.append({"file": name, "reason": str(error)})
        progress("read", 0.7 * (position + 1) / len(items))
    if not (lenient and parts):
        problems += [one["reason"] for one in aside]
    problems += unused(params.columns, [part.raw for part in parts]) if not problems else []
    if problems:
        raise InputError(" ".join(problems))
    tracks, rejects = without_poor(parts, lenient=lenient)
    if tracks.is_empty():
        raise InputError(_no_tracks(rejects))
    joined = join_versions(tracks) if params.version_families else stand_alone(tracks)
    progress("read", 1.0)
    notes: dict[str, Any] = {"files": [part.notes for part in parts]} | ({"set_aside": aside} if aside else {})
    inputs = [_input(part.raw) for part in parts]
    return Catalog(in_order(joined), rejects, notes, inputs, time.perf_counter() - start)


def in_order(tracks: pl.DataFrame) -> pl.DataFrame:
    """Return the tracks with the columns that were added last."""
    return tracks.select(*(name for name in tracks.columns if name not in ADDED), *ADDED)


def check_columns(columns: dict[str, str]) -> None:
    """Raise `ParameterError` where a column is chosen for something that is no canonical column."""
    for name in columns:
        if name not in CANONICAL:
            hint = did_you_mean(name, CANONICAL) or f" Known are: {', '.join(CANONICAL)}."
            raise ParameterError(f"Unknown canonical column '{name}' in 'columns'.{hint}")


def source_names(items: list[Any]) -> list[str]:
    """Return how messages call the sources: the file name, or the path where names repeat."""
    numbered = enumerate(items, start=1)
    short = [item.name if isinstance(item, SourceFile) else f"<table {number}>" for number, item in numbered]
    if len(items) == 1 and not isinstance(items[0], SourceFile):
        return ["<table>"]
    return [str(item) if short.count(name) > 1 else name for item, name in zip(items, short, strict=True)]


def _read_part(item: Any, name: str, chosen: dict[str, str], *, lenient: bool) -> Part:
    raw = read_raw(item, name)
    matched = match_raw(raw, chosen)
    problems = [*clashes(raw, matched), *lacks(raw, matched, lenient=lenient)]
    if problems:
        raise InputError(" ".join(problems))
    return clean_part(raw, matched)


def match_raw(raw: RawTable, chosen: dict[str, str]) -> dict[str, list[int]]:
    """Return the positions of the columns that are taken for each canonical one."""
    refuse_too_many(raw.headers, raw.name)
    return match_columns(raw.headers, chosen)


def clashes(raw: RawTable, matched: dict[str, list[int]]) -> list[str]:
    """Return a message for each canonical column that several columns stand for in the same rows."""
    several = {name: positions for name, positions in matched.items() if len(positions) > 1}
    found = [_clash(name, raw, positions, _series(raw, positions)) for name, positions in several.items()]
    return [message for message in found if message]


def lacks(raw: RawTable, matched: dict[str, list[int]], *, lenient: bool = False) -> list[str]:
    """Return what makes a whole file useless."""
    if not (lenient or any(name in matched for name in FEATURES)):
        return [_no_features(raw)]
    if not matched:
        return [_no_columns(raw)]
    if raw.frame.is_empty() and not raw.rejects:
        return [f"'{raw.name}' has columns and no rows below them."]
    return []


def _series(raw: RawTable, positions: list[int]) -> list[pl.Series]:
    return [raw.frame.to_series(position) for position in positions]


def clean_part(raw: RawTable, matched: dict[str, list[int]], decisions: Decisions = NONE_YET) -> Part:
    """Read the canonical columns of a file, or of a block of it by what was decided on a sample of the file."""
    sources = {name: _coalesce(_series(raw, positions)) for name, positions in matched.items()}
    headers = {name: [raw.headers[position] for position in positions] for name, positions in matched.items()}
    cleaned = clean(sources, headers, decisions)
    used = {position for positions in matched.values() for position in positions}
    own = [position for position in range(len(raw.headers)) if position not in used]
    own_names = unique_names([raw.headers[position] for position in own], (*CANONICAL, *RESERVED))
    empty = {column.name: pl.repeat(None, raw.frame.height, dtype=column.dtype, eager=True) for column in COLUMNS}
    canonical_columns = [cleaned.columns.get(name, nothing).alias(name) for name, nothing in empty.items()]
    named = [column.alias(own_name) for column, own_name in zip(_series(raw, own), own_names, strict=True)]
    decided = {name: ledger.decided for name, ledger in cleaned.ledgers.items()}
    return Part(raw, pl.DataFrame(canonical_columns + named), _notes(raw, cleaned.ledgers, own_names), decided)


def read_raw(item: Any, name: str) -> RawTable:
    """Read one file or table as it stands."""
    if not isinstance(item, SourceFile):
        return from_table(item, name)
    payload = load(item)
    table = _by_content(payload, name)
    packing = {"packing": payload.packing} if payload.packing else {}
    return replace(table, sha256=payload.sha256, details={**table.details, **packing})


def _by_content(payload: Payload, name: str) -> RawTable:
    data = payload.data
    if data.startswith(b"PAR1"):
        return read_columnar(data, name, "parquet")
    if data.startswith(b"ARROW1"):
        return read_columnar(data, name, "arrow")
    refuse_foreign(data, name)
    text = decode(data)
    if not text.data.strip():
        raise InputError(f"'{name}' is empty: it holds nothing but {text.encoding} white space.")
    refuse_non_table(text.data, name)
    table = read_json(text.data, name) if text.data.lstrip()[:1] in (b"{", b"[") else read_delimited(text.data, name)
    told: dict[str, Any] = {"encoding": text.encoding}
    if text.n_misfits:
        told["bytes_read_as_latin_1"] = text.n_misfits
    return replace(table, details={**told, **table.details})


def _clash(canonical: str, raw: RawTable, positions: list[int], series: list[pl.Series]) -> str | None:
    """Return the message for columns that stand for one thing and fill the same rows."""
    filled = [as_texts(plain_series(column)).fill_null("").str.strip_chars() != "" for column in series]
    both = sum((column.cast(pl.Int32) for column in filled[1:]), filled[0].cast(pl.Int32)) > 1
    if not both.any():
        return None
    names = " and ".join(f"'{raw.headers[position]}'" for position in positions)
    where = ", ".join(str(line) for line in raw.lines.filter(both).head(3))
    return (
        f"'{raw.name}' has two columns for one thing: {names} are both taken for {canonical}, and both are filled in"
        f" {int(both.sum())} rows, first in lines {where}. Drop one, or choose:"
        f" {_choice(canonical, raw.headers[positions[0]])}."
    )


def _choice(canonical: str, header: str) -> str:
    """Return how a column is named by hand, on the command line and in Python."""
    return f'--column {canonical}="{header}" (in Python: ReadParams(columns={{"{canonical}": "{header}"}}))'


def _coalesce(series: list[pl.Series]) -> pl.Series:
    if len(series) == 1:
        return series[0]
    texts = [as_texts(plain_series(column)) for column in series]
    blank_as_null = [pl.select(pl.when(text.str.strip_chars() != "").then(text)).to_series() for text in texts]
    return pl.select(pl.coalesce(blank_as_null)).to_series()


def _headers(raw: RawTable) -> str:
    return ", ".join(repr(header) for header in raw.headers[:12]) + (", …" if len(raw.headers) > 12 else "")


def _no_columns(raw: RawTable) -> str:
    return f"'{raw.name}' has no column that is known, such as title, artist, genre or energy ({_headers(raw)})."


def _no_features(raw: RawTable) -> str:
    if sum(map(_is_number, raw.headers)) > 1 and not match_columns(raw.headers, {}):
        return (
            f"'{raw.name}' has no names of columns: its first line holds values ({_headers(raw)}). Put a line with"
            " names first, such as artist, title, energy, tempo."
        )
    return (
        f"'{raw.name}' has no audio features: none of {', '.join(FEATURES)} is among its columns ({_headers(raw)})."
        " Export it again with audio features, or name the columns that hold them:"
        f" {_choice('energy', 'MyEnergy')}."
    )


def _is_number(header: str) -> bool:
    return re.fullmatch(r"[-+]?\d+([.,]\d+)?", header.strip()) is not None


def unused(columns: dict[str, str], tables: list[RawTable]) -> list[str]:
    """Return a message for each column that was chosen and that no table has."""
    headers = list(dict.fromkeys(header for raw in tables for header in raw.headers))
    listed = f" Columns: {', '.join(headers[:12])}."
    return [
        f"There is no column '{header}' for {name}.{did_you_mean(header, headers) or listed}"
        for name, header in columns.items()
        if header not in headers
    ]


def known_features(frames: list[pl.DataFrame]) -> list[str]:
    """Return the audio features that are known for a track at all; all of them where none is."""
    present = [name for name in FEATURES if any(frame[name].null_count() < frame.height for frame in frames)]
    return present or list(FEATURES)


def without_poor(
    parts: list[Part], asked: list[str] | None = None, *, lenient: bool = False
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return usable tracks with where they come from, and all rejects.

    A row is unusable if more than half of the audio features in `asked` (None: those that the catalog knows) are
    missing in it; `lenient` takes all rows of a file that has no audio feature.
    """
    frames = alike([part.frame for part in parts])
    asked = asked or known_features(frames)
    kept, rejects = [], []
    for part, frame in zip(parts, frames, strict=True):
        missing = frame.select(pl.sum_horizontal(pl.col(asked).is_null())).to_series()
        spared = lenient and not any(name in part.notes["columns"] for name in FEATURES)
        poor = missing * 2 > (2 * len(asked) if spared else len(asked))
        told = frame.with_columns(source_file=pl.lit(part.raw.name), source_line=part.raw.lines)
        kept.append(told.filter(~poor))
        rejects.append(_rejects(part.raw, poor, missing, len(asked)))
    return pl.concat(kept, how="diagonal"), pl.concat(rejects)


def _rejects(raw: RawTable, poor: pl.Series, missing: pl.Series, n_asked: int) -> pl.DataFrame:
    rows = list(raw.rejects)
    if poor.any():
        counted = zip(raw.lines.filter(poor), missing.filter(poor), raw.raw_texts(poor), strict=True)
        what = f"of {n_asked} audio features are missing or impossible"
        rows += [(line, f"{count} {what}", text) for line, count, text in counted]
    ordered = sorted(rows, key=lambda row: row[0])
    return pl.DataFrame([(raw.name, *row) for row in ordered], schema=REJECTS_SCHEMA, orient="row")


def alike(frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Turn own columns that differ in type between files into text."""
    types: dict[str, set[str]] = {}
    for frame in frames:
        for name, dtype in frame.schema.items():
            types.setdefault(name, set()).add(str(dtype))
    mixed = [name for name, found in types.items() if len(found) > 1]
    return [
        frame.with_columns(as_own_texts(frame[name]).alias(name) for name in mixed if name in frame.columns)
        for frame in frames
    ]


def _no_tracks(rejects: pl.DataFrame) -> str:
    first = rejects.select("file", "line", "reason").head(3).iter_rows()
    shown = "; ".join(f"{file}, line {line}: {reason}" for file, line, reason in first)
    return f"None of {rejects.height} rows can be used. The first: {shown}."


def _notes(raw: RawTable, ledgers: dict[str, Ledger], own: list[str]) -> dict[str, Any]:
    return {
        "file": raw.name,
        "format": raw.format,
        **raw.details,
        "columns": {name: ledgers[name].as_dict() for name in CANONICAL if name in ledgers},
        "other_columns": own,
    }


def _input(raw: RawTable) -> dict[str, Any]:
    return {"file": raw.name, "sha256": raw.sha256, "rows": raw.frame.height + len(raw.rejects), "format": raw.format}
