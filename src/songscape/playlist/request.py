"""What a person asks for: a playlist, or a journey from one track to another, as one frozen record.

A request reads from TOML and JSON (`from_file`), and its declarations feed the checks, ``--help`` and the docs::

    like = ["Radiohead - Creep", "row:123"]
    target = {energy = 0.8, positiveness = 0.7}
    where = "year >= 1990 and genre = 'jazz' and not explicit"
    length = 30
    arc = {energy = "rising"}

A *track* is named by ``Artist - Title``, by its id (a Spotify URI or link is cut to it), or by ``row:123``, its row
in the table from 0. A *group* is named by its name, by ``coarse:3`` (scale and number), or by ``coarse:`` and its
name. A list of names means weight 1 each; a table gives each its own weight. Limits hold exactly; a track whose value
is unknown does not meet a limit on it.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from songscape.config import Params
from songscape.errors import ParameterError, did_you_mean, must_be

Source = Literal["like", "groups", "emotions", "target"]
Explicit = Literal["any", "no", "only"]

SOURCES: tuple[Source, ...] = get_args(Source)
SHAPES = ("flat", "rising", "falling", "wave")
ARC_RANGES = {"energy": (0.0, 1.0), "tempo": (20.0, 400.0), "positiveness": (0.0, 1.0)}
"""What an arc may be drawn over, and within which values its own points may lie."""
TARGET_RANGES = {
    **dict.fromkeys(
        (
            "danceability",
            "energy",
            "positiveness",
            "speechiness",
            "liveness",
            "acousticness",
            "instrumentalness",
        ),
        (0.0, 1.0),
    ),
    "loudness": (-80.0, 10.0),
    "tempo": (20.0, 400.0),
    "year": (1860.0, 2100.0),
    "popularity": (0.0, 100.0),
    "duration": (1.0, 86_400.0),
}
"""Features that may have a target value, with the range of it: shares, dB, BPM, year, 0–100, seconds."""

MAX_LENGTH = 10_000
DEFAULT_LENGTH = 30
SPANS = {"years": (1860.0, 2100.0), "popularity": (0.0, 100.0)}
"""Within which values the ends of a span may lie; an open end stands for the end of the range."""


def _as_table(given: Any) -> Any:
    """Return a name, or a list of names, as a table of weights; a name that stands twice counts twice."""
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, list | tuple) or not all(isinstance(name, str) for name in given):
        return given
    weights: dict[str, float] = {}
    for name in given:
        weights[name] = weights.get(name, 0.0) + 1.0
    return weights


def _as_list(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


def _is_number(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).isdecimal()


def _as_span(given: Any, info: ValidationInfo) -> Any:
    """Return ``1990-1999``, ``1990-``, ``-1999`` or ``1994`` as its two ends; an open end is that of the range."""
    if isinstance(given, str | int | float):
        low, dash, high = str(given).replace("–", "-").partition("-")
        given = [low.strip() or None, (high.strip() or None) if dash else low]
    if given is None or not isinstance(given, list | tuple) or len(given) != 2:
        return given
    if any(isinstance(end, str) and not _is_number(end) for end in given):
        raise ParameterError(must_be(str(info.field_name), "a span, as in 20-60, 20- or -60", given))
    return [end if asked is None else asked for asked, end in zip(given, SPANS[str(info.field_name)], strict=True)]


Weights = Annotated[dict[str, float], BeforeValidator(_as_table)]
Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Span = Annotated[tuple[float, float], BeforeValidator(_as_span)]


def _checked_names(names: Iterable[str], parameter: str) -> None:
    for name in names:
        if not name.strip():
            raise ParameterError(must_be(parameter, "made of names that are not empty", name))


def _known(name: str, known: Iterable[str], what: str) -> None:
    if name not in known:
        hint = did_you_mean(name, known) or f" Known: {', '.join(known)}."
        raise ParameterError(f"Unknown {what} '{name}'.{hint}")


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:  # false for NaN too
        raise ParameterError(must_be(name, f"in [{low:g}, {high:g}]", value))


class Limits(Params):
    """What every track of a playlist or a journey must meet."""

    where: str | None = Field(
        None,
        description="Only tracks that meet a condition, as in: year >= 1990 and genre = 'jazz' and not explicit.",
    )
    years: Span | None = Field(None, description="Only tracks of these years, as in 1990-1999, 1990- or -1999.")
    popularity: Span | None = Field(None, description="Only tracks of this popularity in 0-100, as in 20-60.")
    explicit: Explicit = Field("any", description="Explicit tracks: any, none of them (no), or only them.")
    per_artist: int = Field(3, ge=1, le=MAX_LENGTH, description="Most tracks of one artist.")
    artist_gap: int = Field(2, ge=0, le=1000, description="Fewest other tracks between two of one artist.")
    exclude: Names = Field((), description="Tracks that must not be in.")
    exclude_artists: Names = Field((), description="Artists that must not be in.")

    @field_validator("years", "popularity")
    @classmethod
    def _ascending(cls, span: tuple[float, float] | None, info: ValidationInfo) -> tuple[float, float] | None:
        if span is None:
            return None
        name = str(info.field_name)
        for end in span:
            _within(name, end, *SPANS[name])
        if span[0] > span[1]:
            raise ParameterError(f"The span ends at {span[1]:g}, before it begins at {span[0]:g}.")
        return span

    @field_validator("exclude", "exclude_artists")
    @classmethod
    def _named(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        _checked_names(names, str(info.field_name))
        return names

    def conditions(self) -> tuple[str, ...]:
        """Return the limits that a track meets or not by itself, in the language of `where`, its own text first.

        Examples
        --------
        >>> Limits(where="genre = 'jazz'", years="1990-1999", explicit="no").conditions()
        ("genre = 'jazz'", 'year between 1990 and 1999', 'not explicit')
        """
        return tuple(self._conditions())

    def _conditions(self) -> Iterator[str]:
        if self.where and self.where.strip():
            yield self.where
        for column, span in (("year", self.years), ("popularity", self.popularity)):
            if span:
                yield f"{column} between {span[0]:g} and {span[1]:g}"
        if self.explicit != "any":
            yield "explicit" if self.explicit == "only" else "not explicit"


class PlaylistRequest(Limits):
    """A playlist: where it comes from, its limits, its shape.

    Examples
    --------
    >>> request = PlaylistRequest(like=["Radiohead - Creep"], target={"energy": 0.8}, length=20)
    >>> request.like, request.sources
    ({'Radiohead - Creep': 1.0}, ('like', 'target'))
    """

    file_kind: ClassVar[str] = "request"

    like: Weights = Field(
        default_factory=dict, description="Tracks it should be like, by artist and title, id or row."
    )
    like_files: Names = Field((), description="Files of playlists whose tracks it should be like.")
    unlike: Weights = Field(default_factory=dict, description="Tracks it should not be like.")
    groups: Weights = Field(default_factory=dict, description="Groups it should come from, by name or as coarse:3.")
    emotions: Weights = Field(default_factory=dict, description="Emotions it should have.")
    target: dict[str, float] = Field(
        default_factory=dict,
        description="Values it should be near to: energy and its kin in 0-1, tempo in BPM, loudness in dB, year,"
        " popularity in 0-100, duration in seconds.",
    )
    mixture: dict[str, float] = Field(
        default_factory=dict, description="How much each source counts: like, groups, emotions, target; 1 by default."
    )
    weights: dict[str, float] = Field(
        default_factory=dict, description="How much each part of the score counts, as a factor; 1 by default."
    )

    learned: str | None = Field(
        None, description="File that songscape learn wrote: weights of the score, and what stands together."
    )
    length: int | None = Field(
        None, ge=1, le=MAX_LENGTH, description=f"Tracks; None: {DEFAULT_LENGTH}, or what fills the minutes."
    )
    minutes: float | None = Field(None, gt=0.0, le=60_000.0, description="Minutes, in place of a length.")
    popularity_mix: float | None = Field(
        None, ge=0.0, le=1.0, description="From deep cuts (0) to hits (1); None: as it comes."
    )
    new_artists: float | None = Field(
        None, ge=0.0, le=1.0, description="Least share of tracks by artists that the seeds do not have."
    )
    include: Names = Field((), description="Tracks that must be in.")
    places: dict[int, str] = Field(
        default_factory=dict, description="Tracks that must stand at a place, counted from 1, as in 1=Artist - Title."
    )

    arc: dict[str, str | tuple[float, ...]] = Field(
        default_factory=dict,
        description="Course of energy, tempo or positiveness: flat, rising, falling, wave, or own values.",
    )
    variety: float = Field(0.3, ge=0.0, le=1.0, description="From the closest tracks only (0) to a wide choice (1).")
    smoothness: float = Field(0.5, ge=0.0, le=1.0, description="How much smooth transitions count in the order.")
    random_state: int = Field(0, ge=0, le=2**32 - 1, description="Seed; the same seed gives the same playlist.")

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources in use; playlist files count as `like`."""
        return tuple(name for name in SOURCES if getattr(self, name) or (name == "like" and self.like_files))

    def share_of(self, source: Source) -> float:
        """Return how much a source counts: the weight asked for, else 1; 0 if it is not in use."""
        return self.mixture.get(source, 1.0) if source in self.sources else 0.0

    def require_something(self) -> None:
        """Raise `ParameterError` if nothing was asked for: neither a source nor a limit on what tracks may be in."""
        if not (self.sources or self.conditions() or self.include or self.places):
            raise ParameterError(
                "Nothing was asked for. Name tracks (like), groups, a mood (emotions, or target values such as"
                " energy = 0.8) or a filter (where)."
            )

    @property
    def n_tracks(self) -> int | None:
        """Tracks asked for; None where minutes are."""
        return self.length if self.minutes is None else None

    @field_validator("like", "unlike", "groups", "emotions", "weights", "mixture")
    @classmethod
    def _weighted(cls, weights: dict[str, float], info: ValidationInfo) -> dict[str, float]:
        _checked_names(weights, str(info.field_name))
        for name, weight in weights.items():
            if info.field_name == "mixture":
                _known(name, SOURCES, "source")
            if not 0.0 <= weight <= 1000.0:  # false for NaN too
                raise ParameterError(must_be(f"{info.field_name}: {name}", "a float in [0, 1000]", weight))
        return weights

    @field_validator("target")
    @classmethod
    def _on_known_features(cls, target: dict[str, float]) -> dict[str, float]:
        for name, value in target.items():
            _known(name, TARGET_RANGES, "feature")
            _within(name, value, *TARGET_RANGES[name])
        return target

    @field_validator("minutes")
    @classmethod
    def _length_or_minutes(cls, minutes: float | None, info: ValidationInfo) -> float | None:
        if minutes is not None and info.data.get("length") is not None:
            raise ParameterError("Both a length and minutes were given. Give one of them.")
        return minutes

    @field_validator("like_files", "include")
    @classmethod
    def _named_too(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        _checked_names(names, str(info.field_name))
        return names

    @field_validator("places")
    @classmethod
    def _within_length(cls, places: dict[int, str], info: ValidationInfo) -> dict[int, str]:
        _checked_names(places.values(), "places")
        last = info.data.get("length") or MAX_LENGTH
        for place in places:
            if not 1 <= place <= last:
                raise ParameterError(f"There is no place {place}. Places are counted from 1 to {last}.")
        return places

    @field_validator("arc")
    @classmethod
    def _known_courses(cls, arc: dict[str, str | tuple[float, ...]]) -> dict[str, str | tuple[float, ...]]:
        for name, course in arc.items():
            _known(name, ARC_RANGES, "feature of an arc")
            if isinstance(course, str):
                _known(course, SHAPES, "shape")
                continue
            if not 2 <= len(course) <= 100:
                raise ParameterError(
                    must_be(name, "a list of 2 to 100 values, from the first track to the last", course)
                )
            for value in course:
                _within(name, value, *ARC_RANGES[name])
        return arc


class JourneyRequest(Limits):
    """A journey: from one track to another in equal, smooth steps.

    Examples
    --------
    >>> JourneyRequest(start="Nick Drake - Pink Moon", end="Slayer - Raining Blood").length
    20
    """

    file_kind: ClassVar[str] = "request"

    start: str = Field(description="Where it starts: artist and title, id or row.")
    end: str = Field(description="Where it ends.")
    via: Names = Field((), description="Tracks that it passes, in this order.")
    length: int = Field(20, ge=2, le=MAX_LENGTH, description="Tracks, start and end counted.")
    match_popularity: bool = Field(
        False, description="Whether tracks should be about as popular as those that are named."
    )
    random_state: int = Field(0, ge=0, le=2**32 - 1, description="Seed; the same seed gives the same journey.")

    @property
    def stops(self) -> tuple[str, ...]:
        """Start, what lies between, and end."""
        return (self.start, *self.via, self.end)

    @field_validator("start", "end", "via")
    @classmethod
    def _stops_named(cls, given: Any, info: ValidationInfo) -> Any:
        _checked_names([given] if isinstance(given, str) else given, str(info.field_name))
        return given

    @field_validator("length")
    @classmethod
    def _holds_all_stops(cls, length: int, info: ValidationInfo) -> int:
        stops = 2 + len(info.data.get("via", ()))
        if length < stops:
            raise ParameterError(f"A journey of {length} tracks cannot hold its {stops} stops. Raise the length.")
        return length
