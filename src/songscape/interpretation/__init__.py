"""What groups mean: cards with names, differences, evidence, examples, rules and verdicts, as plain data."""

from songscape.interpretation.cards import describe_scale, names
from songscape.interpretation.columns import HELD_OUT
from songscape.interpretation.pages import card_facts, card_lines, cards_section, heat_map
from songscape.interpretation.records import Card

__all__ = ["HELD_OUT", "Card", "card_facts", "card_lines", "cards_section", "describe_scale", "heat_map", "names"]
