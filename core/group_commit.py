"""Coalescing of concurrent calls: one thread, the leader, makes one call for all items that are queued.

While a call runs, further items queue; when it ends, the first of them becomes the next leader and takes the whole
queue. A single call is made at once: there is no delay to collect a batch.
"""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any


class Waiter:
    """One caller's item, with its result or error."""

    __slots__ = ("error", "gate", "item", "result")

    def __init__(self, item: Any) -> None:
        self.item = item
        self.result: tuple[Any] | None = None  # in a tuple: a result may be None
        self.error: BaseException | None = None
        self.gate = Lock()  # costs a third of an Event
        self.gate.acquire()


class Coalescer:
    """`call(items)` → results in the same order, called by one thread for many.

    An exception is raised to every caller of the batch. At most `max_batch` items go into one call, and at most
    `concurrency` calls run at once.
    """

    def __init__(self, call: Callable[[list[Any]], Sequence[Any]], *, max_batch: int, concurrency: int = 1) -> None:
        self.call, self.max_batch, self.concurrency = call, max_batch, concurrency
        self.queue: list[Waiter] = []
        self.running, self.lock = 0, Lock()

    def __call__(self, item: Any) -> Any:
        waiter = Waiter(item)
        if not self.try_to_lead(waiter):
            waiter.gate.acquire()  # until a leader sets the result, or makes this waiter the next leader
        if waiter.result is None and waiter.error is None:
            self.lead(waiter)
        if waiter.error is not None:
            raise waiter.error
        assert waiter.result is not None
        return waiter.result[0]

    def try_to_lead(self, waiter: Waiter) -> bool:
        with self.lock:
            if self.running < self.concurrency:
                self.running += 1
                return True
            self.queue.append(waiter)
            return False

    def lead(self, waiter: Waiter) -> None:
        with self.lock:
            batch = [waiter, *self.queue[: self.max_batch - 1]]
            del self.queue[: self.max_batch - 1]
        try:
            results = self.call([member.item for member in batch])
            for member, result in zip(batch, results, strict=True):
                member.result = (result,)
        except BaseException as error:
            for member in batch:
                member.result, member.error = None, error
        self.wake_next()
        for member in batch[1:]:
            member.gate.release()

    def wake_next(self) -> None:
        with self.lock:
            if not self.queue:
                self.running -= 1
                return
            next_leader = self.queue.pop(0)
        next_leader.gate.release()
