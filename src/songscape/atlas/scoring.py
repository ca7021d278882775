"""The scores of an atlas as plain data: what ``run.json`` holds and `songscape.evaluate` returns."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from songscape.atlas.grouping import coverage_prices
from songscape.atlas.quality import Partition, score_quality
from songscape.config import Config
from songscape.evaluation import ClusterScores, Estimate, MapScores, evaluate_clusters, evaluate_map
from songscape.progress import Progress, part_of, silent
from songscape.threads import run_tasks
from songscape.types import Float32, Groups, Int32, NeighborGraph

CLUSTERS = "clusters"
"""The name of HDBSCAN's clusters among partitions; the others are scales of groups."""

_STAGE = "evaluation"
_OF_PARTITION = ("labels", "in_features", "on_map")
MAP_SCORES = ("trustworthiness", "continuity", "neighborhood_preservation", "global_rank_correlation")


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores, and what songs score by themselves, float32 (n_songs,).

    Attributes
    ----------
    scores : dict
        Plain data.
    trust, continuity : float32, shape (n_songs,)
        What the map keeps of each song's surroundings, see `songscape.evaluation.local_trust`; NaN with fewer than
        three songs.
    """

    scores: dict[str, Any]
    trust: Float32
    continuity: Float32


def score_songs(
    X: Float32,
    neighbors: NeighborGraph,
    embedding: Float32,
    partitions: Mapping[str, Partition],
    groups: Groups,
    config: Config,
    *,
    held_out: Mapping[str, Int32] | None = None,
    progress: Progress = silent,
) -> Scored:
    """Compute all scores of songs, their map, their clusters and their groups, beside the silhouettes.

    Parameters
    ----------
    X : float32, shape (n_songs, n_features)
        Scaled features.
    neighbors : NeighborGraph
        Of the rows of `X`.
    embedding : float32, shape (n_songs, n_components)
        The map.
    partitions : dict of str to Partition
        From `score_partitions`.
    groups : Groups
        Of the same songs.
    config : Config
        ``metric`` and the section ``evaluation`` count.
    held_out : dict of str to int32, shape (n_songs,), optional
        What agreement is measured with, see `songscape.atlas.quality.held_out_labels`.
    progress : callable
        Called with the stage evaluation and a fraction in [0, 1].
    """
    params = config.evaluation
    kept = evaluate_map(X, neighbors, embedding, params=params, progress=part_of(progress, _STAGE, 0.45, 0.65))
    labels, in_features, on_map = (getattr(partitions[CLUSTERS], what) for what in _OF_PARTITION)
    rest = part_of(progress, _STAGE, 0.65, 1.0)
    quality = score_quality(X, neighbors, embedding, partitions, held_out or {}, config, progress=rest)
    scores = {
        "n_songs": len(labels),
        "n_clusters": len(in_features.clusters),
        "noise_fraction": _plain(1.0 - in_features.coverage),
        "coverage": _plain(in_features.coverage),
        "largest_cluster_fraction": _plain(in_features.cluster_sizes.max(initial=0) / len(labels)),
        **_silhouettes(in_features, on_map),
        **_map_scores(kept),
        "intervals": _intervals(in_features, on_map, kept),
        "readings": {"silhouette_features": in_features.reading, "silhouette_map": _on_map(on_map.reading)},
        "clusters": _clusters(in_features, on_map),
        "groups": {name: _group_scores(found.in_features) for name, found in _of_groups(partitions)},
        "quality": quality.scores,
        "coverage_prices": _prices(_rows(X, config), groups, held_out or {}, config),
    }
    return Scored(scores, quality.trust, quality.continuity)


def score_partitions(
    X: Float32, embedding: Float32, labels: Int32, groups: Groups, config: Config, *, progress: Progress = silent
) -> dict[str, Partition]:
    """Return clusters (labels from 0 by falling size; −1 for noise) and groups by scale with their silhouettes."""
    params, metric = config.evaluation, silhouette_metric(config)
    rows = _rows(X, config)
    partitions = {CLUSTERS: labels} | {scale.name: scale.labels for scale in groups.scales}
    found = run_tasks(
        [partial(evaluate_clusters, rows, given, metric=metric, params=params) for given in partitions.values()]
        + [partial(evaluate_clusters, embedding, given, params=params) for given in partitions.values()],
        report=partial(part_of(progress, _STAGE, 0.0, 0.45), _STAGE),
    )
    scored = zip(partitions.items(), found[: len(partitions)], found[len(partitions) :], strict=True)
    return {name: Partition(given, in_features, on_map) for (name, given), in_features, on_map in scored}


def silhouettes_of_groups(partitions: Mapping[str, Partition]) -> dict[str, Float32]:
    """Return by scale the silhouettes of songs among its groups, float32 (n_songs,); NaN for songs outside."""
    return {name: found.silhouettes for name, found in _of_groups(partitions)}


def _of_groups(partitions: Mapping[str, Partition]) -> list[tuple[str, Partition]]:
    return [(name, found) for name, found in partitions.items() if name != CLUSTERS]


def _rows(X: Float32, config: Config) -> Float32:
    """Return the rows whose distances silhouettes measure."""
    return X - X.mean(axis=1, keepdims=True) if config.metric == "correlation" else X


def _prices(
    X: Float32, groups: Groups, held_out: Mapping[str, Int32], config: Config
) -> dict[str, list[dict[str, float | None]]]:
    """Return by scale what each coverage costs; purity is that of genres."""
    seed, genres = config.evaluation.random_state, held_out.get("genre")
    return {scale.name: coverage_prices(X, groups, scale.name, genres, random_state=seed) for scale in groups.scales}


def _on_map(reading: str) -> str:
    """Return a reading for the map, where groups lie farther apart than in the features: that is what UMAP does."""
    return reading.replace("strong, rare outside synthetic data", "strong, as maps draw groups; trust the features")


def silhouette_metric(config: Config) -> Literal["euclidean", "cosine"]:
    """Return the metric of silhouettes in feature space: the config's where it is one of the two that are exact."""
    return "cosine" if config.metric in ("cosine", "correlation") else "euclidean"


def _silhouettes(in_features: ClusterScores, on_map: ClusterScores) -> dict[str, float | str | None]:
    return {
        "silhouette_metric": in_features.metric,
        "silhouette_features": _plain(in_features.silhouette),
        "silhouette_features_null": _plain(in_features.null.value),
        "silhouette_features_penalized": _plain(in_features.silhouette_penalized),
        "silhouette_map": _plain(on_map.silhouette),
        "silhouette_map_null": _plain(on_map.null.value),
        "silhouette_map_penalized": _plain(on_map.silhouette_penalized),
    }


def _group_scores(found: ClusterScores) -> dict[str, Any]:
    """Return the scores of the groups of one scale."""
    return {
        "n_groups": len(found.clusters),
        "coverage": _plain(found.coverage),
        "largest_group_fraction": _plain(found.cluster_sizes.max(initial=0) / len(found.samples)),
        "silhouette_features": _plain(found.silhouette),
        "silhouette_features_interval": _of_silhouettes(found),
        "silhouette_features_null": _plain(found.null.value),
        "reading": found.reading,
    }


def _map_scores(kept: MapScores) -> dict[str, float | int | None]:
    scores: dict[str, float | int | None] = {"k": kept.k}
    for name in MAP_SCORES:
        scores[name] = _plain(getattr(kept, name).value)
        scores[f"{name}_null"] = _plain(getattr(kept, f"{name}_null"))
    return scores


def _intervals(in_features: ClusterScores, on_map: ClusterScores, kept: MapScores) -> dict[str, dict[str, Any]]:
    """Return low, high and the number of samples of each score that left something to chance."""
    estimates = {name: getattr(kept, name) for name in MAP_SCORES}
    estimates |= {"silhouette_features_null": in_features.null, "silhouette_map_null": on_map.null}
    intervals = {name: _interval(estimate) for name, estimate in estimates.items()}
    intervals |= {"silhouette_features": _of_silhouettes(in_features), "silhouette_map": _of_silhouettes(on_map)}
    return {name: interval for name, interval in intervals.items() if interval is not None}


def _of_silhouettes(found: ClusterScores) -> dict[str, Any] | None:
    interval = _interval(found.estimate)
    return None if interval is None else interval | {"row_error": found.row_error}


def _interval(estimate: Estimate) -> dict[str, Any] | None:
    """Return low, high and the number of samples; None for a score that left nothing to chance, or is unknown."""
    if estimate.is_exact or math.isnan(estimate.value):
        return None
    return {"low": estimate.low, "high": estimate.high, "n_sampled": estimate.n_sampled}


def _clusters(in_features: ClusterScores, on_map: ClusterScores) -> list[dict[str, float | int | None]]:
    return [
        {
            "cluster": int(label),
            "songs": int(size),
            "silhouette_features": _plain(near),
            "silhouette_map": _plain(seen),
        }
        for label, size, near, seen in zip(
            in_features.clusters,
            in_features.cluster_sizes,
            in_features.cluster_silhouettes,
            on_map.cluster_silhouettes,
            strict=True,
        )
    ]


def _plain(value: float) -> float | None:
    """Return a Python float; None where the score means nothing, since JSON has no NaN."""
    return None if math.isnan(value) else float(value)
