"""Groups that the catalog made, not the music: copies of a song, one artist, one filled-in value.

Each suspicion is a share of the group's songs. It counts where it is at least one half (for a single value four
fifths) and at least three times as large as in the rest, so that a catalog of one artist, or of whole numbers, is no
heap of artifacts. The values 0 and 1 of shares are natural: most songs have no wordless part at all.
"""

import numpy as np
import polars as pl

from songscape.interpretation.columns import NumericColumn, class_counts
from songscape.interpretation.examples import main_artists
from songscape.interpretation.records import Ground
from songscape.types import GENERIC_ARTISTS, Float64, Int32, Int64, NeighborGraph

MOST = 0.5
MOST_OF_ONE_VALUE = 0.8
TIMES = 3.0
MIN_SIZE = 5
TWIN_DISTANCE = 0.01
"""Songs nearer to each other than this share of the catalog's median distance to the nearest neighbor are copies."""


def artifacts(
    songs: pl.DataFrame,
    columns: list[NumericColumn],
    labels: Int32,
    n_groups: int,
    neighbors: NeighborGraph,
) -> list[Ground | None]:
    """Return for each group why it is an artifact; None where there is no sign of one."""
    artists = main_artists(songs).str.to_lowercase()
    artists = artists.set(artists.is_in(GENERIC_ARTISTS).fill_null(False), None)
    found = [_copies(labels, n_groups, neighbors)]
    if "title" in songs.columns:
        titles = songs["title"].cast(pl.String).str.to_lowercase()
        found.append(_one_value(titles, labels, n_groups, "one_title"))
    found.append(_one_value(artists, labels, n_groups, "one_artist"))
    found += [_fillers(column, labels, n_groups) for column in columns if not column.held_out]
    sizes = np.bincount(labels[labels >= 0], minlength=n_groups)
    grounds = [next((some[group] for some in found if some[group]), None) for group in range(n_groups)]
    return [ground if size >= MIN_SIZE else None for ground, size in zip(grounds, sizes, strict=True)]


def _copies(labels: Int32, n_groups: int, neighbors: NeighborGraph) -> list[Ground | None]:
    if not neighbors.k:
        return [None] * n_groups
    nearest = neighbors.distances[:, 0]
    twin = (nearest <= TWIN_DISTANCE * np.median(nearest)) & (labels[neighbors.indices[:, 0]] == labels)
    share, rest = _shares(labels[twin], labels, n_groups)
    suspect = (share >= MOST) & (share >= TIMES * rest)
    return [Ground("twins", {"share": float(share[group])}) if suspect[group] else None for group in range(n_groups)]


def _shares(labels_of_some: Int32, labels: Int32, n_groups: int) -> tuple[Float64, Float64]:
    """Return which share of each group some songs are, and which share of all songs outside the group."""
    sizes = np.bincount(labels + 1, minlength=n_groups + 1)[1:]
    inside = np.bincount(labels_of_some + 1, minlength=n_groups + 1)[1:]
    outside = len(labels_of_some) - inside
    return inside / np.maximum(sizes, 1), outside / np.maximum(len(labels) - sizes, 1)


def _one_value(values: pl.Series, labels: Int32, n_groups: int, code: str) -> list[Ground | None]:
    """Look for a title or an artist that most songs of a group share."""
    grounds: list[Ground | None] = [None] * n_groups
    sizes = np.bincount(labels + 1, minlength=n_groups + 1)[1:]
    needed = np.append(np.maximum(2, np.ceil(MOST * sizes)), np.inf)[labels]  # none suffices outside of groups
    table = pl.DataFrame({"value": values, "group": labels, "needed": needed}).drop_nulls()
    frequent = (
        table.group_by("group", "value")
        .agg(pl.len(), pl.col("needed").first())
        .filter(pl.col("len") >= pl.col("needed"))
    )
    for group, value, count in frequent.sort("value").select("group", "value", "len").iter_rows():
        everywhere = int((values == value).sum())
        share, rest = count / sizes[group], (everywhere - count) / max(len(labels) - sizes[group], 1)
        if share >= TIMES * rest:
            grounds[group] = Ground(code, {"share": float(share), "value": value})
    return grounds


def _fillers(column: NumericColumn, labels: Int32, n_groups: int) -> list[Ground | None]:
    """Look for a single value, or a missing one, that most songs of a group have."""
    if column.name == "mode":  # two values are no filler
        return [None] * n_groups
    counts = class_counts(column.codes, len(column.levels), labels, n_groups)
    sizes = np.bincount(np.where(labels >= 0, labels, n_groups), minlength=n_groups + 1)
    missing = sizes - counts.sum(axis=1)
    natural = (column.levels <= 0.0) | (column.levels == 1.0) if column.unit == "" else column.levels == np.inf
    grounds: list[Ground | None] = []
    for group in range(n_groups):
        level, share, rest = _top(np.where(natural, 0, counts), sizes, group)
        unknown, unknown_rest = _against_rest(missing, sizes, group)
        if share >= MOST_OF_ONE_VALUE and share >= TIMES * rest:
            value = f"{column.levels[level]:.6g} {column.unit}".strip()
            grounds.append(Ground("one_value", {"share": share, "feature": column.name, "value": value}))
        elif unknown >= MOST and unknown >= TIMES * unknown_rest:
            grounds.append(Ground("filled_in", {"share": unknown, "feature": column.name}))
        else:
            grounds.append(None)
    return grounds


def _top(counts: Int64, sizes: Int64, group: int) -> tuple[int, float, float]:
    """Return the most frequent class of a group, its share there, and its share in the rest."""
    level = int(np.argmax(counts[group]))
    return level, *_against_rest(counts[:, level], sizes, group)


def _against_rest(counts: Int64, sizes: Int64, group: int) -> tuple[float, float]:
    rest = (counts.sum() - counts[group]) / max(sizes.sum() - sizes[group], 1)
    return float(counts[group] / max(sizes[group], 1)), float(rest)
