"""The commands that tell what is in a catalog and what groups mean."""

import json
import subprocess
import sys
from dataclasses import replace

import polars as pl
import pytest

import songscape
from songscape.config import Config

SMALL = Config(embedding={"n_epochs": 20}, clustering={"min_cluster_size": 10})


def run(*words: object) -> tuple[int, str, str]:
    command = [sys.executable, "-c", "from songscape.cli import main; main()", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def atlas():
    return songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(600, random_state=0)), SMALL)


@pytest.fixture(scope="module")
def folder(atlas, tmp_path_factory):
    return atlas.save(tmp_path_factory.mktemp("meaning") / "atlas")


def test_a_line_for_each_group(folder, atlas):
    code, out, err = run("groups", folder, "--scale", "coarse")
    assert (code, err) == (0, "")
    table, told = out.split("\n\n")
    lines = table.splitlines()[1:]
    verdicts = {card["verdict"] for card in atlas.cards["coarse"]}
    assert {line.partition(":")[0] for line in told.splitlines()[:-1]} == verdicts
    assert "songscape groups ATLAS NUMBER" in told
    assert len(lines) == len(atlas.cards["coarse"])
    for line, card in zip(lines, atlas.cards["coarse"], strict=True):
        assert line.split()[0] == str(card["number"])
        assert line.endswith(card["name"])
        assert card["verdict"] in line


def test_the_card_of_one_group(folder, atlas):
    code, out, _ = run("groups", folder, 1)
    assert code == 0
    assert out.startswith(f"middle group 1: {atlas.cards['middle'][1]['name']}\n")
    assert "Verdict: " in out
    assert json.loads(run("groups", folder, 1, "--json")[1]) == atlas.cards["middle"][1]
    assert json.loads(run("groups", folder, "--scale", "fine", "--json")[1]) == atlas.cards["fine"]


def test_a_group_by_its_name(folder, atlas):
    named = atlas.cards["coarse"][1]["name"]
    code, out, _ = run("groups", folder, named.upper(), "--scale", "coarse")
    assert code == 0
    assert out.startswith(f"coarse group 1: {named}\n")
    found = atlas.cards["fine"][0]
    out = run("groups", folder, found["name"], "--scale", "fine")[1]
    parent = atlas.cards["middle"][found["parent"]]
    assert f"part of “{parent['name']}” (middle group {parent['number']})" in out
    code, out, err = run("groups", folder, "zzzzzz")
    assert (code, out) == (2, "")
    assert err.startswith("Error: No group at the middle scale has a name like 'zzzzzz'.")


def test_a_name_at_several_scales_means_what_it_means_for_playlists(atlas, tmp_path):
    shared = dict(atlas.cards["coarse"][1], name="Twice there"), dict(atlas.cards["middle"][0], name="Twice there")
    cards = atlas.cards | {"coarse": [*atlas.cards["coarse"]], "middle": [*atlas.cards["middle"]]}
    cards["coarse"][1], cards["middle"][0] = shared
    folder = replace(atlas, cards=cards).save(tmp_path / "atlas")
    code, out, err = run("groups", folder, "twice there")
    assert (code, out.splitlines()[0]) == (0, "coarse group 1: Twice there")
    assert err == "Groups of this name are at several scales; this is the coarse one. Others: --scale middle\n"
    assert run("groups", folder, "twice there", "--scale", "middle")[1].startswith("middle group 0: Twice there")
    listed = json.loads(run("playlist", folder, "--group", "Twice there", "--length", 5, "--json")[1])
    alike = json.loads(run("playlist", folder, "--group", "coarse:1", "--length", 5, "--json")[1])
    assert [track["row"] for track in listed["tracks"]] == [track["row"] for track in alike["tracks"]]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--scale", "tiny"], "The 'scale' parameter must be one of coarse, middle, fine. Got 'tiny' instead."),
        (["999"], "There is no group 999 at the middle scale. Its "),
    ],
)
def test_what_is_not_there_is_one_message(folder, words, message):
    code, out, err = run("groups", folder, *words)
    assert (code, out) == (2, "")
    assert err.startswith(f"Error: {message}")


def test_the_report_of_a_catalog_and_of_an_atlas(folder, tmp_path):
    songscape.write_synthetic(300, tmp_path / "tracks.csv")
    assert run("eda", tmp_path / "tracks.csv", "-o", tmp_path / "new" / "catalog.html")[0] == 0
    assert run("eda", folder, "-o", tmp_path / "new" / "atlas.html")[0] == 0
    sections = {}
    for name in ("catalog", "atlas"):
        data = json.loads((tmp_path / "new" / f"{name}.json").read_text(encoding="utf-8"))
        sections[name] = [section["id"] for section in data["sections"]]
        assert "<html" in (tmp_path / "new" / f"{name}.html").read_text(encoding="utf-8")
    scales = [name for name in sections["atlas"] if name.startswith("groups-")]
    assert scales == ["groups-coarse", "groups-middle", "groups-fine"][: len(scales)]  # equal scales are told once
    assert sections["atlas"] == ["groups", *sections["catalog"], "map-section", *scales, "quality"]
    assert len(data["findings"]) <= 10
    assert "of the songs lie in" in data["findings"][0]


def test_the_report_counts_tracks_with_a_feature_filled_in(tmp_path):
    tracks = songscape.synthesize_tracks(300, random_state=0)
    gaps = tracks.with_columns(Tempo=pl.when(pl.int_range(pl.len()) >= 30).then("Tempo"))
    atlas = songscape.build_atlas(songscape.read_catalog(gaps))
    data = json.loads(songscape.write_report(atlas, tmp_path / "a.html").with_suffix(".json").read_text("utf-8"))
    [told] = [item for section in data["sections"] for item in section["items"] if item["id"] == "map"]
    assert dict(told["facts"])["Imputed"].startswith("30 tracks (10 %): an audio feature was missing")


def test_pictures_of_a_report_share_their_colors(atlas, tmp_path):
    data = json.loads(songscape.write_report(atlas, tmp_path / "a.html").with_suffix(".json").read_text("utf-8"))
    items = {item["id"]: item for section in data["sections"] for item in section["items"]}
    swatches = items["group-overview"]["table"]["swatches"]
    assert len(swatches) == len(set(swatches)) == len(atlas.cards["coarse"]) <= 12  # so few all differ
    drawn = items["quality-silhouette-coarse"]["figure"]["groups"]
    assert [group["color"] for group in drawn] == swatches[: len(drawn)]
    parents = [card["parent"] for card in atlas.cards["middle"]]
    drawn = items["quality-silhouette-middle"]["figure"]["groups"]
    numbers = [int(group["name"].split()[0]) for group in drawn]
    assert [group["color"] for group in drawn] == [swatches[parents[number]] for number in numbers]
    told = [scale for scale in ("middle", "fine") if f"cards-{scale}" in items]  # equal scales are told once
    assert told[0] == "middle"
    for scale in told:
        folds = items[f"cards-{scale}"]["folds"]
        assert [fold["title"] for fold in folds] == [f"{c['number']} · {c['name']}" for c in atlas.cards[scale]]


def test_the_report_of_an_atlas_is_the_one_in_its_folder(folder, tmp_path):
    written = songscape.write_report(songscape.load_atlas(folder), tmp_path / "report.html")
    for name in ("report.html", "report.json"):
        assert (folder / name).read_bytes() == written.with_name(name).read_bytes(), name


def test_a_report_needs_no_audio_features_and_sets_files_aside(tmp_path):
    (tmp_path / "a.csv").write_text("title,artist,genre\nOne,A,folk\nTwo,B,pop\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("", encoding="utf-8")
    code, out, err = run("eda", tmp_path / "*.csv", "-o", tmp_path / "r.html")
    assert code == 0
    assert out.startswith("Report: ")
    assert "Set aside: 'b.csv' is empty" in err
    code, _, err = run("build", tmp_path / "a.csv", "--out", tmp_path / "atlas")
    assert code == 2
    assert "has no audio features" in err


def test_something_else_has_no_report(tmp_path):
    with pytest.raises(songscape.SongscapeError, match="'source' parameter must be a Catalog or an Atlas"):
        songscape.write_report("tracks.csv", tmp_path / "report.html")


def test_a_source_that_is_missing_has_no_report(tmp_path):
    code, _, err = run("eda", tmp_path / "none.csv")
    assert code == 2
    assert "There is no file" in err
