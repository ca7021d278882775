"""Order: what transition prices say about the order of real playlists."""

from collections.abc import Sequence

import numpy as np

from songscape.playlist.transitions import Pricing, price_matrix
from songscape.types import Int32

_MOST_SONGS = 100
_SHUFFLES = 20


def order_against_shuffled(pricing: Pricing, orders: Sequence[Int32], *, random_state: int = 0) -> dict[str, float]:
    """Compare the mean price of steps in real order with that in shuffled order.

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
        ``real`` and ``shuffled``: mean price of a step, over playlists; ``ratio``: the mean over playlists of one
        over the other, and its standard error ``ratio_error``; ``n_playlists``.
    """
    rng = np.random.default_rng(random_state)
    real, shuffled = [], []
    for order in orders:
        if len(order) < 3:
            continue
        prices = price_matrix(pricing, order[:_MOST_SONGS])
        n = len(prices)
        real.append(float(np.mean(prices[np.arange(n - 1), np.arange(1, n)])))
        drawn = [rng.permutation(n) for _ in range(_SHUFFLES)]
        shuffled.append(float(np.mean([prices[path[:-1], path[1:]].mean() for path in drawn])))
    ratios = np.array(real) / np.maximum(shuffled, 1e-9)
    n_playlists = len(ratios)
    if n_playlists == 0:
        return {"n_playlists": 0}
    return {
        "real": float(np.mean(real)),
        "shuffled": float(np.mean(shuffled)),
        "ratio": float(ratios.mean()),
        "ratio_error": float(ratios.std() / np.sqrt(n_playlists)),
        "n_playlists": n_playlists,
    }
