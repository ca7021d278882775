"""Two atlases compared: songs matched, groups kept, moved, born and gone, names carried over, maps aligned."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import songscape
from songscape.atlas.aligning import fit_map
from songscape.atlas.carrying import new_names, new_numbers
from songscape.atlas.comparing import KEPT, MOVED, match_groups
from songscape.atlas.matching import match_songs
from songscape.cli.app import app
from songscape.errors import InputError, ParameterError


def catalog_of(rows, **own):
    """A catalog of (id, artist, title) rows, each with a sound of its own."""
    table = pl.DataFrame(rows, schema=["id", "artist", "title"], orient="row")
    row = pl.int_range(pl.len())
    return songscape.read_catalog(table.with_columns(energy=0.3 + row / 100, tempo=100.0 + row), **own)


@pytest.fixture(scope="module")
def tracks():
    return songscape.synthesize_tracks(2200, random_state=5)


@pytest.fixture(scope="module")
def old(tracks):
    return songscape.build_atlas(songscape.read_catalog(tracks.head(2000)))


@pytest.fixture(scope="module")
def new(tracks):
    return songscape.build_atlas(songscape.read_catalog(tracks.tail(2000).reverse()))


@pytest.fixture(scope="module")
def found(old, new):
    return songscape.compare_atlases(old, new)


def test_songs_are_matched_by_id_then_by_artist_and_title():
    one = catalog_of(
        [("a", "Abba", "Waterloo"), ("b", "Queen", "Innuendo"), (None, "Björk", "Jóga"), ("d", None, "X")]
    )
    other = catalog_of(
        [("x", "Bjork", "Joga (Live)"), ("b", "Queen", "Another name"), ("y", "ABBA", "Waterloo"), ("e", None, "X")]
    )
    match = match_songs(one, other)
    assert dict(zip(match.new.tolist(), match.old.tolist(), strict=True)) == {0: 2, 1: 1, 2: 0}
    assert match.by_id == 1
    assert match.old.dtype == match.new.dtype == np.int32


def test_a_song_stands_in_one_pair_only():
    rows = [("a", "Abba", "Waterloo"), ("b", "Abba", "Waterloo"), ("c", "Abba", "Waterloo")]
    apart = songscape.config.ReadParams(version_families=False)
    one, other = catalog_of(rows, params=apart), catalog_of([*rows[:1], ("z", "Abba", "Waterloo")], params=apart)
    match = match_songs(one, other)
    assert match.old.tolist() == [0, 1]  # the first by id, then the first that is left by name
    assert match.by_id == 1
    joined = catalog_of(rows)
    assert len(match_songs(joined, other)) == 1  # three tracks are one song there


def test_generic_artists_are_no_evidence():
    one, other = catalog_of([("a", "Various Artists", "Intro")]), catalog_of([("b", "Various Artists", "Intro")])
    assert len(match_songs(one, other)) == 0


def test_kept_moved_born_and_gone_by_hand():
    old = np.repeat([0, 1, 2], [10, 10, 10]).astype(np.int32)
    new = old.copy()
    new[10:20] = [1] * 5 + [3] * 5  # half of group 1 goes to a new group
    new[20:30] = [0] * 3 + [1] * 4 + [3] * 3  # group 2 goes to pieces
    changes = match_groups(old, new, (list("abc"), list("wxyz")))
    assert [(one.status, one.old, one.new) for one in changes.groups] == [
        ("kept", 0, 0), ("moved", 1, 3), ("gone", 2, None), ("born", None, 1), ("born", None, 2),
    ]  # fmt: skip
    kept, moved, gone, born, empty = changes.groups
    assert (kept.old_name, kept.new_name, kept.old_size, kept.new_size, kept.shared) == ("a", "w", 10, 13, 10)
    assert kept.jaccard == pytest.approx(10 / 13)
    chance = (130 / 30) / (23 - 130 / 30)
    assert kept.likeness == pytest.approx((10 / 13 - chance) / (1 - chance))
    assert MOVED <= moved.likeness < KEPT
    assert [(part["number"], part["share"]) for part in gone.others] == [(1, 0.4), (0, 0.3), (3, 0.3)]
    assert [(part["name"], round(part["share"], 3)) for part in born.others] == [("b", 0.556), ("c", 0.444)]
    assert empty.new_size == 0
    assert empty.others == []
    assert changes.counts() == {"kept": 1, "moved": 1, "gone": 1, "born": 2}


@pytest.mark.parametrize("sizes", [[50] * 20, [600, 300, 100], [900, 100]])
def test_shuffled_groups_are_not_kept(sizes):
    old = np.repeat(np.arange(len(sizes)), sizes).astype(np.int32)
    names = [str(number) for number in range(len(sizes))]
    same = match_groups(old, old, (names, names))
    assert {one.status for one in same.groups} == {"kept"}
    assert same.agreement == 1.0
    for seed in range(20):
        shuffled = match_groups(old, np.random.default_rng(seed).permutation(old), (names, names))
        assert {one.status for one in shuffled.groups} == {"gone", "born"}  # also of a group of nine tenths
        assert abs(shuffled.agreement) < 0.1


def test_an_atlas_is_the_same_as_itself(old):
    same = songscape.compare_atlases(old, old)
    assert len(same.songs) == len(old.songs)
    for scale in same.scales.values():
        assert {(one.status, one.jaccard) for one in scale.groups} == {("kept", 1.0)}
        assert all(one.old == one.new and one.shift < 1e-6 for one in scale.groups)
    assert same.map.before == 0.0
    assert same.map.after == pytest.approx(0.0)


def test_every_group_has_one_fate(old, new, found):
    assert len(found.songs) > 1500
    for scale in found.scales:
        groups = found.scales[scale].groups
        olds, news = ([getattr(one, side) for one in groups] for side in ("old", "new"))
        assert sorted(number for number in olds if number is not None) == list(
            range(old.groups.scale(scale).n_groups)
        )
        assert sorted(number for number in news if number is not None) == list(
            range(new.groups.scale(scale).n_groups)
        )
    assert found.scales["coarse"].agreement > 0.2
    mixed = replace(new, groups=replace(new.groups, scales=tuple(map(shuffled, new.groups.scales))))
    null = songscape.compare_atlases(old, mixed)
    for scale in found.scales:
        assert null.scales[scale].counts()["kept"] <= 1  # of one or two songs, at most
        assert found.scales[scale].counts()["kept"] > 2 * null.scales[scale].counts()["kept"] + 1
    assert json.loads(json.dumps(found.as_dict()))["songs"]["matched"] == len(found.songs)


def shuffled(scale):
    order = np.random.default_rng(0).permutation(len(scale.nearest))
    return replace(scale, nearest=scale.nearest[order])


def test_carried_groups_have_old_numbers_and_names(old, new, found):
    before = [scale.nearest.copy() for scale in new.groups.scales]
    carried = songscape.carry_groups(new, found)
    for scale, untouched in zip(new.groups.scales, before, strict=True):
        np.testing.assert_array_equal(scale.nearest, untouched)
    again = songscape.compare_atlases(old, carried)
    for name, scale in again.scales.items():
        n_groups = carried.groups.scale(name).n_groups
        matched = [one for one in scale.groups if one.status in ("kept", "moved")]
        assert matched
        assert all(one.old == one.new for one in matched if one.old < n_groups)
        assert all(one.old_name == one.new_name for one in matched)
        names = [card["name"] for card in carried.cards[name]]
        assert len(set(names)) == len(names)
        assert [card["number"] for card in carried.cards[name]] == list(range(n_groups))
        assert [one.jaccard for one in matched] == [
            one.jaccard for one in found.scales[name].groups if one.status in ("kept", "moved")
        ]
    assert carried.scores == songscape.evaluate(carried)
    assert carried.scores["silhouette_map"] == new.scores["silhouette_map"]


def test_renumbered_groups_are_the_same_groups(new, found):
    carried = songscape.carry_groups(new, found)
    up = None
    for was, scale in zip(new.groups.scales, carried.groups.scales, strict=True):
        numbers = new_numbers(found.scales[was.name])
        np.testing.assert_array_equal(scale.nearest, numbers[was.nearest])
        np.testing.assert_array_equal(scale.labels < 0, was.labels < 0)
        np.testing.assert_array_equal(scale.members, numbers[was.members])
        for number, card in enumerate(new.cards[was.name]):
            moved = carried.cards[was.name][numbers[number]]
            assert [moved[key] for key in ("size", "exemplars", "verdict")] == [
                card[key] for key in ("size", "exemplars", "verdict")
            ]
            assert [one["number"] for one in moved["neighbors"]] == [
                numbers[one["number"]] for one in card["neighbors"]
            ]
            named = {one["name"] for one in moved["neighbors"]}
            assert named <= {one["name"] for one in carried.cards[was.name]}
            if up is not None:
                assert moved["parent"] == up[card["parent"]] == scale.parents[numbers[number]]
        up = numbers


def test_a_name_that_is_taken_gets_a_mark():
    old, new = np.repeat([0, 1], 10).astype(np.int32), np.repeat([2, 0, 1], [10, 5, 5]).astype(np.int32)
    changes = match_groups(old, new, (["a", "b"], ["a", "c", "d"]))
    assert [(one.status, one.old, one.new) for one in changes.groups] == [
        ("kept", 0, 2), ("moved", 1, 0), ("born", None, 1),
    ]  # fmt: skip
    assert new_numbers(changes).tolist() == [1, 2, 0]
    assert new_names([{"name": name} for name in ("x", "a", "y")], changes) == ["b", "a (new)", "a"]


@pytest.mark.parametrize("mirror", [1.0, -1.0])
def test_a_turned_map_is_turned_back(old, mirror):
    angle = 2.1
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * [1.0, mirror]
    turned = replace(old, embedding=(old.embedding @ turn + [3.0, -7.0]).astype(np.float32))
    found = songscape.compare_atlases(old, turned)
    assert found.map.before > 0.5
    assert found.map.after < 1e-8
    assert found.map.scale == pytest.approx(1.0, abs=1e-5)
    assert found.map.is_reflected == (mirror < 0)
    np.testing.assert_allclose(songscape.align_map(turned, found).embedding, old.embedding, atol=1e-4)


def test_a_shuffled_map_stays_unlike(old):
    places = old.embedding
    fit = fit_map(places, np.random.default_rng(0).permutation(places))
    assert fit.after > 1.5
    assert fit_map(places[:1], places[1:2]).after == 0.0  # a single song has no spread


def test_aligning_never_makes_it_worse_and_keeps_distances(old, new, found):
    aligned = songscape.align_map(new, found)
    assert found.map.after <= found.map.before
    assert aligned.embedding.dtype == np.float32
    rows = np.random.default_rng(0).integers(0, len(new.embedding), (2, 200))
    far = [np.linalg.norm(atlas.embedding[rows[0]] - atlas.embedding[rows[1]], axis=1) for atlas in (new, aligned)]
    np.testing.assert_allclose(far[0], far[1], rtol=1e-4, atol=1e-4)
    flat = replace(found, map=None)
    with pytest.raises(InputError, match="different numbers of dimensions"):
        songscape.align_map(new, flat)


def test_what_cannot_be_compared_is_told(old):
    with pytest.raises(ParameterError, match="'new' parameter must be an Atlas"):
        songscape.compare_atlases(old, "atlas/")
    strangers = songscape.synthesize_tracks(300, random_state=77).with_columns(
        artist=pl.format("Nobody {}", pl.int_range(pl.len()))
    )
    other = songscape.build_atlas(songscape.read_catalog(strangers))
    with pytest.raises(InputError, match="no song in common"):
        songscape.compare_atlases(old, other)


def test_from_the_command_line(old, new, found, tmp_path):
    one = str(old.save(tmp_path / "old"))
    other = str(new.save(tmp_path / "new", pages_from=one))  # pages cost the most, and are not compared
    told = CliRunner().invoke(app, ["diff", one, other])
    assert told.exit_code == 0, told.output
    counts = found.scales["middle"].counts()
    assert f"Middle  {counts['kept']} kept, {counts['moved']} moved" in told.output
    assert all(found.scales["middle"].groups[0].old_name in line for line in told.output.splitlines()[7:8])
    plain = CliRunner().invoke(app, ["diff", one, other, "--json"])
    assert json.loads(plain.output) == json.loads(json.dumps(found.as_dict()))
    out = str(tmp_path / "carried")
    done = CliRunner().invoke(app, ["diff", one, other, "--carry", "--align", "-o", out, "--json"])
    assert done.exit_code == 0, done.output
    carried = songscape.load_atlas(out)
    np.testing.assert_array_equal(carried.embedding, songscape.align_map(new, found).embedding)
    assert carried.cards == json.loads(json.dumps(songscape.carry_groups(new, found).cards))
    assert CliRunner().invoke(app, ["diff", one, other, "--carry"]).exit_code != 0
    assert CliRunner().invoke(app, ["diff", one, other, "--scale", "tiny"]).exit_code != 0


@pytest.mark.realdata
def test_real_subsets_keep_more_groups_than_chance(data_folder):
    tracks = pl.read_csv(data_folder / "light_spotify_dataset.csv", n_rows=3600, infer_schema=False)
    parts = tracks.head(3000), tracks.tail(3000)
    one, other = (songscape.build_atlas(songscape.read_catalog(part)) for part in parts)
    found = songscape.compare_atlases(one, other)
    assert len(found.songs) > 2000
    counts = found.scales["coarse"].counts()
    assert counts["kept"] + counts["moved"] >= 6
    assert found.scales["middle"].agreement > 0.15
    assert found.map.after <= min(found.map.before, 1.0)
