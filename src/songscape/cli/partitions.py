"""`songscape build --engine dask`: an atlas of partitions."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from songscape.cli.screen import bars
from songscape.errors import ParameterError, must_be
from songscape.wording import counted, number, percent

if TYPE_CHECKING:
    from songscape.config import Config
    from songscape.distributed.building import PartitionedBuild

ENGINES = ("local", "dask")

Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="local|dask",
        help="local: all tracks on this machine; dask: each file a partition, a sample is fitted and the rest is"
        " placed by workers (--threads of them, on this machine, where no scheduler is named).",
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="ADDRESS", help="A Dask scheduler that runs already: tcp://host:8786."),
]


def wants_dask(engine: str, scheduler: str | None, *, resume: bool) -> bool:
    """Return whether partitions are asked for; options that do not go together are refused."""
    if engine not in ENGINES:
        raise ParameterError(must_be("engine", f"one of {', '.join(ENGINES)}", engine))
    if scheduler is not None and engine != "dask":
        raise ParameterError("--scheduler names a Dask scheduler: give it with --engine dask.")
    if resume and engine == "dask":
        raise ParameterError(
            "--resume and --keep-stages keep stages of one machine: leave them out with --engine dask."
        )
    return engine == "dask"


def build_on_dask(
    source: list[str], out: Path, config: "Config", scheduler: str | None, n_workers: int | None, as_json: bool
) -> None:
    """Build the atlas of a sample and the parts beside it, and print what became of the files."""
    from songscape.distributed.building import build_partitioned
    from songscape.parts.dataset import parts_folder

    start = time.perf_counter()
    with bars() as progress:
        built = build_partitioned(source, out, config, scheduler=scheduler, n_workers=n_workers, progress=progress)
    if as_json:
        typer.echo((parts_folder(out) / "manifest.json").read_text(encoding="utf-8"), nl=False)
    else:
        typer.echo("\n".join(_lines(built, out, time.perf_counter() - start)))


def _lines(built: "PartitionedBuild", out: Path, seconds: float) -> Iterator[str]:
    from songscape.parts.dataset import REPORT, parts_folder

    totals = built.totals
    yield (
        f"Read    {counted(totals.rows_read, 'row')} of {counted(len(built.surveyed), 'file')}:"
        f" {counted(totals.tracks, 'track')}, {counted(totals.rejected, 'row')} rejected"
    )
    for one in built.set_aside:
        yield f"Left    {one['file']}: {one['reason']}"
    unlike = sum(part.unlike for part in built.placed)
    yield (
        f"Placed  {counted(totals.songs, 'song')} by an atlas of {number(built.fitted)} of them;"
        f" {percent(unlike / totals.tracks)} of the tracks are unlike those"
    )
    yield f"Atlas   {out} and {out.name}.parts in {seconds:.1f} s"
    yield f"        Read {parts_folder(out) / REPORT}"
