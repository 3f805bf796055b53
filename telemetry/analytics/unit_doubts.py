"""Doubts about units: opened and closed as readings come, answered by people.

A device's readings are reviewed before its rules are evaluated on them; while a doubt is open, no rule on its metrics
is (`alerts.evaluation`). An answer corrects the profile from a moment on, with a recount, or says that all is right;
then the same question is not asked again.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from devices.models import Device, DeviceProfile, MachineKind, PowerKind, TemperaturePoint
from devices.profile_changes import change_profile
from factories.models import User
from telemetry.analytics.unit_prescreen import may_be_odd
from telemetry.analytics.unit_questions import (
    MAX_INCOMER_KW,
    MAX_MACHINE_KW,
    METRICS_IN_QUESTION,
    WINDOW,
    Evidence,
    Place,
    ProfileAt,
    QuestionKind,
    UnitQuestion,
    evidence,
)
from telemetry.metrics import METRIC_NAMES
from telemetry.models import QuarterHour, UnitDoubt
from telemetry.signal.profile_timeline import ProfileTimeline
from telemetry.sql import fetch_all

State = UnitDoubt.State
READINGS_BACK = 4 * WINDOW  # of a device that sends one value per request
HISTORY = timedelta(days=7)
AIR_SENSORS = ("dht", "am2302", "bme", "sht3", "sht4")  # in a device's type
OPEN_AIR_FAHRENHEIT = (50.0, 115.0)  # 10 to 46 °C
CORRECT, KEEP = "correct", "keep"


def doubts_by_device(devices: Iterable[Device]) -> dict[int, list[UnitDoubt]]:
    """{device pk: its doubts, whatever became of them}, in one query."""
    by_device: dict[int, list[UnitDoubt]] = defaultdict(list)
    for doubt in UnitDoubt.objects.filter(device__in=list(devices)).exclude(state=State.PASSED):
        by_device[doubt.device_id].append(doubt)
    return by_device


def metrics_in_question(doubts: Iterable[UnitDoubt]) -> frozenset[str]:
    """The metrics that no limit can judge; "" for rules on the energy of the device."""
    return frozenset().union(*(METRICS_IN_QUESTION[doubt.kind] for doubt in doubts if doubt.is_open))


class NewReadings(NamedTuple):
    """What came from a device, oldest first, and its doubts so far; new ones are appended."""

    device: Device
    readings: Sequence[Any]
    doubts: list[UnitDoubt]


def review(arrivals: Iterable[NewReadings], now: datetime) -> None:
    """Open the doubts that new readings raise, and close those that they answer. The caller has locked the devices.

    Only where there is something to ask or to close are a device's earlier readings looked at.
    """
    arrivals = [arrival for arrival in arrivals if arrival.readings]
    before = registers_before([arrival for arrival in arrivals if sends_register(arrival)])
    for device, readings, doubts in arrivals:
        tail = [*before.get(device.pk, []), *readings[-WINDOW:]]
        is_open = any(doubt.is_open for doubt in doubts)
        if is_open or may_be_odd(tail, profile_lookup(device), place_of(device)):
            review_device(device, readings[-1].at, doubts, now)


def review_device(device: Device, until: datetime, doubts: list[UnitDoubt], now: datetime) -> None:
    latest = latest_readings(device, until)
    for found in evidence(latest, profile_lookup(device), place_of(device)):
        if (question := found.question) is not None:
            open_doubt(device, question, latest, doubts, now)
        else:
            close_settled(found, latest, doubts, now)


def profile_lookup(device: Device) -> ProfileAt:
    """`device.profile_at` for many moments: its profiles are sorted once."""
    profiles = sorted(device.profiles.all(), key=lambda profile: profile.valid_from)
    if len(profiles) <= 1:
        only = profiles[0] if profiles else DeviceProfile(device=device)
        return lambda moment: only
    starts = [profile.valid_from for profile in profiles]
    return lambda moment: profiles[max(0, bisect_right(starts, moment) - 1)]


def sends_register(arrival: NewReadings) -> bool:
    last_profile = arrival.device.profile_at(arrival.readings[-1].at)
    return last_profile.power_kind == PowerKind.REGISTER or any(
        reading.energy_kwh is not None for reading in arrival.readings
    )


def registers_before(arrivals: Sequence[NewReadings]) -> dict[int, list[Any]]:
    """{device pk: [its last reading with a register before the new ones]}, in one query: a rise needs both."""
    if not arrivals:
        return {}
    columns = ["at", *METRIC_NAMES]
    rows = fetch_all(
        f"SELECT s.pk, {', '.join(columns)} FROM unnest(%s::bigint[], %s::timestamptz[]) AS s(pk, first) "
        "CROSS JOIN LATERAL (SELECT * FROM telemetry_reading r WHERE r.device_id = s.pk AND r.at < s.first "
        "AND (r.energy_kwh IS NOT NULL OR r.power_consumption IS NOT NULL) ORDER BY r.at DESC LIMIT 1) r",
        [[one.device.pk for one in arrivals], [one.readings[0].at for one in arrivals]],
    )
    return {pk: [SimpleNamespace(**dict(zip(columns, row, strict=True)))] for pk, *row in rows}


def place_of(device: Device) -> Place:
    is_incomer = device.machine_kind == MachineKind.INCOMER
    is_air: bool | None = device.temperature_point == TemperaturePoint.AIR
    if not device.temperature_point:  # nobody said; an air sensor that names itself is one
        is_air = any(name in device.device_type.lower() for name in AIR_SENSORS) or None
    return Place(MAX_INCOMER_KW if is_incomer else MAX_MACHINE_KW, is_air)


def latest_readings(device: Device, until: datetime) -> list[Any]:
    """The last readings up to `until`, oldest first."""
    columns = ["at", *METRIC_NAMES]
    rows = fetch_all(
        f"SELECT {', '.join(columns)} FROM telemetry_reading WHERE device_id = %s AND at <= %s "
        f"ORDER BY at DESC LIMIT {READINGS_BACK}",
        [device.pk, until],
    )
    return [SimpleNamespace(**dict(zip(columns, row, strict=True))) for row in reversed(rows)]


def open_doubt(
    device: Device, question: UnitQuestion, latest: Sequence[Any], doubts: list[UnitDoubt], now: datetime
) -> None:
    """Store the question, unless it is open or a person answered it."""
    same = [doubt for doubt in doubts if doubt.kind == question.kind]
    if any(doubt.is_open or (doubt.state == State.KEPT and doubt.suggested == question.suggested) for doubt in same):
        return
    if question.kind == QuestionKind.FAHRENHEIT and has_process_temperatures(device, now):
        return
    doubts.append(
        UnitDoubt.objects.create(
            device=device,
            kind=question.kind,
            metric=question.metric,
            seen=question.seen,
            seen_at=question.seen_at,
            typical=question.typical,
            expected=question.expected,
            against=question.against,
            since=question.since or meaning_since(device, question, latest[0].at),
            suggested=question.suggested,
            opened_at=now,
        )
    )


def has_process_temperatures(device: Device, now: datetime) -> bool:
    """Whether it was colder or hotter than the air of a hall is in °F: then it measures a machine, in °C."""
    coldest, hottest = OPEN_AIR_FAHRENHEIT
    week = QuarterHour.objects.filter(device=device, starts_at__gte=now - HISTORY)
    return week.filter(Q(temperature_min__lt=coldest) | Q(temperature_max__gt=hottest)).exists()


def meaning_since(device: Device, question: UnitQuestion, first_at: datetime) -> datetime:
    """Since when the values have had their present meaning, over changes of anything else, such as the interval."""
    timeline = ProfileTimeline(device)
    fields, since = list(question.suggested), timeline.at(question.seen_at)
    if not fields:
        return first_at
    for profile in reversed(timeline.profiles):
        if profile.valid_from > question.seen_at:
            continue
        if any(getattr(profile, name) != getattr(since, name) for name in fields):
            break
        since = profile
    return since.valid_from if since.pk else first_at


def close_settled(found: Evidence, latest: Sequence[Any], doubts: list[UnitDoubt], now: datetime) -> None:
    """Close a doubt of this kind where hardly any of the latest values is odd, or its profile was corrected."""
    for doubt in doubts:
        if doubt.is_open and doubt.kind == found.kind and found.is_settled and latest[-1].at >= doubt.seen_at:
            doubt.state, doubt.decided_at = State.PASSED, now
            doubt.save(update_fields=["state", "decided_at"])


@receiver(post_save, sender=DeviceProfile, dispatch_uid="doubts_answered_by_a_profile")
def close_corrected(instance: DeviceProfile, **kwargs: Any) -> None:
    """A profile that says what a doubt suggested, at the moment of the value that raised it, answers the doubt."""
    device = instance.device
    for doubt in UnitDoubt.objects.open().filter(device=device, seen_at__gte=instance.valid_from):
        if doubt.suggested and all(getattr(instance, name) == value for name, value in doubt.suggested.items()):
            doubt.state, doubt.decided_at = State.CORRECTED, timezone.now()
            doubt.corrected_since = instance.valid_from
            doubt.save(update_fields=["state", "decided_at", "corrected_since"])


@transaction.atomic
def answer(
    doubt: UnitDoubt, reply: str, *, by: User | None, now: datetime, since: datetime | None = None, note: str = ""
) -> UnitDoubt:
    """Store a person's answer. Raises ValidationError, by field.

    `correct`: the profile says what was suggested from `since` on (by default from the doubt's own moment), and what
    was counted since then is counted again. `keep`: all is right as it is.
    """
    doubt = UnitDoubt.objects.select_for_update(of=["self"]).select_related("device").get(pk=doubt.pk)
    if not doubt.is_open:
        raise ValidationError({"answer": f"It was answered already: {doubt.get_state_display()}."})
    if reply not in (CORRECT, KEEP):
        raise ValidationError({"answer": f"One of {CORRECT}, {KEEP}."})
    if reply == CORRECT:
        if not doubt.suggested:
            raise ValidationError({"answer": "No setting of its profile explains it: change what the device sends."})
        since = since or doubt.since
        if since > now:
            raise ValidationError({"since": "This moment has not come yet."})
        change_profile(doubt.device, valid_from=since, corrects_later=True, **doubt.suggested)
    doubt.state = State.CORRECTED if reply == CORRECT else State.KEPT
    doubt.corrected_since = since if reply == CORRECT else None
    doubt.decided_by, doubt.decided_at, doubt.note = by, now, note.strip()
    doubt.save()
    return doubt


@transaction.atomic
def ask_again(doubt: UnitDoubt) -> UnitDoubt:
    """Take back that all is right: the question is open again. Raises ValidationError where it cannot be."""
    doubt = UnitDoubt.objects.select_for_update(of=["self"]).get(pk=doubt.pk)
    if doubt.state != State.KEPT:
        raise ValidationError({"answer": "Only an answer that left everything as it is can be taken back here."})
    if UnitDoubt.objects.open().filter(device=doubt.device_id, kind=doubt.kind).exists():
        raise ValidationError({"answer": "The same question is open already."})
    doubt.state, doubt.decided_by, doubt.decided_at, doubt.note = State.OPEN, None, None, ""
    doubt.save()
    return doubt
