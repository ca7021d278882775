"""The only way into numba, and the only way onto several threads.

Every kernel is compiled with ``cache`` (on disk), ``nogil`` (so threads run side by side) and
``error_model="numpy"`` (a division by zero gives inf; numba's default check stops vectorization).
Work is cut into blocks that depend on the data alone, a block writes only its own rows, and which thread runs
it does not matter: the same bytes on 1, 2 or 64 threads.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar, overload

import numba

P = ParamSpec("P")
R = TypeVar("R")

_threads: ContextVar[int | None] = ContextVar("songscape_threads", default=None)


def _compile(function: Callable[P, R], fastmath: bool, inline: bool) -> Callable[P, R]:
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": fastmath}
    if inline:
        options["inline"] = "always"
    try:
        return numba.njit(cache=True, **options)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # no folder that numba may write a cache to: compile in each process instead
        return numba.njit(**options)(function)  # type: ignore[no-any-return]


@overload
def jit(function: Callable[P, R]) -> Callable[P, R]: ...
@overload
def jit(*, fastmath: bool = False, inline: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def jit(function: Any = None, *, fastmath: bool = False, inline: bool = False) -> Any:
    """Compile a kernel: ``@jit``, or ``@jit(fastmath=True)`` where neither inf nor nan can occur.

    A ``fastmath`` function that other kernels call must be ``inline``, in callers that are ``fastmath`` themselves.
    Otherwise it exists twice, alone and within its caller, vectorized differently; which of the two runs depends on
    whether this process compiled it or loaded it from disk, and so would the last bits of its sums.
    """
    if function is not None:
        return _compile(function, fastmath, inline)
    return lambda decorated: _compile(decorated, fastmath, inline)


def thread_count() -> int:
    """Return the number of threads that `run_blocks` uses here: `use_threads`, else the usable cores."""
    chosen = _threads.get()
    if chosen is not None:
        return chosen
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def use_threads(n_threads: int | None) -> Iterator[None]:
    """Use this many threads inside the ``with`` block (None: all usable cores). Results do not depend on it."""
    token = _threads.set(n_threads)
    try:
        yield
    finally:
        _threads.reset(token)


def run_blocks(
    work: Callable[[int, int], object],
    n_blocks: int,
    *,
    grain: int = 1,
    report: Callable[[float], None] | None = None,
) -> None:
    """Call ``work(first, stop)`` over disjoint ranges that cover ``range(n_blocks)``, on several threads.

    Parameters
    ----------
    work : callable
        Runs blocks ``first`` to ``stop − 1``. It must release the GIL (a kernel does) and write only rows that
        belong to these blocks.
    n_blocks : int
        How many blocks there are.
    grain : int
        How many blocks one call takes. It divides the work; it must not change the result.
    report : callable, optional
        Called with the finished fraction, from the calling thread.

    Notes
    -----
    The first exception of any thread is raised here; threads stop at their next range, also on Ctrl-C.
    """
    starts = iter(range(0, n_blocks, grain))
    lock = threading.Lock()
    stopped = threading.Event()
    n_calls = -(-n_blocks // grain)
    done = 0

    def take() -> int | None:
        with lock:
            return None if stopped.is_set() else next(starts, None)

    def drain(reporting: bool) -> None:
        nonlocal done
        while (first := take()) is not None:
            work(first, min(first + grain, n_blocks))
            with lock:
                done += 1
            if reporting and report is not None:
                report(done / n_calls)

    workers = min(thread_count(), n_calls)
    if workers <= 1:
        drain(True)
        return
    with ThreadPoolExecutor(workers - 1) as pool:
        others = [pool.submit(drain, False) for _ in range(workers - 1)]
        try:
            drain(True)
            for other in others:
                other.result()
        finally:
            stopped.set()
