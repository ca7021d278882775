"""The words of names: what is told about them is what makes them."""

import math

import pytest

from songscape.interpretation.words import COMPARATIVES, meanings, sound_word


@pytest.mark.parametrize("meaning", meanings(), ids=lambda meaning: meaning.word)
def test_a_word_holds_in_its_range(meaning):
    found = sound_word(meaning.feature, meaning.side, meaning.bound)
    assert found is not None
    assert (found.text, found.weight) == (meaning.word, meaning.weight)
    outwards = -math.inf if meaning.side == ">" else math.inf
    weaker = sound_word(meaning.feature, meaning.side, math.nextafter(meaning.bound, outwards))
    assert weaker is None or weaker.text != meaning.word
    if meaning.beyond is not None:
        assert sound_word(meaning.feature, meaning.side, meaning.beyond).text != meaning.word
        assert (
            sound_word(meaning.feature, meaning.side, math.nextafter(meaning.beyond, outwards)).text == meaning.word
        )


def test_no_word_has_two_meanings():
    words = [meaning.word for meaning in meanings()]
    assert len(words) == len(set(words)) > 20
    assert sound_word("energy", "<", -math.inf).text == "hushed"
    assert sound_word("year", ">", 2000.0) is None


def test_comparatives_come_in_pairs():
    assert {name for name, side in COMPARATIVES if side == ">"} == {
        name for name, side in COMPARATIVES if side == "<"
    }
    assert len(set(COMPARATIVES.values())) == len(COMPARATIVES)
