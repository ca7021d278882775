"""XSPF (the open playlist format, version 1) as XML.

An id goes into ``identifier`` (``spotify:track:…``, else ``urn:songscape:id:…``), the duration in milliseconds; what
XSPF has no element for (each artist by itself, year, explicit, extra columns) into ``meta`` elements under
``urn:songscape:``, so that a file comes back as it was. Documents with a DTD are refused: entities can grow without
end or read files, and no playlist needs them.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote
from xml.etree import ElementTree as ET

from songscape.errors import InputError
from songscape.playlist.formats.items import (
    Extra,
    PlaylistFile,
    PlaylistItem,
    none_found,
    one_line,
    positive,
    sorted_out,
    spotify_id,
    whole_number,
)

NAMESPACE = "http://xspf.org/ns/0/"
URN = "urn:songscape:"
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def render_xspf(playlist: PlaylistFile) -> str:
    """Return the playlist as an XSPF document."""
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(_tag("playlist"), version="1")
    for tag, text in (("title", playlist.name), ("creator", playlist.creator), ("annotation", playlist.note)):
        _add(root, tag, text)
    tracks = ET.SubElement(root, _tag("trackList"))
    for item in playlist.items:
        _add_track(tracks, item)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _add_track(tracks: ET.Element, item: PlaylistItem) -> None:
    track = ET.SubElement(tracks, _tag("track"))
    _add(track, "location", location_of(item))
    _add(track, "identifier", identifier_of(item))
    _add(track, "title", item.title)
    _add(track, "creator", item.artist)
    _add(track, "album", item.album)
    if item.duration is not None:
        _add(track, "duration", str(round(item.duration * 1000)))
    for rel, text in metas_of(item):
        ET.SubElement(track, _tag("meta"), rel=rel).text = _sound(text)


def location_of(item: PlaylistItem) -> str:
    """Return the place of a track as a URI: spaces and letters beyond ASCII in percent form."""
    return quote(item.uri, safe="%:/?#[]@!$&'()*+,;=~-._") if item.uri else ""


def identifier_of(item: PlaylistItem) -> str:
    """Return the id of a track as a URI."""
    return item.spotify_uri or (f"{URN}id:{quote(item.id, safe='')}" if item.id else "")


def metas_of(item: PlaylistItem) -> Iterator[tuple[str, str]]:
    """Return what XSPF has no element for, as names and texts."""
    if len(item.artists) > 1:
        yield from ((f"{URN}artist", artist) for artist in item.artists)
    if item.year is not None:
        yield f"{URN}year", str(item.year)
    if item.explicit is not None:
        yield f"{URN}explicit", "true" if item.explicit else "false"
    for name, value in item.extra.items():
        if value is not None:
            yield f"{URN}column:{quote(name, safe='')}", str(value)


def _add(parent: ET.Element, tag: str, text: str) -> None:
    if text:
        ET.SubElement(parent, _tag(tag)).text = _sound(text)


def _sound(text: str) -> str:
    """XML cannot hold most control characters, not even escaped; a bare carriage return would come back as a line."""
    return _NO_XML.sub("\ufffd", text).replace("\r", " ")


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


class _PlainTrees(ET.TreeBuilder):
    """Builds trees of documents that declare nothing."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """Refuse a document type declaration before any of it is read."""
        raise InputError(
            "it declares a document type (DTD), which a playlist does not need and through which entities can grow"
            " without end. Remove the <!DOCTYPE …> and try again"
        )


def read_xspf(data: bytes | str, name: str) -> PlaylistFile:
    """Read an XSPF document.

    Raises
    ------
    InputError
        If it is no sound XML, declares a document type, is no XSPF, or names no track.
    """
    try:
        root = ET.fromstring(data, parser=ET.XMLParser(target=_PlainTrees()))
    except ET.ParseError as error:
        raise InputError(f"'{name}' is not sound XML: {error}. Export the playlist again.") from None
    except InputError as error:
        raise InputError(f"'{name}' is refused: {error}.") from None
    except (LookupError, ValueError) as error:  # an encoding that nobody knows
        raise InputError(f"'{name}' cannot be read as XML: {error}. Save it as UTF-8.") from None
    if _local(root) != "playlist":
        raise InputError(f"'{name}' is XML, but no XSPF: its root is <{_local(root)}>, not <playlist>.")
    heads = {_local(child): (child.text or "").strip() for child in root}
    tracks = [track for child in root if _local(child) == "trackList" for track in child]
    found = [
        (place, _item(track), one_line("".join(track.itertext()))) for place, track in enumerate(tracks, start=1)
    ]
    items, rejects = sorted_out(found, "a track without title, identifier and location")
    if not items:
        raise none_found(name, "XSPF", rejects)
    return PlaylistFile(
        items, heads.get("title", ""), heads.get("creator", ""), heads.get("annotation", ""), rejects=rejects
    )


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _item(track: ET.Element) -> PlaylistItem:
    texts: dict[str, list[str]] = {}
    for child in track:
        texts.setdefault(_local(child), []).append((child.text or "").strip())
    metas = [(meta.get("rel", ""), (meta.text or "").strip()) for meta in track if _local(meta) == "meta"]
    return item_from(texts, metas)


def item_from(texts: dict[str, list[str]], metas: list[tuple[str, str]]) -> PlaylistItem:
    """Return the item of a track's elements; XSPF and JSPF have the same ones."""
    told = {rel.removeprefix(URN): text for rel, text in metas if rel.startswith(URN)}
    artists = tuple(text for rel, text in metas if rel == f"{URN}artist") or tuple(texts.get("creator", [])[:1])
    extra: dict[str, Extra] = {
        unquote(key.removeprefix("column:")): text for key, text in told.items() if key.startswith("column:")
    }
    places = [*texts.get("identifier", []), *texts.get("location", [])]
    known = next((found for found in map(spotify_id, places) if found), None)
    own = next((unquote(place.removeprefix(f"{URN}id:")) for place in places if place.startswith(f"{URN}id:")), None)
    location = next((unquote(place) for place in texts.get("location", []) if place and not spotify_id(place)), None)
    milliseconds = positive(next(iter(texts.get("duration", [])), ""))
    return PlaylistItem(
        next(iter(texts.get("title", [])), ""),
        tuple(artist for artist in artists if artist),
        known or own,
        next(iter(texts.get("album", [])), ""),
        None if milliseconds is None else milliseconds / 1000,
        whole_number(told.get("year")),
        location,
        {"true": True, "false": False}.get(told.get("explicit", "")),
        extra,
    )
