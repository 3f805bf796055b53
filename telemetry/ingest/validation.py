"""Whose reading each one is, and whether it may go in: readings as they came → rows to store and things to hold."""

from collections import Counter
from datetime import timedelta
from itertools import repeat
from typing import NamedTuple

from devices.models import Device
from telemetry.payloads import Reject, Unreadable, columns_of, sample_of
from telemetry.payloads.samples import DEVICE_CLOCK, SERVER_CLOCK, named_device, shown
from telemetry.signal.plausibility import plausible_of
from telemetry.storage.partitions import oldest_kept
from telemetry.storage.quarantine_writer import Held, Reason
from telemetry.storage.writer import Row

ONE_APART = timedelta(milliseconds=1)


class Admitted(NamedTuple):
    rows: list[Row]
    held: list[Held]
    rejects: list[Reject]  # of the held, in the order they came
    notes: list[str]  # for the answer's warnings
    charges: Counter  # device pk, or None for readings of no known device → readings


def samples_of(readings, *, now) -> list:
    """Sample or Reject of each. Several without any time of their own are set a millisecond apart, the last one now."""
    oldest = oldest_kept(now)
    made = [
        Reject(None, Reason.UNREADABLE, {"line": str(raw)}, raw.line)
        if isinstance(raw, Unreadable)
        else sample_of(raw, now=now, oldest=oldest)
        for raw in readings
    ]
    timeless = [place for place, one in enumerate(made) if not isinstance(one, Reject) and one.clock == SERVER_CLOCK]
    for before_last, place in enumerate(reversed(timeless)):
        made[place] = made[place]._replace(at=made[place].at - before_last * ONE_APART)
    return made


class Speaker(NamedTuple):
    """Whom a name stands for in one request: a device that may speak, or the objection (a Reject, without reading)."""

    device: Device | None
    objection: Reject | None


class Speakers(dict):
    """name → Speaker, for the names used in one sender's request (None: a reading that names nobody)."""

    def __init__(self, sender, names):
        self.sender = sender
        self.default = sender.device.device_id if sender.device else default_name(sender)
        if sender.device:
            self.devices = {sender.device.device_id: sender.device}
        else:
            wanted = {name for name in [*names, self.default] if name}
            found = Device.objects.current().filter(factory=sender.factory, device_id__in=wanted)
            self.devices = {device.device_id: device for device in found.prefetch_related("profiles")}

    def __missing__(self, name):
        device = self.devices.get(name or self.default)
        self[name] = Speaker(device, self.objection(name or self.default, device))
        return self[name]

    def objection(self, name, device) -> Reject | None:
        """Why this sender may not send for `name`."""
        if device is None and self.sender.device:
            return Reject(
                name, Reason.OTHER_DEVICE, {"device_id": f"is {shown(name)}, but the key is {self.default}'s"}, None
            )
        if device is None and name is None:
            return Reject(None, Reason.INVALID, {"device_id": "a gateway must name the device"}, None)
        if device is None:
            return Reject(name, Reason.UNKNOWN_DEVICE, {"device_id": f"{shown(name)} is not registered"}, None)
        if not device.is_active:
            return Reject(name, Reason.PAUSED, {"device_id": f"{shown(name)} is paused"}, None)
        return None


def default_name(sender):
    try:
        return named_device(sender.named)
    except ValueError:
        return None


def admit(readings, sender, *, now) -> Admitted:
    columns = columns_of(readings, now=now, oldest=oldest_kept(now))
    return (columns and admit_columns(columns, readings, sender, now)) or admit_one_by_one(readings, sender, now)


def admit_columns(columns, readings, sender, now) -> Admitted | None:
    """None where a reading needs a closer look after all."""
    device, objection = Speakers(sender, {columns.device_id})[columns.device_id]
    if objection or not plausible_of(device).are_all(columns):
        return None
    first = Row(device.pk, device.factory_id, now, now, DEVICE_CLOCK, 0, (), None, None)
    same = {name: repeat(value) for name, value in first._asdict().items()}
    fields = same | {"at": columns.moments, "values": columns.values, "raw": readings}
    rows = list(map(Row._make, zip(*fields.values(), strict=False)))
    return Admitted(rows, [], [], [], Counter({device.pk: len(readings)}))


def admit_one_by_one(readings, sender, now) -> Admitted:
    made = samples_of(readings, now=now)
    speakers = Speakers(sender, {one.device_id for one in made})
    admitted = Admitted([], [], [], [], Counter())
    add, spoken = admitted.rows.append, Counter()
    for place, one in enumerate(made, 1):
        device, objection = speakers[one.device_id]
        spoken[one.device_id] += 1
        if objection or isinstance(one, Reject):
            turn_away(admitted, one, device or sender.device, objection, sender, place if len(made) > 1 else None)
            continue
        if one.warnings:
            admitted.notes.extend(one.warnings)
        add(row_of(one, device, plausible_of(device).suspects(one), now))
    for name, readings_of_it in spoken.items():
        about = speakers[name].device or sender.device
        admitted.charges[about.pk if about else None] += readings_of_it
    return admitted


def turn_away(admitted, one, about, objection, sender, place):
    """Into quarantine, and into the answer's warnings with its place among several."""
    if objection and not (isinstance(one, Reject) and one.reason == Reason.UNREADABLE):
        one = objection._replace(raw=one.raw)
    admitted.rejects.append(one)
    admitted.held.append(Held(sender.factory.pk, about.pk if about else None, one.reason, one.detail, one.raw))
    admitted.notes.append(f"reading {place}: {one.detail}" if place else one.detail)


def row_of(sample, device, suspect, received_at) -> Row:
    _named, at, clock, values, extra, _warnings, raw = sample
    return Row(device.pk, device.factory_id, at, received_at, clock, suspect, values, extra, raw)
