"""How well each song meets a request, as a sum of named parts."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from songscape.atlas.playlists.asking import Asked
from songscape.atlas.playlists.library import Library
from songscape.errors import ParameterError, did_you_mean
from songscape.playlist.learning import Learned, load_learned
from songscape.playlist.moods import emotion_closeness, target_closeness
from songscape.playlist.request import PlaylistRequest, Source
from songscape.playlist.score import ScoreParts, score_songs
from songscape.playlist.songs import Songs
from songscape.playlist.weights import ScoreWeights
from songscape.types import Float32, Int32

Bool = npt.NDArray[np.bool_]

MOOD_WEIGHT = 8.0
"""What a song gains that lies wholly in a group, at a target value, or has the emotion: about what separates the best
hundredth of a catalog from its middle in a score from seeds."""

TIE_WEIGHT = 0.5
"""What being typical of what was asked for, and chance, count at most where no track was named: enough to decide
between songs that meet a request equally well, as all songs of a group do, and little beside the request itself."""

_MOODS = ("group", "asked emotion", "target")
_BEST = 0.01  # share of the catalog that is taken for what was asked for


def request_score(library: Library, asked: Asked, request: PlaylistRequest) -> ScoreParts:
    """Return the scores of all songs for a request."""
    learned = None if request.learned is None else load_learned(request.learned, library.songs.n_songs)
    score = seed_score(
        library,
        asked.seeds,
        asked.seed_weights,
        request.weights,
        learned,
        unlike=asked.unlike,
        unlike_weights=asked.unlike_weights,
    )
    if request.share_of("like") != 1.0 and len(asked.seeds):
        score = score.times(request.share_of("like"))
    for name, source, values in _moods(library, asked, request):
        score = score.with_part(name, values, MOOD_WEIGHT * request.share_of(source) * request.weights.get(name, 1.0))
    if not len(asked.seeds):
        if request.sources:
            score = score.with_part("typical", _typical(library.songs, score.total, asked.allowed), TIE_WEIGHT)
        score = score.with_part("chance", _chance(library.songs.n_songs, request.random_state), TIE_WEIGHT)
    return score


def seed_score(
    library: Library,
    seeds: Int32,
    seed_weights: Float32,
    factors: Mapping[str, float],
    learned: Learned | None = None,
    *,
    unlike: Int32 | None = None,
    unlike_weights: Float32 | None = None,
) -> ScoreParts:
    """Return the scores of all songs for seeds; `factors` multiply the weights of parts.

    Raises
    ------
    ParameterError
        If a factor is for a part that there is not.
    """
    weights = weights_with(learned.weights if learned else ScoreWeights(), factors)
    score = score_songs(library.content, seeds, seed_weights, weights, unlike=unlike, unlike_weights=unlike_weights)
    if learned is not None and learned.company is not None and len(seeds):
        score = score.with_part("company", learned.company.score(seeds, seed_weights), weights.company)
    return score


def weights_with(weights: ScoreWeights, factors: Mapping[str, float]) -> ScoreWeights:
    """Return weights times factors; raises `ParameterError` if a factor is for a part that there is not."""
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
        scale = library.groups.scale(name)
        entries = np.flatnonzero(scale.members == number)
        rows = np.searchsorted(scale.indptr, entries, side="right") - 1
        total[rows] += weight * scale.weights[entries]
    return (total / max(sum(weight for *_, weight in groups), 1e-9)).astype(np.float32)


def _typical(songs: Songs, scores: Float32, allowed: Bool) -> Float32:
    """Return how near each song is to the middle of the best ones in X, float32 (n_songs,) in [0, 1].

    The best ones are the best hundredth of the catalog among the songs allowed, and all that equal the last of them.
    A song counts ``exp(−d² / median d²)``: half of the best have more than 1/e, what hardly is music has nothing.
    """
    held = np.flatnonzero(allowed)
    if not len(held):
        return np.zeros(songs.n_songs, np.float32)
    n_best = min(max(round(_BEST * songs.n_songs), 1), len(held))
    bar = -np.partition(-scores[held], n_best - 1)[n_best - 1]
    best = held[scores[held] >= bar]
    middle = np.median(songs.X[best], axis=0)
    squares = ((songs.X - middle) ** 2).sum(axis=1)
    unit = float(np.median(squares[best])) or 1.0
    near: Float32 = np.exp(-squares / unit).astype(np.float32)
    return near


def _chance(n_songs: int, random_state: int) -> Float32:
    """Return numbers by chance: they decide where nothing else does, as between songs of a filter."""
    return np.random.Generator(np.random.PCG64(random_state)).random(n_songs, dtype=np.float32)
