"""New tracks in an atlas that stays as it is: placed by what was fitted, not fitted anew.

New tracks are scaled with the stored treatment and joined with the version families that are there. A new song is
placed among the songs that the atlas was fitted on, so that it does not matter in how many portions, or in which
order, tracks come: its place on the map follows from those of its neighbors (`songscape.atlas.placing`), its cluster
is HDBSCAN's approximate prediction, its groups follow from the centers of the groups. Its neighbors are sought among
all songs, new ones included. Rows that were there keep every value, bit by bit; so their neighbor lists name no new
track.

A new song is *unlike* the catalog if it lies farther from its nearest fitted songs than all but one in a thousand of
these lie from theirs.
"""

import time
from dataclasses import replace
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.atlas.drift import measure_drift
from songscape.atlas.predicting import fitted_songs, new_silhouettes, place_new
from songscape.atlas.record import Atlas
from songscape.catalog.record import Catalog
from songscape.catalog.versions import join_to
from songscape.config import Metric
from songscape.errors import InputError, ParameterError, must_be
from songscape.features import apply_features
from songscape.neighbors import query_neighbors
from songscape.progress import Progress, silent
from songscape.types import Clustering, FeatureMatrix, Float32, Groups, GroupScale, Int32, NeighborGraph

Flags = npt.NDArray[np.bool_]

_STAGE = "add"


def add_tracks(atlas: Atlas, catalog: Catalog, *, progress: Progress = silent) -> Atlas:
    """Return an atlas with the tracks of a catalog added to it.

    Parameters
    ----------
    atlas : Atlas
        From `songscape.build_atlas` or `songscape.load_atlas`. It is not changed.
    catalog : Catalog
        From `songscape.read_catalog`; its columns may be fewer or more.
    progress : callable, optional
        Called with the stage add and a fraction in [0, 1].

    Returns
    -------
    Atlas
        The old tracks, as they were, then the new ones. Cards and scores stay those of the fitted songs; trust of
        the map is NaN for new tracks. ``run.additions`` has one entry more: files read ``again``, ``tracks``, new
        ``songs``, their ``fresh`` tracks, ``joined`` to old ones, ``unlike`` ones, ``drift`` (`measure_drift`).

    Raises
    ------
    InputError
        If the catalog has no tracks, or none of the features that the atlas was built from.
    ParameterError
        If `atlas` or `catalog` is something else.

    Examples
    --------
    >>> import songscape
    >>> tracks = songscape.synthesize_tracks(500, random_state=0)
    >>> atlas = songscape.build_atlas(songscape.read_catalog(tracks.head(450)))
    >>> grown = atlas.add(songscape.read_catalog(tracks.tail(50)))
    >>> len(grown.catalog), bool((grown.embedding[:450] == atlas.embedding).all())
    (500, True)
    """
    _check(atlas, catalog)
    progress(_STAGE, 0.0)
    start = time.perf_counter()
    tracks = _joined(atlas, catalog)
    new = tracks[len(atlas.catalog) :]
    features = apply_features(new, atlas.features)
    fresh = _first_tracks(new)
    rows = _Rows(atlas.songs, np.asarray(new["version_family"].to_numpy(), dtype=np.int32))
    progress(_STAGE, 0.2)
    fitted = fitted_songs(atlas)
    placed = place_new(atlas, fitted, features.X[fresh])
    progress(_STAGE, 0.6)
    near = _neighbors(atlas, placed.near, features.X[fresh], (len(atlas.catalog) + fresh).astype(np.int32))
    labels = np.concatenate([atlas.clustering.labels, placed.labels])
    silhouette = new_silhouettes(atlas, features.X[fresh], labels)
    unknown = np.full(len(new), np.nan, np.float32)
    unlike = rows.of_new(placed.unlike(fitted), elsewhere=False)
    before = np.zeros(len(atlas.catalog), bool) if atlas.unlike is None else atlas.unlike
    grown = replace(
        atlas,
        catalog=_catalog(atlas.catalog, catalog, tracks),
        features=_features(atlas.features, features),
        neighbors=_all_neighbors(atlas.neighbors, near, rows),
        embedding=rows.stacked(atlas.embedding, placed.embedding),
        clustering=_with_labels(atlas.clustering, labels, placed.probabilities),
        groups=_all_groups(atlas.groups, placed.groups),
        silhouette=rows.stacked(atlas.silhouette, silhouette),
        map_trust=np.concatenate([atlas.map_trust, unknown]),
        map_continuity=np.concatenate([atlas.map_continuity, unknown]),
        unlike=np.concatenate([before, unlike]),
    )
    addition = _account(atlas, catalog, rows, unlike) | {"drift": measure_drift(grown)}
    addition["seconds"] = time.perf_counter() - start + catalog.seconds
    progress(_STAGE, 1.0)
    return replace(grown, run=replace(atlas.run, additions=[*atlas.run.additions, addition]))


class _Rows(NamedTuple):
    """How rows of songs become rows of tracks, old ones first."""

    songs: Int32  # the representative track of each old song
    song_of_new: Int32  # the song of each new track

    def stacked(self, of_tracks: Float32, of_fresh: Float32) -> Float32:
        """Return the values of old tracks, then those of new tracks, by song."""
        of_songs = np.concatenate([of_tracks[self.songs], of_fresh])
        return np.concatenate([of_tracks, of_songs[self.song_of_new]])

    def of_new(self, of_fresh: Flags, *, elsewhere: bool) -> Flags:
        """Return flags of new songs by new track; `elsewhere` for tracks of old songs."""
        of_songs = np.concatenate([np.full(len(self.songs), elsewhere), of_fresh])
        return of_songs[self.song_of_new]


def _account(atlas: Atlas, catalog: Catalog, rows: _Rows, unlike: Flags) -> dict[str, Any]:
    known = {one["sha256"] for one in atlas.catalog.inputs if one.get("sha256")}
    fresh = rows.song_of_new >= len(rows.songs)
    return {
        "inputs": catalog.inputs,
        "again": [one["file"] for one in catalog.inputs if one.get("sha256") in known],
        "tracks": len(catalog),
        "songs": len(np.unique(rows.song_of_new[fresh])),
        "fresh": int(fresh.sum()),
        "joined": int((~fresh).sum()),
        "unlike": int(unlike.sum()),
    }


def _check(atlas: object, catalog: object) -> None:
    if not isinstance(atlas, Atlas):
        raise ParameterError(must_be("atlas", "an Atlas, from songscape.build_atlas or load_atlas", type(atlas)))
    if not isinstance(catalog, Catalog):
        raise ParameterError(must_be("catalog", "a Catalog, from songscape.read_catalog", type(catalog)))
    if len(catalog) == 0:
        raise InputError("The catalog has no tracks, so there is nothing to add. Give it at least one.")


def _joined(atlas: Atlas, catalog: Catalog) -> pl.DataFrame:
    """Return old and new tracks as one table, the new ones with the families of the old."""
    tracks = atlas.catalog.tracks
    new = join_to(tracks, catalog.tracks, version_families=atlas.config.read.version_families)
    try:
        return pl.concat([tracks, new], how="diagonal_relaxed")
    except pl.exceptions.PolarsError as error:
        raise InputError(
            f"The columns of the new tracks do not fit those of the atlas: {error}. Rename the user's own column that"
            " holds another kind of value than in the atlas, or leave it out."
        ) from None


def _first_tracks(new: pl.DataFrame) -> Int32:
    """Return for each new song the row among the new tracks that represents it."""
    rows = np.flatnonzero(new["is_representative"].to_numpy()).astype(np.int32)
    order = np.argsort(new["version_family"].to_numpy()[rows])
    return rows[order]


def _neighbors(atlas: Atlas, among_fitted: NeighborGraph, X: Float32, rows: Int32) -> NeighborGraph:
    """Return the nearest other songs of each new song, old and new, as rows of their representative tracks.

    The nearest of all are among the nearest fitted ones and the nearest of the others.
    """
    n_fitted, k = atlas.clustering.n_fitted, among_fitted.k
    later = np.concatenate([atlas.songs[n_fitted:], rows])
    others = np.concatenate([atlas.X[atlas.songs[n_fitted:]], X])
    near = query_neighbors(others, X, k + 1, cast(Metric, atlas.neighbors.metric))
    itself = near.indices == (len(others) - len(X) + np.arange(len(X)))[:, None]
    distances = np.concatenate([among_fitted.distances, np.where(itself, np.float32(np.inf), near.distances)], axis=1)
    tracks = np.concatenate([atlas.songs[among_fitted.indices], later[near.indices]], axis=1)
    order = np.lexsort((tracks, distances), axis=1)[:, :k]
    return NeighborGraph(
        np.take_along_axis(tracks, order, 1), np.take_along_axis(distances, order, 1), atlas.neighbors.metric
    )


def _with_labels(clustering: Clustering, labels: Int32, of_fresh: Float32) -> Clustering:
    return replace(clustering, labels=labels, probabilities=np.concatenate([clustering.probabilities, of_fresh]))


def _all_groups(groups: Groups, new: Groups) -> Groups:
    return replace(groups, scales=tuple(_all_rows(*pair) for pair in zip(groups.scales, new.scales, strict=True)))


def _all_rows(old: GroupScale, new: GroupScale) -> GroupScale:
    by_row = ("labels", "nearest", "strength", "is_core", "members", "weights")
    stacked: dict[str, Any] = {name: np.concatenate([getattr(old, name), getattr(new, name)]) for name in by_row}
    return replace(old, indptr=np.concatenate([old.indptr, old.indptr[-1] + new.indptr[1:]]), **stacked)


def _all_neighbors(graph: NeighborGraph, near: NeighborGraph, rows: _Rows) -> NeighborGraph:
    """Stack lists, cut to equal length: an atlas of few songs has short ones."""
    k = min(graph.k, near.k)
    indices = np.concatenate([graph.indices[rows.songs, :k], near.indices[:, :k]])[rows.song_of_new]
    distances = np.concatenate([graph.distances[rows.songs, :k], near.distances[:, :k]])[rows.song_of_new]
    return replace(
        graph,
        indices=np.concatenate([graph.indices[:, :k], indices]),
        distances=np.concatenate([graph.distances[:, :k], distances]),
    )


def _features(old: FeatureMatrix, new: FeatureMatrix) -> FeatureMatrix:
    return replace(old, X=np.concatenate([old.X, new.X]), imputed=np.concatenate([old.imputed, new.imputed]))


def _catalog(old: Catalog, new: Catalog, tracks: pl.DataFrame) -> Catalog:
    notes = old.notes | {"files": [*old.notes.get("files", []), *new.notes.get("files", [])]}
    rejects = pl.concat([old.rejects, new.rejects], how="vertical_relaxed")
    return Catalog(tracks, rejects, notes, [*old.inputs, *new.inputs], old.seconds)
