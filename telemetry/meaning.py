"""What a device's figures mean at a moment: its profiles and units in time order, for Python and for SQL."""

from bisect import bisect_right
from datetime import datetime
from itertools import pairwise

from devices.models import Device, DeviceProfile, PowerKind
from telemetry.energy import HUGE, Sample
from telemetry.metrics import SUSPECT_BIT

POWER_BIT, REGISTER_BIT = SUSPECT_BIT["power_consumption"], SUSPECT_BIT["energy_kwh"]


class Meaning:
    """The profiles of one device; the first also holds for readings older than it (backfill)."""

    def __init__(self, device: Device):
        self.device = device
        self.profiles = sorted(device.profiles.all(), key=lambda p: p.valid_from) or [DeviceProfile(device=device)]
        self.since = [p.valid_from for p in self.profiles[1:]]
        self.fitted = sorted(unit.fitted_at for unit in device.hardware.all())

    def at(self, moment: datetime) -> DeviceProfile:
        return self.profiles[bisect_right(self.since, moment)]

    def spans(self, start: datetime, end: datetime):
        """`start`–`end` cut where the profile changes → (start, end, profile) each."""
        cuts = [start, *(moment for moment in self.since if start < moment < end), end]
        return [(a, b, self.at(a)) for a, b in pairwise(cuts) if a < b]

    def expected(self, start: datetime, end: datetime) -> float:
        """Readings the intervals promise between two moments."""
        return sum((b - a).total_seconds() / profile.interval_s for a, b, profile in self.spans(start, end))

    def sample(self, at: datetime, power, register, suspect: int) -> Sample:
        profile = self.at(at)
        return Sample(
            at.timestamp(),
            None if suspect & POWER_BIT else power,
            None if suspect & REGISTER_BIT else register,
            profile.power_kind,
            profile.interval_s,
            profile.exports_power,
            bisect_right(self.fitted[1:], at),  # the first unit also said what is older than its fitting (backfill)
            power is not None,
        )

    def case(self, column: str, answers) -> tuple[str, list]:
        """SQL that is `answers(profile)`, an expression, for the profile held at `column`, with its parameters."""
        branches, parameters = [], []
        for profile, until in zip(self.profiles, self.since, strict=False):
            branches.append(f"WHEN {column} < %s THEN {answers(profile)}")
            parameters.append(until)
        last = answers(self.profiles[-1])
        return (f"CASE {' '.join(branches)} ELSE {last} END" if branches else last), parameters


def kw_expression(profile: DeviceProfile, value: str, elapsed_s: str) -> str:
    """SQL: `value` as sent → mean kW. kWh since the last reading is shared over the time since then."""
    if profile.power_kind == PowerKind.W:
        return f"({value} / 1000)"
    if profile.power_kind == PowerKind.KWH_PER_READING:
        return f"({value} * 3600 / GREATEST({int(profile.interval_s)}, {elapsed_s}))"
    if profile.power_kind == PowerKind.REGISTER:
        return "NULL::float8"
    return f"{value}"


def valid_expression(name: str, row: str = "r") -> str:
    """SQL: a stored metric, or NULL where it is suspect or beyond what a sum can carry."""
    column = f"{row}.{name}"
    return f"CASE WHEN {row}.suspect & {SUSPECT_BIT[name]} = 0 AND abs({column}) < {HUGE:.0f} THEN {column} END"
