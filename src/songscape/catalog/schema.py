"""The canonical columns: their names, units, allowed ranges, and the headers they go by in the wild.

Everything about a column is declared here once; recognition, cleaning and the documentation read it from here.
Headers are compared in lower case with everything but letters and digits dropped, so ``Artist Name(s)`` and
``artist_names`` are the same header.
"""

import re
from dataclasses import dataclass
from typing import Literal

import polars as pl

Kind = Literal[
    "id", "text", "artists", "genres", "year", "date", "duration", "key", "mode", "meter", "flag", "emotion",
    "unit", "number",
]  # fmt: skip

FEATURES = (
    "danceability", "energy", "positiveness", "speechiness", "liveness", "acousticness", "instrumentalness",
    "loudness", "tempo",
)  # fmt: skip
"""The nine audio features: what a track needs at least half of to stand on the map."""

EMOTIONS = ("joy", "sadness", "anger", "love", "fear", "surprise")
"""The vocabulary of the emotion column."""

ADDED = ("version_family", "is_representative", "source_file", "source_line")
"""Columns that reading adds behind the canonical ones and the user's own."""

_AXES = ("x", "y", "z", *(f"axis_{number}" for number in range(4, 65)))
_GROUPS = tuple(f"group_{scale}{what}" for scale in ("coarse", "middle", "fine") for what in ("", "_strength"))
_RESULTS = ("cluster", "cluster_probability", "silhouette", "map_trust", "map_continuity", "imputed", "unlike")
RESERVED = (*ADDED, *_AXES, *_RESULTS, *_GROUPS)
"""Names that a user's own column may not keep: ours, and those that an atlas adds later."""


@dataclass(frozen=True, slots=True)
class Column:
    """One canonical column.

    Attributes
    ----------
    name : str
        The canonical name.
    kind : str
        How its values are read (see `songscape.catalog.cleaning`).
    unit : str
        Unit and meaning, in words.
    aliases : tuple of tuples of str
        Headers it goes by, in tiers: a tier is looked at only if no header of the tiers before it is there.
    low, high : float
        Values outside are impossible and become missing.
    """

    name: str
    kind: Kind
    unit: str
    aliases: tuple[tuple[str, ...], ...]
    low: float = float("-inf")
    high: float = float("inf")

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of the cleaned column."""
        if self.kind in ("artists", "genres"):
            return pl.List(pl.String())
        if self.kind in ("key", "mode", "meter"):
            return pl.Int8()
        if self.kind in ("unit", "number", "duration"):
            return pl.Float64()
        return {"year": pl.Int32(), "flag": pl.Boolean()}.get(self.kind, pl.String())


def _names(*tiers: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(tier.split()) for tier in tiers)


def _unit(name: str, *tiers: str) -> Column:
    return Column(name, "unit", "0–1", _names(*tiers), 0.0, 1.0)


COLUMNS = (
    Column("id", "id", "text; a Spotify URI or link is cut to its id",
           _names("trackid songid spotifyid spotifytrackid", "id", "uri trackuri songuri spotifyuri")),
    Column("title", "text", "text", _names("title song name track trackname songname songtitle tracktitle")),
    Column("artists", "artists", "list of texts, the main artist first",
           _names("artists artist artistname artistnames artistsname artistsnames trackartist trackartists performer",
                  "albumartist albumartists albumartistname albumartistnames")),
    Column("album", "text", "text", _names("album albumname albumtitle trackalbumname")),
    Column("genres", "genres", "list of texts in lower case",
           _names("genres genre", "topgenre maingenre playlistgenre", "artistgenres subgenre playlistsubgenre")),
    Column("year", "year", "year of release", _names("year releaseyear releasedyear albumyear"), 1860, 2100),
    Column("release_date", "date", "text: YYYY, YYYY-MM or YYYY-MM-DD, as precise as the source",
           _names("releasedate albumreleasedate trackalbumreleasedate releaseddate dateofrelease")),
    Column("duration", "duration", "seconds",
           _names("duration durationms durations durationsec durationseconds durationmin length lengthms dur "
                  "tracklength"), 1e-9, 86_400.0),
    Column("key", "key", "pitch class 0–11, C = 0", _names("key pitchclass"), 0, 11),
    Column("mode", "mode", "1 major, 0 minor", _names("mode"), 0, 1),
    Column("tempo", "number", "BPM", _names("tempo bpm beatsperminute tempobpm"), 1e-9, 400.0),
    Column("time_signature", "meter", "beats in a bar", _names("timesignature timesig meter"), 1, 16),
    Column("loudness", "number", "dB", _names("loudness loudnessdb db"), -80.0, 10.0),
    Column("variance", "number", "how much the sound varies, no unit", _names("variance"), -1e6, 1e6),
    Column("explicit", "flag", "true or false", _names("explicit isexplicit explicitlyrics explicitcontent")),
    Column("popularity", "number", "0–100", _names("popularity popularityscore", "pop"), 0.0, 100.0),
    Column("emotion", "emotion", "joy, sadness, anger, love, fear, surprise", _names("emotion")),
    _unit("danceability", "danceability", "dnce dance"),
    _unit("energy", "energy", "nrgy"),
    _unit("positiveness", "positiveness valence positivity", "val"),
    _unit("speechiness", "speechiness", "spch speech"),
    _unit("liveness", "liveness", "live"),
    _unit("acousticness", "acousticness", "acous acoustic"),
    _unit("instrumentalness", "instrumentalness", "instr inst"),
)  # fmt: skip

CANONICAL = tuple(column.name for column in COLUMNS)
BY_NAME = {column.name: column for column in COLUMNS}

_TIER_OF = {
    alias: (column.name, tier)
    for column in COLUMNS
    for tier, aliases in enumerate(column.aliases)
    for alias in aliases
}
_PREFIXES = ("audiofeatures", "features", "track", "song", "music", "spotify")


def plain_header(header: str) -> str:
    """Return a header in the form that aliases are compared in.

    Examples
    --------
    >>> plain_header("Artist Name(s)"), plain_header("Loudness (db)")
    ('artistnames', 'loudnessdb')
    """
    return re.sub(r"[^a-z0-9]", "", header.lower())


def _recognize(header: str) -> tuple[str, int] | None:
    plain = plain_header(header)
    if plain in _TIER_OF:
        return _TIER_OF[plain]
    for prefix in _PREFIXES:
        if plain.startswith(prefix) and plain.removeprefix(prefix) in _TIER_OF:
            return _TIER_OF[plain.removeprefix(prefix)]
    return None


def match_columns(headers: list[str], chosen: dict[str, str]) -> dict[str, list[int]]:
    """Find the canonical columns among the headers of a table.

    Parameters
    ----------
    headers : list of str
        The headers as they stand in the file.
    chosen : dict
        Canonical name → header, where the user decided; a header that is not there is passed over.

    Returns
    -------
    dict
        Canonical name → positions of the columns that are taken for it: one, or several rivals of equal rank.

    Examples
    --------
    >>> match_columns(["name", "BPM", "id", "uri"], {})
    {'title': [0], 'tempo': [1], 'id': [2]}
    >>> match_columns(["name", "speed"], {"tempo": "speed"})
    {'title': [0], 'tempo': [1]}
    """
    settled = {name: [headers.index(header)] for name, header in chosen.items() if header in headers}
    taken = {positions[0] for positions in settled.values()}
    ranked: dict[str, list[tuple[int, int]]] = {}
    for position, header in enumerate(headers):
        found = _recognize(header)
        if found and found[0] not in settled and position not in taken:
            ranked.setdefault(found[0], []).append((found[1], position))
    matched = {}
    for name, candidates in ranked.items():
        best = min(tier for tier, _ in candidates)
        matched[name] = [position for tier, position in candidates if tier == best]
    return matched | settled


def n_recognized(headers: list[str]) -> int:
    """Return how many canonical columns the headers name; it tells a good delimiter from a bad one."""
    return len(match_columns(headers, {}))
