"""Sweeps: what is computed once, rows of failure, the rule of the recommendation, the command."""

import json
from dataclasses import replace

import polars as pl
import pytest
from typer.testing import CliRunner

import songscape
from songscape.atlas.recommendation import CRITERIA, recommend
from songscape.atlas.sweep import sweep
from songscape.atlas.sweep_page import sweep_data, sweep_lines, sweep_rows, sweep_section
from songscape.catalog.synthetic import write_synthetic
from songscape.cli.app import app
from songscape.config import Config
from songscape.errors import ParameterError
from songscape.report import render_page


@pytest.fixture(scope="module")
def catalog():
    return songscape.read_catalog(songscape.synthesize_tracks(400, random_state=2))


@pytest.fixture(scope="module")
def result(catalog):
    grid = {"embedding.n_neighbors": [10, 15], "clustering.min_samples": [5, 10], "embedding.min_dist": [0.1, 5.0]}
    return sweep(catalog, grid, Config(embedding={"spread": 1.0}))


def test_each_stage_is_computed_once_for_what_it_depends_on(result):
    # min_dist 5 is more than the spread: those settings fail at the map, four times.
    assert result.computed["features"] == 1
    assert result.computed["neighbors"] == 1
    assert result.computed["hubs"] == 1
    assert result.computed["embedding"] == 2
    assert result.computed["map scores"] == 2
    assert result.computed["clusters"] == 4


def test_settings_stand_in_the_order_of_the_grid_and_errors_are_rows(result):
    table = result.table
    assert table["embedding.n_neighbors"].to_list() == ["10"] * 4 + ["15"] * 4
    assert table["clustering.min_samples"].to_list() == ["5", "5", "10", "10"] * 2
    assert table["error"].is_null().to_list() == [True, False] * 4
    assert all("min_dist" in error for error in table["error"].drop_nulls())
    assert table.filter(pl.col("error").is_not_null())["n_groups"].null_count() == 4
    assert table["recommended"].sum() == 1
    assert table["recommended"].to_list().index(True) == result.recommended


def test_a_setting_scores_as_an_atlas_of_it_does(catalog, result):
    config = Config(embedding={"n_neighbors": 15}, clustering={"min_samples": 10})
    scores = songscape.build_atlas(catalog, config).scores
    row = result.table.row(6, named=True)
    assert row["n_groups"] == scores["n_clusters"]
    for name in ("coverage", "silhouette_features", "silhouette_map", "trustworthiness", "continuity"):
        assert row[name] == pytest.approx(scores[name], rel=1e-6), name


def test_blocks_and_metrics_make_new_neighbors(catalog):
    found = sweep(catalog, {"features.blocks.mood": [0.5, 1], "metric": ["euclidean", "cosine"]})
    assert found.computed["features"] == 2
    assert found.computed["neighbors"] == found.computed["embedding"] == 4
    assert "compare only roughly" in found.reason


def test_groups_of_a_scale_can_be_scored(catalog):
    found = sweep(catalog, {"groups.n_coarse": [3, 5]}, partition="coarse")
    assert found.table["n_groups"].to_list() == [3, 5]
    assert found.computed["embedding"] == 1
    assert found.computed["coarse"] == 2


def row(gain, coverage, trust, continuity, **more):
    return (
        dict(zip(CRITERIA, (gain, coverage, trust, continuity), strict=True)) | {"n_groups": 4, "largest": 0.4} | more
    )


def test_the_recommendation_by_hand():
    rows = [
        row(0.10, 0.50, 0.90, 0.90),  # worse than the next in all
        row(0.20, 0.60, 0.92, 0.92),  # shortfalls: 1/3, 0.4/0.5, 0.5, 0.5
        row(0.25, 0.55, 0.94, 0.94),  # shortfalls: 1/6 and 0.45/0.5, 0, 0
        row(0.10, 1.00, 0.90, 0.90),  # the best coverage, the worst of the rest
        row(0.40, 0.30, 0.99, 0.99, largest=0.7),  # one group of most songs
        row(0.40, 0.30, 0.99, 0.99, n_groups=1),
        {"error": "no"},
    ]
    chosen, reason = recommend(rows, [0] * 7)
    assert chosen == 1
    assert "Setting 2 of 7" in reason
    assert "80% of the range in coverage" in reason
    assert "3 of 4 settings" in reason
    assert "No label was looked at" in reason


def test_labels_do_not_move_the_recommendation():
    rows = [row(0.1, 0.5, 0.9, 0.9, ami_genre=0.9), row(0.2, 0.6, 0.92, 0.92, ami_genre=0.0)]
    turned = [one | {"ami_genre": 0.9 - one["ami_genre"]} for one in rows]
    assert recommend(rows, [0, 0]) == recommend(turned, [0, 0])
    assert recommend(rows, [0, 0])[0] == 1


def test_ties_go_to_the_setting_nearest_to_the_base():
    assert recommend([row(0.1, 0.5, 0.9, 0.9)] * 3, [2, 0, 1])[0] == 1
    assert recommend([row(0.1, 0.5, 0.9, 0.9)] * 2, [1, 1])[0] == 0


def test_nothing_is_recommended_where_nothing_qualifies():
    chosen, reason = recommend([{"error": "no"}, row(0.1, 0.5, 0.9, 0.9, n_groups=1)], [0, 0])
    assert chosen is None
    assert reason.startswith("No setting qualifies")


def test_the_section_and_the_data_are_plain(result):
    section = sweep_section(result)
    json.dumps([section, sweep_data(result)], allow_nan=False)
    ids = [item["id"] for item in section["items"]]
    assert ids[:2] == ["sweep-table", "sweep-matrix"]
    assert "sweep-embedding-n-neighbors" in ids
    matrix = section["items"][1]["figure"]
    assert len(matrix["values"]) == len(matrix["rows"]) == 4
    assert {len(values) for values in matrix["values"]} == {len(matrix["columns"])}
    for column in zip(*matrix["values"], strict=True):
        assert (min(column), max(column)) == (0.0, 1.0)
    html = render_page({"title": "Sweep", "subtitle": "", "findings": [], "sections": [section]})
    assert "What embedding.n_neighbors does" in html


def test_lines_say_all(result):
    lines = sweep_lines(result)
    assert "n_neighbors" in lines[0]
    assert len([line for line in lines if line.startswith("Setting")]) == 4 + 1
    assert lines[1 + result.recommended].startswith(f"{result.recommended + 1} ←")


def test_a_table_is_readable_at_100_columns_and_no_column_stands_twice(result):
    lines = sweep_lines(result)
    table = lines[: lines.index("", lines.index("") + 1)]
    assert max(map(len, table)) <= 100
    assert sum(line.startswith("setting") for line in table) == 2  # what is wider goes on below
    swept = {"groups.coverage": [0.5], "embedding.random_state": [0], "evaluation.random_state": [0]}
    table = result.table.head(1).with_columns(*(pl.lit("0").alias(name) for name in swept))
    columns, _ = sweep_rows(replace(result, parameters=swept, table=table, recommended=None))
    assert columns[1:4] == list(swept)
    assert len(set(columns[:9])) == 9


@pytest.mark.parametrize(
    ("grid", "match"),
    [
        ({}, "'grid' parameter must be a table of parameters"),
        ({"metric": []}, "'grid' parameter must be a table"),
        ({"metric": "cosine"}, "'grid' parameter must be a table"),
        ({"n_neighbours": [5]}, "Unknown parameter 'n_neighbours'"),
        ({"random_state": [1, 2]}, "It may be embedding.random_state or evaluation.random_state"),
        ({"n_neighbors": list(range(1001))}, "at most 1000 settings"),
    ],
)
def test_wrong_grids(catalog, grid, match):
    with pytest.raises(ParameterError, match=match):
        sweep(catalog, grid)


def test_other_wrong_arguments(catalog):
    with pytest.raises(ParameterError, match="'catalog' parameter must be a Catalog"):
        sweep([1], {"metric": ["cosine"]})
    with pytest.raises(ParameterError, match="'partition' parameter must be one of 'clusters'"):
        sweep(catalog, {"metric": ["cosine"]}, partition="tiny")


def test_a_value_out_of_range_is_a_row_and_all_out_of_range_is_a_table_of_errors(catalog):
    found = sweep(catalog, {"n_neighbors": [1]})
    assert "must be an int in [2, 1000]" in found.table["error"][0]
    assert found.recommended is None
    assert sweep_section(found)["items"][0]["facts"] == [["setting 1", found.table["error"][0]]]


def test_the_command(tmp_path):
    source = tmp_path / "tracks.csv"
    write_synthetic(200, source, random_state=0)
    out = {ending: tmp_path / f"sweep{ending}" for ending in (".csv", ".json", ".html")}
    base = ["sweep", str(source), "--grid", "min_cluster_size=5,10"]
    for path in out.values():
        ran = CliRunner().invoke(app, [*base, "--out", str(path)], catch_exceptions=False)
        assert ran.exit_code == 0
        assert "Setting" in ran.stdout
    assert pl.read_csv(out[".csv"]).height == 2
    assert len(json.loads(out[".json"].read_text())["rows"]) == 2
    assert "<svg" in out[".html"].read_text()
    printed = CliRunner().invoke(app, [*base, "--json"], catch_exceptions=False)
    assert json.loads(printed.stdout)["parameters"] == {"clustering.min_cluster_size": [5, 10]}


@pytest.mark.parametrize(
    ("flags", "match"),
    [
        (["--grid", "min_dist"], "--grid' parameter must be given as NAME=V1,V2"),
        (["--grid", "min_dist=0,,1"], "given as NAME=V1,V2"),
        (["--grid", "min_dist=0", "--grid", "min_dist=1"], "once for each parameter"),
        (["--out", "sweep.txt"], "'out' parameter must be a file that ends in .csv"),
    ],
)
def test_wrong_flags(flags, match):
    ran = CliRunner().invoke(app, ["sweep", "tracks.csv", *flags])
    assert isinstance(ran.exception, ParameterError)
    assert match in str(ran.exception)
