"""What groups mean: cards of all scales, as plain data."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from songscape.atlas.record import Atlas
from songscape.config import BLOCKS, FeatureParams
from songscape.errors import ParameterError, must_be
from songscape.interpretation import HELD_OUT, Card, Comeback, describe_scale, judge_again
from songscape.progress import Progress, part_of, silent
from songscape.types import Float32, Groups, NeighborGraph

Cards = dict[str, list[dict[str, Any]]]


def describe_songs(
    groups: Groups,
    songs: pl.DataFrame,
    X: Float32,
    neighbors: NeighborGraph,
    silhouettes: dict[str, Float32],
    features: FeatureParams,
    *,
    progress: Progress = silent,
) -> Cards:
    """Return the cards of each scale; `silhouettes` are those of the songs among its groups, by scale."""
    held_out = [block for block in HELD_OUT if block in BLOCKS and features.block_weight(block) == 0.0]
    cards: Cards = {}
    for place, scale in enumerate(groups.scales):
        part = part_of(progress, "interpretation", place / len(groups.scales), (place + 1) / len(groups.scales))
        found = describe_scale(
            scale, songs, X, neighbors, silhouette=silhouettes[scale.name], held_out=held_out, progress=part
        )
        cards[scale.name] = [card.as_dict() for card in found]
    return cards


def describe_groups(atlas: Atlas) -> dict[str, list[Card]]:
    """Return a card for each group of an atlas at each scale: name, evidence, examples, rule, verdict.

    Parameters
    ----------
    atlas : Atlas
        From `songscape.build_atlas` or `songscape.load_atlas`.

    Returns
    -------
    dict of str to list of Card
        Under ``coarse``, ``middle`` and ``fine`` the cards by number of the group; ``card.as_dict()`` is plain data.
        ``docs/groups.md`` explains each entry.

    Raises
    ------
    ParameterError
        If `atlas` is something else.

    Examples
    --------
    >>> import songscape
    >>> catalog = songscape.read_catalog(songscape.synthesize_tracks(500, random_state=0))
    >>> cards = songscape.describe_groups(songscape.build_atlas(catalog))
    >>> [card.number for card in cards["coarse"]][:3], cards["coarse"][0].size > cards["coarse"][-1].size
    ([0, 1, 2], True)
    """
    if not isinstance(atlas, Atlas):
        raise ParameterError(must_be("atlas", "an Atlas, from songscape.build_atlas or load_atlas", type(atlas)))
    return {scale: [Card.from_dict(card) for card in cards] for scale, cards in atlas.cards.items()}


def keep_stability(atlas: Atlas, scores: Mapping[str, Any]) -> Atlas:
    """Return an atlas that keeps how far its groups come back: in its scores, and on the card of each group.

    Parameters
    ----------
    atlas : Atlas
        Is not changed.
    scores : dict
        What `songscape.evaluate` returned for this atlas with a `stability` above 0.

    Returns
    -------
    Atlas
        The same with ``scores["stability"]``, and with cards whose verdicts take it into account. Save it to keep it;
        an atlas that is built anew has none.

    Raises
    ------
    ParameterError
        If `atlas` is something else, or `scores` holds no stability of its groups.

    Examples
    --------
    >>> import songscape
    >>> catalog = songscape.read_catalog(songscape.synthesize_tracks(300, random_state=0))
    >>> atlas = songscape.build_atlas(catalog)
    >>> kept = songscape.keep_stability(atlas, songscape.evaluate(atlas, stability=2))
    >>> 0.0 <= songscape.describe_groups(kept)["coarse"][0].stability.jaccard <= 1.0
    True
    """
    if not isinstance(atlas, Atlas):
        raise ParameterError(must_be("atlas", "an Atlas, from songscape.build_atlas or load_atlas", type(atlas)))
    found = scores.get("stability", {}).get("scales", {})
    if {name: len(cards) for name, cards in atlas.cards.items()} != {
        name: len(scale["groups"]) for name, scale in found.items()
    }:
        allowed = "what songscape.evaluate(atlas, stability=10) returned for this atlas"
        raise ParameterError(must_be("scores", allowed, f"stability of {', '.join(found) or 'no scale'}"))
    cards = {
        name: [
            card.as_dict()
            for card in judge_again([Card.from_dict(plain) for plain in told], comebacks_of(found[name]))
        ]
        for name, told in atlas.cards.items()
    }
    return replace(atlas, cards=cards, scores=atlas.scores | {"stability": scores["stability"]})


def comebacks_of(scale: Mapping[str, Any]) -> list[Comeback | None]:
    """Return how much of each group of a scale comes back, of what `stability_scores` tells about it."""
    quantiles = scale["jaccard_null_quantiles"]
    null = math.nan if quantiles is None else quantiles[2]
    return [
        None if group["jaccard"] is None else Comeback(null=null, **{name: _nan(group[name]) for name in group})
        for group in scale["groups"]
    ]


def _nan(value: float | None) -> float:
    return math.nan if value is None else value
