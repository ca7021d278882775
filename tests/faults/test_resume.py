"""A build that was stopped goes on after its last finished stage, to the same bytes; at its end nothing stays."""

import json
import signal

import pytest
from commands import QUICK, contents, kill, names, require_whole_atlas, run, start, succeeded, wait_until

import songscape
from songscape.atlas.stages import Stages, stage_key
from songscape.config import Config

SAME = ("tracks.parquet", "arrays.npz", "songs.npz", "groups.json", "map.svg", "map.png", "map.html", "rejects.csv")
STAGES = ["neighbors", "embedding", "clustering", "groups", "silhouettes", "evaluation"]
SMALL = Config(embedding={"n_epochs": 20})
KEPT = ".atlas.songscape-stages"


@pytest.fixture(scope="module")
def catalog(tracks):
    return songscape.read_catalog(tracks)


@pytest.fixture(scope="module")
def plain(catalog):
    return songscape.build_atlas(catalog, SMALL)


def same(one, other) -> bool:
    tables = one.table().equals(other.table(), null_equal=True)
    return tables and one.scores == other.scores and one.cards == other.cards


@pytest.mark.parametrize("after", ["neighbors", "groups", "evaluation"])
def test_a_build_that_stopped_after_any_stage_goes_on(catalog, plain, tmp_path, after):
    following = {"neighbors": "embedding", "groups": "evaluation", "evaluation": "interpretation"}[after]

    def stop(stage: str, fraction: float) -> None:
        if stage == following:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        songscape.build_atlas(catalog, SMALL, stages=Stages(tmp_path / "atlas"), progress=stop)
    done = STAGES[: STAGES.index(after) + 1]
    assert sorted(name.partition("-")[0] for name in names(tmp_path / KEPT)) == sorted(done)
    resumed = Stages(tmp_path / "atlas")
    assert same(songscape.build_atlas(catalog, SMALL, stages=resumed), plain)
    assert resumed.found == done


def test_a_change_of_parameters_repeats_what_depends_on_it(catalog, tmp_path):
    songscape.build_atlas(catalog, SMALL, stages=Stages(tmp_path / "atlas"))
    changes = {
        "clustering": ({"clustering": {"min_cluster_size": 12}}, ["neighbors", "embedding", "groups"]),
        "groups": ({"groups": {"coverage": 0.5}}, ["neighbors", "embedding", "clustering"]),
        "embedding": ({"embedding": {"n_epochs": 21}}, ["neighbors"]),
        "evaluation": ({"evaluation": {"random_state": 3}}, ["neighbors", "embedding", "clustering", "groups"]),
    }
    for name, (change, kept) in changes.items():
        config = SMALL.with_changes(
            **{part: {**dict(getattr(SMALL, part)), **values} for part, values in change.items()}
        )
        stages = Stages(tmp_path / "atlas")
        assert same(songscape.build_atlas(catalog, config, stages=stages), songscape.build_atlas(catalog, config)), (
            name
        )
        assert stages.found == kept, name


def test_other_tracks_are_another_build(catalog, tmp_path):
    songscape.build_atlas(catalog, SMALL, stages=Stages(tmp_path / "atlas"))
    other = songscape.read_catalog(songscape.synthesize_tracks(80, random_state=2))
    stages = Stages(tmp_path / "atlas")
    songscape.build_atlas(other, SMALL, stages=stages)
    assert stages.found == []


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_stage_that_was_cut_short_is_made_again(catalog, plain, tmp_path, share):
    songscape.build_atlas(catalog, SMALL, stages=Stages(tmp_path / "atlas"))
    for path in (tmp_path / KEPT).iterdir():
        path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    stages = Stages(tmp_path / "atlas")
    assert same(songscape.build_atlas(catalog, SMALL, stages=stages), plain)
    assert stages.found == []


def test_keys_tell_apart_what_is_not_alike(plain):
    graph, embedding = plain.neighbors, plain.embedding
    keys = [
        stage_key("a"),
        stage_key("b"),
        stage_key("a", 1),
        stage_key("a", "1"),
        stage_key("a", embedding),
        stage_key("a", embedding.T),
        stage_key("a", embedding[:, :1], embedding[:, 1:]),
        stage_key("a", graph),
        stage_key("a", graph.first(3)),
        stage_key("a", SMALL.embedding),
        stage_key("a", plain.groups),
        stage_key("a", {"x": 1}),
        stage_key("a", {"y": 1}),
    ]
    assert len(set(keys)) == len(keys)
    assert stage_key("a", {"x": 1, "y": embedding}) == stage_key("a", {"y": embedding.copy(), "x": 1})


def test_a_build_that_was_killed_goes_on(built, tracks, atlas):
    """As one does it: --resume from the first; what stands beside is gone when the atlas is whole."""
    words = ("build", tracks, "-o", atlas, "--resume", *QUICK)
    before = contents(atlas)
    process = start(*words)
    wait_until(lambda: any(atlas.parent.glob(f"{KEPT}/embedding-*.npz")), process)
    assert kill(process) == -signal.SIGKILL
    assert contents(atlas) == before
    done = succeeded(run(*words))
    assert "Resumed neighbors, embedding" in done.out
    require_whole_atlas(atlas)
    assert [name for name in SAME if (atlas / name).read_bytes() != (built / name).read_bytes()] == []
    assert names(atlas.parent) == ["atlas"]


def test_stages_are_kept_for_other_parameters_when_that_is_asked_for(tracks, tmp_path):
    words = ("build", tracks, "-o", tmp_path / "atlas", "--keep-stages", *QUICK)
    succeeded(run(*words))
    assert names(tmp_path) == [KEPT, "atlas"]
    done = succeeded(run(*words, "--min-cluster-size", 12))
    assert "Resumed neighbors, embedding, groups of an earlier build" in done.out
    assert json.loads((tmp_path / "atlas" / "run.json").read_text())["config"]["clustering"]["min_cluster_size"] == 12
    assert len(names(tmp_path / KEPT)) == len(STAGES), "those of the other parameters make room"
