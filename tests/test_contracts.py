"""Contracts of the whole: the one direction of imports, the size budget, no shortcuts in library code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "songscape"

LAYERS = (
    {"errors", "sizes", "toml"},
    {
        "config",
        "types",
        "validation",
        "axes",
        "directions",
        "disk",
        "progress",
        "remaining",
        "memory",
        "wording",
        "titles",
        "encodings",
        "threads",
    },
    {"kernels"},
    {
        "catalog",
        "features",
        "neighbors",
        "embedding",
        "clustering",
        "evaluation",
        "grouping",
        "drawing",
        "exploration",
        "interpretation",
        "report",
        "playlist",
    },
    {"atlas", "estimators", "lyrics"},
    {"parts"},
    {"web", "distributed"},
    {"cli"},
)
LAYER_OF = {room: number for number, rooms in enumerate(LAYERS, start=1) for room in rooms}

MODULES = sorted(PACKAGE.rglob("*.py"))
MAX_LINES, MAX_FUNCTION_LINES, MAX_ARGUMENTS = 400, 70, 9
HEAVY = {"matplotlib", "scipy", "sklearn", "pandas", "pyarrow", "rich", "typer"}


def room_of(path: Path) -> str:
    """The first name below songscape: a module, or the folder that it lies in."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports_in(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """All modules that a piece of code imports, those inside functions too, with the line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute"
            yield node.module or "", node.lineno
            if node.module == "songscape":
                for alias in node.names:
                    yield f"songscape.{alias.name}", node.lineno


def wrong_imports(name: str, source: str) -> list[str]:
    """Imports of a room of the same or a higher layer."""
    found = []
    for module, line in imports_in(ast.parse(source)):
        parts = module.split(".")
        if parts[0] != "songscape" or len(parts) == 1 or parts[1] in (name, "__version__"):
            continue
        if parts[1] not in LAYER_OF or LAYER_OF[parts[1]] >= LAYER_OF[name]:
            found.append(f"line {line}: {name} imports {module}")
    return found


def ids(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.parent != PACKAGE or path.stem != "__init__"], ids=ids
)
def test_a_module_imports_only_from_lower_layers(path):
    assert room_of(path) in LAYER_OF, f"{room_of(path)} has no layer: give it one in docs/architecture.md and here"
    assert wrong_imports(room_of(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "from songscape.atlas.build import build_atlas",
        "def late():\n    from songscape.cli import main",
        "import songscape.features",
        "from songscape import clustering",
        "from songscape.nowhere import x",
    ],
)
def test_the_walk_sees_an_upward_import(source):
    assert len(wrong_imports("neighbors", source)) == 1


def test_the_walk_allows_a_downward_import():
    assert wrong_imports("neighbors", "from songscape.kernels._jit import jit\nimport numpy\n") == []


def test_kernels_know_only_arrays():
    for path in (PACKAGE / "kernels").glob("*.py"):
        modules = {module.split(".")[0] for module, _ in imports_in(ast.parse(path.read_text(encoding="utf-8")))}
        assert not modules & {"polars", "pydantic", "json", "logging", "pathlib", *HEAVY}, path.name


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_the_size_budget(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MAX_LINES, "a module of more lines becomes a folder of the same import path"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            arguments = len(node.args.posonlyargs) + len(node.args.args) + len(node.args.kwonlyargs)
            assert lines <= MAX_FUNCTION_LINES, f"{node.name} has {lines} lines"
            # An estimator's __init__ lists its parameters: scikit-learn reads them from there.
            if not (node.name == "__init__" and path.parent.name == "estimators"):
                assert arguments <= MAX_ARGUMENTS, f"{node.name} has {arguments} arguments"


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_no_shortcuts_in_library_code(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            assert caught not in ("everything", "Exception", "BaseException"), f"line {node.lineno} catches {caught}"
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called != "print", f"line {node.lineno} prints"
            assert not ("njit" in called and path.name != "_jit.py"), f"line {node.lineno}: one way into numba"


def test_only_folders_that_hold_something():
    for folder in (path for path in PACKAGE.rglob("*") if path.is_dir() and path.name != "__pycache__"):
        assert (folder / "__init__.py").is_file(), folder


def fast_kernels(source: str) -> dict[str, tuple[bool, bool, set[str]]]:
    """Each compiled function: whether it is ``fastmath``, whether it is inline, and the names it calls."""
    found = {}
    for node in ast.parse(source).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if ast.unparse(called) != "jit":
                continue
            options = {word.arg for word in decorator.keywords} if isinstance(decorator, ast.Call) else set()
            calls = {ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
            found[node.name] = ("fastmath" in options, "inline" in options, calls)
    return found


def fastmath_faults(kernels: dict[str, tuple[bool, bool, set[str]]]) -> list[str]:
    """Calls of a fastmath function whose last bits could depend on what was compiled when: see `kernels._jit.jit`."""
    faults = []
    for name, (fast, _, calls) in kernels.items():
        for called in calls & kernels.keys():
            called_fast, called_inline, _ = kernels[called]
            if called_fast and not (called_inline and fast):
                faults.append(f"{name} calls {called}")
    return faults


def test_fastmath_parts_are_inline_in_fastmath_kernels():
    kernels = {}
    for path in sorted((PACKAGE / "kernels").glob("*.py")):
        kernels |= fast_kernels(path.read_text(encoding="utf-8"))
    assert sum(fast for fast, _, _ in kernels.values()) > 3
    assert fastmath_faults(kernels) == []


@pytest.mark.parametrize(("part", "whole"), [("fastmath=True", "fastmath=True"), ("fastmath=True, inline=True", "")])
def test_the_walk_sees_a_fastmath_part_that_is_not_inline(part, whole):
    source = f"@jit({part})\ndef part():\n    pass\n\n@jit({whole})\ndef whole():\n    part()\n"
    assert fastmath_faults(fast_kernels(source)) == ["whole calls part"]
