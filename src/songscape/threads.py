"""The only way onto several threads: blocks of one piece of work, or several pieces side by side.

Work is cut into blocks that depend on the data alone, a block writes only its own rows, and which thread runs it does
not matter: the same bytes on 1, 2 or 64 threads.

Threads that help with blocks are kept, for a call may last less than the start of a thread. All callers share them:
a caller whose helpers are busy elsewhere does its blocks alone, so that callers side by side never crowd the cores.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import ContextVar, copy_context
from functools import partial
from typing import TypeVar, cast

Result = TypeVar("Result")
Other = TypeVar("Other")

_TASKS_AT_ONCE = 2  # each has blocks of its own to fill the cores with, and holds its own memory

_threads: ContextVar[int | None] = ContextVar("songscape_threads", default=None)
_called_off: ContextVar[Callable[[], bool]] = ContextVar("songscape_called_off", default=lambda: False)


class CalledOffError(RuntimeError):
    """Ends the blocks of a task whose result nobody waits for any more; never seen outside of `run_tasks`."""


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

    called_off = _called_off.get()

    def take() -> int | None:
        if called_off():
            raise CalledOffError
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
    others = _helpers.ask(workers - 1, partial(drain, False))
    try:
        drain(True)
    finally:
        stopped.set()
        begun = [other for other in others if not other.cancel()]
        wait(begun)
    for other in begun:
        other.result()


class _Helpers:
    """Threads that wait for blocks; as many as any caller ever asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._n_threads = 0

    def ask(self, n_threads: int, work: Callable[[], None]) -> list[Future[None]]:
        """Let this many threads do this work as soon as they are free."""
        with self._lock:
            if self._pool is None or self._n_threads < n_threads:
                if self._pool is not None:
                    self._pool.shutdown(wait=False)
                self._pool = ThreadPoolExecutor(n_threads, thread_name_prefix="songscape-blocks")
                self._n_threads = n_threads
            return [self._pool.submit(work) for _ in range(n_threads)]


_helpers = _Helpers()


def _replace_helpers() -> None:
    global _helpers
    _helpers = _Helpers()


if hasattr(os, "register_at_fork"):  # a forked process has none of its parent's threads
    os.register_at_fork(after_in_child=_replace_helpers)


def run_tasks(
    tasks: Sequence[Callable[[], Result]], *, report: Callable[[float], None] | None = None
) -> list[Result]:
    """Run independent tasks, two at a time, and return their results in order.

    For tasks that leave a core idle, as work in NumPy does. They may call `run_blocks`.

    Parameters
    ----------
    tasks : sequence of callable
        Each is called once. With `use_threads` (1) one after the other.
    report : callable, optional
        Called with the finished fraction, from the calling thread.

    Notes
    -----
    An exception of any task is raised here; on Ctrl-C the blocks of the other threads end too.

    Examples
    --------
    >>> run_tasks([lambda: 1, lambda: 2, lambda: 3])
    [1, 2, 3]
    """
    numbers = iter(range(len(tasks)))
    lock = threading.Lock()
    in_vain = threading.Event()
    results: dict[int, Result] = {}

    def take() -> int | None:
        with lock:
            return None if in_vain.is_set() else next(numbers, None)

    def drain(reporting: bool) -> None:
        while (number := take()) is not None:
            results[number] = tasks[number]()
            if reporting and report is not None:
                report(len(results) / len(tasks))

    workers = min(thread_count(), _TASKS_AT_ONCE, len(tasks))
    if workers <= 1:
        drain(True)
        return [results[number] for number in range(len(tasks))]
    outer = _called_off.get()
    token = _called_off.set(lambda: outer() or in_vain.is_set())
    with ThreadPoolExecutor(workers - 1) as pool:
        others = [pool.submit(copy_context().run, drain, False) for _ in range(workers - 1)]
        try:
            drain(True)
            for other in others:
                other.result()
        finally:
            in_vain.set()
            _called_off.reset(token)
    return [results[number] for number in range(len(tasks))]


@contextlib.contextmanager
def alongside(task: Callable[[], Result]) -> Iterator[Callable[[], Result]]:
    """Run a task on another thread during the ``with`` block; what the block is given waits for its result.

    For work in Python whose result is needed late, beside work that leaves a core idle now and then. With
    `use_threads` (1) it runs where its result is asked for. A block that is left by an exception does not wait:
    what the task does is in vain then, and it must not write anything.

    Examples
    --------
    >>> with alongside(lambda: 1) as other:
    ...     2 + other()
    3
    """
    if thread_count() == 1:
        yield task
        return
    in_vain = threading.Event()
    outer = _called_off.get()
    context = copy_context()
    context.run(_called_off.set, lambda: outer() or in_vain.is_set())
    outcome = _Outcome[Result]()

    def run() -> None:
        with outcome:
            outcome.set_result(context.run(task))

    threading.Thread(target=run, name="songscape-alongside", daemon=True).start()
    try:
        yield outcome.result
    finally:
        in_vain.set()


class _Outcome(Future[Result]):
    """A result; or the error that the ``with`` block ends with which should set it, raised where it is asked for."""

    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        """Keep the error of the block."""
        if error is not None:
            self.set_exception(error)
        return True


def side_by_side(one: Callable[[], Result], other: Callable[[], Other]) -> tuple[Result, Other]:
    """Run two tasks as `run_tasks` does and return both results.

    Examples
    --------
    >>> side_by_side(lambda: 1, lambda: "a")
    (1, 'a')
    """
    tasks: list[Callable[[], object]] = [one, other]
    first, second = run_tasks(tasks)
    return cast(Result, first), cast(Other, second)
