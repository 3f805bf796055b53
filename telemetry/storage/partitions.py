"""Monthly partitions of `telemetry_reading`; no other module handles them.

A new partition is created beside the table and attached, since `CREATE … PARTITION OF` would wait for writers and
queue later ones; ATTACH does not.
"""

from datetime import UTC, date, datetime

from django.conf import settings
from django.db import connection, transaction

TABLE = "telemetry_reading"
PARTITION_LOCK_ID = 7_261_001  # advisory lock: two processes never create the same month


def month_of(moment: datetime | date) -> date:
    """The month in UTC of a moment, or of a date in UTC."""
    on = moment.astimezone(UTC) if isinstance(moment, datetime) else moment
    return date(on.year, on.month, 1)


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_start(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def months_between(first: datetime, last: datetime) -> list[date]:
    month, months = month_of(first), []
    while month <= month_of(last):
        months.append(month)
        month = next_month(month)
    return months


def retention_floor(now: datetime) -> datetime:
    """The retention floor: the start of the oldest month whose readings are stored."""
    months = now.astimezone(UTC).year * 12 + now.astimezone(UTC).month - 1 - settings.RETENTION_MONTHS
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def partition_name(month: date) -> str:
    return f"{TABLE}_{month:%Y_%m}"


def existing_months() -> set[date]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = %s::regclass",
            [TABLE],
        )
        return {datetime.strptime(name[-7:], "%Y_%m").date() for (name,) in cursor}  # noqa: DTZ007


def ensure_months(months) -> list[date]:
    """Create the missing partitions of `months` → the months created. Idempotent, and safe to run concurrently."""
    missing = set(months) - existing_months()
    if not missing:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PARTITION_LOCK_ID])
        missing -= existing_months()
        for month in sorted(missing):
            attach_month(cursor, month)
    return sorted(missing)


def attach_month(cursor, month: date) -> None:
    name, start, end = partition_name(month), month.isoformat(), next_month(month).isoformat()
    cursor.execute(f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING ALL)")
    cursor.execute(
        f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES FROM ('{start} 00:00+00') TO ('{end} 00:00+00')"
    )


def ensure_span(first: datetime, last: datetime) -> list[date]:
    return ensure_months(months_between(first, last))


def ensure_future_months(now: datetime, months: int = 3) -> list[date]:
    """Create this month's partition and those of the next `months` → the months created."""
    upcoming = [month_of(now)]
    for _ in range(months):
        upcoming.append(next_month(upcoming[-1]))
    return ensure_months(upcoming)


def drop_month(month: date) -> None:
    """Drop the partition of a month. Running readers delay it for 3 s at most, so that nothing queues up behind it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PARTITION_LOCK_ID])
        cursor.execute("SET LOCAL lock_timeout = '3s'")
        cursor.execute(f"DROP TABLE IF EXISTS {partition_name(month)}")
