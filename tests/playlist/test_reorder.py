"""Reordering a list: better than it was, its worst transition, bridges beside a twin."""

import numpy as np
import pytest
from small_songs import make_songs

from songscape.playlist.reorder import find_bridges, reorder
from songscape.playlist.transitions import calibrate_prices, price_matrix


def test_a_list_is_put_in_a_better_order():
    pricing = calibrate_prices(make_songs(300))
    chosen = np.random.default_rng(0).permutation(300)[:40].astype(np.int32)
    found = reorder(pricing, chosen)
    assert sorted(found.sequence.order) == sorted(chosen)
    assert found.prices.mean() < 0.75 * found.prices_before.mean()
    assert found.prices[found.worst] == found.prices.max()


@pytest.mark.parametrize("artist_gap", [0, 3])
def test_bridges_as_by_the_twin(artist_gap):
    songs = make_songs(300, 1, n_artists=60)
    pricing = calibrate_prices(songs)
    order = np.arange(20, dtype=np.int32)
    allowed = np.arange(300) % 3 > 0
    prices = price_matrix(pricing, np.arange(300, dtype=np.int32))
    bridges = find_bridges(pricing, order, 8, artist_gap=artist_gap, allowed=allowed)
    assert len(bridges) == 5
    near = set(order[9 - artist_gap : 9 + artist_gap].tolist())
    taken = {int(songs.artists.of(song)[0]) for song in near} if artist_gap else set()
    expected = []
    for song in sorted(range(300), key=lambda x: (max(prices[8, x], prices[x, 9]), prices[8, x] + prices[x, 9])):
        artist = int(songs.artists.of(song)[0])
        if allowed[song] and song not in order and artist not in taken and len(expected) < 5:
            expected.append(song)
            taken.add(artist)
    assert [bridge.song for bridge in bridges] == expected
    assert all(max(bridge.price_in, bridge.price_out) < prices[8, 9] for bridge in bridges)


def test_no_bridge_where_none_would_mend():
    pricing = calibrate_prices(make_songs(30))
    order = np.array([3, 5], np.int32)
    assert find_bridges(pricing, order, 0, allowed=np.zeros(30, bool)) == ()
    same = calibrate_prices(make_songs(4, energy=np.ones(4)))
    assert all(b.song not in (0, 1) for b in find_bridges(same, np.array([0, 1], np.int32), 0))


@pytest.mark.parametrize("m", [0, 1])
def test_lists_without_a_transition(m):
    found = reorder(calibrate_prices(make_songs(5)), np.arange(m, dtype=np.int32))
    assert found.worst == -1
    assert found.bridges == ()
    assert len(found.prices) == 0
