"""Journeys: ends, steps more equal than naive ones, artists apart, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_songs import bytes_of, make_songs

from songscape.errors import LimitsError, ParameterError
from songscape.playlist.journey import _least, plan_journey, step_lengths
from songscape.playlist.transitions import calibrate_prices, price_steps


def naive(songs, start, end, length):
    """The song nearest to each of equally spaced points on the line, none twice."""
    order, used = [start], {start, end}
    for along in np.linspace(0.0, 1.0, length)[1:-1]:
        squares = ((songs.X - (1.0 - along) * songs.X[start] - along * songs.X[end]) ** 2).sum(axis=1)
        squares[list(used)] = np.inf
        order.append(int(squares.argmin()))
        used.add(order[-1])
    return np.array([*order, end], np.int32)


def unequal(songs, order):
    steps = step_lengths(songs, order)
    return steps.std() / steps.mean()


@given(st.integers(0, 200), st.integers(3, 15), st.integers(2, 4), st.booleans())
@settings(max_examples=25, deadline=None, derandomize=True)
def test_starts_and_ends_where_asked_and_keeps_limits(seed, length, n_ends, popular):
    songs = make_songs(200, seed, missing=0.05)
    before = bytes_of(songs)
    pricing = calibrate_prices(songs)
    rng = np.random.default_rng(seed)
    ends = tuple(int(song) for song in rng.permutation(200)[: min(n_ends, length)])
    allowed = rng.random(200) < 0.8
    journey = plan_journey(pricing, ends, length, allowed=allowed, match_popularity=popular)
    assert journey.dtype == np.int32
    assert len(set(journey.tolist())) == length == len(journey)
    assert (journey[0], journey[-1]) == (ends[0], ends[-1])
    assert [song for song in journey if song in ends] == list(ends)
    assert all(allowed[song] or song in ends for song in journey)
    for place, song in enumerate(journey):
        for other in journey[place + 1 : place + 3]:
            if not (song in ends and other in ends):
                assert not set(songs.artists.of(song).tolist()) & set(songs.artists.of(other).tolist())
    assert bytes_of(songs) == before
    assert (
        journey.tobytes() == plan_journey(pricing, ends, length, allowed=allowed, match_popularity=popular).tobytes()
    )


def test_steps_are_more_equal_and_smoother_than_naive_and_random_ones():
    songs = make_songs(3000, 1, n_artists=3000)
    pricing = calibrate_prices(songs)
    rng = np.random.default_rng(0)
    ours, plain, random = [], [], []
    for _ in range(10):
        start, end = (int(song) for song in rng.integers(0, 3000, 2))
        journey, simple = plan_journey(pricing, (start, end), 15), naive(songs, start, end, 15)
        between = rng.permutation(np.setdiff1d(np.arange(3000), [start, end]))[:13]
        lost = np.array([start, *between, end], np.int32)
        for found, order in ((ours, journey), (plain, simple), (random, lost)):
            found.append((unequal(songs, order), np.median(price_steps(pricing, order))))
    assert np.mean(ours, axis=0)[0] < 0.8 * np.mean(plain, axis=0)[0]
    assert np.mean(ours, axis=0)[1] < 0.8 * np.mean(plain, axis=0)[1]
    assert np.mean(ours, axis=0)[1] < 0.6 * np.mean(random, axis=0)[1]


def test_popularity_is_matched_on_wish():
    songs = make_songs(2000, 2, n_artists=2000, popularity=np.random.default_rng(0).integers(0, 101, 2000))
    songs.popularity[[3, 4]] = 90.0
    pricing = calibrate_prices(songs)
    off = [
        np.abs(songs.popularity[plan_journey(pricing, (3, 4), 12, match_popularity=match)] - 90.0).mean()
        for match in (False, True)
    ]
    assert off[1] < 0.5 * off[0]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=400), st.integers(1, 10))
def test_the_least_values_as_by_sorting(values, n):
    row, n = np.array(values, np.float32), min(n, len(values))
    np.testing.assert_array_equal(np.sort(row)[:n], row[_least(row, n)])


def test_no_artist_comes_more_often_than_allowed_and_ends_count():
    songs = make_songs(300, 5, n_artists=12)
    pricing = calibrate_prices(songs)
    counts = []
    for per_artist in (None, 2, 1):
        rng = np.random.default_rng(0)
        worst = 0
        for _ in range(10):
            start, end = (int(song) for song in rng.permutation(300)[:2])
            journey = plan_journey(pricing, (start, end), 9, artist_gap=0, per_artist=per_artist)
            held = np.bincount(np.concatenate([songs.artists.of(song) for song in journey]))
            ends = np.bincount(np.concatenate([songs.artists.of(song) for song in (start, end)]), minlength=len(held))
            worst = max(worst, int(np.where(ends[: len(held)] > (per_artist or 99), 0, held).max()))
        counts.append(worst)
    assert counts[0] > 2
    assert counts[1:] == [2, 1]
    with pytest.raises(LimitsError, match=r"at most 1 of one\. Ask for a shorter journey, .* a greater per_artist"):
        plan_journey(pricing, (0, 1), 20, per_artist=1)


def test_a_single_song_on_the_way_keeps_the_gap_too():
    songs = make_songs(3, artists=[[0], [1], [0]])
    pricing = calibrate_prices(songs)
    assert plan_journey(pricing, (0, 1), 3, artist_gap=0).tolist() == [0, 2, 1]
    with pytest.raises(LimitsError, match="Only 1 song may be on the way"):
        plan_journey(pricing, (0, 1), 3, artist_gap=1)


def test_another_state_gives_another_journey_nearly_as_smooth():
    pricing = calibrate_prices(make_songs(2000, 3, n_artists=2000))
    plain, same, other = (plan_journey(pricing, (5, 9), 12, random_state=state) for state in (0, 0, 7))
    assert plain.tolist() == same.tolist() != other.tolist()
    assert other.tolist() == plan_journey(pricing, (5, 9), 12, random_state=7).tolist()
    assert price_steps(pricing, other).mean() < 1.3 * price_steps(pricing, plain).mean()


def test_long_journeys_keep_all_limits():
    songs = make_songs(3000, 6, n_artists=400)
    pricing = calibrate_prices(songs)
    journey = plan_journey(pricing, (5, 9, 11), 300, artist_gap=3, per_artist=2)
    assert len(set(journey.tolist())) == 300
    assert (journey[0], journey[-1]) == (5, 11)
    assert 9 in journey
    rows = [set(songs.artists.of(song).tolist()) for song in journey]
    for place, row in enumerate(rows):
        if journey[place] not in (5, 9, 11):
            assert not any(row & other for other in rows[place + 1 : place + 4])
    assert np.bincount(np.concatenate([songs.artists.of(song) for song in journey])).max() <= 3
    quarters = step_lengths(songs, journey).reshape(-1, 23).mean(axis=1)  # no stretch is much rougher
    assert quarters.max() < 2.0 * quarters.min()
    assert journey.tolist() == plan_journey(pricing, (5, 9, 11), 300, artist_gap=3, per_artist=2).tolist()


def test_years_stay_between_those_of_the_ends():
    rng = np.random.default_rng(0)
    songs = make_songs(3000, 4, n_artists=3000, year=rng.integers(1950, 2024, 3000))
    songs.year[[5, 9]] = 1972.0, 1986.0
    journey = plan_journey(calibrate_prices(songs), (5, 9), 12)
    assert np.abs(songs.year[journey] - np.linspace(1972, 1986, 12)).mean() < 7.0  # of all songs 19 years
    songs.year[5] = np.nan  # then nothing is known of the years between
    assert len(plan_journey(calibrate_prices(songs), (5, 9), 12)) == 12


def test_only_the_ends():
    assert plan_journey(calibrate_prices(make_songs(9)), (4, 2, 7), 3).tolist() == [4, 2, 7]


@pytest.mark.parametrize(
    ("ends", "length", "more", "error", "message"),
    [
        ((1,), 5, {}, ParameterError, "'ends' parameter must be at least two different songs"),
        ((1, 1), 5, {}, ParameterError, "'ends' parameter"),
        ((1, 99), 5, {}, ParameterError, "'ends' parameter"),
        ((1, 2, 3), 2, {}, ParameterError, "'length' parameter must be an int of at least 3"),
        ((1, 2), 31, {}, LimitsError, "too few for a journey of 31 songs"),
        ((1, 2), 5, {"artist_gap": -1}, ParameterError, "'artist_gap' parameter"),
        ((1, 2), 5, {"allowed": np.arange(30) < 4}, LimitsError, "Only 2 songs may be on the way"),
    ],
)
def test_wrong_journeys(ends, length, more, error, message):
    with pytest.raises(error, match=message):
        plan_journey(calibrate_prices(make_songs(30)), ends, length, **more)
