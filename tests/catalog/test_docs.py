"""``docs/formats.md`` tells what the schema declares."""

from pathlib import Path

from songscape.catalog.schema import ADDED, COLUMNS

TEXT = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")


def test_every_column_its_unit_and_its_headers_are_documented():
    rows = {line.split("`")[1]: line for line in TEXT.splitlines() if line.startswith("| `")}
    for column in COLUMNS:
        assert column.unit in rows[column.name]
        assert all(f"`{alias}`" in rows[column.name] for tier in column.aliases for alias in tier), column.name
    assert all(f"`{name}`" in TEXT for name in ADDED)
