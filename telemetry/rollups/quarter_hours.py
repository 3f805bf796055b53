"""Quarter hours rebuilt from raw readings, many devices' spans in one statement.

The energy of mean power and of monotonic registers is summed in that statement too; all other energy is computed by
`telemetry.signal.energy`.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from telemetry.metrics import ROLLED_UP_METRICS, SUSPECT_MASK
from telemetry.rollups import adjacent_readings, counter_energy, doubt_records, mean_power_sql, meter_register_sql
from telemetry.rollups.nearest_readings import spans_with_bridge
from telemetry.signal.profile_timeline import (
    NORMALISED_READINGS,
    PROFILE_SEGMENTS,
    ProfileTimeline,
    segment_parameters,
)
from telemetry.signal.segments import QUARTER_S, by_quarter
from telemetry.sql import unnest_columns
from telemetry.storage.partitions import month_of, next_month

QUARTER = timedelta(seconds=QUARTER_S)
Doubts = dict[int, doubt_records.DoubtsByMetric]  # by place
METRIC_AGGREGATES = ("count", "suspect", "min", "max", "sum")


class QuarterSpan(NamedTuple):
    """Quarter hours of one device, from `start` until `end` (quarter boundaries)."""

    timeline: ProfileTimeline
    start: datetime
    end: datetime


def floor(moment: datetime) -> datetime:
    """The start of the quarter hour that `moment` lies in."""
    return datetime.fromtimestamp(moment.timestamp() // QUARTER_S * QUARTER_S, UTC)


def next_quarter(moment: datetime) -> datetime:
    """The start of the first quarter after `moment`: a reading at 10:15:00 belongs to the quarter from 10:15."""
    return floor(moment) + QUARTER


def parts_with_raw_readings(span: QuarterSpan, months: Collection[date]) -> list[QuarterSpan]:
    """The parts of a span whose raw readings are stored: quarters outlive them and are not rebuilt.

    `months` are those with readings of any device. No month after the oldest of them was ever dropped: where one is
    absent nobody sent anything, and a bridge may reach across it.
    """
    oldest = min(months, default=None)
    parts: list[QuarterSpan] = []
    start = span.start
    while start < span.end:
        month = month_of(start)
        following = next_month(month)
        end = min(span.end, datetime(following.year, following.month, 1, tzinfo=UTC))
        if oldest is not None and month >= oldest:
            if parts and parts[-1].end == start:
                start = parts.pop().start
            parts.append(QuarterSpan(span.timeline, start, end))
        start = end
    return parts


def rebuild(spans: list[QuarterSpan]) -> int:
    """Upsert the quarters of `spans`, which do not overlap and whose raw readings are stored → number written."""
    mean_power = {place for place, span in enumerate(spans) if mean_power_sql.is_mean_power(*span)}
    registers = adjacent_readings.spans_with_register(spans)
    monotonic = (
        meter_register_sql.monotonic_spans(spans, sorted(mean_power & registers - spans_with_bridge(spans)))
        if mean_power & registers
        else set()
    )
    by_sql = mean_power - registers | monotonic
    segments = [
        segment
        for place, span in enumerate(spans)
        for segment in (
            mean_power_sql.segments_around(place, *span)
            if place in by_sql
            else span.timeline.profile_segments(*span[1:], place)
        )
    ]
    span_parameters = {
        "places": list(range(len(spans))),
        "devices": [span.timeline.device.pk for span in spans],
        "starts": [span.start for span in spans],
        "ends": [span.end for span in spans],
    }
    with connection.cursor() as cursor:
        energy_columns, doubts = energy_parameters(spans, [place for place in range(len(spans)) if place not in by_sql])
        cursor.execute(DELETE_SPILLOVER, span_parameters)
        # The planner cannot estimate how many quarters there will be: it joined thousands with each other in a nested
        # loop. Look-ups by a table's key remain, LATERAL allows nothing else.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(
            REBUILD_WITH_REGISTERS if monotonic else REBUILD,
            {
                **span_parameters,
                **segment_parameters(segments),
                **energy_columns,
                "spans": sorted(by_sql),
                "monotonic": sorted(monotonic),
            },
        )
        count = cursor.rowcount
        cursor.execute("SET LOCAL enable_nestloop = DEFAULT")
    doubt_records.replace(spans, doubts)
    return count


def energy_parameters(spans: list[QuarterSpan], places: list[int]) -> tuple[dict[str, list[Any]], Doubts]:
    """The energy of the spans at `places` by quarter, as parameters of `UPSERT_QUARTERS`, and what is doubtful."""
    rows: list[tuple[Any, ...]] = []
    doubts: Doubts = {}
    for place, found in zip(places, counter_energy.energy_of([spans[place] for place in places]), strict=True):
        span = spans[place]
        quarters = by_quarter(found.segments, span.start.timestamp(), span.end.timestamp(), found.exports)
        rows += [
            (place, datetime.fromtimestamp(quarter, UTC), *quarter_energy)
            for quarter, quarter_energy in quarters.items()
        ]
        doubts[place] = {"power_consumption": found.power_doubts, "energy_kwh": found.register_doubts}
    names = ("energy_span", "energy_at", "measured_kwh", "bridged_kwh", "covered_s", "exported_kwh")
    return dict(zip(names, unnest_columns(rows, len(names)), strict=True)), doubts


def metric_expressions() -> Iterator[str]:
    """SQL of count, suspect, min, max and sum per metric. Zero counts are NULL, which takes no space in a row."""
    for metric in ROLLED_UP_METRICS:
        name = metric.name
        column = "power_sent" if name == "power_consumption" else name
        yield f"NULLIF(count({column}), 0) AS {name}_count"
        yield f"NULLIF(count(*) FILTER (WHERE suspect & {SUSPECT_MASK[name]} <> 0), 0) AS {name}_suspect"
        yield f"min({name}) AS {name}_min, max({name}) AS {name}_max, sum({name}) AS {name}_sum"


REGISTER_KW = "(energy_kwh * 3600 / NULLIF(covered_s, 0))"


def select_expression(field: str) -> str:
    """SQL of a quarter's column; for a power register min, max and sum come from the mean power of its energy."""
    if field in ("power_consumption_min", "power_consumption_max"):
        return f"CASE WHEN is_register THEN {REGISTER_KW} ELSE {field} END"
    if field == "power_consumption_sum":
        return f"CASE WHEN is_register THEN {REGISTER_KW} * power_consumption_count ELSE {field} END"
    if field == "power_consumption_count":
        return f"CASE WHEN is_register AND {REGISTER_KW} IS NULL THEN NULL ELSE {field} END"
    return field


METRIC_COLUMNS = [f"{metric.name}_{part}" for metric in ROLLED_UP_METRICS for part in METRIC_AGGREGATES]
COLUMNS = ["received", "suspect", "expected", *METRIC_COLUMNS, "energy_kwh", "bridged_kwh", "covered_s", "exported_kwh"]
NEW, OLD = (f"({', '.join(f'{row}.{name}' for name in COLUMNS)})" for row in ("EXCLUDED", "old"))
REBUILD_SPANS = (
    "unnest(%(places)s::int[], %(devices)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) "
    "AS s(span, device_id, starts, ends)"
)
# Quarters without readings hold energy of an earlier reading, and perhaps none any more once another follows it.
DELETE_SPILLOVER = f"""
DELETE FROM telemetry_quarterhour WHERE ctid = ANY(ARRAY(
    SELECT q.ctid FROM {REBUILD_SPANS} CROSS JOIN LATERAL (
        SELECT q.ctid FROM telemetry_quarterhour q
        WHERE q.device_id = s.device_id AND q.starts_at >= s.starts AND q.starts_at < s.ends AND q.received = 0 OFFSET 0
    ) q
))
"""
# Raw readings grouped by quarter and joined with their energy.
UPSERT_QUARTERS = f"""
WITH {PROFILE_SEGMENTS},
spans AS MATERIALIZED (SELECT * FROM {REBUILD_SPANS}),
aggregates AS (
    SELECT span, date_bin('15 minutes', at, '2000-01-01 00:00+00') AS starts_at, count(*) AS received,
           count(*) FILTER (WHERE suspect <> 0) AS suspect, {", ".join(metric_expressions())}
    FROM ({NORMALISED_READINGS}) readings GROUP BY 1, 2
),
{{energy}},
energy_rows AS (
    SELECT span, starts_at, energy_kwh, NULL::float8 AS bridged_kwh, covered_s, exported_kwh FROM mean_power_energy
    UNION ALL
    SELECT * FROM unnest(%(energy_span)s::int[], %(energy_at)s::timestamptz[], %(measured_kwh)s::float8[],
                         %(bridged_kwh)s::float8[], %(covered_s)s::float8[], %(exported_kwh)s::float8[])
),
joined AS (
    SELECT s.device_id, q.*, 900 / p.interval_s::float8 AS expected,
           p.divisor IS NULL AND NOT p.is_delta AS is_register
    FROM (SELECT * FROM aggregates FULL JOIN energy_rows USING (span, starts_at)) q
    JOIN spans s ON s.span = q.span AND q.starts_at >= s.starts AND q.starts_at < s.ends
    JOIN segments p ON p.span = q.span AND p.side = 0 AND q.starts_at >= p.since AND q.starts_at < p.until
)
INSERT INTO telemetry_quarterhour AS old (device_id, starts_at, {", ".join(COLUMNS)})
SELECT device_id, starts_at, COALESCE(received, 0), COALESCE(suspect, 0), expected,
       {", ".join(map(select_expression, METRIC_COLUMNS))},
       energy_kwh, bridged_kwh, COALESCE(covered_s, 0), exported_kwh
FROM joined ORDER BY device_id, starts_at
ON CONFLICT (device_id, starts_at) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS)}
WHERE NOT (old.received > 0 AND EXCLUDED.received = 0) AND {OLD} IS DISTINCT FROM {NEW}
"""
REBUILD = UPSERT_QUARTERS.format(energy=mean_power_sql.ENERGY)
REBUILD_WITH_REGISTERS = UPSERT_QUARTERS.format(energy=mean_power_sql.ENERGY_WITH_REGISTERS)
