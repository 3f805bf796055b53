"""Keeping what was said: COPY into the readings, in one transaction with its trail. A success is a commit.

Requests that arrive together are committed together (`core.group_commit`), each with an answer of its own. Every
sample ends as exactly one of *accepted* (new, or merged into a stored reading that lacked these metrics), *duplicate*
(nothing it says is new) or *conflict* (another value for a metric already there: the first stays, this one goes to
quarantine), also while another client sends the same buffer.

Nearly always every key is new, and the rows go straight into the table. Where a key is taken the transaction begins
again by way of `telemetry.storage.upsert`, which tells the three apart; so do from the start the rows of a device that
lately repeated itself.
"""

from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from psycopg2.errors import UniqueViolation

from core.group_commit import Together
from devices.key_cache import VERSIONS, KeyChanged, Known, changed, prefixes_of
from telemetry.storage.binary_copy import copy_into
from telemetry.storage.partitions import ensure_months, month_of
from telemetry.storage.quarantine_writer import Held, Reason, hold
from telemetry.storage.upsert import settle

# Beyond these times the answer is 503: ESPHome reboots after 4.5 s without one. In company nobody waits long for rows
# that one of them is after: each then tries alone.
TIMES = "SET LOCAL statement_timeout = '3s'; SET LOCAL lock_timeout = '{}'; SET LOCAL client_min_messages = 'warning'"
ALONE, IN_COMPANY = TIMES.format("2s"), TIMES.format("200ms")
NOBODYS_FAULT = ("57", "08")  # PostgreSQL's codes: no time left or no server; trying alone would be no better
MOST_TOGETHER = 64  # requests
LARGE = 200  # readings; so many gain nothing from a common commit, and others would wait for them
LANES = 2  # transactions of one process at once: while one waits for the disk the next is packed
ATTEMPTS = 4  # a key has changed, one is taken, a partition was dropped: each begins it again once
ARRIVED = "INSERT INTO telemetry_arrival (device_id, first_at, last_at, readings, received_at, key_prefix) VALUES "
ONE_ARRIVAL = "(%s, %s, %s, %s, %s, %s)"
ONE_SPAN = timedelta(hours=6)  # a longer silence starts another span: the digest rebuilds no years between
MOST_REPEATERS = 10_000

seen_months = set()  # partitions known to be there; where retention dropped one, the insert says so
repeaters = {}  # devices of which something came twice: until a parcel of theirs is all new, none is taken for new


class Row(NamedTuple):
    """A checked sample on its way into the table."""

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
    def key(self):
        return self.device_pk, self.at


KEY = attrgetter("device_pk", "at")


class Parcel(NamedTuple):
    """What one request brings, and the key it came with as that was remembered."""

    rows: list[Row]
    held: list[Held]
    now: datetime
    known: Known | None


class Stored(NamedTuple):
    """What became of the rows and the held of one request."""

    accepted: int
    duplicates: int
    quarantined: int
    conflicts: list  # (Row, what contradicts)


def store(rows: list[Row], held: list[Held] = (), *, now, known: Known | None = None) -> Stored:
    """Keep all of it, or raise a database error and keep nothing. What it returns is committed.

    Raises KeyChanged where the key it came with is no longer what it was.
    """
    parcel = Parcel(rows, held, now, known)
    store_it = store_one_large if len(rows) + len(held) > LARGE else store_in_company
    stored = store_it(parcel) or commit([parcel], ALONE)[0]
    if isinstance(stored, KeyChanged):
        raise stored
    return stored


def store_together(parcels: list[Parcel]) -> list[Stored | KeyChanged | None]:
    """None for each of several that could not be stored together: any one of them may be why."""
    if len(parcels) == 1:
        return commit(parcels, ALONE)
    try:
        return commit(parcels, IN_COMPANY)
    except Exception as error:
        code = getattr(error.__cause__, "pgcode", None)
        if isinstance(error, DatabaseError | InterfaceError) and (code is None or code.startswith(NOBODYS_FAULT)):
            raise
        return [None] * len(parcels)


store_in_company = Together(store_together, most=MOST_TOGETHER, lanes=LANES)
store_one_large = Together(store_together, most=1)  # one at a time, beside the others, which do not wait for it


def commit(parcels: list[Parcel], times: str) -> list[Stored | KeyChanged]:
    """One transaction; begun again where a key is taken, a partition missing or the connection was lost."""
    months = {month_of(day) for day in {row.at.date() for parcel in parcels for row in parcel.rows}}
    rows, believes_new = sorted_rows(parcels), True
    straight = is_plain(rows, parcels)
    for attempt in range(1, ATTEMPTS + 1):
        begun = False
        make_months(months)
        connection.health_check_done = True  # a query before each transaction, which finds out below without one
        try:
            with transaction.atomic(durable=True), connection.cursor() as cursor:
                gone = begin(cursor, times, spans_of(parcels) if straight else [], parcels)
                begun = True
                if not straight:
                    return keep_of_known(cursor, parcels, gone, believes_new)
                if gone:
                    raise KeyChanged  # some of what was just noted is not to be
                copy_into(cursor, "telemetry_reading", rows)
                return [Stored(len(parcel.rows), 0, 0, []) for parcel in parcels]
        except KeyChanged:
            if attempt == ATTEMPTS:
                raise
            straight = False
        except (OperationalError, InterfaceError):
            if begun or attempt == ATTEMPTS:
                raise
            connection.close()  # the server ended it while nobody used it
        except IntegrityError as error:
            if attempt == ATTEMPTS:
                raise
            if isinstance(error.__cause__, UniqueViolation) and believes_new:
                straight = believes_new = False
            elif "no partition of relation" in str(error):
                seen_months.clear()
            else:
                raise


def sorted_rows(parcels) -> list[Row]:
    """Two that send the same take the same locks in the same order."""
    return sorted((row for parcel in parcels for row in parcel.rows), key=KEY)


def is_plain(rows, parcels) -> bool:
    """Nothing but rows, none of which is known to be there: nearly every request."""
    if any(parcel.held for parcel in parcels) or len(set(map(KEY, rows))) < len(rows):
        return False
    return not repeaters or repeaters.keys().isdisjoint({row.device_pk for row in rows})


def make_months(months):
    """Outside the transaction: another request must not wait for this one's partition."""
    if not months <= seen_months:
        ensure_months(months)
        seen_months.update(months)


def begin(cursor, times, spans, parcels) -> set[int]:
    """Set the times, note `spans` and ask for the keys, all in one round trip → ids of what is no longer known so."""
    knowns = {id(parcel.known): parcel.known for parcel in parcels if parcel.known}
    statements, values = [times], []
    if spans:
        noting, values = noted(spans)
        statements.append(noting)
    if not knowns:
        cursor.execute("; ".join(statements), values)
        return set()
    statements.append(VERSIONS)
    cursor.execute("; ".join(statements), [*values, prefixes_of(knowns.values())])
    return {id(known) for known in changed(knowns.values(), dict(cursor.fetchall()))}


def keep_of_known(cursor, parcels, gone, believes_new) -> list[Stored | KeyChanged]:
    """`keep` of the parcels whose key is still what was remembered of it."""
    stored = iter(keep(cursor, [parcel for parcel in parcels if id(parcel.known) not in gone], believes_new))
    return [KeyChanged() if id(parcel.known) in gone else next(stored) for parcel in parcels]


def keep(cursor, parcels: list[Parcel], believes_new) -> list[Stored]:
    """Rows, quarantine and the digest's log, inside the caller's transaction → one Stored per parcel."""
    not_new = put(cursor, sorted_rows(parcels), believes_new)
    stored, spans = [], []
    for parcel in parcels:
        rows, held, now, _known = parcel
        accepted = [row for row in rows if id(row) not in not_new]
        conflicts = [(row, not_new[id(row)]) for row in rows if not_new.get(id(row))]
        held = [*held, *(Held(row.factory_pk, row.device_pk, Reason.CONFLICT, why, row.raw) for row, why in conflicts)]
        hold(cursor, held, now)
        spans += spans_of([parcel._replace(rows=accepted)])
        duplicates = len(rows) - len(accepted) - len(conflicts)
        stored.append(Stored(len(accepted), duplicates, len(held), conflicts))
    note_arrivals(cursor, spans)
    return stored


def put(cursor, rows: list[Row], believes_new) -> dict[int, str]:
    """Store rows → {id of each that is not new: what it contradicts, or nothing where it is a duplicate}."""
    if not believes_new or len(set(map(KEY, rows))) < len(rows):
        return tell_apart(cursor, rows)
    new = [row for row in rows if row.device_pk not in repeaters]
    if new:
        copy_into(cursor, "telemetry_reading", new)
    if len(new) < len(rows):
        return tell_apart(cursor, [row for row in rows if row.device_pk in repeaters])
    return {}


def tell_apart(cursor, rows) -> dict[int, str]:
    not_new, repeating = {}, set()
    for (device_pk, _at), outcome in settle(cursor, rows).items():
        not_new |= {id(row): "" for row in outcome.duplicates}
        not_new |= {id(row): why for row, why in outcome.conflicts}
        if outcome.duplicates or outcome.conflicts:
            repeating.add(device_pk)
    remember_repeaters({row.device_pk for row in rows}, repeating)
    return not_new


def remember_repeaters(asked: set, repeating: set):
    if len(repeaters) + len(repeating) > MOST_REPEATERS:
        repeaters.clear()
    repeaters.update(dict.fromkeys(repeating))
    for device_pk in asked - repeating:
        repeaters.pop(device_pk, None)


def note_arrivals(cursor, spans):
    """Tell the digest which spans changed; in the same transaction, so that no late commit slips past it.

    `spans`: (device_pk, first_at, last_at, readings, received_at, key_prefix) each.
    """
    if spans:
        cursor.execute(*noted(spans))


def noted(spans) -> tuple[str, list]:
    """The statement that notes them, and its values."""
    return ARRIVED + ", ".join([ONE_ARRIVAL] * len(spans)), [value for span in spans for value in span]


def spans_of(parcels: list[Parcel]) -> list[tuple]:
    """What `note_arrivals` takes of the rows of these parcels."""
    return [
        (*span, parcel.now, parcel.known.key.prefix if parcel.known else "")
        for parcel in parcels
        for span in contiguous(map(KEY, parcel.rows))
    ]


def contiguous(keys) -> list[tuple]:
    """Keys → (device_pk, first_at, last_at, readings), a new span after each silence longer than ONE_SPAN."""
    spans = []
    for device, at in sorted(keys):
        if spans and spans[-1][0] == device and at - spans[-1][2] <= ONE_SPAN:
            spans[-1][2:] = [at, spans[-1][3] + 1]
        else:
            spans.append([device, at, at, 1])
    return [tuple(span) for span in spans]
