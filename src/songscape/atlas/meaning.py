"""What groups mean: cards of all scales, as plain data."""

from typing import Any

import polars as pl

from songscape.config import BLOCKS, FeatureParams
from songscape.interpretation import HELD_OUT, describe_scale
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
