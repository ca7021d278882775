"""Groups → cards: everything that is told about each group of one scale."""

from collections.abc import Collection, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
import polars as pl

from songscape.errors import InputError
from songscape.interpretation.artifacts import artifacts
from songscape.interpretation.columns import HELD_OUT, NumericColumn, categories, class_counts, numeric_columns
from songscape.interpretation.effects import Effects, compare
from songscape.interpretation.examples import described, exemplars, popular
from songscape.interpretation.gaps import gaps_between
from songscape.interpretation.grounds import told
from songscape.interpretation.lifts import significant_lifts
from songscape.interpretation.links import Links, count_links, hub_shares, nearest_groups
from songscape.interpretation.naming import GroupEvidence, make_names
from songscape.interpretation.records import Card, Difference, Ground, Hubs, Lift, Neighbor, Rule, Song
from songscape.interpretation.rules import find_rules
from songscape.interpretation.verdicts import Evidence, judge
from songscape.kernels.centers import centers_of
from songscape.progress import Progress, silent
from songscape.types import Float32, Float64, GroupScale, Int32, Int64, NeighborGraph
from songscape.validation import check_points

SHOWN_LIFTS = 8
SHOWN_SEPARATES = 3

_STAGE = "groups"
_BY_LINKS, _BY_CENTERS = 4, 2


def describe_scale(
    scale: GroupScale,
    songs: pl.DataFrame,
    X: Float32,
    neighbors: NeighborGraph,
    *,
    silhouette: Float32 | None = None,
    held_out: Collection[str] = HELD_OUT,
    progress: Progress = silent,
) -> list[Card]:
    """Return one card for each group of a scale, by number.

    Parameters
    ----------
    scale : GroupScale
        The groups of n_songs rows.
    songs : polars.DataFrame, n_songs rows
        Canonical columns; any of them may be absent or null.
    X : float32, shape (n_songs, n_features)
        The space of the groups.
    neighbors : NeighborGraph, n_songs rows
        Nearest neighbors in `X`.
    silhouette : float32, shape (n_songs,), optional
        Silhouette of each song among the groups of this scale; NaN outside of groups.
    held_out : collection of str
        The blocks that took no part in the metric, of ``tonality``, ``genre``, ``emotion``, ``year``,
        ``popularity``, ``explicit``.
    progress : callable
        Called as ``progress("groups", fraction)``.

    Returns
    -------
    list of Card
        Empty where there are no groups. Their stability is not measured: see
        `songscape.interpretation.verdicts.judge_again`.

    Raises
    ------
    InputError
        If the arguments are of different lengths.

    Examples
    --------
    See the page on groups in the documentation.
    """
    X = check_points(X)
    _check_lengths(scale, songs, X, neighbors, silhouette)
    if scale.n_groups == 0:
        return []
    depth = np.full(len(X), np.nan, dtype=np.float32) if silhouette is None else silhouette
    found = _gather(scale, songs, X, neighbors, depth, held_out, progress)
    return [_card(scale, group, found) for group in range(scale.n_groups)]


class _Found(NamedTuple):
    """What was found about all groups, one entry per group."""

    sizes: Int64
    names: list[str]
    differences: list[list[Difference]]
    lifts: list[list[Lift]]
    exemplars: list[list[Song]]
    popular: list[list[Song]]
    rules: list[Rule | None]
    neighbors: list[tuple[Neighbor, ...]]
    own_links: Float64
    hubs: list[Hubs]
    silhouettes: Float64
    cores: Float64
    suspicions: list[Ground | None]


def _gather(
    scale: GroupScale,
    songs: pl.DataFrame,
    X: Float32,
    neighbors: NeighborGraph,
    depth: Float32,
    held_out: Collection[str],
    progress: Progress,
) -> _Found:
    """Find out everything about all groups at once, column by column rather than group by group."""
    labels, n_groups = scale.labels, scale.n_groups
    columns = numeric_columns(songs, held_out)
    counts = [class_counts(column.codes, len(column.levels), labels, n_groups) for column in columns]
    differences = _against_rest(columns, counts, n_groups)
    lifts = significant_lifts(categories(songs, held_out), labels, n_groups)
    progress(_STAGE, 0.3)
    sizes = np.bincount(labels[labels >= 0], minlength=n_groups)
    evidence = [
        GroupEvidence(some, [lift for lift in those if lift.lift > 1.0], int(size), len(labels) - int(size))
        for some, those, size in zip(differences, lifts, sizes, strict=True)
    ]
    named = make_names(evidence, columns, counts)
    links = count_links(labels, n_groups, neighbors)
    beside = _neighbors(X, labels, named, links, columns, counts)
    progress(_STAGE, 0.6)
    rules = find_rules(songs, columns, labels, n_groups)
    progress(_STAGE, 0.9)
    found = _Found(
        sizes=sizes,
        names=named,
        differences=differences,
        lifts=lifts,
        exemplars=exemplars(songs, labels, n_groups, depth, links.sparsity),
        popular=popular(songs, labels, n_groups, depth),
        rules=rules,
        neighbors=beside,
        own_links=np.diag(links.shares),
        hubs=_hubs(songs, labels, n_groups, links),
        silhouettes=_means(depth.astype(np.float64), labels, n_groups),
        cores=_means(scale.is_core.astype(np.float64), labels, n_groups),
        suspicions=artifacts(songs, columns, labels, n_groups, neighbors),
    )
    progress(_STAGE, 1.0)
    return found


def _card(scale: GroupScale, group: int, found: _Found) -> Card:
    size, n_songs = int(found.sizes[group]), int(found.sizes.sum())
    neighbors = found.neighbors[group]
    verdict, grounds = judge(
        Evidence(
            size=size,
            artifact=found.suspicions[group],
            silhouette=float(found.silhouettes[group]),
            stability=None,
            own_links=float(found.own_links[group]),
            neighbors=neighbors,
            sizes=tuple(int(found.sizes[neighbor.number]) for neighbor in neighbors),
        )
    )
    return Card(
        scale=scale.name,
        number=group,
        name=found.names[group],
        size=size,
        share=size / len(scale.labels),
        parent=int(scale.parents[group]) if len(scale.parents) else None,
        differences=tuple(found.differences[group]),
        over=tuple(lift for lift in found.lifts[group] if lift.lift > 1.0)[:SHOWN_LIFTS],
        under=tuple(lift for lift in found.lifts[group] if lift.lift < 1.0)[:SHOWN_LIFTS],
        exemplars=tuple(found.exemplars[group]),
        popular=tuple(found.popular[group]),
        rule=found.rules[group],
        neighbors=neighbors,
        stability=None,
        persistence=float(scale.persistence[group]),
        silhouette=float(found.silhouettes[group]),
        core_share=float(found.cores[group]),
        own_links=float(found.own_links[group]),
        own_links_null=max(0, size - 1) / max(n_songs - 1, 1),
        hubs=found.hubs[group],
        verdict=verdict,
        reason=told(grounds),
        grounds=grounds,
    )


def _check_lengths(
    scale: GroupScale,
    songs: pl.DataFrame,
    X: Float32,
    neighbors: NeighborGraph,
    silhouette: Float32 | None,
) -> None:
    n = len(scale.labels)
    lengths = {"songs": songs.height, "X": len(X), "neighbors": neighbors.n_rows}
    if silhouette is not None:
        lengths["silhouette"] = len(silhouette)
    wrong = [f"{name} has {length}" for name, length in lengths.items() if length != n]
    if wrong:
        raise InputError(
            f"All arguments must have one row for each of the {n} songs in the scale; {', '.join(wrong)}."
        )


def _against_rest(columns: Sequence[NumericColumn], counts: Sequence[Int64], n_groups: int) -> list[list[Difference]]:
    """Return the differences of each group from all other songs, the strongest first."""
    found: list[list[Difference]] = [[] for _ in range(n_groups)]
    for column, count in zip(columns, counts, strict=True):
        effects = compare(count[:n_groups], count.sum(axis=0) - count[:n_groups], column.levels)
        for group in np.flatnonzero(~np.isnan(effects.delta)):
            found[group].append(_difference(column, effects, int(group)))
    return [_strongest(some) for some in found]


def _difference(column: NumericColumn, effects: Effects, i: int) -> Difference:
    delta, low, high, median, other = (float(part[i]) for part in effects)
    return Difference(column.name, column.unit, delta, low, high, median, other, column.held_out)


def _strongest(differences: list[Difference]) -> list[Difference]:
    return sorted(differences, key=lambda difference: -abs(difference.delta))


def _neighbors(
    X: Float32,
    labels: Int32,
    names: list[str],
    links: Links,
    columns: Sequence[NumericColumn],
    counts: Sequence[Int64],
) -> list[tuple[Neighbor, ...]]:
    """Return the groups beside each group, whether a gap lies between, and in what they differ."""
    n_groups = len(names)
    centers, _ = centers_of(X, labels, n_groups)
    near = nearest_groups(links.shares, centers, _BY_LINKS, _BY_CENTERS)
    pairs = [(group, other) for group in range(n_groups) for other in near[group]]
    gaps = gaps_between(X, labels, centers, pairs)
    separates: list[list[Difference]] = [[] for _ in pairs]
    if pairs:
        one, other = np.array(pairs).T
        for column, count in zip(columns, counts, strict=True):
            effects = compare(count[one], count[other], column.levels)
            for i in np.flatnonzero(~np.isnan(effects.delta)):
                separates[i].append(_difference(column, effects, int(i)))
    found: list[list[Neighbor]] = [[] for _ in range(n_groups)]
    for (group, beside), (gap, apart), differences in zip(pairs, gaps, separates, strict=True):
        strongest = tuple(_strongest(differences)[:SHOWN_SEPARATES])
        share = float(links.shares[group, beside])
        found[group].append(Neighbor(beside, names[beside], share, gap, apart, strongest))
    return [tuple(some) for some in found]


def _hubs(songs: pl.DataFrame, labels: Int32, n_groups: int, links: Links) -> list[Hubs]:
    shares, tops = hub_shares(labels, n_groups, links.popularity)
    every = iter(described(songs, np.concatenate(tops)))
    return [
        Hubs(tuple(islice(every, len(rows))), tuple(links.popularity[rows].tolist()), float(share))
        for share, rows in zip(shares, tops, strict=True)
    ]


def _means(values: Float64, labels: Int32, n_groups: int) -> Float64:
    """Return the mean of the known values of each group, NaN where none is known."""
    known = (labels >= 0) & ~np.isnan(values)
    counts = np.bincount(labels[known], minlength=n_groups)
    sums = np.bincount(labels[known], values[known], minlength=n_groups)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def names(cards: Sequence[Card]) -> list[str]:
    """Return the name of each group, by number."""
    return [card.name for card in cards]
