"""Cards of groups and facts of the atlas, as plain data that is small enough to travel."""

from typing import Any

from songscape import __version__
from songscape.atlas.pages import title_of
from songscape.atlas.record import Atlas

_KEPT = (
    "number", "name", "size", "share", "parent", "persistence", "silhouette", "core_share", "stability", "verdict",
    "reason",
)  # fmt: skip
_DIFFERENCE = ("feature", "unit", "delta", "median", "other_median", "held_out")
_LIFT = ("kind", "value", "share", "rest_share", "lift")
_CONDITION = ("feature", "side", "threshold")
_MOST = {"differences": 8, "over": 6, "under": 3, "exemplars": 5, "popular": 5, "neighbors": 4}


def group_cards(atlas: Atlas) -> dict[str, list[dict[str, Any]]]:
    """Return for each scale the cards of its groups, with what the page shows of them.

    Examples
    --------
    >>> import songscape
    >>> atlas = songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(300, random_state=0)))
    >>> cards = group_cards(atlas)
    >>> list(cards), cards["coarse"][0]["name"] == atlas.cards["coarse"][0]["name"]
    (['coarse', 'middle', 'fine'], True)
    """
    return {scale: [_card(card) for card in cards] for scale, cards in atlas.cards.items()}


def _card(card: dict[str, Any]) -> dict[str, Any]:
    few = {name: card[name][:most] for name, most in _MOST.items()}
    rule = card["rule"]
    return {name: card[name] for name in _KEPT} | {
        "differences": [_picked(one, _DIFFERENCE) for one in few["differences"]],
        "over": [_picked(one, _LIFT) for one in few["over"]],
        "under": [_picked(one, _LIFT) for one in few["under"]],
        "exemplars": [one["row"] for one in few["exemplars"]],
        "popular": [one["row"] for one in few["popular"]],
        "neighbors": [
            {"number": one["number"], "links": one["links"], "is_apart": one["is_apart"]} for one in few["neighbors"]
        ],
        "grounds": [[one["code"], one["values"]] for one in card.get("grounds", ())],  # older atlases have none
        "rule": rule and _rule(rule),
    }


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    conditions = [[one[name] for name in _CONDITION] for one in rule["conditions"]]
    return {"conditions": conditions, "precision": rule["precision"], "recall": rule["recall"]}


def _picked(one: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: one[name] for name in names}


def atlas_facts(atlas: Atlas) -> dict[str, Any]:
    """Return what the page says about the whole: title (empty for a table in memory), counts, scores.

    Examples
    --------
    >>> import songscape
    >>> atlas = songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(300, random_state=0)))
    >>> facts = atlas_facts(atlas)
    >>> facts["n_tracks"], 0.0 < facts["scores"]["trustworthiness"] <= 1.0
    (300, True)
    """
    names = ("trustworthiness", "continuity", "silhouette_features", "silhouette_map", "noise_fraction", "coverage")
    return {
        "title": title_of(atlas.catalog.inputs, ""),
        "n_tracks": len(atlas.catalog),
        "n_songs": len(atlas.songs),
        "songscape_version": __version__,
        "scores": {name: atlas.scores.get(name) for name in names},
    }
