"""What groups mean: cards with names, differences, evidence, examples, rules and verdicts, as plain data."""

from songscape.interpretation.cards import describe_scale, names
from songscape.interpretation.records import Card

__all__ = ["Card", "describe_scale", "names"]
