"""The best order of the songs that one has, its worst transition, and songs that would mend it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from songscape.playlist.arcs import Arc
from songscape.playlist.sequence import Sequence, order_songs
from songscape.playlist.songs import Songs
from songscape.playlist.transitions import Pricing, price_matrix, price_steps
from songscape.types import Float32, Int32

_CONSIDERED = 200  # the best bridges, whose artists are looked at


@dataclass(frozen=True, slots=True)
class Bridge:
    """A song that would mend a transition, if it came between its two songs.

    Attributes
    ----------
    song : int
        Song number.
    price_in, price_out : float
        Prices of the two transitions that would take the place of the one; both lower than it.
    """

    song: int
    price_in: float
    price_out: float


@dataclass(frozen=True, slots=True, eq=False)
class Reordered:
    """A list in its best order.

    Attributes
    ----------
    sequence : Sequence
        The order, and the gap between songs of one artist.
    prices, prices_before : float32, shape (m − 1,)
        Prices of the transitions, now and in the order given.
    worst : int
        The place whose transition to the next costs most; −1 in lists of fewer than two songs.
    bridges : tuple of Bridge
        Songs that would mend it, the best first; fewer than asked for where no more would.
    """

    sequence: Sequence
    prices: Float32
    prices_before: Float32
    worst: int
    bridges: tuple[Bridge, ...]


def reorder(
    pricing: Pricing,
    chosen: Int32,
    *,
    arc: Arc | None = None,
    smoothness: float = 1.0,
    places: dict[int, int] | None = None,
    artist_gap: int = 0,
    allowed: npt.NDArray[np.bool_] | None = None,
) -> Reordered:
    """Put the songs of a list in their best order, and say what would mend its worst transition.

    Parameters
    ----------
    pricing : Pricing
        Prices between the songs of the catalog.
    chosen : int32, shape (m,)
        Different song numbers in the order that they have.
    arc, smoothness, places, artist_gap
        As for `order_songs`.
    allowed : bool, shape (n_songs,), optional
        Songs that may mend it; default all.

    Returns
    -------
    Reordered
        With up to five bridges, of different artists.

    Raises
    ------
    InputError, ParameterError
        As `order_songs`.
    """
    sequence = order_songs(pricing, chosen, arc=arc, smoothness=smoothness, places=places, artist_gap=artist_gap)
    prices = price_steps(pricing, sequence.order)
    worst = int(np.argmax(prices)) if len(prices) else -1
    bridges: tuple[Bridge, ...] = ()
    if len(prices):
        bridges = find_bridges(pricing, sequence.order, worst, artist_gap=artist_gap, allowed=allowed)
    return Reordered(sequence, prices, price_steps(pricing, np.ascontiguousarray(chosen, np.int32)), worst, bridges)


def find_bridges(
    pricing: Pricing,
    order: Int32,
    place: int,
    *,
    n_bridges: int = 5,
    artist_gap: int = 0,
    allowed: npt.NDArray[np.bool_] | None = None,
) -> tuple[Bridge, ...]:
    """Return songs that make one transition into two cheaper ones; the dearer of the two counts.

    Parameters
    ----------
    pricing : Pricing
    order : int32, shape (m,)
        Song numbers; none of them is a bridge.
    place : int
        The transition from this place to the next.
    n_bridges : int
        The most that are returned.
    artist_gap : int
        A bridge has no artist of the songs this many places before and after.
    allowed : bool, shape (n_songs,), optional
        Songs that may be bridges; default all.
    """
    songs = pricing.songs
    everyone = np.arange(songs.n_songs, dtype=np.int32)
    ins, outs = price_matrix(pricing, order[place : place + 2], everyone)
    dearer = np.maximum(ins, outs)
    usable = dearer < price_matrix(pricing, order[place : place + 1], order[place + 1 : place + 2])[0, 0]
    if allowed is not None:
        usable &= allowed
    usable[order] = False
    found = np.flatnonzero(usable)
    if len(found) > _CONSIDERED:
        found = found[np.argpartition(dearer[found], _CONSIDERED)[:_CONSIDERED]]
    found = found[np.lexsort((found, ins[found] + outs[found], dearer[found]))]
    around = order[max(place + 1 - artist_gap, 0) : place + 1 + artist_gap]
    taken = _artists_of(songs, around) if artist_gap else set()
    bridges: list[Bridge] = []
    for song in found:
        own = _artists_of(songs, np.array([song]))
        if len(bridges) < n_bridges and not own & taken:
            taken |= own
            bridges.append(Bridge(int(song), float(ins[song]), float(outs[song])))
    return tuple(bridges)


def _artists_of(songs: Songs, chosen: npt.NDArray[Any]) -> set[int]:
    return {int(artist) for song in chosen for artist in songs.artists.of(int(song))}
