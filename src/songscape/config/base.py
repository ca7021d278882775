"""The base of parameter classes: what is declared makes the check, the words of the message, and TOML."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from songscape.errors import InputError, ParameterError, did_you_mean, must_be
from songscape.toml import toml_lines


class Params(BaseModel):
    """Base of all parameter classes: frozen, strict about unknown names, one sentence per wrong value."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, validate_default=False)
    file_kind: ClassVar[str] = "config file"
    """What messages call a file of these parameters."""

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ParameterError(" ".join(_sentences(type(self), error))) from None

    def with_changes(self, **values: Any) -> Self:
        """Return a checked copy with some values replaced."""
        return type(self)(**{**dict(self), **values})

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Read parameters from a TOML file whose keys, or tables, are the fields.

        Raises
        ------
        InputError
            If the file cannot be read or is not TOML.
        ParameterError
            If a name is unknown or a value outside its range.
        """
        return cls._checked(path, cls._read(path, "TOML", tomllib.loads))

    @classmethod
    def from_json(cls, path: str | Path) -> Self:
        """Read parameters from a JSON file that holds one object; raises as `from_toml`."""
        return cls._checked(path, cls._read(path, "JSON", _json_object))

    @classmethod
    def from_file(cls, path: str | Path, **values: Any) -> Self:
        """Read parameters from a file: JSON if its name ends in ``.json``, else TOML; raises as `from_toml`.

        What `values` hold wins over the file.
        """
        is_json = Path(path).suffix.lower() == ".json"
        told = cls._read(path, "JSON", _json_object) if is_json else cls._read(path, "TOML", tomllib.loads)
        return cls._checked(path, {**told, **values})

    @classmethod
    def _checked(cls, path: str | Path, values: dict[str, Any]) -> Self:
        try:
            return cls(**values)
        except ParameterError as error:
            raise ParameterError(f"In the {cls.file_kind} '{path}': {error}") from None

    @classmethod
    def _read(cls, path: str | Path, form: str, parse: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
        what = f"{cls.file_kind} '{path}'"
        try:
            return parse(Path(path).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise InputError(f"There is no {what}. Check the path.") from None
        except OSError as error:
            raise InputError(f"The {what} cannot be read: {error.strerror or error}.") from None
        except UnicodeDecodeError:
            raise InputError(f"The {what} is not a text in UTF-8. A {form} file is needed.") from None
        except (tomllib.TOMLDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise InputError(f"The {what} is not {form}: {error}.") from None

    def to_toml(self) -> str:
        """Return the parameters as TOML text that `from_toml` reads back; those that are None are left out.

        Examples
        --------
        >>> from songscape.config import EmbeddingParams
        >>> print(EmbeddingParams(n_neighbors=30).to_toml())  # doctest: +ELLIPSIS
        n_neighbors = 30
        n_components = 2
        ...
        """
        return "\n".join(toml_lines((), self.model_dump())) + "\n"

    def as_dict(self) -> dict[str, Any]:
        """Return the parameters as JSON-able data, from which ``type(self)(**data)`` makes them again."""
        return self.model_dump(mode="json")


def _sentences(model: type[Params], error: ValidationError) -> list[str]:
    found: dict[str, str] = {}
    for problem in error.errors():
        name = str(problem["loc"][0])
        inner = problem.get("ctx", {}).get("error")
        if isinstance(inner, ParameterError):  # a section: its own sentences already say it
            found[name] = f"In '{name}': {inner}"
        elif problem["type"] == "extra_forbidden":
            known = ", ".join(model.model_fields)
            hint = did_you_mean(name, model.model_fields) or f" Known parameters: {known}."
            found[name] = f"Unknown parameter '{name}'.{hint}"
        elif problem["type"] == "missing":
            found[name] = f"The '{name}' parameter is missing. It must be {describe(model.model_fields[name])}."
        else:
            found.setdefault(name, _wrong(name, model.model_fields[name], problem["loc"][1:], problem["input"]))
    return list(found.values())


def _wrong(name: str, field: FieldInfo, entry: tuple[int | str, ...], got: Any) -> str:
    """Return the sentence on a value that is not allowed; of a table it names the entry."""
    for kind in _union(field.annotation):
        is_plain = getattr(kind, "__origin__", None) is dict and kind.__args__[1] in (int, float, bool, str)
        if is_plain and entry and "[key]" not in entry:
            return must_be(f"{name}.{entry[0]}", _kind(kind.__args__[1]), got)
    return must_be(name, describe(field), got)


def describe(field: FieldInfo) -> str:
    """Return the allowed values of a declared parameter in words, as in ``an int in [2, 1000]``."""
    low, high = "(-inf", "inf)"
    for bound in field.metadata:
        if isinstance(bound, Ge):
            low = f"[{bound.ge}"
        elif isinstance(bound, Gt):
            low = f"({bound.gt}"
        elif isinstance(bound, Le):
            high = f"{bound.le}]"
        elif isinstance(bound, Lt):
            high = f"{bound.lt})"
    words = [_kind(kind) for kind in _union(field.annotation)]
    where = f" in {low}, {high}" if (low, high) != ("(-inf", "inf)") else ""
    words = [f"{word}{where}" if word in ("an int", "a float") else word for word in words]
    return " or ".join([*(f"a text such as '{example}'" for example in field.examples or []), *words])


def _union(annotation: Any) -> tuple[Any, ...]:
    if getattr(annotation, "__origin__", None) is Literal or not hasattr(annotation, "__args__"):
        return (annotation,)
    if getattr(annotation, "__origin__", None) in (dict, list, tuple):
        return (annotation,)
    return tuple(annotation.__args__)


def _kind(kind: Any) -> str:
    if hasattr(kind, "__metadata__"):  # Annotated[…]
        kind = kind.__origin__
    if getattr(kind, "__origin__", None) is Literal:
        return "one of " + ", ".join(repr(value) for value in kind.__args__)
    names = {int: "an int", float: "a float", bool: "a bool", str: "a string", type(None): "None"}
    if kind in names:
        return names[kind]
    origin = getattr(kind, "__origin__", None)
    if origin is dict:
        return f"a table of {_kinds(kind.__args__[1])}"
    if origin is tuple:
        several = "a list of" if kind.__args__[-1] is ... else f"{len(kind.__args__)}"
        return f"{several} {_kinds(kind.__args__[0])}"
    return "a table" if issubclass(kind, Params) else f"a {kind}"


def _kinds(kind: Any) -> str:
    """Return the plural of a kind, as in ``floats`` and ``lists of floats``."""
    words = [_kind(one).removeprefix("a ").removeprefix("an ").partition(" ") for one in _union(kind)]
    return " or ".join(f"{head}s{space}{rest}" for head, space, rest in words)


def _json_object(text: str) -> dict[str, Any]:
    values = json.loads(text)
    if not isinstance(values, dict):
        raise json.JSONDecodeError("an object {…} is needed", text, 0)
    return values
