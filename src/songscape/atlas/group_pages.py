"""What a report says about groups besides their cards: an overview, sentences that matter, cards to unfold."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from songscape.interpretation import Card, card_facts
from songscape.interpretation.records import Difference
from songscape.wording import counted, percent

_SOUNDS, _LABELS, _SONGS = 3, 3, 2  # what the overview shows of each group
_LONGEST = 52  # letters of an example
_DECIMALS = {"dB": 1, "BPM": 0, "s": 0}
_COMPACT = ("Songs", "Verdict", "Differs by", "More of", "Rule", "Densest around")
_READINGS = ((0.02, "next to nothing"), (0.1, "a little"), (0.3, "something"), (1.0, "much"))


def overview_item(cards: Sequence[Card], colors: Mapping[int, int]) -> dict[str, Any]:
    """Return a table that says in a line what each group is.

    Parameters
    ----------
    cards : sequence of Card
        Of the coarse scale.
    colors : dict of int to int
        Place in the palette of each group's color on the map.
    """
    rows = [
        [card.number, card.name, percent(card.share), _sounds(card), _labels(card), _examples(card), card.verdict]
        for card in cards
    ]
    columns = ["group", "name", "songs", "sound: median (all others)", "more of", "for example", "verdict"]
    swatches = [colors.get(card.number) for card in cards]
    table = {"columns": columns, "rows": rows, "align": "rlrllll", "swatches": swatches}
    note = (
        "What differs most, what is over-represented with its share of the group, and songs where the group is"
        " densest. Verdicts: solid, set off by gaps on all sides; blurred, a region that goes over into others;"
        " fragment, a piece of a neighbor; artifact, held together by duplicates, one artist or a filler."
    )
    return {"id": "group-overview", "title": "What the groups are", "note": note, "figure": None, "table": table}


def _sounds(card: Card) -> str:
    told = []
    for one in card.differences:
        if one.feature == "mode":
            told.append("more in major" if one.delta > 0.0 else "more in minor")
            continue
        here, elsewhere = (_value(median, one) for median in (one.median, one.other_median))
        if here != elsewhere:
            told.append(f"{one.feature} {here} ({elsewhere}) {one.unit}".rstrip())
    return ", ".join(told[:_SOUNDS])


def _value(value: float, of: Difference) -> str:
    decimals = 0 if of.feature in ("year", "popularity") else _DECIMALS.get(of.unit, 2)
    return f"{value:.{decimals}f}".replace("-", "−")


def _labels(card: Card) -> str:
    return ", ".join(f"{lift.value} {percent(lift.share)}" for lift in card.over[:_LABELS])


def _examples(card: Card) -> str:
    songs = [song for song in card.exemplars if song.title]
    return "; ".join(
        _cut(f"{song.title} by {song.artist}" if song.artist else str(song.title)) for song in songs[:_SONGS]
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def group_findings(cards: Mapping[str, Sequence[Card]], partition: Mapping[str, Any]) -> list[str]:
    """Return what matters about the groups, in up to three sentences.

    Parameters
    ----------
    cards : dict of str to sequence of Card
        Of all scales.
    partition : dict
        The scores of the coarse groups, from ``scores["quality"]["partitions"]``.
    """
    coarse = cards["coarse"]
    if not coarse:
        return ["The songs fall into no groups: there are too few of them, or nothing sets any apart."]
    first = sorted(coarse, key=lambda card: (-card.size, card.number))[:2]
    largest = ", then ".join(f"“{card.name}” ({percent(card.share)})" for card in first)
    share, count = percent(partition["coverage"]), counted(len(coarse), "coarse group")
    told = [f"{share} of the songs lie in {count}. Largest: {largest}.", _gaps_told(cards)]
    genre = (partition["agreement"].get("genre") or {}).get("ami")
    if genre and genre["value"] is not None:
        value, null = genre["value"], partition["agreement"]["genre"]["ami_null"]["value"]
        chance = "" if null is None else f", {null + 0.0:.2f} by chance".replace("-0.00", "0.00")
        reading = next(words for bound, words in _READINGS if value < bound or bound == 1.0)
        told.append(
            f"Which coarse group a song is in tells {reading} about its genre, which took no part in making them"
            f" (agreement {value:.2f} of 1{chance})."
        )
    return told


def _gaps_told(cards: Mapping[str, Sequence[Card]]) -> str:
    solid = [card.name for card in cards["coarse"] if card.verdict == "solid"]
    if solid:
        names = ", ".join(f"“{name}”" for name in solid[:3]) + (" and others" if len(solid) > 3 else "")
        of_all = f"{len(solid)} of {counted(len(cards['coarse']), 'coarse group')}"
        return f"{of_all} {'is' if len(solid) == 1 else 'are'} set off by gaps on all sides: {names}."
    finer = sum(card.verdict == "solid" for scale in cards.values() for card in scale)
    if finer:
        finer_ones = f"{counted(finer, 'finer one')} {'is' if finer == 1 else 'are'}"
        return f"No coarse group is set off by gaps on all sides; {finer_ones}."
    return "No group of any scale is set off by gaps on all sides: groups are regions of a continuum, not islands."


def folded_item(scale: str, cards: Sequence[Card], *, compact: bool) -> dict[str, Any]:
    """Return the cards of a scale, each to be unfolded; compact ones with what matters most."""
    folds = [
        {
            "id": f"card-{scale}-{card.number}",
            "title": f"{card.number} · {card.name}",
            "note": f"{counted(card.size, 'song')}, {card.verdict}",
            "facts": [list(fact) for fact in (_compact_facts(card) if compact else card_facts(card))],
        }
        for card in cards
    ]
    note = f"Shortened: songscape groups ATLAS 7 --scale {scale} shows a whole card." if compact else ""
    return {"id": f"cards-{scale}", "title": "The card of each group", "note": note, "folds": folds}


def _compact_facts(card: Card) -> list[tuple[str, str]]:
    short_card = replace(card, differences=card.differences[:3], over=card.over[:4], exemplars=card.exemplars[:3])
    return [fact for fact in card_facts(short_card) if fact[0] in _COMPACT]
