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
MODEL_ARRAYS = "arrays.npz"
"""The file of the model that tells it from others: its hash stands in the manifest."""


def parts_folder(folder: Path) -> Path:
    """Return the folder of the parts that belong to an atlas."""
    return folder.with_name(f"{folder.name}.parts")


def model_of(parts: Path) -> Path | None:
    """Return the folder of the atlas that parts in a folder belong to; None where there are no parts in it."""
    if not (parts / MANIFEST).is_file():
        return None
    resolved = parts.resolve()  # so that "." has a name
    return resolved.with_name(resolved.name.removesuffix(".parts"))


def model_folder(folder: str | os.PathLike[str]) -> Path:
    """Return the folder of the atlas, given that or the folder of its parts."""
    return model_of(Path(folder)) or Path(folder)


def scan_parts(folder: str | os.PathLike[str]) -> pl.LazyFrame:
    """Return the tracks of a partitioned atlas as a lazy table: nothing is loaded before it is needed.

    Parameters
    ----------
    folder : path
        Of a partitioned atlas, or of its parts.

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
    source = model_folder(folder)
    parts = parts_folder(source)
    manifest = read_manifest(source)
    require_whole_parts(source, manifest)
    return pl.scan_parquet([parts / part["file"] for part in manifest["parts"]])


def require_whole_parts(source: Path, manifest: dict[str, Any]) -> None:
    """Raise `AtlasError` if parts are missing or of another size than written, or belong to another atlas."""
    parts = parts_folder(source)
    wrong = [
        part["file"]
        for part in manifest["parts"]
        if not (parts / part["file"]).is_file() or (parts / part["file"]).stat().st_size != part["bytes"]
    ]
    if wrong:
        raise AtlasError(f"'{parts}' is damaged: {', '.join(wrong[:3])} missing or not as written. Build it again.")
    if not (source / MODEL_ARRAYS).is_file() or sha256(source / MODEL_ARRAYS) != manifest["model"]:
        raise AtlasError(
            f"The parts in '{parts}' belong to another atlas than the one in '{source}', which was built or grown"
            " since. Build them again."
        )


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


def sha256(path: Path) -> str:
    """Return the hash of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
