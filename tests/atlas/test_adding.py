"""New tracks in an atlas: old rows keep every byte, new ones are placed as well as fitted ones."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import songscape
from songscape.atlas.drift import measure_drift
from songscape.cli.app import app
from songscape.errors import AtlasError, InputError, ParameterError
from songscape.neighbors import query_neighbors
from songscape.threads import use_threads

N_OLD, N_NEW = 2400, 400


@pytest.fixture(scope="module")
def tracks():
    return songscape.synthesize_tracks(N_OLD + N_NEW, random_state=3)


@pytest.fixture(scope="module")
def atlas(tracks):
    return songscape.build_atlas(songscape.read_catalog(tracks.head(N_OLD)))


@pytest.fixture(scope="module")
def grown(atlas, tracks):
    return atlas.add(songscape.read_catalog(tracks.tail(N_NEW)))


def kept_neighbors(X, embedding, rows, k=15):
    """Return the share of the k nearest in features of some rows that are among the k nearest on the map."""
    near, on_map = (query_neighbors(points, points[rows], k + 1).indices for points in (X, embedding))
    pairs = zip(rows, near, on_map, strict=True)
    return np.mean([len((set(one) & set(other)) - {row}) / k for row, one, other in pairs])


def test_old_rows_keep_every_byte(atlas, grown):
    before = atlas.table()
    after = grown.table().head(len(before))
    assert after.select(before.columns).equals(before)
    assert not after["unlike"].any()
    for name in ("embedding", "silhouette", "map_trust", "map_continuity", "labels", "probabilities", "X"):
        np.testing.assert_array_equal(getattr(grown, name)[:N_OLD], getattr(atlas, name))
    np.testing.assert_array_equal(grown.neighbors.indices[:N_OLD], atlas.neighbors.indices)
    for old, new in zip(atlas.groups.scales, grown.groups.scales, strict=True):
        n_songs = len(old.nearest)
        np.testing.assert_array_equal(new.labels[:n_songs], old.labels)
        np.testing.assert_array_equal(new.members[: old.indptr[-1]], old.members)
        assert new.indptr[-1] == len(new.members) == len(new.weights)
        assert len(new.indptr) == len(grown.songs) + 1


def test_new_rows_have_what_old_rows_have(grown):
    new = grown.table().tail(N_NEW)
    assert new["group_fine"].null_count() < 0.15 * N_NEW
    assert new["x"].is_finite().all()
    found = grown.neighbors.indices[N_OLD:]
    assert (found != np.arange(N_OLD, N_OLD + N_NEW)[:, None]).all()
    assert (np.diff(grown.neighbors.distances[N_OLD:], axis=1) >= 0).all()
    assert (found >= N_OLD).any()  # new tracks are neighbors of new tracks
    songs = grown.songs
    near = query_neighbors(grown.X[songs], grown.X[songs[-50:]], grown.neighbors.k + 1).distances[:, 1:]
    np.testing.assert_array_equal(grown.neighbors.distances[songs[-50:]], near)
    scored = np.isfinite(grown.silhouette[N_OLD:])
    np.testing.assert_array_equal(scored, grown.labels[N_OLD:] >= 0)


def test_portions_and_their_order_do_not_matter(atlas, tracks, grown):
    new = tracks.tail(N_NEW)
    first, second = (songscape.read_catalog(part) for part in (new.head(150), new.tail(250)))
    other = atlas.add(second).add(first)
    turned = np.concatenate([np.arange(N_OLD), np.arange(N_OLD + 250, N_OLD + 400), np.arange(N_OLD, N_OLD + 250)])
    fresh = (grown.song_of >= len(atlas.songs)) & (other.song_of[turned] >= len(atlas.songs))
    np.testing.assert_array_equal(other.embedding[turned][fresh], grown.embedding[fresh])
    np.testing.assert_array_equal(other.labels[turned][fresh], grown.labels[fresh])
    assert [entry["tracks"] for entry in other.run.additions] == [250, 150]
    assert other.run.additions[-1]["drift"]["songs"] == len(other.songs) - len(atlas.songs)


def test_versions_join_the_songs_that_are_there(atlas, tracks):
    again = songscape.read_catalog(tracks.head(60))
    grown = atlas.add(again)
    assert len(grown.songs) == len(atlas.songs)
    np.testing.assert_array_equal(grown.song_of[N_OLD:], atlas.song_of[:60])
    np.testing.assert_array_equal(grown.embedding[N_OLD:], atlas.embedding[:60])
    assert grown.run.additions[0]["joined"] == 60
    assert grown.run.additions[0]["drift"]["songs"] == 0


def kept_by(grown, n_old_songs, tracks):
    """What share of their neighbors new songs keep, and the same songs fitted with the others."""
    both = songscape.build_atlas(songscape.read_catalog(tracks))
    songs = grown.songs
    new = np.arange(n_old_songs, len(songs))
    placed = kept_neighbors(grown.X[songs], grown.embedding[songs], new)
    return placed, kept_neighbors(both.X[both.songs], both.embedding[both.songs], np.unique(both.song_of[songs[new]]))


@pytest.mark.realdata
def test_real_songs_are_placed_as_well_as_fitted_ones(data_folder):
    tracks = pl.read_csv(data_folder / "light_spotify_dataset.csv", infer_schema=False).sample(24_000, seed=0)
    old = songscape.build_atlas(songscape.read_catalog(tracks.head(22_000)))
    placed, fitted = kept_by(old.add(songscape.read_catalog(tracks.tail(2000))), len(old.songs), tracks)
    assert placed >= 0.95 * fitted


def test_new_songs_are_placed_nearly_as_well_as_fitted_ones(atlas, grown, tracks):
    placed, fitted = kept_by(grown, len(atlas.songs), tracks)
    assert placed >= 0.9 * fitted  # so few songs of an invented catalog: eight of these gave 0.91 to 1.00
    songs, new = grown.songs, np.arange(len(atlas.songs), len(grown.songs))
    scattered = np.random.default_rng(0).permutation(grown.embedding[songs][new])
    by_chance = kept_neighbors(grown.X[songs], np.concatenate([atlas.embedding[atlas.songs], scattered]), new)
    assert by_chance < 0.5 * fitted


def test_strangers_are_flagged_and_others_are_not(atlas, grown, tracks):
    assert grown.unlike[N_OLD:].mean() < 0.02
    strange = tracks.tail(40).with_columns(
        pl.lit("Noise Wall").alias("artist"), pl.format("Wall {}", pl.int_range(pl.len())).alias("song"),
        pl.lit(240.0).alias("Tempo"), pl.lit(-39.0).alias("Loudness"), pl.lit(100).alias("Energy"),
        pl.lit(100).alias("Speechiness"), pl.lit(100).alias("Acousticness"), pl.lit(100).alias("Instrumentalness"),
        pl.lit(0).alias("Danceability"), pl.lit(100).alias("Liveness"),
    )  # fmt: skip
    catalog = songscape.read_catalog(strange.select([name for name in strange.columns if name in tracks.columns]))
    found = atlas.add(catalog)
    assert found.unlike[N_OLD:].mean() > 0.9
    assert any("unlike" in reason for reason in found.run.additions[0]["drift"]["reasons"])


def test_a_few_unlike_songs_are_no_reason_where_few_were_added(atlas, grown):
    fresh = np.flatnonzero(np.arange(len(grown.song_of)) >= N_OLD)
    songs = np.setdiff1d(grown.songs, atlas.songs)
    for share, is_told in ((0.03, False), (0.2, True)):
        unlike = np.zeros(len(grown.song_of), bool)
        unlike[songs[: max(round(share * len(songs)), 1)]] = True
        assert unlike[fresh].any()
        reasons = measure_drift(replace(grown, unlike=unlike))["reasons"]
        assert any("are unlike anything" in reason for reason in reasons) == is_told


def test_drift_of_like_tracks_is_chance_and_of_one_group_is_not(atlas, grown, tracks):
    calm = measure_drift(grown)
    assert calm["reasons"] == []
    assert calm["moved"] < calm["moved_null"] + 0.05
    middle = grown.groups.scale("middle").nearest[grown.song_of]
    new = np.arange(N_OLD, N_OLD + N_NEW)
    crowded = new[middle[new] < 6]
    chosen = tracks[crowded.tolist()]
    drift = measure_drift(atlas.add(songscape.read_catalog(chosen)))
    assert any("other groups" in reason for reason in drift["reasons"])


def test_the_same_bytes_with_one_thread_and_two(atlas, tracks, grown):
    with use_threads(1):
        alone = atlas.add(songscape.read_catalog(tracks.tail(N_NEW)))
    np.testing.assert_array_equal(alone.embedding, grown.embedding)
    assert alone.table().equals(grown.table())


def test_a_grown_atlas_is_saved_loaded_scored_and_played(atlas, grown, tmp_path):
    folder = atlas.save(tmp_path / "atlas")
    report = (folder / "report.html").read_bytes()
    grown.save(folder, pages_from=folder)
    assert (folder / "report.html").read_bytes() == report
    loaded = songscape.load_atlas(folder)
    assert loaded.table().equals(grown.table())
    assert loaded.run.additions == json.loads(json.dumps(grown.run.additions))
    assert loaded.clustering.n_fitted == len(atlas.songs)
    assert songscape.evaluate(loaded)["n_songs"] == len(grown.songs)
    made = songscape.build_playlist(loaded, songscape.PlaylistRequest(like=[f"row:{N_OLD + 7}"], length=10))
    assert len(made.tracks) == 10
    grown.save(tmp_path / "drawn")
    assert songscape.load_atlas(tmp_path / "drawn").table().equals(grown.table())


def test_from_the_command_line(atlas, tracks, tmp_path):
    folder = atlas.save(tmp_path / "atlas")
    tracks.tail(N_NEW).write_csv(tmp_path / "new.csv")
    told = CliRunner().invoke(app, ["add", str(folder), str(tmp_path / "new.csv")])
    assert told.exit_code == 0, told.output
    assert "new songs" in told.output
    assert "Rebuild not needed" in told.output
    assert "was read before" not in told.output
    assert len(songscape.load_atlas(folder).catalog) == N_OLD + N_NEW
    again = CliRunner().invoke(
        app, ["add", str(folder), str(tmp_path / "new.csv"), "--json", "-o", str(tmp_path / "b")]
    )
    addition = json.loads(again.output)
    assert (addition["joined"], addition["fresh"], addition["songs"]) == (N_NEW, 0, 0)
    assert json.loads(again.output)["again"] == ["new.csv"]
    assert not (tmp_path / "b" / "map.html").exists()  # there was none to take over
    drawn = CliRunner().invoke(app, ["add", str(folder), str(tmp_path / "new.csv"), "--redraw"])
    assert drawn.exit_code == 0, drawn.output
    assert "'new.csv' was read before, byte for byte: its tracks stand twice now" in drawn.output
    assert (folder / "map.html").stat().st_size > 100_000
    wrong = CliRunner().invoke(app, ["add", str(tmp_path / "none"), str(tmp_path / "new.csv")])
    assert wrong.exit_code != 0


def test_columns_are_named_as_for_a_build(atlas, tracks, tmp_path):
    folder = atlas.save(tmp_path / "atlas")
    tracks.tail(50).rename({"Energy": "Wucht"}).write_csv(tmp_path / "new.csv")
    words = ["add", str(folder), str(tmp_path / "new.csv"), "-o", str(tmp_path / "grown")]
    for more, n_known in ([], 0), (["--column", "energy=Wucht"], 50):
        told = CliRunner().invoke(app, [*words, *more])
        assert told.exit_code == 0, told.output
        grown = songscape.load_atlas(tmp_path / "grown").catalog.tracks
        assert grown["energy"].tail(50).count() == n_known


@pytest.mark.parametrize(
    ("named", "told"), [("atlas", "is the model of the parts in"), ("atlas.parts", "holds the p")]
)
def test_what_has_parts_does_not_grow(atlas, tracks, tmp_path, named, told):
    atlas.save(tmp_path / "atlas")
    (tmp_path / "atlas.parts").mkdir()
    (tmp_path / "atlas.parts" / "manifest.json").write_text("{}")
    tracks.tail(5).write_csv(tmp_path / "new.csv")
    before = sorted(tmp_path.rglob("*"))
    refused = CliRunner().invoke(app, ["add", str(tmp_path / named), str(tmp_path / "new.csv")])
    assert isinstance(refused.exception, AtlasError)
    assert told in str(refused.exception)
    assert "parts cannot grow. Build all files anew" in str(refused.exception)
    assert sorted(tmp_path.rglob("*")) == before
    if named == "atlas":  # a copy may
        apart = ["add", str(tmp_path / named), str(tmp_path / "new.csv"), "-o", str(tmp_path / "other")]
        assert CliRunner().invoke(app, apart).exit_code == 0


def test_other_columns_travel_and_missing_ones_are_null(atlas, tracks):
    new = songscape.read_catalog(tracks.tail(20).drop("Popularity").with_columns(shelf=pl.lit("B")))
    grown = atlas.add(new)
    assert grown.catalog.tracks["shelf"].to_list() == [None] * N_OLD + ["B"] * 20
    assert grown.catalog.tracks["popularity"].tail(20).null_count() == 20


def test_what_cannot_be_added_is_told(atlas, tracks):
    with pytest.raises(ParameterError, match="'catalog' parameter must be a Catalog"):
        atlas.add(tracks)
    with pytest.raises(ParameterError, match="'atlas' parameter must be an Atlas"):
        songscape.add_tracks(tracks, songscape.read_catalog(tracks.head(5)))
    empty = songscape.read_catalog(tracks.head(5))
    with pytest.raises(InputError, match="nothing to add"):
        atlas.add(songscape.Catalog(empty.tracks.head(0), empty.rejects))
