"""From a request to a look: what tells, of any track of any part, how near it comes to what is asked for."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.atlas.playlists.asking import Names, groups_of, seeds_of
from songscape.atlas.playlists.library import Library
from songscape.atlas.playlists.scoring import MOOD_WEIGHT, TIE_WEIGHT, weights_with
from songscape.features import apply_features
from songscape.parts.looks import Look, MoodLook, SeedLook
from songscape.parts.names import Wanted
from songscape.parts.table import ROW
from songscape.playlist.formats import PlaylistItem, read_playlist
from songscape.playlist.journey import off_the_way
from songscape.playlist.moods import emotion_closeness
from songscape.playlist.request import JourneyRequest, PlaylistRequest, Source
from songscape.playlist.score import COMMON
from songscape.playlist.songs import Songs
from songscape.playlist.weights import ScoreWeights
from songscape.types import Float32, Float64, Int32

_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)  # of splitmix64


def wanted_by(request: PlaylistRequest | JourneyRequest, items: Sequence[PlaylistItem] = ()) -> Wanted:
    """Return what a request names; `items` are tracks of playlist files beside those that it tells."""
    if isinstance(request, JourneyRequest):
        return Wanted((*request.stops, *request.exclude), request.exclude_artists)
    texts = (*request.like, *request.unlike, *request.include, *request.places.values(), *request.exclude)
    filed = [item for path in request.like_files for item in read_playlist(path).items]
    return Wanted(texts, request.exclude_artists, (*filed, *items))


class PlaylistLook:
    """How near tracks come to a request for a playlist.

    Parameters
    ----------
    library : Library
        The reference, and what the request names.
    request : PlaylistRequest
    """

    def __init__(self, library: Library, request: PlaylistRequest) -> None:
        names = Names(library)
        weights = weights_with(ScoreWeights(), request.weights)
        seeds, counts = seeds_of(names, request)
        unlike, against = names.weighted(request.unlike)
        self._share, self._unlike = request.share_of("like"), weights.unlike
        self._like = _seed_look(library.songs, seeds, counts, weights)
        self._against = _seed_look(library.songs, unlike, against, weights)
        self._mood = _mood_look(library, request)
        self._chance = None if len(seeds) else request.random_state

    def __call__(self, batch: pl.DataFrame) -> Float64:
        """Return a score a row."""
        total = self._mood(batch)
        if self._like is not None:
            total += self._share * self._liked(self._like, batch)
        if self._chance is not None:
            total += TIE_WEIGHT * _chance(batch[ROW].to_numpy(), self._chance)
        return total

    def _liked(self, look: SeedLook, batch: pl.DataFrame) -> Float64:
        score = look(batch)
        if self._against is None:
            return score
        nearer = self._against(batch) - COMMON * np.maximum(score, 0.0)
        return score - self._unlike * np.maximum(nearer, 0.0)


def similar_look(library: Library, track: str, weights: Mapping[str, float]) -> Look:
    """Return how near tracks come to one."""
    seed = np.array([Names(library).song(track)], np.int32)
    return SeedLook(library.songs, seed, np.ones(1, np.float32), weights_with(ScoreWeights(), weights))


class PathLook:
    """How near tracks lie to the lines between songs, in features and, if wished, popularity.

    Parameters
    ----------
    library : Library
        The reference, and the songs.
    ways : sequence of sequence of int
        Songs between which lines are drawn; what is near to any of them is near.
    match_popularity : bool
        Whether tracks should be about as popular as the songs.
    """

    def __init__(self, library: Library, ways: Sequence[Sequence[int]], *, match_popularity: bool = False) -> None:
        self._songs, self._features = library.songs, library.atlas.features
        self._ways = [np.array(way, np.int32) for way in ways]
        self._match_popularity = match_popularity

    def __call__(self, batch: pl.DataFrame) -> Float64:
        """Return a score a row: less the distance to the nearest line."""
        X = apply_features(batch, self._features).X
        popularity = batch["popularity"].cast(pl.Float32).fill_null(np.nan).to_numpy()
        own = popularity if self._match_popularity else None
        off = [off_the_way(self._songs, way, X, own) for way in self._ways]
        return np.asarray(-np.minimum.reduce(off), np.float64)


def _seed_look(songs: Songs, seeds: Int32, counts: Float32, weights: ScoreWeights) -> SeedLook | None:
    return SeedLook(songs, seeds, counts, weights) if len(seeds) else None


def _mood_look(library: Library, request: PlaylistRequest) -> MoodLook:
    groups = groups_of(library, request.groups)
    sum_of_weights = max(sum(weight for *_, weight in groups), 1e-9)
    named: dict[tuple[str, str], float] = {}
    for scale, number, weight in groups:
        name = (scale, str(library.cards[scale][number]["name"]))
        named[name] = named.get(name, 0.0) + weight / sum_of_weights
    told: dict[str, Source] = {"target": "target", "asked emotion": "emotions", "group": "groups"}
    weights = {
        part: MOOD_WEIGHT * request.share_of(source) * request.weights.get(part, 1.0) for part, source in told.items()
    }
    return MoodLook(library.songs, request.target, _emotions(library.songs, request.emotions), named, weights)


def _emotions(songs: Songs, emotions: Mapping[str, float]) -> dict[str, float]:
    """Return what each emotion of the catalog is worth to a request, in [0, 1]."""
    if not emotions:
        return {}
    worth = emotion_closeness(songs, emotions)
    return {name: float(worth[songs.emotion == place].max(initial=0.0)) for place, name in enumerate(songs.emotions)}


def _chance(rows: npt.NDArray[np.int64], random_state: int) -> Float64:
    """Return a number by chance in [0, 1) for each row, whatever batch it comes in (splitmix64)."""
    start = (random_state * _MIX[1] + _MIX[0]) % 2**64  # in whole numbers of Python: NumPy warns where one overflows
    z = rows.astype(np.uint64) * np.uint64(_MIX[0]) + np.uint64(start)
    z = (z ^ z >> np.uint64(30)) * np.uint64(_MIX[1])
    z = (z ^ z >> np.uint64(27)) * np.uint64(_MIX[2])
    chance: Float64 = ((z ^ z >> np.uint64(31)) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return chance
