"""Where a file may be cut: between two rows, found near a place without reading what stands before it."""

import polars as pl

from songscape.catalog.delimited import Layout, split_lines
from songscape.catalog.plain import PlainFile

_LOOKS = (1 << 14, 1 << 17, 1 << 20)  # bytes in which a border is looked for; a longer record counts as damage
_JUDGED = 100  # records that tell whether quotes are open at a place: one that is lost far behind it says nothing
_TRIED = 50  # lines there that are tried by forgiving rules


def line_border(file: PlainFile, place: int, end: int) -> int:
    """Return where the first line begins behind a place in a file; `end` where none does."""
    while place < end:
        window = file.read(place, min(place + _LOOKS[0], end))
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
    for size in _LOOKS:
        window = file.read(start, min(start + size, end))
        window = window[: window.rfind(b"\n") + 1]
        row = _first_record(split_lines(window)["text"], layout) if window else None
        if row is not None:
            return start + _after_lines(window, row)
    if not window:
        return end if start + _LOOKS[-1] >= end else start
    lines = split_lines(window)["text"].head(_TRIED)
    return start + _after_lines(window, next((row for row, line in enumerate(lines) if layout.is_record(line)), 0))


def _after_lines(text: bytes, count: int) -> int:
    place = 0
    for _ in range(count):
        place = text.index(b"\n", place) + 1
    return place


def _first_record(lines: pl.Series, layout: Layout) -> int | None:
    """Return the first line that begins a sound record before another one, if there is one."""
    odd = lines.str.count_matches(layout.dialect.quote, literal=True).cast(pl.Int64) % 2
    tries = [_records(lines, odd, is_inside, layout) for is_inside in (0, 1)]
    best = max(tries, key=lambda records: int(records["good"].head(_JUDGED).sum()))
    followed = best.filter(pl.col("good") & pl.col("good").shift(-1, fill_value=False))
    return int(followed["row"][0]) if followed.height else None


def _records(lines: pl.Series, odd: pl.Series, is_inside: int, layout: Layout) -> pl.DataFrame:
    """Return the records that lines make if the first begins inside quotes or not: first row, and whether sound."""
    begins = (odd.cum_sum() - odd + is_inside) % 2 == 0
    table = pl.DataFrame({"text": lines, "record": begins.cast(pl.Int64).cum_sum()}).with_row_index("row")
    joined = table.filter(pl.col("record") > 0).group_by("record", maintain_order=True)
    records = joined.agg(pl.col("row").first(), pl.col("text").str.join("\n"))
    return records.with_columns(good=layout.are_records(records["text"]))
