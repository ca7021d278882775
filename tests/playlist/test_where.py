"""Filters: what they match, by hand and against plain Python; what is told when they are wrong or match nothing."""

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.errors import ParameterError, SongscapeError
from songscape.playlist.conditions import Columns
from songscape.playlist.where import parse_where

TRACKS = pl.DataFrame(
    {
        "title": ["Blue", "Déjà Vu", "Help!", None, "夜に駆ける"],
        "artists": [["Joni Mitchell"], ["Beyoncé", "JAY-Z"], ["The Beatles"], [], None],
        "genres": [["folk"], ["r&b", "Hip-Hop"], ["rock"], ["jazz"], None],
        "year": [1971, 2006, 1965, None, 2019],
        "energy": [0.2, 0.9, 0.8, float("nan"), 0.9],
        "danceability": [0.3, 0.8, 0.9, 0.5, None],
        "explicit": [False, True, False, None, False],
        "cluster": [-1, 0, 1, 2, 0],
        "Good for Party": [0, 1, 1, 0, 1],
        "tempo": [90.0, 120.0, 95.0, 100.0, 130.0],
        "blob": [b"", b"", b"", b"", b""],
    },
    schema_overrides={"artists": pl.List(pl.String), "genres": pl.List(pl.String)},
)


def rows(text, tracks=TRACKS):
    return np.flatnonzero(parse_where(text, tracks.schema).mask(tracks)).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("year >= 1971", [0, 1, 4]),
        ("1971 <= year", [0, 1, 4]),
        ("not year >= 1971", [2]),
        ("year is null", [3]),
        ("energy is NULL", [3]),
        ("genre is null", [4]),
        ("artists is not null", [0, 1, 2]),
        ("artist is null", [3, 4]),
        ("YEAR between 1965 and 1971", [0, 2]),
        ("year not between 1965 and 1971", [1, 4]),
        ("year in (1971, 2019)", [0, 4]),
        ("genre = 'R&B'", [1]),
        ("genre = 'hip hop'", [1]),
        ("genre != 'rock'", [0, 1, 3]),
        ("not genre = 'rock'", [0, 1, 3]),
        ("genre not in ('rock', 'folk')", [1, 3]),
        ("artist = 'beyonce'", [1]),
        ("artist contains 'beat'", [2]),
        ("title = 'deja vu'", [1]),
        ("title contains '!'", [2]),
        ("title contains '夜'", [4]),
        ("title not contains 'e'", [4]),
        ("explicit", [1]),
        ("not explicit", [0, 2, 4]),
        ("explicit = false", [0, 2, 4]),
        ("not not explicit", [1]),
        ("energy > danceability", [1]),
        ("energy > .5 or year is null", [1, 2, 3, 4]),
        ("year < 1970 or year > 2000 and explicit", [1, 2]),
        ("(year < 1970 or year > 2000) and explicit", [1]),
        ("`Good for Party` = 1 and [good for party] <> 0", [1, 2, 4]),
        ("cluster = -1", [0]),
        ("cluster ≥ 0 AND bpm ≤ 100", [2, 3]),
        ("true", [0, 1, 2, 3, 4]),
        ('false or song = "Blue"', [0]),
        ("title = 'it''s'", []),
        ("title > 'c'", [1, 2, 4]),
    ],
)
def test_what_matches(text, expected):
    assert rows(text) == expected


WRONG = [
    ("", "The filter is empty"),
    ("yaer > 3", "There is no column 'yaer'. Did you mean 'year'?\n  yaer > 3\n  ^^^^"),
    ("year > 'x'", "'year' is a number: compare it with a number.\n  year > 'x'\n         ^^^"),
    ("genre = folk", "There is no column 'folk'. A text stands in quotes: 'folk'."),
    ("title = 3", "'title' is a text: compare it with a text in quotes"),
    ("genre = 3", "'genres' is a list of texts: compare it with a text in quotes"),
    ("year", "'year' is a number: compare it"),
    ("3", "3 is no condition"),
    ("year >", "Here a column, a number or a text in quotes is needed.\n  year >\n        ^"),
    ("1960 < year < 1970", "Two comparisons in a row"),
    ("year > 3 explicit", "Here 'and', 'or' or the end is needed"),
    ("(year > 3", "Here ')' is needed"),
    ("title = 'x", "a quote is missing"),
    ("title = '夜' and ; x", "This is not understood.\n  title = '夜' and ; x\n                   ^"),
    ("year in ()", "is needed"),
    ("year between 1 or 2", "Here 'and' is needed"),
    ("year contains 'x'", "'year' is a number: only texts contain something"),
    ("explicit > true", "only = and != compare it"),
    ("explicit between 1 and 2", "'between' needs a number or a text"),
    ("3 = 3", "needs a column on one side"),
    ("genre = artist", "compare"),
    ("blob = 'x'", "which no condition can look at"),
    ("__import__('os')", "There is no column '__import__'"),
    ("year = 1; drop table", "This is not understood"),
    ("year not 3", "Here 'in', 'between' or 'contains' is needed"),
    ("(" * 60 + "year", "levels of parentheses"),
    ("not " * 60 + "explicit", "levels of parentheses"),
    ("x" * 10_001, "The filter has 10001 characters"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_wrong_filters_are_told(text, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        parse_where(text, TRACKS.schema)


def test_which_condition_left_nothing():
    where = parse_where("year > 1970 and genre = 'folk' and explicit", TRACKS.schema)
    assert [(count.text, count.alone, count.together) for count in where.counts(TRACKS)] == [
        ("year > 1970", 3, 3),
        ("genre = 'folk'", 1, 1),
        ("explicit", 1, 0),
    ]
    assert where.explain_empty(TRACKS).startswith("No track is left by 'explicit', after the conditions before it.")
    alone = parse_where("year > 3000", TRACKS.schema).joined(parse_where("explicit", TRACKS.schema))
    assert alone.explain_empty(TRACKS).startswith("No track is left by 'year > 3000' alone.")
    assert parse_where("explicit", TRACKS.schema).explain_empty(TRACKS) == ""


def test_texts_that_no_track_has_are_told_though_others_match():
    where = parse_where("(genre in ('folk', 'rok') or title = 'hlp') and not genre = 'jaz'", TRACKS.schema)
    assert where.misspelled(TRACKS) == {"rok": "rock", "hlp": "Help!", "jaz": "jazz"}
    assert parse_where("genre = 'folk' and title != 'Blue'", TRACKS.schema).misspelled(TRACKS) == {}


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("genre = 'fok'", "Did you mean 'folk'?"),
        ("genre = 'hiphop'", "Did you mean 'Hip-Hop'?"),  # as the catalog writes it
        ("title = 'deja vue'", "Did you mean 'Déjà Vu'?"),
        ("genre = 'polka'", None),  # nothing is near
        ("genre = 'folk' and year > 3000", None),  # there is folk
        ("not genre = 'fok' and year > 3000", "Did you mean 'folk'?"),
        ("genre in ('fok', 'polka')", "Did you mean 'folk'?"),
    ],
)
def test_a_text_that_no_track_has_is_told_with_the_nearest_one(text, hint):
    told = parse_where(text, TRACKS.schema).explain_empty(TRACKS)
    assert told.startswith("No track is left")
    assert (hint in told) if hint else ("mean" not in told)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("energy > 80", "energy lies between 0.2 and 0.9."),
        ("tempo between 10 and 20 and year > 1990", "tempo lies between 90 and 130."),
        ("year > 1990 and year < 1980", None),  # each alone leaves some
        ("title = 'Blue' and explicit", None),
    ],
)
def test_a_number_that_no_track_reaches_is_told_with_the_span(text, span):
    told = parse_where(text, TRACKS.schema).explain_empty(TRACKS)
    assert told.startswith("No track is left")
    assert (span in told) if span else ("lies between" not in told)


def test_an_or_is_one_condition():
    where = parse_where("year > 1970 and explicit or energy > 0.5", TRACKS.schema)
    assert [text for text, _ in where.parts] == ["year > 1970 and explicit or energy > 0.5"]


def test_kept_columns_answer_the_same_and_empty_tables_do():
    columns, before = Columns(TRACKS), TRACKS.clone()
    for text in ("genre = 'rock'", "genre != 'rock'", "title contains 'u'"):
        where = parse_where(text, TRACKS.schema)
        assert where.mask(columns).tolist() == where.mask(TRACKS).tolist() == where.mask(columns).tolist()
        assert where.mask(TRACKS.clear()).tolist() == []
    assert TRACKS.equals(before)


SIGNS = {"=": "__eq__", "!=": "__ne__", "<": "__lt__", ">=": "__ge__"}
VALUES = st.lists(st.none() | st.integers(-3, 3), min_size=1, max_size=8)
TREES = st.recursive(
    st.tuples(st.sampled_from("ab"), st.sampled_from(list(SIGNS)), st.integers(-3, 3)),
    lambda inner: st.tuples(st.just("not"), inner) | st.tuples(inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=6,
)


def written(tree):
    if tree[0] == "not":
        return f"not ({written(tree[1])})"
    if isinstance(tree[0], tuple):
        return f"({written(tree[0])}) {tree[1]} ({written(tree[2])})"
    return " ".join(str(part) for part in tree)


def answer(tree, row):
    """The filter's answer by plain Python, None for unknown."""
    if tree[0] == "not":
        inner = answer(tree[1], row)
        return None if inner is None else not inner
    if isinstance(tree[0], tuple):
        both = {answer(tree[0], row), answer(tree[2], row)}
        deciding = tree[1] == "or"
        return deciding if deciding in both else None if None in both else not deciding
    value = row[tree[0]]
    return None if value is None else getattr(value, SIGNS[tree[1]])(tree[2])


@settings(derandomize=True, deadline=None, max_examples=100)
@given(tree=TREES, values=VALUES)
def test_any_nesting_answers_as_plain_logic_of_three_values(tree, values):
    table = pl.DataFrame({"a": values, "b": values[::-1]}, schema={"a": pl.Int32, "b": pl.Int32})
    expected = [answer(tree, row) is True for row in table.iter_rows(named=True)]
    assert parse_where(written(tree), table.schema).mask(table).tolist() == expected


@settings(derandomize=True, deadline=None, max_examples=200)
@given(text=st.text(max_size=30) | st.lists(st.sampled_from(
    ["year", "genre", "and", "not", "(", ")", "=", "'x'", "3", "in", ",", "is", "null", "between"]
), max_size=10).map(" ".join))  # fmt: skip
def test_any_text_is_a_filter_or_a_clear_error(text):
    told = "In the filter: "
    try:
        mask = parse_where(text, TRACKS.schema).mask(TRACKS)
    except SongscapeError as error:
        told = str(error)
    else:
        assert mask.shape == (TRACKS.height,)
    assert told.startswith("In the filter: ")
