"""Current deviations of machines from their usual level at this time of the week, in numbers and as a sentence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from calculations.trace import require
from devices.models import Device
from telemetry.analytics.baseline import Comparison, UsualLevel, compare
from telemetry.metrics import BY_NAME, Metric
from telemetry.rollups import quarter_hours

RANKED_METRICS = ["temperature", "power_consumption", "vibration", "gas_index", "humidity", "pressure"]
MAX_LOOK_BACK = timedelta(hours=12)  # how far back the start of an unusual run is searched
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@dataclass(frozen=True)
class LevelDeviation:
    """One metric of a machine in the last finished quarter hour."""

    machine: str
    comparison: Comparison
    time_of_week: str  # "Tuesday 18:00", in the factory's zone
    since: datetime | None = None  # start of the unusual run to the same side, in that zone
    may_be_earlier: bool = False  # the run reaches back to `MAX_LOOK_BACK`

    @property
    def metric(self) -> Metric:
        return BY_NAME[self.comparison.metric]

    @property
    def value(self) -> float:
        return require(self.comparison.value)

    @property
    def usual(self) -> UsualLevel:
        return require(self.comparison.usual)

    @property
    def z(self) -> float:
        return require(self.comparison.z)

    @property
    def unit(self) -> str:
        return self.metric.shown_unit

    @property
    def change_percent(self) -> float | None:
        """Against the usual level; None where that is near zero and a percentage has no meaning."""
        middle = self.usual.median
        if abs(middle) <= BY_NAME[self.comparison.metric].min_spread:
            return None
        return 100 * (self.value - middle) / abs(middle)

    @property
    def words(self) -> str:
        """ "Cooling tower: vibration is 38 % above its usual Tuesday 18:00 level, unusually high since 14:15." """
        what = f"{self.machine}: {self.metric.label[0].lower()}{self.metric.label[1:]}"
        if not self.comparison.is_unusual:
            return f"{what} is as usual for {self.time_of_week}."
        side = "above" if self.z > 0 else "below"
        by = abs(self.value - self.usual.median)
        far = f"{by:.{self.metric.decimals}f} {self.unit}".strip()
        if self.metric.name not in ("temperature", "humidity", "pressure") and self.change_percent is not None:
            far = f"{abs(self.change_percent):.0f} %"  # of a temperature in °C a percentage has no meaning
        return f"{what} is {far} {side} its usual {self.time_of_week} level{self.since_text}."

    @property
    def since_text(self) -> str:
        """ ", unusually high since 14:15", the weekday with it where that is another; nothing where it is not known."""
        if self.since is None:
            return ""
        day, time = WEEKDAYS[self.since.weekday()], f"{self.since:%H:%M}"
        when = time if self.time_of_week.startswith(day) else f"{day} {time}"
        height = "high" if self.z > 0 else "low"
        return f", unusually {height} since {when}{' or earlier' if self.may_be_earlier else ''}"


def level_deviations(devices: Iterable[Device], now: datetime) -> list[LevelDeviation]:
    """Every metric with a usual level in the last finished quarter hour of each machine, the most unusual first."""
    devices = list(devices)
    labels = {device.pk: (device.label, device.factory.zone) for device in devices}
    rows = []
    for comparison in compare(devices, [quarter_hours.floor(now) - quarter_hours.QUARTER], RANKED_METRICS):
        if comparison.z is not None:
            machine, zone = labels[comparison.device_pk]
            here = comparison.at.astimezone(zone)
            rows.append(LevelDeviation(machine, comparison, f"{WEEKDAYS[here.weekday()]} {here:%H:%M}"))
    rows = add_start_times(rows, devices, now)
    return sorted(rows, key=lambda row: (-abs(row.z), row.machine, row.metric.name))


def add_start_times(rows: list[LevelDeviation], devices: Sequence[Device], now: datetime) -> list[LevelDeviation]:
    """The same, each unusual one with the start of its run. A gap, or a quarter without a usual level, ends a run."""
    unusual_pks = {row.comparison.device_pk for row in rows if row.comparison.is_unusual}
    if not unusual_pks:
        return rows
    zones = {device.pk: device.factory.zone for device in devices}
    last = quarter_hours.floor(now) - quarter_hours.QUARTER
    moments = [last - index * quarter_hours.QUARTER for index in range(1, MAX_LOOK_BACK // quarter_hours.QUARTER + 1)]
    metrics = sorted({row.comparison.metric for row in rows if row.comparison.is_unusual})
    earlier = {
        (comparison.device_pk, comparison.metric, comparison.at): comparison
        for comparison in compare([device for device in devices if device.pk in unusual_pks], moments, metrics)
    }
    return [row if not row.comparison.is_unusual else with_start_time(row, earlier, moments, zones) for row in rows]


def with_start_time(
    row: LevelDeviation,
    earlier: dict[tuple[int, str, datetime], Comparison],
    moments: Sequence[datetime],
    zones: dict[int, ZoneInfo],
) -> LevelDeviation:
    """`moments` newest first."""
    comparison, since = row.comparison, row.comparison.at
    for moment in moments:
        before = earlier.get((comparison.device_pk, comparison.metric, moment))
        if before is None or not before.is_unusual or (require(before.z) > 0) != (row.z > 0):
            break
        since = moment
    return replace(row, since=since.astimezone(zones[comparison.device_pk]), may_be_earlier=since == moments[-1])
