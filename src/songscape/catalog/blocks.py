"""Files larger than memory: cut into blocks of whole rows, each read by itself, all of them in one manner.

::

    file ─plain_file▶ plain, UTF-8 ─sample over it▶ manner ─┐
                          └──────────cut_file──────────▶ blocks ─read_block▶ Catalog, one at a time

What is judged from a column (its scale, its filler, which of its features are known at all) is decided once, on a
sample of rows from all over the file, and holds for every block. What needs the other rows of a file is looked for
within a block: the versions of a song, two columns for one thing, names for bare ids of artists.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import polars as pl

from songscape.catalog.borders import line_border, record_border
from songscape.catalog.delimited import Layout, find_layout, read_delimited_block, split_lines
from songscape.catalog.extent import Extent, extent_of
from songscape.catalog.ledger import Decisions
from songscape.catalog.plain import PlainFile, columnar_form, plain_file
from songscape.catalog.raw import RawTable
from songscape.catalog.reading import (
    check_columns,
    clashes,
    clean_part,
    in_order,
    known_features,
    lacks,
    match_raw,
    read_catalog,
    unused,
    without_poor,
)
from songscape.catalog.record import Catalog
from songscape.catalog.sources import SourceFile
from songscape.catalog.structured import (
    is_json_lines,
    read_columnar_rows,
    read_json_block,
    scan_columnar,
    sound_columns,
)
from songscape.catalog.text import HEAD, refuse_foreign, refuse_non_table
from songscape.catalog.versions import join_versions, stand_alone
from songscape.config import ReadParams
from songscape.errors import InputError

JSON_LINES = "json lines"

_LOOK = 1 << 20  # bytes at the beginning that tell how a text is laid out, if a line ends in them
_SLACK = 0.02  # of a block: extents are estimates, and a header is no row
_WINDOWS, _FEWEST = 100, 10  # places of a file that the sample is taken from; together they are as large as a block
_WINDOW_BYTES, _WINDOW_ROWS = 4096, 40  # that a place is worth


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a block may be: rows, and bytes of text."""

    rows: int
    n_bytes: int

    def blocks_of(self, extent: Extent) -> int:
        """Return how many blocks a file of some extent is cut into."""
        share = max(extent.rows / self.rows, extent.n_bytes / self.n_bytes)
        return max(1, math.ceil(share - _SLACK))


@dataclass(frozen=True, slots=True)
class Shape:
    """What the head of a file says: ``csv``, ``json lines``, ``parquet`` or ``arrow``; and the layout of its text."""

    form: str
    layout: Layout | None = None

    @property
    def is_text(self) -> bool:
        """Whether rows are lines of text."""
        return self.form in ("csv", JSON_LINES)


@dataclass(frozen=True, slots=True)
class Manner:
    """How all blocks of a file are read.

    Attributes
    ----------
    shape : Shape
        What the head of the file says.
    decisions : dict
        What was decided on the sample, by column.
    features : list of str
        Audio features that are known at all: a row that lacks more than half of them is a reject.
    """

    shape: Shape
    decisions: Decisions
    features: list[str]


@dataclass(frozen=True, slots=True)
class Block:
    """Whole rows of a file, or the file as a whole.

    Attributes
    ----------
    source : Path or RemoteFile
        The file as the user named it.
    file : PlainFile or None
        Where the rows are read; None: the file is read as a whole, as by `songscape.read_catalog`.
    start, stop : int
        Bytes of text, rows of Parquet and Arrow.
    first_line : int
        Number of the first line or row in the source, from 1.
    manner : Manner or None
        How the rows are read.
    """

    source: SourceFile
    file: PlainFile | None = None
    start: int = 0
    stop: int = 0
    first_line: int = 1
    manner: Manner | None = None


def cut_file(path: SourceFile, limits: Limits | None, params: ReadParams, copy: Path) -> list[Block]:
    """Cut a file into blocks of whole rows.

    Parameters
    ----------
    path : Path or RemoteFile
        The file.
    limits : Limits or None
        A file within them is one block; with None every file is.
    params : ReadParams
        As for `songscape.read_catalog`.
    copy : Path
        Where a plain copy may be written. It is needed as long as blocks are read.

    Returns
    -------
    list of Block
        In the order of the file.

    Raises
    ------
    InputError
        If the file is damaged, no table, without audio features, or of a form that cannot be read in pieces.
    """
    check_columns(params.columns)
    if limits is None or limits.blocks_of(extent_of(path)) == 1:
        return [Block(path)]
    file = plain_file(path, copy)
    shape, begin, end = _look_at(file)
    n_blocks = limits.blocks_of(extent_of(file.path))
    wanted = [begin + (end - begin) * number // n_blocks for number in range(1, n_blocks)]
    borders = sorted({begin, end, *(_border(file, shape, place, end) for place in wanted)})
    blocks = list(pairwise(borders))
    windows = _windows(file, shape, borders, n_blocks)
    manner = _manner(_raw(file, shape, windows, 1), shape, params)
    lines = _first_lines(file, shape, borders[:-1])
    return [Block(path, file, *block, line, manner) for block, line in zip(blocks, lines, strict=True)]


def read_block(block: Block, params: ReadParams) -> Catalog:
    """Read a block into a clean catalog; it may turn out to have no track.

    Raises
    ------
    InputError
        As `songscape.read_catalog`; of rows of a file only if two columns stand for one thing in them, or if the
        file is damaged there.
    """
    if block.file is None or block.manner is None:
        return read_catalog(block.source, params)
    raw = _raw(block.file, block.manner.shape, [(block.start, block.stop)], block.first_line)
    matched = match_raw(raw, params.columns)
    if problems := clashes(raw, matched):
        raise InputError(" ".join(problems))
    part = clean_part(raw, matched, block.manner.decisions)
    tracks, rejects = without_poor([part], block.manner.features)
    joined = join_versions(tracks) if params.version_families and not tracks.is_empty() else stand_alone(tracks)
    return Catalog(in_order(joined), rejects, {"files": [part.notes]}, [])


def _look_at(file: PlainFile) -> tuple[Shape, int, int]:
    """Return what the head of a file says, and where its rows begin and end."""
    head = file.read(file.start, file.start + HEAD)
    form = columnar_form(head)
    if form is not None:
        with sound_columns(file.name, form):
            return Shape(form), 0, int(scan_columnar(file.path, form).select(pl.len()).collect().item())
    refuse_foreign(head, file.name)
    refuse_non_table(head, file.name)
    lines = head[: (head.rfind(b"\n", 0, _LOOK) if b"\n" in head[:_LOOK] else head.rfind(b"\n")) + 1]
    if is_json_lines(lines):
        return Shape(JSON_LINES), file.start, file.size
    if head.lstrip()[:1] in (b"{", b"["):
        raise InputError(
            f"'{file.name}' is one JSON document, which cannot be read in pieces, and too large to be read at once."
            " Write one object a line (JSON Lines), with jq -c '.[]' or the like, or allow more memory."
        )
    layout = find_layout(split_lines(lines))
    begin = 0
    for _ in range(layout.n_above):
        begin = head.index(b"\n", begin) + 1
    return Shape("csv", layout), file.start + begin, file.size


def _border(file: PlainFile, shape: Shape, place: int, end: int) -> int:
    """Return where a row begins, at a place or soon behind it."""
    if shape.layout is not None:
        return record_border(file, shape.layout, place, end)
    return line_border(file, place, end) if shape.form == JSON_LINES else place


def _first_lines(file: PlainFile, shape: Shape, starts: list[int]) -> Iterator[int]:
    """Yield the number of the first line, or row, of each block."""
    if not shape.is_text:
        yield from (start + 1 for start in starts)
        return
    number, place = 1, file.start
    for start in starts:
        while place < start:
            piece = file.read(place, min(place + HEAD, start))
            number += piece.count(b"\n")
            place += len(piece)
        yield number


def _windows(file: PlainFile, shape: Shape, borders: list[int], n_blocks: int) -> list[tuple[int, int]]:
    """Return ranges of rows from all over a file, together as large as a block."""
    begin, end = borders[0], borders[-1]
    of_block = (end - begin) / n_blocks
    count = int(of_block / (_WINDOW_BYTES if shape.is_text else _WINDOW_ROWS))
    count = min(max(count, _FEWEST), _WINDOWS)
    size = math.ceil(of_block / count)
    found: list[tuple[int, int]] = []
    stop = begin
    for number in range(count):
        place = begin + (end - begin) * number // count
        start = max(stop, _border(file, shape, place, end) if number else begin)
        stop = min(_border(file, shape, start + size, end), end)
        if start < stop:
            found.append((start, stop))
    return found


def _manner(raw: RawTable, shape: Shape, params: ReadParams) -> Manner:
    """Decide how a file is read, on a sample of its rows."""
    matched = match_raw(raw, params.columns)
    if problems := [*unused(params.columns, [raw]), *lacks(raw, matched)]:
        raise InputError(" ".join(problems))
    part = clean_part(raw, matched)
    return Manner(shape, part.decisions, known_features([part.frame]))


def _raw(file: PlainFile, shape: Shape, ranges: list[tuple[int, int]], first_line: int) -> RawTable:
    """Read some rows of a file as they stand."""
    if not shape.is_text:
        return read_columnar_rows(file.path, file.name, shape.form, ranges)
    data = b"".join(file.read(*one) for one in ranges)
    if shape.layout is None:
        return read_json_block(data, file.name, first_line)
    return read_delimited_block(data, file.name, shape.layout, first_line)
