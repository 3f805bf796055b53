"""Quarter hours of one device written from its raw readings: one statement for the counts, Python for the energy."""

from datetime import UTC, datetime, timedelta

from django.db import connection

from devices.models import PowerKind
from telemetry import energy, neighbours
from telemetry.meaning import kw_expression, valid_expression
from telemetry.metrics import STORED, SUMMED, SUSPECT_BIT, VIBRATION
from telemetry.partitions import month_of

QUARTER = timedelta(seconds=energy.QUARTER_S)
AXES = ["vibration_x", "vibration_y", "vibration_z"]
PARTS = ("count", "suspect", "min", "max", "sum")


def floor(moment: datetime) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() // energy.QUARTER_S * energy.QUARTER_S, UTC)


def ceil(moment: datetime) -> datetime:
    """The first quarter's start after `moment`: a reading at 10:15:00 belongs to the quarter from 10:15."""
    return floor(moment) + QUARTER


def rebuild(meaning, start: datetime, end: datetime, months) -> int:
    """Write the quarters from `start` until `end` (quarter boundaries) → number written.

    `months` are those whose raw readings are still kept: quarters of others outlive their readings and are not touched.
    """
    spent = energy_by_quarter(meaning, start, end, months)
    sql, parameters = upsert(meaning, start, end, spent)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        written = cursor.rowcount
        # What spilled over from a reading that has since been followed by another: no readings, no energy any more.
        cursor.execute(
            "DELETE FROM telemetry_quarterhour WHERE device_id = %s AND starts_at >= %s AND starts_at < %s "
            "AND received = 0 AND NOT starts_at = ANY(%s::timestamptz[]) "
            "AND date_trunc('month', starts_at AT TIME ZONE 'UTC')::date = ANY(%s::date[])",
            [meaning.device.pk, start, end, list(spent), list(months)],
        )
    return written


def energy_by_quarter(meaning, start, end, months) -> dict[datetime, energy.QuarterEnergy]:
    samples = [meaning.sample(*row) for row in neighbours.around(meaning.device, start, end)]
    quarters = energy.by_quarter(energy.segments(samples), start.timestamp(), end.timestamp())
    spent = {datetime.fromtimestamp(quarter, UTC): found for quarter, found in quarters.items()}
    return {quarter: found for quarter, found in spent.items() if month_of(quarter) in months}


def upsert(meaning, start, end, spent):
    """One INSERT … SELECT: raw readings grouped by quarter, joined with their energy, over what was there before."""
    expected, expected_parameters = meaning.case("starts_at", lambda profile: f"{900 / profile.interval_s!r}::float8")
    register, register_parameters = meaning.case(
        "starts_at", lambda profile: str(profile.power_kind == PowerKind.REGISTER).lower()
    )
    readings, reading_parameters = normalised(meaning)
    fields = [f"{metric.name}_{part}" for metric in SUMMED for part in PARTS]
    columns = ["received", "suspect", "expected", *fields, "energy_kwh", "bridged_kwh", "covered_s"]
    sql = f"""
    WITH readings AS MATERIALIZED ({readings}),
    counted AS (
        SELECT date_bin('15 minutes', at, '2000-01-01 00:00+00') AS starts_at, count(*) AS received,
               count(*) FILTER (WHERE suspect <> 0) AS suspect, {", ".join(sums())}
        FROM readings GROUP BY 1
    ),
    spent AS (SELECT * FROM unnest(%s::timestamptz[], %s::float8[], %s::float8[], %s::float8[])
              AS s(starts_at, energy_kwh, bridged_kwh, covered_s)),
    joined AS (SELECT *, {register} AS is_register FROM counted FULL JOIN spent USING (starts_at))
    INSERT INTO telemetry_quarterhour AS old (device_id, starts_at, {", ".join(columns)})
    SELECT %s, starts_at, COALESCE(received, 0), COALESCE(suspect, 0), {expected}, {", ".join(map(selected, fields))},
           energy_kwh, bridged_kwh, COALESCE(covered_s, 0)
    FROM joined
    ON CONFLICT (device_id, starts_at) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in columns)}
    WHERE NOT (old.received > 0 AND EXCLUDED.received = 0)
    """
    spent_columns = [
        list(spent),
        *([getattr(q, name) for q in spent.values()] for name in energy.QuarterEnergy._fields),
    ]
    parameters = [
        *reading_parameters,
        meaning.device.pk,
        start,
        end,
        *spent_columns,
        *register_parameters,
        meaning.device.pk,
        *expected_parameters,
    ]
    return sql, parameters


def normalised(meaning):
    """SELECT of valid values per reading, power as mean kW, NULL where suspect; parameters for the profiles' dates."""
    kw, parameters = meaning.case("r.at", lambda p: kw_expression(p, valid_expression("power_consumption"), ELAPSED_S))
    values = [f"{kw if name == 'power_consumption' else valid_expression(name)} AS {name}" for name in STORED]
    return (
        f"SELECT r.at, r.suspect, r.power_consumption AS power_sent, {', '.join(values)} "
        "FROM telemetry_reading r WHERE r.device_id = %s AND r.at >= %s AND r.at < %s"
    ), parameters


ELAPSED_S = (
    "EXTRACT(EPOCH FROM r.at - (SELECT p.at FROM telemetry_reading p WHERE p.device_id = r.device_id AND p.at < r.at "
    "AND p.power_consumption IS NOT NULL ORDER BY p.at DESC LIMIT 1))::float8"
)


def sums():
    """SQL of count, suspect, min, max and sum per metric."""
    for metric in SUMMED:
        value = metric.derived or metric.name
        bits = sum(SUSPECT_BIT[axis] for axis in AXES) if metric is VIBRATION else SUSPECT_BIT[metric.name]
        counted = "power_sent" if metric.name == "power_consumption" else value
        is_counted = f"{counted} IS NOT NULL AND suspect & {bits} = 0" if counted != value else f"{value} IS NOT NULL"
        yield f"count(*) FILTER (WHERE {is_counted}) AS {metric.name}_count"
        yield f"count(*) FILTER (WHERE suspect & {bits} <> 0) AS {metric.name}_suspect"
        yield f"min({value}) AS {metric.name}_min, max({value}) AS {metric.name}_max, sum({value}) AS {metric.name}_sum"


def selected(field: str) -> str:
    """A column of the quarter; of a power register the mean of the quarter's energy stands for min, max and sum."""
    if field in ("power_consumption_min", "power_consumption_max"):
        return f"CASE WHEN is_register THEN {REGISTER_KW} ELSE {field} END"
    if field == "power_consumption_sum":
        return f"CASE WHEN is_register THEN {REGISTER_KW} * power_consumption_count ELSE {field} END"
    if field == "power_consumption_count":
        return f"CASE WHEN is_register AND {REGISTER_KW} IS NULL THEN 0 ELSE COALESCE({field}, 0) END"
    return f"COALESCE({field}, 0)" if field.endswith(("_count", "_suspect")) else field


REGISTER_KW = "(energy_kwh * 3600 / NULLIF(covered_s, 0))"
