"""How well each song meets a request, as a sum of named parts."""

from collections.abc import Mapping

import numpy as np

from songscape.atlas.playlists.asking import Asked
from songscape.atlas.playlists.library import Library
from songscape.playlist.moods import emotion_closeness, target_closeness
from songscape.playlist.request import PlaylistRequest
from songscape.types import Float32, Int32

Parts = dict[str, Float32]

MOOD_WEIGHT = 5.0
"""What a song gains that lies wholly in a group, at a target value, or has the emotion: as much as from equal genres."""
UNLIKE_SHARE = 0.5
"""How much the score of tracks that a list should not be like counts against a song."""


def request_parts(library: Library, asked: Asked, request: PlaylistRequest) -> Parts:
    """Return the parts of the score of every song, by name, float32 (n_songs,) each; their sum is the score."""
    parts: Parts = {}
    if len(asked.seeds):
        parts = seed_parts(library, asked.seeds, asked.seed_weights, request.weights)
        parts = {name: (request.share_of("like") * values).astype(np.float32) for name, values in parts.items()}
    if len(asked.unlike):
        against = seed_parts(library, asked.unlike, asked.unlike_weights, request.weights)
        parts["unlike"] = (-UNLIKE_SHARE * total_of(against)).astype(np.float32)
    moods: Parts = {}
    if asked.groups:
        moods["group"] = request.share_of("groups") * _membership(library, asked.groups)
    if request.emotions:
        moods["emotion"] = request.share_of("emotions") * emotion_closeness(library.songs, request.emotions)
    if request.target:
        moods["target"] = request.share_of("target") * target_closeness(library.songs, request.target)
    for name, values in moods.items():
        parts[name] = (MOOD_WEIGHT * request.weights.get(name, 1.0) * values).astype(np.float32)
    return parts or {"chance": _chance(library.songs.n_songs, request.random_state)}


def total_of(parts: Parts) -> Float32:
    """Return the sum of the parts, float32 (n_songs,)."""
    total: Float32 = np.sum(np.stack(list(parts.values())), axis=0, dtype=np.float32)
    return total


def _membership(library: Library, groups: list[tuple[str, int, float]]) -> Float32:
    """Return how far each song belongs to groups, float32 (n_songs,) in [0, 1]: the mean over the groups' weights."""
    total = np.zeros(library.songs.n_songs, np.float64)
    for name, number, weight in groups:
        scale = library.atlas.groups.scale(name)
        entries = np.flatnonzero(scale.members == number)
        rows = np.searchsorted(scale.indptr, entries, side="right") - 1
        total[rows] += weight * scale.weights[entries]
    return (total / max(sum(weight for *_, weight in groups), 1e-9)).astype(np.float32)


def _chance(n_songs: int, random_state: int) -> Float32:
    """Return numbers by chance: a filter alone says nothing of which of its songs are better."""
    return np.random.Generator(np.random.PCG64(random_state)).random(n_songs, dtype=np.float32)


def seed_parts(library: Library, seeds: Int32, seed_weights: Float32, weights: Mapping[str, float]) -> Parts:
    """PROVISIONAL content-6 in NumPy until score_songs is there."""
    songs = library.songs
    w = seed_weights.astype(np.float64)
    w = w / w.sum() * len(w)
    ranks = np.nan_to_num((songs.ranks - 0.5) * np.sqrt(12.0))
    x = ranks[seeds]
    n = w.sum()
    mean = (w[:, None] * x).sum(0) / (n + 0.6)
    sw = np.array([0.59, 0.48, 0.69, 0.71, 0.95, 0.49, 0.47, 0.5, 0.91])
    var = (10 * sw + (w[:, None] * (x - mean) ** 2).sum(0)) / (10 + n) * (1 + 1 / n)
    gauss = (-0.5 * ((ranks - mean) ** 2 / var + np.log(var)) + 0.5 * ranks**2).sum(1) * 0.23
    profile = np.zeros(len(songs.tags.names))
    tags = songs.tags
    for s, ws in zip(seeds, w, strict=True):
        profile[tags.of(int(s))] += ws * tags.weights[tags.indptr[s] : tags.indptr[s + 1]]
    profile /= np.linalg.norm(profile) or 1.0
    owner = np.repeat(np.arange(songs.n_songs), np.diff(tags.indptr))
    cosine = np.bincount(owner, tags.weights * profile[tags.ids], minlength=songs.n_songs)
    shared = np.zeros(songs.n_songs)
    for s in seeds:
        for a in songs.artists.of(int(s)):
            shared[
                np.searchsorted(songs.artists.indptr, np.flatnonzero(songs.artists.ids == a), side="right") - 1
            ] += 1
    known = songs.year[seeds][~np.isnan(songs.year[seeds])]
    era = np.zeros(songs.n_songs)
    if len(known):
        era = np.nan_to_num(np.log(np.exp(-np.abs(songs.year[:, None] - known[None]) / 4.0).mean(1) + 0.02))
    found = {"sound": gauss, "genre": 5.0 * cosine, "artist": 2.4 * np.log1p(shared), "era": 1.14 * era}
    return {k: (v * weights.get(k, 1.0)).astype(np.float32) for k, v in found.items()}
