"""Four words for how far a group may be trusted: solid, blurred, fragment, artifact; always with the reason.

The thresholds are those that the scores are read by elsewhere, not ones that were fitted: a silhouette from 0.20 is
moderate (Kaufman and Rousseeuw 1990 call 0.25 the least that is worth a look), and a Jaccard stability from 0.75 is
what Hennig (2007, doi:10.1016/j.csda.2006.11.025) calls stable, below 0.5 dissolved.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from songscape.errors import InputError
from songscape.interpretation.grounds import told
from songscape.interpretation.records import Card, Comeback, Ground, Neighbor, VerdictWord

MIN_SILHOUETTE = 0.20
MIN_STABILITY = 0.75
DISSOLVED = 0.5
MIN_SIZE = 20
"""Fewer songs can show no gap with any confidence (see `songscape.interpretation.gaps`)."""

PIECE = 0.5
"""Share of the links that leave a group from which on one neighbor makes it a piece of that neighbor."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the verdict on one group rests on."""

    size: int
    artifact: Ground | None
    silhouette: float
    stability: Comeback | None
    own_links: float
    neighbors: tuple[Neighbor, ...]
    sizes: tuple[int, ...]


def judge(evidence: Evidence) -> tuple[VerdictWord, tuple[Ground, ...]]:
    """Return the verdict on a group and its grounds.

    In this order: *artifact* if the catalog made it; *fragment* if it is too small to tell, if it dissolves in
    subsamples as the median group of permuted columns does, or if it goes over without a gap into one larger
    neighbor that most of its leaving links lead to;
    *solid* if a real gap lies towards every neighbor, its silhouette is at least moderate and, where measured, it
    comes back, and better than the median group of permuted columns; else *blurred*.

    Examples
    --------
    >>> apart = Neighbor(1, "Loud rock", 0.1, 0.9, True, ())
    >>> verdict, grounds = judge(Evidence(500, None, 0.4, None, 0.9, (apart,), (300,)))
    >>> verdict, told(grounds)
    ('solid', 'a gap to every neighbor, the narrowest 90 % empty; silhouette 0.40; stability not measured')
    """
    if evidence.artifact:
        return "artifact", (evidence.artifact,)
    if evidence.size < MIN_SIZE:
        return "fragment", (Ground("too_small", {"size": evidence.size}),)
    if evidence.stability is not None and _dissolves(evidence.stability):
        return "fragment", (Ground("dissolves", _comes_back(evidence.stability)),)
    whole = _whole(evidence)
    if whole:
        return "fragment", (Ground("piece", {"name": whole.name}),)
    doubts = _doubts(evidence)
    if doubts:
        return "blurred", tuple(doubts)
    stability = evidence.stability
    return "solid", (
        Ground("gaps", {"gap": min(neighbor.gap for neighbor in evidence.neighbors)}),
        Ground("silhouette", {"silhouette": evidence.silhouette}),
        Ground("stability", {"stability": stability.jaccard}) if stability else Ground("unmeasured", {}),
    )


def _dissolves(comeback: Comeback) -> bool:
    """Return whether less than half comes back, and not surely more than of groups of nothing.

    In a continuum the borders of small groups move from one subsample to the next, so the first alone would say the
    same of nearly all of them.
    """
    least = comeback.jaccard if math.isnan(comeback.low) else comeback.low
    return comeback.jaccard < DISSOLVED and not least > comeback.null


def _comes_back(comeback: Comeback) -> dict[str, float]:
    beside = {} if math.isnan(comeback.null) else {"chance": comeback.null}
    return {"share": comeback.jaccard, **beside}


def _whole(evidence: Evidence) -> Neighbor | None:
    """Return the larger neighbor that this group is a piece of, if there is one."""
    leaving = 1.0 - evidence.own_links
    for neighbor, size in zip(evidence.neighbors, evidence.sizes, strict=True):
        if not neighbor.is_apart and size > evidence.size and neighbor.links > PIECE * leaving:
            return neighbor
    return None


def _doubts(evidence: Evidence) -> list[Ground]:
    """Return what speaks against calling the group solid."""
    if not evidence.neighbors:
        return [Ground("alone", {})]
    doubts = []
    fused = [neighbor.name for neighbor in evidence.neighbors if not neighbor.is_apart]
    if fused:
        doubts.append(Ground("no_gap", {"n": len(fused), "all": len(evidence.neighbors), "names": fused[:2]}))
    if math.isnan(evidence.silhouette):
        doubts.append(Ground("unknown_silhouette", {}))
    elif evidence.silhouette < MIN_SILHOUETTE:
        doubts.append(Ground("low_silhouette", {"silhouette": evidence.silhouette}))
    comeback = evidence.stability
    if comeback is not None and comeback.jaccard < MIN_STABILITY:
        doubts.append(Ground("unstable", _comes_back(comeback)))
    elif comeback is not None and comeback.jaccard <= comeback.null:
        doubts.append(Ground("by_chance", {}))
    return doubts


def judge_again(cards: Sequence[Card], comebacks: Sequence[Comeback | None]) -> list[Card]:
    """Return the cards of one scale with how much of each group comes back, and the verdicts that follow.

    Parameters
    ----------
    cards : sequence of Card
        All cards of the scale, by number.
    comebacks : sequence of Comeback or None, one per card
        None where it was not measured.

    Raises
    ------
    InputError
        If the two are of different lengths.
    """
    if len(cards) != len(comebacks):
        raise InputError(f"There must be one comeback for each of the {len(cards)} groups. Got {len(comebacks)}.")
    again = []
    for card, comeback in zip(cards, comebacks, strict=True):
        verdict, grounds = judge(
            Evidence(
                size=card.size,
                artifact=_artifact(card),
                silhouette=card.silhouette,
                stability=comeback,
                own_links=card.own_links,
                neighbors=card.neighbors,
                sizes=tuple(cards[neighbor.number].size for neighbor in card.neighbors),
            )
        )
        again.append(replace(card, stability=comeback, verdict=verdict, reason=told(grounds), grounds=grounds))
    return again


def _artifact(card: Card) -> Ground | None:
    """Return why the catalog made a group, if it did."""
    if card.verdict != "artifact":
        return None
    return card.grounds[0] if card.grounds else Ground("as_told", {"text": card.reason})
