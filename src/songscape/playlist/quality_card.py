"""How good a playlist is, in numbers beside what chance, a genre and a sorted list would give.

=============  =====================================================================================================
measure        meaning
=============  =====================================================================================================
coherence      1 − mean transition price between all pairs of its songs (of at most 1000, at equal distances): 1 all
               alike, 0 as random songs, may be below
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

_PAIRED = 300  # songs of which all pairs are priced, at most
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
    random, kin = (_drawn(generator, songs, len(order)) for songs in (pool, of_tag))
    tempo = pricing.songs.audio[order, AUDIO.index("tempo")]
    by_tempo = order[np.argsort(tempo, kind="stable")]
    own, by_chance, of_genre = (
        _measured(pricing, orders, seeds, arc) for orders in (np.stack([order, by_tempo]), random, kin)
    )
    steps = price_steps(pricing, order)
    return QualityCard(
        {name: float(values[0]) for name, values in own.items()},
        {name: float(values.mean()) for name, values in by_chance.items()},
        {name: float(values.mean()) for name, values in of_genre.items()},
        {name: float(values[1]) for name, values in own.items()},
        pricing.songs.tags.names[tag] if tag >= 0 else "",
        int(steps.argmax()) if len(steps) else -1,
    )


def measure_list(
    pricing: Pricing, order: Int32, *, seeds: Int32 | None = None, arc: Arc | None = None
) -> dict[str, float]:
    """Return the measures of one list, by the names of `MEASURES`; NaN where one means nothing."""
    seeds = np.empty(0, np.int32) if seeds is None else seeds
    return {name: float(values[0]) for name, values in _measured(pricing, order[None], seeds, arc).items()}


def _measured(pricing: Pricing, orders: Int32, seeds: Int32, arc: Arc | None) -> dict[str, Float64]:
    """Return the measures of lists of equal length, int32 (n_lists, m): float64 (n_lists,) by their names."""
    songs, (n_lists, m) = pricing.songs, orders.shape
    if m == 0:
        return dict.fromkeys(MEASURES, np.full(n_lists, np.nan))
    smoothness = 1.0 - np.array([price_steps(pricing, order) for order in orders], np.float64)
    worst, low, middle = _quantiles(smoothness, (0.0, 0.1, 0.5))
    artists = songs.artists.firsts(orders.ravel()).reshape(orders.shape)
    owners, tags = songs.tags.of_all(orders.ravel())
    held = np.unique(owners // m * len(songs.tags.names) + tags)  # each tag of each list once
    decades = songs.year[orders] // 10
    fits = [list(arc_fit(arc, songs, order).values()) if arc is not None else [] for order in orders]
    return {
        "coherence": np.array([_coherence(pricing, order) for order in orders]),
        "smoothness_median": middle,
        "smoothness_p10": low,
        "smoothness_worst": worst,
        "artists": (_distinct(np.where(artists < 0, np.nan, artists)) + (artists < 0).sum(axis=1)) / m,
        "genres": np.bincount(held // max(len(songs.tags.names), 1), minlength=n_lists).astype(np.float64),
        "decades": np.where(np.isnan(decades).all(axis=1), np.nan, _distinct(decades)),
        "novelty": _novelty(songs.artists, orders, seeds),
        "popularity": _means(songs.popularity[orders]),
        "arc_fit": np.array([float(np.mean(fit)) if fit else math.nan for fit in fits]),
    }


def _coherence(pricing: Pricing, order: Int32) -> float:
    """Return 1 − the mean price between pairs; of long lists between those of songs at equal distances."""
    some = order[:: -(-len(order) // _PAIRED)]
    if len(some) < 2:
        return math.nan
    prices = price_matrix(pricing, some)
    n_pairs = len(some) * (len(some) - 1)
    return 1.0 - float(prices.sum(dtype=np.float64) - prices.trace(dtype=np.float64)) / n_pairs


def _quantiles(values: Float64, shares: tuple[float, ...]) -> Float64:
    """Return quantiles of rows, float64 (n_shares, n_rows); NaN where rows are empty."""
    if values.shape[1] == 0:
        return np.full((len(shares), len(values)), np.nan)
    found: Float64 = np.quantile(values, shares, axis=1)
    return found


def _distinct(values: Float32) -> Int64:
    """Return how many different values each row has, NaN left out."""
    ordered = np.sort(values, axis=1)  # NaN comes last, and is never above what is before it
    counts: Int64 = (ordered[:, 1:] > ordered[:, :-1]).sum(axis=1) + ~np.isnan(ordered[:, 0])
    return counts


def _novelty(artists: Ragged, orders: Int32, seeds: Int32) -> Float64:
    """Return the share of each row's songs none of whose artists made a seed; NaN without seeds."""
    if len(seeds) == 0:
        return np.full(len(orders), np.nan)
    owners, held = artists.of_all(orders.ravel())
    is_known = np.zeros(orders.size, np.bool_)
    is_known[owners[np.isin(held, artists.of_all(seeds)[1])]] = True
    novel: Float64 = 1.0 - is_known.reshape(orders.shape).mean(axis=1)
    return novel


def _means(values: Float32) -> Float64:
    """Return the means of rows over what is known; NaN where nothing is."""
    known = ~np.isnan(values)
    counts = known.sum(axis=1)
    return np.where(counts > 0, np.where(known, values, 0.0).sum(axis=1) / np.maximum(counts, 1), np.nan)


def _commonest(tags: Ragged, order: Int32) -> int:
    """Return the tag that most songs of a list hold, of several the one with the lowest number; −1 for none."""
    held = tags.of_all(order)[1]
    return int(np.bincount(held).argmax()) if len(held) else -1


def _holders(tags: Ragged, tag: int) -> Int64:
    """Return the songs that hold a tag."""
    holders: Int64 = np.searchsorted(tags.indptr, np.flatnonzero(tags.ids == tag), side="right") - 1
    return holders


def _drawn(generator: np.random.Generator, pool: Int64, size: int) -> Int32:
    """Draw lists of songs, none twice in a list, int32 (n_lists, m): all songs where there are fewer than wished."""
    size = min(size, len(pool))
    return np.stack([pool[generator.choice(len(pool), size, replace=False)] for _ in range(_LISTS)]).astype(np.int32)
