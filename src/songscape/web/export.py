"""The map as one HTML file: page, data and policy inside, nothing loaded from anywhere."""

import json
import os
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from songscape.atlas.record import Atlas
from songscape.disk import writing
from songscape.errors import ParameterError, must_be
from songscape.threads import run_tasks
from songscape.web.packing import atlas_facts, group_cards, pack_details, pack_points, pack_text
from songscape.web.page import offline_page

_LEVEL = 6  # of deflate: 9 takes four times as long for 2 %


def export_map(atlas: Atlas, path: str | os.PathLike[str]) -> Path:
    """Write the map of an atlas as one HTML file that needs neither network nor server.

    Parameters
    ----------
    atlas : Atlas
        From `songscape.build_atlas` or `songscape.load_atlas`.
    path : path
        The HTML file; an old one is replaced. Its folder is made if need be.

    Returns
    -------
    Path
        The file: about 14 MB for 200 000 tracks. The same bytes for the same atlas.

    Raises
    ------
    ParameterError
        If `atlas` is something else.
    InputError
        If the file cannot be written.

    Examples
    --------
    >>> import songscape, tempfile
    >>> atlas = songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(200, random_state=0)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     songscape.export_map(atlas, f"{folder}/map.html").read_text(encoding="utf-8")[:15]
    '<!DOCTYPE html>'
    """
    if not isinstance(atlas, Atlas):
        raise ParameterError(must_be("atlas", "an Atlas, from songscape.build_atlas or load_atlas", type(atlas)))
    target = Path(path)
    data = map_page(atlas).encode()
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    with writing("The map", target, "Choose another place with -o."):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            aside.write_bytes(data)
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    return target


def map_page(atlas: Atlas) -> str:
    """Return the map of an atlas as one HTML page."""
    about = json.dumps({"facts": atlas_facts(atlas), "groups": group_cards(atlas)}, ensure_ascii=False)
    makers: dict[str, Callable[[], bytes]] = {
        "points": partial(pack_points, atlas),
        "about": about.encode,
        "text": partial(pack_text, atlas),
        "details": partial(pack_details, atlas),
    }
    parts = run_tasks([partial(_packed, make) for make in makers.values()])
    return offline_page(dict(zip(makers, parts, strict=True)))


def _packed(make: Callable[[], bytes]) -> bytes:
    return zlib.compress(make(), _LEVEL)
