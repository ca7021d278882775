"""The account of one column: what was decided about it, what was cleared and mended in it.

What is judged from a whole column (its scale, its filler, what a comma means) is a decision. Decisions that were made
on a sample of a file are given to all of its blocks, so that no block is read differently from the others.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

_SHOWN = 60  # characters of an example
_EXAMPLES = 3

Decisions = dict[str, dict[str, Any]]
"""What was judged from whole columns: canonical name → what → verdict."""

NONE_YET: Decisions = {}


@dataclass(slots=True)
class Ledger:
    """What was found, cleared and mended in one column."""

    source: list[str]
    scale: str | None = None
    cleared: list[dict[str, Any]] = field(default_factory=list)
    mended: list[dict[str, Any]] = field(default_factory=list)
    decided: dict[str, Any] = field(default_factory=dict)

    def decide(self, what: str, judge: Callable[[], Any]) -> Any:
        """Return what was decided before, on a sample of the file; else what the column itself says."""
        if what not in self.decided:
            self.decided[what] = judge()
        return self.decided[what]

    def clear(self, values: pl.Series, bad: pl.Series, raw: pl.Series, reason: str) -> pl.Series:
        """Return the values with null where `bad`; the count and examples of `raw` are written down."""
        bad = bad.fill_null(False)
        count = int(bad.sum())
        if count == 0:
            return values
        self.write(reason, raw.filter(bad))
        return pl.select(pl.when(~bad).then(values)).to_series()

    def write(self, reason: str, raw: pl.Series) -> None:
        """Write down what was cleared; `raw` holds the values as they stood."""
        self.cleared.append(_counted(reason, raw))

    def mend(self, reason: str, raw: pl.Series) -> None:
        """Write down what was mended; `raw` holds the values as they stood."""
        if len(raw):
            self.mended.append(_counted(reason, raw.str.slice(0, _SHOWN)))

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        found = {"source": self.source, "scale": self.scale, "cleared": self.cleared}
        return found | ({"mended": self.mended} if self.mended else {})


@dataclass(frozen=True, slots=True)
class Change:
    """Values of a column that became missing or were mended: why, how many, and a few as they stood."""

    column: str
    reason: str
    count: int
    examples: tuple[str, ...]


def changes_of(notes: Mapping[str, Any]) -> list[Change]:
    """Return what became missing or was mended in a catalog with these notes, files taken together."""
    return taken_together(
        Change(column, entry["reason"], entry["count"], tuple(entry["examples"]))
        for file in notes.get("files", [])
        for column, ledger in file["columns"].items()
        for entry in [*ledger["cleared"], *ledger.get("mended", [])]
    )


def taken_together(changes: Iterable[Change]) -> list[Change]:
    """Return one change for each column and reason."""
    found: dict[tuple[str, str], Change] = {}
    for change in changes:
        key = (change.column, change.reason)
        before = found.get(key, Change(*key, 0, ()))
        examples = tuple(dict.fromkeys(before.examples + change.examples))[:_EXAMPLES]
        found[key] = Change(*key, before.count + change.count, examples)
    return list(found.values())


def _counted(reason: str, raw: pl.Series) -> dict[str, Any]:
    examples = [str(value) for value in raw.unique(maintain_order=True).head(_EXAMPLES).to_list()]
    return {"reason": reason, "count": len(raw), "examples": examples}
