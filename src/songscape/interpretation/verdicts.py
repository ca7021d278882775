"""Four words for how far a group may be trusted: solid, blurred, fragment, artifact; always with the reason.

The thresholds are those that the scores are read by elsewhere, not ones that were fitted: a silhouette from 0.20 is
moderate (Kaufman and Rousseeuw 1990 call 0.25 the least that is worth a look), and a Jaccard stability from 0.75 is
what Hennig (2007, doi:10.1016/j.csda.2006.11.025) calls stable, below 0.5 dissolved.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from songscape.errors import InputError
from songscape.interpretation.records import Card, Comeback, Neighbor, VerdictWord

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
    artifact: str
    silhouette: float
    stability: Comeback | None
    own_links: float
    neighbors: tuple[Neighbor, ...]
    sizes: tuple[int, ...]


def judge(evidence: Evidence) -> tuple[VerdictWord, str]:
    """Return the verdict on a group and its reason in words.

    In this order: *artifact* if the catalog made it; *fragment* if it is too small to tell, if it dissolves in
    subsamples as the median group of permuted columns does, or if it goes over without a gap into one larger
    neighbor that most of its leaving links lead to;
    *solid* if a real gap lies towards every neighbor, its silhouette is at least moderate and, where measured, it
    comes back, and better than the median group of permuted columns; else *blurred*.

    Examples
    --------
    >>> judge(Evidence(500, "", 0.4, None, 0.9, (Neighbor(1, "Loud rock", 0.1, 0.9, True, ()),), (300,)))
    ('solid', 'a gap to every neighbor, the narrowest 90 % empty; silhouette 0.40; stability not measured')
    """
    if evidence.artifact:
        return "artifact", evidence.artifact
    if evidence.size < MIN_SIZE:
        return "fragment", f"only {evidence.size} songs, too few to tell"
    if evidence.stability is not None and _dissolves(evidence.stability):
        return "fragment", f"it dissolves: only {_comes_back(evidence.stability)}"
    whole = _whole(evidence)
    if whole:
        return "fragment", f"a piece of “{whole.name}”: no gap towards it, and most links that leave lead there"
    doubts = _doubts(evidence)
    if doubts:
        return "blurred", "; ".join(doubts)
    narrowest = min(neighbor.gap for neighbor in evidence.neighbors)
    stability = "not measured" if evidence.stability is None else f"{evidence.stability.jaccard:.2f}"
    return "solid", (
        f"a gap to every neighbor, the narrowest {100 * narrowest:.0f} % empty; silhouette {evidence.silhouette:.2f};"
        f" stability {stability}"
    )


def _dissolves(comeback: Comeback) -> bool:
    """Return whether less than half comes back, and not surely more than of groups of nothing.

    In a continuum the borders of small groups move from one subsample to the next, so the first alone would say the
    same of nearly all of them.
    """
    least = comeback.jaccard if math.isnan(comeback.low) else comeback.low
    return comeback.jaccard < DISSOLVED and not least > comeback.null


def _comes_back(comeback: Comeback) -> str:
    beside = "" if math.isnan(comeback.null) else f" (of groups of permuted columns {100 * comeback.null:.0f} %)"
    return f"{100 * comeback.jaccard:.0f} % of it come back in subsamples{beside}"


def _whole(evidence: Evidence) -> Neighbor | None:
    """Return the larger neighbor that this group is a piece of, if there is one."""
    leaving = 1.0 - evidence.own_links
    for neighbor, size in zip(evidence.neighbors, evidence.sizes, strict=True):
        if not neighbor.is_apart and size > evidence.size and neighbor.links > PIECE * leaving:
            return neighbor
    return None


def _doubts(evidence: Evidence) -> list[str]:
    """Return what speaks against calling the group solid."""
    if not evidence.neighbors:
        return ["there is no other group to tell it from"]
    doubts = []
    fused = [neighbor.name for neighbor in evidence.neighbors if not neighbor.is_apart]
    if fused:
        named = " and ".join(f"“{name}”" for name in fused[:2])
        doubts.append(f"no gap towards {len(fused)} of {len(evidence.neighbors)} neighbors, such as {named}")
    if math.isnan(evidence.silhouette):
        doubts.append("its silhouette is not known")
    elif evidence.silhouette < MIN_SILHOUETTE:
        doubts.append(
            f"its songs are hardly nearer to each other than to the next group (silhouette {evidence.silhouette:.2f})"
        )
    comeback = evidence.stability
    if comeback is not None and comeback.jaccard < MIN_STABILITY:
        doubts.append(f"only {_comes_back(comeback)}")
    elif comeback is not None and comeback.jaccard <= comeback.null:
        doubts.append("it comes back no better than groups of permuted columns do")
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
        verdict, reason = judge(
            Evidence(
                size=card.size,
                artifact=card.reason if card.verdict == "artifact" else "",
                silhouette=card.silhouette,
                stability=comeback,
                own_links=card.own_links,
                neighbors=card.neighbors,
                sizes=tuple(cards[neighbor.number].size for neighbor in card.neighbors),
            )
        )
        again.append(replace(card, stability=comeback, verdict=verdict, reason=reason))
    return again
