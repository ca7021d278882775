"""What stability found is kept by the atlas: scores, cards, report, and the folder after the command."""

import json
import subprocess
import sys

import pytest

import songscape
from songscape.atlas.meaning import comebacks_of
from songscape.config import Config
from songscape.errors import ParameterError
from songscape.interpretation import card_lines

SMALL = Config(embedding={"n_epochs": 20}, groups={"n_coarse": 3, "n_middle": 5, "n_fine": 8})


def run(*words: object) -> tuple[int, str, str]:
    command = [sys.executable, "-c", "from songscape.cli import main; main()", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def atlas():
    return songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(300, random_state=3)), SMALL)


@pytest.fixture(scope="module")
def scores(atlas):
    return songscape.evaluate(atlas, stability=2)


def test_an_atlas_keeps_its_stability(atlas, scores, tmp_path):
    before = json.dumps([atlas.cards, atlas.scores])
    kept = songscape.keep_stability(atlas, scores)
    assert json.dumps([atlas.cards, atlas.scores]) == before
    assert kept.scores == atlas.scores | {"stability": scores["stability"]}
    loaded = songscape.load_atlas(kept.save(tmp_path / "atlas"))
    assert loaded.scores["stability"] == scores["stability"]
    cards = songscape.describe_groups(loaded)
    for scale, found in scores["stability"]["scales"].items():
        for card, group in zip(cards[scale], found["groups"], strict=True):
            assert card.stability.jaccard == pytest.approx(group["jaccard"], rel=1e-5)
            assert card.stability.null == pytest.approx(found["jaccard_null_quantiles"][2], rel=1e-5)
            dissolves = card.stability.jaccard < 0.5 and not card.stability.low > card.stability.null
            assert dissolves <= (card.verdict in ("fragment", "artifact"))
            assert any("in subsamples (groups of permuted columns" in line for line in card_lines(card))
    items = [item["id"] for section in report(tmp_path / "atlas") for item in section["items"]]
    assert {"quality-stability", "quality-jaccard"} <= set(items)
    assert songscape.evaluate(loaded) == loaded.scores  # what was kept is shown again without a new measurement


def test_an_atlas_that_is_built_anew_has_none(atlas, scores):
    kept = songscape.keep_stability(atlas, scores)
    anew = songscape.build_atlas(kept.catalog, kept.config)
    assert "stability" not in anew.scores
    assert all(card["stability"] is None for cards in anew.cards.values() for card in cards)


def report(folder):
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))["sections"]


def test_the_command_keeps_it_unless_told_not_to(atlas, tmp_path):
    folder = atlas.save(tmp_path / "atlas")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    code, out, err = run("evaluate", folder, "--stability", 2, "--no-save")
    assert (code, err) == (0, "")
    assert "better than chance" in out
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    code, out, err = run("evaluate", folder, "--stability", 2)
    assert (code, err) == (0, "")
    kept = songscape.load_atlas(folder)
    assert kept.scores["stability"]["n_subsamples"] == 2
    card = run("groups", folder, 0, "--scale", "coarse")[1]
    assert "Comes back: 0." in card or "Comes back: 1." in card
    assert "better than chance" in run("evaluate", folder)[1]
    for name in ("arrays.npz", "tracks.parquet", "map.png"):
        assert (folder / name).read_bytes() == before[name], name


def test_a_folder_with_strange_files_is_told_before_the_work(atlas, tmp_path):
    folder = atlas.save(tmp_path / "atlas")
    (folder / "notes.txt").write_text("mine")
    code, out, err = run("evaluate", folder, "--stability", 2)
    assert (code, out) == (2, "")
    assert "notes.txt" in err
    assert (folder / "notes.txt").read_text() == "mine"


def test_what_does_not_belong_together_is_told(atlas, scores):
    with pytest.raises(ParameterError, match="'atlas' parameter must be an Atlas"):
        songscape.keep_stability(None, scores)
    with pytest.raises(ParameterError, match=r"'scores' parameter must be what .*no scale"):
        songscape.keep_stability(atlas, atlas.scores)
    fewer = {"stability": {"scales": {"coarse": scores["stability"]["scales"]["coarse"]}}}
    with pytest.raises(ParameterError, match="stability of coarse"):
        songscape.keep_stability(atlas, fewer)


def test_a_group_that_no_subsample_drew_has_no_comeback(scores):
    scale = scores["stability"]["scales"]["coarse"]
    unknown = dict.fromkeys(scale["groups"][0], None)
    found = comebacks_of(scale | {"groups": [unknown, *scale["groups"]], "jaccard_null_quantiles": None})
    assert found[0] is None
    assert found[1].jaccard == scale["groups"][0]["jaccard"]
    assert found[1].null != found[1].null
