"""What a doubtful step of a counter says to people. Pure."""

from datetime import tzinfo
from typing import Any

from core.dates import format_clock, format_day, format_moment, format_second
from core.number_format import indian

COUNTERS = {"energy_kwh": "energy register", "power_consumption": "power register"}
REPEATED = "repeated"


def describe_step(step: Any, profile: Any, zone: tzinfo) -> str:
    """ "its energy register rose from 1,205 to 88,315 kWh between 15:45 and 16:00 on 16 Jan 2025: 87,110 kWh, where
    its rating of 5 kW allows at most 2.67 kWh". `step`: a DoubtfulStep; `profile`: that of its second reading.
    """
    if step.reason == REPEATED:
        return (
            f"it sent {value_text(step.after_value, profile)} on {format_second(step.after_at, zone)}, so soon after "
            "the same value that it looks sent twice"
        )
    name = COUNTERS.get(step.metric, "counter")
    if step.before_at is None or step.before_value is None:
        return f"its {name} read {value_text(step.after_value, profile)} on {format_moment(step.after_at, zone)}"
    change = f"from {value_text(step.before_value, profile, unit=False)} to {value_text(step.after_value, profile)}"
    verb = "rose" if step.after_value >= step.before_value else "changed"
    sentence = f"its {name} {verb} {change} {period_of(step, zone)}"
    if step.gained_kwh is None:
        return sentence
    return f"{sentence}: {kwh(step.gained_kwh)}, where {bound_words(step, profile)}"


def period_of(step: Any, zone: tzinfo) -> str:
    """ "between 15:45 and 16:00 on 16 Jan 2025" """
    start, end = step.before_at.astimezone(zone), step.after_at.astimezone(zone)
    if start.date() == end.date():
        return f"between {format_clock(start)} and {format_clock(end)} on {format_day(end)}"
    return f"between {format_moment(start, zone)} and {format_moment(end, zone)}"


def bound_words(step: Any, profile: Any) -> str:
    """By what the step was found impossible: the rating where there is one, else the device's own past."""
    most = f"at most {kwh(step.possible_kwh)}" if step.possible_kwh is not None else "no more than a fraction"
    if profile.rated_kw:
        return f"its rating of {indian(profile.rated_kw, 1).removesuffix('.0')} kW allows {most}"
    return f"its own past allows {most}"


def value_text(value: float, profile: Any, unit: bool = True) -> str:
    """A value as the device sent it, in the unit of its register."""
    text = indian(value, 6).rstrip("0").rstrip(".")
    return f"{text} {profile.energy_unit}" if unit else text


def kwh(value: float) -> str:
    return f"{indian(value, 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2)} kWh"
