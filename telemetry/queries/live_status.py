"""How a factory stands at this moment, for the API and the overview's live tiles."""

from datetime import timedelta

from telemetry.queries.latest import latest
from telemetry.queries.uptime import uptime

WORST_FIRST = ["critical", "moderate", "good"]


def standing(devices, now) -> dict:
    """{temperature, gas_index, vibration_health, device_uptime, last_update, devices: [one each]}.

    Temperature and gas index are the newest of any device that is online; vibration health is the worst;
    uptime the mean over the last 24 hours.
    """
    devices = list(devices)
    found, uptimes = latest(devices, now), uptime(devices, now - timedelta(days=1), now)
    rows = [one(device, found.get(device.pk), uptimes.get(device.pk)) for device in devices]
    online = sorted((f for f in found.values() if not f.is_offline), key=lambda f: f.at, reverse=True)
    known = [percent for percent in uptimes.values() if percent is not None]
    return {
        "temperature": newest(online, "temperature"),
        "gas_index": newest(online, "gas_index"),
        "vibration_health": worst([f.vibration_health for f in online]),
        "device_uptime": round(sum(known) / len(known), 1) if known else None,
        "last_update": max((f.at for f in found.values()), default=None),
        "devices": rows,
    }


def one(device, found, uptime_percent) -> dict:
    return {
        "id": device.pk,
        "device_id": device.device_id,
        "device_name": device.device_name,
        "machine_name": device.machine_name,
        "last_update": found.at if found else None,
        "received_at": found.received_at if found else None,
        "values": found.values if found else {},
        "suspect": found.suspect if found else {},
        "vibration_health": found.vibration_health if found else "unknown",
        "is_offline": found.is_offline if found else True,
        "device_uptime": None if uptime_percent is None else round(uptime_percent, 1),
    }


def newest(online, metric):
    return next((f.values[metric] for f in online if metric in f.values), None)


def worst(healths) -> str:
    return next((health for health in WORST_FIRST if health in healths), "unknown")
