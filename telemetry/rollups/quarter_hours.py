"""Quarter hours written from raw readings, many devices' spans in one statement.

The energy of mean power and of registers that only rise is summed there too; that of all others comes from
`telemetry.signal.energy`.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import connection

from telemetry.metrics import SUMMED, SUSPECT_MASK
from telemetry.rollups import adjacent_readings, mean_power_sql, meter_register_sql
from telemetry.signal import energy
from telemetry.signal.profile_timeline import NORMALISED, PIECES, Meaning, columns, parameters
from telemetry.storage.partitions import month_of, next_month

QUARTER = timedelta(seconds=energy.QUARTER_S)
PARTS = ("count", "suspect", "min", "max", "sum")


class Span(NamedTuple):
    """Quarter hours of one device, from `start` until `end` (quarter boundaries)."""

    meaning: Meaning
    start: datetime
    end: datetime


def floor(moment: datetime) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() // energy.QUARTER_S * energy.QUARTER_S, UTC)


def ceil(moment: datetime) -> datetime:
    """The first quarter's start after `moment`: a reading at 10:15:00 belongs to the quarter from 10:15."""
    return floor(moment) + QUARTER


def kept(span: Span, months) -> list[Span]:
    """The parts of a span whose raw readings are kept: quarters of other months outlive theirs and are not touched."""
    parts, start = [], span.start
    while start < span.end:
        month = month_of(start)
        following = next_month(month)
        end = min(span.end, datetime(following.year, following.month, 1, tzinfo=UTC))
        if month in months:
            if parts and parts[-1].end == start:
                start = parts.pop().start
            parts.append(Span(span.meaning, start, end))
        start = end
    return parts


def rebuild(spans: list[Span]) -> int:
    """Write the quarters of `spans`, which do not overlap and whose raw readings are kept → number written."""
    mean = {place for place, span in enumerate(spans) if mean_power_sql.is_mean_power(*span)}
    registers = adjacent_readings.with_register(spans)
    steady = (
        meter_register_sql.steady(spans, sorted(mean & registers - adjacent_readings.bridged(spans)))
        if mean & registers
        else set()
    )
    by_sql = mean - registers | steady
    pieces = [
        piece
        for place, span in enumerate(spans)
        for piece in (mean_power_sql.pieces(place, *span) if place in by_sql else span.meaning.pieces(*span[1:], place))
    ]
    their = {
        "places": list(range(len(spans))),
        "devices": [span.meaning.device.pk for span in spans],
        "starts": [span.start for span in spans],
        "ends": [span.end for span in spans],
    }
    with connection.cursor() as cursor:
        cursor.execute(CLEAR, their)
        # Nobody can tell the planner how many quarters there will be: it joined thousands with each other in a loop.
        # Loops along a table's key stay, LATERAL leaves no other way.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(
            REBUILD_WITH_REGISTERS if steady else REBUILD,
            {
                **their,
                **parameters(pieces),
                **spent(spans, [place for place in range(len(spans)) if place not in by_sql]),
                "spans": sorted(by_sql),
                "steady": sorted(steady),
            },
        )
        written = cursor.rowcount
        cursor.execute("SET LOCAL enable_nestloop = DEFAULT")
        return written


def spent(spans, places) -> dict:
    """The energy of the spans at `places`, quarter by quarter, as `INSERT` takes it."""
    rows = []
    if places:
        for place, samples in zip(places, adjacent_readings.around([spans[place] for place in places]), strict=True):
            span = spans[place]
            found = energy.segments([span.meaning.sample(*row) for row in samples])
            by_quarter = energy.by_quarter(found, span.start.timestamp(), span.end.timestamp())
            rows += [(place, datetime.fromtimestamp(quarter, UTC), *its) for quarter, its in by_quarter.items()]
    names = ("spent_span", "spent_at", "measured_kwh", "bridged_kwh", "covered_s")
    return dict(zip(names, columns(rows, len(names)), strict=True))


def sums():
    """SQL of count, suspect, min, max and sum per metric. What is zero is NULL: it costs a row nothing."""
    for metric in SUMMED:
        name = metric.name
        counted = "power_sent" if name == "power_consumption" else name
        yield f"NULLIF(count({counted}), 0) AS {name}_count"
        yield f"NULLIF(count(*) FILTER (WHERE suspect & {SUSPECT_MASK[name]} <> 0), 0) AS {name}_suspect"
        yield f"min({name}) AS {name}_min, max({name}) AS {name}_max, sum({name}) AS {name}_sum"


REGISTER_KW = "(energy_kwh * 3600 / NULLIF(covered_s, 0))"


def selected(field: str) -> str:
    """A column of the quarter; of a power register the mean of the quarter's energy stands for min, max and sum."""
    if field in ("power_consumption_min", "power_consumption_max"):
        return f"CASE WHEN is_register THEN {REGISTER_KW} ELSE {field} END"
    if field == "power_consumption_sum":
        return f"CASE WHEN is_register THEN {REGISTER_KW} * power_consumption_count ELSE {field} END"
    if field == "power_consumption_count":
        return f"CASE WHEN is_register AND {REGISTER_KW} IS NULL THEN NULL ELSE {field} END"
    return field


FIELDS = [f"{metric.name}_{part}" for metric in SUMMED for part in PARTS]
COLUMNS = ["received", "suspect", "expected", *FIELDS, "energy_kwh", "bridged_kwh", "covered_s"]
NEW, OLD = (f"({', '.join(f'{row}.{name}' for name in COLUMNS)})" for row in ("EXCLUDED", "old"))
SPANS = (
    "unnest(%(places)s::int[], %(devices)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) "
    "AS s(span, device_id, starts, ends)"
)
# What spilled over from a reading that has since been followed by another: no readings, perhaps no energy any more.
CLEAR = f"""
DELETE FROM telemetry_quarterhour WHERE ctid = ANY(ARRAY(
    SELECT q.ctid FROM {SPANS} CROSS JOIN LATERAL (
        SELECT q.ctid FROM telemetry_quarterhour q
        WHERE q.device_id = s.device_id AND q.starts_at >= s.starts AND q.starts_at < s.ends AND q.received = 0 OFFSET 0
    ) q
))
"""
# Raw readings grouped by quarter, joined with their energy, over what was there before.
INSERT = f"""
WITH {PIECES},
spans AS MATERIALIZED (SELECT * FROM {SPANS}),
counted AS (
    SELECT span, date_bin('15 minutes', at, '2000-01-01 00:00+00') AS starts_at, count(*) AS received,
           count(*) FILTER (WHERE suspect <> 0) AS suspect, {", ".join(sums())}
    FROM ({NORMALISED}) readings GROUP BY 1, 2
),
{{energy}},
spent AS (
    SELECT span, starts_at, energy_kwh, NULL::float8 AS bridged_kwh, covered_s FROM spoken_energy
    UNION ALL
    SELECT * FROM unnest(%(spent_span)s::int[], %(spent_at)s::timestamptz[], %(measured_kwh)s::float8[],
                         %(bridged_kwh)s::float8[], %(covered_s)s::float8[])
),
joined AS (
    SELECT s.device_id, q.*, 900 / p.interval_s::float8 AS expected,
           p.divisor IS NULL AND NOT p.is_counted AS is_register
    FROM (SELECT * FROM counted FULL JOIN spent USING (span, starts_at)) q
    JOIN spans s ON s.span = q.span AND q.starts_at >= s.starts AND q.starts_at < s.ends
    JOIN pieces p ON p.span = q.span AND p.side = 0 AND q.starts_at >= p.since AND q.starts_at < p.until
)
INSERT INTO telemetry_quarterhour AS old (device_id, starts_at, {", ".join(COLUMNS)})
SELECT device_id, starts_at, COALESCE(received, 0), COALESCE(suspect, 0), expected, {", ".join(map(selected, FIELDS))},
       energy_kwh, bridged_kwh, COALESCE(covered_s, 0)
FROM joined ORDER BY device_id, starts_at
ON CONFLICT (device_id, starts_at) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS)}
WHERE NOT (old.received > 0 AND EXCLUDED.received = 0) AND {OLD} IS DISTINCT FROM {NEW}
"""
REBUILD = INSERT.format(energy=mean_power_sql.ENERGY)
REBUILD_WITH_REGISTERS = INSERT.format(energy=mean_power_sql.ENERGY_WITH_REGISTERS)
