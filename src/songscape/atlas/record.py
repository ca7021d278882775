"""The atlas as a value, and as a folder on the disk.

Track and song. A *track* is a row of the catalog. A *song* is a version family: the tracks that are one song under
several ids or titles. Song number = ``version_family``; each song is fitted once, by its representative track, and
its other tracks stand where it stands. Arrays of an atlas have one row per track, in the order of the catalog; only
the hierarchy (`Atlas.clustering`) has one row per song.

The folder::

    tracks.parquet   the catalog with x, y, cluster, cluster_probability, silhouette, imputed
    arrays.npz       X, the neighbor graph, the embedding, the trees
    map.png map.svg  the map with its clusters
    rejects.csv      rows that could not be used, and why
    run.json         config, inputs, counts, timings, scores, environment; size and hash of the other files
"""

import json
import os
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape import __version__
from songscape.atlas.archive import read_arrays, write_arrays
from songscape.atlas.files import SCHEMA_VERSION, fingerprints, read_run, require_replaceable, require_whole, told
from songscape.atlas.folder import recover, written_aside
from songscape.catalog.record import Catalog
from songscape.config import Config
from songscape.drawing.map import draw_map, picture_map, write_map
from songscape.errors import AtlasError
from songscape.memory import peak_memory
from songscape.progress import Progress, silent
from songscape.types import (
    ArtistDiscount,
    Clustering,
    CondensedTree,
    FeatureColumn,
    FeatureMatrix,
    Float32,
    Int32,
    LinkageTree,
    NeighborGraph,
    SpanningTree,
)

_AXES = ("x", "y", "z")
_RESULTS = ("cluster", "cluster_probability", "silhouette", "imputed")
_ROW_GROUP = 65536
_REJECTS = {"file": pl.String, "line": pl.Int64, "reason": pl.String, "raw": pl.String}

Tree = TypeVar("Tree", SpanningTree, LinkageTree, CondensedTree)


@dataclass(frozen=True, slots=True)
class RunInfo:
    """How an atlas came about: what does not belong to the music.

    Attributes
    ----------
    timings : dict of str to float
        Seconds by stage: read, features, neighbors, embedding, clustering, evaluation.
    peak_memory_bytes : int or None
        The most memory that the process held, as far as the system says.
    fallbacks : list of str
        What was done otherwise than asked for, and why, in a sentence each.
    environment : dict
        Versions of Python and the libraries, the machine, threads.
    """

    timings: dict[str, float]
    peak_memory_bytes: int | None
    fallbacks: list[str]
    environment: dict[str, str | int]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Atlas:
    """A catalog with its map, clusters and scores.

    Attributes
    ----------
    catalog : Catalog
        The tracks, and the account of how they were read.
    features : FeatureMatrix
        What each track became before distances were taken; its center and scale were learned from songs.
    neighbors : NeighborGraph
        For each track the nearest other songs of its song, as row numbers of their representative tracks.
    embedding : float32, shape (n_tracks, n_components)
        Where each track lies on the map.
    clustering : Clustering
        Clusters and hierarchy, one row per *song*; `labels` and `probabilities` have one row per track.
    silhouette : float32, shape (n_tracks,)
        Silhouette in feature space, in [−1, 1]; NaN for noise.
    scores : dict
        Plain data, as `songscape.evaluate` returns it.
    config : Config
        What the atlas was built with, sizes that follow the catalog filled in.
    run : RunInfo
        Timings, memory, fallbacks, environment.
    """

    catalog: Catalog
    features: FeatureMatrix
    neighbors: NeighborGraph
    embedding: Float32
    clustering: Clustering
    silhouette: Float32
    scores: dict[str, Any]
    config: Config
    run: RunInfo

    def __repr__(self) -> str:
        """Return one line: sizes, not the arrays themselves."""
        return f"Atlas({len(self.catalog)} tracks, {len(self.songs)} songs, {self.scores['n_clusters']} clusters)"

    @property
    def X(self) -> Float32:  # noqa: N802 - its name everywhere
        """Scaled features, float32 (n_tracks, n_features)."""
        return self.features.X

    @property
    def songs(self) -> Int32:
        """The representative track of each song, int32 (n_songs,)."""
        return representatives(self.catalog.tracks)

    @property
    def song_of(self) -> Int32:
        """The song of each track, int32 (n_tracks,)."""
        return np.asarray(self.catalog.tracks["version_family"].to_numpy(), dtype=np.int32)

    @property
    def labels(self) -> Int32:
        """The cluster of each track, int32 (n_tracks,); −1 for noise."""
        return self.clustering.labels[self.song_of]

    @property
    def probabilities(self) -> Float32:
        """The strength of each track's membership in its cluster, in [0, 1]; 0 for noise."""
        return self.clustering.probabilities[self.song_of]

    def table(self) -> pl.DataFrame:
        """Return the tracks with their place, cluster, probability, silhouette and flags: ``tracks.parquet``.

        A map of three dimensions has ``z`` too, one of more dimensions ``axis_4``, ``axis_5`` and so on.
        """
        own = {
            **dict(zip(_axes(self.embedding.shape[1]), self.embedding.T, strict=True)),
            "cluster": self.labels,
            "cluster_probability": self.probabilities,
            "silhouette": self.silhouette,
            "imputed": self.features.imputed,
        }
        return self.catalog.tracks.with_columns(
            pl.Series(name, values, nan_to_null=name == "silhouette") for name, values in own.items()
        )

    def save(self, folder: str | os.PathLike[str], *, progress: Progress = silent) -> Path:
        """Write the atlas to a folder: aside first, then put in place, so that a killed run leaves no half atlas.

        Parameters
        ----------
        folder : path
            A new or empty folder, or an atlas, which is replaced.
        progress : callable, optional
            Called with the stage save and a fraction in [0, 1].

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        AtlasError
            If something else than an atlas lies there, or the folder cannot be written.
        ResourceError
            If the disk is full.
        """
        target = Path(folder)
        require_replaceable(target)
        start = time.perf_counter()
        progress("save", 0.0)
        with told(target), written_aside(target) as aside:
            self.table().write_parquet(aside / "tracks.parquet", compression="zstd", row_group_size=_ROW_GROUP)
            progress("save", 0.1)
            write_arrays(aside / "arrays.npz", _arrays_of(self))
            progress("save", 0.2)
            picture = picture_map(self.embedding[:, 0], self.embedding[:, 1], self.labels)
            write_map(draw_map(picture, title=_title(self.catalog.inputs)), aside)
            self.catalog.rejects.write_csv(aside / "rejects.csv")
            seconds = time.perf_counter() - start
            run = _run_of(self, seconds) | {"files": fingerprints(aside)}
            text = json.dumps(run, indent=2, ensure_ascii=False, allow_nan=False)
            (aside / "run.json").write_text(text + "\n", encoding="utf-8")
            progress("save", 0.95)
        progress("save", 1.0)
        return target


def _axes(n_components: int) -> list[str]:
    """Return the names of the map's axes in the table."""
    return [*_AXES[:n_components], *(f"axis_{number}" for number in range(len(_AXES) + 1, n_components + 1))]


def representatives(tracks: pl.DataFrame) -> Int32:
    """Return the row of each song's representative track, by song number."""
    rows = np.flatnonzero(tracks["is_representative"].to_numpy()).astype(np.int32)
    songs = np.empty(len(rows), dtype=np.int32)
    songs[tracks["version_family"].to_numpy()[rows]] = rows
    return songs


def load_atlas(folder: str | os.PathLike[str]) -> Atlas:
    """Read an atlas from its folder.

    Parameters
    ----------
    folder : path
        What `Atlas.save` or ``songscape build`` wrote.

    Returns
    -------
    Atlas

    Raises
    ------
    AtlasError
        If the folder is not there, is not an atlas, is damaged, or was written by a newer Songscape.

    Examples
    --------
    >>> import songscape, tempfile
    >>> catalog = songscape.read_catalog(songscape.synthesize_tracks(200, random_state=0))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     saved = songscape.build_atlas(catalog).save(f"{folder}/atlas")
    ...     songscape.load_atlas(saved).embedding.shape
    (200, 2)
    """
    source = Path(folder)
    recover(source.resolve())
    run = read_run(source)
    require_whole(source, run)
    try:
        return _atlas_of(source, run)
    except (KeyError, TypeError, ValueError, OSError, pl.exceptions.PolarsError) as error:
        raise AtlasError(f"The atlas at '{source}' is damaged: {error!r}. Build it again.") from None


def _atlas_of(source: Path, run: dict[str, Any]) -> Atlas:
    table = pl.read_parquet(source / "tracks.parquet")
    arrays = read_arrays(source / "arrays.npz")
    rejects = pl.read_csv(source / "rejects.csv", schema=_REJECTS)
    own = [*_axes(arrays["embedding"].shape[1]), *_RESULTS]
    catalog = Catalog(table.drop(own), rejects, run["catalog"], run["inputs"])
    features = FeatureMatrix(
        arrays["X"],
        tuple(FeatureColumn(**column) for column in run["features"]["columns"]),
        arrays["feature_covariance"],
        table["imputed"].to_numpy(),
        run["features"]["left_out"],
        ArtistDiscount(arrays["feature_discount"], **_tuples(run["features"]["discount"])),
    )
    graph = NeighborGraph(arrays["neighbor_indices"], arrays["neighbor_distances"], **run["neighbors"])
    clustering = Clustering(
        arrays["song_labels"],
        arrays["song_probabilities"],
        arrays["cluster_persistence"],
        arrays["song_core_distances"],
        run["min_samples"],
        arrays["cluster_selected"],
        _tree(SpanningTree, "spanning_tree", arrays),
        _tree(LinkageTree, "linkage_tree", arrays),
        _tree(CondensedTree, "condensed_tree", arrays),
    )
    info = RunInfo(**{field.name: run[field.name] for field in fields(RunInfo)})
    silhouette = table["silhouette"].fill_null(float("nan")).to_numpy()
    config = Config(**run["config"])
    return Atlas(catalog, features, graph, arrays["embedding"], clustering, silhouette, run["scores"], config, info)


def _arrays_of(atlas: Atlas) -> dict[str, npt.NDArray[Any]]:
    clustering = atlas.clustering
    arrays: dict[str, npt.NDArray[Any]] = {
        "X": atlas.X,
        "feature_covariance": atlas.features.covariance,
        "feature_discount": atlas.features.discount.matrix,
        "neighbor_indices": atlas.neighbors.indices,
        "neighbor_distances": atlas.neighbors.distances,
        "embedding": atlas.embedding,
        "song_labels": clustering.labels,
        "song_probabilities": clustering.probabilities,
        "cluster_persistence": clustering.persistence,
        "song_core_distances": clustering.core_distances,
        "cluster_selected": clustering.selected,
    }
    for name in ("spanning_tree", "linkage_tree", "condensed_tree"):
        tree = getattr(clustering, name)
        arrays |= {f"{name}_{field.name}": getattr(tree, field.name) for field in fields(tree)}
    return arrays


def _title(inputs: list[dict[str, Any]]) -> str:
    more = f" and {len(inputs) - 1} more" if len(inputs) > 1 else ""
    is_file = bool(inputs) and inputs[0]["sha256"] is not None
    return f"Map of {inputs[0]['file']}{more}" if is_file else "Map of the catalog"


def _tree(kind: type[Tree], name: str, arrays: dict[str, npt.NDArray[Any]]) -> Tree:
    return kind(**{field.name: arrays[f"{name}_{field.name}"] for field in fields(kind)})


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    """Return values as they were before JSON made lists of tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _run_of(atlas: Atlas, seconds: float) -> dict[str, Any]:
    timings = atlas.run.timings | {"save": seconds}
    timings["total"] = sum(seconds for name, seconds in timings.items() if name != "total")
    discount = {name: value for name, value in asdict(atlas.features.discount).items() if name != "matrix"}
    columns = [asdict(column) for column in atlas.features.columns]
    features = {"columns": columns, "left_out": atlas.features.left_out, "discount": discount}
    return {
        "schema_version": SCHEMA_VERSION,
        "songscape_version": __version__,
        "config": atlas.config.model_dump(),
        "inputs": atlas.catalog.inputs,
        "counts": atlas.catalog.summary(),
        **asdict(atlas.run),
        "timings": timings,
        "peak_memory_bytes": max(filter(None, (atlas.run.peak_memory_bytes, peak_memory())), default=None),
        "scores": atlas.scores,
        "features": features,
        "neighbors": {"metric": atlas.neighbors.metric, "recall": atlas.neighbors.recall},
        "min_samples": atlas.clustering.min_samples,
        "catalog": atlas.catalog.notes,
    }
