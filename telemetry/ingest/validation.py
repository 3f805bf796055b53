"""Validation of readings against their sender: raw readings → rows to store and items for quarantine."""

from collections import Counter
from itertools import repeat
from typing import NamedTuple

from devices.models import Device
from telemetry.payloads import Reject, columns_of, in_device_units, parse_batch
from telemetry.payloads.samples import DEVICE_CLOCK, parse_device_id
from telemetry.payloads.sanitising import sanitise_text
from telemetry.signal.plausibility import plausibility_checker
from telemetry.signal.suspicion import gravity_warnings, may_be_gravity, suspicion_warnings
from telemetry.storage.partitions import retention_floor
from telemetry.storage.quarantine_writer import NewQuarantineItem, Reason
from telemetry.storage.writer import ReadingRow


class ValidationResult(NamedTuple):
    rows: list[ReadingRow]
    quarantine_items: list[NewQuarantineItem]
    rejects: list[Reject]  # of the quarantine items, in the order received
    warnings: list[str]  # for the response
    reading_counts: Counter  # device pk (None: no known device) → readings, for the rate limits

    @property
    def holds_no_metric(self) -> bool:
        """Whether nothing of the body holds a metric: a format that is not read here."""
        return bool(self.rejects) and not self.rows and not any(reject.holds_metric for reject in self.rejects)


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
    checker = None if rejection else plausibility_checker(device)
    if checker is None or not checker.are_all_plausible(columns):
        return None
    first = ReadingRow(device.pk, device.factory_id, now, now, DEVICE_CLOCK, 0, (), None, None)
    constant_fields = {name: repeat(value) for name, value in first._asdict().items()}
    fields = constant_fields | {"at": columns.moments, "values": columns.values, "raw": readings}
    rows = list(map(ReadingRow._make, zip(*fields.values(), strict=False)))
    warnings = gravity_warnings(columns.extremes, checker.profile_at(columns.moments[0]))
    return ValidationResult(rows, [], [], warnings, Counter({device.pk: len(readings)}))


def validate_one_by_one(readings, sender, now) -> ValidationResult:
    samples = parse_batch(readings, now=now, oldest=retention_floor(now), zone=sender.factory.zone)
    resolver = DeviceResolver(sender, {sample.device_id for sample in samples})
    result = ValidationResult([], [], [], [], Counter())
    add, counts_by_name = result.rows.append, Counter()
    for position, sample in enumerate(samples, 1):
        device, rejection = resolver[sample.device_id]
        counts_by_name[sample.device_id] += 1
        if not rejection and not isinstance(sample, Reject):
            sample, suspect, doubts = validate_sample(sample, device)
        if rejection or isinstance(sample, Reject):
            quarantine_reading(
                result, sample, device or sender.device, rejection, sender, position if len(samples) > 1 else None
            )
            continue
        if sample.warnings or doubts:
            result.warnings.extend((*sample.warnings, *doubts))
        add(build_row(sample, device, suspect, now))
    for name, count in counts_by_name.items():
        device_charged = resolver[name].device or sender.device
        result.reading_counts[device_charged.pk if device_charged else None] += count
    return result


def validate_sample(sample, device) -> tuple:
    """(sample in the device's units or its Reject, its suspect bits, what to say about suspect values)."""
    checker = plausibility_checker(device)
    if sample.said_units:
        sample = in_device_units(sample, checker.profile_at(sample.at))
        if isinstance(sample, Reject):
            return sample, 0, ()
    suspect = checker.suspect_bits(sample)
    return sample, suspect, doubts_of(sample, suspect, checker) if suspect or may_be_gravity(sample.values) else ()


def doubts_of(sample, suspect, checker) -> list[str]:
    profile = checker.profile_at(sample.at)
    extremes = [None if value is None else (value, value) for value in sample.values]
    return [
        *gravity_warnings(extremes, profile),
        *suspicion_warnings(sample.values, suspect, checker.ranges_at(sample.at), profile),
    ]


def quarantine_reading(result, sample, device, rejection, sender, position) -> None:
    """Add a quarantine item, and a warning with the reading's position among several."""
    if rejection and not is_its_own(sample, rejection):
        sample = rejection._replace(raw=sample.raw, holds_metric=not isinstance(sample, Reject) or sample.holds_metric)
    result.rejects.append(sample)
    result.quarantine_items.append(
        NewQuarantineItem(sender.factory.pk, device.pk if device else None, sample.reason, sample.detail, sample.raw)
    )
    result.warnings.append(f"reading {position}: {sample.detail}" if position else sample.detail)


def is_its_own(sample, rejection) -> bool:
    """Whether a reading's own reject says more than that of its device: it is no reading at all."""
    if not isinstance(sample, Reject):
        return False
    return sample.reason == Reason.UNREADABLE or (rejection.reason == Reason.INVALID and not sample.holds_metric)


def build_row(sample, device, suspect, received_at) -> ReadingRow:
    _device_id, at, clock, values, extra, _warnings, raw, _said_units = sample
    return ReadingRow(device.pk, device.factory_id, at, received_at, clock, suspect, values, extra, raw)
