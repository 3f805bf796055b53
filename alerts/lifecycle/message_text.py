"""What alerts say: the fact first, in the words of the shop floor. Pure.

A process alert is never called more than that: nothing here speaks of standards, and the gas index is indicative.
"""

from datetime import datetime, timedelta

from alerts.evaluation.conditions import UNITS, Limit
from core.number_format import indian
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


def title_of_kind(terms: dict) -> str:
    """ "Temperature changes by more than 50 °C within 10 min", "Gas index is silent"."""
    if terms["kind"] == "budget":
        return f"More than {figure(terms['level'])} kWh a {terms.get('period', 'day')}"
    if terms["kind"] in REVIEWED:
        return f"{REVIEWED[terms['kind']][0].capitalize()} under {figure(terms['level'])}{REVIEWED[terms['kind']][1]}"
    name, metric = plain(terms["metric"]), terms["metric"]
    if terms["kind"] == "baseline":
        return f"{name} is unusual for the time of the week"
    if terms["kind"] == "rate":
        window, verb = duration(int(terms["window_seconds"])), VERBS[terms.get("direction", "any")][0]
        return f"{name} {verb} by more than {with_unit(metric, figure(terms['level']))} within {window}"
    return f"{name} stands still" if terms["kind"] == "flat" else f"{name} is silent"


REVIEWED = {"capture": ("data capture", " %"), "health": ("health score", " of 100")}
VERBS = {"any": ("changes", "changed"), "rise": ("rises", "rose"), "fall": ("falls", "fell")}
SENSOR_SAYS = {  # (while it lasts, afterwards)
    "flat": (
        "{} has sent exactly the same {} {}: check the sensor.",
        "{} sent exactly the same {} {}: check the sensor.",
    ),
    "silence": (
        "{} goes on reporting but has sent no {} {}: check the sensor.",
        "{} went on reporting but sent no {} {}.",
    ),
}


def plain(metric: str) -> str:
    return BY_NAME[metric].label.split(" (")[0]


def of_kind(label: str, terms: dict, value, since: datetime, until: datetime | None, zone, said=None) -> str:
    """What an alert of a kind that is no threshold says; `until` where it is over, `value` the farthest then."""
    metric, when = terms["metric"], stretch(since, until, zone)
    if terms["kind"] == "budget":
        return over_budget(label, terms, value, since, until, zone)
    if terms["kind"] in REVIEWED:
        what, unit = REVIEWED[terms["kind"]]
        verb = "was down to" if until else "is"
        floor = f"under its floor of {figure(terms['level'])}{unit}"
        return f"{label}: {what} of the last 24 hours {verb} {figure(value, 0)}{unit}, {floor}, {when}."
    if terms["kind"] == "baseline":
        return unusual(label, metric, value, until, when, said)
    if terms["kind"] != "rate":
        return SENSOR_SAYS[terms["kind"]][until is not None].format(label, plain(metric).lower(), when)
    verb = VERBS[terms.get("direction", "any")][1]
    by = f"{'by up to' if until else 'by'} {measured(metric, value)} within {duration(int(terms['window_seconds']))}"
    limit = with_unit(metric, figure(terms["level"]))
    return f"{label}: {plain(metric).lower()} {verb} {by}; its limit is {limit}, {when}."


def over_budget(label, terms, kwh, since, until, zone):
    period = terms.get("period", "day")
    used = f"{'used' if until else 'has used'} {figure(kwh, 1)} kWh in its {period}"
    over = f"{figure(kwh - terms['level'], 1)} over its budget of {figure(terms['level'])} kWh"
    return f"{label} {used}, {over}, since {moment(since, zone)}. Energy of gaps is not in it."


def unusual(label, metric, z, until, when, said):
    verb = "was" if until else "is"
    if said is None:
        far = f"up to {figure(z, 1)} times its usual spread away from"
        return f"{label}: {plain(metric).lower()} {verb} {far} its usual level for the time of the week, {when}."
    value, usual = said
    side = "above" if value > usual else "below"
    by = f"{abs(value - usual) / abs(usual):.0%} ".replace("%", " %") if usual else ""
    figures = f"{measured(metric, value)} against {measured(metric, usual)} in the quarter hour"
    level = "its usual level for the time of the week"
    return f"{label}: {plain(metric).lower()} {verb} {by}{side} {level} ({figures}), {when}."


def stretch(since: datetime, until: datetime | None, zone) -> str:
    if until is None:
        return f"since {moment(since, zone)}"
    return f"from {moment(since, zone)} to {moment(until, zone)}"


def silent(label: str, since: datetime, interval_s: int, zone) -> str:
    return f"{label} has been silent since {moment(since, zone)}; it reports every {duration(interval_s)}."


def was_silent(label: str, since: datetime, until: datetime, zone) -> str:
    return f"{label} was silent from {moment(since, zone)} to {moment(until, zone)}."


WHY_SUSPECT = {
    "range": "outside what it can be",
    "flat": "the same to the last digit for hours",
    "": "outside what it can be, or the same to the last digit for hours",
}


def suspects(kinds: dict[str, str]) -> tuple[str, str]:
    """{metric: why its values are suspect} → their names, and why in words."""
    names = " and ".join(BY_NAME[name].label.lower() for name in kinds)
    if len(set(kinds.values())) == 1:
        return names, WHY_SUSPECT[next(iter(kinds.values()))]
    return names, "; ".join(f"{BY_NAME[name].label.lower()} {WHY_SUSPECT[why]}" for name, why in kinds.items())


def suspect(label: str, kinds: dict[str, str], since: datetime, zone) -> str:
    words, why = suspects(kinds)
    return (
        f"{label} sends {words} values that are not plausible since {moment(since, zone)}: {why}. "
        "They are kept, marked suspect, and left out of figures and limits: check the sensor."
    )


def was_suspect(label: str, kinds: dict[str, str], since: datetime, until: datetime, zone) -> str:
    words, why = suspects(kinds)
    return (
        f"{label} sent {words} values that were not plausible from {moment(since, zone)} to {moment(until, zone)}: "
        f"{why}. They are kept, marked suspect, and left out of figures and limits."
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
