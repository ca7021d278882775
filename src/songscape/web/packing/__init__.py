"""An atlas → compact bytes and plain data for the page in the browser."""

from songscape.web.packing.cards import atlas_facts, group_cards
from songscape.web.packing.details import pack_details
from songscape.web.packing.points import pack_points
from songscape.web.packing.text import pack_text

__all__ = ["atlas_facts", "group_cards", "pack_details", "pack_points", "pack_text"]
