"""The year of a song out of years of which some are wrong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.playlist.years import song_years


def years_of(songs, artists):
    """Years of songs, each a list of the years of its tracks, by artists."""
    years = np.array([np.nan if year is None else year for song in songs for year in song])
    owners = np.array([number for number, song in enumerate(songs) for _ in song], np.int32)
    before = years.tobytes(), owners.tobytes()
    found = song_years(years, owners, np.array(artists, np.int32))
    assert (years.tobytes(), owners.tobytes()) == before
    assert found.dtype == np.float32
    return found


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        ([1986], 1986),
        ([1986, 2013], 1986),  # nothing speaks for one of them: the earliest
        ([1981, 1986, 1986, 2013], 1986),  # 1986 is told twice
        ([1973, 2003, 2004], 2003),  # so is the remaster; nobody else tells that 1973 is right
        ([None, 1990], 1990),
        ([None], np.nan),
        ([], np.nan),
    ],
)
def test_a_song_by_itself(years, expected):
    np.testing.assert_array_equal(years_of([years], [-1]), np.float32([expected]))


def test_songs_of_the_artist_support_a_year():
    career = [[year] for year in (1970, 1972, 1973, 1974, 1977)]
    found = years_of([[1973, 2003, 2004], [1950, 2015], *career], [0] * 7)
    assert found[0] == 1973
    assert found[1] == 1950  # nothing supports either


def test_a_year_far_from_all_others_of_an_artist_is_unknown():
    career = [[year] for year in range(2005, 2025)]
    found = years_of([[1940], [2004], [1933, 1933], *career], [0] * 23)
    assert np.isnan(found[0])
    assert found[1:3].tolist() == [2004, 1933]  # what two tracks say is believed
    assert years_of([[1940], *career], [-1] * 21)[0] == 1940  # of songs of nobody nothing is known
    assert years_of([[1940], *career[:9]], [0] * 10)[0] == 1940  # nine others are too few to tell


@given(st.lists(st.lists(st.integers(1900, 2025), max_size=5), min_size=1, max_size=30), st.integers(0, 3))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_year_is_one_of_the_song(songs, n_artists):
    artists = [number % (n_artists + 1) - 1 for number in range(len(songs))]
    found = years_of(songs, artists)
    for year, own in zip(found, songs, strict=True):
        assert np.isnan(year) or year in own
        assert own or np.isnan(year)
    some = [number for number, own in enumerate(songs) if own]
    later = years_of([[year + 7 for year in own] for own in songs], artists)
    np.testing.assert_array_equal(later[some], found[some] + 7)
