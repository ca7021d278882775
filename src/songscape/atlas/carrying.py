"""Numbers and names of groups that follow the match: a rebuilt atlas calls what it kept as the old one did."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from songscape.atlas.build import evaluate
from songscape.atlas.comparing import AtlasComparison, ScaleChanges
from songscape.atlas.record import Atlas
from songscape.interpretation import Card, judge_again
from songscape.progress import Progress, silent
from songscape.types import GroupScale, Int32

_NEW = " (new)"


def carry_groups(new: Atlas, comparison: AtlasComparison, *, progress: Progress = silent) -> Atlas:
    """Return an atlas whose kept and moved groups have the numbers and names that they had in the old one.

    Parameters
    ----------
    new : Atlas
        The new one of the comparison. It is not changed.
    comparison : AtlasComparison
        From `songscape.compare_atlases`.
    progress : callable, optional
        Called with the stage evaluation and a fraction in [0, 1]: scores name groups by number.

    Returns
    -------
    Atlas
        The same groups under other numbers, so these do not follow their sizes. Groups that are born take numbers
        that are free. An old number that is too large for an atlas of fewer groups is not kept. Where a group that is
        born has the name of a kept one, it gets a mark.

    Examples
    --------
    >>> import songscape
    >>> tracks = songscape.synthesize_tracks(500, random_state=0)
    >>> one, other = (songscape.build_atlas(songscape.read_catalog(part)) for part in (tracks, tracks.head(450)))
    >>> carried = songscape.carry_groups(other, songscape.compare_atlases(one, other))
    >>> again = songscape.compare_atlases(one, carried).scales["middle"].groups
    >>> all(group.old_name == group.new_name for group in again if group.status == "kept")
    True
    """
    numbers = {name: new_numbers(scale) for name, scale in comparison.scales.items()}
    scales = []
    for place, scale in enumerate(new.groups.scales):
        up = numbers[new.groups.scales[place - 1].name] if place else None
        scales.append(_renumbered(scale, numbers[scale.name], up))
    cards = {}
    for place, scale in enumerate(new.groups.scales):
        up = numbers[new.groups.scales[place - 1].name] if place else None
        told = new.cards[scale.name]
        cards[scale.name] = _told_anew(told, numbers[scale.name], up, new_names(told, comparison.scales[scale.name]))
    scores = dict(new.scores)
    if "stability" in scores:
        scores["stability"] = _stability(scores["stability"], numbers)
    carried = replace(new, groups=replace(new.groups, scales=tuple(scales)), cards=cards, scores=scores)
    return replace(carried, scores=evaluate(carried, progress=progress))


def new_numbers(changes: ScaleChanges) -> Int32:
    """Return the number that each new group gets, int32 (n_new,).

    Examples
    --------
    >>> from songscape.atlas.comparing import match_groups
    >>> old, new = np.array([0, 0, 1, 1, 2, 2], np.int32), np.array([2, 2, 0, 0, 1, 1], np.int32)
    >>> new_numbers(match_groups(old, new, (["a", "b", "c"], ["x", "y", "z"])))
    array([1, 2, 0], dtype=int32)
    """
    n_groups = sum(group.new is not None for group in changes.groups)
    found = np.full(n_groups, -1, np.int32)
    for group in changes.groups:
        if group.new is not None and group.old is not None and group.old < n_groups:
            found[group.new] = group.old
    found[found < 0] = np.setdiff1d(np.arange(n_groups, dtype=np.int32), found)
    return found


def _renumbered(scale: GroupScale, numbers: Int32, up: Int32 | None) -> GroupScale:
    """Return groups under other numbers; `up` are those of the next coarser scale."""
    order = np.argsort(numbers)
    parents = scale.parents if up is None else up[scale.parents[order]]
    return replace(
        scale,
        labels=_looked_up(numbers, scale.labels),
        nearest=_looked_up(numbers, scale.nearest),
        members=numbers[scale.members],
        parents=parents,
        persistence=scale.persistence[order],
    )


def _looked_up(numbers: Int32, labels: Int32) -> Int32:
    return np.append(numbers, np.int32(-1))[labels]


def new_names(cards: list[dict[str, Any]], changes: ScaleChanges) -> list[str]:
    """Return the name of each new group: the old one where it has a match, else its own."""
    found = [str(card["name"]) for card in cards]
    matched = [group for group in changes.groups if group.old is not None and group.new is not None]
    for group in matched:
        found[group.new or 0] = str(group.old_name)
    taken = {str(group.old_name) for group in matched}
    for number in sorted(set(range(len(found))) - {group.new for group in matched}):
        while found[number] in taken:
            found[number] += _NEW
        taken.add(found[number])
    return found


def _told_anew(
    cards: list[dict[str, Any]], numbers: Int32, up: Int32 | None, names: list[str]
) -> list[dict[str, Any]]:
    """Return cards by their new numbers, with the names and numbers of the groups beside them."""
    found = []
    for number in np.argsort(numbers).tolist():
        card = Card.from_dict(cards[number])
        neighbors = tuple(
            replace(one, number=int(numbers[one.number]), name=names[one.number]) for one in card.neighbors
        )
        parent = card.parent if up is None or card.parent is None else int(up[card.parent])
        found.append(
            replace(card, number=int(numbers[number]), name=names[number], parent=parent, neighbors=neighbors)
        )
    again = judge_again(found, [card.stability for card in found])  # the reasons of verdicts name neighbors
    return [card.as_dict() for card in again]


def _stability(stability: Mapping[str, Any], numbers: Mapping[str, Int32]) -> dict[str, Any]:
    """Return what is known of how far groups come back, in the order of their new numbers."""
    scales = {
        name: scale | {"groups": [scale["groups"][number] for number in np.argsort(numbers[name]).tolist()]}
        for name, scale in stability["scales"].items()
    }
    return dict(stability) | {"scales": scales}
