"""The files of an atlas folder: what is written where."""

import json
import shutil
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from songscape import __version__
from songscape.atlas.archive import write_arrays
from songscape.atlas.arrays import arrays_of
from songscape.atlas.files import PAGES, SCHEMA_VERSION, SONGS, fingerprints
from songscape.atlas.pages import atlas_page, catalog_page, title_of
from songscape.atlas.playlists.library import library_of
from songscape.drawing.map import draw_map, picture_map, write_map
from songscape.memory import peak_memory
from songscape.progress import Progress
from songscape.report import write_page
from songscape.threads import side_by_side

if TYPE_CHECKING:
    from songscape.atlas.record import Atlas

_ROW_GROUP = 65536


def write_files(atlas: "Atlas", folder: Path, pages_from: Path | None, progress: Progress) -> None:
    """Write all files of an atlas into an empty folder, run.json with the hashes of the others last.

    With `pages_from` the files to look at are copied from that atlas, and what playlists need is left to be made.
    """
    start = time.perf_counter()
    if pages_from is None:
        _write_all(atlas, folder, progress)
    else:
        _write_tables(atlas, folder)
        for name in PAGES:
            if (pages_from / name).is_file():
                shutil.copy2(pages_from / name, folder / name)
    progress("save", 0.9)
    atlas.catalog.rejects.write_csv(folder / "rejects.csv")
    run = _run_of(atlas, time.perf_counter() - start)
    _write_json(folder / "run.json", run | {"files": fingerprints(folder)})
    progress("save", 0.95)


def _write_all(atlas: "Atlas", folder: Path, progress: Progress) -> None:
    page, _ = side_by_side(
        partial(catalog_page, atlas.catalog, imputed=atlas.features.imputed), partial(_write_data, atlas, folder)
    )
    progress("save", 0.5)
    write_page(atlas_page(atlas, folder / "map.png", page), folder / "report.html")


def _write_data(atlas: "Atlas", folder: Path) -> None:
    _write_tables(atlas, folder)
    write_arrays(folder / SONGS, library_of(atlas).packed())
    write_picture(atlas, folder)


def _write_tables(atlas: "Atlas", folder: Path) -> None:
    atlas.table().write_parquet(folder / "tracks.parquet", compression="zstd", row_group_size=_ROW_GROUP)
    write_arrays(folder / "arrays.npz", arrays_of(atlas))
    _write_json(folder / "groups.json", atlas.cards)


def write_picture(atlas: "Atlas", folder: Path) -> None:
    """Write map.png and map.svg into a folder."""
    picture = picture_map(atlas.embedding[:, 0], atlas.embedding[:, 1], atlas.labels)
    title = f"Map of {title_of(atlas.catalog.inputs, 'the catalog')}"
    write_map(draw_map(picture, title=title), folder)


def _write_json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _run_of(atlas: "Atlas", seconds: float) -> dict[str, Any]:
    timings = atlas.run.timings | {"save": seconds}
    timings["total"] = sum(seconds for name, seconds in timings.items() if name != "total")
    discount = {name: value for name, value in asdict(atlas.features.discount).items() if name != "matrix"}
    columns = [asdict(column) for column in atlas.features.columns]
    features = {"columns": columns, "left_out": atlas.features.left_out, "discount": discount}
    return {
        "schema_version": SCHEMA_VERSION,
        "songscape_version": __version__,
        "config": atlas.config.model_dump(),
        "inputs": atlas.catalog.inputs,
        "counts": atlas.catalog.summary(),
        **asdict(atlas.run),
        "timings": timings,
        "peak_memory_bytes": max(filter(None, (atlas.run.peak_memory_bytes, peak_memory())), default=None),
        "scores": atlas.scores,
        "features": features,
        "groups": {"coverage": atlas.groups.coverage, "space": atlas.groups.space},
        "neighbors": {"metric": atlas.neighbors.metric, "recall": atlas.neighbors.recall},
        "min_samples": atlas.clustering.min_samples,
        "catalog": atlas.catalog.notes,
    }
