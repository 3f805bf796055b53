"""The one registry of metrics. A line here and a migration add a metric to ingest, rollups, API, rules and exports."""

from typing import NamedTuple


class FlatLineTest(NamedTuple):
    """When a constant value means a stuck sensor (`telemetry.rollups.stuck_sensors`): the same value to the last digit
    for at least this many hours and readings. Within `rest_range` a value may stay constant indefinitely."""

    hours: float
    readings: int = 24
    rest_range: tuple[float, float] | None = None


class Metric(NamedTuple):
    name: str
    label: str
    unit: str
    low: float  # plausible range: a value outside it is stored, marked suspect and left out of figures
    high: float
    decimals: int
    flat: FlatLineTest | None = None  # None: a constant value is normal
    # No smaller deviation from the usual level means anything (`telemetry.analytics.baseline`): in its unit (of
    # humidity and air pressure that is the weather's), and as a share of it.
    min_spread: float = 0.0
    min_spread_share: float = 0.0

    @property
    def shown_unit(self) -> str:
        """The unit beside a figure: power is shown in kW whatever the device sends; the gas index has no unit."""
        return {"power_consumption": "kW", "gas_index": ""}.get(self.name, self.unit)

    @property
    def label_in_sentence(self) -> str:
        """The label inside a sentence: an ordinary word loses its capital; CO₂, pH and the axis X keep theirs."""
        first, separator, rest = self.label.partition(" ")
        is_word = first[:1].isupper() and first[1:].islower() and first.isalpha()
        return f"{first.lower() if is_word else first}{separator}{rest}"


# A hall's temperature and humidity move within half a day even where a sensor tells whole degrees (DHT11); air pressure
# has a tide of some hPa twice a day; humidity may stay saturated. The axes of a stopped machine show 0 or their noise.
SLOW, TIDE = FlatLineTest(hours=12), FlatLineTest(hours=6)
SATURATED = FlatLineTest(hours=12, rest_range=(100, 100))
CLEAN_AIR = FlatLineTest(hours=12, rest_range=(0, 0))
MACHINE_STOPPED = FlatLineTest(hours=6, rest_range=(0, 0.2))

METRICS = [
    Metric("temperature", "Temperature", "°C", -60, 1800, 1, flat=SLOW, min_spread=0.5, min_spread_share=0.01),
    # MQ-135 class: indicative, no unit, never a concentration
    Metric("gas_index", "Gas index", "index", 0, 10_000, 0, flat=CLEAN_AIR, min_spread=5, min_spread_share=0.02),
    Metric(
        "vibration_x", "Vibration X", "m/s²", 0, 200, 2, flat=MACHINE_STOPPED, min_spread=0.05, min_spread_share=0.02
    ),
    Metric(
        "vibration_y", "Vibration Y", "m/s²", 0, 200, 2, flat=MACHINE_STOPPED, min_spread=0.05, min_spread_share=0.02
    ),
    Metric(
        "vibration_z", "Vibration Z", "m/s²", 0, 200, 2, flat=MACHINE_STOPPED, min_spread=0.05, min_spread_share=0.02
    ),
    Metric("humidity", "Humidity", "% RH", 0, 100, 1, flat=SATURATED, min_spread=3),
    Metric("pressure", "Pressure", "hPa", 300, 1100, 1, flat=TIDE, min_spread=3),
    # its unit and range are the device profile's; a load that draws the same for hours is no fault
    Metric("power_consumption", "Power", "as set", -1e9, 1e9, 2, min_spread=0.05, min_spread_share=0.02),
    Metric("energy_kwh", "Energy register", "kWh", 0, 1e12, 2),
]
AXES = ["vibration_x", "vibration_y", "vibration_z"]
# Derived: evaluated and charted, not sent.
VIBRATION = Metric("vibration", "Vibration (worst axis)", "m/s²", 0, 200, 2, min_spread=0.05, min_spread_share=0.02)

ROLLED_UP_METRICS = [*METRICS, VIBRATION]  # the metrics of which a quarter hour has count, min, max and sum

BY_NAME = {metric.name: metric for metric in ROLLED_UP_METRICS}
METRIC_NAMES = [metric.name for metric in METRICS]
# The bits of `Reading.suspect`. Append to METRICS, never reorder; an integer column has room for 15 metrics.
IMPLAUSIBLE_BIT = {name: 1 << index for index, name in enumerate(METRIC_NAMES)}  # outside its plausible range
FLAT_BIT = {name: 1 << (index + 16) for index, name in enumerate(METRIC_NAMES)}  # its sensor is stuck
SUSPECT_BIT = {name: IMPLAUSIBLE_BIT[name] | FLAT_BIT[name] for name in METRIC_NAMES}  # either: `suspect & mask <> 0`
SUSPECT_MASK = {**SUSPECT_BIT, VIBRATION.name: sum(SUSPECT_BIT[name] for name in AXES)}  # of all that is SUMMED
