"""One command line flag per declared parameter: name, allowed values, default and help come from the declaration.

A parameter that several sections declare (``random_state``) is one flag that sets them all. A table of values
(``columns``, ``blocks``) is a flag that may be repeated, ``--column tempo=BPM --column key=Tonart``.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Annotated, Any, get_args

import typer
from pydantic.fields import FieldInfo

from songscape.config import Config, Params, describe
from songscape.errors import ParameterError, must_be

_PANELS = {
    "read": "Reading",
    "features": "Features",
    "metric": "Features",
    "search": "Features",
    "embedding": "Map (UMAP)",
    "clustering": "Clusters (HDBSCAN)",
    "groups": "Groups",
    "evaluation": "Scores",
    "partitions": "Parts",
    "check_memory": "Options",
    "memory": "Options",
}


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag and the places of the config that it sets: ``("embedding", "n_neighbors")``."""

    name: str
    field: FieldInfo
    paths: tuple[tuple[str, ...], ...]

    @property
    def is_table(self) -> bool:
        """Whether the parameter is a table, given as ``KEY=VALUE``, once per entry."""
        return getattr(self.field.annotation, "__origin__", None) is dict

    @property
    def option(self) -> str:
        """The flag as one types it."""
        option = "--" + self.name.replace("_", "-")
        return option.removesuffix("s") if self.is_table else option

    def parameters(self) -> list[inspect.Parameter]:
        """Return the parameters of the command's function that Typer makes the flag from.

        A switch has two, ``--fold-tempo`` and ``--no-fold-tempo``; help shows the one that changes the default.
        """
        if self.field.annotation is bool:
            on = bool(self.field.get_default())
            return [
                self._parameter(self.name, self.option, bool, False, hidden=on),
                self._parameter(f"no_{self.name}", f"--no-{self.option[2:]}", bool, False, hidden=not on),
            ]
        if self.is_table:
            return [self._parameter(self.name, self.option, list[str], [])]
        return [self._parameter(self.name, self.option, str | None, None)]

    def value(self, given: Mapping[str, Any]) -> Any:
        """Return what the command line gave for this flag, or None."""
        if given.get(f"no_{self.name}"):
            return False
        return given.get(self.name) or None

    def _parameter(self, name: str, option: str, kind: Any, default: Any, hidden: bool = False) -> inspect.Parameter:
        text = _help(self.field, self.is_table)
        declared = typer.Option(
            option,
            help=f"Turn off: {text[0].lower()}{text[1:]}" if name.startswith("no_") else text,
            metavar=self._metavar(),
            show_default=False,
            hidden=hidden,
            rich_help_panel=_PANELS[self.paths[0][0]],
        )
        annotation = Annotated[kind, declared]
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)

    def _metavar(self) -> str | None:
        if self.field.annotation is bool:
            return None
        if self.is_table:
            return "KEY=VALUE"
        kinds = [kind for kind in get_args(self.field.annotation) if kind is not NoneType] or [self.field.annotation]
        return "|".join(kind.__name__.upper() if isinstance(kind, type) else str(kind) for kind in kinds)


def _help(field: FieldInfo, is_table: bool) -> str:
    """Return the description with the range and the default that the declaration gives."""
    text = (field.description or "").replace("None:", "default:")
    if is_table:
        return f"{text} May be repeated."
    where = describe(field).removesuffix(" or None").partition(" in ")[2].replace(".0", "")
    notes = [f"in {where}"] if where else []
    default = field.get_default()
    if default is not None and not isinstance(default, bool):
        notes.append(f"default: {default}")
    return f"{text} ({'; '.join(notes)})".replace(". (", " (") if notes else text


def declared_flags() -> list[Flag]:
    """Return one flag per declared parameter, in the order of the declarations."""
    found: dict[str, Flag] = {}
    for path, field in _leaves(Config):
        name = path[-1]
        known = found.get(name)
        found[name] = Flag(name, known.field if known else field, (*(known.paths if known else ()), path))
    return list(found.values())


def _leaves(model: type[Params], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Params):
            yield from _leaves(field.annotation, (*path, name))
        else:
            yield (*path, name), field


def with_flags(config: Config, given: Mapping[str, Any]) -> Config:
    """Return the config with the flags that were given; a table keeps its other entries.

    Raises
    ------
    ParameterError
        If a value lies outside its range, or a table's entry is not ``KEY=VALUE``.
    """
    values = config.model_dump()
    for flag in declared_flags():
        value = flag.value(given)
        if value is None:
            continue
        for *sections, name in flag.paths:
            place = values
            for section in sections:
                place = place[section]
            place[name] = place[name] | _entries(flag, value) if flag.is_table else value
    return Config(**values)


def _entries(flag: Flag, words: list[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    for word, (key, equals, value) in zip(words, pairs, strict=True):
        if not (key and equals and value):
            raise ParameterError(must_be(flag.option, "given as KEY=VALUE", word))
    return {key.strip(): value.strip() for key, _, value in pairs}
