"""An atlas → compact bytes and plain data for the page in the browser."""

from songscape.web.packing.cards import atlas_facts, group_cards
from songscape.web.packing.columns import shown_columns
from songscape.web.packing.details import pack_details
from songscape.web.packing.points import MOST_GENRES, map_places, pack_points
from songscape.web.packing.text import pack_text

__all__ = [
    "MOST_GENRES",
    "atlas_facts",
    "group_cards",
    "map_places",
    "pack_details",
    "pack_points",
    "pack_text",
    "shown_columns",
]
