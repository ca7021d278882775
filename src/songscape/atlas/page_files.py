"""The files of an atlas folder that are to look at, and what playlists need: all that is made of its tables."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from songscape.atlas.archive import write_arrays
from songscape.atlas.files import SONGS
from songscape.atlas.pages import atlas_page, catalog_page, title_of
from songscape.atlas.playlists.library import library_of
from songscape.atlas.record import Atlas
from songscape.drawing.map import draw_map, picture_map, write_map
from songscape.progress import Progress
from songscape.report import write_page
from songscape.threads import side_by_side


def write_pages(atlas: Atlas, folder: Path, *, before: Sequence[Callable[[], None]], progress: Progress) -> None:
    """Write report, pictures and what playlists need into a folder.

    What is to be done `before` the pictures are drawn is done while the report is made.
    """
    page, _ = side_by_side(
        partial(catalog_page, atlas.catalog, imputed=atlas.features.imputed),
        partial(_write_data, atlas, folder, before),
    )
    progress("save", 0.5)
    write_page(atlas_page(atlas, folder / "map.png", page), folder / "report.html")


def _write_data(atlas: Atlas, folder: Path, before: Sequence[Callable[[], None]]) -> None:
    for write in before:
        write()
    write_arrays(folder / SONGS, library_of(atlas).packed())
    write_picture(atlas, folder)


def write_picture(atlas: Atlas, folder: Path) -> None:
    """Write map.png and map.svg into a folder."""
    picture = picture_map(atlas.embedding[:, 0], atlas.embedding[:, 1], atlas.labels)
    title = f"Map of {title_of(atlas.catalog.inputs, 'the catalog')}"
    write_map(draw_map(picture, title=title), folder)
