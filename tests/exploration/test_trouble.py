"""Trouble, planted: doubtful artists, twins, octave doubles, saturated columns, copies, outliers by name."""

import numpy as np
import polars as pl
import pytest

from songscape.catalog import read_catalog
from songscape.exploration import explore
from songscape.exploration.doubtful import doubtful_artists

ARTISTS = [
    ("Various Artists", "a collective name"),
    ("VARIOUS", "a collective name"),
    ("V.A.", "a collective name"),
    ("Unknown Artist", "a collective name"),
    ("Traditional", "a collective name"),
    ("Genius English Translations", "a translation site"),
    ("Genius Brasil Traduções", "a translation site"),
    ("Genius Traducciones al Español", "a translation site"),
    ("Original Broadway Cast of Hamilton", "a cast or a soundtrack"),
    ("Soundtrack", "a cast or a soundtrack"),
    ("Ameritz Karaoke Band", "karaoke or tribute"),
    ("4tZwfgrHOc3mvqYlEYSvVi", "an id, 22 letters and digits"),
    ("abcdefghijklmnopqrstuv", None),  # 22 letters and no digit: a word
    ("4tZwfgrHOc3mvqYlEYSvV", None),  # 21
    ("123456", "an id, digits only"),
    ("311", "one to four digits: an id, or a band called so"),
    ("!!!", "no letter or digit in it"),
    ("Variety", None),
    ("Cast Iron", None),
    ("The Unknown Mortal Orchestra", None),
    ("Nina Simone", None),
    ("서태지", None),
]


@pytest.mark.parametrize(("name", "reason"), ARTISTS)
def test_what_a_name_is_taken_for(name, reason):
    found = doubtful_artists(pl.Series([name, name, None]))
    assert found.rows() == ([] if reason is None else [(name, reason, 2)])


def test_doubtful_artists_are_listed_by_tracks_then_name():
    names = ["Soundtrack", "Various Artists", "Various Artists", "Anonymous", "Nina Simone"]
    assert doubtful_artists(pl.Series(names))["artist"].to_list() == ["Various Artists", "Anonymous", "Soundtrack"]
    assert doubtful_artists(pl.Series([], dtype=pl.String)).height == 0


def tracks(n: int = 300, seed: int = 0) -> pl.DataFrame:
    """Unrelated continuous features, all titles and artists different."""
    rng = np.random.default_rng(seed)
    unit = ("energy", "danceability", "valence", "acousticness", "instrumentalness", "speechiness", "liveness")
    return pl.DataFrame(
        {
            "title": [f"song number {word}" for word in _words(n)],
            "artist": [f"singer {word}" for word in _words(n)],
            **{name: rng.uniform(0.2, 0.8, n) for name in unit},
            "loudness": rng.normal(-8.0, 2.0, n),
            "tempo": rng.uniform(70.0, 170.0, n),
        }
    )


def _words(n: int) -> list[str]:
    """Different words without digits, so that no title looks like a part or a year."""
    return ["".join(chr(97 + int(digit)) for digit in f"{row:05d}") for row in range(n)]


def items_of(table: pl.DataFrame) -> dict:
    catalog = read_catalog(table)
    page = explore(catalog.tracks, notes=catalog.notes, rejects=catalog.rejects, inputs=catalog.inputs)
    return {item["id"]: item for section in page["sections"] for item in section["items"]}


def replaced(table: pl.DataFrame, row: int, **values) -> pl.DataFrame:
    at = pl.int_range(pl.len()) == row
    return table.with_columns(
        pl.when(at).then(pl.lit(value)).otherwise(name).alias(name) for name, value in values.items()
    )


def test_a_clean_catalog_has_no_such_trouble():
    assert not {"twins", "not-artists", "junk-labels", "impossible", "same", "missing", "largest-families"} & set(
        items_of(tracks())
    )


def test_twins_are_shown_by_their_names():
    table = tracks()
    other = table.row(3, named=True)
    table = replaced(table, 7, **{name: value for name, value in other.items() if name not in ("title", "artist")})
    rows = items_of(table)["twins"]["table"]["rows"]
    assert rows == [[2, "song number aaaad – singer aaaad · song number aaaah – singer aaaah"]]


def test_versions_and_octave_doubles_are_counted():
    table = tracks()
    for row, tempo in ((0, 80.0), (1, 160.0), (2, 90.0), (3, 100.0), (4, 120.0), (5, 121.0)):
        table = replaced(table, row, tempo=tempo, artist=f"band {row // 2}", title="Same" + " (Live)" * (row % 2))
    items = items_of(table)
    facts = dict(items["tempo"]["facts"])
    assert facts["Octave doubles among versions"].startswith("1 of the 2 songs")  # 120 and 121 are one tempo
    largest = items["largest-families"]["table"]["rows"]
    assert sorted(row[:3] for row in largest) == [["Same", f"band {i}", 2] for i in range(3)]
    assert {row[3] for row in largest} == {"Same (Live)"}
    assert items["family-sizes"]["figure"]["values"] == [294, 3]
    assert dict(items["duplicates"]["facts"])["Rows equal to an earlier one"] == "0"


def test_equal_rows_are_counted():
    table = tracks()
    facts = dict(items_of(pl.concat([table, table.head(4)]))["duplicates"]["facts"])
    assert facts["Rows equal to an earlier one"] == "4"


def test_saturated_and_rounded_columns_are_told():
    rng = np.random.default_rng(1)
    table = tracks(1000).with_columns(
        pl.Series("energy", np.round(rng.uniform(0.0, 1.0, 1000), 2)),
        pl.Series("instrumentalness", np.where(rng.random(1000) < 0.6, 0.0, rng.uniform(0.0, 1.0, 1000))),
        pl.Series("tempo", np.round(rng.uniform(70, 170, 1000))),
    )
    rows = {row[0]: row for row in items_of(table)["rounding"]["table"]["rows"]}
    assert rows["energy"][2] == "steps of 0.01"
    assert rows["tempo"][2] == "whole numbers"
    assert rows["liveness"][2] == "finer"
    assert rows["instrumentalness"][5].startswith("saturated at 0 (")
    assert rows["liveness"][5] is None


def test_columns_that_carry_the_same_thing_are_told():
    table = tracks().with_columns(
        (pl.col("energy") * 0.9 + 0.05).alias("liveness"),
        pl.Series("mine", [f"group {i % 7}" for i in range(300)]),
        pl.Series("yours", [f"block {(i % 7) * 3}" for i in range(300)]),
        pl.lit("x").alias("all the same"),
        pl.col("title").alias("copy of the title"),
    )
    found = items_of(table)["same"]
    rows = {(row[0], row[1]): row[2] for row in found["table"]["rows"]}
    assert rows[("energy", "liveness")] == "Spearman 1"
    assert rows[("mine", "yours")] == "one to one, 7 values"
    assert rows[("title", "copy of the title")] == "equal in every row"
    assert len(rows) == 3
    assert found["facts"] == [["The same for all tracks", "all the same"]]


def test_an_outlier_is_named_with_what_stands_out():
    table = replaced(tracks(), 11, loudness=-45.0, tempo=300.0)
    title, artist, distance, why = items_of(table)["outliers"]["table"]["rows"][0]
    assert (title, artist) == ("song number aaabb", "singer aaabb")
    assert distance > 8.0
    assert why.startswith("loudness −45 (z −")


def test_what_is_missing_together_is_told():
    table = tracks().with_columns(
        pl.when(pl.int_range(300) < 40).then(None).otherwise("tempo").alias("tempo"),
        pl.when(pl.int_range(300) < 50).then(None).otherwise("loudness").alias("loudness"),
    )
    items = items_of(table)
    assert items["missing"]["figure"]["labels"] == ["loudness", "tempo"]
    assert items["missing"]["figure"]["values"] == [50, 40]
    assert [row[:2] for row in items["missing-pattern"]["table"]["rows"]] == [
        ["nothing", 250], ["loudness, tempo", 40], ["loudness", 10],
    ]  # fmt: skip


def test_junk_labels_and_impossible_values_are_told():
    rng = np.random.default_rng(0)
    emotion = rng.choice(["joy", "sadness", "anger"], 300).tolist()
    emotion[5] = "pink"
    table = replaced(tracks(), 9, tempo=-3.0).with_columns(pl.Series("emotion", emotion))
    items = items_of(table)
    assert items["junk-labels"]["table"]["rows"][0][:2] == ["emotion", 1]
    assert items["junk-labels"]["table"]["rows"][0][3] == "pink"
    assert items["impossible"]["table"]["rows"][0][:2] == ["tempo", 1]
