"""Energy of a meter register in SQL, where nothing about it is doubtful: it only rises, without a gap, in one unit.

Then two readings measure what lies between them and power has a say before the first and after the last one only.
Everything else (resets, glitches, bridges, another unit's register) is left to `telemetry.signal.energy`.
"""

from telemetry.metrics import SUSPECT_BIT
from telemetry.rollups.adjacent_readings import LOOK_BACK, SPANS, fetch, parameters
from telemetry.signal.energy import GAP_INTERVALS, GAP_SHORTEST_S, HUGE
from telemetry.signal.profile_timeline import OF_PIECE

VALID = f"r.energy_kwh IS NOT NULL AND r.suspect & {SUSPECT_BIT['energy_kwh']} = 0 AND abs(r.energy_kwh) < {HUGE:.0f}"
COUNT = "date_part('epoch', r.at) AS t, r.energy_kwh AS kwh"


def steady(spans, places) -> set:
    """Those of `places` whose register can be summed by SQL; the spans are (meaning, start, end)."""
    places = [place for place in places if is_of_one_unit(*spans[place])]
    if not places:
        return set()
    shortest = [min(profile.interval_s for profile in spans[place][0].profiles) for place in places]
    rows = fetch(STEADY, [*parameters(spans, places), LOOK_BACK, LOOK_BACK, places, shortest])
    return {place for (place,) in rows}


def is_of_one_unit(meaning, start, end) -> bool:
    return not any(start - LOOK_BACK <= fitted_at < end + LOOK_BACK for fitted_at in meaning.fitted[1:])


def beside(order: str, condition: str) -> str:
    """The one valid count on a side of the span, as far as a bridge can reach."""
    return (
        f"(SELECT {COUNT} FROM telemetry_reading r WHERE r.device_id = s.device_id AND {condition} AND {VALID} "
        f"ORDER BY r.at {order} LIMIT 1)"
    )


STEADY = f"""
WITH s AS MATERIALIZED (
    SELECT * FROM {SPANS}
),
counts AS (
    SELECT s.place, r.t, r.kwh FROM s CROSS JOIN LATERAL (
        (SELECT {COUNT} FROM telemetry_reading r
         WHERE r.device_id = s.device_id AND r.at >= s.first AND r.at < s.last AND {VALID} OFFSET 0)
        UNION ALL {beside("DESC", "r.at >= s.first - %s AND r.at < s.first")}
        UNION ALL {beside("ASC", "r.at >= s.last AND r.at < s.last + %s")}
    ) r
),
steps AS (
    SELECT place, t - lag(t) OVER w AS seconds, kwh - lag(kwh) OVER w AS gained
    FROM counts WINDOW w AS (PARTITION BY place ORDER BY t)
)
SELECT place FROM steps JOIN unnest(%s::int[], %s::int[]) AS i(place, interval_s) USING (place)
GROUP BY place
HAVING bool_and(gained IS NULL
                OR gained >= 0 AND (seconds <= {GAP_INTERVALS} * interval_s OR seconds < {GAP_SHORTEST_S}))
"""


def edge(side: int) -> str:
    """The count nearest to the span in each piece before (-1) or after (1) it."""
    return (
        f"SELECT p.span, r.* FROM pieces p CROSS JOIN LATERAL (SELECT {COUNT} FROM telemetry_reading r "
        f"WHERE {OF_PIECE} AND {VALID} ORDER BY r.at {'DESC' if side < 0 else 'ASC'} LIMIT 1) r "
        f"WHERE p.span = ANY(%(steady)s) AND p.side = {side}"
    )


GAINS = f"""
gains AS MATERIALIZED (
    SELECT span, t, lead(t) OVER w AS until, lead(kwh) OVER w - kwh AS gained
    FROM (
        SELECT p.span, r.* FROM pieces p
        CROSS JOIN LATERAL (SELECT {COUNT} FROM telemetry_reading r WHERE {OF_PIECE} AND {VALID} OFFSET 0) r
        WHERE p.span = ANY(%(steady)s) AND p.side = 0
        UNION ALL {edge(-1)}
        UNION ALL {edge(1)}
    ) counts
    WINDOW w AS (PARTITION BY span ORDER BY t)
),
known AS MATERIALIZED (SELECT span, min(t) AS since, max(t) AS until FROM gains GROUP BY span)
"""
