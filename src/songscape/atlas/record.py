"""The atlas as a value, and as a folder on the disk.

Track and song. A *track* is a row of the catalog. A *song* is a version family: the tracks that are one song under
several ids or titles. Song number = ``version_family``; each song is fitted once, by its representative track, and
its other tracks stand where it stands. Arrays of an atlas have one row per track, in the order of the catalog; only
the hierarchy (`Atlas.clustering`) has one row per song.

The folder::

    tracks.parquet   the catalog with place, cluster, groups by name, silhouette, flags
    arrays.npz       X, the neighbor graph, the embedding, the trees, memberships in groups
    songs.npz        artists, genres, words of each song as numbers: what playlists would have to read out again
    groups.json      a card for each group at each scale
    report.html      the report to read; report.json holds every number it shows
    map.png map.svg  the map with its clusters
    rejects.csv      rows that could not be used, and why
    run.json         config, inputs, counts, timings, scores, environment; size and hash of the other files
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.atlas.arrays import SCALES
from songscape.atlas.files import told
from songscape.atlas.folder import written_aside
from songscape.atlas.locks import claimed
from songscape.catalog.record import Catalog
from songscape.config import Config
from songscape.progress import Progress, silent
from songscape.types import Clustering, FeatureMatrix, Float32, Groups, Int32, NeighborGraph

_AXES = ("x", "y", "z")
_RESULTS = ("cluster", "cluster_probability", "silhouette", "map_trust", "map_continuity", "imputed")
UNLIKE = "unlike"
Explored = Callable[[], dict[str, Any]]
_UNKNOWN_IS_NULL = ("silhouette", "map_trust", "map_continuity")


@dataclass(frozen=True, slots=True)
class RunInfo:
    """How an atlas came about: what does not belong to the music.

    Attributes
    ----------
    timings : dict of str to float
        Seconds by stage: read, features, neighbors, embedding, clustering, groups, evaluation, interpretation. Groups
        are described beside the evaluation, and only what is left of that after it counts as interpretation.
    peak_memory_bytes : int or None
        The most memory that the process held, as far as the system says.
    fallbacks : list of str
        What was done otherwise than asked for, and why, in a sentence each.
    environment : dict
        Versions of Python and the libraries, the machine, threads.
    additions : list of dict
        What was added since, in order: see `songscape.atlas.adding.add_tracks`.
    """

    timings: dict[str, float]
    peak_memory_bytes: int | None
    fallbacks: list[str]
    environment: dict[str, str | int]
    additions: list[dict[str, Any]] = field(default_factory=list)


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
    groups : Groups
        Nested groups at three scales with soft memberships, one row per *song*.
    cards : dict of str to list of dict
        For each scale a card for each of its groups, as plain data: see ``docs/groups.md``.
    silhouette : float32, shape (n_tracks,)
        Silhouette in feature space, in [−1, 1]; NaN for noise.
    map_trust, map_continuity : float32, shape (n_tracks,)
        Whether the track's neighbors on the map are its neighbors in features, and the other way round: 1 if so,
        about 0.5 as by chance; NaN with fewer than three songs.
    scores : dict
        Plain data, as `songscape.evaluate` returns it.
    config : Config
        What the atlas was built with, sizes that follow the catalog filled in.
    run : RunInfo
        Timings, memory, fallbacks, environment.
    unlike : bool, shape (n_tracks,), or None
        True for added tracks that are unlike anything the atlas was built from; None where nothing was added.
    kept : dict
        What was made of the atlas and is kept with it, such as what playlists need; no part of its value.
    """

    catalog: Catalog
    features: FeatureMatrix
    neighbors: NeighborGraph
    embedding: Float32
    clustering: Clustering
    groups: Groups
    cards: dict[str, list[dict[str, Any]]]
    silhouette: Float32
    map_trust: Float32
    map_continuity: Float32
    scores: dict[str, Any]
    config: Config
    run: RunInfo
    unlike: npt.NDArray[np.bool_] | None = None
    kept: dict[str, object] = field(default_factory=dict, init=False)

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
            "map_trust": self.map_trust,
            "map_continuity": self.map_continuity,
            "imputed": self.features.imputed,
        } | ({} if self.unlike is None else {UNLIKE: self.unlike})
        columns = [pl.Series(name, values, nan_to_null=name in _UNKNOWN_IS_NULL) for name, values in own.items()]
        return self.catalog.tracks.with_columns(*columns, *self._group_columns())

    def _group_columns(self) -> Iterator[pl.Series]:
        for scale in self.groups.scales:
            yield from self.group_columns(scale.name, scale.labels[self.song_of], scale.strength[self.song_of])

    def group_columns(self, scale: str, labels: Int32, strength: Float32) -> tuple[pl.Series, pl.Series]:
        """Return for rows with these groups of a scale the name of each, null outside of groups, and its strength."""
        names = pl.Series([card["name"] for card in self.cards[scale]], dtype=pl.String)
        numbers = pl.Series(labels)
        named = names.gather(numbers.set(numbers < 0, None)).alias(f"group_{scale}")
        return named, pl.Series(f"group_{scale}_strength", strength)

    def add(self, catalog: Catalog, *, progress: Progress = silent) -> "Atlas":
        """Return an atlas with the tracks of a catalog added; see `songscape.add_tracks`."""
        from songscape.atlas.adding import add_tracks  # late: a stage above this record

        return add_tracks(self, catalog, progress=progress)

    def save(
        self,
        folder: str | os.PathLike[str],
        *,
        pages_from: str | os.PathLike[str] | None = None,
        also: Callable[[Path], object] | None = None,
        explored: Explored | None = None,
        progress: Progress = silent,
    ) -> Path:
        """Write the atlas to a folder: aside first, then put in place, so that a killed run leaves no half atlas.

        Parameters
        ----------
        folder : path
            A new or empty folder, or an atlas, which is replaced.
        pages_from : path, optional
            Folder of an atlas whose report and pictures are taken over as they are, instead of making them anew:
            for atlases that have grown a little, in a fifth of the time.
        also : callable, optional
            Called with the folder that is written aside, from another thread while the report is made: writes more of
            an atlas's files there, such as its map for the browser, so that all of them are put in place together.
        explored : callable, optional
            Returns the report of the atlas's catalog, as `songscape.atlas.pages.catalog_page` does: for those who
            have made it while the atlas was built.
        progress : callable, optional
            Called with the stage save and a fraction in [0, 1].

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        AtlasError
            If something else than an atlas lies there, another process is writing there, or the folder cannot be
            written.
        ResourceError
            If the disk is full.
        """
        from songscape.atlas.writing import write_files  # late: it draws, and loading an atlas does not

        target = Path(folder)
        with claimed(target), told(target), written_aside(target) as aside:
            progress("save", 0.0)
            write_files(self, aside, None if pages_from is None else Path(pages_from), progress, also, explored)
        progress("save", 1.0)
        return target


def own_columns(n_components: int) -> list[str]:
    """Return the columns of the table that the atlas adds to the catalog."""
    groups = [f"group_{scale}{what}" for scale in SCALES for what in ("", "_strength")]
    return [*_axes(n_components), *_RESULTS, *groups]


def _axes(n_components: int) -> list[str]:
    return [*_AXES[:n_components], *(f"axis_{number}" for number in range(len(_AXES) + 1, n_components + 1))]


def representatives(tracks: pl.DataFrame) -> Int32:
    """Return the row of each song's representative track, by song number."""
    rows = np.flatnonzero(tracks["is_representative"].to_numpy()).astype(np.int32)
    songs = np.empty(len(rows), dtype=np.int32)
    songs[tracks["version_family"].to_numpy()[rows]] = rows
    return songs
