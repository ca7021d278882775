"""Which columns go together: one matrix for numbers and categories, and pictures of the strongest pairs."""

from dataclasses import dataclass

import numpy as np

from songscape.exploration.bins import density
from songscape.exploration.measures import (
    contingency,
    correlation_ratio,
    cramers_v,
    grouped_quantiles,
    spearman_matrix,
)
from songscape.exploration.plain import Figure, Finding, Item, Part, item, matrix, table
from songscape.exploration.view import View, axis_label
from songscape.types import Float64, Int64
from songscape.wording import short

STRONGEST = 6
"""Pairs that get a picture."""

LISTED = 20
"""Pairs in the table of the strongest."""

NOTABLE = 0.1
"""Below this association a pair gets no picture and no sentence."""

MIN_ROWS = 50
SURE = 4.0
"""A picture and a sentence need this many rows, and an association of `SURE` standard errors."""

MAX_BOXES = 12
BOX_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_MIN_IN_BOX = 5
_BETWEEN = {"explicit": "between explicit and clean tracks", "mode": "between major and minor"}


@dataclass(frozen=True, slots=True)
class Associations:
    """The association of all pairs of columns.

    Attributes
    ----------
    names : tuple of str
        Numeric columns first, then categories.
    n_numbers : int
        How many of them are numeric.
    values : float64, shape (n_columns, n_columns)
        Symmetric. Between numbers: Spearman, in [−1, 1]; between a category and a number: the corrected correlation
        ratio, in [0, 1]; between categories: the bias-corrected Cramér's V, in [0, 1]. NaN where undefined.
    rows : int64, shape (n_columns, n_columns)
        Tracks that know both.
    """

    names: tuple[str, ...]
    n_numbers: int
    values: Float64
    rows: Int64

    def measure(self, i: int, j: int) -> str:
        """Return the name of the measure of a pair."""
        numeric = (i < self.n_numbers) + (j < self.n_numbers)
        return ("Cramér's V", "correlation ratio", "Spearman")[numeric]

    def pairs(self) -> list[tuple[int, int]]:
        """Return all defined pairs i < j, the strongest first; ties in the order of the columns."""
        rows, columns = np.triu_indices(len(self.names), 1)
        strength = np.abs(self.values[rows, columns])
        order = np.argsort(-np.nan_to_num(strength, nan=-1.0), kind="stable")
        return [(int(rows[at]), int(columns[at])) for at in order if not np.isnan(strength[at])]

    def is_sure(self, pair: tuple[int, int]) -> bool:
        """Return whether the pair is worth a picture and a sentence: strong enough, and far from what chance gives.

        Unrelated columns have a Spearman correlation of standard deviation 1 / √(n − 1); `SURE` times that is asked.
        """
        rows = int(self.rows[pair])
        return rows >= MIN_ROWS and bool(abs(self.values[pair]) >= max(NOTABLE, SURE / np.sqrt(rows - 1)))


def associations(view: View) -> Associations:
    """Return the association matrix of all columns that vary."""
    numbers = {name: values for name, values in view.numbers.items() if np.nanmin(values) < np.nanmax(values)}
    groups = {name: found for name, found in view.categories.items() if (found.counts > 0).sum() > 1}
    m, size = len(numbers), len(numbers) + len(groups)
    if not size:
        return Associations((), 0, np.empty((0, 0)), np.empty((0, 0), dtype=np.int64))
    values = np.full((size, size), np.nan)
    values[:m, :m] = spearman_matrix(list(numbers.values()))
    for i, group in enumerate(groups.values(), start=m):
        for j, column in enumerate(numbers.values()):
            values[i, j] = values[j, i] = correlation_ratio(group.codes, column)
        for j, other in enumerate(list(groups.values())[: i - m], start=m):
            values[i, j] = values[j, i] = cramers_v(contingency(group.codes, other.codes))
    np.fill_diagonal(values, 1.0)
    known = [~np.isnan(column) for column in numbers.values()] + [group.codes >= 0 for group in groups.values()]
    counts = np.array([[np.count_nonzero(one & other) for other in known] for one in known], dtype=np.int64)
    return Associations((*numbers, *groups), m, np.round(values, 4), counts)


def relations(view: View, found: Associations) -> Part:
    """Return the matrix, the table of the strongest pairs and their pictures, and sentences (time has its own)."""
    pairs = found.pairs()
    if not pairs:
        return Part()
    sure = [pair for pair in pairs if found.is_sure(pair)]
    items = [_matrix(found), _strongest(found, pairs), *(_picture(view, found, pair) for pair in sure[:STRONGEST])]
    timeless = [pair for pair in sure if "year" not in (found.names[pair[0]], found.names[pair[1]])]
    return Part(items, [_sentence(found, pair) for pair in timeless])


def _matrix(found: Associations) -> Item:
    note = (
        "Numbers with numbers: Spearman's rank correlation, −1 to 1. Categories with numbers: the correlation ratio,"
        " corrected for the number of categories; categories with categories: Cramér's V, bias-corrected; both 0"
        " to 1, without a direction. Each pair over the tracks that know both; genre is the first of each track, the"
        " most frequent 20 apart."
    )
    figure = matrix(found.names, found.names, found.values, low=-1.0, high=1.0)
    return item("associations", "What goes with what", note, figure=figure)


def _strongest(found: Associations, pairs: list[tuple[int, int]]) -> Item:
    rows = [
        [f"{found.names[i]} – {found.names[j]}", found.measure(i, j), found.values[i, j]] for i, j in pairs[:LISTED]
    ]
    return item("strongest", "The strongest pairs", table=table(["pair", "measure", "value"], rows, "llr"))


def _picture(view: View, found: Associations, pair: tuple[int, int]) -> Item:
    one, other = (found.names[place] for place in pair)
    measure = found.measure(*pair)
    note = f"{measure[0].upper()}{measure[1:]} {short(float(found.values[pair]))}."
    if pair[1] < found.n_numbers:
        figure = density(view.numbers[one], view.numbers[other], axis_label(one), axis_label(other))
    elif pair[0] < found.n_numbers:
        figure = _boxes(view, other, one)
        note += (
            f" Boxes from quartile to quartile, whiskers from 5 % to 95 % of the tracks, for each value of {other}."
        )
    else:
        figure = _row_shares(view, one, other)
        note += f" Share of each value of {other} among the tracks of each {one}: rows add up to 1."
    return item(f"pair-{one}-{other}", f"{one} and {other}".capitalize(), note, figure=figure)


def _boxes(view: View, category: str, name: str) -> Figure:
    """Return a box of a number for each of the most frequent categories; none for those of fewer than five tracks."""
    group = view.categories[category].head(MAX_BOXES)
    known = np.bincount(group.codes[(group.codes >= 0) & ~np.isnan(view.numbers[name])], minlength=len(group.names))
    found = grouped_quantiles(group.codes, len(group.names), {name: view.numbers[name]}, BOX_QUANTILES)[name]
    drawn = np.flatnonzero(known >= min(_MIN_IN_BOX, known.max()))
    labels = [group.names[place] for place in drawn]
    return {"kind": "boxes", "labels": labels, "boxes": found[drawn], "xlabel": axis_label(name)}


def _row_shares(view: View, one: str, other: str) -> Figure:
    left, right = view.categories[one].head(MAX_BOXES), view.categories[other].head(MAX_BOXES)
    counts = contingency(left.codes, right.codes)
    rows = np.flatnonzero(counts.any(axis=1))
    columns = np.flatnonzero(counts.any(axis=0))
    counts = counts[np.ix_(rows, columns)]
    values = np.round(counts / counts.sum(axis=1, keepdims=True), 4)
    return matrix([left.names[row] for row in rows], [right.names[at] for at in columns], values, low=0.0, high=1.0)


def _sentence(found: Associations, pair: tuple[int, int]) -> Finding:
    one, other = (found.names[place] for place in pair)
    value = float(found.values[pair])
    measure = f"{found.measure(*pair)} {short(value)}"
    strength = "strongly " if abs(value) >= 0.5 else ""
    if pair[1] < found.n_numbers:
        how = "rise together" if value > 0 else "go opposite ways"
        text = f"{one.capitalize()} and {other} {strength}{how} ({measure})."
    elif pair[0] < found.n_numbers:
        text = f"{one.capitalize()} differs {strength}{_BETWEEN.get(other, f'from {other} to {other}')} ({measure})."
    else:
        text = f"{one.capitalize()} and {other} are {strength}tied to each other ({measure})."
    return Finding("relation", f"{one} – {other}", abs(value), text)


def carries_the_same(found: Associations, limit: float) -> list[list[object]]:
    """Return the pairs whose association is at least `limit`: two columns that tell nearly the same thing."""
    pairs = [(i, j) for i, j in found.pairs() if abs(found.values[i, j]) >= limit]
    names = found.names
    return [[names[i], names[j], f"{found.measure(i, j)} {short(float(found.values[i, j]))}"] for i, j in pairs]
