"""Cards as text: lines for a terminal, and sections of a report as plain data."""

from collections.abc import Sequence
from typing import Any

from songscape.interpretation.columns import UNITS
from songscape.interpretation.records import Card, Comeback, Difference, Lift, Neighbor, Rule, Song
from songscape.wording import counted, percent

_SHOWN_DIFFERENCES = 4
_SHOWN_LIFTS = 5
_SHOWN_NEIGHBORS = 3
_DECIMALS = {"dB": 1, "BPM": 0, "s": 0}


def card_lines(card: Card, parent: Card | None = None) -> list[str]:
    """Return a card as lines of text, the name first; `parent` is the card of the group that holds it."""
    return [
        f"{card.scale} group {card.number}: {card.name}",
        *(f"   {label}: {text}" for label, text in card_facts(card, parent)),
    ]


def card_facts(card: Card, parent: Card | None = None) -> list[tuple[str, str]]:
    """Return what a card says as pairs of label and text; what is not known is left out."""
    inside = "" if card.parent is None else f", part of group {card.parent} of the next coarser scale"
    if parent is not None:
        inside = f", part of “{parent.name}” ({parent.scale} group {parent.number})"
    facts = [
        ("Songs", f"{card.size} ({percent(card.share)} of all){inside}"),
        ("Verdict", f"{card.verdict}: {card.reason}"),
        ("Differs by", "; ".join(_difference(one) for one in card.differences[:_SHOWN_DIFFERENCES])),
        ("More of", "; ".join(_lift(one) for one in card.over[:_SHOWN_LIFTS])),
        ("Less of", "; ".join(_lift(one) for one in card.under[:_SHOWN_LIFTS])),
        ("Rule", _rule(card.rule) if card.rule else "none that holds for songs it has not seen"),
        ("Densest around", "; ".join(_song(song) for song in card.exemplars)),
        ("Best known", "; ".join(_song(song) for song in card.popular)),
        ("Beside it", "; ".join(_neighbor(one) for one in card.neighbors[:_SHOWN_NEIGHBORS])),
        ("Scores", _scores(card)),
        ("Comes back", _comeback(card.stability)),
        ("Hubs", _hubs(card)),
    ]
    return [(label, text) for label, text in facts if text]


def heat_map(cards: Sequence[Card]) -> dict[str, Any]:
    """Return the profile of all groups as the plain data of a heat map.

    Rows are groups, columns features; a value is Cliff's delta of the group against the rest, in [−1, 1], None where
    it is unknown.

    Examples
    --------
    >>> heat_map([])["rows"]
    []
    """
    deltas = [{difference.feature: difference.delta for difference in card.differences} for card in cards]
    columns = [name for name in UNITS if any(name in known for known in deltas)]
    values = [[_rounded(known.get(name)) for name in columns] for known in deltas]
    return {
        "kind": "matrix",
        "rows": [card.name for card in cards],
        "columns": columns,
        "values": values,
        "low": -1,
        "high": 1,
        "text": True,
    }


def cards_section(cards: Sequence[Card], *, with_cards: bool = True) -> dict[str, Any]:
    """Return the cards of one scale as a section of a page: heat map, table of all groups, and each card.

    Parameters
    ----------
    cards : sequence of Card
        Of one scale.
    with_cards : bool
        Whether every card follows with all its facts, or only picture and table are shown.

    Returns
    -------
    dict
        ``id``, ``title``, ``lead`` and ``items``, as JSON-able data.
    """
    scale = cards[0].scale if cards else "no"
    items = [_heat_item(cards, scale), _table_item(cards, scale)] if cards else []
    if with_cards:
        items += [_card_item(card) for card in cards]
    return {"id": f"groups-{scale}", "title": f"Groups, {scale} scale", "lead": _lead(cards), "items": items}


def _lead(cards: Sequence[Card]) -> str:
    if not cards:
        return "There are no groups at this scale."
    verdicts = [card.verdict for card in cards]
    counts = ", ".join(f"{verdicts.count(word)} {word}" for word in dict.fromkeys(sorted(verdicts)))
    text = f"{counted(len(cards), 'group')}: {counts}."
    if "solid" not in verdicts:
        text += " No group is set off by a gap on all sides: read them as regions of a continuum, not as islands."
    return text


def _heat_item(cards: Sequence[Card], scale: str) -> dict[str, Any]:
    note = (
        "Cliff's delta of each group against all other songs: +1 means that every song of the group has the higher"
        " value, −1 the lower one, 0 that there is no difference."
    )
    return _item(f"profiles-{scale}", "What sets the groups apart", note, figure=heat_map(cards))


def _table_item(cards: Sequence[Card], scale: str) -> dict[str, Any]:
    rows = [
        [
            card.number,
            card.name,
            card.size,
            percent(card.share),
            card.verdict,
            _rounded(card.silhouette, 3),
            None if card.stability is None else _rounded(card.stability.jaccard, 3),
            card.rule.text if card.rule else None,
            _rounded(card.rule.precision, 3) if card.rule else None,
            _rounded(card.rule.recall, 3) if card.rule else None,
        ]
        for card in cards
    ]
    columns = [
        "group", "name", "songs", "share", "verdict", "silhouette", "stability", "rule", "precision", "recall",
    ]  # fmt: skip
    note = "Precision and recall of a rule are those on songs and artists that it was not fitted on."
    return _item(
        f"table-{scale}", "All groups", note, table={"columns": columns, "rows": rows, "align": "rlrrlrrlrr"}
    )


def _card_item(card: Card) -> dict[str, Any]:
    facts = [[label, text] for label, text in card_facts(card)]
    return _item(f"card-{card.scale}-{card.number}", f"{card.number} · {card.name}", "", facts=facts)


def _item(id: str, title: str, note: str, **content: Any) -> dict[str, Any]:
    return {"id": id, "title": title, "note": note, "figure": None, "table": None, "facts": None} | content


def _rounded(value: float | None, digits: int = 6) -> float | None:
    return None if value is None or value != value else float(f"{value:.{digits}g}")


def _number(value: float, unit: str, feature: str) -> str:
    decimals = 0 if feature in ("year", "popularity") else _DECIMALS.get(unit, 2)
    return f"{value:.{decimals}f}".replace("-", "−") + (f" {unit}" if unit else "")


def _difference(one: Difference) -> str:
    median, other = (_number(value, one.unit, one.feature) for value in (one.median, one.other_median))
    if one.feature == "mode":
        median, other = ("mostly major" if value else "mostly minor" for value in (one.median, one.other_median))
    interval = f"[{one.low:+.2f}, {one.high:+.2f}]"
    return f"{one.feature} {median} against {other} (δ {one.delta:+.2f} {interval})".replace("-", "−")


def _lift(one: Lift) -> str:
    known = "" if one.held_out else ", in the metric"
    return f"{one.value} ×{one.lift:.2g} [{one.low:.2g}, {one.high:.2g}] ({percent(one.share)}{known})"


def _rule(rule: Rule) -> str:
    return (
        f"{rule.text} (precision {rule.precision:.2f} [{rule.precision_low:.2f}, {rule.precision_high:.2f}],"
        f" recall {rule.recall:.2f} [{rule.recall_low:.2f}, {rule.recall_high:.2f}] on songs it was not fitted on)"
    )


def _song(song: Song) -> str:
    title = song.title or f"untitled (row {song.row})"
    artist = f" by {song.artist}" if song.artist else ""
    return f"{title}{artist}" + (f" ({song.year})" if song.year else "")


def _neighbor(one: Neighbor) -> str:
    if one.gap != one.gap:
        between = "too few songs to see a gap"
    else:
        between = f"a gap, {100 * one.gap:.0f} % empty" if one.is_apart else "no gap"
    differences = ", ".join(
        f"{part.feature} {_number(part.median, part.unit, part.feature)}"
        f" against {_number(part.other_median, part.unit, part.feature)}"
        for part in one.separates
    )
    return f"{one.name} ({percent(one.links)} of links, {between}" + (f"; {differences})" if differences else ")")


def _scores(card: Card) -> str:
    silhouette = "unknown" if card.silhouette != card.silhouette else f"{card.silhouette:.2f}".replace("-", "−")
    return (
        f"silhouette {silhouette}; persistence {card.persistence:.2f};"
        f" {percent(card.core_share)} of it was in an HDBSCAN cluster;"
        f" {percent(card.own_links)} of its songs' neighbors are inside (by chance {percent(card.own_links_null)})"
    )


def _comeback(found: Comeback | None) -> str:
    """Tell the Jaccard index of a group in subsamples and over seeds, each beside what permuted columns give."""
    if found is None:
        return "not measured: songscape evaluate ATLAS --stability 10"
    interval = f" [{found.low:.2f}, {found.high:.2f}]" if found.low == found.low else ""
    text = f"{found.jaccard:.2f}{interval} in subsamples"
    if found.null == found.null:
        better = f"{percent(found.null_share)} of those come back as well"
        verdict = "no better than chance" if found.jaccard <= found.null else better
        text += f" (groups of permuted columns {found.null:.2f}: {verdict})"
    if found.seeds == found.seeds:
        text += f"; {found.seeds:.2f} with another seed"
    if found.seeds_null_share == found.seeds_null_share:
        text += f" ({percent(found.seeds_null_share)} of groups of permuted columns as well)"
    return text


def _hubs(card: Card) -> str:
    if not card.hubs.songs:
        return ""
    top = _song(card.hubs.songs[0])
    share = percent(card.hubs.top_share)
    return f"{top} is a neighbor of {card.hubs.counts[0]} songs; the first hundredth takes {share} of all such places"
