"""The atlas: what joins the stages, its folder, and that neither threads nor runs nor a kill change it."""

import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import songscape
from songscape.atlas import writing
from songscape.atlas.build import MIN_NEIGHBORS
from songscape.atlas.files import FILES, SCHEMA_VERSION
from songscape.atlas.loading import load_atlas
from songscape.atlas.record import Atlas
from songscape.clustering import cluster
from songscape.config import Config
from songscape.embedding import embed
from songscape.errors import AtlasError, ParameterError, ResourceError
from songscape.features import apply_features, scale_features
from songscape.neighbors import build_neighbors
from songscape.remaining import Remaining, of_one_piece

RUN_KEYS = {
    "schema_version",
    "songscape_version",
    "config",
    "inputs",
    "counts",
    "timings",
    "peak_memory_bytes",
    "scores",
    "fallbacks",
    "environment",
}
TIMINGS = {"read", "features", "neighbors", "embedding", "clustering", "evaluation", "total"}
SCORES = {
    "n_clusters",
    "noise_fraction",
    "largest_cluster_fraction",
    "silhouette_features",
    "silhouette_map",
    "silhouette_features_null",
    "trustworthiness",
    "continuity",
    "neighborhood_preservation",
    "global_rank_correlation",
}
SMALL = Config(embedding={"n_epochs": 30}, clustering={"min_cluster_size": 10})


def synthetic(n_tracks: int, seed: int = 0) -> pl.DataFrame:
    return songscape.synthesize_tracks(n_tracks, random_state=seed)


@pytest.fixture(scope="module")
def catalog():
    """600 tracks, the first twenty of which come again as live versions."""
    table = synthetic(600)
    title = next(name for name in ("song", "title") if name in table.columns)
    live = table.head(20).with_columns(pl.col(title) + " (Live)")
    return songscape.read_catalog(pl.concat([table, live]))


@pytest.fixture(scope="module")
def atlas(catalog):
    return songscape.build_atlas(catalog, SMALL)


@pytest.fixture(scope="module")
def saved(atlas, tmp_path_factory):
    return atlas.save(tmp_path_factory.mktemp("saved") / "atlas")


def assert_same(first: Atlas, second: Atlas) -> None:
    assert first.catalog.tracks.equals(second.catalog.tracks, null_equal=True)
    assert first.catalog.rejects.equals(second.catalog.rejects)
    assert (first.catalog.notes, first.catalog.inputs) == (second.catalog.notes, second.catalog.inputs)
    assert first.config == second.config
    assert first.scores == second.scores
    assert first.cards == second.cards
    assert (first.groups.coverage, first.groups.space) == (second.groups.coverage, second.groups.space)
    for one, two in zip(first.groups.scales, second.groups.scales, strict=True):
        assert one.name == two.name
        for field in fields(one)[1:]:
            compare(getattr(one, field.name), getattr(two, field.name))
    assert first.features.columns == second.features.columns
    assert first.features.left_out == second.features.left_out
    one, two = asdict(first.features.discount), asdict(second.features.discount)
    compare(one.pop("matrix"), two.pop("matrix"))
    assert one == two
    assert (first.neighbors.metric, first.neighbors.recall) == (second.neighbors.metric, second.neighbors.recall)
    rows = ("silhouette", "map_trust", "map_continuity", "labels", "probabilities", "songs", "song_of")
    for name in ("X", "embedding", *rows):
        compare(getattr(first, name), getattr(second, name))
    for part in ("features", "neighbors", "clustering"):
        one, two = getattr(first, part), getattr(second, part)
        for field in fields(one):
            if isinstance(getattr(one, field.name), np.ndarray):
                compare(getattr(one, field.name), getattr(two, field.name))
    for tree in ("spanning_tree", "linkage_tree", "condensed_tree"):
        one, two = getattr(first.clustering, tree), getattr(second.clustering, tree)
        for field in fields(one):
            compare(getattr(one, field.name), getattr(two, field.name))


def compare(one: np.ndarray, two: np.ndarray) -> None:
    assert one.dtype == two.dtype
    np.testing.assert_array_equal(one, two)


class TestBuild:
    def test_it_is_the_composition_of_the_stages_over_songs(self, catalog, atlas):
        songs = catalog.tracks.filter(pl.col("is_representative")).sort("version_family")
        fitted = scale_features(songs, SMALL.features)
        neighbors = build_neighbors(fitted.X, MIN_NEIGHBORS)
        embedding = embed(fitted.X, neighbors.first(14), SMALL.embedding)
        clustering = cluster(embedding, SMALL.clustering.at_size(songs.height))
        np.testing.assert_array_equal(atlas.X, apply_features(catalog.tracks, fitted).X)
        np.testing.assert_array_equal(atlas.X[atlas.songs], fitted.X)
        np.testing.assert_array_equal(atlas.embedding[atlas.songs], embedding)
        np.testing.assert_array_equal(atlas.clustering.labels, clustering.labels)
        np.testing.assert_array_equal(atlas.song_of[atlas.neighbors.indices[atlas.songs]], neighbors.indices)

    def test_versions_of_a_song_stand_where_it_stands(self, catalog, atlas):
        assert catalog.summary()["version_families"] < len(catalog)
        table = atlas.table()
        spread = table.group_by("version_family").agg(
            pl.col("x", "y", "cluster", "cluster_probability").n_unique(), pl.len()
        )
        assert spread["len"].max() > 1
        for name in ("x", "y", "cluster", "cluster_probability"):
            assert spread[name].max() == 1
        np.testing.assert_array_equal(atlas.neighbors.indices, atlas.neighbors.indices[atlas.songs][atlas.song_of])

    def test_no_track_is_its_own_neighbor_nor_its_songs(self, catalog, atlas):
        own = atlas.song_of[:, None] == atlas.song_of[atlas.neighbors.indices]
        assert not own.any()
        assert catalog.tracks["is_representative"].to_numpy()[atlas.neighbors.indices].all()
        assert (np.diff(atlas.neighbors.distances, axis=1) >= 0).all()

    def test_duplicates_do_not_change_the_map_of_the_others(self, atlas):
        alone = songscape.build_atlas(songscape.read_catalog(synthetic(600)), SMALL)
        np.testing.assert_array_equal(alone.embedding[:600], atlas.embedding[:600])

    def test_the_table_has_what_is_promised(self, catalog, atlas):
        table = atlas.table()
        assert table.columns == [
            *catalog.tracks.columns,
            "x",
            "y",
            "cluster",
            "cluster_probability",
            "silhouette",
            "map_trust",
            "map_continuity",
            "imputed",
            "group_coarse",
            "group_coarse_strength",
            "group_middle",
            "group_middle_strength",
            "group_fine",
            "group_fine_strength",
        ]
        noise = table.filter(pl.col("cluster") == -1)
        assert noise["silhouette"].null_count() == noise.height
        assert (noise["cluster_probability"] == 0).all()
        kept = table.filter(pl.col("cluster") >= 0)
        assert kept["silhouette"].is_between(-1, 1).all()

    def test_the_config_that_is_kept_has_the_sizes_filled_in(self, catalog):
        atlas = songscape.build_atlas(catalog, Config(embedding={"n_epochs": 5}))
        size = Config().clustering.at_size(len(atlas.songs))
        assert atlas.config.clustering.min_cluster_size == size.min_cluster_size
        assert atlas.config.clustering.min_samples == size.min_samples
        np.testing.assert_array_equal(songscape.build_atlas(catalog, atlas.config).embedding, atlas.embedding)

    def test_wider_parameters_widen_the_one_graph(self, catalog):
        wide = songscape.build_atlas(catalog, Config(embedding={"n_neighbors": 30, "n_epochs": 5}))
        assert wide.neighbors.k == 29

    @pytest.mark.parametrize("n_tracks", [1, 2, 3, 8])
    def test_tiny_catalogs(self, tmp_path, n_tracks):
        catalog = songscape.read_catalog(synthetic(n_tracks))
        atlas = songscape.build_atlas(catalog)
        assert atlas.embedding.shape == (n_tracks, 2)
        assert np.isfinite(atlas.embedding).all()
        assert_same(load_atlas(atlas.save(tmp_path / "atlas")), atlas)

    def test_all_tracks_equal(self, tmp_path):
        one = synthetic(1)
        title = next(name for name in ("song", "title") if name in one.columns)
        table = pl.concat([one.with_columns(pl.lit(f"Song {i}").alias(title)) for i in range(40)])
        atlas = songscape.build_atlas(songscape.read_catalog(table))
        assert (atlas.X == 0).all()
        assert_same(load_atlas(atlas.save(tmp_path / "atlas")), atlas)

    def test_what_was_done_otherwise_is_said(self):
        table = synthetic(8)
        variance = next(name for name in table.columns if name.lower() == "variance")
        unknown = table.with_columns(pl.lit(None, dtype=pl.Float64).alias(variance))
        atlas = songscape.build_atlas(songscape.read_catalog(unknown))
        assert "The feature 'variance' is left out: unknown for all tracks." in atlas.run.fallbacks
        assert any("n_neighbors is 15 and there are 8 songs" in line for line in atlas.run.fallbacks)
        assert any("Artists are not discounted" in line for line in atlas.run.fallbacks)

    def test_a_column_that_is_not_there_is_named_beside_those_nobody_knows(self):
        table = synthetic(30)
        variance = next(name for name in table.columns if name.lower() == "variance")
        config = Config(features={"discount_artists": False})
        atlas = songscape.build_atlas(songscape.read_catalog(table.drop(variance)), config)
        assert atlas.features.left_out["variance"] == "unknown for all tracks"
        assert "Not in the catalog: variance." in atlas.run.fallbacks
        renamed = songscape.read_catalog(table.rename({variance: "Wobble"}))
        told = songscape.build_atlas(renamed).run.fallbacks
        assert "Not in the catalog: variance. Columns that were not recognized: Wobble." in told

    def test_tracks_without_names_are_told_first(self, tmp_path):
        named = synthetic(30)
        title = next(name for name in named.columns if name.lower() in ("song", "title"))
        catalog = songscape.read_catalog(named.rename({title: "Titel"}))
        told = "No track has title: lists and cards cannot name them."
        told += " If one of Titel holds them: --column title=NAME."
        assert songscape.build_atlas(catalog).run.fallbacks[0] == told
        assert songscape.read_catalog(named).nameless() is None

    @pytest.mark.parametrize(
        ("n_components", "axes"), [(3, ["x", "y", "z"]), (5, ["x", "y", "z", "axis_4", "axis_5"])]
    )
    def test_a_map_of_more_dimensions_keeps_them(self, catalog, tmp_path, n_components, axes):
        config = SMALL.with_changes(embedding={"n_components": n_components, "n_epochs": 5})
        atlas = songscape.build_atlas(catalog, config)
        assert np.array_equal(atlas.table().select(axes).to_numpy(), atlas.embedding)
        assert_same(load_atlas(atlas.save(tmp_path / "atlas")), atlas)

    @pytest.mark.parametrize("value", ["tracks.csv", None, pl.DataFrame()])
    def test_something_else_than_a_catalog_is_named(self, value):
        with pytest.raises(ParameterError, match=r"'catalog' parameter must be a Catalog, from songscape.read"):
            songscape.build_atlas(value)
        with pytest.raises(ParameterError, match=r"'atlas' parameter must be an Atlas, from songscape.build"):
            songscape.evaluate(value)

    def test_it_shows_itself_in_a_line(self, atlas, catalog):
        n_clusters = atlas.scores["n_clusters"]
        assert repr(atlas) == f"Atlas(620 tracks, {len(atlas.songs)} songs, {n_clusters} clusters)"
        assert repr(catalog).startswith("Catalog(620 rows_read, 0 rows_rejected, 620 tracks")

    def test_a_map_needs_two_dimensions(self, catalog):
        with pytest.raises(
            ParameterError, match=r"'n_components' parameter must be an int in \[2, 64\] for an atlas"
        ):
            songscape.build_atlas(catalog, Config(embedding={"n_components": 1}))

    def test_too_little_memory_stops_the_work_unless_asked(self, catalog, monkeypatch):
        monkeypatch.setattr("songscape.memory._free_room", lambda: 1000)
        with pytest.raises(ResourceError, match=r"An atlas of 620 tracks needs about .* and less than 1 MB are free"):
            songscape.build_atlas(catalog, SMALL)
        songscape.build_atlas(catalog, SMALL.with_changes(check_memory=False))

    def test_progress_names_each_stage_and_never_falls(self, catalog):
        seen: dict[str, list[float]] = {}
        songscape.build_atlas(catalog, SMALL, progress=lambda stage, done: seen.setdefault(stage, []).append(done))
        assert list(seen) == [
            "features",
            "neighbors",
            "embedding",
            "clustering",
            "groups",
            "evaluation",
            "interpretation",
        ]
        for stage, fractions in seen.items():
            assert fractions == sorted(fractions), stage
            assert (fractions[0], fractions[-1]) == (0.0, 1.0)


class TestGroups:
    def test_the_table_names_the_group_of_each_covered_track(self, atlas):
        table = atlas.table()
        for scale in atlas.groups.scales:
            cards = atlas.cards[scale.name]
            names = [card["name"] for card in cards]
            assert len(set(names)) == len(names) == scale.n_groups > 1
            assert [card["size"] for card in cards] == np.bincount(scale.labels[scale.labels >= 0]).tolist()
            labels = scale.labels[atlas.song_of]
            expected = [names[label] if label >= 0 else None for label in labels]
            assert table[f"group_{scale.name}"].to_list() == expected
            assert (table[f"group_{scale.name}_strength"].to_numpy() == scale.strength[atlas.song_of]).all()

    def test_they_are_nested_by_their_parents(self, atlas):
        coarse, middle, fine = atlas.groups.scales
        assert (middle.parents[fine.parents[fine.nearest]] == coarse.nearest).all()
        assert len(coarse.parents) == 0

    def test_they_are_scored_beside_their_null(self, atlas):
        for scale in atlas.groups.scales:
            scores = atlas.scores["groups"][scale.name]
            assert scores["n_groups"] == scale.n_groups
            assert scores["coverage"] == pytest.approx(atlas.config.groups.coverage, abs=0.02)
            assert scores["silhouette_features"] > scores["silhouette_features_null"] + 0.05

    def test_a_card_of_each_comes_back(self, atlas, saved):
        cards = songscape.describe_groups(load_atlas(saved))
        assert {scale: [card.as_dict() for card in found] for scale, found in cards.items()} == atlas.cards

    def test_one_song_is_one_group(self):
        atlas = songscape.build_atlas(songscape.read_catalog(synthetic(1)))
        assert [len(cards) for cards in atlas.cards.values()] == [1, 1, 1]
        assert atlas.table()["group_middle"].to_list() == [atlas.cards["middle"][0]["name"]]


class TestScores:
    def test_they_are_plain_data_with_the_promised_names(self, atlas):
        assert set(atlas.scores) >= SCORES
        assert json.loads(json.dumps(atlas.scores, allow_nan=False)) == atlas.scores

    def test_evaluating_again_gives_the_same(self, atlas, saved):
        assert songscape.evaluate(atlas) == atlas.scores
        assert songscape.evaluate(load_atlas(saved)) == atlas.scores

    def test_they_count_songs(self, atlas):
        labels = atlas.clustering.labels
        assert atlas.scores["noise_fraction"] == pytest.approx((labels < 0).mean())
        assert atlas.scores["n_clusters"] == labels.max() + 1
        assert atlas.scores["largest_cluster_fraction"] == pytest.approx((labels == 0).mean())

    def test_found_clusters_beat_permuted_ones(self, atlas):
        assert atlas.scores["n_clusters"] > 1
        assert atlas.scores["silhouette_features"] > atlas.scores["silhouette_features_null"] + 0.05
        assert atlas.scores["trustworthiness"] > 0.8


class TestFolder:
    def test_it_holds_the_promised_files_and_nothing_else(self, saved):
        assert sorted(path.name for path in saved.iterdir()) == sorted(FILES)
        assert (saved / "map.png").read_bytes().startswith(b"\x89PNG")
        assert b"<svg" in (saved / "map.svg").read_bytes()[:2000]

    def test_the_account_of_the_run(self, saved, atlas):
        run = json.loads((saved / "run.json").read_text(encoding="utf-8"))
        assert set(run) >= RUN_KEYS
        assert set(run["timings"]) >= TIMINGS
        assert set(run["scores"]) >= SCORES
        assert set(run["counts"]) == {"rows_read", "rows_rejected", "tracks", "version_families"}
        assert set(run["inputs"][0]) >= {"file", "sha256", "rows", "format"}
        assert run["schema_version"] == SCHEMA_VERSION
        assert run["songscape_version"] == songscape.__version__
        assert Config(**run["config"]) == atlas.config
        assert run["timings"]["total"] == pytest.approx(
            sum(seconds for name, seconds in run["timings"].items() if name != "total")
        )
        assert run["peak_memory_bytes"] > 10_000_000

    def test_the_legend_of_the_picture_names_the_group_that_most_of_a_cluster_is_in(self, saved, atlas):
        pieces = re.findall(r">([^<>]+)</", (saved / "map.svg").read_text("utf-8"))
        told = " ".join(html.unescape(" ".join(pieces)).split())
        assert "cluster · mostly in group" in told
        groups, names = atlas.groups.scale("middle").labels[atlas.song_of], atlas.cards["middle"]
        for number in range(min(5, atlas.labels.max() + 1)):
            within = groups[(atlas.labels == number) & (groups >= 0)]
            counts = Counter(within.tolist())
            most = [names[group]["name"] for group, count in counts.items() if count == max(counts.values())]
            assert any(name[:20] in told for name in most), most

    def test_what_is_loaded_is_what_was_saved(self, saved, atlas):
        assert_same(load_atlas(saved), atlas)

    def test_saving_what_was_loaded_changes_no_byte(self, saved, tmp_path):
        again = load_atlas(saved).save(tmp_path / "again")
        for name in ("tracks.parquet", "arrays.npz", "map.png", "map.svg", "rejects.csv"):
            assert (again / name).read_bytes() == (saved / name).read_bytes(), name

    def test_numpy_and_polars_read_the_files_on_their_own(self, saved, atlas):
        with np.load(saved / "arrays.npz") as arrays:
            np.testing.assert_array_equal(arrays["X"], atlas.X)
            np.testing.assert_array_equal(arrays["neighbor_indices"], atlas.neighbors.indices)
        assert pl.read_parquet(saved / "tracks.parquet").equals(atlas.table(), null_equal=True)

    def test_own_columns_travel_along(self, tmp_path):
        table = synthetic(50).with_columns(pl.Series("rating", range(50)), pl.Series("x", ["mine"] * 50))
        atlas = songscape.build_atlas(songscape.read_catalog(table), SMALL)
        loaded = load_atlas(atlas.save(tmp_path / "atlas")).table()
        assert loaded["rating"].to_list() == list(range(50))
        assert loaded["x"].dtype == pl.Float32
        own = [name for name in loaded.columns if loaded[name].to_list() == ["mine"] * 50]
        assert len(own) == 1

    def test_rejects_are_kept_with_their_raw_text(self, tmp_path, catalog, atlas):
        rejects = pl.DataFrame(
            {"file": ["a,b.csv"], "line": [7], "reason": ['a "quoted" one'], "raw": ['x,\n"y", ü']},
            schema=catalog.rejects.schema,
        )
        changed = replace(atlas, catalog=replace(catalog, rejects=rejects))
        assert load_atlas(changed.save(tmp_path / "atlas")).catalog.rejects.equals(rejects)

    def test_an_atlas_is_replaced(self, tmp_path, atlas):
        folder = atlas.save(tmp_path / "atlas")
        other = replace(atlas, config=SMALL.with_changes(metric="manhattan"))
        other.save(folder)
        assert load_atlas(folder).config.metric == "manhattan"
        assert [path.name for path in tmp_path.iterdir()] == ["atlas"]

    def test_a_folder_of_parts_names_its_atlas(self, saved, tmp_path):
        shutil.copytree(saved, tmp_path / "atlas")
        parts = tmp_path / "atlas.parts"
        parts.mkdir()
        with pytest.raises(AtlasError, match=r"all tracks in parts, .* are those of '.*atlas'"):
            load_atlas(parts)
        with pytest.raises(AtlasError, match=r"no run\.json\. Build one in a folder of its own"):
            load_atlas(tmp_path)

    @pytest.mark.parametrize(
        ("files", "message"),
        [
            ({"thesis.txt": "x"}, "holds what is not part of an atlas, and would be lost: thesis.txt. Choose"),
            ({"run.json": "{}", "a": "", "b": "", "c": "", "d": ""}, "would be lost: a, b, c and 1 more"),
            ({"tracks.parquet": "x"}, r"is not an atlas: it has no run.json"),
            ({"run.json": "[1]"}, "is not an atlas, or damaged: run.json cannot be read"),
            ({"run.json": '{"scripts": {}}'}, "is not an atlas, or damaged: run.json cannot be read"),
        ],
    )
    def test_a_folder_that_is_not_an_atlas_stays_as_it_is(self, tmp_path, atlas, files, message):
        folder = tmp_path / "precious"
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
        with pytest.raises(AtlasError, match=message):
            atlas.save(folder)
        assert {path.name: path.read_text() for path in folder.iterdir()} == files

    def test_a_file_in_the_way(self, tmp_path, atlas):
        (tmp_path / "atlas").write_text("x")
        with pytest.raises(AtlasError, match=r"is a file, and an atlas is a folder"):
            atlas.save(tmp_path / "atlas")

    def test_an_empty_folder_is_filled(self, tmp_path, atlas):
        (tmp_path / "atlas").mkdir()
        assert_same(load_atlas(atlas.save(tmp_path / "atlas")), atlas)

    def test_a_full_disk_leaves_the_old_atlas(self, tmp_path, atlas, monkeypatch):
        folder = atlas.save(tmp_path / "atlas")

        def full(*args: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(writing, "write_arrays", full)
        with pytest.raises(ResourceError, match=r"The disk is full: .* nothing was left behind"):
            atlas.save(folder)
        assert_same(load_atlas(folder), atlas)
        assert [path.name for path in tmp_path.iterdir()] == ["atlas"]

    def test_a_place_that_cannot_be_written(self, tmp_path, atlas):
        (tmp_path / "file").write_text("x")
        with pytest.raises(AtlasError, match="The atlas cannot be written to"):
            atlas.save(tmp_path / "file" / "atlas")


class TestLoad:
    @pytest.fixture
    def folder(self, saved, tmp_path):
        copy = tmp_path / "atlas"
        copy.mkdir()
        for path in saved.iterdir():
            (copy / path.name).write_bytes(path.read_bytes())
        return copy

    def test_nothing_there(self, tmp_path):
        with pytest.raises(AtlasError, match=r"'.*none' does not exist. Build an atlas: songscape build"):
            load_atlas(tmp_path / "none")

    def test_a_file(self, saved):
        with pytest.raises(AtlasError, match=r"'.*run.json' is a file, and an atlas is a folder"):
            load_atlas(saved / "run.json")

    def test_another_folder(self, tmp_path):
        with pytest.raises(AtlasError, match=r"is not an atlas: it has no run.json"):
            load_atlas(tmp_path)

    @pytest.mark.parametrize("name", [name for name in FILES if name != "run.json"])
    def test_a_missing_file(self, folder, name):
        (folder / name).unlink()
        with pytest.raises(AtlasError, match=rf"is damaged: {name} missing or not as written. Build it again."):
            load_atlas(folder)

    @pytest.mark.parametrize("name", ["tracks.parquet", "arrays.npz"])
    def test_a_flipped_byte_or_a_cut_end(self, folder, name):
        content = bytearray((folder / name).read_bytes())
        content[len(content) // 2] ^= 1
        for broken in (bytes(content), bytes(content[:-100])):
            (folder / name).write_bytes(broken)
            with pytest.raises(AtlasError, match=rf"is damaged: {name} missing or not as written"):
                load_atlas(folder)

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"schema_version": 1}', "\x00"])
    def test_a_broken_account(self, folder, text):
        (folder / "run.json").write_text(text)
        with pytest.raises(AtlasError, match="is not an atlas, or damaged"):
            load_atlas(folder)

    @pytest.mark.parametrize("version", [SCHEMA_VERSION + 1, "2", None])
    def test_a_newer_form(self, folder, version):
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        run |= {"schema_version": version, "songscape_version": "9.9"}
        (folder / "run.json").write_text(json.dumps(run))
        with pytest.raises(AtlasError, match=r"was written by Songscape 9.9 in form .* reads forms up to 1. Update"):
            load_atlas(folder)

    @pytest.mark.parametrize("key", ["config", "inputs", "scores", "features", "neighbors", "catalog", "timings"])
    def test_an_account_with_a_part_missing(self, folder, key):
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        del run[key]
        (folder / "run.json").write_text(json.dumps(run))
        with pytest.raises(AtlasError, match=r"is damaged: run\.json missing or not as written"):
            load_atlas(folder)
        del run["sha256"]  # as older Songscapes wrote it
        (folder / "run.json").write_text(json.dumps(run))
        with pytest.raises(AtlasError, match="is damaged: KeyError"):
            load_atlas(folder)


DIGEST = """
import hashlib, sys
from pathlib import Path
import songscape
from songscape.config import Config
from songscape.threads import use_threads
threads, folder = int(sys.argv[1]), sys.argv[2]
with use_threads(threads):
    catalog = songscape.read_catalog(songscape.synthesize_tracks(2000, random_state=5))
    songscape.build_atlas(catalog, Config(embedding={"n_epochs": 60})).save(folder)
for name in ("tracks.parquet", "arrays.npz"):
    print(name, hashlib.sha256((Path(folder) / name).read_bytes()).hexdigest())
"""


@pytest.mark.slow
def test_neither_threads_nor_runs_nor_a_cold_cache_change_a_byte(tmp_path):
    """In fresh processes: the first compiles all kernels, the others load them; libraries' threads are limited."""
    digests = []
    for run, threads in enumerate((2, 1, 3)):
        limits = dict.fromkeys(("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), str(threads))
        environment = {**os.environ, **limits, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
        command = [sys.executable, "-c", DIGEST, str(threads), str(tmp_path / f"atlas{run}")]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        digests.append(done.stdout)
    assert digests[0] == digests[1] == digests[2]


KILLED = """
import os, signal, sys
import songscape
from dataclasses import replace

from songscape.atlas import folder, page_files, writing
from songscape.config import Config

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

place, target = sys.argv[1:3]
atlas = songscape.load_atlas(target)
for room in (writing, page_files, folder):
    if hasattr(room, place):
        setattr(room, place, die)
songscape.Atlas.save(replace(atlas, config=Config(metric="manhattan")), target)
"""


@pytest.mark.parametrize(
    "place", ["write_arrays", "write_map", "write_page", "fingerprints", "flush", "_put_in_place"]
)
def test_kill_9_in_the_middle_of_a_save(tmp_path, atlas, saved, place):
    folder = Path(shutil.copytree(saved, tmp_path / "atlas"))
    died = subprocess.run([sys.executable, "-c", KILLED, place, str(folder)])
    assert died.returncode == -signal.SIGKILL
    left = sorted(path.name.partition(".songscape-")[2][:3] for path in tmp_path.iterdir())
    assert left == ["", "loc", "new"], "what the killed run left lies beside"
    assert_same(load_atlas(folder), atlas)
    atlas.save(folder, pages_from=saved)
    assert [path.name for path in tmp_path.iterdir()] == ["atlas"]


@pytest.mark.realdata
def test_real_tracks(data_folder, tmp_path):
    left, told, start = Remaining(of_one_piece(237_000)), [], time.perf_counter()

    def progress(stage, fraction):
        left.report(stage, fraction)
        passed = time.perf_counter() - start
        told.append((passed, passed + left.seconds(passed)))

    catalog = songscape.read_catalog(data_folder / "light_spotify_dataset.csv", progress=progress)
    atlas = songscape.build_atlas(catalog, progress=progress)
    scores = atlas.scores
    assert catalog.summary()["rows_read"] == 236_988
    assert scores["trustworthiness"] > 0.9
    assert scores["silhouette_features"] > scores["silhouette_features_null"]
    assert 5 < scores["n_clusters"] < 500
    assert scores["largest_cluster_fraction"] < 0.5
    folder = atlas.save(tmp_path / "atlas", progress=progress)
    whole = time.perf_counter() - start
    assert all(0.7 * whole < end < 1.4 * whole for passed, end in told if passed > 0.4 * whole), told
    assert_same(load_atlas(folder), atlas)
    assert Path(folder / "map.png").stat().st_size > 50_000
