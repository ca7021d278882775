"""Finding tracks, artists and groups: by hand, with typos, in several scripts; what is told when nothing is found."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.errors import NotFoundError
from songscape.playlist.finding import Finder, find_group
from songscape.playlist.fuzzy import Texts, edit_distance, similarity
from songscape.titles import plain_text

ROWS = [  # id, title, artists, song, popularity, year, album
    ("a1", "Creep", ["Radiohead"], 0, 60.0, 1993, "Pablo Honey"),
    ("a2", "Creep - Live", ["Radiohead"], 0, 90.0, 2001, None),
    ("a3", "Creep", ["Radiohead"], 0, 70.0, 2010, "Best"),
    ("b1", "Halo", ["Beyoncé"], 1, 80.0, 2008, None),
    ("b2", "Halo", ["Pendulum"], 2, None, 2023, None),
    ("c1", "Crazy in Love (feat. JAY-Z)", ["Beyoncé", "JAY-Z"], 3, 85.0, 2003, None),
    ("d1", "夜に駆ける", ["YOASOBI"], 4, 75.0, 2019, None),
    ("e1", "Кукушка", ["Кино"], 5, 50.0, 1990, None),
    ("f1", "Stand by Me", ["Ben E. King"], 6, 70.0, 1961, None),
    ("g1", None, None, 7, None, None, None),
    ("h1", "Help!", ["The Beatles"], 8, 70.0, 1965, None),
    ("i1", "Intro", ["Drake"], 9, 10.0, 2009, "One"),
    ("i2", "Intro", ["Drake"], 10, 20.0, 2011, "Two"),
    ("j1", "Ob-La-Di - Ob-La-Da", ["The Beatles"], 11, 40.0, 1968, None),
]
TRACKS = pl.DataFrame(
    ROWS,
    schema={
        "id": pl.String,
        "title": pl.String,
        "artists": pl.List(pl.String),
        "version_family": pl.Int32,
        "popularity": pl.Float64,
        "year": pl.Int32,
        "album": pl.String,
    },
    orient="row",
)
FINDER = Finder(TRACKS)


@pytest.mark.parametrize(
    ("text", "row", "how"),
    [
        ("row:9", 9, "row"),
        ("ROW: 0", 0, "row"),
        ("a2", 1, "id"),
        ("spotify:track:b2", 4, "id"),
        ("https://open.spotify.com/track/b2?si=x", 4, "id"),
        ("https://open.spotify.com/intl-de/track/b2", 4, "id"),
        ("Radiohead - Creep", 2, "name"),
        ("radiohead – creep (live)", 1, "name"),
        ("Radiohead - Creep - Live", 1, "name"),
        ("Radiohead - Creep (Acoustic)", 1, "name"),
        ("Creep - Radiohead", 2, "name"),
        ("Creep by Radiohead", 2, "name"),
        ("Stand by Me by Ben E King", 8, "name"),
        ("Stand by Me", 8, "title"),
        ("BEYONCE - halo", 3, "name"),
        ("Pendulum - Halo", 4, "name"),
        ("Jay-Z - Crazy in Love", 5, "name"),
        ("Beyoncé & JAY-Z - Crazy in Love", 5, "name"),
        ("Beyonce feat. Jay-Z - Crazy In Love", 5, "name"),
        ("yoasobi - 夜に駆ける", 6, "name"),
        ("夜に駆ける", 6, "title"),
        ("КИНО - кукушка", 7, "name"),
        ("Beatles - Help", 10, "name"),
        ("The Beatles - Ob-La-Di - Ob-La-Da", 13, "name"),
        ("Radiohed - Creep", 2, "fuzzy"),
        ("creap - radiohead", 2, "fuzzy"),
        ("Radiohead Creep", 2, "fuzzy"),
        ("Кин - Кукушка", 7, "fuzzy"),
        ("YOASOBI - 夜に駆け", 6, "fuzzy"),
    ],
)
def test_what_a_text_finds(text, row, how):
    found = FINDER.track(text)
    assert (found.row, found.how) == (row, how)
    assert found.certainty == 1.0 or (how == "fuzzy" and 0.8 <= found.certainty < 1.0)


@pytest.mark.parametrize(
    ("text", "message", "suggestion"),
    [
        ("Halo", r"'Halo' names 2 songs\.(.|\n)*row:3  Beyoncé - Halo \(2008, popularity 80\)(.|\n)*row:4", "row:3"),
        ("Drake - Intro", r"names 2 songs(.|\n)*row:12  Drake - Intro \(2011, Two, popularity 20\)", "row:12"),
        (
            "Radiohead - Cheap",
            r"no track 'Radiohead - Cheap'\. Did you mean 'Radiohead - Creep'",
            "Radiohead - Creep",
        ),
        ("row:14", r"There is no row '14'\. Rows go from 0 to 13", None),
        ("row:-1", "There is no row '-1'", None),
        ("row:٣", "There is no row", None),
        ("spotify:track:zzz", "no track with the id 'zzz'", None),
        ("", "named by 1 to 500 letters", None),
        ("x" * 501, "named by 1 to 500 letters", None),
        ("\x00\ud83d", "The catalog has no track", None),
    ],
)
def test_what_is_not_found_is_told(text, message, suggestion):
    with pytest.raises(NotFoundError, match=message) as caught:
        FINDER.track(text)
    assert len(caught.value.suggestions) <= 5
    assert suggestion is None or caught.value.suggestions[0] == suggestion


@pytest.mark.parametrize("name", ["Merle", "merle haggard", "Merle Haggard & The Strangers"])
def test_an_artist_without_a_title_gets_hits_of_theirs(name):
    long = [f"{title} from a very long evening of many songs" for title in ("One", "Two", "Three")]
    tracks = pl.DataFrame(
        {
            "id": ["a", "b", "c"],
            "title": long,
            "artists": [["Merle Haggard & The Strangers"], ["Merle Haggard", "X"], ["Merlette"]],
            "popularity": [10.0, 20.0, 30.0],
        }
    )
    with pytest.raises(NotFoundError, match="Did you mean") as caught:
        Finder(tracks).track(name)
    assert caught.value.suggestions
    assert all(told.startswith("Merle Haggard") for told in caught.value.suggestions)


def test_what_is_near_to_nothing_gets_no_suggestion():
    with pytest.raises(NotFoundError, match=r"'Zzyzx Qqq - Nonexistent Blorp', nor a name near to it") as caught:
        FINDER.track("Zzyzx Qqq - Nonexistent Blorp")
    assert caught.value.suggestions == ()
    with pytest.raises(NotFoundError, match=r"Did you mean") as caught:
        FINDER.track("Radiohead - A song of quite another name")
    assert all(name.startswith("Radiohead") for name in caught.value.suggestions)  # the artist is there


def test_tables_without_versions_or_rows():
    bare = Finder(TRACKS.select("id", "title", "artists"))
    assert bare.track("e1").row == 7
    with pytest.raises(NotFoundError, match="The catalog has no track 'x'"):
        Finder(TRACKS.clear()).track("x")
    with pytest.raises(NotFoundError, match="The catalog has no artist 'x'"):
        Finder(TRACKS.clear()).artist("x")


def test_artists():
    assert FINDER.artist("the beatles").name == "The Beatles"
    assert FINDER.artist("jay z").certainty == 1.0
    assert FINDER.artist("Radiohed").name == "Radiohead"
    with pytest.raises(NotFoundError, match="The catalog has no artist 'Radio'") as caught:
        FINDER.artist("Radio")
    assert "Radiohead" in caught.value.suggestions


CARDS = {
    "coarse": [{"number": 0, "name": "Quiet folk · sad"}, {"number": 1, "name": "Loud rock"}],
    "fine": [{"number": 0, "name": "Loud rock"}, {"number": 1, "name": "2"}],
}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("coarse:1", ("coarse", 1)),
        ("FINE: 0", ("fine", 0)),
        ("loud rock", ("coarse", 1)),
        ("fine:Loud Rock", ("fine", 0)),
        ("quiet folk sad", ("coarse", 0)),
        ("quite folk, sad", ("coarse", 0)),
        ("2", ("fine", 1)),
    ],
)
def test_groups(text, place):
    found = find_group(CARDS, text)
    assert (found.scale, found.number) == place


def test_unknown_groups():
    with pytest.raises(NotFoundError, match=r"no group 'fine:9'. The scale fine has groups 0 to 1"):
        find_group(CARDS, "fine:9")
    with pytest.raises(NotFoundError, match=r"no group 'rock'. Did you mean 'coarse:Loud rock'"):
        find_group(CARDS, "rock")


def plain_distance(one, other):
    """Levenshtein's distance by the table of the textbook."""
    row = list(range(len(other) + 1))
    for at, left in enumerate(one, start=1):
        before, row[0] = row[0], at
        for place, right in enumerate(other, start=1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (left != right))
    return row[-1]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(one=st.text("abñ夜", max_size=80), other=st.text("abñ夜", max_size=80))
def test_the_edit_distance_is_that_of_the_textbook(one, other):
    assert edit_distance(one, other) == edit_distance(other, one) == plain_distance(one, other)
    assert 0.0 <= similarity(one, other) <= 1.0


@settings(derandomize=True, deadline=None, max_examples=60)
@given(names=st.lists(st.none() | st.text("ab 夜é", max_size=12), max_size=30), at=st.integers(0, 29))
def test_a_text_is_nearest_to_itself(names, at):
    plain = plain_text(pl.Series(names, dtype=pl.String))
    texts = Texts(plain)
    wanted = plain[at] if at < len(plain) else None
    if wanted:
        place, sure = texts.nearest(wanted, 3)[0]
        assert (plain[place], sure) == (wanted, 1.0)
    else:
        assert all(plain[place] for place, _ in texts.nearest("ab", 5))


@pytest.mark.realdata
def test_real_tracks_are_found_by_their_names_and_with_a_typo(data_folder):
    table = pl.read_csv(data_folder / "light_spotify_dataset.csv", infer_schema=False)
    tracks = table.select(
        id=pl.lit(None, pl.String),
        title="song",
        artists=pl.concat_list("artist"),
        version_family=pl.struct("song", "artist").rank("dense"),
    )
    finder = Finder(tracks)
    finder.track("Radiohead - Creep")
    with pytest.raises(NotFoundError):
        finder.track("qzqzqz")
    rows = np.random.default_rng(0).choice(len(tracks), 60, replace=False).tolist()
    hits = typos = 0
    for row in rows:
        name = finder.name(row)
        for text, is_typo in ((name, False), (name[:3] + name[4:], True)):
            try:
                same = plain_text(pl.Series([finder.name(finder.track(text).row), name]))
            except NotFoundError:
                continue
            hits += same[0] == same[1] and not is_typo
            typos += same[0] == same[1] and is_typo
    assert hits >= 50  # the others are several songs of one name
    assert typos >= 42
