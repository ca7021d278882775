"""The catalog: a cleaned table of tracks and the account of how it came about."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

REJECTS_SCHEMA = {"file": pl.String(), "line": pl.Int64(), "reason": pl.String(), "raw": pl.String()}


@dataclass(frozen=True, slots=True, repr=False)
class Catalog:
    """A cleaned catalog: one row a track.

    Attributes
    ----------
    tracks : polars.DataFrame, n_tracks rows
        In this order: all canonical columns (null where unknown; see ``docs/formats.md`` for units), the user's
        other columns as they were, and

        - ``version_family`` int32: number of the song's family, from 0 in order of first appearance;
        - ``is_representative`` bool: true for exactly one track of each family;
        - ``source_file`` text, ``source_line`` int64: where the row begins (in a table without lines: row number
          from 1).
    rejects : polars.DataFrame
        Rows that could not be used: ``file``, ``line`` (as ``source_line``), ``reason``, ``raw`` text.
    notes : dict
        Plain data on what was understood and what was cleared, one entry a file under ``"files"``.
    inputs : list of dict
        One entry a file: ``file``, ``sha256`` (None for a table in memory), ``rows``, ``format``.
    seconds : float
        How long reading took.
    """

    tracks: pl.DataFrame
    rejects: pl.DataFrame
    notes: dict[str, Any] = field(default_factory=dict)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    def __len__(self) -> int:
        """Return the number of tracks."""
        return self.tracks.height

    def __repr__(self) -> str:
        """Return one line: sizes, not the table itself."""
        return "Catalog(" + ", ".join(f"{count} {name}" for name, count in self.summary().items()) + ")"

    def summary(self) -> dict[str, int]:
        """Return ``rows_read``, ``rows_rejected``, ``tracks`` and ``version_families`` as a plain dict."""
        return {
            "rows_read": self.tracks.height + self.rejects.height,
            "rows_rejected": self.rejects.height,
            "tracks": self.tracks.height,
            "version_families": int(self.tracks["is_representative"].sum()),
        }

    def unrecognized(self) -> list[str]:
        """Return the columns of the files that nothing was recognized in, each once."""
        files = self.notes.get("files", [])
        return list(dict.fromkeys(column for file in files for column in file["other_columns"]))

    def nameless(self) -> str | None:
        """Return a sentence on titles and artists that no track has, and what to do; None where there are some."""
        lacking = [name for name in ("title", "artists") if self.tracks[name].null_count() == len(self.tracks)]
        if not lacking:
            return None
        strange = self.unrecognized()
        named = f" If one of {', '.join(strange[:5])} holds them: --column {lacking[0]}=NAME." if strange else ""
        return f"No track has {' or '.join(lacking)}: lists and cards cannot name them.{named}"

    def write_rejects(self, path: str | os.PathLike[str]) -> None:
        """Write `rejects` as CSV, aside first, then renamed."""
        target = Path(path)
        aside = target.with_name(f".{target.name}.partial")
        self.rejects.write_csv(aside)
        aside.replace(target)
