"""Work on several threads: results in order, errors raised, nothing left running."""

import threading
import time

import pytest

from songscape.threads import run_blocks, run_tasks, side_by_side, thread_count, use_threads


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_stand_in_the_order_of_the_tasks(threads):
    with use_threads(threads):
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


def test_finished_shares_are_reported_by_the_caller():
    seen = []
    with use_threads(1):
        run_tasks([lambda: None] * 4, report=seen.append)
    assert seen == [0.25, 0.5, 0.75, 1.0]
