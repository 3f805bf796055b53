"""Health score of a machine and its sensors over a span: 0 to 100, shown with the parts it is made of.

Score = Σ weight · value ÷ Σ weight over the parts that could be computed. A part that could not is left out with the
reason and never counts as perfect. A score needs parts with at least 60 of the 100 points of weight, so that one of
them is about the machine itself, not only its data. The weights are our own convention, not a standard's.

| part | weight | value |
|---|---|---|
| vibration | 40 | 100 · (1 - v ÷ 10 m/s²), never below 0, v the mean of the quarter hours' highest worst-axis values |
| temperature | 25 | share of the compared quarter hours whose mean was usual for their time of the week (`baseline`) |
| readings | 20 | readings received ÷ readings expected by the interval, planned stops left out |
| sensors | 15 | share of the values that are not suspect (implausible or flat-lined) |
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import prefetch_related_objects

from devices.models import Device, VibrationKind
from telemetry.analytics.baseline import Comparison, compare
from telemetry.metrics import BY_NAME, METRIC_NAMES
from telemetry.models import UnitDoubt
from telemetry.queries import totals
from telemetry.queries.summary import DeviceSummary, percent
from telemetry.rollups import quarter_hours

WEIGHTS = {"vibration": 40, "temperature": 25, "readings": 20, "sensors": 15}
LABELS = {"vibration": "Vibration", "temperature": "Temperature", "readings": "Readings", "sensors": "Sensors"}
MIN_WEIGHT = 60
MIN_COVERAGE_PERCENT = 25.0  # below, a part is left out
ZERO_HEALTH_VIBRATION = 10.0  # m/s²
HOUR = timedelta(hours=1)
MAX_COMPARISONS = 168  # quarter hours of a machine: one per hour of a week, fewer per hour of a longer span


Summaries = dict[int, DeviceSummary]  # by device


@dataclass(frozen=True)
class HealthPart:
    """`value` 0–100, or None where it could not be computed; `words`: its finding, or why it is missing."""

    name: str
    value: float | None
    coverage_percent: float | None
    words: str

    @property
    def label(self) -> str:
        return LABELS[self.name]

    @property
    def weight(self) -> int:
        return WEIGHTS[self.name]


@dataclass(frozen=True)
class Health:
    parts: tuple[HealthPart, ...]

    @property
    def score(self) -> float | None:
        known = [(part.weight, part.value) for part in self.parts if part.value is not None]
        total_weight = sum(weight for weight, _ in known)
        return sum(weight * value for weight, value in known) / total_weight if total_weight >= MIN_WEIGHT else None

    @property
    def missing_parts(self) -> list[HealthPart]:
        return [part for part in self.parts if part.value is None]

    @property
    def words(self) -> str:
        """All parts in one line, for a title or a screen reader."""
        sentences = [f"{part.label} {part.value:.0f}: {part.words}" for part in self.parts if part.value is not None]
        sentences += [f"{part.label} left out: {part.words}" for part in self.missing_parts]
        return " ".join(sentences if self.score is not None else ["Too few parts for a score.", *sentences])


def health_by_device(
    devices: Iterable[Device], start: datetime, end: datetime, summaries: Summaries
) -> dict[int, Health]:
    """{device pk: Health} of a span, from `summary.summarise_many` of the same span; two queries."""
    devices = list(devices)
    vibrations = vibration_parts(devices, start, end, summaries)
    temperatures: dict[int, list[Comparison]] = {}
    moments = comparison_moments(start, end)
    for comparison in compare(devices, moments, ["temperature"]):
        temperatures.setdefault(comparison.device_pk, []).append(comparison)
    result = {}
    for device in devices:
        summary = summaries[device.pk]
        parts = (
            vibrations[device.pk],
            temperature_part(summary, temperatures.get(device.pk, []), moments),
            readings_part(summary),
            sensors_part(summary),
        )
        result[device.pk] = Health(parts)
    return result


def vibration_parts(
    devices: Sequence[Device], start: datetime, end: datetime, summaries: Summaries
) -> dict[int, HealthPart]:
    prefetch_related_objects(devices, "profiles")
    asked = UnitDoubt.objects.devices_asked(UnitDoubt.Kind.GRAVITY, [device.pk for device in devices])
    rms = [device.pk for device in devices if device.profile_at(end).vibration_kind == VibrationKind.RMS]
    peaks = dict(totals.mean_vibration_peaks([pk for pk in rms if pk not in asked], start, end))
    parts = {
        device.pk: vibration_part(summaries[device.pk], device.pk in rms, peaks.get(device.pk)) for device in devices
    }
    coverages = {pk: summaries[pk].metrics["vibration"].capture_percent for pk in asked}
    words = "gravity may be in it: answer the question on the machine's page."
    return parts | {pk: HealthPart("vibration", None, coverage, words) for pk, coverage in coverages.items()}


def vibration_part(summary: DeviceSummary, is_rms: bool, peak: float | None) -> HealthPart:
    coverage = summary.metrics["vibration"].capture_percent
    if not is_rms:
        return HealthPart("vibration", None, coverage, "it sends raw acceleration, gravity is in it.")
    if peak is None:
        return missing_part("vibration", summary, "vibration")
    if coverage is None or coverage < MIN_COVERAGE_PERCENT:
        return insufficient_part("vibration", coverage)
    value = max(0.0, 100 * (1 - peak / ZERO_HEALTH_VIBRATION))
    return HealthPart("vibration", value, coverage, f"the quarter hours' highest values average {peak:.1f} m/s².")


def temperature_part(
    summary: DeviceSummary, comparisons: Sequence[Comparison], moments: Sequence[datetime]
) -> HealthPart:
    expected_moments = [moment for moment in moments if summary.expected_from and moment >= summary.expected_from]
    if not summary.metrics["temperature"].count:
        return missing_part("temperature", summary, "temperature")
    comparable = [comparison for comparison in comparisons if comparison.z is not None]
    coverage = percent(len(comparable), len(expected_moments))
    if not comparable:
        words = "no usual level yet; it takes three of the four weeks before."
        return HealthPart("temperature", None, coverage, words)
    if coverage is None or coverage < MIN_COVERAGE_PERCENT:
        return HealthPart(
            "temperature",
            None,
            coverage,
            f"only {len(comparable)} of {len(expected_moments)} quarter hours have a usual level.",
        )
    usual_count = sum(not comparison.is_unusual for comparison in comparable)
    words = f"{usual_count} of {len(comparable)} quarter hours compared were usual for their weekday and time."
    return HealthPart("temperature", 100 * usual_count / len(comparable), coverage, words)


def readings_part(summary: DeviceSummary) -> HealthPart:
    share = percent(summary.received, summary.expected)
    if share is None:
        return HealthPart("readings", None, None, "none were to be expected.")
    return HealthPart("readings", share, 100.0, f"{summary.received:,} of {summary.expected:,.0f} promised came.")


def sensors_part(summary: DeviceSummary) -> HealthPart:
    if not summary.received:
        return HealthPart("sensors", None, 0.0, "not one reading came.")
    coverage = percent(summary.received, summary.expected)
    valid = sum(summary.metrics[name].count for name in METRIC_NAMES)
    suspect = sum(summary.metrics[name].suspect for name in METRIC_NAMES)
    if not suspect:
        return HealthPart("sensors", 100.0, coverage, "no suspect value.")
    suspect_counts = [
        f"{BY_NAME[name].label_in_sentence} {n:,}" for name in METRIC_NAMES if (n := summary.metrics[name].suspect)
    ]
    words = f"{suspect:,} of {valid + suspect:,} values are suspect ({', '.join(suspect_counts)})."
    return HealthPart("sensors", 100 * valid / (valid + suspect), coverage, words)


def missing_part(name: str, summary: DeviceSummary, metric: str) -> HealthPart:
    if summary.metrics[metric].suspect:
        return HealthPart(name, None, 0.0, "every value of it is suspect.")
    return HealthPart(name, None, None, "none came in this span.")


def insufficient_part(name: str, coverage: float | None) -> HealthPart:
    return HealthPart(name, None, coverage, f"too few readings, only {coverage or 0:.0f} % of those promised.")


def comparison_moments(start: datetime, end: datetime) -> list[datetime]:
    """Starts of the finished quarter hours that are compared: one per hour, fewer in spans over a week."""
    step = HOUR * max(1, -(-(end - start) // (HOUR * MAX_COMPARISONS)))
    moments, moment = [], quarter_hours.floor(end) - quarter_hours.QUARTER
    while moment >= start:
        moments.append(moment)
        moment -= step
    return moments
