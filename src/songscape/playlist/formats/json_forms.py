"""Playlists as JSON: our own form, which loses nothing, and JSPF (XSPF as JSON)."""

import json
import math
from dataclasses import asdict
from typing import Any

from songscape.errors import InputError
from songscape.playlist.formats.items import (
    PlaylistFile,
    PlaylistItem,
    artists_of,
    extra_of,
    id_and_uri,
    none_found,
    positive,
    sorted_out,
    text_of,
    whole_number,
)
from songscape.playlist.formats.xspf import identifier_of, item_from, location_of, metas_of

KIND = "songscape playlist"
_VERSION = 1


def parse_json(text: str, name: str) -> Any:
    """Return the value of a JSON document.

    Raises
    ------
    InputError
        If it is not sound, or nested too deeply.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"'{name}' is not sound JSON: {error.msg} in line {error.lineno}, column {error.colno}."
            " Is the file complete? Export it again."
        ) from None
    except (RecursionError, ValueError) as error:  # too deep, or a number of thousands of digits
        raise InputError(f"'{name}' is JSON that cannot be a playlist: {error}.") from None


def render_json(playlist: PlaylistFile) -> str:
    """Return everything about a playlist as JSON; unknown fields are left out."""
    document = {"format": KIND, "version": _VERSION, "name": playlist.name, "creator": playlist.creator}
    items = [_told(item) for item in playlist.items]
    return json.dumps({**document, "note": playlist.note, "items": items}, ensure_ascii=False, indent=1) + "\n"


def _told(item: PlaylistItem) -> dict[str, Any]:
    fields = {key: _finite(value) for key, value in asdict(item).items() if value not in (None, "", (), {})}
    if "extra" in fields:
        fields["extra"] = {key: _finite(value) for key, value in item.extra.items()}
    return {key: value for key, value in fields.items() if value is not None}


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def render_jspf(playlist: PlaylistFile) -> str:
    """Return the playlist as a JSPF document."""
    heads = {"title": playlist.name, "creator": playlist.creator, "annotation": playlist.note}
    body: dict[str, Any] = {key: text for key, text in heads.items() if text}
    body["track"] = [_jspf_track(item) for item in playlist.items]
    return json.dumps({"playlist": body}, ensure_ascii=False, indent=1) + "\n"


def _jspf_track(item: PlaylistItem) -> dict[str, Any]:
    identifier, location = identifier_of(item), location_of(item)
    track: dict[str, Any] = {
        "location": [location] if location else None,
        "identifier": [identifier] if identifier else None,
        "title": item.title,
        "creator": item.artist,
        "album": item.album,
        "duration": None if item.duration is None else round(item.duration * 1000),
        "meta": [{rel: text} for rel, text in metas_of(item)],
    }
    return {key: value for key, value in track.items() if value}


def read_json(document: Any, name: str) -> PlaylistFile:
    """Take a JSON document as a playlist: our own form, JSPF, or a list of tracks or of texts.

    Raises
    ------
    InputError
        If it is none of these, holds several playlists, or names no track.
    """
    if isinstance(document, dict) and isinstance(document.get("playlist"), dict):
        return _from_jspf(document["playlist"], name)
    if isinstance(document, dict) and isinstance(document.get("playlists"), list):
        if len(document["playlists"]) != 1 or not isinstance(document["playlists"][0], dict):
            raise InputError(
                f"'{name}' holds {len(document['playlists'])} playlists; one is needed here. Save the one you mean"
                " in a file of its own."
            )
        document = document["playlists"][0]
    heads = document if isinstance(document, dict) else {}
    rows = next((heads[key] for key in ("items", "tracks") if key in heads), document)
    if not isinstance(rows, list):
        raise InputError(
            f"'{name}' is JSON, but no playlist: there is no list of tracks under 'items' or 'tracks', and no JSPF"
            ' \'playlist\'. Write [{"artist": …, "title": …}, …].'
        )
    found = [(place, _from_row(row), json.dumps(row)) for place, row in enumerate(rows, start=1)]
    items, rejects = sorted_out(found, "no id, link or title")
    if not items:
        raise none_found(name, "JSON", rejects)
    name_of = text_of(heads.get("name")) or text_of(heads.get("title"))
    return PlaylistFile(items, name_of, text_of(heads.get("creator")), text_of(heads.get("note")), rejects)


def _from_row(row: Any) -> PlaylistItem | None:
    if isinstance(row, str):
        track, uri = id_and_uri(row)
        return PlaylistItem(id=track) if track else PlaylistItem(uri or "")
    if not isinstance(row, dict):
        return None
    track, uri = id_and_uri(_first(row, "uri", "track_uri", "url", "link"))
    explicit = row.get("explicit")
    milliseconds = positive(row.get("duration_ms"))
    return PlaylistItem(
        _first(row, "title", "track_name", "name", "song"),
        artists_of(next((row[key] for key in ("artists", "artist", "artist_name") if row.get(key)), "")),
        id_and_uri(_first(row, "id", "track_id"))[0] or _first(row, "id", "track_id") or track,
        _first(row, "album", "album_name"),
        milliseconds / 1000 if milliseconds else positive(row.get("duration")),
        whole_number(row.get("year")),
        uri,
        explicit if isinstance(explicit, bool) else None,
        extra_of(row.get("extra")),
    )


def _first(row: dict[str, Any], *names: str) -> str:
    return next((text for text in (text_of(row.get(name)) for name in names) if text), "")


def _from_jspf(body: dict[str, Any], name: str) -> PlaylistFile:
    tracks = body.get("track")
    rows = tracks if isinstance(tracks, list) else []
    found = [(place, _from_jspf_track(row), json.dumps(row)) for place, row in enumerate(rows, start=1)]
    items, rejects = sorted_out(found, "a track without title, identifier and location")
    if not items:
        raise none_found(name, "JSPF", rejects)
    title, creator, note = (text_of(body.get(key)) for key in ("title", "creator", "annotation"))
    return PlaylistFile(items, title, creator, note, rejects)


def _from_jspf_track(row: Any) -> PlaylistItem | None:
    if not isinstance(row, dict):
        return None
    texts = {
        key: [text_of(one) for one in (value if isinstance(value, list) else [value])] for key, value in row.items()
    }
    listed = row.get("meta")
    rows = listed if isinstance(listed, list) else []
    metas = [(str(rel), text_of(text)) for one in rows if isinstance(one, dict) for rel, text in one.items()]
    return item_from(texts, metas)
