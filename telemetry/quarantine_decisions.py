"""A person's decision about something that was held: let it in after all, or throw it away. Either leaves its trail."""

import json

from django.db import connection, transaction

from devices.models import Device, Hardware
from telemetry import payloads
from telemetry.ingest.validation import row_of
from telemetry.metrics import STORED, SUSPECT_BIT
from telemetry.models import Quarantined, Reading
from telemetry.signal.plausibility import plausible_of
from telemetry.storage.conflict_resolution import State
from telemetry.storage.partitions import ensure_months, month_of, oldest_kept
from telemetry.storage.quarantine_writer import Reason
from telemetry.storage.upsert import settle, write_states
from telemetry.storage.writer import ALONE, Row, note_arrivals

LARGEST = 64 * 1024 * 1024  # bytes; what is held was small enough once


class NotReleased(ValueError):
    """It cannot be stored (yet); the text says why and what would help."""


class Contradicts(NotReleased):
    """Another value is stored for that moment: replacing it is a choice of its own."""


def release(row: Quarantined, by, now, *, replace=False) -> Quarantined:
    """Store what was held as if it came now, its ages counted from when it did come.

    A reading that contradicts a stored one is refused (Contradicts) unless `replace` is said; then its values win, and
    the old reading is kept in quarantine's history. Raises NotReleased.
    """
    refuse_decided(row)
    sample = sample_again(row, now)
    device = device_of(row, sample)
    suspect = plausible_of(device).suspects(sample)
    said = row_of(sample, device, suspect, row.received_at)
    ensure_months({month_of(said.at)})
    with transaction.atomic(), connection.cursor() as cursor:
        row = still_held(row)
        cursor.execute(ALONE)
        outcome = settle(cursor, [said])[said.key]
        if outcome.conflicts and not replace:
            raise Contradicts(f"{outcome.conflicts[0][1]}. Say replace to put the sent value in its place.")
        if outcome.conflicts:
            replace_stored(cursor, said, outcome.state, by, now)
        # When it came, not now: the device is not heard again, only read again.
        note_arrivals(cursor, [(said.device_pk, said.at, said.at, 1, row.received_at, "")])
        return decide(row, Quarantined.State.RELEASED, by, now)


def discard(row: Quarantined, by, now) -> Quarantined:
    """It stays on record, and no longer waits for anybody."""
    with transaction.atomic():
        return decide(still_held(row), Quarantined.State.DISCARDED, by, now)


def sample_again(row, now) -> payloads.Sample:
    try:
        said = payloads.read(bytes(row.payload), max_bytes=LARGEST, max_readings=1)
    except payloads.BadBody as error:
        raise NotReleased(f"It cannot be read: {error} Discard it, or let the device send it again.") from error
    if len(said.readings) != 1:
        raise NotReleased("It holds no reading.")
    sample = payloads.sample_of(said.readings[0], now=now, oldest=oldest_kept(now), received_at=row.received_at)
    if isinstance(sample, payloads.Reject):
        raise NotReleased(f"It still cannot be stored: {sample.detail}.")
    return sample


def device_of(row, sample) -> Device:
    """The device it names, in the factory whose key brought it; a unit swapped since belongs to its machine."""
    if sample.device_id is None and row.device_id:
        return row.device
    devices = Device.objects.current().filter(factory=row.factory_id).select_related("factory")
    device = devices.filter(device_id=sample.device_id).first()
    if device is None:
        served = Hardware.objects.filter(unit=sample.device_id, device__in=devices).order_by("-fitted_at").first()
        device = served and served.device
    if device is None:
        raise NotReleased(f"{sample.device_id or 'No device'} is not registered in this factory; register it first.")
    return device


def still_held(row) -> Quarantined:
    """The row, locked: of two people who decide at once the second is told."""
    row = Quarantined.objects.select_for_update(of=["self"]).get(pk=row.pk)
    refuse_decided(row)
    return row


def refuse_decided(row):
    if row.state != Quarantined.State.HELD:
        raise NotReleased(f"It was {row.get_state_display()} already.")


def decide(row, state, by, now) -> Quarantined:
    row.state, row.decided_by, row.decided_at = state, by, now
    row.save(update_fields=["state", "decided_by", "decided_at"])
    return row


def replace_stored(cursor, said: Row, stored: State, by, now):
    """`said` wins where both speak. The old values become a decided row of quarantine, so that nothing vanishes."""
    values = tuple(old if new is None else new for old, new in zip(stored.values, said.values, strict=True))
    extra = {**(stored.extra or {}), **(said.extra or {})} or None
    contested = sum(SUSPECT_BIT[name] for name, new in zip(STORED, said.values, strict=True) if new is not None)
    write_states(cursor, [(said.key, State(values, stored.suspect & ~contested | said.suspect, extra))])
    old = {"device_id": Device.objects.get(pk=said.device_pk).device_id, "timestamp": said.at.isoformat()}
    old |= {name: value for name, value in zip(STORED, stored.values, strict=True) if value is not None}
    received_at = Reading.objects.values_list("received_at", flat=True).get(device=said.device_pk, at=said.at)
    Quarantined.objects.create(
        factory_id=said.factory_pk,
        device_id=said.device_pk,
        received_at=received_at,
        reason=Reason.CONFLICT,
        detail="Stored before, replaced by a reading released from quarantine.",
        payload=json.dumps(old).encode(),
        state=Quarantined.State.DISCARDED,
        decided_by=by,
        decided_at=now,
    )
