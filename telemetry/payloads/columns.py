"""Columnar parsing of a plain buffer, as nearly every logger sends it. Pure.

Readings of one device, all of them plain numbers with a time of their own, are parsed a metric at a time, several times
as fast as one by one. Anything else is left to `samples.parse_sample`, which gives the same result for plain readings
(a test compares the two).
"""

from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any, NamedTuple

from telemetry.metrics import METRIC_NAMES
from telemetry.payloads.samples import FUTURE_TOLERANCE, MAX_DEVICE_ID_LENGTH, NO_VALUES, parse_device_id
from telemetry.payloads.times import EPOCH, set_clocks_since

MIN_READINGS = 8  # readings; fewer are as quick one by one
PLAIN_FIELDS = frozenset({"device_id", "timestamp", *METRIC_NAMES})
NUMBER_TYPES = frozenset({float, int, type(None)})
MILLISECOND = timedelta(milliseconds=1)


class Columns(NamedTuple):
    """Readings of one device as columns: device clock, no extra fields, no warnings."""

    device_id: str | None
    moments: list[datetime]
    values: list[tuple]  # as `ReadingSample.values`, one per reading
    extremes: list[tuple | None]  # (lowest, highest) per metric; None where it was not sent


def columns_of(readings: list, *, now: datetime, oldest: datetime) -> Columns | None:
    """None where any reading must be parsed on its own."""
    if (
        len(readings) < MIN_READINGS
        or set(map(type, readings)) != {dict}
        or not all(map(PLAIN_FIELDS.issuperset, readings))
    ):
        return None
    name = readings[0].get("device_id")
    moments = moments_of([reading.get("timestamp") for reading in readings])
    if not is_plain_name(name) or any(reading.get("device_id") != name for reading in readings) or not moments:
        return None
    columns = [floats([reading.get(metric) for reading in readings]) for metric in METRIC_NAMES]
    metrics = [column for column in columns if column is not None]
    earliest = max(oldest, set_clocks_since(oldest))  # before it a clock is not set: `unset_clocks` places its readings
    if len(metrics) < len(columns) or min(moments) < earliest or max(moments) > now + FUTURE_TOLERANCE:
        return None
    values = list(zip(*metrics, strict=True))
    return (
        None if NO_VALUES in values else Columns(parse_device_id(name), moments, values, list(map(extremes, metrics)))
    )


def is_plain_name(name: Any) -> bool:
    if type(name) is not str:
        return name is None
    return name.isascii() and name.isprintable() and len(name) <= MAX_DEVICE_ID_LENGTH


def floats(metric: list) -> list | None:
    """The values of one metric as floats, None where it was not sent; None altogether where one is not finite."""
    kinds = set(map(type, metric))
    if not kinds <= NUMBER_TYPES:
        return None
    try:
        converted = [value if value is None else float(value) for value in metric] if int in kinds else metric
    except OverflowError:
        return None
    return converted if isfinite(sum(filter(None, converted))) else None


def extremes(metric: list) -> tuple[float, float] | None:
    present = [value for value in metric if value is not None] if None in metric else metric
    return (min(present), max(present)) if present else None


def moments_of(timestamps: list) -> list[datetime] | None:
    """Epochs in s or ms, or ISO 8601 with offset, all of one kind; None for anything else."""
    kinds = set(map(type, timestamps))
    if kinds == {int}:
        return moments_of_epochs(timestamps)
    if kinds != {str} or any(text[4:5] != "-" for text in timestamps):
        return None
    try:
        moments = list(map(datetime.fromisoformat, timestamps))
        return None if any(moment.tzinfo is None for moment in moments) else [m.astimezone(UTC) for m in moments]
    except (ValueError, OverflowError):
        return None


def moments_of_epochs(epochs: list[int]) -> list[datetime] | None:
    if min(epochs) >= 0 and max(epochs) < 10**11:
        return [datetime.fromtimestamp(seconds, UTC) for seconds in epochs]
    if min(epochs) >= 10**11 and max(epochs) < 10**14:
        return [EPOCH + milliseconds * MILLISECOND for milliseconds in epochs]
    return None
