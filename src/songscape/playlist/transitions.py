"""What it costs to go from one song to the next, as a sum of named parts.

Conventions
-----------
A price is in units of this catalog: 0 is seamless, 1 is the median price between two random songs. It is the same in
both directions, and the weighted sum of these parts, each in [0, 1] before its weight:

=================  ==================================================================================================
part               what is compared
=================  ==================================================================================================
tempo              ratio of the tempos, octaves folded (87 and 174 BPM are equal); half an octave off is 1
energy, loudness,  difference of ranks among all songs with a known value
positiveness,
acousticness,
danceability,
speechiness,
instrumentalness
year               difference in years, in units of 40 years, at most 1
key                steps on the circle of fifths between the relative majors, one more where the mode changes (the
                   Camelot wheel), in sixths; a change to the parallel mode (C major, C minor) is two steps
tags               1 − cosine of the weighted tags: genres and their words
=================  ==================================================================================================

Where a part is unknown in either song, it costs what it costs between random songs in the mean: neither a reason for
the transition nor against it. A part that the catalog does not know at all costs nothing.

The default weights of tags and year are those fitted to real playlists (``docs/usefulness.md``). Real playlists
hardly care for tempo, key, energy and loudness between neighbors; that these count more here is a choice of ours, for
lists that are mixed smoothly.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import Field

from songscape.config import Params
from songscape.kernels.transitions import SongProfiles, price_pairs
from songscape.playlist.songs import AUDIO, Songs, entries_of
from songscape.types import Float32, Int32

RANKED = (
    "energy",
    "loudness",
    "positiveness",
    "acousticness",
    "danceability",
    "speechiness",
    "instrumentalness",
)
PARTS = ("tempo", *RANKED, "year", "key", "tags")
"""Names of the parts, in the order of `Pricing.neutral`."""

YEARS = 40.0  # further apart in time costs no more
_SAMPLE = 128  # random songs on either side of the pairs that calibrate prices
_BLOCK = 32  # steps that are priced at once


class Transitions(Params):
    """Weights of the parts of a transition's price; the scale is set by the catalog, so only their ratios count."""

    tempo: float = Field(0.30, ge=0.0, le=100.0, description="Half an octave of tempo, octaves folded.")
    energy: float = Field(0.30, ge=0.0, le=100.0, description="The whole range of energy, in ranks.")
    loudness: float = Field(0.15, ge=0.0, le=100.0, description="The whole range of loudness, in ranks.")
    positiveness: float = Field(0.15, ge=0.0, le=100.0, description="The whole range of positiveness, in ranks.")
    acousticness: float = Field(0.15, ge=0.0, le=100.0, description="The whole range of acousticness, in ranks.")
    danceability: float = Field(0.10, ge=0.0, le=100.0, description="The whole range of danceability, in ranks.")
    speechiness: float = Field(0.13, ge=0.0, le=100.0, description="The whole range of speechiness, in ranks.")
    instrumentalness: float = Field(0.10, ge=0.0, le=100.0, description="The whole range of it, in ranks.")
    year: float = Field(0.88, ge=0.0, le=100.0, description="40 years; 0.22 for each decade.")
    key: float = Field(0.20, ge=0.0, le=100.0, description="Opposite keys on the circle of fifths.")
    tags: float = Field(0.68, ge=0.0, le=100.0, description="Genres that have nothing in common.")


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """What prices between songs need.

    Attributes
    ----------
    profiles : SongProfiles
        The songs as the prices see them.
    weights : float32, shape (n_parts,)
        Weights of `PARTS`, scaled so that the median random pair costs 1.
    neutral : float32, shape (n_parts,)
        Price of each part, before its weight, where it is unknown.
    """

    profiles: SongProfiles
    weights: Float32
    neutral: Float32


@dataclass(frozen=True, slots=True, eq=False)
class Pricing(Prices):
    """Prices between the songs of a catalog; made once for it by `calibrate_prices`.

    Attributes
    ----------
    songs : Songs
        The catalog.
    """

    songs: Songs


def key_prices() -> Float32:
    """Return the prices between keys: float32 (24, 24), key number times 2 plus mode, C = 0, major = 1.

    Examples
    --------
    >>> wheel = key_prices() * 6
    >>> c_major, g_major, a_minor, c_minor, f_sharp_major = 1, 15, 18, 0, 13
    >>> [round(float(wheel[c_major, other])) for other in (c_major, g_major, a_minor, c_minor, f_sharp_major)]
    [0, 1, 1, 2, 6]
    """
    key, mode = np.divmod(np.arange(24), 2)
    fifths = np.where(mode == 1, key, key + 3) * 7 % 12  # of the relative major
    apart = np.abs(fifths[:, None] - fifths)
    changes = mode[:, None] != mode
    steps = np.minimum(np.minimum(apart, 12 - apart) + changes, 6)
    parallel = changes & (key[:, None] == key)
    return (np.where(parallel, 2, steps) / 6).astype(np.float32)


def calibrate_prices(songs: Songs, transitions: Transitions | None = None) -> Pricing:
    """Return the prices between the songs of a catalog, in units of its median random pair.

    Parameters
    ----------
    songs : Songs
        At least one song.
    transitions : Transitions, optional
        Weights of the parts.

    Returns
    -------
    Pricing
        Always the same for the same songs and weights.
    """
    transitions = transitions or Transitions()
    profiles = _profiles(songs)
    weights = np.array([getattr(transitions, part) for part in PARTS], np.float32)
    rng = np.random.default_rng(0)
    one, other = (rng.integers(0, songs.n_songs, _SAMPLE, dtype=np.int32) for _ in range(2))
    strangers = one[:, None] != other
    neutral = np.array([_mean_known(profiles, part, one, other) for part in range(len(PARTS))], np.float32)
    prices = price_pairs(profiles, weights, neutral, one, other)[strangers]
    unit = float(np.median(prices)) if prices.size else 0.0
    return Pricing(profiles, weights / np.float32(unit or 1.0), neutral, songs)


def price_matrix(pricing: Prices, chosen: Int32, others: Int32 | None = None) -> Float32:
    """Return the prices from each chosen song to each of the others (default: to each other).

    Parameters
    ----------
    pricing : Prices
        Of the catalog.
    chosen, others : int32, shape (n_chosen,) and (n_others,)
        Song numbers.

    Returns
    -------
    float32, shape (n_chosen, n_others)
        Prices ≥ 0; 1 is the median random pair of the catalog.
    """
    targets = chosen if others is None else others
    return price_pairs(pricing.profiles, pricing.weights, pricing.neutral, _numbers(chosen), _numbers(targets))


def only_songs(pricing: Prices, chosen: Int32) -> Prices:
    """Return the same prices between some songs, numbered from 0; near to each other in memory they come faster."""
    levels, key, wheel, indptr, tags, weights, n_tags = pricing.profiles
    starts, entries = entries_of(indptr, chosen)
    few = SongProfiles(levels[chosen], key[chosen], wheel, starts, tags[entries], weights[entries], n_tags)
    return Prices(few, pricing.weights, pricing.neutral)


def price_steps(pricing: Prices, order: Int32) -> Float32:
    """Return the prices from each song of a list to the next: float32 (m − 1,)."""
    return _steps(pricing, pricing.weights, order)


def price_step_parts(pricing: Prices, order: Int32) -> dict[str, Float32]:
    """Return the parts of the prices from each song of a list to the next, by name; their sums are the prices.

    Parameters
    ----------
    pricing : Prices
    order : int32, shape (m,)
        Song numbers in the order of the list.

    Returns
    -------
    dict of str to float32, shape (m − 1,)
        One array for each of `PARTS`, in their order.
    """
    return {part: _steps(pricing, _only(number) * pricing.weights, order) for number, part in enumerate(PARTS)}


def _steps(pricing: Prices, weights: Float32, order: Int32) -> Float32:
    """Price steps as the diagonals of small blocks: one call for each block, not for each step."""
    order = _numbers(order)
    steps = np.empty(max(len(order) - 1, 0), np.float32)
    for first in range(0, len(steps), _BLOCK):
        places = slice(first, min(first + _BLOCK, len(steps)))
        here, there = order[places], order[places.start + 1 : places.stop + 1]
        steps[places] = price_pairs(pricing.profiles, weights, pricing.neutral, here, there).diagonal()
    return steps


def _profiles(songs: Songs) -> SongProfiles:
    levels = np.empty((songs.n_songs, len(RANKED) + 2), np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):  # a tempo of 0 is as good as unknown
        tempo = np.log2(songs.audio[:, AUDIO.index("tempo")])
    levels[:, 0] = np.where(np.isfinite(tempo), tempo, np.nan)
    levels[:, 1:-1] = songs.ranks[:, [AUDIO.index(name) for name in RANKED]]
    levels[:, -1] = songs.year / YEARS
    known = (songs.key >= 0) & (songs.mode >= 0)
    key = np.where(known, 2 * songs.key + songs.mode, -1).astype(np.int8)
    tags = songs.tags
    return SongProfiles(levels, key, key_prices(), tags.indptr, tags.ids, tags.weights, len(tags.names))


def _mean_known(profiles: SongProfiles, part: int, one: Int32, other: Int32) -> float:
    """Return the mean price of a part between different songs that both know it; 0 where there are none."""
    marked = np.full(len(PARTS), -1.0, np.float32)  # no price is negative: these are the unknown ones
    prices = price_pairs(profiles, _only(part), marked, one, other)
    known = prices[(prices >= 0.0) & (one[:, None] != other)]
    return float(known.mean(dtype=np.float64)) if known.size else 0.0


def _only(part: int) -> Float32:
    weights = np.zeros(len(PARTS), np.float32)
    weights[part] = 1.0
    return weights


def _numbers(songs: npt.NDArray[np.int32]) -> Int32:
    return np.ascontiguousarray(songs, np.int32)
