"""Numbers and words as people read them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.report.numbers import (
    GROUP,
    PERCENT,
    decimals_for,
    format_column,
    format_number,
    format_share,
    is_count,
)
from songscape.report.plot import Scale, thinned, tick_words, ticks, widened
from songscape.report.tables import view_table
from songscape.report.words import clean, enumerate_words, shorten, text_width, unbroken

FINITE = st.floats(-1e15, 1e15, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (999, "999"),
        (1_234_567, f"1{GROUP}234{GROUP}567"),
        (-12.5, "−12.5"),
        (0.1234, "0.123"),
        (1e-9, "<0.000001"),
        (-1e-9, ">−0.000001"),
        (1e15, GROUP.join(["1", *["000"] * 5])),
        (2.0, "2"),
        (None, "–"),
    ],
)
def test_a_number(value, expected):
    assert format_number(value) == expected


@given(FINITE)
@settings(derandomize=True, max_examples=200)
def test_no_number_is_scientific_and_each_reads_back(value):
    text = format_number(value)
    assert "e" not in text
    if text[0] in "<>":
        assert abs(value) < 1e-6
    else:
        read = float(text.replace(GROUP, "").replace("−", "-"))
        assert read == pytest.approx(value, rel=6e-3, abs=1e-6)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (1, 8, "12.5"),
        (0, 8, "0"),
        (8, 8, "100"),
        (1, 10_000, "<0.1"),
        (99_999, 100_000, ">99.9"),
        (998, 1000, "99.8"),
    ],
)
def test_a_share(part, whole, expected):
    assert format_share(part, whole) == expected + PERCENT


def test_a_share_of_nothing_is_undefined():
    assert format_share(0, 0) == "–"


def test_a_column_agrees_in_decimals_and_groups():
    assert format_column([1960, 2024]) == ["1960", "2024"]
    assert format_column([1960, 20240]) == [f"1{GROUP}960", f"20{GROUP}240"]
    assert format_column([0.5, 2, None, -0.25]) == ["0.50", "2.00", "–", "−0.25"]
    assert format_column([]) == []
    assert decimals_for([5, 7.0]) == 0


def test_counts_are_whole_and_not_negative():
    assert is_count([0, 3, 4.0])
    assert not is_count([1, None])
    assert not is_count([1, -1])
    assert not is_count([0.5])


@given(st.tuples(FINITE, FINITE).filter(lambda ends: ends[1] - ends[0] > 1e-3))
@settings(derandomize=True, max_examples=200)
def test_ticks_lie_within_ascend_and_read_apart(ends):
    found = ticks(*ends)
    margin = 1e-6 * (ends[1] - ends[0])
    assert found == sorted(set(found))
    assert all(ends[0] - margin <= value <= ends[1] + margin for value in found)
    assert 2 <= len(found) <= 7
    assert len(set(tick_words(found))) == len(found)


def test_counts_have_whole_ticks():
    assert ticks(0.0, 1.04, whole=True) == [0.0, 1.0]
    assert ticks(0.0, 1.0) != [0.0, 1.0]
    assert ticks(3.0, 3.0) == [3.0]


def test_a_scale_of_one_value_points_to_the_middle():
    assert Scale(2.0, 2.0, 0.0, 100.0).at(2.0) == 50.0
    assert widened(1e9, 1e9) == (5e8, 1.5e9)


def test_labels_side_by_side_do_not_touch():
    labels = [str(year) for year in range(1960, 2024)]
    places = thinned(labels, 6.0, 11.0)
    assert places[0] == 0
    assert (places[1] - places[0]) * 6.0 > text_width("1960", 11.0)
    assert thinned(labels, 100.0, 11.0) == list(range(64))
    assert thinned([], 0.0, 11.0) == []


@pytest.mark.parametrize("text", ["a" * 200, "音楽" * 50, "موسيقى" * 30, "i" * 500])
def test_a_shortened_text_fits(text):
    short = shorten(text, 100.0, 12.0)
    assert text_width(short, 12.0) <= 100.0
    assert text_width(short, 12.0) > 80.0
    assert short.endswith("…")
    assert text.startswith(short[:-1])


def test_the_room_of_the_text_itself_is_enough():
    for text in ("surprise", "hip hop", "Ελληνική μουσική"):
        assert shorten(text, (text_width(text, 13.0) + 8.0) - 8.0, 13.0) == text


def test_long_lists_are_cut():
    assert enumerate_words([str(n) for n in range(5)], 3) == "0, 1, 2 and 2 more"
    assert enumerate_words([]) == ""


def test_what_no_page_can_hold_is_replaced():
    assert clean("a\x00\x1b[0m\tb\ud800") == "a  [0m b\ufffd"
    assert clean("e\u0301 \u202e 音楽 🎷\u00a0") == "e\u0301 \u202e 音楽 🎷\u00a0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("236 988 tracks", "236\u202f988 tracks"),
        ("1 236 988 (38 %)", "1\u202f236\u202f988 (38\u202f%)"),
        ("in 1999 100 tracks", "in 1999 100 tracks"),
        ("12 of 3000", "12 of 3000"),
        ("0.5 100 x", "0.5 100 x"),
    ],
)
def test_numbers_in_sentences_stay_on_one_line(text, expected):
    assert unbroken(text) == expected


def test_a_table_of_mixed_cells():
    rows = [["a", 1, 0.5, True], ["b", None, 0.25, False], [3, "many", None, None]]
    view = view_table({"columns": ["x", "y", "z", "w"], "rows": rows, "align": "lr"})
    assert view.rows == [["a", "1", "0.50", "yes"], ["b", "–", "0.25", "no"], ["3", "many", "–", "–"]]
    assert view.sides == ["l", "r", "l", "l"]
    assert not view.tall
    assert view_table({"columns": ["x"], "rows": [[n] for n in range(99)], "align": "r"}).tall


def test_a_table_wants_more_room_for_longer_cells():
    narrow, wide, word = (
        view_table({"columns": ["x"], "rows": [[text]], "align": "l"}).width
        for text in ("a", "a b " * 300, "a" * 300)
    )
    assert narrow < wide < word
