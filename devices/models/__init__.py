"""Devices on machines, the keys they send with, and what their figures mean from which moment on."""

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
