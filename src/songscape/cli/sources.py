"""What lists are made of: an atlas, or all parts of a partitioned one."""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import typer

from songscape.atlas.loading import load_atlas
from songscape.atlas.playlists import Playlist, build_playlist, find_similar, plan_journey, reorder_playlist
from songscape.atlas.record import Atlas
from songscape.errors import AtlasError
from songscape.parts.dataset import model_of, parts_folder, read_manifest
from songscape.playlist.request import JourneyRequest, PlaylistRequest
from songscape.wording import number


class Source(Protocol):
    """Whatever makes lists; `songscape.parts.record.Parts` is one."""

    def playlist(self, request: PlaylistRequest) -> Playlist:
        """Build a playlist."""
        ...

    def journey(self, request: JourneyRequest) -> Playlist:
        """Plan a journey."""
        ...

    def reorder(
        self, tracks: str | os.PathLike[str] | Sequence[str], *, request: PlaylistRequest | None = None
    ) -> Playlist:
        """Put tracks in order."""
        ...

    def similar(self, track: str, *, n: int = 10) -> Playlist:
        """Find tracks like one."""
        ...


@dataclass(frozen=True, slots=True)
class OneAtlas:
    """An atlas that makes lists."""

    atlas: Atlas

    def playlist(self, request: PlaylistRequest) -> Playlist:
        """Build a playlist."""
        return build_playlist(self.atlas, request)

    def journey(self, request: JourneyRequest) -> Playlist:
        """Plan a journey."""
        return plan_journey(self.atlas, request)

    def reorder(
        self, tracks: str | os.PathLike[str] | Sequence[str], *, request: PlaylistRequest | None = None
    ) -> Playlist:
        """Put tracks in order."""
        return reorder_playlist(self.atlas, tracks, request=request)

    def similar(self, track: str, *, n: int = 10) -> Playlist:
        """Find tracks like one."""
        return find_similar(self.atlas, track, n=n)


def open_source(folder: Path) -> Source:
    """Return what lies in a folder, ready to make lists; says on stderr where an atlas has parts beside it."""
    if model_of(folder) is not None:
        from songscape.parts.record import open_parts

        return open_parts(folder)
    atlas = load_atlas(folder)
    tell_of_parts(folder)
    return OneAtlas(atlas)


def tell_of_parts(folder: Path) -> None:
    """Say on stderr that an atlas is a sample of more tracks, where parts lie beside it."""
    parts = parts_folder(folder)
    if model_of(parts) is None:
        return
    with contextlib.suppress(AtlasError):  # of damaged parts nothing is said to those who did not ask for them
        told = sum(part["tracks"] for part in read_manifest(folder)["parts"])
        typer.echo(f"This atlas is a sample of {number(told)} tracks. All of them can be asked: {parts}/", err=True)
