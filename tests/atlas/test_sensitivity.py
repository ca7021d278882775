"""Sensitivity: the changes, their deltas against settings computed apart, controls, the command."""

import json

import pytest
from typer.testing import CliRunner

import songscape
from songscape.atlas.sensitivity import SCORES, changes_of, measure_sensitivity
from songscape.atlas.sensitivity_page import (
    sensitivity_data,
    sensitivity_findings,
    sensitivity_lines,
    sensitivity_rows,
    sensitivity_section,
)
from songscape.atlas.sweep import sweep
from songscape.catalog.synthetic import write_synthetic
from songscape.cli.app import app
from songscape.config import BLOCKS, Config
from songscape.errors import ParameterError
from songscape.report import render_page

BASE = Config(embedding={"n_epochs": 20}, features={"blocks": {"mood": 0.5}})


@pytest.fixture(scope="module")
def catalog():
    return songscape.read_catalog(songscape.synthesize_tracks(300, random_state=2))


@pytest.fixture(scope="module")
def found(catalog):
    return measure_sensitivity(catalog, BASE)


def test_every_block_and_treatment_is_changed_once():
    changes = dict(changes_of(BASE))
    assert changes["mood left out"] == {"features.blocks.mood": 0.0}
    assert changes["mood doubled"] == {"features.blocks.mood": 1.0}
    assert changes["genre taken in"] == {"features.blocks.genre": 1.0}
    assert changes["no artist discounting"] == {"features.discount_artists": False}
    assert changes["tempo folded"] == {"features.fold_tempo": True}
    blocks = {name.rpartition(".")[2] for setting in changes.values() for name in setting if ".blocks." in name}
    assert blocks == set(BLOCKS)
    turned = dict(changes_of(Config(features={"discount_artists": False, "fold_tempo": True})))
    assert turned["artist discounting"] == {"features.discount_artists": True}
    assert turned["tempo not folded"] == {"features.fold_tempo": False}


def test_deltas_are_those_of_settings_computed_apart(catalog, found):
    apart = sweep(catalog, {"features.blocks.rhythm": [1.0, 0.0]}, BASE, partition="coarse").table
    usual, without = apart.row(0, named=True), apart.row(1, named=True)
    row = next(row for row in found.changes if row["change"] == "rhythm left out")
    for name in ("silhouette_features", "trustworthiness", "ami_genre", "largest"):
        assert found.base[name] == pytest.approx(usual[name], rel=1e-9)
        assert row["deltas"][name] == pytest.approx(without[name] - usual[name], abs=1e-9), name
    half = (usual["ami_genre_half"] ** 2 + without["ami_genre_half"] ** 2) ** 0.5
    assert row["halves"]["ami_genre"] == pytest.approx(half)
    assert -0.5 <= row["same_groups"] < 1.0


def test_labels_in_the_metric_are_no_test(found):
    rows = {row["change"]: row for row in found.changes}
    assert rows["genre taken in"]["deltas"]["ami_genre"] is None
    assert rows["genre taken in"]["deltas"]["ami_decade"] is not None
    assert rows["year taken in"]["deltas"]["ami_decade"] is None


def test_controls_tell_what_chance_does(found):
    seed, fewer = found.controls
    assert seed["parameters"] == {"embedding.random_state": 1}
    assert fewer["parameters"] == {}
    for name, value in found.chance.items():
        assert value == max(abs(row["deltas"][name]) for row in found.controls)
    _, rows = sensitivity_rows(found)
    columns, _ = sensitivity_rows(found)
    for row in rows[-2:]:  # no delta of a control lies beyond chance
        assert all(cell.startswith("(") for cell in row[2:] if cell != "–"), columns


def test_a_change_that_cannot_be_made_is_a_row(catalog):
    only = Config(embedding={"n_epochs": 20}, features={"blocks": {"mood": 0.0, "rhythm": 0.0}})
    told = measure_sensitivity(catalog, only)
    row = next(row for row in told.changes if row["change"] == "sound left out")
    assert "no feature is left" in row["error"]
    assert any("sound left out: " in line for line in sensitivity_lines(told))
    json.dumps([sensitivity_data(told), sensitivity_section(told)], allow_nan=False)


def test_sections_and_lines_are_plain(found):
    section = sensitivity_section(found)
    json.dumps([section, sensitivity_data(found)], allow_nan=False)
    html = render_page({"title": "Sensitivity", "subtitle": "", "findings": [], "sections": [section]})
    assert "sound left out" in html
    assert max(map(len, sensitivity_lines(found)[: -len(sensitivity_findings(found))])) <= 100
    assert len(sensitivity_findings(found)) == 3
    matrix = section["items"][1]["figure"]
    assert len(matrix["rows"]) == len(matrix["values"]) == len(found.changes) + 2
    assert len(matrix["columns"]) <= len(SCORES)


def test_the_command(tmp_path):
    source = tmp_path / "tracks.csv"
    write_synthetic(150, source, random_state=0)
    config = tmp_path / "small.toml"
    config.write_text("[embedding]\nn_epochs = 5\n")
    out = tmp_path / "sensitivity.html"
    words = ["sweep", str(source), "--sensitivity", "--scale", "middle", "--config", str(config), "-o", str(out)]
    ran = CliRunner().invoke(app, words, catch_exceptions=False)
    assert ran.exit_code == 0
    assert "base (middle)" in ran.stdout
    assert "<svg" in out.read_text()


def test_wrong_arguments(catalog):
    with pytest.raises(ParameterError, match="'catalog' parameter must be a Catalog"):
        measure_sensitivity([1])
    with pytest.raises(ParameterError, match="'partition' parameter must be one of 'clusters'"):
        measure_sensitivity(catalog, partition="tiny")
    ran = CliRunner().invoke(app, ["sweep", "tracks.csv", "--sensitivity", "--grid", "min_dist=0"])
    assert isinstance(ran.exception, ParameterError)
    assert "Leave --grid out" in str(ran.exception)
