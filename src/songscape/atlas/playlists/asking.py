"""From a request to numbers: names become songs, conditions become the songs that may be in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.atlas.playlists.library import Library
from songscape.errors import LimitsError, NotFoundError
from songscape.playlist.arcs import Arc
from songscape.playlist.finding import find_group
from songscape.playlist.formats import AMBIGUOUS, EXTENSIONS, NOT_FOUND, format_of, match_items, read_playlist
from songscape.playlist.limits import Limits
from songscape.playlist.request import DEFAULT_LENGTH, PlaylistRequest
from songscape.playlist.request import Limits as Conditions
from songscape.playlist.songs import Songs
from songscape.playlist.twins import twins_of
from songscape.playlist.where import Where, parse_where
from songscape.types import Float32, Int32
from songscape.wording import counted

Bool = npt.NDArray[np.bool_]

_MOST_NAMED = 5  # tracks of a file that were not found, in a note


@dataclass(slots=True)
class Names:
    """Names of tracks turned into songs, with what a reader should know about it.

    Attributes
    ----------
    shown : dict of int to int
        For songs that were named the row of the track that was meant.
    notes : list of str
        Names that were taken for others, and those of files that were not found.
    """

    library: Library
    shown: dict[int, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def song(self, text: str) -> int:
        """Return the song that a text names; raises `NotFoundError` with suggestions."""
        found = self.library.finder.track(text)
        if found.how == "fuzzy":
            self.notes.append(f"'{text}' was taken for {self.line(found.row)}.")
        elif found.how == "title":
            self.notes.append(f"'{text}' was taken for the title of {self.line(found.row)}.")
        return self.taken(found.row)

    def songs(self, texts: Iterable[str]) -> list[int]:
        """Return the songs that texts name."""
        return [self.song(text) for text in texts]

    def artist(self, text: str) -> str:
        """Return the artist that a text names, as the catalog writes it; raises as `song`."""
        found = self.library.finder.artist(text)
        if found.certainty < 1.0:
            self.notes.append(f"'{text}' was taken for the artist {found.name}.")
        return found.name

    def weighted(self, weights: Mapping[str, float]) -> tuple[Int32, Float32]:
        """Return songs and their weights; a song that is named twice counts twice, one of weight 0 not at all."""
        sums: dict[int, float] = {}
        for text, weight in weights.items():
            song = self.song(text)
            sums[song] = sums.get(song, 0.0) + weight
        counting = {song: weight for song, weight in sums.items() if weight > 0.0}
        return np.array(list(counting), np.int32), np.array(list(counting.values()), np.float32)

    def of_files(self, paths: Iterable[str]) -> Int32:
        """Return the songs of playlist files, each once; what was not found becomes a note."""
        songs: dict[int, None] = {}
        for path in paths:
            songs |= dict.fromkeys(self.of_file(path).tolist())
        return np.array(list(songs), np.int32)

    def of_file(self, path: str) -> Int32:
        """Return the songs of a playlist file in its order, each once.

        Raises
        ------
        NotFoundError
            If none of its tracks is in the catalog.
        """
        playlist = read_playlist(path)
        matching = match_items(playlist.items, self.library.index)
        if matching.count(NOT_FOUND) == len(matching.rows) and format_of(path) is None:
            raise NotFoundError(
                f"'{path}' does not look like a playlist: nothing in it is in the atlas. {', '.join(EXTENSIONS)} are"
                " read; a text has one 'Artist - Title' or link a line."
            )
        if matching.count(NOT_FOUND) == len(matching.rows):
            raise NotFoundError(
                f"None of the {counted(len(matching.rows), 'track')} of '{path}' is in the atlas. Tracks are matched"
                " by id, else by artist and title."
            )
        if matching.count(NOT_FOUND) or matching.count(AMBIGUOUS) or playlist.rejects:
            self.notes.append(f"'{path}': {matching.summary()}")
            lost = [playlist.items[place].line for place in matching.places(NOT_FOUND)]
            more = f", and {len(lost) - _MOST_NAMED} more" if len(lost) > _MOST_NAMED else ""
            if lost:
                self.notes.append(f"Not in the atlas: {'; '.join(map(self._lost, lost[:_MOST_NAMED]))}{more}.")
        return np.array(list(dict.fromkeys(self.taken(int(row)) for row in matching.rows if row >= 0)), np.int32)

    def _lost(self, line: str) -> str:
        """Return a name of a file that is not in the atlas, and the nearest that is: a file is taken at its word."""
        try:
            return f"{line} (there is {self.line(self.library.finder.track(line).row)})"
        except NotFoundError:
            return line

    def taken(self, row: int) -> int:
        """Return the song of a row, and remember that this track of it was meant."""
        song = int(self.library.song_of[row])
        self.shown.setdefault(song, row)
        return song

    def line(self, row: int) -> str:
        """Return ``Artist - Title`` of a row."""
        return self.library.item(row).line


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A request for a playlist in numbers.

    Attributes
    ----------
    seeds, unlike : int32
        Songs.
    seed_weights, unlike_weights : float32
        How much each counts.
    groups : list of (scale, number, weight)
        Groups that the list should come from.
    allowed : bool, shape (n_songs,)
        Songs that may be in.
    rows : int32, shape (n_songs,)
        The track that each song is shown by.
    limits : Limits
        Hard limits.
    arc : Arc
        The shape.
    """

    seeds: Int32
    seed_weights: Float32
    unlike: Int32
    unlike_weights: Float32
    groups: list[tuple[str, int, float]]
    allowed: Bool
    rows: Int32
    limits: Limits
    arc: Arc


def ask(library: Library, request: PlaylistRequest, names: Names) -> Asked:
    """Return a request in numbers; names that were resolved leave notes in `names`.

    Raises
    ------
    NotFoundError
        If a track, artist or group is not there.
    LimitsError
        If no track meets the conditions.
    """
    seeds, seed_weights = seeds_of(names, request)
    names.notes += [*_unknown_of_seeds(library.songs, seeds), *_idle_shares(request)]
    unlike, unlike_weights = names.weighted(request.unlike)
    groups = groups_of(library, request.groups)
    allowed, rows = allowed_songs(library, request, names)
    wanted = names.songs(request.include)
    places = {place - 1: names.song(text) for place, text in request.places.items()}
    names.notes += _kept_all_the_same(names, request, [*wanted, *places.values()])
    named = np.concatenate([seeds, np.array([*wanted, *places.values()], np.int32)])
    allowed[seeds] = allowed[twins_of(library.songs, named)] = False  # more like these, not these again
    allowed[unlike] = False
    for song, row in names.shown.items():
        rows[song] = row
    return Asked(
        seeds,
        seed_weights,
        unlike,
        unlike_weights,
        groups,
        _only_sources(library, request, groups, allowed),
        rows,
        _limits(library, request, seeds, tuple(wanted), places),
        Arc(**request.arc),
    )


def seeds_of(names: Names, request: PlaylistRequest) -> tuple[Int32, Float32]:
    """Return the songs that a list should be like, named or in playlist files, and how much each counts."""
    seeds, weights = names.weighted(request.like)
    from_files = names.of_files(request.like_files)
    from_files = from_files[~np.isin(from_files, seeds)]
    return np.concatenate([seeds, from_files]), np.concatenate([weights, np.ones(len(from_files), np.float32)])


def allowed_songs(library: Library, conditions: Conditions, names: Names) -> tuple[Bool, Int32]:
    """Return which songs may be in, and the track that each is shown by.

    A song may be in if one of its tracks meets all conditions; it is shown by its representative if that does, else
    by the first track that does.
    """
    song_of, rows = library.song_of, library.songs.rows.copy()
    where = joined(conditions.conditions(), library.table.schema)
    allowed = np.ones(len(rows), dtype=np.bool_)
    if where is not None:
        mask = where.mask(library.columns)
        if not mask.any():
            raise LimitsError(where.explain_empty(library.columns))
        near = where.misspelled(library.columns).items()
        names.notes += [f"No track has '{text}'. Did you mean '{other}'?" for text, other in near]
        allowed = np.zeros(len(rows), dtype=np.bool_)
        allowed[song_of[mask]] = True
        first = np.flatnonzero(mask)[::-1]
        stand_in = rows.copy()
        stand_in[song_of[first]] = first
        rows = np.where(mask[rows], rows, stand_in).astype(np.int32)
    names.notes += _unknown_to_limits(library, conditions)
    allowed[names.songs(conditions.exclude)] = False
    for text in conditions.exclude_artists:
        allowed[_songs_of_artist(library, names.artist(text))] = False
    return allowed, rows


def narrowing(library: Library, conditions: Conditions) -> str:
    """Return what the conditions of a request leave, and which leaves most if it goes; empty without any."""
    where = joined(conditions.conditions(), library.table.schema)
    if where is None:
        return ""
    without = {
        text: library.matching(Where(tuple(part for part in where.parts if part[0] != text)))
        for text, _ in where.parts
    }
    told = f" The conditions {' and '.join(without)} leave {counted(library.matching(where), 'track')}"
    widest = max(without, key=lambda text: without[text])
    return f"{told}; without {widest} there are {without[widest]}."


def _unknown_to_limits(library: Library, conditions: Conditions) -> list[str]:
    """Return how many tracks cannot meet a limit because what it asks for is unknown."""
    unknown = {name: library.unknown(name) for name in limited(conditions)}
    told = {name: counted(count, "track") for name, count in unknown.items() if count}
    return [f"{who} of the catalog cannot be in: unknown {name}." for name, who in told.items()]


def limited(conditions: Conditions) -> list[str]:
    """Return the columns that limits other than a filter ask for."""
    asked = {
        "year": conditions.years is not None,
        "popularity": conditions.popularity is not None,
        "explicit": conditions.explicit != "any",
    }
    return [name for name, is_asked in asked.items() if is_asked]


def _unknown_of_seeds(songs: Songs, seeds: Int32) -> list[str]:
    """Return for how many seeds genre or year are unknown, so that these count nothing there."""
    unknown = {"genre": songs.tags.firsts(seeds) < 0, "year": np.isnan(songs.year[seeds])}
    is_there = {"genre": len(songs.tags.ids) > 0, "year": not np.isnan(songs.year).all()}
    counts = {name: int(lack.sum()) for name, lack in unknown.items() if is_there[name]}
    told = {name: counted(count, "track") for name, count in counts.items() if count}
    return [f"Of {who} to be like the {name} is unknown: it counts nothing there." for name, who in told.items()]


def joined(texts: Iterable[str], schema: Mapping[str, pl.DataType]) -> Where | None:
    """Return several filters as one; None where there are none."""
    found: Where | None = None
    for text in texts:
        where = parse_where(text, schema)
        found = where if found is None else found.joined(where)
    return found


def _songs_of_artist(library: Library, name: str) -> Int32:
    artists = library.songs.artists
    number = artists.names.index(name) if name in artists.names else -1
    entries = np.flatnonzero(artists.ids == number)
    return (np.searchsorted(artists.indptr, entries, side="right") - 1).astype(np.int32)


def groups_of(library: Library, wanted: Mapping[str, float]) -> list[tuple[str, int, float]]:
    """Return the groups that texts name: scale, number and weight of each."""
    found = [(find_group(library.cards, text), weight) for text, weight in wanted.items()]
    return [(group.scale, group.number, weight) for group, weight in found]


def _kept_all_the_same(names: Names, request: PlaylistRequest, must: list[int]) -> list[str]:
    """Tell of tracks that must be in and must not: they are in."""
    library, out = names.library, np.zeros(names.library.songs.n_songs, dtype=np.bool_)
    for text in request.exclude_artists:
        out[_songs_of_artist(library, library.finder.artist(text).name)] = True
    for text in request.exclude:
        out[library.song_of[library.finder.track(text).row]] = True
    return [
        f"{names.line(names.shown[song])} is in as asked, though it is excluded, too." for song in must if out[song]
    ]


def _idle_shares(request: PlaylistRequest) -> list[str]:
    """Tell of shares of a mixture that count nothing."""
    idle = ", ".join(name for name in request.mixture if name not in request.sources)
    return [f"The mixture names {idle}, but nothing is asked of that kind: it counts nothing."] if idle else []


def _only_sources(
    library: Library, request: PlaylistRequest, groups: list[tuple[str, int, float]], allowed: Bool
) -> Bool:
    """Where nothing else is asked for, a list from groups or emotions holds only songs of these."""
    songs = library.songs
    if request.sources == ("groups",):
        inside = np.zeros(songs.n_songs, dtype=np.bool_)
        for scale, number, _ in groups:
            inside |= library.groups.scale(scale).labels == number
        return allowed & inside
    if request.sources == ("emotions",):
        wanted = [songs.emotions.index(name) for name in request.emotions if name in songs.emotions]
        return allowed & np.isin(songs.emotion, wanted)
    return allowed


def _limits(
    library: Library, request: PlaylistRequest, seeds: Int32, must: tuple[int, ...], places: dict[int, int]
) -> Limits:
    artists = library.songs.artists
    known = frozenset(int(artist) for seed in seeds for artist in artists.of(seed))
    by_time = request.minutes is not None
    return Limits(
        length=None if by_time else request.length or DEFAULT_LENGTH,
        seconds=60.0 * request.minutes if request.minutes is not None else None,
        per_artist=request.per_artist,
        artist_gap=request.artist_gap,
        must=must,
        places=places,
        new_artists=request.new_artists,
        known_artists=known,
        popularity_mix=_mix(request.popularity_mix),
    )


def _mix(share: float | None) -> tuple[float, float, float] | None:
    """Return shares of deep cuts, songs between and hits: at 0.5 a quarter, half, a quarter."""
    if share is None:
        return None
    return (1.0 - share) ** 2, 2.0 * share * (1.0 - share), share**2
