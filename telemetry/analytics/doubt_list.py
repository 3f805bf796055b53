"""The open doubts about the units of devices, for pages, insights and API: stored ones, and those that a week shows."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from devices.models import Device
from factories.models import User
from telemetry.analytics.power_unit_check import PowerDoubt, power_doubts
from telemetry.analytics.unit_doubt_words import Answer, answers, describe
from telemetry.analytics.unit_doubts import answer, doubts_by_device
from telemetry.analytics.unit_questions import QuestionKind
from telemetry.models import UnitDoubt

IN_KW = {QuestionKind.POWER_UNIT, QuestionKind.POWER_SIGN, QuestionKind.REGISTER_UNIT}


@dataclass(frozen=True)
class DeviceDoubt:
    """A doubt as it is shown. `suggested`: what it probably sends (W, Wh, raw), None where no setting says so."""

    device_pk: int
    machine: str
    kind: str
    metric: str
    seen: float
    seen_at: datetime
    typical: float
    expected: float | None
    against: str
    since: datetime
    suggested: str | None
    correction: dict[str, Any]  # fields of a profile
    words: str

    @property
    def typical_kw(self) -> float | None:
        return self.typical if self.kind in IN_KW else None

    @property
    def expected_kw(self) -> float | None:
        return self.expected if self.kind in IN_KW else None

    @property
    def answers(self) -> list[Answer]:
        return answers(self.kind, self.correction)


def open_doubts(devices: Iterable[Device], now: datetime) -> dict[int, list[DeviceDoubt]]:
    """{device pk: its open doubts}, with a fixed number of queries."""
    devices = list(devices)
    stored, weekly = doubts_by_device(devices), power_doubts(devices, now)
    result: dict[int, list[DeviceDoubt]] = defaultdict(list)
    for device in devices:
        known = stored[device.pk]
        result[device.pk] = [stored_doubt(device, doubt) for doubt in known if doubt.is_open]
        found = weekly.get(device.pk)
        if found and not is_known(found, known):
            result[device.pk].append(weekly_doubt(found, now))
    return result


def is_known(found: PowerDoubt, known: Iterable[UnitDoubt]) -> bool:
    """Whether the same is asked already, or was answered by a person."""
    correction = correction_of(found)
    return any(
        doubt.kind == UnitDoubt.Kind.POWER_UNIT
        and (doubt.is_open or (doubt.state == UnitDoubt.State.KEPT and doubt.suggested == correction))
        for doubt in known
    )


def correction_of(found: PowerDoubt) -> dict[str, Any]:
    return {"power_kind": str(found.suggested)} if found.suggested else {}


def stored_doubt(device: Device, doubt: UnitDoubt) -> DeviceDoubt:
    suggested = next(iter(doubt.suggested.values()), None)
    return DeviceDoubt(
        device.pk,
        device.label,
        doubt.kind,
        doubt.metric,
        doubt.seen,
        doubt.seen_at,
        doubt.typical,
        doubt.expected,
        doubt.against,
        doubt.since,
        suggested if isinstance(suggested, str) else None,
        doubt.suggested,
        describe(doubt, device.factory.zone),
    )


def weekly_doubt(found: PowerDoubt, now: datetime) -> DeviceDoubt:
    return DeviceDoubt(
        found.device_pk,
        found.machine,
        QuestionKind.POWER_UNIT,
        "power_consumption",
        found.typical_kw,
        now,
        found.typical_kw,
        found.expected_kw,
        found.against,
        found.since,
        found.suggested,
        correction_of(found),
        found.words,
    )


@transaction.atomic
def answer_kind(
    device: Device,
    kind: str,
    reply: str,
    *,
    by: User | None,
    now: datetime,
    since: datetime | None = None,
    note: str = "",
) -> UnitDoubt:
    """A person's answer to the open doubt of this kind, stored ones and those of the week alike.

    Raises ValidationError, by field; UnitDoubt.DoesNotExist where nothing of this kind is asked.
    """
    Device.objects.select_for_update(no_key=True).get(pk=device.pk)
    row = UnitDoubt.objects.open().filter(device=device, kind=kind).first()
    if row is None:
        row = store_weekly(device, kind, now)
    return answer(row, reply, by=by, now=now, since=since, note=note)


def store_weekly(device: Device, kind: str, now: datetime) -> UnitDoubt:
    """The doubt of the week as a row, so that its answer is kept."""
    doubt = next((one for one in open_doubts([device], now)[device.pk] if one.kind == kind), None)
    if doubt is None:
        raise UnitDoubt.DoesNotExist(f"Nothing of the kind {kind} is asked about {device}.")
    return UnitDoubt.objects.create(
        device=device,
        kind=kind,
        metric=doubt.metric,
        seen=doubt.seen,
        seen_at=doubt.seen_at,
        typical=doubt.typical,
        expected=doubt.expected,
        against=doubt.against,
        since=doubt.since,
        suggested=doubt.correction,
        opened_at=now,
    )
