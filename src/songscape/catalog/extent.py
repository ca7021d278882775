"""How large a file is before it is read: about how many rows, and how much text."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from songscape.catalog.plain import columnar_form, opened
from songscape.catalog.sources import packing_of, unpacked
from songscape.errors import InputError

_HEAD = 1 << 20
_TEXT_IN_COLUMNS = 4  # bytes of text that a byte of a Parquet or Arrow file stands for
_SHORTEST = 20  # bytes that a row takes at least


@dataclass(frozen=True, slots=True)
class Extent:
    """About how many rows a file has, and how many bytes it would have as plain text."""

    rows: int
    n_bytes: int


def extent_of(path: Path) -> Extent:
    r"""Return the extent of a file from its size and its head; zeros for one that cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "t.csv")
    ...     n = path.write_bytes(b"title,energy\n" + 1000 * b"a long title,0.5\n")
    ...     extent_of(path)
    Extent(rows=1001, n_bytes=17013)
    """
    try:
        size = path.stat().st_size
        with opened(path) as stream:
            packing = packing_of(stream.read(4))
            stream.seek(0)
            head = next(unpacked(stream, packing, size, path.name), b"") if packing else stream.read(_HEAD)
            n_bytes = size if packing is None else round(size * len(head) / max(stream.tell(), 1))
        form = columnar_form(head)
        if form is not None:
            n_rows = n_bytes // _SHORTEST if packing else _rows_in_columns(path, form)
            return Extent(n_rows, _TEXT_IN_COLUMNS * n_bytes)
    except (InputError, OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return Extent(0, 0)  # the reader says what is wrong with it
    head = head[:_HEAD]
    n_rows = head.count(b"{") if head.lstrip()[:1] in (b"{", b"[") else max(head.count(b"\n"), head.count(b"\r"))
    return Extent(round(n_bytes * n_rows / max(len(head), 1)), n_bytes)


def _rows_in_columns(path: Path, form: str) -> int:
    table = pl.scan_parquet(path) if form == "parquet" else pl.scan_ipc(path)
    return int(table.select(pl.len()).collect().item())
