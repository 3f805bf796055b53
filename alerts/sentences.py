"""What alerts say: the fact first, in the words of the shop floor. Pure.

A process alert is never called more than that: nothing here speaks of standards, and the gas index is indicative.
"""

from datetime import datetime, timedelta

from alerts.rules import UNITS, Limit
from factories.figures import indian
from telemetry.metrics import BY_NAME

PHRASES = {  # (while it lasts, afterwards)
    "temperature": ("is {}", "was up to {}"),
    "gas_index": ("has a gas index of {} (indicative)", "had a gas index of up to {} (indicative)"),
    "vibration": ("vibrates at {}", "vibrated at up to {}"),
    "humidity": ("has a humidity of {}", "had a humidity of up to {}"),
    "pressure": ("has a pressure of {}", "had a pressure of up to {}"),
    "power_consumption": ("draws {}", "drew up to {}"),
}


def figure(value: float, decimals: int | None = None) -> str:
    """900.0 → "900", 5.5 → "5.5"; with `decimals`, exactly so many."""
    if abs(value) >= 1e12:  # a broken sensor may say anything
        return f"{value:.3g}"
    if decimals is not None:
        return indian(value, decimals)
    return indian(value, 6).rstrip("0").rstrip(".")


def with_unit(metric: str, text: str) -> str:
    return f"{text} {UNITS[metric]}".strip()


def measured(metric: str, value: float) -> str:
    """ "950.0 °C": with the decimals of the metric."""
    return with_unit(metric, figure(value, BY_NAME[metric].decimals))


def moment(at: datetime, zone) -> str:
    return f"{at.astimezone(zone):%H:%M on %-d %b %Y}"


def limit_in_words(metric: str, limit: Limit) -> str:
    """ "above 900 °C", "below 10 % RH", "outside 800 to 900 °C"."""
    if limit.kind == "outside":
        return f"outside {figure(limit.low)} to {with_unit(metric, figure(limit.high))}"
    return f"{limit.kind} {with_unit(metric, figure(limit.level))}"


def title(metric: str, limit: Limit) -> str:
    return f"{BY_NAME[metric].label.split(' (')[0]} {limit_in_words(metric, limit)}"


def still_across(label: str, metric: str, limit: Limit, value: float, since: datetime, zone) -> str:
    """ "Main furnace is 950.0 °C, 50.0 above its limit of 900 °C, since 16:00 on 16 Jan 2025." """
    return f"{fact(label, metric, limit, value, 0)}, since {moment(since, zone)}."


def was_across(label: str, metric: str, limit: Limit, peak: float, since: datetime, until: datetime, zone) -> str:
    """ "Main furnace was up to 950.0 °C, 50.0 above its limit of 900 °C, from 16:00 on … to 16:05 on …." """
    ended, began = moment(until, zone), moment(since, zone)
    if began.split(" on ")[1] == ended.split(" on ")[1]:
        began = began.split(" on ")[0]
    return f"{fact(label, metric, limit, peak, 1)}, from {began} to {ended}."


def fact(label, metric, limit, value, tense):
    phrase = PHRASES.get(metric, ("reads {}", "read up to {}"))[tense]
    if value < limit.bound(value):
        phrase = phrase.replace("up to", "down to")
    return f"{label} {phrase.format(measured(metric, value))}, {distance(metric, limit, value)}"


def distance(metric, limit, value):
    apart = figure(abs(limit.beyond(value)), BY_NAME[metric].decimals)
    side = "below" if value < limit.bound(value) else "above"
    if limit.kind == "outside":
        return f"{apart} {side} its band of {figure(limit.low)} to {with_unit(metric, figure(limit.high))}"
    return f"{apart} {side} its limit of {with_unit(metric, figure(limit.level))}"


def silent(label: str, since: datetime, interval_s: int, zone) -> str:
    return f"{label} has been silent since {moment(since, zone)}; it reports every {duration(interval_s)}."


def was_silent(label: str, since: datetime, until: datetime, zone) -> str:
    return f"{label} was silent from {moment(since, zone)} to {moment(until, zone)}."


WHY_SUSPECT = "outside what it can be, or the same to the last digit for hours"


def suspect(label: str, names: list[str], since: datetime, zone) -> str:
    words = " and ".join(BY_NAME[name].label.lower() for name in names)
    return (
        f"{label} sends {words} values that are not plausible since {moment(since, zone)}: {WHY_SUSPECT}. "
        "They are kept, marked suspect, and left out of figures and limits: check the sensor."
    )


def was_suspect(label: str, names: list[str], since: datetime, until: datetime, zone) -> str:
    words = " and ".join(BY_NAME[name].label.lower() for name in names)
    return (
        f"{label} sent {words} values that were not plausible from {moment(since, zone)} to {moment(until, zone)}: "
        f"{WHY_SUSPECT}. They are kept, marked suspect, and left out of figures and limits."
    )


def duration(seconds: int) -> str:
    """ "5 min", "90 s", "2 h"."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def length(passed: timedelta) -> str:
    """ "45 s", "12 min", "1 h 05 min", "2 d 3 h"."""
    seconds = max(0, round(passed.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 2 * 24 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"
