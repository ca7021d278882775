"""`songscape add`: new tracks in an atlas that stays as it is."""

import time
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from songscape.cli.flags import with_flags
from songscape.cli.options import Json, Threads, limit_threads
from songscape.cli.screen import bars
from songscape.cli.web import write_map
from songscape.errors import AtlasError
from songscape.wording import counted, number, percent


def add(
    atlas: Annotated[Path, typer.Argument(metavar="ATLAS", help="The folder of an atlas.")],
    source: Annotated[list[str], typer.Argument(help="Catalog files with the new tracks, as for build.")],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Where the grown atlas goes; else in place.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Canonical name to header, as for build; beside those of the build."),
    ] = None,
    redraw: Annotated[
        bool, typer.Option("--redraw", help="Make report, pictures and map anew; else they stay those of the build.")
    ] = False,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Add new tracks to an atlas: old ones keep their places and groups, new ones find theirs among them."""
    limit_threads(threads)
    _require_growable(atlas, out or atlas)
    from songscape.atlas.loading import load_atlas
    from songscape.atlas.locks import claimed
    from songscape.catalog import read_catalog
    from songscape.threads import side_by_side, use_threads

    start = time.perf_counter()
    target = out or atlas
    with claimed(target), use_threads(threads), bars() as progress:
        before, _ = side_by_side(partial(load_atlas, atlas), _load_kernels)
        catalog = read_catalog(source, with_flags(before.config, {"columns": column}).read, progress=progress)
        grown = before.add(catalog, progress=progress)
        anew = partial(write_map, atlas=grown, progress=progress) if redraw else None
        grown.save(target, pages_from=None if redraw else atlas, also=anew, progress=progress)
    addition = grown.run.additions[-1]
    if as_json:
        typer.echo(_plain(addition | {"rejected": catalog.rejects.height}))
    else:
        nameless = catalog.nameless()
        lines = _lines(addition, catalog.rejects.height, target, time.perf_counter() - start)
        typer.echo("\n".join([*lines[:1], *([f"Names   {nameless}"] if nameless else []), *lines[1:]]))
        if not redraw:
            typer.echo("Report and pictures are those of the build; --redraw makes them anew.")


def _require_growable(atlas: Path, target: Path) -> None:
    """Raise `AtlasError` for what is no atlas, or has parts: neither they nor their model grow without the other."""
    from songscape.atlas.files import read_run
    from songscape.parts.dataset import model_of, parts_folder

    anew = "Build all files anew, the old and the new: songscape build OLD NEW -o FOLDER --engine parts."
    if model_of(atlas) is not None:
        raise AtlasError(f"'{atlas}' holds the parts of an atlas, and parts cannot grow. {anew}")
    read_run(atlas)
    if model_of(parts_folder(target)) is not None:
        raise AtlasError(
            f"'{target}' is the model of the parts in '{parts_folder(target)}', which would belong to it no more, and"
            f" parts cannot grow. {anew} Or let a copy of the model grow: --out OTHER."
        )


def _load_kernels() -> None:
    """Import what adds, and load what it calls, while the atlas is read: together they take a second."""
    from songscape.atlas import adding, warmup  # noqa: F401 (loaded for what follows)

    warmup.load_placing()


def _plain(addition: dict[str, Any]) -> str:
    import json

    return json.dumps(addition, indent=2, ensure_ascii=False)


def _lines(addition: dict[str, Any], rejected: int, folder: Path, seconds: float) -> list[str]:
    drift = addition["drift"]
    reasons = drift["reasons"]
    return [
        f"Added   {counted(addition['tracks'], 'track')}: {number(addition['fresh'])} are of"
        f" {counted(addition['songs'], 'new song')}, {number(addition['joined'])} of songs that were there;"
        f" {counted(rejected, 'row')} rejected",
        *(
            f"Again   '{name}' was read before, byte for byte: its tracks stand twice now"
            for name in addition["again"]
        ),
        f"Unlike  {number(addition['unlike'])} are unlike anything in the atlas (column 'unlike')",
        f"Drift   of {counted(drift['songs'], 'song')} added so far {percent(drift['unlike'])} are unlike old ones,"
        f" {percent(drift['moved'])} lie in other groups ({percent(drift['moved_null'])} by chance)",
        *([f"Rebuild {reason}." for reason in reasons] or ["Rebuild not needed"]),
        f"Atlas   {folder} in {seconds:.1f} s",
    ]
