"""Catalogs for a report alone: without audio features, and with files beside them that cannot be used."""

import polars as pl
import pytest

from songscape.catalog import read_catalog
from songscape.errors import InputError
from songscape.exploration import explore

NAMES = pl.DataFrame({"title": ["One", "Two", "Three"], "artist": ["A", "B", "A"], "genre": ["folk", "pop", "folk"]})
SOUND = pl.DataFrame({"title": ["Four", "Five"], "energy": [0.2, None], "tempo": [120.0, None]})


def test_names_alone_are_enough_for_a_report():
    with pytest.raises(InputError, match="'<table>' has no audio features"):
        read_catalog(NAMES)
    catalog = read_catalog(NAMES, lenient=True)
    assert catalog.tracks["title"].to_list() == ["One", "Two", "Three"]
    assert len(catalog.rejects) == 0
    assert "set_aside" not in catalog.notes
    page = explore(catalog.tracks, notes=catalog.notes, rejects=catalog.rejects, inputs=catalog.inputs)
    assert "folk" in str(page["findings"])
    assert [section["id"] for section in page["sections"]][:2] == ["overview", "pictures"]


def test_files_with_and_without_audio_features_together():
    catalog = read_catalog([NAMES, SOUND], lenient=True)
    assert catalog.tracks["title"].to_list() == ["One", "Two", "Three", "Four"]
    of_a_file_that_knows_them = "2 of 2 audio features are missing or impossible"
    assert catalog.rejects["reason"].to_list() == [of_a_file_that_knows_them]


def test_what_has_audio_features_is_read_alike():
    strict, lenient = read_catalog(SOUND), read_catalog(SOUND, lenient=True)
    assert strict.tracks.equals(lenient.tracks)
    assert strict.rejects.equals(lenient.rejects)


def test_a_file_that_cannot_be_used_is_set_aside(tmp_path):
    NAMES.write_csv(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_bytes(b"")
    pl.DataFrame({"x": [1], "y": [2]}).write_csv(tmp_path / "c.csv")
    with pytest.raises(InputError, match=r"'b.csv' is empty"):
        read_catalog(str(tmp_path / "*.csv"))
    catalog = read_catalog(str(tmp_path / "*.csv"), lenient=True)
    assert len(catalog) == 3
    aside = catalog.notes["set_aside"]
    assert [one["file"] for one in aside] == ["b.csv", "c.csv"]
    assert "is empty (0 bytes)" in aside[0]["reason"]
    assert aside[1]["reason"].startswith("'c.csv' has no column that is known, such as title")
    page = explore(catalog.tracks, notes=catalog.notes, rejects=catalog.rejects, inputs=catalog.inputs)
    items = {item["id"]: item for section in page["sections"] for item in section["items"]}
    assert [row[0] for row in items["set-aside"]["table"]["rows"]] == ["b.csv", "c.csv"]


def test_at_least_one_file_must_be_usable(tmp_path):
    (tmp_path / "b.csv").write_bytes(b"")
    pl.DataFrame({"x": [1]}).write_csv(tmp_path / "c.csv")
    with pytest.raises(InputError, match=r"'b.csv' is empty.*'c.csv' has no column that is known"):
        read_catalog(str(tmp_path / "*.csv"), lenient=True)
    NAMES.write_csv(tmp_path / "a.csv")
    with pytest.raises(InputError, match="There is no file"):  # named, so a slip and no matter of luck
        read_catalog([str(tmp_path / "a.csv"), str(tmp_path / "none.csv")], lenient=True)


def test_a_file_without_a_line_of_names_is_told_as_one(tmp_path):
    path = tmp_path / "bare.csv"
    path.write_text("Björk,Jóga,0.5,-6.2,120\nAir,Sexy Boy,0.7,-8,110\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"'bare.csv' has no names of columns: its first line holds values \('Björk'"
    ):
        read_catalog(path)
    path.write_text("title,2019,2020\nJóga,1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"'bare.csv' has no audio features"):
        read_catalog(path)
