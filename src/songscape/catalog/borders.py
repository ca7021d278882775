"""Where a file may be cut: between two rows, found near a place without reading what stands before it."""

import polars as pl

from songscape.catalog.delimited import Layout, split_lines
from songscape.catalog.plain import PlainFile

_LOOK = 1 << 20  # bytes in which a border is looked for; a record that is longer counts as damage
_JUDGED = 100  # records that tell whether quotes are open at a place: one that is lost far behind it says nothing
_TRIED = 50  # lines there that are tried by forgiving rules


def line_border(file: PlainFile, place: int, end: int) -> int:
    """Return where the first line begins behind a place in a file; `end` where none does."""
    while place < end:
        window = file.read(place, min(place + _LOOK, end))
        found = window.find(b"\n") + 1
        place += found or len(window)
        if found:
            break
    return place


def record_border(file: PlainFile, layout: Layout, place: int, end: int) -> int:
    """Return where a record of delimited text begins behind a place in a file; `end` where none does.

    A line may belong to a quoted field, and whether a quote opens or closes depends on all before it. So both are
    tried: the right one makes well-formed records of the lines that follow, the wrong one does not.
    """
    start = line_border(file, place, end)
    window = file.read(start, min(start + _LOOK, end))
    window = window[: window.rfind(b"\n") + 1]
    if not window:
        return end if start + _LOOK >= end else start
    lines = split_lines(window)["text"]
    row = _first_record(lines, layout)
    skipped = 0
    for _ in range(row):
        skipped = window.index(b"\n", skipped) + 1
    return start + skipped


def _first_record(lines: pl.Series, layout: Layout) -> int:
    """Return the first line that begins a sound record before another one; the first of all where none does."""
    odd = lines.str.count_matches(layout.dialect.quote, literal=True).cast(pl.Int64) % 2
    tries = [_records(lines, odd, is_inside, layout) for is_inside in (0, 1)]
    best = max(tries, key=lambda records: int(records["good"].head(_JUDGED).sum()))
    followed = best.filter(pl.col("good") & pl.col("good").shift(-1, fill_value=False))
    if followed.height:
        return int(followed["row"][0])
    return next((row for row, line in enumerate(lines.head(_TRIED)) if layout.is_record(line)), 0)


def _records(lines: pl.Series, odd: pl.Series, is_inside: int, layout: Layout) -> pl.DataFrame:
    """Return the records that lines make if the first begins inside quotes or not: first row, and whether sound."""
    begins = (odd.cum_sum() - odd + is_inside) % 2 == 0
    table = pl.DataFrame({"text": lines, "record": begins.cast(pl.Int64).cum_sum()}).with_row_index("row")
    joined = table.filter(pl.col("record") > 0).group_by("record", maintain_order=True)
    records = joined.agg(pl.col("row").first(), pl.col("text").str.join("\n"))
    return records.with_columns(good=layout.are_records(records["text"]))
