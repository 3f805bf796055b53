"""Validation of rules by kind; errors by field. Pure."""

from collections.abc import Callable, Set
from typing import Any, TypeGuard

from alerts.rules.conditions import RULE_METRIC_NAMES, THRESHOLD_KINDS
from telemetry.analytics.baseline import BASELINE_METRICS, UNUSUAL_Z
from telemetry.metrics import BY_NAME

AVAILABLE_KINDS = (*THRESHOLD_KINDS, "rate", "baseline", "flat", "silence", "budget", "capture", "health")
HOURLY_KINDS = ("capture", "health")  # evaluated once an hour
QUARTER_HOUR_KINDS = ("baseline", "budget")  # evaluated on quarter-hour rollups
LARGEST_LEVEL = 1e9
DIRECTIONS = ("any", "rise", "fall")
PERIODS = ("day", "shift")
SHORTEST_WINDOW_S, LONGEST_WINDOW_S = 60, 86_400
SHORTEST_FLAT_S = 600
LEAST_Z, MOST_Z = 2, 100
WHOLE_DEVICE_KINDS = {  # kinds without a metric, and why
    "budget": "An energy budget is about the whole machine: leave the metric empty.",
    "capture": "Data capture is about the whole machine: leave the metric empty.",
    "health": "A health score is about the whole machine: leave the metric empty.",
}
Errors = dict[str, str]  # by field
Params = dict[str, Any]
PARAMS_BY_KIND: dict[str, tuple[str, ...]] = {  # a fault of params as a whole is shown at the first
    "above": ("second_level",),
    "below": ("second_level",),
    "outside": ("low", "high"),
    "rate": ("window_seconds", "direction", "second_level"),
    "baseline": ("z",),
    "budget": ("period", "second_level"),
}
LEVEL_NEEDED = "A level is needed: a number between −1,000,000,000 and 1,000,000,000."


def problems(*, kind: str, metric: str, level: Any, clear_level: Any, params: Any, hold_seconds: float = 0) -> Errors:
    """Validation errors of a rule, by field; empty when it can be evaluated."""
    if kind not in AVAILABLE_KINDS:
        return {"kind": f"Rules of kind “{kind}” are not available yet; choose {', '.join(AVAILABLE_KINDS)}."}
    errors = unknown_param_problems(params, set(PARAMS_BY_KIND.get(kind, ()))) or metric_problems(kind, metric)
    errors = errors or PROBLEMS_BY_KIND[kind](level, clear_level, params, hold_seconds, kind)
    return errors or second_level_problems(level, params, is_upper=kind != "below")


def metric_problems(kind: str, metric: str) -> Errors:
    if kind in WHOLE_DEVICE_KINDS:
        return {"metric": WHOLE_DEVICE_KINDS[kind]} if metric else {}
    if kind == "silence" and not metric:
        return {}
    if metric not in RULE_METRIC_NAMES:
        return {"metric": f"Choose one of {', '.join(RULE_METRIC_NAMES)}."}
    if kind == "baseline" and metric not in BASELINE_METRICS:
        return {"metric": f"Of this value no usual level is kept; choose one of {', '.join(BASELINE_METRICS)}."}
    if kind == "flat" and BY_NAME[metric].flat is None:
        names = [name for name in RULE_METRIC_NAMES if BY_NAME[name].flat]
        return {"metric": f"This value may stand still for good reason; choose one of {', '.join(names)}."}
    return {}


def threshold_problems(level: Any, clear_level: Any, params: Params, hold_seconds: float, kind: str) -> Errors:
    if not is_valid_number(level):
        return {"level": LEVEL_NEEDED}
    return clear_level_problems(level, clear_level, is_upper=kind == "above")


def second_level_problems(level: Any, params: Params, *, is_upper: bool) -> Errors:
    second = params.get("second_level")
    if second is None or (is_valid_number(second) and (second > level if is_upper else second < level)):
        return {}
    return {"params": "second_level lies beyond the level: there the alert becomes critical."}


def clear_level_problems(level: Any, clear_level: Any, *, is_upper: bool) -> Errors:
    if clear_level is None:
        return {}
    if not is_valid_number(clear_level):
        return {"clear_level": "A number between −1,000,000,000 and 1,000,000,000, or nothing."}
    if is_upper and clear_level > level:
        return {"clear_level": "The alert of an upper limit clears at or below its level."}
    if not is_upper and clear_level < level:
        return {"clear_level": "The alert of a lower limit clears at or above its level."}
    return {}


def band_problems(level: Any, clear_level: Any, params: Params, hold_seconds: float, kind: str) -> Errors:
    if level is not None or clear_level is not None:
        return {"level": "A band has no level: give low and high in params."}
    low, high = params.get("low"), params.get("high")
    if not (is_valid_number(low) and is_valid_number(high)) or low >= high:
        return {"params": "A band needs low and high: two numbers, low below high."}
    return {}


def rate_problems(level: Any, clear_level: Any, params: Params, hold_seconds: float, kind: str) -> Errors:
    window = params.get("window_seconds")
    if not is_valid_number(window) or not SHORTEST_WINDOW_S <= window <= LONGEST_WINDOW_S:
        return {"params": f"window_seconds is needed: {SHORTEST_WINDOW_S} to {LONGEST_WINDOW_S:,} seconds."}
    if params.get("direction", "any") not in DIRECTIONS:
        return {"params": f"direction is one of {', '.join(DIRECTIONS)}."}
    return positive_problems(level, "By how much it changes within its window") or clear_level_problems(
        level, clear_level, is_upper=True
    )


def positive_problems(level: Any, what: str) -> Errors:
    return {} if is_valid_number(level) and level > 0 else {"level": f"{what}: a number above 0 is needed."}


def baseline_problems(level: Any, clear_level: Any, params: Params, hold_seconds: float, kind: str) -> Errors:
    z = params.get("z", UNUSUAL_Z)
    if not is_valid_number(z) or not LEAST_Z <= z <= MOST_Z:
        return {"params": f"z says how far from usual: {LEAST_Z} to {MOST_Z}, {UNUSUAL_Z} if left out."}
    return level_not_allowed(
        "Its usual level is found in the four weeks before; z says how far from it.", level, clear_level
    )


def flat_problems(level: Any, clear_level: Any, params: Params, hold_seconds: float, kind: str) -> Errors:
    if hold_seconds < SHORTEST_FLAT_S:
        return {"hold_seconds": f"A flat line needs a hold of at least {SHORTEST_FLAT_S} seconds."}
    return level_not_allowed(
        "A flat line has no level; hold_seconds says how long a value may stand still.", level, clear_level
    )


def silence_problems(level: Any, clear_level: Any, params: Params, hold_seconds: float, kind: str) -> Errors:
    return level_not_allowed(
        "A silence rule has no level; hold_seconds says how long a silence may last.", level, clear_level
    )


def level_not_allowed(message: str, *levels: Any) -> Errors:
    return {"level": message} if any(level is not None for level in levels) else {}


def budget_problems(level: Any, clear_level: Any, params: Params, hold_seconds: float, kind: str) -> Errors:
    if params.get("period", "day") not in PERIODS:
        return {"params": f"period is one of {', '.join(PERIODS)}."}
    if clear_level is not None:
        return {"clear_level": "A budget is kept anew with the next period: leave this empty."}
    return positive_problems(level, "The budget in kWh")


def percent_problems(level: Any, clear_level: Any, params: Params, hold_seconds: float, kind: str) -> Errors:
    if not is_valid_number(level) or not 0 < level <= 100:
        return {"level": "A floor above 0 and up to 100 is needed."}
    return clear_level_problems(level, clear_level, is_upper=False)


PROBLEMS_BY_KIND: dict[str, Callable[[Any, Any, Params, float, str], Errors]] = {
    "above": threshold_problems,
    "below": threshold_problems,
    "outside": band_problems,
    "rate": rate_problems,
    "baseline": baseline_problems,
    "flat": flat_problems,
    "silence": silence_problems,
    "budget": budget_problems,
    "capture": percent_problems,
    "health": percent_problems,
}


def unknown_param_problems(params: Any, allowed: Set[str]) -> Errors:
    if not isinstance(params, dict):
        return {"params": "An object is expected."}
    unknown = sorted(set(params) - allowed)
    if unknown:
        return {"params": f"This kind of rule knows nothing of {', '.join(str(name)[:40] for name in unknown[:5])}."}
    return {}


def is_valid_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST_LEVEL  # nan: False
