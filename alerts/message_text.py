"""Message texts of alerts: the fact first, in the words of the shop floor. Pure.

A process alert is never called more than that: no text mentions standards, and the gas index is indicative.
"""

from datetime import datetime, timedelta

from alerts.rules.conditions import Limit
from core.dates import format_clock, format_day
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


def format_number(value: float, decimals: int | None = None) -> str:
    """900.0 → "900", 5.5 → "5.5"; with `decimals`, exactly so many."""
    if abs(value) >= 1e12:  # a broken sensor may send anything
        return f"{value:.3g}"
    if decimals is not None:
        return indian(value, decimals)
    return indian(value, 6).rstrip("0").rstrip(".")


def with_unit(metric: str, text: str) -> str:
    return f"{text} {BY_NAME[metric].shown_unit}".strip()


def format_measurement(metric: str, value: float) -> str:
    """ "950.0 °C": with the decimals of the metric."""
    return with_unit(metric, format_number(value, BY_NAME[metric].decimals))


def format_moment(at: datetime, zone) -> str:
    return f"{format_clock(at.astimezone(zone))} on {format_day(at.astimezone(zone))}"


def format_second(at: datetime, zone) -> str:
    """ "16:00:05 on 16 Jan 2025", "16:00 on 16 Jan 2025" at the full minute."""
    local = at.astimezone(zone)
    clock = f"{local:%H:%M:%S}" if local.second or local.microsecond else format_clock(local)
    return f"{clock} on {format_day(local)}"


def changes(before: dict[str, str], after: dict[str, str]) -> str:
    """ "farthest 60.0 °C → 70.0 °C; severity warning → critical"; "" where nothing differs."""
    return "; ".join(
        f"{name} {before[name] or 'unknown'} → {after[name] or 'unknown'}"
        for name in before
        if before[name] != after[name]
    )


WITHDRAWAL_REASONS = {
    "rate": "a reading that came late shows that the value did not change that fast",
    "flat": "a reading that came late shows that the value did not stand still",
    "silence": "a reading that came late shows that the sensor did send",
    "baseline": "readings that came late changed the quarter hours it was judged by",
    "budget": "readings that came late changed the quarter hours it was judged by",
}


def withdrawal_reason(kind: str, *, has_hold: bool) -> str:
    """Why an alert of this kind is taken back."""
    if kind in WITHDRAWAL_REASONS:
        return WITHDRAWAL_REASONS[kind]
    if has_hold:
        return "a reading that came late shows that the value was within its limit before the hold was over"
    return "a reading that came late shows that the value was not beyond its limit"


def describe_limit(metric: str, limit: Limit) -> str:
    """ "above 900 °C", "below 10 % RH", "outside 800 to 900 °C"."""
    if limit.kind == "outside":
        return f"outside {format_number(limit.low)} to {with_unit(metric, format_number(limit.high))}"
    return f"{limit.kind} {with_unit(metric, format_number(limit.level))}"


def threshold_title(metric: str, limit: Limit) -> str:
    return f"{BY_NAME[metric].label.split(' (')[0]} {describe_limit(metric, limit)}"


def active_threshold_message(label: str, metric: str, limit: Limit, value: float, since: datetime, zone) -> str:
    """ "Main furnace is 950.0 °C, 50.0 above its limit of 900 °C, since 16:00 on 16 Jan 2025." """
    return f"{value_clause(label, metric, limit, value, 0)}, since {format_moment(since, zone)}."


def resolved_threshold_message(
    label: str, metric: str, limit: Limit, peak: float, since: datetime, until: datetime, zone
) -> str:
    """ "Main furnace was up to 950.0 °C, 50.0 above its limit of 900 °C, from 16:00 on … to 16:05 on …." """
    end_text, start_text = format_moment(until, zone), format_moment(since, zone)
    if start_text.split(" on ")[1] == end_text.split(" on ")[1]:
        start_text = start_text.split(" on ")[0]
    return f"{value_clause(label, metric, limit, peak, 1)}, from {start_text} to {end_text}."


def value_clause(label, metric, limit, value, tense) -> str:
    phrase = PHRASES.get(metric, ("reads {}", "read up to {}"))[tense]
    if value < limit.bound(value):
        phrase = phrase.replace("up to", "down to")
    return f"{label} {phrase.format(format_measurement(metric, value))}, {distance_clause(metric, limit, value)}"


def distance_clause(metric, limit, value) -> str:
    gap = format_number(abs(limit.excess(value)), BY_NAME[metric].decimals)
    side = "below" if value < limit.bound(value) else "above"
    if limit.kind == "outside":
        return f"{gap} {side} its band of {format_number(limit.low)} to {with_unit(metric, format_number(limit.high))}"
    return f"{gap} {side} its limit of {with_unit(metric, format_number(limit.level))}"


def kind_title(terms: dict) -> str:
    """ "Temperature changes by more than 50 °C within 10 min", "Gas index is silent"."""
    if terms["kind"] == "budget":
        return f"More than {format_number(terms['level'])} kWh a {terms.get('period', 'day')}"
    if terms["kind"] in HOURLY_KIND_TEXTS:
        name, unit = HOURLY_KIND_TEXTS[terms["kind"]]
        return f"{name.capitalize()} under {format_number(terms['level'])}{unit}"
    name, metric = metric_name(terms["metric"]), terms["metric"]
    if terms["kind"] == "baseline":
        return f"{name} is unusual for the time of the week"
    if terms["kind"] == "rate":
        window, verb = format_duration(int(terms["window_seconds"])), VERBS[terms.get("direction", "any")][0]
        return f"{name} {verb} by more than {with_unit(metric, format_number(terms['level']))} within {window}"
    return f"{name} stands still" if terms["kind"] == "flat" else f"{name} is silent"


HOURLY_KIND_TEXTS = {"capture": ("data capture", " %"), "health": ("health score", " of 100")}
VERBS = {"any": ("changes", "changed"), "rise": ("rises", "rose"), "fall": ("falls", "fell")}
SENSOR_PHRASES = {  # (while it lasts, afterwards)
    "flat": (
        "{} has sent exactly the same {} {}: check the sensor.",
        "{} sent exactly the same {} {}: check the sensor.",
    ),
    "silence": (
        "{} goes on reporting but has sent no {} {}: check the sensor.",
        "{} went on reporting but sent no {} {}.",
    ),
}


def metric_name(metric: str) -> str:
    return BY_NAME[metric].label.split(" (")[0]


def kind_message(
    label: str, terms: dict, value, since: datetime, until: datetime | None, zone, derived_from=None
) -> str:
    """Message of an alert of any kind but thresholds; `until`: its end, where it has one (`value` is then the peak)."""
    metric, when = terms["metric"], format_period(since, until, zone)
    if terms["kind"] == "budget":
        return budget_message(label, terms, value, since, until, zone)
    if terms["kind"] in HOURLY_KIND_TEXTS:
        what, unit = HOURLY_KIND_TEXTS[terms["kind"]]
        verb = "was down to" if until else "is"
        floor = f"under its floor of {format_number(terms['level'])}{unit}"
        return f"{label}: {what} of the last 24 hours {verb} {format_number(value, 0)}{unit}, {floor}, {when}."
    if terms["kind"] == "baseline":
        return baseline_message(label, metric, value, until, when, derived_from)
    if terms["kind"] != "rate":
        return SENSOR_PHRASES[terms["kind"]][until is not None].format(label, metric_name(metric).lower(), when)
    verb = VERBS[terms.get("direction", "any")][1]
    window = format_duration(int(terms["window_seconds"]))
    by = f"{'by up to' if until else 'by'} {format_measurement(metric, value)} within {window}"
    limit = with_unit(metric, format_number(terms["level"]))
    return f"{label}: {metric_name(metric).lower()} {verb} {by}; its limit is {limit}, {when}."


def budget_message(label, terms, kwh, since, until, zone) -> str:
    period = terms.get("period", "day")
    used = f"{'used' if until else 'has used'} {format_number(kwh, 1)} kWh in its {period}"
    excess = f"{format_number(kwh - terms['level'], 1)} over its budget of {format_number(terms['level'])} kWh"
    return f"{label} {used}, {excess}, since {format_moment(since, zone)}. Energy of gaps is not in it."


def baseline_message(label, metric, z, until, when, derived_from) -> str:
    verb = "was" if until else "is"
    if derived_from is None:
        far = f"up to {format_number(z, 1)} times its usual spread away from"
        return f"{label}: {metric_name(metric).lower()} {verb} {far} its usual level for the time of the week, {when}."
    value, usual = derived_from
    side = "above" if value > usual else "below"
    by = f"{abs(value - usual) / abs(usual):.0%} ".replace("%", " %") if usual else ""
    figures = f"{format_measurement(metric, value)} against {format_measurement(metric, usual)} in the quarter hour"
    level = "its usual level for the time of the week"
    return f"{label}: {metric_name(metric).lower()} {verb} {by}{side} {level} ({figures}), {when}."


def format_period(since: datetime, until: datetime | None, zone) -> str:
    if until is None:
        return f"since {format_moment(since, zone)}"
    return f"from {format_moment(since, zone)} to {format_moment(until, zone)}"


def active_silence_message(label: str, since: datetime, interval_s: int, zone) -> str:
    return (
        f"{label} has been silent since {format_moment(since, zone)}; it reports every {format_duration(interval_s)}."
    )


def resolved_silence_message(label: str, since: datetime, until: datetime, zone) -> str:
    return f"{label} was silent from {format_moment(since, zone)} to {format_moment(until, zone)}."


WHY_SUSPECT = {
    "range": "outside what it can be",
    "flat": "the same to the last digit for hours",
    "": "outside what it can be, or the same to the last digit for hours",
}


def describe_suspects(kinds: dict[str, str]) -> tuple[str, str]:
    """{metric: why its values are suspect} → (their names, the reason)."""
    labels = {name: BY_NAME[name].label_in_sentence for name in kinds}
    names = " and ".join(labels.values())
    if len(set(kinds.values())) == 1:
        return names, WHY_SUSPECT[next(iter(kinds.values()))]
    return names, "; ".join(f"{labels[name]} {WHY_SUSPECT[reason]}" for name, reason in kinds.items())


def active_suspect_message(label: str, kinds: dict[str, str], since: datetime, zone) -> str:
    names, reason = describe_suspects(kinds)
    return (
        f"{label} sends {names} values that are not plausible since {format_moment(since, zone)}: {reason}. "
        "They are kept, marked suspect, and left out of figures and limits: check the sensor."
    )


def resolved_suspect_message(label: str, kinds: dict[str, str], since: datetime, until: datetime, zone) -> str:
    names, reason = describe_suspects(kinds)
    return (
        f"{label} sent {names} values that were not plausible from {format_moment(since, zone)}"
        f" to {format_moment(until, zone)}: "
        f"{reason}. They are kept, marked suspect, and left out of figures and limits."
    )


def counter_message(label: str, step: str, count: int) -> str:
    more = "" if count == 1 else f", and {count - 1} more"
    return (
        f"{label}: {step}{more}. It is left out of every figure until a person decides on the machine's page: "
        "meter swapped, glitch, or real."
    )


def format_duration(seconds: int) -> str:
    """ "5 min", "90 s", "2 h"."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def format_elapsed(elapsed: timedelta) -> str:
    """ "45 s", "12 min", "1 h 05 min", "2 d 3 h"."""
    seconds = max(0, round(elapsed.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 2 * 24 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"
