"""Validation of readings against their sender: raw readings → rows to store and items for quarantine."""

from collections import Counter
from datetime import timedelta
from itertools import repeat
from typing import NamedTuple

from devices.models import Device
from telemetry.payloads import Reject, Unreadable, columns_of, parse_sample
from telemetry.payloads.samples import DEVICE_CLOCK, SERVER_CLOCK, parse_device_id, sanitise_text
from telemetry.signal.plausibility import plausibility_checker
from telemetry.storage.partitions import retention_floor
from telemetry.storage.quarantine_writer import NewQuarantineItem, Reason
from telemetry.storage.writer import ReadingRow

TIMELESS_SPACING = timedelta(milliseconds=1)


class ValidationResult(NamedTuple):
    rows: list[ReadingRow]
    quarantine_items: list[NewQuarantineItem]
    rejects: list[Reject]  # of the quarantine items, in the order received
    warnings: list[str]  # for the response
    reading_counts: Counter  # device pk (None: no known device) → readings, for the rate limits


def parse_samples(readings, *, now) -> list:
    """ReadingSample or Reject of each. Several without a time are set a millisecond apart, the last now."""
    oldest = retention_floor(now)
    results = [
        Reject(None, Reason.UNREADABLE, {"line": str(raw)}, raw.line)
        if isinstance(raw, Unreadable)
        else parse_sample(raw, now=now, oldest=oldest)
        for raw in readings
    ]
    timeless = [
        index for index, result in enumerate(results) if not isinstance(result, Reject) and result.clock == SERVER_CLOCK
    ]
    for before_last, index in enumerate(reversed(timeless)):
        results[index] = results[index]._replace(at=results[index].at - before_last * TIMELESS_SPACING)
    return results


class ResolvedDevice(NamedTuple):
    """A device id resolved for one sender: an active device, or the rejection (a Reject without a reading)."""

    device: Device | None
    rejection: Reject | None


class DeviceResolver(dict):
    """device id → ResolvedDevice, for the ids used in one sender's request (None: a reading without an id)."""

    def __init__(self, sender, names):
        self.sender = sender
        self.default_name = sender.device.device_id if sender.device else default_device_id(sender)
        if sender.device:
            self.devices = {sender.device.device_id: sender.device}
        else:
            device_ids = {name for name in [*names, self.default_name] if name}
            devices = Device.objects.current().filter(factory=sender.factory, device_id__in=device_ids)
            self.devices = {device.device_id: device for device in devices.prefetch_related("profiles")}

    def __missing__(self, name):
        device = self.devices.get(name or self.default_name)
        self[name] = ResolvedDevice(device, self.rejection_of(name or self.default_name, device))
        return self[name]

    def rejection_of(self, name, device) -> Reject | None:
        """Why this sender may not send for `name`."""
        if device is None and self.sender.device:
            return Reject(
                name,
                Reason.OTHER_DEVICE,
                {"device_id": f"is {sanitise_text(name)}, but the key is {self.default_name}'s"},
                None,
            )
        if device is None and name is None:
            return Reject(None, Reason.INVALID, {"device_id": "a gateway must name the device"}, None)
        if device is None:
            return Reject(name, Reason.UNKNOWN_DEVICE, {"device_id": f"{sanitise_text(name)} is not registered"}, None)
        if not device.is_active:
            return Reject(name, Reason.PAUSED, {"device_id": f"{sanitise_text(name)} is paused"}, None)
        return None


def default_device_id(sender) -> str | None:
    try:
        return parse_device_id(sender.claimed_device_id)
    except ValueError:
        return None


def validate(readings, sender, *, now) -> ValidationResult:
    """Column by column where the readings are plain (`payloads.columns_of`), else one by one; same result."""
    columns = columns_of(readings, now=now, oldest=retention_floor(now))
    return (columns and validate_columns(columns, readings, sender, now)) or validate_one_by_one(readings, sender, now)


def validate_columns(columns, readings, sender, now) -> ValidationResult | None:
    """The columnar fast path; None where a reading must be validated on its own."""
    device, rejection = DeviceResolver(sender, {columns.device_id})[columns.device_id]
    if rejection or not plausibility_checker(device).are_all_plausible(columns):
        return None
    first = ReadingRow(device.pk, device.factory_id, now, now, DEVICE_CLOCK, 0, (), None, None)
    constant_fields = {name: repeat(value) for name, value in first._asdict().items()}
    fields = constant_fields | {"at": columns.moments, "values": columns.values, "raw": readings}
    rows = list(map(ReadingRow._make, zip(*fields.values(), strict=False)))
    return ValidationResult(rows, [], [], [], Counter({device.pk: len(readings)}))


def validate_one_by_one(readings, sender, now) -> ValidationResult:
    samples = parse_samples(readings, now=now)
    resolver = DeviceResolver(sender, {sample.device_id for sample in samples})
    result = ValidationResult([], [], [], [], Counter())
    add, counts_by_name = result.rows.append, Counter()
    for position, sample in enumerate(samples, 1):
        device, rejection = resolver[sample.device_id]
        counts_by_name[sample.device_id] += 1
        if rejection or isinstance(sample, Reject):
            quarantine_reading(
                result, sample, device or sender.device, rejection, sender, position if len(samples) > 1 else None
            )
            continue
        if sample.warnings:
            result.warnings.extend(sample.warnings)
        add(build_row(sample, device, plausibility_checker(device).suspect_bits(sample), now))
    for name, count in counts_by_name.items():
        device_charged = resolver[name].device or sender.device
        result.reading_counts[device_charged.pk if device_charged else None] += count
    return result


def quarantine_reading(result, sample, device, rejection, sender, position) -> None:
    """Add a quarantine item, and a warning with the reading's position among several."""
    if rejection and not (isinstance(sample, Reject) and sample.reason == Reason.UNREADABLE):
        sample = rejection._replace(raw=sample.raw)
    result.rejects.append(sample)
    result.quarantine_items.append(
        NewQuarantineItem(sender.factory.pk, device.pk if device else None, sample.reason, sample.detail, sample.raw)
    )
    result.warnings.append(f"reading {position}: {sample.detail}" if position else sample.detail)


def build_row(sample, device, suspect, received_at) -> ReadingRow:
    _device_id, at, clock, values, extra, _warnings, raw = sample
    return ReadingRow(device.pk, device.factory_id, at, received_at, clock, suspect, values, extra, raw)
