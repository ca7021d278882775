"""Independent pieces of work on two threads: Polars lets go of the interpreter while it works."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

One = TypeVar("One")
Other = TypeVar("Other")


def side_by_side(one: Callable[[], One], other: Callable[[], Other]) -> tuple[One, Other]:
    """Run two tasks at once and return both results; the first exception is raised.

    Examples
    --------
    >>> side_by_side(lambda: 1, lambda: "a")
    (1, 'a')
    """
    with ThreadPoolExecutor(1) as pool:
        later = pool.submit(other)
        return one(), later.result()


def all_side_by_side(tasks: list[Callable[[], One]]) -> list[One]:
    """Run any number of tasks on two threads and return their results in order.

    Examples
    --------
    >>> all_side_by_side([lambda: 1, lambda: 2, lambda: 3])
    [1, 2, 3]
    """
    with ThreadPoolExecutor(2) as pool:
        return [future.result() for future in [pool.submit(task) for task in tasks]]
