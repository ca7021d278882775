"""The rival of the benchmark that stands for the study its floors come from."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from small_songs import make_songs

from songscape.playlist.content import prepare_content

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benchmarks"))

from six_parts import shared_artists, six_parts, six_parts_with


def numbers(*values):
    return np.array(values, np.int32)


def test_shared_artists_by_hand():
    content = prepare_content(make_songs(5, 0, artists=[[0], [0, 1], [1], [2], []]))
    assert np.allclose(shared_artists(content, numbers(0, 1)), np.log1p([2, 2, 1, 0, 0]))


def test_its_parts_are_six():
    songs = make_songs(300, 1, n_artists=40)
    content = prepare_content(songs)
    given = numbers(3, 8, 20)
    rival = six_parts(content)(given)
    assert np.corrcoef(rival, shared_artists(content, given))[0, 1] > 0.1
    assert np.isfinite(rival).all()
    explicit = prepare_content(replace(songs, explicit=(np.arange(300) % 2).astype(np.int8)))
    assert np.array_equal(six_parts(explicit)(given), rival), "explicit words are no part of it"
    older = prepare_content(replace(songs, year=songs.year[::-1].copy()))
    assert not np.allclose(six_parts(older)(given), rival), "the year is"


def test_what_learned_from_playlists_is_added():
    content = prepare_content(make_songs(300, 2, n_artists=40))
    given = numbers(1, 2)
    learned = np.arange(300, dtype=np.float32)

    def learner(playlists, n_songs):
        assert (len(playlists), n_songs) == (1, 300)
        return lambda asked: learned

    scores = [six_parts_with(learner, content, weight)([given], 300)(given) for weight in (0.0, 2.0)]
    assert np.allclose(scores[1] - scores[0], 2.0 * learned, atol=1e-3)
