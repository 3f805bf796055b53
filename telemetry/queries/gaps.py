"""Gaps in a device's readings: found in the quarter hours, exact to the second from the readings on either side."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from telemetry.rollups import days, quarter_hours
from telemetry.signal.energy import GAP_INTERVALS, MIN_GAP_S
from telemetry.signal.profile_timeline import ProfileTimeline
from telemetry.sql import fetch_all

MIN_GAP = timedelta(seconds=MIN_GAP_S)
LOOK_AROUND = timedelta(days=31)

Span = tuple[datetime, datetime]
Timelines = Mapping[int, ProfileTimeline]
Windows = Mapping[int, Span]  # of each device: the time in which readings are expected
Edges = dict[int, tuple[datetime | None, datetime | None]]


class Silence(NamedTuple):
    """From a reading, or from where readings are first expected, until the next reading or the end."""

    start: datetime
    end: datetime
    heard_at: datetime | None  # the reading it begins with, where that is known


def silences(timelines: Timelines, windows: Mapping[int, Span | None]) -> dict[int, list[Silence]]:
    """{device: silences}: more than 30 minutes and three intervals without a reading, clipped to its window."""
    result: dict[int, list[Silence]] = {pk: [] for pk in timelines}
    if not timelines:
        return result
    expected = {pk: window for pk in timelines if (window := windows[pk])}
    for pk, runs in silent_runs(timelines, expected, edge_quarters(expected)).items():
        begins, ends = expected[pk]
        for start, end, heard_at in runs:
            # A gap that began before the window, or is not over yet, counts by its whole length where that is known.
            if (end - start) > threshold(timelines[pk], begins) and min(end, ends) > max(start, begins):
                result[pk].append(Silence(max(start, begins), min(end, ends), heard_at))
    return result


def threshold(timeline: ProfileTimeline, moment: datetime) -> timedelta:
    """The shortest gap that counts."""
    return max(MIN_GAP, timedelta(seconds=GAP_INTERVALS * timeline.at(moment).interval_s))


def edge_quarters(windows: Windows) -> Edges:
    """{device: (last quarter with readings before its window, first one after it)}, None where there is none."""
    pks = list(windows)
    rows = fetch_all(
        "SELECT d.pk, (SELECT q.starts_at FROM telemetry_quarterhour q WHERE q.device_id = d.pk AND q.received > 0 "
        "AND q.starts_at < d.begins AND q.starts_at >= d.begins - %s ORDER BY q.starts_at DESC LIMIT 1), "
        "(SELECT q.starts_at FROM telemetry_quarterhour q WHERE q.device_id = d.pk AND q.received > 0 "
        "AND q.starts_at >= d.ends AND q.starts_at < d.ends + %s ORDER BY q.starts_at LIMIT 1) "
        "FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS d(pk, begins, ends)",
        [LOOK_AROUND, LOOK_AROUND, pks, [windows[pk][0] for pk in pks], [windows[pk][1] for pk in pks]],
    )
    return {pk: (before, after) for pk, before, after in rows}


# A day with readings in every quarter hour has no gap: its quarters need not be read.
SILENT_RUNS = f"""
WITH whole AS MATERIALIZED (
    SELECT w.device_id, d.begins, d.ends, d.heard * interval '15 minutes' = d.ends - d.begins AS is_solid
    FROM {days.WHOLE_DAY_RANGES} CROSS JOIN LATERAL (
        SELECT d.heard, d."on"::timestamp AT TIME ZONE w.zone AS begins,
               (d."on" + 1)::timestamp AT TIME ZONE w.zone AS ends
        FROM telemetry_day d
        WHERE d.device_id = w.device_id AND d."on" >= w.first AND d."on" < w.last AND d.heard > 0 OFFSET 0
    ) d
),
opened AS (SELECT device_id, begins, ends FROM whole WHERE NOT is_solid UNION ALL SELECT * FROM {days.EDGE_RANGES}),
heard AS (
    SELECT device_id AS pk, begins AS first, ends - interval '15 minutes' AS last FROM whole WHERE is_solid
    UNION ALL
    SELECT o.device_id, q.starts_at, q.starts_at FROM opened o CROSS JOIN LATERAL (
        SELECT q.starts_at FROM telemetry_quarterhour q
        WHERE q.device_id = o.device_id AND q.starts_at >= o.begins AND q.starts_at < o.ends AND q.received > 0 OFFSET 0
    ) q
),
runs AS (SELECT pk, last AS a, lead(first) OVER (PARTITION BY pk ORDER BY first) AS b FROM heard)
SELECT pk, a, b,
       (SELECT max(at) FROM telemetry_reading WHERE device_id = pk AND at >= a AND at < a + interval '15 minutes'
        AND at >= %(earliest)s AND at < %(latest)s),
       (SELECT min(at) FROM telemetry_reading WHERE device_id = pk AND at >= b AND at < b + interval '15 minutes'
        AND at >= %(earliest)s AND at < %(latest)s)
FROM runs JOIN unnest(%(pks)s::bigint[], %(shortest)s::interval[]) AS d(pk, shortest) USING (pk)
WHERE b IS NULL OR b - a > shortest ORDER BY pk, a
"""


def silent_runs(timelines: Timelines, windows: Windows, edges: Edges) -> dict[int, list[Silence]]:
    """{device: from the last reading before to the first one after each run of silent quarters}"""
    pks = list(timelines)
    froms = [edges[pk][0] or quarter_hours.floor(windows[pk][0]) for pk in pks]
    untils = [after + quarter_hours.QUARTER if (after := edges[pk][1]) else windows[pk][1] for pk in pks]
    min_silences = [threshold(timelines[pk], windows[pk][0]) - quarter_hours.QUARTER for pk in pks]
    spans = {pk: (since, until) for pk, since, until in zip(pks, froms, untils, strict=True)}
    earliest, latest = partition_bounds(froms, untils)
    bounds = {"pks": pks, "shortest": min_silences, "earliest": earliest, "latest": latest}
    rows = fetch_all(SILENT_RUNS, {**days.split_parameters(*days.split_spans(spans)), **bounds})
    result: dict[int, list[Silence]] = defaultdict(list)
    first_quarters: dict[int, datetime] = {}
    for pk, a, b, last_at, next_at in rows:
        first_quarters.setdefault(pk, a)
        # Where the raw readings have been dropped the quarters' own boundaries must do.
        result[pk].append(Silence(last_at or a + quarter_hours.QUARTER, next_at or b or windows[pk][1], last_at))
    for pk, first_at in first_readings(timelines, froms, untils).items():
        if edges[pk][0] is None and first_at > windows[pk][0]:
            result[pk].insert(0, Silence(windows[pk][0], first_at, None))
    for pk in pks:
        if pk not in first_quarters:  # silent throughout
            result[pk] = [Silence(*windows[pk], None)]
    return result


def partition_bounds(froms: Iterable[datetime], untils: Iterable[datetime]) -> Span:
    """Constant bounds for the planner, which then opens only the partitions between them."""
    return min(froms), max(untils) + quarter_hours.QUARTER


def first_readings(timelines: Timelines, froms: Sequence[datetime], untils: Sequence[datetime]) -> dict[int, datetime]:
    """{device: its first reading in the window}; the start of its quarter where the reading has been dropped."""
    return dict(
        fetch_all(
            "SELECT d.pk, COALESCE((SELECT min(at) FROM telemetry_reading WHERE device_id = d.pk "
            "AND at >= q.starts_at AND at < q.starts_at + interval '15 minutes' AND at >= %s AND at < %s), "
            "q.starts_at) FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS d(pk, since, until) "
            "CROSS JOIN LATERAL (SELECT starts_at FROM telemetry_quarterhour WHERE device_id = d.pk AND received > 0 "
            "AND starts_at >= d.since AND starts_at < d.until ORDER BY starts_at LIMIT 1) q",
            [*partition_bounds(froms, untils), list(timelines), froms, untils],
        )
    )
