"""Maintenance windows in evaluation: readings within one are left out, as if none had come."""

from datetime import datetime

from alerts.models import MaintenanceWindow


def windows_of(devices, since: datetime) -> dict:
    """{device pk: [(start, end)]} of windows that end after `since`, factory-wide ones included."""
    pks, factories = {device.pk for device in devices}, {device.factory_id for device in devices}
    windows = {pk: [] for pk in pks}
    rows = MaintenanceWindow.objects.filter(factory__in=factories, ends_at__gt=since)
    for factory_id, device_id, start, end in rows.values_list("factory_id", "device_id", "starts_at", "ends_at"):
        for device in devices:
            if device.pk == device_id or (device_id is None and device.factory_id == factory_id):
                windows[device.pk].append((start, end))
    return windows


def is_within(windows, at: datetime) -> bool:
    return any(start <= at < end for start, end in windows)


def outside_windows(windows, samples) -> list:
    """The samples, or readings, outside all windows."""
    return [sample for sample in samples if not is_within(windows, sample.at)] if windows else samples


def last_end(windows, now: datetime) -> datetime | None:
    """End of the last window that is over; None without one."""
    return max((end for _start, end in windows if end <= now), default=None)
