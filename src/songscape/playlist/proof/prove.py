"""`prove_use`: how well real playlists are continued, beside rivals; how far lists reach; what order says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from songscape.errors import InputError
from songscape.playlist.content import Content
from songscape.playlist.cooccurrence import MIN_PLAYLISTS, learn_company
from songscape.playlist.learning import Learned
from songscape.playlist.proof.metrics import Measures, intervals, less, mean_of, measure
from songscape.playlist.proof.order import order_against_shuffled
from songscape.playlist.proof.protocol import Held, Playlist, Split, split_playlists
from songscape.playlist.proof.reach import reach
from songscape.playlist.proof.rivals import (
    Learner,
    Rival,
    item_neighbors,
    part_alone,
    part_left_out,
    plain_rivals,
    within_groups,
)
from songscape.playlist.ranking import best_first
from songscape.playlist.score import score_songs
from songscape.playlist.transitions import calibrate_prices
from songscape.playlist.weights import WITH_COMPANY, ScoreWeights
from songscape.progress import Progress, silent
from songscape.types import Float32, Int32

OURS = "songscape"

_TOP = 100
_MOST_LISTS = 240

Ways = Callable[[Int32], Mapping[str, Float32]]
"""From given songs to the scores of all songs, by each of several methods."""


@dataclass(frozen=True, slots=True, eq=False)
class ProofParams:
    """What a proof is made with.

    Attributes
    ----------
    weights : ScoreWeights
    company_weights : ScoreWeights
        Those of the score with co-occurrence.
    sources : tuple of str
        Beginnings of the names of sources that may judge; all where empty.
    share : float
        Share of the fit playlists that judge.
    labels : mapping
        Name of a grouping → group of each song, int32 (n_songs,), −1 for none.
    rivals : mapping
        Name of a rival that knows no playlist → what scores all songs for given ones.
    learners : mapping
        Name of a rival → what makes it from the songs of playlists that may teach, and the number of songs.
    random_state : int
    """

    weights: ScoreWeights = field(default_factory=ScoreWeights)
    company_weights: ScoreWeights = WITH_COMPANY
    sources: tuple[str, ...] = ()
    share: float = 0.4
    labels: Mapping[str, Int32] | None = None
    rivals: Mapping[str, Rival] | None = None
    learners: Mapping[str, Learner] | None = None
    random_state: int = 0


def prove_use(
    content: Content, playlists: Sequence[Playlist], params: ProofParams | None = None, *, progress: Progress = silent
) -> dict[str, Any]:
    """Judge the score by how well it continues real playlists.

    Parameters
    ----------
    content : Content
        The catalog's songs, prepared.
    playlists : sequence of Playlist
        Those that judge are drawn from them; the others teach co-occurrence.
    params : ProofParams, optional
    progress : callable
        Called with ``"prove"`` and a fraction.

    Returns
    -------
    dict
        Plain data. ``playlists``: how many judge, teach, and why others do not judge. ``content`` and ``company``:
        tables without and with co-occurrence, ``pool`` (songs that stand in any playlist) and ``whole`` catalog:
        method → measures with ``low`` and ``high`` ends of their 95 % intervals, and ``behind``: the same for what
        our score has more of them, by the same playlists (pairs drawn again). ``sources``: our measures by source.
        ``reach`` and ``order``: see `songscape.playlist.proof.reach` and `.order`.

    Raises
    ------
    InputError
        If no playlist is fit to judge.
    """
    params = params or ProofParams()
    split = split_playlists(
        playlists,
        content.songs.n_songs,
        share=params.share,
        random_state=params.random_state,
        sources=params.sources,
    )
    if not split.judges:
        why = ", ".join(f"{count} {reason}" for reason, count in split.left_out.items())
        raise InputError(f"No playlist of {len(playlists)} can judge: {why}. Add playlists of 20 to 400 known songs.")
    pool = np.unique(np.concatenate([playlist.songs for playlist in playlists]))
    proof: dict[str, Any] = {"playlists": _counts(playlists, split), "n_songs": content.songs.n_songs}
    proof["n_pool"] = len(pool)
    ways = _content_ways(content, params)
    told: list[dict[str, Measures]] = []
    proof["content"] = {"pool": _table(ways, split.judges, pool, told, lambda done: progress("prove", 0.5 * done))}
    main = _main_ways(content, params)
    proof["content"]["whole"] = _table(
        main, split.judges, None, None, lambda done: progress("prove", 0.5 + 0.2 * done)
    )
    proof["sources"] = _by_source(split, told)
    proof["company"] = _with_company(content, split, pool, params) if _teachers(split) >= MIN_PLAYLISTS else None
    lists = _lists(_reach_ways(content, params, main), split.judges)
    proof["reach"] = {name: reach(found, content.songs) for name, found in lists.items()}
    orders = [held.playlist.songs for held in split.judges]
    proof["order"] = order_against_shuffled(calibrate_prices(content.songs), orders)
    progress("prove", 1.0)
    return proof


def _counts(playlists: Sequence[Playlist], split: Split) -> dict[str, Any]:
    return {
        "all": len(playlists),
        "judges": len(split.judges),
        "teachers": _teachers(split),
        "left_out": dict(split.left_out),
        "hidden": sum(len(held.hidden) for held in split.judges),
    }


def _teachers(split: Split) -> int:
    """Return how many playlists teach what judges a playlist, at least."""
    return min(len(fold.teachers) for fold in split.folds)


def _main_ways(content: Content, params: ProofParams) -> Ways:
    """Return our score and the rivals that know no playlist."""
    rivals = {**plain_rivals(content, random_state=params.random_state), **(params.rivals or {})}

    def ways(given: Int32) -> dict[str, Float32]:
        ours = score_songs(content, given, None, params.weights).total
        return {OURS: ours, **{name: rival(given) for name, rival in rivals.items()}}

    return ways


def _reach_ways(content: Content, params: ProofParams, main: Ways) -> Ways:
    """Return also our score without the correction of hubs, where there is one."""
    plain = params.weights.with_changes(hubs=0.0)

    def ways(given: Int32) -> dict[str, Float32]:
        found = dict(main(given))
        if content.hubs is not None:
            found[f"{OURS} without hubs"] = score_songs(content, given, None, plain).total
        return found

    return ways


def _content_ways(content: Content, params: ProofParams) -> Ways:
    """Return also our score within groups, and each part alone and left out."""
    main = _main_ways(content, params)

    def ways(given: Int32) -> dict[str, Float32]:
        parts = score_songs(content, given, None, params.weights)
        found = dict(main(given))
        for name, labels in (params.labels or {}).items():
            found[f"{OURS} within {name}"] = within_groups(parts.total, labels, given)
        for name, weight in zip(parts.names, parts.weights, strict=True):
            if weight > 0.0 and parts.values[parts.names.index(name)].any():
                found[f"{name} alone"] = part_alone(parts, name)
                found[f"without {name}"] = part_left_out(parts, name)
        return found

    return ways


def _with_company(content: Content, split: Split, pool: Int32, params: ProofParams) -> dict[str, Any]:
    """Return the tables of methods that learn from other playlists which songs stand together."""
    rows: dict[str, list[dict[str, Measures]]] = {"pool": [], "whole": []}
    for fold in split.folds:
        ways = _company_ways(content, [playlist.songs for playlist in fold.teachers], params)
        for held in fold.judges:
            scores = ways(held.given)
            rows["pool"].append({name: _judge(score, held, pool) for name, score in scores.items()})
            rows["whole"].append({name: _judge(score, held, None) for name, score in scores.items()})
    return {candidates: _summed(found) for candidates, found in rows.items()}


def _company_ways(content: Content, teachers: list[Int32], params: ProofParams) -> Ways:
    """Return our score with co-occurrence, and the rivals that learn from the same playlists."""
    company = learn_company(teachers, content.tables.main_artist)
    learned = Learned(params.company_weights, company, len(teachers))
    learners = {"item neighbors": item_neighbors, **(params.learners or {})}
    rivals = {name: learner(teachers, content.songs.n_songs) for name, learner in learners.items()}

    def ways(given: Int32) -> dict[str, Float32]:
        return {
            f"{OURS} with company": learned.score(content, given).total,
            "company alone": company.score(given),
            **{name: rival(given) for name, rival in rivals.items()},
        }

    return ways


def _table(
    ways: Ways,
    judges: Sequence[Held],
    pool: Int32 | None,
    told: list[dict[str, Measures]] | None,
    report: Callable[[float], None],
) -> dict[str, dict[str, Any]]:
    """Return the measures of each method over all judges; `told` gets those of each judge."""
    rows: list[dict[str, Measures]] = []
    for at, held in enumerate(judges):
        rows.append({name: _judge(score, held, pool) for name, score in ways(held.given).items()})
        report((at + 1) / len(judges))
    if told is not None:
        told += rows
    return _summed(rows)


def _summed(rows: list[dict[str, Measures]]) -> dict[str, dict[str, Any]]:
    """Return the means of each method; a part that says nothing about the songs given has no row there.

    Methods but the first, which is ours, are told how far they lie behind it, playlist by playlist.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    ours = next(iter(names))
    table = {name: summary([row[name] for row in rows if name in row]) for name in names}
    for name in names:
        if name != ours:
            behind = summary([less(row[ours], row[name]) for row in rows if name in row])
            table[name]["behind"] = {key: behind[key] for key in (*Measures._fields, "low", "high")}
    return table


def summary(found: list[Measures]) -> dict[str, Any]:
    """Return means with the ends of their 95 % intervals, as plain data."""
    ends = intervals(found)
    return {
        **mean_of(found)._asdict(),
        "low": {name: low for name, (low, _) in ends.items()},
        "high": {name: high for name, (_, high) in ends.items()},
        "n_playlists": len(found),
    }


def _judge(score: Float32, held: Held, pool: Int32 | None) -> Measures:
    told = score.copy()
    told[held.given] = -np.inf
    if pool is None:
        return measure(told, held.hidden)
    return measure(told[pool], np.searchsorted(pool, held.hidden).astype(np.int32))


def _by_source(split: Split, told: list[dict[str, Measures]]) -> dict[str, Any]:
    groups: dict[str, list[Measures]] = {}
    for held, row in zip(split.judges, told, strict=True):
        groups.setdefault(held.playlist.source.split("/")[0] or "unnamed", []).append(row[OURS])
    return {source: summary(found) for source, found in sorted(groups.items())}


def _lists(ways: Ways, judges: Sequence[Held]) -> dict[str, list[Int32]]:
    """Return the best songs of the whole catalog for each judge, by each method."""
    lists: dict[str, list[Int32]] = {}
    for held in judges[:_MOST_LISTS]:
        for name, score in ways(held.given).items():
            told = score.copy()
            told[held.given] = -np.inf
            lists.setdefault(name, []).append(best_first(told, _TOP).astype(np.int32))
    return lists
