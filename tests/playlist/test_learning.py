"""Learning: weights find the part that matters, factors find what stands together, files come back whole."""

import numpy as np
import pytest
from small_songs import make_songs

from songscape.errors import InputError
from songscape.kernels.factors import solve_rows
from songscape.playlist.content import prepare_content
from songscape.playlist.cooccurrence import CONFIDENCE, MIN_PLAYLISTS, RIDGE, learn_company
from songscape.playlist.learning import Learned, learn_weights, load_learned
from songscape.playlist.weights import ScoreWeights
from songscape.threads import use_threads

N = 600
NOBODY = np.full(N, -1, np.int32)


@pytest.fixture(scope="module")
def content():
    return prepare_content(make_songs(N, 0))


def by_year(songs, n, rng):
    """Playlists of songs from a few years, whatever they sound like."""
    near = [np.argsort(np.abs(songs.year - year))[:60] for year in rng.integers(1965, 2020, n)]
    return [rng.choice(some, 24, replace=False).astype(np.int32) for some in near]


def by_camp(n, rng, camps=4):
    """Playlists within one of several sets of songs that have nothing else in common."""
    camp = rng.permutation(N).reshape(camps, -1)
    return [rng.choice(camp[i % camps], 24, replace=False).astype(np.int32) for i in range(n)], camp


def test_the_part_that_matters_gains_weight(content):
    rng = np.random.default_rng(0)
    learned = learn_weights(content, by_year(content.songs, 60, rng)).weights
    default = ScoreWeights()
    assert learned.era > 1.3 * default.era
    at_random = [rng.choice(N, 24, replace=False).astype(np.int32) for _ in range(60)]
    assert learn_weights(content, at_random).weights.era < default.era, "playlists without years teach the contrary"


def test_company_finds_what_stands_together():
    rng = np.random.default_rng(1)
    playlists, camp = by_camp(160, rng)
    company = learn_company(playlists, NOBODY)
    score = company.score(camp[0, :5].astype(np.int32))
    inside, outside = score[camp[0, 5:]], score[camp[1:].ravel()]
    assert (inside[:, None] > outside).mean() > 0.75
    stranger = company.score(np.setdiff1d(np.arange(N), company.songs)[:1].astype(np.int32))
    assert not stranger.any()


def test_a_song_in_no_playlist_is_known_by_its_artist():
    playlists, camp = by_camp(160, np.random.default_rng(6))
    unheard = camp[:, 0]
    playlists = [np.setdiff1d(songs, unheard).astype(np.int32) for songs in playlists]
    artists = np.empty(N, np.int32)
    for number, songs in enumerate(camp):  # eight artists in each camp
        artists[songs] = 8 * number + np.arange(len(songs)) % 8
    company = learn_company(playlists, artists)
    assert not np.isin(unheard, company.songs).any()
    as_seed = company.score(unheard[:1])
    assert (as_seed[camp[0, 1:], None] > as_seed[camp[1:].ravel()]).mean() > 0.9
    found = company.score(camp[0, 1:6].astype(np.int32))[unheard]
    assert found.argmax() == 0
    stranger = learn_company(playlists, NOBODY)
    assert not stranger.score(unheard[:1]).any()


def test_company_gets_weight_only_where_it_helps(content):
    rng = np.random.default_rng(2)
    playlists, _ = by_camp(2 * MIN_PLAYLISTS, rng)
    learned = learn_weights(content, playlists)
    assert learned.company is not None
    mixed = [rng.choice(N, 24, replace=False).astype(np.int32) for _ in range(2 * MIN_PLAYLISTS)]
    assert learned.weights.company > 3.0 * learn_weights(content, mixed).weights.company


def test_half_steps_solve_the_equations():
    rng = np.random.default_rng(3)
    other = rng.normal(size=(30, 4)).astype(np.float32)
    indptr = np.array([0, 3, 3, 8], np.int64)
    ids = rng.choice(30, 8, replace=False).astype(np.int32)
    start = np.zeros((3, 4), np.float32)
    found = start
    for _ in range(5):  # three steps each
        found = solve_rows(indptr, ids, other, found, CONFIDENCE, RIDGE)
    for i in range(3):
        held = other[ids[indptr[i] : indptr[i + 1]]].astype(float)
        matrix = other.T.astype(float) @ other + CONFIDENCE * held.T @ held + RIDGE * np.eye(4)
        np.testing.assert_allclose(found[i], np.linalg.solve(matrix, (1 + CONFIDENCE) * held.sum(axis=0)), atol=1e-3)
    assert not start.any()


def test_the_same_bytes_for_any_number_of_threads():
    playlists, _ = by_camp(MIN_PLAYLISTS, np.random.default_rng(4))
    with use_threads(1):
        one = learn_company(playlists, NOBODY).factors
    with use_threads(2):
        two = learn_company(playlists, NOBODY).factors
    assert one.tobytes() == two.tobytes()


def test_a_file_comes_back_whole(content, tmp_path):
    playlists, _ = by_camp(2 * MIN_PLAYLISTS, np.random.default_rng(5))
    learned = learn_weights(content, playlists)
    path = tmp_path / "mine.npz"
    learned.save(path)
    again = load_learned(path, N)
    assert again.weights == learned.weights
    seeds = playlists[0][:10]
    np.testing.assert_array_equal(again.score(content, seeds).total, learned.score(content, seeds).total)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.npz"]
    with pytest.raises(InputError, match="this catalog has 7"):
        load_learned(path, 7)


def test_a_file_is_read_again_only_if_it_changed(content, tmp_path):
    path = tmp_path / "mine.npz"
    Learned(ScoreWeights(), None, 20).save(path)
    first = load_learned(path, N)
    assert load_learned(path, N) is first
    Learned(ScoreWeights(era=2.0), None, 21).save(path)
    assert load_learned(path, N).weights.era == 2.0
    path.unlink()
    with pytest.raises(InputError, match="There is no file"):
        load_learned(path, N)


@pytest.mark.parametrize("told", ["{}", "[1]", '{"weights": {"no such part": 1}, "n_playlists": 3}', "no JSON"])
def test_a_file_of_another_kind_is_told(told, tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, told=np.array(told))
    with pytest.raises(InputError, match="is not a file of learned weights"):
        load_learned(path, N)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(InputError, match="is not a file of learned weights"):
        load_learned(path, N)


def test_what_cannot_be(content, tmp_path):
    with pytest.raises(InputError, match=r"at least 20 playlists of 20 known songs\. Got 1"):
        learn_weights(content, [np.arange(30, dtype=np.int32)])
    with pytest.raises(InputError, match=r"at least 100 playlists\. Got 0"):
        learn_company([], NOBODY)
    with pytest.raises(InputError, match="There is no file"):
        load_learned(tmp_path / "none.npz", N)
    other = tmp_path / "other.npz"
    other.write_bytes(b"nothing of the kind")
    with pytest.raises(InputError, match="is not a file of learned weights"):
        load_learned(other, N)
