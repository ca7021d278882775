"""The files of an atlas folder: what is written where."""

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from songscape import __version__
from songscape.atlas.archive import write_arrays
from songscape.atlas.arrays import arrays_of
from songscape.atlas.files import PAGES, SCHEMA_VERSION, fingerprints, signed
from songscape.memory import peak_memory
from songscape.progress import Progress
from songscape.threads import run_tasks

if TYPE_CHECKING:
    from songscape.atlas.record import Atlas, Explored

_ROW_GROUP = 65536


def write_files(
    atlas: "Atlas",
    folder: Path,
    pages_from: Path | None,
    progress: Progress,
    also: Callable[[Path], object] | None = None,
    explored: "Explored | None" = None,
) -> None:
    """Write all files of an atlas into an empty folder, run.json with the hashes of the others last.

    With `pages_from` the files to look at are copied from that atlas, and what playlists need is left to be made.
    """
    start = time.perf_counter()
    tasks = _tables_of(atlas, folder)
    if also is not None:
        tasks.append(partial(also, folder))
    if pages_from is None:
        from songscape.atlas.page_files import write_pages  # late: it draws, and an atlas that only grows does not

        write_pages(atlas, folder, beside=tasks, explored=explored, progress=progress)
    else:
        tasks.append(partial(_copy_pages, pages_from, folder))
        run_tasks(tasks)
    progress("save", 0.9)
    atlas.catalog.rejects.write_csv(folder / "rejects.csv")
    run = _run_of(atlas, time.perf_counter() - start)
    _write_json(folder / "run.json", signed(run | {"files": fingerprints(folder)}))
    progress("save", 0.95)


def _tables_of(atlas: "Atlas", folder: Path) -> list[Callable[[], object]]:
    """Return what writes the tables of an atlas: none needs another."""
    return [
        partial(_write_tracks, atlas, folder),
        partial(_write_cards, folder / "groups.json", atlas.cards),
        partial(_write_arrays, atlas, folder),
    ]


def _write_tracks(atlas: "Atlas", folder: Path) -> None:
    atlas.table().write_parquet(folder / "tracks.parquet", compression="zstd", row_group_size=_ROW_GROUP)


def _write_arrays(atlas: "Atlas", folder: Path) -> None:
    write_arrays(folder / "arrays.npz", arrays_of(atlas))


def _copy_pages(pages_from: Path, folder: Path) -> None:
    for name in PAGES:
        if (pages_from / name).is_file():
            shutil.copy2(pages_from / name, folder / name)


def _write_cards(path: Path, cards: dict[str, list[dict[str, Any]]]) -> None:
    """Write cards as JSON, one a line: indented ones would take longer to write than all other tables."""
    scales = [
        f"{json.dumps(scale)}: [\n"
        + ",\n".join(json.dumps(card, ensure_ascii=False, allow_nan=False) for card in told)
        + "\n]"
        for scale, told in cards.items()
    ]
    path.write_text("{\n" + ",\n".join(scales) + "\n}\n", encoding="utf-8")


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
