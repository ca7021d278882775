"""Who judges, who teaches, and what is given."""

import numpy as np

from songscape.playlist.proof.protocol import N_GIVEN, Playlist, hold, split_playlists

N_SONGS = 4000


def lists(n=60, length=30, seed=0):
    rng = np.random.default_rng(seed)
    drawn = [rng.choice(N_SONGS, length, replace=False).astype(np.int32) for _ in range(n)]
    return [Playlist(f"list {i}", "mine", songs, str(i)) for i, songs in enumerate(drawn)]


def test_judges_and_teachers_are_apart():
    split = split_playlists(lists(), N_SONGS)
    judges = {held.playlist.id for held in split.judges}
    assert len(judges) > 10
    judged = [held.playlist.id for fold in split.folds for held in fold.judges]
    assert sorted(judged) == sorted(judges), "each judges once"
    for fold in split.folds:
        own = {held.playlist.id for held in fold.judges}
        assert {playlist.id for playlist in fold.teachers} == {str(i) for i in range(60)} - own


def test_ten_are_given_and_the_rest_is_hidden():
    held = split_playlists(lists(), N_SONGS).judges[0]
    assert len(held.given) == N_GIVEN
    assert sorted([*held.given, *held.hidden]) == sorted(held.playlist.songs)
    again = hold(held.playlist)
    np.testing.assert_array_equal(again.given, held.given)
    assert hold(held.playlist, 1).given.tolist() != held.given.tolist()


def test_who_judges_does_not_depend_on_other_playlists():
    some = lists()
    judges = {held.playlist.id for held in split_playlists(some, N_SONGS).judges}
    fewer = {held.playlist.id for held in split_playlists(some[::-1][:30], N_SONGS).judges}
    assert fewer == judges & {playlist.id for playlist in some[::-1][:30]}


def test_what_is_unfit_is_counted():
    songs = np.arange(30, dtype=np.int32)
    some = [
        Playlist("short", "mine", songs[:5], "a"),
        Playlist("long", "mine", np.arange(500, dtype=np.int32), "b"),
        Playlist("Top 50 - Peru", "mine", songs + 600, "c"),
        Playlist("other", "theirs", songs + 700, "d"),
        Playlist("one", "mine", songs + 800, "e"),
        Playlist("copy", "mine", songs + 805, "f"),
    ]
    split = split_playlists(some, N_SONGS, share=1.0, sources=("mine",))
    assert [held.playlist.name for held in split.judges] == ["one"]
    assert split.left_out == {
        "fewer than 20 known songs": 1,
        "more than 400 known songs": 1,
        "chart": 1,
        "other source": 1,
        "near another": 1,
    }
    [fold] = split.folds
    taught = {playlist.name for playlist in fold.teachers}
    assert taught == {"short", "long", "Top 50 - Peru", "other"}, "what is near a judge gives it away"
