"""What a partition tells of itself, in a form that can be added up: counts, histograms, sums of products.

Histograms have fixed borders, so those of partitions are added bin by bin; quantiles are read off them and are right
to the width of a bin. Correlations are those of all tracks in which both values are known (Pearson), from sums that
are added in the order of the partitions.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from songscape.catalog import Catalog
from songscape.catalog.schema import BY_NAME, FEATURES
from songscape.types import Float64, Int64

MEASURED = (*FEATURES, "year", "duration", "popularity")
"""The columns with a histogram."""

BINS = 1000
"""Bins of a histogram."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

_LISTED = ("emotion", "genres")
_SHOWN = 100  # of the most frequent genres and emotions
_LONGEST = 1200.0  # seconds; longer tracks count in the last bin
_MOMENTS = 6  # n, Σx, Σy, Σx², Σy², Σxy


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """Counts of the tracks of one or more partitions.

    Attributes
    ----------
    rows_read, rejected, tracks, songs : int
        Rows of the sources, those that could not be used, those that could, and their version families.
    histograms : int64, shape (n_measured, BINS)
        Tracks by value, for each of `MEASURED`.
    moments : float64, shape (6, n_features, n_features)
        For each pair of features, over tracks in which both are known: n, Σx, Σy, Σx², Σy², Σxy.
    listed : dict of str to Counter
        Tracks by emotion and by genre.
    """

    rows_read: int
    rejected: int
    tracks: int
    songs: int
    histograms: Int64
    moments: Float64
    listed: dict[str, Counter[str]]

    def edges(self, name: str, shares: Sequence[float] = QUANTILES) -> list[float]:
        """Return quantiles of a column, right to the width of a bin; empty where nothing is known."""
        counts = self.histograms[MEASURED.index(name)]
        if not counts.any():
            return []
        low, high = borders(name)
        below = np.cumsum(counts)
        wanted = np.asarray(shares) * below[-1]
        bins = np.searchsorted(below, wanted)
        inside = (wanted - (below[bins] - counts[bins])) / counts[bins]
        found: list[float] = (low + (high - low) * (bins + inside) / BINS).tolist()
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return plain data: counts, and for each column how many are known, quantiles and their resolution.

        Of emotions and genres the most frequent are listed; `all_listed` counts them all.
        """
        columns = {
            name: {
                "known": int(self.histograms[place].sum()),
                "quantiles": dict(zip(map(str, QUANTILES), self.edges(name), strict=False)),
                "resolution": (borders(name)[1] - borders(name)[0]) / BINS,
                "histogram": self.histograms[place].reshape(50, -1).sum(axis=1).tolist(),
            }
            for place, name in enumerate(MEASURED)
        }
        counts = {name: getattr(self, name) for name in ("rows_read", "rejected", "tracks", "songs")}
        listed = {
            name: dict(sorted(found.items(), key=lambda one: (-one[1], one[0]))[:_SHOWN])
            for name, found in self.listed.items()
        }
        all_listed = {name: sum(found.values()) for name, found in self.listed.items()}
        told = {"columns": columns, "correlations": self._correlations(), "all_listed": all_listed}
        return counts | told | listed

    def _correlations(self) -> dict[str, dict[str, float | None]]:
        n, x, y, xx, yy, xy = self.moments
        with np.errstate(invalid="ignore", divide="ignore"):
            found = (n * xy - x * y) / np.sqrt((n * xx - x * x) * (n * yy - y * y))
        return {
            one: {
                other: float(found[i, j]) if np.isfinite(found[i, j]) else None
                for j, other in enumerate(FEATURES)
                if j > i
            }
            for i, one in enumerate(FEATURES[:-1])
        }


def borders(name: str) -> tuple[float, float]:
    """Return where the histogram of a column begins and ends."""
    column = BY_NAME[name]
    return float(column.low), _LONGEST if name == "duration" else float(column.high)


def totals_of(catalog: Catalog) -> Totals:
    """Return the counts of one partition.

    Examples
    --------
    >>> import songscape
    >>> found = totals_of(songscape.read_catalog(songscape.synthesize_tracks(200, random_state=0)))
    >>> found.tracks, int(found.histograms[0].sum())
    (200, 200)
    """
    tracks, counts = catalog.tracks, catalog.summary()
    return Totals(
        counts["rows_read"],
        counts["rows_rejected"],
        counts["tracks"],
        counts["version_families"],
        np.stack([_histogram(tracks[name], *borders(name)) for name in MEASURED]),
        _moments(tracks.select(FEATURES).to_numpy().astype(np.float64)),
        {name: _counter(tracks[name]) for name in _LISTED},
    )


def added(parts: Sequence[Totals]) -> Totals:
    """Return the counts of all partitions, in their order; at least one."""
    whole = {
        name: sum(getattr(part, name) for part in parts) for name in ("rows_read", "rejected", "tracks", "songs")
    }
    histograms, moments = parts[0].histograms.copy(), parts[0].moments.copy()
    listed = {name: Counter(found) for name, found in parts[0].listed.items()}
    for part in parts[1:]:
        histograms += part.histograms
        moments += part.moments
        for name, found in part.listed.items():
            listed[name].update(found)
    return Totals(**whole, histograms=histograms, moments=moments, listed=listed)


def _histogram(values: pl.Series, low: float, high: float) -> Int64:
    known = values.drop_nulls().to_numpy().astype(np.float64)
    bins = np.clip(((known - low) / (high - low) * BINS).astype(np.int64), 0, BINS - 1)
    return np.bincount(bins, minlength=BINS)


def _moments(values: Float64) -> Float64:
    """Return the sums over pairs of known values; a NaN is an unknown one."""
    known = np.isfinite(values)
    x = np.where(known, values, 0.0)
    here = known.astype(np.float64)
    sums = np.empty((_MOMENTS, x.shape[1], x.shape[1]))
    pairs = ((here, here), (x, here), (here, x), (x * x, here), (here, x * x), (x, x))
    for place, (left, right) in enumerate(pairs):
        sums[place] = np.einsum("ni,nj->ij", left, right)  # in one fixed order, which BLAS would not keep
    return sums


def _counter(values: pl.Series) -> Counter[str]:
    texts = values.explode() if isinstance(values.dtype, pl.List) else values
    found = texts.drop_nulls().value_counts()
    return Counter(dict(zip(found[found.columns[0]].to_list(), found["count"].to_list(), strict=True)))
