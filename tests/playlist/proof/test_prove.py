"""The whole proof on invented playlists, reach and rivals by hand."""

import json

import numpy as np
import pytest
from small_songs import make_songs

from songscape.errors import InputError
from songscape.playlist.content import prepare_content
from songscape.playlist.hubs import MOST_LISTS, balanced, with_hubs
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
    assert "behind" not in table[OURS]
    for row in (table["random"], table["without sound"]):
        assert row["behind"]["ndcg"] == pytest.approx(table[OURS]["ndcg"] - row["ndcg"])
        assert row["behind"]["low"]["ndcg"] <= row["behind"]["ndcg"] <= row["behind"]["high"]["ndcg"]
    assert table["random"]["behind"]["low"]["recall"] > 0.0
    assert set(proof["sources"]) == {"home"}
    assert 20 < proof["playlists"]["judges"] < proof["playlists"]["teachers"] < 130
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
    assert ordered["ours_ratio"] < ordered["ratio"]
    assert ordered["ours"] < ordered["real"] < ordered["shuffled"]
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
    playlists = [numbers(0, 1), numbers(0, 1, 2), numbers(3, 4)]
    score = item_neighbors(playlists, 5)(numbers(0))
    np.testing.assert_allclose(score, [1, 1, 1 / np.sqrt(2), 0, 0], rtol=1e-6)


def test_groups_as_a_pool_come_first():
    score = within_groups(np.array([5, -3, 4, 9], np.float32), numbers(0, 0, 1, -1), numbers(1))
    assert np.argsort(-score).tolist() == [0, 1, 3, 2]


def test_a_part_left_out(songs):
    parts = score_songs(prepare_content(songs), numbers(1, 2))
    without = part_left_out(parts, "era")
    assert parts.total[7] - without[7] == pytest.approx(parts.of(numbers(7))[0]["era"], abs=1e-4)


def lists_of(content, hubs, n=60):
    rng = np.random.default_rng(7)
    found = []
    for seed in rng.integers(0, content.songs.n_songs, n).tolist():
        score = score_songs(content, numbers(seed), None, ScoreWeights(hubs=hubs)).total
        found.append(np.argsort(-score)[:50].astype(np.int32))
    return np.bincount(np.concatenate(found), minlength=content.songs.n_songs)


def test_hubs_step_back():
    songs = make_songs(6000, 6, popularity=np.random.default_rng(8).beta(0.5, 2.0, 6000) * 100)
    content = with_hubs(prepare_content(songs))
    with_it, without = lists_of(content, 1.5), lists_of(content, 0.0)
    hubs, others = content.hubs < -0.5, content.hubs > 0.0
    assert hubs.any()
    assert with_it[hubs].sum() < 0.5 * without[hubs].sum()
    assert with_it[others].sum() > without[others].sum()
    np.testing.assert_array_equal(with_hubs(prepare_content(songs)).hubs, content.hubs)
    assert with_hubs(prepare_content(songs), content.hubs).hubs is content.hubs, "found before: not counted again"


def test_no_song_stands_in_many_lists_of_hits():
    """Hits whose lists crowd: in lists of other hits the same songs stand less often, at little cost of scores."""
    songs = make_songs(12_000, 4, popularity=np.random.default_rng(8).beta(0.5, 2.0, 12_000) * 100)
    content = with_hubs(prepare_content(songs))
    chance = songs.popularity.astype(float) ** 6

    def most(hubs):
        rng, counts = np.random.default_rng(3), np.zeros(songs.n_songs, int)
        for _ in range(40):
            seeds = rng.choice(songs.n_songs, 10, replace=False, p=chance / chance.sum()).astype(np.int32)
            score = score_songs(content, seeds, None, ScoreWeights(hubs=hubs)).total
            score[seeds] = -np.inf
            counts[np.argsort(-score)[:100]] += 1
        return counts.max()

    assert most(ScoreWeights().hubs) < 0.8 * most(0.0)


def test_lists_are_balanced_until_no_song_stands_in_too_many():
    rng = np.random.default_rng(0)
    worth = rng.normal(size=400)
    lists = [
        (np.arange(400, dtype=np.int32), (worth + 0.5 * rng.normal(size=400)).astype(np.float32)) for _ in range(12)
    ]
    offsets = balanced(lists, 400, length=20)

    def counts(off):
        best = [np.argsort(-(scores - off))[:20] for _, scores in lists]
        return np.bincount(np.concatenate(best), minlength=400)

    assert counts(np.zeros(400)).max() > 6
    assert counts(offsets).max() <= MOST_LISTS
    assert (offsets >= 0.0).all()
    assert not offsets[counts(np.zeros(400)) == 0].all()
    assert np.corrcoef(offsets, worth)[0, 1] > 0.3


def test_small_catalogs_have_no_hubs():
    content = with_hubs(prepare_content(make_songs(999, 9)))
    assert content.hubs is None
    assert "hubs" not in score_songs(content, numbers(3)).names


def test_hubs_are_a_part_of_the_score():
    content = with_hubs(prepare_content(make_songs(2000, 10)))
    parts = score_songs(content, numbers(3, 4))
    np.testing.assert_allclose(parts.weights @ parts.values, parts.total, atol=2e-3)
    assert parts.names[-1] == "hubs"
    assert not score_songs(content, numbers()).total.any()
