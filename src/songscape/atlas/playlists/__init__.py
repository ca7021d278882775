"""Playlists of an atlas: what joins requests and names with the pure stages of `songscape.playlist`."""

from songscape.atlas.playlists.building import build_playlist, find_similar, plan_journey, reorder_playlist
from songscape.atlas.playlists.learning import KnownPlaylists, learn_weights, prove_use, read_known_playlists
from songscape.atlas.playlists.library import Library, library_of
from songscape.atlas.playlists.record import Playlist, PlaylistTrack

__all__ = [
    "KnownPlaylists",
    "Library",
    "Playlist",
    "PlaylistTrack",
    "build_playlist",
    "find_similar",
    "learn_weights",
    "library_of",
    "plan_journey",
    "prove_use",
    "read_known_playlists",
    "reorder_playlist",
]
