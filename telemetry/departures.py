"""Where machines stand now against their usual level at this time of the week, in numbers and in a foreman's words."""

from dataclasses import dataclass

from telemetry import quarters
from telemetry.baseline import Comparison, compare
from telemetry.metrics import BY_NAME

SHOWN = ["temperature", "power_consumption", "vibration", "gas_index", "humidity", "pressure"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@dataclass(frozen=True)
class Departure:
    """One metric of a machine in the last finished quarter hour."""

    machine: str
    comparison: Comparison
    time_of_week: str  # "Tuesday 14:15", in the factory's zone

    @property
    def metric(self):
        return BY_NAME[self.comparison.metric]

    @property
    def unit(self):
        return {"power_consumption": "kW", "gas_index": ""}.get(self.metric.name, self.metric.unit)

    @property
    def change_percent(self):
        """Against the usual level; None where that is near zero and a percentage would say nothing."""
        middle = self.comparison.usual.median
        if abs(middle) <= BY_NAME[self.comparison.metric].least_spread:
            return None
        return 100 * (self.comparison.value - middle) / abs(middle)

    @property
    def words(self) -> str:
        """ "Cooling tower: vibration is 38 % above its usual Tuesday 14:15 level." """
        what = f"{self.machine}: {self.metric.label[0].lower()}{self.metric.label[1:]}"
        if not self.comparison.is_unusual:
            return f"{what} is as usual for {self.time_of_week}."
        side = "above" if self.comparison.z > 0 else "below"
        by = abs(self.comparison.value - self.comparison.usual.median)
        far = f"{by:.{self.metric.decimals}f} {self.unit}".strip()
        if self.metric.name not in ("temperature", "humidity", "pressure") and self.change_percent is not None:
            far = f"{abs(self.change_percent):.0f} %"  # of a temperature in °C a percentage says nothing
        return f"{what} is {far} {side} its usual {self.time_of_week} level."


def departures(devices, now) -> list[Departure]:
    """What every machine says in the last finished quarter hour and has a usual level for, the most unusual first."""
    devices = list(devices)
    labels = {device.pk: (device.label, device.factory.zone) for device in devices}
    rows = []
    for comparison in compare(devices, [quarters.floor(now) - quarters.QUARTER], SHOWN):
        if comparison.z is not None:
            machine, zone = labels[comparison.device_pk]
            here = comparison.at.astimezone(zone)
            rows.append(Departure(machine, comparison, f"{DAYS[here.weekday()]} {here:%H:%M}"))
    return sorted(rows, key=lambda row: (-abs(row.comparison.z), row.machine, row.metric.name))
