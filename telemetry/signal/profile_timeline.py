"""The profiles and hardware units of a device in time order: what its values mean at a moment, in Python and SQL."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from devices.models import Device, DeviceProfile, EnergyUnit, PowerKind
from telemetry.metrics import AXES, ROLLED_UP_METRICS, SUSPECT_BIT, VIBRATION, Metric
from telemetry.signal.counter_decisions import CounterDecisions
from telemetry.signal.energy import KWH_PER_READING, MAX_MAGNITUDE, REGISTER, EnergySample
from telemetry.sql import unnest_columns

POWER_BIT, REGISTER_BIT = SUSPECT_BIT["power_consumption"], SUSPECT_BIT["energy_kwh"]
DIVISORS = {PowerKind.KW: 1.0, PowerKind.W: 1000.0}  # of a mean power, to kW
UNITS_PER_KWH: dict[Any, float] = {EnergyUnit.KWH: 1.0, EnergyUnit.WH: 1000.0, EnergyUnit.MWH: 0.001}
COUNTERS = (KWH_PER_READING, REGISTER)  # kinds of power that count energy


class ProfileSegment(NamedTuple):
    """The part of a span in which one profile holds, as SQL joins it with readings (`WITH {PROFILE_SEGMENTS}`)."""

    span: int  # index of its span
    device_pk: int
    since: datetime
    until: datetime
    divisor: float | None  # from the values sent to mean kW; None where they are no mean power
    is_delta: bool  # kWh since the last reading
    exports: bool
    interval_s: int
    side: int  # 0: inside its span; -1 and 1: before and after it, where adjacent readings are looked up
    units_per_kwh: float  # of energy counted since the last reading


PROFILE_SEGMENTS = """
segments AS MATERIALIZED (
    SELECT * FROM unnest(
        %(span)s::int[], %(device_pk)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[],
        %(divisor)s::float8[], %(is_delta)s::bool[], %(exports)s::bool[], %(interval_s)s::int[], %(side)s::int[],
        %(units_per_kwh)s::float8[]
    ) AS p(span, device_id, since, until, divisor, is_delta, exports, interval_s, side, units_per_kwh)
)"""
# Constants when a statement is planned, so that it opens no other months; each segment narrows them.
TIME_BOUNDS = "r.at >= %(first)s AND r.at < %(last)s"
IN_SEGMENT = f"r.device_id = p.device_id AND r.at >= p.since AND r.at < p.until AND {TIME_BOUNDS}"


def segment_parameters(segments: list[ProfileSegment]) -> dict[str, Any]:
    """The parameters of `PROFILE_SEGMENTS` and `TIME_BOUNDS`."""
    result: dict[str, Any] = dict(
        zip(ProfileSegment._fields, unnest_columns(segments, len(ProfileSegment._fields)), strict=True)
    )
    return {**result, "first": min(result["since"], default=None), "last": max(result["until"], default=None)}


class ProfileTimeline:
    """The profiles of one device; the first one also holds for older readings (backfill)."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.profiles = sorted(device.profiles.all(), key=lambda p: p.valid_from) or [DeviceProfile(device=device)]
        self.change_times = [p.valid_from for p in self.profiles[1:]]
        self.fitting_times = sorted(unit.fitted_at for unit in device.hardware.all())
        # What people decided about its counters: only where they were fetched, which recounting does.
        decided_steps = getattr(device, "decided_steps", ())
        self.register_decisions = CounterDecisions(decided_steps, "energy_kwh")
        self.power_decisions = CounterDecisions(decided_steps, "power_consumption")
        self.has_decisions = bool(decided_steps)

    def at(self, moment: datetime) -> DeviceProfile:
        return self.profiles[bisect_right(self.change_times, moment)]

    def units_per_kwh(self, moment: datetime) -> float:
        """Of its registers, and of energy counted since the last reading."""
        return UNITS_PER_KWH[self.at(moment).energy_unit]

    def spans(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime, DeviceProfile]]:
        """`start`–`end` split where the profile changes → (start, end, profile) each."""
        cuts = [start, *(moment for moment in self.change_times if start < moment < end), end]
        return [(a, b, self.at(a)) for a, b in pairwise(cuts) if a < b]

    def profile_segments(self, start: datetime, end: datetime, span: int = 0, side: int = 0) -> list[ProfileSegment]:
        return [
            ProfileSegment(
                span,
                self.device.pk,
                since,
                until,
                DIVISORS.get(profile.power_kind),
                profile.power_kind == PowerKind.KWH_PER_READING,
                profile.exports_power,
                profile.interval_s,
                side,
                UNITS_PER_KWH[profile.energy_unit],
            )
            for since, until, profile in self.spans(start, end)
        ]

    def case_sql(self, column: str, expression_for: Callable[[DeviceProfile], str]) -> tuple[str, list[datetime]]:
        """SQL that is `expression_for(profile)` of the profile that holds at `column`, with its parameters."""
        last = expression_for(self.profiles[-1])
        if not self.change_times:
            return last, []
        branches = " ".join(f"WHEN {column} < %s THEN {expression_for(profile)}" for profile in self.profiles[:-1])
        return f"CASE {branches} ELSE {last} END", list(self.change_times)

    def expected(self, start: datetime, end: datetime) -> float:
        """Number of readings between two moments, by the interval of each profile."""
        if start < end and bisect_right(self.change_times, start) == bisect_left(self.change_times, end):
            return (end - start).total_seconds() / self.at(start).interval_s  # one profile, as nearly always
        return sum((b - a).total_seconds() / profile.interval_s for a, b, profile in self.spans(start, end))

    def expected_per_bucket(self, starts: Sequence[datetime], end: datetime, until: datetime) -> list[float]:
        """Per bucket: from each of `starts` up to the next, the last up to `end`, none after `until`."""
        if not starts:
            return []
        ends = [min(moment, until) for moment in (*starts[1:], end)]
        if len(self.spans(starts[0], end)) == 1:  # a year's chart has 365 buckets
            interval_s = self.at(starts[0]).interval_s
            return [(b - a).total_seconds() / interval_s if a < b else 0.0 for a, b in zip(starts, ends, strict=True)]
        return [self.expected(a, b) for a, b in zip(starts, ends, strict=True)]

    def sample(self, at: datetime, power: float | None, register: float | None, suspect: int) -> EnergySample:
        """A stored reading as input of `telemetry.signal.energy`."""
        profile = self.at(at)
        units_per_kwh = UNITS_PER_KWH[profile.energy_unit]
        power_units = units_per_kwh if profile.power_kind in COUNTERS else 1.0
        # readings older than the first fitting are the first unit's (backfill)
        unit = bisect_right(self.fitting_times[1:], at)
        sample = EnergySample(
            at.timestamp(),
            None if power is None or suspect & POWER_BIT else power / power_units,
            None if register is None or suspect & REGISTER_BIT else register / units_per_kwh,
            profile.power_kind,
            profile.interval_s,
            profile.exports_power,
            unit,
            power is not None,
            unit,
            profile.rated_kw,
            profile.register_width / units_per_kwh if profile.register_width else None,
        )
        return self.as_decided(sample, at) if self.has_decisions else sample

    def as_decided(self, sample: EnergySample, at: datetime) -> EnergySample:
        """A sample as people decided about its counters: mean power is none."""
        is_power_ignored = sample.kind in COUNTERS and self.power_decisions.is_ignored(at)
        return sample._replace(
            power=None if is_power_ignored else sample.power,
            register=None if self.register_decisions.is_ignored(at) else sample.register,
            unit=sample.unit + self.register_decisions.meters_before(at),
            has_power=sample.has_power and not is_power_ignored,
            power_unit=sample.power_unit + self.power_decisions.meters_before(at),
            verdict=self.register_decisions.verdict(at),
            power_verdict=self.power_decisions.verdict(at),
        )


TimelineSpan = tuple[ProfileTimeline, datetime, datetime]  # of one device, with its start and end


def valid_expression(name: str, row: str = "r") -> str:
    """SQL: a stored metric, or NULL where it is suspect or too large to be summed."""
    column = f"{row}.{name}"
    return (
        f"CASE WHEN {row}.suspect & {SUSPECT_BIT[name]} = 0 AND abs({column}) < {MAX_MAGNITUDE:.0f} THEN {column} END"
    )


# Mean kW by the segment `p`; NULL for a register, whose single values give no power. kWh since the last reading is
# spread over the time since then.
MEAN_KW = (
    "CASE WHEN p.divisor IS NOT NULL THEN {value} / p.divisor WHEN p.is_delta THEN {value} / p.units_per_kwh * 3600 / "
    "GREATEST(p.interval_s, date_part('epoch', r.at - (SELECT b.at FROM telemetry_reading b "
    "WHERE b.device_id = r.device_id AND b.at < r.at AND b.power_consumption IS NOT NULL ORDER BY b.at DESC LIMIT 1))) "
    "END"
)


def value_expression(metric: Metric) -> str:
    """SQL: the valid value of a metric in a reading `r`, normalised by its segment `p`; NULL where it is suspect."""
    if metric is VIBRATION:
        return f"GREATEST({', '.join(valid_expression(axis) for axis in AXES)})"
    if metric.name == "power_consumption":
        return MEAN_KW.format(value=valid_expression(metric.name))
    return valid_expression(metric.name)


# Every metric's valid values per reading. OFFSET 0: the table is read by its key, a segment at a time, whatever the
# planner estimates; and each value is computed once, however often it is summed.
NORMALISED_READINGS = f"""
SELECT p.span, r.at, r.suspect, {valid_expression("power_consumption")} AS power_sent,
       {", ".join(f"{value_expression(metric)} AS {metric.name}" for metric in ROLLED_UP_METRICS)}
FROM segments p CROSS JOIN LATERAL (
    SELECT * FROM telemetry_reading r WHERE {IN_SEGMENT} OFFSET 0
) r
WHERE p.side = 0 OFFSET 0
"""
