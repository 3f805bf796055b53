"""Energy of mean power in SQL, for many devices at once: the fast path of `telemetry.signal.energy`.

Only where every profile around sends kW or W, and there is no meter register or it only rises
(`telemetry.rollups.meter_register_sql`). `telemetry.signal.energy` is the reference: a test compares both on series of
every kind.
"""

from datetime import datetime

from telemetry.metrics import SUSPECT_BIT
from telemetry.rollups.meter_register_sql import REGISTER_GAINS
from telemetry.rollups.nearest_readings import mean_power_reach
from telemetry.signal.energy import GAP_INTERVALS, MAX_MAGNITUDE, MIN_GAP_S
from telemetry.signal.profile_timeline import IN_SEGMENT, ProfileSegment, ProfileTimeline
from telemetry.signal.segments import QUARTER_S

IS_USABLE_POWER = (
    f"r.power_consumption IS NOT NULL AND r.suspect & {SUSPECT_BIT['power_consumption']} = 0 "
    f"AND abs(r.power_consumption) < {MAX_MAGNITUDE:.0f} AND (r.power_consumption >= 0 OR p.exports)"
)
POWER_COLUMNS = "date_part('epoch', r.at) AS t, r.power_consumption / p.divisor AS kw, p.interval_s AS interval_s"


def segments_around(place: int, timeline: ProfileTimeline, start: datetime, end: datetime) -> list[ProfileSegment]:
    """Profile segments of the span [start, end) and of the time around it whose readings may reach into it."""
    max_reach = mean_power_reach(timeline)
    return [
        *timeline.profile_segments(start - max_reach, start, place, -1),
        *timeline.profile_segments(start, end, place, 0),
        *timeline.profile_segments(end, end + max_reach, place, 1),
    ]


def is_mean_power(timeline: ProfileTimeline, start: datetime, end: datetime) -> bool:
    """Whether every profile in and around a span sends mean power."""
    return all(segment.divisor is not None for segment in segments_around(0, timeline, start, end))


def nearest_power_sql(side: int) -> str:
    """The usable value nearest to the span in each segment before (-1) or after (1) it."""
    order = "DESC" if side < 0 else "ASC"
    return (
        f"SELECT p.span, r.* FROM segments p CROSS JOIN LATERAL (SELECT {POWER_COLUMNS} FROM telemetry_reading r "
        f"WHERE {IN_SEGMENT} AND {IS_USABLE_POWER} ORDER BY r.at {order} LIMIT 1) r "
        f"WHERE p.span = ANY(%(spans)s) AND p.side = {side}"
    )


# A mean power holds until the next sample; before a gap and after the last sample, for one interval only.
MEAN_POWER_INTERVALS = f"""
usable AS (
    SELECT p.span, r.* FROM segments p
    CROSS JOIN LATERAL (
        SELECT {POWER_COLUMNS} FROM telemetry_reading r WHERE {IN_SEGMENT} AND {IS_USABLE_POWER} OFFSET 0
    ) r
    WHERE p.span = ANY(%(spans)s) AND p.side = 0
    UNION ALL {nearest_power_sql(-1)}
    UNION ALL {nearest_power_sql(1)}
),
with_next AS (
    SELECT span, t, kw, interval_s, lead(t) OVER (PARTITION BY span ORDER BY t) AS following FROM usable
),
intervals AS (
    SELECT span, t, kw,
           CASE WHEN following - t <= {GAP_INTERVALS} * interval_s OR following - t < {MIN_GAP_S}
                THEN following ELSE LEAST(t + interval_s, following) END AS until
    FROM with_next
),"""
REGISTER_INTERVALS = f"""
{REGISTER_GAINS},
stretches AS (
    SELECT s.span, s.t, s.kw, LEAST(s.until, k.since) AS until FROM intervals s LEFT JOIN known k ON k.span = s.span
    WHERE k.since IS NULL OR s.t < k.since
    UNION ALL
    SELECT s.span, GREATEST(s.t, k.until), s.kw, s.until FROM intervals s JOIN known k ON k.span = s.span
    WHERE s.until > k.until
    UNION ALL
    SELECT span, t, gain_kwh * 3600 / (until - t), until FROM gains WHERE until IS NOT NULL
),"""
# Nearly every stretch ends in the quarter it begins in: only those that reach further are split. What is fed back is
# apart, and measured by power even where a register counts what is taken.
SPLIT_BY_QUARTER = f"""
signed AS (
    SELECT span, t, GREATEST(kw, 0) AS taken_kw, 0 AS fed_back_kw, until FROM {{stretches}}
    UNION ALL
    SELECT span, t, NULL, -kw, until FROM intervals WHERE kw < 0
),
cut AS MATERIALIZED (SELECT *, floor(t / {QUARTER_S}) * {QUARTER_S} AS quarter FROM signed),
shared AS (
    SELECT span, quarter, taken_kw, fed_back_kw, LEAST(until, quarter + {QUARTER_S}) - t AS seconds FROM cut
    UNION ALL
    SELECT span, later, taken_kw, fed_back_kw, LEAST(until, later + {QUARTER_S}) - later
    FROM cut
    CROSS JOIN generate_series((quarter + {QUARTER_S})::bigint, (ceil(until) - 1)::bigint, {QUARTER_S}) AS later
    WHERE until > quarter + {QUARTER_S}
),
mean_power_energy AS (
    SELECT span, to_timestamp(quarter) AS starts_at, sum(taken_kw * seconds / 3600) AS energy_kwh,
           COALESCE(sum(seconds) FILTER (WHERE taken_kw IS NOT NULL), 0) AS covered_s,
           NULLIF(sum(fed_back_kw * seconds / 3600), 0) AS exported_kwh
    FROM shared GROUP BY span, quarter
)"""
ENERGY = MEAN_POWER_INTERVALS + SPLIT_BY_QUARTER.format(stretches="intervals")
ENERGY_WITH_REGISTERS = MEAN_POWER_INTERVALS + REGISTER_INTERVALS + SPLIT_BY_QUARTER.format(stretches="stretches")
