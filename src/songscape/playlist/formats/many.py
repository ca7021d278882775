"""Many playlists at once, as columns: from a table, JSON Lines, the Million Playlist Dataset, or a folder of files.

A table has one row for each track of each playlist. Its columns are known by their names, in any case:
``playlist_id`` (``pid``, ``playlist``), ``track_id`` (``track_uri``, ``uri``, ``id``), and if they are there
``position`` (``pos``, ``place``), ``title`` (``track_name``), ``artist`` (``artist_name``), ``playlist_name``,
``source``.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from songscape.encodings import decode
from songscape.errors import InputError
from songscape.playlist.formats.items import SPOTIFY_ID, PlaylistFile, Reject, artists_of, text_of
from songscape.playlist.formats.json_forms import parse_json
from songscape.playlist.formats.reading import load, read_playlist
from songscape.playlist.formats.tables import DELIMITERS, plain_header, split_table

_LARGEST = 4 << 30  # bytes
_ALIASES = {
    "playlist_id": "playlistid pid playlist playlisturi",
    "position": "position pos place",
    "id": "trackid trackuri spotifyid spotifytrackid uri id",
    "title": "title trackname songname song",
    "artist": "artist artistname artists artistnames",
    "playlist_name": "playlistname",
    "source": "source",
}
_TEXTS = ("playlist_id", "id", "title", "artist", "playlist_name", "source")
_SCHEMA = {**dict.fromkeys(_TEXTS, pl.String), "position": pl.Float64}
_KNOWN = "Parquet, CSV, JSON Lines, JSON slices of the Million Playlist Dataset, or a folder of playlist files"


@dataclass(frozen=True, slots=True, eq=False)
class PlaylistTable:
    """Many playlists as two tables.

    Attributes
    ----------
    playlists : polars.DataFrame
        One row a playlist: ``playlist_id``, ``name``, ``source`` (texts; null where unknown).
    tracks : polars.DataFrame
        One row a track, playlist by playlist in order: ``playlist`` (int32, row in `playlists`), ``id``, ``title``,
        ``artist`` (texts; null where unknown).
    n_rejected : int
        Rows and files that could not be used.
    rejects : tuple of Reject
        The first 20 of these.
    """

    playlists: pl.DataFrame
    tracks: pl.DataFrame
    n_rejected: int = 0
    rejects: tuple[Reject, ...] = ()

    @property
    def n_playlists(self) -> int:
        """Number of playlists."""
        return self.playlists.height


def read_playlists(path: str | os.PathLike[str]) -> PlaylistTable:
    """Read many playlists.

    Parameters
    ----------
    path : path
        Parquet, CSV, JSON Lines or JSON with many playlists; any file with one; or a folder of such files.

    Raises
    ------
    InputError
        If nothing is there, or no playlist can be read from it.
    """
    source = Path(path)
    try:
        is_folder = source.is_dir()
    except OSError as error:  # a name that is too long
        raise InputError(f"'{source}' cannot be read: {error.strerror}.") from None
    rows, rejects, n_rejected = _read_folder(source) if is_folder else _read_file(source)
    table = _ordered(rows)
    if not table.n_playlists:
        told = f" {rejects[0].reason}." if rejects else ""
        raise InputError(f"'{source}' holds no playlist with a track in it.{told} Readable are {_KNOWN}.")
    n_rejected += rows.height - table.tracks.height
    return PlaylistTable(table.playlists, table.tracks, n_rejected, tuple(rejects[:20]))


_Read = tuple[pl.DataFrame, list[Reject], int]


def _read_folder(folder: Path) -> _Read:
    """Read all files of a folder; those that cannot be read are set aside."""
    frames, rejects, n_rejected = [pl.DataFrame(schema=_SCHEMA)], list[Reject](), 0
    for number, path in enumerate(sorted(folder.iterdir()), start=1):
        if path.name.startswith(".") or path.is_dir():
            continue
        try:
            frame, found, count = _read_file(path)
        except InputError as error:
            frame, found, count = pl.DataFrame(schema=_SCHEMA), [Reject(number, str(error), path.name)], 1
        # Two files may number their playlists alike.
        frames.append(frame.with_columns(playlist_id=pl.format("{}/{}", pl.lit(path.name), pl.col("playlist_id"))))
        rejects += found
        n_rejected += count
    return pl.concat(frames), rejects, n_rejected


def _read_file(path: Path) -> _Read:
    data = load(path, _LARGEST)
    if data.startswith(b"PAR1"):
        return _from_frame(_parquet(data, path.name), path.name), [], 0
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{") and path.suffix.lower() != ".jspf":
        return _from_json(decode(data).data.decode("utf-8", errors="replace"), path)
    if path.suffix.lower() in (".csv", ".tsv", ".txt", "") and not start.startswith((b"<", b"[", b"#EXTM3U")):
        text = decode(data).data.decode("utf-8", errors="replace")
        first = text.lstrip("\ufeff \r\n").split("\n", 1)[0]
        if "playlist_id" in _columns(split_table(first, path.name).header):
            return _from_csv(text, path.name)
    return _one(read_playlist(path))


def _one(playlist: PlaylistFile) -> _Read:
    rows = [{"id": item.id, "title": item.title, "artist": item.artist} for item in playlist.items]
    frame = _frame({"playlist_id": "0", "playlist_name": playlist.name, **row} for row in rows)
    return frame, list(playlist.rejects), len(playlist.rejects)


def _parquet(data: bytes, name: str) -> pl.DataFrame:
    try:
        return pl.read_parquet(data)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:  # damage can panic Polars
        told = str(error).splitlines()[0]
        raise InputError(f"'{name}' is a damaged or truncated Parquet file: {told}. Write it again.") from None


def _columns(header: list[str]) -> dict[str, str]:
    """Return canonical name → header; the first alias wins."""
    names = {plain_header(name): name for name in reversed(header)}
    found = {}
    for canonical, aliases in _ALIASES.items():
        known = [names[alias] for alias in aliases.split() if alias in names]
        if known:
            found[canonical] = known[0]
    return found


def _from_frame(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the columns of `_SCHEMA`.

    Raises
    ------
    InputError
        If the table does not say which track stands in which playlist.
    """
    found = _columns(frame.columns)
    if "playlist_id" not in found or not {"id", "title"} & found.keys():
        raise InputError(
            f"'{name}' needs the columns playlist_id and track_id (or title and artist), one row for each track of"
            f" each playlist. Its columns: {', '.join(frame.columns[:10])}. Rename them."
        )
    chosen = {canonical: pl.col(header) for canonical, header in found.items()}
    columns = [
        chosen.get(canonical, pl.lit(None)).cast(kind, strict=False).alias(canonical)
        for canonical, kind in _SCHEMA.items()
    ]
    return _selected(frame, columns, name)


def _selected(frame: pl.DataFrame, columns: list[pl.Expr], name: str) -> pl.DataFrame:
    try:
        return frame.select(columns)
    except pl.exceptions.PolarsError as error:  # a column of lists, for instance
        told = str(error).splitlines()[0]
        raise InputError(
            f"'{name}' has a column that holds no texts or numbers: {told}. Give one row a track."
        ) from None


def _from_csv(text: str, name: str) -> _Read:
    quick = _quick_csv(text)
    if quick is not None:
        return _from_frame(quick, name), [], 0
    table = split_table(text, name)
    width = len(table.header)
    reason = f"not {width} fields, as the header has"
    rejects = [Reject(line, reason, " · ".join(row)[:200]) for line, row in table.records if len(row) != width]
    rows = [row for _, row in table.records if len(row) == width]
    names = list(dict.fromkeys(table.header))
    places = [table.header.index(one) for one in names]
    frame = pl.DataFrame([[row[place] for row in rows] for place in places], schema=dict.fromkeys(names, pl.String))
    return _from_frame(frame, name), rejects, len(rejects)


def _quick_csv(text: str) -> pl.DataFrame | None:
    """Read a table with one row a line and as many fields in each as in the header; None for any other."""
    body = text.lstrip("\ufeff \r\n").rstrip()
    header = body.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=header.count)
    lines = pl.Series([body]).str.split("\n").explode()
    bare = lines.str.replace_all('"[^"]*"', "")
    even = (bare.str.count_matches(delimiter, literal=True) == header.count(delimiter)).all()
    if not even or bare.str.contains('"', literal=True).any():
        return None
    try:
        frame = pl.read_csv(body.encode(), separator=delimiter, infer_schema=False)
    except pl.exceptions.PolarsError:  # two columns of one name, for instance
        return None
    return frame if frame.height == len(lines) - 1 else None


def _quick_json_lines(text: str) -> pl.DataFrame | None:
    """Read rows that are all sound objects of texts and numbers; None for any others."""
    objects = [_object_of(line) or {} for line in text[: 1 << 16].split("\n")[:100]]
    found = _columns(list(dict.fromkeys(key for one in objects for key in one)))
    if not objects[0] or "tracks" in objects[0] or "playlist_id" not in found:
        return None
    schema = {header: pl.Float64() if name == "position" else pl.String() for name, header in found.items()}
    try:
        return pl.read_ndjson(text.encode(), schema=schema)
    except pl.exceptions.PolarsError:
        return None


def _from_json(text: str, path: Path) -> _Read:
    """Read JSON Lines, or one object that holds playlists."""
    quick = _quick_json_lines(text)
    if quick is not None:
        return _from_frame(quick, path.name), [], 0
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if len(lines) > 1 and all(_object_of(line) is not None for _, line in lines[:2]):
        found = [(number, line, _object_of(line)) for number, line in lines]
        rejects = [Reject(number, "not a JSON object", line[:200]) for number, line, row in found if row is None]
        objects = [row for _, _, row in found if row is not None]
    else:
        document = parse_json(text, path.name)
        listed = document.get("playlists")
        if not isinstance(listed, list):
            return _one(read_playlist(path))
        objects = [row for row in listed if isinstance(row, dict)]
        reason = "a playlist that is no JSON object"
        rejects = [
            Reject(at, reason, str(row)[:200]) for at, row in enumerate(listed, 1) if not isinstance(row, dict)
        ]
    if objects and not any(isinstance(one.get("tracks"), list) for one in objects):
        rows = pl.DataFrame([{key: _plain(value) for key, value in one.items()} for one in objects], orient="row")
        return _from_frame(rows, path.name), rejects, len(rejects)
    return _frame(row for number, one in enumerate(objects) for row in _tracks_of(one, number)), rejects, len(rejects)


def _object_of(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _plain(value: Any) -> str | None:
    return ", ".join(artists_of(value)) if isinstance(value, list) else text_of(value) or None


def _tracks_of(playlist: dict[str, Any], number: int) -> Iterable[dict[str, Any]]:
    """Return the rows of one playlist object; those of the Million Playlist Dataset number tracks by ``pos``."""
    tracks = playlist.get("tracks")
    told = next((playlist[key] for key in ("pid", "playlist_id", "id") if key in playlist), number)
    heads = {"playlist_id": str(told), "playlist_name": _plain(playlist.get("name"))}
    for track in tracks if isinstance(tracks, list) else []:
        if isinstance(track, dict):
            names = _columns(list(track))
            yield {
                **heads,
                **{one: _plain(track.get(names[one])) for one in ("id", "title", "artist") if one in names},
            }
        else:
            yield {**heads, "id": _plain(track)}


def _frame(rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    listed = list(rows)
    return pl.DataFrame({name: [row.get(name) for row in listed] for name in _SCHEMA}, schema=_SCHEMA)


def _ordered(rows: pl.DataFrame) -> PlaylistTable:
    """Sort by playlist (in order of appearance) and position, and leave out rows that name no track."""
    texts = [pl.col(name).str.strip_chars().replace("", None) for name in _TEXTS]
    known = rows.with_columns(texts).with_columns(
        id=pl.coalesce(pl.col("id").str.extract(f"^{SPOTIFY_ID}", 1), pl.col("id"))
    )
    known = known.filter(pl.col("playlist_id").is_not_null() & pl.any_horizontal(pl.col("id", "title").is_not_null()))
    playlists = known.group_by("playlist_id", maintain_order=True).agg(
        name=pl.col("playlist_name").drop_nulls().first(), source=pl.col("source").drop_nulls().first()
    )
    numbers = playlists.select("playlist_id").with_row_index("playlist").cast({"playlist": pl.Int32})
    tracks = known.join(numbers, on="playlist_id", how="left", maintain_order="left")
    tracks = tracks.sort("playlist", "position", nulls_last=True, maintain_order=True)
    return PlaylistTable(playlists, tracks.select("playlist", "id", "title", "artist"))
