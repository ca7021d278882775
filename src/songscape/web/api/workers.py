"""Work that takes longer than a moment runs on threads of its own, a few at a time; too much at once is refused.

One piece of work alone uses all cores. Where several wait, each gets its share of them: parts of one piece that wait
for each other would only hold up the others. Results do not depend on it.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from songscape.threads import thread_count, use_threads
from songscape.web.api.errors import BusyError

Result = TypeVar("Result")


class Workers:
    """Threads for one kind of work.

    Parameters
    ----------
    name : str
        What the threads are called.
    n : int
        Threads.
    most : int
        Most pieces of work that wait or run; one more is refused.
    """

    def __init__(self, name: str, n: int, most: int) -> None:
        self._pool = ThreadPoolExecutor(n, thread_name_prefix=f"songscape-{name}")
        self._n, self._most = n, most
        self._lock = threading.Lock()
        self._pending = 0

    async def run(self, work: Callable[[], Result]) -> Result:
        """Run work on a thread and return what it returns.

        Raises
        ------
        BusyError
            If too much waits already.
        """
        with self._lock:
            if self._pending >= self._most:
                raise BusyError
            self._pending += 1
        future = self._pool.submit(copy_context().run, self._shared, work)
        future.add_done_callback(self._done)
        return await asyncio.wrap_future(future)

    def _shared(self, work: Callable[[], Result]) -> Result:
        with use_threads(max(1, thread_count() // min(self._pending, self._n))):
            return work()

    def _done(self, _: object) -> None:
        with self._lock:
            self._pending -= 1

    def close(self) -> None:
        """Drop what waits; what runs ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Crew:
    """The workers of a server: for searches, which are quick, and for lists, which must not hold them up."""

    def __init__(self) -> None:
        self.searches = Workers("search", 2, 256)
        self.lists = Workers("lists", max(2, thread_count()), 64)

    def close(self) -> None:
        """Drop what waits."""
        self.searches.close()
        self.lists.close()
