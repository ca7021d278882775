"""The exploratory page: an invented catalog, planted facts, awkward catalogs, the same bytes."""

import importlib.util
import json
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.catalog import Catalog, read_catalog
from songscape.catalog.synthetic import synthesize_tracks
from songscape.exploration import explore
from songscape.exploration.findings import LIMIT, PER_KIND, ranked
from songscape.exploration.plain import Finding
from songscape.exploration.view import AUDIO, NUMBERS

_spec = importlib.util.spec_from_file_location("pages", Path(__file__).with_name("pages.py"))
assert _spec is not None
assert _spec.loader is not None
pages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pages)


def explored(catalog: Catalog) -> dict:
    return pages.valid_page(
        explore(catalog.tracks, notes=catalog.notes, rejects=catalog.rejects, inputs=catalog.inputs)
    )


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return read_catalog(synthesize_tracks(3000, random_state=1))


@pytest.fixture(scope="module")
def page(catalog) -> dict:
    return explored(catalog)


@pytest.fixture(scope="module")
def items(page) -> dict:
    return pages.items_of(page)


def test_sections_stand_in_their_order(page):
    assert [section["id"] for section in page["sections"]] == [
        "overview", "pictures", "features", "relations", "trouble",
    ]  # fmt: skip
    assert len(json.dumps(page)) < 200_000


def test_every_topic_has_its_item(items):
    wanted = {
        "counts", "files", "columns", "cleared",
        "emotions", "genres", "popularity",
        "audio-features", "loudness", "tempo", "keys", "year", "explicit", "variance",
        "associations", "strongest", "years", "explicit-by-year", "genre-by-decade", "emotion-by-decade",
        "popularity-by-age", "features-by-emotion", "explained-by-emotion", "features-by-genre", "explained-by-genre",
        "missing", "missing-pattern", "rounding", "duplicates", "family-sizes", "largest-families", "not-artists",
        "outliers",
    }  # fmt: skip
    assert wanted <= set(items)
    assert sum(name.startswith("pair-") for name in items) == 6


def test_counts_are_those_of_the_catalog(catalog, items):
    facts = dict(items["counts"]["facts"])
    assert facts["Tracks"] == "3 000"
    assert facts["Rows rejected"] == "0"
    assert facts["Songs (version families)"] == f"{catalog.tracks['version_family'].n_unique():,}".replace(",", " ")
    recognized = {row[0]: row[1] for row in items["columns"]["table"]["rows"]}
    assert recognized["positiveness"] == "Positiveness"
    assert recognized["release_date"] == "Release Date"
    assert recognized["mode"] == "Key"


def test_pictures_add_up(catalog, items):
    emotions = items["emotions"]["figure"]
    counts = dict(catalog.tracks["emotion"].drop_nulls().value_counts().iter_rows())
    assert dict(zip(emotions["labels"], emotions["values"], strict=True)) == counts
    assert emotions["values"] == sorted(emotions["values"], reverse=True)
    genres = items["genres"]["figure"]
    assert len(genres["labels"]) == 11
    assert genres["labels"][-1] == "all others"
    assert genres["muted"] == [10]
    assert sum(genres["values"]) == catalog.tracks["genres"].is_not_null().sum()
    popularity = items["popularity"]["figure"]
    at_zero = int((catalog.tracks["popularity"] == 0).sum())
    assert {"value": 0.0, "count": at_zero, "label": "0"} in popularity["spikes"]
    spikes = sum(spike["count"] for spike in popularity["spikes"])
    assert sum(popularity["counts"]) + spikes == 3000


def test_keys_have_the_names_that_musicians_write():
    tracks = pl.DataFrame({"key": [8, 8, 8, 10, 3, 1], "mode": [1, 1, 0, 0, 1, 0]})
    item = pages.items_of(explore(tracks))["keys"]
    labels = item["figure"]["labels"]
    assert {"E♭ · Cm", "A♭ · Fm", "D♭ · B♭m", "E · C♯m", "B · G♯m", "F♯ · E♭m", "A · F♯m"} <= set(labels)
    majors, minors = (dict(zip(labels, series["values"], strict=True)) for series in item["figure"]["series"])
    assert (majors["A♭ · Fm"], majors["E♭ · Cm"]) == (2, 1)
    assert (minors["B · G♯m"], minors["D♭ · B♭m"], minors["E · C♯m"]) == (1, 1, 1)
    assert ["Most frequent tonic", "A♭ (50 %)"] in item["facts"]


def test_keys_stand_on_the_circle_of_fifths(catalog, items):
    figure = items["keys"]["figure"]
    assert figure["labels"][:3] == ["C · Am", "G · Em", "D · Bm"]
    tracks = catalog.tracks
    g_major = int(((tracks["key"] == 7) & (tracks["mode"] == 1)).sum())
    e_minor = int(((tracks["key"] == 4) & (tracks["mode"] == 0)).sum())
    series = {one["name"]: one["values"] for one in figure["series"]}
    assert (series["major"][1], series["minor"][1]) == (g_major, e_minor)
    assert sum(series["major"]) + sum(series["minor"]) == 3000


def test_cleared_fillers_are_told_and_explain_what_is_missing(catalog, page, items):
    missing = catalog.tracks["variance"].null_count()
    row = next(row for row in items["cleared"]["table"]["rows"] if row[0] == "variance")
    assert row[1] == missing
    assert any(f"have no variance ({missing:,} values cleared".replace(",", " ") in text for text in page["findings"])
    labels = items["missing"]["figure"]["labels"]
    assert labels[0] == "variance"


def test_findings_say_the_numbers(catalog, page):
    share = (catalog.tracks["emotion"] == "joy").sum() / catalog.tracks["emotion"].is_not_null().sum()
    assert any(text.startswith(f"{100 * share:.0f} % of the tracks are joy") for text in page["findings"])
    assert any("Energy and loudness" in text and "rise together" in text for text in page["findings"])


def test_the_same_input_gives_the_same_bytes_and_is_not_changed(catalog, page):
    before = catalog.tracks.clone()
    again = explored(catalog)
    assert json.dumps(again) == json.dumps(page)
    assert catalog.tracks.equals(before)


def test_the_order_of_rows_changes_no_finding_and_no_association(catalog, page, items):
    order = np.random.default_rng(5).permutation(len(catalog))
    shuffled = explore(catalog.tracks[order], notes=catalog.notes, rejects=catalog.rejects, inputs=catalog.inputs)
    assert shuffled["findings"] == page["findings"]
    again = pages.items_of(shuffled)
    for name in ("associations", "emotions", "popularity", "years", "genre-by-decade", "features-by-genre"):
        assert again[name]["figure"] == items[name]["figure"], name


def test_planted_relations_and_changes_are_found():
    rng = np.random.default_rng(0)
    n = 2000
    year = rng.integers(1960, 2020, n)
    genre = rng.choice(["rock", "jazz", "folk"], n)
    tracks = pl.DataFrame(
        {
            "title": [f"t{i}" for i in range(n)],
            "artist": [f"a{i % 100}" for i in range(n)],
            "genre": genre,
            "year": year,
            "energy": np.clip(0.3 + (genre == "rock") * 0.5 + 0.05 * rng.normal(size=n), 0, 1),
            "acousticness": np.clip((2020 - year) / 60 + 0.1 * rng.normal(size=n), 0, 1),
            "liveness": rng.uniform(0, 1, n),
            "explicit": rng.random(n) < (year - 1960) / 100,
        }
    )
    page = explored(read_catalog(tracks))
    joined = "\n".join(page["findings"])
    assert "Energy differs strongly from genre to genre (correlation ratio 0.9" in joined
    assert "Median acousticness fell from" in joined
    assert "The share of explicit tracks rose from" in joined
    assert "liveness" not in joined.lower()
    matrix = pages.items_of(page)["associations"]["figure"]
    row = matrix["values"][matrix["rows"].index("liveness")]
    assert all(abs(value) < 0.08 for name, value in zip(matrix["columns"], row, strict=True) if name != "liveness")


def test_noise_has_no_relation_worth_a_sentence():
    rng = np.random.default_rng(0)
    n = 300
    table = {name: rng.uniform(0, 1, n) for name in AUDIO[:7]} | {"loudness": rng.normal(-8, 3, n)}
    table |= {"tempo": rng.uniform(60, 180, n), "year": rng.integers(1990, 2020, n), "key": rng.integers(0, 12, n)}
    table |= {"genre": rng.choice(list("abcdef"), n), "title": [f"t{i}" for i in range(n)]}
    joined = "\n".join(explored(read_catalog(pl.DataFrame(table)))["findings"])
    for word in ("together", "opposite", "differs", "tied", "Median", "rose", "fell", "furthest"):
        assert word not in joined


@cache
def _awkward() -> dict[str, pl.DataFrame]:
    rng = np.random.default_rng(0)
    base = synthesize_tracks(400, random_state=2)
    one_artist = base.with_columns(pl.lit("The Same").alias("artist"))
    return {
        "fifty tracks": base.head(50),
        "one track": base.head(1),
        "two tracks": base.head(2),
        "no genre": base.drop("Genre"),
        "no emotion": base.drop("emotion"),
        "no genre, no emotion, no year": base.drop("Genre", "emotion", "Release Date"),
        "one artist": one_artist,
        "no names": base.drop("artist", "song"),
        "one audio column": base.select("Energy"),
        "one column and titles": base.select("song", "Tempo"),
        "all rows equal": pl.concat([base.head(1)] * 60),
        "constant audio": pl.DataFrame({"energy": [0.5] * 40, "tempo": [120.0] * 40}),
        "one year": base.with_columns(pl.lit(1999).alias("Release Date")),
        "one genre": base.with_columns(pl.lit("polka").alias("Genre")),
        "every genre its own": base.with_columns((pl.lit("g") + pl.int_range(400).cast(pl.String)).alias("Genre")),
        "a genre called other": base.with_columns(pl.lit("other").alias("Genre")),
        "key without mode": pl.DataFrame({"energy": rng.uniform(0, 1, 60), "key": rng.integers(0, 12, 60)}),
        "all zero popularity": base.with_columns(pl.lit(0).alias("Popularity")),
    }


@pytest.mark.parametrize("name", list(_awkward()))
def test_an_awkward_catalog_gives_a_shorter_page(name):
    page = explored(read_catalog(_awkward()[name]))
    items = pages.items_of(page)
    assert "counts" in items
    if "no genre" in name:
        assert not [item for item in items if "genre" in item]
    if "no emotion" in name:
        assert not [item for item in items if "emotion" in item]
    if "no year" in name:
        assert not {"year", "years", "popularity-by-age"} & set(items)


@pytest.mark.parametrize(
    "tracks",
    [
        pl.DataFrame(),
        pl.DataFrame({"energy": []}, schema={"energy": pl.Float64}),
        pl.DataFrame({name: [None] * 30 for name in (*NUMBERS, "genres", "emotion", "artists", "title", "key")}),
        pl.DataFrame({"energy": [None] * 30}, schema={"energy": pl.Float64}),
        pl.DataFrame({"energy": [float("nan"), float("inf"), 0.5] * 10}),
        pl.DataFrame({"genres": [[], None, ["rock", None]] * 20}, schema={"genres": pl.List(pl.String)}),
        pl.DataFrame({"artists": [[], None, [None]] * 5}, schema={"artists": pl.List(pl.String)}),
        pl.DataFrame({"year": [1999, None] * 30}),
        pl.DataFrame({"title": ["A", "A", None]}),
        pl.DataFrame({"my own": ["x", "y"] * 20}),
    ],
    ids=["nothing", "no rows", "all unknown", "one unknown column", "nan", "odd genres", "odd artists", "year alone",
         "titles alone", "own column alone"],
)  # fmt: skip
def test_a_bare_table_gives_a_page(tracks):
    page = pages.valid_page(explore(tracks))
    assert page["sections"][0]["id"] == "overview"


_UNIT = st.sampled_from([None, 0.0, 1.0, 0.5, 0.25, 0.3331, float("nan")])
_COLUMNS = {
    **dict.fromkeys(AUDIO[:7], (pl.Float64, _UNIT)),
    "loudness": (pl.Float64, st.sampled_from([None, -60.0, -7.25, 0.0, 3.0])),
    "tempo": (pl.Float64, st.sampled_from([None, 1e-3, 60.0, 120.0, 119.9, 400.0])),
    "duration": (pl.Float64, st.sampled_from([None, 0.5, 180.0, 86_400.0])),
    "variance": (pl.Float64, st.sampled_from([None, -1e6, 1e-12, 1e6])),
    "popularity": (pl.Float64, st.sampled_from([None, 0.0, 0.5, 100.0])),
    "year": (pl.Int32, st.sampled_from([None, 1860, 1999, 2000, 2100])),
    "key": (pl.Int8, st.sampled_from([None, 0, 11])),
    "mode": (pl.Int8, st.sampled_from([None, 0, 1])),
    "time_signature": (pl.Int8, st.sampled_from([None, 1, 4, 16])),
    "explicit": (pl.Boolean, st.sampled_from([None, True, False])),
    "emotion": (pl.String, st.sampled_from([None, "joy", "anger", "love"])),
    "title": (pl.String, st.sampled_from([None, "", "A", "B (Live)", "\u202eodd <b>"])),
    "artists": (pl.List(pl.String), st.sampled_from([None, [], ["A"], ["A", None], ["Various Artists"]])),
    "genres": (pl.List(pl.String), st.sampled_from([None, [], ["pop"], ["other", "pop"], ["all others"]])),
    "version_family": (pl.Int32, st.integers(0, 9)),
    "is_representative": (pl.Boolean, st.booleans()),
    "mine": (pl.String, st.sampled_from([None, "x", "y"])),
}


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.data())
def test_any_table_gives_a_page(data):
    names = data.draw(st.lists(st.sampled_from(list(_COLUMNS)), unique=True))
    n, seed = data.draw(st.sampled_from([0, 1, 2, 9, 30, 130])), data.draw(st.integers(0, 99))
    rng = np.random.default_rng(seed)
    table = {}
    for name in names:
        dtype, values = _COLUMNS[name]
        some = data.draw(st.lists(values, min_size=1, max_size=6))
        table[name] = pl.Series([some[i] for i in rng.integers(0, len(some), n)], dtype=dtype)
    pages.valid_page(explore(pl.DataFrame(table)))


def test_rejects_and_several_files_are_told():
    rejects = pl.DataFrame(
        {"file": ["a"] * 3, "line": [1, 2, 3], "reason": ["short", "long", "short"], "raw": [""] * 3}
    )
    ledger = {
        "source": ["BPM"],
        "scale": "BPM",
        "cleared": [{"reason": "impossible, outside", "count": 2, "examples": ["0"]}],
    }
    notes = {"files": [{"file": name, "encoding": "utf-8", "columns": {"tempo": ledger}} for name in ("a", "b")]}
    inputs = [{"file": name, "sha256": None, "rows": 20, "format": "csv"} for name in ("a", "b")]
    tracks = pl.DataFrame({"tempo": [100.0, None] * 20})
    items = pages.items_of(pages.valid_page(explore(tracks, notes=notes, rejects=rejects, inputs=inputs)))
    assert items["rejects"]["table"]["rows"] == [["short", 2], ["long", 1]]
    assert items["cleared"]["table"]["rows"] == [["tempo", 4, "impossible, outside", "0"]]
    assert items["impossible"]["table"]["rows"] == [["tempo", 4, "impossible, outside", "0"]]
    assert [row[0] for row in items["files"]["table"]["rows"]] == ["a", "b"]
    assert dict(items["counts"]["facts"])["Rows read"] == "43"


def test_the_rule_of_findings():
    many = [Finding("relation", f"pair {i}", 0.9 - i / 100, f"R{i}.") for i in range(8)]
    many += [Finding("trouble", f"gap {i}", 0.5 - i / 100, f"T{i}.") for i in range(8)]
    many += [Finding("change", "energy", 0.3, "C."), Finding("change", "energy", 0.2, "Again.")]
    many += [Finding("make-up", "emotion", 0.0, "M.", True), Finding("make-up", "key", 0.001, "Faint.")]
    chosen = ranked(many)
    texts = [one.text for one in chosen]
    assert texts == ["R0.", "R1.", "R2.", "T0.", "T1.", "T2.", "C.", "M."]
    assert len(texts) <= LIMIT
    assert texts[:3] == [f"R{i}." for i in range(PER_KIND)]
