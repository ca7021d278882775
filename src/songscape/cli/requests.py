"""One flag per declared field of a request: ``--like``, ``--target energy=0.8,positiveness=0.7``, ``--length``.

Lists are flags that may be repeated; tables take ``KEY=VALUE``, several with commas between. The flags win over a
request file, field by field.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic.fields import FieldInfo

from songscape.config import Params
from songscape.errors import ParameterError, must_be
from songscape.playlist.request import JourneyRequest, PlaylistRequest

Request = TypeVar("Request", PlaylistRequest, JourneyRequest)

_SINGULAR = {
    "like_files": "like-file",
    "groups": "group",
    "labels": "label",
    "emotions": "emotion",
    "weights": "weight",
    "places": "place",
    "exclude_artists": "exclude-artist",
    "start": "from",
    "end": "to",
}
_TABLES = ("target", "mixture", "weights", "places", "arc")  # KEY=VALUE; the other tables are lists of names
_EITHER = ("length", "minutes")
_PANELS = {
    "From": ("like", "like_files", "unlike", "groups", "emotions", "target", "where", "mixture", "weights"),
    "Journey": ("start", "end", "via", "match_popularity"),
    "Shape": ("arc", "variety", "smoothness", "random_state"),
    "Columns": ("lyrics_column", "emotion_column", "overwrite"),
    "Model": ("model", "labels", "prefix", "max_tokens", "batch_size", "device"),
}
_COMMA = re.compile(r",(?=[^,=]+=)")  # between two entries, not within the values of one


def request_parameters(model: type[Params]) -> Iterator[inspect.Parameter]:
    """Yield the parameters of a command's function that Typer makes the flags of a request from."""
    for name, field in model.model_fields.items():
        is_many, is_switch = _is_many(name, field), field.annotation is bool
        option = option_of(name)
        declared = typer.Option(
            f"{option}/--no-{option[2:]}" if is_switch else option,
            help=_help(name, field),
            metavar="KEY=VALUE" if name in _TABLES else "TEXT" if is_many else _metavar(field),
            show_default=False,
            rich_help_panel=next((panel for panel, names in _PANELS.items() if name in names), "Limits"),
        )
        kind: Any = list[str] if is_many else bool | None if is_switch else str | None
        annotation = Annotated[kind, declared]
        default: Any = [] if is_many else None
        yield inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def option_of(name: str) -> str:
    """Return the flag of a field as one types it."""
    return "--" + _SINGULAR.get(name, name).replace("_", "-")


def read_request(model: type[Request], file: Path | None, given: Mapping[str, Any]) -> Request:
    """Return the request of a file, if there is one, with the flags that were given.

    Raises
    ------
    InputError
        If the file cannot be read.
    ParameterError
        If a value lies outside its range, or an entry is not ``KEY=VALUE``.
    """
    values = {name: value for name, value in given.items() if value is not None and value != []}
    told = {name: _entries(name, value) if name in _TABLES else value for name, value in values.items()}
    if file is None:
        return model(**_complete(model, told))
    for one, other in (_EITHER, _EITHER[::-1]):
        if one in told and other in model.model_fields:
            told.setdefault(other, None)  # what the file says of it is meant no more
    return model.from_file(file, **told)


def _complete(model: type[Params], told: dict[str, Any]) -> dict[str, Any]:
    """Return what was told; a field that must be and is not there is named by its flag."""
    missing = [name for name, field in model.model_fields.items() if field.is_required() and name not in told]
    if missing:
        flags = " and ".join(option_of(name) for name in missing)
        raise ParameterError(f"The journey needs {flags}, or a file with --request.")
    return told


def _is_many(name: str, field: FieldInfo) -> bool:
    return name in _TABLES or "dict" in str(field.annotation) or "tuple[str" in str(field.annotation)


def _entries(name: str, words: list[str]) -> dict[str, Any]:
    """Return the entries of a table; a course of an arc may be values with commas: energy=0.2,0.9,0.4."""
    found: dict[str, Any] = {}
    texts = words if name == "places" else [part for word in words for part in _COMMA.split(word)]
    for text in texts:
        key, equals, value = (part.strip() for part in text.partition("="))
        if not (key and equals and value):
            raise ParameterError(must_be(option_of(name), "given as KEY=VALUE", text))
        found[key] = _numbers(value) if name == "arc" and "," in value else value
    return found


def _numbers(value: str) -> list[str]:
    return [part.strip() for part in value.split(",")]


def _metavar(field: FieldInfo) -> str | None:
    if field.annotation is bool:
        return None
    text = str(field.annotation)
    kinds = {"Literal": "WORD", "float": "NUMBER", "int": "INT"}
    return next((word for kind, word in kinds.items() if kind in text and "tuple" not in text), "TEXT")


def _help(name: str, field: FieldInfo) -> str:
    text = (field.description or "").replace("None:", "default:")
    default = None if field.is_required() else field.get_default()
    is_told = isinstance(default, int | float | str) and not isinstance(default, bool) and default != ""
    shown = is_told and "default" not in text
    notes = [f"default: {default}"] if shown else []
    notes += ["may be repeated"] if _is_many(name, field) else []
    return f"{text} ({'; '.join(notes)})".replace(". (", " (") if notes else text
