"""How well each song meets a request, as a sum of named parts."""

from collections.abc import Mapping

import numpy as np

from songscape.atlas.playlists.asking import Asked
from songscape.atlas.playlists.library import Library
from songscape.errors import ParameterError, did_you_mean
from songscape.playlist.learning import Learned, load_learned
from songscape.playlist.moods import emotion_closeness, target_closeness
from songscape.playlist.request import PlaylistRequest, Source
from songscape.playlist.score import ScoreParts, score_songs
from songscape.playlist.weights import ScoreWeights
from songscape.types import Float32, Int32

MOOD_WEIGHT = 8.0
"""What a song gains that lies wholly in a group, at a target value, or has the emotion: about what separates the best
hundredth of a catalog from its middle in a score from seeds."""

_MOODS = ("group", "asked emotion", "target")


def request_score(library: Library, asked: Asked, request: PlaylistRequest) -> ScoreParts:
    """Return the scores of all songs for a request."""
    learned = None if request.learned is None else load_learned(request.learned, library.songs.n_songs)
    score = seed_score(library, asked.seeds, asked.seed_weights, request.weights, learned, unlike=asked.unlike)
    if request.share_of("like") != 1.0 and len(asked.seeds):
        score = score.times(request.share_of("like"))
    for name, source, values in _moods(library, asked, request):
        score = score.with_part(name, values, MOOD_WEIGHT * request.share_of(source) * request.weights.get(name, 1.0))
    if not request.sources:
        score = score.with_part("chance", _chance(library.songs.n_songs, request.random_state), 1.0)
    return score


def seed_score(
    library: Library,
    seeds: Int32,
    seed_weights: Float32,
    factors: Mapping[str, float],
    learned: Learned | None = None,
    *,
    unlike: Int32 | None = None,
) -> ScoreParts:
    """Return the scores of all songs for seeds; `factors` multiply the weights of parts.

    Raises
    ------
    ParameterError
        If a factor is for a part that there is not.
    """
    weights = _weights(learned.weights if learned else ScoreWeights(), factors)
    score = score_songs(library.content, seeds, seed_weights, weights, unlike=unlike)
    if learned is not None and learned.company is not None and len(seeds):
        score = score.with_part("company", learned.company.score(seeds, seed_weights), weights.company)
    return score


def _weights(weights: ScoreWeights, factors: Mapping[str, float]) -> ScoreWeights:
    known = (*ScoreWeights.model_fields, *_MOODS)
    for name in factors:
        if name not in known:
            hint = did_you_mean(name, known) or f" Parts: {', '.join(known)}."
            raise ParameterError(f"Unknown part of the score '{name}'.{hint}")
    changed = {name: getattr(weights, name) * factor for name, factor in factors.items() if name not in _MOODS}
    return weights.with_changes(**changed)


def _moods(library: Library, asked: Asked, request: PlaylistRequest) -> list[tuple[str, Source, Float32]]:
    """Return the parts that come from groups, emotions and target values: name, source and closeness in [0, 1]."""
    found: list[tuple[str, Source, Float32]] = []
    if asked.groups:
        found.append(("group", "groups", _membership(library, asked.groups)))
    if request.emotions:
        found.append(("asked emotion", "emotions", emotion_closeness(library.songs, request.emotions)))
    if request.target:
        found.append(("target", "target", target_closeness(library.songs, request.target)))
    return found


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
