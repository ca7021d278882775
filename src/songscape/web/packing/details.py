"""What the offline file needs to work without the engine: neighbors, memberships, songs with several tracks.

Songs are numbered along a Morton curve over the map, so that neighbors have near numbers: their differences pack to
half the size. The page finds the same numbers from the places of the representative tracks.
"""

import numpy as np

from songscape.atlas.record import Atlas
from songscape.types import GroupScale, Int32, Int64
from songscape.web.packing.buffer import Array, pack, smallest
from songscape.web.packing.points import map_places

NEIGHBORS = 10
"""Nearest other songs that travel with the page."""

_MEMBERSHIPS = 3  # of one song at one scale
_STEPS = 15  # of a membership's strength


def pack_details(atlas: Atlas) -> bytes:
    """Return for each song its nearest other songs and its memberships, and which tracks are one song.

    The header has ``k``. ``twin_rows`` are the tracks that stand for another one of their song, ``twin_of`` the
    tracks they stand for; all others are songs, numbered by `song_order`. ``neighbors_0``, ``_1``, ``_2`` are the
    bytes of k numbers a song, the nearest first: difference d of the song numbers as 2 d, or −2 d − 1 where negative.
    For each scale ``members_SCALE_counts``, ``members_SCALE`` and ``members_SCALE_strength`` (0 to 15) hold the
    strongest memberships.

    Examples
    --------
    >>> import songscape
    >>> from songscape.web.packing.buffer import unpack
    >>> atlas = songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(300, random_state=0)))
    >>> header, arrays = unpack(pack_details(atlas))
    >>> len(arrays["neighbors_0"]) == len(atlas.songs) * header["k"]
    True
    """
    songs, song_of = atlas.songs, atlas.song_of
    twins = np.flatnonzero(songs[song_of] != np.arange(len(song_of)))
    arrays: dict[str, Array] = {
        "twin_rows": twins.astype(np.uint32),
        "twin_of": songs[song_of[twins]].astype(np.uint32),
    }
    order = song_order(*map_places(atlas.embedding), songs)
    number = np.empty(len(songs), np.int64)
    number[order] = np.arange(len(songs))
    near = atlas.neighbors.first(NEIGHBORS).indices[songs[order]]
    apart = (number[song_of[near]] - np.arange(len(songs))[:, None]).ravel()
    folded = np.where(apart < 0, -2 * apart - 1, 2 * apart)
    arrays |= {f"neighbors_{place}": (folded >> 8 * place & 255).astype(np.uint8) for place in range(3)}
    for scale in atlas.groups.scales:
        arrays |= _memberships(scale, order)
    return pack({"n": len(song_of), "n_songs": len(songs), "k": near.shape[1]}, arrays)


def song_order(x: Array, y: Array, songs: Int32) -> Int64:
    """Return songs in the order of a Morton curve over the map, ties by row.

    Parameters
    ----------
    x, y : uint16, shape (n_tracks,)
        Places on the map.
    songs : int32, shape (n_songs,)
        The representative track of each song.

    Examples
    --------
    >>> x, y = np.array([3, 0, 1], np.uint16), np.array([0, 0, 1], np.uint16)
    >>> song_order(x, y, np.arange(3, dtype=np.int32)).tolist()
    [1, 2, 0]
    """
    curve = _spread(x[songs]) | _spread(y[songs]) << 1
    return np.lexsort((songs, curve))


def _spread(places: Array) -> Int64:
    """Put a 0 between the bits of numbers of 16 bits."""
    bits = places.astype(np.int64)
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        bits = (bits | bits << shift) & mask
    return bits


def _memberships(scale: GroupScale, order: Int64) -> dict[str, Array]:
    """Return the strongest memberships of each song: how many, in which groups, how strong."""
    counts = np.diff(scale.indptr)
    strength = np.rint(np.clip(scale.weights, 0.0, 1.0) * _STEPS).astype(np.uint8)
    places = np.arange(len(scale.members)) - np.repeat(scale.indptr[:-1], counts)
    kept = (places < _MEMBERSHIPS) & (strength > 0)
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    of_song = np.repeat(number, counts)[kept]
    sorted_entries = np.argsort(of_song, kind="stable")
    name = f"members_{scale.name}"
    return {
        f"{name}_counts": np.bincount(of_song, minlength=len(order)).astype(np.uint8),
        name: smallest(scale.members[kept][sorted_entries], scale.n_groups),
        f"{name}_strength": strength[kept][sorted_entries],
    }
