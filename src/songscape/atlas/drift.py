"""How far the tracks that were added to an atlas have moved away from those it was built from."""

import math
from typing import Any

import numpy as np

from songscape.atlas.record import Atlas
from songscape.types import Float64, Int32

_DRAWS = 200
_UNLIKE = 0.02  # share of new songs that are surely unlike the catalog; by definition 0.001 of the fitted ones are
_MOVED = 0.15  # of the new songs lie in other groups than the fitted ones, beyond what chance moves
_GROWN = 0.5  # new songs, relative to the fitted ones


def measure_drift(atlas: Atlas) -> dict[str, Any]:
    """Compare all songs that were added to an atlas with those it was fitted on.

    Returns
    -------
    dict
        ``songs``: how many were added. ``grown``: the same, relative to the fitted ones. ``unlike``: the share of
        them that are unlike all fitted songs; 0.001 of the fitted ones are. ``moved``: the share of them that would
        have to change their middle group for these to be filled as by the fitted songs (total variation
        distance), ``moved_null``: the same by chance, the 95th percentile of draws from the fitted shares.
        ``reasons``: why the atlas should be built anew, in a sentence each; empty while it serves.

    Examples
    --------
    >>> import songscape
    >>> tracks = songscape.synthesize_tracks(600, random_state=0)
    >>> grown = songscape.build_atlas(songscape.read_catalog(tracks.head(500))).add(
    ...     songscape.read_catalog(tracks.tail(100))
    ... )
    >>> measure_drift(grown)["reasons"]
    []
    """
    n_fitted = atlas.clustering.n_fitted
    n_new = len(atlas.songs) - n_fitted
    if n_new == 0 or atlas.unlike is None:
        return {"songs": 0, "grown": 0.0, "unlike": 0.0, "moved": 0.0, "moved_null": 0.0, "reasons": []}
    unlike = float(atlas.unlike[atlas.songs[n_fitted:]].mean())
    moved, null = _moved(atlas.groups.scale("middle").nearest, n_fitted)
    grown = n_new / n_fitted
    return {
        "songs": n_new,
        "grown": grown,
        "unlike": unlike,
        "moved": moved,
        "moved_null": null,
        "reasons": _reasons(grown, unlike if _at_least(unlike, n_new) > _UNLIKE else 0.0, moved, null),
    }


def _at_least(share: float, n: int) -> float:
    """Return the lower end of Wilson's 95 % interval: of few songs a share says little."""
    z = 1.96
    margin = z * math.sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n))
    return (share + z * z / (2.0 * n) - margin) / (1.0 + z * z / n)


def _moved(groups: Int32, n_fitted: int) -> tuple[float, float]:
    """Return the total variation distance of new from fitted songs over groups, and its null."""
    n_groups = int(groups.max()) + 1
    fitted = np.bincount(groups[:n_fitted], minlength=n_groups) / n_fitted
    n_new = len(groups) - n_fitted
    drawn = np.random.default_rng(0).multinomial(n_new, fitted, _DRAWS) / n_new
    new = np.bincount(groups[n_fitted:], minlength=n_groups) / n_new
    return _variation(new, fitted), float(np.quantile([_variation(draw, fitted) for draw in drawn], 0.95))


def _variation(one: Float64, other: Float64) -> float:
    return float(np.abs(one - other).sum() / 2.0)


def _reasons(grown: float, unlike: float, moved: float, null: float) -> list[str]:
    found = []
    if unlike:
        found.append(f"{unlike:.1%} of the new songs are unlike anything in the atlas (0.1 % by its own measure)")
    if moved - null > _MOVED:
        found.append(f"{moved:.0%} of the new songs lie in other groups than old ones would ({null:.0%} by chance)")
    if grown > _GROWN:
        found.append(f"{grown / (1.0 + grown):.0%} of all songs were added, and shaped neither map nor groups")
    return found
