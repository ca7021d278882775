"""What a server asks of all parts beside lists: the nearest tracks in features, the tracks of a song."""

from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl

from songscape.atlas.record import Atlas
from songscape.catalog.versions import join_versions
from songscape.directions import comparable
from songscape.features import apply_features
from songscape.parts.table import ROW, PartTable, compact
from songscape.types import Float32, Float64

_SPARE = 4  # tracks looked at for each song wanted: others of one song stand at the same place


class Near(NamedTuple):
    """Tracks and how far each lies in feature space."""

    tracks: pl.DataFrame
    distances: Float64


def nearest_songs(table: PartTable, model: Atlas, row: int, n: int) -> Near:
    """Return the nearest other songs of a track, one track each, the nearest first."""
    own = table.gather(np.array([row]))
    x = apply_features(own, model.features).X
    found = table.each(partial(_nearest, model, x, _SPARE * (n + 1)))
    tracks = pl.concat([batch.tracks for batch in found])
    others = np.flatnonzero(tracks[ROW].to_numpy() != row)
    tracks, distances = tracks[others], np.concatenate([batch.distances for batch in found])[others]
    order = np.lexsort((tracks[ROW].to_numpy(), distances))[: _SPARE * (n + 1)]
    both = join_versions(pl.concat([own, tracks[order]]))
    songs = both["version_family"].to_numpy()
    _, first = np.unique(songs, return_index=True)  # the track itself stands first, and its song is no other one
    kept = np.sort(first[songs[first] != songs[0]])[:n]
    return Near(both[kept], distances[order][kept - 1])


def _nearest(model: Atlas, x: Float32, n: int, batch: pl.DataFrame) -> Near:
    metric = model.neighbors.metric
    distances = _distances(apply_features(batch, model.features).X, x, metric)
    best = np.lexsort((batch[ROW].to_numpy(), distances))[:n]
    return Near(compact(batch[best]), distances[best])


def _distances(X: Float32, x: Float32, metric: str) -> Float64:
    """Return the distances of rows from one row, as neighbors have them."""
    apart = (comparable(X, metric) - comparable(x, metric)).astype(np.float64)
    if metric == "manhattan":
        return np.asarray(np.abs(apart).sum(axis=1))
    if metric == "chebyshev":
        return np.asarray(np.abs(apart).max(axis=1))
    squares = np.einsum("ij,ij->i", apart, apart)
    return np.asarray(squares / 2.0 if metric in ("cosine", "correlation") else np.sqrt(squares))
