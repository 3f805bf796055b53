"""Bulk upload by a person, for devices named by primary key: the same validation and storage as ingest."""

from typing import NamedTuple

from core.validators import MAX_ID
from devices.models import Device
from factories.roles import Right
from telemetry.ingest.validation import build_row, validate_sample
from telemetry.payloads import Reject, parse_batch
from telemetry.storage.partitions import retention_floor
from telemetry.storage.writer import StoreResult, store

NOT_FOUND = "not found"


class BulkUploadResult(NamedTuple):
    store_result: StoreResult
    errors: list[dict]  # {"index", "device_id", "errors": {field: [message]}}


def upload_readings(readings, user, *, now) -> BulkUploadResult:
    """Store the valid readings and return an error for each of the rest; a device of another factory is not found."""
    pks = [device_pk(raw) for raw in readings]
    manageable = Device.objects.for_user(user, right=Right.MANAGE).current().filter(pk__in={pk for pk in pks if pk})
    devices = {device.pk: device for device in manageable.prefetch_related("profiles")}
    identified_readings = [with_device_id(raw, devices.get(pk)) for raw, pk in zip(readings, pks, strict=True)]
    rows, errors, indexes = [], [], {}
    samples = parse_batch(identified_readings, now=now, oldest=retention_floor(now), are_just_sent=False)
    for index, (sample, pk) in enumerate(zip(samples, pks, strict=True)):
        suspect = 0
        if pk in devices and not isinstance(sample, Reject):
            sample, suspect, _doubts = validate_sample(sample, devices[pk])
        if pk not in devices:
            errors.append(error_entry(index, pk, {"device_id": NOT_FOUND if pk else "a device's number is expected"}))
        elif isinstance(sample, Reject):
            errors.append(error_entry(index, pk, sample.errors))
        else:
            rows.append(build_row(sample, devices[pk], suspect, now))
            indexes[id(sample.raw)] = index
    store_result = store(rows, now=now)
    for row, why in store_result.conflicts:
        errors.append(error_entry(indexes[id(row.raw)], row.device_pk, {"timestamp": f"{why}; held in quarantine"}))
    return BulkUploadResult(store_result, sorted(errors, key=lambda error: error["index"]))


def device_pk(raw) -> int | None:
    value = raw.get("device_id") if isinstance(raw, dict) else None
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 < value <= MAX_ID else None


def with_device_id(raw, device) -> object:
    """The reading with its device's own id, as the device would send it, so that it can be released from quarantine."""
    if not isinstance(raw, dict):
        return raw
    return {**raw, "device_id": device.device_id if device else None}


def error_entry(index, pk, errors) -> dict:
    return {"index": index, "device_id": pk, "errors": {field: [message] for field, message in errors.items()}}
