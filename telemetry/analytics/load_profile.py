"""Load profile of a factory: energy by shift, weekday and machine, peak demand, idling, and use outside shifts.

Summed from the measured energy of quarter hours. Energy bridged across a gap by a register has no time of day and is
given apart; so is energy fed back, which is subtracted from nothing.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from devices.models import Device
from factories.models import Factory
from factories.models.working_time import DAY, WEEKDAYS, shift_spans
from telemetry.rollups.quarter_hours import QUARTER
from telemetry.sql import fetch_all

IDLE_SHARE = 0.1  # of the rated power: below it a machine idles
OUTSIDE_SHIFTS = "Outside shifts"
QUARTER_H = 0.25

Quarter = tuple[Any, ...]  # (start, kWh, covered s) of all machines


@dataclass(frozen=True)
class LoadPart:
    """kWh of one shift, weekday or machine; `hours` of it in the period, `mean_kw` over them."""

    name: str
    kwh: float
    share_percent: float | None
    hours: float | None = None

    @property
    def mean_kw(self) -> float | None:
        return self.kwh / self.hours if self.hours else None


@dataclass(frozen=True)
class Peak:
    """The quarter hour with the highest demand of all measured machines together, and its machines."""

    at: datetime
    kw: float
    machines: list[tuple[str, float]]  # (label, kW), the largest first


@dataclass(frozen=True)
class IdleLoad:
    """Energy of a machine below a tenth of its rated power."""

    machine: str
    kwh: float
    hours: float
    below_kw: float


@dataclass
class LoadProfile:
    start: datetime
    end: datetime
    kwh: float  # measured, with a time of day
    bridged_kwh: float
    covered_percent: float | None
    by_shift: list[LoadPart] = field(default_factory=list)  # empty where no shifts are entered
    by_weekday: list[LoadPart] = field(default_factory=list)
    by_machine: list[LoadPart] = field(default_factory=list)
    outside_kwh: float | None = None
    peak: Peak | None = None
    idle: list[IdleLoad] = field(default_factory=list)
    unrated: list[str] = field(default_factory=list)  # machines without a rated power
    by_clock: dict[tuple[date, time], float] = field(default_factory=dict)  # {(date, time) of the factory: kWh}
    exported_kwh: float = 0.0  # fed back; in no other figure

    @property
    def total_kwh(self) -> float:
        """With what is known from a register across gaps: what the insights call energy."""
        return self.kwh + self.bridged_kwh


def load_profile(devices: Sequence[Device], factory: Factory, start: datetime, end: datetime) -> LoadProfile:
    """`devices` of the factory with profiles fetched, between two moments."""
    labels = {device.pk: device.label for device in devices}
    machines = fetch_all(BY_MACHINE, [list(labels), start, end])
    quarters = fetch_all(BY_QUARTER, [list(labels), start, end])
    kwh = sum(energy for _at, energy, _covered in quarters)
    covered_s = sum(row[3] or 0 for row in machines)
    measuring = [row for row in machines if row[1] or row[2] or row[3]]
    expected = (end - start).total_seconds() * len(measuring)
    profile = LoadProfile(
        start, end, kwh, sum(row[2] or 0 for row in machines), 100 * covered_s / expected if expected else None
    )
    profile.exported_kwh = sum(row[4] or 0.0 for row in machines)
    local = [(at.astimezone(factory.zone), energy) for at, energy, _ in quarters]
    profile.by_clock = by_clock(local)
    largest = sorted(measuring, key=lambda row: -(row[1] or 0.0))
    profile.by_machine = load_parts({labels[pk]: energy or 0.0 for pk, energy, *_ in largest}, kwh)
    profile.by_weekday = by_weekday(local, kwh, start, end, factory.zone)
    profile.by_shift = by_shift(factory, quarters, kwh, start, end)
    profile.outside_kwh = next((part.kwh for part in profile.by_shift if part.name == OUTSIDE_SHIFTS), None)
    profile.peak = find_peak(quarters, labels)
    profile.idle, profile.unrated = idle_loads(devices, start, end)
    return profile


BY_MACHINE = """
SELECT device_id, sum(energy_kwh), sum(bridged_kwh), sum(covered_s), sum(exported_kwh) FROM telemetry_quarterhour
WHERE device_id = ANY(%s) AND starts_at >= %s AND starts_at < %s GROUP BY 1
"""
BY_QUARTER = """
SELECT starts_at, sum(energy_kwh), sum(covered_s) FROM telemetry_quarterhour
WHERE device_id = ANY(%s) AND starts_at >= %s AND starts_at < %s AND energy_kwh IS NOT NULL GROUP BY 1 ORDER BY 1
"""
AT_QUARTER = """
SELECT device_id, energy_kwh * 4 FROM telemetry_quarterhour
WHERE device_id = ANY(%s) AND starts_at = %s AND energy_kwh > 0 ORDER BY 2 DESC
"""
BELOW_LIMIT = """
SELECT q.device_id, sum(q.energy_kwh), sum(q.covered_s) / 3600.0
FROM unnest(%s::bigint[], %s::float8[]) AS d(pk, kw) JOIN telemetry_quarterhour q ON q.device_id = d.pk
WHERE q.starts_at >= %s AND q.starts_at < %s AND q.covered_s >= 450 AND q.energy_kwh > 0
AND q.energy_kwh * 3600 / q.covered_s < d.kw GROUP BY 1
"""


def load_parts(
    kwh_by_name: Mapping[str, float], whole: float, hours: Mapping[str, float] | None = None
) -> list[LoadPart]:
    hours = hours or {}
    return [
        LoadPart(name, kwh, 100 * kwh / whole if whole else None, hours.get(name)) for name, kwh in kwh_by_name.items()
    ]


def by_clock(local: Iterable[tuple[datetime, float]]) -> dict[tuple[date, time], float]:
    kwh_by_clock: dict[tuple[date, time], float] = defaultdict(float)
    for at, kwh in local:
        kwh_by_clock[at.date(), at.time()] += kwh
    return dict(kwh_by_clock)


def by_weekday(
    local: Iterable[tuple[datetime, float]], whole: float, start: datetime, end: datetime, zone: ZoneInfo
) -> list[LoadPart]:
    kwh = dict.fromkeys((name for _, name in WEEKDAYS), 0.0)
    hours: dict[str, float] = defaultdict(float)
    for at, energy in local:
        kwh[WEEKDAYS[at.weekday()][1]] += energy
    at = start
    while at < end:
        hours[WEEKDAYS[at.astimezone(zone).weekday()][1]] += QUARTER_H
        at += QUARTER
    return [part for part in load_parts(kwh, whole, hours) if part.hours]


def by_shift(
    factory: Factory, quarters: Sequence[Quarter], whole: float, start: datetime, end: datetime
) -> list[LoadPart]:
    """A quarter hour belongs to the shift in which it begins; of shifts that overlap, to the one that began first."""
    shifts = list(factory.shifts.all())
    if not shifts:
        return []
    days = ((start - DAY).date(), (end + DAY).date())
    holidays = set(factory.holidays.filter(on__range=days).values_list("on", flat=True))
    spans = sorted(
        (begins, ends, shift.name)
        for shift in shifts
        for begins, ends in shift_spans([shift], holidays, factory.zone, start, end)
    )
    kwh = {shift.name: 0.0 for shift in shifts} | {OUTSIDE_SHIFTS: 0.0}
    hours: dict[str, float] = defaultdict(float)
    for at, energy, _ in quarters:
        kwh[shift_at(spans, at)] += energy
    at = start
    while at < end:
        hours[shift_at(spans, at)] += QUARTER_H
        at += QUARTER
    return load_parts(kwh, whole, hours)


def shift_at(spans: Sequence[tuple[datetime, datetime, str]], at: datetime) -> str:
    """The shift at a moment; `spans` in time order, none longer than a day."""
    index = bisect_right(spans, at, key=itemgetter(0))
    near = [span for span in spans[max(0, index - 8) : index] if span[0] <= at < span[1]]
    return near[0][2] if near else OUTSIDE_SHIFTS


def find_peak(quarters: Sequence[Quarter], labels: Mapping[int, str]) -> Peak | None:
    if not quarters:
        return None
    at, kwh, _ = max(quarters, key=itemgetter(1))
    return Peak(at, kwh / QUARTER_H, [(labels[pk], kw) for pk, kw in fetch_all(AT_QUARTER, [list(labels), at])])


def idle_loads(devices: Iterable[Device], start: datetime, end: datetime) -> tuple[list[IdleLoad], list[str]]:
    """(idling of each rated machine, labels of machines without a rating)"""
    rated_kw = {device.pk: device.profile_at(end).rated_kw for device in devices}
    limits = {pk: IDLE_SHARE * kw for pk, kw in rated_kw.items() if kw}
    labels = {device.pk: device.label for device in devices}
    rows = fetch_all(BELOW_LIMIT, [list(limits), list(limits.values()), start, end]) if limits else []
    result = [IdleLoad(labels[pk], kwh, float(hours), limits[pk]) for pk, kwh, hours in rows]
    return sorted(result, key=lambda one: -one.kwh), sorted(labels[pk] for pk, kw in rated_kw.items() if not kw)


def whole_quarters(now: datetime, length: timedelta) -> tuple[datetime, datetime]:
    """(start, end) of a period of this length that ends with the last finished quarter hour."""
    end = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    return end - length, end
