"""How well real playlists are continued, beside rivals (docs/usefulness.md).

    SONGSCAPE_DATA=folder python benchmarks/bench_playlists.py [--out FOLDER]

Reads ``tracks.parquet`` and ``playlists.parquet`` of the folder. Playlists of the Million Playlist sample and of the
playlist archive judge, never those that weights were fitted to. Writes ``playlists.json`` and ``playlists.md``, and
ends with an error if a floor is missed.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn.cluster import MiniBatchKMeans

from songscape.catalog import read_catalog
from songscape.playlist.content import Content, prepare_content
from songscape.playlist.proof.protocol import Playlist
from songscape.playlist.proof.prove import OURS, ProofParams, prove_use
from songscape.playlist.reading import read_songs
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


def main() -> int:
    """Prove, write, and tell which floors are missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    out = parser.parse_args().out
    folder = Path(os.environ["SONGSCAPE_DATA"])
    tracks = read_catalog(folder / "tracks.parquet").tracks
    nothing = np.zeros((tracks.height, 1), np.float32)
    songs = read_songs(tracks, np.nan_to_num(_ranks(tracks)), nothing)
    content = prepare_content(songs)
    playlists = read_playlists(folder / "playlists.parquet", tracks)
    params = ProofParams(ScoreWeights(), sources=HONEST, labels={"k-means groups": _groups(content)})
    proof = prove_use(content, playlists, params)
    out.mkdir(parents=True, exist_ok=True)
    (out / "playlists.json").write_text(json.dumps(proof, indent=1) + "\n", encoding="utf-8")
    (out / "playlists.md").write_text(render(proof), encoding="utf-8")
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


def _groups(content: Content) -> np.ndarray:
    levels = np.nan_to_num(content.tables.levels.T)
    return MiniBatchKMeans(60, random_state=0, n_init=1).fit(levels).labels_.astype(np.int32)


def render(proof: dict[str, Any]) -> str:
    """Return the tables as Markdown."""
    lines = [f"{proof['playlists']['judges']} playlists judge, {proof['playlists']['teachers']} teach.", ""]
    for table in ("content", "company"):
        for candidates, rows in (proof[table] or {}).items():
            lines += [
                f"**{table}, {candidates}**",
                "",
                "| method | R-precision | recall@500 | NDCG@500 | AUC | clicks |",
            ]
            lines.append("| --- | --- | --- | --- | --- | --- |")
            lines += [f"| {name} | {_row(row)} |" for name, row in rows.items()]
            lines.append("")
    lines += [
        "| lists of 100 by | distinct | most lists | Gini | most frequent artist |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {name} | {row['distinct_share']:.3f} | {row['most_lists']} | {row['gini']:.3f} |"
        f" {row['most_artist_share']:.2f} |"
        for name, row in proof["reach"].items()
    ]
    order = proof["order"]
    lines += ["", f"Steps in real order cost {order['ratio']:.3f} ± {order['ratio_error']:.3f} of shuffled ones.", ""]
    return "\n".join(lines)


def _row(row: dict[str, Any]) -> str:
    cells = [f"{row[name]:.3f} [{row['low'][name]:.3f}, {row['high'][name]:.3f}]" for name in MEASURES]
    return " | ".join([*cells, f"{row['auc']:.3f}", f"{row['clicks']:.2f}"])


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
