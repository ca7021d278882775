"""Build an atlas of partitions: survey them, fit a model to a sample, place every partition by the model.

::

    partitions ─survey▶ totals ─draw▶ sample ─build_atlas▶ model ─place▶ parts, manifest, report

The same stages as on one machine make the model, from a stratified sample; each partition is then placed by the code
that adds new tracks to an atlas. A part depends on the files and the config alone, so that the result is the same
bytes for any number of workers, in whatever order they finish, and if some of them die: what a dead worker was at is
done again by another.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from songscape import __version__
from songscape.atlas.build import build_atlas
from songscape.atlas.files import require_replaceable, told
from songscape.atlas.folder import written_aside
from songscape.atlas.locks import claimed
from songscape.atlas.record import Atlas
from songscape.catalog import Catalog
from songscape.catalog.record import REJECTS_SCHEMA
from songscape.catalog.sources import expand
from songscape.catalog.versions import join_versions, stand_alone
from songscape.config import Config
from songscape.distributed.dataset import part_name, require_replaceable_parts, write_manifest
from songscape.distributed.partition import KEPT, STRATA, Placed, Surveyed, draw, forget, place, survey
from songscape.distributed.reporting import parts_page
from songscape.distributed.totals import Totals, added
from songscape.errors import InputError, MissingExtraError, ParameterError, ResourceError, must_be
from songscape.parts.dataset import REPORT, parts_folder
from songscape.progress import Progress, silent
from songscape.report import write_page

if TYPE_CHECKING:
    from distributed import Client

SAMPLE = 200_000
"""Songs that the model is fitted on, where there are so many."""

_RETRIES = 3
_PATIENCE = "5s"


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
        What each partition took: seconds and peak memory of its worker.
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
    fitted: int
    timings: dict[str, float]


def build_partitioned(
    source: Any,
    folder: str | os.PathLike[str],
    config: Config | None = None,
    *,
    scheduler: str | None = None,
    n_workers: int | None = None,
    sample_size: int = SAMPLE,
    progress: Progress = silent,
) -> PartitionedBuild:
    """Build an atlas of many files on Dask: a model of a sample, and every track placed by it.

    Parameters
    ----------
    source : path, pattern, or list of these
        Each file is a partition, read as by `songscape.read_catalog`. All workers must reach it under this path.
    folder : path
        A new or empty folder, or an atlas, which is replaced. The parts go to ``folder.parts`` beside it.
    config : Config, optional
        As for `songscape.build_atlas`.
    scheduler : str, optional
        Address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``; without it workers are started on this machine.
    n_workers : int, optional
        How many of these: one a core by default.
    sample_size : int
        Songs that the model is fitted on.
    progress : callable, optional
        Called with survey, draw, the stages of `songscape.build_atlas`, save, place, and a fraction in [0, 1].

    Returns
    -------
    PartitionedBuild
        The atlas and its parts are the same bytes for the same files and config, timings in ``run.json`` aside.

    Raises
    ------
    InputError
        If no file can be used. A damaged one beside good ones is set aside, and told.
    ResourceError
        If workers die again and again, or the disk is full.
    MissingExtraError
        If Dask is not installed.

    Examples
    --------
    See the page on scaling in the documentation: `docs/scaling.md`.
    """
    paths, target = _check(source, sample_size, n_workers), Path(folder)
    config, parts = config or Config(), parts_folder(Path(folder))
    require_replaceable(target)
    require_replaceable_parts(parts)
    with claimed(target), told(parts), written_aside(parts) as aside, _connected(scheduler, n_workers) as client:
        made = _Making(client, aside.resolve(), config, sample_size, progress)
        surveyed = made.survey(paths)
        used = [one for one in surveyed if one.totals is not None]
        set_aside = [{"file": one.file, "reason": one.reason} for one in surveyed if one.totals is None]
        if not used:
            raise InputError(f"None of {len(paths)} files can be used. The first: {set_aside[0]['reason']}")
        totals = added([one.totals for one in used if one.totals is not None])
        model, rows = made.model(used, totals)
        placed = made.place(used, rows)
        manifest = _manifest(used, placed, set_aside, totals, model)
        write_manifest(aside, made.folder_of_model, manifest)
        write_page(parts_page(manifest, pl.scan_parquet(sorted(aside.glob("*.parquet")))), aside / REPORT)
        _put_in_place(made.folder_of_model, target)
    return PartitionedBuild(target, totals, set_aside, surveyed, placed, len(model.songs), made.timings)


@dataclass(slots=True)
class _Making:
    """A build on its way: the workers, and the folder that all of them write to."""

    client: "Client"
    aside: Path
    config: Config
    sample_size: int
    progress: Progress
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def folder_of_model(self) -> Path:
        return self.aside / "model"

    def survey(self, paths: Sequence[Path]) -> list[Surveyed]:
        with self._timed("survey"):
            tasks = [
                (number, str(path.resolve()), self.config.read, str(self.aside)) for number, path in enumerate(paths)
            ]
            return self._all(survey, tasks, "survey")

    def model(self, used: Sequence[Surveyed], totals: Totals) -> tuple[Atlas, list[np.ndarray[Any, Any]]]:
        """Fit the model; return it with the rows of each partition that it was fitted on."""
        with self._timed("model"):
            edges = {name: totals.edges(name, cuts) for name, cuts in STRATA}
            shares = [min(1.0, self.sample_size / totals.songs) * one.totals.songs for one in used if one.totals]
            seed = self.config.embedding.random_state
            tasks = [
                (one.number, str(self.aside), edges, round(share), seed)
                for one, share in zip(used, shares, strict=True)
            ]
            drawn = self._all(draw, tasks, "draw")
            atlas = self._fit(drawn)
            atlas.save(self.folder_of_model, progress=self.progress)
            return atlas, [table["row"].to_numpy() for table in drawn]

    def _fit(self, drawn: Sequence[pl.DataFrame]) -> Atlas:
        tracks = pl.concat(drawn).drop("row", "version_family", "is_representative")
        joined = join_versions(tracks) if self.config.read.version_families else stand_alone(tracks)
        catalog = Catalog(joined.select(KEPT), _no_rejects(), {"files": []}, [])
        return build_atlas(catalog, self.config, progress=self.progress)

    def place(self, used: Sequence[Surveyed], rows: Sequence[np.ndarray[Any, Any]]) -> list[Placed]:
        with self._timed("place"):
            firsts = np.cumsum([0, *map(len, rows)]).tolist()
            tasks = [
                (one.number, str(self.aside), str(self.folder_of_model), own, first)
                for one, own, first in zip(used, rows, firsts, strict=False)
            ]
            placed = self._all(place, tasks, "place")
            for one in used:
                forget(one.number, self.aside)
            return placed

    def _all(self, work: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], stage: str) -> list[Any]:
        """Let workers do all tasks and return the results in order; a task of a worker that died is done again."""
        from distributed import KilledWorker, as_completed

        self.progress(stage, 0.0)
        futures = [self.client.submit(work, *task, pure=False, retries=_RETRIES) for task in tasks]
        try:
            for done, _ in enumerate(as_completed(futures), start=1):
                self.progress(stage, done / len(futures))
            return [future.result() for future in futures]
        except KilledWorker as error:
            raise ResourceError(
                f"Workers died again and again at one partition ({error}). Most likely it needs more memory than they"
                " have: use smaller files, or workers with more memory."
            ) from None

    @contextlib.contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.timings[step] = time.perf_counter() - start


def _check(source: Any, sample_size: int, n_workers: int | None) -> list[Path]:
    if isinstance(sample_size, bool) or not isinstance(sample_size, int) or sample_size < 100:
        raise ParameterError(must_be("sample_size", "an int of at least 100", sample_size))
    if n_workers is not None and (isinstance(n_workers, bool) or not isinstance(n_workers, int) or n_workers < 1):
        raise ParameterError(must_be("n_workers", "None, or an int of at least 1", n_workers))
    items, problems = expand(source)
    tables = [item for item in items if not isinstance(item, Path)]
    if tables:
        raise InputError("Partitions are files that workers read where they lie: give paths or a pattern, no tables.")
    if problems:
        raise InputError(" ".join(problems))
    return items


@contextlib.contextmanager
def _connected(scheduler: str | None, n_workers: int | None) -> "Iterator[Client]":
    """Yield a client of the scheduler, or of workers started for this build, one thread each."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise MissingExtraError(
            "Building on partitions needs Dask, which is not installed. Install it with"
            " `pip install 'songscape[dask]'`, or build on this machine alone: without --engine."
        ) from None
    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=_PATIENCE)
        except (OSError, ValueError) as error:
            raise ParameterError(
                f"There is no Dask scheduler at '{scheduler}' ({error}). Start one: dask scheduler."
            ) from None
        with client:
            yield client
        return
    alone = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with (
        LocalCluster(
            n_workers=n_workers or os.cpu_count() or 1,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            env=alone,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def _manifest(
    used: Sequence[Surveyed], placed: Sequence[Placed], set_aside: list[dict[str, str]], totals: Totals, model: Atlas
) -> dict[str, Any]:
    parts = [
        {
            "file": part_name(part.number), "source": one.file, "tracks": part.rows, "songs": part.songs,
            "unlike": part.unlike, "bytes": part.bytes, "sha256": part.sha256,
        }
        for one, part in zip(used, placed, strict=True)
    ]  # fmt: skip
    return {
        "songscape_version": __version__,
        "config": model.config.model_dump(),
        "fitted_songs": len(model.songs),
        "parts": parts,
        "set_aside": set_aside,
        "totals": totals.as_dict(),
    }


def _put_in_place(model: Path, target: Path) -> None:
    with written_aside(target) as new:
        for path in sorted(model.iterdir()):
            path.rename(new / path.name)
    model.rmdir()


def _no_rejects() -> pl.DataFrame:
    return pl.DataFrame(schema=REJECTS_SCHEMA)
