"""A grid of parameters, tried one after the other: what each does to the scores, and which setting to take.

What does not change between settings is computed once: settings are worked through in an order in which those with
the same features, neighbors and map follow each other, and each stage keeps its last result. Neighbors are sought
once for the largest number that any setting needs; a setting takes the first of them.

The recommendation is that of `songscape.atlas.recommendation`, which looks at no labels.
"""

import itertools
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import polars as pl

from songscape.atlas.grouping import DENSE_NEIGHBORS, group_songs
from songscape.atlas.quality import held_out_labels, plain
from songscape.atlas.recommendation import recommend
from songscape.atlas.record import representatives
from songscape.atlas.scoring import silhouette_metric
from songscape.catalog.record import Catalog
from songscape.clustering import cluster
from songscape.config import BLOCKS, Config, Params
from songscape.embedding import embed
from songscape.errors import ParameterError, SongscapeError, did_you_mean, must_be
from songscape.evaluation import evaluate_clusters, evaluate_map
from songscape.evaluation.agreement import evaluate_agreement
from songscape.evaluation.density import evaluate_density
from songscape.evaluation.hubness import k_occurrence, skewness_of
from songscape.features import scale_features
from songscape.neighbors import build_neighbors
from songscape.progress import Progress, silent
from songscape.types import Float32, Int32, NeighborGraph

PARTITIONS = ("clusters", "coarse", "middle", "fine")

_STAGE = "sweep"
_MAX_SETTINGS = 1000
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, eq=False)
class SweepResult:
    """What a grid of parameters came to.

    Attributes
    ----------
    parameters : dict of str to list
        The grid: dotted names of parameters and the values tried.
    table : polars.DataFrame, one row a setting
        The values of the parameters as text; the scores of the setting; ``seconds`` that it took beyond what was
        there already; ``error``, the message where it could not be tried; ``recommended``.
    recommended : int or None
        Row of the recommended setting; None where no setting qualifies.
    reason : str
        Why, in sentences.
    computed : dict of str to int
        How often each stage was computed.
    """

    parameters: dict[str, list[Any]]
    table: pl.DataFrame
    recommended: int | None
    reason: str
    computed: dict[str, int]


def sweep(
    catalog: Catalog,
    grid: Mapping[str, Sequence[Any]],
    config: Config | None = None,
    *,
    partition: str = "clusters",
    progress: Progress = silent,
) -> SweepResult:
    """Try all combinations of some values of some parameters on a catalog.

    Parameters
    ----------
    catalog : Catalog
        From `songscape.read_catalog`.
    grid : dict of str to sequence
        Dotted name of a parameter and the values to try: ``embedding.n_neighbors``, ``clustering.min_samples``,
        ``metric``, ``features.blocks.mood`` and so on; the last part will do where no other parameter has that name.
    config : Config, optional
        The base: what all other parameters are.
    partition : {"clusters", "coarse", "middle", "fine"}
        What is scored: the plain clusters of the map, or the groups of a scale.
    progress : callable
        Called with the stage sweep and a fraction in [0, 1].

    Returns
    -------
    SweepResult
        A setting that cannot be tried is a row with its error.

    Raises
    ------
    ParameterError
        If a parameter is unknown, or `grid` or one of its lists is empty, or it has more than 1000 settings.

    Examples
    --------
    >>> import songscape
    >>> catalog = songscape.read_catalog(songscape.synthesize_tracks(300, random_state=0))
    >>> result = sweep(catalog, {"n_neighbors": [10, 15], "min_cluster_size": [5, 10]})
    >>> result.table.height, result.computed["neighbors"], result.computed["embedding"], result.computed["clusters"]
    (4, 1, 2, 4)
    """
    if not isinstance(catalog, Catalog):
        raise ParameterError(must_be("catalog", "a Catalog, from songscape.read_catalog", type(catalog)))
    if partition not in PARTITIONS:
        raise ParameterError(must_be("partition", "one of " + ", ".join(map(repr, PARTITIONS)), partition))
    base = config or Config()
    parameters = _checked(grid)
    settings = [dict(zip(parameters, values, strict=True)) for values in itertools.product(*parameters.values())]
    songs = catalog.tracks[representatives(catalog.tracks)]
    rows, computed = _tried([configured(base, setting) for setting in settings], songs, partition, progress)
    known = [_text(value_of(base, name)) for name in parameters]
    changes = [
        sum(_text(value) != usual for value, usual in zip(setting.values(), known, strict=True))
        for setting in settings
    ]
    recommended, reason = recommend(rows, changes)
    if any(name == "metric" or name.startswith("features.") for name in parameters):
        reason += " The settings differ in what distance means, so their silhouettes compare only roughly."
    return SweepResult(parameters, _table(settings, rows, recommended), recommended, reason, computed)


def _tried(
    configs: Sequence[Config | str], songs: pl.DataFrame, partition: str, progress: Progress
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return the scores of each setting, or its error, and how often stages were computed."""
    usable = [(i, one) for i, one in enumerate(configs) if isinstance(one, Config)]
    bench = Bench(songs, partition, max((neighbors_needed(one, partition) for _, one in usable), default=0))
    rows: list[dict[str, Any]] = [{"error": one} if isinstance(one, str) else {} for one in configs]
    for done, (i, one) in enumerate(sorted(usable, key=lambda pair: (*_keys(pair[1]), pair[0]))):
        progress(_STAGE, done / len(usable))
        start = time.perf_counter()
        try:
            rows[i] = bench.scores(one)
        except (SongscapeError, MemoryError) as error:
            rows[i] = {"error": str(error) or "The machine's memory is used up."}
        rows[i]["seconds"] = round(time.perf_counter() - start, 2)
    progress(_STAGE, 1.0)
    return rows, dict(bench.computed)


class Bench:
    """The stages on one catalog, each with its last result.

    Parameters
    ----------
    songs : polars.DataFrame
        One row a song.
    partition : str
        What is scored.
    k : int
        The most neighbors that any config needs, see `neighbors_needed`.
    """

    def __init__(self, songs: pl.DataFrame, partition: str, k: int) -> None:
        self.computed: Counter[str] = Counter()
        self._songs, self._partition, self._k = songs, partition, k
        self._last: dict[str, tuple[Any, Any]] = {}

    def scores(self, config: Config) -> dict[str, Any]:
        """Return the scores of a setting."""
        features, neighbors, layout, groups = _keys(config)
        X = self._once("features", features, lambda: scale_features(self._songs, config.features).X)
        graph = self._once("neighbors", neighbors, lambda: self._neighbors(X, config))
        hubs = self._once("hubs", neighbors, lambda: _hub_scores(graph.first(config.evaluation.k)))
        near = graph.first(config.embedding.n_neighbors - 1)
        embedding = self._once("embedding", layout, lambda: embed(X, near, config.embedding))
        on_map = self._once("map scores", layout, lambda: _map_scores(X, graph, embedding, config))
        labels = self._once(self._partition, groups, lambda: self._labels(X, graph, embedding, config))
        return (
            _partition_scores(X, embedding, labels, held_out_labels(self._songs, config.features), config)
            | on_map
            | hubs
        )

    @property
    def labels(self) -> Int32:
        """The groups that were scored last, int32 (n_songs,)."""
        return cast(Int32, self._last[self._partition][1])

    def _once(self, stage: str, key: Any, make: Callable[[], Value]) -> Value:
        if stage not in self._last or self._last[stage][0] != key:
            self._last.pop(stage, None)  # two results of one stage need not fit into memory
            self._last[stage] = (key, make())
            self.computed[stage] += 1
        return cast(Value, self._last[stage][1])

    def _neighbors(self, X: Float32, config: Config) -> NeighborGraph:
        return build_neighbors(X, self._k, config.metric, search=config.search)

    def _labels(self, X: Float32, graph: NeighborGraph, embedding: Float32, config: Config) -> Int32:
        if self._partition == "clusters":
            return cluster(embedding, config.clustering.at_size(len(X))).labels
        seed = config.embedding.random_state
        return group_songs(X, graph, embedding, config.groups, random_state=seed).scale(self._partition).labels


def _hub_scores(graph: NeighborGraph) -> dict[str, Any]:
    occurrence = k_occurrence(graph.indices, graph.n_rows)
    return {"hub_skewness": plain(skewness_of(occurrence)), "never_neighbor": plain(float((occurrence == 0).mean()))}


def _map_scores(X: Float32, graph: NeighborGraph, embedding: Float32, config: Config) -> dict[str, Any]:
    kept = evaluate_map(X, graph, embedding, params=config.evaluation)
    names = ("trustworthiness", "continuity", "neighborhood_preservation", "global_rank_correlation")
    return {name: plain(getattr(kept, name).value) for name in names}


def _partition_scores(
    X: Float32, embedding: Float32, labels: Int32, held_out: Mapping[str, Int32], config: Config
) -> dict[str, Any]:
    params = config.evaluation
    rows = X - X.mean(axis=1, keepdims=True) if config.metric == "correlation" else X
    metric = silhouette_metric(config)
    inside = evaluate_clusters(rows, labels, metric=metric, params=params)
    on_map = evaluate_clusters(embedding, labels, params=params)
    dense = evaluate_density(rows, labels, metric=metric, params=params)
    scores = {
        "n_groups": len(inside.clusters),
        "coverage": plain(inside.coverage),
        "largest": float(inside.cluster_sizes.max(initial=0) / len(labels)),
        "silhouette_features": plain(inside.silhouette),
        "silhouette_features_null": plain(inside.null.value),
        "silhouette_gain": plain((inside.silhouette - inside.null.value) * inside.coverage),
        "silhouette_map": plain(on_map.silhouette),
        "silhouette_map_null": plain(on_map.null.value),
        "dbcv_features": plain(dense.dbcv.value),
        "dbcv_features_null": plain(dense.null.value),
    }
    for name, codes in held_out.items():
        agreement = evaluate_agreement(labels, codes, noise="a group", params=params)
        half = agreement.ami.high - agreement.ami.value
        scores |= {f"ami_{name}": plain(agreement.ami.value), f"ami_{name}_half": plain(half)}
    return scores


def _keys(config: Config) -> tuple[str, str, str, str]:
    """Return what the results of features, neighbors, map and groups depend on; each begins with the one before."""
    sections = (
        config.features.model_dump(),
        [config.metric, config.search],
        config.embedding.model_dump(),
        [config.clustering.model_dump(), config.groups.model_dump()],
    )
    texts = [json.dumps(section, sort_keys=True) for section in sections]
    features, neighbors, layout, groups = itertools.accumulate(texts, lambda before, text: f"{before}\n{text}")
    return features, neighbors, layout, groups


def neighbors_needed(config: Config, partition: str) -> int:
    """Return how many neighbors of each song a config needs."""
    dense = DENSE_NEIGHBORS if partition != "clusters" and config.groups.space == "dense" else 0
    return max(config.embedding.n_neighbors - 1, config.evaluation.k, dense - 1)


def _checked(grid: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """Return the grid by full names."""
    if not grid or any(isinstance(values, str) or not len(values) for values in grid.values()):
        raise ParameterError(must_be("grid", "a table of parameters, each with a list of values", dict(grid)))
    n_settings = math.prod(len(values) for values in grid.values())
    if n_settings > _MAX_SETTINGS:
        raise ParameterError(must_be("grid", f"one of at most {_MAX_SETTINGS} settings", n_settings))
    return {_full_name(name): list(values) for name, values in grid.items()}


def parameter_names() -> list[str]:
    """Return the dotted names of all parameters that can be varied.

    Examples
    --------
    >>> [name for name in parameter_names() if name.endswith("min_dist") or name == "metric"]
    ['metric', 'embedding.min_dist']
    """
    names = []
    for section, field in Config.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Params):
            names += [f"{section}.{name}" for name in field.annotation.model_fields]
        else:
            names.append(section)
    blocks = [f"features.blocks.{block}" for block in BLOCKS]
    return [name for name in names if not name.startswith("read.") and name != "features.blocks"] + blocks


def _full_name(name: str) -> str:
    known = parameter_names()
    found = [full for full in known if full == name or full.endswith(f".{name}")]
    if len(found) != 1:
        more = f" It may be {' or '.join(found)}." if found else did_you_mean(name, known)
        raise ParameterError(f"Unknown parameter '{name}'.{more} Write it as in embedding.n_neighbors.")
    return found[0]


def value_of(config: Config, name: str) -> Any:
    """Return a parameter by its dotted name; the weight of a block that is not set is its default."""
    section, _, rest = name.partition(".")
    if rest.startswith("blocks."):
        return config.features.block_weight(rest.removeprefix("blocks."))
    return getattr(getattr(config, section), rest) if rest else getattr(config, section)


def configured(base: Config, setting: Mapping[str, Any]) -> Config | str:
    """Return the base with the values of a setting, or why that cannot be."""
    values = base.model_dump()
    for name, value in setting.items():
        *sections, last = name.split(".")
        place = values
        for section in sections:
            place = place[section]
        place[last] = value
    try:
        return Config(**values)
    except ParameterError as error:
        return str(error)


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value).lower()


def _table(settings: list[dict[str, Any]], rows: list[dict[str, Any]], recommended: int | None) -> pl.DataFrame:
    scores = list(dict.fromkeys(name for row in rows for name in row if name not in ("seconds", "error")))
    columns: dict[str, Any] = {name: [_text(setting[name]) for setting in settings] for name in settings[0]}
    for name in scores:
        columns[name] = pl.Series(
            [row.get(name) for row in rows], dtype=pl.Int64 if name == "n_groups" else pl.Float64
        )
    columns["seconds"] = pl.Series([row.get("seconds") for row in rows], dtype=pl.Float64)
    columns["error"] = pl.Series([row.get("error") for row in rows], dtype=pl.String)
    columns["recommended"] = [i == recommended for i in range(len(rows))]
    return pl.DataFrame(columns)
