"""`songscape diff`: what became of the groups and the map of an atlas in another one."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from songscape.cli.options import Json
from songscape.cli.screen import bars
from songscape.cli.web import write_map
from songscape.errors import ParameterError, must_be
from songscape.wording import number, percent

if TYPE_CHECKING:
    from songscape.atlas.aligning import MapFit
    from songscape.atlas.comparing import AtlasComparison, GroupChange

_SCALE = "middle"


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The folder of an atlas.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The folder of another, of the same songs or some.")],
    *,
    scale: Annotated[
        str, typer.Option("--scale", metavar="coarse|middle|fine", help="Whose groups are listed one by one.")
    ] = _SCALE,
    carry: Annotated[
        bool, typer.Option("--carry", help="Write the new atlas with the old numbers and names of what it kept.")
    ] = False,
    align: Annotated[
        bool, typer.Option("--align", help="Write the new atlas with its map turned to lie as the old one does.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Where --carry and --align write; NEW itself is allowed."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare two atlases: groups that are kept, moved, gone and born, and how far the map has turned."""
    from songscape.atlas.aligning import align_map
    from songscape.atlas.arrays import SCALES
    from songscape.atlas.carrying import carry_groups
    from songscape.atlas.comparing import compare_atlases
    from songscape.atlas.files import require_replaceable
    from songscape.atlas.loading import load_atlas

    if scale not in SCALES:
        raise ParameterError(must_be("scale", f"one of {', '.join(SCALES)}", scale))
    if (out is not None) != (carry or align):
        raise ParameterError("--out names the folder that --carry and --align write: give it with one of them.")
    if out is not None:
        require_replaceable(out)
    with bars() as progress:
        before, after = load_atlas(old), load_atlas(new)
        found = compare_atlases(before, after)
        if out is not None:
            after = align_map(after, found) if align else after
            after = carry_groups(after, found, progress=progress) if carry else after
            after.save(out, also=partial(write_map, atlas=after, progress=progress), progress=progress)
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(_lines(found, scale)))
        if out is not None:
            typer.echo(f"Atlas   {out}")


def _lines(found: "AtlasComparison", scale: str) -> Iterator[str]:
    by_id = f", {number(found.songs.by_id)} of them by id" if found.songs.by_id else ""
    lost = min(found.n_old, found.n_new) - len(found.songs)
    others = f"; {number(lost)} more are not there, or share their name with other songs" if lost else ""
    matched = f"{number(len(found.songs))} surely in both{by_id}{others}"
    yield f"Songs   {number(found.n_old)} old, {number(found.n_new)} new, {matched}"
    for name, changes in found.scales.items():
        told = ", ".join(f"{count} {status}" for status, count in changes.counts().items())
        agreement = "" if changes.agreement is None else f"; adjusted Rand index {changes.agreement:.2f}"
        yield f"{name.capitalize():<7} {told}{agreement}"
    yield f"Map     {_map_line(found.map)}"
    yield ""
    yield f"{'':<6} {'old':>4} {'new':>4} {'songs in both':>13}  alike  shift  name"
    yield from (_group_line(group) for group in found.scales[scale].groups)


def _map_line(fit: "MapFit | None") -> str:
    if fit is None:
        return "of another number of dimensions"
    mirrored = " and mirrored" if fit.is_reflected else ""
    before, after = percent(min(fit.before, 1.0)), percent(min(fit.after, 1.0))
    return f"{before} of the spread is elsewhere; turned{mirrored}, {after}"


def _group_line(group: "GroupChange") -> str:
    old, new = ("" if one is None else str(one) for one in (group.old, group.new))
    matched = group.old is not None and group.new is not None
    alike = f"{group.likeness:.2f}" if matched else ""
    shift = "" if group.shift is None else f"{group.shift:.2f}"
    songs = number(group.shared if matched else group.old_size + group.new_size)
    return f"{group.status:<6} {old:>4} {new:>4} {songs:>13}  {alike:>5}  {shift:>5}  {_named(group)}"


def _named(group: "GroupChange") -> str:
    if group.old is not None and group.new is not None:
        return str(group.old_name) if group.old_name == group.new_name else f"{group.old_name} → {group.new_name}"
    parts = ", ".join(f"{percent(other['share'])} {other['name']}" for other in group.others[:2])
    where = {"gone": " → ", "born": " ← "}[group.status] + parts if parts else ""
    return f"{group.old_name or group.new_name}{where}"
