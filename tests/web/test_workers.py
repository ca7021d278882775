"""Work on threads: shared cores, a limit, errors that arrive."""

import asyncio
import threading

import pytest

from songscape.threads import thread_count, use_threads
from songscape.web.api.errors import BusyError
from songscape.web.api.workers import Crew, Workers


@pytest.fixture
def workers():
    found = Workers("test", 2, 3)
    yield found
    found.close()


def test_work_alone_has_all_threads_and_work_in_company_its_share(workers):
    async def alone():
        return await workers.run(thread_count)

    async def together():
        gate = threading.Barrier(2)

        def work():
            gate.wait(timeout=10)
            return thread_count()

        return await asyncio.gather(*(workers.run(work) for _ in range(2)))

    with use_threads(6):
        assert asyncio.run(alone()) == 6
        assert 3 in asyncio.run(together())
        assert asyncio.run(alone()) == 6
    with use_threads(1):
        assert asyncio.run(together()) == [1, 1]


def test_too_much_at_once_is_refused_and_then_taken_again(workers):
    async def ask():
        gate = threading.Event()
        waiting = [asyncio.ensure_future(workers.run(lambda: gate.wait(timeout=10))) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await workers.run(lambda: True)
        gate.set()
        assert await asyncio.gather(*waiting) == [True] * 3
        return await workers.run(lambda: "taken")

    assert asyncio.run(ask()) == "taken"


def test_what_waits_is_dropped_at_the_end():
    async def ask():
        crew, gate, begun = Crew(), threading.Event(), []

        def work():
            begun.append(True)
            gate.wait(timeout=10)

        waiting = [asyncio.ensure_future(crew.lists.run(work)) for _ in range(20)]
        await asyncio.sleep(0.1)
        crew.close()
        gate.set()
        return begun, await asyncio.gather(*waiting, return_exceptions=True)

    with use_threads(2):
        begun, ended = asyncio.run(ask())
    assert len(begun) == 2
    assert sum(isinstance(one, asyncio.CancelledError) for one in ended) == 18


def test_an_error_arrives_and_makes_room(workers):
    async def ask():
        for _ in range(5):
            with pytest.raises(ZeroDivisionError):
                await workers.run(lambda: 1 / 0)

    asyncio.run(ask())
