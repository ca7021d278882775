"""Finding a group by what a person types: its number, its name, or a part of the name that may be misspelled."""

import difflib
import re
from collections.abc import Callable, Sequence

from songscape.errors import InputError
from songscape.interpretation.records import Card

_SHOWN = 5
_CLOSE = 0.75  # of difflib's ratio: one wrong letter in four


def find_card(cards: Sequence[Card], wanted: str) -> Card:
    """Return the card of the group that is meant.

    Parameters
    ----------
    cards : sequence of Card
        Of one scale.
    wanted : str
        A number; or words, each of which begins a word of the name, or at least resembles one. Case and signs between
        words do not count.

    Raises
    ------
    InputError
        If no group or more than one is meant; the message names those that may be.

    Examples
    --------
    See the page on groups in the documentation.
    """
    where = f"the {cards[0].scale} scale" if cards else "this scale"
    is_number = wanted.strip().isdecimal()
    if is_number and int(wanted) < len(cards):
        return cards[int(wanted)]
    found = matching(cards, wanted)
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"'{wanted}' fits {len(found)} groups at {where}: {_listed(found)}.")
    if is_number:
        known = f"Its {len(cards)} groups have the numbers 0 to {len(cards) - 1}." if cards else "It has none."
        raise InputError(f"There is no group {wanted.strip()} at {where}. {known}")
    near = difflib.get_close_matches(wanted.casefold(), [card.name.casefold() for card in cards], n=3, cutoff=0.4)
    meant = [card for name in near for card in cards if card.name.casefold() == name]
    hint = f"The nearest names: {_listed(meant)}." if meant else "Without a name all groups are listed."
    raise InputError(f"No group at {where} has a name like '{wanted}'. {hint}")


def matching(cards: Sequence[Card], wanted: str) -> list[Card]:
    """Return the cards whose names fit best: the same words, else words that begin so, else words that resemble."""
    words = _words(wanted)
    if not words:
        return []
    same = [card for card in cards if _words(card.name) == words]
    fits: tuple[Callable[[str, str], bool], ...] = (lambda word, other: other.startswith(word), _resembles)
    for fit in fits:
        if same:
            break
        same = [card for card in cards if all(any(fit(word, other) for other in _words(card.name)) for word in words)]
    return same


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _resembles(word: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, word, other).ratio() >= _CLOSE


def _listed(cards: Sequence[Card]) -> str:
    named = ", ".join(f"{card.number} “{card.name}”" for card in cards[:_SHOWN])
    return named + (f" and {len(cards) - _SHOWN} more" if len(cards) > _SHOWN else "")
