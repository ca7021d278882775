"""Why a song is in a playlist: the seed that it is nearest to, and what the two share."""

from dataclasses import dataclass

import numpy as np

from songscape.playlist.songs import AUDIO, Songs
from songscape.playlist.transitions import Pricing, price_matrix
from songscape.types import Float32, Int32

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
    return [*kinships(pricing.songs, order, seeds[nearest], prices[np.arange(len(order)), nearest])]


def kinships(songs: Songs, some: Int32, seeds: Int32, prices: Float32) -> list[Kinship]:
    """Return what each of some songs has in common with its seed, with the price of going from one to the other."""
    decades, of_seeds = songs.year[some] // 10, songs.year[seeds] // 10
    same_decade = (decades == of_seeds).tolist()  # false where unknown
    emotions = np.where(songs.emotion[some] == songs.emotion[seeds], songs.emotion[some], -1).tolist()
    features = _close_features(songs.ranks[some], songs.ranks[seeds])
    return [
        Kinship(
            seed,
            price,
            _shared_artists(songs, song, seed),
            _shared_tags(songs, song, seed),
            int(decades[i]) * 10 if same_decade[i] else None,
            songs.emotions[emotions[i]] if emotions[i] >= 0 else "",
            features[i],
        )
        for i, (song, seed, price) in enumerate(zip(some.tolist(), seeds.tolist(), prices.tolist(), strict=True))
    ]


def _close_features(ranks: Float32, of_seeds: Float32) -> list[tuple[str, ...]]:
    """Return for each song in what it is as its seed, and both as few others are, the most unusual first."""
    unusual = np.abs(0.5 * (ranks + of_seeds) - 0.5)
    telling = (np.abs(ranks - of_seeds) <= CLOSE) & (unusual >= _TELLING)
    firsts = np.argsort(-unusual, axis=1, kind="stable")
    told = np.take_along_axis(telling, firsts, axis=1)
    return [
        tuple([AUDIO[at] for at, tells in zip(row, which, strict=True) if tells][:_MOST_FEATURES])
        for row, which in zip(firsts.tolist(), told.tolist(), strict=True)
    ]


def _shared_artists(songs: Songs, song: int, seed: int) -> tuple[str, ...]:
    own, others = songs.artists.of(song).tolist(), songs.artists.of(seed).tolist()
    return tuple(songs.artists.names[one] for one in own if one in others)


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
