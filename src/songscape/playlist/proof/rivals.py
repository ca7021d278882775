"""What a score has to beat: simple ways to continue a playlist, each from given songs to a score of all songs."""

from collections.abc import Callable, Sequence

import numpy as np

from songscape.playlist.content import Content, main_artists
from songscape.playlist.proof.protocol import membership
from songscape.playlist.score import ScoreParts
from songscape.types import Float32, Int32

Rival = Callable[[Int32], Float32]
"""From given songs to a score of each song of the catalog."""

Learner = Callable[[Sequence[Int32], int], Rival]
"""From the songs of playlists, and the number of songs in the catalog, to a rival that learned from them."""


def plain_rivals(content: Content, *, random_state: int = 0) -> dict[str, Rival]:
    """Return rivals that know no playlist: random, popularity, same artist, same genre, audio neighbors.

    Ties, of which the labels have many, are broken at random: neither by popularity, which would be a second method,
    nor by the order of the file. The draw is another one for other given songs.
    """
    songs = content.songs
    popularity = np.nan_to_num(songs.popularity, nan=-1.0)
    main = main_artists(songs)
    tags = songs.tags

    def noise(given: Int32) -> Float32:
        rng = np.random.default_rng([random_state, *given.tolist()])
        return rng.random(songs.n_songs, np.float32)

    def same_artist(given: Int32) -> Float32:
        counts = np.bincount(main[given][main[given] >= 0], minlength=len(songs.artists.names) + 1)
        shared: Float32 = np.where(main >= 0, counts[main], 0).astype(np.float32)
        shared += np.float32(0.5) * noise(given)
        return shared

    def same_genre(given: Int32) -> Float32:
        counts = np.zeros(len(tags.names) + 1)
        for song in given:
            counts[tags.of(int(song))] += 1
        best = np.zeros(songs.n_songs, np.float32)
        owners = np.repeat(np.arange(songs.n_songs), np.diff(tags.indptr))
        np.maximum.at(best, owners, counts[tags.ids].astype(np.float32))
        best += np.float32(0.5) * noise(given)
        return best

    def audio_neighbors(given: Int32) -> Float32:
        """Distance to the nearest given song in X."""
        squares = (songs.X**2).sum(axis=1)
        products = songs.X @ songs.X[given].T
        away = squares[:, None] + squares[given] - 2.0 * products
        nearest: Float32 = -away.min(axis=1).astype(np.float32)
        return nearest

    return {
        "random": noise,
        "popularity": lambda given: popularity + noise(given),
        "same genre": same_genre,
        "same artist": same_artist,
        "audio neighbors": audio_neighbors,
    }


def part_alone(parts: ScoreParts, name: str) -> Float32:
    """Return a score that is nothing but one part."""
    row: Float32 = parts.values[parts.names.index(name)]
    return row


def part_left_out(parts: ScoreParts, name: str) -> Float32:
    """Return the score without one part."""
    at = parts.names.index(name)
    rest: Float32 = parts.total - parts.weights[at] * parts.values[at]
    return rest


def within_groups(score: Float32, labels: Int32, given: Int32) -> Float32:
    """Return a score under which songs of the given songs' groups come first: groups as the pool of candidates.

    Parameters
    ----------
    score : float32, shape (n_songs,)
    labels : int32, shape (n_songs,)
        Group of each song; −1 for none, which is no group.
    given : int32
    """
    groups = np.unique(labels[given])
    inside = np.isin(labels, groups[groups >= 0])
    lifted = score.copy()
    lifted[inside] += np.float32(2.0 * (np.abs(score).max() + 1.0))
    return lifted


def item_neighbors(playlists: Sequence[Int32], n_songs: int) -> Rival:
    """Return the rival from co-occurrence: the summed cosine of songs with the given ones, as sets of playlists."""
    members = membership(playlists, n_songs).tocsc()
    counts = np.diff(members.indptr)
    scale = (1.0 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)
    rows = members.tocsr()

    def score(given: Int32) -> Float32:
        taste = np.asarray(members[:, given] @ scale[given], np.float32)
        found: Float32 = np.asarray(rows.T @ taste, np.float32)
        found *= scale
        return found

    return score
