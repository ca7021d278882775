"""The tracks of all parts as one table that is never held as a whole: it is walked in batches."""

import contextlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.errors import AtlasError
from songscape.parts.dataset import MANIFEST, parts_folder, read_manifest, require_whole_parts
from songscape.threads import run_tasks
from songscape.types import Int64

BATCH = 65_536
"""Tracks that are looked at together, the most of a part that is held; two batches may be held at once."""

ROW = "row"
"""The column that each batch has beside those of the parts: the row over all parts, int64."""

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class PartTable:
    """The tracks of all parts, part after part.

    Attributes
    ----------
    folder : Path
        Of the parts.
    files : tuple of str
        The parts.
    starts : int64, shape (n_parts + 1,)
        The row over all parts at which each part begins, and at last the number of tracks.
    """

    folder: Path
    files: tuple[str, ...]
    starts: Int64
    _stamp: tuple[int, int]

    @classmethod
    def of(cls, model: Path) -> "PartTable":
        """Return the tracks of the parts beside an atlas; raises `AtlasError` unless they are whole and its own."""
        folder = parts_folder(model)
        manifest = read_manifest(model)
        require_whole_parts(model, manifest)
        sizes = [part["tracks"] for part in manifest["parts"]]
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        return cls(folder, tuple(part["file"] for part in manifest["parts"]), starts, _stamp(folder))

    def __len__(self) -> int:
        """Return the number of tracks."""
        return int(self.starts[-1])

    @cached_property
    def schema(self) -> dict[str, pl.DataType]:
        """The columns of the parts."""
        with _told(self.folder / self.files[0]):
            return dict(pl.read_parquet_schema(self.folder / self.files[0]))

    def each(self, work: Callable[[pl.DataFrame], Result], columns: Sequence[str] | None = None) -> list[Result]:
        """Call `work` with each batch of tracks and return the results in order; two batches at a time.

        Parameters
        ----------
        work : callable
            What it returns is kept for every batch, so it should be small; tables `compact`.
        columns : sequence of str, optional
            Those that it needs, and ``row``; all by default.

        Raises
        ------
        AtlasError
            If a part cannot be read, or parts were replaced since they were opened.
        """
        self._require_same()
        tasks = [
            partial(self._do, work, number, first, columns)
            for number in range(len(self.files))
            for first in range(0, int(self.starts[number + 1] - self.starts[number]), BATCH)
        ]
        return run_tasks(tasks)

    def gather(self, rows: npt.NDArray[np.integer[Any]]) -> pl.DataFrame:
        """Return tracks by their rows over all parts, in ascending order and each once."""
        self._require_same()
        wanted = np.unique(rows)
        numbers = np.searchsorted(self.starts, wanted, side="right") - 1
        firsts = (wanted - self.starts[numbers]) // BATCH * BATCH
        found = [
            self._do(partial(_of_rows, wanted), number, first, None)
            for number, first in sorted(set(zip(numbers.tolist(), firsts.tolist(), strict=True)))
        ]
        return pl.concat([self.empty(), *found])

    def song(self, row: int) -> pl.DataFrame:
        """Return the tracks of the song of a row, as far as they are in its part: id, title, artists, year, row."""
        own = self.gather(np.array([row], np.int64))
        number = int(np.searchsorted(self.starts, row, side="right")) - 1
        path = self.folder / self.files[number]
        same = pl.col("version_family") == own["version_family"][0]
        with _told(path):
            place = pl.int_range(pl.len(), dtype=pl.Int64) + int(self.starts[number])
            shown = pl.scan_parquet(path).with_columns(place.alias(ROW)).filter(same)
            return shown.select("id", "title", "artists", "year", ROW).collect(engine="streaming")

    def empty(self) -> pl.DataFrame:
        """Return a table of no tracks."""
        return pl.DataFrame(schema={**self.schema, ROW: pl.Int64()})

    def _do(
        self, work: Callable[[pl.DataFrame], Result], number: int, first: int, columns: Sequence[str] | None
    ) -> Result:
        start = int(self.starts[number]) + first
        n_rows = min(BATCH, int(self.starts[number + 1]) - start)
        path = self.folder / self.files[number]
        with _told(path):
            lazy = pl.scan_parquet(path).slice(first, n_rows)
            batch = (lazy if columns is None else lazy.select(columns)).collect()
        if batch.height != n_rows:
            raise AtlasError(f"'{path}' is damaged: it has fewer tracks than were written. Build it again.")
        return work(batch.with_columns(pl.int_range(start, start + n_rows, dtype=pl.Int64).alias(ROW)))

    def _require_same(self) -> None:
        if _stamp(self.folder) != self._stamp:
            raise AtlasError(
                f"The parts in '{self.folder}' have been replaced since they were opened. Open them anew."
            )


def compact(tracks: pl.DataFrame) -> pl.DataFrame:
    """Return a table with texts of its own: one that was filtered out of a batch holds on to all texts of that."""
    if not tracks.height:
        return tracks.clear()
    written = io.BytesIO()
    tracks.write_ipc(written, compat_level=pl.CompatLevel.oldest())
    written.seek(0)
    return pl.read_ipc(written)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what reading a part raises into our error."""
    try:
        yield
    except (OSError, pl.exceptions.PolarsError) as error:
        why = next(iter(str(error).splitlines()), type(error).__name__)
        raise AtlasError(f"'{path}' is damaged or missing: {why}. Build it again.") from None


def _stamp(folder: Path) -> tuple[int, int]:
    """Return what tells the manifest from another one of its name."""
    try:
        found = (folder / MANIFEST).stat()
    except OSError:
        return 0, 0
    return found.st_ino, found.st_mtime_ns


def _of_rows(wanted: Int64, batch: pl.DataFrame) -> pl.DataFrame:
    return compact(batch.filter(pl.col(ROW).is_in(pl.Series(wanted).implode())))
