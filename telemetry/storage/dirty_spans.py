"""Writing the digest's log: which spans a request stored, and which of them are present readings.

Present is what comes about when it was measured. A batch that ends now and begins long ago is split, so that its newest
readings are summed and judged at once and the rest as a backlog.
"""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

PRESENT_FOR = timedelta(hours=2)  # a reading that comes later after its own time is a backlog's
MAX_PRESENT_SPAN = timedelta(days=1)  # a longer span is split: a month's buffer; a night's is judged in one piece
MAX_SPAN_GAP = timedelta(hours=6)  # a longer gap starts another span, so that the digest does not rebuild years between


class LoggedSpan(NamedTuple):
    """A row of the log."""

    device_pk: int
    first_at: datetime
    last_at: datetime
    readings: int
    received_at: datetime
    key_prefix: str = ""
    factory_pk: int = 0  # 0: not noted
    is_present: bool = False


INSERT_DIRTY_SPANS = (
    "INSERT INTO telemetry_dirtyspan "
    "(device_id, first_at, last_at, readings, received_at, key_prefix, factory_id, is_present) VALUES "
)
PLACEHOLDERS = f"({', '.join(['%s'] * len(LoggedSpan._fields))})"


def contiguous_spans(keys: Iterable[tuple[int, datetime]]) -> list[tuple[int, datetime, datetime, int]]:
    """Keys → (device_pk, first_at, last_at, readings), a new span after each gap longer than MAX_SPAN_GAP."""
    spans: list[list[Any]] = []
    for device, at in sorted(keys):
        if spans and spans[-1][0] == device and at - spans[-1][2] <= MAX_SPAN_GAP:
            spans[-1][2:] = [at, spans[-1][3] + 1]
        else:
            spans.append([device, at, at, 1])
    return [(device, first, last, readings) for device, first, last, readings in spans]


def received_spans(
    keys: Iterable[tuple[int, datetime]], now: datetime, key_prefix: str, factory_by_device: dict[int, int]
) -> list[LoggedSpan]:
    """The spans of a request that came at `now`."""
    keys = list(keys)
    present_since = now - PRESENT_FOR
    spans: list[LoggedSpan] = []
    for device, first, last, readings in contiguous_spans(keys):
        span = LoggedSpan(
            device, first, last, readings, now, key_prefix, factory_by_device.get(device, 0), last >= present_since
        )
        if span.is_present and last - first > MAX_PRESENT_SPAN:
            spans += split_at(
                span, present_since, sorted(at for pk, at in keys if pk == device and first <= at <= last)
            )
        else:
            spans.append(span)
    return spans


def split_at(span: LoggedSpan, moment: datetime, times: list[datetime]) -> list[LoggedSpan]:
    """The backlog before `moment` and the present readings from then on. `times`: of its readings, oldest first."""
    place = bisect_left(times, moment)
    before = span._replace(last_at=times[place - 1], readings=place, is_present=False)
    return [before, span._replace(first_at=times[place], readings=len(times) - place)]


def insert_dirty_spans(cursor: Any, spans: Iterable[tuple[Any, ...]]) -> None:
    """Log changed spans (`LoggedSpan`) in the transaction of their readings, so that no late commit is missed."""
    rows = [LoggedSpan(*span) for span in spans]
    if rows:
        cursor.execute(*dirty_spans_statement(rows))


def dirty_spans_statement(spans: list[LoggedSpan]) -> tuple[str, list[Any]]:
    """The INSERT of `spans`, and its parameters."""
    return INSERT_DIRTY_SPANS + ", ".join([PLACEHOLDERS] * len(spans)), [value for span in spans for value in span]
