"""Names: made of what sets a group apart, unique, short, the same every time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.interpretation.columns import NumericColumn
from songscape.interpretation.naming import MAX_LENGTH, GroupEvidence, make_names
from songscape.interpretation.records import Difference, Lift
from songscape.interpretation.words import COMPARATIVES, EMOTIONS, NOTHING, sound_word


def difference(feature, delta, median, certain=True):
    low, high = (delta - 0.05, delta + 0.05) if certain else (delta - 1.0, delta + 1.0)
    return Difference(feature, "", delta, low, high, median, 0.5, False)


def lift(kind, value, share=0.4, low=2.0):
    return Lift(kind, value, 40, share, 0.1, low + 1.0, low, low + 2.0, 0.001, 0.01, True)


def column(name, n_rows=0):
    return NumericColumn(name, "", False, np.empty(n_rows), np.empty(n_rows, dtype=np.int32), np.array([0.0, 1.0]))


def name_of(differences, over=()):
    return make_names([GroupEvidence(differences, over, 100, 900)], [], [])[0]


def test_the_name_of_the_example():
    differences = [
        difference("acousticness", 0.9, 0.85),
        difference("energy", -0.7, 0.25),
        difference("tempo", -0.35, 90),
    ]
    over = [lift("genre", "folk"), lift("emotion", "sadness"), lift("decade", "1970s")]
    assert name_of(differences, over) == "Quiet acoustic · sad · folk, 1970s"


def test_parts_that_are_not_known_are_left_out():
    acoustic = [difference("acousticness", 0.9, 0.85)]
    assert name_of(acoustic) == "Acoustic"
    assert name_of(acoustic, [lift("decade", "1970s")]) == "Acoustic · 1970s"
    assert name_of([], [lift("genre", "folk")]) == "Folk"
    assert name_of([]) == NOTHING


def test_small_or_uncertain_differences_make_no_word():
    assert name_of([difference("acousticness", 0.3, 0.85)]) == NOTHING
    assert name_of([difference("acousticness", 0.5, 0.85, certain=False)]) == NOTHING
    assert name_of([difference("acousticness", 0.5, 0.1)]) == NOTHING  # more acoustic than the rest, and still hardly


def test_labels_must_be_clear_and_frequent():
    assert name_of([], [lift("genre", "folk", low=1.1)]) == NOTHING
    assert name_of([], [lift("genre", "folk", share=0.01)]) == NOTHING
    assert name_of([], [lift("decade", "1970s", share=0.2)]) == NOTHING
    rare, common = lift("genre", "sea shanty", share=0.05, low=8.0), lift("genre", "folk", share=0.5, low=2.0)
    assert name_of([], [rare, common]) == "Folk"


def test_words_that_say_the_same_are_taken_once():
    quiet = [difference("energy", -0.9, 0.1), difference("loudness", -0.8, -20.0), difference("tempo", -0.6, 80.0)]
    assert name_of(quiet) == "Slow hushed"


def test_equal_names_are_told_apart_by_further_words_then_comparatives_then_numbers():
    rap = [difference("speechiness", 0.9, 0.3), difference("danceability", 0.8, 0.8)]
    dark = [*rap, difference("positiveness", -0.4, 0.3)]
    assert make_names([GroupEvidence(rap, [], 100, 900), GroupEvidence(dark, [], 100, 900)], [], []) == [
        "Danceable rapped",
        "Dark danceable rapped",
    ]
    counts = [np.array([[90, 10], [10, 90], [0, 0]])]
    assert make_names([GroupEvidence(rap, [], 100, 900)] * 2, [column("tempo")], counts) == [
        "Danceable rapped, slower",
        "Danceable rapped, faster",
    ]
    assert make_names([GroupEvidence(rap, [], 100, 900)] * 2, [], []) == ["Danceable rapped 1", "Danceable rapped 2"]


@given(st.lists(st.tuples(st.sampled_from(sorted({f for f, _ in COMPARATIVES})), st.integers(-9, 9)), max_size=6),
       st.integers(1, 40), st.text(max_size=60))  # fmt: skip
@settings(derandomize=True, max_examples=60, deadline=None)
def test_any_number_of_like_groups_get_short_unique_names(features, n_groups, genre):
    evidence = GroupEvidence(
        [difference(feature, step / 9, 0.5) for feature, step in features],
        [lift("genre", genre)] if genre.strip() else [],
        100,
        900,
    )
    rng = np.random.default_rng(n_groups)
    columns = [column(name) for name in ("tempo", "energy")]
    counts = [rng.integers(0, 50, (n_groups + 1, 2)) for _ in columns]
    names = make_names([evidence] * n_groups, columns, counts)
    assert len({name.casefold() for name in names}) == n_groups
    assert all(1 <= len(name) <= MAX_LENGTH for name in names)
    assert names == make_names([evidence] * n_groups, columns, counts)


def test_the_words_are_of_both_sides():
    assert sound_word("energy", ">", 0.95).text == "fierce"
    assert sound_word("energy", "<", 0.1).text == "hushed"
    assert sound_word("energy", "<", 0.9) is None
    assert sound_word("popularity", ">", 90.0) is None
    assert set(EMOTIONS) == {"joy", "sadness", "anger", "love", "fear", "surprise"}


@pytest.mark.parametrize("feature", sorted({feature for feature, _ in COMPARATIVES}))
def test_every_comparative_has_its_opposite(feature):
    assert COMPARATIVES[feature, ">"] != COMPARATIVES[feature, "<"]


def test_what_nearly_all_songs_have_is_no_contrast(planted):
    """981 of 1000 songs are not named by what 19 others lack; 980 are, and so is half of a catalog of thirty."""
    differences = planted.cards[0].differences
    assert make_names([GroupEvidence(differences, [], 981, 19)], [], []) == ["All songs"]
    for size, rest in ((980, 20), (15, 15)):
        assert make_names([GroupEvidence(differences, [], size, rest)], [], []) == ["Quiet acoustic"]
