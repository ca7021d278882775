"""Cards as a whole: planted groups, planted duplicates, noise, and awkward catalogs."""

import json

import numpy as np
import polars as pl
import pytest

from songscape.errors import InputError
from songscape.features import scale_features
from songscape.interpretation import (
    HELD_OUT,
    Card,
    Comeback,
    card_lines,
    cards_section,
    describe_scale,
    heat_map,
    judge_again,
    names,
)
from songscape.interpretation.columns import UNITS
from songscape.threads import use_threads


def test_planted_groups_are_named_by_what_was_planted(planted):
    assert names(planted.cards) == [
        "Quiet acoustic · sad · folk, 1970s",
        "Fast fierce · angry · metal, 1990s",
        "Danceable rapped · joyful · rap, 2010s",
        "Hushed instrumental · tender · classical, 1950s",
    ]


def test_planted_groups_are_solid_with_evidence_and_rule(planted):
    for card, genre in zip(planted.cards, ("folk", "metal", "rap", "classical"), strict=True):
        assert card.verdict == "solid", card.reason
        assert (card.size, card.share) == (250, 0.25)
        assert card.silhouette > 0.4
        assert card.own_links > 0.95 > card.own_links_null
        (found,) = [lift for lift in card.over if lift.value == genre]
        assert found.low < found.lift < found.high
        assert 5.0 < found.lift < 20.0  # 81 % against 6 %
        assert found.held_out
        assert card.rule.f1 > 0.95
        assert len({song.artist for song in card.exemplars}) == len(card.exemplars) == 5
        assert all(neighbor.is_apart for neighbor in card.neighbors)
        assert all(neighbor.separates for neighbor in card.neighbors)


def test_differences_are_those_that_were_planted(planted):
    folk = {one.feature: one for one in planted.cards[0].differences}
    assert folk["acousticness"].delta == pytest.approx(1 / 3, abs=1e-3)  # above two of three
    assert folk["energy"].median == pytest.approx(0.25, abs=0.02)
    assert folk["loudness"].unit == "dB"
    assert abs(folk["popularity"].delta) < 0.15
    assert folk["popularity"].held_out
    assert not folk["energy"].held_out
    strengths = [abs(one.delta) for one in planted.cards[0].differences]
    assert strengths == sorted(strengths, reverse=True)


def test_planted_duplicates_are_an_artifact(tools):
    labels, songs = tools.planted_songs()
    X = scale_features(songs).X.copy()
    copies = np.flatnonzero(labels == 2)
    X[copies] = X[copies[np.arange(len(copies)) % 25]]
    cards = tools.cards_of(labels, songs, X)
    assert [card.verdict for card in cards] == ["solid", "solid", "artifact", "solid"]
    assert cards[2].reason.startswith("duplicates")


@pytest.mark.parametrize("n_groups", [5, 12, 60, 200])
def test_pure_noise_yields_no_solid_group(tools, n_groups):
    rng = np.random.default_rng(n_groups)
    for n_features in (1, 2, 9):
        songs = pl.DataFrame({name: rng.random(1200) for name in list(UNITS)[:n_features]})
        X = scale_features(songs).X
        cards = tools.cards_of(tools.cells_of(X, n_groups), songs, X)
        cards = judge_again(cards, [Comeback(1.0, 1.0, 1.0)] * len(cards))
        assert "solid" not in {card.verdict for card in cards}
        assert "regions of a continuum" in cards_section(cards)["lead"]


def test_halves_of_a_group_are_not_solid(tools):
    labels, songs = tools.planted_songs()
    X = scale_features(songs).X
    halves = np.where((labels == 0) & (X[:, 0] > np.median(X[labels == 0, 0])), 4, labels)
    cards = tools.cards_of(halves, songs)
    assert [card.verdict for card in cards[1:4]] == ["solid"] * 3
    assert {cards[0].verdict, cards[4].verdict} <= {"blurred", "fragment"}


def test_a_piece_of_a_larger_group_is_a_fragment(tools):
    labels, songs = tools.planted_songs()
    X = scale_features(songs).X
    piece = np.where((labels == 0) & (X[:, 0] > np.quantile(X[labels == 0, 0], 0.8)), 4, labels)
    cards = tools.cards_of(piece, songs)
    assert cards[4].verdict == "fragment"
    assert cards[4].reason.startswith(f"a piece of “{cards[0].name}”")


@pytest.mark.parametrize(
    ("comeback", "verdict", "reason"),
    [
        (Comeback(0.9, 0.85, 0.95, 0.7, 0.1), "solid", "stability 0.90"),
        (Comeback(0.9, 0.85, 0.95), "solid", "stability 0.90"),  # without a null
        (Comeback(0.9, 0.85, 0.95, 0.95, 0.8), "blurred", "no better than groups of permuted columns"),
        (Comeback(0.6, 0.5, 0.7, 0.3, 0.1), "blurred", "only 60 % of it come back"),
        (Comeback(0.3, 0.2, 0.4, 0.3, 0.5), "fragment", "it dissolves: only 30 % of it"),
        (Comeback(0.4, 0.35, 0.45, 0.36, 0.3), "fragment", "subsamples (of groups of permuted columns 36 %)"),
        (Comeback(0.4, 0.35, 0.45, 0.34, 0.1), "blurred", "only 40 % of it come back in subsamples (of groups"),
        (Comeback(0.4, 0.35, 0.45), "fragment", "it dissolves"),  # without a null there is nothing to beat
        (None, "solid", "stability not measured"),
    ],
)
def test_stability_counts_where_it_was_measured(planted, comeback, verdict, reason):
    before = [card.as_dict() for card in planted.cards]
    cards = judge_again(planted.cards, [comeback] * 4)
    assert [card.as_dict() for card in planted.cards] == before
    assert {card.verdict for card in cards} == {verdict}
    assert all(reason in card.reason for card in cards)
    assert [Card.from_dict(card.as_dict()).stability is None for card in cards] == [comeback is None] * 4
    assert judge_again(cards, [None] * 4) == planted.cards  # what was measured leaves nothing behind


def test_the_card_tells_what_comes_back(planted):
    def told(comeback):
        (line,) = [line for line in card_lines(judge_again(planted.cards, [comeback] * 4)[0]) if "Comes back" in line]
        return line.split(": ", 1)[1]

    assert told(None).startswith("not measured")
    whole = Comeback(0.8, 0.75, 0.85, 0.6, 0.12, 0.9, 0.5)
    assert told(whole) == (
        "0.80 [0.75, 0.85] in subsamples (groups of permuted columns 0.60: 12 % of those come back as well);"
        " 0.90 with another seed (50 % of groups of permuted columns as well)"
    )
    assert told(Comeback(0.6, np.nan, np.nan, 0.6, 0.5)) == (
        "0.60 in subsamples (groups of permuted columns 0.60: no better than chance)"
    )


def test_a_planted_artifact_stays_one_when_it_comes_back(tools):
    labels, songs = tools.planted_songs()
    X = scale_features(songs).X.copy()
    copies = np.flatnonzero(labels == 2)
    X[copies] = X[copies[np.arange(len(copies)) % 25]]
    cards = tools.cards_of(labels, songs, X)
    again = judge_again(cards, [Comeback(1.0, 1.0, 1.0)] * 4)
    assert (again[2].verdict, again[2].reason) == (cards[2].verdict, cards[2].reason)
    assert again[0].verdict == "solid"


def test_blocks_in_the_metric_are_no_evidence(tools, planted):
    cards = tools.cards_of(planted.labels, planted.songs, held_out=HELD_OUT - {"genre"})
    assert not any(lift.held_out for card in cards for lift in card.over if lift.kind == "genre")
    assert all(lift.held_out for card in cards for lift in card.over if lift.kind == "emotion")
    assert any("in the metric" in line for line in card_lines(cards[0]))


def test_songs_outside_of_groups_count_in_the_rest_only(tools, planted):
    labels = np.where(planted.labels == 3, -1, planted.labels)
    cards = tools.cards_of(labels, planted.songs)
    assert [card.size for card in cards] == [250] * 3
    assert cards[0].share == 0.25
    hushed = next(one for one in cards[0].differences if one.feature == "energy")
    assert hushed.other_median == pytest.approx(
        next(o for o in planted.cards[0].differences if o.feature == "energy").other_median
    )


def test_parents_and_progress(tools, planted):
    told = []
    cards = tools.cards_of(
        planted.labels, planted.songs, parents=[1, 0, 0, 1], progress=lambda stage, done: told.append((stage, done))
    )
    assert [card.parent for card in cards] == [1, 0, 0, 1]
    assert [done for _, done in told] == sorted(done for _, done in told)
    assert told[-1] == ("groups", 1.0)
    assert "part of group 1 of the next coarser scale" in "\n".join(card_lines(cards[0]))


def test_everything_is_json_and_the_same_on_any_number_of_threads(tools, planted):
    texts = []
    for threads in (1, 2):
        with use_threads(threads):
            cards = tools.cards_of(planted.labels, planted.songs)
        texts.append(json.dumps([[card.as_dict() for card in cards], cards_section(cards)], allow_nan=False))
    assert texts[0] == texts[1]


def test_inputs_stay_as_they_were(tools):
    labels, songs = tools.planted_songs(50)
    X = scale_features(songs).X
    before = labels.copy(), songs.clone(), X.copy()
    tools.cards_of(labels, songs, X)
    assert (labels == before[0]).all()
    assert songs.equals(before[1])
    assert np.array_equal(X, before[2])


def test_the_heat_map_holds_the_deltas(planted):
    figure = heat_map(planted.cards)
    assert figure["kind"] == "matrix"
    assert figure["rows"] == names(planted.cards)
    at = figure["columns"].index("acousticness")
    delta = next(one.delta for one in planted.cards[1].differences if one.feature == "acousticness")
    assert figure["values"][1][at] == pytest.approx(delta, abs=1e-5)
    assert all(-1 <= value <= 1 for row in figure["values"] for value in row)


def test_the_section_has_unique_ids_and_full_rows(planted):
    section = cards_section(planted.cards)
    ids = [item["id"] for item in section["items"]]
    assert len(ids) == len(set(ids)) == 2 + 4
    table = section["items"][1]["table"]
    assert all(len(row) == len(table["columns"]) == len(table["align"]) for row in table["rows"])
    assert section["lead"] == "4 groups: 4 solid."
    assert len(cards_section(planted.cards, with_cards=False)["items"]) == 2
    assert cards_section([])["lead"] == "There are no groups at this scale."


AWKWARD = {
    "no genre, emotion, year": lambda songs: songs.drop("genres", "emotion", "year", "explicit"),
    "all null labels": lambda songs: songs.with_columns(
        genres=pl.lit(None, dtype=pl.List(pl.String)), emotion=pl.lit(None, dtype=pl.String),
        year=pl.lit(None, dtype=pl.Int32), explicit=pl.lit(None, dtype=pl.Boolean),
        popularity=pl.lit(None, dtype=pl.Float64),
    ),
    "all null titles and artists": lambda songs: songs.with_columns(
        title=pl.lit(None, dtype=pl.String), artists=pl.lit(None, dtype=pl.List(pl.String))
    ),
    "one artist": lambda songs: songs.with_columns(artists=pl.Series([["Only"]] * songs.height)),
    "one feature": lambda songs: songs.select("energy"),
    "one feature and titles": lambda songs: songs.select("energy", "title", "artists"),
    "50 tracks": lambda songs: songs.gather_every(20),
    "20 tracks": lambda songs: songs.gather_every(50),
    "holes": lambda songs: songs.with_columns(
        energy=pl.when(pl.int_range(pl.len()) % 3 > 0).then("energy"), tempo=pl.lit(None, dtype=pl.Float64)
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", AWKWARD)
def test_awkward_catalogs_give_shorter_cards_never_an_error(tools, planted, case):
    songs = AWKWARD[case](planted.songs)
    labels = planted.labels[:: planted.songs.height // songs.height]
    cards = tools.cards_of(labels, songs)
    assert len({card.name for card in cards}) == 4
    for card in cards:
        json.dumps(card.as_dict(), allow_nan=False)
        assert len(card_lines(card)) >= 4
    json.dumps(cards_section(cards), allow_nan=False)


def test_one_group_no_groups_and_an_empty_group(tools, planted):
    (card,) = tools.cards_of(np.zeros(1000), planted.songs)
    assert (card.verdict, card.reason) == ("blurred", "there is no other group to tell it from")
    assert card.neighbors == ()
    json.dumps(card.as_dict(), allow_nan=False)
    assert tools.cards_of(np.full(1000, -1), planted.songs) == []
    gap = np.where(planted.labels == 1, 0, planted.labels)
    cards = tools.cards_of(gap, planted.songs)
    assert cards[1].size == 0
    assert cards[1].verdict == "fragment"
    json.dumps([card.as_dict() for card in cards], allow_nan=False)


def test_lengths_that_do_not_fit_are_told(tools, planted):
    X = scale_features(planted.songs).X
    scale, graph = tools.scale_of(planted.labels), tools.nearest(X[:100])
    with pytest.raises(InputError, match=r"each of the 1000 songs in the scale; songs has 10, neighbors has 100"):
        describe_scale(scale, planted.songs.head(10), X, graph)
    with pytest.raises(InputError, match=r"one comeback for each of the 4 groups\. Got 3"):
        judge_again(planted.cards, [None] * 3)
