"""Quality as plain data: held-out labels, planted groups, noise, and the section of the report."""

import json

import numpy as np
import polars as pl
import pytest

import songscape
from songscape.atlas.quality import Partition, group_means, held_out_labels, score_quality
from songscape.atlas.quality_lines import quality_lines
from songscape.atlas.quality_page import partition_rows, quality_section, same_scales, told
from songscape.atlas.stability import measure_stability, stability_scores
from songscape.config import Config, FeatureParams
from songscape.errors import ParameterError
from songscape.evaluation import evaluate_clusters
from songscape.neighbors import build_neighbors
from songscape.threads import use_threads


def planted(n_rows=600, n_groups=3, apart=8.0, seed=0):
    rng = np.random.default_rng(seed)
    labels = (np.arange(n_rows) * n_groups // n_rows).astype(np.int32)
    X = (rng.normal(size=(n_rows, 4)) + apart * rng.normal(size=(n_groups, 4))[labels]).astype(np.float32)
    return X, labels


def scored(X, partitions, held_out, embedding=None):
    embedding = X[:, :2] if embedding is None else embedding
    found = {
        name: Partition(labels, evaluate_clusters(X, labels), evaluate_clusters(embedding, labels))
        for name, labels in partitions.items()
    }
    return score_quality(X, build_neighbors(X, 15), embedding, found, held_out, Config())


def with_main_scores(quality):
    """The scores of an atlas, as far as the section needs them."""
    groups = {
        name: {"silhouette_features_null": -0.01} for name in quality.scores["partitions"] if name != "clusters"
    }
    return {"silhouette_features_null": -0.02, "groups": groups, "quality": quality.scores}


def test_planted_groups_are_scored_as_such():
    X, labels = planted()
    before = X.copy()
    genre = np.where(np.arange(600) % 10 == 0, -1, labels).astype(np.int32)
    chance = np.random.default_rng(1).permutation(labels)
    found = scored(X, {"clusters": labels, "chance": chance}, {"genre": genre})
    np.testing.assert_array_equal(X, before)
    real, null = (found.scores["partitions"][name] for name in ("clusters", "chance"))
    assert real["agreement"]["genre"]["ami"]["value"] == 1.0
    assert real["agreement"]["genre"]["n_songs"] == 540
    assert abs(null["agreement"]["genre"]["ami"]["value"]) < 0.02
    assert real["dbcv_features"]["value"] > 0.3 > real["dbcv_features_null"]["high"]
    assert null["dbcv_features"]["value"] < 0.0
    assert real["wholeness"] > 0.95 > null["wholeness"]
    assert real["silhouette_features"] > 0.5 > 0.05 > null["silhouette_features"]
    assert [group["songs"] for group in real["groups"]] == [200] * 3
    group = real["groups"][1]
    silhouettes = np.sort(evaluate_clusters(X, labels).samples[labels == 1])[::-1]
    assert group["silhouette_quantiles"][0] == pytest.approx(silhouettes[0], abs=1e-4)
    assert group["silhouette_quantiles"][10] == pytest.approx(np.median(silhouettes), abs=0.02)
    assert group["silhouette_quantiles"][20] == pytest.approx(silhouettes[-1], abs=1e-4)
    assert group["trust"] == pytest.approx(found.trust[labels == 1].mean(), rel=1e-5)
    json.dumps(found.scores, allow_nan=False)


def test_a_tear_of_the_map_is_told():
    X, labels = planted(apart=3.0)
    plane = X[:, :2].copy()
    plane[(labels == 2) & (X[:, 2] > np.median(X[labels == 2, 2]))] += 60.0
    found = scored(X, {"coarse": labels}, {}, plane)
    (torn,) = found.scores["partitions"]["coarse"]["torn"]
    assert torn["group"] == 2
    section = quality_section(with_main_scores(found), names={"coarse": ["loud", "quiet", "torn one"]})
    tears = next(item for item in section["items"] if item["id"] == "quality-tears-coarse")
    assert tears["table"]["rows"][0][:2] == ["torn", "2 torn one"]


def test_where_the_map_misleads_is_told_in_names_and_a_sentence():
    X, labels = planted(apart=3.0)
    plane = X[:, :2].copy()
    plane[(labels == 2) & (X[:, 2] > np.median(X[labels == 2, 2]))] += 60.0
    found = scored(X, {"clusters": labels, "coarse": labels, "middle": labels}, {}, plane)
    scores = with_main_scores(found)
    assert same_scales(scores) == {"clusters": ["clusters"], "coarse": ["coarse", "middle"]}
    names = {"coarse": ["loud", "quiet", "torn one"], "middle": ["loud", "quiet", "torn one"]}
    lines = quality_lines(scores, names)
    at = lines.index("Where the map misleads: coarse")
    assert lines[at + 1].startswith("On the map 1 of 3 groups lies in several places")
    assert "go by the features there" in lines[at + 1]
    assert "2 torn one" in lines[at + 2]
    assert any(line.startswith("torn  cluster 2") for line in lines)
    assert not any("misleads: middle" in line for line in lines)  # the same groups as the coarse ones
    assert lines[0].split()[-3:] == ["coarse", "=", "middle"]


def test_what_is_no_better_than_chance_is_said():
    X, labels = planted()
    chance = np.random.default_rng(1).permutation(labels).astype(np.int32)
    scores = with_main_scores(scored(X, {"clusters": labels, "coarse": chance}, {"genre": labels}))
    told = [line for line in quality_lines(scores) if "better than chance" in line]
    assert not any("clusters" in line for line in told)
    assert any("agreement with genre (coarse)" in line for line in told)


def test_held_out_labels_by_hand():
    songs = pl.DataFrame(
        {
            "genres": [["pop", "rock"], ["rock"], ["rock", "pop"], [], None],
            "emotion": ["joy", None, "anger", "joy", "anger"],
            "year": [1987, 1990, None, 1999, 2003],
        }
    )
    found = held_out_labels(songs, FeatureParams())
    assert {name: codes.tolist() for name, codes in found.items()} == {
        "genre": [1, 0, 0, -1, -1],
        "emotion": [1, -1, 0, 1, 0],  # as frequent as each other: by name
        "decade": [1, 0, -1, 0, 2],
    }
    in_metric = held_out_labels(songs, FeatureParams(blocks={"genre": 1.0, "year": 0.5}))
    assert list(in_metric) == ["emotion"]  # what steers the groups is no test of them


def test_only_the_most_frequent_values_count_and_missing_columns_are_missing():
    songs = pl.DataFrame({"emotion": [f"e{i % 50:02d}" for i in range(60)]})
    codes = held_out_labels(songs, FeatureParams())["emotion"]
    assert codes.max() == 39
    assert codes[:3].tolist() == [0, 1, 2]
    assert codes[45] == -1
    assert held_out_labels(pl.DataFrame({"emotion": pl.Series([None, None], dtype=pl.String)}), FeatureParams()) == {}
    assert held_out_labels(pl.DataFrame({"energy": [0.5]}), FeatureParams()) == {}


def test_group_means_leave_the_unknown_out():
    means = group_means(np.array([1.0, 3.0, np.nan, 5.0, 7.0]), np.array([0, 0, 0, 2, -1], np.int32), 3)
    np.testing.assert_array_equal(means, [2.0, np.nan, 5.0])


@pytest.mark.parametrize("labels", [[-1] * 40, [0] * 40, [0, 1] * 20])
def test_awkward_partitions_still_give_a_section(labels):
    X = np.random.default_rng(2).normal(size=(40, 2)).astype(np.float32)
    found = scored(X, {"clusters": np.array(labels, np.int32)}, {"genre": np.full(40, -1, np.int32)})
    section = quality_section(with_main_scores(found))
    json.dumps(section, allow_nan=False)
    assert section["items"][0]["table"]["rows"][0] == ["groups", str(len(set(labels) - {-1}))]


@pytest.mark.parametrize("n_rows", [1, 2, 3])
def test_a_catalog_of_very_few_songs(n_rows):
    X = np.arange(n_rows * 2, dtype=np.float32).reshape(-1, 2)
    found = scored(X, {"clusters": np.full(n_rows, -1, np.int32)}, {})
    json.dumps(quality_section(with_main_scores(found)), allow_nan=False)
    assert np.isnan(found.trust).all() == (n_rows < 3)


def test_same_numbers_on_any_number_of_threads():
    X, labels = planted(300)
    with use_threads(1):
        one = scored(X, {"clusters": labels}, {"genre": labels})
    with use_threads(2):
        two = scored(X, {"clusters": labels}, {"genre": labels})
    assert json.dumps(one.scores) == json.dumps(two.scores)
    np.testing.assert_array_equal(one.trust, two.trust)


def test_what_coverage_costs_is_drawn_for_each_scale_that_knows_it():
    X, labels = planted()
    found = with_main_scores(scored(X, {"clusters": labels}, {}))
    row = {"coverage": 0.6, "silhouette": 0.5, "purity": 0.9, "purity_null": 0.3}
    later = {"coverage": 1.0, "silhouette": 0.4, "purity": None, "purity_null": None}
    nothing = dict.fromkeys(row, None)
    section = quality_section(found, prices={"coarse": [row, later], "fine": [nothing, nothing]})
    item = next(item for item in section["items"] if item["id"] == "quality-coverage")
    (panel,) = item["figure"]["panels"]
    assert panel["title"] == "coarse"
    assert panel["figure"]["x"] == [0.6, 1.0]
    assert [series["name"] for series in panel["figure"]["series"]] == ["silhouette"]
    assert panel["figure"]["series"][0]["values"] == [0.5, 0.4]


def test_the_section_has_the_shape_of_a_report():
    X, labels = planted()
    found = scored(X, {"clusters": labels, "coarse": labels}, {"genre": labels})
    stability = measure_stability(
        lambda rows, seed: {"coarse": labels[rows]},
        {"coarse": labels},
        n_subsamples=3,
        null=lambda rows, seed: {"coarse": labels[rows]},
    )
    plain = stability_scores(stability)
    group = {"jaccard": 1.0, "low": 1.0, "high": 1.0, "null_share": 1.0, "seeds": 1.0, "seeds_null_share": 1.0}
    assert plain["scales"]["coarse"]["groups"] == [group] * 3
    assert plain["scales"]["coarse"]["jaccard_null_quantiles"] == [1.0] * 5
    section = quality_section(with_main_scores(found), stability=plain)
    json.dumps(section, allow_nan=False)
    ids = [item["id"] for item in section["items"]]
    assert len(set(ids)) == len(ids)
    for item in section["items"]:
        assert set(item) == {"id", "title", "note", "figure", "table", "facts"}
        if item["table"]:
            assert {len(row) for row in item["table"]["rows"]} == {len(item["table"]["columns"])}
            assert len(item["table"]["align"]) == len(item["table"]["columns"])
    kinds = [item["figure"]["kind"] for item in section["items"] if item["figure"]]
    assert kinds == ["silhouette", "silhouette", "boxes", "boxes"]
    silhouette = next(item for item in section["items"] if item["id"] == "quality-silhouette-coarse")["figure"]
    assert silhouette["null"] == -0.01
    assert [len(group["quantiles"]) for group in silhouette["groups"]] == [21] * 3
    rows = {row[0]: row[1:] for row in partition_rows(with_main_scores(found))}
    assert rows["agreement with genre (AMI)"][0].startswith("1.000")
    assert rows["torn groups"] == ["0", "0"]


def test_scores_in_words():
    assert told(0.12345, -0.0432, 0.0012) == "0.123 ± 0.001 (−0.043)"
    assert told(-0.5) == "−0.500"
    assert told(-0.0001) == "0.000"
    assert told(None, 0.1) == "–"


def test_an_atlas_is_evaluated_with_stability_on_request():
    catalog = songscape.read_catalog(songscape.synthesize_tracks(300, random_state=3))
    atlas = songscape.build_atlas(catalog, Config(groups={"n_coarse": 3, "n_middle": 5, "n_fine": 8}))
    seen = []
    scores = songscape.evaluate(atlas, stability=2, progress=lambda stage, done: seen.append(stage))
    assert {name: value for name, value in scores.items() if name != "stability"} == atlas.scores
    assert set(scores["stability"]["scales"]) == {"coarse", "middle", "fine"}
    coarse = scores["stability"]["scales"]["coarse"]
    assert len(coarse["groups"]) == atlas.groups.scale("coarse").n_groups
    assert coarse["ami"]["low"] is None  # a single pair
    assert coarse["ami_null"]["low"] is not None
    assert set(seen) == {"evaluation", "stability"}
    lines = quality_lines(scores)
    assert any(line.startswith("coarse") and "AMI" in line for line in lines)
    assert any(line.startswith("agreement with genre") for line in lines)
    assert quality_section(scores, stability=scores["stability"])["items"][-1]["id"] == "quality-jaccard"
    with pytest.raises(ParameterError, match="'stability' parameter must be 0, or an int of at least 2"):
        songscape.evaluate(atlas, stability=1)
