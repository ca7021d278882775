"""`songscape build` in parts: in this process or on Dask; and how it is chosen where memory does not suffice."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from songscape.cli.screen import bars
from songscape.cli.web import write_map
from songscape.errors import ParameterError, must_be
from songscape.wording import counted, number, percent

if TYPE_CHECKING:
    from songscape.atlas.record import Atlas
    from songscape.config import Config
    from songscape.distributed.building import PartitionedBuild

LOCAL = "local"
ENGINES = ("auto", LOCAL, "parts", "dask")

Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="|".join(ENGINES),
        help="local: all tracks in one piece; parts: blocks of rows, one after the other, are placed by a model of a"
        " sample; auto: local, or parts where memory does not suffice; dask: parts by workers (--threads of them, on"
        " this machine, where no scheduler is named).",
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="ADDRESS", help="A Dask scheduler that runs already: tcp://host:8786."),
]


def chosen_engine(
    engine: str, scheduler: str | None, source: list[str], config: "Config", *, resume: bool
) -> "tuple[str, Config]":
    """Return what builds (local, parts or dask), and the config with the sizes of parts where they are chosen here.

    Raises
    ------
    ParameterError
        If the engine is unknown, or does not go with another option.
    ResourceError
        If there is too little memory for any way.
    """
    if engine not in ENGINES:
        raise ParameterError(must_be("engine", f"one of {', '.join(ENGINES)}", engine))
    if scheduler is not None and engine != "dask":
        raise ParameterError("--scheduler names a Dask scheduler: give it with --engine dask.")
    if resume and engine in ("parts", "dask"):
        raise ParameterError(
            f"--resume and --keep-stages keep stages of a build in one piece: leave them out with --engine {engine}."
        )
    if engine != "auto":
        return engine, config
    if resume or not (config.check_memory or config.memory):
        return LOCAL, config
    from songscape.distributed.planning import instead_of_one_piece

    found = instead_of_one_piece(source, config)
    if found is None:
        return LOCAL, config
    why, sized = found
    typer.echo(why, err=True)
    return "parts", sized


def foretold(source: list[str], config: "Config", engine: str) -> dict[str, float]:
    """Return the seconds that stages are expected to take, in their order; say how much memory a large build needs.

    Only a terminal is told either.
    """
    from songscape.distributed.planning import FITTED_SONGS, need_in_words, rows_of
    from songscape.remaining import of_one_piece, of_parts

    n_rows = rows_of(source)
    if engine != LOCAL:
        return of_parts(n_rows, config.partitions.fitted_songs or FITTED_SONGS)
    if need := need_in_words(source, config):
        typer.echo(need, err=True)
    return of_one_piece(n_rows)


def build_in_parts(
    source: list[str],
    out: Path,
    config: "Config",
    engine: str,
    scheduler: str | None,
    n_workers: int | None,
    as_json: bool,
) -> None:
    """Build the atlas of a sample and the parts beside it, and print what became of the files."""
    from songscape.distributed.building import build_partitioned
    from songscape.parts.dataset import MANIFEST, parts_folder

    start = time.perf_counter()
    with bars(partial(foretold, source, config, engine)) as progress:
        build = partial(build_partitioned, source, out, config, engine=engine, progress=progress)
        groups: list[str] = []

        def also(folder: Path, atlas: "Atlas") -> None:
            from songscape.cli.summary import group_lines

            groups.extend(group_lines(atlas))
            write_map(folder, atlas, progress=progress)

        built = build(scheduler=scheduler, n_workers=n_workers, also=also)
    if as_json:
        typer.echo((parts_folder(out) / MANIFEST).read_text(encoding="utf-8"), nl=False)
    else:
        typer.echo("\n".join(_lines(built, groups, out, time.perf_counter() - start)))


def _lines(built: "PartitionedBuild", groups: list[str], out: Path, seconds: float) -> list[str]:
    from songscape.cli.summary import block, cleared_lines
    from songscape.distributed.building import changes_within
    from songscape.parts.dataset import REPORT, parts_folder

    nameless = [one.nameless for one in built.surveyed if one.totals is not None]
    parts = parts_folder(out)
    return [
        *block("Read", _read_lines(built, parts)),
        *block("Cleared", cleared_lines(changes_within(built.surveyed))),
        *block("Names", nameless[:1] if all(nameless) else []),
        *block("Left", (f"{one['file']}: {one['reason']}" for one in built.set_aside)),
        *block("Placed", _placed_lines(built)),
        *block("Groups", groups),
        *block("Atlas", [f"{out} and {parts.name} in {seconds:.1f} s", f"Read {parts / REPORT}"]),
    ]


def _read_lines(built: "PartitionedBuild", parts: Path) -> Iterator[str]:
    from songscape.distributed.building import REJECTS

    totals = built.totals
    yield (
        f"{counted(totals.rows_read, 'row')} of {counted(built.files, 'file')}, in"
        f" {counted(len(built.surveyed), 'part')}: {counted(totals.tracks, 'track')},"
        f" {counted(totals.rejected, 'row')} rejected"
    )
    if totals.rejected:
        yield f"Rejected rows, with the reason: {parts / REJECTS}"


def _placed_lines(built: "PartitionedBuild") -> Iterator[str]:
    totals, unlike = built.totals, sum(part.unlike for part in built.placed)
    yield f"{counted(totals.songs, 'song')} by an atlas of {number(built.fitted)} of them"
    yield f"{percent(unlike / totals.tracks)} of the tracks are unlike those"
