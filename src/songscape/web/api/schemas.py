"""What the routes answer, for the OpenAPI document; tests hold the answers against it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(extra="forbid")


class Limits(Answer):
    """How much may be asked for at once."""

    length: int = Field(description="Most tracks of a list that is made or put in order.")
    search: int = Field(description="Most results of a search.")
    neighbors: int = Field(description="Most neighbors of a track.")
    body: int = Field(description="Most bytes of a body.")


class AtlasFacts(BaseModel):
    """The atlas in numbers, and the limits of this server; more facts may stand beside these."""

    title: str
    n_tracks: int = Field(ge=0)
    n_songs: int = Field(ge=0)
    songscape_version: str
    scores: dict[str, Any]
    limits: Limits
    n_parts_tracks: int | None = Field(
        description="Tracks of all parts of a partitioned atlas, whose model the map shows; null for any other."
    )


class Groups(Answer):
    """A card for each group at each scale; see the page on groups in the docs."""

    coarse: list[dict[str, Any]]
    middle: list[dict[str, Any]]
    fine: list[dict[str, Any]]


class Membership(Answer):
    """How far a track belongs to a group."""

    group: int = Field(ge=0, description="Its number at this scale.")
    strength: float = Field(ge=0.0, le=1.0)


class Memberships(Answer):
    """Groups at each scale, the strongest first."""

    coarse: list[Membership]
    middle: list[Membership]
    fine: list[Membership]


class Version(Answer):
    """Another track of the same song."""

    row: int = Field(ge=0)
    title: str | None
    artists: list[str]
    year: int | None


class Track(Answer):
    """A track."""

    row: int = Field(
        ge=0,
        description="Its row in tracks.parquet. Of a partitioned atlas: that of the model, or, behind the n_tracks of"
        " these, n_tracks plus its row over all parts.",
    )
    id: str | None
    title: str | None
    artists: list[str]
    album: str | None
    year: int | None
    genres: list[str]
    emotion: str | None
    memberships: Memberships
    versions: list[Version]


class GroupNumbers(Answer):
    """The group of a track at each scale; null outside of groups."""

    coarse: int | None
    middle: int | None
    fine: int | None


class ShownTrack(Answer):
    """What the page shows of a track that is not on its map."""

    row: int = Field(ge=0)
    x: int = Field(ge=0, le=65_535, description="Where it would stand on the map.")
    y: int = Field(ge=0, le=65_535)
    id: str | None
    title: str | None
    artists: list[str]
    album: str | None
    genres: list[str]
    groups: GroupNumbers
    values: dict[str, float | str | None] = Field(description="By the columns that points are colored by.")


class ShownTracks(Answer):
    """Tracks that are not on the map."""

    tracks: list[ShownTrack]


class Hit(Answer):
    """A track that a search found."""

    row: int = Field(ge=0)
    how: Literal["exact", "words", "prefix", "fuzzy"] = Field(
        description="The query is the title or artist; its words stand there; beginnings or parts; but for a typo."
    )


class Found(Answer):
    """Tracks that meet a search, the best first, one for each song."""

    query: str
    results: list[Hit]


class Neighbor(Answer):
    """A near song, by its representative track."""

    row: int = Field(ge=0)
    distance: float = Field(ge=0.0, description="In feature space.")


class Neighbors(Answer):
    """The nearest other songs, the nearest first; as many as were asked for, or as the catalog has."""

    row: int = Field(ge=0)
    neighbors: list[Neighbor]


class ListedTrack(Answer):
    """A track of a list, and why it stands there."""

    row: int = Field(ge=0)
    id: str | None
    title: str
    artists: list[str]
    album: str
    year: int | None
    seconds: float | None
    score: float | None = Field(description="How well it meets the request; null where nothing is scored.")
    parts: dict[str, float]
    near: str = Field(description="The seed that it is nearest to.")
    why: list[str] = Field(description="What it shares with that seed.")
    price: float | None = Field(
        description="Price of going on to the next: 0 seamless, 1 as between two random songs; null for the last."
    )
    price_parts: dict[str, float]


class Listing(Answer):
    """Tracks in order: a playlist, a journey, a list that was put in order."""

    name: str
    request: dict[str, Any] = Field(description="What was asked for, with all defaults.")
    tracks: list[ListedTrack]
    card: dict[str, Any] = Field(description="Its measures beside those of random, same-genre and sorted lists.")
    notes: list[str] = Field(description="What a reader should know.")
    mends: list[ListedTrack] = Field(description="Tracks that would mend the worst transition of an order.")
