"""The one registry of metrics. A line here and a migration add a metric everywhere: columns, charts, rules, exports."""

from typing import NamedTuple


class Metric(NamedTuple):
    name: str
    label: str
    unit: str
    low: float  # plausible range: outside it a value is stored, marked suspect and left out of figures
    high: float
    decimals: int


METRICS = [
    Metric("temperature", "Temperature", "°C", -60, 1800, 1),
    Metric("gas_index", "Gas index", "index", 0, 10_000, 0),  # MQ-135 class: indicative, no unit, never a concentration
    Metric("vibration_x", "Vibration X", "m/s²", 0, 200, 2),
    Metric("vibration_y", "Vibration Y", "m/s²", 0, 200, 2),
    Metric("vibration_z", "Vibration Z", "m/s²", 0, 200, 2),
    Metric("humidity", "Humidity", "% RH", 0, 100, 1),
    Metric("pressure", "Pressure", "hPa", 300, 1100, 1),
    Metric("power_consumption", "Power", "as set", -1e9, 1e9, 2),  # its unit and range are the device profile's
    Metric("energy_kwh", "Energy register", "kWh", 0, 1e12, 2),
]
AXES = ["vibration_x", "vibration_y", "vibration_z"]
VIBRATION = Metric("vibration", "Vibration (worst axis)", "m/s²", 0, 200, 2)  # judged and charted, not sent

SUMMED = [*METRICS, VIBRATION]  # what a quarter hour keeps count, min, max and sum of

BY_NAME = {metric.name: metric for metric in SUMMED}
STORED = [metric.name for metric in METRICS]
SUSPECT_BIT = {name: 1 << place for place, name in enumerate(STORED)}  # append to METRICS, never reorder
