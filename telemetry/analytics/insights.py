"""Figures over the last day, week or month, each with the rule it was made by: nothing here is a black box."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db.models import prefetch_related_objects

from telemetry.analytics.anomalies import LevelDeviation, level_deviations
from telemetry.analytics.health import ZERO_HEALTH_VIBRATION, Health, health_by_device, vibration_parts
from telemetry.analytics.power_unit_check import PowerDoubt, power_doubts
from telemetry.queries import totals
from telemetry.queries.factory_summary import combine_energy, mean
from telemetry.queries.limit_counts import count_violations
from telemetry.queries.summary import percent, summarise_many
from telemetry.signal.profile_timeline import ProfileTimeline

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PERIODS = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
ROLLING_WINDOWS = {"24h": [HOUR, 6 * HOUR, DAY], "7d": [DAY, 3 * DAY, 7 * DAY], "30d": [DAY, 7 * DAY, 30 * DAY]}
ROLLING_METRICS = ["temperature", "gas_index", "vibration", "power_consumption"]


@dataclass
class InsightFigure:
    """A figure and how it came about. `coverage_percent` is the share of promised data it rests on."""

    name: str
    label: str
    unit: str
    decimals: int
    value: float | None
    baseline: float | None  # the same figure of the period of the same length just before
    formula: str
    coverage_percent: float | None
    note: str = ""
    suspect: int = 0  # values left out of it

    @property
    def missing(self) -> str:
        """What the coverage badge says is lacking."""
        if self.name == "energy_consumption":
            return self.note
        return "The rest of the promised readings did not come, or held suspect values."

    @property
    def change_points(self):
        """Of a percentage: a per cent of a per cent would mislead."""
        if self.unit != "%" or self.value is None or self.baseline is None:
            return None
        return self.value - self.baseline

    @property
    def change_percent(self):
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


@dataclass
class Insights:
    period: str
    start: datetime
    end: datetime
    baseline_start: datetime
    figures: list[InsightFigure]
    rolling: dict  # {metric: [{"hours", "mean"}, …]}, shortest window first
    thresholds: list[ThresholdInsight]
    machines: list[MachineInsight]
    level_deviations: list[LevelDeviation]  # the last finished quarter hour against its usual level
    power_doubts: list[PowerDoubt]

    def metrics(self) -> dict:
        return {figure.name: figure.value for figure in self.figures}

    def explanation(self) -> dict:
        """Per figure its window, baseline, formula and coverage, as JSON."""
        window = {"start": self.start.isoformat(), "end": self.end.isoformat()}
        before = {"start": self.baseline_start.isoformat(), "end": self.start.isoformat()}
        return {
            figure.name: {
                "window": window,
                "baseline": {**before, "value": figure.baseline, "change_percent": figure.change_percent},
                **{key: asdict(figure)[key] for key in ("unit", "formula", "coverage_percent", "suspect", "note")},
            }
            for figure in self.figures
        }


def insights(devices, period, now, bounds=(), titles=None) -> Insights:
    """What the last `period` (24h, 7d, 30d) of these devices amounts to, beside the same length before.

    `bounds` are the limits in force (`telemetry.queries.limit_counts.Bound`, one per device and limit), `titles` their
    names by key: limits belong to the floor above.
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
    counts = [count_violations(bounds, timelines, a, b) for a, b in ((start, now), (before, start))]
    return Insights(
        period,
        start,
        now,
        before,
        insight_figures(current, previous, parts, counts),
        rolling_means(list(timelines), ROLLING_WINDOWS[period], now),
        threshold_insights(bounds, titles or {}, {device.pk: device.label for device in devices}, counts),
        [machine_insight(device, current[device.pk], health[device.pk]) for device in devices],
        level_deviations(devices, now),
        list(power_doubts(devices, now).values()),
    )


def insight_figures(current, previous, vibrations, counts) -> list[InsightFigure]:
    now, before = MachinePool(current), MachinePool(previous)
    energy, energy_before = now.energy(), before.energy()
    return [
        InsightFigure("avg_temperature", "Mean temperature", "°C", 1, now.mean("temperature"), before.mean("temperature"),
               "sum of all valid readings ÷ their number, all machines together", now.coverage("temperature"),
               suspect=now.suspect("temperature")),
        InsightFigure("max_temperature", "Highest temperature", "°C", 1, now.max("temperature"), before.max("temperature"),
               "the highest valid reading of any machine", now.coverage("temperature"),
               suspect=now.suspect("temperature")),
        InsightFigure("avg_gas_index", "Mean gas index", "", 0, now.mean("gas_index"), before.mean("gas_index"),
               "sum of all valid readings ÷ their number", now.coverage("gas_index"),
               "An indicative index without a unit: it shows change and is never compared with a legal limit.",
               now.suspect("gas_index")),
        InsightFigure("vibration_health_score", "Vibration health", "of 100", 0, lowest_score(vibrations[0]), lowest_score(vibrations[1]),
               f"per machine 100 × (1 − v ÷ {ZERO_HEALTH_VIBRATION:g} m/s²), never below 0, where v is the mean of the highest "
               "worst-axis value of each quarter hour; the lowest machine's score counts", now.coverage("vibration"),
               "Machines that send raw acceleration, or under a quarter of the promised values, have no score.",
               now.suspect("vibration")),
        InsightFigure("device_uptime_percentage", "Device uptime", "%", 1, now.uptime(), before.uptime(),
               "quarter hours in which a machine reported ÷ those in which it should have, mean of all machines",
               now.uptime_coverage(), "Planned stops outside shifts are expected of nobody."),
        InsightFigure("anomalies_detected", "Readings beyond a limit", "", 0, counts[0][1], counts[1][1],
               "readings with at least one valid value beyond an enabled limit of its machine, each counted once",
               now.capture(), "Both periods are counted with today's limits.", now.suspect()),
        InsightFigure("energy_consumption", "Energy", "kWh", 1, energy.total_kwh, energy_before.total_kwh,
               "measured kWh plus kWh known from a register across a gap; gaps count nothing and are never filled",
               energy.coverage_percent, energy_note(energy),
               now.suspect("power_consumption") + now.suspect("energy_kwh")),
    ]  # fmt: skip


def energy_note(energy) -> str:
    parts = []
    if energy.bridged_kwh:
        parts.append(f"{energy.bridged_kwh:.1f} kWh of it bridged by a meter register, its profile unknown.")
    if energy.missing_hours > 0.05:
        parts.append(f"{energy.missing_hours:.1f} machine hours are missing.")
    return " ".join(parts)


class MachinePool:
    """Several machines' summaries as one."""

    def __init__(self, summaries):
        self.all = list(summaries.values())
        self.expected = [s for s in self.all if s.expected_from]

    def senders(self, metric):
        """Machines that send `metric` at all: others cannot lack it."""
        return [s for s in self.all if s.metrics[metric].count or s.metrics[metric].suspect]

    def mean(self, metric):
        count = sum(s.metrics[metric].count for s in self.all)
        total = sum(s.metrics[metric].mean * valid_count(s, metric) for s in self.all if valid_count(s, metric))
        return total / count if count else None

    def max(self, metric):
        return max((s.metrics[metric].max for s in self.all if s.metrics[metric].max is not None), default=None)

    def coverage(self, metric):
        senders = self.senders(metric)
        return percent(sum(s.metrics[metric].count for s in senders), sum(s.expected for s in senders))

    def suspect(self, metric=None):
        """Values of `metric` left out; without one, readings with any."""
        return sum(s.metrics[metric].suspect if metric else s.suspect for s in self.all)

    def capture(self):
        return percent(sum(s.valid for s in self.expected), sum(s.expected for s in self.expected))

    def uptime(self):
        return mean([s.uptime_percent for s in self.expected if s.uptime_percent is not None])

    def uptime_coverage(self):
        """Uptime is known for every moment since a machine was fitted: silence is an answer."""
        return 100.0 if self.expected else None

    def energy(self):
        return combine_energy(s for s in self.all if s.measures_energy)


def valid_count(summary, metric):
    return summary.metrics[metric].count


def lowest_score(parts):
    return min((part.value for part in parts.values() if part.value is not None), default=None)


def rolling_means(pks, windows, now) -> dict:
    """{metric: [{hours, mean}]}: means over windows that all end now, so that a trend shows between them."""
    result = {name: [] for name in ROLLING_METRICS}
    for window in windows:
        sums = totals.sums(pks, now - window, now).values()
        for name in ROLLING_METRICS:
            count = sum(row[f"{name}_count"] or 0 for row in sums)
            total = sum(row[f"{name}_sum"] or 0.0 for row in sums)
            result[name].append({"hours": window / HOUR, "mean": total / count if count else None})
    return result


def threshold_insights(bounds, titles, labels, counts) -> list[ThresholdInsight]:
    """Per limit and machine, most often crossed first."""
    rows = []
    for bound in bounds:
        if bound.device_pk in labels:
            now, before = counts[0][0].get(bound.key, 0), counts[1][0].get(bound.key, 0)
            title, label = titles.get(bound.key, ""), labels[bound.device_pk]
            rows.append(ThresholdInsight(bound.key, bound.device_pk, label, bound.metric, title, now, before))
    return sorted(rows, key=lambda row: (-row.readings, -row.baseline, row.machine, row.title))


def machine_insight(device, summary, health) -> MachineInsight:
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
    )
