"""Coalesced calls: one call for many items, each with its own result."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.group_commit import Coalescer


class BlockingCall:
    """Blocks until a permit is released; records the items of each call."""

    def __init__(self):
        self.calls, self.permits, self.started = [], threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self, items):
        self.calls.append(list(items))
        self.started.release()
        assert self.permits.acquire(timeout=10)
        return [item * 10 for item in items]


def wait_until_queued(coalescer, count):
    """Wait until `count` callers are queued behind the running call."""
    for _again in range(2_000):
        with coalescer.lock:
            if len(coalescer.queue) == count:
                return
        threading.Event().wait(0.002)
    raise AssertionError(f"{len(coalescer.queue)} queued instead of {count}")


def test_who_comes_alone_is_served_alone():
    calls = []
    coalescer = Coalescer(lambda items: calls.append(items) or items, max_batch=10)
    assert [coalescer(1), coalescer(2)] == [1, 2]
    assert calls == [[1], [2]]


def test_those_who_come_while_one_is_under_way_share_the_next_call():
    slow = BlockingCall()
    coalescer = Coalescer(slow, max_batch=10)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(coalescer, 0)
        assert slow.started.acquire(timeout=10)
        others = [pool.submit(coalescer, number) for number in range(1, 6)]
        wait_until_queued(coalescer, 5)
        slow.permits.release(2)
        assert [first.result(10), *(other.result(10) for other in others)] == [0, 10, 20, 30, 40, 50]
    assert [sorted(call) for call in slow.calls] == [[0], [1, 2, 3, 4, 5]]


def test_no_call_is_larger_than_allowed_and_nobody_is_left_behind():
    slow = BlockingCall()
    coalescer = Coalescer(slow, max_batch=2)
    with ThreadPoolExecutor(8) as pool:
        results = [pool.submit(coalescer, 0)]
        assert slow.started.acquire(timeout=10)
        results += [pool.submit(coalescer, number) for number in range(1, 6)]
        wait_until_queued(coalescer, 5)
        slow.permits.release(6)
        assert sorted(result.result(10) for result in results) == [0, 10, 20, 30, 40, 50]
    assert [len(call) for call in slow.calls] == [1, 2, 2, 1]
    assert coalescer.running == 0


def test_with_a_concurrency_of_two_two_calls_run_at_once():
    slow = BlockingCall()
    coalescer = Coalescer(slow, max_batch=10, concurrency=2)
    with ThreadPoolExecutor(4) as pool:
        results = [pool.submit(coalescer, 1), pool.submit(coalescer, 2)]
        assert slow.started.acquire(timeout=10)
        assert slow.started.acquire(timeout=10)
        slow.permits.release(2)
        assert sorted(result.result(10) for result in results) == [10, 20]


def test_an_error_reaches_everybody_in_that_call_and_nobody_after_it():
    def call(items):
        if 13 in items:
            raise ValueError("unlucky")
        return items

    coalescer = Coalescer(call, max_batch=10)
    with pytest.raises(ValueError, match="unlucky"):
        coalescer(13)
    assert coalescer(7) == 7


def test_many_threads_each_get_their_own():
    coalescer = Coalescer(lambda items: [item * 2 for item in items], max_batch=7, concurrency=2)
    with ThreadPoolExecutor(32) as pool:
        assert list(pool.map(coalescer, range(5_000))) == [number * 2 for number in range(5_000)]
    assert (coalescer.running, coalescer.queue) == (0, [])
