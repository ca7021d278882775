"""Frozen parameter classes, one per stage: ranges, defaults and help are declared here, once.

The same declarations feed the check, the error message, ``--help``, the parameter table of the docs and the
invalid values that the tests try. Defaults < TOML file < flags.
"""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo

from songscape.errors import InputError, ParameterError, did_you_mean, must_be
from songscape.sizes import parse_size
from songscape.toml import toml_lines

Search = Literal["exact", "approximate"]
Metric = Literal["euclidean", "manhattan", "chebyshev", "cosine", "correlation"]

BLOCKS = {
    "sound": 1.0,
    "mood": 1.0,
    "rhythm": 1.0,
    "tonality": 0.0,
    "emotion": 0.0,
    "genre": 0.0,
    "year": 0.0,
    "popularity": 0.0,
    "explicit": 0.0,
}
"""The blocks of features and their default weights; 0 holds a block out of the metric."""


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
    return " or ".join(f"{word}{where}" if word in ("an int", "a float") else word for word in words)


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


class ReadParams(Params):
    """How a catalog file is read."""

    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Canonical column = column of the file, where recognition by name does not do.",
    )
    version_families: bool = Field(
        True, description="Join several rows of one song into a family with one representative."
    )


class FeatureParams(Params):
    """How tracks become numbers: weights of the blocks and treatment of the columns."""

    blocks: dict[str, float] = Field(
        default_factory=dict,
        description="Weights by block: sound, mood, rhythm, tonality; and, held out unless asked for,"
        " emotion, genre, year, popularity, explicit.",
    )
    fold_tempo: bool = Field(False, description="Fold tempo into one octave, so that 87 and 174 BPM are equal.")
    discount_artists: bool = Field(
        True,
        description="Let features count less that artists vary at will, as far as the catalog's own artists tell.",
    )

    @field_validator("blocks")
    @classmethod
    def _known_blocks(cls, blocks: dict[str, float]) -> dict[str, float]:
        for name, weight in blocks.items():
            if name not in BLOCKS:
                hint = did_you_mean(name, BLOCKS) or f" Known blocks: {', '.join(BLOCKS)}."
                raise ParameterError(f"Unknown block '{name}'.{hint}")
            if not 0.0 <= weight <= 100.0:  # false for NaN too
                raise ParameterError(must_be(name, "a float in [0, 100]", weight))
        if not any((BLOCKS | blocks).values()):
            raise ParameterError("All blocks have weight 0: no feature is left. Give one a weight above 0.")
        return blocks

    def block_weight(self, block: str) -> float:
        """Return the weight of a block: the one asked for, else the default."""
        return self.blocks.get(block, BLOCKS[block])


class EmbeddingParams(Params):
    """UMAP's parameters, by their names in umap-learn."""

    n_neighbors: int = Field(
        15,
        ge=2,
        le=1000,
        description="Size of the local neighborhood, the point itself counted (as in umap-learn).",
    )
    n_components: int = Field(2, ge=1, le=64, description="Dimensions of the map; an atlas needs at least 2.")
    min_dist: float = Field(
        0.1, ge=0.0, le=10.0, description="Smallest distance between points that belong together."
    )
    spread: float = Field(1.0, gt=0.0, le=100.0, description="Scale of the embedded points, at least min_dist.")
    n_epochs: int | None = Field(
        None,
        ge=0,
        le=100000,
        description="Passes of the layout; None: 500 up to 10 000 points, 200 above, half of that if init is coarse.",
    )
    init: Literal["coarse", "pca", "spectral", "random"] = Field(
        "coarse", description="Where the layout starts from; coarse: from the layout of every eighth row."
    )
    negative_sample_rate: int = Field(5, ge=0, le=100, description="Negative samples per positive one.")
    learning_rate: float = Field(1.0, gt=0.0, le=100.0, description="Step size at the start of the layout.")
    random_state: int = Field(0, ge=0, le=2**32 - 1, description="Seed; the same seed gives the same bytes.")


class ClusteringParams(Params):
    """HDBSCAN's parameters, by their names and with their defaults in the hdbscan package."""

    min_cluster_size: int = Field(5, ge=2, le=1_000_000_000, description="Smallest group that counts as a cluster.")
    min_samples: int | None = Field(
        None, ge=1, le=1000, description="Neighbors that set the core distance; None: min_cluster_size."
    )
    cluster_selection_method: Literal["eom", "leaf"] = Field(
        "eom", description="Excess of mass, or the leaves of the hierarchy."
    )
    cluster_selection_epsilon: float = Field(
        0.0, ge=0.0, description="Clusters closer than this distance are not split."
    )
    allow_single_cluster: bool = Field(False, description="Whether everything may be one cluster.")


class MapClusteringParams(Params):
    """HDBSCAN's parameters for the map of a catalog: the same names, defaults that follow the catalog's size."""

    min_cluster_size: int | None = Field(
        None,
        ge=2,
        le=1_000_000_000,
        description="Smallest group that counts as a cluster; None: 0.5 % of the songs, at least 10.",
    )
    min_samples: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="Neighbors that set the core distance; None: min_cluster_size, at most 15.",
    )
    cluster_selection_method: Literal["eom", "leaf"] = Field(
        "leaf", description="Excess of mass, or the leaves of the hierarchy."
    )
    cluster_selection_epsilon: float = Field(
        0.0, ge=0.0, description="Clusters closer than this distance on the map are not split."
    )
    allow_single_cluster: bool = Field(False, description="Whether everything may be one cluster.")

    def at_size(self, n_songs: int) -> ClusteringParams:
        """Return what a catalog of `n_songs` songs is clustered with: sizes that are None follow from its size.

        Examples
        --------
        >>> MapClusteringParams().at_size(200_000).min_cluster_size
        1000
        >>> MapClusteringParams(min_cluster_size=50).at_size(200_000).min_cluster_size
        50
        """
        size = self.min_cluster_size or max(10, round(0.005 * n_songs))
        sizes = {"min_cluster_size": size, "min_samples": self.min_samples or min(size, 15)}
        return ClusteringParams(**{**dict(self), **sizes})


class GroupingParams(Params):
    """How songs are put in groups at three scales, which are of use where plain clusters leave most songs out."""

    space: Literal["map", "dense", "features"] = Field(
        "map",
        description="Where HDBSCAN finds the groups' cores: the map, a denser map of its own, or the features.",
    )
    coverage: float = Field(
        0.95, gt=0.0, le=1.0, description="Share of the songs that are put in a group; the others lie between groups."
    )
    n_coarse: int = Field(12, ge=1, le=100_000, description="Groups at the coarse scale, where there are so many.")
    n_middle: int = Field(60, ge=1, le=100_000, description="Groups at the middle scale, where there are so many.")
    n_fine: int = Field(200, ge=1, le=100_000, description="Groups at the fine scale, where there are so many.")
    core_size: int | None = Field(
        None,
        ge=2,
        le=1_000_000_000,
        description="HDBSCAN's min_cluster_size for the cores of groups; None: 0.05 % of the songs, at least 10.",
    )
    core_samples: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="HDBSCAN's min_samples for the cores of groups; None: 60 at 100 000 songs, by the root of n.",
    )

    def at_size(self, n_songs: int) -> ClusteringParams:
        """Return what HDBSCAN looks for cores with among `n_songs` songs: leaves, of sizes that follow theirs.

        Examples
        --------
        >>> GroupingParams().at_size(100_000).min_samples, GroupingParams().at_size(100_000).min_cluster_size
        (60, 50)
        """
        size = self.core_size or max(10, round(0.0005 * n_songs))
        samples = self.core_samples or min(1000, max(5, round(60 * (n_songs / 100_000) ** 0.5)))
        return ClusteringParams(min_cluster_size=size, min_samples=samples, cluster_selection_method="leaf")


class EvaluationParams(Params):
    """What the scores are computed with."""

    k: int = Field(15, ge=1, le=1000, description="Neighbors that trustworthiness and its kin look at.")
    sample_size: int = Field(
        5000, ge=100, le=100_000_000, description="Rows sampled for scores that would need all pairs."
    )
    exact_up_to: int = Field(
        400_000,
        ge=0,
        le=100_000_000,
        description="Songs in clusters up to which silhouettes measure all distances; beyond, they tell their error.",
    )
    random_state: int = Field(0, ge=0, le=2**32 - 1, description="Seed of samples and permuted baselines.")


class Config(Params):
    """All parameters of a build, one section a stage."""

    read: ReadParams = Field(default_factory=ReadParams)
    features: FeatureParams = Field(default_factory=FeatureParams)
    metric: Metric = Field("euclidean", description="Distance between tracks in feature space.")
    search: Search = Field(
        "exact", description="How neighbors are found; approximate needs the extra of that name and tells its recall."
    )
    embedding: EmbeddingParams = Field(default_factory=EmbeddingParams)
    clustering: MapClusteringParams = Field(default_factory=MapClusteringParams)
    evaluation: EvaluationParams = Field(default_factory=EvaluationParams)
    groups: GroupingParams = Field(default_factory=GroupingParams)
    check_memory: bool = Field(True, description="Stop before the work where the machine has too little memory.")
    memory: str | None = Field(
        None, description="Most memory that the process may take, such as 4GB or 800MB; None: what is free."
    )

    @field_validator("memory")
    @classmethod
    def _known_size(cls, memory: str | None) -> str | None:
        try:
            return memory if memory is None or parse_size(memory) else None
        except ValueError:
            raise ParameterError(must_be("memory", "a size such as 4GB or 800MB", memory)) from None

    @property
    def memory_bytes(self) -> int | None:
        """What `memory` says, in bytes."""
        return None if self.memory is None else parse_size(self.memory)


def _json_object(text: str) -> dict[str, Any]:
    values = json.loads(text)
    if not isinstance(values, dict):
        raise json.JSONDecodeError("an object {…} is needed", text, 0)
    return values
