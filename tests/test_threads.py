"""Work on several threads: results in order, errors raised, nothing left running."""

import os
import threading
import time
from contextvars import copy_context

import pytest

from songscape import threads
from songscape.threads import alongside, run_blocks, run_tasks, side_by_side, thread_count, use_threads


@pytest.fixture
def fresh_helpers(monkeypatch):
    monkeypatch.setattr(threads, "_helpers", threads._Helpers())


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_results_stand_in_the_order_of_the_tasks(n_threads):
    with use_threads(n_threads):
        assert run_tasks([lambda i=i: i * i for i in range(9)]) == [i * i for i in range(9)]
        assert run_tasks([]) == []
        assert side_by_side(lambda: 1, lambda: "a") == (1, "a")


def test_two_tasks_run_at_once():
    meeting = threading.Barrier(2, timeout=20)
    with use_threads(2):
        run_tasks([meeting.wait, meeting.wait])  # either waits for the other


def test_one_thread_runs_all_tasks_itself():
    with use_threads(1):
        assert run_tasks([threading.get_ident] * 3) == [threading.get_ident()] * 3


def test_tasks_see_the_number_of_threads_of_their_caller():
    with use_threads(3):
        assert run_tasks([thread_count] * 8) == [3] * 8


def test_the_error_of_any_task_is_raised():
    def fail():
        raise ValueError("of a task")

    for tasks in ([fail, lambda: 1], [lambda: 1, fail], [lambda: time.sleep(0.05), lambda: 1, fail]):
        with use_threads(2), pytest.raises(ValueError, match="of a task"):
            run_tasks(tasks)


def test_blocks_of_the_other_task_end_when_the_caller_is_interrupted():
    started, done = threading.Event(), []

    def many_blocks():
        started.set()
        run_blocks(lambda first, stop: (time.sleep(0.01), done.append(first)), 2000)

    def interrupt():
        if threading.current_thread() is threading.main_thread():
            started.wait(20)
            raise KeyboardInterrupt
        many_blocks()

    with use_threads(2), pytest.raises(KeyboardInterrupt):
        run_tasks([interrupt, interrupt])
    assert 0 <= len(done) < 1000
    run_blocks(lambda first, stop: done.append(-1), 3)  # nothing is called off any more
    assert done.count(-1) == 3


def test_blocks_share_helpers_that_are_kept(fresh_helpers):
    """Not one thread is left behind by a thousand calls, nor started for any but the first."""
    seen = set()
    with use_threads(3):
        run_blocks(lambda first, stop: (time.sleep(0.01), seen.add(threading.get_ident())), 30)
        before = threading.active_count()
        for _ in range(1000):
            run_blocks(lambda first, stop: None, 4)
    assert len(seen) == 3
    assert threading.active_count() == before


def test_a_caller_whose_helpers_are_busy_does_its_blocks_alone(fresh_helpers):
    release, held = threading.Event(), threading.Barrier(3, timeout=20)

    def hold(first, stop):
        held.wait()
        release.wait(20)

    with use_threads(2):
        busy = threading.Thread(target=copy_context().run, args=(run_blocks, hold, 2))
        busy.start()
        held.wait(20)
        done = []
        run_blocks(lambda first, stop: done.append((first, threading.get_ident())), 5)
        release.set()
        busy.join(20)
    assert done == [(block, threading.get_ident()) for block in range(5)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_helpers_of_its_own(fresh_helpers):
    with use_threads(2):
        run_blocks(lambda first, stop: None, 4)
        child = os.fork()
        if child == 0:
            seen = set()
            run_blocks(lambda first, stop: (time.sleep(0.05), seen.add(threading.get_ident())), 8)
            os._exit(0 if len(seen) == 2 else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_finished_shares_are_reported_by_the_caller():
    seen = []
    with use_threads(1):
        run_tasks([lambda: None] * 4, report=seen.append)
    assert seen == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.parametrize("n_threads", [1, 2])
def test_a_task_alongside_gives_its_result_or_its_error(n_threads):
    def fail():
        raise ValueError("of a task")

    with use_threads(n_threads):
        with alongside(thread_count) as other:
            assert other() == n_threads
        with alongside(fail) as other, pytest.raises(ValueError, match="of a task"):
            other()


def test_a_task_alongside_runs_beside_the_block_or_on_one_thread_when_asked_for():
    meeting = threading.Barrier(2, timeout=20)
    with use_threads(2), alongside(meeting.wait) as other:
        meeting.wait()
        other()
    with use_threads(1), alongside(threading.get_ident) as other:
        assert other() == threading.get_ident()


def test_a_block_left_by_an_error_calls_off_what_runs_alongside():
    begun, done = threading.Event(), []

    def work(first, stop):
        done.append(first)
        begun.set()
        time.sleep(0.01)

    def interrupted():
        with use_threads(2), alongside(lambda: run_blocks(work, 10_000)):
            assert begun.wait(20)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    for thread in threading.enumerate():
        if thread.name == "songscape-alongside":
            thread.join(20)
    assert len(done) < 5000
