"""What the overview shows of a factory, gathered with a fixed number of queries however many machines there are."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from alerts.models import Alert, Severity
from carbonseed.dashboard.machines import MachineState, build_machines, load_devices, severity_rank
from carbonseed.dashboard.sparkline import band, bars
from core.svg import nice_ceiling
from devices.models import Device
from telemetry.models import UnreadStreak
from telemetry.queries import totals
from telemetry.queries.factory_summary import FactorySummary, summarise_factory
from telemetry.queries.unread_streaks import is_recent, unread_of_gateways

QUARTERS_A_DAY = 96
WEEK = timedelta(days=7)
WEEKS_OF_BAND = 4
MIN_COVERAGE_PERCENT = 80  # percent; below it a comparison would compare gaps


class Overview(NamedTuple):
    machines: list[MachineState]
    alerts: list[Alert]
    today: FactorySummary
    change: float | None  # percent of energy against the same hours of the same weekday, a week before
    against: str  # that day's name
    hottest: MachineState | None
    gassiest: MachineState | None
    shakiest: MachineState | None
    power: dict
    now: datetime
    unread_gateways: list[UnreadStreak]  # of which nothing can be read

    @property
    def unread(self) -> bool:
        """Whether nothing of a machine or a gateway can be read."""
        return bool(self.unread_gateways) or any(machine.unread for machine in self.machines)

    @property
    def less(self):
        return -self.change

    @property
    def gap_hours(self) -> str:
        """Text of the coverage badge: what is missing."""
        return f"{self.today.energy.missing_hours:.1f} machine hours without a figure; gaps count nothing."

    @property
    def suspect(self):
        """Readings of today with a value that is left out of the figures."""
        return sum(summary.suspect for summary in self.today.devices.values())

    @property
    def reporting(self):
        return sum(machine.is_reporting for machine in self.machines)

    @property
    def expected(self):
        """Paused machines owe no word."""
        return sum(machine.device.is_active for machine in self.machines)

    @property
    def silent(self):
        return self.expected - self.reporting

    @property
    def critical(self):
        return sum(alert.severity == Severity.CRITICAL for alert in self.alerts)

    @property
    def worst(self):
        """The alert to look at first: the most severe, and of those the newest."""
        return min(reversed(self.alerts), key=severity_rank, default=None)

    @property
    def since_format(self) -> str:
        return "H:i" if self.now - self.worst.triggered_at < timedelta(hours=20) else "j M, H:i"

    @property
    def critical_text(self) -> str:
        return f"{self.critical} critical"

    @property
    def oldest(self):
        return min((alert.triggered_at for alert in self.alerts), default=None)


def overview_of(factory, user, now) -> Overview:
    devices = load_devices(Device.objects.for_user(user).for_factory(factory).current())
    alerts = list(
        Alert.objects.for_user(user).for_factory(factory).open().select_related("device").order_by("triggered_at")
    )
    midnight = start_of_day(factory, now)
    today = summarise_factory(factory, midnight, now, now, devices)
    metered = [pk for pk, summary in today.devices.items() if summary.measures_energy]
    machines = build_machines(devices, alerts, today.devices, now)
    return Overview(
        machines=machines,
        alerts=alerts,
        today=today,
        change=energy_change_percent(today.energy, metered, midnight, now),
        against=midnight.strftime("%a"),
        hottest=highest(machines, "temperature"),
        gassiest=highest(machines, "gas_index"),
        shakiest=highest(machines, "vibration"),
        power=power_by_quarter(today.power, metered, midnight, now),
        now=now,
        unread_gateways=[streak for streak in unread_of_gateways(factory) if is_recent(streak, now)],
    )


def start_of_day(factory, now):
    return datetime.combine(now.astimezone(factory.zone).date(), time(), tzinfo=factory.zone)


def mean(values):
    return sum(values) / len(values) if values else None


def highest(machines, metric):
    """The reporting machine with the highest present value of `metric`."""
    reporting = [machine for machine in machines if machine.is_reporting and machine.values.get(metric) is not None]
    return max(reporting, key=lambda machine: machine.values[metric], default=None)


def energy_change_percent(energy, metered, midnight, now):
    """Percent against the same hours a week ago; None unless both are covered, or it would compare gaps."""
    before = totals.sums(metered, midnight - WEEK, now - WEEK)
    kwh = sum(sums["energy_kwh"] or 0.0 for sums in before.values())
    covered_s = sum(sums["covered_s"] or 0.0 for sums in before.values())
    possible_s = (now - midnight).total_seconds() * len(metered)
    if not kwh or energy.measured_kwh is None or (energy.coverage_percent or 0) < MIN_COVERAGE_PERCENT:
        return None
    if 100 * covered_s / possible_s < MIN_COVERAGE_PERCENT:
        return None
    return 100 * (energy.measured_kwh - kwh) / kwh


def power_by_quarter(power, metered, midnight, now) -> dict:
    """Mean kW of each quarter hour today, and the lowest and highest of the same weekday in the weeks before."""
    earlier = []
    for week in range(1, WEEKS_OF_BAND + 1):
        day = midnight - week * WEEK
        kw_by_quarter = totals.power_by_quarter(metered, day, day + timedelta(days=1))
        earlier.append(quarter_slots({moment: kw for moment, (kw, _) in kw_by_quarter.items()}, day))
    today = quarter_slots(dict(zip(map(from_epoch, power["t"]), power["kw"], strict=True)), midnight)
    unfinished = int((now - midnight).total_seconds() // 900)
    if unfinished < QUARTERS_A_DAY:
        today[unfinished] = None  # the running quarter would look like a fall
    return power_chart(today, earlier, midnight)


def from_epoch(seconds):
    return datetime.fromtimestamp(seconds, UTC)


def quarter_slots(kw_by_quarter, midnight) -> list:
    """{quarter: kW} → 96 places of the day that begins at `midnight`, None where nothing was measured."""
    return [kw_by_quarter.get(midnight + timedelta(minutes=15 * place)) for place in range(QUARTERS_A_DAY)]


def power_chart(today, earlier, midnight, height=100) -> dict:
    columns = [[day[place] for day in earlier if day[place] is not None] for place in range(QUARTERS_A_DAY)]
    lows = [min(column) if len(column) > 1 else None for column in columns]
    highs = [max(column) if len(column) > 1 else None for column in columns]
    known = [value for value in [*today, *highs] if value is not None]
    top = nice_ceiling(max(known, default=0))
    peak = max((value for value in today if value is not None), default=None)
    return {
        "bars": bars(today, height, top),
        "band": band(lows, highs, height, top),
        "has_band": any(low is not None for low in lows),
        "top": top,
        "half": top / 2,
        "peak": peak,
        "peak_at": midnight + timedelta(minutes=15 * today.index(peak)) if peak is not None else None,
        "weekday": midnight.strftime("%A"),
        "hours": hourly_table(today, lows, highs, midnight),
    }


def hourly_table(today, lows, highs, midnight) -> Iterator:
    """The table beside the chart: mean kW per hour, for those who cannot see the bars."""
    for hour in range(24):
        part = slice(4 * hour, 4 * hour + 4)
        known = [value for value in today[part] if value is not None]
        yield {
            "at": midnight + timedelta(hours=hour),
            "kw": mean(known),
            "low": min((value for value in lows[part] if value is not None), default=None),
            "high": max((value for value in highs[part] if value is not None), default=None),
        }
