"""A file of any size and packing → one that can be read in pieces: plain, and UTF-8 where it is text.

Most files are that already and are read where they lie. What is packed, in a store, in another encoding or with the
line ends of old Macs is copied aside, piece by piece; the copy is what the ordinary reader would have in memory.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from songscape.catalog.remote import RemoteFile
from songscape.catalog.sources import SourceFile, opened, packing_of, unpacked
from songscape.catalog.text import HEAD, refuse_endless_line
from songscape.encodings import Evidence, announced
from songscape.errors import InputError

_PIECE = 1 << 22  # bytes that are looked at at once
_FETCH = 1 << 25  # and that are fetched from a store at once
_TABLES = {b"PAR1": "parquet", b"ARROW1": "arrow"}


@dataclass(frozen=True, slots=True)
class PlainFile:
    """A file that can be read in pieces.

    Attributes
    ----------
    name : str
        How messages call it: the name of the source.
    path : Path
        The source, or a copy.
    start : int
        Bytes before the text: a byte order mark.
    size : int
        Bytes of the file.
    """

    name: str
    path: Path
    start: int
    size: int

    def read(self, start: int, stop: int) -> bytes:
        """Return some of its bytes."""
        with self.path.open("rb") as stream:
            stream.seek(start)
            return stream.read(stop - start)


def columnar_form(head: bytes) -> str | None:
    """Return ``parquet`` or ``arrow`` for a file that begins so; None for text."""
    return next((form for magic, form in _TABLES.items() if head.startswith(magic)), None)


def plain_file(source: SourceFile, copy: Path) -> PlainFile:
    """Return a file in a form that can be read in pieces, if need be as a copy.

    Parameters
    ----------
    source : Path or RemoteFile
    copy : Path
        Where a copy may be written; a second one may lie beside it for a moment.

    Raises
    ------
    InputError
        If the file cannot be read, is damaged, or is no table.
    """
    name = source.name
    path = _fetched(source, copy.with_name(f"{copy.name}-fetched")) if isinstance(source, RemoteFile) else source
    with opened(path) as stream:
        packing = packing_of(stream.read(4))
        stream.seek(0)
        if packing is not None:
            _write(copy, unpacked(stream, packing, path.stat().st_size, name))
            path = copy
    with opened(path) as stream:
        head = stream.read(HEAD)
    refuse_endless_line(head, name)
    if not head.strip():
        raise InputError(f"'{name}' is empty. A table is needed.")
    if columnar_form(head):
        return PlainFile(name, path, 0, path.stat().st_size)
    return _utf8_file(PlainFile(name, path, announced(head[:4096])[1], path.stat().st_size), head, copy)


def _fetched(file: RemoteFile, target: Path) -> Path:
    _write(target, (file.read(start, min(start + _FETCH, file.size)) for start in range(0, file.size, _FETCH)))
    return target


def _utf8_file(file: PlainFile, head: bytes, copy: Path) -> PlainFile:
    codec = announced(head[:4096])[0]
    if codec != "utf-8":
        return _rewritten(file, copy, _from_wide(_pieces(file), codec))
    evidence, has_lines = Evidence(), False
    for piece in _pieces(file):
        evidence.see(piece)
        has_lines = has_lines or b"\n" in piece
    if has_lines and evidence.n_misfits == 0:
        return file
    pieces = (evidence.recoded(piece) for piece in _pieces(file))
    return _rewritten(file, copy, pieces if has_lines else (piece.replace(b"\r", b"\n") for piece in pieces))


def _pieces(file: PlainFile) -> Iterator[bytes]:
    """Yield the text in pieces that end with a line, or with the file."""
    rest = b""
    with file.path.open("rb") as stream:
        stream.seek(file.start)
        while data := stream.read(_PIECE):
            data = rest + data
            stop = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1 or len(data)
            yield data[:stop]
            rest = data[stop:]
    if rest:
        yield rest


def _from_wide(pieces: Iterator[bytes], codec: str) -> Iterator[bytes]:
    """Recode text of two or four bytes a character; pieces may end within one."""
    decoder = codecs.getincrementaldecoder(codec)(errors="replace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", errors="replace")
    yield decoder.decode(b"", final=True).encode("utf-8", errors="replace")


def _rewritten(file: PlainFile, copy: Path, pieces: Iterator[bytes]) -> PlainFile:
    aside = copy.with_name(f"{copy.name}-utf8")
    _write(aside, pieces)
    aside.replace(copy)  # where what was unpacked may lie
    return PlainFile(file.name, copy, 0, copy.stat().st_size)


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    with path.open("wb") as stream:
        for piece in pieces:
            stream.write(piece)
