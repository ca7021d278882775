"""What groups mean: cards of all scales, as plain data."""

from typing import Any

import polars as pl

from songscape.atlas.record import Atlas
from songscape.config import BLOCKS, FeatureParams
from songscape.errors import ParameterError, must_be
from songscape.interpretation import HELD_OUT, Card, describe_scale
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
