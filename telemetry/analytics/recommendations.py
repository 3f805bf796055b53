"""Recommendations: findings of the detectors, stored once each and shown until they are old or dismissed."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from devices.models import Device
from telemetry.analytics.baseline import MIN_VALID_SHARE
from telemetry.analytics.detectors import (
    DETECTION_WINDOW,
    DETECTOR_METRICS,
    TRAINING_WINDOW,
    Detector,
    DetectorFinding,
    MachineSeries,
    QuarterMeans,
)
from telemetry.models import Recommendation
from telemetry.rollups.quarter_hours import floor
from telemetry.sql import fetch_all

DISPLAY_PERIOD = timedelta(days=7)
CONTINUATION_GAP = timedelta(hours=2)  # a finding that begins so soon after the last of its kind continues it
ADVICE = {
    "vibration+": "Look at bearings, balance and mounting.",
    "temperature+": "Look at cooling, load and the seat of the sensor.",
    "temperature-": "Check heating and load, and that the sensor still touches what it measures.",
    "power_consumption+": "See what draws more: a worn drive, a leak, or a load that was left on.",
    "power_consumption-": "Check that all phases and loads are there.",
    "gas_index+": "Look at ventilation and burners; the index is indicative and no limit.",
}
DEFAULT_ADVICE = "Check that the machine and its sensor work as they should."


def active_recommendations(device: Device, now: datetime) -> QuerySet:
    """Those of the last week that are not dismissed."""
    return device.recommendations.filter(dismissed_at=None, until__gt=now - DISPLAY_PERIOD)


def group_by_signature(rows: Iterable[Recommendation]) -> list[tuple[Recommendation, list[str]]]:
    """[(the one with most evidence, other detectors)] of those with the same signature that overlap in time."""
    groups: list[tuple[Recommendation, list[str]]] = []
    for row in sorted(rows, key=lambda one: -len(one.evidence)):
        same = [one for one, _other_detectors in groups if one.signature == row.signature and overlap(one, row)]
        if same and not row.is_opinion:
            next(other_detectors for one, other_detectors in groups if one is same[0]).append(row.detector)
        else:
            groups.append((row, []))
    return sorted(groups, key=lambda pair: pair[0].until, reverse=True)


def overlap(one: Recommendation, other: Recommendation) -> bool:
    return one.since < other.until and other.since < one.until


def series_of(device: Device, now: datetime) -> MachineSeries:
    """Quarter hours of the training window and the detection window."""
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


def examine(device: Device, detectors: Iterable[Detector], now: datetime) -> int:
    """Save the findings of these detectors in the last day → how many are new or were extended."""
    series = series_of(device, now)
    coverage = 100 * len(series.recent) / (DETECTION_WINDOW / timedelta(minutes=15))
    return sum(
        save_finding(device, finding, coverage, now) for detector in detectors for finding in detector.find(series)
    )


@transaction.atomic
def save_finding(device: Device, finding: DetectorFinding, coverage: float, now: datetime) -> bool:
    """Idempotent: the same finding changes nothing, a later one extends it, a dismissed one stays dismissed."""
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


def recommendation_fields(device: Device, finding: DetectorFinding) -> dict[str, Any]:
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


def dismiss(recommendation: Recommendation, *, by: Any, now: datetime, why: str) -> None:
    recommendation.dismissed_at, recommendation.dismissed_by = now, by
    recommendation.why_dismissed = why.strip()
    recommendation.save(update_fields=["dismissed_at", "dismissed_by", "why_dismissed"])
