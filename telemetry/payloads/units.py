"""Values that are texts: with a unit, or with a decimal comma. Pure.

A text is taken where it can be read in one way only; where there are two, or its unit is not known, it is left aside.
"""

import re
from math import isfinite
from typing import NamedTuple

from telemetry.metrics import AXES, BY_NAME
from telemetry.payloads.sanitising import sanitise_text

NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
NUMBER_AND_UNIT = re.compile(
    r"(?P<number>[+\u2212-]?[0-9.,]*[0-9][.]?(?:[eE][+-]?[0-9]+)?)\s*(?P<unit>[%A-Za-z°µ℃℉][%\w°²^/ ]{0,11})?"
)
DECIMAL_COMMA = re.compile(r"[+-]?(?:[0-9]*,(?:[0-9]{1,2}|[0-9]{4,})|0,[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+)")
# 1,234.5 and 12,345,678 in thousands, 1,23,456 in lakhs; one comma before three digits alone may be either.
GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]*)?")
MAX_TEXT_LENGTH = 60


class Scale(NamedTuple):
    """A unit in terms of the first of its table: `value × factor + offset`."""

    factor: float
    offset: float = 0.0


UNITS: dict[str, dict[str, Scale]] = {
    "temperature": {"°C": Scale(1), "°F": Scale(5 / 9, -160 / 9), "K": Scale(1, -273.15)},
    "humidity": {"%": Scale(1)},
    "pressure": {
        **{"hPa": Scale(1), "mbar": Scale(1), "Pa": Scale(0.01), "kPa": Scale(10), "bar": Scale(1000)},
        **{"mmHg": Scale(1.33322368), "inHg": Scale(33.86389)},
    },
    "gas_index": {"index": Scale(1)},
    "power_consumption": {
        **{"kW": Scale(1), "W": Scale(0.001), "MW": Scale(1000), "mW": Scale(1e-6)},
        **{"kWh": Scale(1), "Wh": Scale(0.001), "MWh": Scale(1000), "mWh": Scale(1e-6)},
    },
    "energy_kwh": {"kWh": Scale(1), "Wh": Scale(0.001), "MWh": Scale(1000), "mWh": Scale(1e-6)},
    **{axis: {"m/s²": Scale(1), "g": Scale(9.80665)} for axis in AXES},
}
DEVICE_UNITS = frozenset({"power_consumption", "energy_kwh"})  # their unit is set per device
SPELLINGS = {
    **dict.fromkeys(("c", "°c", "degc", "deg c", "celsius", "cel", "℃", "°"), "°C"),
    **dict.fromkeys(("f", "°f", "degf", "deg f", "fahrenheit", "℉"), "°F"),
    **dict.fromkeys(("k", "kelvin"), "K"),
    **dict.fromkeys(("%", "%rh", "% rh", "rh", "percent"), "%"),
    **dict.fromkeys(("hpa",), "hPa"),
    **{"mbar": "mbar", "pa": "Pa", "kpa": "kPa", "bar": "bar", "mmhg": "mmHg", "inhg": "inHg", "index": "index"},
    **dict.fromkeys(("m/s²", "m/s2", "m/s^2"), "m/s²"),
    "g": "g",
    **dict.fromkeys(("kw", "kilowatt", "kilowatts"), "kW"),
    **dict.fromkeys(("w", "watt", "watts"), "W"),
    **dict.fromkeys(("kwh", "unit", "units"), "kWh"),  # an Indian bill's unit is a kWh
    "wh": "Wh",
}
CASED_SPELLINGS = {"MW": "MW", "mW": "mW", "MWh": "MWh", "MWH": "MWh", "mWh": "mWh"}  # mega or milli by case alone


class NotRead(ValueError):
    """A text that is not taken for a value, and why."""


class Quantity(NamedTuple):
    value: float | None  # in the metric's unit; of DEVICE_UNITS as sent
    unit: str = ""  # of DEVICE_UNITS: what was said
    note: str = ""  # for the answer, where more was done than to read a number


def quantity_of(metric: str, text: str, unit: str = "") -> Quantity:
    """The value in a text that is no plain number; `unit`: what its name said. Raises NotRead."""
    match = NUMBER_AND_UNIT.fullmatch(text) if len(text) <= MAX_TEXT_LENGTH else None
    if match is None:
        raise NotRead(f"{sanitise_text(text)} is not a number")
    number, has_comma = number_of(match["number"].replace("\u2212", "-"))
    quantity = in_metric_unit(metric, number, match["unit"] or unit)
    if has_comma and not quantity.note:
        return quantity._replace(note=f"{sanitise_text(text)} read as {number:g}")
    return quantity


def number_of(text: str) -> tuple[float, bool]:
    """The number, and whether a comma had to be interpreted. Raises NotRead."""
    if NUMBER.fullmatch(text):
        return float(text), False
    if DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(".", "").replace(",", ".")), True
    if GROUPED.fullmatch(text) and (text.count(",") > 1 or "." in text):
        return float(text.replace(",", "")), True
    if GROUPED.fullmatch(text):
        raise NotRead(f"{text} may be {text.replace(',', '.')} or {text.replace(',', '')}; send a decimal point")
    raise NotRead(f"{sanitise_text(text)} is not a number")


def in_metric_unit(metric: str, value: float, said: str) -> Quantity:
    """The value in the metric's own unit, or as sent where that is the device's to say. Raises NotRead."""
    if not said.strip():
        return Quantity(value)
    unit, units = unit_of(said), units_of(metric)
    own = next(iter(units))
    scale = units.get(unit)
    if scale is None:
        raise NotRead(f"{sanitise_text(said.strip())} is no unit of it ({own} is)")
    if metric in DEVICE_UNITS:
        return Quantity(value, unit)
    if scale == Scale(1):
        return Quantity(value)
    converted = value * scale.factor + scale.offset
    if not isfinite(converted):
        return Quantity(None)
    return Quantity(converted, note=f"{value:g} {unit} read as {converted:.6g} {own}")


def units_of(metric: str) -> dict[str, Scale]:
    """The units in which a metric may be said, its own first."""
    return UNITS.get(metric) or {BY_NAME[metric].unit: Scale(1)}


def unit_of(said: str) -> str:
    """The unit's own spelling; as said where it is unknown."""
    said = said.strip()
    return CASED_SPELLINGS.get(said) or SPELLINGS.get(said.lower(), said)
