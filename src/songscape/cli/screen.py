"""Bars on a terminal while the stages run; the lines at the end are made in `songscape.cli.summary`."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from songscape.cli.stopping import heeding
from songscape.progress import Progress, silent


@contextmanager
def bars(expected: Callable[[], Mapping[str, float]] | None = None) -> Iterator[Progress]:
    """Yield a reporter that draws one bar per stage on standard error; silent where that is not a terminal.

    Where it is known what seconds the stages are expected to take, the first bar is that of all, with what is left.
    """
    if not sys.stderr.isatty():
        yield heeding(silent)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Display

    from songscape.remaining import Remaining, in_words

    columns = (TextColumn("{task.description:<11}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    left = Remaining(expected()) if expected else None
    tasks: dict[str, TaskID] = {}
    start = time.monotonic()
    with Display(
        *columns, TimeElapsedColumn(), TextColumn("{task.fields[left]}"), console=Console(stderr=True)
    ) as display:

        def show(name: str, fraction: float, told: str = "") -> None:
            if name not in tasks:
                tasks[name] = display.add_task(name, total=1.0, left=told)
            display.update(tasks[name], completed=fraction, left=told)

        if left is not None:
            show("all", 0.0)

        def report(stage: str, fraction: float) -> None:
            show(stage, fraction)
            if left is not None:
                left.report(stage, fraction)
                share = left.share
                show("all", share, in_words(left.seconds(time.monotonic() - start)) if share < 1.0 else "")

        yield heeding(report)
