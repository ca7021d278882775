"""The documentation is true: its pages are current, its links lead somewhere, its examples run."""

import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from songscape.config import Config
from songscape.playlist.request import PlaylistRequest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def blocks(page: Path, language: str) -> list[str]:
    return [code for kind, code in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == language]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="module")
def generated():
    return runpy.run_path(str(ROOT / "docs" / "generate.py"))


@pytest.mark.parametrize("page", ["cli", "api", "groups"])
def test_a_generated_page_is_current(generated, page):
    written = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    assert written == generated[f"{page}_page"](), "run `make docs`"


def test_every_command_is_documented(generated):
    from songscape.cli.app import commands

    page = generated["cli_page"]()
    for command, parsed in commands().items():
        assert f"## songscape {command}" in page
        assert parsed.help
        for parameter in parsed.params:
            assert parameter.help, f"{command} {parameter.name}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), f"{name(page)} links to {link}"


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=name)
def test_python_examples_run(page, tmp_path):
    code = "\n".join(blocks(page, "python"))
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "console")], ids=name)
def test_commands_run(page, tmp_path):
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    lines = [line[2:] for block in blocks(page, "console") for line in block.splitlines() if line.startswith("$ ")]
    for line in lines:
        if line.startswith("pip install"):  # the tests run in an environment where this is done
            continue
        words = shlex.split(line.replace("20000", "2000"))
        assert words[0] == "songscape"
        ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, env=environment)
        assert ran.returncode == 0, f"{line}: {ran.stderr}"


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "toml")], ids=name)
def test_config_examples_are_allowed(page, tmp_path):
    for number, text in enumerate(blocks(page, "toml")):
        path = tmp_path / f"{number}.toml"
        path.write_text(text, encoding="utf-8")
        (PlaylistRequest if page.name == "playlists.md" else Config).from_toml(path)


def test_the_two_commands_of_the_readme_are_targets_of_make():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
