"""How stages say how far they are.

A stage calls ``progress(stage, fraction)`` with its own name and a fraction in [0, 1] that never falls.
The command line draws bars from these calls; library users get silence unless they pass a callable.
"""

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""``progress(stage, fraction)``: the named stage is done to this fraction, in [0, 1]."""

Report = Callable[[float], None]
"""``report(fraction)``: the work is done to this fraction, in [0, 1]."""


def silent(stage: str, fraction: float) -> None:
    """Report nothing: the default of every stage."""


def part_of(progress: Progress, stage: str, start: float, stop: float) -> Progress:
    """Return a reporter that maps a sub-stage's [0, 1] into [start, stop] of `stage`.

    Examples
    --------
    >>> seen = []
    >>> inner = part_of(lambda stage, fraction: seen.append((stage, fraction)), "embedding", 0.5, 1.0)
    >>> inner("layout", 0.5)
    >>> seen
    [('embedding', 0.75)]
    """

    def report(_: str, fraction: float) -> None:
        progress(stage, start + (stop - start) * fraction)

    return report
