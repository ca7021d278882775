"""Groups found by number, by name, by words of it, misspelled; messages where none or several are meant."""

from dataclasses import replace

import pytest

from songscape.errors import InputError
from songscape.interpretation import find_card, matching

NAMES = ("Quiet acoustic · sad · folk, 1970s", "Fast fierce · angry · metal", "Fast, darker", "Quiet piano")


@pytest.fixture(scope="module")
def cards(planted):
    return [replace(card, name=name) for card, name in zip(planted.cards, NAMES, strict=True)]


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        ("2", 2),
        (" 0 ", 0),
        ("Fast, darker", 2),
        ("FAST DARKER", 2),
        ("quiet acoustic sad folk 1970s", 0),
        ("metal", 1),
        ("fol", 0),  # words that begin so
        ("1970", 0),
        ("acustic", 0),  # misspelled
        ("quite pianno", 3),
    ],
)
def test_what_is_meant(cards, wanted, number):
    assert find_card(cards, wanted).number == number


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("4", r"There is no group 4 at the coarse scale\. Its 4 groups have the numbers 0 to 3\."),
        ("fast", r"'fast' fits 2 groups at the coarse scale: 1 “Fast fierce · angry · metal”, 2 “Fast, darker”\."),
        ("Slow darkness", r"No group .* has a name like 'Slow darkness'\. The nearest names: 2 “Fast, darker”\."),
        ("xyz", r"has a name like 'xyz'\. Without a name all groups are listed\."),
        ("· ·", r"has a name like '· ·'"),
    ],
)
def test_what_is_not_meant(cards, wanted, message):
    with pytest.raises(InputError, match=message):
        find_card(cards, wanted)


def test_without_groups(cards):
    assert matching([], "fast") == []
    with pytest.raises(InputError, match=r"There is no group 0 at this scale\. It has none\."):
        find_card([], "0")


def test_the_same_words_win_over_words_that_begin_so(cards):
    both = [cards[0], replace(cards[1], name="Quiet"), *cards[2:]]
    assert [card.number for card in matching(both, "quiet")] == [1]
