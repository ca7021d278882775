"""Laying a map that was made anew on the old one, so that people find their islands again.

The turn, reflection and shift that bring the songs of two maps nearest to each other in the least squares sense: the
orthogonal Procrustes problem (Schönemann 1966, doi:10.1007/BF02289451). The map is not stretched, since the hierarchy
of its clusters holds distances; the scale that would fit best is told.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from songscape.atlas.record import Atlas
from songscape.errors import InputError
from songscape.types import Float32, Float64

if TYPE_CHECKING:
    from songscape.atlas.comparing import AtlasComparison


@dataclass(frozen=True, slots=True, eq=False)
class MapFit:
    """How a map is laid on another: ``new @ rotation + shift``.

    Attributes
    ----------
    rotation : float64, shape (n_components, n_components)
        Orthogonal: a turn, with a reflection where that fits better.
    shift : float64, shape (n_components,)
        Added after the turn.
    scale : float
        What the new map would be multiplied by to fit best; it is not applied.
    before, after : float
        The residual share: mean squared distance of the songs from their places on the old map, relative to the mean
        squared distance of these from their middle, as the maps are, and aligned. 0: the same map; about 2: unlike.
    """

    rotation: Float64
    shift: Float64
    scale: float
    before: float
    after: float

    @property
    def is_reflected(self) -> bool:
        """Whether the new map is a mirror image."""
        return bool(np.linalg.det(self.rotation) < 0.0)

    def apply(self, embedding: Float32 | Float64) -> Float64:
        """Return places of the new map as places on the old one."""
        moved: Float64 = np.asarray(embedding, np.float64) @ self.rotation + self.shift
        return moved

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "rotation": self.rotation.tolist(),
            "shift": self.shift.tolist(),
            "reflected": self.is_reflected,
            "scale": self.scale,
            "residual_before": self.before,
            "residual_after": self.after,
        }


def fit_map(old: Float32, new: Float32) -> MapFit:
    """Return how the new places of songs are laid on their old ones.

    Parameters
    ----------
    old, new : float32, shape (n_songs, n_components)
        The same songs in the same order, at least one.

    Examples
    --------
    >>> old = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 1.0]], np.float32)
    >>> fit = fit_map(old, old[:, ::-1] + 5.0)
    >>> fit.is_reflected, round(fit.after, 6)
    (True, 0.0)
    """
    left, right = np.asarray(old, np.float64), np.asarray(new, np.float64)
    middle, other = left.mean(axis=0), right.mean(axis=0)
    first, weights, last = np.linalg.svd((right - other).T @ (left - middle))
    rotation = first @ last
    spread, own = ((left - middle) ** 2).sum(), ((right - other) ** 2).sum()
    fit = MapFit(rotation, middle - other @ rotation, float(weights.sum() / own) if own > 0.0 else 1.0, 0.0, 0.0)
    before, after = (
        float(((left - places) ** 2).sum() / spread) if spread > 0.0 else 0.0 for places in (right, fit.apply(right))
    )
    return replace(fit, before=before, after=after)


def align_map(new: Atlas, comparison: "AtlasComparison") -> Atlas:
    """Return an atlas whose map is turned, reflected and shifted to lie as the old one does.

    Parameters
    ----------
    new : Atlas
        The new one of the comparison. It is not changed.
    comparison : AtlasComparison
        From `songscape.compare_atlases`.

    Returns
    -------
    Atlas
        Only places differ; distances between them, groups and scores are the same.

    Raises
    ------
    InputError
        If the maps have different numbers of dimensions.

    Examples
    --------
    >>> import songscape
    >>> tracks = songscape.synthesize_tracks(500, random_state=0)
    >>> one, other = (songscape.build_atlas(songscape.read_catalog(part)) for part in (tracks, tracks.head(450)))
    >>> found = songscape.compare_atlases(one, other)
    >>> aligned = songscape.align_map(other, found)
    >>> again = songscape.compare_atlases(one, aligned).map
    >>> again.before <= found.map.before, bool(abs(again.before - found.map.after) < 1e-3)
    (True, True)
    """
    if comparison.map is None:
        raise InputError("The two maps have different numbers of dimensions, so one cannot be laid on the other.")
    return replace(new, embedding=comparison.map.apply(new.embedding).astype(np.float32))
