"""Paths, globs and lists → the files to read, each with its bytes unpacked."""

import glob
import gzip
import hashlib
import io
import os
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from songscape.catalog.remote import RemoteFile, find_remote, is_address
from songscape.catalog.text import HEAD, refuse_endless_line
from songscape.errors import InputError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SourceFile = Path | RemoteFile
"""A file, on a disk or in a store."""

MOST_UNPACKED = 100
"""How many times its size a packed file may unpack to; tables shrink to a third or a tenth."""

ALWAYS_UNPACKED = 1 << 28
"""So many bytes a packed file may unpack to in any case."""

_PACKINGS = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))

_FORMATS = "CSV, TSV, JSON, JSON Lines or Parquet, plain or packed with gzip or zstd"


@dataclass(frozen=True, slots=True)
class Payload:
    """The bytes of one file, unpacked, with what is reported about it."""

    name: str
    data: bytes
    sha256: str
    packing: str | None


def expand(source: Any) -> tuple[list[Any], list[str]]:
    """Return the tables and existing files that a source stands for, in order, and what is wrong with the others.

    Globs come in order of name. A problem is a sentence about what does not exist, is a folder, or matches nothing.
    """
    if isinstance(source, (str, os.PathLike)):
        items: Iterable[Any] = [source]
    elif isinstance(source, (list, tuple)):
        items = source
    else:
        items = [source]
    found: list[Any] = []
    problems: list[str] = []
    for item in items:
        if isinstance(item, (str, os.PathLike)):
            paths, problem = _expand_path(os.fspath(item))
            found.extend(paths)
            problems.extend([problem] if problem else [])
        else:
            found.append(item)
    if not found and not problems:
        problems.append("There is nothing to read: the list of files is empty. Name at least one.")
    return found, problems


def _expand_path(text: str) -> tuple[Sequence[SourceFile], str | None]:
    path = Path(text)
    if "\0" in text:
        return [], f"{text!r} is not a file name: it contains a null character."
    if path.is_dir():
        return [], f"'{text}' is a folder. Name the file in it, or all of them with a pattern such as '{text}/*.csv'."
    if path.exists():
        return [path], None
    if is_address(text):
        return find_remote(text)
    if glob.has_magic(text):
        matches = glob.glob(text, recursive=True)  # noqa: PTH207 (Path.glob takes no absolute pattern)
        paths = sorted(Path(match) for match in matches if Path(match).is_file())
        return paths, None if paths else f"No file matches the pattern '{text}'."
    return [], f"There is no file '{text}'. Check the path; its folder {_look(path.parent)}."


def _look(folder: Path) -> str:
    return "exists" if folder.is_dir() else "does not exist either"


def size_of(file: SourceFile) -> int:
    """Return how many bytes a file has."""
    return file.size if isinstance(file, RemoteFile) else file.stat().st_size


def beginning_of(file: SourceFile, n_bytes: int) -> bytes:
    """Return the first bytes of a file; raises `InputError` where it cannot be read."""
    if isinstance(file, RemoteFile):
        return file.read(0, min(n_bytes, file.size))
    with opened(file) as stream:
        return stream.read(n_bytes)


def opened(path: Path) -> BinaryIO:
    """Open a source; raises `InputError` where it cannot be read."""
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror or error}.") from None


def load(path: SourceFile) -> Payload:
    """Read a file and unpack gzip or zstd, known by their first bytes.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, or its archive is truncated or damaged.
    """
    packed = b""
    try:
        for piece in _head_and_rest(path):
            if not packed:
                refuse_endless_line(piece, path.name)  # before what may be gigabytes is read
            packed += piece
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror or error}.") from None
    if not packed:
        raise InputError(f"'{path.name}' is empty (0 bytes). A table is needed: {_FORMATS}.")
    digest = hashlib.sha256(packed).hexdigest()
    data, packing = _unpack(packed, path.name)
    if not data.strip():
        unpacked = " once unpacked" if packing else ""
        raise InputError(f"'{path.name}' is empty{unpacked}. A table is needed: {_FORMATS}.")
    return Payload(path.name, data, digest, packing)


def _head_and_rest(file: SourceFile) -> Iterator[bytes]:
    if isinstance(file, RemoteFile):
        yield beginning_of(file, HEAD)
        yield file.read(HEAD, file.size)
        return
    with opened(file) as stream:
        yield stream.read(HEAD)
        yield stream.read()


def packing_of(head: bytes) -> str | None:
    """Return how a file that begins so is packed."""
    return next((packing for magic, packing in _PACKINGS if head.startswith(magic)), None)


def unpacked(stream: BinaryIO, packing: str | None, n_packed: int, name: str) -> Iterator[bytes]:
    """Yield what a stream holds, unpacked, in pieces: a small file may unpack to more than there is memory.

    Raises
    ------
    InputError
        If it is damaged, truncated, or no table by its size or its first line.
    """
    if packing == "gzip":
        try:
            with gzip.GzipFile(fileobj=stream) as plain:
                yield from _bounded(plain, max(ALWAYS_UNPACKED, MOST_UNPACKED * n_packed), name)
        except EOFError:
            raise InputError(f"'{name}' is a truncated gzip file: it ends too early. Fetch it again.") from None
        except (OSError, zlib.error) as error:
            raise InputError(f"'{name}' is a damaged gzip file: {error}. Fetch it again.") from None
    elif packing == "zstd":
        try:
            with zstd.ZstdFile(stream) as plain:
                yield from _bounded(plain, max(ALWAYS_UNPACKED, MOST_UNPACKED * n_packed), name)
        except (zstd.ZstdError, EOFError) as error:
            raise InputError(f"'{name}' is a truncated or damaged zstd file: {error}. Fetch it again.") from None
    else:
        yield from iter(partial(stream.read, HEAD), b"")


def _unpack(packed: bytes, name: str) -> tuple[bytes, str | None]:
    packing = packing_of(packed)
    if packing is None:
        return packed, None
    plain = io.BytesIO()
    for piece in unpacked(io.BytesIO(packed), packing, len(packed), name):
        plain.write(piece)
    return plain.getvalue(), packing


def _bounded(stream: io.BufferedIOBase, most: int, name: str) -> Iterator[bytes]:
    n_bytes = 0
    while piece := stream.read(HEAD):
        if n_bytes == 0:
            refuse_endless_line(piece, name)
        n_bytes += len(piece)
        if n_bytes > most:
            raise InputError(
                f"'{name}' unpacks to more than {most / 1e6:.0f} MB, over {MOST_UNPACKED} times its size: no"
                " table does. If it is one, unpack it and read the plain file."
            )
        yield piece
