"""Order: what transition prices say about the order of real playlists."""

from collections.abc import Sequence

import numpy as np

from songscape.playlist.sequence import order_songs
from songscape.playlist.transitions import Pricing, price_matrix
from songscape.types import Int32

_MOST_SONGS = 100
_SHUFFLES = 20


def order_against_shuffled(pricing: Pricing, orders: Sequence[Int32], *, random_state: int = 0) -> dict[str, float]:
    """Compare the mean price of steps in real order, and in ours, with that in shuffled order.

    Parameters
    ----------
    pricing : Pricing
        Prices between the songs of the catalog.
    orders : sequence of int32 arrays
        Playlists in their order; those of fewer than three songs say nothing.
    random_state : int
        Seed of the shuffles.

    Returns
    -------
    dict
        ``real``, ``ours`` and ``shuffled``: mean price of a step, over playlists; ``ratio`` and ``ours_ratio``: the
        mean over playlists of the real order's, and of ours, over the shuffled one's, with the standard errors
        ``ratio_error`` and ``ours_ratio_error``; ``n_playlists``.
    """
    rng = np.random.default_rng(random_state)
    real, ours, shuffled = [], [], []
    for order in orders:
        if len(order) < 3:
            continue
        order = np.ascontiguousarray(order[:_MOST_SONGS], np.int32)
        prices = price_matrix(pricing, order)
        n = len(prices)
        real.append(float(np.mean(prices[np.arange(n - 1), np.arange(1, n)])))
        place = {song: at for at, song in enumerate(order.tolist())}
        smooth = [place[song] for song in order_songs(pricing, order).order.tolist()]
        ours.append(float(prices[smooth[:-1], smooth[1:]].mean()))
        drawn = [rng.permutation(n) for _ in range(_SHUFFLES)]
        shuffled.append(float(np.mean([prices[path[:-1], path[1:]].mean() for path in drawn])))
    if not real:
        return {"n_playlists": 0}
    level = np.maximum(shuffled, 1e-9)
    told: dict[str, float] = {"n_playlists": len(real), "shuffled": float(np.mean(shuffled))}
    for name, found, ratio in (("real", real, "ratio"), ("ours", ours, "ours_ratio")):
        ratios = np.array(found) / level
        told[name] = float(np.mean(found))
        told[ratio] = float(ratios.mean())
        told[f"{ratio}_error"] = float(ratios.std() / np.sqrt(len(ratios)))
    return told
