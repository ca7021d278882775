"""What an atlas says of songs that it was not fitted on: place, cluster, groups, silhouette, whether it knows such.

Each song is looked at on its own: at once or one by one gives the same bytes.
"""

from dataclasses import replace
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from songscape.atlas.placing import place_songs
from songscape.atlas.record import Atlas
from songscape.atlas.scoring import silhouette_metric
from songscape.clustering import predict_clusters
from songscape.config import Metric
from songscape.directions import comparable
from songscape.evaluation import silhouette_samples
from songscape.grouping import predict_groups
from songscape.neighbors import query_neighbors
from songscape.types import Float32, Groups, GroupScale, Int32, NeighborGraph

ORDINARY = 0.999
"""Share of the fitted songs that are as near to their neighbors as a new song must be, not to be unlike them."""


class FittedSongs(NamedTuple):
    """The songs that the atlas was fitted on, one row each."""

    X: Float32
    embedding: Float32
    groups: Groups
    farthest: Float32  # distance of the last neighbor kept, (n_fitted,)


class PlacedSongs(NamedTuple):
    """New songs, one row each."""

    embedding: Float32
    labels: Int32
    probabilities: Float32
    groups: Groups
    near: NeighborGraph  # among fitted songs

    def unlike(self, fitted: FittedSongs) -> npt.NDArray[np.bool_]:
        """Tell which are farther from their nearest fitted songs than all but one in a thousand of these are."""
        return np.asarray(self.near.distances[:, -1] > np.quantile(fitted.farthest, ORDINARY))


def fitted_songs(atlas: Atlas) -> FittedSongs:
    """Return the songs that an atlas was fitted on."""
    n_fitted = atlas.clustering.n_fitted
    songs = atlas.songs[:n_fitted]
    scales = tuple(_first_rows(scale, n_fitted) for scale in atlas.groups.scales)
    farthest = atlas.neighbors.distances[songs, -1] if atlas.neighbors.k else np.zeros(n_fitted, np.float32)
    return FittedSongs(atlas.X[songs], atlas.embedding[songs], replace(atlas.groups, scales=scales), farthest)


def _first_rows(scale: GroupScale, n: int) -> GroupScale:
    end = scale.indptr[n]
    return replace(
        scale,
        labels=scale.labels[:n],
        nearest=scale.nearest[:n],
        strength=scale.strength[:n],
        is_core=scale.is_core[:n],
        indptr=scale.indptr[: n + 1],
        members=scale.members[:end],
        weights=scale.weights[:end],
    )


def place_new(atlas: Atlas, fitted: FittedSongs, X: Float32) -> PlacedSongs:
    """Give new songs a place on the map, a cluster and groups."""
    metric, k = cast(Metric, atlas.neighbors.metric), max(atlas.neighbors.k, 1)
    near = query_neighbors(fitted.X, X, k, metric)
    embedding = place_songs(near, fitted.embedding, atlas.config.embedding)
    hierarchy = replace(atlas.clustering, labels=atlas.clustering.labels[: len(fitted.X)])
    labels, probabilities = predict_clusters(hierarchy, fitted.embedding, embedding)
    groups = predict_groups(fitted.groups, *(comparable(values, metric) for values in (fitted.X, X)))
    return PlacedSongs(embedding, labels, probabilities, groups, near)


def new_silhouettes(atlas: Atlas, X: Float32, labels: Int32) -> Float32:
    """Return the silhouettes of new songs among the clusters of all songs, in feature space; NaN for noise."""
    if len(np.unique(labels[labels >= 0])) < 2:
        return np.full(len(X), np.nan, np.float32)
    rows = np.concatenate([atlas.X[atlas.songs], X])
    if atlas.config.metric == "correlation":
        rows = rows - rows.mean(axis=1, keepdims=True)
    samples = silhouette_samples(rows, labels, metric=silhouette_metric(atlas.config))
    return samples[-len(X) :].astype(np.float32) if len(X) else np.zeros(0, np.float32)
