"""What detectors found, kept once each: recommendations for a machine, until they are old or dismissed."""

from datetime import timedelta

from django.db import transaction

from devices.models import Device
from telemetry.analytics.baseline import MIN_VALID_SHARE
from telemetry.analytics.detectors import (
    DETECTION_WINDOW,
    DETECTOR_METRICS,
    TRAINING_WINDOW,
    MachineSeries,
    QuarterMeans,
)
from telemetry.models import Recommendation
from telemetry.rollups.quarter_hours import floor
from telemetry.sql import fetch_all

DISPLAY_PERIOD = timedelta(days=7)
CONTINUATION_GAP = timedelta(hours=2)  # a finding that begins so soon after the last of its kind is the same one
ADVICE = {
    "vibration+": "Look at bearings, balance and mounting.",
    "temperature+": "Look at cooling, load and the seat of the sensor.",
    "temperature-": "Check heating and load, and that the sensor still touches what it measures.",
    "power_consumption+": "See what draws more: a worn drive, a leak, or a load that was left on.",
    "power_consumption-": "Check that all phases and loads are there.",
    "gas_index+": "Look at ventilation and burners; the index is indicative and no limit.",
}
DEFAULT_ADVICE = "Check that the machine and its sensor work as they should."


def active_recommendations(device, now):
    """What is shown: of the last week, not dismissed."""
    return device.recommendations.filter(dismissed_at=None, until__gt=now - DISPLAY_PERIOD)


def group_by_signature(rows):
    """Those of the same sign and time as one, the one with most evidence first: [(recommendation, other detectors)]."""
    groups = []
    for row in sorted(rows, key=lambda one: -len(one.evidence)):
        same = [one for one, _other_detectors in groups if one.signature == row.signature and overlap(one, row)]
        if same and not row.is_opinion:
            next(other_detectors for one, other_detectors in groups if one is same[0]).append(row.detector)
        else:
            groups.append((row, []))
    return sorted(groups, key=lambda pair: pair[0].until, reverse=True)


def overlap(one, other):
    return one.since < other.until and other.since < one.until


def series_of(device, now) -> MachineSeries:
    """Quarter hours of the four weeks learnt from and the day looked at."""
    end = floor(now)
    means = ", ".join(
        f"CASE WHEN {name}_count >= GREATEST(1, {MIN_VALID_SHARE} * expected) THEN {name}_sum / {name}_count END"
        for name in DETECTOR_METRICS
    )
    rows = fetch_all(
        f"SELECT starts_at, {means} FROM telemetry_quarterhour "
        "WHERE device_id = %s AND starts_at >= %s AND starts_at < %s ORDER BY starts_at",
        [device.pk, end - DETECTION_WINDOW - TRAINING_WINDOW, end],
    )
    return MachineSeries(device.label, end, [QuarterMeans(at, tuple(values)) for at, *values in rows])


def examine(device, detectors, now) -> int:
    """Keep what these detectors find in the last day → how many findings are new or have gone on."""
    series = series_of(device, now)
    coverage = 100 * len(series.recent) / (DETECTION_WINDOW / timedelta(minutes=15))
    return sum(
        save_finding(device, finding, coverage, now) for detector in detectors for finding in detector.find(series)
    )


@transaction.atomic
def save_finding(device, finding, coverage, now):
    """The same finding again changes nothing; one that goes on is prolonged; a dismissed one stays dismissed."""
    Device.objects.select_for_update().get(pk=device.pk)
    same = device.recommendations.filter(detector=finding.detector, signature=finding.signature)
    ongoing = same.filter(until__gte=finding.since - CONTINUATION_GAP, since__lte=finding.until).first()
    fields = recommendation_fields(device, finding)
    if ongoing is None:
        device.recommendations.create(
            detector=finding.detector, signature=finding.signature, since=finding.since, until=finding.until,
            coverage_percent=coverage, found_at=now, is_opinion=bool(finding.words), **fields,
        )  # fmt: skip
        return True
    if finding.until <= ongoing.until:
        return False
    ongoing.until, ongoing.coverage_percent = finding.until, coverage
    for name, value in fields.items():
        setattr(ongoing, name, value)
    ongoing.save()
    return True


def recommendation_fields(device, finding):
    first = finding.evidence[0]
    is_energy = first.metric == "power_consumption" and first.deviations > 0
    parts = "; ".join(evidence.words for evidence in finding.evidence)
    return {
        "kind": Recommendation.Kind.ENERGY if is_energy else Recommendation.Kind.MAINTENANCE,
        "confidence": finding.confidence,
        "evidence": [evidence._asdict() for evidence in finding.evidence],
        "words": finding.words or f"{device.label}, unlike its last four weeks: {parts}.",
        "advice": ADVICE.get(finding.signature, DEFAULT_ADVICE),
    }


def dismiss(recommendation, *, by, now, why):
    recommendation.dismissed_at, recommendation.dismissed_by = now, by
    recommendation.why_dismissed = why.strip()
    recommendation.save(update_fields=["dismissed_at", "dismissed_by", "why_dismissed"])
