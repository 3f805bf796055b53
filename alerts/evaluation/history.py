"""Stored readings of one device, read again around late ones: blocks of hours, shared by all its rules."""

from collections import OrderedDict
from datetime import UTC, datetime, timedelta

from alerts.evaluation.samples import ReadingRow, readings_in
from telemetry.models import Reading

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
BLOCK = timedelta(hours=6)
BLOCKS_KEPT = 6
INSTANT = timedelta(microseconds=1)


class History:
    """The readings of `device` up to `until`, which were judged before."""

    def __init__(self, device, until) -> None:
        self.device, self.until = device, until
        self.blocks = OrderedDict()  # {number: readings}, the last ones used
        self.next_numbers = {}  # {number: the next one with readings, or None}
        self.befores = {}

    def before(self, at, count) -> list:
        """The last `count` readings before `at`, oldest first."""
        if (at, count) not in self.befores:
            self.befores = {key: rows for key, rows in self.befores.items() if key[0] == at}
            rows = Reading.objects.filter(device=self.device, at__lt=at).order_by("-at")
            rows = rows.values_list(*ReadingRow._fields)[:count]
            self.befores[at, count] = [ReadingRow._make(row) for row in rows][::-1]
        return self.befores[at, count]

    def between(self, first, last) -> list:
        """The readings from `first` to `last`."""
        return readings_in({self.device.pk: [(first, last)]})[self.device.pk]

    def after(self, at) -> list:
        """The readings after `at`, up to the end of their block; [] where there are none."""
        number = (at + INSTANT - EPOCH) // BLOCK
        while number is not None:
            readings = [reading for reading in self.block(number) if reading.at > at]
            if readings:
                return readings
            number = self.next_number(number)
        return []

    def block(self, number) -> list:
        if number not in self.blocks:
            start = EPOCH + number * BLOCK
            end = min(start + BLOCK - INSTANT, self.until)
            self.blocks[number] = self.between(start, end) if start <= end else []
            if len(self.blocks) > BLOCKS_KEPT:
                self.blocks.popitem(last=False)
        self.blocks.move_to_end(number)
        return self.blocks[number]

    def next_number(self, number):
        if number not in self.next_numbers:
            rows = Reading.objects.filter(device=self.device, at__gte=EPOCH + (number + 1) * BLOCK, at__lte=self.until)
            at = rows.order_by("at").values_list("at", flat=True).first()
            self.next_numbers[number] = None if at is None else (at - EPOCH) // BLOCK
        return self.next_numbers[number]
