"""Bars on a terminal while the stages run; the lines at the end are made in `songscape.cli.summary`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from songscape.progress import Progress, silent


@contextmanager
def bars(quiet: bool = False) -> Iterator[Progress]:
    """Yield a reporter that draws one bar per stage on standard error; silent where that is not a terminal."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Display

    columns = (TextColumn("{task.description:<11}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    tasks: dict[str, TaskID] = {}
    with Display(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as display:

        def report(stage: str, fraction: float) -> None:
            if stage not in tasks:
                tasks[stage] = display.add_task(stage, total=1.0)
            display.update(tasks[stage], completed=fraction)

        yield report
