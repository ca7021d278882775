"""Histograms that tell the truth about rounded columns: bins as wide as whole steps of the grid, spikes apart."""

import numpy as np

from songscape.exploration.plain import Figure
from songscape.types import Float64

MAX_BINS = 60
"""Bins of a histogram, and of each side of a density, at most."""

MAX_SPIKES = 3
SPIKE_SHARE = 0.01
SPIKE_ROWS = 10
SPIKE_FACTOR = 3.0
"""An exact value on 1 % of the rows and on ten of them, over 3 times as frequent as each of those around it, is a
spike; up to three."""

_AROUND = 2  # distinct values looked at on each side of a candidate
_GRIDS = (1.0, 0.1, 0.01)
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_NICE_STEPS = (1.0, 2.0, 3.0, 4.0, 5.0, 10.0)
_FINEST = 1e-4  # width of a bin relative to the largest value: edges stay apart in six digits
_TRIM = 0.001  # of each tail, where the tails would squeeze the rest


def grid_of(values: Float64) -> float:
    """Return the step that all values are whole multiples of: 1, 0.1, 0.01, or 0 where there is none.

    Examples
    --------
    >>> grid_of(np.array([0.25, 0.5])), grid_of(np.array([3.0])), grid_of(np.array([0.123]))
    (0.01, 1.0, 0.0)
    """
    for grid in _GRIDS:
        steps = values / grid
        if np.allclose(steps, np.rint(steps), rtol=0.0, atol=1e-6):
            return grid
    return 0.0


def bin_edges(values: Float64, max_bins: int = MAX_BINS) -> Float64:
    """Return edges of equally wide bins over the values: width 1, 2, 2.5 or 5 times a power of ten.

    On a grid, the width is 1 to 5 of its steps, times a power of ten, and the edges lie between them, so that every
    bin holds equally many possible values. Where the outermost 0.1 % on each side take over a third of
    the range, the bins end before them.

    Examples
    --------
    >>> bin_edges(np.array([1.0, 2.0, 3.0])).tolist()
    [0.5, 1.5, 2.5, 3.5]
    """
    low, high = float(values.min()), float(values.max())
    inner_low, inner_high = np.quantile(values, [_TRIM, 1.0 - _TRIM])
    if high - low > 1.5 * (inner_high - inner_low) > 0.0:
        low, high = float(inner_low), float(inner_high)
    grid = grid_of(values)
    finest = max(_FINEST * max(abs(low), abs(high)), 1e-6)
    if high == low:
        half = max(grid, finest) / 2.0
        return np.array([low - half, low + half])
    n_wanted = max_bins if grid else max_bins - 1  # off a grid the edges reach beyond both ends
    width = _nice_width(max((high - low + grid) / n_wanted, finest), grid)
    if grid:
        start = low - grid / 2.0
        n_bins = int(np.ceil((high - start) / width - 1e-9))
        return np.round(start + width * np.arange(n_bins + 1), 9)
    first, last = int(np.floor(low / width + 1e-9)), int(np.ceil(high / width - 1e-9))
    return np.round(width * np.arange(first, last + 1), 9)


def _nice_width(least: float, grid: float) -> float:
    """Return the smallest of `_NICE` times a power of ten that is not below `least`, counted in steps of the grid."""
    unit, nice = (grid, _NICE_STEPS) if grid else (1.0, _NICE)
    needed = max(least / unit, 1.0) if grid else least
    power = 10.0 ** np.floor(np.log10(needed))
    factor = next(factor for factor in nice if factor * power >= needed * (1.0 - 1e-9))
    return float(factor * power * unit)


def find_spikes(values: Float64) -> list[tuple[float, int]]:
    """Return (value, count) of exact values that stand out from those around them, the most frequent first.

    A value is a spike if it has at least `SPIKE_SHARE` of the rows, `SPIKE_ROWS` of them, and over `SPIKE_FACTOR`
    times the count of each of the two distinct values below and above it. Columns of fewer than ten distinct
    values have none.

    Examples
    --------
    >>> find_spikes(np.array([0.0] * 9 + list(range(20))))
    [(0.0, 10)]
    """
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) < 10:
        return []
    padded = np.pad(counts, _AROUND)
    window = np.lib.stride_tricks.sliding_window_view(padded, 2 * _AROUND + 1)
    around = np.delete(window, _AROUND, axis=1).max(axis=1)
    places = np.flatnonzero((counts >= max(SPIKE_SHARE * len(values), SPIKE_ROWS)) & (counts > SPIKE_FACTOR * around))
    places = places[np.argsort(-counts[places], kind="stable")][:MAX_SPIKES]
    return [(float(distinct[place]), int(counts[place])) for place in places]


def histogram(
    values: Float64, xlabel: str = "", *, max_bins: int = MAX_BINS, apart: tuple[float, ...] = ()
) -> Figure:
    """Return a histogram of the known values, with spikes (and all values `apart`) counted apart from the bins."""
    known = values[~np.isnan(values)]
    spikes = find_spikes(known)
    for value in apart:
        count = int((known == value).sum())
        if count and value not in [spike for spike, _ in spikes]:
            spikes.append((value, count))
    rest = known[~np.isin(known, [value for value, _ in spikes])]
    edges = bin_edges(rest if len(rest) else known, max_bins)
    counts = np.histogram(rest, edges)[0]
    labeled = [{"value": value, "count": count, "label": f"{value:g}"} for value, count in sorted(spikes)]
    return {"kind": "histogram", "edges": edges, "counts": counts, "spikes": labeled, "xlabel": xlabel}


def density(x: Float64, y: Float64, xlabel: str, ylabel: str) -> Figure:
    """Return the rows in each cell of at most `MAX_BINS` × `MAX_BINS`, as ``counts[row of y][column of x]``."""
    known = ~(np.isnan(x) | np.isnan(y))
    x, y = x[known], y[known]
    x_edges, y_edges = bin_edges(x), bin_edges(y)
    counts = np.histogram2d(y, x, [y_edges, x_edges])[0].astype(np.int64)
    labels = {"xlabel": xlabel, "ylabel": ylabel}
    return {"kind": "density", "x_edges": x_edges, "y_edges": y_edges, "counts": counts, **labels}
