"""Build an atlas in parts: survey partitions, fit a model to a sample, place every partition by the model.

::

    files ─cut▶ partitions ─survey▶ totals ─draw▶ sample ─build_atlas▶ model ─place▶ parts, manifest, report

The same stages as in one piece make the model, from a stratified sample; each partition is then placed by the code
that adds new tracks to an atlas. A part depends on the files and the config alone, so that the result is the same
bytes in this process and on any number of workers, in whatever order they finish, and if some of them die: what a
dead worker was at is done again by another.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from songscape import __version__
from songscape.atlas.build import build_atlas
from songscape.atlas.files import require_replaceable, told
from songscape.atlas.folder import flush, written_aside
from songscape.atlas.locks import claimed
from songscape.atlas.record import Atlas
from songscape.catalog import Catalog
from songscape.catalog.blocks import Block, cut_file
from songscape.catalog.ledger import Change, taken_together
from songscape.catalog.record import REJECTS_SCHEMA
from songscape.catalog.sources import SourceFile, expand
from songscape.catalog.versions import join_versions, stand_alone
from songscape.config import Config
from songscape.distributed.dataset import part_name, require_replaceable_parts, write_manifest
from songscape.distributed.engines import DASK, PARTS, Engine, engine_of
from songscape.distributed.partition import (
    KEPT,
    STRATA,
    Placed,
    Surveyed,
    draw,
    forget,
    forget_model,
    gather_rejects,
    place,
    survey,
)
from songscape.distributed.planning import Sizes, sizes_of
from songscape.distributed.reporting import parts_page
from songscape.distributed.totals import Totals, added
from songscape.errors import InputError, ParameterError, must_be
from songscape.memory import release_memory
from songscape.parts.dataset import REPORT, parts_folder
from songscape.progress import Progress, silent
from songscape.report import write_page

_COPY = "copy-{}"

Also = Callable[[Path, Atlas], object]

REJECTS = "rejects.csv"
"""Rows of all sources that could not be used: file, line, reason, raw text."""


@dataclass(frozen=True, slots=True)
class PartitionedBuild:
    """What was built, and what it cost.

    Attributes
    ----------
    folder : Path
        The atlas of the sample; the parts lie beside it, see `songscape.scan_parts`.
    totals : Totals
        Of all partitions.
    set_aside : list of dict
        ``file`` and ``reason`` of sources that could not be used.
    surveyed, placed : list
        What each partition took: seconds and peak memory of its process. One without a track is not placed.
    files : int
        How many sources could be used.
    fitted : int
        Songs that the model was fitted on.
    timings : dict of str to float
        Seconds by step: survey, model, place.
    """

    folder: Path
    totals: Totals
    set_aside: list[dict[str, str]]
    surveyed: list[Surveyed]
    placed: list[Placed]
    files: int
    fitted: int
    timings: dict[str, float]


def build_partitioned(
    source: Any,
    folder: str | os.PathLike[str],
    config: Config | None = None,
    *,
    scheduler: str | None = None,
    n_workers: int | None = None,
    engine: str = DASK,
    sample_size: int | None = None,
    also: Also | None = None,
    progress: Progress = silent,
) -> PartitionedBuild:
    """Build an atlas in parts, of any number of tracks: a model of a sample, and every track placed by it.

    Parameters
    ----------
    source : path, pattern, or list of these
        Each file is a partition, read as by `songscape.read_catalog`; a large one several, of whole rows.
    folder : path
        A new or empty folder, or an atlas, which is replaced. The parts go to ``folder.parts`` beside it.
    config : Config, optional
        As for `songscape.build_atlas`; its section ``partitions`` sets the sizes of sample and blocks.
    scheduler : str, optional
        Address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``; without it workers are started on this machine.
        All workers must reach the files under the paths given here.
    n_workers : int, optional
        How many workers are started, or how many threads this process takes: one a core by default.
    engine : str
        ``dask``, or ``parts``: this process, one partition after the other.
    sample_size : int, optional
        Songs that the model is fitted on; the same as ``partitions.fitted_songs`` of the config, and wins over it.
    also : callable, optional
        Writes further files into the folder of the model, given that and the model: the map's page, for one.
    progress : callable, optional
        Called with cut, survey, draw, the stages of `songscape.build_atlas`, save, place, and a fraction in [0, 1].

    Returns
    -------
    PartitionedBuild
        The atlas and its parts are the same bytes for the same files and config, timings in ``run.json`` aside.

    Raises
    ------
    InputError
        If no file can be used. A damaged one beside good ones is set aside, and told.
    ResourceError
        If there is too little memory or disk, or workers die again and again.
    MissingExtraError
        If Dask is not installed.

    Examples
    --------
    See the page on scaling in the documentation: `docs/scaling.md`.
    """
    config = _with_sample(config or Config(), sample_size)
    paths, target, parts = _check(source, engine, n_workers), Path(folder), parts_folder(Path(folder))
    require_replaceable(target)
    require_replaceable_parts(parts)
    sizes = sizes_of(paths, config, engine)
    workers = engine_of(engine, scheduler, n_workers)
    with claimed(target), told(parts), written_aside(parts) as aside, workers as doing:
        return _Making(doing, aside.resolve(), sizes.told_to(config), sizes, progress).run(paths, target, also)


@dataclass(frozen=True, slots=True)
class _Model:
    """What is told of the model, which lies on the disk."""

    n_songs: int
    config: Config


@dataclass(slots=True)
class _Making:
    """A build on its way: who does the work, and the folder that all of it goes to."""

    engine: Engine
    aside: Path
    config: Config
    sizes: Sizes
    progress: Progress
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def folder_of_model(self) -> Path:
        return self.aside / "model"

    def run(self, paths: Sequence[SourceFile], target: Path, also: Also | None) -> PartitionedBuild:
        """Take all steps; at their end the model is in its place, and the parts are whole."""
        surveyed, set_aside = self.survey(paths)
        used = [one for one in surveyed if one.totals is not None and one.totals.tracks]
        if not used:
            first = set_aside[0]["reason"] if set_aside else "no row has enough audio features."
            raise InputError(f"None of {len(paths)} files can be used. The first: {first}")
        totals = added([one.totals for one in surveyed if one.totals is not None])
        model, rows = self.model(used, totals, also)
        placed = self.place(used, rows)
        self.keep_rejects(surveyed)
        manifest = _manifest(used, placed, set_aside, totals, model)
        write_manifest(self.aside, self.folder_of_model, manifest)
        parts = pl.scan_parquet(sorted(self.aside.glob("*.parquet")))
        write_page(parts_page(manifest, parts), self.aside / REPORT)
        flush(self.aside)  # so that no more than two renames lie between the old atlas with its parts and the new one
        _put_in_place(self.folder_of_model, target)
        n_files = len(paths) - len(set_aside)
        return PartitionedBuild(target, totals, set_aside, surveyed, placed, n_files, model.n_songs, self.timings)

    def survey(self, paths: Sequence[SourceFile]) -> tuple[list[Surveyed], list[dict[str, str]]]:
        """Read all files; return the partitions of those that can be used, and why others cannot."""
        with self._timed("survey"):
            blocks, why = self._cut(paths)
            tasks = [(number, block, self.config.read, str(self.aside)) for number, block in enumerate(blocks)]
            surveyed = self._all(survey, tasks, "survey")
            for copy in self.aside.glob(_COPY.format("*")):
                copy.unlink()
            for block, one in zip(blocks, surveyed, strict=True):
                if one.reason:  # a file is used as a whole or not at all
                    why.setdefault(block.source, one.reason)
            for block, one in zip(blocks, surveyed, strict=True):
                if block.source in why:
                    forget(one.number, self.aside)
            usable = [one for block, one in zip(blocks, surveyed, strict=True) if block.source not in why]
            return usable, [{"file": path.name, "reason": why[path]} for path in paths if path in why]

    def _cut(self, paths: Sequence[SourceFile]) -> tuple[list[Block], dict[SourceFile, str]]:
        """Cut large files; return all partitions in order, and why files cannot be read."""
        blocks: list[Block] = []
        why: dict[SourceFile, str] = {}
        for number, path in enumerate(paths):
            self.progress("cut", number / len(paths))
            try:
                copy = self.aside / _COPY.format(number)
                blocks += cut_file(path, self.sizes.limits, self.config.read, copy)
            except InputError as error:
                why[path] = str(error)
        self.progress("cut", 1.0)
        return blocks, why

    def model(
        self, used: Sequence[Surveyed], totals: Totals, also: Also | None
    ) -> tuple[_Model, list[np.ndarray[Any, Any]]]:
        """Fit the model; return it with the rows of each partition that it was fitted on."""
        with self._timed("model"):
            edges = {name: totals.edges(name, cuts) for name, cuts in STRATA}
            share_of_all = min(1.0, self.sizes.fitted_songs / totals.songs)
            shares = [share_of_all * one.totals.songs for one in used if one.totals]
            seed = self.config.embedding.random_state
            tasks = [
                (one.number, str(self.aside), edges, round(share), seed)
                for one, share in zip(used, shares, strict=True)
            ]
            drawn = self._all(draw, tasks, "draw")
            rows = [table["row"].to_numpy() for table in drawn]
            tracks = pl.concat(drawn).drop("row", "version_family", "is_representative")
            del drawn
            return self._fit(tracks, also), rows

    def _fit(self, tracks: pl.DataFrame, also: Also | None) -> _Model:
        joined = join_versions(tracks) if self.config.read.version_families else stand_alone(tracks)
        catalog = Catalog(joined.select(KEPT), _no_rejects(), {"files": []}, [])
        atlas = build_atlas(catalog, self.config, progress=self.progress)
        release_memory()
        pages = None if also is None else lambda folder: also(folder, atlas)
        atlas.save(self.folder_of_model, also=pages, progress=self.progress)
        return _Model(len(atlas.songs), atlas.config)

    def place(self, used: Sequence[Surveyed], rows: Sequence[np.ndarray[Any, Any]]) -> list[Placed]:
        with self._timed("place"):
            firsts = np.cumsum([0, *map(len, rows)]).tolist()
            tasks = [
                (one.number, str(self.aside), str(self.folder_of_model), own, first)
                for one, own, first in zip(used, rows, firsts, strict=False)
            ]
            try:
                return self._all(place, tasks, "place")
            finally:
                forget_model()

    def keep_rejects(self, surveyed: Sequence[Surveyed]) -> None:
        """Gather the rejects of all partitions, and remove what they have left for later steps."""
        numbers = [one.number for one in surveyed]
        gather_rejects(numbers, self.aside, self.aside / REJECTS)
        for number in numbers:
            forget(number, self.aside)

    def _all(self, work: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], stage: str) -> list[Any]:
        return self.engine.map(work, tasks, partial(self.progress, stage))

    @contextlib.contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.timings[step] = time.perf_counter() - start


def _with_sample(config: Config, sample_size: int | None) -> Config:
    if sample_size is None:
        return config
    return config.with_changes(partitions=config.partitions.with_changes(fitted_songs=sample_size))


def _check(source: Any, engine: str, n_workers: int | None) -> list[SourceFile]:
    if engine not in (PARTS, DASK):
        raise ParameterError(must_be("engine", f"'{PARTS}' or '{DASK}'", engine))
    if n_workers is not None and (isinstance(n_workers, bool) or not isinstance(n_workers, int) or n_workers < 1):
        raise ParameterError(must_be("n_workers", "None, or an int of at least 1", n_workers))
    items, problems = expand(source)
    tables = [item for item in items if not isinstance(item, SourceFile)]
    if tables:
        raise InputError(
            "Parts are built of files, which are read where they lie: give paths or a pattern, no tables."
        )
    if problems:
        raise InputError(" ".join(problems))
    return [item.resolve() if isinstance(item, Path) else item for item in items]


def _manifest(
    used: Sequence[Surveyed], placed: Sequence[Placed], set_aside: list[dict[str, str]], totals: Totals, model: _Model
) -> dict[str, Any]:
    parts = [
        {
            "file": part_name(part.number), "source": one.file, "first_line": one.first_line,
            "tracks": part.rows, "songs": part.songs, "unlike": part.unlike,
            "bytes": part.bytes, "sha256": part.sha256,
        }
        for one, part in zip(used, placed, strict=True)
    ]  # fmt: skip
    return {
        "songscape_version": __version__,
        "config": model.config.model_dump(),
        "fitted_songs": model.n_songs,
        "parts": parts,
        "set_aside": set_aside,
        "changed": [asdict(change) for change in changes_within(used)],
        "totals": totals.as_dict(),
    }


def changes_within(surveyed: Sequence[Surveyed]) -> list[Change]:
    """Return what became missing or was mended in partitions, taken together."""
    return taken_together(change for one in surveyed for change in one.changes)


def _put_in_place(model: Path, target: Path) -> None:
    with written_aside(target) as new:
        for path in sorted(model.iterdir()):
            path.rename(new / path.name)
    model.rmdir()


def _no_rejects() -> pl.DataFrame:
    return pl.DataFrame(schema=REJECTS_SCHEMA)
