"""What the scores are handed over in."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from songscape.types import Float64, Int32, Int64

_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Estimate:
    """A score, and the interval in which the score of all rows lies with 95 % confidence.

    Attributes
    ----------
    value : float
        The score; NaN where it means nothing.
    low, high : float
        Bounds of the interval; both equal `value` where nothing was left to chance.
    n_sampled : int
        Rows (for `global_rank_correlation` pairs of rows) that it was computed from.
    """

    value: float
    low: float
    high: float
    n_sampled: int

    @property
    def is_exact(self) -> bool:
        """Whether nothing was left to chance."""
        return self.low == self.value == self.high

    @classmethod
    def exact(cls, value: float, n_sampled: int) -> Self:
        """Return an estimate without an interval."""
        return cls(value, value, value, n_sampled)

    @classmethod
    def undefined(cls) -> Self:
        """Return what stands where a score means nothing: too few rows, or a single cluster."""
        return cls.exact(math.nan, 0)

    @classmethod
    def of_mean(cls, values: npt.NDArray[np.float64], n_rows: int) -> Self:
        """Return the mean of a score over rows, of which `values` are a sample drawn without replacement.

        The interval is the normal one, narrowed by the share of rows that were seen.
        """
        n = len(values)
        mean = float(values.mean())
        if n >= n_rows:
            return cls.exact(mean, n)
        half = _Z95 * float(values.std(ddof=1)) * math.sqrt((1.0 - n / n_rows) / n)
        return cls(mean, mean - half, mean + half, n)

    @classmethod
    def of_repeats(cls, values: npt.NDArray[np.float64], n_sampled: int) -> Self:
        """Return the mean of independent repeats of a score, each from `n_sampled` rows; interval by Student's t.

        With a single repeat the interval is unknown: its bounds are NaN.

        Examples
        --------
        >>> estimate = Estimate.of_repeats(np.array([0.1, 0.2, 0.3]), 50)
        >>> round(estimate.value, 3), round(estimate.low, 3), round(estimate.high, 3)
        (0.2, -0.048, 0.448)
        """
        mean = float(values.mean())
        if len(values) < 2:
            return cls(mean, math.nan, math.nan, n_sampled)
        half = student(len(values) - 1) * float(values.std(ddof=1)) / math.sqrt(len(values))
        return cls(mean, mean - half, mean + half, n_sampled)


@dataclass(frozen=True, slots=True)
class ClusterScores:
    """How well clusters hold together and keep apart.

    Attributes
    ----------
    metric : str
        The metric of the distances.
    silhouette : float
        Mean silhouette of the rows in clusters, in [−1, 1]; NaN with fewer than two clusters.
    silhouette_penalized : float
        Mean silhouette of all rows, each noise row counted as 0: ``silhouette × coverage``.
    estimate : Estimate
        `silhouette` with its interval; `n_sampled` counts the rows measured against all rows of clusters.
    row_error : float
        Difference from the exact silhouette that 95 % of the rows in `samples` stay within; 0 where they are exact.
    coverage : float
        Share of rows that are not noise, in [0, 1]; NaN with no rows.
    null : Estimate
        The silhouette with the labels permuted among the rows in clusters: what no structure looks like. From a
        sample of rows under several permutations; `n_sampled` counts both together.
    reading : str
        `silhouette_reading` of `silhouette`.
    clusters : int32, shape (n_clusters,)
        The labels that occur, ascending, noise left out.
    cluster_sizes : int64, shape (n_clusters,)
        Rows in each.
    cluster_silhouettes : float64, shape (n_clusters,)
        Mean silhouette of the rows of each.
    samples : float64, shape (n_rows,)
        Silhouette of each row, in [−1, 1]; NaN for noise, and for all with fewer than two clusters.
    """

    metric: str
    silhouette: float
    silhouette_penalized: float
    estimate: Estimate
    row_error: float
    coverage: float
    null: Estimate
    reading: str
    clusters: Int32
    cluster_sizes: Int64
    cluster_silhouettes: Float64
    samples: Float64


@dataclass(frozen=True, slots=True)
class MapScores:
    """What a map keeps of the space that it shows.

    Attributes
    ----------
    k : int
        Neighbors that the first three scores look at; 0 where there are too few rows for any.
    trustworthiness : Estimate
        Whether neighbors on the map are neighbors in the space, in [0, 1].
    continuity : Estimate
        Whether neighbors in the space are neighbors on the map, in [0, 1].
    neighborhood_preservation : Estimate
        Share of each row's k neighbors that are the same in both, in [0, 1].
    global_rank_correlation : Estimate
        Spearman's correlation of the distances of pairs in space and on the map, in [−1, 1].
    trustworthiness_null, continuity_null, neighborhood_preservation_null, global_rank_correlation_null : float
        What rows placed at random are expected to score.
    """

    k: int
    trustworthiness: Estimate
    continuity: Estimate
    neighborhood_preservation: Estimate
    global_rank_correlation: Estimate
    trustworthiness_null: float
    continuity_null: float
    neighborhood_preservation_null: float
    global_rank_correlation_null: float


def student(freedom: int) -> float:
    """Return the half-width of a 95 % interval in standard errors, by Student's t with these degrees of freedom.

    Examples
    --------
    >>> round(student(9), 3)
    2.262
    """
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))


def silhouette_reading(value: float) -> str:
    """Return a silhouette in words.

    Examples
    --------
    >>> [silhouette_reading(value) for value in (-0.1, 0.1)]
    ['overlapping', 'weak']
    >>> silhouette_reading(0.35), silhouette_reading(0.7)
    ('moderate, the norm for real data', 'strong, rare outside synthetic data')
    """
    if math.isnan(value):
        return "undefined: fewer than two clusters"
    if value < 0.0:
        return "overlapping"
    if value < 0.2:
        return "weak"
    return "moderate, the norm for real data" if value <= 0.5 else "strong, rare outside synthetic data"
