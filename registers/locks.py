"""Locking a month, unlocking it with a reason, and counting late readings of locked months."""

from collections.abc import Callable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum

from calculations.periods import MONTH, around, months_later
from factories.models import Factory
from registers.models import MonthLock
from registers.models.locks import lock_entries_exclusively
from telemetry.models import QuarterHour

LockDependents = Callable[[Factory, date], list[str]]
_dependents: list[LockDependents] = []


def names_dependents(dependents: LockDependents) -> LockDependents:
    """Decorator: the function names what rests on a locked month of a factory. Higher apps register theirs."""
    _dependents.append(dependents)
    return dependents


def dependents_of(factory, month) -> list[str]:
    """What rests on the entries of a month, in words: it becomes outdated where they change."""
    return [name for dependents in _dependents for name in dependents(factory, month)]


def lock_month(factory, month, *, by, now):
    """Lock `month`: its rows become immutable. Idempotent. Raises ValidationError for a month not over yet."""
    month = month.replace(day=1)
    if months_later(month, 1) > now.astimezone(factory.zone).date():
        raise ValidationError(f"{month:%B %Y} is not over yet: it can be locked from the first of the next month.")
    with transaction.atomic():
        lock_entries_exclusively(factory.pk)
        active_lock = MonthLock.objects.active().filter(factory=factory, month=month).first()
        return active_lock or MonthLock.objects.create(
            factory=factory, month=month, locked_at=now, locked_by=by, readings=reading_counts(factory, month)
        )


def unlock_month(factory, month, *, reason, by, now):
    """Unlock the month; the reason goes into the audit log. Raises ValidationError without one."""
    reason = " ".join((reason or "").split())
    if not reason:
        raise ValidationError({"reason": "Say why the month is unlocked; the history shows it."})
    with transaction.atomic():
        lock_entries_exclusively(factory.pk)
        lock = MonthLock.objects.active().filter(factory=factory, month=month.replace(day=1)).first()
        if lock is None:
            return None
        lock.unlocked_at, lock.unlocked_by, lock.reason = now, by, reason
        lock.full_clean()
        lock.save()
        return lock


def reading_counts(factory, month) -> dict:
    """{device id: [readings, kWh rounded to the watt-hour]} of the month's quarter hours, as stored now."""
    start, end = around(MONTH, month).moments(factory.zone)
    rows = QuarterHour.objects.for_factory(factory).filter(starts_at__gte=start, starts_at__lt=end)
    rows = rows.order_by().values("device_id").annotate(n=Sum("received"), kwh=Sum("energy_kwh"))
    return {str(row["device_id"]): [row["n"], round(row["kwh"] or 0, 3)] for row in rows}


def late_readings(lock) -> dict[int, int]:
    """{device id: number of readings} that arrived after the month was locked."""
    current_counts = reading_counts(lock.factory, lock.month)
    late = {int(pk): count - lock.readings.get(pk, [0, 0])[0] for pk, (count, _kwh) in current_counts.items()}
    return {pk: count for pk, count in late.items() if count > 0}
