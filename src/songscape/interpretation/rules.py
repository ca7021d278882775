"""Rules: at most three comparisons on readable units that together single out a group.

Found by beam search over thresholds at quantiles of the catalog, by F1 on one half of the songs; told with precision,
recall and F1 on the other half, whose artists the search has not seen. Halves are divided by a checksum of the
artist's name, so they are the same in every run. Of large catalogs every so many-th song takes part.
"""

import math
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.interpretation.columns import NumericColumn
from songscape.interpretation.examples import main_artists
from songscape.interpretation.records import Condition, Rule, Side
from songscape.types import Float64, Int32, Int64

SAMPLE = 20_000
MAX_CONDITIONS = 3
MIN_GAIN = 0.01
"""What a further condition must add to F1: a shorter rule is worth more than the last percent."""

_BEAM = 8
_QUANTILES = np.array([1, 2, 5, *range(10, 95, 5), 95, 98, 99]) / 100.0
_STEPS = {"tempo": 1.0, "duration": 5.0, "loudness": 0.5, "year": 1.0, "popularity": 1.0}
_DECIMALS = {"loudness": 1, "tempo": 0, "duration": 0, "year": 0, "popularity": 0}
_Z95 = 1.959963984540054
_Bits = npt.NDArray[np.uint64]


class _Half(NamedTuple):
    """One half of the songs: which conditions hold where, as bits, and the group of each song."""

    holds: npt.NDArray[np.bool_]
    bits: _Bits
    labels: Int32


def find_rules(songs: pl.DataFrame, columns: list[NumericColumn], labels: Int32, n_groups: int) -> list[Rule | None]:
    """Return the best rule for each group, None where none is better than chance on songs it was not fitted on."""
    rows = np.arange(0, len(labels), max(1, -(-len(labels) // SAMPLE)))
    readable = [column for column in columns if not column.held_out or column.name == "duration"]
    conditions = [condition for column in readable if column.name != "mode" for condition in _conditions(column)]
    if not conditions:
        return [None] * n_groups
    values = {column.name: column.values[rows] for column in readable}
    holds = np.array([_where(condition, values[condition.feature]) for condition in conditions])
    first = _first_half(main_artists(songs[rows]), rows)
    fit, judge = (_half(holds[:, part], labels[rows][part]) for part in (first, ~first))
    return [_judged(conditions, _search(fit, group), judge, group) for group in range(n_groups)]


def _conditions(column: NumericColumn) -> list[Condition]:
    """Return comparisons with round thresholds near the quantiles of a column, both ways."""
    step = _STEPS.get(column.name, 0.01)
    known = column.values[~np.isnan(column.values)]
    thresholds = np.unique(np.round(np.quantile(known, _QUANTILES) / step)) * step
    decimals = _DECIMALS.get(column.name, 2)
    unit = f" {column.unit}" if column.unit else ""
    sides: tuple[Side, Side] = (">", "<")
    return [
        Condition(
            column.name,
            side,
            round(float(threshold), decimals),
            f"{column.name} {side} {threshold:.{decimals}f}{unit}",
        )
        for threshold in thresholds
        for side in sides
        if (known > threshold).any() and (known < threshold).any()
    ]


def _where(condition: Condition, values: Float64) -> npt.NDArray[np.bool_]:
    """Return where a condition holds; nowhere that the value is unknown."""
    return values > condition.threshold if condition.side == ">" else values < condition.threshold


def _first_half(artists: pl.Series, rows: Int64) -> npt.NDArray[np.bool_]:
    """Return the songs to fit on: by a checksum of the artist, of the row where none is known.

    Where one artist has most songs, halves by artist would be no halves: then rows are divided.
    """
    names = artists.to_list()
    marks = [name.casefold() if name else f"row {row}" for name, row in zip(names, rows.tolist(), strict=True)]
    first = np.array([zlib.crc32(mark.encode()) % 2 == 0 for mark in marks], dtype=np.bool_)
    if not 0.25 <= first.mean() <= 0.75:
        first = np.array([zlib.crc32(f"row {row}".encode()) % 2 == 0 for row in rows.tolist()], dtype=np.bool_)
    return first


def _half(holds: npt.NDArray[np.bool_], labels: Int32) -> _Half:
    return _Half(holds, _packed(holds), labels)


def _packed(holds: npt.NDArray[np.bool_]) -> _Bits:
    padded = np.pad(holds, ((0, 0), (0, -holds.shape[1] % 64)))
    return np.ascontiguousarray(np.packbits(padded, axis=1)).view(np.uint64)


def _search(fit: _Half, group: int) -> tuple[int, ...]:
    """Return the conditions of the best rule by F1 on the rows to fit on; none where nothing is found."""
    members = np.flatnonzero(fit.labels == group)
    if not len(members) or not fit.bits.shape[1]:
        return ()
    own = _packed(fit.holds[:, members])
    beam: list[tuple[int, ...]] = [()]
    best: tuple[int, ...] = ()
    best_f1 = 0.0
    for _ in range(MAX_CONDITIONS):
        grown = _grown(beam, fit.bits, own, len(members), best_f1 + MIN_GAIN)
        if not grown:
            break
        if grown[0][1] > best_f1 + MIN_GAIN:
            best, best_f1 = grown[0]
        beam = [rule for rule, _ in grown]
    return best


def _grown(
    beam: list[tuple[int, ...]], bits: _Bits, own: _Bits, n_members: int, floor: float
) -> list[tuple[tuple[int, ...], float]]:
    """Return the best rules with one condition more than those of the beam, with their F1; best first.

    F1 = 2 true / (hits + members), and hits are at least the true ones: where even that stays below the floor, no
    longer rule can pass it either.
    """
    true = np.bitwise_count(_joined(beam, own)[:, None] & own[None]).sum(axis=2, dtype=np.int64)
    of_beam, added = np.nonzero(2.0 * true > floor * (true + n_members))
    both = bits[added]
    both &= _joined(beam, bits)[of_beam]
    hits = np.bitwise_count(both).sum(axis=1, dtype=np.int64)
    f1 = 2.0 * true[of_beam, added] / (hits + n_members)
    grown: dict[tuple[int, ...], float] = {}
    for i in np.argsort(-f1, kind="stable"):
        rule = tuple(sorted({*beam[of_beam[i]], int(added[i])}))
        grown.setdefault(rule, float(f1[i]))
        if len(grown) == _BEAM:
            break
    return list(grown.items())


def _joined(beam: list[tuple[int, ...]], bits: _Bits) -> _Bits:
    """Return where all conditions of each rule hold; everywhere for a rule without any."""
    everywhere = np.full(bits.shape[1], ~np.uint64(0))
    return np.array([np.bitwise_and.reduce(bits[list(rule)], axis=0) if rule else everywhere for rule in beam])


def _judged(conditions: list[Condition], found: tuple[int, ...], judge: _Half, group: int) -> Rule | None:
    """Return the rule with its scores on the other half; None where it is not clearly better than chance there."""
    members = judge.labels == group
    if not found or not members.any():
        return None
    hit = judge.holds[list(found)].all(axis=0)
    true, hits, n_members = int((hit & members).sum()), int(hit.sum()), int(members.sum())
    precision_low, precision_high = wilson(true, hits)
    if precision_low <= n_members / len(members):
        return None
    recall_low, recall_high = wilson(true, n_members)
    kept = tuple(sorted((conditions[j] for j in found), key=lambda condition: (condition.feature, condition.side)))
    return Rule(
        conditions=kept,
        text=rule_text(kept),
        precision=true / hits,
        precision_low=precision_low,
        precision_high=precision_high,
        recall=true / n_members,
        recall_low=recall_low,
        recall_high=recall_high,
        f1=2.0 * true / (hits + n_members),
        n_judged=n_members,
    )


def rule_text(conditions: Sequence[Condition]) -> str:
    """Return conditions in words; two on one feature become a range.

    Examples
    --------
    >>> low, high = Condition("tempo", ">", 90, "tempo > 90 BPM"), Condition("tempo", "<", 120, "tempo < 120 BPM")
    >>> rule_text([high, Condition("energy", ">", 0.5, "energy > 0.50"), low])
    '90 < tempo < 120 BPM and energy > 0.50'
    """
    texts: dict[str, str] = {}
    for condition in conditions:
        other = next(
            (one for one in conditions if one.feature == condition.feature and one.side != condition.side), None
        )
        if other is None:
            texts[condition.feature] = condition.text
        else:
            low, high = (condition, other) if condition.side == ">" else (other, condition)
            bound = low.text.removeprefix(f"{low.feature} > ").split(" ")[0]
            texts[condition.feature] = f"{bound} < {high.text}"
    return " and ".join(texts.values())


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share (1927, doi:10.1080/01621459.1927.10502953); (0, 1) of no trials.

    Examples
    --------
    >>> [round(bound, 4) for bound in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    if trials == 0:
        return 0.0, 1.0
    share, z2 = successes / trials, _Z95**2
    center = share + z2 / (2.0 * trials)
    half = _Z95 * math.sqrt(share * (1.0 - share) / trials + z2 / (4.0 * trials**2))
    width = 1.0 + z2 / trials
    return max(0.0, (center - half) / width), min(1.0, (center + half) / width)
