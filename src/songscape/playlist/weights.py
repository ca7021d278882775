"""The weights of the parts of a score."""

import numpy as np
from pydantic import Field

from songscape.config import Params
from songscape.types import Float32


class ScoreWeights(Params):
    """How much each part of a song's score counts; 0 leaves a part out.

    The defaults were fitted to real playlists that are used for nothing else: see ``docs/usefulness.md``. `emotion`
    could not be, for want of playlists that tell.
    """

    sound: float = Field(0.17, ge=0.0, le=100.0, description="Energy, loudness, acousticness and their kin.")
    mood: float = Field(0.24, ge=0.0, le=100.0, description="Positiveness.")
    rhythm: float = Field(0.13, ge=0.0, le=100.0, description="Tempo and danceability.")
    genre: float = Field(1.16, ge=0.0, le=100.0, description="Genres and their words, of the song and its artist.")
    words: float = Field(5.7, ge=0.0, le=100.0, description="Words of titles and albums.")
    artist: float = Field(1.77, ge=0.0, le=100.0, description="An artist of the seeds.")
    scene: float = Field(2.5, ge=0.0, le=100.0, description="Artists of related genres.")
    voice: float = Field(0.12, ge=0.0, le=100.0, description="Artists who sound alike over all their songs.")
    era: float = Field(1.45, ge=0.0, le=100.0, description="Year.")
    popularity: float = Field(1.17, ge=0.0, le=100.0, description="Hits beside hits, deep cuts beside deep cuts.")
    duration: float = Field(0.55, ge=0.0, le=100.0, description="Length of the songs.")
    explicit: float = Field(0.39, ge=0.0, le=100.0, description="Explicit words, or none.")
    emotion: float = Field(0.3, ge=0.0, le=100.0, description="Emotion of the words.")
    company: float = Field(18.0, ge=0.0, le=100.0, description="What else stands in playlists that hold the seeds.")
    unlike: float = Field(1.0, ge=0.0, le=100.0, description="Nearness to what the playlist shall be unlike.")

    def of(self, names: tuple[str, ...]) -> Float32:
        """Return the weights of some parts as an array."""
        return np.array([getattr(self, name) for name in names], np.float32)
