"""Parameters: one declaration makes the check, the sentence and the invalid values that are tried here."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from annotated_types import Ge, Gt, Le, Lt
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from songscape.config import (
    BLOCKS,
    ClusteringParams,
    Config,
    EmbeddingParams,
    EvaluationParams,
    FeatureParams,
    MapClusteringParams,
    Params,
    ReadParams,
    describe,
)
from songscape.errors import InputError, ParameterError

SECTIONS: list[type[Params]] = [
    ReadParams,
    FeatureParams,
    EmbeddingParams,
    ClusteringParams,
    MapClusteringParams,
    EvaluationParams,
    Config,
]


def invalid_values(field: FieldInfo) -> Iterator[Any]:
    """Yield values just outside of what a parameter's declaration allows, and of the wrong kind."""
    whole = int in (field.annotation, *get_args(field.annotation))
    for bound in field.metadata:
        match bound:
            case Ge():
                yield bound.ge - (1 if whole else 1e-6)
            case Gt():
                yield bound.gt
            case Le():
                yield bound.le + (1 if whole else 1e-6)
            case Lt():
                yield bound.lt
    if field.annotation is bool:
        yield "perhaps"
    elif get_origin(field.annotation) is dict or (
        isinstance(field.annotation, type) and issubclass(field.annotation, Params)
    ):
        yield 3
    else:
        yield "no such value"
        yield [1]
        if whole:
            yield 2.5
        if field.metadata:
            yield float("nan")


WRONG = [
    pytest.param(model, name, value, id=f"{model.__name__}-{name}-{value}")
    for model in SECTIONS
    for name, field in model.model_fields.items()
    for value in invalid_values(field)
]


@pytest.mark.parametrize(("model", "name", "value"), WRONG)
def test_a_value_outside_its_declaration_is_told_in_the_one_sentence(model, name, value):
    with pytest.raises(ParameterError) as caught:
        model(**{name: value})
    allowed = describe(model.model_fields[name])
    assert str(caught.value) == f"The '{name}' parameter must be {allowed}. Got {value!r} instead."


@pytest.mark.parametrize("model", SECTIONS)
def test_every_parameter_is_described_and_its_default_is_allowed(model):
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        assert getattr(model(**{name: default}), name) == default
        if not isinstance(default, Params):
            assert field.description, f"{model.__name__}.{name} has no description"


def test_the_edges_of_a_range_are_allowed():
    assert EmbeddingParams(n_neighbors=2).n_neighbors == 2
    assert EmbeddingParams(n_neighbors=1000).n_neighbors == 1000
    assert EvaluationParams(random_state=2**32 - 1).random_state == 2**32 - 1


def test_parameters_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        EmbeddingParams().n_neighbors = 3  # type: ignore[misc]


def test_an_unknown_name_is_answered_with_the_nearest_known_one():
    with pytest.raises(ParameterError, match=r"Unknown parameter 'n_neighbours'. Did you mean 'n_neighbors'\?"):
        EmbeddingParams(n_neighbours=5)
    with pytest.raises(ParameterError, match=r"Unknown parameter 'zzz'. Known parameters: columns, version_families"):
        ReadParams(zzz=5)


def test_several_problems_are_told_at_once_with_their_section():
    with pytest.raises(ParameterError) as caught:
        Config(embedding={"n_neighbors": 1, "mindist": 0}, clustering={"min_cluster_size": 1})
    assert str(caught.value) == (
        "In 'embedding': The 'n_neighbors' parameter must be an int in [2, 1000]. Got 1 instead. Unknown parameter"
        " 'mindist'. Did you mean 'min_dist'? In 'clustering': The 'min_cluster_size' parameter must be an int in"
        " [2, 1000000000] or None. Got 1 instead."
    )


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ({"sond": 1.0}, r"Unknown block 'sond'. Did you mean 'sound'\?"),
        ({"mood": -1.0}, r"The 'mood' parameter must be a float in \[0, 100\]. Got -1.0 instead."),
        ({"mood": float("nan")}, r"Got nan instead."),
        (dict.fromkeys(BLOCKS, 0.0), "All blocks have weight 0"),
    ],
)
def test_wrong_blocks(blocks, message):
    with pytest.raises(ParameterError, match=message):
        FeatureParams(blocks=blocks)


@pytest.mark.parametrize(
    ("n_songs", "size", "samples"),
    [(0, 10, 10), (100, 10, 10), (2_400, 12, 12), (20_000, 100, 15), (237_000, 1185, 15)],
)
def test_sizes_that_are_not_given_follow_the_catalog(n_songs, size, samples):
    params = MapClusteringParams().at_size(n_songs)
    assert (params.min_cluster_size, params.min_samples) == (size, samples)
    assert type(params) is ClusteringParams


def test_sizes_that_are_given_stay():
    params = MapClusteringParams(min_cluster_size=30, min_samples=3, cluster_selection_method="eom").at_size(10**6)
    assert params == ClusteringParams(min_cluster_size=30, min_samples=3, cluster_selection_method="eom")


def test_the_plain_parameters_have_the_defaults_of_the_packages():
    hdbscan_0_8 = {
        "min_cluster_size": 5,
        "min_samples": None,
        "cluster_selection_method": "eom",
        "cluster_selection_epsilon": 0.0,
        "allow_single_cluster": False,
    }
    umap_0_5 = {
        "n_neighbors": 15,
        "n_components": 2,
        "min_dist": 0.1,
        "spread": 1.0,
        "n_epochs": None,
        "negative_sample_rate": 5,
        "learning_rate": 1.0,
    }
    assert dict(ClusteringParams()) == hdbscan_0_8
    assert {name: getattr(EmbeddingParams(), name) for name in umap_0_5} == umap_0_5


def test_toml_keeps_every_value(tmp_path):
    path = tmp_path / "config.toml"
    config = Config(
        read={"columns": {"tempo": 'B P"M ü😀\\ \x7f\n', "ä b": "1"}},
        features={"blocks": {"mood": 0.5, "genre": 2}},
        embedding={"n_neighbors": 30, "min_dist": 1e-7, "n_epochs": 120},
        clustering={"cluster_selection_epsilon": float("inf"), "allow_single_cluster": True},
        check_memory=False,
    )
    path.write_text(config.to_toml(), encoding="utf-8")
    assert Config.from_toml(path) == config


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.dictionaries(texts, texts), st.floats(0, 10), st.integers(2, 1000), st.booleans())
def test_toml_keeps_any_column_names(columns, min_dist, n_neighbors, check):
    config = Config(
        read={"columns": columns}, embedding={"min_dist": min_dist, "n_neighbors": n_neighbors}, check_memory=check
    )
    assert Config(**tomllib.loads(config.to_toml())) == config


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"[embedding", "not TOML: Expected"), (b"\xff\xfe", "not a text in UTF-8"), (b"a = [1", "not TOML: Unclosed")],
)
def test_a_broken_toml_file_is_an_input_error(tmp_path, content, what):
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"The config file '.*broken.toml' is {what}"):
        Config.from_toml(path)


def test_a_folder_is_no_toml_file(tmp_path):
    with pytest.raises(InputError, match=r"The config file '.*' cannot be read: Is a directory"):
        Config.from_toml(tmp_path)


def test_a_missing_toml_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"There is no config file '.*none.toml'. Check the path"):
        Config.from_toml(tmp_path / "none.toml")


def test_toml_with_wrong_values_is_a_parameter_error(tmp_path: Path):
    path = tmp_path / "config.toml"
    path.write_text('[embeding]\nn_neighbors = 3\n[features.blocks]\nmood = "loud"\n', encoding="utf-8")
    with pytest.raises(ParameterError, match=r"Did you mean 'embedding'\?"):
        Config.from_toml(path)


def test_a_wrong_entry_of_a_table_is_named():
    with pytest.raises(ParameterError, match=r"The 'blocks.emotion' parameter must be a float. Got 'x' instead"):
        FeatureParams(blocks={"emotion": "x"})


@pytest.mark.parametrize(
    ("given", "n_bytes"),
    [("4GB", 4_000_000_000), ("1.5 GiB", 1_610_612_736), ("800m", 800_000_000), (2, 2_000_000_000), (None, None)],
)
def test_a_size_of_memory(given, n_bytes):
    assert Config(memory=given).memory_bytes == n_bytes
    assert Config(**Config(memory=given).as_dict()).memory_bytes == n_bytes


@pytest.mark.parametrize("given", ["GB", "4 apples", "0GB", "-4GB", "", "4XB", "1e99GB"])
def test_what_is_no_size_is_told(given):
    with pytest.raises(
        ParameterError,
        match=r"'memory' parameter must be a text such as '4GB' or a float in \(0.0, 1000000.0\] or None",
    ):
        Config(memory=given)
