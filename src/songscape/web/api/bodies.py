"""What requests may hold: the fields of `PlaylistRequest` and `JourneyRequest`, as strict JSON.

The declarations are those that the command line uses; here each gets the one form that it has in JSON, so that the
OpenAPI document tells what is taken and no more: a text is not a number, an unknown field is refused. Files of the
machine (``like_files``, ``learned``) cannot be named. A body that fits becomes a request, whose own checks decide on
what no schema can tell.
"""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, create_model
from pydantic.fields import FieldInfo
from typing_extensions import TypedDict  # pydantic asks for this one below Python 3.12

from songscape.config import Params
from songscape.playlist.request import (
    ARC_RANGES,
    SHAPES,
    SOURCES,
    SPANS,
    TARGET_RANGES,
    JourneyRequest,
    PlaylistRequest,
)

MAX_TRACKS = 500
"""Most tracks of a list that the server makes or puts in order."""

MAX_NAMES = 500
MAX_MENDS = 20
_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
_FILES = ("like_files", "learned")
_NOT_FOR_ORDER = (
    *("like", "unlike", "groups", "emotions", "target", "mixture", "weights", "variety"),
    *("length", "minutes", "per_artist", "popularity_mix", "new_artists", "include"),
)

Name = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Names = Annotated[list[Name], Field(max_length=MAX_NAMES)]
Weight = Annotated[float, Field(ge=0.0, le=1000.0)]
Weights = (
    Annotated[list[Name], Field(max_length=MAX_NAMES)] | Annotated[dict[Name, Weight], Field(max_length=MAX_NAMES)]
)
Place = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,2}$")]
_NO_OTHERS = Field(json_schema_extra={"additionalProperties": False})


def _whole(given: Any) -> Any:
    """Return 3 for 3.0, which JSON does not tell apart."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


Whole = BeforeValidator(_whole)


def _number(annotation: Any) -> Any:
    return Annotated[annotation, Whole] if annotation in (int, int | None) else annotation


def _table(name: str, entries: Mapping[str, Any]) -> Any:
    """Return the type of a JSON object with these entries, none of them needed and no others."""
    table = cast(Any, TypedDict)(name, dict(entries), total=False)
    table.__pydantic_config__ = _STRICT
    return table


def _between(low: float, high: float) -> Any:
    return Annotated[float, Field(ge=low, le=high)]


def _span(low: float, high: float) -> Any:
    end = _between(low, high)
    return Annotated[list[end | None], Field(min_length=2, max_length=2)] | None  # type: ignore[valid-type]


def _course(low: float, high: float) -> Any:
    value = _between(low, high)
    return Literal[SHAPES] | Annotated[list[value], Field(min_length=2, max_length=100)]  # type: ignore[valid-type]


_IN_JSON: dict[str, Any] = {
    "where": Annotated[str, StringConstraints(max_length=2000)] | None,
    "years": _span(*SPANS["years"]),
    "popularity": _span(*SPANS["popularity"]),
    "exclude": Names,
    "exclude_artists": Names,
    "like": Weights,
    "unlike": Weights,
    "groups": Weights,
    "emotions": Weights,
    "weights": Weights,
    "target": _table("Target", {name: _between(*ends) for name, ends in TARGET_RANGES.items()}),
    "mixture": _table("Mixture", dict.fromkeys(SOURCES, Weight)),
    "include": Names,
    "places": Annotated[dict[Place, Name], Field(max_length=MAX_TRACKS), _NO_OTHERS],
    "arc": _table("Arc", {name: _course(*ends) for name, ends in ARC_RANGES.items()}),
    "start": Name,
    "end": Name,
    "via": Annotated[list[Name], Field(max_length=50)],
}
"""The fields whose form in JSON is narrower than what Python takes; all others stand as they are declared."""

_AT_MOST = {"length": MAX_TRACKS, "minutes": 1500.0}
"""Upper bounds that are lower here than on the command line."""


class Body(BaseModel):
    """Base of all bodies."""

    model_config = _STRICT

    def told(self) -> dict[str, Any]:
        """Return only what was said, as plain data."""
        return self.model_dump(exclude_unset=True)


def _body(
    name: str, model: type[Params], doc: str, without: Collection[str] = (), defaults: Mapping[str, Any] | None = None
) -> type[Body]:
    """Return the body for a request: its fields, `without` some, some with another default."""
    fields: dict[str, Any] = {}
    for field_name, field in model.model_fields.items():
        if field_name not in without:
            declared = _declared(field_name, field, defaults or {})
            fields[field_name] = (_IN_JSON.get(field_name, _number(field.annotation)), declared)
    return create_model(name, __base__=Body, __doc__=doc, **fields)


def _declared(name: str, field: FieldInfo, defaults: Mapping[str, Any]) -> Any:
    """Return the declaration of a field: its default, its words, its bounds."""
    bounds: dict[str, Any] = {}
    for bound in field.metadata:
        bounds |= {kind: getattr(bound, kind) for kind in ("ge", "gt", "le", "lt") if hasattr(bound, kind)}
    if name in _AT_MOST:
        bounds["le"] = _AT_MOST[name]
    words = {"description": field.description, **bounds}
    if field.is_required():
        return Field(**words)
    default = defaults.get(name, field.get_default(call_default_factory=True))
    if isinstance(default, dict):
        return Field(default_factory=dict, **words)
    if isinstance(default, tuple):
        return Field(default_factory=list, **words)
    return Field(default, **words)


ORDER = {"smoothness": 1.0, "artist_gap": 0}
"""What an order is made with unless its request says otherwise."""

PlaylistBody = _body(
    "PlaylistBody", PlaylistRequest, "A playlist: where it comes from, its limits, its shape.", without=_FILES
)
JourneyBody = _body("JourneyBody", JourneyRequest, "A journey: from one track to another in equal, smooth steps.")
OrderBody = _body(
    "OrderBody",
    PlaylistRequest,
    "The shape of an order, and the limits of what would mend it.",
    without=(*_FILES, *_NOT_FOR_ORDER),
    defaults=ORDER,
)


class ReorderBody(Body):
    """Tracks to put in the best order."""

    tracks: Annotated[
        list[Name],
        Field(
            min_length=1, max_length=MAX_TRACKS, description="Tracks by artist and title, id or row, in their order."
        ),
    ]
    request: OrderBody | None = Field(None, description="How.")  # type: ignore[valid-type]
    mends: Annotated[int, Whole] = Field(
        5, ge=0, le=MAX_MENDS, description="Most tracks that would mend the worst transition."
    )
