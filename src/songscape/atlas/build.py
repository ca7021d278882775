"""Joins the stages: features, one neighbor graph, map, clusters, scores.

Everything is fitted on songs, one representative track each; the other tracks of a song get its place. So a song that
stands in the catalog ten times does not fake a dense place on the map.
"""

import contextlib
import os
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np
import polars as pl

from songscape.atlas.grouping import DENSE_NEIGHBORS, group_songs
from songscape.atlas.meaning import describe_songs
from songscape.atlas.quality import Partition, held_out_labels
from songscape.atlas.record import Atlas, RunInfo, representatives
from songscape.atlas.scoring import CLUSTERS, Scored, score_partitions, score_songs, silhouettes_of_groups
from songscape.atlas.stability import catalog_fits, measure_stability, stability_scores
from songscape.atlas.stages import CLUSTERING, EMBEDDING, GROUPS, NEIGHBORS, PARTITIONS, SCORED, Stages
from songscape.catalog import Catalog
from songscape.clustering import cluster
from songscape.config import Config, MapClusteringParams
from songscape.embedding import embed
from songscape.errors import ParameterError, must_be
from songscape.features import apply_features, scale_features
from songscape.memory import build_memory, peak_memory, require_memory
from songscape.neighbors import build_neighbors
from songscape.progress import Progress, silent
from songscape.threads import alongside, thread_count
from songscape.types import Clustering, FeatureMatrix, Float32, Groups, Int32, NeighborGraph

MIN_NEIGHBORS = 15
"""Neighbors kept for every track, whatever the map needs: scores and playlists look at them."""

_FEWER = 0.9  # share of the groups that were asked for; that a few are missing is not worth a word


def build_atlas(
    catalog: Catalog, config: Config | None = None, *, stages: Stages | None = None, progress: Progress = silent
) -> Atlas:
    """Build the atlas of a catalog: map, clusters and scores.

    Parameters
    ----------
    catalog : Catalog
        From `songscape.read_catalog`.
    config : Config, optional
        The parameters of all stages; their section ``read`` has done its work already.
    stages : songscape.atlas.stages.Stages, optional
        Where finished stages are kept, and taken from if an earlier build was stopped.
    progress : callable, optional
        Called with the stages features, neighbors, embedding, clustering, groups, evaluation, interpretation and a
        fraction in [0, 1].

    Returns
    -------
    Atlas
        The same arrays, bit by bit, for the same catalog and config, on any number of threads.

    Raises
    ------
    InputError
        If the catalog has no tracks or no usable audio features.
    ParameterError
        If `catalog` is something else, or the map has fewer than two dimensions.
    ResourceError
        If more memory is needed than the machine (unless ``config.check_memory`` is off) or ``config.memory`` leaves.

    Examples
    --------
    >>> import songscape
    >>> catalog = songscape.read_catalog(songscape.synthesize_tracks(500, random_state=0))
    >>> atlas = songscape.build_atlas(catalog)
    >>> atlas.embedding.shape
    (500, 2)
    """
    if not isinstance(catalog, Catalog):
        raise ParameterError(must_be("catalog", "a Catalog, from songscape.read_catalog", type(catalog)))
    config = config or Config()
    songs = representatives(catalog.tracks)
    config = _effective(config, len(songs))
    timings = {"read": catalog.seconds}
    with _timed("features", timings, progress):
        fitted = scale_features(catalog.tracks[songs], config.features)
        features = apply_features(catalog.tracks, fitted)
    _require_memory(len(catalog), fitted.X.shape[1], config)
    stages = stages or Stages(None)
    fit = _fit(fitted.X, config, stages, timings, progress)
    judged = _judge(fit, fitted.X, catalog.tracks[songs], config, stages, timings, progress)
    song_of = np.asarray(catalog.tracks["version_family"].to_numpy(), dtype=np.int32)
    fallbacks = [*_fallbacks(catalog, features, fit.neighbors, config), *_fewer_groups(fit.groups, config)]
    return Atlas(
        catalog,
        features,
        _of_tracks(fit.neighbors.first(_kept(config)), songs, song_of),
        fit.embedding[song_of],
        fit.clustering,
        fit.groups,
        judged.cards,
        judged.partitions[CLUSTERS].silhouettes[song_of],
        judged.scored.trust[song_of],
        judged.scored.continuity[song_of],
        judged.scored.scores,
        config,
        RunInfo(timings, peak_memory(), fallbacks, _environment()),
    )


@dataclass(frozen=True, slots=True)
class _Fit:
    """What the stages make of songs, one row a song."""

    neighbors: NeighborGraph
    embedding: Float32
    clustering: Clustering
    groups: Groups


@dataclass(frozen=True, slots=True)
class _Judged:
    """What scores and cards say of a fit."""

    partitions: dict[str, Partition]
    scored: Scored
    cards: dict[str, list[dict[str, Any]]]


def _fit(X: Float32, config: Config, stages: Stages, timings: dict[str, float], progress: Progress) -> _Fit:
    """Run the stages from the features of songs to their groups, or take them from where they are kept."""
    k = _found(config)
    with _timed("neighbors", timings, progress):
        find = partial(build_neighbors, X, k, config.metric, search=config.search, progress=progress)
        neighbors = stages.run("neighbors", [X, k, config.metric, config.search], NEIGHBORS, find)
    with _timed("embedding", timings, progress):
        near = neighbors.first(config.embedding.n_neighbors - 1)
        draw = partial(embed, X, near, config.embedding, progress=progress)
        embedding = stages.run("embedding", [X, near, config.embedding], EMBEDDING, draw)
    with _timed("clustering", timings, progress):
        sizes = config.clustering.at_size(len(X))
        clustering = stages.run(
            "clustering", [embedding, sizes], CLUSTERING, partial(cluster, embedding, sizes, progress=progress)
        )
    with _timed("groups", timings, progress):
        seed = config.embedding.random_state
        join = partial(group_songs, X, neighbors, embedding, config.groups, random_state=seed, progress=progress)
        groups = stages.run("groups", [X, neighbors, embedding, config.groups, seed], GROUPS, join)
    return _Fit(neighbors, embedding, clustering, groups)


def _judge(
    fit: _Fit,
    X: Float32,
    songs: pl.DataFrame,
    config: Config,
    stages: Stages,
    timings: dict[str, float],
    progress: Progress,
) -> _Judged:
    """Score a fit, and describe its groups beside that: cards are Python, on a core that scores leave at times."""
    near, held_out = fit.neighbors.first(_kept(config)), held_out_labels(songs, config.features)
    of_fit = fit.embedding, fit.clustering.labels, fit.groups
    with contextlib.ExitStack() as meanwhile:
        with _timed("evaluation", timings, progress):
            known = [X, *of_fit, config.metric, config.evaluation]
            measure = partial(score_partitions, X, *of_fit, config, progress=progress)
            partitions = stages.run("silhouettes", known, PARTITIONS, measure)
            silhouettes = silhouettes_of_groups(partitions)
            describe = partial(describe_songs, fit.groups, songs, X, fit.neighbors, silhouettes, config.features)
            described = meanwhile.enter_context(alongside(describe))
            score = partial(score_songs, X, near, fit.embedding, partitions, fit.groups, config, held_out=held_out)
            scored = stages.run("evaluation", [*known, near, held_out], SCORED, partial(score, progress=progress))
        with _timed("interpretation", timings, progress):
            cards = described()
    return _Judged(partitions, scored, cards)


def _require_memory(n_tracks: int, n_features: int, config: Config) -> None:
    """Raise `ResourceError` if an atlas needs more memory than there is, or than the config allows."""
    if config.check_memory or config.memory:
        needed = memory_of_build(n_tracks, n_features, config)
        require_memory(needed, f"An atlas of {n_tracks} tracks", config.memory_bytes)


def memory_of_build(n_tracks: int, n_features: int, config: Config) -> int:
    """Return about how many bytes more a process that holds a catalog needs to build its atlas and to save it."""
    return build_memory(n_tracks, n_features, _found(config))


def _found(config: Config) -> int:
    """Return how many neighbors of each song are looked for."""
    return max(_kept(config), DENSE_NEIGHBORS - 1 if config.groups.space == "dense" else 0)


def _kept(config: Config) -> int:
    """Return how many neighbors of each track an atlas keeps."""
    return max(config.embedding.n_neighbors - 1, config.evaluation.k, MIN_NEIGHBORS)


def _effective(config: Config, n_songs: int) -> Config:
    """Return the config with the sizes filled in that follow from the catalog."""
    dimensions = config.embedding.n_components
    if dimensions < 2:
        raise ParameterError(
            must_be("n_components", "an int in [2, 64] for an atlas, whose map is drawn", dimensions)
        )
    return config.with_changes(clustering=MapClusteringParams(**dict(config.clustering.at_size(n_songs))))


def evaluate(atlas: Atlas, *, stability: int = 0, progress: Progress = silent) -> dict[str, Any]:
    """Compute the scores of an atlas anew from its arrays.

    Parameters
    ----------
    atlas : Atlas
        From `songscape.build_atlas` or `songscape.load_atlas`.
    stability : int
        How many parts of the songs are fitted anew, from scratch, to see which groups come back; 0: none. Ten take
        about as long as three builds.
    progress : callable, optional
        Called with the stages evaluation and stability, and a fraction in [0, 1].

    Returns
    -------
    dict
        Plain data, as in ``run.json``: see ``docs/quality.md`` for each score, its null and its reading. Where a
        score means nothing (a silhouette with one cluster), it is None. All count songs, not tracks. What was asked
        for with `stability` stands under that name, or what the atlas keeps of it: see `songscape.keep_stability`.

    Raises
    ------
    ParameterError
        If `atlas` is something else, or `stability` is 1 or less than 0.

    Examples
    --------
    >>> import songscape
    >>> catalog = songscape.read_catalog(songscape.synthesize_tracks(500, random_state=0))
    >>> atlas = songscape.build_atlas(catalog)
    >>> songscape.evaluate(atlas) == atlas.scores
    True
    """
    if not isinstance(atlas, Atlas):
        raise ParameterError(must_be("atlas", "an Atlas, from songscape.build_atlas or load_atlas", type(atlas)))
    if isinstance(stability, bool) or not isinstance(stability, int) or stability == 1 or stability < 0:
        raise ParameterError(must_be("stability", "0, or an int of at least 2", stability))
    songs, song_of = atlas.songs, atlas.song_of
    neighbors = NeighborGraph(
        song_of[atlas.neighbors.indices[songs]],
        atlas.neighbors.distances[songs],
        atlas.neighbors.metric,
        atlas.neighbors.recall,
    )
    rows, X, embedding = atlas.catalog.tracks[songs], atlas.X[songs], atlas.embedding[songs]
    labels, groups, config = atlas.clustering.labels, atlas.groups, atlas.config
    partitions = score_partitions(X, embedding, labels, groups, config, progress=progress)
    held_out = held_out_labels(rows, config.features)
    scored = score_songs(X, neighbors, embedding, partitions, groups, config, held_out=held_out, progress=progress)
    scores = scored.scores
    if stability == 0:
        return scores | {name: atlas.scores[name] for name in ("stability",) if name in atlas.scores}
    fit, null = catalog_fits(rows, atlas.config, clusters=False)
    reference = {scale.name: scale.nearest for scale in atlas.groups.scales}
    seed = atlas.config.embedding.random_state
    measured = measure_stability(
        fit, reference, n_subsamples=stability, null=null, random_state=seed, progress=progress
    )
    return scores | {"stability": stability_scores(measured)}


@contextlib.contextmanager
def _timed(stage: str, timings: dict[str, float], progress: Progress) -> Iterator[None]:
    progress(stage, 0.0)
    start = time.perf_counter()
    yield
    timings[stage] = time.perf_counter() - start
    progress(stage, 1.0)


def _of_tracks(graph: NeighborGraph, songs: Int32, song_of: Int32) -> NeighborGraph:
    """Return the graph with a row per track: the neighbors of its song, as rows of representative tracks."""
    if len(songs) == len(song_of):
        return graph
    return NeighborGraph(songs[graph.indices][song_of], graph.distances[song_of], graph.metric, graph.recall)


def _fallbacks(catalog: Catalog, features: FeatureMatrix, neighbors: NeighborGraph, config: Config) -> list[str]:
    """Say in a sentence each what was done otherwise than asked for."""
    files = catalog.notes.get("files", [])
    found = [f"'{file['file']}': {file['fallback']}." for file in files if "fallback" in file]
    found += filter(None, [catalog.nameless()])
    in_files = {name for file in files for name in file["columns"]}
    left_out = {name: reason for name, reason in features.left_out.items() if name in in_files}
    found += [f"The feature '{name}' is left out: {reason}." for name, reason in left_out.items()]
    absent = [name for name in features.left_out if name not in in_files]
    if absent:
        strange = catalog.unrecognized()
        named = f" Columns that were not recognized: {', '.join(strange[:5])}." if strange else ""
        found.append(f"Not in the catalog: {', '.join(absent)}.{named}")
    if config.features.discount_artists and features.discount.reason and "artists" in in_files:
        found.append(f"Artists are not discounted, and features weigh as set by hand: {features.discount.reason}.")
    wanted = config.embedding.n_neighbors
    if neighbors.k < wanted - 1:
        found.append(f"n_neighbors is {wanted} and there are {neighbors.n_rows} songs: all of them are neighbors.")
    if config.metric in ("manhattan", "chebyshev"):
        found.append(f"Silhouettes in feature space are Euclidean: there are no exact ones for '{config.metric}'.")
    if neighbors.recall < 1.0:
        found.append(f"The neighbors are approximate: {neighbors.recall:.1%} of the true ones were found.")
    return found


def _fewer_groups(groups: Groups, config: Config) -> Iterator[str]:
    """Say where markedly fewer groups were found than asked for."""
    fewer = [
        f"{scale.name} {scale.n_groups} of {wanted}"
        for scale in groups.scales
        if scale.n_groups < _FEWER * (wanted := getattr(config.groups, f"n_{scale.name}"))
    ]
    if fewer:
        yield (
            f"There are fewer groups than asked for: {', '.join(fewer)}. The map of these songs has no more dense"
            " cores; a smaller --core-size finds more."
        )


def _environment() -> dict[str, str | int]:
    libraries = {name: version(name) for name in ("numpy", "numba", "polars", "scipy", "matplotlib")}
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cores": os.cpu_count() or 1,
        "threads": thread_count(),
        **libraries,
    }
