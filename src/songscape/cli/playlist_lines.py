"""A playlist in lines to read: the tracks with their reasons, and its card beside what chance would give."""

from collections.abc import Mapping
from typing import Any

from songscape.atlas.playlists import Playlist, PlaylistTrack
from songscape.wording import counted

_ROWS = {
    "coherence": "coherence",
    "smoothness_median": "smoothness, median step",
    "smoothness_p10": "smoothness, 10 % of steps below",
    "smoothness_worst": "smoothness, worst step",
    "artists": "artists per track",
    "genres": "genres and genre words",
    "decades": "decades",
    "novelty": "share of new artists",
    "popularity": "mean popularity",
    "arc_fit": "arc fit",
}
_SHORT = 0.005  # a price that is shown as 0.00


def playlist_lines(playlist: Playlist) -> list[str]:
    """Return a playlist as lines."""
    lines = [f"{playlist.name}: {_length(playlist)}", ""]
    width = len(str(len(playlist)))
    worst = playlist.card.get("worst_step", -1)
    for place, track in enumerate(playlist.tracks, start=1):
        lines.append(f"{place:>{width}}  {_title(track)}")
        if track.reason:
            lines.append(f"{'':>{width}}    {track.reason}")
        if track.price is not None and place - 1 == worst:
            lines.append(f"{'':>{width}}    ↓ the worst step, price {track.price:.2f}: {_parts(track.price_parts)}")
    lines += _card_lines(playlist.card)
    if playlist.mends:
        lines += ["", f"Between tracks {worst + 1} and {worst + 2} one of these would help:"]
        lines += [f"  {_title(track)} (dearer step {track.price or 0.0:.2f})" for track in playlist.mends]
    return [*lines, *([""] if playlist.notes else []), *playlist.notes]


def _length(playlist: Playlist) -> str:
    minutes = playlist.seconds / 60.0
    told = f", {minutes:.0f} minutes" if minutes >= 0.5 else ""
    return f"{len(playlist)} track{'s' if len(playlist) != 1 else ''}{told}"


def _title(track: PlaylistTrack) -> str:
    year = f" ({track.item.year})" if track.item.year else ""
    return f"{track.item.line}{year}" or f"row {track.row}"


def _parts(parts: Mapping[str, float]) -> str:
    ranked = sorted(parts.items(), key=lambda part: -part[1])
    return ", ".join(f"{name} {value:.2f}" for name, value in ranked[:3] if value >= _SHORT)


def _card_lines(card: Mapping[str, Any]) -> list[str]:
    """Return the table of the quality card; measures that mean nothing here are left out."""
    if not card:
        return []
    genre = f"only {card['genre_name']}" if card["genre_name"] else "one genre"
    kinds = {"playlist": "this list", "random": "random", "genre": genre[:18], "sorted": "by tempo"}
    shown = [name for name in _ROWS if card["playlist"][name] is not None]
    lines = ["", f"{'':<32}" + "".join(f"{title:>20}" for title in kinds.values())]
    for name in shown:
        cells = "".join(f"{_cell(name, card[kind][name]):>20}" for kind in kinds)
        lines.append(f"{_ROWS[name]:<32}{cells}")
    return [*lines, "Coherence and smoothness: 1 alike, 0 as two random tracks."] if shown else []


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.1f}" if name in ("genres", "decades", "popularity") else f"{value:.2f}"


_MEASURES = ("r_precision", "recall", "ndcg", "auc", "clicks")


def proof_lines(proof: Mapping[str, Any]) -> list[str]:
    """Return how well real playlists are continued, as tables: each method with its measures."""
    counts, matched = proof["playlists"], proof["matched"]
    lines = [
        f"{counts['judges']} of {counts['all']} playlists judge, {counts['teachers']} teach;"
        f" {matched['not_found']} of {matched['tracks']} tracks are not in the atlas.",
        "Ten songs of each are given, the others are to be found. ± is half of a 95 % interval.",
    ]
    tables = [("without co-occurrence", proof["content"]), ("with co-occurrence", proof["company"])]
    for told, found in tables:
        for candidates, table in (found or {}).items():
            lines += ["", f"{told}, {'all songs' if candidates == 'whole' else 'songs of any playlist'}:"]
            lines.append(f"{'':<34}" + "".join(f"{name.replace('_', '-'):>17}" for name in _MEASURES))
            for method, row in table.items():
                lines.append(f"{method:<34}" + "".join(_measured(row, name) for name in _MEASURES))
            lines += _level_lines(table)
    return [*lines, "", *_reach_lines(proof)]


def _measured(row: Mapping[str, Any], name: str) -> str:
    return f"{row[name]:.3f} ± {(row['high'][name] - row['low'][name]) / 2:.3f}".rjust(17)


def _level_lines(table: Mapping[str, Any]) -> list[str]:
    """Name the methods that our score is not surely ahead of, playlist by playlist."""
    others = [name for name, row in table.items() if "behind" in row]
    level = [name for name in others if table[name]["behind"]["low"]["ndcg"] <= 0.0]
    if not others:
        return []
    told = f", but of: {', '.join(level)}" if level else ""
    return [f"By NDCG songscape is surely ahead of {'all' if not level else 'the'} others{told}."]


def _reach_lines(proof: Mapping[str, Any]) -> list[str]:
    ours, order = proof["reach"]["songscape"], proof["order"]
    return [
        f"Reach: {ours['distinct_share']:.0%} of the places of the best hundred hold different songs; one song is in"
        f" up to {counted(ours['most_lists'], 'list')}.",
        *([f"Order: steps in real order cost {order['ratio']:.3f} of those shuffled."] if "ratio" in order else []),
    ]
