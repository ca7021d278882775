"""The files of an atlas folder that are to look at, and what playlists need: all that is made of its tables."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from songscape.atlas.archive import write_arrays
from songscape.atlas.files import SONGS
from songscape.atlas.pages import atlas_page, catalog_page, title_of
from songscape.atlas.playlists.library import library_of
from songscape.atlas.record import Atlas, Explored
from songscape.drawing.map import draw_map, picture_map, write_map
from songscape.progress import Progress
from songscape.report import write_page
from songscape.threads import side_by_side

_SCALE = "middle"


def write_pages(
    atlas: Atlas,
    folder: Path,
    *,
    beside: Sequence[Callable[[], object]],
    explored: Explored | None,
    progress: Progress,
) -> None:
    """Write report, pictures and what playlists need into a folder.

    Python makes the report on one core; what playlists need, and what is to be written `beside` it, fill the other.
    """
    page = explored or partial(catalog_page, atlas.catalog)
    side_by_side(partial(_write_report, atlas, folder, page, progress), partial(_write_data, atlas, folder, beside))


def _write_report(atlas: Atlas, folder: Path, explored: Explored, progress: Progress) -> None:
    write_picture(atlas, folder)
    page = explored()
    progress("save", 0.5)
    write_page(atlas_page(atlas, folder / "map.png", page), folder / "report.html")


def _write_data(atlas: Atlas, folder: Path, beside: Sequence[Callable[[], object]]) -> None:
    for write in beside:
        write()
    write_arrays(folder / SONGS, library_of(atlas).packed())


def write_picture(atlas: Atlas, folder: Path) -> None:
    """Write map.png and map.svg into a folder."""
    picture = picture_map(atlas.embedding[:, 0], atlas.embedding[:, 1], atlas.labels, names=_main_groups(atlas))
    title = f"Map of {title_of(atlas.catalog.inputs, 'the catalog')}"
    write_map(draw_map(picture, title=title), folder)


def _main_groups(atlas: Atlas) -> dict[int, str]:
    """Return for each cluster the name of the group, at the middle scale, that most of its tracks are in."""
    groups, clusters = atlas.groups.scale(_SCALE).labels[atlas.song_of], atlas.labels
    names = {card["number"]: card["name"] for card in atlas.cards.get(_SCALE, ())}
    both = (groups >= 0) & (clusters >= 0)
    counts = np.zeros((clusters.max(initial=-1) + 1, groups.max(initial=-1) + 1), np.int64)
    np.add.at(counts, (clusters[both], groups[both]), 1)
    return {cluster: names[int(row.argmax())] for cluster, row in enumerate(counts) if row.any() and names}
