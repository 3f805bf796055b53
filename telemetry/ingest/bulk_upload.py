"""Readings that a person brings, for devices of theirs by row number: the same checks and the same store."""

from typing import NamedTuple

from devices.models import Device
from factories.roles import Right
from telemetry.ingest.validation import row_of, samples_of
from telemetry.payloads import Reject
from telemetry.signal.plausibility import plausible_of
from telemetry.storage.writer import Stored, store

NOT_FOUND = "not found"
LARGEST_ID = 2**63 - 1


class Brought(NamedTuple):
    stored: Stored
    errors: list[dict]  # {"index", "device_id", "errors": {field: [words]}}


def bring(readings, user, *, now) -> Brought:
    """Store what can be stored, and say of each of the rest why not; a device of another factory is not found."""
    pks = [device_pk(raw) for raw in readings]
    mine = Device.objects.for_user(user, right=Right.MANAGE).current().filter(pk__in={pk for pk in pks if pk})
    devices = {device.pk: device for device in mine.prefetch_related("profiles")}
    named = [named_by_id(raw, devices.get(pk)) for raw, pk in zip(readings, pks, strict=True)]
    rows, errors, places = [], [], {}
    for index, (sample, pk) in enumerate(zip(samples_of(named, now=now), pks, strict=True)):
        if pk not in devices:
            errors.append(problem(index, pk, {"device_id": NOT_FOUND if pk else "a device's number is expected"}))
        elif isinstance(sample, Reject):
            errors.append(problem(index, pk, sample.errors))
        else:
            rows.append(row_of(sample, devices[pk], plausible_of(devices[pk]).suspects(sample), now))
            places[id(sample.raw)] = index
    stored = store(rows, now=now)
    for row, why in stored.conflicts:
        errors.append(problem(places[id(row.raw)], row.device_pk, {"timestamp": f"{why}; held in quarantine"}))
    return Brought(stored, sorted(errors, key=lambda error: error["index"]))


def device_pk(raw) -> int | None:
    said = raw.get("device_id") if isinstance(raw, dict) else None
    if isinstance(said, str) and said.isascii() and said.isdecimal() and len(said) < 20:
        said = int(said)
    is_number = isinstance(said, int) and not isinstance(said, bool)
    return said if is_number and 0 < said <= LARGEST_ID else None


def named_by_id(raw, device):
    """The reading as its device would have sent it, so that quarantine can release it."""
    if not isinstance(raw, dict):
        return raw
    return {**raw, "device_id": device.device_id if device else None}


def problem(index, pk, errors) -> dict:
    return {"index": index, "device_id": pk, "errors": {field: [words] for field, words in errors.items()}}
