"""Archive guards: a device or factory with readings cannot be archived."""

from core.archive_guards import archive_guard
from devices.models import Device
from factories.models import Factory
from telemetry.models import QuarterHour, Reading


@archive_guard(Device)
def readings_of_device(device) -> str | None:
    """Checks quarter hours too: they outlive the raw readings."""
    if any(rows.objects.filter(device=device.pk).exists() for rows in (Reading, QuarterHour)):
        return f"Readings rest on {device}. Pause it instead."
    return None


@archive_guard(Factory)
def readings_of_factory(factory) -> str | None:
    devices = Device.objects.filter(factory=factory).values("pk")
    if any(rows.objects.filter(device__in=devices).exists() for rows in (Reading, QuarterHour)):
        return f"Readings rest on {factory}."
    return None
