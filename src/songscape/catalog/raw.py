"""What every reader returns: a table as it stands in the file, nothing interpreted yet."""

import json
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from songscape.errors import InputError

MOST_COLUMNS = 1000
"""A table has at most so many columns."""

Reject = tuple[int, str, str]
"""A row that could not be used: line, reason, raw text."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """One file or table before cleaning.

    Attributes
    ----------
    name : str
        File name, or ``<table>`` for a table in memory.
    format : str
        ``csv``, ``json``, ``json lines``, ``parquet``, ``arrow`` or ``table``.
    headers : list of str
        Column headers as they stand there; may repeat.
    frame : polars.DataFrame
        Columns ``c0``, ``c1``, … beside `headers`.
    lines : polars.Series, int64
        Where each row begins: physical line from 1, or row number from 1 where there are no lines.
    texts : polars.Series or None
        Raw text of each row, where the format has one.
    rejects : list of (line, reason, raw)
        Rows that the reader could not take apart.
    sha256 : str or None
        Of the bytes of the file.
    details : dict
        Encoding, delimiter and the like, as plain data.
    """

    name: str
    format: str
    headers: list[str]
    frame: pl.DataFrame
    lines: pl.Series
    texts: pl.Series | None = None
    rejects: list[Reject] = field(default_factory=list)
    sha256: str | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def raw_texts(self, rows: pl.Series) -> list[str]:
        """Return the raw text of the rows where the Boolean series is true."""
        if self.texts is not None:
            return self.texts.filter(rows).to_list()
        chosen = self.frame.filter(rows)
        chosen.columns = unique_names(self.headers)
        return [json.dumps(row, ensure_ascii=False, default=str) for row in chosen.iter_rows(named=True)]


def refuse_too_many(headers: list[str], name: str) -> None:
    """Raise `InputError` where a table has more columns than are read."""
    if len(headers) > MOST_COLUMNS:
        raise InputError(
            f"'{name}' has {len(headers)} columns; at most {MOST_COLUMNS} are read. Leave out what is not needed."
        )


def internal_names(count: int) -> list[str]:
    """Return the column names that `RawTable.frame` uses."""
    return [f"c{position}" for position in range(count)]


def unique_names(headers: list[str], taken: tuple[str, ...] = ()) -> list[str]:
    """Return the headers made unique: ``_2`` and so on behind repeats, ``_original`` behind names taken already.

    Examples
    --------
    >>> unique_names(["mood", "mood", "", "energy"], taken=("energy",))
    ['mood', 'mood_2', 'column_3', 'energy_original']
    """
    seen = set(taken)
    unique = []
    for position, header in enumerate(headers, start=1):
        base = header.strip() or f"column_{position}"
        base = f"{base}_original" if base in taken else base
        name, count = base, 1
        while name in seen:
            count += 1
            name = f"{base}_{count}"
        seen.add(name)
        unique.append(name)
    return unique
