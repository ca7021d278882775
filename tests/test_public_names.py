"""The public names: few, sorted, documented, and imported only when used."""

import ast
import inspect
import re
import subprocess
import sys

import pytest

import songscape
from songscape import _HOMES


def test_names_are_sorted_and_all_there_is():
    classes_first = sorted(songscape.__all__, key=lambda name: (not name.isupper(), name[0].islower(), name))
    assert songscape.__all__ == classes_first
    assert len(set(songscape.__all__)) == len(songscape.__all__)
    assert set(_HOMES) == set(songscape.__all__)
    assert dir(songscape) == sorted([*songscape.__all__, "__version__"])


def test_the_names_that_type_checkers_see_are_the_same():
    tree = ast.parse(inspect.getsource(songscape))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert seen == _HOMES


@pytest.mark.parametrize("name", songscape.__all__)
def test_a_public_name_is_documented(name):
    value = getattr(songscape, name)
    doc = inspect.getdoc(value) or ""
    assert len(doc.splitlines()[0]) > 10
    if inspect.isfunction(value):
        signature = inspect.signature(value)
        sections = ["Parameters", "Examples"] + ["Returns"] * (signature.return_annotation is not None)
        for section in sections:
            assert f"{section}\n{'-' * len(section)}" in doc, f"{name} has no section {section}"
        heads = re.findall(r"^([\w, ]+)(?: : .*)?$", doc, re.MULTILINE)
        told = {word.strip() for head in heads for word in head.split(",")}
        assert set(signature.parameters) <= told
        assert all(parameter.annotation is not parameter.empty for parameter in signature.parameters.values())


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'songscape' has no attribute 'nothing'"):
        songscape.nothing  # noqa: B018


def loaded_by(code: str) -> set[str]:
    names = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return {name.split(".")[0] for name in names.stdout.split()}


def test_import_is_light():
    heavy = {"numpy", "numba", "polars", "scipy", "matplotlib", "pydantic", "typer", "sklearn"}
    assert not loaded_by("import songscape") & heavy
    assert not loaded_by("import songscape.cli") & (heavy - {"pydantic", "typer"})


def test_an_atlas_loads_without_kernels():
    assert not loaded_by("from songscape import load_atlas") & {"numba", "matplotlib", "sklearn", "scipy"}


def test_estimators_need_no_scikit_learn():
    assert "sklearn" not in loaded_by(
        "import numpy as np, songscape\n"
        "rows = np.random.default_rng(0).normal(size=(30, 3))\n"
        "songscape.UMAP(n_epochs=5).fit(rows).transform(rows[:2])\n"
        "songscape.HDBSCAN().fit(rows)"
    )


def test_the_version_is_that_of_the_package():
    from importlib.metadata import version

    assert songscape.__version__ == version("songscape")
    assert all(part.isdecimal() for part in songscape.__version__.split("."))
