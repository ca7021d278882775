"""Playlists into files: every format by its name or extension, written aside and then renamed."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

from songscape.disk import writing
from songscape.errors import ParameterError, did_you_mean, must_be
from songscape.playlist.formats.items import PlaylistFile, without_halves
from songscape.playlist.formats.json_forms import render_json, render_jspf
from songscape.playlist.formats.lines import render_links, render_m3u8, render_text, render_uris
from songscape.playlist.formats.names import safe_file_name
from songscape.playlist.formats.tables import render_csv
from songscape.playlist.formats.xspf import render_xspf

Format = Literal["m3u8", "xspf", "jspf", "csv", "json", "uris", "links", "text"]
FORMATS: tuple[str, ...] = get_args(Format)
"""The formats that are written, and read."""

EXTENSIONS = {
    ".m3u8": "m3u8", ".m3u": "m3u8", ".xspf": "xspf", ".jspf": "jspf", ".csv": "csv", ".json": "json",
    ".uris": "uris", ".links": "links", ".urls": "links", ".txt": "text",
}  # fmt: skip
"""What each extension stands for."""

_RENDER: dict[str, Callable[[PlaylistFile], str]] = {
    "m3u8": render_m3u8,
    "xspf": render_xspf,
    "jspf": render_jspf,
    "csv": render_csv,
    "json": render_json,
    "uris": render_uris,
    "links": render_links,
    "text": render_text,
}


def format_of(path: str | os.PathLike[str]) -> str | None:
    """Return the format that an extension stands for, or None."""
    return EXTENSIONS.get(Path(path).suffix.lower())


def check_format(name: str) -> str:
    """Return the name of a format.

    Raises
    ------
    ParameterError
        If there is none of that name.
    """
    if name in FORMATS:
        return name
    raise ParameterError(must_be("format", f"one of {', '.join(FORMATS)}", name) + did_you_mean(name, FORMATS))


def render(playlist: PlaylistFile, format: str) -> str:
    """Return a playlist as the text of a file.

    Parameters
    ----------
    playlist : PlaylistFile
    format : str
        One of `FORMATS`.

    Returns
    -------
    str
        Can be written as UTF-8 whatever the playlist holds.

    Raises
    ------
    ParameterError
        If there is no such format.

    Examples
    --------
    >>> from songscape.playlist.formats.items import PlaylistItem
    >>> mine = PlaylistFile((PlaylistItem("Heroes", ("David Bowie",), duration=371.4),), "Berlin")
    >>> print(render(mine, "m3u8"), end="")
    #EXTM3U
    #PLAYLIST:Berlin
    #EXTINF:371,David Bowie - Heroes
    David Bowie - Heroes
    """
    return without_halves(_RENDER[check_format(format)](playlist))


def write_playlist(playlist: PlaylistFile, path: str | os.PathLike[str], format: str | None = None) -> Path:
    """Write a playlist into a file, which is whole or not there at all; an old one is replaced.

    Parameters
    ----------
    playlist : PlaylistFile
    path : path
        The file; or a folder that is there, in which the file is named after the playlist (`safe_file_name`).
    format : str or None
        One of `FORMATS`; by default what the extension says.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ParameterError
        If neither `format` nor the extension names a format.
    InputError
        If the file cannot be written there.
    """
    target = Path(path)
    chosen = check_format(format) if format else format_of(target)
    if chosen is None:
        known = ", ".join(EXTENSIONS)
        raise ParameterError(
            f"The format of '{target}' is not told by its extension (known: {known}). Give it one of these, or choose"
            f" with --format: {', '.join(FORMATS)}."
        )
    # Spreadsheets take UTF-8 for something else unless a byte order mark says so.
    data = render(playlist, chosen).encode("utf-8-sig" if chosen == "csv" else "utf-8")
    with writing("The playlist", target, "Choose another place with -o."):
        if target.is_dir():
            extension = next(extension for extension, name in EXTENSIONS.items() if name == chosen)
            target = target / safe_file_name(playlist.name, extension)
        _put(data, target.resolve())
    return target


def _put(data: bytes, target: Path) -> None:
    """Write aside, wait for the disk, rename."""
    descriptor, aside = tempfile.mkstemp(prefix=".songscape-", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).chmod(_mode(target))
        Path(aside).replace(target)
    finally:
        Path(aside).unlink(missing_ok=True)


def _mode(target: Path) -> int:
    """The rights of the file that is replaced, else those of any new file."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
