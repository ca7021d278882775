"""Playlist files: writing, reading, and matching what was read to the catalog.

| format | extension | what comes back |
| --- | --- | --- |
| ``json`` | ``.json`` | everything |
| ``xspf``, ``jspf`` | ``.xspf``, ``.jspf`` | everything; durations in whole milliseconds, extra columns as text |
| ``csv`` | ``.csv`` | the items; durations in milliseconds, extra columns as text; not creator and note |
| ``m3u8`` | ``.m3u8``, ``.m3u`` | name; title, artists in one text, album, Spotify id or uri, whole seconds |
| ``text`` | ``.txt`` | title and artists in one text, divided at the first dash |
| ``uris``, ``links`` | ``.uris``, ``.links`` | Spotify ids; ``Artist - Title`` for tracks without one |

Except in JSON, line breaks and control characters in titles become spaces (in XSPF only what XML cannot hold).
"""

from songscape.playlist.formats.items import PlaylistFile, PlaylistItem, Reject, spotify_id
from songscape.playlist.formats.many import PlaylistTable, read_playlists
from songscape.playlist.formats.matching import (
    AMBIGUOUS,
    BY_ID,
    BY_NAME,
    NOT_FOUND,
    Matching,
    TrackIndex,
    index_tracks,
    match_items,
    match_rows,
)
from songscape.playlist.formats.names import safe_file_name
from songscape.playlist.formats.reading import parse_playlist, read_playlist
from songscape.playlist.formats.writing import EXTENSIONS, FORMATS, format_of, render, write_playlist

__all__ = [
    "AMBIGUOUS",
    "BY_ID",
    "BY_NAME",
    "EXTENSIONS",
    "FORMATS",
    "NOT_FOUND",
    "Matching",
    "PlaylistFile",
    "PlaylistItem",
    "PlaylistTable",
    "Reject",
    "TrackIndex",
    "format_of",
    "index_tracks",
    "match_items",
    "match_rows",
    "parse_playlist",
    "read_playlist",
    "read_playlists",
    "render",
    "safe_file_name",
    "spotify_id",
    "write_playlist",
]
