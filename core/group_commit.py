"""Calls that come together are made together, once for all of them, by the thread that was there first.

While a call is under way further ones gather; its end wakes the first of those, which makes the next call for all that
have gathered meanwhile. A call that comes alone is made at once: nobody ever waits for company.
"""

from threading import Lock


class Ticket:
    """One caller's item, and what became of it."""

    __slots__ = ("error", "gate", "item", "result")

    def __init__(self, item):
        self.item = item
        self.result = self.error = None
        self.gate = Lock()  # a third of an Event's price
        self.gate.acquire()


class Together:
    """`call(items)` → results in the same order, made by one caller for many.

    What it raises is raised to each of them. At most `most` items go into one call; `lanes` calls may run at once.
    """

    def __init__(self, call, *, most: int, lanes: int = 1):
        self.call, self.most, self.lanes = call, most, lanes
        self.waiting, self.running, self.lock = [], 0, Lock()

    def __call__(self, item):
        ticket = Ticket(item)
        if not self.may_lead(ticket):
            ticket.gate.acquire()  # until somebody has a result, or makes this the next leader
        if ticket.result is None and ticket.error is None:
            self.lead(ticket)
        if ticket.error is not None:
            raise ticket.error
        return ticket.result[0]

    def may_lead(self, ticket) -> bool:
        with self.lock:
            if self.running < self.lanes:
                self.running += 1
                return True
            self.waiting.append(ticket)
            return False

    def lead(self, ticket):
        with self.lock:
            tickets = [ticket, *self.waiting[: self.most - 1]]
            del self.waiting[: self.most - 1]
        try:
            results = self.call([one.item for one in tickets])
            for one, result in zip(tickets, results, strict=True):
                one.result = (result,)
        except BaseException as error:
            for one in tickets:
                one.result, one.error = None, error
        self.hand_over()
        for one in tickets[1:]:
            one.gate.release()

    def hand_over(self):
        with self.lock:
            if not self.waiting:
                self.running -= 1
                return
            following = self.waiting.pop(0)
        following.gate.release()
