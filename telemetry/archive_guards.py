"""Readings rest on their device and its factory: neither may be archived from under them."""

from core.archive_guards import archive_guard
from devices.models import Device
from factories.models import Factory
from telemetry.models import QuarterHour, Reading


@archive_guard(Device)
def readings_of_device(device):
    """Quarters are asked too: they outlive the raw readings."""
    if any(rows.objects.filter(device=device.pk).exists() for rows in (Reading, QuarterHour)):
        return f"Readings rest on {device}. Pause it instead."
    return None


@archive_guard(Factory)
def readings_of_factory(factory):
    devices = Device.objects.filter(factory=factory).values("pk")
    if any(rows.objects.filter(device__in=devices).exists() for rows in (Reading, QuarterHour)):
        return f"Readings rest on {factory}."
    return None
