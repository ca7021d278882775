"""Search as one types."""

import polars as pl
import pytest

from songscape.web.api.search import SearchIndex, _typos

SONGS = [
    ("Creep", ["Radiohead"], 80.0),
    ("Creep - Live", ["Radiohead"], 30.0),
    ("No Surprises", ["Radiohead"], 70.0),
    ("Human Behaviour", ["Björk"], 60.0),
    ("Björk", ["Somebody"], 10.0),
    ("Ёлка", ["Наташа Королёва"], 20.0),
    ("からくりピエロ初音ミク", ["40mP"], 20.0),
    ("Love", ["Zoé"], 5.0),
    ("Love Is All", ["The Band"], 90.0),
    ("Don't Stop!", [], None),
    (None, None, None),
    ("???", ["!!!"], 1.0),
]


@pytest.fixture(scope="module")
def index():
    titles, artists, popularity = zip(*SONGS, strict=True)
    families = list(range(len(SONGS)))
    families[1] = 0  # another version of the first
    first = [True, False, *[True] * (len(SONGS) - 2)]
    return SearchIndex(
        pl.DataFrame(
            {
                "title": pl.Series(titles, dtype=pl.String),
                "artists": pl.Series(artists, dtype=pl.List(pl.String)),
                "popularity": pl.Series(popularity, dtype=pl.Float64),
                "version_family": pl.Series(families, dtype=pl.Int32),
                "is_representative": first,
            }
        )
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("radiohead", [(0, "exact"), (2, "exact")]),
        ("radiohead creep", [(0, "words")]),
        ("CRÉEP", [(0, "exact")]),
        ("creep live", [(1, "exact")]),
        ("live radiohead", [(1, "words")]),
        ("rad sur", [(2, "prefix")]),
        ("radiohaed", [(0, "fuzzy"), (2, "fuzzy")]),
        ("raidohead surprisse", [(2, "fuzzy")]),
        ("bjork", [(3, "exact"), (4, "exact")]),
        ("елка", [(5, "exact")]),
        ("наташа", [(5, "words")]),
        ("初音", [(6, "prefix")]),
        ("love", [(7, "exact"), (8, "words")]),
        ("dont stop", [(9, "exact")]),
        ("dont radiohead", []),
        ("???", [(11, "exact")]),
        ("xyzzyx", []),
        ("   ", []),
        ("", []),
        ("\ud800", []),
    ],
)
def test_what_is_found_and_in_which_order(index, query, found):
    assert [tuple(hit) for hit in index.find(query, 10)] == found


def test_of_the_versions_of_a_song_the_best_stands_for_it(index):
    assert [hit.row for hit in index.find("creep", 10)] == [0]


def test_no_more_than_asked_for(index):
    assert len(index.find("o", 3)) <= 3
    assert len(index.find("love", 1)) == 1


def test_a_query_of_any_size_is_answered(index):
    assert index.find("x" * 5000, 5) == []
    assert {hit.row for hit in index.find("love " * 500, 5)} == {7, 8}
    assert index.find("\x00\u202e%_[](){}*.\\", 5) == []


def test_an_empty_catalog_has_nothing():
    empty = pl.DataFrame(
        schema={
            "title": pl.String,
            "artists": pl.List(pl.String),
            "version_family": pl.Int32,
            "is_representative": pl.Boolean,
        }
    )
    assert SearchIndex(empty).find("love", 5) == []


@pytest.mark.parametrize(
    ("asked", "word", "typos"),
    [("abcd", "abcd", 0), ("abdc", "abcd", 1), ("abxd", "abcd", 1), ("badc", "abcd", 3), ("dbca", "abcd", 2)],
)
def test_two_letters_that_changed_places_are_one_typo(asked, word, typos):
    assert _typos(asked, word) == typos
