"""Work that takes longer than a moment runs on threads of its own, a few at a time; too much at once is refused."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from songscape.web.api.errors import BusyError

Result = TypeVar("Result")


class Workers:
    """Threads for one kind of work.

    Parameters
    ----------
    n : int
        Threads.
    most : int
        Most pieces of work that wait or run; one more is refused.
    """

    def __init__(self, name: str, n: int, most: int) -> None:
        self._pool = ThreadPoolExecutor(n, thread_name_prefix=f"songscape-{name}")
        self._room = threading.BoundedSemaphore(most)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Run work on a thread and return what it returns.

        Raises
        ------
        BusyError
            If too much waits already.
        """
        if not self._room.acquire(blocking=False):
            raise BusyError
        future = self._pool.submit(copy_context().run, work)
        future.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Drop what waits; what runs ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)
