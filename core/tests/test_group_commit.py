"""Calls that come together: one call for many, each with its own result, nobody forgotten."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.group_commit import Coalescer


class BlockingCall:
    """A call that waits for leave each time, and remembers what it was called with."""

    def __init__(self):
        self.calls, self.leave, self.begun = [], threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self, items):
        self.calls.append(list(items))
        self.begun.release()
        assert self.leave.acquire(timeout=10)
        return [item * 10 for item in items]


def wait_until_queued(together, count):
    """Wait until `count` callers stand behind the one under way."""
    for _again in range(2_000):
        with together.lock:
            if len(together.waiting) == count:
                return
        threading.Event().wait(0.002)
    raise AssertionError(f"{len(together.waiting)} gathered instead of {count}")


def test_who_comes_alone_is_served_alone():
    calls = []
    together = Coalescer(lambda items: calls.append(items) or items, max_batch=10)
    assert [together(1), together(2)] == [1, 2]
    assert calls == [[1], [2]]


def test_those_who_come_while_one_is_under_way_share_the_next_call():
    slow = BlockingCall()
    together = Coalescer(slow, max_batch=10)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(together, 0)
        assert slow.begun.acquire(timeout=10)
        others = [pool.submit(together, number) for number in range(1, 6)]
        wait_until_queued(together, 5)
        slow.leave.release(2)
        assert [first.result(10), *(other.result(10) for other in others)] == [0, 10, 20, 30, 40, 50]
    assert [sorted(call) for call in slow.calls] == [[0], [1, 2, 3, 4, 5]]


def test_no_call_is_larger_than_allowed_and_nobody_is_left_behind():
    slow = BlockingCall()
    together = Coalescer(slow, max_batch=2)
    with ThreadPoolExecutor(8) as pool:
        results = [pool.submit(together, 0)]
        assert slow.begun.acquire(timeout=10)
        results += [pool.submit(together, number) for number in range(1, 6)]
        wait_until_queued(together, 5)
        slow.leave.release(6)
        assert sorted(result.result(10) for result in results) == [0, 10, 20, 30, 40, 50]
    assert [len(call) for call in slow.calls] == [1, 2, 2, 1]
    assert together.running == 0


def test_two_lanes_run_two_calls_at_once():
    slow = BlockingCall()
    together = Coalescer(slow, max_batch=10, concurrency=2)
    with ThreadPoolExecutor(4) as pool:
        results = [pool.submit(together, 1), pool.submit(together, 2)]
        assert slow.begun.acquire(timeout=10)
        assert slow.begun.acquire(timeout=10)
        slow.leave.release(2)
        assert sorted(result.result(10) for result in results) == [10, 20]


def test_an_error_reaches_everybody_in_that_call_and_nobody_after_it():
    def call(items):
        if 13 in items:
            raise ValueError("unlucky")
        return items

    together = Coalescer(call, max_batch=10)
    with pytest.raises(ValueError, match="unlucky"):
        together(13)
    assert together(7) == 7


def test_many_threads_each_get_their_own():
    together = Coalescer(lambda items: [item * 2 for item in items], max_batch=7, concurrency=2)
    with ThreadPoolExecutor(32) as pool:
        assert list(pool.map(together, range(5_000))) == [number * 2 for number in range(5_000)]
    assert (together.running, together.waiting) == (0, [])
