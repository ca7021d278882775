"""Songscape: an atlas of a music catalog.

A name is imported from its module when it is first used, so that ``import songscape`` stays light.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from songscape.atlas.adding import add_tracks
    from songscape.atlas.aligning import align_map
    from songscape.atlas.build import build_atlas, evaluate
    from songscape.atlas.carrying import carry_groups
    from songscape.atlas.comparing import compare_atlases
    from songscape.atlas.loading import load_atlas
    from songscape.atlas.meaning import describe_groups, keep_stability
    from songscape.atlas.playlists import (
        build_playlist,
        find_similar,
        learn_weights,
        plan_journey,
        prove_use,
        reorder_playlist,
    )
    from songscape.atlas.record import Atlas
    from songscape.atlas.reporting import write_report
    from songscape.atlas.sweep import sweep
    from songscape.catalog import Catalog, read_catalog
    from songscape.catalog.synthetic import synthesize_tracks, write_synthetic
    from songscape.config import Config
    from songscape.distributed.building import build_partitioned
    from songscape.distributed.reporting import write_parts_report
    from songscape.errors import SongscapeError
    from songscape.estimators import HDBSCAN, UMAP
    from songscape.evaluation import silhouette_samples, silhouette_score
    from songscape.lyrics import fill_emotions
    from songscape.parts.dataset import scan_parts
    from songscape.parts.record import Parts, open_parts
    from songscape.playlist.request import JourneyRequest, PlaylistRequest
    from songscape.web.export import export_map
    from songscape.web.serving import serve

__version__ = "0.1.0"

__all__ = [
    "HDBSCAN",
    "UMAP",
    "Atlas",
    "Catalog",
    "Config",
    "JourneyRequest",
    "Parts",
    "PlaylistRequest",
    "SongscapeError",
    "add_tracks",
    "align_map",
    "build_atlas",
    "build_partitioned",
    "build_playlist",
    "carry_groups",
    "compare_atlases",
    "describe_groups",
    "evaluate",
    "export_map",
    "fill_emotions",
    "find_similar",
    "keep_stability",
    "learn_weights",
    "load_atlas",
    "open_parts",
    "plan_journey",
    "prove_use",
    "read_catalog",
    "reorder_playlist",
    "scan_parts",
    "serve",
    "silhouette_samples",
    "silhouette_score",
    "sweep",
    "synthesize_tracks",
    "write_parts_report",
    "write_report",
    "write_synthetic",
]

_HOMES = {
    "HDBSCAN": "songscape.estimators",
    "UMAP": "songscape.estimators",
    "Atlas": "songscape.atlas.record",
    "Catalog": "songscape.catalog",
    "Config": "songscape.config",
    "JourneyRequest": "songscape.playlist.request",
    "Parts": "songscape.parts.record",
    "PlaylistRequest": "songscape.playlist.request",
    "SongscapeError": "songscape.errors",
    "add_tracks": "songscape.atlas.adding",
    "align_map": "songscape.atlas.aligning",
    "build_atlas": "songscape.atlas.build",
    "build_partitioned": "songscape.distributed.building",
    "build_playlist": "songscape.atlas.playlists",
    "carry_groups": "songscape.atlas.carrying",
    "compare_atlases": "songscape.atlas.comparing",
    "describe_groups": "songscape.atlas.meaning",
    "evaluate": "songscape.atlas.build",
    "export_map": "songscape.web.export",
    "fill_emotions": "songscape.lyrics",
    "find_similar": "songscape.atlas.playlists",
    "keep_stability": "songscape.atlas.meaning",
    "learn_weights": "songscape.atlas.playlists",
    "load_atlas": "songscape.atlas.loading",
    "open_parts": "songscape.parts.record",
    "plan_journey": "songscape.atlas.playlists",
    "prove_use": "songscape.atlas.playlists",
    "read_catalog": "songscape.catalog",
    "reorder_playlist": "songscape.atlas.playlists",
    "scan_parts": "songscape.parts.dataset",
    "serve": "songscape.web.serving",
    "silhouette_samples": "songscape.evaluation",
    "silhouette_score": "songscape.evaluation",
    "sweep": "songscape.atlas.sweep",
    "synthesize_tracks": "songscape.catalog.synthetic",
    "write_parts_report": "songscape.distributed.reporting",
    "write_report": "songscape.atlas.reporting",
    "write_synthetic": "songscape.catalog.synthetic",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'songscape' has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
