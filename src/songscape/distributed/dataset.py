"""The result on the disk: an atlas of the sample, and beside it a folder of parts, one for each partition.

::

    atlas/                 the model: an atlas like any other, of the sample
    atlas.parts/
      part-00000.parquet   the tracks of the first partition, placed by the model
      part-00001.parquet   …
      manifest.json        the parts with size and hash, sources set aside, totals; the model that they belong to
      report.html          what all tracks are, and how they fill the groups; its numbers in report.json
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import polars as pl

from songscape.errors import AtlasError

MANIFEST, REPORT = "manifest.json", "report.html"
SCHEMA_VERSION = 1
_MODEL = "arrays.npz"


def parts_folder(folder: Path) -> Path:
    """Return the folder of the parts that belong to an atlas."""
    return folder.with_name(f"{folder.name}.parts")


def model_of(parts: Path) -> Path | None:
    """Return the folder of the atlas that parts in a folder belong to; None where there are no parts in it."""
    if not (parts / MANIFEST).is_file():
        return None
    resolved = parts.resolve()  # so that "." has a name
    return resolved.with_name(resolved.name.removesuffix(".parts"))


def part_name(number: int) -> str:
    """Return the file of a partition."""
    return f"part-{number:05d}.parquet"


def scan_parts(folder: str | os.PathLike[str]) -> pl.LazyFrame:
    """Return the tracks of a partitioned atlas as a lazy table: nothing is loaded before it is needed.

    Parameters
    ----------
    folder : path
        Of the atlas that ``songscape build --engine dask`` wrote.

    Returns
    -------
    polars.LazyFrame
        The canonical columns of all tracks with place, cluster, groups, ``unlike`` and ``is_fitted``: true for songs
        that the model was fitted on. ``version_family`` numbers the songs within a partition.

    Raises
    ------
    AtlasError
        If there are no parts, some are missing or of another size than written, or they belong to another atlas.

    Examples
    --------
    >>> from pathlib import Path
    >>> import songscape
    >>> try:
    ...     songscape.scan_parts("nowhere")
    ... except songscape.SongscapeError as error:
    ...     print(str(error)[:40])
    There are no parts beside 'nowhere': 'no
    """
    source = Path(folder)
    parts = parts_folder(source)
    manifest = read_manifest(source)
    wrong = [
        part["file"]
        for part in manifest["parts"]
        if not (parts / part["file"]).is_file() or (parts / part["file"]).stat().st_size != part["bytes"]
    ]
    if wrong:
        raise AtlasError(f"'{parts}' is damaged: {', '.join(wrong[:3])} missing or not as written. Build it again.")
    if not (source / _MODEL).is_file() or sha256(source / _MODEL) != manifest["model"]:
        raise AtlasError(
            f"The parts in '{parts}' belong to another atlas than the one in '{source}', which was built or grown"
            " since. Build them again."
        )
    return pl.scan_parquet([parts / part["file"] for part in manifest["parts"]])


def read_manifest(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what the manifest of a partitioned atlas says."""
    parts = parts_folder(Path(folder))
    try:
        manifest = json.loads((parts / MANIFEST).read_text(encoding="utf-8"))
        version = manifest["schema_version"]
    except FileNotFoundError:
        raise AtlasError(
            f"There are no parts beside '{folder}': '{parts}' has no {MANIFEST}. Build them: songscape build …"
            " --engine dask"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AtlasError(f"'{parts / MANIFEST}' is damaged: {error!r}. Build it again.") from None
    if version != SCHEMA_VERSION:
        raise AtlasError(f"'{parts}' was written in form {version}; this Songscape reads form {SCHEMA_VERSION}.")
    return dict(manifest)


def write_manifest(folder: Path, model: Path, told: dict[str, Any]) -> None:
    """Write the manifest of the parts in a folder, for the model in another."""
    text = json.dumps(
        {"schema_version": SCHEMA_VERSION, "model": sha256(model / _MODEL), **told}, indent=2, ensure_ascii=False
    )
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def require_replaceable_parts(parts: Path) -> None:
    """Raise `AtlasError` unless parts may be written there: not there yet, empty, or parts."""
    if parts.exists() and not (parts.is_dir() and ((parts / MANIFEST).is_file() or not any(parts.iterdir()))):
        raise AtlasError(f"'{parts}' holds something else than the parts of an atlas, and would be lost. Move it.")


def sha256(path: Path) -> str:
    """Return the hash of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
