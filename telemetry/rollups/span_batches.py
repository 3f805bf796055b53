"""Merging of spans that overlap, and batches of them that one statement can process in memory. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from telemetry.rollups.quarter_hours import QuarterSpan

MAX_READINGS_PER_PASS = 100_000  # of one transaction, and of one statement
MERGE_DISTANCE = timedelta(hours=1)  # dirty spans of one device closer than this are rebuilt together
CHUNK = timedelta(days=7)  # of a span processed at once


def merge_spans(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Spans in time order; those that overlap or are closer than `MERGE_DISTANCE` are merged."""
    result: list[tuple[datetime, datetime]] = []
    for first, last in sorted(spans):
        if result and first <= result[-1][1] + MERGE_DISTANCE:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return result


def merge_overlapping(spans: Iterable[QuarterSpan]) -> list[QuarterSpan]:
    """By device and time, those that overlap or touch merged: no statement may write a row twice."""
    result: list[QuarterSpan] = []
    for span in sorted(spans, key=lambda span: (span.timeline.device.pk, span.start)):
        if result and result[-1].timeline is span.timeline and span.start <= result[-1].end:
            result[-1] = result[-1]._replace(end=max(result[-1].end, span.end))
        else:
            result.append(span)
    return result


def batches(spans: Iterable[QuarterSpan]) -> Iterator[list[QuarterSpan]]:
    """The spans, long ones split, in lists that one statement can sum in memory."""
    batch: list[QuarterSpan] = []
    reading_count = 0.0
    for span in spans:
        start = span.start
        while start < span.end:
            end = min(start + CHUNK, span.end)
            batch.append(QuarterSpan(span.timeline, start, end))
            reading_count += span.timeline.expected(start, end)
            if reading_count >= MAX_READINGS_PER_PASS:
                yield batch
                batch, reading_count = [], 0.0
            start = end
    if batch:
        yield batch
