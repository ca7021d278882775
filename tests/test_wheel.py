"""The wheel installs in an empty environment and works there on its own."""

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


def run(*words: object, cwd: Path) -> str:
    done = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{words}: {done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", out, ROOT, cwd=out)
    (path,) = out.glob("*.whl")
    return path


def test_it_holds_the_package_its_types_and_its_license(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    modules = {str(path.relative_to(ROOT / "src")) for path in (ROOT / "src" / "songscape").rglob("*.py")}
    assert modules <= set(names)
    assert "songscape/py.typed" in names
    assert {"songscape/report/templates/page.html.j2", "songscape/report/templates/page.css"} <= set(names)
    static = ROOT / "src/songscape/web/static"
    page = {str(path.relative_to(ROOT / "src")) for path in static.iterdir() if path.is_file()}
    assert len(page) > 20
    assert page <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests", "docs", "benchmarks")) or ".csv" in name]


def test_it_works_in_an_empty_environment(wheel, tmp_path):
    home = tmp_path / "environment"
    venv.create(home, with_pip=True)
    binaries = home / ("Scripts" if sys.platform == "win32" else "bin")
    pip = (binaries / "python", "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "install", "--no-compile", wheel, cwd=tmp_path)
    run(binaries / "songscape", "synth", 300, "-o", "tracks.csv", cwd=tmp_path)
    run(binaries / "songscape", "build", "tracks.csv", "-o", "atlas", cwd=tmp_path)
    run_of_it = json.loads((tmp_path / "atlas" / "run.json").read_text("utf-8"))
    assert run_of_it["scores"]["trustworthiness"] > 0.5
    code = "import songscape, numpy as np; print(songscape.UMAP().fit_transform(np.eye(20)).shape)"
    assert run(binaries / "python", "-c", code, cwd=tmp_path) == "(20, 2)\n"
