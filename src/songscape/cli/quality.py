"""The command that tries parameters: ``songscape sweep``."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from songscape.cli.options import Json, Threads, limit_threads
from songscape.cli.screen import bars
from songscape.errors import InputError, ParameterError, must_be

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
    scale: Annotated[
        str, typer.Option("--scale", metavar="NAME", help="What is scored: clusters, coarse, middle or fine.")
    ] = "clusters",
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="TOML file with the other parameters.")
    ] = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Try a grid of parameters on a catalog: what each does to the scores, and which setting to take."""
    limit_threads(threads)
    asked = parse_grid(grid or ["embedding.n_neighbors=10,15,30", "embedding.min_dist=0,0.1"])
    if out is not None and out.suffix not in _ENDINGS:
        raise ParameterError(must_be("out", "a file that ends in " + ", ".join(_ENDINGS), str(out)))
    from songscape.atlas.sweep import sweep as sweep_catalog
    from songscape.atlas.sweep_page import sweep_data, sweep_lines
    from songscape.catalog import read_catalog
    from songscape.config import Config
    from songscape.kernels._jit import use_threads

    settings = Config.from_toml(config) if config else Config()
    with use_threads(threads), bars() as progress:
        catalog = read_catalog(source, settings.read, progress=progress)
        result = sweep_catalog(catalog, asked, settings, partition=scale, progress=progress)
    if out is not None:
        _write(result, out)
    if as_json:
        typer.echo(json.dumps(sweep_data(result), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        typer.echo("\n".join(sweep_lines(result)))


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


def _write(result: Any, path: Path) -> None:
    from songscape.atlas.sweep_page import sweep_data, sweep_section
    from songscape.report import render_page

    try:
        if path.suffix == ".csv":
            result.table.write_csv(path)
        elif path.suffix == ".json":
            text = json.dumps(sweep_data(result), indent=2, ensure_ascii=False, allow_nan=False)
            path.write_text(text + "\n", encoding="utf-8")
        else:
            section = sweep_section(result)
            page = {"title": "Sweep of parameters", "subtitle": "", "findings": [], "sections": [section]}
            path.write_text(render_page(page), encoding="utf-8")
    except OSError as error:
        raise InputError(f"The file '{path}' cannot be written: {error.strerror or error}.") from None
