"""Calls that come together are made together, once for all of them, by the thread that was there first.

While a call is under way further ones gather; its end wakes the first of those, which makes the next call for all that
have gathered meanwhile. A call that comes alone is made at once: nobody ever waits for company.
"""

from threading import Lock


class Waiter:
    """One caller's item, and what became of it."""

    __slots__ = ("error", "gate", "item", "result")

    def __init__(self, item):
        self.item = item
        self.result = self.error = None
        self.gate = Lock()  # a third of an Event's price
        self.gate.acquire()


class Coalescer:
    """`call(items)` → results in the same order, made by one caller for many.

    What it raises is raised to each of them. At most `max_batch` items go into one call; `concurrency` calls may run at once.
    """

    def __init__(self, call, *, max_batch: int, concurrency: int = 1):
        self.call, self.max_batch, self.concurrency = call, max_batch, concurrency
        self.waiting, self.running, self.lock = [], 0, Lock()

    def __call__(self, item):
        waiter = Waiter(item)
        if not self.try_to_lead(waiter):
            waiter.gate.acquire()  # until somebody has a result, or makes this the next leader
        if waiter.result is None and waiter.error is None:
            self.lead(waiter)
        if waiter.error is not None:
            raise waiter.error
        return waiter.result[0]

    def try_to_lead(self, waiter) -> bool:
        with self.lock:
            if self.running < self.concurrency:
                self.running += 1
                return True
            self.waiting.append(waiter)
            return False

    def lead(self, waiter):
        with self.lock:
            waiters = [waiter, *self.waiting[: self.max_batch - 1]]
            del self.waiting[: self.max_batch - 1]
        try:
            results = self.call([one.item for one in waiters])
            for one, result in zip(waiters, results, strict=True):
                one.result = (result,)
        except BaseException as error:
            for one in waiters:
                one.result, one.error = None, error
        self.wake_next()
        for one in waiters[1:]:
            one.gate.release()

    def wake_next(self):
        with self.lock:
            if not self.waiting:
                self.running -= 1
                return
            following = self.waiting.pop(0)
        following.gate.release()
