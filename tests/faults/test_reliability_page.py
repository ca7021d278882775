"""docs/reliability.md names a test for each promise, and a promise for each test."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reliability.md"


def held_in(folder: Path) -> set[str]:
    found = set()
    for path in folder.glob("test_*.py"):
        if path != Path(__file__):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found |= {
                node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[:5] == "test_"
            }
    return found


def promised(page: str) -> list[str]:
    """The last cell of each row of a table of promises."""
    return re.findall(r"^\|.*\| `(test_\w+)` \|$", page, re.MULTILINE)


def test_each_promise_has_its_test_and_each_test_its_promise():
    named = promised(PAGE.read_text(encoding="utf-8"))
    assert len(named) == len(set(named)), "a test stands in one row"
    assert set(named) == held_in(HERE)
    assert len(named) > 30


def test_rows_without_a_test_are_noticed():
    page = PAGE.read_text(encoding="utf-8")
    rows = [row for row in page.splitlines() if row.startswith("| ") and row.count("|") == 4]
    headers = [row for row in rows if row.endswith("| test |")]
    stages = [row for row in rows if re.search(r"MB \| (\d+ bytes )?\|$", row) or row.startswith("| stage |")]
    assert len(rows) == len(headers) + len(stages) + len(promised(page)) + page.count("| --- | --- | --- |")
