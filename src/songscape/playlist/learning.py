"""Weights of the parts, and what stands together, learned from playlists.

Each playlist of twenty songs or more is split: some songs are given, the others are to be found among the songs of
the catalog. The weights make the songs to be found most probable under a softmax over the candidates (conditional
logistic regression), a penalty keeping them near the defaults. Of the candidates those that score best under the
defaults are taken, and of the others a sample that counts for all of them.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from songscape.errors import InputError
from songscape.playlist.content import Content
from songscape.playlist.cooccurrence import MIN_PLAYLISTS, Company, learn_company
from songscape.playlist.score import ScoreParts, score_songs
from songscape.playlist.weights import WITH_COMPANY, ScoreWeights
from songscape.progress import Progress, silent
from songscape.types import Float32, Float64, Int32

MIN_LEARNED = 20
"""Fewer playlists teach no weights."""

_COMPANY = tuple(field.name for field in fields(Company))
_GIVEN = 10
_MOST_HIDDEN = 100
_BEST, _SAMPLED = 3000, 3000
_MOST_PLAYLISTS = 400
_PULL = 0.02  # penalty on the squared relative step away from the defaults
_STEPS = 60
_FOLDS = 5
_MOST_KEPT = 2  # files; one of 60 000 songs takes 25 MB


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What playlists taught.

    Attributes
    ----------
    weights : ScoreWeights
    company : Company or None
        None where there were too few playlists.
    n_playlists : int
        How many playlists there were to learn from.
    """

    weights: ScoreWeights
    company: Company | None
    n_playlists: int

    def score(self, content: Content, seeds: Int32, seed_weights: Float32 | None = None) -> ScoreParts:
        """Score all songs as `score_songs` does, with what was learned."""
        parts = score_songs(content, seeds, seed_weights, self.weights)
        if self.company is None:
            return parts
        return parts.with_part("company", self.company.score(seeds, seed_weights), self.weights.company)

    def save(self, path: str | Path) -> None:
        """Write all to one ``.npz`` file, aside first, then renamed."""
        target = Path(path)
        aside = target.with_name(f".{target.name}.partial")
        told = json.dumps({"weights": self.weights.model_dump(), "n_playlists": self.n_playlists})
        arrays: dict[str, Any] = {"told": np.array(told)}
        if self.company is not None:
            arrays |= {name: getattr(self.company, name) for name in _COMPANY}
        with aside.open("wb") as file:
            np.savez(file, **arrays)
        aside.replace(target)


def load_learned(path: str | Path, n_songs: int) -> Learned:
    """Read what `Learned.save` wrote; the last few files are kept for as long as they do not change.

    Parameters
    ----------
    path : path
    n_songs : int
        Songs in the catalog that it shall be used with.

    Raises
    ------
    InputError
        If the file is missing or no such file, or was learned on another catalog.
    """
    try:
        status = Path(path).stat()
        learned = _read_learned(os.fspath(path), status.st_mtime_ns, status.st_size)
    except FileNotFoundError:
        raise InputError(f"There is no file '{path}'. Learn first: songscape learn ATLAS --playlists FILE.") from None
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, BadZipFile):
        raise InputError(f"'{path}' is not a file of learned weights. Learn again.") from None
    company = learned.company
    if company is not None and company.n_songs != n_songs:
        raise InputError(f"'{path}' was learned on {company.n_songs} songs; this catalog has {n_songs}. Learn again.")
    return learned


@lru_cache(maxsize=_MOST_KEPT)
def _read_learned(path: str, changed: int, size: int) -> Learned:  # time and size tell one state of a file
    with Path(path).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        told = json.loads(str(file["told"]))
        arrays = {name: file[name] for name in _COMPANY if name in file}
    company = None
    if arrays:
        if arrays.keys() != set(_COMPANY):
            raise InputError(f"'{path}' was learned by an older songscape. Learn again.")
        company = Company(**arrays | {"n_playlists": int(arrays["n_playlists"])})
    return Learned(ScoreWeights(**told["weights"]), company, told["n_playlists"])


@dataclass(frozen=True, slots=True, eq=False)
class _Lesson:
    """One playlist as the weights see it: parts of candidates, those that belong first, and how many each is for."""

    names: tuple[str, ...]
    values: Float32
    counts: Float32
    n_belong: int


def learn_weights(
    content: Content,
    playlists: Sequence[Int32],
    *,
    company: bool = True,
    random_state: int = 0,
    progress: Progress = silent,
) -> Learned:
    """Learn the weights of the parts from playlists and, from `MIN_PLAYLISTS` on, what stands together.

    Parameters
    ----------
    content : Content
    playlists : sequence of int32 arrays
        The songs of each playlist, each once.
    company : bool
        Learn what stands together, too, if there are enough playlists.
    random_state : int
        Seed of the draws.
    progress : callable
        Called with ``"learn"`` and a fraction.

    Returns
    -------
    Learned
        The weight of `company` is learned on playlists that its factors were not learned from; the factors returned
        come from all.

    Raises
    ------
    InputError
        If fewer than `MIN_LEARNED` playlists have 20 songs or more.
    """
    long = [i for i, songs in enumerate(playlists) if len(songs) >= 2 * _GIVEN]
    if len(long) < MIN_LEARNED:
        raise InputError(
            f"Weights are learned from at least {MIN_LEARNED} playlists of {2 * _GIVEN} known songs. Got {len(long)}."
            " Add playlists, or keep the default weights."
        )
    rng = np.random.default_rng(random_state)
    drawn = rng.permutation(long)[:_MOST_PLAYLISTS]
    together = company and len(playlists) >= 2 * MIN_PLAYLISTS
    start = WITH_COMPANY if together else ScoreWeights()
    lessons: list[_Lesson] = []
    for fold in range(_FOLDS):
        held = drawn[fold::_FOLDS]
        inside = set(held.tolist())
        rest = [songs for i, songs in enumerate(playlists) if i not in inside]
        known = learn_company(rest, content.tables.main_artist) if together else None
        lessons += [_lesson(Learned(start, known, 0), content, playlists[i], rng) for i in held]
        progress("learn", (fold + 1) / (_FOLDS + 1))
    names = lessons[0].names
    fitted = _fit(lessons, start.of(names).astype(np.float64))
    weights = start.with_changes(**{name: float(w) for name, w in zip(names, fitted, strict=True)})
    factors = learn_company(playlists, content.tables.main_artist) if together else None
    progress("learn", 1.0)
    return Learned(weights, factors, len(playlists))


def _lesson(before: Learned, content: Content, songs: Int32, rng: np.random.Generator) -> _Lesson:
    order = rng.permutation(songs)
    given, hidden = order[:_GIVEN], order[_GIVEN : _GIVEN + _MOST_HIDDEN]
    parts = before.score(content, given)
    total = parts.total.copy()
    total[songs] = -np.inf
    n_others = len(total) - len(songs)
    n_best = min(_BEST, n_others)
    ranked = np.argpartition(-total, max(n_best - 1, 0))
    others = ranked[n_best:][total[ranked[n_best:]] > -np.inf]
    sample = rng.choice(others, min(_SAMPLED, len(others)), replace=False)
    candidates = np.concatenate([hidden, ranked[:n_best], sample])
    counts = np.ones(len(candidates), np.float32)
    counts[len(hidden) + n_best :] = len(others) / max(len(sample), 1)
    return _Lesson(parts.names, np.ascontiguousarray(parts.at(candidates).T), counts, len(hidden))


def _fit(lessons: list[_Lesson], start: Float64) -> Float64:
    """Return the weights ≥ 0 under which the songs that belong are most probable."""
    from scipy.optimize import minimize

    spread = np.sqrt(np.mean([lesson.values.astype(np.float64).var(axis=0) for lesson in lessons], axis=0))
    unit = np.where(spread > 1e-6, spread, np.inf)
    scaled = [replace(lesson, values=(lesson.values / unit).astype(np.float32)) for lesson in lessons]
    before = np.where(np.isfinite(unit), start * unit, 0.0)

    def loss(weights: Float64) -> tuple[float, Float64]:
        total, slope = 0.0, np.zeros(len(weights))
        for lesson in scaled:
            score = lesson.values @ weights.astype(np.float32)
            odds = lesson.counts * np.exp(score - score.max())
            own = lesson.values[: lesson.n_belong]
            total += float(np.log(odds.sum()) + score.max() - score[: lesson.n_belong].mean())
            slope += (odds @ lesson.values) / odds.sum() - own.mean(axis=0)
        away = weights - before
        return total / len(scaled) + _PULL * float(away @ away), slope / len(scaled) + 2.0 * _PULL * away

    bounds = [(0.0, 20.0)] * len(start)
    found = minimize(loss, before, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": _STEPS})
    fitted: Float64 = np.where(np.isfinite(unit), found.x / unit, start)
    return np.clip(fitted, 0.0, 100.0)
