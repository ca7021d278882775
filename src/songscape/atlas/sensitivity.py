"""What each block and each treatment of the features does to the scores: one change at a time against the base.

Changes: every block of the metric left out, and doubled; every other block taken in with weight 1; artist discounting
and folding of tempo turned over. Deltas are score minus the base's.

*Chance.* Two controls stand beside them, which change nothing that matters: another seed of the layout, and nine
tenths of the songs. A delta that is no larger than the larger of theirs says nothing. For agreement with labels the
interval of the delta is told as well, from the bootstrap of both; it takes them for independent, so it is too wide
rather than too narrow.
"""

import itertools
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from songscape.atlas.quality import plain
from songscape.atlas.record import representatives
from songscape.atlas.sweep import PARTITIONS, Bench, configured, neighbors_needed
from songscape.catalog.record import Catalog
from songscape.config import BLOCKS, Config
from songscape.errors import ParameterError, SongscapeError, must_be
from songscape.evaluation.agreement import adjusted_rand_index
from songscape.progress import Progress, silent
from songscape.types import Int32

SCORES = (
    "silhouette_features",
    "silhouette_map",
    "dbcv_features",
    "trustworthiness",
    "continuity",
    "ami_genre",
    "ami_emotion",
    "ami_decade",
    "hub_skewness",
    "largest",
)
"""The scores whose deltas are told."""

_KEPT = 0.9  # of the songs, in the second control
_STAGE = "sensitivity"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity:
    """What changes of the features do to the scores.

    Attributes
    ----------
    partition : str
        What was scored.
    base : dict
        Scores of the base; ``seconds``.
    changes, controls : list of dict
        For each: ``change`` in words; ``parameters``, what was set; ``scores``; ``deltas`` by name of the score,
        None where one side is unknown; ``halves``, half of the delta's 95 % interval, where it is known;
        ``same_groups``, the ARI of its groups with those of the base, on the songs of both; ``seconds``; ``error``.
    chance : dict of str to float
        The largest delta of the controls by score, without its sign.
    """

    partition: str
    base: Row
    changes: list[Row]
    controls: list[Row]
    chance: dict[str, float]


def measure_sensitivity(
    catalog: Catalog, config: Config | None = None, *, partition: str = "coarse", progress: Progress = silent
) -> Sensitivity:
    """Change one block or treatment of the features at a time, and compare the scores with those of the base.

    Parameters
    ----------
    catalog : Catalog
        From `songscape.read_catalog`.
    config : Config, optional
        The base.
    partition : {"clusters", "coarse", "middle", "fine"}
        What is scored.
    progress : callable
        Called with the stage sensitivity and a fraction in [0, 1].

    Returns
    -------
    Sensitivity
        A change that cannot be made is a row with its error.

    Raises
    ------
    ParameterError
        If `catalog` or `partition` is something else.
    InputError
        If the base itself cannot be computed.

    Examples
    --------
    >>> import songscape
    >>> catalog = songscape.read_catalog(songscape.synthesize_tracks(200, random_state=0))
    >>> found = measure_sensitivity(catalog)
    >>> [row["change"] for row in found.changes][:2], [row["change"] for row in found.controls]
    (['sound left out', 'sound doubled'], ['another seed', 'nine tenths of the songs'])
    """
    if not isinstance(catalog, Catalog):
        raise ParameterError(must_be("catalog", "a Catalog, from songscape.read_catalog", type(catalog)))
    if partition not in PARTITIONS:
        raise ParameterError(must_be("partition", "one of " + ", ".join(map(repr, PARTITIONS)), partition))
    base = config or Config()
    songs = catalog.tracks[representatives(catalog.tracks)]
    asked = changes_of(base)
    steps = itertools.count()
    n_steps = len(asked) + 3

    k = neighbors_needed(base, partition)
    bench = Bench(songs, partition, k)
    start = time.perf_counter()
    progress(_STAGE, next(steps) / n_steps)
    scores = bench.scores(base) | {"seconds": round(time.perf_counter() - start, 2)}
    labels = bench.labels
    seed = {"embedding.random_state": (base.embedding.random_state + 1) % 2**32}
    progress(_STAGE, next(steps) / n_steps)
    controls = [_measured(bench, base, "another seed", seed, scores, labels)]
    progress(_STAGE, next(steps) / n_steps)
    drawn = songs.with_row_index("row").sample(fraction=_KEPT, seed=base.evaluation.random_state).sort("row")
    rows = drawn["row"].to_numpy()
    fewer = Bench(drawn.drop("row"), partition, k)
    controls.append(_measured(fewer, base, "nine tenths of the songs", {}, scores, labels[rows]))
    changes = []
    for change, setting in asked:
        progress(_STAGE, next(steps) / n_steps)
        changes.append(_measured(bench, base, change, setting, scores, labels))
    progress(_STAGE, 1.0)
    chance = {name: _largest(controls, name) for name in SCORES}
    known = {name: value for name, value in chance.items() if value is not None}
    return Sensitivity(partition, scores, changes, controls, known)


def changes_of(base: Config) -> list[tuple[str, dict[str, Any]]]:
    """Return the changes of a base in words, and the parameters that they set.

    Examples
    --------
    >>> [change for change, _ in changes_of(Config())][6:8], len(changes_of(Config()))
    (['tonality taken in', 'emotion taken in'], 14)
    """
    found: list[tuple[str, dict[str, Any]]] = []
    for block in BLOCKS:
        name, weight = f"features.blocks.{block}", base.features.block_weight(block)
        if weight > 0.0:
            found += [(f"{block} left out", {name: 0.0}), (f"{block} doubled", {name: 2.0 * weight})]
        else:
            found.append((f"{block} taken in", {name: 1.0}))
    discounted, folded = base.features.discount_artists, base.features.fold_tempo
    found.append((f"{'no ' if discounted else ''}artist discounting", {"features.discount_artists": not discounted}))
    found.append((f"tempo {'not ' if folded else ''}folded", {"features.fold_tempo": not folded}))
    return found


def _measured(bench: Bench, base: Config, change: str, setting: Mapping[str, Any], scores: Row, labels: Int32) -> Row:
    """Return the row of one change; `labels` are the groups of the base on the songs of the bench."""
    start = time.perf_counter()
    row: Row = {"change": change, "parameters": dict(setting), "error": None}
    config = configured(base, setting)
    try:
        if isinstance(config, str):
            raise ParameterError(config)
        found = bench.scores(config)
    except (SongscapeError, MemoryError) as error:
        return row | {"error": str(error) or "The machine's memory is used up.", "scores": {}, "deltas": {}}
    deltas = {name: _delta(found.get(name), scores.get(name)) for name in SCORES}
    halves = {name: _half(found, scores, name) for name in SCORES}
    return row | {
        "scores": found,
        "deltas": deltas,
        "halves": {name: half for name, half in halves.items() if half is not None},
        "same_groups": plain(adjusted_rand_index(labels, bench.labels)),
        "seconds": round(time.perf_counter() - start, 2),
    }


def _delta(value: float | None, usual: float | None) -> float | None:
    return None if value is None or usual is None else value - usual


def _half(found: Row, scores: Row, name: str) -> float | None:
    one, other = found.get(f"{name}_half"), scores.get(f"{name}_half")
    return None if one is None or other is None else math.hypot(one, other)


def _largest(controls: list[Row], name: str) -> float | None:
    known = [abs(row["deltas"][name]) for row in controls if row["deltas"].get(name) is not None]
    return max(known, default=None)
