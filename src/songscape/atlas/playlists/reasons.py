"""What the songs of a list are there for, where that is more than being near to a seed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from songscape.atlas.playlists.asking import Asked
from songscape.atlas.playlists.library import Library
from songscape.playlist.explanation import own_words
from songscape.playlist.request import TARGET_RANGES, PlaylistRequest
from songscape.types import Int32

_WHOLE = ("loudness", "tempo", "year", "popularity", "duration")  # features told without decimals
_UNITS = {"loudness": " dB", "duration": " s"}


def _no_songs() -> Int32:
    return np.empty(0, np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """Why songs may be in a list.

    Attributes
    ----------
    seeds : int32
        Songs that the list should be like: a song is there for the nearest of them,
    known : mapping of int to sequence of str
        but for those that are there for another reason: that reason, in phrases.
    """

    seeds: Int32 = field(default_factory=_no_songs)
    known: Mapping[int, Sequence[str]] = field(default_factory=dict)


def stop_reasons(stops: Sequence[int]) -> Reasons:
    """Return the reasons of a journey: its stops are there as such, the others for the nearest stop."""
    known = {stops[0]: ("start",), **dict.fromkeys(stops[1:-1], ("via",)), stops[-1]: ("end",)}
    return Reasons(np.array(stops, np.int32), known)


def asked_reasons(library: Library, asked: Asked, request: PlaylistRequest, order: Int32) -> Reasons:
    """Return the reasons of a playlist's songs: without seeds what each has of what was asked for."""
    known: dict[int, Sequence[str]] = {}
    if not len(asked.seeds):
        known = _met(library, asked, request, order)
    named = (*asked.limits.must, *asked.limits.places.values())
    return Reasons(asked.seeds, known | dict.fromkeys(named, ("asked for",)))


def _met(library: Library, asked: Asked, request: PlaylistRequest, order: Int32) -> dict[int, Sequence[str]]:
    """Return for each song its groups, emotion and values that were asked for; else what it is by itself."""
    songs, conditions = library.songs, " ".join(request.conditions()).lower()
    filtered = [name for name in re.findall(r"\w+", conditions) if name != "year"]  # the decade is told anyway
    features = dict.fromkeys([*request.target, *filtered])
    shown = [name for name in features if name in TARGET_RANGES and name in library.table.columns]
    values = {name: library.table[name].gather(asked.rows[order]).to_list() for name in shown}
    known: dict[int, Sequence[str]] = {}
    for place, song in enumerate(order.tolist()):
        groups = _groups_of(library, asked, song)
        emotion = songs.emotions[songs.emotion[song]] if songs.emotion[song] >= 0 else ""
        told = [_told(name, column[place]) for name, column in values.items() if column[place] is not None]
        phrases = [*groups, *([emotion] if emotion in request.emotions else []), *([", ".join(told)] if told else [])]
        known[song] = phrases if phrases and request.sources else [*phrases, *own_words(songs, song)]
    return known


def _groups_of(library: Library, asked: Asked, song: int) -> list[str]:
    """Return the groups asked for that a song belongs to, with how strongly."""
    found = []
    for name, number, _ in asked.groups:
        scale = library.groups.scale(name)
        held = slice(*scale.indptr[song : song + 2])
        strength = float(scale.weights[held][scale.members[held] == number].sum())
        if strength > 0.0:
            found.append(f"{library.cards[name][number]['name']}, strength {strength:.2f}")
    return found


def _told(name: str, value: float) -> str:
    """Return a feature and its value.

    Examples
    --------
    >>> _told("energy", 0.876), _told("tempo", 150.7)
    ('energy 0.88', 'tempo 151')
    """
    return f"{name} {value:.{0 if name in _WHOLE else 2}f}{_UNITS.get(name, '')}"
