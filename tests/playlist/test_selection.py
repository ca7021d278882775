"""Which songs are chosen: hard limits beside brute force, relevance against variety, clear refusals."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_songs import bytes_of, make_songs

from songscape.errors import InputError, LimitsError, ParameterError
from songscape.playlist import program
from songscape.playlist.limits import Limits, popularity_thirds, quotas_for, song_seconds
from songscape.playlist.pool import read_pool
from songscape.playlist.selection import select_songs


def scores_of(songs, seed=0):
    return np.random.default_rng(seed).normal(size=songs.n_songs).astype(np.float32)


def everything(songs):
    return np.ones(songs.n_songs, bool)


def keeps(songs, limits, chosen):
    """Whether a set of songs keeps all limits, straight from their meaning."""
    rows = [set(songs.artists.of(song).tolist()) for song in chosen]
    names = set().union(*rows)
    if limits.per_artist and any(sum(name in row for row in rows) > limits.per_artist for name in names):
        return False
    if not set(limits.fixed_songs()) <= set(chosen):
        return False
    if limits.new_artists is not None:
        n_new = sum(not row & limits.known_artists for row in rows)
        if n_new < limits.new_artists * len(chosen) - 1e-9:
            return False
    if limits.popularity_mix is not None:
        counts = np.bincount(popularity_thirds(songs)[list(chosen)], minlength=3)
        if tuple(counts) != quotas_for(limits, len(chosen)).mix:
            return False
    seconds, median = song_seconds(songs)
    if limits.seconds is not None and abs(seconds[list(chosen)].sum() - limits.seconds) > 0.5 * median:
        return False
    return limits.artist_gap == 0 or any(order_keeps(songs, limits, order) for order in permutations(chosen))


def order_keeps(songs, limits, order):
    if any(order[place] != song for place, song in limits.places.items()):
        return False
    rows = [set(songs.artists.of(song).tolist()) for song in order]
    gap = limits.artist_gap
    return not any(rows[i] & rows[j] for i in range(len(order)) for j in range(i + 1, min(i + gap + 1, len(order))))


@given(st.integers(0, 5000), st.sampled_from([0.0, 0.5, 1.0]))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_list_is_found_exactly_where_brute_force_finds_one(seed, variety):
    rng = np.random.default_rng(seed)
    n = 7
    artists = [sorted(set(rng.integers(0, 4, rng.integers(1, 3)).tolist())) for _ in range(n)]
    songs = make_songs(n, seed, artists=artists)
    before = bytes_of(songs)
    m = int(rng.integers(1, 6))
    limits = Limits(
        length=m,
        per_artist=int(rng.integers(1, 4)) if rng.random() < 0.6 else None,
        artist_gap=int(rng.integers(0, 3)),
        must=tuple(int(song) for song in rng.permutation(n)[: rng.integers(0, 2)]),
        places={0: int(rng.integers(0, n))} if rng.random() < 0.3 else {},
        new_artists=float(rng.choice([0.3, 0.5])) if rng.random() < 0.4 else None,
        known_artists=frozenset({0, 1}),
        popularity_mix=(0.4, 0.2, 0.4) if rng.random() < 0.3 else None,
    )
    possible = [chosen for chosen in combinations(range(n), m) if keeps(songs, limits, chosen)]
    try:
        found = select_songs(scores_of(songs, seed), everything(songs), songs, limits, variety=variety)
    except LimitsError:
        assert possible == []
    else:
        assert tuple(sorted(found.tolist())) in possible
    assert bytes_of(songs) == before


@given(st.integers(0, 1000))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_minutes_are_met_where_that_is_possible(seed):
    rng = np.random.default_rng(seed)
    songs = make_songs(9, seed, n_artists=5, missing=0.1)
    limits = Limits(seconds=float(rng.integers(300, 1500)), per_artist=2)
    possible = [c for m in range(1, 8) for c in combinations(range(9), m) if keeps(songs, limits, c)]
    try:
        found = select_songs(scores_of(songs, seed), everything(songs), songs, limits, variety=0.0)
    except LimitsError:
        assert possible == []
    else:
        assert keeps(songs, limits, found.tolist())


def test_without_variety_the_best_songs_are_taken():
    songs = make_songs(200, n_artists=150)
    scores = scores_of(songs)
    found = select_songs(scores, everything(songs), songs, Limits(length=20), variety=0.0)
    np.testing.assert_array_equal(found, np.argsort(-scores, kind="stable")[:20])
    assert found.dtype == np.int32


def test_with_a_cap_the_best_of_each_artist_are_taken():
    songs = make_songs(100, n_artists=12)
    scores = scores_of(songs)
    found = select_songs(scores, everything(songs), songs, Limits(length=20, per_artist=2), variety=0.0)
    expected, counts = [], {}
    for song in np.argsort(-scores, kind="stable"):
        artist = int(songs.artists.of(song)[0])
        if counts.get(artist, 0) < 2 and len(expected) < 20:
            expected.append(song)
            counts[artist] = counts.get(artist, 0) + 1
    np.testing.assert_array_equal(found, expected)


def test_variety_spreads_and_stays_above_the_bar():
    songs = make_songs(600, 4, n_artists=600)
    scores = scores_of(songs)
    spread, relevance = [], []
    for variety in (0.0, 0.5, 1.0):
        found = select_songs(scores, everything(songs), songs, Limits(length=15), variety=variety)
        squares = ((songs.X[found][:, None] - songs.X[found]) ** 2).sum(axis=2)
        spread.append(np.sort(np.sqrt(squares), axis=1)[:, 1].mean())
        relevance.append(scores[found].mean())
    assert spread[0] < spread[1] < spread[2]
    assert relevance[0] > relevance[1] > relevance[2]
    bar = np.sort(scores)[-(10 * 15 + 20)]
    assert scores[found].min() >= bar


def test_only_allowed_songs_and_those_that_must_be_in():
    songs = make_songs(60)
    allowed = np.arange(60) % 2 == 0
    found = select_songs(scores_of(songs), allowed, songs, Limits(length=10, must=(7,), places={3: 9}))
    assert {7, 9} <= set(found.tolist())
    assert all(song % 2 == 0 or song in (7, 9) for song in found)


def test_another_random_state_gives_another_list_nearly_as_good():
    songs = make_songs(500)
    scores = scores_of(songs)
    lists = [select_songs(scores, everything(songs), songs, Limits(length=30), random_state=s) for s in (0, 1, 1, 2)]
    np.testing.assert_array_equal(lists[1], lists[2])
    assert set(lists[0].tolist()) != set(lists[1].tolist()) != set(lists[3].tolist())
    gains = [scores[chosen].mean() - scores.mean() for chosen in lists]
    assert min(gains) > 0.9 * max(gains)


def test_quotas_by_hand():
    quotas = quotas_for(Limits(length=10, new_artists=0.25, artist_gap=4), 10)
    assert (quotas.known, quotas.per_artist, quotas.n_full) == (7, 2, 5)
    assert quotas_for(Limits(length=9, artist_gap=3), 9).n_full == 1
    assert quotas_for(Limits(length=3, popularity_mix=(1 / 3, 1 / 3, 1 / 3)), 3).mix == (1, 1, 1)


def test_impossible_says_what_clashes_and_what_is_possible():
    songs = make_songs(18, artists=[[i % 9] for i in range(17)] + [[0]])
    with pytest.raises(
        LimitsError, match=r"Only 18 songs of 9 artists .* 9 of the 14 .* length of 9, .* per_artist 2"
    ):
        select_songs(scores_of(songs), everything(songs), songs, Limits(length=14, per_artist=1))
    one_each = np.arange(18) < 12
    alone = make_songs(18, artists=[[i % 9] for i in range(18)])
    with pytest.raises(LimitsError, match=r"9 of the 12 wished .* artist_gap 8"):
        select_songs(scores_of(alone), one_each, alone, Limits(length=12, artist_gap=9))
    with pytest.raises(LimitsError, match=r"Only 0 songs of 0 artists can be in.*fewer limits"):
        select_songs(scores_of(songs), np.zeros(18, bool), songs, Limits(length=5))
    with pytest.raises(LimitsError, match="no choice of them lasts 60 seconds"):
        select_songs(scores_of(songs), everything(songs), songs, Limits(seconds=60.0, must=(1, 2, 3)))


def test_artists_that_share_their_songs_may_all_have_the_most():
    songs = make_songs(5, artists=[[0], [2, 3], [1], [2, 3], [0]])
    found = select_songs(scores_of(songs), everything(songs), songs, Limits(length=5, artist_gap=2), variety=0.0)
    assert sorted(found) == [0, 1, 2, 3, 4]


def test_a_search_that_was_given_up_is_not_called_impossible(monkeypatch):
    songs = make_songs(18)
    limits = Limits(length=14, per_artist=1)  # more than there are artists: greedy taking comes to nothing
    monkeypatch.setattr(program, "_solve", given_up)
    with pytest.raises(LimitsError, match=r"^The search was given up: a list may exist, none was found"):
        select_songs(scores_of(songs), everything(songs), songs, limits)


def test_what_a_program_may_do_is_counted_in_work():
    songs = make_songs(40, n_artists=10)
    limits = Limits(length=12, per_artist=2, artist_gap=1)
    pool = read_pool(scores_of(songs), everything(songs), songs, limits, 40, 0)
    quotas = quotas_for(limits, 12)
    patient, idle, ended = (
        program.Effort(exact=True),
        program.Effort(exact=True),
        program.Effort(exact=True, work=1.0),
    )
    found = [program.best_by_program(pool, quotas, effort) for effort in (patient, idle)]
    assert found[0].tolist() == found[1].tolist()
    assert patient.work == idle.work < program.PROGRAM_WORK
    assert program.best_by_program(pool, quotas, ended) is None
    assert not ended.is_certain


def test_a_program_of_only_the_best_songs_proves_nothing(monkeypatch):
    songs = make_songs(40, n_artists=10)
    limits = Limits(length=12, new_artists=1.0, known_artists=frozenset(range(9)))  # one artist's songs: too few
    pool = read_pool(scores_of(songs), everything(songs), songs, limits, 40, 0)
    effort = program.Effort(exact=True)
    assert program.best_by_program(pool, quotas_for(limits, 12), effort) is None
    assert effort.is_certain
    monkeypatch.setattr(program, "_MOST_SONGS", 15)
    assert program.best_by_program(pool, quotas_for(limits, 12), effort) is None
    assert not effort.is_certain


@pytest.mark.parametrize(
    ("limits", "advice"),
    [
        ({"length": 8, "per_artist": 1, "must": (0, 4)}, r"0 of the 8 wished.*per_artist 2"),
        ({"length": 8, "artist_gap": 3, "places": {1: 0, 4: 4}}, r"0 of the 8 wished.*artist_gap 2"),
        ({"length": 3, "popularity_mix": (1.0, 0.0, 0.0), "must": (0, 39)}, "another popularity mix"),
        ({"length": 3, "new_artists": 1.0, "known_artists": frozenset({0}), "must": (0,)}, "smaller share of new"),
        ({"seconds": 100.0, "must": (0, 1, 2, 3)}, "no choice of them lasts 100 seconds"),
        ({"seconds": 20_000.0, "per_artist": 99}, "no choice of them lasts 20000 seconds"),
    ],
)
def test_what_clashes_by_itself_is_told_without_a_search(monkeypatch, limits, advice):
    artists = [[i % 4] for i in range(40)]
    songs = make_songs(40, artists=artists)
    monkeypatch.setattr("songscape.playlist.selection.best_by_program", lambda *_: pytest.fail("nothing to search"))
    with pytest.raises(LimitsError, match=advice) as error:
        select_songs(scores_of(songs), everything(songs), songs, Limits(**limits))
    assert "given up" not in str(error.value)


def test_a_single_song_is_exchanged_for_one_of_the_wished_duration():
    songs = make_songs(40)
    lasting = float(np.sort(songs.duration)[2])
    chosen = select_songs(scores_of(songs), everything(songs), songs, Limits(seconds=lasting / 3), variety=0.0)
    assert len(chosen) == 1
    assert abs(songs.duration[chosen[0]] - lasting / 3) <= 0.5 * np.median(songs.duration)


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_songs_that_no_list_needs_change_no_outcome(seed):
    """A program over the songs that are needed is as good as one over all of them, and needs far fewer."""
    rng = np.random.default_rng(seed)
    n = 300
    artists = [rng.choice(120, rng.integers(0, 3), replace=False).tolist() for _ in range(n)]
    songs, scores = make_songs(n, seed, artists=artists), rng.random(n).astype(np.float32)
    limits = Limits(
        length=6, per_artist=1, artist_gap=2, popularity_mix=(0.5, 0.0, 0.5), must=(int(rng.integers(n)),),
        new_artists=0.5, known_artists=frozenset(range(30)),
    )  # fmt: skip
    pool, quotas = read_pool(scores, everything(songs), songs, limits, n, 0), quotas_for(limits, 6)
    needed, proves = program._needed(pool, quotas)
    assert proves
    assert len(needed) < 0.7 * n
    few = program.best_by_program(pool, quotas, program.Effort(exact=True))
    all_of_them = program._solve(pool, quotas, program.Effort(exact=True), [])
    assert (few is None) == (all_of_them is None)
    if few is not None:
        assert pool.scores[few].sum() >= 0.985 * pool.scores[all_of_them].sum()  # a program ends within 1 %


def given_up(pool, quotas, effort, refused):
    """An integer program that never comes to an end."""
    effort.is_certain = False


@pytest.mark.parametrize(
    ("limits", "error", "message"),
    [
        ({"length": 2, "must": (1, 2, 3)}, LimitsError, "3 songs must be in, but the list has only 2 places"),
        ({"length": 2, "places": {5: 1}}, LimitsError, "Ask for a length of 6"),
        ({"length": 2, "must": (99,)}, ParameterError, r"song numbers in \[0, 29\]"),
        ({}, ParameterError, "length or a duration"),
        ({"length": 1, "seconds": 9.0}, ParameterError, "length or a duration"),
        ({"length": 0}, ParameterError, "'length' parameter"),
        ({"seconds": 0.0}, ParameterError, "'seconds' parameter"),
        ({"length": 1, "per_artist": 0}, ParameterError, "'per_artist' parameter"),
        ({"length": 1, "artist_gap": -1}, ParameterError, "'artist_gap' parameter"),
        ({"length": 1, "new_artists": 1.1}, ParameterError, "'new_artists' parameter"),
        ({"length": 1, "popularity_mix": (0.5, 0.5, 0.5)}, ParameterError, "'popularity_mix' parameter"),
        ({"length": 3, "places": {0: 1, 1: 1}}, ParameterError, "one place only"),
    ],
)
def test_wrong_limits(limits, error, message):
    songs = make_songs(30)
    with pytest.raises(error, match=message):
        select_songs(scores_of(songs), everything(songs), songs, Limits(**limits))


def test_wrong_scores_and_variety():
    songs = make_songs(5)
    with pytest.raises(ParameterError, match="'variety' parameter"):
        select_songs(scores_of(songs), everything(songs), songs, Limits(length=1), variety=1.5)
    with pytest.raises(InputError, match="scores be finite"):
        select_songs(np.full(5, np.nan, np.float32), everything(songs), songs, Limits(length=1))


def test_a_long_list_is_taken_by_stretches_and_goes_on_where_caps_use_up_the_candidates():
    n = 3000
    artists = [[0] if i < 900 else [1 + i % 700] for i in range(n)]
    songs, scores = make_songs(n, 5, artists=artists), np.linspace(1.0, 0.0, n).astype(np.float32)
    limits = Limits(length=1200, per_artist=3, must=(2999,))
    chosen = select_songs(scores, everything(songs), songs, limits, variety=0.4)
    assert len(set(chosen.tolist())) == 1200
    assert 2999 in chosen
    counts = np.bincount([artists[song][0] for song in chosen])
    assert counts.max() == 3
    assert counts[0] == 3
    again = select_songs(scores, everything(songs), songs, limits, variety=0.4)
    assert np.array_equal(chosen, again)


def test_no_integer_program_decides_on_more_than_a_thousand_songs(monkeypatch):
    songs = make_songs(1500, 5, artists=[[i % 350] for i in range(1500)])
    monkeypatch.setattr("songscape.playlist.selection.best_by_program", lambda *_: pytest.fail("too long for it"))
    with pytest.raises(LimitsError, match=r"given up.*at least 1050 of the 1200 wished"):
        select_songs(scores_of(songs), everything(songs), songs, Limits(length=1200, per_artist=3))
