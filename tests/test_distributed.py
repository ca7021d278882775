"""An atlas of partitions: every track placed once, the same bytes when workers die, bad files told, totals."""

import json
import os
import shutil
import signal
import sys

import numpy as np
import polars as pl
import pytest
from distributed import Client, LocalCluster
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

import songscape
from songscape.catalog.blocks import Block, Limits, cut_file
from songscape.catalog.schema import FEATURES
from songscape.cli.app import app
from songscape.distributed.engines import Here, OnDask
from songscape.distributed.partition import draw, survey
from songscape.distributed.totals import BINS, MEASURED, added, borders, totals_of
from songscape.errors import AtlasError, InputError, MissingExtraError, ParameterError, ResourceError
from songscape.parts.dataset import parts_folder, read_manifest, sha256

SIZES = (400, 500, 450, 420)
SAMPLE = 600


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for number, size in enumerate(SIZES):
        tracks = songscape.synthesize_tracks(size, random_state=number)
        if number == 1:
            tracks = tracks.with_columns(shelf=pl.lit("B"))
        tracks.write_parquet(folder / f"p{number}.parquet")
    (folder / "p3b.parquet").write_bytes((folder / "p0.parquet").read_bytes()[:2000])  # truncated
    return folder


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as started:
        yield started


def build(files, folder, cluster, **more):
    address = cluster.scheduler_address
    return songscape.build_partitioned(
        str(files / "*.parquet"), folder / "atlas", scheduler=address, sample_size=SAMPLE, **more
    )


@pytest.fixture(scope="module")
def built(files, cluster, tmp_path_factory):
    return build(files, tmp_path_factory.mktemp("built"), cluster)


@pytest.fixture(scope="module")
def parts(built):
    return songscape.scan_parts(built.folder).collect()


def hashes(folder):
    found = {path.name: sha256(path) for path in sorted(parts_folder(folder).iterdir())}
    return found | {"model": sha256(folder / "arrays.npz"), "cards": sha256(folder / "groups.json")}


def test_every_track_stands_in_a_part_in_its_order(files, built, parts):
    whole = [songscape.read_catalog(files / f"p{number}.parquet").tracks for number in range(len(SIZES))]
    told = ["title", "artists", *FEATURES, "source_file", "source_line", "version_family", "is_representative"]
    assert_frame_equal(parts.select(told), pl.concat([tracks.select(told) for tracks in whole]))
    assert parts.select("x", "y").null_count().sum_horizontal().item() == 0
    assert np.isfinite(parts.select("x", "y").to_numpy()).all()
    assert parts["group_middle"].null_count() < 0.2 * parts.height
    assert "shelf" not in parts.columns  # other columns stay in the sources
    assert [part["tracks"] for part in read_manifest(built.folder)["parts"]] == list(SIZES)


def test_nothing_but_the_result_is_left(built):
    assert sorted(path.name for path in built.folder.parent.iterdir()) == ["atlas", "atlas.parts"]
    names = sorted(path.name for path in parts_folder(built.folder).iterdir())
    parts = [f"part-{number:05d}.parquet" for number in range(len(SIZES))]
    assert names == ["manifest.json", *parts, "rejects.csv", "report.html", "report.json"]


def test_songs_of_the_sample_stand_where_they_were_fitted(built, parts):
    model = songscape.load_atlas(built.folder)
    assert abs(built.fitted - SAMPLE) <= len(SIZES)
    key = ["source_file", "source_line"]
    table = model.table().select(*key, "x", "y", "cluster", "group_fine", "silhouette")
    own = parts.filter("is_fitted", "is_representative").select(table.columns)
    assert own.height >= built.fitted
    assert_frame_equal(own.sort(key), table.sort(key))


def test_other_songs_stand_where_add_would_put_them(files, built, parts):
    model = songscape.load_atlas(built.folder)
    grown = model.add(songscape.read_catalog(files / "p2.parquet"))
    mine = grown.table().tail(SIZES[2])
    fresh = (mine["version_family"] >= len(model.songs)) & mine["is_representative"]
    theirs = parts.filter(pl.col("source_file") == "p2.parquet")
    assert fresh.sum() > 150
    for name in ("x", "y", "cluster", "cluster_probability", "group_coarse", "group_fine", "unlike"):
        assert mine.filter(fresh)[name].equals(theirs.filter(fresh)[name]), name
    silhouettes = [table.filter(fresh)["silhouette"].is_null() for table in (mine, theirs)]
    assert silhouettes[0].equals(silhouettes[1])


def test_a_truncated_file_is_told_and_the_others_are_used(files, built, cluster, tmp_path):
    assert [one["file"] for one in built.set_aside] == ["p3b.parquet"]
    assert "damaged or truncated" in built.set_aside[0]["reason"]
    assert read_manifest(built.folder)["set_aside"] == built.set_aside
    with pytest.raises(InputError, match=r"None of 1 files can be used.*damaged"):
        songscape.build_partitioned(
            files / "p3b.parquet", tmp_path / "atlas", scheduler=cluster.scheduler_address, sample_size=SAMPLE
        )
    assert list(tmp_path.iterdir()) == []  # nothing half-written


def test_a_worker_that_is_killed_changes_no_byte(files, built, cluster, tmp_path):
    with Client(cluster) as client:
        killed = []

        def kill(stage, fraction):
            if (stage, len(killed)) in (("survey", 0), ("place", 1)) and fraction > 0.2:
                victim = sorted(client.run(os.getpid).values())[0]
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)

        again = build(files, tmp_path, cluster, progress=kill)
    assert len(set(killed)) == 2
    assert hashes(again.folder) == hashes(built.folder)


def test_a_build_replaces_the_one_before(files, built, cluster, tmp_path):
    first = songscape.build_partitioned(
        files / "p1.parquet", tmp_path / "atlas", scheduler=cluster.scheduler_address, sample_size=300
    )
    assert songscape.scan_parts(first.folder).collect().height == SIZES[1]
    before = hashes(first.folder)
    with pytest.raises(InputError, match="No file matches"):
        songscape.build_partitioned(str(tmp_path / "none*.csv"), first.folder)
    assert hashes(first.folder) == before
    (tmp_path / "other.parts").mkdir()
    (tmp_path / "other.parts" / "diary.txt").write_text("mine")
    with pytest.raises(AtlasError, match="would be lost"):
        songscape.build_partitioned(files / "p1.parquet", tmp_path / "other")


def test_parts_of_another_atlas_or_missing_ones_are_told(built, files, tmp_path):
    folder = tmp_path / "atlas"
    shutil.copytree(built.folder, folder)
    shutil.copytree(parts_folder(built.folder), parts_folder(folder))
    model = songscape.load_atlas(folder)
    model.add(songscape.read_catalog(files / "p2.parquet")).save(folder, pages_from=folder)
    with pytest.raises(AtlasError, match="belong to another atlas"):
        songscape.scan_parts(folder)
    model.save(folder, pages_from=folder)
    assert songscape.scan_parts(folder).select(pl.len()).collect().item() == sum(SIZES)
    part = parts_folder(folder) / "part-00000.parquet"
    part.write_bytes(part.read_bytes()[:-10])
    with pytest.raises(AtlasError, match=r"part-00000\.parquet missing or not as written"):
        songscape.scan_parts(folder)
    with pytest.raises(AtlasError, match="There are no parts beside"):
        songscape.scan_parts(tmp_path)


def test_a_model_serves_lists_as_any_atlas_does(built):
    model = songscape.load_atlas(built.folder)
    made = songscape.build_playlist(model, songscape.PlaylistRequest(like=["row:5"], length=10))
    assert len(made.tracks) == 10
    assert songscape.evaluate(model) == model.scores


def test_totals_of_partitions_are_those_of_the_whole(files, built):
    paths = [files / f"p{number}.parquet" for number in range(len(SIZES))]
    catalogs = [songscape.read_catalog(path) for path in paths]
    apart = added([totals_of(catalog) for catalog in catalogs])
    tracks = pl.concat([catalog.tracks.select(MEASURED) for catalog in catalogs])
    assert (apart.tracks, apart.rejected) == (sum(SIZES), 0)
    np.testing.assert_array_equal(apart.histograms.sum(axis=1), [tracks[name].count() for name in MEASURED])
    told = apart.as_dict()
    for name in MEASURED:
        known = tracks[name].drop_nulls().to_numpy()
        if not len(known):
            assert told["columns"][name]["quantiles"] == {}
            continue
        low, high = borders(name)
        found = list(told["columns"][name]["quantiles"].values())
        exact = np.quantile(known, [0.05, 0.25, 0.5, 0.75, 0.95], method="inverted_cdf")
        np.testing.assert_allclose(found, exact, atol=1.01 * (high - low) / BINS)
    matrix = np.corrcoef(tracks.select(FEATURES).to_numpy().astype(float), rowvar=False)
    for i, one in enumerate(FEATURES[:-1]):
        for j in range(i + 1, len(FEATURES)):
            assert told["correlations"][one][FEATURES[j]] == pytest.approx(matrix[i, j], abs=1e-9)
    assert read_manifest(built.folder)["totals"] == json.loads(json.dumps(told))


def test_the_report_counts_all_tracks_and_how_they_fill_the_groups(built, parts, tmp_path):
    folder = parts_folder(built.folder)
    done = CliRunner().invoke(app, ["eda", str(folder), "-o", str(tmp_path / "all.html")])
    assert done.exit_code == 0, done.output
    written = json.loads((tmp_path / "all.json").read_text("utf-8"))
    assert written == json.loads((folder / "report.json").read_text("utf-8"))
    assert (tmp_path / "all.html").read_bytes() == (folder / "report.html").read_bytes()
    items = {item["id"]: item for section in written["sections"] for item in section["items"]}
    assert dict(items["counts"]["facts"])["Tracks"] == "1 770"
    assert [row[1] for row in items["files"]["table"]["rows"]] == list(SIZES)
    assert items["set-aside"]["table"]["rows"][0][0] == "p3b.parquet"
    for scale in ("coarse", "middle", "fine"):
        column = parts[f"group_{scale}"].fill_null("outside of groups")
        told = {row[0]: row[1] for row in items[f"groups-{scale}"]["table"]["rows"]}
        assert told == dict(column.value_counts().iter_rows())
    named = parts["genres"].explode().drop_nulls()
    genres = items["genres"]["figure"]
    assert (sum(genres["values"]), genres["labels"][-1]) == (len(named), "all others")
    assert genres["values"][0] == named.value_counts()["count"].max()
    table = items["distributions"]["table"]
    energy = dict(zip(table["columns"], table["rows"][0], strict=True))
    assert energy["known"] == parts[energy["column"]].count()
    panel = items["distributions"]["figure"]["panels"][0]["figure"]
    assert sum(panel["counts"]) == energy["known"]
    assert len(panel["edges"]) == len(panel["counts"]) + 1
    values = np.array(items["correlations"]["figure"]["values"], float)
    names = items["correlations"]["figure"]["rows"]
    np.testing.assert_allclose(values, np.corrcoef(parts.select(names).to_numpy().T.astype(float)), atol=1e-5)


def test_missing_values_are_left_out_of_totals():
    table = pl.DataFrame({
        "title": ["a", "b", "c", "d"], "artist": ["A", "B", "C", "D"],
        "energy": [0.1, 0.2, None, 0.9], "tempo": [100.0, None, 90.0, 120.0], "danceability": [0.3, 0.3, 0.4, 0.8],
    })  # fmt: skip
    found = totals_of(songscape.read_catalog(table))
    assert found.histograms[MEASURED.index("energy")].sum() == 3
    told = found.as_dict()
    assert told["correlations"]["energy"]["tempo"] == pytest.approx(np.corrcoef([0.1, 0.9], [100, 120])[0, 1])
    assert told["correlations"]["energy"]["liveness"] is None
    assert told["columns"]["liveness"] == {"known": 0, "quantiles": {}, "resolution": 0.001, "histogram": [0] * 50}


def test_a_sample_has_each_stratum_in_its_share(files, tmp_path):
    surveyed = survey(0, Block(files / "p1.parquet"), songscape.Config().read, str(tmp_path))
    edges = {"energy": [0.3, 0.6, 0.8], "acousticness": [0.05, 0.2, 0.5], "instrumentalness": [0.3]}
    drawn = draw(0, str(tmp_path), edges, 200, seed=1)
    assert drawn.height == 200
    assert drawn["row"].is_sorted()
    assert drawn["is_representative"].all()
    songs = songscape.read_catalog(files / "p1.parquet").tracks.filter("is_representative")
    share = surveyed.totals.songs / 200
    for name, cuts in edges.items():
        whole, mine = (
            np.bincount(np.searchsorted(cuts, table[name].to_numpy()), minlength=5) for table in (songs, drawn)
        )
        limit = 1.0 if name == "energy" else 4.0  # strata are counted off in order: of the first column to a song
        assert np.abs(whole / share - mine).max() <= limit + 1
    assert_frame_equal(drawn, draw(0, str(tmp_path), edges, 200, seed=1))
    assert not drawn["row"].equals(draw(0, str(tmp_path), edges, 200, seed=2)["row"])
    assert draw(0, str(tmp_path), edges, 10_000, seed=1).height == surveyed.totals.songs


def test_what_cannot_be_built_is_told(files, tmp_path, monkeypatch):
    source = str(files / "p1.parquet")
    with pytest.raises(ParameterError, match=r"'fitted_songs' parameter must be an int in \[100, 100000000\]"):
        songscape.build_partitioned(source, tmp_path / "a", sample_size=5)
    with pytest.raises(ParameterError, match="'n_workers' parameter"):
        songscape.build_partitioned(source, tmp_path / "a", n_workers=0)
    with pytest.raises(ParameterError, match=r"The 'engine' parameter must be 'parts' or 'dask'\. Got 'spark'"):
        songscape.build_partitioned(source, tmp_path / "a", engine="spark")
    with pytest.raises(InputError, match="Parts are built of files"):
        songscape.build_partitioned(songscape.synthesize_tracks(10), tmp_path / "a")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"songscape\[dask\]"):
        songscape.build_partitioned(source, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_a_scheduler_that_is_not_there_is_told(files, tmp_path):
    with pytest.raises(ParameterError, match="no Dask scheduler at"):
        songscape.build_partitioned(files / "p1.parquet", tmp_path / "a", scheduler="tcp://127.0.0.1:9")


def test_from_the_command_line_with_workers_of_its_own(files, tmp_path):
    words = ["build", str(files / "p0.parquet"), str(files / "p3b.parquet"), "-o", str(tmp_path / "atlas")]
    told = CliRunner().invoke(app, [*words, "--engine", "dask", "--threads", "1"])
    assert told.exit_code == 0, told.output
    assert "p3b.parquet: 'p3b.parquet' is a damaged" in told.output
    assert f"of 1 file, in 1 part: {SIZES[0]} tracks, 0 rows rejected" in told.output
    assert songscape.scan_parts(tmp_path / "atlas").select(pl.len()).collect().item() == SIZES[0]
    for wrong in (["--engine", "spark"], ["--scheduler", "tcp://x:1"], ["--engine", "dask", "--resume"]):
        found = CliRunner().invoke(app, ["build", str(files / "p1.parquet"), "-o", str(tmp_path / "b"), *wrong])
        assert isinstance(found.exception, ParameterError), found.output


def test_a_partition_that_kills_every_worker_ends_with_a_message(cluster):
    too_many = pytest.raises(ResourceError, match="Workers died again and again at one partition")
    with Client(cluster) as client, too_many:
        OnDask(client).map(os._exit, [(1,)], lambda fraction: None)


def test_this_process_makes_the_same_bytes_without_dask(files, built, tmp_path):
    here = songscape.build_partitioned(
        str(files / "*.parquet"), tmp_path / "atlas", engine="parts", sample_size=SAMPLE
    )
    mine, theirs = hashes(here.folder), hashes(built.folder)
    assert {name for name in mine if mine[name] != theirs[name]} == {"manifest.json"}  # rows of a block are set there
    told, other = read_manifest(here.folder), read_manifest(built.folder)
    assert told.pop("config")["partitions"] == {"fitted_songs": SAMPLE, "block_rows": 100_000}
    assert other.pop("config")["partitions"] == {"fitted_songs": SAMPLE, "block_rows": None}
    assert told == other


def test_blocks_of_large_files_on_dask(files, cluster, tmp_path):
    """One file of 420 rows in blocks: what a worker makes of them is what this process makes."""
    params = songscape.Config().read
    blocks = cut_file(files / "p3.parquet", Limits(150, 1 << 30), params, tmp_path / "copy")
    assert [block.first_line for block in blocks] == [1, 141, 281]
    with Client(cluster) as client:
        for name, engine in (("dask", OnDask(client)), ("here", Here())):
            (tmp_path / name).mkdir()
            tasks = [(number, block, params, str(tmp_path / name)) for number, block in enumerate(blocks)]
            surveyed = engine.map(survey, tasks, lambda fraction: None)
            assert [one.totals.tracks for one in surveyed] == [140, 140, 140]
    assert [path.name for path in sorted((tmp_path / "dask").iterdir())][:1] == ["clean-00000.parquet"]
    for path in (tmp_path / "dask").iterdir():
        assert path.read_bytes() == (tmp_path / "here" / path.name).read_bytes()
