"""Flat line test: readings of a sensor whose value stays the same to the last digit for hours are marked suspect.

A **flat line** is one value of a metric, unchanged for at least `FlatLineTest.hours` and `FlatLineTest.readings`
(`telemetry.metrics`); every reading of it is marked, from the first on. A gap ends it. Not tested: values at which the
metric may rest (the vibration of a stopped machine, saturated humidity), raw acceleration (which includes the constant
g), power and registers. Values outside the plausible range neither make nor break a run.

A single value proves nothing: the 85 °C a DS18B20 starts up with is also a temperature it measures (-55 to +125 °C),
and is marked only in a flat line; the -127 and -999 that libraries return for a sensor that does not answer lie outside
the plausible range and are suspect at once. The test is the flat line test of QARTOD (IOOS, Manual for
Real-Time Quality Control of In-situ Temperature and Salinity Data, 2.0, 2015: counts set per place and sensor).

The digest calls `mark` for the spans it has just summed. That reads the quarters of the hours around each span; more
quarters only where a whole hour was flat, and readings only where the quarters were flat for hours.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection

from devices.models import Device, DeviceProfile, VibrationKind
from telemetry.metrics import AXES, BY_NAME, FLAT_BIT, IMPLAUSIBLE_BIT, METRIC_NAMES, FlatLineTest
from telemetry.signal.energy import GAP_INTERVALS, MIN_GAP_S
from telemetry.signal.profile_timeline import ProfileTimeline

FLAT_LINE_TESTS = {name: test for name in METRIC_NAMES if (test := BY_NAME[name].flat)}
CHECKED_METRICS = list(FLAT_LINE_TESTS)
MIN_BLOCK = timedelta(hours=1)
BLOCK_INTERVALS = 6  # a block of a flat line holds two quarters with values, whatever gaps are allowed in it
MERGE_DISTANCE = timedelta(hours=1)

DeviceSpan = tuple[int, datetime, datetime]  # (device, first, last)
Block = tuple[int, datetime, timedelta, float | None]  # (device, start, length, value or None where marked already)


class FlatLineWindow(NamedTuple):
    """Time of a device in which a flat line may have begun, continued or ended."""

    device_pk: int
    start: datetime
    end: datetime
    timeline: ProfileTimeline

    @property
    def profiles(self) -> list[DeviceProfile]:
        return [profile for *_, profile in self.timeline.spans(self.start, self.end)]

    @property
    def gap(self) -> timedelta:
        """The shortest gap that ends a run."""
        interval_s = max(profile.interval_s for profile in self.profiles)
        return timedelta(seconds=max(MIN_GAP_S, GAP_INTERVALS * interval_s))

    def reach(self, flat: FlatLineTest) -> timedelta:
        """How far around the window readings are needed to recognise a run that is long enough."""
        return timedelta(hours=flat.hours) + self.gap * (1 + flat.readings / 6)

    def is_checked(self, name: str) -> bool:
        return name not in AXES or all(profile.vibration_kind == VibrationKind.RMS for profile in self.profiles)


def mark(devices: dict[int, Device], spans: Collection[DeviceSpan]) -> list[DeviceSpan]:
    """Set and clear the flat-line bit of the readings in `spans` and in the runs they belong to. Idempotent.

    `devices`: {pk: Device with profiles prefetched}; `spans`: those whose quarters have just been summed.
    → the spans whose readings changed: their quarters must be summed again.
    """
    blocks_by_metric = flat_blocks(devices, spans)
    if not blocks_by_metric:
        return []
    timelines = {
        pk: ProfileTimeline(devices[pk]) for metric_blocks in blocks_by_metric.values() for pk, *_ in metric_blocks
    }
    changed_readings: list[DeviceSpan] = []
    for name, blocks in blocks_by_metric.items():
        windows = [FlatLineWindow(*span, timelines[span[0]]) for span in flat_spans(name, blocks)]
        changed_readings += update_flat_bits(name, [window for window in windows if window.is_checked(name)])
    return merge_device_spans(changed_readings)


def block_length(device: Device) -> timedelta:
    intervals = [profile.interval_s for profile in device.profiles.all()] or [0]
    return max(MIN_BLOCK, timedelta(seconds=BLOCK_INTERVALS * max(intervals)))


def flat_blocks(devices: dict[int, Device], spans: Collection[DeviceSpan]) -> dict[str, list[Block]]:
    """{metric: blocks without a change}, of the blocks around each span.

    A run that touches a span and is long enough covers the whole of one of these blocks.
    """
    if not spans:
        return {}
    lengths = [block_length(devices[pk]) for pk, *_ in spans]
    with connection.cursor() as cursor:
        cursor.execute(BLOCKS, [[pk for pk, *_ in spans], [s[1] for s in spans], [s[2] for s in spans], lengths])
        rows = cursor.fetchall()
    result: dict[str, list[Block]] = defaultdict(list)
    for pk, start, length, *columns in rows:
        for index, name in enumerate(CHECKED_METRICS):
            is_flat, value = columns[2 * index : 2 * index + 2]
            if is_flat:
                result[name].append((pk, start, length, value))
    return result


def flat_expression(name: str) -> str:
    """SQL: whether a metric was flat, or marked, in all quarters of a group that have values, and at which value."""
    rest = FLAT_LINE_TESTS[name].rest_range
    not_at_rest = f" AND NOT COALESCE(min({name}_min) BETWEEN {rest[0]} AND {rest[1]}, false)" if rest else ""
    return (
        f"count(*) FILTER (WHERE {has_values_expression(name)}) > 1 "
        f"AND min({name}_min) IS NOT DISTINCT FROM max({name}_max){not_at_rest} AS {name}_flat, "
        f"min({name}_min) AS {name}_value"
    )


def has_values_expression(name: str) -> str:
    return f"COALESCE(q.{name}_count, 0) + COALESCE(q.{name}_suspect, 0) > 0"


BLOCKS = f"""
WITH s AS (
    SELECT DISTINCT pk, length, date_bin(length, first, '2000-01-01 00:00+00') - length AS since,
           date_bin(length, last, '2000-01-01 00:00+00') + 2 * length AS until
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::interval[]) AS s(pk, first, last, length)
)
SELECT s.pk, blocks.start, s.length, {", ".join(f"{name}_flat, {name}_value" for name in CHECKED_METRICS)}
FROM s CROSS JOIN LATERAL (
    SELECT date_bin(s.length, q.starts_at, '2000-01-01 00:00+00') AS start,
           {", ".join(map(flat_expression, CHECKED_METRICS))}
    FROM telemetry_quarterhour q
    WHERE q.device_id = s.pk AND q.starts_at >= s.since AND q.starts_at < s.until GROUP BY 1
) blocks WHERE {" OR ".join(f"{name}_flat" for name in CHECKED_METRICS)}
"""


def flat_spans(name: str, blocks: list[Block]) -> list[DeviceSpan]:
    """Spans around those blocks whose value no quarter differs from for as long as a flat line takes."""
    hours = timedelta(hours=FLAT_LINE_TESTS[name].hours)
    with connection.cursor() as cursor:
        cursor.execute(
            FLAT_SPANS.format(name=name, has_values=has_values_expression(name)),
            [*map(list, zip(*blocks, strict=True)), *[hours] * 3],
        )
        return cursor.fetchall()


FLAT_SPANS = """
SELECT b.pk, min(b.start - b.length), max(b.start + 2 * b.length)
FROM unnest(%s::bigint[], %s::timestamptz[], %s::interval[], %s::float8[]) AS b(pk, start, length, value)
CROSS JOIN LATERAL (
    SELECT COALESCE(min(q.starts_at) FILTER (WHERE q.starts_at > b.start AND {{differs}}), max(q.starts_at))
           - COALESCE(max(q.starts_at) FILTER (WHERE q.starts_at < b.start AND {{differs}}), min(q.starts_at)) AS length
    FROM telemetry_quarterhour q
    WHERE q.device_id = b.pk AND q.starts_at >= b.start - %s AND q.starts_at < b.start + b.length + %s AND {has_values}
) unchanged WHERE unchanged.length + interval '15 minutes' >= %s GROUP BY b.pk
""".replace("{{differs}}", "(q.{name}_min < q.{name}_max OR q.{name}_min <> b.value)")


def update_flat_bits(name: str, windows: list[FlatLineWindow]) -> list[DeviceSpan]:
    """Set the flat-line bit of every reading in a flat line of these windows, clear it in all other runs there.

    → (pk, at, at) of those changed. Rows locked by a writer are skipped: their new values are digested, and so tested,
    later; the digest waits for no writer.
    """
    if not windows:
        return []
    flat = FLAT_LINE_TESTS[name]
    low, high = flat.rest_range or (None, None)
    reaches = [window.reach(flat) for window in windows]
    bounds = (
        min(window.start - reach for window, reach in zip(windows, reaches, strict=True)),
        max(window.end + reach for window, reach in zip(windows, reaches, strict=True)),
    )
    columns = [[s.device_pk for s in windows], [s.start for s in windows], [s.end for s in windows]]
    columns += [[s.gap for s in windows], reaches]
    with connection.cursor() as cursor:
        cursor.execute(
            WRONG_BITS.format(name=name, flat=FLAT_BIT[name], implausible=IMPLAUSIBLE_BIT[name]),
            [*columns, *bounds, timedelta(hours=flat.hours), flat.readings, low, high],
        )
        wrong_bits = cursor.fetchall()
        changed_readings: list[DeviceSpan] = []
        for is_flat in (True, False):
            keys = [(pk, at) for pk, at, should_be in wrong_bits if should_be is is_flat]
            if keys:
                change = f"| {FLAT_BIT[name]}" if is_flat else f"& ~{FLAT_BIT[name]}"
                cursor.execute(UPDATE_BITS.format(change=change), [*map(list, zip(*keys, strict=True)), *bounds])
                changed_readings += cursor.fetchall()
    return changed_readings


WRONG_BITS = """
WITH s AS (SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::interval[], %s::interval[])
           AS s(pk, start, until, gap, reach)),
readings AS (
    SELECT s.*, r.at, r.value, r.is_marked,
           r.value IS DISTINCT FROM lag(r.value) OVER following OR r.at - lag(r.at) OVER following > s.gap AS begins,
           COALESCE(lead(r.at) OVER following, r.at) >= s.start AND COALESCE(lag(r.at) OVER following, r.at) <= s.until
           AS is_near
    FROM s CROSS JOIN LATERAL (
        SELECT at, {name} AS value, suspect & {flat} <> 0 AS is_marked FROM telemetry_reading
        WHERE device_id = s.pk AND at BETWEEN s.start - s.reach AND s.until + s.reach AND at BETWEEN %s AND %s
        AND {name} IS NOT NULL AND suspect & {implausible} = 0 OFFSET 0
    ) r
    WINDOW following AS (PARTITION BY s.pk, s.start ORDER BY r.at)
),
runs AS (SELECT *, count(*) FILTER (WHERE begins) OVER (PARTITION BY pk, start ORDER BY at) AS run FROM readings),
checked AS (
    SELECT *, bool_or(is_near) OVER its AS is_relevant,
           max(at) OVER its - min(at) OVER its >= %s
           AND (count(*) OVER its >= %s
                OR bool_or(is_marked) OVER its
                AND (min(at) OVER its - gap <= start - reach OR max(at) OVER its + gap >= until + reach))
           AND NOT COALESCE(value BETWEEN %s AND %s, false) AS is_flat
    FROM runs WINDOW its AS (PARTITION BY pk, start, run)
)
SELECT pk, at, is_flat FROM checked WHERE is_relevant AND is_marked <> is_flat
"""
UPDATE_BITS = """
UPDATE telemetry_reading r SET suspect = r.suspect {change}
FROM (SELECT r.device_id, r.at FROM unnest(%s::bigint[], %s::timestamptz[]) AS k(pk, at)
      JOIN telemetry_reading r ON r.device_id = k.pk AND r.at = k.at AND r.at BETWEEN %s AND %s
      ORDER BY r.device_id, r.at FOR NO KEY UPDATE OF r SKIP LOCKED) locked
WHERE r.device_id = locked.device_id AND r.at = locked.at RETURNING r.device_id, r.at, r.at
"""


def merge_device_spans(spans: Iterable[DeviceSpan]) -> list[DeviceSpan]:
    """Spans of each device in time order, those closer than `MERGE_DISTANCE` merged."""
    result: list[DeviceSpan] = []
    for pk, first, last in sorted(spans):
        if result and result[-1][0] == pk and first - result[-1][2] <= MERGE_DISTANCE:
            result[-1] = (pk, result[-1][1], max(last, result[-1][2]))
        else:
            result.append((pk, first, last))
    return result
