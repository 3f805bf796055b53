"""Device uptime alone: the same number as `telemetry.queries.summary` gives."""

from collections.abc import Iterable
from datetime import datetime

from devices.models import Device
from telemetry.queries.summary import summarise_many


def uptime(devices: Iterable[Device], start: datetime, end: datetime) -> dict[int, float | None]:
    """{device pk: % of the span's slots in which it reported}, None where nothing was expected."""
    return {pk: summary.uptime_percent for pk, summary in summarise_many(devices, start, end, end).items()}
