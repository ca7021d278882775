"""Why a song is in a playlist: the seed that it is nearest to, and what the two share."""

from dataclasses import dataclass

import numpy as np

from songscape.playlist.songs import AUDIO, Songs
from songscape.playlist.transitions import Pricing, price_matrix
from songscape.types import Int32

CLOSE = 0.08
"""Ranks apart up to which two songs count as alike in a feature; of two random songs one pair in six is so close."""

_TELLING = 0.2  # ranks off the middle from which it says something that two songs are alike
_MOST_TAGS, _MOST_FEATURES = 3, 3


@dataclass(frozen=True, slots=True)
class Kinship:
    """What a song has in common with the seed that it is nearest to.

    Attributes
    ----------
    seed : int
        Song number of the nearest seed.
    price : float
        Transition price between the two: 0 alike, 1 as two random songs.
    artists, tags : tuple of str
        Artists and genres that both have; the rarest genres first.
    decade : int or None
        Their decade, if they share it: 1990.
    emotion : str
        Their emotion, if they share it; else empty.
    features : tuple of str
        Audio features in which they are alike and unlike most others, the most unusual first.
    """

    seed: int
    price: float
    artists: tuple[str, ...]
    tags: tuple[str, ...]
    decade: int | None
    emotion: str
    features: tuple[str, ...]

    def words(self) -> list[str]:
        """Return what both share, as one phrase each, the strongest first.

        Examples
        --------
        >>> Kinship(0, 0.2, (), ("jazz",), 1990, "", ("energy", "tempo")).words()
        ['jazz', '1990s', 'alike in energy, tempo']
        """
        found = [f"same artist: {', '.join(self.artists)}"] if self.artists else []
        found += [", ".join(self.tags)] if self.tags else []
        found += [f"{self.decade}s"] if self.decade is not None else []
        found += [self.emotion] if self.emotion else []
        found += [f"alike in {', '.join(self.features)}"] if self.features else []
        return found


def nearest_seeds(pricing: Pricing, order: Int32, seeds: Int32) -> list[Kinship | None]:
    """Return for each song of a list what it shares with the nearest seed; None without seeds.

    A song that is a seed itself is compared with the nearest other one, if there is any.

    Parameters
    ----------
    pricing : Pricing
        Prices between the songs of the catalog.
    order, seeds : int32
        Song numbers of the list and of the seeds.
    """
    if len(seeds) == 0:
        return [None] * len(order)
    prices = price_matrix(pricing, order, seeds)
    if len(seeds) > 1:
        prices[order[:, None] == seeds] = np.inf
    nearest = prices.argmin(axis=1)
    return [
        kinship(pricing.songs, int(song), int(seeds[at]), float(price[at]))
        for song, at, price in zip(order, nearest, prices, strict=True)
    ]


def kinship(songs: Songs, song: int, seed: int, price: float) -> Kinship:
    """Return what two songs have in common, with the price of going from one to the other."""
    decades = songs.year[[song, seed]] // 10
    same_decade = decades[0] == decades[1]  # false where unknown
    emotion = songs.emotion[song]
    apart = np.abs(songs.ranks[song] - songs.ranks[seed])
    unusual = np.abs(0.5 * (songs.ranks[song] + songs.ranks[seed]) - 0.5)
    close = [at for at in np.argsort(-unusual, kind="stable") if apart[at] <= CLOSE and unusual[at] >= _TELLING]
    return Kinship(
        seed,
        price,
        tuple(songs.artists.names[one] for one in songs.artists.of(song) if one in songs.artists.of(seed)),
        _shared_tags(songs, song, seed),
        int(decades[0]) * 10 if same_decade else None,
        songs.emotions[emotion] if emotion >= 0 and emotion == songs.emotion[seed] else "",
        tuple(AUDIO[at] for at in close[:_MOST_FEATURES]),
    )


def own_words(songs: Songs, song: int) -> list[str]:
    """Return what a song is by itself, as one phrase each: its rarest genres, decade, emotion, as far as known."""
    year, emotion = songs.year[song], songs.emotion[song]
    found = [", ".join(_shared_tags(songs, song, song))]
    found += [f"{int(year // 10) * 10}s"] if np.isfinite(year) else []
    found += [songs.emotions[emotion]] if emotion >= 0 else []
    return [phrase for phrase in found if phrase]


def _shared_tags(songs: Songs, song: int, seed: int) -> tuple[str, ...]:
    """Return the tags that count most in the likeness of two songs."""
    tags = songs.tags
    weights = dict(zip(tags.of(seed).tolist(), tags.weights[slice(*tags.indptr[seed : seed + 2])], strict=True))
    own = zip(tags.of(song).tolist(), tags.weights[slice(*tags.indptr[song : song + 2])], strict=True)
    shared = sorted((-float(weight * weights[tag]), tag) for tag, weight in own if tag in weights)
    names = [tags.names[tag] for _, tag in shared]
    inside = {word for name in names if " " in name for word in name.split()}
    whole = [name for name in names if name not in inside]
    return tuple(whole[:_MOST_TAGS])  # "trip hop", without the "trip" and the "hop" in it
