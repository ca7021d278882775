"""The commands. Each parses, calls the library function of its name, and prints; stages are imported when called.

Exit codes: 0 done, 2 a message says what is wrong, 130 stopped with Ctrl-C, 143 ended by the system, 129 by a
closed terminal.
"""

import inspect
import json
import sys
import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from songscape import __version__
from songscape.cli.changes import diff
from songscape.cli.flags import declared_flags, with_flags
from songscape.cli.growing import add
from songscape.cli.lyrics import emotions
from songscape.cli.meaning import eda, groups
from songscape.cli.options import Json, Threads, limit_threads
from songscape.cli.partitions import (
    LOCAL,
    Engine,
    Scheduler,
    build_in_parts,
    chosen_engine,
    foretold,
)
from songscape.cli.playlists import (
    NOT_FOR_ORDER,
    journey,
    learn,
    playlist,
    push,
    reorder,
    similar,
    with_request_flags,
)
from songscape.cli.quality import sweep
from songscape.cli.screen import bars
from songscape.cli.serving import serve
from songscape.cli.stopping import ending_as_told, heed_signals
from songscape.cli.web import export, write_map
from songscape.errors import SongscapeError
from songscape.memory import require_memory

if TYPE_CHECKING:
    from songscape.atlas.warmup import Helpers
    from songscape.catalog import Catalog
    from songscape.config import Config

_INTERRUPTED = 130

app = typer.Typer(
    name="songscape",
    help="An atlas of a music catalog: neighbors, map, clusters and honest scores.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"songscape {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """An atlas of a music catalog: neighbors, map, clusters and honest scores."""


def build(
    source: Annotated[
        list[str],
        typer.Argument(help="Catalog files: CSV, TSV, JSON, JSON Lines, Parquet, also .gz or .zst; globs as well."),
    ],
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the atlas goes; an older atlas is replaced.")
    ] = Path("atlas"),
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="TOML file with parameters; flags win over it.")
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Keep each finished stage beside the atlas until it is whole, and go on after those of a build that"
            " was stopped.",
        ),
    ] = False,
    keep_stages: Annotated[
        bool,
        typer.Option("--keep-stages", help="As --resume, and keep them then, too: for builds with other parameters."),
    ] = False,
    engine: Engine = "auto",
    scheduler: Scheduler = None,
    threads: Threads = None,
    as_json: Json = False,
    **flags: Any,
) -> None:
    """Read a catalog and build its atlas: map, clusters, scores, in one folder."""
    limit_threads(threads)
    from songscape.config import Config

    settings = with_flags(Config.from_toml(config) if config else Config(), flags)
    engine, settings = chosen_engine(engine, scheduler, source, settings, resume=resume or keep_stages)
    if engine != LOCAL:
        build_in_parts(source, out, settings, engine, scheduler, threads, as_json)
        return
    from songscape.atlas.build import build_atlas
    from songscape.atlas.locks import claimed
    from songscape.atlas.stages import Stages, remove_stages
    from songscape.atlas.warmup import warm_up
    from songscape.catalog import read_catalog
    from songscape.cli.summary import build_summary
    from songscape.distributed.dataset import remove_parts
    from songscape.threads import alongside, use_threads

    start = time.perf_counter()
    _require_memory(source, settings)
    expected = partial(foretold, source, settings, engine)
    with claimed(out), use_threads(threads), warm_up() as helpers, bars(expected) as progress:
        replaces = (out / "run.json").is_file()
        catalog = read_catalog(source, settings.read, progress=progress)
        helpers.wait_for_search()
        stages = Stages(out if resume or keep_stages else None)
        with alongside(partial(_explored, catalog, helpers)) as explored:
            atlas = build_atlas(catalog, settings, stages=stages, progress=progress)
            write = partial(write_map, atlas=atlas, progress=progress)
            atlas.save(out, also=write, explored=explored, progress=progress)
            remove_parts(out)
        stages.drop_others() if keep_stages else remove_stages(out)
    if as_json:
        typer.echo((out / "run.json").read_text(encoding="utf-8"), nl=False)
    else:
        found = [f"Resumed {', '.join(stages.found)} of an earlier build"] if stages.found else []
        seconds = time.perf_counter() - start
        typer.echo("\n".join([*found, *build_summary(atlas, out, seconds, replaces=replaces)]))


def _require_memory(source: list[str], settings: "Config") -> None:
    from songscape.catalog.extent import reading_memory
    from songscape.catalog.sources import expand

    if settings.check_memory or settings.memory:
        require_memory(reading_memory(expand(source)[0]), f"Reading {', '.join(source)}", settings.memory_bytes)


def _explored(catalog: "Catalog", helpers: "Helpers") -> dict[str, Any]:
    from songscape.atlas.pages import catalog_page  # on its own thread: it takes a second

    helpers.wait()
    return catalog_page(catalog)


def _add_build() -> None:
    """Register ``build`` with one flag per declared parameter in the place of ``**flags``."""
    signature = inspect.signature(build)
    fixed = [parameter for parameter in signature.parameters.values() if parameter.kind is not parameter.VAR_KEYWORD]
    parameters = [*fixed, *(part for flag in declared_flags() for part in flag.parameters())]
    build.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    build.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters} | {"return": None}
    app.command()(build)


_add_build()
app.command()(eda)
app.command()(groups)
app.command()(sweep)


def _add_requests() -> None:
    """Register the commands whose flags are the fields of requests."""
    from songscape.config import EmotionParams
    from songscape.playlist.request import JourneyRequest, PlaylistRequest

    app.command()(with_request_flags(playlist, PlaylistRequest))
    app.command()(with_request_flags(journey, JourneyRequest))
    app.command()(with_request_flags(reorder, PlaylistRequest, *NOT_FOR_ORDER))
    app.command()(similar)
    app.command()(learn)
    app.command()(push)
    app.command()(with_request_flags(emotions, EmotionParams))


_add_requests()
app.command()(export)
app.command()(serve)
app.command()(add)
app.command()(diff)


@app.command()
def evaluate(
    atlas: Annotated[Path, typer.Argument(metavar="ATLAS", help="The folder of an atlas.")],
    *,
    stability: Annotated[
        int,
        typer.Option(
            "--stability",
            metavar="N",
            help="Fit N parts of the songs anew, from scratch, and tell which groups come back; 0: do not.",
        ),
    ] = 0,
    playlists: Annotated[
        Path | None,
        typer.Option(
            "--playlists",
            metavar="FILE",
            help="Judge by real playlists instead: how well lists are continued, beside rivals.",
        ),
    ] = None,
    no_save: Annotated[
        bool,
        typer.Option("--no-save", help="Only print what --stability finds; else scores, cards and report keep it."),
    ] = False,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Compute the scores of an atlas anew: clusters, groups and map, beside what chance would give."""
    limit_threads(threads)
    from songscape.atlas.build import evaluate as evaluate_atlas
    from songscape.atlas.loading import load_atlas
    from songscape.atlas.locks import claimed
    from songscape.atlas.meaning import keep_stability
    from songscape.atlas.quality_lines import quality_lines
    from songscape.cli.summary import score_lines
    from songscape.threads import use_threads

    if playlists is not None:
        _prove(atlas, playlists, threads, as_json)
        return
    kept = stability != 0 and not no_save
    with claimed(atlas) if kept else nullcontext(), use_threads(threads), bars() as progress:
        loaded = load_atlas(atlas)
        scores = evaluate_atlas(loaded, stability=stability, progress=progress)
        if kept:
            steady = keep_stability(loaded, scores)
            steady.save(atlas, also=partial(write_map, atlas=steady, progress=progress), progress=progress)
    names = {scale: [str(card["name"]) for card in cards] for scale, cards in loaded.cards.items()}
    text = json.dumps(scores, indent=2, ensure_ascii=False, allow_nan=False)
    typer.echo(text if as_json else "\n".join([*score_lines(scores), "", *quality_lines(scores, names)]))


def _prove(atlas: Path, playlists: Path, threads: int | None, as_json: bool) -> None:
    from songscape.atlas.loading import load_atlas
    from songscape.atlas.playlists import prove_use
    from songscape.cli.playlist_lines import proof_lines
    from songscape.threads import use_threads

    with use_threads(threads), bars() as progress:
        proof = prove_use(load_atlas(atlas), playlists, progress=progress)
    typer.echo(json.dumps(proof, indent=2, ensure_ascii=False) if as_json else "\n".join(proof_lines(proof)))


@app.command()
def synth(
    n_tracks: Annotated[int, typer.Argument(metavar="N", help="How many tracks.")],
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="The file to write: .csv or .parquet.")
    ] = Path("tracks.csv"),
    random_state: Annotated[
        int,
        typer.Option("--random-state", "--seed", metavar="INT", help="Seed; the same seed gives the same file."),
    ] = 0,
) -> None:
    """Write a synthetic catalog of the light emotions form, to try things on."""
    from songscape.catalog.synthetic import write_synthetic

    write_synthetic(n_tracks, out, random_state=random_state)
    typer.echo(f"{n_tracks} synthetic tracks: {out}")


def commands() -> dict[str, Any]:
    """Return the commands by name, as Typer parses them: the docs are written from these."""
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def run() -> None:
    """Run the command line; what goes wrong on purpose is one message and exit code 2."""
    heed_signals()
    try:
        with ending_as_told():
            app()
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            typer.echo("Stopped. What was on the disk before is as it was.", err=True)
        raise
    except SongscapeError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(2)
    except MemoryError:
        typer.echo("Error: Memory is used up. Build in parts (--engine parts), or on a larger machine.", err=True)
        sys.exit(2)
