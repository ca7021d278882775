"""The command that tries parameters: ``songscape sweep``."""

import json
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from songscape.cli.options import Json, Threads, limit_threads
from songscape.cli.screen import bars
from songscape.disk import writing
from songscape.errors import ParameterError, must_be

_ENDINGS = (".csv", ".json", ".html")


def sweep(
    source: Annotated[list[str], typer.Argument(help="Catalog files, as for build.", show_default=False)],
    *,
    grid: Annotated[
        list[str] | None,
        typer.Option(
            "--grid",
            metavar="NAME=V1,V2,…",
            help="A parameter and values to try, as in embedding.n_neighbors=10,15,30 or features.blocks.mood=0.5,1;"
            " none: its default. May be repeated: all combinations are tried.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Write all scores: .csv, .json, or a page, .html."),
    ] = None,
    sensitivity: Annotated[
        bool,
        typer.Option(
            "--sensitivity",
            help="Instead of a grid: each block left out, doubled or taken in, artist discounting and folding of"
            " tempo turned over, one at a time against the base.",
        ),
    ] = False,
    scale: Annotated[
        str | None,
        typer.Option(
            "--scale",
            metavar="NAME",
            help="What is scored: clusters, coarse, middle or fine; default: clusters, coarse with --sensitivity.",
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="TOML file with the other parameters.")
    ] = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Try a grid of parameters on a catalog: what each does to the scores, and which setting to take."""
    limit_threads(threads)
    if sensitivity and grid:
        raise ParameterError("--sensitivity tries changes of its own. Leave --grid out, or --sensitivity.")
    asked = parse_grid(grid or ["embedding.n_neighbors=10,15,30", "embedding.min_dist=0,0.1"])
    if out is not None and out.suffix not in _ENDINGS:
        raise ParameterError(must_be("out", "a file that ends in " + ", ".join(_ENDINGS), str(out)))
    from songscape.atlas.sensitivity import measure_sensitivity
    from songscape.atlas.sweep import sweep as sweep_catalog
    from songscape.catalog import read_catalog
    from songscape.config import Config
    from songscape.threads import use_threads

    settings = Config.from_toml(config) if config else Config()
    with use_threads(threads), bars() as progress:
        catalog = read_catalog(source, settings.read, progress=progress)
        if sensitivity:
            told = _of_changes(measure_sensitivity(catalog, settings, partition=scale or "coarse", progress=progress))
        else:
            told = _of_settings(
                sweep_catalog(catalog, asked, settings, partition=scale or "clusters", progress=progress)
            )
    if out is not None:
        _write(told, out)
    typer.echo(_json(told.data) if as_json else "\n".join(told.lines))


class _Told(NamedTuple):
    """What came out, in all the forms in which it can be shown."""

    title: str
    table: Any
    data: dict[str, Any]
    section: dict[str, Any]
    lines: list[str]


def _of_settings(result: Any) -> _Told:
    from songscape.atlas.sweep_page import sweep_data, sweep_lines, sweep_section

    return _Told("Sweep of parameters", result.table, sweep_data(result), sweep_section(result), sweep_lines(result))


def _of_changes(found: Any) -> _Told:
    import polars as pl

    from songscape.atlas.sensitivity_page import (
        sensitivity_data,
        sensitivity_lines,
        sensitivity_rows,
        sensitivity_section,
    )

    columns, rows = sensitivity_rows(found)
    table = pl.DataFrame(rows, schema=columns, orient="row")
    lines = sensitivity_lines(found)
    return _Told("Sensitivity", table, sensitivity_data(found), sensitivity_section(found), lines)


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)


def parse_grid(words: list[str]) -> dict[str, list[Any]]:
    """Return the grid that is written as ``NAME=V1,V2`` for each parameter.

    Raises
    ------
    ParameterError
        If a word has another form, or a parameter stands there twice.

    Examples
    --------
    >>> parse_grid(["n_neighbors=10,15", "min_dist=0,0.1", "metric=cosine,euclidean", "min_samples=none,5"])
    {'n_neighbors': [10, 15], 'min_dist': [0, 0.1], 'metric': ['cosine', 'euclidean'], 'min_samples': [None, 5]}
    """
    grid: dict[str, list[Any]] = {}
    for word in words:
        name, equals, values = (part.strip() for part in word.partition("="))
        parts = [value.strip() for value in values.split(",")]
        if not (name and equals) or not all(parts) or name in grid:
            raise ParameterError(must_be("--grid", "given as NAME=V1,V2, once for each parameter", word))
        grid[name] = [_value(part) for part in parts]
    return grid


def _value(word: str) -> Any:
    known = {"none": None, "true": True, "false": False}
    if word.lower() in known:
        return known[word.lower()]
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word


def _write(told: _Told, path: Path) -> None:
    from songscape.report import render_page

    with writing("The file", path):
        if path.suffix == ".csv":
            told.table.write_csv(path)
        elif path.suffix == ".json":
            path.write_text(_json(told.data) + "\n", encoding="utf-8")
        else:
            page = {"title": told.title, "subtitle": "", "findings": [], "sections": [told.section]}
            path.write_text(render_page(page), encoding="utf-8")
