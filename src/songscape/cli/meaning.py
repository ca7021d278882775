"""Commands that tell what is in a catalog and what groups mean: ``songscape eda`` and ``songscape groups``."""

import json
from pathlib import Path
from typing import Annotated

import typer

from songscape.cli.options import Json
from songscape.errors import InputError, ParameterError, must_be


def eda(
    source: Annotated[
        list[str], typer.Argument(help="Catalog files, as for build, or the folder of an atlas.", show_default=False)
    ],
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="The HTML file; its numbers go to a .json beside it.")
    ] = Path("report.html"),
) -> None:
    """Write the report of a catalog or an atlas: one HTML file to read, print and pass on."""
    from songscape.atlas.loading import load_atlas
    from songscape.atlas.reporting import write_report
    from songscape.catalog import read_catalog
    from songscape.cli.screen import bars

    with bars() as progress:
        if len(source) == 1 and (Path(source[0]) / "run.json").is_file():
            written = write_report(load_atlas(source[0]), out)
        else:
            written = write_report(read_catalog(source, progress=progress), out)
    typer.echo(f"Report: {written}, its numbers: {written.with_suffix('.json')}")


def groups(
    atlas: Annotated[Path, typer.Argument(metavar="ATLAS", help="The folder of an atlas.")],
    number: Annotated[
        int | None, typer.Argument(metavar="[ID]", help="The group's number; default: a line for each group.")
    ] = None,
    *,
    scale: Annotated[
        str, typer.Option("--scale", metavar="coarse|middle|fine", help="How large the groups are.")
    ] = "middle",
    as_json: Json = False,
) -> None:
    """Show the groups of an atlas: a line for each, or the whole card of one."""
    from songscape.atlas.arrays import SCALES
    from songscape.atlas.loading import load_atlas
    from songscape.atlas.meaning import describe_groups
    from songscape.cli.summary import group_table
    from songscape.interpretation import card_lines

    if scale not in SCALES:
        raise ParameterError(must_be("scale", f"one of {', '.join(SCALES)}", scale))
    cards = describe_groups(load_atlas(atlas))[scale]
    if number is not None and not 0 <= number < len(cards):
        raise InputError(
            f"There is no group {number} at the {scale} scale. Its {len(cards)} groups have the numbers 0 to"
            f" {len(cards) - 1}: songscape groups {atlas} --scale {scale}"
        )
    if as_json:
        plain = [card.as_dict() for card in cards]
        typer.echo(json.dumps(plain if number is None else plain[number], indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(group_table(cards) if number is None else card_lines(cards[number])))
