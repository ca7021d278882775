"""Playlists as CSV: our own form, Exportify's exports, and whatever else names a title or an id in its header.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula. So every text of ours that
begins so (behind any spaces and apostrophes) gets one more apostrophe in front, which makes it text; reading takes it
away again, but only in files that have the header of ours: elsewhere an apostrophe is part of the title.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

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

COLUMNS = ("place", "title", "artists", "album", "year", "seconds", "explicit", "id", "uri")
"""The columns that are always written, in order; extra columns follow."""

DELIMITERS = ",;\t|"
_FORMULA = re.compile(r"['\s]*[=+\-@＝＋－＠]")
_GUARDED = re.compile(r"'['\s]*[=+\-@＝＋－＠]")
_OURS = {"place", "title", "artists", "seconds", "id"}
_MOST_BREAKS = 50  # a field of more lines is a quote that somebody forgot to close
_ALIASES = {
    "id": "trackid spotifyid spotifytrackid trackuri spotifyuri songuri songid id uri tracklink spotifyurl url link",
    "title": "title trackname songname song tracktitle songtitle name track",
    "artists": "artists artist artistnames artistname artistsname artistsnames trackartist trackartists performer",
    "album": "album albumname albumtitle",
    "year": "year releaseyear albumreleasedate releasedate",
    "duration": "seconds durationseconds durationsec durations durationms trackdurationms duration length",
    "explicit": "explicit",
}


def render_csv(playlist: PlaylistFile) -> str:
    """Return the playlist as a table; the columns are `COLUMNS`, then the extra ones."""
    extras = list(dict.fromkeys(name for item in playlist.items for name in item.extra))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*COLUMNS, *(harmless(f"{one}_original" if one in COLUMNS else one) for one in extras)])
    for place, item in enumerate(playlist.items, start=1):
        told = (item.title, _listed(item.artists), item.album)
        explicit = "" if item.explicit is None else str(item.explicit).lower()
        seconds = "" if item.duration is None else f"{item.duration:.3f}".rstrip("0").rstrip(".")
        row = [str(place), *map(harmless, told), "" if item.year is None else str(item.year), seconds, explicit]
        row += [harmless(item.id or ""), harmless(item.uri or "")]
        writer.writerow([*row, *(_cell(item.extra.get(name)) for name in extras)])
    return out.getvalue()


def harmless(text: str) -> str:
    """Return a text in one line that no spreadsheet takes for a formula.

    Examples
    --------
    >>> harmless("=HYPERLINK(1)"), harmless("'=1"), harmless("Heroes")
    ("'=HYPERLINK(1)", "''=1", 'Heroes')
    """
    line = one_line(text)
    return f"'{line}" if _FORMULA.match(line) else line


def restored(text: str) -> str:
    """Return a text as it was before `harmless`.

    Examples
    --------
    >>> restored("'=1"), restored("'Til It's Over")
    ('=1', "'Til It's Over")
    """
    return text[1:] if _GUARDED.match(text) else text


def _listed(artists: tuple[str, ...]) -> str:
    """Artists with a semicolon between them; as a JSON list where a name holds one, or looks like such a list."""
    if any(";" in artist or artist.startswith("[") for artist in artists):
        return json.dumps([one_line(artist) for artist in artists], ensure_ascii=False)
    return "; ".join(artists)


def _cell(value: Extra) -> str:
    if value is None:
        return ""
    return harmless(value) if isinstance(value, str) else str(value)


@dataclass(frozen=True, slots=True)
class Table:
    """A delimited file: its header, and the records with the line that each of them ends on."""

    header: list[str]
    records: list[tuple[int, list[str]]]


def split_table(text: str, name: str) -> Table:
    """Take delimited text apart; the delimiter is the one that the header holds most of.

    Raises
    ------
    InputError
        If there is no header, a quote is not closed, or a field is longer than 131 072 characters.
    """
    body = text.lstrip("\ufeff \r\n")
    first = _first_line(body)
    bare = first.strip().strip('"')
    if len(bare) == 5 and bare.lower().startswith("sep="):
        delimiter, body = bare[4], body[len(first) :].lstrip("\r\n")
    else:
        delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter)
    records: list[tuple[int, list[str]]] = []
    started = 1
    try:
        for record in reader:
            if reader.line_num - started > _MOST_BREAKS:
                raise InputError(
                    f"'{name}', line {started}: a quote is opened and not closed. Close it, or export the file again."
                )
            started = reader.line_num + 1
            if any(field.strip() for field in record):
                records.append((reader.line_num, record))
    except csv.Error as error:
        raise InputError(f"'{name}', line {reader.line_num}: {error}. Export the file again as CSV.") from None
    if not records:
        raise InputError(f"'{name}' is empty: no header and no rows.")
    return Table([field.strip() for field in records[0][1]], records[1:])


def _first_line(text: str) -> str:
    return re.split(r"[\r\n]", text, maxsplit=1)[0]


def plain_header(header: str) -> str:
    """Return a header as it is compared: lower case, letters and digits only.

    Examples
    --------
    >>> plain_header("Artist Name(s)")
    'artistnames'
    """
    return re.sub(r"[^a-z0-9]", "", header.lower())


def columns_of(header: list[str]) -> dict[str, int]:
    """Return where each known column stands; the first alias wins."""
    places = {plain_header(name): place for place, name in reversed(list(enumerate(header)))}
    found = {}
    for name, aliases in _ALIASES.items():
        known = [places[alias] for alias in aliases.split() if alias in places]
        if known:
            found[name] = known[0]
    return found


def looks_like_table(text: str) -> bool:
    """Tell whether the first line is the header of a table of tracks."""
    first = _first_line(text.lstrip("\ufeff \r\n"))
    if first.lower().strip('"').startswith("sep="):
        return True
    try:
        header = next(csv.reader([first], delimiter=max(DELIMITERS, key=first.count)), [])
    except csv.Error:  # a line without end
        return False
    found = columns_of(header)
    return len(found) > 1 or "id" in found


def read_csv(text: str, name: str) -> PlaylistFile:
    """Read a table of tracks.

    Raises
    ------
    InputError
        If no column names titles or ids, or no row names a track.
    """
    table = split_table(text, name)
    columns = columns_of(table.header)
    if "title" not in columns and "id" not in columns:
        raise InputError(
            f"'{name}' has no column with titles or ids. Its columns: {', '.join(table.header[:10])}. Name one of"
            " them 'title' or 'id' (a Spotify URI or link will do), and another 'artists'."
        )
    items, rejects = sorted_out(_rows(table, columns), f"no title and no id, or not {len(table.header)} fields")
    if not items:
        raise none_found(name, "CSV", rejects)
    return PlaylistFile(items, rejects=rejects)


def _rows(table: Table, columns: dict[str, int]) -> Iterator[tuple[int, PlaylistItem | None, str]]:
    ours = set(table.header) >= _OURS
    for line, record in table.records:
        sound = len(record) == len(table.header)
        fields = [restored(field) for field in record] if ours else record
        yield line, _item(fields, table.header, columns, ours) if sound else None, " · ".join(record)


def _item(fields: list[str], header: list[str], columns: dict[str, int], ours: bool) -> PlaylistItem:
    def told(name: str) -> str:
        return fields[columns[name]].strip() if name in columns else ""

    place = header.index("uri") if ours and "uri" in header else None
    taken = {*columns.values(), *([header.index("place"), place] if ours else [])}
    extra: dict[str, Extra] = {
        restored(name) if ours else name: fields[at]
        for at, name in enumerate(header)
        if at not in taken and fields[at] and name
    }
    return PlaylistItem(
        told("title"),
        _divided(told("artists"), header[columns["artists"]]) if "artists" in columns else (),
        spotify_id(told("id")) or told("id") or None,
        told("album"),
        _seconds(told("duration"), header[columns["duration"]]) if "duration" in columns else None,
        whole_number(told("year")[:4]) if told("year")[:4].isdecimal() else None,
        (fields[place].strip() or None) if place is not None else None,
        {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(told("explicit").lower()),
        extra,
    )


def _divided(text: str, header: str) -> tuple[str, ...]:
    """Divide artists: a JSON list, at semicolons, or, under a header in the plural such as Exportify's, at commas."""
    if text.startswith('["'):
        try:
            listed = json.loads(text)
        except json.JSONDecodeError:
            listed = [text]
        names = [name for name in listed if isinstance(name, str)]
    elif ";" in text:
        names = text.split(";")
    elif "," in text and header.lower().endswith("(s)"):
        names = text.split(",")
    else:
        names = [text]
    return tuple(name.strip() for name in names if name.strip())


def _seconds(text: str, header: str) -> float | None:
    if ":" in text:
        parts = [whole_number(part) for part in text.split(":")]
        known = [part for part in parts if part is not None]
        return positive(sum(part * 60**power for power, part in enumerate(reversed(known))))
    value = positive(text)
    return value / 1000 if value is not None and plain_header(header).endswith("ms") else value
