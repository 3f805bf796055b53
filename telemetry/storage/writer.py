"""Storing readings: COPY into the table, in one transaction with the digest's log. Success means committed.

Concurrent requests are committed together (`core.group_commit`), each with a result of its own. Every sample ends as
exactly one of *accepted* (new, or merged into a stored reading that lacked these metrics), *duplicate* (nothing in it
is new) or *conflict* (another value for a stored metric: the first stays, this one goes to quarantine), also while
another client sends the same buffer.

Nearly always every key is new, and the rows are copied straight into the table. Where a key exists, the transaction is
repeated by way of `telemetry.storage.upsert`, which classifies each row; the rows of devices that recently sent
duplicates go that way from the start.
"""

from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from psycopg2.errors import UniqueViolation

from core.group_commit import Coalescer
from devices.key_cache import VERSIONS_SQL, CachedKey, KeyChanged, prefixes_of, stale_keys
from telemetry.storage.binary_copy import copy_into
from telemetry.storage.dirty_spans import (
    LoggedSpan,
    dirty_spans_statement,
    insert_dirty_spans,
    received_spans,
)
from telemetry.storage.partitions import ensure_months, month_of
from telemetry.storage.quarantine_writer import NewQuarantineItem, Reason, quarantine
from telemetry.storage.upsert import upsert

# Beyond these timeouts the response is 503: ESPHome reboots after 4.5 s without one. A coalesced batch waits only
# briefly for locked rows: each request is then retried alone.
TIMEOUTS = (
    "SET LOCAL statement_timeout = '3s'; SET LOCAL lock_timeout = '{}'; SET LOCAL client_min_messages = 'warning'"
)
SOLO_TIMEOUTS, COALESCED_TIMEOUTS = TIMEOUTS.format("2s"), TIMEOUTS.format("200ms")
SERVER_ERROR_CLASSES = ("57", "08")  # PostgreSQL's codes: timeout or no server; a retry alone would not help
MAX_BATCHES = 64  # requests
LARGE_BATCH_READINGS = 200  # readings; so many gain nothing from a shared commit, and others would wait for them
CONCURRENCY = 2  # concurrent transactions of one process: while one waits for the disk the next is packed
MAX_ATTEMPTS = 4  # a stale device key, an existing row, a dropped partition: each costs one repetition
MAX_REPEATERS = 10_000

cached_months = set()  # existing partitions; where retention dropped one, the insert fails and clears them
repeaters = {}  # device pks with recent duplicates: upserted until a batch of theirs is all new


class ReadingRow(NamedTuple):
    """A validated sample, to be stored."""

    device_pk: int
    factory_pk: int
    at: datetime  # in UTC
    received_at: datetime
    clock: int
    suspect: int
    values: tuple
    extra: dict | None
    raw: object

    @property
    def key(self) -> tuple[int, datetime]:
        return self.device_pk, self.at


row_key = attrgetter("device_pk", "at")


class Batch(NamedTuple):
    """The rows of one request, and its device key as cached."""

    rows: list[ReadingRow]
    quarantine_items: list[NewQuarantineItem]
    now: datetime
    cached_key: CachedKey | None


class StoreResult(NamedTuple):
    """The outcome of one request."""

    accepted: int
    duplicates: int
    quarantined: int
    conflicts: list  # (ReadingRow, description of the contradiction)


def store(
    rows: list[ReadingRow], quarantine_items: list[NewQuarantineItem] = (), *, now, cached_key: CachedKey | None = None
) -> StoreResult:
    """Store all of it, or raise a database error and store nothing. On return it is committed.

    Raises KeyChanged where `cached_key` is stale.
    """
    batch = Batch(rows, quarantine_items, now, cached_key)
    store_batch = store_large if len(rows) + len(quarantine_items) > LARGE_BATCH_READINGS else store_coalesced
    result = store_batch(batch) or commit_batches([batch], SOLO_TIMEOUTS)[0]
    if isinstance(result, KeyChanged):
        raise result
    return result


def store_batches(batches: list[Batch]) -> list[StoreResult | KeyChanged | None]:
    """None for each of several that could not be stored together: any one of them may be the cause."""
    if len(batches) == 1:
        return commit_batches(batches, SOLO_TIMEOUTS)
    try:
        return commit_batches(batches, COALESCED_TIMEOUTS)
    except Exception as error:
        code = getattr(error.__cause__, "pgcode", None)
        if isinstance(error, DatabaseError | InterfaceError) and (
            code is None or code.startswith(SERVER_ERROR_CLASSES)
        ):
            raise
        return [None] * len(batches)


store_coalesced = Coalescer(store_batches, max_batch=MAX_BATCHES, concurrency=CONCURRENCY)
store_large = Coalescer(store_batches, max_batch=1)  # one at a time, beside the others, which do not wait for it


def commit_batches(batches: list[Batch], timeouts: str) -> list[StoreResult | KeyChanged]:
    """One transaction; repeated where a row exists, a partition is missing, or the connection was lost."""
    months = {month_of(day) for day in {row.at.date() for batch in batches for row in batch.rows}}
    rows, assumes_new = sorted_rows(batches), True
    copies_directly = can_copy_directly(rows, batches)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        has_started = False
        ensure_cached_months(months)
        connection.health_check_done = True  # saves a query: the transaction below detects a lost connection itself
        try:
            with transaction.atomic(durable=True), connection.cursor() as cursor:
                changed_key_ids = start_transaction(
                    cursor, timeouts, dirty_spans_of(batches) if copies_directly else [], batches
                )
                has_started = True
                if not copies_directly:
                    return insert_unchanged_key_batches(cursor, batches, changed_key_ids, assumes_new)
                if changed_key_ids:
                    raise KeyChanged  # some of the dirty spans just inserted belong to a stale key: roll back
                copy_into(cursor, "telemetry_reading", rows)
                return [StoreResult(len(batch.rows), 0, 0, []) for batch in batches]
        except KeyChanged:
            if attempt == MAX_ATTEMPTS:
                raise
            copies_directly = False
        except (OperationalError, InterfaceError):
            if has_started or attempt == MAX_ATTEMPTS:
                raise
            connection.close()  # the server closed it while it was idle
        except IntegrityError as error:
            if attempt == MAX_ATTEMPTS:
                raise
            if isinstance(error.__cause__, UniqueViolation) and assumes_new:
                copies_directly = assumes_new = False
            elif "no partition of relation" in str(error):
                cached_months.clear()
            else:
                raise


def sorted_rows(batches) -> list[ReadingRow]:
    """In key order, so that two clients with the same rows lock them in the same order."""
    return sorted((row for batch in batches for row in batch.rows), key=row_key)


def can_copy_directly(rows, batches) -> bool:
    """Only rows, none of which is known to exist already: nearly every request."""
    if any(batch.quarantine_items for batch in batches) or len(set(map(row_key, rows))) < len(rows):
        return False
    return not repeaters or repeaters.keys().isdisjoint({row.device_pk for row in rows})


def ensure_cached_months(months) -> None:
    """Create missing partitions outside the transaction: another request must not wait for this one's."""
    if not months <= cached_months:
        ensure_months(months)
        cached_months.update(months)


def start_transaction(cursor, timeouts, spans, batches) -> set[int]:
    """Set timeouts, insert dirty `spans` and check the cached keys, in one round trip → ids of the stale ones."""
    cached_keys = {id(batch.cached_key): batch.cached_key for batch in batches if batch.cached_key}
    statements, values = [timeouts], []
    if spans:
        insert, values = dirty_spans_statement(spans)
        statements.append(insert)
    if not cached_keys:
        cursor.execute("; ".join(statements), values)
        return set()
    statements.append(VERSIONS_SQL)
    cursor.execute("; ".join(statements), [*values, prefixes_of(cached_keys.values())])
    return {id(cached_key) for cached_key in stale_keys(cached_keys.values(), dict(cursor.fetchall()))}


def insert_unchanged_key_batches(cursor, batches, changed_key_ids, assumes_new) -> list[StoreResult | KeyChanged]:
    """`insert_batches` of those whose cached key is current; KeyChanged for the others."""
    results = iter(
        insert_batches(cursor, [batch for batch in batches if id(batch.cached_key) not in changed_key_ids], assumes_new)
    )
    return [KeyChanged() if id(batch.cached_key) in changed_key_ids else next(results) for batch in batches]


def insert_batches(cursor, batches: list[Batch], assumes_new) -> list[StoreResult]:
    """Rows, quarantine and the digest's log, inside the caller's transaction → one StoreResult per batch."""
    not_new = insert_rows(cursor, sorted_rows(batches), assumes_new)
    results, spans = [], []
    for batch in batches:
        rows, quarantine_items, now, _cached_key = batch
        accepted_rows = [row for row in rows if id(row) not in not_new]
        conflicts = [(row, not_new[id(row)]) for row in rows if not_new.get(id(row))]
        quarantine_items = [
            *quarantine_items,
            *(
                NewQuarantineItem(row.factory_pk, row.device_pk, Reason.CONFLICT, why, row.raw)
                for row, why in conflicts
            ),
        ]
        quarantine(cursor, quarantine_items, now)
        spans += dirty_spans_of([batch._replace(rows=accepted_rows)])
        duplicates = len(rows) - len(accepted_rows) - len(conflicts)
        results.append(StoreResult(len(accepted_rows), duplicates, len(quarantine_items), conflicts))
    insert_dirty_spans(cursor, spans)
    return results


def insert_rows(cursor, rows: list[ReadingRow], assumes_new) -> dict[int, str]:
    """Store rows → {id of each that is not new: the contradiction, or "" for a duplicate}."""
    if not assumes_new or len(set(map(row_key, rows))) < len(rows):
        return classify_duplicates(cursor, rows)
    new = [row for row in rows if row.device_pk not in repeaters]
    if new:
        copy_into(cursor, "telemetry_reading", new)
    if len(new) < len(rows):
        return classify_duplicates(cursor, [row for row in rows if row.device_pk in repeaters])
    return {}


def classify_duplicates(cursor, rows) -> dict[int, str]:
    not_new, repeating = {}, set()
    for (device_pk, _at), outcome in upsert(cursor, rows).items():
        not_new |= {id(row): "" for row in outcome.duplicates}
        not_new |= {id(row): why for row, why in outcome.conflicts}
        if outcome.duplicates or outcome.conflicts:
            repeating.add(device_pk)
    remember_repeaters({row.device_pk for row in rows}, repeating)
    return not_new


def remember_repeaters(device_pks: set, repeating: set) -> None:
    if len(repeaters) + len(repeating) > MAX_REPEATERS:
        repeaters.clear()
    repeaters.update(dict.fromkeys(repeating))
    for device_pk in device_pks - repeating:
        repeaters.pop(device_pk, None)


def dirty_spans_of(batches: list[Batch]) -> list[LoggedSpan]:
    return [span for batch in batches for span in spans_of_batch(batch)]


def spans_of_batch(batch: Batch) -> list[LoggedSpan]:
    prefix = batch.cached_key.key.prefix if batch.cached_key else ""
    factories = {row.device_pk: row.factory_pk for row in batch.rows}
    return received_spans(map(row_key, batch.rows), batch.now, prefix, factories)
