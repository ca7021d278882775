"""The whole proof on invented playlists, reach and rivals by hand."""

import json

import numpy as np
import pytest
from small_songs import make_songs

from songscape.errors import InputError
from songscape.playlist.content import prepare_content
from songscape.playlist.hubs import hub_offsets
from songscape.playlist.proof.order import order_against_shuffled
from songscape.playlist.proof.protocol import Playlist
from songscape.playlist.proof.prove import OURS, ProofParams, prove_use
from songscape.playlist.proof.reach import gini, reach
from songscape.playlist.proof.rivals import item_neighbors, part_left_out, plain_rivals, within_groups
from songscape.playlist.score import score_songs
from songscape.playlist.transitions import calibrate_prices
from songscape.playlist.weights import ScoreWeights

N = 1500


def numbers(*values):
    return np.array(values, np.int32)


@pytest.fixture(scope="module")
def songs():
    return make_songs(N, 0, n_artists=150, energy=np.linspace(0, 1, N))


def themed(songs, n, rng):
    """Playlists of songs of like energy, in order of their years."""
    found = []
    for i in range(n):
        middle = rng.integers(100, N - 100)
        chosen = rng.choice(np.arange(middle - 100, middle + 100), 24, replace=False)
        found.append(Playlist(f"list {i}", "home/a", chosen[np.argsort(songs.year[chosen])].astype(np.int32), str(i)))
    return found


def test_the_proof_finds_what_playlists_are_made_by(songs):
    playlists = themed(songs, 130, np.random.default_rng(1))
    content = prepare_content(songs)
    labels = {"halves": (np.arange(N) // 750).astype(np.int32)}
    done = []
    proof = prove_use(
        content,
        playlists,
        ProofParams(ScoreWeights(), labels=labels),
        progress=lambda stage, share: done.append(share),
    )
    table = proof["content"]["pool"]
    assert table["sound alone"]["auc"] > 0.75
    assert abs(table["random"]["auc"] - 0.5) < 0.05, "the negative control"
    assert table[OURS]["auc"] > table["without sound"]["auc"]
    assert f"{OURS} within halves" in table
    for row in (*table.values(), *proof["content"]["whole"].values()):
        assert row["low"]["ndcg"] <= row["ndcg"] <= row["high"]["ndcg"]
    assert set(proof["sources"]) == {"home"}
    assert proof["playlists"]["judges"] + proof["playlists"]["teachers"] <= 130
    assert done == sorted(done)
    assert done[-1] == 1.0
    json.dumps(proof)  # plain data


def test_no_playlist_can_judge(songs):
    with pytest.raises(InputError, match=r"No playlist of 1 can judge: 1 fewer than 20 known songs\."):
        prove_use(prepare_content(songs), [Playlist("", "", numbers(1, 2))])


def test_order_that_follows_years_is_seen(songs):
    playlists = [playlist.songs for playlist in themed(songs, 20, np.random.default_rng(2))]
    pricing = calibrate_prices(songs)
    ordered = order_against_shuffled(pricing, playlists)
    assert ordered["ratio"] < 1 - 3 * ordered["ratio_error"]
    rng = np.random.default_rng(3)
    mixed = order_against_shuffled(pricing, [rng.permutation(songs) for songs in playlists])
    assert abs(mixed["ratio"] - 1) < 4 * mixed["ratio_error"] + 0.01
    assert order_against_shuffled(pricing, [numbers(1, 2)]) == {"n_playlists": 0}


def test_reach_by_hand():
    songs = make_songs(6, 4, artists=[[0], [0], [1], [2], [], [1, 2]])
    found = reach([numbers(0, 1), numbers(0, 2), numbers(0, 4)], songs)
    assert found["distinct_share"] == 4 / 6
    assert found["catalog_share"] == 4 / 6
    assert found["most_lists"] == 3
    assert found["most_artist_share"] == 1.0
    assert reach([], songs)["distinct_share"] == 0.0
    assert gini(np.zeros(3, np.int64)) == 0.0


def test_rivals_by_hand():
    songs = make_songs(6, 5, artists=[[0], [0], [1], [2], [], [1]], tags=[[0], [1], [0], [], [2], [0, 1]])
    rivals = plain_rivals(prepare_content(songs))
    artist = rivals["same artist"](numbers(0, 2))
    assert set(np.argsort(-artist)[:4].tolist()) == {0, 1, 2, 5}
    genre = rivals["same genre"](numbers(0, 2))
    assert set(np.argsort(-genre)[:3].tolist()) == {0, 2, 5}
    assert rivals["audio neighbors"](numbers(3)).argmax() == 3
    assert rivals["popularity"](numbers(0)).argmax() == songs.popularity.argmax()


def test_item_neighbors_by_hand():
    playlists = [Playlist("", "", numbers(0, 1)), Playlist("", "", numbers(0, 1, 2)), Playlist("", "", numbers(3, 4))]
    score = item_neighbors(playlists, 5)(numbers(0))
    np.testing.assert_allclose(score, [1, 1, 1 / np.sqrt(2), 0, 0], rtol=1e-6)


def test_groups_as_a_pool_come_first():
    score = within_groups(np.array([5, -3, 4, 9], np.float32), numbers(0, 0, 1, -1), numbers(1))
    assert np.argsort(-score).tolist() == [0, 1, 3, 2]


def test_a_part_left_out(songs):
    parts = score_songs(prepare_content(songs), numbers(1, 2))
    without = part_left_out(parts, "era")
    assert parts.total[7] - without[7] == pytest.approx(parts.of(7)["era"], abs=1e-4)


def test_hubs_lose_and_most_songs_do_not():
    songs = make_songs(800, 6)
    content = prepare_content(songs)
    offsets = hub_offsets(content)
    assert (offsets <= 0).all()
    assert (offsets == 0).mean() >= 0.5
    assert offsets.min() < -0.1
    np.testing.assert_array_equal(hub_offsets(content), offsets)
