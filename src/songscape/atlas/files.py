"""The files of an atlas folder: what they are called, whether they are whole, whether they may be replaced."""

import contextlib
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from songscape import __version__
from songscape.disk import writing
from songscape.errors import AtlasError

SCHEMA_VERSION = 1
"""Rises when a folder could not be read by an older Songscape."""

SONGS = "songs.npz"
"""What playlists need of the songs; an atlas that was loaded keeps these arrays under this name."""

FILES = (
    "tracks.parquet", "arrays.npz", SONGS, "groups.json", "report.html", "report.json", "map.png", "map.svg",
    "rejects.csv", "run.json",
)  # fmt: skip
"""What an atlas folder holds, and nothing else."""

PAGES = ("report.html", "report.json", "map.png", "map.svg", "map.html")
"""Files to look at, made of the others."""

_LATER = (SONGS,)
"""Files that folders of the same form written by older Songscapes do not have, and can be read without."""


MAP = "map.html"
"""The map for the browser, which may lie in the folder; it is made from the atlas and never read back."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:")  # as a path, "s3://bucket" has lost a slash


def require_replaceable(folder: Path) -> None:
    """Raise `AtlasError` unless an atlas may be written to `folder`: not there yet, empty, or an atlas."""
    if folder.parts[:1] and _SCHEME.fullmatch(folder.parts[0]) and not Path(folder.parts[0]).exists():
        raise AtlasError(
            f"'{folder}' looks like an address in a store, and an atlas is a folder on a disk. Build it into one, and"
            " copy that."
        )
    if not folder.exists():
        return
    if not folder.is_dir():
        raise AtlasError(f"'{folder}' is a file, and an atlas is a folder. Choose another name.")
    strange = sorted(path.name for path in folder.iterdir() if not _is_ours(path.name))
    if strange:
        raise AtlasError(
            f"'{folder}' holds what is not part of an atlas, and would be lost: {', '.join(strange[:3])}"
            f"{f' and {len(strange) - 3} more' if len(strange) > 3 else ''}. Choose another folder, or move them."
        )
    if any(folder.iterdir()):
        read_run(folder)


def _is_ours(name: str) -> bool:
    """Whether a file is part of an atlas, or a map that an export did not finish."""
    return name in (*FILES, MAP) or (name.startswith(f".{MAP}.") and name.endswith(".part"))


def _instead_of(folder: Path) -> str:
    """Return what to do with a folder that is not an atlas."""
    atlas = folder.with_name(folder.name.removesuffix(".parts"))
    if atlas != folder and (atlas / "run.json").is_file():
        return (
            f"It holds all tracks in parts, for lists and searches; their groups and scores are those of '{atlas}'."
        )
    return "Build one in a folder of its own: songscape build tracks.csv -o atlas/"


def read_run(folder: Path) -> dict[str, Any]:
    """Return what run.json says, once it is clear that this Songscape can read the folder."""
    if not folder.is_dir():
        what = "is a file, and an atlas is a folder" if folder.exists() else "does not exist"
        raise AtlasError(f"'{folder}' {what}. Build an atlas: songscape build tracks.csv -o atlas/")
    try:
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        version, writer = run["schema_version"], run["songscape_version"]
    except FileNotFoundError:
        raise AtlasError(f"'{folder}' is not an atlas: it has no run.json. {_instead_of(folder)}") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise AtlasError(f"'{folder}' is not an atlas, or damaged: run.json cannot be read ({error!r}).") from None
    if not isinstance(version, int) or version > SCHEMA_VERSION:
        raise AtlasError(
            f"The atlas at '{folder}' was written by Songscape {writer} in form {version}; this Songscape"
            f" {__version__} reads forms up to {SCHEMA_VERSION}. Update Songscape, or build the atlas again."
        )
    return dict(run)


def signed(run: dict[str, Any]) -> dict[str, Any]:
    """Return what run.json holds with its own sha256, which tells damage in it."""
    return run | {"sha256": _digest(run)}


def _digest(run: dict[str, Any]) -> str:
    as_read = json.loads(json.dumps(run))
    return hashlib.sha256(json.dumps(as_read, sort_keys=True).encode()).hexdigest()


def fingerprints(folder: Path) -> dict[str, dict[str, int | str]]:
    """Return size and sha256 of each file in the folder, by name; not of the map's page, which may be made anew."""
    return {path.name: _fingerprint(path) for path in sorted(folder.iterdir()) if path.name != MAP}


def _fingerprint(path: Path) -> dict[str, int | str]:
    with path.open("rb") as stream:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}


def require_whole(folder: Path, run: dict[str, Any]) -> None:
    """Raise `AtlasError` that names the files that are missing or not as they were written."""
    known = run.get("files", {})
    expected = [name for name in FILES if name != "run.json" and (name in known or name not in _LATER)]
    wrong = [
        name for name in expected if not (folder / name).is_file() or _fingerprint(folder / name) != known.get(name)
    ]
    own = {name: value for name, value in run.items() if name != "sha256"}
    if run.get("sha256", _digest(own)) != _digest(own):  # older Songscapes did not sign it
        wrong.append("run.json")
    if wrong:
        raise AtlasError(
            f"The atlas at '{folder}' is damaged: {', '.join(wrong)} missing or not as written. Build it again."
        )


def told(target: Path) -> contextlib.AbstractContextManager[None]:
    """Turn what the system says about disk and rights while an atlas is written into our errors."""
    left = "nothing was left behind"
    return writing("The atlas", target, "Choose another folder.", kept=left, error=AtlasError)
