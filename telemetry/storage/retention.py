"""Old raw readings go a month at a time; the quarter hours made of them stay."""

from datetime import datetime

from devices.models import Device
from telemetry.etags import renew
from telemetry.models import Arrival
from telemetry.storage.partitions import drop_month, existing_months, month_of


def droppable(*floors: datetime | None) -> list:
    """Months that lie wholly before every given floor, oldest first; one still awaiting its digest is not among them.

    A floor is a moment below which readings may go; None is none. What other floors of the house need kept (the period
    of an issued report) is such a moment too: the oldest one counts.
    """
    known = [floor for floor in floors if floor is not None]
    if not known:
        return []
    waiting = Arrival.objects.order_by("first_at").values_list("first_at", flat=True).first()
    oldest = month_of(min([*known, waiting] if waiting else known))
    return sorted(month for month in existing_months() if month < oldest)


def drop_old_readings(*floors: datetime | None, dropped=None) -> list:
    """Drop the partitions of `droppable(*floors)` → their months; `dropped(month)` is called after each."""
    months = droppable(*floors)
    for month in months:
        drop_month(month)
        if dropped:
            dropped(month)
    if months:
        renew(Device.objects.all())
    return months
