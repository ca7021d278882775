"""Orders, selections and journeys of real tracks: beside shuffled and greedy ones, and all limits hold."""

import numpy as np
import polars as pl
import pytest

import songscape
from songscape.features import scale_features
from songscape.playlist.arcs import Arc, arc_fit
from songscape.playlist.journey import plan_journey, step_lengths
from songscape.playlist.limits import Limits
from songscape.playlist.reading import read_songs
from songscape.playlist.selection import select_songs
from songscape.playlist.sequence import order_songs
from songscape.playlist.transitions import calibrate_prices, price_matrix, price_steps

pytestmark = pytest.mark.realdata
N_ROWS = 30_000


@pytest.fixture(scope="module")
def pricing(data_folder):
    table = pl.read_csv(data_folder / "light_spotify_dataset.csv", n_rows=N_ROWS, infer_schema=False)
    tracks = songscape.read_catalog(table).tracks
    X = scale_features(tracks).X
    return calibrate_prices(read_songs(tracks, X, X[:, :2].copy()))


def like(pricing, seed, m):
    """The songs nearest to one in X, in random order."""
    X = pricing.songs.X
    nearest = np.argsort(((X - X[seed]) ** 2).sum(axis=1), kind="stable")[:m]
    return np.random.default_rng(seed).permutation(nearest).astype(np.int32)


def greedy(prices):
    order = [0]
    while len(order) < len(prices):
        rest = np.setdiff1d(np.arange(len(prices)), order)
        order.append(int(rest[np.argmin(prices[order[-1], rest])]))
    return order


def gap_of(songs, order):
    """How many places lie at least between two songs of one artist."""
    last, least = {}, len(order)
    for place, song in enumerate(order):
        for artist in set(songs.artists.of(song).tolist()):
            least = min(least, place - last.get(artist, -len(order) - 1) - 1)
            last[artist] = place
    return least


@pytest.mark.parametrize("m", [30, 100])
def test_orders_are_smoother_than_shuffled_and_greedy_ones(pricing, m):
    for seed in (17, 4_000, 20_000):
        chosen = like(pricing, seed, m)
        prices = price_matrix(pricing, chosen)
        ours = price_steps(pricing, order_songs(pricing, chosen, smoothness=1.0).order).mean()
        naive = price_steps(pricing, chosen[greedy(prices)]).mean()
        assert ours <= naive + 1e-6
        assert ours < 0.75 * price_steps(pricing, chosen).mean()


def test_arcs_are_followed_and_more_smoothness_never_raises_the_median_price(pricing):
    arc, songs = Arc(energy="wave", tempo="rising"), pricing.songs
    for seed in (5, 12_345):
        chosen = like(pricing, seed, 30)
        lists = [order_songs(pricing, chosen, arc=arc, smoothness=s, artist_gap=1).order for s in (0, 0.25, 0.5, 1)]
        medians = [float(np.median(price_steps(pricing, order))) for order in lists]
        assert medians == sorted(medians, reverse=True)
        fits = arc_fit(arc, songs, lists[0])
        shuffled = arc_fit(arc, songs, chosen)
        assert min(fits.values()) > 0.6 > max(shuffled.values())


@pytest.mark.parametrize("seed", [3, 999, 15_000])
def test_limits_of_selections_hold(pricing, seed):
    songs = pricing.songs
    X = songs.X
    scores = -((X - X[seed]) ** 2).sum(axis=1)
    allowed = songs.year >= 1980
    limits = Limits(length=40, per_artist=2, artist_gap=3, must=(seed,), places={4: seed + 1})
    chosen = select_songs(scores, allowed, songs, limits, variety=0.4)
    assert len(set(chosen.tolist())) == 40
    assert {seed, seed + 1} <= set(chosen.tolist())
    assert all(allowed[song] or song in (seed, seed + 1) for song in chosen)
    artists = np.concatenate([np.unique(songs.artists.of(song)) for song in chosen])
    assert np.bincount(artists).max() <= 2
    found = order_songs(pricing, chosen, places={4: seed + 1}, artist_gap=3)
    assert found.artist_gap == 3 <= gap_of(songs, found.order)
    assert found.order[4] == seed + 1
    shuffled = np.random.default_rng(seed).permutation(songs.n_songs)[:40]
    assert scores[chosen].mean() > scores[shuffled].mean()


def test_journeys_arrive_in_steps_more_equal_than_random_ones(pricing):
    songs, rng = pricing.songs, np.random.default_rng(0)
    ours, random = [], []
    for _ in range(5):
        ends = tuple(int(song) for song in rng.choice(songs.n_songs, 2, replace=False))
        journey = plan_journey(pricing, ends, 15)
        assert (journey[0], journey[-1]) == ends
        assert len(set(journey.tolist())) == 15
        between = rng.choice(songs.n_songs, 13, replace=False)
        lost = np.array([ends[0], *between, ends[1]], np.int32)
        for found, order in ((ours, journey), (random, lost)):
            steps = step_lengths(songs, order)
            found.append((steps.std() / steps.mean(), np.median(price_steps(pricing, order))))
    assert np.mean(ours, axis=0)[0] < 0.6 * np.mean(random, axis=0)[0]
    assert np.mean(ours, axis=0)[1] < 0.5 * np.mean(random, axis=0)[1]
