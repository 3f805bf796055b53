"""The worker's rounds: present readings are summed and judged, then a slice of the backlog, then present ones again.

A round is short, whatever waits: how much a step takes follows from how long the last one took. So a reading that comes
now waits for the rest of one round at most, and somebody else's year of readings is worked off beside it.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import connection
from django.utils import timezone
from prometheus_client import Histogram

from alerts.evaluation.evaluator import evaluate_new_readings
from telemetry.models import DirtySpan, ProcessedSpan
from telemetry.rollups import lanes
from telemetry.rollups.digest import digest_pass, recount_days

ROUNDS_LOCK = 7_261_003  # advisory lock: a second worker beside the first would only take its processor away
MAX_SECONDS = 20.0  # then the schedule starts the next rounds; a worker that is stopped waits for so long at most
PRESENT_SECONDS, BACKLOG_SECONDS = 1.0, 0.5  # of a step
FIRST_BUDGET, MIN_BUDGET, MAX_BUDGET = 5_000, 1_000, 200_000  # of a step, in the costs of `telemetry.rollups.lanes`
RECOUNTS = 2  # devices whose days a round sums again

JUDGED_SECONDS = Histogram(
    "carbonseed_present_judged_seconds",
    "From storing a present reading to its rules having been judged",
    buckets=(0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 60, 120, 300, 900),
)


class Pace:
    """How much a step may take so that it lasts about `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.budget = seconds, FIRST_BUDGET

    @property
    def spans(self) -> int:
        return self.budget // lanes.SPAN_COST

    def took(self, seconds: float) -> None:
        """A step that took half the time doubles; one that took ten times as long is a tenth."""
        ratio = min(2.0, self.seconds / max(seconds, 0.001))
        self.budget = int(min(MAX_BUDGET, max(MIN_BUDGET, self.budget * ratio)))


class Rounds:
    """Rounds of digest and judgement; `now` and `ticks` are the clocks."""

    def __init__(self, now: Callable[[], datetime] = timezone.now, ticks: Callable[[], float] = time.monotonic) -> None:
        self.now, self.ticks = now, ticks
        self.present, self.backlog = Pace(PRESENT_SECONDS), Pace(BACKLOG_SECONDS)

    def run(self, seconds: float = MAX_SECONDS) -> int:
        """Rounds until nothing is left of what waited, or for so many seconds → how many."""
        ends, count = self.ticks() + seconds, 0
        with only_one() as is_first:
            while is_first and self.ticks() < ends:
                count += 1
                if not self.round():
                    break
        return count

    def round(self) -> bool:
        """One step of each kind → whether to go on at once.

        What came meanwhile waits for the schedule's next rounds, unless a backlog keeps these going: summed one by one
        as they come, readings would cost many times as much.
        """
        began = self.now()
        present = self.step(self.present, self.sum_and_judge_present)
        backlog = self.step(self.backlog, self.work_on_backlog)
        return recount_days(RECOUNTS) + backlog > 0 or (present > 0 and self.is_present_left(began))

    def is_present_left(self, since: datetime) -> bool:
        return DirtySpan.objects.filter(is_present=True, received_at__lt=since).exists()

    def step(self, pace: Pace, work: Callable[[], int]) -> int:
        began = self.ticks()
        count = work()
        if count:
            pace.took(self.ticks() - began)
        return count

    def sum_and_judge_present(self) -> int:
        has_present, _ = lanes.waiting()
        summed = digest_pass(self.now(), is_present=True, budget=self.present.budget) if has_present else 0
        return summed + self.judge_present()

    def judge_present(self) -> int:
        spans = ProcessedSpan.objects.filter(is_present=True)
        received_at = dict(spans.values_list("pk", "received_at"))
        count = evaluate_new_readings(self.now(), is_present=True)
        now, left = self.now(), set(spans.values_list("pk", flat=True))
        for pk, at in received_at.items():
            if pk not in left:
                JUDGED_SECONDS.observe(max(0.0, (now - at).total_seconds()))
        return count

    def work_on_backlog(self) -> int:
        """Judge what an earlier step left; otherwise sum and judge the next slice."""
        if count := self.judge_backlog():
            return count
        _, has_backlog = lanes.waiting()
        if not has_backlog:
            return 0
        return digest_pass(self.now(), is_present=False, budget=self.backlog.budget) + self.judge_backlog()

    def judge_backlog(self) -> int:
        if not ProcessedSpan.objects.filter(is_present=False).exists():
            return 0
        return evaluate_new_readings(self.now(), is_present=False, max_spans=self.backlog.spans)


@contextlib.contextmanager
def only_one() -> Iterator[bool]:
    """Whether no other worker is in its rounds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ROUNDS_LOCK])
        is_first = cursor.fetchone()[0]
    try:
        yield is_first
    finally:
        if is_first:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ROUNDS_LOCK])
