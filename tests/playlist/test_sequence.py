"""The order of playlists: exact beside brute force, never behind greedy, and what it promises about limits."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_songs import bytes_of, make_songs

from songscape.errors import InputError, ParameterError
from songscape.playlist.arcs import Arc, arc_fit, plan_arc
from songscape.playlist.sequence import order_songs
from songscape.playlist.transitions import calibrate_prices, price_matrix, price_steps
from songscape.threads import use_threads

SMOOTHNESS = (0.0, 0.25, 0.5, 0.75, 1.0)


def plain_gap(songs, order):
    """How many places stand between the two nearest songs that share an artist."""
    apart = [
        later - place - 1
        for later in range(len(order))
        for place in range(later)
        if set(songs.artists.of(order[place]).tolist()) & set(songs.artists.of(order[later]).tolist())
    ]
    return min(apart, default=len(order))


def plain_cost(pricing, order, chosen, arc, smoothness):
    """The cost of an order in units of a random one, from its definition."""
    m = len(order)
    if arc is None:
        share, levels = smoothness, ((np.arange(m) + 0.5) / m)[:, None]
        targets = levels
    else:
        plan = plan_arc(arc, pricing.songs, chosen)
        share, levels, targets = 0.9 * smoothness, plan.levels.astype(float), plan.targets.astype(float)
    row = {int(song): i for i, song in enumerate(chosen)}
    own = levels[[row[int(song)] for song in order]]
    units = np.nanmean(np.abs(levels[:, None] - targets[None]), axis=(0, 1))
    off = (np.nansum(np.abs(own - targets), axis=0) / m / units).mean()
    return share * float(price_steps(pricing, order).mean()) + (1.0 - share) * off


@given(st.integers(2, 7), st.integers(0, 500), st.booleans(), st.sampled_from(SMOOTHNESS), st.integers(0, 2))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_at_full_smoothness_equal_to_brute_force(m, seed, with_arc, smoothness, gap):
    songs = make_songs(m, seed, n_artists=3)
    pricing = calibrate_prices(songs)
    chosen = np.random.default_rng(seed).permutation(m).astype(np.int32)
    arc = Arc(energy="wave", tempo="rising") if with_arc else None
    best = order_songs(pricing, chosen, arc=arc, smoothness=1.0, artist_gap=gap)
    allowed = [np.array(o, np.int32) for o in permutations(chosen) if plain_gap(songs, o) >= best.artist_gap]
    least = min(plain_cost(pricing, order, chosen, arc, 1.0) for order in allowed)
    assert plain_cost(pricing, best.order, chosen, arc, 1.0) == pytest.approx(least, abs=1e-5)
    # below: the cheapest of all orders whose median price is not lower than that of the smoother one
    found = order_songs(pricing, chosen, arc=arc, smoothness=smoothness, artist_gap=gap)
    if smoothness < 1.0:
        smoother = order_songs(pricing, chosen, arc=arc, smoothness=smoothness + 0.25, artist_gap=gap)
        floor = np.median(price_steps(pricing, smoother.order))
        allowed = [order for order in allowed if np.median(price_steps(pricing, order)) >= floor]
    least = min(plain_cost(pricing, order, chosen, arc, smoothness) for order in allowed)
    assert plain_cost(pricing, found.order, chosen, arc, smoothness) == pytest.approx(least, abs=1e-5)


@given(st.integers(2, 7), st.integers(0, 500))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_the_largest_gap_is_kept(m, seed):
    rng = np.random.default_rng(seed)
    songs = make_songs(
        m, seed, artists=[sorted(set(rng.integers(0, 3, rng.integers(1, 3)).tolist())) for _ in range(m)]
    )
    pricing = calibrate_prices(songs)
    places = {int(rng.integers(0, m)): int(rng.integers(0, m))}
    found = order_songs(pricing, np.arange(m, dtype=np.int32), artist_gap=m, places=places)
    allowed = [o for o in permutations(range(m)) if all(o[place] == song for place, song in places.items())]
    assert found.gap_is_largest
    assert found.artist_gap == min(max(plain_gap(songs, order) for order in allowed), m - 1)
    assert plain_gap(songs, found.order) >= found.artist_gap


@given(
    st.integers(2, 24),
    st.integers(0, 500),
    st.sampled_from(
        [None, Arc(energy="flat"), Arc(tempo="wave", positiveness="falling"), Arc(energy=(0.1, 0.9, 0.4))]
    ),
    st.integers(0, 2),
)
@settings(max_examples=15, deadline=None, derandomize=True)
def test_the_median_price_falls_with_smoothness_under_all_limits(m, seed, arc, gap):
    songs = make_songs(40, seed, missing=0.1, n_artists=12)
    pricing = calibrate_prices(songs)
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(40)[:m].astype(np.int32)
    places = {int(rng.integers(0, m)): int(chosen[0])}
    medians = []
    for smoothness in SMOOTHNESS:
        found = order_songs(pricing, chosen, arc=arc, smoothness=smoothness, artist_gap=gap, places=places)
        medians.append(float(np.median(price_steps(pricing, found.order))))
        assert sorted(found.order) == sorted(chosen)
        assert all(found.order[place] == song for place, song in places.items())
        assert plain_gap(songs, found.order) >= found.artist_gap
    assert medians == sorted(medians, reverse=True)


@pytest.mark.parametrize("with_arc", [False, True])
def test_long_lists_keep_all_and_are_far_before_shuffled_ones(with_arc):
    songs = make_songs(1700, 2, n_artists=300)
    pricing = calibrate_prices(songs)
    chosen = np.random.default_rng(0).permutation(1700)[:1600].astype(np.int32)
    arc = Arc(energy="rising") if with_arc else None
    places = {0: 1, 800: int(chosen[3]), 1599: int(chosen[5])} if 1 in chosen else {800: int(chosen[3])}
    lists = [
        order_songs(pricing, chosen, arc=arc, smoothness=s, artist_gap=3, places=places).order for s in (0.5, 1.0)
    ]
    for order in lists:
        assert sorted(order) == sorted(chosen)
        assert all(order[place] == song for place, song in places.items())
        near = [slice(max(place - 3, 0), place) for place in range(len(order))]
        artist = songs.artists.ids[songs.artists.indptr[order]]  # each song has one
        assert not any(artist[place] in artist[before] for place, before in enumerate(near))
    steps = [price_steps(pricing, order) for order in (*lists, chosen)]
    assert np.median(steps[1]) <= np.median(steps[0])
    assert steps[1].mean() < 0.6 * steps[2].mean()
    if arc is not None:
        assert arc_fit(arc, songs, lists[0])["energy"] > 0.7


@pytest.mark.parametrize("arc", [None, Arc(energy="rising"), Arc(energy="flat", positiveness="wave")])
@pytest.mark.parametrize("m", [3, 9, 14, 40])
def test_more_smoothness_never_raises_the_median_price(arc, m):
    for seed in range(6):
        songs = make_songs(60, seed, missing=0.05)
        pricing = calibrate_prices(songs)
        chosen = np.random.default_rng(seed).permutation(60)[:m].astype(np.int32)
        medians = [
            float(np.median(price_steps(pricing, order_songs(pricing, chosen, arc=arc, smoothness=s).order)))
            for s in np.linspace(0.0, 1.0, 9)
        ]
        assert all(smoother <= rougher for rougher, smoother in pairwise(medians))
        assert m < 9 or medians[-1] < medians[0]


@given(st.integers(10, 40), st.integers(0, 100), st.booleans())
@settings(max_examples=20, deadline=None, derandomize=True)
def test_never_behind_greedy_and_far_before_shuffled(m, seed, with_arc):
    songs = make_songs(80, seed)
    pricing = calibrate_prices(songs)
    chosen = np.random.default_rng(seed).permutation(80)[:m].astype(np.int32)
    arc = Arc(energy="rising") if with_arc else None
    found = order_songs(pricing, chosen, arc=arc, smoothness=1.0).order
    assert sorted(found) == sorted(chosen)
    cost = plain_cost(pricing, found, chosen, arc, 1.0)
    prices = price_matrix(pricing, chosen)
    for first in range(m):
        greedy = [first]
        while len(greedy) < m:
            rest = [i for i in range(m) if i not in greedy]
            greedy.append(min(rest, key=lambda i: prices[greedy[-1], i]))
        assert cost <= plain_cost(pricing, chosen[greedy], chosen, arc, 1.0) + 1e-6
    shuffled = np.random.default_rng(seed).permutation(chosen)
    assert cost < 0.9 * plain_cost(pricing, shuffled, chosen, arc, 1.0)


@given(st.integers(12, 30), st.integers(0, 100), st.sampled_from([0.0, 0.5, 1.0]))
@settings(max_examples=20, deadline=None, derandomize=True)
def test_places_and_gaps_of_longer_lists(m, seed, smoothness):
    songs = make_songs(40, seed, n_artists=10)
    before = bytes_of(songs)
    pricing = calibrate_prices(songs)
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(40)[:m].astype(np.int32)
    places = {int(p): int(s) for p, s in zip(rng.permutation(m)[:3], rng.permutation(chosen)[:3], strict=True)}
    found = order_songs(pricing, chosen, places=places, artist_gap=2, smoothness=smoothness, arc=Arc(tempo="wave"))
    assert sorted(found.order) == sorted(chosen)
    assert all(found.order[place] == song for place, song in places.items())
    assert plain_gap(songs, found.order) >= found.artist_gap
    assert found.artist_gap == 2 or found.gap_is_largest
    assert bytes_of(songs) == before


def test_smoothness_zero_leaves_a_list_as_it_came():
    pricing = calibrate_prices(make_songs(60))
    chosen = np.random.default_rng(0).permutation(60)[:25].astype(np.int32)
    np.testing.assert_array_equal(order_songs(pricing, chosen, smoothness=0.0).order, chosen)


@pytest.mark.parametrize("shape", ["rising", "falling", "wave", "flat", (0.1, 0.9, 0.5)])
def test_an_arc_is_followed(shape):
    songs = make_songs(80, 1)
    pricing = calibrate_prices(songs)
    chosen = np.arange(30, dtype=np.int32)
    arc = Arc(energy=shape)
    fits = [
        arc_fit(arc, songs, order_songs(pricing, chosen, arc=arc, smoothness=s).order)["energy"] for s in (0, 0.5)
    ]
    assert fits[0] > (0.7 if shape == "flat" else 0.9)  # a smoother order may be kept for its median price
    assert fits[1] > (0.6 if shape == "flat" else 0.8)
    assert arc_fit(arc, songs, np.random.default_rng(0).permutation(chosen))["energy"] < 0.4


def test_one_artist_alone_cannot_be_kept_apart():
    pricing = calibrate_prices(make_songs(12, artists=[[0]] * 12))
    found = order_songs(pricing, np.arange(12, dtype=np.int32), artist_gap=3)
    assert found.artist_gap == 0
    assert found.gap_is_largest


def test_the_gap_where_it_is_tight():
    """Nine artists with three songs each can stand eight others apart, in 27 places: then all in turns."""
    songs = make_songs(27, artists=[[i // 3] for i in range(27)])
    found = order_songs(calibrate_prices(songs), np.arange(27, dtype=np.int32), artist_gap=20)
    assert found.artist_gap == 8 == plain_gap(songs, found.order)
    assert found.gap_is_largest


@pytest.mark.parametrize("m", [0, 1, 2])
def test_the_shortest_lists(m):
    pricing = calibrate_prices(make_songs(5))
    found = order_songs(pricing, np.arange(m, dtype=np.int32), artist_gap=2, arc=Arc(energy="wave"), smoothness=1.0)
    assert sorted(found.order) == list(range(m))
    assert found.order.dtype == np.int32


def test_the_same_bytes_again_and_on_two_threads():
    pricing = calibrate_prices(make_songs(80))
    chosen = np.arange(60, dtype=np.int32)
    results = []
    for n_threads in (1, 2, 2):
        with use_threads(n_threads):
            results.append(order_songs(pricing, chosen, artist_gap=1, arc=Arc(energy="wave"), random_state=7).order)
    assert results[0].tobytes() == results[1].tobytes() == results[2].tobytes()


@pytest.mark.parametrize(
    ("chosen", "more", "error", "message"),
    [
        ([1, 2, 1], {}, InputError, "only once. Got twice or more: 1"),
        ([1, 99], {}, InputError, "numbers from 0 to 4"),
        ([1, 2], {"smoothness": 1.5}, ParameterError, "'smoothness' parameter must be a float"),
        ([1, 2], {"smoothness": float("nan")}, ParameterError, "'smoothness' parameter must be a float"),
        ([1, 2], {"artist_gap": -1}, ParameterError, "'artist_gap' parameter must be an int"),
        ([1, 2], {"places": {2: 1}}, ParameterError, "Got song 1 at place 2"),
        ([1, 2], {"places": {0: 3}}, ParameterError, "Got song 3 at place 0"),
        ([1, 2], {"places": {0: 1, 1: 1}}, ParameterError, "Got song 1 at place 1"),
        (list(range(10_001)), {}, InputError, "at most 10000 songs"),
    ],
)
def test_wrong_input(chosen, more, error, message):
    with pytest.raises(error, match=message):
        order_songs(calibrate_prices(make_songs(5)), np.array(chosen, np.int32), **more)
