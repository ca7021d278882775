"""What a playlist must keep to, whatever is asked for: hard limits, and what they mean for a list of m songs.

- ``per_artist`` counts a song for each of its artists.
- ``artist_gap`` wants at least so many other songs between two songs of one artist. A list of m songs can keep it
  only if no artist has more than ⌈m / (gap + 1)⌉ of them, and no more artists have so many than places are left over.
- ``new_artists`` is the least share of songs by artists none of whom is among the known ones.
- ``popularity_mix`` gives the shares of deep cuts, songs between and hits: the thirds of the catalog's songs by
  popularity. Songs of unknown popularity count as between. Shares are met to the song, by largest remainders.
- ``seconds`` is met within half a median song. Songs of unknown duration count as the median of the catalog.
- Songs that must be in, or have a place, are in even where a filter would keep them out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from songscape.errors import LimitsError, ParameterError, must_be
from songscape.playlist.songs import Songs
from songscape.types import Float32, Int32, Int64

LONGEST = 10_000
_MIX_NAMES = ("deep cuts", "songs between", "hits")


@dataclass(frozen=True, slots=True)
class Limits:
    """Hard limits of a playlist; songs and artists by number.

    Attributes
    ----------
    length : int or None
        Number of songs, from 1 to 10 000. Exactly one of `length` and `seconds` is given.
    seconds : float or None
        Total duration, > 0.
    per_artist : int or None
        The most songs of one artist, ≥ 1.
    artist_gap : int
        The fewest other songs between two of one artist, ≥ 0.
    must : tuple of int
        Songs that are in.
    places : mapping of int to int
        Songs at fixed places, the first being 0; they are in as well.
    new_artists : float or None
        The least share of songs by artists that are not known, in [0, 1].
    known_artists : frozenset of int
        The artists that are known.
    popularity_mix : tuple of three floats or None
        Shares of deep cuts, songs between and hits, ≥ 0, together 1.
    """

    length: int | None = None
    seconds: float | None = None
    per_artist: int | None = None
    artist_gap: int = 0
    must: tuple[int, ...] = ()
    places: Mapping[int, int] = field(default_factory=dict)
    new_artists: float | None = None
    known_artists: frozenset[int] = frozenset()
    popularity_mix: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        """Check ranges.

        Raises
        ------
        ParameterError
            If a limit is out of its range, or not exactly one of length and seconds is given.
        """
        if (self.length is None) == (self.seconds is None):
            raise ParameterError("A playlist needs a length or a duration in seconds, and not both.")
        if self.length is not None and not 1 <= self.length <= LONGEST:
            raise ParameterError(must_be("length", f"an int in [1, {LONGEST}]", self.length))
        if self.seconds is not None and not 0.0 < self.seconds < np.inf:
            raise ParameterError(must_be("seconds", "a float in (0, inf)", self.seconds))
        if self.per_artist is not None and self.per_artist < 1:
            raise ParameterError(must_be("per_artist", "an int in [1, inf)", self.per_artist))
        if self.artist_gap < 0:
            raise ParameterError(must_be("artist_gap", "an int in [0, inf)", self.artist_gap))
        if self.new_artists is not None and not 0.0 <= self.new_artists <= 1.0:
            raise ParameterError(must_be("new_artists", "a float in [0, 1]", self.new_artists))
        mix = self.popularity_mix
        if mix is not None and not (len(mix) == 3 and min(mix) >= 0.0 and abs(sum(mix) - 1.0) < 1e-6):
            raise ParameterError(must_be("popularity_mix", "three shares of at least 0 that sum to 1", mix))
        if len(set(self.places.values())) < len(self.places):
            raise ParameterError("A song can stand at one place only: the fixed places name one twice.")

    def fixed_songs(self) -> tuple[int, ...]:
        """Return the songs that have to be in, ascending."""
        return tuple(sorted({*self.must, *self.places.values()}))


@dataclass(frozen=True, slots=True, eq=False)
class Quotas:
    """What limits allow in a list of m songs.

    Attributes
    ----------
    m : int
        Number of songs.
    per_artist : int
        The most songs of one artist.
    n_full : int
        How many artists may have that many, if a song counts for one of its artists only.
    known : int
        The most songs with a known artist.
    mix : tuple of three ints
        The most deep cuts, songs between and hits.
    """

    m: int
    per_artist: int
    n_full: int
    known: int
    mix: tuple[int, int, int]


def quotas_for(limits: Limits, m: int, *, spare: int = 0) -> Quotas:
    """Return what limits allow in a list of m songs; `spare` takes that many off what the gap allows an artist.

    Examples
    --------
    >>> quotas_for(Limits(length=10, per_artist=5, artist_gap=3, popularity_mix=(0.25, 0.25, 0.5)), 10)
    Quotas(m=10, per_artist=3, n_full=2, known=10, mix=(3, 2, 5))
    """
    per_artist, n_full = (m if limits.per_artist is None else min(limits.per_artist, m)), m
    by_gap = -(-m // (limits.artist_gap + 1))
    if by_gap <= per_artist:
        per_artist, n_full = by_gap, m - (by_gap - 1) * (limits.artist_gap + 1)
    if spare:
        per_artist, n_full = max(per_artist - spare, 1), m
    known = m - int(np.ceil(round((limits.new_artists or 0.0) * m, 9)))
    mix = (m, m, m)
    if limits.popularity_mix is not None:
        exact = np.array(limits.popularity_mix) * m
        parts = np.floor(exact + 1e-9).astype(int)
        for third in np.argsort(parts - exact, kind="stable")[: m - parts.sum()]:
            parts[third] += 1
        mix = (int(parts[0]), int(parts[1]), int(parts[2]))
    return Quotas(m, per_artist, n_full, known, mix)


def popularity_thirds(songs: Songs) -> Int32:
    """Return 0 for deep cuts, 1 for songs between or of unknown popularity, 2 for hits: int32 (n_songs,)."""
    known = ~np.isnan(songs.popularity)
    thirds = np.ones(songs.n_songs, np.int32)
    if known.any():
        low, high = np.quantile(songs.popularity[known], [1 / 3, 2 / 3])
        thirds[known & (songs.popularity < low)] = 0
        thirds[known & (songs.popularity > high)] = 2
    return thirds


def song_seconds(songs: Songs) -> tuple[Float32, float]:
    """Return the duration of each song, unknown ones as the median, and that median; 210 where none is known."""
    known = ~np.isnan(songs.duration)
    median = float(np.median(songs.duration[known])) if known.any() else 210.0
    return np.where(known, songs.duration, np.float32(median)), median


def check_fixed(limits: Limits, songs: Songs) -> None:
    """Raise if the songs that must be in clash among themselves or with the length.

    Raises
    ------
    ParameterError
        If a song does not exist.
    LimitsError
        If more songs must be in than the list has places, or a fixed place lies behind its end.
    """
    fixed = limits.fixed_songs()
    if fixed and not 0 <= fixed[0] <= fixed[-1] < songs.n_songs:
        raise ParameterError(must_be("must", f"song numbers in [0, {songs.n_songs - 1}]", (fixed[0], fixed[-1])))
    if limits.length is None:
        return
    if len(fixed) > limits.length:
        raise LimitsError(
            f"{len(fixed)} songs must be in, but the list has only {limits.length} places."
            f" Ask for a length of {len(fixed)}, or for fewer songs."
        )
    outside = [place for place in limits.places if not 0 <= place < limits.length]
    if outside:
        raise LimitsError(
            f"Place {outside[0]} is fixed, but a list of {limits.length} songs has places 0 to {limits.length - 1}."
            f" Ask for a length of {max(outside) + 1}, or for another place."
        )


def artist_rows(songs: Songs, chosen: Int64) -> list[list[int]]:
    """Return the artists of each song, each once, ascending."""
    owners, ids = songs.artists.of_all(chosen)
    rows: list[list[int]] = [[] for _ in chosen]
    for owner, artist in zip(owners.tolist(), ids.tolist(), strict=True):
        rows[owner].append(artist)
    return [row if len(row) < 2 else sorted(set(row)) for row in rows]


def mix_name(third: int) -> str:
    """Return how a third by popularity is called."""
    return _MIX_NAMES[third]
