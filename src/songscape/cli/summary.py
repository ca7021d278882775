"""Plain lines for a person: what was read, what was cleared, what came out and how far to trust it."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from songscape.atlas.files import MAP
from songscape.atlas.quality_page import same_scales
from songscape.atlas.record import Atlas
from songscape.catalog.ledger import Change, changes_of
from songscape.interpretation import Card
from songscape.memory import peak_memory, readable
from songscape.wording import counted, number, percent

_WIDTH = 12
_SCORE_WIDTH = 26
_SHOWN_GROUPS = 3
_FEW = 200  # songs; below, a score says little

_SCORES = (  # name in the scores, name in words, name of its null
    ("silhouette_features", "silhouette, features", "silhouette_features_null"),
    ("silhouette_map", "silhouette, map", "silhouette_map_null"),
    ("trustworthiness", "trustworthiness", "trustworthiness_null"),
    ("continuity", "continuity", "continuity_null"),
    ("neighborhood_preservation", "neighborhood preservation", "neighborhood_preservation_null"),
    ("global_rank_correlation", "global rank correlation", "global_rank_correlation_null"),
)


def build_summary(atlas: Atlas, folder: Path, seconds: float, *, replaces: bool) -> list[str]:
    """Return what a build says at its end."""
    held = max(filter(None, (atlas.run.peak_memory_bytes, peak_memory())), default=0)  # saving takes memory too
    peak = f", {readable(held)} of memory at most" if held else ""
    return [
        *block("Read", _read_lines(atlas)),
        *block("Cleared", cleared_lines(changes_of(atlas.catalog.notes))),
        *block("Tracks", _track_lines(atlas)),
        *block("Otherwise", atlas.run.fallbacks),
        *block("Groups", group_lines(atlas)),
        *score_lines(atlas.scores),
        *block(
            "Atlas",
            [
                f"{folder}{', in place of the one that was there,' if replaces else ''} in {seconds:.1f} s{peak}",
                f"Read {folder / 'report.html'}",
                f"Open {folder / MAP} in a browser",
            ],
        ),
    ]


def score_lines(scores: dict[str, Any]) -> list[str]:
    """Return the scores, each beside its null, its interval and its reading."""
    return [*block("Clusters", [_cluster_line(scores)]), *block("Scores", list(_score_table(scores)))]


def _cluster_line(scores: dict[str, Any]) -> str:
    if not scores["n_clusters"]:
        return "none found; a smaller --min-cluster-size finds more"
    return (
        f"{scores['n_clusters']}; {percent(scores['noise_fraction'])} of the songs in none; the largest holds"
        f" {percent(scores['largest_cluster_fraction'])}"
    )


_VERDICTS = {
    "solid": "apart from all its neighbors",
    "blurred": "a region that goes over into others, as most of music does: of use, but without a sharp border",
    "fragment": "a piece of a larger neighbor, too small to tell, or nothing that comes back",
    "artifact": "made by the catalog, not by the music",
}


def group_table(cards: Sequence[Card]) -> list[str]:
    """Return a line for each group, number, songs, verdict, name; and what the verdicts mean."""
    if not cards:
        return ["There are no groups at this scale."]
    width = max(len(number(card.size)) for card in cards)
    lines = [f"{'':>4}  {'songs':>{width}}  {'share':>6}  verdict   name"]
    lines += [
        f"{card.number:>4}  {number(card.size):>{width}}  {percent(card.share):>6}  {card.verdict:<8}  {card.name}"
        for card in cards
    ]
    found = {card.verdict for card in cards}
    lines += ["", *(f"{word}: {told}." for word, told in _VERDICTS.items() if word in found)]
    return [*lines, "Why, and what else is known of a group: songscape groups ATLAS NUMBER --scale SCALE."]


def _score_table(scores: dict[str, Any]) -> Iterator[str]:
    if scores["n_songs"] < _FEW:
        yield f"from {counted(scores['n_songs'], 'song')}: so few that chance alone moves every score"
    yield f"{'':<{_SCORE_WIDTH}}  score  chance"
    for name, words, null in _SCORES:
        if scores[name] is None:
            yield f"{words:<{_SCORE_WIDTH}}      –  {scores['readings'].get(name, '')}".rstrip()
            continue
        notes = []
        if name in scores["readings"]:
            notes = [scores["readings"][name], f"of the {percent(scores['coverage'])} in clusters"]
        interval = scores["intervals"].get(name)
        if scores[null] is not None and scores[name] <= scores[null]:
            notes.append("no better than chance")
        if interval:
            unit = "pairs" if name == "global_rank_correlation" else "songs"
            notes.append(
                f"{interval['low']:.3f} to {interval['high']:.3f}, from {number(interval['n_sampled'])} {unit}"
            )
            if "row_error" in interval:
                notes.append(f"of single songs within {interval['row_error']:.3f}")
        yield f"{words:<{_SCORE_WIDTH}} {scores[name]:>6.3f}  {scores[null]:>6.3f}  {'; '.join(notes)}".rstrip()


def _read_lines(atlas: Atlas) -> Iterator[str]:
    counts = atlas.catalog.summary()
    sources = ", ".join(entry["file"] for entry in atlas.catalog.inputs[:3])
    more = len(atlas.catalog.inputs) - 3
    yield f"{counted(counts['rows_read'], 'row')} of {sources}{f' and {more} more' if more > 0 else ''}"
    for file in atlas.catalog.notes.get("files", []):
        if file.get("encoding", "utf-8") != "utf-8":
            yield f"{file['file']} is in {file['encoding']}"
    if counts["rows_rejected"]:
        yield f"{number(counts['rows_rejected'])} rejected, in rejects.csv with the reason:"
        reasons = atlas.catalog.rejects["reason"].value_counts(sort=True, name="count").head(3)
        for reason, count in reasons.iter_rows():
            yield f"  {number(count)} × {reason}"


def cleared_lines(changes: Sequence[Change]) -> Iterator[str]:
    """Say for each column which values became missing or were mended."""
    for change in changes:
        shown = ", ".join(map(repr, change.examples))
        yield f"{change.column}: {number(change.count)} × {change.reason}, as in {shown}"


def _track_lines(atlas: Atlas) -> Iterator[str]:
    counts = atlas.catalog.summary()
    songs = counted(counts["version_families"], "song")
    yield f"{counted(counts['tracks'], 'track')}, {songs} (each with its versions)"
    imputed = int(atlas.features.imputed.sum())
    if imputed:
        yield f"{number(imputed)} of them with a missing feature filled in"
    names = [
        f"{name} × {weight:g}" for name, weight in zip(atlas.features.names, atlas.features.weights, strict=True)
    ]
    yield f"Distance over {', '.join(names)}"
    discount = atlas.features.discount
    if discount.columns:
        within = sorted(zip(discount.within, discount.columns, strict=True))
        (least, kept), (most, varied) = within[0], within[-1]
        yield (
            f"and {number(discount.n_artists)} artists show what counts: most {kept} ({percent(least)} of its"
            f" variance lies within artists), least {varied} ({percent(most)})"
        )


def group_lines(atlas: Atlas) -> Iterator[str]:
    """Say how many groups there are at each scale, how well they hold together, and what the largest are called."""
    for scale, same in same_scales(atlas.scores).items():
        if scale == "clusters":
            continue
        cards, scores = atlas.cards[scale], atlas.scores["groups"][scale]
        if not cards:
            yield f"{' = '.join(same)}: none"
            continue
        depth = ""
        if scores["silhouette_features"] is not None:
            values = (scores["silhouette_features"], scores["silhouette_features_null"])
            depth = "; silhouette {:.3f}, by chance {:.3f}".format(*values)
            depth += " (no better than chance)" if values[0] <= values[1] else ""
        names = "; ".join(card["name"] for card in cards[:_SHOWN_GROUPS])
        held = f"{counted(len(cards), 'group')} of {percent(scores['coverage'])} of the songs"
        yield f"{' = '.join(same)}: {held}{depth}. Largest: {names}"


def block(title: str, lines: Iterable[str]) -> list[str]:
    """Return lines under a title that stands before the first."""
    return [f"{title if first == 0 else '':<{_WIDTH}}{line}" for first, line in enumerate(lines)]
