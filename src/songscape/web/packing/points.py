"""All that the first picture needs, and what it is colored and filtered by: the buffer of points."""

from typing import Any

import numpy as np
import polars as pl

from songscape.atlas.record import Atlas
from songscape.drawing.map import color_labels
from songscape.types import Float32, Float64, Int32
from songscape.web.packing.buffer import Array, pack, smallest
from songscape.web.packing.columns import all_columns

_TOP = 65_535  # places on each axis of the map
_CELLS = 64  # squares on each axis, where a group's densest place is looked for
MOST_GENRES = 15
"""Genres of one track that travel with the page."""


def pack_points(atlas: Atlas) -> bytes:
    """Return places, groups and columns of all tracks as one buffer (see `songscape.web.packing.buffer`).

    The header has ``n``, ``columns`` (an account of each array to color and filter by) and ``scales`` (names, sizes,
    colors and places of groups).

    Examples
    --------
    >>> import songscape
    >>> from songscape.web.packing.buffer import unpack
    >>> atlas = songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(300, random_state=0)))
    >>> header, arrays = unpack(pack_points(atlas))
    >>> header["n"], arrays["x"].dtype.name, len(arrays["energy"])
    (300, 'uint16', 300)
    """
    x, y = map_places(atlas.embedding)
    arrays: dict[str, Array] = {"x": x, "y": y}
    scales = []
    for scale in atlas.groups.scales:
        labels = scale.labels[atlas.song_of]
        arrays[f"group_{scale.name}"] = smallest(labels, scale.n_groups)
        scales.append(_scale(scale.name, atlas, labels, x, y) | {"parents": scale.parents.tolist()})
    columns = []
    for about, codes in all_columns(atlas.table()):
        columns.append(about)
        arrays[about["name"]] = codes
    names, counts, ids = _genres(atlas.catalog.tracks)
    arrays |= {"genre_counts": counts, "genre_ids": ids}
    header = {"n": len(x), "columns": columns, "scales": scales, "genres": names}
    return pack(header, arrays)


def map_places(embedding: Float32, others: Float32 | None = None) -> tuple[Array, Array]:
    """Return the first two axes in whole numbers from 0 to 65 535, both in the same unit, centered.

    Where `others` are given, it is their places on the same map; what lies outside of it stands at its edge.
    """
    points = _two_axes(embedding)
    low, high = points.min(axis=0), points.max(axis=0)
    unit = float((high - low).max()) or 1.0
    shown = points if others is None else _two_axes(others)
    places = (shown - (low + high) / 2) / unit + 0.5
    x, y = np.rint(np.clip(places, 0.0, 1.0) * _TOP).astype(np.uint16).T
    return np.ascontiguousarray(x), np.ascontiguousarray(y)


def _two_axes(embedding: Float32) -> Float64:
    points = np.zeros((len(embedding), 2))
    points[:, : min(embedding.shape[1], 2)] = embedding[:, :2]
    return points


def _scale(name: str, atlas: Atlas, labels: Int32, x: Array, y: Array) -> dict[str, Any]:
    """Return what the map says of the groups of one scale."""
    cards = atlas.cards[name]
    sizes = np.bincount(labels[labels >= 0], minlength=len(cards))
    shades = color_labels(x, y, labels)
    across, up = _densest(labels, x, y, len(cards))
    return {
        "name": name,
        "names": [card["name"] for card in cards],
        "sizes": sizes.tolist(),
        "colors": [shades.get(number, 0) for number in range(len(cards))],
        "x": across.tolist(),
        "y": up.tolist(),
    }


def _densest(labels: Int32, x: Array, y: Array, n_groups: int) -> tuple[Array, Array]:
    """Return for each group the mean place of its tracks in the square with most of them; the middle if none."""
    inside = np.flatnonzero(labels >= 0)
    own = labels[inside].astype(np.int64)
    shift = _TOP // _CELLS + 1
    squares = own * _CELLS * _CELLS + (y[inside] // shift) * np.int64(_CELLS) + x[inside] // shift
    found, where, counts = np.unique(squares, return_inverse=True, return_counts=True)
    order = np.lexsort((-counts, found // (_CELLS * _CELLS)))  # of each group the fullest square comes first
    groups, first = np.unique((found // (_CELLS * _CELLS))[order], return_index=True)
    across, up = np.full(n_groups, _TOP // 2), np.full(n_groups, _TOP // 2)
    for target, places in ((across, x), (up, y)):
        means = np.bincount(where, weights=places[inside]) / counts
        target[groups] = np.rint(means[order[first]])
    return across, up


def _genres(tracks: pl.DataFrame) -> tuple[list[str], Array, Array]:
    """Return all genres by falling frequency, how many each track has, and which, track by track."""
    if "genres" not in tracks:
        return [], np.zeros(len(tracks), np.uint8), np.zeros(0, np.uint16)
    lists = tracks["genres"].fill_null([]).list.head(MOST_GENRES)
    single = lists.list.drop_nulls().explode(empty_as_null=False).rename("genre")
    counts = single.value_counts(sort=False).sort(["count", "genre"], descending=[True, False])
    names: list[str] = counts["genre"].to_list()[:_TOP]
    places = pl.DataFrame(
        {"genre": names, "place": range(len(names))}, schema={"genre": pl.String, "place": pl.Int64}
    )
    ids = single.to_frame().join(places, on="genre", how="left", maintain_order="left")["place"].fill_null(-1)
    lengths = lists.list.drop_nulls().list.len().to_numpy().astype(np.uint8)
    return names, lengths, smallest(ids.to_numpy(), len(names))
