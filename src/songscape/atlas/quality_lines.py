"""The section on quality as lines for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from songscape.atlas.quality_page import (
    Plain,
    against_chance,
    same_scales,
    score_table,
    silhouette_null,
    stability_items,
    tears_item,
    told,
    told_estimate,
)
from songscape.wording import percent


def quality_lines(scores: Plain, names: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """Return how far to trust an atlas: a table of all partitions, what is no better than chance, the map, hubs.

    Parameters
    ----------
    scores : dict
        As `songscape.evaluate` returns it.
    names : dict of str to sequence of str, optional
        Names of the groups by scale; numbers where there are none.
    """
    quality = scores["quality"]
    table = score_table(scores)["table"]
    lines = [*_aligned([table["columns"], *table["rows"]]), *_chance_lines(scores), "", *_map_lines(quality)]
    for kind in same_scales(scores):
        item = tears_item(kind, quality["partitions"][kind], (names or {}).get(kind))
        if item:
            lines += ["", item["title"], item["note"], *_aligned(item["table"]["rows"])]
    if "stability" in scores:
        item = stability_items(scores["stability"])[0]
        lines += ["", item["title"], item["note"], *_aligned([item["table"]["columns"], *item["table"]["rows"]])]
    return lines


def _map_lines(quality: Plain) -> Iterator[str]:
    local, hubs = quality["local_trust"], quality["hubness"]
    if local["k"]:
        yield (
            f"Trust of the map, song by song: {told(local['trust'], local['null'])};"
            f" {percent(local['trust_poor_share'])} of the songs below {local['poor']:.2f}"
        )
    if hubs["never"] is not None:
        yield (
            f"Hubs: skewness {told_estimate(hubs['skewness_thinned'], hubs['skewness_null'])} in samples;"
            f" {percent(hubs['never'])} of the songs are nobody's neighbor"
        )


def _chance_lines(scores: Plain) -> Iterator[str]:
    """Say which scores of which partitions do not lie clearly above their null."""
    found: dict[str, dict[str, list[str]]] = {}
    for kind, same in same_scales(scores).items():
        for score, estimate, null in _beside_null(scores, kind):
            if verdict := against_chance(estimate, null):
                found.setdefault(verdict, {}).setdefault(score, []).extend(same)
    for verdict in ("no better than chance", "hardly better than chance"):
        if verdict in found:
            said = "; ".join(f"{score} ({', '.join(kinds)})" for score, kinds in found[verdict].items())
            yield f"{verdict[0].upper()}{verdict[1:]}: {said}"


def _beside_null(scores: Plain, kind: str) -> Iterator[tuple[str, Plain, Plain]]:
    """Yield the scores of a partition: in words, the estimate, its null."""
    part = scores["quality"]["partitions"][kind]
    spaces = {"features": "in features", "map": "on the map"}
    nulls = {"features": silhouette_null(scores, kind), "map": part["silhouette_map_null"]}
    for space, words in spaces.items():
        yield f"silhouette {words}", {"value": part[f"silhouette_{space}"]}, {"value": nulls[space]}
    for space, words in spaces.items():
        yield f"density validity {words}", part[f"dbcv_{space}"], part[f"dbcv_{space}_null"]
    for name, agreement in part["agreement"].items():
        yield f"agreement with {name}", agreement["ami"], agreement["ami_null"]


def _aligned(rows: list[list[Any]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
