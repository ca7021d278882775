"""From chosen songs in order to a `Playlist`: titles, reasons, prices, a quality card."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from songscape.atlas.playlists.library import Library
from songscape.atlas.playlists.reasons import Reasons
from songscape.atlas.playlists.record import Playlist, PlaylistTrack
from songscape.playlist.arcs import Arc
from songscape.playlist.explanation import Kinship, nearest_seeds
from songscape.playlist.formats import PlaylistItem
from songscape.playlist.limits import song_seconds
from songscape.playlist.quality_card import quality_card
from songscape.playlist.score import ScoreParts
from songscape.playlist.transitions import price_step_parts
from songscape.types import Int32
from songscape.wording import counted


def explained(
    library: Library,
    order: Int32,
    rows: Int32,
    *,
    name: str,
    request: Mapping[str, Any],
    reasons: Reasons,
    score: ScoreParts | None = None,
    allowed: npt.NDArray[np.bool_] | None = None,
    arc: Arc | None = None,
) -> Playlist:
    """Return a list of songs as a playlist with its reasons.

    Parameters
    ----------
    library : Library
    order : int32, shape (m,)
        Songs in order.
    rows : int32, shape (n_songs,)
        The track that each song is shown by.
    name : str
        What the playlist is called.
    request : mapping
        What was asked for, as plain data.
    reasons : Reasons
        What the songs are there for.
    score : ScoreParts, optional
        The scores of all songs.
    allowed : bool, shape (n_songs,), optional
        Songs that the limits allow: what the card compares with.
    arc : Arc, optional
        The shape that was asked for.
    """
    nearest = nearest_seeds(library.pricing, order, reasons.seeds)
    kinships = [None if int(song) in reasons.known else kin for song, kin in zip(order, nearest, strict=True)]
    tracks = [
        replace(track, why=tuple(reasons.known.get(track.song, track.why)))
        for track in tracks_of(library, order, rows, kinships, score)
    ]
    card = quality_card(library.pricing, order, allowed=allowed, seeds=reasons.seeds, arc=arc) if len(order) else None
    return Playlist(
        name,
        tuple(_with_prices(library, order, tracks)),
        dict(request),
        card.as_dict() if card else {},
        tuple(_unknown_durations(library, tracks, by_time=request.get("minutes") is not None)),
    )


def tracks_of(
    library: Library,
    songs: Int32,
    rows: Int32,
    kinships: Sequence[Kinship | None],
    score: ScoreParts | None = None,
) -> list[PlaylistTrack]:
    """Return songs as tracks of a playlist, with their reasons and the parts of their scores."""
    seeds = sorted({kin.seed for kin in kinships if kin})
    items = library.items([*rows[songs].tolist(), *library.songs.rows[seeds].tolist()])
    named = dict(zip(seeds, items[len(songs) :], strict=True))
    parts: list[dict[str, float]] = [{} for _ in songs] if score is None else score.of(songs)
    return [
        PlaylistTrack(
            int(rows[song]),
            int(song),
            item,
            None if score is None else float(score.total[song]),
            {name: value for name, value in told.items() if value != 0.0},
            named[kin.seed].line if kin else "",
            tuple(_decade_of(item, kin).words()) if kin else (),
        )
        for song, item, kin, told in zip(songs, items[: len(songs)], kinships, parts, strict=True)
    ]


def _decade_of(item: PlaylistItem, kin: Kinship) -> Kinship:
    """Return what is shared without the decade, if the song is of that decade and this track of it is not."""
    if kin.decade is not None and (item.year or kin.decade) // 10 != kin.decade // 10:
        return replace(kin, decade=None)
    return kin


def _with_prices(library: Library, order: Int32, tracks: Sequence[PlaylistTrack]) -> list[PlaylistTrack]:
    """Return the tracks with the price of going on to the next, the last one without."""
    parts = price_step_parts(library.pricing, order)
    priced = []
    for place, track in enumerate(tracks):
        price: float | None = None
        told: dict[str, float] = {}
        if place + 1 < len(order):
            told = {name: float(values[place]) for name, values in parts.items()}
            price = math.fsum(told.values())
        priced.append(replace(track, price=price, price_parts=told))
    return priced


def _unknown_durations(library: Library, tracks: Sequence[PlaylistTrack], *, by_time: bool) -> list[str]:
    unknown = sum(track.item.duration is None for track in tracks)
    if not unknown or (unknown == len(tracks) and not by_time):
        return []
    minutes, seconds = divmod(round(song_seconds(library.songs)[1]), 60)
    return [f"The duration of {counted(unknown, 'track')} is unknown and counts as {minutes}:{seconds:02}."]
