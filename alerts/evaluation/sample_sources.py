"""The samples of a rule around late readings, from stored readings or from quarter hours."""

from collections.abc import Iterator
from datetime import timedelta
from math import isfinite

from alerts import maintenance_windows
from alerts.evaluation.history import INSTANT
from alerts.evaluation.quarter_hour_samples import quarter_samples
from alerts.evaluation.samples import samples_for
from telemetry.models import QuarterHour
from telemetry.rollups.quarter_hours import QUARTER

WALK_BACK = (60, 600, 6_000, 60_000)  # readings searched, before the late ones, for one that has cleared
QUARTERS_AT_ONCE = timedelta(days=1)
DAYS_BACK = (1, 8)


class ReadingSource:
    """Samples of a streamed rule. `floor`: the rule judges no older ones."""

    def __init__(self, rule, history, windows, floor) -> None:
        self.rule, self.history, self.windows, self.floor = rule, history, windows, floor
        self.reach = rule.lookback  # for how long after a reading samples may be derived from it
        self.cursor, self.tail = None, []

    def before(self, at) -> Iterator[tuple[list, bool]]:
        """(the last samples before `at`, whether they are all there are), more and more of them."""
        for count in WALK_BACK:
            readings = self.history.before(at, count)
            known_since = readings[0].at + self.reach if readings else at
            is_whole = len(readings) < count or (self.floor is not None and known_since <= self.floor)
            samples = self.samples(readings)
            yield [sample for sample in samples if is_whole or sample.at >= known_since], is_whole
            if is_whole:
                return

    def seek(self, at) -> None:
        """The next samples are those from `at` on."""
        self.cursor = at - INSTANT
        self.tail = self.history.between(at - self.reach, self.cursor) if self.reach else []

    def next(self, stop) -> list | None:
        """The samples of the next readings before `stop`; None where there are none."""
        readings = self.history.after(self.cursor)
        if stop is not None:
            readings = [reading for reading in readings if reading.at < stop]
        if not readings:
            return None
        self.cursor = readings[-1].at
        together = [*self.tail, *readings]
        self.tail = [reading for reading in together if reading.at >= self.cursor - self.reach] if self.reach else []
        return [sample for sample in self.samples(together) if sample.at >= readings[0].at]

    def samples(self, readings) -> list:
        samples = samples_for(self.rule, self.history.device, readings, self.windows)
        return [s for s in samples if isfinite(s.value) and (self.floor is None or s.at > self.floor)]


class QuarterHourSource:
    """Samples of a rule on quarter hours, up to `until`."""

    reach = timedelta(0)

    def __init__(self, rule, device, windows, floor, until) -> None:
        self.rule, self.device, self.windows, self.floor, self.until = rule, device, windows, floor, until
        self.cursor = None

    def before(self, at) -> Iterator[tuple[list, bool]]:
        for days in DAYS_BACK:
            start = at - timedelta(days=days)
            yield self.samples(start, at - INSTANT), self.floor is not None and start <= self.floor

    def seek(self, at) -> None:
        self.cursor = at - INSTANT

    def next(self, stop) -> list | None:
        end = self.until if stop is None else min(self.until, stop - INSTANT)
        if self.cursor >= end:
            return None
        start, self.cursor = self.cursor, min(self.cursor + QUARTERS_AT_ONCE, end)
        samples = self.samples(start, self.cursor)
        if not samples:
            self.skip_gap(end)
        return samples

    def skip_gap(self, end) -> None:
        rows = QuarterHour.objects.filter(device=self.device, starts_at__gt=self.cursor - QUARTER, starts_at__lt=end)
        following = rows.order_by("starts_at").values_list("starts_at", flat=True).first()
        self.cursor = end if following is None else max(self.cursor, following)

    def samples(self, after, until) -> list:
        """Of the quarter hours that end in (after, until]."""
        [samples] = quarter_samples([(self.rule, self.device, after, until)])
        samples = maintenance_windows.outside_windows(self.windows, samples)
        return [s for s in samples if isfinite(s.value) and (self.floor is None or s.at > self.floor)]
