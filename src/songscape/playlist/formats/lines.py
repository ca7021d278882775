"""Playlists as lines: extended M3U, Spotify URIs, Spotify links, and plain ``Artist - Title``.

An M3U needs a place for each track. It is the track's own `uri`, else ``spotify:track:…``, else, where no file is
known, the relative path ``Artist - Title``: players that repair lists, and people, find the file by that name. A
reader drops such a path again.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import unquote

from songscape.playlist.formats.items import (
    PlaylistFile,
    PlaylistItem,
    id_and_uri,
    none_found,
    one_line,
    positive,
    sorted_out,
    split_line,
    spotify_id,
)
from songscape.playlist.formats.names import safe_file_name

_ATTRIBUTE = r'[\w-]+="[^"]*"'
_EXTINF = re.compile(rf"#EXTINF:\s*(-?[\d.]*)\s*((?:{_ATTRIBUTE}\s*)*),?(.*)", re.IGNORECASE)
_AUDIO = r"\.(?:mp3|m4a|aac|flac|ogg|oga|opus|wav|wma|aiff?|ape|alac|mp4|webm)"
_FILE = re.compile(rf".*{_AUDIO}$", re.IGNORECASE)
_NUMBERED = re.compile(r"\d{1,3}(?:\.|\s*-)\s+")
_UNUSABLE = "no track named here"


def render_m3u8(playlist: PlaylistFile) -> str:
    """Return an extended M3U: one ``#EXTINF:seconds,Artist - Title`` and one place for each track."""
    lines = ["#EXTM3U"]
    if playlist.name:
        lines.append(f"#PLAYLIST:{one_line(playlist.name)}")
    for item in playlist.items:
        seconds = -1 if item.duration is None else round(item.duration)
        lines.append(f"#EXTINF:{seconds},{item.line}")
        if item.album:
            lines.append(f"#EXTALB:{one_line(item.album)}")
        lines.append(_place(item))
    return "\n".join(lines) + "\n"


def render_uris(playlist: PlaylistFile) -> str:
    """Return one Spotify URI a line; tracks without an id of Spotify stand there as ``Artist - Title``."""
    return "".join(f"{item.spotify_uri or item.line}\n" for item in playlist.items)


def render_links(playlist: PlaylistFile) -> str:
    """Return one Spotify link a line; tracks without an id of Spotify stand there as ``Artist - Title``."""
    return "".join(f"{item.spotify_link or item.line}\n" for item in playlist.items)


def render_text(playlist: PlaylistFile) -> str:
    """Return ``Artist - Title``, one a line."""
    return "".join(f"{item.line or item.spotify_uri or item.uri or item.id or ''}\n" for item in playlist.items)


def _place(item: PlaylistItem) -> str:
    return _no_comment(one_line(item.uri or "")) or item.spotify_uri or _searchable(item.line)


def _searchable(line: str) -> str:
    return _no_comment(safe_file_name(line))


def _no_comment(path: str) -> str:
    return f"./{path}" if path.startswith("#") else path


def read_m3u(text: str, name: str) -> PlaylistFile:
    """Read M3U, extended or plain.

    Raises
    ------
    InputError
        If no line names a track.
    """
    title = ""
    for line in text.splitlines():
        if line.upper().startswith("#PLAYLIST:"):
            title = line.split(":", 1)[1].strip()
    items, rejects = sorted_out(_m3u_items(text), _UNUSABLE)
    if not items:
        raise none_found(name, "M3U", rejects)
    return PlaylistFile(items, title, rejects=rejects)


def _m3u_items(text: str) -> Iterator[tuple[int, PlaylistItem | None, str]]:
    told = PlaylistItem()
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = raw.strip()
        if line.upper().startswith("#EXTINF:"):
            told = _told_by(line)
        elif line.upper().startswith("#EXTALB:"):
            told = replace(told, album=line.split(":", 1)[1].strip())
        elif line and not line.startswith("#"):
            yield number, _placed(told, line), raw
            told = PlaylistItem()


def _told_by(line: str) -> PlaylistItem:
    found = _EXTINF.match(line)
    if not found:
        return PlaylistItem()
    title, artists = split_line(found[3])
    return PlaylistItem(title, artists, duration=positive(found[1]))


def _placed(told: PlaylistItem, place: str) -> PlaylistItem:
    track, uri = id_and_uri(place)
    if track:
        return replace(told, id=track)
    if told.title and place == _searchable(told.line):
        return told
    if told.title:
        return replace(told, uri=uri)
    title, artists = split_line(_name_of_file(place))
    return replace(told, title=title, artists=artists, uri=uri)


def _name_of_file(place: str) -> str:
    """Return what a path says about its track: the last part, without number and extension."""
    path = unquote(place) if "://" in place else place
    last = PurePosixPath(path.replace("\\", "/")).name
    return re.sub(rf"(?i){_AUDIO}$", "", _NUMBERED.sub("", last)).replace("_", " ").strip()


def read_lines(text: str, name: str) -> PlaylistFile:
    """Read one track a line: a Spotify URI or link, a path to an audio file, or ``Artist - Title``, mixed at will.

    Raises
    ------
    InputError
        If no line names a track.
    """
    items, rejects = sorted_out(_line_items(text), "a link to something other than a track")
    if not items:
        raise none_found(name, "text", rejects)
    return PlaylistFile(items, rejects=rejects)


def _line_items(text: str) -> Iterator[tuple[int, PlaylistItem | None, str]]:
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = raw.strip()
        if not line:
            continue
        track = spotify_id(line)
        if track:
            yield number, PlaylistItem(id=track), raw
        elif re.match(r"(?i)spotify:|https?://", line):
            yield number, None, raw
        elif _FILE.match(line):
            yield number, _placed(PlaylistItem(), line), raw
        else:
            title, artists = split_line(line)
            yield number, PlaylistItem(title, artists), raw
