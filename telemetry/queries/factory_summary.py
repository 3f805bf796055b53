"""Summary of a factory over a span: its devices' summaries, energy by day in its zone, power by quarter hour."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from devices.models import Device
from factories.models import Factory
from factories.models.working_time import seconds_within
from telemetry.queries import totals
from telemetry.queries.summary import DeviceSummary, EnergyTotals, ceil_to_quarter, percent, summarise_many
from telemetry.rollups import quarter_hours


@dataclass
class DayEnergy:
    on: str  # ISO date in the factory's zone
    measured_kwh: float | None
    bridged_kwh: float | None
    coverage_percent: float | None


@dataclass
class FactorySummary:
    start: datetime
    end: datetime
    devices: dict[int, DeviceSummary]
    energy: EnergyTotals
    days: list[DayEnergy]
    power: dict[str, list]  # {t: [epoch s], kw: [kW or None], coverage_percent: [...]}, per quarter hour
    capture_percent: float | None
    uptime_percent: float | None


def summarise_factory(
    factory: Factory, start: datetime, end: datetime, now: datetime, devices: Iterable[Device] | None = None
) -> FactorySummary:
    """The current devices of a factory, or the given ones, together."""
    devices = list(Device.objects.filter(factory=factory).current() if devices is None else devices)
    for device in devices:
        device.factory = factory
    summaries = summarise_many(devices, start, end, now) if devices else {}
    energy_summaries = {pk: s for pk, s in summaries.items() if s.measures_energy}
    start, end = quarter_hours.floor(start), max(quarter_hours.floor(start), min(ceil_to_quarter(end), now))
    expected = [s for s in summaries.values() if s.expected_from]
    return FactorySummary(
        start,
        end,
        summaries,
        combine_energy(energy_summaries.values()),
        daily_energy(energy_summaries, factory.zone, start, end),
        power_series(energy_summaries, start, end),
        percent(sum(s.valid for s in expected), sum(s.expected for s in expected)),
        mean([s.uptime_percent for s in expected if s.uptime_percent is not None]),
    )


def combine_energy(summaries: Iterable[DeviceSummary]) -> EnergyTotals:
    """Energy totals of several devices as one."""
    energies = [s.energy for s in summaries]
    hours = sum(e.covered_hours + e.bridged_hours + e.missing_hours for e in energies)
    return EnergyTotals(
        sum_known([e.measured_kwh for e in energies]),
        sum_known([e.bridged_kwh for e in energies]),
        sum(e.covered_hours for e in energies),
        sum(e.bridged_hours for e in energies),
        sum(e.missing_hours for e in energies),
        percent(sum(e.covered_hours for e in energies), hours),
        sum_known([e.exported_kwh for e in energies]),
    )


def daily_energy(
    energy_summaries: dict[int, DeviceSummary], zone: ZoneInfo, start: datetime, end: datetime
) -> list[DayEnergy]:
    """Every day of the span in the factory's zone, measured or not."""
    by_day = totals.energy_by_day(list(energy_summaries), zone.key, start, end)
    result, day = [], start.astimezone(zone).date()
    while (begins := datetime(day.year, day.month, day.day, tzinfo=zone)) < end:
        ends = begins + timedelta(days=1)  # on the wall clock, so a day of 23 or 25 hours stays one day
        expected_s = sum(expected_seconds(s, max(begins, start), min(ends, end)) for s in energy_summaries.values())
        measured_kwh, bridged_kwh, covered_s = by_day.get(day, (None, None, 0.0))
        result.append(DayEnergy(day.isoformat(), measured_kwh, bridged_kwh, percent(covered_s, expected_s)))
        day += timedelta(days=1)
    return result


def expected_seconds(summary: DeviceSummary, start: datetime, end: datetime) -> float:
    """Seconds between two moments in which energy of this device was expected."""
    if summary.expected_from is None:
        return 0.0
    begins = max(start, summary.expected_from)
    return max(0.0, (end - begins).total_seconds() - seconds_within(summary.planned_stops, begins, end))


def power_series(energy_summaries: dict[int, DeviceSummary], start: datetime, end: datetime) -> dict[str, list]:
    """Mean power per quarter hour while measured, all devices together, with its coverage."""
    by_quarter = totals.power_by_quarter(list(energy_summaries), start, end)
    columns: dict[str, list[Any]] = {"t": [], "kw": [], "coverage_percent": []}
    moment = start
    while moment < end:
        kw, covered_s = by_quarter.get(moment, (None, 0.0))
        until = min(moment + quarter_hours.QUARTER, end)
        columns["t"].append(int(moment.timestamp()))
        columns["kw"].append(kw)
        columns["coverage_percent"].append(
            percent(covered_s, sum(expected_seconds(s, moment, until) for s in energy_summaries.values()))
        )
        moment += quarter_hours.QUARTER
    return columns


def sum_known(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
