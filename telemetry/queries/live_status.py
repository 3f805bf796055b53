"""Current status of a factory, for the API and the overview's live tiles."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from devices.models import Device
from telemetry.queries.latest import Latest, latest
from telemetry.queries.uptime import uptime

WORST_FIRST = ["critical", "moderate", "good"]


def factory_status(devices: Iterable[Device], now: datetime) -> dict[str, Any]:
    """{temperature, gas_index, vibration_health, device_uptime, last_update, devices: [one each]}.

    Temperature and gas index are the newest of any device that is online; vibration health is the worst;
    uptime the mean over the last 24 hours.
    """
    devices = list(devices)
    states, uptimes = latest(devices, now), uptime(devices, now - timedelta(days=1), now)
    rows = [device_status(device, states.get(device.pk), uptimes.get(device.pk)) for device in devices]
    online = sorted((f for f in states.values() if not f.is_offline), key=lambda f: f.at, reverse=True)
    known_uptimes = [percent for percent in uptimes.values() if percent is not None]
    return {
        "temperature": newest_value(online, "temperature"),
        "gas_index": newest_value(online, "gas_index"),
        "vibration_health": worst_health([f.vibration_health for f in online]),
        "device_uptime": round(sum(known_uptimes) / len(known_uptimes), 1) if known_uptimes else None,
        "last_update": max((f.at for f in states.values()), default=None),
        "devices": rows,
    }


def device_status(device: Device, state: Latest | None, uptime_percent: float | None) -> dict[str, Any]:
    return {
        "id": device.pk,
        "device_id": device.device_id,
        "device_name": device.device_name,
        "machine_name": device.machine_name,
        "last_update": state.at if state else None,
        "received_at": state.received_at if state else None,
        "values": state.values if state else {},
        "suspect": state.suspect if state else {},
        "vibration_health": state.vibration_health if state else "unknown",
        "is_offline": state.is_offline if state else True,
        "device_uptime": None if uptime_percent is None else round(uptime_percent, 1),
    }


def newest_value(online: Sequence[Latest], metric: str) -> float | None:
    return next((f.values[metric] for f in online if metric in f.values), None)


def worst_health(healths: Sequence[str]) -> str:
    return next((health for health in WORST_FIRST if health in healths), "unknown")
