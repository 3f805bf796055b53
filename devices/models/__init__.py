"""Devices, their hardware, keys and profiles."""

from devices.models.devices import Device, Hardware
from devices.models.keys import DeviceKey
from devices.models.profiles import DEFAULT_INTERVAL_S, DeviceProfile, PowerKind, VibrationKind

__all__ = [
    "DEFAULT_INTERVAL_S",
    "Device",
    "DeviceKey",
    "DeviceProfile",
    "Hardware",
    "PowerKind",
    "VibrationKind",
]
