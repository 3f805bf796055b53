"""Energy of a monotonic meter register in SQL: of one unit that only rises, by what can have flowed, without a gap.

Then two readings measure the energy between them, and power counts before the first and after the last one only.
All other cases (resets, glitches, doubtful steps and decisions on them, bridges, a replaced unit, a register that
stands at zero) are left to `telemetry.signal.energy`.
"""

from collections.abc import Iterable
from datetime import datetime

from telemetry.metrics import SUSPECT_BIT
from telemetry.rollups.level_changes import EXCESS, counts_kwh, min_limit_kw
from telemetry.rollups.nearest_readings import LOOK_BACK, SPANS, Spans, jitter_reach, mean_power_reach, span_parameters
from telemetry.signal.energy import GAP_INTERVALS, MAX_MAGNITUDE, MIN_GAP_S
from telemetry.signal.profile_timeline import IN_SEGMENT, ProfileTimeline
from telemetry.sql import fetch_all

IS_VALID_REGISTER = (
    f"r.energy_kwh IS NOT NULL AND r.suspect & {SUSPECT_BIT['energy_kwh']} = 0 "
    f"AND abs(r.energy_kwh) < {MAX_MAGNITUDE:.0f}"
)
REGISTER_COLUMNS = "date_part('epoch', r.at) AS t, r.energy_kwh AS kwh"


def monotonic_spans(spans: Spans, places: Iterable[int]) -> set[int]:
    """Those of `places` whose register SQL can sum."""
    places = [place for place in places if counts_kwh(spans[place][0]) and is_undisturbed(*spans[place])]
    if not places:
        return set()
    timelines = [spans[place][0] for place in places]
    rows = fetch_all(
        MONOTONIC_SPANS,
        [
            *span_parameters(spans, places),
            places,
            [min(profile.interval_s for profile in timeline.profiles) for timeline in timelines],
            [min_limit_kw(timeline) for timeline in timelines],
            [jitter_reach(timeline) for timeline in timelines],
            LOOK_BACK,
            LOOK_BACK,
        ],
    )
    return {place for (place,) in rows}


def is_undisturbed(timeline: ProfileTimeline, start: datetime, end: datetime) -> bool:
    """Whether no unit was replaced and nothing was decided about the register in or around a span."""
    reach = jitter_reach(timeline) + mean_power_reach(timeline)
    since, until = start - reach, end + reach
    is_single_unit = not any(since <= fitted_at < until for fitted_at in timeline.fitting_times[1:])
    return is_single_unit and not timeline.register_decisions.concerns(since, until)


def adjacent_register_sql(order: str, condition: str) -> str:
    """The one valid register reading on a side of the span, a month away at most: a bridge is left to the rule."""
    return (
        f"(SELECT {REGISTER_COLUMNS} FROM telemetry_reading r "
        f"WHERE r.device_id = s.device_id AND {condition} AND {IS_VALID_REGISTER} ORDER BY r.at {order} LIMIT 1)"
    )


# Before the span as far as jitter reaches: a reading that steps back to a level of then gains nothing.
MONOTONIC_SPANS = f"""
WITH s AS MATERIALIZED (
    SELECT s.*, i.interval_s, i.max_kw, s.first - i.reach AS since FROM {SPANS}
    JOIN unnest(%s::int[], %s::int[], %s::float8[], %s::interval[]) AS i(place, interval_s, max_kw, reach) USING (place)
),
register_readings AS (
    SELECT s.place, r.t, r.kwh FROM s CROSS JOIN LATERAL (
        (SELECT {REGISTER_COLUMNS} FROM telemetry_reading r
         WHERE r.device_id = s.device_id AND r.at >= s.since AND r.at < s.last AND {IS_VALID_REGISTER} OFFSET 0)
        UNION ALL {adjacent_register_sql("DESC", "r.at >= s.since - %s AND r.at < s.since")}
        UNION ALL {adjacent_register_sql("ASC", "r.at >= s.last AND r.at < s.last + %s")}
    ) r
),
steps AS (
    SELECT place, kwh, t - lag(t) OVER w AS seconds, kwh - lag(kwh) OVER w AS gain_kwh,
           kwh = trunc(kwh) AND lag(kwh) OVER w = trunc(lag(kwh) OVER w) AS is_whole
    FROM register_readings WINDOW w AS (PARTITION BY place ORDER BY t)
)
SELECT place FROM steps JOIN s USING (place) GROUP BY place
HAVING min(kwh) > 0 AND bool_and(gain_kwh IS NULL OR gain_kwh >= 0 AND NOT {EXCESS}
                AND (seconds <= {GAP_INTERVALS} * interval_s OR seconds < {MIN_GAP_S}))
"""


def nearest_register_sql(side: int) -> str:
    """The register reading nearest to the span in each segment before (-1) or after (1) it."""
    return (
        f"SELECT p.span, r.* FROM segments p CROSS JOIN LATERAL (SELECT {REGISTER_COLUMNS} FROM telemetry_reading r "
        f"WHERE {IN_SEGMENT} AND {IS_VALID_REGISTER} ORDER BY r.at {'DESC' if side < 0 else 'ASC'} LIMIT 1) r "
        f"WHERE p.span = ANY(%(monotonic)s) AND p.side = {side}"
    )


REGISTER_GAINS = f"""
gains AS MATERIALIZED (
    SELECT span, t, lead(t) OVER w AS until, lead(kwh) OVER w - kwh AS gain_kwh
    FROM (
        SELECT p.span, r.* FROM segments p
        CROSS JOIN LATERAL (
            SELECT {REGISTER_COLUMNS} FROM telemetry_reading r WHERE {IN_SEGMENT} AND {IS_VALID_REGISTER} OFFSET 0
        ) r
        WHERE p.span = ANY(%(monotonic)s) AND p.side = 0
        UNION ALL {nearest_register_sql(-1)}
        UNION ALL {nearest_register_sql(1)}
    ) register_readings
    WINDOW w AS (PARTITION BY span ORDER BY t)
),
known AS MATERIALIZED (SELECT span, min(t) AS since, max(t) AS until FROM gains GROUP BY span)
"""
