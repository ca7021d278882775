"""The weights of the parts of a score."""

import math

import numpy as np
from pydantic import Field

from songscape.config import Params
from songscape.types import Float32

MANY = 10
"""From so many seeds on the weights count as they stand."""

ONE_FACTORS = {
    "genre": 2.0,
    "scene": 1.5,
    "sound": 1.25,
    "mood": 1.25,
    "rhythm": 1.25,
    "voice": 1.25,
    "era": 0.85,
    "hubs": 0.5,
}
"""What a single seed multiplies weights by: its year says less of what goes with it than its genre and its sound do,
and scores are smaller, so that hubs need less to step back. Chosen on playlists of which one song is given: it finds
as many of the others, in lists that are more of a kind."""


class ScoreWeights(Params):
    """How much each part of a song's score counts; 0 leaves a part out.

    The defaults were fitted to real playlists that are used for nothing else: see ``docs/usefulness.md``. `emotion`
    could not be, for want of playlists that tell.
    """

    sound: float = Field(0.17, ge=0.0, le=100.0, description="Energy, loudness, acousticness and their kin.")
    mood: float = Field(0.33, ge=0.0, le=100.0, description="Positiveness.")
    rhythm: float = Field(0.1, ge=0.0, le=100.0, description="Tempo and danceability.")
    genre: float = Field(1.35, ge=0.0, le=100.0, description="Genres and their words, of the song and its artist.")
    words: float = Field(8.6, ge=0.0, le=100.0, description="Words of titles and albums.")
    artist: float = Field(3.2, ge=0.0, le=100.0, description="An artist of the seeds.")
    scene: float = Field(1.15, ge=0.0, le=100.0, description="Artists of related genres.")
    voice: float = Field(0.12, ge=0.0, le=100.0, description="Artists who sound alike over all their songs.")
    era: float = Field(1.3, ge=0.0, le=100.0, description="Year.")
    popularity: float = Field(0.8, ge=0.0, le=100.0, description="Hits beside hits, deep cuts beside deep cuts.")
    duration: float = Field(0.32, ge=0.0, le=100.0, description="Length of the songs.")
    explicit: float = Field(0.18, ge=0.0, le=100.0, description="Explicit words, or none.")
    emotion: float = Field(0.3, ge=0.0, le=100.0, description="Emotion of the words.")
    hubs: float = Field(0.42, ge=0.0, le=100.0, description="Songs that would stand in every list step back.")
    company: float = Field(10.5, ge=0.0, le=100.0, description="What else stands in playlists that hold the seeds.")
    unlike: float = Field(1.0, ge=0.0, le=100.0, description="Nearness to what the playlist shall be unlike.")

    def of(self, names: tuple[str, ...]) -> Float32:
        """Return the weights of some parts as an array."""
        return np.array([getattr(self, name) for name in names], np.float32)

    def for_seeds(self, count: float) -> "ScoreWeights":
        """Return the weights for so many seeds.

        The weights are those for ten seeds and more. For one they are multiplied by `ONE_FACTORS`; between, the
        factors fall with the logarithm of the count.

        Examples
        --------
        >>> weights = ScoreWeights(sound=0.1, era=1.0)
        >>> one, many = weights.for_seeds(1), weights.for_seeds(12)
        >>> one.sound, one.era, many == weights
        (0.125, 0.85, True)
        """
        known = math.log(max(count, 1.0)) / math.log(MANY)
        if known >= 1.0:
            return self
        share = {name: 1.0 + (1.0 - known) * (factor - 1.0) for name, factor in ONE_FACTORS.items()}
        return self.with_changes(**{name: min(getattr(self, name) * share[name], 100.0) for name in share})


WITH_COMPANY = ScoreWeights(
    sound=0.09,
    mood=0.22,
    rhythm=0.13,
    genre=0.52,
    words=7.8,
    artist=2.3,
    scene=0.83,
    voice=0.07,
    era=0.91,
    popularity=0.52,
    duration=0.33,
    explicit=0.28,
    hubs=0.2,
)
"""The weights where co-occurrence counts too: it tells much of what era, popularity and scene tell without it."""
