"""The metrics of one reading → floats in registry order, with what had to be interpreted. Pure."""

from math import isfinite
from typing import Any, NamedTuple

from telemetry.metrics import METRIC_NAMES
from telemetry.payloads.sanitising import sanitise_text
from telemetry.payloads.units import NUMBER, NotRead, Quantity, in_metric_unit, quantity_of

MISSING_VALUE_TEXTS = frozenset({"", "null", "none", "nan", "-nan", "inf", "-inf", "+inf", "infinity", "-infinity"})
USUAL_VALUE_TYPES = frozenset({float, type(None)})  # what a metric's value is
NO_UNITS: dict[str, str] = {}


class Interpreted(NamedTuple):
    """What was more than numbers."""

    problems: dict[str, str]  # metric → why its value is no number
    said_units: tuple[tuple[str, str], ...]  # (metric, unit) of power and energy sent with one
    notes: tuple[str, ...]  # for the answer


NOTHING_INTERPRETED = Interpreted({}, (), ())


def parse_metrics(reading: dict, named_units: dict[str, str] = NO_UNITS) -> tuple[tuple, Interpreted]:
    """`named_units`: metric → the unit that its name said."""
    values = tuple(map(reading.get, METRIC_NAMES))
    if not named_units and USUAL_VALUE_TYPES.issuperset(map(type, values)) and isfinite(sum(filter(None, values))):
        return values, NOTHING_INTERPRETED
    numbers: list[float | None] = []
    problems, units, notes = {}, [], []
    for name, value in zip(METRIC_NAMES, values, strict=True):
        try:
            number = parse_number(value)
            if name not in named_units or number is None:
                numbers.append(number)
                continue
            quantity = in_metric_unit(name, number, named_units[name])
        except NotRead as problem:
            quantity, problems[name] = interpret(name, value, named_units.get(name, ""), str(problem))
            if problems[name] == "":
                del problems[name]
        numbers.append(quantity.value)
        units += [(name, quantity.unit)] if quantity.unit and quantity.value is not None else []
        notes += [f"{name}: {quantity.note}"] if quantity.note else []
    return tuple(numbers), Interpreted(problems, tuple(units), tuple(notes))


def interpret(metric: str, value: Any, named_unit: str, problem: str) -> tuple[Quantity, str]:
    """The quantity in a text, or why there is none."""
    if not isinstance(value, str):
        return Quantity(None), problem
    try:
        return quantity_of(metric, value.strip(), named_unit), ""
    except NotRead as error:
        return Quantity(None), str(error)


def parse_number(value: Any) -> float | None:
    """A finite float; None for a missing value. Raises NotRead for anything that is not a number."""
    if value is None:
        return None
    if isinstance(value, str):
        text = value.strip()
        if not NUMBER.fullmatch(text):
            if text.lower() in MISSING_VALUE_TEXTS:
                return None
            raise NotRead(f"{sanitise_text(text)} is not a number")
        value = text
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise NotRead("a number is expected")
    try:
        number = float(value)
    except OverflowError:  # an integer beyond a double counts as infinite
        return None
    return number if isfinite(number) else None
