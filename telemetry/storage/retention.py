"""Retention: raw readings are dropped a month at a time; their quarter hours stay."""

from datetime import datetime

from devices.models import Device
from telemetry.etags import bump_edition
from telemetry.models import DirtySpan
from telemetry.storage.partitions import drop_month, existing_months, month_of


def droppable_months(*floors: datetime | None) -> list:
    """Months that end before every given floor, oldest first; a month that awaits the digest is not droppable.

    A floor is the time before which readings may be dropped; None means no limit. Other apps pass floors of their own
    (the period of an issued report): the oldest one counts.
    """
    limits = [floor for floor in floors if floor is not None]
    if not limits:
        return []
    first_dirty_at = DirtySpan.objects.order_by("first_at").values_list("first_at", flat=True).first()
    oldest = month_of(min([*limits, first_dirty_at] if first_dirty_at else limits))
    return sorted(month for month in existing_months() if month < oldest)


def drop_old_readings(*floors: datetime | None, on_drop=None) -> list:
    """Drop the partitions of `droppable_months(*floors)` → their months; calls `on_drop(month)` after each."""
    months = droppable_months(*floors)
    for month in months:
        drop_month(month)
        if on_drop:
            on_drop(month)
    if months:
        bump_edition(Device.objects.all())
    return months
