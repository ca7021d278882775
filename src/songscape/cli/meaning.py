"""Commands that tell what is in a catalog and what groups mean: ``songscape eda`` and ``songscape groups``."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from songscape.cli.options import Json
from songscape.errors import ParameterError, must_be

if TYPE_CHECKING:
    from songscape.interpretation import Card

_SCALE = "middle"


def eda(
    source: Annotated[
        list[str],
        typer.Argument(
            help="Catalog files, as for build, or the folder of an atlas, or that of its parts: ATLAS.parts.",
            show_default=False,
        ),
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
    from songscape.distributed.reporting import write_parts_report
    from songscape.parts.dataset import model_of

    aside: list[dict[str, str]] = []
    with bars() as progress:
        if len(source) == 1 and (Path(source[0]) / "run.json").is_file():
            written = write_report(load_atlas(source[0]), out)
        elif len(source) == 1 and (model := model_of(Path(source[0]))) is not None:
            written = write_parts_report(model, out)
        else:
            catalog = read_catalog(source, lenient=True, progress=progress)
            aside = catalog.notes.get("set_aside", [])
            written = write_report(catalog, out)
    for one in aside:
        typer.echo(f"Set aside: {one['reason']}", err=True)
    typer.echo(f"Report: {written}, its numbers: {written.with_suffix('.json')}")


def groups(
    atlas: Annotated[Path, typer.Argument(metavar="ATLAS", help="The folder of an atlas.")],
    group: Annotated[
        str | None,
        typer.Argument(
            metavar="[GROUP]", help="The group's number, its name, or words of it; default: a line for each group."
        ),
    ] = None,
    *,
    scale: Annotated[
        str | None,
        typer.Option(
            "--scale",
            metavar="coarse|middle|fine",
            help="How large the groups are; default: middle, and for a name the scale that has it.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the groups of an atlas: a line for each, or the whole card of one."""
    from songscape.atlas.arrays import SCALES
    from songscape.atlas.loading import load_atlas
    from songscape.atlas.meaning import describe_groups
    from songscape.cli.summary import group_table
    from songscape.interpretation import card_lines, find_card

    if scale is not None and scale not in SCALES:
        raise ParameterError(must_be("scale", f"one of {', '.join(SCALES)}", scale))
    described = describe_groups(load_atlas(atlas))
    named = [name for name in described if group and _has(described[name], group)]
    cards = described[scale or (named[0] if named else _scale_of(described, group) if group else _SCALE)]
    if scale is None and len(named) > 1:
        others = " and ".join(f"--scale {name}" for name in named[1:])
        typer.echo(
            f"Groups of this name are at several scales; this is the {named[0]} one. Others: {others}", err=True
        )
    if group is None:
        plain = [card.as_dict() for card in cards]
        typer.echo(_json(plain) if as_json else "\n".join(group_table(cards)))
        return
    card = find_card(cards, group)
    coarser = dict(zip(SCALES[1:], SCALES, strict=False)).get(card.scale)
    parent = described[coarser][card.parent] if coarser and card.parent is not None else None
    typer.echo(_json(card.as_dict()) if as_json else "\n".join(card_lines(card, parent)))


def _has(cards: "Sequence[Card]", group: str) -> bool:
    """Whether there is a group of exactly this name; the coarsest scale that has one counts, as for playlists."""
    return any(card.name.casefold() == group.strip().casefold() for card in cards)


def _scale_of(described: "Mapping[str, Sequence[Card]]", group: str) -> str:
    """Return the scale that has a group with these words: the middle one if it does, and for numbers."""
    from songscape.interpretation import matching

    for scale in (_SCALE, *described):
        if not group.strip().isdecimal() and matching(described[scale], group):
            return scale
    return _SCALE


def _json(plain: Any) -> str:
    return json.dumps(plain, indent=2, ensure_ascii=False)
