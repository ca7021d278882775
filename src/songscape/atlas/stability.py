"""Whether groups come back: a catalog refitted from scratch on parts of itself, and with other seeds.

*Subsamples.* Songs are drawn without replacement, four fifths of them each time, and all is done anew: features are
scaled, neighbors sought, the map laid out, groups found. Two such partitions are compared on the songs that both have
(AMI, ARI), and each group of the atlas with its best match in each of them (Jaccard; Hennig 2007,
doi:10.1016/j.csda.2006.11.025).

*Null.* The same with each column of the features permuted on its own, once for all: songs without any groups. A
method carves even those, and partly again in the same places, so this is what agreement starts from, not 0.

*Seeds.* All songs with another seed of the layout, and one of the permuted subsamples likewise as the null. A poor
test: the start of the layout does not depend on the seed, so that even songs without groups agree by much. It is
shown beside its null, to be distrusted.

Intervals: a group's Jaccard index by Student's t over the subsamples; agreements, means over all pairs of n fits, by
the jackknife that leaves out one fit at a time. They tell how exactly the mean over subsamples of this catalog is
known, not what another catalog would give.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.atlas.grouping import DENSE_NEIGHBORS, group_songs
from songscape.atlas.quality import plain, plain_estimate
from songscape.clustering import cluster
from songscape.config import Config
from songscape.embedding import embed
from songscape.errors import InputError, ParameterError, must_be
from songscape.evaluation import Estimate
from songscape.evaluation.agreement import adjusted_mutual_information, adjusted_rand_index, best_jaccard
from songscape.evaluation.records import student
from songscape.features import scale_features
from songscape.neighbors import build_neighbors
from songscape.progress import Progress, silent
from songscape.threads import run_tasks
from songscape.types import Float32, Float64, Int32, Int64

Fit = Callable[[Int64, int], Mapping[str, Int32]]
"""``fit(rows, random_state)``: the groups of some rows by name of the scale, one number a row, −1 for none."""

NULL_FITS = 3
"""Fits of permuted columns that are compared: the fewest that give an interval."""
SEED_STEP = 1
"""What is added to the seed for the fit with another one: a single pair, without an interval; it proves little."""

_STAGE = "stability"


class _Part(NamedTuple):
    """Groups of some rows, told for all."""

    drawn: npt.NDArray[np.bool_]  # (n_rows,)
    labels: Int32  # (n_rows,): −1 for no group, and for rows that were not drawn

    @classmethod
    def of(cls, rows: Int64, labels: Int32, n_rows: int) -> "_Part":
        drawn, whole = np.zeros(n_rows, bool), np.full(n_rows, -1, np.int32)
        drawn[rows], whole[rows] = True, labels
        return cls(drawn, whole)


@dataclass(frozen=True, slots=True, eq=False)
class ScaleStability:
    """How far the groups of one scale come back.

    Attributes
    ----------
    jaccard : float64, shape (n_groups,)
        Mean Jaccard index of each group of the atlas with its best match, in [0, 1]; NaN for a group without songs.
    jaccard_low, jaccard_high : float64, shape (n_groups,)
        Its interval; NaN from a single subsample.
    jaccard_null : float64, shape (n_null_groups,)
        The same index for the groups of permuted columns, by falling value: what groups of nothing reach.
    ami, ari : Estimate
        Agreement of two subsamples.
    ami_null, ari_null : Estimate
        The same for permuted columns; NaN where no null was asked for.
    jaccard_seeds : float64, shape (n_groups,)
        Jaccard index of each group with its best match among those of another seed; NaN where none was asked for.
    jaccard_seeds_null : float64, shape (n_null_groups,)
        The same for groups of permuted columns, by falling value; none where no null or no seed was asked for.
    ami_seeds, ari_seeds : Estimate
        Agreement of two seeds; NaN where none was asked for.
    ami_seeds_null, ari_seeds_null : Estimate
        The same for permuted columns.
    """

    jaccard: Float64
    jaccard_low: Float64
    jaccard_high: Float64
    jaccard_null: Float64
    jaccard_seeds: Float64
    jaccard_seeds_null: Float64
    ami: Estimate
    ari: Estimate
    ami_null: Estimate
    ari_null: Estimate
    ami_seeds: Estimate
    ari_seeds: Estimate
    ami_seeds_null: Estimate
    ari_seeds_null: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Stability:
    """How far groups come back, by scale.

    Attributes
    ----------
    n_subsamples : int
        How often songs were drawn and fitted.
    share : float
        Share of the songs drawn each time.
    scales : dict of str to ScaleStability
        By name of the scale.
    """

    n_subsamples: int
    share: float
    scales: dict[str, ScaleStability]


def measure_stability(
    fit: Fit,
    reference: Mapping[str, Int32],
    *,
    n_subsamples: int = 10,
    share: float = 0.8,
    null: Fit | None = None,
    seeds: bool = True,
    random_state: int = 0,
    progress: Progress = silent,
) -> Stability:
    """Refit parts of a catalog and compare what comes out.

    Parameters
    ----------
    fit : callable
        ``fit(rows, random_state)`` returns the groups of these rows, a dict of int arrays by name of the scale.
        Two calls may run at a time: a fit alone leaves a core idle for a third of its time.
    reference : dict of str to int32, shape (n_rows,)
        The groups of all rows: the scales to be looked at.
    n_subsamples : int
        At least 2.
    share : float
        Share of the rows drawn each time, in [0.5, 1).
    null : callable, optional
        As `fit`, for rows without groups.
    seeds : bool
        Whether all rows are fitted again with another seed, and so is the first subsample of the null.
    random_state : int
        Seed of the subsamples, and of the fits; `reference` should be of the same.
    progress : callable
        Called with the stage stability and a fraction in [0, 1].

    Returns
    -------
    Stability

    Raises
    ------
    ParameterError
        If `n_subsamples` or `share` lies outside its range.
    InputError
        If `reference` has no scale, or scales of different lengths.

    Examples
    --------
    >>> whole = {"halves": (np.arange(100) >= 50).astype(np.int32)}
    >>> stability = measure_stability(lambda rows, seed: {"halves": whole["halves"][rows]}, whole, n_subsamples=3)
    >>> stability.scales["halves"].jaccard.tolist(), stability.scales["halves"].ami.value
    ([1.0, 1.0], 1.0)
    """
    n_rows = _check(reference, n_subsamples, share)
    draws = _draw(n_rows, max(n_subsamples, NULL_FITS), share, random_state)
    plan = {"subsamples": [(fit, rows, random_state) for rows in draws[:n_subsamples]]}
    if null is not None:
        plan["nulls"] = [(null, rows, random_state) for rows in draws[:NULL_FITS]]
    other_seed = (random_state + SEED_STEP) % 2**32
    if seeds:
        plan["seeded"] = [(fit, np.arange(n_rows), other_seed)]
    if seeds and null is not None:
        plan["seeded_nulls"] = [(null, draws[0], other_seed)]
    progress(_STAGE, 0.0)
    found = _carried_out(plan, reference, progress)
    scales = {
        name: _compare(labels, {kind: [parts[name] for parts in fits] for kind, fits in found.items()})
        for name, labels in reference.items()
    }
    progress(_STAGE, 1.0)
    return Stability(n_subsamples, share, scales)


def _carried_out(
    plan: Mapping[str, list[tuple[Fit, Int64, int]]], reference: Mapping[str, Int32], progress: Progress
) -> dict[str, list[dict[str, _Part]]]:
    """Run all fits, two at a time; return for each kind the groups that came out, by name of the scale."""
    fits = [task for kind in plan.values() for task in kind]
    run = [partial(one, rows, seed) for one, rows, seed in fits]
    labels = run_tasks(run, report=lambda done: progress(_STAGE, done))
    parts = iter(
        {name: _Part.of(rows, told[name], len(whole)) for name, whole in reference.items()}
        for (_, rows, _), told in zip(fits, labels, strict=True)
    )
    return {kind: [next(parts) for _ in tasks] for kind, tasks in plan.items()}


def _check(reference: Mapping[str, Int32], n_subsamples: int, share: float) -> int:
    """Return the number of rows."""
    if isinstance(n_subsamples, bool) or not isinstance(n_subsamples, int) or n_subsamples < 2:
        raise ParameterError(must_be("n_subsamples", "an int of at least 2", n_subsamples))
    if not 0.5 <= share < 1.0:
        raise ParameterError(must_be("share", "a float in [0.5, 1)", share))
    lengths = {len(labels) for labels in reference.values()}
    if len(lengths) != 1:
        raise InputError(f"reference must have scales of one length. Got the lengths {sorted(lengths)}.")
    return lengths.pop()


def _draw(n_rows: int, n_draws: int, share: float, random_state: int) -> list[Int64]:
    """Return ascending row numbers of each subsample."""
    generator = np.random.Generator(np.random.PCG64(random_state))
    n_drawn = max(1, round(share * n_rows))
    return [np.sort(generator.choice(n_rows, n_drawn, replace=False)) for _ in range(n_draws)]


def catalog_fits(songs: pl.DataFrame, config: Config, *, clusters: bool = True) -> tuple[Fit, Fit]:
    """Return what fits songs from scratch, and its null.

    Parameters
    ----------
    songs : polars.DataFrame
        One row a song, as `songscape.features.scale_features` takes them.
    config : Config
        All sections count. Its ``random_state`` is replaced by that of each fit.
    clusters : bool
        Whether the plain clusters of the map are wanted beside the groups: they take a map of their own.

    Returns
    -------
    fit, null : callable
        Both return the scales ``coarse``, ``middle``, ``fine`` (the nearest group of every song) and, if wanted,
        ``clusters``. The null permutes each column of the features of all songs, once.
    """

    def fit(rows: Int64, random_state: int) -> dict[str, Int32]:
        return _fit_matrix(scale_features(songs[rows], config.features).X, config, random_state, clusters)

    generator = np.random.Generator(np.random.PCG64(config.evaluation.random_state))
    columns = scale_features(songs, config.features).X.T
    permuted = np.column_stack([generator.permutation(column) for column in columns])

    def null(rows: Int64, random_state: int) -> dict[str, Int32]:
        return _fit_matrix(permuted[rows], config, random_state, clusters)

    return fit, null


def stability_scores(stability: Stability) -> dict[str, Any]:
    """Return a stability as plain data.

    Returns
    -------
    dict
        ``n_subsamples``, ``share``, and by scale under ``scales``: ``ami``, ``ari``, each also with ``_null``,
        ``_seeds`` and ``_seeds_null``, as value, low and high; ``groups``, for each number ``jaccard``, ``low``,
        ``high`` and ``seeds``, and ``null_share`` and ``seeds_null_share``, the share of groups of permuted columns
        that come back as well (None without a null); 5th, 25th, 50th, 75th and 95th percentile over groups as
        ``jaccard_quantiles``, ``jaccard_null_quantiles`` and so on.
    """
    return {
        "n_subsamples": stability.n_subsamples,
        "share": stability.share,
        "scales": {name: _scale_scores(scale) for name, scale in stability.scales.items()},
    }


def _scale_scores(scale: ScaleStability) -> dict[str, Any]:
    indices = [f"{index}{kind}" for index in ("ami", "ari") for kind in ("", "_null", "_seeds", "_seeds_null")]
    columns = zip(scale.jaccard, scale.jaccard_low, scale.jaccard_high, scale.jaccard_seeds, strict=True)
    groups = [
        {
            "jaccard": plain(value),
            "low": plain(low),
            "high": plain(high),
            "null_share": _share_from(value, scale.jaccard_null),
            "seeds": plain(seeds),
            "seeds_null_share": _share_from(seeds, scale.jaccard_seeds_null),
        }
        for value, low, high, seeds in columns
    ]
    kinds = ("jaccard", "jaccard_null", "jaccard_seeds", "jaccard_seeds_null")
    return {
        **{name: plain_estimate(getattr(scale, name)) for name in indices},
        "groups": groups,
        **{f"{kind}_quantiles": _quantiles(getattr(scale, kind)) for kind in kinds},
    }


def _share_from(value: float, null: Float64) -> float | None:
    """Return the share of groups of permuted columns with at least this Jaccard index."""
    return None if len(null) == 0 or math.isnan(value) else float((null >= value).mean())


def _quantiles(values: Float64) -> list[float] | None:
    known = values[np.isfinite(values)]
    return np.quantile(known, (0.05, 0.25, 0.5, 0.75, 0.95)).tolist() if len(known) else None


def _fit_matrix(X: Float32, config: Config, random_state: int, clusters: bool) -> dict[str, Int32]:
    """Run the stages from features to groups."""
    k = max(DENSE_NEIGHBORS if config.groups.space == "dense" else 0, config.embedding.n_neighbors)
    neighbors = build_neighbors(X, k - 1, config.metric, search=config.search)
    found: dict[str, Int32] = {}
    embedding = X[:, :0]
    if clusters or config.groups.space == "map":
        params = config.embedding.with_changes(random_state=random_state)
        embedding = embed(X, neighbors.first(params.n_neighbors - 1), params)
    if clusters:
        found["clusters"] = cluster(embedding, config.clustering.at_size(len(X))).labels
    groups = group_songs(X, neighbors, embedding, config.groups, random_state=random_state)
    return found | {scale.name: scale.nearest for scale in groups.scales}


def _compare(reference: Int32, found: Mapping[str, list[_Part]]) -> ScaleStability:
    """Compare the fits of each kind with each other, and with the groups of the atlas."""
    subsamples, nulls, seeded, seeded_nulls = (
        found.get(kind, []) for kind in ("subsamples", "nulls", "seeded", "seeded_nulls")
    )
    indices = np.array([best_jaccard(reference[part.drawn], part.labels[part.drawn]) for part in subsamples])
    estimates = [_of_known(values) for values in indices.T]
    whole = _Part(np.ones(len(reference), bool), reference)
    value, low, high = (np.array([getattr(one, name) for one in estimates]) for name in ("value", "low", "high"))
    pairs = [*combinations(nulls, 2)], [*zip(nulls[:1], seeded_nulls, strict=False)]
    agreements = {
        f"{index}{kind}": _agreement(parts, function)
        for kind, parts in (
            ("", subsamples),
            ("_null", nulls),
            ("_seeds", [whole, *seeded] if seeded else []),
            ("_seeds_null", [nulls[0], *seeded_nulls] if seeded_nulls else []),
        )
        for index, function in (("ami", adjusted_mutual_information), ("ari", adjusted_rand_index))
    }
    return ScaleStability(
        jaccard=value,
        jaccard_low=low,
        jaccard_high=high,
        jaccard_null=_by_falling_value(pairs[0]),
        jaccard_seeds=best_jaccard(reference, seeded[0].labels) if seeded else np.full(len(value), math.nan),
        jaccard_seeds_null=_by_falling_value(pairs[1]),
        **agreements,
    )


def _by_falling_value(pairs: Sequence[tuple[_Part, _Part]]) -> Float64:
    """Return the Jaccard indices of the groups of some pairs of fits."""
    indices = np.concatenate([np.zeros(0), *(best_jaccard(*_common(a, b)) for a, b in pairs)])
    return -np.sort(-indices[np.isfinite(indices)])


def _of_known(values: Float64) -> Estimate:
    """Return the mean over the subsamples that drew any song of a group."""
    known = values[np.isfinite(values)]
    return Estimate.of_repeats(known, len(known)) if len(known) else Estimate.undefined()


def _common(a: _Part, b: _Part) -> tuple[Int32, Int32]:
    both = a.drawn & b.drawn
    return a.labels[both], b.labels[both]


def _agreement(parts: list[_Part], index: Callable[[Int32, Int32], float]) -> Estimate:
    """Return the mean of an index over all pairs of fits, with the jackknife's interval over the fits."""
    n = len(parts)
    if n < 2:
        return Estimate.undefined()
    pairs = list(combinations(range(n), 2))
    values = np.array([index(*_common(parts[a], parts[b])) for a, b in pairs])
    n_common = int((parts[0].drawn & parts[1].drawn).sum())
    mean = float(values.mean())
    if n == 2 or math.isnan(mean):
        return Estimate(mean, math.nan, math.nan, n_common)
    without = np.array([values[[left not in pair for pair in pairs]].mean() for left in range(n)])
    half = student(n - 1) * math.sqrt((n - 1) / n * float(((without - without.mean()) ** 2).sum()))
    return Estimate(mean, mean - half, min(mean + half, 1.0), n_common)  # full agreement is 1, whatever the spread
