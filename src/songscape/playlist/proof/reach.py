"""Reach: how much of a catalog lists show, and whether some songs or artists are in all of them."""

from collections.abc import Sequence

import numpy as np

from songscape.playlist.songs import Songs
from songscape.types import Float64, Int32, Int64


def reach(lists: Sequence[Int32], songs: Songs) -> dict[str, float]:
    """Return what many lists show of a catalog.

    Parameters
    ----------
    lists : sequence of int32 arrays
        Song numbers, each once in a list.
    songs : Songs

    Returns
    -------
    dict
        ``distinct_share``: distinct songs over places in all lists; ``catalog_share``: distinct songs over songs in
        the catalog; ``most_lists``: in how many lists the most frequent song is; ``gini``: of the songs' frequencies,
        0 if all songs are shown equally often, near 1 if few are; ``most_artist_share``: in which share of the lists
        the most frequent artist is.

    Examples
    --------
    >>> gini(np.array([1, 1, 1, 1])), gini(np.array([0, 0, 0, 4]))
    (0.0, 0.75)
    """
    shown = np.concatenate([np.empty(0, np.int32), *lists])
    counts = np.bincount(shown, minlength=songs.n_songs)
    artists = np.zeros(len(songs.artists.names), np.int64)
    for listed in lists:
        held = [songs.artists.of(int(song)) for song in listed]
        artists[np.unique(np.concatenate(held))] += 1 if held else 0
    return {
        "distinct_share": float((counts > 0).sum() / max(len(shown), 1)),
        "catalog_share": float((counts > 0).mean()),
        "most_lists": int(counts.max(initial=0)),
        "gini": gini(counts),
        "most_artist_share": float(artists.max(initial=0) / max(len(lists), 1)),
    }


def gini(counts: Int64) -> float:
    """Return the Gini coefficient of frequencies: 0 if all are equal; 0 if there are none."""
    ordered: Float64 = np.sort(counts).astype(np.float64)
    n, total = len(ordered), ordered.sum()
    if total == 0.0:
        return 0.0
    return float((2.0 * np.arange(1, n + 1) - n - 1) @ ordered / (n * total))
