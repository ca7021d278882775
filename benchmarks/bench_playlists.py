"""How well real playlists are continued, beside rivals (docs/usefulness.md).

    SONGSCAPE_DATA=folder python benchmarks/bench_playlists.py [--lists 10000] [--out FOLDER]

Reads ``tracks.parquet`` and ``playlists.parquet`` of the folder. Playlists of the Million Playlist sample and of the
playlist archive judge, never those that weights were fitted to. Writes ``playlists.json`` and ``playlists.md``, and
ends with an error if a floor is missed. With ``--lists`` so many playlists from single random seeds show the reach,
before and after hubs are corrected. `implicit` and `six parts with implicit` take part where that package is
installed.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix
from sklearn.cluster import MiniBatchKMeans

from six_parts import FACTORS, six_parts, six_parts_with
from songscape import HDBSCAN
from songscape.catalog import read_catalog
from songscape.playlist.content import Content, prepare_content
from songscape.playlist.hubs import with_hubs
from songscape.playlist.proof.protocol import Playlist, membership
from songscape.playlist.proof.prove import OURS, ProofParams, prove_use
from songscape.playlist.proof.reach import reach
from songscape.playlist.proof.rivals import Learner, Rival
from songscape.playlist.ranking import best_first
from songscape.playlist.reading import read_songs
from songscape.playlist.score import score_songs
from songscape.playlist.weights import ScoreWeights

HONEST = ("nicholassgeis", "mackorone")
MEASURES = ("r_precision", "recall", "ndcg")
FLOORS = {
    ("content", "pool", OURS): (0.13, 0.38, 0.27),
    ("content", "whole", OURS): (0.10, 0.33, 0.23),
    ("company", "pool", f"{OURS} with company"): (0.20, 0.55, 0.41),
    ("company", "whole", f"{OURS} with company"): (0.18, 0.54, 0.39),
}
REACH_FLOOR, MOST_LISTS = 0.60, 15
LENGTH = 30


def main() -> int:
    """Prove, write, and tell which floors are missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    parser.add_argument("--lists", type=int, default=10_000, help="playlists that show the reach")
    given = parser.parse_args()
    folder = Path(os.environ["SONGSCAPE_DATA"])
    tracks = read_catalog(folder / "tracks.parquet").tracks
    nothing = np.zeros((tracks.height, 1), np.float32)
    songs = read_songs(tracks, np.nan_to_num(_ranks(tracks)), nothing)
    content = with_hubs(prepare_content(songs))
    playlists = read_playlists(folder / "playlists.parquet", tracks)
    learners: dict[str, Learner] = {}
    if find_spec("implicit"):
        learners = {
            "implicit": implicit_als,
            "six parts with implicit": six_parts_with(implicit_als, content),
            "six parts with twice as much of it": six_parts_with(implicit_als, content, 2.0 * FACTORS),
        }
    params = ProofParams(
        sources=HONEST, labels=_groups(content), rivals={"six parts": six_parts(content)}, learners=learners
    )
    proof = prove_use(content, playlists, params)
    proof["seeds"] = reach_of_seeds(content, given.lists)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "playlists.json").write_text(json.dumps(proof, indent=1) + "\n", encoding="utf-8")
    (given.out / "playlists.md").write_text(render(proof), encoding="utf-8")
    missed = missed_floors(proof)
    sys.stdout.write("".join(f"missed: {line}\n" for line in missed) or "all floors are met\n")
    return 1 if missed else 0


def read_playlists(path: Path, tracks: pl.DataFrame) -> list[Playlist]:
    """Return the playlists as distinct known songs in their order; of several under one id the first."""
    table = pl.read_parquet(path).join(tracks.select(track_id="id", song="version_family"), on="track_id")
    table = table.sort("playlist_id", "position").unique(
        ["source", "playlist_id", "song"], keep="first", maintain_order=True
    )
    found: dict[str, Playlist] = {}
    for (source, number, name), rows in table.group_by("source", "playlist_id", "playlist_name", maintain_order=True):
        found.setdefault(number, Playlist(name or "", source, rows["song"].to_numpy().astype(np.int32), number))
    return list(found.values())


def _ranks(tracks: pl.DataFrame) -> np.ndarray:
    names = (
        "danceability",
        "energy",
        "positiveness",
        "speechiness",
        "acousticness",
        "instrumentalness",
        "loudness",
        "tempo",
    )
    ranked = tracks.select((pl.col(name).rank() / pl.len()).cast(pl.Float32) for name in names)
    return ranked.fill_null(0.5).to_numpy()


def _groups(content: Content) -> dict[str, np.ndarray]:
    """Return the groups of songs by their sound."""
    levels = np.nan_to_num(content.tables.levels.T)
    return {
        "k-means groups": MiniBatchKMeans(60, random_state=0, n_init=1).fit(levels).labels_.astype(np.int32),
        "HDBSCAN groups": HDBSCAN(min_cluster_size=100).fit_predict(levels),
    }


def implicit_als(playlists: Sequence[np.ndarray], n_songs: int) -> Rival:
    """Return the rival from the package implicit: its alternating least squares, with 64 factors."""
    from implicit.als import AlternatingLeastSquares

    members = csr_matrix(membership(playlists, n_songs))
    model = AlternatingLeastSquares(64, regularization=0.1, alpha=10.0, iterations=15, num_threads=1, random_state=0)
    model.fit(members, show_progress=False)

    def score(given: np.ndarray) -> np.ndarray:
        held = csr_matrix((np.ones(len(given), np.float32), (np.zeros(len(given), int), given)), shape=(1, n_songs))
        return np.asarray(model.item_factors @ model.recalculate_user(0, held).ravel(), np.float32)

    return score


def reach_of_seeds(content: Content, n_lists: int) -> dict[str, dict[str, float]]:
    """Return what playlists of thirty songs from one random seed each show of the catalog, before and after."""
    seeds = np.random.default_rng(0).integers(0, content.songs.n_songs, n_lists)
    lists: dict[str, list[np.ndarray]] = {OURS: [], "without hub correction": []}
    correction = np.float32(ScoreWeights().for_seeds(1).hubs) * content.hubs
    for seed in seeds.tolist():
        score = score_songs(content, np.array([seed], np.int32)).total
        score[seed] = -np.inf
        for name, total in zip(lists, (score, score - correction), strict=True):
            lists[name].append(best_first(total, LENGTH).astype(np.int32))
    return {name: reach(found, content.songs) for name, found in lists.items()}


def render(proof: dict[str, Any]) -> str:
    """Return the tables as Markdown."""
    lines = [f"{proof['playlists']['judges']} playlists judge, {proof['playlists']['teachers']} teach.", ""]
    for table in ("content", "company"):
        for candidates, rows in (proof[table] or {}).items():
            lines += [
                f"**{table}, {candidates}**",
                "",
                "| method | R-precision | recall@500 | NDCG@500 | AUC | clicks | behind ours in NDCG |",
            ]
            lines.append("| --- | --- | --- | --- | --- | --- | --- |")
            lines += [f"| {name} | {_row(row)} |" for name, row in rows.items()]
            lines.append("")
    for title, rows in (
        (f"best 100 for {proof['playlists']['judges']} judges", proof["reach"]),
        ("seeds", proof["seeds"]),
    ):
        lines += [
            f"| {title} | distinct | of the catalog | most lists | Gini | most frequent artist |",
            "| --- " * 6 + "|",
        ]
        lines += [
            f"| {name} | {row['distinct_share']:.3f} | {row['catalog_share']:.3f} | {row['most_lists']} |"
            f" {row['gini']:.3f} | {row['most_artist_share']:.3f} |"
            for name, row in rows.items()
        ]
        lines.append("")
    order = proof["order"]
    for name, ratio in (("real order", "ratio"), ("our order", "ours_ratio")):
        lines.append(f"Steps in {name} cost {order[ratio]:.3f} ± {order[f'{ratio}_error']:.3f} of shuffled ones.")
    lines.append("")
    return "\n".join(lines)


def _row(row: dict[str, Any]) -> str:
    cells = [f"{row[name]:.3f} [{row['low'][name]:.3f}, {row['high'][name]:.3f}]" for name in MEASURES]
    return " | ".join([*cells, f"{row['auc']:.3f}", f"{row['clicks']:.2f}", _behind(row)])


def _behind(row: dict[str, Any]) -> str:
    """Return what our score finds more, by the same playlists."""
    if "behind" not in row:
        return ""
    behind = row["behind"]
    return f"{behind['ndcg']:.3f} [{behind['low']['ndcg']:.3f}, {behind['high']['ndcg']:.3f}]"


def missed_floors(proof: dict[str, Any]) -> list[str]:
    """Return one line for each floor that is missed."""
    lines = []
    for (table, candidates, name), floors in FLOORS.items():
        row = proof[table][candidates][name]
        for measure, floor in zip(MEASURES, floors, strict=True):
            if row[measure] < floor:
                lines.append(f"{name}, {candidates}: {measure} {row[measure]:.3f} below {floor}")
    ours = proof["reach"][OURS]
    if ours["distinct_share"] < REACH_FLOOR or ours["most_lists"] > MOST_LISTS:
        lines.append(f"reach: {ours['distinct_share']:.3f} distinct, one song in {ours['most_lists']} lists")
    return lines


if __name__ == "__main__":
    sys.exit(main())
