"""The score of the study that the floors come from, made anew from its description: a rival.

Six parts with the weights of the study: a Gaussian of nine audio features, cosine of tags, shared artists, era,
popularity, duration. With co-occurrence the scores of the package implicit are added, whose settings are not told.
All parts but the artists' are parts of ours, which follow the same formulas as far as these are told.
"""

from collections.abc import Sequence

import numpy as np

from songscape.playlist.content import Content
from songscape.playlist.proof.rivals import Learner, Rival
from songscape.playlist.score import PARTS, score_songs
from songscape.playlist.weights import ScoreWeights

_NOTHING = ScoreWeights(**dict.fromkeys((*PARTS, "hubs", "company"), 0.0))
_ALONE = _NOTHING.with_changes(
    sound=0.23, mood=0.23, rhythm=0.23, genre=5.0, era=1.14, popularity=0.42, duration=0.38
)
_WITH_FACTORS = _NOTHING.with_changes(
    sound=0.20, mood=0.20, rhythm=0.20, genre=4.2, era=0.83, popularity=0.31, duration=0.28
)
_ARTIST_ALONE, _ARTIST_WITH_FACTORS = 2.4, 2.1
FACTORS = 24.4
"""What the study gave the scores of factors."""


def six_parts(content: Content) -> Rival:
    """Return the six parts without co-occurrence."""
    return lambda given: _summed(content, given, _ALONE, _ARTIST_ALONE)


def six_parts_with(learner: Learner, content: Content, weight: float = FACTORS) -> Learner:
    """Return what adds the score of a rival that learned from playlists to the six parts."""

    def learn(playlists: Sequence[np.ndarray], n_songs: int) -> Rival:
        learned = learner(playlists, n_songs)
        return lambda given: (
            _summed(content, given, _WITH_FACTORS, _ARTIST_WITH_FACTORS) + np.float32(weight) * learned(given)
        )

    return learn


def _summed(content: Content, given: np.ndarray, weights: ScoreWeights, artist: float) -> np.ndarray:
    return score_songs(content, given, None, weights).total + np.float32(artist) * shared_artists(content, given)


def shared_artists(content: Content, given: np.ndarray) -> np.ndarray:
    """Return log(1 + how many given songs share an artist) for each song, of its artists the best."""
    artists = content.songs.artists
    counts = np.zeros(len(artists.names))
    for song in given.tolist():
        counts[artists.of(song)] += 1.0
    owners = np.repeat(np.arange(content.songs.n_songs), np.diff(artists.indptr))
    shared = np.zeros(content.songs.n_songs, np.float32)
    np.maximum.at(shared, owners, np.log1p(counts[artists.ids]).astype(np.float32))
    return shared
