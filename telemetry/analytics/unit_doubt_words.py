"""What a doubt about a unit says to people: what was seen and when, what it could mean, and the answers. Pure."""

from datetime import datetime, tzinfo
from typing import NamedTuple, Protocol

from core.dates import format_moment
from core.number_format import indian
from telemetry.analytics.unit_questions import QuestionKind, celsius


class Answer(NamedTuple):
    value: str
    label: str


class Doubt(Protocol):
    """A stored doubt or a question that was just asked."""

    kind: str
    metric: str
    seen: float
    seen_at: datetime
    expected: float | None
    against: str
    suggested: dict


LABELS = {
    "W": "It sends watts",
    "Wh": "It sends Wh",
    "raw": "It sends raw acceleration",
    True: "It feeds power back",
}
KEEP_LABELS = {
    QuestionKind.POWER_SIGN: "Leave it as it is",
    QuestionKind.FAHRENHEIT: "It is °C, right as it is",
}
PER_HOUR = " kWh an hour"


def describe(doubt: Doubt, zone: tzinfo) -> str:
    """ "Its power was 32,500 kW on 16 Jan 2025, 16:00, 812 times its rating (40 kW). It probably sends watts." """
    seen_at = format_moment(doubt.seen_at, zone)
    if doubt.kind == QuestionKind.GRAVITY:
        return gravity_words(doubt.seen, seen_at)
    if doubt.kind == QuestionKind.FAHRENHEIT:
        return fahrenheit_words(doubt, seen_at)
    if doubt.kind == QuestionKind.POWER_SIGN:
        return (
            f"Its power was {kilowatts(doubt.seen)} on {seen_at}, but its profile says that it feeds no power back: "
            "the value is left out. Does it feed power back, or is a current transformer the wrong way round?"
        )
    is_register = doubt.kind == QuestionKind.REGISTER_UNIT
    verb = "register rose by" if is_register else "power was"
    value = kilowatts(doubt.seen, PER_HOUR if is_register else " kW")
    unit = {"Wh": "Wh", "W": "watts"}.get(next(iter(doubt.suggested.values()), ""), "")
    meaning = f"It probably sends {unit}." if unit else "Which unit does it send?"
    return f"Its {verb} {value} on {seen_at}, {comparison(doubt)}. {meaning}"


def comparison(doubt: Doubt) -> str:
    expected = doubt.expected or 0.0
    times = f"{indian(doubt.seen / expected, 0 if doubt.seen >= 10 * expected else 1)} times" if expected else ""
    if doubt.against == "rating":
        return f"{times} its rating ({kilowatts(expected)})"
    if doubt.against == "power":
        return f"{times} the power that it measures itself ({kilowatts(expected)})"
    return f"more than {kilowatts(expected)}, which hardly a machine draws; it has no rating to compare with"


def gravity_words(seen: float, seen_at: str) -> str:
    if seen < 0:
        return (
            f"Its vibration was {indian(seen, 2)} m/s² on {seen_at}: an RMS value is never negative. "
            "It probably sends raw acceleration."
        )
    return (
        f"Its vibration was {indian(seen, 2)} m/s² on {seen_at}, with little else: that is the earth's gravity. "
        "It probably sends raw acceleration."
    )


def fahrenheit_words(doubt: Doubt, seen_at: str) -> str:
    reason = "too hot for air of that humidity" if doubt.against == "air" else "too hot for the air of a hall"
    return (
        f"Its temperature was {indian(doubt.seen, 1)} °C on {seen_at}, {reason}; "
        f"{indian(doubt.seen, 1)} °F would be {indian(celsius(doubt.seen), 1)} °C. "
        "Does it send °F? Then let its sketch send °C: what is stored is not changed."
    )


def kilowatts(value: float, unit: str = " kW") -> str:
    """Three significant digits below 1,000, grouped the Indian way above."""
    size = abs(value)
    text = indian(value, 0 if size >= 100 else 1 if size >= 10 else 2)
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}{unit}"


def answers(kind: str, suggested: dict) -> list[Answer]:
    """What a person can say with one tap."""
    changes = [Answer("correct", LABELS[value]) for value in suggested.values() if value in LABELS][:1]
    return [*changes, Answer("keep", KEEP_LABELS.get(QuestionKind(kind), "It is right as it is"))]
