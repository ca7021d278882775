"""What it costs to go from one song to the next: prices of many pairs at once."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from songscape.kernels._jit import jit
from songscape.threads import run_blocks

Float32 = npt.NDArray[np.float32]
Int8 = npt.NDArray[np.int8]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

_PAIRS = 1 << 16  # in a block: a few milliseconds
_FEWEST = 64  # columns of prices in a block: those before have to be noted for each of its rows


class SongProfiles(NamedTuple):
    """Songs as the prices see them.

    Attributes
    ----------
    levels : float32, shape (n_songs, n_levels)
        The first column is log2 of the tempo, compared within an octave; the others are compared as they are, and a
        difference of 1 is the whole price. NaN where unknown.
    key : int8, shape (n_songs,)
        Row and column of `wheel`; −1 where unknown.
    wheel : float32, shape (n_keys, n_keys)
        Price between two keys, in [0, 1].
    indptr, tags, tag_weights : int64 (n_songs + 1,), int32 and float32 (n_entries,)
        Tags of each song as sparse rows of norm 1; an empty row is unknown.
    n_tags : int
        How many tags there are.
    """

    levels: Float32
    key: Int8
    wheel: Float32
    indptr: Int64
    tags: Int32
    tag_weights: Float32
    n_tags: int


def price_pairs(
    profiles: SongProfiles, weights: Float32, neutral: Float32, sources: Int32, targets: Int32
) -> Float32:
    """Return the price of going from each source to each target.

    Parameters
    ----------
    profiles : SongProfiles
    weights, neutral : float32, shape (n_levels + 2,)
        Weight of each part and its price where it is unknown: the levels, then key, then tags.
    sources, targets : int32, shape (n_sources,) and (n_targets,)
        Song numbers.

    Returns
    -------
    float32, shape (n_sources, n_targets)
        Weighted sums over the parts.
    """
    prices = np.empty((len(sources), len(targets)), np.float32)
    width = max(_PAIRS // max(len(sources), 1), _FEWEST)

    def work(first: int, stop: int) -> None:
        columns = (first * width, min(stop * width, len(targets)))
        _price_columns(profiles, weights, neutral, sources, targets, columns, prices)

    run_blocks(work, -(-len(targets) // width))
    return prices


@jit
def _price_columns(profiles, weights, neutral, sources, targets, columns, prices):  # type: ignore[no-untyped-def]
    """Write the prices of some targets."""
    levels, key, wheel, indptr, tags, tag_weights, n_tags = profiles
    own_tags = np.zeros(n_tags, np.float32)
    n_levels = levels.shape[1]
    for row in range(len(sources)):
        a = sources[row]
        for entry in range(indptr[a], indptr[a + 1]):
            own_tags[tags[entry]] = tag_weights[entry]
        for column in range(columns[0], columns[1]):
            b = targets[column]
            total = np.float32(0.0)
            for j in range(n_levels):
                apart = abs(levels[a, j] - levels[b, j])
                if j == 0:
                    apart -= np.floor(apart)
                    apart = np.float32(2.0) * min(apart, np.float32(1.0) - apart)
                total += weights[j] * (min(apart, np.float32(1.0)) if apart == apart else neutral[j])
            known = key[a] >= 0 and key[b] >= 0
            total += weights[n_levels] * (wheel[key[a], key[b]] if known else neutral[n_levels])
            apart = neutral[n_levels + 1]
            if indptr[a] < indptr[a + 1] and indptr[b] < indptr[b + 1]:
                apart = np.float32(1.0)
                for entry in range(indptr[b], indptr[b + 1]):
                    apart -= own_tags[tags[entry]] * tag_weights[entry]
                apart = max(apart, np.float32(0.0))
            prices[row, column] = total + weights[n_levels + 1] * apart
        for entry in range(indptr[a], indptr[a + 1]):
            own_tags[tags[entry]] = np.float32(0.0)
