"""What detectors found, kept once each: recommendations for a machine, until they are old or dismissed."""

from datetime import timedelta

from django.db import transaction

from devices.models import Device
from telemetry.analytics.baseline import LEAST_SHARE
from telemetry.analytics.detectors import LEARNT_FROM, LOOKED_AT, METRICS, Row, Series
from telemetry.models import Recommendation
from telemetry.queries.totals import fetch
from telemetry.rollups.quarter_hours import floor

SHOWN_FOR = timedelta(days=7)
GOES_ON = timedelta(hours=2)  # a finding that begins so soon after the last of its kind is the same one
ADVICE = {
    "vibration+": "Look at bearings, balance and mounting.",
    "temperature+": "Look at cooling, load and the seat of the sensor.",
    "temperature-": "Check heating and load, and that the sensor still touches what it measures.",
    "power_consumption+": "See what draws more: a worn drive, a leak, or a load that was left on.",
    "power_consumption-": "Check that all phases and loads are there.",
    "gas_index+": "Look at ventilation and burners; the index is indicative and no limit.",
}
ELSE = "Check that the machine and its sensor work as they should."


def standing(device, now):
    """What is shown: of the last week, not dismissed."""
    return device.recommendations.filter(dismissed_at=None, until__gt=now - SHOWN_FOR)


def grouped(rows):
    """Those of the same sign and time as one, the one with most evidence first: [(recommendation, other detectors)]."""
    found = []
    for row in sorted(rows, key=lambda one: -len(one.evidence)):
        same = [one for one, _also in found if one.signature == row.signature and overlap(one, row)]
        if same and not row.is_opinion:
            next(also for one, also in found if one is same[0]).append(row.detector)
        else:
            found.append((row, []))
    return sorted(found, key=lambda pair: pair[0].until, reverse=True)


def overlap(one, other):
    return one.since < other.until and other.since < one.until


def series_of(device, now) -> Series:
    """Quarter hours of the four weeks learnt from and the day looked at."""
    end = floor(now)
    means = ", ".join(
        f"CASE WHEN {name}_count >= GREATEST(1, {LEAST_SHARE} * expected) THEN {name}_sum / {name}_count END"
        for name in METRICS
    )
    rows = fetch(
        f"SELECT starts_at, {means} FROM telemetry_quarterhour "
        "WHERE device_id = %s AND starts_at >= %s AND starts_at < %s ORDER BY starts_at",
        [device.pk, end - LOOKED_AT - LEARNT_FROM, end],
    )
    return Series(device.label, end, [Row(at, tuple(values)) for at, *values in rows])


def examine(device, detectors, now) -> int:
    """Keep what these detectors find in the last day → how many findings are new or have gone on."""
    series = series_of(device, now)
    coverage = 100 * len(series.recent) / (LOOKED_AT / timedelta(minutes=15))
    return sum(keep(device, finding, coverage, now) for detector in detectors for finding in detector.find(series))


@transaction.atomic
def keep(device, finding, coverage, now):
    """The same finding again changes nothing; one that goes on is prolonged; a dismissed one stays dismissed."""
    Device.objects.select_for_update().get(pk=device.pk)
    same = device.recommendations.filter(detector=finding.detector, signature=finding.signature)
    going_on = same.filter(until__gte=finding.since - GOES_ON, since__lte=finding.until).first()
    said = told(device, finding)
    if going_on is None:
        device.recommendations.create(
            detector=finding.detector, signature=finding.signature, since=finding.since, until=finding.until,
            coverage_percent=coverage, found_at=now, is_opinion=bool(finding.words), **said,
        )  # fmt: skip
        return True
    if finding.until <= going_on.until:
        return False
    going_on.until, going_on.coverage_percent = finding.until, coverage
    for name, value in said.items():
        setattr(going_on, name, value)
    going_on.save()
    return True


def told(device, finding):
    first = finding.evidence[0]
    is_energy = first.metric == "power_consumption" and first.deviations > 0
    parts = "; ".join(evidence.words for evidence in finding.evidence)
    return {
        "kind": Recommendation.Kind.ENERGY if is_energy else Recommendation.Kind.MAINTENANCE,
        "confidence": finding.confidence,
        "evidence": [evidence._asdict() for evidence in finding.evidence],
        "words": finding.words or f"{device.label}, unlike its last four weeks: {parts}.",
        "advice": ADVICE.get(finding.signature, ELSE),
    }


def dismiss(recommendation, *, by, now, why):
    recommendation.dismissed_at, recommendation.dismissed_by = now, by
    recommendation.why_dismissed = why.strip()
    recommendation.save(update_fields=["dismissed_at", "dismissed_by", "why_dismissed"])
