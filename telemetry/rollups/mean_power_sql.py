"""Energy of mean power in SQL, for many devices at once: `telemetry.signal.energy` said by the database.

Only where every profile around sends kW or W, and there is no meter register or it only rises
(`telemetry.rollups.meter_register_sql`). `telemetry.signal.energy` stays
the rule: a test holds both against each other on series of every kind.
"""

from telemetry.metrics import SUSPECT_BIT
from telemetry.rollups.adjacent_readings import reach
from telemetry.rollups.meter_register_sql import GAINS
from telemetry.signal.energy import GAP_INTERVALS, GAP_SHORTEST_S, HUGE, QUARTER_S
from telemetry.signal.profile_timeline import OF_PIECE, Piece

USABLE = (
    f"r.power_consumption IS NOT NULL AND r.suspect & {SUSPECT_BIT['power_consumption']} = 0 "
    f"AND abs(r.power_consumption) < {HUGE:.0f} AND (r.power_consumption >= 0 OR p.exports)"
)
SAID = "date_part('epoch', r.at) AS t, r.power_consumption / p.divisor AS kw, p.interval_s AS interval_s"


def pieces(place: int, meaning, start, end) -> list[Piece]:
    """The span [start, end) and the stretches around it in which somebody may speak into it."""
    far = reach(meaning)
    return [
        *meaning.pieces(start - far, start, place, -1),
        *meaning.pieces(start, end, place, 0),
        *meaning.pieces(end, end + far, place, 1),
    ]


def is_mean_power(meaning, start, end) -> bool:
    """Whether all that speaks around a span is mean power."""
    return all(piece.divisor is not None for piece in pieces(0, meaning, start, end))


def edge(side: int) -> str:
    """The usable value nearest to the span in each piece before (-1) or after (1) it."""
    order = "DESC" if side < 0 else "ASC"
    return (
        f"SELECT p.span, r.* FROM pieces p CROSS JOIN LATERAL (SELECT {SAID} FROM telemetry_reading r "
        f"WHERE {OF_PIECE} AND {USABLE} ORDER BY r.at {order} LIMIT 1) r "
        f"WHERE p.span = ANY(%(spans)s) AND p.side = {side}"
    )


# A mean power holds until the next sample; before a gap, and while none has come, for one interval only.
SPOKEN = f"""
said AS (
    SELECT p.span, r.* FROM pieces p
    CROSS JOIN LATERAL (SELECT {SAID} FROM telemetry_reading r WHERE {OF_PIECE} AND {USABLE} OFFSET 0) r
    WHERE p.span = ANY(%(spans)s) AND p.side = 0
    UNION ALL {edge(-1)}
    UNION ALL {edge(1)}
),
followed AS (
    SELECT span, t, kw, interval_s, lead(t) OVER (PARTITION BY span ORDER BY t) AS following FROM said
),
spoken AS (
    SELECT span, t, kw,
           CASE WHEN following - t <= {GAP_INTERVALS} * interval_s OR following - t < {GAP_SHORTEST_S}
                THEN following ELSE LEAST(t + interval_s, following) END AS until
    FROM followed
),"""
WITH_REGISTERS = f"""
{GAINS},
stretches AS (
    SELECT s.span, s.t, s.kw, LEAST(s.until, k.since) AS until FROM spoken s LEFT JOIN known k ON k.span = s.span
    WHERE k.since IS NULL OR s.t < k.since
    UNION ALL
    SELECT s.span, GREATEST(s.t, k.until), s.kw, s.until FROM spoken s JOIN known k ON k.span = s.span
    WHERE s.until > k.until
    UNION ALL
    SELECT span, t, gained * 3600 / (until - t), until FROM gains WHERE until IS NOT NULL
),"""
# Nearly every stretch ends in the quarter it begins in: only what spills over is cut.
SHARED = f"""
cut AS MATERIALIZED (SELECT *, floor(t / {QUARTER_S}) * {QUARTER_S} AS quarter FROM {{stretches}}),
shared AS (
    SELECT span, quarter, kw, LEAST(until, quarter + {QUARTER_S}) - t AS seconds FROM cut
    UNION ALL
    SELECT span, later, kw, LEAST(until, later + {QUARTER_S}) - later
    FROM cut
    CROSS JOIN generate_series((quarter + {QUARTER_S})::bigint, (ceil(until) - 1)::bigint, {QUARTER_S}) AS later
    WHERE until > quarter + {QUARTER_S}
),
spoken_energy AS (
    SELECT span, to_timestamp(quarter) AS starts_at, sum(kw * seconds / 3600) AS energy_kwh, sum(seconds) AS covered_s
    FROM shared GROUP BY span, quarter
)"""
ENERGY = SPOKEN + SHARED.format(stretches="spoken")
ENERGY_WITH_REGISTERS = SPOKEN + WITH_REGISTERS + SHARED.format(stretches="stretches")
