"""Insights over the last day, week or month: figures with formula, baseline and coverage, and details by machine."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import prefetch_related_objects

from core.number_format import indian
from devices.models import Device
from telemetry.analytics.anomalies import LevelDeviation, level_deviations
from telemetry.analytics.doubt_list import DeviceDoubt, open_doubts
from telemetry.analytics.health import ZERO_HEALTH_VIBRATION, Health, HealthPart, health_by_device, vibration_parts
from telemetry.queries import totals
from telemetry.queries.doubtful_energy import LeftOut, left_out_in_all
from telemetry.queries.factory_summary import combine_energy, mean
from telemetry.queries.limit_counts import Bound, count_violations
from telemetry.queries.summary import DeviceSummary, EnergyTotals, percent, summarise_many
from telemetry.signal.profile_timeline import ProfileTimeline

Summaries = dict[int, DeviceSummary]  # by device
Counts = tuple[dict[int, int], int]  # of `count_violations`
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PERIODS = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
ROLLING_WINDOWS = {"24h": [HOUR, 6 * HOUR, DAY], "7d": [DAY, 3 * DAY, 7 * DAY], "30d": [DAY, 7 * DAY, 30 * DAY]}
ROLLING_METRICS = ["temperature", "gas_index", "vibration", "power_consumption"]


@dataclass
class InsightFigure:
    """A figure with its formula. `coverage_percent` is the share of expected data behind it."""

    name: str
    label: str
    unit: str
    decimals: int
    value: float | None
    baseline: float | None  # the same figure of the period before
    formula: str
    coverage_percent: float | None
    note: str = ""
    suspect: int = 0  # values left out of it
    parts: dict[str, float | None] = field(default_factory=dict)  # what it adds up from

    @property
    def missing(self) -> str:
        """What is missing, for the coverage badge."""
        if self.name == "energy_consumption":
            return self.note
        return "The rest of the promised readings did not come, or held suspect values."

    @property
    def change_points(self) -> float | None:
        """Of a percentage: a per cent of a per cent would mislead."""
        if self.unit != "%" or self.value is None or self.baseline is None:
            return None
        return self.value - self.baseline

    @property
    def change_percent(self) -> float | None:
        """Against the baseline; None where there is none to compare with, or it is zero."""
        if self.value is None or not self.baseline:
            return None
        return 100 * (self.value - self.baseline) / abs(self.baseline)


@dataclass
class ThresholdInsight:
    """How often a limit was crossed: readings beyond it in the period, and in the one before."""

    key: int
    device_pk: int
    machine: str
    metric: str
    title: str
    readings: int
    baseline: int


@dataclass
class MachineInsight:
    device_pk: int
    label: str
    avg_temperature: float | None
    max_temperature: float | None
    avg_gas_index: float | None
    health: Health
    suspect: int  # readings with a value that is left out
    uptime_percent: float | None
    capture_percent: float | None
    energy_kwh: float | None
    bridged_kwh: float | None
    coverage_percent: float | None  # of energy
    missing_hours: float
    exported_kwh: float | None  # fed back, not subtracted from energy_kwh


@dataclass
class Insights:
    period: str
    start: datetime
    end: datetime
    baseline_start: datetime
    figures: list[InsightFigure]
    rolling: dict[str, list]  # {metric: [{"hours", "mean"}, …]}, shortest window first
    thresholds: list[ThresholdInsight]
    machines: list[MachineInsight]
    level_deviations: list[LevelDeviation]  # the last finished quarter hour against its usual level
    power_doubts: list[DeviceDoubt]  # about the units of power, registers, vibration and temperature

    def metrics(self) -> dict[str, float | None]:
        return {figure.name: figure.value for figure in self.figures}

    def explanation(self) -> dict[str, Any]:
        """Per figure its window, baseline, formula and coverage, as JSON."""
        window = {"start": self.start.isoformat(), "end": self.end.isoformat()}
        before = {"start": self.baseline_start.isoformat(), "end": self.start.isoformat()}
        return {
            figure.name: {
                "window": window,
                "baseline": {**before, "value": figure.baseline, "change_percent": figure.change_percent},
                **{key: asdict(figure)[key] for key in ("unit", "formula", "coverage_percent", "suspect", "note")},
                **figure.parts,
            }
            for figure in self.figures
        }


def insights(
    devices: Iterable[Device],
    period: str,
    now: datetime,
    bounds: Sequence[Bound] = (),
    titles: Mapping[int, str] | None = None,
) -> Insights:
    """Insights of these devices for the last `period` (24h, 7d, 30d), compared with the period before.

    `bounds` are the limits of enabled rules, one per device and limit, `titles` their names by key: rules belong to a
    higher app.
    """
    devices = list(devices)
    prefetch_related_objects(devices, "profiles", "hardware", "factory__shifts")
    length = PERIODS[period]
    start, before = now - length, now - 2 * length
    current, previous = summarise_many(devices, start, now, now), summarise_many(devices, before, start, now)
    timelines = {device.pk: ProfileTimeline(device) for device in devices}
    parts = [
        vibration_parts(devices, a, b, summaries)
        for a, b, summaries in ((start, now, current), (before, start, previous))
    ]
    health = health_by_device(devices, start, now, current)
    doubtful = left_out_in_all(timelines, start, now)
    counts = [count_violations(bounds, timelines, a, b) for a, b in ((start, now), (before, start))]
    return Insights(
        period,
        start,
        now,
        before,
        insight_figures(current, previous, parts, counts, doubtful),
        rolling_means(list(timelines), ROLLING_WINDOWS[period], now),
        threshold_insights(bounds, titles or {}, {device.pk: device.label for device in devices}, counts),
        [machine_insight(device, current[device.pk], health[device.pk]) for device in devices],
        level_deviations(devices, now),
        [doubt for doubts in open_doubts(devices, now).values() for doubt in doubts],
    )


def insight_figures(
    current: Summaries,
    previous: Summaries,
    vibrations: Sequence[dict[int, HealthPart]],
    counts: Sequence[Counts],
    doubtful: LeftOut,
) -> list[InsightFigure]:
    now, before = MachinePool(current), MachinePool(previous)
    energy, energy_before = now.energy(), before.energy()
    return [
        InsightFigure(
            "avg_temperature", "Mean temperature", "°C", 1, now.mean("temperature"), before.mean("temperature"),
            "sum of all valid readings ÷ their number, all machines together", now.coverage("temperature"),
            suspect=now.suspect("temperature"),
        ),
        InsightFigure(
            "max_temperature", "Highest temperature", "°C", 1, now.max("temperature"), before.max("temperature"),
            "the highest valid reading of any machine", now.coverage("temperature"),
            suspect=now.suspect("temperature"),
        ),
        InsightFigure(
            "avg_gas_index", "Mean gas index", "", 0, now.mean("gas_index"), before.mean("gas_index"),
            "sum of all valid readings ÷ their number", now.coverage("gas_index"),
            "An indicative index without a unit: it shows change and is never compared with a legal limit.",
            now.suspect("gas_index"),
        ),
        InsightFigure(
            "vibration_health_score", "Vibration health", "of 100", 0,
            lowest_score(vibrations[0]), lowest_score(vibrations[1]),
            f"per machine 100 × (1 − v ÷ {ZERO_HEALTH_VIBRATION:g} m/s²), never below 0, where v is the mean of the "
            "highest worst-axis value of each quarter hour; the lowest machine's score counts",
            now.coverage("vibration"),
            "Machines that send raw acceleration, or under a quarter of the promised values, have no score.",
            now.suspect("vibration"),
        ),
        InsightFigure(
            "device_uptime_percentage", "Device uptime", "%", 1, now.uptime(), before.uptime(),
            "quarter hours in which a machine reported ÷ those in which it should have, mean of all machines",
            now.uptime_coverage(), "Planned stops outside shifts are expected of nobody.",
        ),
        InsightFigure(
            "anomalies_detected", "Readings beyond a limit", "", 0, counts[0][1], counts[1][1],
            "readings with at least one valid value beyond an enabled limit of its machine, each counted once",
            now.capture(), "Both periods are counted with today's limits.", now.suspect(),
        ),
        InsightFigure(
            "energy_consumption", "Energy", "kWh", 1, energy.total_kwh, energy_before.total_kwh,
            "measured kWh plus kWh known from a register across a gap; gaps and doubtful steps count nothing",
            energy.coverage_percent, energy_note(energy, doubtful),
            now.suspect("power_consumption") + now.suspect("energy_kwh"),
            {"measured_kwh": energy.measured_kwh, "bridged_kwh": energy.bridged_kwh},
        ),
    ]  # fmt: skip


def energy_note(energy: EnergyTotals, doubtful: LeftOut) -> str:
    parts = []
    if energy.bridged_kwh:
        parts.append(f"{energy.bridged_kwh:.1f} kWh of it bridged by a meter register, its profile unknown.")
    if energy.exported_kwh:
        parts.append(f"{energy.exported_kwh:.1f} kWh were fed back and are not subtracted.")
    if energy.missing_hours > 0.05:
        parts.append(f"{energy.missing_hours:.1f} machine hours are missing.")
    if doubtful.steps:
        parts.append(
            f"Doubtful steps of counters are left out: {doubtful.steps}, of {indian(doubtful.kwh, 1)} kWh in "
            f"{doubtful.hours:.1f} h."
        )
    return " ".join(parts)


class MachinePool:
    """Several machines' summaries as one."""

    def __init__(self, summaries: Summaries) -> None:
        self.all = list(summaries.values())
        self.expected = [s for s in self.all if s.expected_from]

    def senders(self, metric: str) -> list[DeviceSummary]:
        """Machines that send `metric` at all: for others it is not missing."""
        return [s for s in self.all if s.metrics[metric].count or s.metrics[metric].suspect]

    def mean(self, metric: str) -> float | None:
        count = sum(s.metrics[metric].count for s in self.all)
        total = sum((m.mean or 0.0) * m.count for m in (s.metrics[metric] for s in self.all) if m.count)
        return total / count if count else None

    def max(self, metric: str) -> float | None:
        return max((value for s in self.all if (value := s.metrics[metric].max) is not None), default=None)

    def coverage(self, metric: str) -> float | None:
        senders = self.senders(metric)
        return percent(sum(s.metrics[metric].count for s in senders), sum(s.expected for s in senders))

    def suspect(self, metric: str | None = None) -> int:
        """Values of `metric` left out; without one, readings with any."""
        return sum(s.metrics[metric].suspect if metric else s.suspect for s in self.all)

    def capture(self) -> float | None:
        return percent(sum(s.valid for s in self.expected), sum(s.expected for s in self.expected))

    def uptime(self) -> float | None:
        return mean([s.uptime_percent for s in self.expected if s.uptime_percent is not None])

    def uptime_coverage(self) -> float | None:
        """Always complete: silence is downtime, not missing data."""
        return 100.0 if self.expected else None

    def energy(self) -> EnergyTotals:
        return combine_energy(s for s in self.all if s.measures_energy)


def lowest_score(parts: dict[int, HealthPart]) -> float | None:
    return min((part.value for part in parts.values() if part.value is not None), default=None)


def rolling_means(pks: list[int], windows: Sequence[timedelta], now: datetime) -> dict[str, list]:
    """{metric: [{hours, mean}]}: means over windows that all end now."""
    result: dict[str, list] = {name: [] for name in ROLLING_METRICS}
    for window in windows:
        sums = totals.sums(pks, now - window, now).values()
        for name in ROLLING_METRICS:
            count = sum(row[f"{name}_count"] or 0 for row in sums)
            total = sum(row[f"{name}_sum"] or 0.0 for row in sums)
            result[name].append({"hours": window / HOUR, "mean": total / count if count else None})
    return result


def threshold_insights(
    bounds: Iterable[Bound], titles: Mapping[int, str], labels: Mapping[int, str], counts: Sequence[Counts]
) -> list[ThresholdInsight]:
    """Per limit and machine, most often crossed first."""
    rows = []
    for bound in bounds:
        if bound.device_pk in labels:
            now, before = counts[0][0].get(bound.key, 0), counts[1][0].get(bound.key, 0)
            title, label = titles.get(bound.key, ""), labels[bound.device_pk]
            rows.append(ThresholdInsight(bound.key, bound.device_pk, label, bound.metric, title, now, before))
    return sorted(rows, key=lambda row: (-row.readings, -row.baseline, row.machine, row.title))


def machine_insight(device: Device, summary: DeviceSummary, health: Health) -> MachineInsight:
    metrics, energy = summary.metrics, summary.energy
    return MachineInsight(
        device.pk,
        device.label,
        metrics["temperature"].mean,
        metrics["temperature"].max,
        metrics["gas_index"].mean,
        health,
        summary.suspect,
        summary.uptime_percent,
        summary.capture_percent,
        energy.total_kwh,
        energy.bridged_kwh,
        energy.coverage_percent,
        energy.missing_hours,
        energy.exported_kwh,
    )
