"""What groups mean: cards with names, differences, evidence, examples, rules and verdicts, as plain data."""

from songscape.interpretation.cards import describe_scale, names
from songscape.interpretation.columns import HELD_OUT
from songscape.interpretation.finding import find_card, matching
from songscape.interpretation.pages import card_facts, card_lines, cards_section, heat_map
from songscape.interpretation.records import Card, Comeback
from songscape.interpretation.verdicts import judge_again

__all__ = [
    "HELD_OUT",
    "Card",
    "Comeback",
    "card_facts",
    "card_lines",
    "cards_section",
    "describe_scale",
    "find_card",
    "heat_map",
    "judge_again",
    "matching",
    "names",
]
