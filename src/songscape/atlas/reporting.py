"""The report as a file, of a catalog or of an atlas."""

import os
import tempfile
from pathlib import Path

from songscape.atlas.page_files import write_picture
from songscape.atlas.pages import atlas_page, catalog_page
from songscape.atlas.record import Atlas
from songscape.catalog.record import Catalog
from songscape.errors import ParameterError, must_be
from songscape.report import write_page


def write_report(source: Catalog | Atlas, path: str | os.PathLike[str]) -> Path:
    """Write the report of a catalog or an atlas: one HTML file that needs nothing else, its numbers beside it.

    Parameters
    ----------
    source : Catalog or Atlas
        A catalog is explored; an atlas shows its map and its groups as well.
    path : path
        The HTML file. The file of the same name that ends in ``.json`` holds every number shown.

    Returns
    -------
    Path
        The HTML file.

    Raises
    ------
    ParameterError
        If `source` is something else.
    InputError
        If the files cannot be written.

    Examples
    --------
    >>> import songscape, tempfile
    >>> catalog = songscape.read_catalog(songscape.synthesize_tracks(200, random_state=0))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = songscape.write_report(catalog, f"{folder}/report.html")
    ...     sorted(file.name for file in written.parent.iterdir())
    ['report.html', 'report.json']
    """
    target = Path(path)
    if isinstance(source, Catalog):
        page = catalog_page(source)
    elif isinstance(source, Atlas):
        with tempfile.TemporaryDirectory() as folder:
            write_picture(source, Path(folder))
            page = atlas_page(source, Path(folder) / "map.png", catalog_page(source.catalog))
    else:
        raise ParameterError(must_be("source", "a Catalog or an Atlas", type(source)))
    target.parent.mkdir(parents=True, exist_ok=True)
    write_page(page, target)
    return target
