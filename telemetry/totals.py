"""Sums over quarter hours for many devices at once: one statement each, whatever the number of devices."""

from django.db import connection

from telemetry.metrics import SUMMED

METER_MEMORY = "35 days"  # a device that measured energy this recently is expected to


def fetch(sql, parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def sums(pks, start, end) -> dict[int, dict]:
    """{device: {received, suspect, <metric>_count …, energy_kwh, bridged_kwh, covered_s, bridged_s}}."""
    wanted = {"received": "sum(received)", "suspect": "sum(suspect)"}
    for metric in SUMMED:
        wanted |= {f"{metric.name}_{part}": f"sum({metric.name}_{part})" for part in ("count", "suspect", "sum")}
        wanted |= {f"{metric.name}_{part}": f"{part}({metric.name}_{part})" for part in ("min", "max")}
    wanted |= {name: f"sum({name})" for name in ("energy_kwh", "bridged_kwh", "covered_s")}
    wanted["bridged_s"] = "sum(900 - covered_s) FILTER (WHERE bridged_kwh IS NOT NULL)"
    rows = fetch(
        f"SELECT device_id, {', '.join(wanted.values())} FROM telemetry_quarterhour "
        "WHERE device_id = ANY(%s) AND starts_at >= %s AND starts_at < %s GROUP BY device_id",
        [pks, start, end],
    )
    return {pk: dict(zip(wanted, row, strict=True)) for pk, *row in rows}


def first_quarters(pks):
    """{device: start of the first quarter it was heard in}."""
    return dict(
        fetch(
            "SELECT d.pk, q.starts_at FROM unnest(%s::bigint[]) AS d(pk) CROSS JOIN LATERAL "
            "(SELECT starts_at FROM telemetry_quarterhour WHERE device_id = d.pk AND received > 0 "
            "ORDER BY starts_at LIMIT 1) q",
            [pks],
        )
    )


def metered(pks, start, end) -> set[int]:
    """Devices that measure energy: some was measured in the span or in the five weeks before."""
    rows = fetch(
        "SELECT d.pk FROM unnest(%s::bigint[]) AS d(pk) WHERE EXISTS (SELECT 1 FROM telemetry_quarterhour "
        f"WHERE device_id = d.pk AND starts_at >= %s - interval '{METER_MEMORY}' AND starts_at < %s "
        "AND (covered_s > 0 OR bridged_kwh IS NOT NULL))",
        [pks, start, end],
    )
    return {pk for (pk,) in rows}


def heard_slots(slots: dict[int, int], start, end) -> dict[int, int]:
    """{device: number of its slots (of `slots[device]` seconds, counted from `start`) in which it was heard}."""
    rows = fetch(
        "SELECT d.pk, count(DISTINCT floor(EXTRACT(EPOCH FROM q.starts_at - %s) / d.slot_s)) "
        "FROM unnest(%s::bigint[], %s::int[]) AS d(pk, slot_s) LEFT JOIN telemetry_quarterhour q "
        "ON q.device_id = d.pk AND q.starts_at >= %s AND q.starts_at < %s AND q.received > 0 GROUP BY d.pk",
        [start, list(slots), list(slots.values()), start, end],
    )
    return dict(rows)


def energy_by_day(pks, zone_name, start, end):
    """{date in the zone: (measured kWh, bridged kWh, covered s)}, all devices together."""
    rows = fetch(
        "SELECT (starts_at AT TIME ZONE %s)::date, sum(energy_kwh), sum(bridged_kwh), sum(covered_s) "
        "FROM telemetry_quarterhour WHERE device_id = ANY(%s) AND starts_at >= %s AND starts_at < %s GROUP BY 1",
        [zone_name, pks, start, end],
    )
    return {on: tuple(found) for on, *found in rows}


def power_by_quarter(pks, start, end):
    """{quarter: (kW, covered s)}, each device's mean power while measured, all devices together."""
    rows = fetch(
        "SELECT starts_at, sum(energy_kwh * 3600 / NULLIF(covered_s, 0)), sum(covered_s) "
        "FROM telemetry_quarterhour WHERE device_id = ANY(%s) AND starts_at >= %s AND starts_at < %s GROUP BY 1",
        [pks, start, end],
    )
    return {moment: (kw, covered_s) for moment, kw, covered_s in rows}


def mean_vibration_peaks(pks, start, end):
    """(device, mean of its quarter hours' highest worst-axis values in m/s²) of those that sent any."""
    return fetch(
        "SELECT device_id, avg(vibration_max) FROM telemetry_quarterhour WHERE device_id = ANY(%s) "
        "AND starts_at >= %s AND starts_at < %s AND vibration_count > 0 GROUP BY device_id",
        [pks, start, end],
    )
