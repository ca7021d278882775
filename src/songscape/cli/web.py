"""The map for the browser as a file: ``songscape export``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from songscape.progress import Progress

if TYPE_CHECKING:
    from songscape.atlas.record import Atlas


def export(
    atlas: Annotated[Path, typer.Argument(metavar="ATLAS", help="The folder of an atlas.")],
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="The HTML file; an old one is replaced.")
    ] = Path("map.html"),
) -> None:
    """Write the map of an atlas as one HTML file that works without network or server."""
    from songscape.atlas.loading import load_atlas
    from songscape.web.export import export_map

    written = export_map(load_atlas(atlas), out)
    typer.echo(f"Map: {written}, {written.stat().st_size / 1e6:.1f} MB. Open it in a browser.")


def write_map(folder: Path, atlas: "Atlas", progress: Progress) -> None:
    """Write the map of an atlas into a folder that is written aside, beside the report."""
    from songscape.atlas.files import MAP
    from songscape.web.export import map_page

    progress("map", 0.0)
    (folder / MAP).write_bytes(map_page(atlas).encode())
    progress("map", 1.0)
