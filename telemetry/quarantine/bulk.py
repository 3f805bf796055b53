"""Decisions on many quarantine items at once: each item has an outcome of its own, and what can be stored is.

Chunks are committed one after the other. An interrupted call is safe to repeat: what was decided stays decided.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from devices.models import Device
from factories.models import User
from telemetry.models import QuarantineItem
from telemetry.quarantine.decisions import (
    NotReleased,
    has_own_clock,
    parse_own_time,
    reading_of,
    release,
    require_undecided,
    resolve_device,
    revalidate,
)  # fmt: skip
from telemetry.quarantine.shift import LAST_IS_RECEIVED
from telemetry.storage.dirty_spans import LoggedSpan, contiguous_spans, insert_dirty_spans
from telemetry.storage.partitions import ensure_months, month_of
from telemetry.storage.upsert import upsert
from telemetry.storage.writer import SOLO_TIMEOUTS, ReadingRow

CHUNK = 500  # items of one transaction
RELEASED, DISCARDED, CONFLICT, REFUSED = "released", "discarded", "conflict", "refused"
Shift = timedelta | str | None  # str: LAST_IS_RECEIVED


class Outcome(NamedTuple):
    """What became of one item."""

    pk: int
    outcome: str
    detail: str = ""  # why it is still held
    at: datetime | None = None  # where its reading is stored
    shift_seconds: float | None = None


class Prepared(NamedTuple):
    """An item whose reading can be stored."""

    item: QuarantineItem
    reading: ReadingRow
    shift_seconds: float | None


def release_many(
    items: QuerySet, by: User, now: datetime, *, shift: Shift = None, replace: bool = False
) -> list[Outcome]:
    """Release each of `items` as `decisions.release` does; the others go on where one cannot be.

    With LAST_IS_RECEIVED all items of a device move by one distance, so that the newest was measured when it came.
    """
    devices: dict = {}
    distances = distances_of(items, devices) if shift == LAST_IS_RECEIVED else {}
    outcomes: list[Outcome] = []
    for chunk in chunks_of(items):
        outcomes += release_chunk(chunk, by, now, shift, distances, devices)
    return [replaced(one, by, now) for one in outcomes] if replace else outcomes


def discard_many(items: QuerySet, by: User, now: datetime) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for chunk in chunks_of(items.defer("payload")):
        with transaction.atomic():
            held = locked_pks(chunk)
            decide_many(held, QuarantineItem.State.DISCARDED, by, now)
        outcomes += [Outcome(item.pk, DISCARDED) if item.pk in held else already(item) for item in chunk]
    return outcomes


def chunks_of(items: QuerySet) -> Iterator[list[QuarantineItem]]:
    """In order of their ids, so that two calls lock in the same order."""
    pks = list(items.order_by("pk").values_list("pk", flat=True))
    rows = items.order_by("pk").prefetch_related("factory")  # one object for all of its items
    for start in range(0, len(pks), CHUNK):
        yield list(rows.filter(pk__in=pks[start : start + CHUNK]))


def distances_of(items: QuerySet, devices: dict) -> dict[int, timedelta]:
    """Device pk → from the newest time that its items say to when that one came."""
    newest: dict[int, tuple[datetime, datetime]] = {}
    for item in (item for chunk in chunks_of(items.filter(state=QuarantineItem.State.HELD)) for item in chunk):
        try:
            sample = parse_own_time(item, item.factory.zone)
            device = device_of(item, sample, devices)
        except NotReleased:
            continue
        if has_own_clock(sample):
            newest[device.pk] = max((sample.at, item.received_at), newest.get(device.pk, (sample.at, item.received_at)))
    return {device_pk: received_at - at for device_pk, (at, received_at) in newest.items()}


def shift_of(item: QuarantineItem, shift: Shift) -> timedelta | None:
    """How far one item moves. Raises NotReleased where its own time cannot be read."""
    if shift != LAST_IS_RECEIVED:
        return shift
    sample = parse_own_time(item, item.factory.zone)
    return item.received_at - sample.at if has_own_clock(sample) else timedelta()


def release_chunk(
    chunk: list[QuarantineItem], by, now, shift: Shift, distances: dict[int, timedelta], devices: dict
) -> list[Outcome]:
    prepared: dict[int, Prepared] = {}
    outcomes: dict[int, Outcome] = {}
    for item in chunk:
        try:
            prepared[item.pk] = prepare(item, now, shift, distances, devices)
        except NotReleased as error:
            outcomes[item.pk] = Outcome(item.pk, REFUSED, str(error))
    if prepared:
        ensure_months({month_of(each.reading.at) for each in prepared.values()})
        outcomes |= store_prepared(prepared, by, now)
    return [outcomes[item.pk] for item in chunk]


def prepare(item, now, shift: Shift, distances: dict[int, timedelta], devices: dict) -> Prepared:
    require_undecided(item)
    if shift == LAST_IS_RECEIVED:
        sample = parse_own_time(item, item.factory.zone)
        shift = distances.get(device_of(item, sample, devices).pk, timedelta())
    sample, moved_by = revalidate(item, now, shift)
    return Prepared(item, reading_of(item, sample, device_of(item, sample, devices)), moved_by)


def device_of(item, sample, devices: dict) -> Device:
    """`resolve_device`, once for all items that name the same."""
    key = (item.factory_id, item.device_id, sample.device_id)
    if key not in devices:
        devices[key] = resolve_device(item, sample)
    return devices[key]


def store_prepared(prepared: dict[int, Prepared], by, now) -> dict[int, Outcome]:
    """One transaction → {item pk: Outcome}. An item that was decided meanwhile is left alone."""
    with transaction.atomic(), connection.cursor() as cursor:
        held = locked_pks(each.item for each in prepared.values())
        cursor.execute(SOLO_TIMEOUTS)
        readings = {id(each.reading): pk for pk, each in prepared.items() if pk in held}
        results = upsert(cursor, [prepared[pk].reading for pk in readings.values()]) if readings else {}
        conflicts = {readings[id(row)]: why for result in results.values() for row, why in result.conflicts}
        released = [each for pk, each in prepared.items() if pk in held and pk not in conflicts]
        insert_dirty_spans(cursor, spans_of(released))
        by_shift = defaultdict(set)
        for each in released:
            by_shift[each.shift_seconds].add(each.item.pk)
        for shift_seconds, pks in by_shift.items():
            decide_many(pks, QuarantineItem.State.RELEASED, by, now, shift_seconds)
    return (
        {pk: already(each.item) for pk, each in prepared.items() if pk not in held}
        | {pk: Outcome(pk, CONFLICT, f"{why}.", *stored_as(prepared[pk])) for pk, why in conflicts.items()}
        | {each.item.pk: Outcome(each.item.pk, RELEASED, "", *stored_as(each)) for each in released}
    )


def stored_as(prepared: Prepared) -> tuple[datetime, float | None]:
    return prepared.reading.at, prepared.shift_seconds


def locked_pks(items: Iterable[QuarantineItem]) -> set[int]:
    """Those still held, locked until commit: of two decisions at the same moment one finds none."""
    pks = [item.pk for item in items]
    rows = QuarantineItem.objects.select_for_update(of=["self"]).filter(pk__in=pks, state=QuarantineItem.State.HELD)
    return set(rows.order_by("pk").values_list("pk", flat=True))


def decide_many(pks: Iterable[int], state, by, now, shift_seconds: float | None = None) -> None:
    QuarantineItem.objects.filter(pk__in=pks).update(
        state=state, decided_by=by, decided_at=now, shift_seconds=shift_seconds
    )


def spans_of(released: list[Prepared]) -> list[LoggedSpan]:
    """received_at, not now: the devices were not seen now."""
    received_at: dict[int, datetime] = {}
    factories = {}
    for _item, reading, _shift in released:
        received_at[reading.device_pk] = max(
            reading.received_at, received_at.get(reading.device_pk, reading.received_at)
        )
        factories[reading.device_pk] = reading.factory_pk
    return [
        LoggedSpan(device_pk, first, last, readings, received_at[device_pk], factory_pk=factories[device_pk])
        for device_pk, first, last, readings in contiguous_spans(each.reading.key for each in released)
    ]


def already(item) -> Outcome:
    return Outcome(item.pk, REFUSED, "It was decided already.")


def replaced(outcome: Outcome, by, now) -> Outcome:
    """A conflict decided for the sent value, one by one: each old reading goes on record."""
    if outcome.outcome != CONFLICT:
        return outcome
    item = QuarantineItem.objects.select_related("factory", "device__factory").get(pk=outcome.pk)
    try:
        release(item, by, now, replace=True, shift=outcome_shift(outcome))
    except NotReleased as error:
        return Outcome(outcome.pk, REFUSED, str(error))
    return outcome._replace(outcome=RELEASED, detail="")


def outcome_shift(outcome: Outcome) -> timedelta | None:
    return None if outcome.shift_seconds is None else timedelta(seconds=outcome.shift_seconds)
