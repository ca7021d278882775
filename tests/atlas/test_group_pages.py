"""What a report says about groups: sentences and lines made of hand-made cards."""

from dataclasses import replace

import pytest

from songscape.atlas.group_pages import folded_item, group_findings, overview_item
from songscape.atlas.pages import _scale_sections
from songscape.interpretation.records import Card, Difference, Hubs, Lift, Song


def difference(feature, delta, median, other, unit=""):
    return Difference(feature, unit, delta, delta - 0.05, delta + 0.05, median, other, held_out=False)


def lift(kind, value, share):
    return Lift(kind, value, 10, share, 0.1, 2.0, 1.5, 2.5, 0.001, 0.001, held_out=True)


CARD = Card(
    scale="coarse",
    number=0,
    name="Quiet acoustic · folk",
    size=600,
    share=0.6,
    parent=None,
    differences=(
        difference("acousticness", 0.8, 0.853, 0.102),
        difference("instrumentalness", 0.5, 0.001, 0.0),  # the same in two digits: says nothing
        difference("mode", 0.4, 1.0, 0.0),
        difference("loudness", -0.4, -14.04, -7.0, "dB"),
        difference("energy", -0.3, 0.2, 0.6),
    ),
    over=(lift("genre", "folk", 0.3), lift("emotion", "sadness", 0.5)),
    under=(),
    exemplars=(
        Song(3, "Blue", "Ann", 1971, 40.0),
        Song(4, None, "Bob", 1972, 40.0),
        Song(5, "T" * 80, "Cy", 1973, 1.0),
    ),
    popular=(),
    rule=None,
    neighbors=(),
    stability=None,
    persistence=0.1,
    silhouette=0.2,
    core_share=0.5,
    own_links=0.8,
    own_links_null=0.1,
    hubs=Hubs((), (), 0.01),
    verdict="blurred",
    reason="no gap",
)
OTHER = replace(CARD, number=1, name="Loud", size=300, share=0.3)
SCORES = {"coverage": 0.9, "agreement": {}}


def cards(**verdicts):
    coarse = [replace(CARD, verdict=verdicts.get("first", "blurred")), OTHER]
    return {"coarse": coarse, "middle": [replace(OTHER, verdict=verdicts.get("middle", "blurred"))], "fine": []}


def test_the_overview_has_a_line_and_a_color_for_each_group():
    table = overview_item([CARD, OTHER], {0: 4, 1: 2})["table"]
    assert table["swatches"] == [4, 2]
    number, name, share, sound, labels, examples, verdict = table["rows"][0]
    assert (number, name, share, verdict) == (0, "Quiet acoustic · folk", "60 %", "blurred")
    assert sound == "acousticness 0.85 (0.10), more in major, loudness −14.0 (−7.0) dB"
    assert labels == "folk 30 %, sadness 50 %"
    assert examples == f"Blue by Ann; {'T' * 51}…"


def test_sentences_on_groups():
    first, gaps = group_findings(cards(), SCORES)
    assert (
        first
        == "90 % of the songs lie in 2 coarse groups. Largest: “Quiet acoustic · folk” (60 %), then “Loud” (30 %)."
    )
    assert (
        gaps
        == "No group of any scale is set off by gaps on all sides: groups are regions of a continuum, not islands."
    )
    assert "1 finer one is" in group_findings(cards(middle="solid"), SCORES)[1]
    solid = group_findings(cards(first="solid"), SCORES)[1]
    assert solid == "1 of 2 coarse groups is set off by gaps on all sides: “Quiet acoustic · folk”."
    assert "no groups" in group_findings({"coarse": [], "middle": [], "fine": []}, SCORES)[0]


@pytest.mark.parametrize(
    ("value", "null", "words"),
    [
        (
            0.01,
            -0.0001,
            "next to nothing about its genre, which took no part in making them (agreement 0.01 of 1, 0.00",
        ),
        (0.15, 0.0, "something about its genre"),
        (1.0, None, r"much about its genre, which took no part in making them (agreement 1.00 of 1)."),
    ],
)
def test_agreement_with_genre_in_words(value, null, words):
    scores = SCORES | {"agreement": {"genre": {"ami": {"value": value}, "ami_null": {"value": null}}}}
    assert words in group_findings(cards(), scores)[2]
    scores = SCORES | {"agreement": {"genre": {"ami": {"value": None}, "ami_null": {"value": None}}}}
    assert len(group_findings(cards(), scores)) == 2


def test_compact_cards_say_less():
    whole = folded_item("fine", [CARD], compact=False)["folds"][0]
    compact = folded_item("fine", [CARD], compact=True)["folds"][0]
    assert whole["id"] == compact["id"] == "card-fine-0"
    assert compact["note"] == "600 songs, blurred"
    labels = [label for label, _ in compact["facts"]]
    assert labels == ["Songs", "Verdict", "Differs by", "More of", "Rule", "Densest around"]
    assert set(labels) < {label for label, _ in whole["facts"]}
    assert len(str(compact)) < 0.8 * len(str(whole))


def test_scales_of_the_same_groups_are_told_once():
    """Scales nest, so equally many groups are the same ones; without groups there is one short section."""
    two, three = (
        [replace(CARD, scale=scale, number=i) for i in range(n)] for scale, n in (("coarse", 2), ("fine", 3))
    )
    same = _scale_sections({"coarse": two, "middle": two, "fine": three})
    assert [section["id"] for section in same] == ["groups-coarse", "groups-fine"]
    assert same[0]["lead"].endswith("The middle scale has the same groups.")
    assert "same groups" not in same[1]["lead"]
    assert len(_scale_sections({"coarse": [], "middle": [], "fine": []})) == 1
