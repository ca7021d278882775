"""How good a playlist is, in numbers beside what chance, a genre and a sorted list would give.

=============  =====================================================================================================
measure        meaning
=============  =====================================================================================================
coherence      1 − mean transition price between all pairs of its songs: 1 all alike, 0 as random songs, may be below
smoothness     1 − price from each song to the next, the median of the steps, their 10 % quantile, and the worst step
artists        different artists per song: 1 where no artist comes twice
genres         different genres and tag words
decades        different decades
novelty        share of songs none of whose artists made one of the seeds; unknown without seeds
popularity     mean popularity, 0 to 100
arc fit        how well the order follows the arc, see `songscape.playlist.arcs.arc_fit`; unknown without an arc
=============  =====================================================================================================

Three lists of the same length stand beside it: *random* songs out of those that the limits allow, songs of the *same
genre* as the list's most frequent one, in random order (both: means of several lists), and the list's own songs
*sorted* by tempo, as one would in a spreadsheet.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from songscape.playlist.arcs import Arc, arc_fit
from songscape.playlist.songs import AUDIO, Ragged
from songscape.playlist.transitions import Pricing, price_matrix, price_steps
from songscape.types import Float32, Float64, Int32, Int64

MEASURES = (
    "coherence",
    "smoothness_median",
    "smoothness_p10",
    "smoothness_worst",
    "artists",
    "genres",
    "decades",
    "novelty",
    "popularity",
    "arc_fit",
)
"""Names of the measures, in the order of a card."""

_LISTS = 8  # of each kind by chance: their means vary by a few hundredths


@dataclass(frozen=True, slots=True)
class QualityCard:
    """Measures of a playlist and of what it is compared with; NaN where a measure means nothing.

    Attributes
    ----------
    playlist, random, genre, sorted : dict of str to float
        By the names of `MEASURES`.
    genre_name : str
        The genre of the list of one genre; empty where the playlist has none.
    worst_step : int
        Place of the first song of the worst step, from 0; −1 with fewer than two songs.
    """

    playlist: dict[str, float]
    random: dict[str, float]
    genre: dict[str, float]
    sorted: dict[str, float]
    genre_name: str
    worst_step: int

    def as_dict(self) -> dict[str, object]:
        """Return plain data; None for what means nothing."""
        lists = {"playlist": self.playlist, "random": self.random, "genre": self.genre, "sorted": self.sorted}
        plain = {
            name: {key: None if math.isnan(value) else round(value, 4) for key, value in values.items()}
            for name, values in lists.items()
        }
        return {**plain, "genre_name": self.genre_name, "worst_step": self.worst_step}


def quality_card(
    pricing: Pricing,
    order: Int32,
    *,
    allowed: npt.NDArray[np.bool_] | None = None,
    seeds: Int32 | None = None,
    arc: Arc | None = None,
    random_state: int = 0,
) -> QualityCard:
    """Measure a playlist beside its baselines.

    Parameters
    ----------
    pricing : Pricing
        Prices between the songs of the catalog.
    order : int32, shape (m,)
        Song numbers in the order of the list, at least one.
    allowed : bool, shape (n_songs,), optional
        Songs that the random and same-genre lists are drawn from; all by default.
    seeds : int32, optional
        Songs that the list should be like.
    arc : Arc, optional
        What the list was to follow.
    random_state : int
        Seed of the random lists.
    """
    seeds = np.empty(0, np.int32) if seeds is None else seeds
    generator = np.random.Generator(np.random.PCG64(random_state))
    pool = np.arange(pricing.songs.n_songs) if allowed is None else np.flatnonzero(allowed)
    tag = _commonest(pricing.songs.tags, order)
    of_tag = _holders(pricing.songs.tags, tag)
    of_tag = of_tag if allowed is None else of_tag[allowed[of_tag]]
    drawn = [_drawn(generator, songs, len(order)) for songs in (pool, of_tag) for _ in range(_LISTS)]
    measured = [measure_list(pricing, one, seeds=seeds, arc=arc) for one in drawn]
    tempo = pricing.songs.audio[order, AUDIO.index("tempo")]
    steps = price_steps(pricing, order)
    return QualityCard(
        measure_list(pricing, order, seeds=seeds, arc=arc),
        _means(measured[:_LISTS]),
        _means(measured[_LISTS:]),
        measure_list(pricing, order[np.argsort(tempo, kind="stable")], seeds=seeds, arc=arc),
        pricing.songs.tags.names[tag] if tag >= 0 else "",
        int(steps.argmax()) if len(steps) else -1,
    )


def measure_list(
    pricing: Pricing, order: Int32, *, seeds: Int32 | None = None, arc: Arc | None = None
) -> dict[str, float]:
    """Return the measures of one list, by the names of `MEASURES`; NaN where one means nothing."""
    songs, m = pricing.songs, len(order)
    if m == 0:
        return dict.fromkeys(MEASURES, math.nan)
    prices = price_matrix(pricing, order).astype(np.float64)
    worst, low, middle = _quantiles(1.0 - np.diagonal(prices, 1), (0.0, 0.1, 0.5))
    known_years = songs.year[order][~np.isnan(songs.year[order])]
    fits = list(arc_fit(arc, songs, order).values()) if arc is not None else []
    artists = songs.artists.firsts(order)
    n_artists = len(np.unique(artists[artists >= 0])) + int((artists < 0).sum())
    return {
        "coherence": 1.0 - float((prices.sum() - prices.trace()) / (m * (m - 1))) if m > 1 else math.nan,
        "smoothness_median": middle,
        "smoothness_p10": low,
        "smoothness_worst": worst,
        "artists": n_artists / m,
        "genres": float(len(np.unique(songs.tags.of_all(order)[1]))),
        "decades": float(len(np.unique(known_years // 10))) if len(known_years) else math.nan,
        "novelty": _novelty(songs.artists, order, seeds),
        "popularity": _mean_known(songs.popularity[order]),
        "arc_fit": float(np.mean(fits)) if fits else math.nan,
    }


def _quantiles(values: Float64, shares: tuple[float, ...]) -> list[float]:
    found: list[float] = np.quantile(values, shares).tolist() if len(values) else [math.nan] * len(shares)
    return found


def _novelty(artists: Ragged, order: Int32, seeds: Int32 | None) -> float:
    if seeds is None or len(seeds) == 0:
        return math.nan
    owners, held = artists.of_all(order)
    known = np.unique(owners[np.isin(held, artists.of_all(seeds)[1])])
    return 1.0 - len(known) / len(order)


def _mean_known(values: Float32) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean(dtype=np.float64)) if len(known) else math.nan


def _commonest(tags: Ragged, order: Int32) -> int:
    """Return the tag that most songs of a list hold, of several the one with the lowest number; −1 for none."""
    held = tags.of_all(order)[1]
    return int(np.bincount(held).argmax()) if len(held) else -1


def _holders(tags: Ragged, tag: int) -> Int64:
    """Return the songs that hold a tag."""
    holders: Int64 = np.searchsorted(tags.indptr, np.flatnonzero(tags.ids == tag), side="right") - 1
    return holders


def _drawn(generator: np.random.Generator, pool: Int64, size: int) -> Int32:
    """Draw songs, none twice: all of them where there are fewer."""
    return pool[generator.choice(len(pool), min(size, len(pool)), replace=False)].astype(np.int32)


def _means(measured: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([one[name] for one in measured])) for name in MEASURES}
