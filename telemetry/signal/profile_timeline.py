"""What a device's figures mean at a moment: its profiles and units in time order, for Python and for SQL."""

from bisect import bisect_left, bisect_right
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from devices.models import Device, DeviceProfile, PowerKind
from telemetry.metrics import AXES, ROLLED_UP_METRICS, SUSPECT_BIT, VIBRATION
from telemetry.signal.energy import MAX_MAGNITUDE, EnergySample
from telemetry.sql import unnest_columns

POWER_BIT, REGISTER_BIT = SUSPECT_BIT["power_consumption"], SUSPECT_BIT["energy_kwh"]
DIVISORS = {PowerKind.KW: 1.0, PowerKind.W: 1000.0}  # of a mean power, to kW


class ProfileSegment(NamedTuple):
    """A stretch of a span in which one profile holds, as SQL joins it with readings (`WITH {PROFILE_SEGMENTS}`)."""

    span: int  # which span of a list it is a piece of
    device_pk: int
    since: datetime
    until: datetime
    divisor: float | None  # from what is sent to mean kW; None where it is no mean power
    is_delta: bool  # kWh since the last reading
    exports: bool
    interval_s: int
    side: int  # 0 inside its span; -1 and 1: before and after it, where whoever speaks into it is looked for


PROFILE_SEGMENTS = """
segments AS MATERIALIZED (
    SELECT * FROM unnest(
        %(span)s::int[], %(device_pk)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[],
        %(divisor)s::float8[], %(is_delta)s::bool[], %(exports)s::bool[], %(interval_s)s::int[], %(side)s::int[]
    ) AS p(span, device_id, since, until, divisor, is_delta, exports, interval_s, side)
)"""
# Known when a statement is planned, so that it opens no other months. Where a piece of its own says more.
TIME_BOUNDS = "r.at >= %(first)s AND r.at < %(last)s"
IN_SEGMENT = f"r.device_id = p.device_id AND r.at >= p.since AND r.at < p.until AND {TIME_BOUNDS}"


def segment_parameters(segments: list[ProfileSegment]) -> dict:
    """What `PIECES` and `BOUNDS` take."""
    result = dict(zip(ProfileSegment._fields, unnest_columns(segments, len(ProfileSegment._fields)), strict=True))
    return {**result, "first": min(result["since"], default=None), "last": max(result["until"], default=None)}


class ProfileTimeline:
    """The profiles of one device; the first also holds for readings older than it (backfill)."""

    def __init__(self, device: Device):
        self.device = device
        self.profiles = sorted(device.profiles.all(), key=lambda p: p.valid_from) or [DeviceProfile(device=device)]
        self.change_times = [p.valid_from for p in self.profiles[1:]]
        self.fitting_times = sorted(unit.fitted_at for unit in device.hardware.all())

    def at(self, moment: datetime) -> DeviceProfile:
        return self.profiles[bisect_right(self.change_times, moment)]

    def spans(self, start: datetime, end: datetime):
        """`start`–`end` cut where the profile changes → (start, end, profile) each."""
        cuts = [start, *(moment for moment in self.change_times if start < moment < end), end]
        return [(a, b, self.at(a)) for a, b in pairwise(cuts) if a < b]

    def profile_segments(self, start: datetime, end: datetime, span=0, side=0) -> list[ProfileSegment]:
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
            )
            for since, until, profile in self.spans(start, end)
        ]

    def case_sql(self, column: str, expression_for) -> tuple[str, list]:
        """SQL that is `expression_for(profile)`, an expression, for the profile held at `column`, with its parameters."""
        last = expression_for(self.profiles[-1])
        if not self.change_times:
            return last, []
        branches = " ".join(f"WHEN {column} < %s THEN {expression_for(profile)}" for profile in self.profiles[:-1])
        return f"CASE {branches} ELSE {last} END", list(self.change_times)

    def expected(self, start: datetime, end: datetime) -> float:
        """Readings the intervals promise between two moments."""
        if start < end and bisect_right(self.change_times, start) == bisect_left(self.change_times, end):
            return (end - start).total_seconds() / self.at(start).interval_s  # one profile, as nearly always
        return sum((b - a).total_seconds() / profile.interval_s for a, b, profile in self.spans(start, end))

    def expected_per_bucket(self, starts, end: datetime, until: datetime) -> list[float]:
        """The same per bucket: of each of `starts` up to the next, of the last up to `end`, nothing after `until`."""
        if not starts:
            return []
        ends = [min(moment, until) for moment in (*starts[1:], end)]
        if len(self.spans(starts[0], end)) == 1:  # a year's chart asks for 365 buckets
            interval_s = self.at(starts[0]).interval_s
            return [(b - a).total_seconds() / interval_s if a < b else 0.0 for a, b in zip(starts, ends, strict=True)]
        return [self.expected(a, b) for a, b in zip(starts, ends, strict=True)]

    def sample(self, at: datetime, power, register, suspect: int) -> EnergySample:
        profile = self.at(at)
        return EnergySample(
            at.timestamp(),
            None if suspect & POWER_BIT else power,
            None if suspect & REGISTER_BIT else register,
            profile.power_kind,
            profile.interval_s,
            profile.exports_power,
            bisect_right(
                self.fitting_times[1:], at
            ),  # the first unit also said what is older than its fitting (backfill)
            power is not None,
        )


def valid_expression(name: str, row: str = "r") -> str:
    """SQL: a stored metric, or NULL where it is suspect or beyond what a sum can carry."""
    column = f"{row}.{name}"
    return (
        f"CASE WHEN {row}.suspect & {SUSPECT_BIT[name]} = 0 AND abs({column}) < {MAX_MAGNITUDE:.0f} THEN {column} END"
    )


# Mean kW by the piece `p`; NULL for a register, of which one value says nothing. kWh since the last reading is shared
# over the time since then.
MEAN_KW = (
    "CASE WHEN p.divisor IS NOT NULL THEN {value} / p.divisor WHEN p.is_delta THEN {value} * 3600 / "
    "GREATEST(p.interval_s, date_part('epoch', r.at - (SELECT b.at FROM telemetry_reading b "
    "WHERE b.device_id = r.device_id AND b.at < r.at AND b.power_consumption IS NOT NULL ORDER BY b.at DESC LIMIT 1))) "
    "END"
)


def value_expression(metric) -> str:
    """SQL: what a reading `r` says of a metric by the meaning of its piece `p`, NULL where it cannot be believed."""
    if metric is VIBRATION:
        return f"GREATEST({', '.join(valid_expression(axis) for axis in AXES)})"
    if metric.name == "power_consumption":
        return MEAN_KW.format(value=valid_expression(metric.name))
    return valid_expression(metric.name)


# Every metric's valid values per reading. OFFSET 0: the table is entered by its key, a piece at a time, whatever the
# planner believes of it; and each value is computed once, however often it is summed.
NORMALISED_READINGS = f"""
SELECT p.span, r.at, r.suspect, {valid_expression("power_consumption")} AS power_sent,
       {", ".join(f"{value_expression(metric)} AS {metric.name}" for metric in ROLLED_UP_METRICS)}
FROM segments p CROSS JOIN LATERAL (
    SELECT * FROM telemetry_reading r WHERE {IN_SEGMENT} OFFSET 0
) r
WHERE p.side = 0 OFFSET 0
"""
