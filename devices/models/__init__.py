"""Devices, their hardware, keys and profiles."""

from devices.models.devices import Device, Hardware
from devices.models.keys import DeviceKey
from devices.models.machine_kinds import MachineKind, TemperaturePoint
from devices.models.profiles import DEFAULT_INTERVAL_S, DeviceProfile, EnergyUnit, PowerKind, VibrationKind

__all__ = [
    "DEFAULT_INTERVAL_S",
    "Device",
    "DeviceKey",
    "DeviceProfile",
    "EnergyUnit",
    "Hardware",
    "MachineKind",
    "PowerKind",
    "TemperaturePoint",
    "VibrationKind",
]
