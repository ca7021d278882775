"""Writing the parts of an atlas: the manifest, and what may be replaced; `songscape.parts.dataset` reads it."""

import json
import shutil
from pathlib import Path
from typing import Any

from songscape.atlas.folder import remove_leftovers
from songscape.errors import AtlasError
from songscape.parts.dataset import MANIFEST, MODEL_ARRAYS, SCHEMA_VERSION, parts_folder, sha256


def part_name(number: int) -> str:
    """Return the file of a partition."""
    return f"part-{number:05d}.parquet"


def write_manifest(folder: Path, model: Path, told: dict[str, Any]) -> None:
    """Write the manifest of the parts in a folder, for the model in another."""
    signed = {"schema_version": SCHEMA_VERSION, "model": sha256(model / MODEL_ARRAYS), **told}
    text = json.dumps(signed, indent=2, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def require_replaceable_parts(parts: Path) -> None:
    """Raise `AtlasError` unless parts may be written there: not there yet, empty, or parts."""
    if parts.exists() and not (parts.is_dir() and ((parts / MANIFEST).is_file() or not any(parts.iterdir()))):
        raise AtlasError(f"'{parts}' holds something else than the parts of an atlas, and would be lost. Move it.")


def remove_parts(folder: Path) -> None:
    """Remove the parts of an atlas that one in one piece has replaced, and what killed builds left of parts."""
    parts = parts_folder(folder.resolve())
    remove_leftovers(parts)
    if (parts / MANIFEST).is_file():
        shutil.rmtree(parts, ignore_errors=True)
