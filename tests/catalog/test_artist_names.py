"""Artists under records, links and ids: what is named, what stays, and that it is told."""

import polars as pl

from songscape.catalog import read_catalog
from songscape.catalog.schema import FEATURES

NINA, ABBA, OTHER = "4tZwfgrHOc3mvqYlEYSvVi", "0LcJLqbBmaGUft1e9Mm8HV", "1Cs0zKBU1kc0i8ypK3B9ai"
RECORD = f"{{external_urls: {{spotify: https://x.org/{NINA}}}, id: {NINA}, name: Nina Simone, type: artist, uri: u}}"
PAIR = f"{RECORD}, {{href: h, id: {OTHER}, name: Earth, Wind & Fire, type: artist, uri: u}}"


def catalog_of(rows):
    """Rows of title, artist and energy; the other features are all 0.25."""
    titles, artists, energies = zip(*rows, strict=True)
    features = {name: [0.25] * len(rows) for name in FEATURES if name not in ("energy", "tempo", "loudness")}
    more = {"tempo": [120.0] * len(rows), "loudness": [-7.5] * len(rows)}
    return read_catalog(pl.DataFrame({"song": titles, "artist": artists, "energy": energies, **features, **more}))


def mended(catalog):
    ledger = catalog.notes["files"][0]["columns"]["artists"]
    return [(entry["reason"].split(",")[0], entry["count"]) for entry in ledger.get("mended", [])]


def test_names_are_taken_out_of_records_and_links():
    link = "Sinnerman - Live (1965)](https://open.spotify.com/track/1) | [Nina Simone"
    catalog = catalog_of([("a", RECORD, 0.1), ("b", PAIR, 0.2), ("c", link, 0.3), ("d", "[Brackets] {kept}", 0.4)])
    names = catalog.tracks["artists"].to_list()
    assert names == [["Nina Simone"], ["Nina Simone", "Earth, Wind & Fire"], ["Nina Simone"], ["[Brackets] {kept}"]]
    assert mended(catalog) == [("a record or a link", 3)]
    examples = catalog.notes["files"][0]["columns"]["artists"]["mended"][0]["examples"]
    assert max(map(len, examples)) <= 60


def test_an_id_is_named_by_a_record_of_the_file():
    catalog = catalog_of([("a", NINA, 0.1), ("b", RECORD, 0.2), ("c", NINA, 0.3)])
    assert catalog.tracks["artists"].to_list() == [["Nina Simone"]] * 3
    assert mended(catalog) == [("a record or a link", 1), ("an id", 2)]


def test_an_id_is_named_by_the_same_song_and_then_everywhere():
    catalog = catalog_of([("Waterloo", ABBA, 0.1), ("Waterloo", "Abba", 0.1), ("SOS", ABBA, 0.9)])
    assert catalog.tracks["artists"].to_list() == [["Abba"]] * 3
    assert mended(catalog) == [("an id", 2)]
    assert catalog.notes["files"][0]["columns"]["artists"]["mended"][0]["examples"] == [f"{ABBA} → Abba"]


def test_an_id_stays_without_a_twin_or_where_names_disagree():
    """The same title with another sound, the same sound with another title, and two names for one id."""
    rows = [("Waterloo", ABBA, 0.1), ("Waterloo", "Abba", 0.2), ("SOS", "Abba", 0.1)]
    rows += [("x", OTHER, 0.5), ("x", "One", 0.5), ("y", OTHER, 0.6), ("y", "Two", 0.6)]
    catalog = catalog_of(rows)
    assert catalog.tracks["artists"].list.first().to_list() == [artist for _, artist, _ in rows]
    assert mended(catalog) == []


def test_names_as_long_as_an_id_are_names():
    """22 letters without a digit, or without letters of both cases, are no id."""
    long = "TheSoundOfTheOrchestra"
    assert len(long) == 22
    digits = "ABCDEFGHIJKLMNOPQRST12"
    catalog = catalog_of([("a", long, 0.1), ("a", "Else", 0.1), ("b", digits, 0.2), ("b", "Else", 0.2)])
    assert catalog.tracks["artists"].list.first().to_list() == [long, "Else", digits, "Else"]


def test_without_titles_or_features_records_alone_name_ids():
    table = pl.DataFrame({"artist": [NINA, RECORD, ABBA], "energy": [0.1, 0.2, 0.3]})
    catalog = read_catalog(table)
    assert catalog.tracks["artists"].list.first().to_list() == ["Nina Simone", "Nina Simone", ABBA]


def test_a_few_known_features_make_no_twin():
    features = {name: [0.25, 0.25, 0.1] for name in ("energy", "danceability", "liveness")}
    catalog = read_catalog(pl.DataFrame({"song": ["a"] * 3, "artist": [ABBA, "Abba", "Else"], **features}))
    assert catalog.tracks["artists"].list.first().to_list() == [ABBA, "Abba", "Else"]
