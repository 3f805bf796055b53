"""Decisions on one quarantine item: release into the readings, or discard. Both stay on record."""

import json
from datetime import UTC, datetime, timedelta, tzinfo

from django.db import connection, transaction

from devices.models import Device, Hardware
from telemetry import payloads
from telemetry.ingest.validation import build_row, validate_sample
from telemetry.metrics import METRIC_NAMES, SUSPECT_BIT
from telemetry.models import QuarantineItem, Reading
from telemetry.payloads.names import field_of
from telemetry.payloads.samples import DEVICE_CLOCK, FUTURE_TOLERANCE, SHIFTED_CLOCK
from telemetry.storage.conflict_resolution import ReadingState
from telemetry.storage.dirty_spans import LoggedSpan, insert_dirty_spans
from telemetry.storage.partitions import ensure_months, month_of, retention_floor
from telemetry.storage.quarantine_writer import Reason
from telemetry.storage.upsert import upsert, write_states
from telemetry.storage.writer import SOLO_TIMEOUTS, ReadingRow

MAX_BYTES = 64 * 1024 * 1024  # bytes; the payload was within the limit of its request
EARLIEST, LATEST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


class NotReleased(ValueError):
    """The item cannot be released (yet); the message gives the reason and a remedy."""


class ConflictingReading(NotReleased):
    """Another value is stored for that time: replacing it must be requested."""


def release(row: QuarantineItem, by, now, *, replace=False, shift: timedelta | None = None) -> QuarantineItem:
    """Validate and store the item's reading now; ages count from when it was received.

    `shift`: what its own time is moved by. A reading that contradicts a stored one raises ConflictingReading, unless
    `replace` is given: then its values win, and the old reading is kept as a discarded quarantine item. Raises
    NotReleased.
    """
    require_undecided(row)
    sample, moved_by_s = revalidate(row, now, shift)
    reading = reading_of(row, sample, resolve_device(row, sample))
    ensure_months({month_of(reading.at)})
    with transaction.atomic(), connection.cursor() as cursor:
        row = lock_undecided(row)
        cursor.execute(SOLO_TIMEOUTS)
        outcome = upsert(cursor, [reading])[reading.key]
        if outcome.conflicts and not replace:
            raise ConflictingReading(f"{outcome.conflicts[0][1]}. Say replace to put the sent value in its place.")
        if outcome.conflicts:
            replace_stored(cursor, reading, outcome.state, by, now)
        # received_at, not now: the device was not seen now.
        span = LoggedSpan(reading.device_pk, reading.at, reading.at, 1, row.received_at, factory_pk=reading.factory_pk)
        insert_dirty_spans(cursor, [span])
        row.shift_seconds = moved_by_s
        return decide(row, QuarantineItem.State.RELEASED, by, now)


def discard(row: QuarantineItem, by, now) -> QuarantineItem:
    """Close the item without storing it; it stays on record. Raises NotReleased where it was decided before."""
    with transaction.atomic():
        return decide(lock_undecided(row), QuarantineItem.State.DISCARDED, by, now)


def revalidate(row, now, shift: timedelta | None = None) -> tuple[payloads.ReadingSample, float | None]:
    """Parse the payload again, with the retention floor and clock of now → (sample, by how many seconds it was moved).

    What has no time of its own is not moved. Raises NotReleased.
    """
    oldest = retention_floor(now)
    if shift is None:
        received_at = row.received_at
        return usable(payloads.parse_sample(raw_reading(row), now=now, oldest=oldest, received_at=received_at)), None
    sample = parse_own_time(row, row.factory.zone)
    is_moved = has_own_clock(sample)
    if is_moved:
        sample = sample._replace(at=moved(sample.at, shift), clock=SHIFTED_CLOCK)
    if sample.at > now + FUTURE_TOLERANCE:
        raise NotReleased(f"Moved so, it lies ahead of the server's clock: {sample.at.isoformat()}.")
    if sample.at < oldest:
        raise NotReleased(f"Moved so, it is older than what is kept: {sample.at.isoformat()}.")
    return sample, shift.total_seconds() if is_moved else None


def parse_own_time(row, zone: tzinfo) -> payloads.ReadingSample:
    """The item's reading at the time it says, whatever that is; without an offset it is the factory's. Raises
    NotReleased."""
    raw = raw_reading(row)
    sample = payloads.parse_sample(raw, now=LATEST, oldest=EARLIEST, received_at=row.received_at)
    if isinstance(sample, payloads.Reject) and "timestamp" in sample.errors and isinstance(raw, dict):
        raw = {name: in_zone(value, zone) if is_timestamp(name) else value for name, value in raw.items()}
        sample = payloads.parse_sample(raw, now=LATEST, oldest=EARLIEST, received_at=row.received_at)
    return usable(sample)


def raw_reading(row) -> object:
    try:
        parsed = payloads.parse_body(bytes(row.payload), max_bytes=MAX_BYTES, max_readings=1)
    except payloads.BadBody as error:
        raise NotReleased(f"It cannot be read: {error} Discard it, or let the device send it again.") from error
    if len(parsed.readings) != 1:
        raise NotReleased("It holds no reading.")
    return parsed.readings[0]


def usable(sample) -> payloads.ReadingSample:
    if isinstance(sample, payloads.Reject):
        raise NotReleased(f"It still cannot be stored: {sample.detail}.")
    return sample


def has_own_clock(sample) -> bool:
    return sample.clock == DEVICE_CLOCK


def is_timestamp(name: str) -> bool:
    field = field_of(name)
    return field is not None and field.name == "timestamp"


def in_zone(value, zone: tzinfo):
    """A local time with the offset of the zone; anything else as it is."""
    try:
        local = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value
    return local.replace(tzinfo=zone).isoformat() if local.tzinfo is None else value


def moved(at: datetime, shift: timedelta) -> datetime:
    try:
        return at + shift
    except OverflowError:
        raise NotReleased("Moved so, its time is out of range.") from None


def reading_of(row, sample, device) -> ReadingRow:
    """Raises NotReleased where the device's profile says another unit than the reading."""
    sample, suspect, _doubts = validate_sample(sample, device)
    return build_row(usable(sample), device, suspect, row.received_at)


def resolve_device(row, sample) -> Device:
    """The device it names, in the factory of its key; the id of a replaced unit resolves to its machine."""
    if sample.device_id is None and row.device_id:
        return row.device
    devices = Device.objects.current().filter(factory=row.factory_id).select_related("factory")
    device = devices.filter(device_id=sample.device_id).first()
    if device is None:
        former_unit = Hardware.objects.filter(unit=sample.device_id, device__in=devices).order_by("-fitted_at").first()
        device = former_unit and former_unit.device
    if device is None:
        raise NotReleased(f"{sample.device_id or 'No device'} is not registered in this factory; register it first.")
    return device


def lock_undecided(row) -> QuarantineItem:
    """The row, locked: of two concurrent decisions the second raises NotReleased."""
    row = QuarantineItem.objects.select_for_update(of=["self"]).get(pk=row.pk)
    require_undecided(row)
    return row


def require_undecided(row) -> None:
    if row.state != QuarantineItem.State.HELD:
        raise NotReleased(f"It was {row.get_state_display()} already.")


def decide(row, state, by, now) -> QuarantineItem:
    row.state, row.decided_by, row.decided_at = state, by, now
    row.save(update_fields=["state", "decided_by", "decided_at", "shift_seconds"])
    return row


def replace_stored(cursor, reading: ReadingRow, stored: ReadingState, by, now) -> None:
    """Overwrite with the values of `reading`. The old values become a discarded quarantine item: none is lost."""
    values = tuple(old if new is None else new for old, new in zip(stored.values, reading.values, strict=True))
    extra = {**(stored.extra or {}), **(reading.extra or {})} or None
    replaced_bits = sum(
        SUSPECT_BIT[name] for name, new in zip(METRIC_NAMES, reading.values, strict=True) if new is not None
    )
    write_states(
        cursor, [(reading.key, ReadingState(values, stored.suspect & ~replaced_bits | reading.suspect, extra))]
    )
    old = {"device_id": Device.objects.get(pk=reading.device_pk).device_id, "timestamp": reading.at.isoformat()}
    old |= {name: value for name, value in zip(METRIC_NAMES, stored.values, strict=True) if value is not None}
    received_at = Reading.objects.values_list("received_at", flat=True).get(device=reading.device_pk, at=reading.at)
    QuarantineItem.objects.create(
        factory_id=reading.factory_pk,
        device_id=reading.device_pk,
        received_at=received_at,
        reason=Reason.CONFLICT,
        detail="Stored before, replaced by a reading released from quarantine.",
        payload=json.dumps(old).encode(),
        state=QuarantineItem.State.DISCARDED,
        decided_by=by,
        decided_at=now,
    )
