"""Sums over spans for many devices at once, from days and quarter hours: a statement or two each, however many."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from telemetry.metrics import ROLLED_UP_METRICS
from telemetry.rollups.days import rollup_source
from telemetry.signal.segments import QUARTER_S
from telemetry.sql import fetch_all

METER_MEMORY = timedelta(days=35)  # a device that measured energy this recently is expected to
DAY, MONTH = '"on"', """date_trunc('month', "on"::timestamp)::date"""
ENERGY = ["energy_kwh", "bridged_kwh", "covered_s"]


def sums(pks: list[int], start: datetime, end: datetime) -> dict[int, dict[str, Any]]:
    """{device: {received, suspect, <metric>_count …, energy_kwh, exported_kwh, bridged_kwh, covered_s, bridged_s}}."""
    expressions = {"received": "sum(received)", "suspect": "sum(suspect)"}
    for metric in ROLLED_UP_METRICS:
        expressions |= {f"{metric.name}_{part}": f"sum({metric.name}_{part})" for part in ("count", "suspect", "sum")}
        expressions |= {f"{metric.name}_{part}": f"{part}({metric.name}_{part})" for part in ("min", "max")}
    expressions |= {name: f"sum({name})" for name in ("energy_kwh", "exported_kwh", "bridged_kwh", "covered_s")}
    expressions["bridged_s"] = "sum(bridged_s)"
    source, parameters = rollup_source(pks, start, end, expressions)
    rows = fetch_all(
        f"SELECT device_id, {', '.join(expressions.values())} FROM {source} c GROUP BY device_id", parameters
    )
    return {pk: dict(zip(expressions, row, strict=True)) for pk, *row in rows}


def first_quarters(pks: list[int]) -> dict[int, datetime]:
    """{device: start of its first quarter with readings}."""
    return dict(
        fetch_all(
            "SELECT d.pk, q.starts_at FROM unnest(%s::bigint[]) AS d(pk) CROSS JOIN LATERAL "
            "(SELECT starts_at FROM telemetry_quarterhour WHERE device_id = d.pk AND received > 0 "
            "ORDER BY starts_at LIMIT 1) q",
            [pks],
        )
    )


def devices_with_energy(pks: list[int], start: datetime, end: datetime) -> set[int]:
    """Devices that measure energy: some was measured in the span or in the five weeks before."""
    source, parameters = rollup_source(pks, start - METER_MEMORY, end, ["covered_s", "bridged_kwh"])
    rows = fetch_all(
        f"SELECT DISTINCT device_id FROM {source} c WHERE covered_s > 0 OR bridged_kwh IS NOT NULL", parameters
    )
    return {pk for (pk,) in rows}


def reporting_slots(slots: dict[int, int], start: datetime, end: datetime) -> dict[int, int]:
    """{device: number of its slots (of `slots[device]` seconds, counted from `start`) with readings}."""
    quarterly_pks = [pk for pk, slot_s in slots.items() if slot_s == QUARTER_S]
    long_slots = {pk: slot_s for pk, slot_s in slots.items() if slot_s != QUARTER_S}
    return (
        dict.fromkeys(slots, 0)
        | reporting_quarters(quarterly_pks, start, end)
        | reporting_long_slots(long_slots, start, end)
    )


def reporting_quarters(pks: list[int], start: datetime, end: datetime) -> dict[int, int]:
    source, parameters = rollup_source(pks, start, end, ["heard"])
    return dict(fetch_all(f"SELECT device_id, sum(heard) FROM {source} c GROUP BY device_id", parameters))


def reporting_long_slots(slots: dict[int, int], start: datetime, end: datetime) -> dict[int, int]:
    """Of devices whose interval is longer than a quarter hour."""
    rows = fetch_all(
        "SELECT d.pk, count(DISTINCT floor(EXTRACT(EPOCH FROM q.starts_at - %s) / d.slot_s)) "
        "FROM unnest(%s::bigint[], %s::int[]) AS d(pk, slot_s) LEFT JOIN telemetry_quarterhour q "
        "ON q.device_id = d.pk AND q.starts_at >= %s AND q.starts_at < %s AND q.received > 0 GROUP BY d.pk",
        [start, list(slots), list(slots.values()), start, end],
    )
    return dict(rows)


def energy_by_day(pks: list[int], zone_name: str, start: datetime, end: datetime) -> dict[date, tuple]:
    """{date in the zone: (measured kWh, bridged kWh, covered s)}, all devices together."""
    return sums_by_date(DAY, ENERGY, pks, zone_name, start, end)


def energy_by_month(pks: list[int], zone_name: str, start: datetime, end: datetime) -> dict[date, tuple]:
    """{first of the month in the zone: (measured kWh, bridged kWh, covered s)}, all devices together."""
    return sums_by_date(MONTH, ENERGY, pks, zone_name, start, end)


def readings_by_day(pks: list[int], zone_name: str, start: datetime, end: datetime) -> dict[date, tuple]:
    """{date in the zone: (readings, those of them with a suspect value)}, all devices together."""
    return sums_by_date(DAY, ["received", "suspect"], pks, zone_name, start, end)


def sums_by_date(
    date_sql: str, names: Sequence[str], pks: list[int], zone_name: str, start: datetime, end: datetime
) -> dict[date, tuple]:
    source, parameters = rollup_source(pks, start, end, names, zone_name)
    sums = ", ".join(f"sum({name})" for name in names)
    rows = fetch_all(f"SELECT {date_sql}, {sums} FROM {source} c GROUP BY 1 ORDER BY 1", parameters)
    return {on: tuple(values) for on, *values in rows}


def grand_total(pks: list[int], start: datetime, end: datetime, names: Sequence[str]) -> dict[str, Any]:
    """{name: its sum over the span, all devices together}, None where there is nothing."""
    source, parameters = rollup_source(pks, start, end, names)
    [row] = fetch_all(f"SELECT {', '.join(f'sum({name})' for name in names)} FROM {source} c", parameters)
    return dict(zip(names, row, strict=True))


def power_by_quarter(pks: list[int], start: datetime, end: datetime) -> dict[datetime, tuple[float | None, float]]:
    """{quarter: (kW, covered s)}, each device's mean power while measured, all devices together."""
    rows = fetch_all(
        "SELECT starts_at, sum(energy_kwh * 3600 / NULLIF(covered_s, 0)), sum(covered_s) "
        "FROM telemetry_quarterhour WHERE device_id = ANY(%s) AND starts_at >= %s AND starts_at < %s GROUP BY 1",
        [pks, start, end],
    )
    return {moment: (kw, covered_s) for moment, kw, covered_s in rows}


def mean_vibration_peaks(pks: list[int], start: datetime, end: datetime) -> list[tuple[int, float]]:
    """(device, mean of its quarter hours' highest worst-axis values in m/s²) of those that sent any."""
    return fetch_all(
        "SELECT device_id, avg(vibration_max) FROM telemetry_quarterhour WHERE device_id = ANY(%s) "
        "AND starts_at >= %s AND starts_at < %s AND vibration_count > 0 GROUP BY device_id",
        [pks, start, end],
    )
