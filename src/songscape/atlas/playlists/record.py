"""A playlist with its reasons, as a value."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from songscape.playlist.formats import PlaylistFile, PlaylistItem, write_playlist
from songscape.wording import counted


@dataclass(frozen=True, slots=True)
class PlaylistTrack:
    """One track of a playlist, and why it stands there.

    Attributes
    ----------
    row : int
        Its row in ``tracks.parquet``.
    song : int
        Its song, ``version_family``.
    item : PlaylistItem
        Id, title, artists, album, duration, year.
    score : float or None
        How well it meets the request: the sum of `parts`; None where nothing is scored.
    parts : dict of str to float
        The parts of the score.
    near : str
        The seed that it is nearest to, as ``Artist - Title``; empty without seeds.
    why : tuple of str
        What it shares with that seed, the strongest first.
    price : float or None
        Price of the transition to the next track: 0 seamless, 1 as between two random songs; None for the last.
    price_parts : dict of str to float
        The parts of that price.
    """

    row: int
    song: int
    item: PlaylistItem
    score: float | None = None
    parts: dict[str, float] = field(default_factory=dict)
    near: str = ""
    why: tuple[str, ...] = ()
    price: float | None = None
    price_parts: dict[str, float] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Why it is there, in a few words; empty if there is nothing to say.

        Examples
        --------
        >>> PlaylistTrack(0, 0, PlaylistItem("Blue"), near="A - B", why=("jazz", "1990s")).reason
        'near A - B: jazz; 1990s'
        """
        shared = "; ".join(self.why)
        return f"near {self.near}: {shared}" if self.near and shared else f"near {self.near}" if self.near else shared

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        one = self.item
        return {
            "row": self.row,
            "id": one.id,
            "title": one.title,
            "artists": list(one.artists),
            "album": one.album,
            "year": one.year,
            "seconds": one.duration,
            "score": _rounded(self.score),
            "parts": {name: _rounded(value) for name, value in self.parts.items()},
            "near": self.near,
            "why": list(self.why),
            "price": _rounded(self.price),
            "price_parts": {name: _rounded(value) for name, value in self.price_parts.items()},
        }


@dataclass(frozen=True, slots=True)
class Playlist:
    """Tracks in order, with reasons, prices of transitions and a quality card.

    Attributes
    ----------
    name : str
        What it is called.
    tracks : tuple of PlaylistTrack
        In order.
    request : dict
        What was asked for, as plain data.
    card : dict
        Its measures beside those of random, same-genre and sorted lists: `songscape.playlist.quality_card`.
    notes : tuple of str
        What a reader should know: names that were taken for others, limits that came out smaller, unknown durations.
    mends : tuple of PlaylistTrack
        Of a list that was put in order: tracks that would mend its worst transition.
    """

    name: str
    tracks: tuple[PlaylistTrack, ...]
    request: dict[str, Any]
    card: dict[str, Any]
    notes: tuple[str, ...] = ()
    mends: tuple[PlaylistTrack, ...] = ()

    def __len__(self) -> int:
        """Return the number of tracks."""
        return len(self.tracks)

    @property
    def seconds(self) -> float:
        """Duration of the tracks whose duration is known."""
        return sum(track.item.duration or 0.0 for track in self.tracks)

    def table(self) -> pl.DataFrame:
        """Return one row a track: row, id, title, artists, album, year, seconds, score, reason, price."""
        rows = [
            {
                "row": track.row,
                "id": track.item.id,
                "title": track.item.title,
                "artists": list(track.item.artists),
                "album": track.item.album,
                "year": track.item.year,
                "seconds": track.item.duration,
                "score": track.score,
                "reason": track.reason,
                "price": track.price,
            }
            for track in self.tracks
        ]
        schema: dict[str, Any] = {
            "row": pl.Int64,
            "id": pl.String,
            "title": pl.String,
            "artists": pl.List(pl.String),
            "album": pl.String,
            "year": pl.Int64,
            "seconds": pl.Float64,
            "score": pl.Float64,
            "reason": pl.String,
            "price": pl.Float64,
        }
        return pl.DataFrame(rows, schema=schema)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, which JSON can hold."""
        return {
            "name": self.name,
            "request": self.request,
            "tracks": [track.as_dict() for track in self.tracks],
            "card": self.card,
            "notes": list(self.notes),
            "mends": [track.as_dict() for track in self.mends],
        }

    def as_file(self) -> PlaylistFile:
        """Return it as a playlist file that `songscape.playlist.formats` writes."""
        items = tuple(
            PlaylistItem(
                title=track.item.title,
                artists=track.item.artists,
                id=track.item.id,
                album=track.item.album,
                duration=track.item.duration,
                year=track.item.year,
                explicit=track.item.explicit,
                extra={"reason": track.reason, "price": _rounded(track.price)},
            )
            for track in self.tracks
        )
        return PlaylistFile(items, self.name, "Songscape", counted(len(items), "track"))

    def save(self, path: str | os.PathLike[str], format: str | None = None) -> Path:
        """Write the playlist to a file, or into a folder under its name.

        Parameters
        ----------
        path : path
            The file, or a folder that is there.
        format : str, optional
            One of ``csv``, ``json``, ``jspf``, ``links``, ``m3u8``, ``text``, ``uris``, ``xspf``; by the extension
            otherwise.

        Raises
        ------
        InputError
            If the format is unknown or the file cannot be written.
        """
        return write_playlist(self.as_file(), Path(path), format)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
