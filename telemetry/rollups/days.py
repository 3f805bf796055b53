"""Rollups by day in the factory's time zone: summed from quarter hours, and read in their place where a span is long.

All days of a device are summed in one zone (`DayTimeZone`). While that differs from its factory's zone, or is not set
yet, readers use the quarter hours, and the digest recounts the days.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from devices.models import Device
from factories.models import Factory
from telemetry.metrics import ROLLED_UP_METRICS
from telemetry.models import DayTimeZone
from telemetry.signal.profile_timeline import ProfileTimeline, TimelineSpan
from telemetry.sql import unnest_columns

MIN_WHOLE_DAYS = 3  # in a span: below, its quarters are read
DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
DEVICE, FACTORY = Device._meta.db_table, Factory._meta.db_table
BRIDGED_S = "CASE WHEN q.bridged_kwh IS NOT NULL THEN 900 - q.covered_s END"  # of a quarter hour
HAS_READINGS = "(q.received > 0)::int"


@lru_cache(maxsize=20_000)  # a year's chart needs 365 of them, the next chart the same ones
def midnight(on: date, zone: ZoneInfo) -> datetime:
    """The start of a date, in UTC: Python subtracts moments of one zone by wall clock, so a day of 25 hours had 24."""
    return datetime.combine(on, time(), tzinfo=zone).astimezone(UTC)


# Writing


def insert_time_zones(timelines: Iterable[ProfileTimeline]) -> None:
    """The zone of devices without quarter hours yet, which are about to be written: none of their days is missing."""
    zone_by_device = {timeline.device.pk: timeline.device.factory.time_zone for timeline in timelines}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO telemetry_daytimezone (device_id, time_zone) SELECT d.* "
            "FROM unnest(%s::bigint[], %s::text[]) AS d(device_id, time_zone) "
            "WHERE NOT EXISTS (SELECT 1 FROM telemetry_quarterhour q WHERE q.device_id = d.device_id) "
            "ON CONFLICT DO NOTHING",
            [list(zone_by_device), list(zone_by_device.values())],
        )


def rebuild(spans: Collection[TimelineSpan]) -> None:
    """Sum every day that the quarters of `spans` lie in again; days without quarters are deleted."""
    rows = {(row[0], row[1]): row for span in spans for row in days_of(*span)}
    names = ("device_pk", "on", "since", "until", "expected")
    parameters = dict(zip(names, unnest_columns(rows.values(), len(names)), strict=True))
    zone_by_device = {timeline.device.pk: timeline.device.factory.time_zone for timeline, *_ in spans}
    with connection.cursor() as cursor:
        cursor.execute(DELETE_STALE_ZONES, [list(zone_by_device), list(zone_by_device.values())])
        cursor.execute(DELETE_EMPTY_DAYS, parameters)
        cursor.execute(UPSERT_DAYS, parameters)


def days_of(
    timeline: ProfileTimeline, start: datetime, end: datetime
) -> Iterator[tuple[int, date, datetime, datetime, float]]:
    """(device, date, first moment, end, readings expected) of each day the span touches."""
    zone = timeline.device.factory.zone
    on, last = start.astimezone(zone).date(), (end - INSTANT).astimezone(zone).date()
    while on <= last:
        since, until = midnight(on, zone), midnight(on + DAY, zone)
        yield timeline.device.pk, on, since, until, timeline.expected(since, until)
        on += DAY


def sum_expressions() -> Iterator[tuple[str, str]]:
    """(column of a day, SQL over its quarter hours)"""
    for name in ("energy_kwh", "exported_kwh", "bridged_kwh", "covered_s", "received", "suspect"):
        yield name, f"sum(q.{name})"
    yield "heard", f"sum({HAS_READINGS})"
    yield "bridged_s", f"sum({BRIDGED_S})"
    for metric in ROLLED_UP_METRICS:
        for part in ("count", "suspect", "sum"):
            yield f"{metric.name}_{part}", f"sum(q.{metric.name}_{part})"
        for part in ("min", "max"):
            yield f"{metric.name}_{part}", f"{part}(q.{metric.name}_{part})"


SUMS = dict(sum_expressions())
DAY_COLUMNS = ["expected", *SUMS]
NEW, OLD = (f"({', '.join(f'{row}.{name}' for name in DAY_COLUMNS)})" for row in ("EXCLUDED", "old"))
DAYS = (
    "unnest(%(device_pk)s::bigint[], %(on)s::date[], %(since)s::timestamptz[], %(until)s::timestamptz[], "
    '%(expected)s::float8[]) AS d(device_id, "on", since, until, expected)'
)
OF_DAY = "q.device_id = d.device_id AND q.starts_at >= d.since AND q.starts_at < d.until"
# OFFSET 0, here and below: the planner must look the table up by its key for each row on the left, not read all of it.
QUARTERS_OF_DAY = f"{DAYS} CROSS JOIN LATERAL (SELECT * FROM telemetry_quarterhour q WHERE {OF_DAY} OFFSET 0) q"
# Of devices whose days were summed in one zone so far, and are now in another.
DELETE_STALE_ZONES = """
DELETE FROM telemetry_daytimezone z USING unnest(%s::bigint[], %s::text[]) AS d(device_id, time_zone)
WHERE z.device_id = d.device_id AND z.time_zone <> d.time_zone
"""
DELETE_EMPTY_DAYS = f"""
DELETE FROM telemetry_day old USING {DAYS} WHERE old.device_id = d.device_id AND old."on" = d."on"
AND NOT EXISTS (SELECT 1 FROM telemetry_quarterhour q WHERE {OF_DAY})
"""
UPSERT_DAYS = f"""
INSERT INTO telemetry_day AS old (device_id, "on", {", ".join(DAY_COLUMNS)})
SELECT d.device_id, d."on", d.expected, {", ".join(SUMS.values())}
FROM {QUARTERS_OF_DAY} GROUP BY d.device_id, d."on", d.expected ORDER BY 1, 2
ON CONFLICT (device_id, "on") DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in DAY_COLUMNS)}
WHERE {OLD} IS DISTINCT FROM {NEW}
"""


def devices_to_recount(limit: int) -> list[int]:
    """At most `limit` devices whose days are summed in another zone than their factory's, or not at all."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT d.id FROM {DEVICE} d JOIN {FACTORY} f ON f.id = d.factory_id "
            "LEFT JOIN telemetry_daytimezone z ON z.device_id = d.id WHERE z.time_zone IS DISTINCT FROM f.time_zone "
            "AND (z.time_zone IS NOT NULL OR EXISTS (SELECT 1 FROM telemetry_quarterhour q WHERE q.device_id = d.id)) "
            "ORDER BY d.id LIMIT %s",
            [limit],
        )
        return [pk for (pk,) in cursor]


def recount(timeline: ProfileTimeline) -> None:
    """Sum all days of a device again, in its factory's zone. The caller holds the digest's lock."""
    device = timeline.device
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM telemetry_day WHERE device_id = %s", [device.pk])
        cursor.execute(
            "SELECT min(starts_at), max(starts_at) FROM telemetry_quarterhour WHERE device_id = %s", [device.pk]
        )
        first, last = cursor.fetchone()
    if first is not None:
        rebuild([(timeline, first, last + INSTANT)])
    DayTimeZone.objects.update_or_create(device=device, defaults={"time_zone": device.factory.time_zone})


# Reading


WholeDays = tuple[int, date, date, str]  # (device, first date, date after the last, zone)
Edge = tuple[int, datetime, datetime]  # (device, start, end)


def rollup_source(
    pks: Iterable[int], start: datetime, end: datetime, names: Iterable[str], zone_name: str | None = None
) -> tuple[str, dict[str, Any]]:
    """SQL of rows (device_id, "on", column …) that add up to a span, and its parameters.

    Whole days where they are stored, quarter hours at both ends. `"on"` is the date in `zone_name`; without one the
    days are those of each device's factory, and `"on"` has no meaning.
    """
    whole, edges = split_spans(dict.fromkeys(pks, (start, end)), zone_name)
    return ROLLUP_SOURCE.format(
        whole=WHOLE_DAY_RANGES,
        edges=EDGE_RANGES,
        days=", ".join(f"d.{name}" for name in names),
        quarters=", ".join(QUARTER_EXPRESSIONS.get(name, f"q.{name}") for name in names),
    ), {
        **split_parameters(whole, edges),
        "zone": zone_name or "UTC",
    }


def split_spans(
    spans: dict[int, tuple[datetime, datetime]], zone_name: str | None = None
) -> tuple[list[WholeDays], list[Edge]]:
    """{device: (start, end)} → (the stored days wholly in each span, the rest at both of its ends)."""
    whole: list[WholeDays] = []
    edges: list[Edge] = []
    long_pks = [pk for pk, (start, end) in spans.items() if end - start >= MIN_WHOLE_DAYS * DAY]
    zone_by_device = current_zones(long_pks) if long_pks else {}
    for pk, (start, end) in spans.items():
        name = zone_by_device.get(pk)
        days = whole_days(start, end, ZoneInfo(name)) if name and zone_name in (None, name) else None
        if name is None or days is None:
            edges.append((pk, start, end))
        else:
            first, last = days
            whole.append((pk, first, last, name))
            edges += [(pk, start, midnight(first, ZoneInfo(name))), (pk, midnight(last, ZoneInfo(name)), end)]
    return whole, edges


def split_parameters(whole: list[WholeDays], edges: list[Edge]) -> dict[str, list[Any]]:
    """The result of `split_spans` as parameters of `WHOLE_DAY_RANGES` and `EDGE_RANGES`."""
    return {
        **dict(zip(("whole_pk", "first_on", "last_on", "whole_zone"), unnest_columns(whole, 4), strict=True)),
        **dict(zip(("edge_pk", "edge_since", "edge_until"), unnest_columns(edges, 3), strict=True)),
    }


QUARTER_EXPRESSIONS = {"bridged_s": BRIDGED_S, "heard": HAS_READINGS}
WHOLE_DAY_RANGES = (
    "unnest(%(whole_pk)s::bigint[], %(first_on)s::date[], %(last_on)s::date[], %(whole_zone)s::text[]) "
    "AS w(device_id, first, last, zone)"
)
EDGE_RANGES = (
    "unnest(%(edge_pk)s::bigint[], %(edge_since)s::timestamptz[], %(edge_until)s::timestamptz[]) "
    "AS e(device_id, since, until)"
)
ROLLUP_SOURCE = """(
SELECT d.device_id, d."on", {days}
FROM {whole}
CROSS JOIN LATERAL (
    SELECT * FROM telemetry_day d WHERE d.device_id = w.device_id AND d."on" >= w.first AND d."on" < w.last OFFSET 0
) d
UNION ALL
SELECT q.device_id, (q.starts_at AT TIME ZONE %(zone)s)::date, {quarters}
FROM {edges}
CROSS JOIN LATERAL (
    SELECT * FROM telemetry_quarterhour q
    WHERE q.device_id = e.device_id AND q.starts_at >= e.since AND q.starts_at < e.until OFFSET 0
) q
)"""


def current_zones(pks: Iterable[int]) -> dict[int, str]:
    """{device: zone} of those whose days are all summed in the zone of their factory."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT z.device_id, z.time_zone FROM telemetry_daytimezone z JOIN {DEVICE} d ON d.id = z.device_id "
            f"JOIN {FACTORY} f ON f.id = d.factory_id AND f.time_zone = z.time_zone WHERE z.device_id = ANY(%s)",
            [list(pks)],
        )
        return dict(cursor.fetchall())


def whole_days(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[date, date] | None:
    """(first date, date after the last) of the days wholly in a span; None for fewer than `MIN_WHOLE_DAYS`."""
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    if midnight(first, zone) < start:
        first += DAY
    return (first, last) if last - first >= MIN_WHOLE_DAYS * DAY else None
