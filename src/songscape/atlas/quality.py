"""The scores beyond silhouettes and trust of the whole map, as plain data: `docs/quality.md` tells how to read
them.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.config import Config, FeatureParams
from songscape.directions import unit_rows
from songscape.evaluation import ClusterScores, Estimate
from songscape.evaluation.agreement import Agreement, evaluate_agreement
from songscape.evaluation.density import DensityScores, evaluate_density
from songscape.evaluation.hubness import Hubness, evaluate_hubness
from songscape.evaluation.local_trust import LocalTrust, evaluate_local_trust
from songscape.evaluation.spaces import check_space
from songscape.evaluation.tears import Tears, evaluate_tears
from songscape.progress import Progress, silent
from songscape.threads import run_tasks
from songscape.types import Float32, Float64, Int32, NeighborGraph

MAX_CATEGORIES = 40
"""The most frequent genres or emotions that agreement is measured with."""

_QUANTILES = np.linspace(1.0, 0.0, 21)
_SPREAD = (0.05, 0.25, 0.5, 0.75, 0.95)
_MAX_GAPS = 20
_STAGE = "quality"


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """Scores as plain data, and how far the place of each song on the map may be trusted.

    Attributes
    ----------
    scores : dict
        ``hubness``, ``local_trust``, and under ``partitions`` those of the clusters and of the groups of each scale.
    trust, continuity : float32, shape (n_songs,)
        See `songscape.evaluation.local_trust`.
    """

    scores: dict[str, Any]
    trust: Float32
    continuity: Float32


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """Groups of songs, int32 (n_songs,), −1 for none, and their silhouettes."""

    labels: Int32
    in_features: ClusterScores
    on_map: ClusterScores

    @property
    def silhouettes(self) -> Float32:
        """In features, float32 (n_songs,); NaN for songs outside."""
        return self.in_features.samples.astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Songs, their neighbors and their map: what partitions are looked at in.

    Attributes
    ----------
    X : float32, shape (n_songs, n_features)
        Scaled features; directions for the metrics cosine and correlation.
    neighbors : NeighborGraph
        Of the songs, in features.
    embedding : float32, shape (n_songs, n_components)
        The map.
    near_on_map : int32, shape (n_songs, k)
        The nearest songs on the map.
    """

    X: Float32
    neighbors: NeighborGraph
    embedding: Float32
    near_on_map: Int32

    @classmethod
    def of(cls, X: Float32, neighbors: NeighborGraph, embedding: Float32, config: Config) -> "Scene":
        """Return the scene, neighbors on the map found."""
        near = check_space(embedding, "euclidean").nearest(min(neighbors.k, config.evaluation.k))
        if config.metric in ("cosine", "correlation"):
            X = unit_rows(X, centered=config.metric == "correlation").astype(np.float32)
        return cls(X, neighbors, embedding, near)


def score_quality(
    X: Float32,
    neighbors: NeighborGraph,
    embedding: Float32,
    partitions: Mapping[str, Partition],
    held_out: Mapping[str, Int32],
    config: Config,
    *,
    progress: Progress = silent,
) -> Quality:
    """Score hubs, the trust of each place, and density, agreement and tears of each partition.

    Parameters
    ----------
    X : float32, shape (n_songs, n_features)
        Scaled features.
    neighbors : NeighborGraph
        Of the rows of `X`.
    embedding : float32, shape (n_songs, n_components)
        The map.
    partitions : dict of str to Partition
        By name.
    held_out : dict of str to int32, shape (n_songs,)
        Labels that were no part of the features, as numbers, −1 where unknown; see `held_out_labels`.
    config : Config
        ``metric`` and the section ``evaluation`` count.
    progress : callable
        Called with the stage quality and a fraction in [0, 1].

    Examples
    --------
    >>> from songscape.evaluation import evaluate_clusters
    >>> from songscape.neighbors import build_neighbors
    >>> X = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)
    >>> labels = (X[:, 0] > 0).astype(np.int32)
    >>> halves = Partition(labels, evaluate_clusters(X, labels), evaluate_clusters(X[:, :2], labels))
    >>> quality = score_quality(X, build_neighbors(X, 15), X[:, :2], {"halves": halves}, {}, Config())
    >>> quality.scores["partitions"]["halves"]["n_groups"], quality.trust.shape
    (2, (300,))
    """
    progress(_STAGE, 0.0)
    scene = Scene.of(X, neighbors, embedding, config)
    hubness = evaluate_hubness(X, neighbors, params=config.evaluation)
    progress(_STAGE, 0.15)
    local = evaluate_local_trust(X, neighbors, embedding, near_on_map=scene.near_on_map, params=config.evaluation)
    progress(_STAGE, 0.3)
    found = run_tasks(
        [partial(_score_partition, scene, one, local, held_out, config) for one in partitions.values()],
        report=lambda done: progress(_STAGE, 0.3 + 0.7 * done),
    )
    by_name = dict(zip(partitions, found, strict=True))
    progress(_STAGE, 1.0)
    scores = {"hubness": _hubness(hubness), "local_trust": _local_trust(local), "partitions": by_name}
    return Quality(scores, local.trust, local.continuity)


def held_out_labels(songs: pl.DataFrame, features: FeatureParams) -> dict[str, Int32]:
    """Return genre, emotion and decade of songs as numbers, of those that are no part of the features.

    Parameters
    ----------
    songs : polars.DataFrame
        Canonical columns; any of them may be absent or null. Of several genres the first counts.
    features : FeatureParams
        A block of a weight above 0 is not held out.

    Returns
    -------
    dict of str to int32, shape (n_songs,)
        ``genre``, ``emotion``, ``decade``: 0 for the most frequent value, ties by name, up to 40 of them; −1 for
        rarer ones and where unknown. Without a value for any song the entry is missing.

    Examples
    --------
    >>> songs = pl.DataFrame({"emotion": ["joy", "sadness", "joy", None], "year": [1999, 2001, None, 2005]})
    >>> {name: codes.tolist() for name, codes in held_out_labels(songs, FeatureParams()).items()}
    {'emotion': [0, 1, 0, -1], 'decade': [1, 0, -1, 0]}
    """
    columns: dict[str, pl.Series] = {}
    if songs.schema.get("genres") == pl.List(pl.String) and features.block_weight("genre") == 0.0:
        columns["genre"] = songs["genres"].list.first()
    if songs.schema.get("emotion") == pl.String and features.block_weight("emotion") == 0.0:
        columns["emotion"] = songs["emotion"]
    if "year" in songs.columns and songs.schema["year"].is_numeric() and features.block_weight("year") == 0.0:
        columns["decade"] = (songs["year"].cast(pl.Int64) // 10).cast(pl.String)
    return {name: _codes(column) for name, column in columns.items() if column.null_count() < len(column)}


def _codes(column: pl.Series) -> Int32:
    words = column.alias("word").to_frame()
    ranked = words.drop_nulls().group_by("word").len().sort("len", "word", descending=[True, False])
    ranked = ranked.head(MAX_CATEGORIES).select("word", code=pl.int_range(pl.len(), dtype=pl.Int32))
    codes = words.join(ranked, on="word", how="left", maintain_order="left")["code"].fill_null(-1)
    return np.ascontiguousarray(codes.to_numpy(), dtype=np.int32)


def _score_partition(
    scene: Scene,
    partition: Partition,
    local: LocalTrust,
    held_out: Mapping[str, Int32],
    config: Config,
) -> dict[str, Any]:
    params, labels, on_map = config.evaluation, partition.labels, partition.on_map
    silhouettes = partition.silhouettes
    in_features = evaluate_density(scene.X, labels, params=params)
    dense_on_map = evaluate_density(scene.embedding, labels, params=params)
    tears = evaluate_tears(scene.neighbors.first(params.k).indices, scene.near_on_map, labels, params=params)
    n_groups = int(labels.max(initial=-1)) + 1
    sizes = np.bincount(labels[labels >= 0], minlength=n_groups)
    map_silhouettes = np.full(n_groups, np.nan)
    map_silhouettes[on_map.clusters] = on_map.cluster_silhouettes
    means = {
        "silhouette_features": group_means(silhouettes, labels, n_groups),
        "silhouette_map": map_silhouettes,
        "dbcv_features": in_features.validity,
        "trust": group_means(local.trust, labels, n_groups),
        "continuity": group_means(local.continuity, labels, n_groups),
        "wholeness": tears.wholeness,
    }
    return {
        "n_groups": int((sizes > 0).sum()),
        "coverage": plain(float((labels >= 0).mean()) if len(labels) else math.nan),
        "largest": plain(float(sizes.max(initial=0)) / max(len(labels), 1)),
        "silhouette_features": plain(_mean_known(silhouettes)),
        "silhouette_map": plain(on_map.silhouette),
        "silhouette_map_null": plain(on_map.null.value),
        **_density("features", in_features),
        **_density("map", dense_on_map),
        "agreement": {
            name: _agreement(evaluate_agreement(labels, codes, params=params)) for name, codes in held_out.items()
        },
        **_tears(tears),
        "groups": _groups(sizes, means, _quantiles(silhouettes, labels, n_groups)),
    }


def group_means(values: npt.NDArray[np.floating], labels: Int32, n_groups: int) -> Float64:
    """Return the mean of the known values of each group; NaN where none is known."""
    known = (labels >= 0) & np.isfinite(values)
    counts = np.bincount(labels[known], minlength=n_groups)
    sums = np.bincount(labels[known], values[known].astype(np.float64), minlength=n_groups)
    means: Float64 = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return means


def _mean_known(values: Float32) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean(dtype=np.float64)) if len(known) else math.nan


def _quantiles(values: Float32, labels: Int32, n_groups: int) -> list[list[float] | None]:
    """Return 21 values of each group from the highest to the lowest, at equal steps of its rows."""
    rows = np.flatnonzero((labels >= 0) & np.isfinite(values))
    rows = rows[np.lexsort((values[rows], labels[rows]))]
    ends = np.searchsorted(labels[rows], np.arange(n_groups + 1))
    found: list[list[float] | None] = []
    for begin, end in itertools.pairwise(ends):
        at = np.rint(begin + _QUANTILES * (end - begin - 1)).astype(np.int64)
        found.append([round(float(value), 4) for value in values[rows[at]]] if end > begin else None)
    return found


def _groups(
    sizes: npt.NDArray[np.int64], means: Mapping[str, Float64], quantiles: list[list[float] | None]
) -> list[dict[str, Any]]:
    return [
        {
            "group": int(group),
            "songs": int(sizes[group]),
            **{name: plain(float(values[group])) for name, values in means.items()},
            "silhouette_quantiles": quantiles[group],
        }
        for group in np.flatnonzero(sizes)
    ]


def _hubness(found: Hubness) -> dict[str, Any]:
    estimates = [f"{score}_{kind}" for kind in ("thinned", "null", "normal") for score in ("skewness", "never")]
    return {
        "k": found.k,
        "skewness": plain(found.skewness),
        "never": plain(found.never),
        "top_share": plain(found.top_share),
        "most": found.most,
        **{name: plain_estimate(getattr(found, name)) for name in estimates},
    }


def _local_trust(found: LocalTrust) -> dict[str, Any]:
    scores: dict[str, Any] = {"k": found.k, "null": plain(found.null), "n_landmarks": found.n_landmarks}
    for name, values in (("trust", found.trust), ("continuity", found.continuity)):
        known = values if found.k else values[:0]
        spread = np.quantile(known, _SPREAD).tolist() if len(known) else [None] * len(_SPREAD)
        scores[name] = plain(_mean_known(known))
        scores[f"{name}_quantiles"] = spread
        scores[f"{name}_poor_share"] = float((known < found.poor).mean()) if len(known) else None
    return scores | {"poor": plain(found.poor)}


def _density(space: str, found: DensityScores) -> dict[str, Any]:
    return {f"dbcv_{space}": plain_estimate(found.dbcv), f"dbcv_{space}_null": plain_estimate(found.null)}


def _agreement(found: Agreement) -> dict[str, Any]:
    scores = {name: plain_estimate(getattr(found, name)) for name in ("ami", "ami_null", "ari", "ari_null")}
    return {"n_songs": found.n_rows, "share": plain(found.share), **scores}


def _tears(found: Tears) -> dict[str, Any]:
    return {
        "wholeness": plain(found.mean_wholeness),
        "wholeness_null": plain_estimate(found.wholeness_null),
        "torn": [{"group": torn.group, "songs": torn.size, "islands": list(torn.islands)} for torn in found.torn],
        "n_false_gaps": len(found.gaps),
        "false_gaps_null": plain_estimate(found.gaps_null),
        "false_gaps": [
            {
                "group": gap.group,
                "other": gap.other,
                "share_features": gap.share_features,
                "share_map": gap.share_map,
            }
            for gap in found.gaps[:_MAX_GAPS]
        ],
    }


def plain(value: float) -> float | None:
    """Return a Python float; None where the score means nothing, since JSON has no NaN."""
    return None if math.isnan(value) else float(value)


def plain_estimate(found: Estimate) -> dict[str, float | int | None]:
    """Return value and interval of an estimate; the bounds of an exact one equal its value."""
    bounds = {name: plain(getattr(found, name)) for name in ("value", "low", "high")}
    return {**bounds, "n_sampled": found.n_sampled}
