"""Files into playlists: the format from the extension, and where that is unknown or wrong, from the content."""

import os
from pathlib import Path
from typing import Any

from songscape.encodings import decode
from songscape.errors import InputError
from songscape.playlist.formats.items import PlaylistFile
from songscape.playlist.formats.json_forms import parse_json, read_json
from songscape.playlist.formats.lines import read_lines, read_m3u
from songscape.playlist.formats.tables import looks_like_table, read_csv
from songscape.playlist.formats.writing import check_format, format_of
from songscape.playlist.formats.xspf import read_xspf

_LARGEST = 64 << 20  # bytes; the largest real playlists take a few MB
_FOREIGN = {
    b"PAR1": "a Parquet table", b"PK\x03\x04": "a zip archive or an Excel workbook", b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF document", b"ID3": "an audio file", b"fLaC": "an audio file", b"OggS": "an audio file",
    b"RIFF": "an audio file", b"\x89PNG": "an image", b"\xff\xd8\xff": "an image", b"SQLite": "a database",
}  # fmt: skip


def read_playlist(path: str | os.PathLike[str], format: str | None = None) -> PlaylistFile:
    """Read one playlist from a file.

    Parameters
    ----------
    path : path
        M3U, M3U8, XSPF, JSPF, CSV (Exportify's too), JSON, or lines of Spotify URIs, links or ``Artist - Title``.
    format : str or None
        One of `FORMATS`; by default what extension and content say.

    Returns
    -------
    PlaylistFile
        Its name is that of the file where the file itself does not say; unusable rows are in `rejects`.

    Raises
    ------
    InputError
        If the file cannot be read, or holds no playlist, several of them, or no track.
    ParameterError
        If there is no such format.
    """
    data = load(Path(path), _LARGEST)
    return parse_playlist(data, Path(path).name, format or format_of(path))


def load(path: Path, largest: int) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    InputError
        If it is not there, is a folder, cannot be read, is empty or larger than allowed.
    """
    try:
        if path.is_dir():
            raise InputError(f"'{path}' is a folder. Name a playlist file in it.")
        size = path.stat().st_size
        if size > largest:
            raise InputError(f"'{path}' has {size >> 20} MB; a playlist file has at most {largest >> 20}. Is it one?")
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        told = getattr(error, "strerror", None) or error
        if isinstance(error, InputError):
            raise
        raise InputError(f"'{path}' cannot be read: {told}. Check the path.") from None
    if not data.strip():
        raise InputError(f"'{path}' is empty. A playlist file needs at least one track.")
    return data


def parse_playlist(data: bytes, name: str, format: str | None = None) -> PlaylistFile:
    r"""Read one playlist from the bytes of a file or of standard input; see `read_playlist`.

    Parameters
    ----------
    data : bytes
    name : str
        What messages call it; its stem is the playlist's name if the content does not say.
    format : str or None
        One of `FORMATS`; by default what the content says.

    Examples
    --------
    >>> parse_playlist(b"David Bowie - Heroes\n", "mine.txt").items[0].artists
    ('David Bowie',)
    """
    what = next((what for mark, what in _FOREIGN.items() if data.startswith(mark)), None)
    if what:
        raise InputError(f"'{name}' is {what}, no playlist. Export the playlist as M3U8, XSPF, CSV, JSON or text.")
    text = decode(data).data.decode("utf-8", errors="replace").lstrip("\ufeff")
    if "\0" in text[:4096]:
        raise InputError(
            f"'{name}' is no playlist: it holds binary data. Export it as M3U8, XSPF, CSV, JSON or text."
        )
    found = _read(data, text, name, _checked(text, check_format(format) if format else None))
    return found if found.name else _named(found, Path(name).stem)


def _named(playlist: PlaylistFile, name: str) -> PlaylistFile:
    return PlaylistFile(playlist.items, name, playlist.creator, playlist.note, playlist.rejects)


def _checked(text: str, told: str | None) -> str:
    """Return the format by content; what is told decides only where the content leaves a choice."""
    start = text.lstrip()
    if start.upper().startswith("#EXTM3U") or told == "m3u8":
        return "m3u8"
    if start.startswith("<"):
        return "xspf"
    if told in ("json", "jspf", "csv", "xspf"):
        return told
    if start.startswith(("{", "[{", '["')) or start in ("[]",) or (start.startswith("[") and start[1:2].isspace()):
        return "json"
    if told in ("uris", "links", "text"):
        return "text"
    return "csv" if looks_like_table(text) else "text"


def _read(data: bytes, text: str, name: str, chosen: str) -> PlaylistFile:
    if chosen == "m3u8":
        return read_m3u(text, name)
    if chosen == "xspf":
        return read_xspf(_xml(data, text), name)
    if chosen in ("json", "jspf"):
        document: Any = parse_json(text, name)
        return read_json(document, name)
    return read_csv(text, name) if chosen == "csv" else read_lines(text, name)


def _xml(data: bytes, text: str) -> bytes | str:
    """XML says its own encoding; without a word of it, what was found in the bytes holds."""
    return data if b"encoding" in data[:200] or data.startswith((b"\xff\xfe", b"\xfe\xff")) else text
