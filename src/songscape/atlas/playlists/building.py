"""The public functions: playlists, journeys, the best order of a list, tracks like one."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from songscape.atlas.playlists.asking import Asked, Names, allowed_songs, ask, narrowing
from songscape.atlas.playlists.explaining import explained, tracks_of
from songscape.atlas.playlists.library import Library, library_of
from songscape.atlas.playlists.reasons import Reasons, asked_reasons, stop_reasons
from songscape.atlas.playlists.record import Playlist, PlaylistTrack
from songscape.atlas.playlists.scoring import request_score, seed_score
from songscape.atlas.record import Atlas
from songscape.errors import LimitsError, ParameterError, must_be
from songscape.playlist.arcs import Arc
from songscape.playlist.explanation import nearest_seeds
from songscape.playlist.journey import plan_journey as journey_between
from songscape.playlist.ranking import best_first
from songscape.playlist.reorder import Bridge, reorder
from songscape.playlist.request import JourneyRequest, PlaylistRequest
from songscape.playlist.selection import select_songs
from songscape.playlist.sequence import Sequence as Ordered
from songscape.playlist.sequence import order_songs
from songscape.playlist.twins import twins_of
from songscape.types import Float32, Int32
from songscape.wording import counted

Request = TypeVar("Request", PlaylistRequest, JourneyRequest)

MOST_SIMILAR = 1000
SMOOTH = PlaylistRequest(smoothness=1.0, artist_gap=0)
"""How a list is put in order where nothing else is asked for."""


def build_playlist(atlas: Atlas, request: PlaylistRequest) -> Playlist:
    """Build a playlist: candidates, selection, sequence, explanation.

    Parameters
    ----------
    atlas : Atlas
        From `songscape.build_atlas` or `songscape.load_atlas`.
    request : PlaylistRequest
        Where it comes from, its limits, its shape.

    Returns
    -------
    Playlist
        The same for the same atlas and request. Every song of the catalog is scored, so that any filter leaves the
        best of what it lets through.

    Raises
    ------
    NotFoundError
        If a track, artist, group or emotion is not in the atlas; with suggestions.
    LimitsError
        If the limits cannot all be kept: which clash, and the nearest thing that is possible.
    InputError
        If a playlist file cannot be used.
    ParameterError
        If `atlas` or `request` is something else.

    Examples
    --------
    >>> import songscape
    >>> atlas = songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(500, random_state=0)))
    >>> playlist = songscape.build_playlist(atlas, songscape.PlaylistRequest(like=["row:3"], length=10))
    >>> len(playlist), playlist.tracks[0].near == playlist.tracks[9].near
    (10, True)
    """
    return playlist_of(_library(atlas), _checked(request, PlaylistRequest))


def playlist_of(library: Library, request: PlaylistRequest) -> Playlist:
    """Build a playlist of the songs of a library; see `build_playlist`."""
    names = Names(library)
    asked = ask(library, request, names)
    score = request_score(library, asked, request)
    chosen = _selected(library, asked, request, score.total)
    ordered = order_songs(
        library.pricing,
        chosen,
        arc=asked.arc,
        smoothness=request.smoothness,
        places=dict(asked.limits.places),
        artist_gap=request.artist_gap,
        random_state=request.random_state,
    )
    playlist = explained(
        library,
        ordered.order,
        asked.rows,
        name=_title(library, asked, request),
        request=request.as_dict(),
        reasons=asked_reasons(library, asked, request, ordered.order),
        score=score,
        allowed=asked.allowed,
        arc=asked.arc if request.arc else None,
    )
    told = (*names.notes, *_gap_note(ordered, request.artist_gap), *_held_arcs(request))
    return replace(playlist, notes=(*told, *playlist.notes))


def _selected(library: Library, asked: Asked, request: PlaylistRequest, scores: Float32) -> Int32:
    """Return the songs of a list; where limits clash, what the conditions leave is told, too."""
    try:
        return select_songs(
            scores,
            asked.allowed,
            library.songs,
            asked.limits,
            variety=request.variety,
            random_state=request.random_state,
        )
    except LimitsError as error:
        raise LimitsError(f"{error}{narrowing(library, request)}", **error.figures) from None


def plan_journey(atlas: Atlas, request: JourneyRequest) -> Playlist:
    """Plan a journey from one track to another in equal, smooth steps.

    Parameters
    ----------
    atlas : Atlas
    request : JourneyRequest
        Its ends, what it passes, how many tracks it has.

    Returns
    -------
    Playlist
        It starts and ends where asked; no song comes twice.

    Raises
    ------
    NotFoundError, LimitsError, ParameterError
        As `build_playlist`.

    Examples
    --------
    >>> import songscape
    >>> atlas = songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(500, random_state=0)))
    >>> journey = songscape.plan_journey(atlas, songscape.JourneyRequest(start="row:3", end="row:40", length=6))
    >>> [journey.tracks[0].row, journey.tracks[-1].row, len(journey)]
    [3, 40, 6]
    """
    return journey_of(_library(atlas), _checked(request, JourneyRequest))


def journey_of(library: Library, request: JourneyRequest) -> Playlist:
    """Plan a journey over the songs of a library; see `plan_journey`."""
    names = Names(library)
    stops = _different(names.songs(request.stops), request.stops)
    allowed, rows = allowed_songs(library, request, names)
    allowed[twins_of(library.songs, np.array(stops, np.int32))] = False
    for song, row in names.shown.items():
        rows[song] = row
    order = journey_between(
        library.pricing,
        stops,
        request.length,
        allowed=allowed,
        match_popularity=request.match_popularity,
        artist_gap=request.artist_gap,
        per_artist=request.per_artist,
        random_state=request.random_state,
    )
    lines = [names.line(int(rows[stop])) for stop in (stops[0], stops[-1])]
    playlist = explained(
        library,
        order,
        rows,
        name=f"From {lines[0]} to {lines[1]}",
        request=request.as_dict(),
        reasons=stop_reasons(stops),
        allowed=allowed,
    )
    return replace(playlist, notes=(*names.notes, *playlist.notes))


def reorder_playlist(
    atlas: Atlas,
    tracks: str | os.PathLike[str] | Sequence[str],
    *,
    request: PlaylistRequest | None = None,
    n_mends: int = 5,
) -> Playlist:
    """Return the best order of tracks that one has, and tracks that would mend its worst transition.

    Parameters
    ----------
    atlas : Atlas
    tracks : path or sequence of str
        A playlist file, or tracks by name, id or row.
    request : PlaylistRequest, optional
        ``arc``, ``smoothness``, ``artist_gap``, ``places`` shape the order (smoothness is 1 without a request);
        its limits hold for the tracks that would mend it.
    n_mends : int
        How many of these are wanted, at least 0.

    Returns
    -------
    Playlist
        Its ``mends`` fit between the two tracks of the worst transition; its ``notes`` say how much was gained.

    Raises
    ------
    NotFoundError
        If none of the tracks is in the atlas.
    InputError, ParameterError
        As `build_playlist`.

    Examples
    --------
    >>> import songscape
    >>> atlas = songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(500, random_state=0)))
    >>> ordered = songscape.reorder_playlist(atlas, [f"row:{row}" for row in range(8)])
    >>> sorted(track.row for track in ordered.tracks)
    [0, 1, 2, 3, 4, 5, 6, 7]
    """
    smooth = SMOOTH if request is None else _checked(request, PlaylistRequest)
    return reorder_of(_library(atlas), tracks, smooth, n_mends)


def reorder_of(
    library: Library, tracks: str | os.PathLike[str] | Sequence[str], smooth: PlaylistRequest, n_mends: int
) -> Playlist:
    """Put tracks of a library in order; see `reorder_playlist`."""
    names = Names(library)
    chosen = _songs_of(names, tracks)
    allowed, rows = allowed_songs(library, smooth, names)
    allowed[twins_of(library.songs, chosen)] = False
    for song, row in names.shown.items():
        rows[song] = row
    found = reorder(
        library.pricing,
        chosen,
        arc=Arc(**smooth.arc),
        smoothness=smooth.smoothness,
        places={place - 1: names.song(text) for place, text in smooth.places.items()},
        artist_gap=smooth.artist_gap,
        allowed=allowed,
    )
    order = found.sequence.order
    playlist = explained(
        library, order, rows, name="In order", request=smooth.as_dict(), reasons=Reasons(), allowed=allowed
    )
    gained = [_gain(found.prices_before, found.prices)] if len(order) > 1 else []
    mends = _mends(library, found.bridges[:n_mends], rows)
    gap = _gap_note(found.sequence, smooth.artist_gap)
    return replace(playlist, notes=(*names.notes, *gained, *gap, *playlist.notes), mends=mends)


def _songs_of(names: Names, tracks: str | os.PathLike[str] | Sequence[str]) -> Int32:
    """Return the songs of a playlist file, or of names, in order and each once."""
    if isinstance(tracks, str | os.PathLike):
        return names.of_file(os.fspath(tracks))
    songs = list(dict.fromkeys(names.songs(tracks)))
    if not songs:
        raise ParameterError("There are no tracks to put in order. Name at least one.")
    return np.array(songs, np.int32)


def _mends(library: Library, bridges: Sequence[Bridge], rows: Int32) -> tuple[PlaylistTrack, ...]:
    """Return songs that would mend a transition, with the prices of the two that take its place."""
    tracks = tracks_of(library, np.array([one.song for one in bridges], np.int32), rows, [None] * len(bridges))
    prices = [{"in": one.price_in, "out": one.price_out} for one in bridges]
    return tuple(
        replace(track, price=max(both.values()), price_parts=both) for track, both in zip(tracks, prices, strict=True)
    )


def _different(songs: Sequence[int], named: Sequence[str]) -> tuple[int, ...]:
    """Return the stops of a journey; raise `ParameterError` if two are one song."""
    seen: dict[int, str] = {}
    for song, name in zip(songs, named, strict=True):
        if song in seen:
            raise ParameterError(
                f"A journey goes from one song to another: '{seen[song]}' and '{name}' are the same song. Choose"
                " another."
            )
        seen[song] = name
    return tuple(seen)


def find_similar(atlas: Atlas, track: str, *, n: int = 10, weights: dict[str, float] | None = None) -> Playlist:
    """Return the tracks most like one, with reasons, the most similar first.

    Parameters
    ----------
    atlas : Atlas
    track : str
        ``Artist - Title``, an id, or ``row:123``.
    n : int
        How many, in [1, 1000].
    weights : dict of str to float, optional
        How much each part of the score counts, as a factor; 1 by default.

    Returns
    -------
    Playlist
        Each song once, in the order of their scores; other versions of the track itself are left out.

    Raises
    ------
    NotFoundError, ParameterError
        As `build_playlist`.

    Examples
    --------
    >>> import songscape
    >>> atlas = songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(500, random_state=0)))
    >>> found = songscape.find_similar(atlas, "row:3", n=5)
    >>> len(found), found.tracks[0].score >= found.tracks[4].score
    (5, True)
    """
    require_count(n)
    return similar_of(_library(atlas), track, n, weights or {})


def require_count(n: int, name: str = "n") -> None:
    """Raise `ParameterError` unless so many similar tracks may be asked for."""
    if not 1 <= n <= MOST_SIMILAR:
        raise ParameterError(must_be(name, f"an int in [1, {MOST_SIMILAR}]", n))


def similar_of(library: Library, track: str, n: int, weights: Mapping[str, float]) -> Playlist:
    """Return the tracks of a library that are most like one; see `find_similar`."""
    names = Names(library)
    song = names.song(track)
    seed = np.array([song], np.int32)
    score = seed_score(library, seed, np.ones(1, np.float32), weights)
    total = score.total.copy()
    twins = twins_of(library.songs, seed)
    total[song] = total[twins] = -np.inf
    songs: Int32 = best_first(total, n).astype(np.int32)
    reasons = nearest_seeds(library.pricing, songs, seed)
    found = tracks_of(library, songs, library.songs.rows, reasons, score)
    line = names.line(names.shown[song])
    return Playlist(f"Like {line}", tuple(found), {"track": track, "n": n}, {}, tuple(names.notes))


def _library(atlas: Atlas) -> Library:
    if not isinstance(atlas, Atlas):
        raise ParameterError(must_be("atlas", "an Atlas, from songscape.build_atlas or load_atlas", type(atlas)))
    return library_of(atlas)


def _checked(request: Request, kind: type[Request]) -> Request:
    if not isinstance(request, kind):
        raise ParameterError(must_be("request", f"a {kind.__name__}", type(request)))
    return request


def _title(library: Library, asked: Asked, request: PlaylistRequest) -> str:
    """Return a name for a playlist from what was asked for."""
    if len(asked.seeds):
        names = Names(library)
        lines = [names.line(int(asked.rows[seed])) for seed in asked.seeds[:2]]
        more = f" and {counted(len(asked.seeds) - 2, 'other')}" if len(asked.seeds) > 2 else ""
        return f"Like {' and '.join(lines) if not more else ', '.join(lines)}{more}"
    told = [library.cards[scale][number]["name"] for scale, number, _ in asked.groups]
    told += list(request.emotions)
    told += [f"{name} {value:g}" for name, value in request.target.items()]
    return " · ".join(told) or (request.where or "Any tracks")


def _gap_note(ordered: Ordered, wished: int) -> list[str]:
    if ordered.artist_gap >= min(wished, len(ordered.order) - 1):  # in a short list none can stand further apart
        return []
    return [
        f"Tracks of one artist stand {counted(ordered.artist_gap, 'track')} apart, not {wished}: more does not go."
        if ordered.gap_is_largest
        else f"Tracks of one artist stand {counted(ordered.artist_gap, 'track')} apart, not {wished}: none was found."
    ]


def _held_arcs(request: PlaylistRequest) -> list[str]:
    """Return for each feature with an arc and a target that the target leaves the arc little room."""
    return [
        f"The arc of {name} has little room: its target takes only tracks near {request.target[name]:g}."
        for name in request.arc
        if name in request.target
    ]


def _gain(before: Float32, after: Float32) -> str:
    return (
        f"Median price of a transition {np.median(after):.2f}, before {np.median(before):.2f};"
        f" the worst {after.max():.2f}, before {before.max():.2f}."
    )
