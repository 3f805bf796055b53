"""Where a rule comes from, in words: "rating 250 kW: 263 kW at full load (panel, …) × 105 % = 276 kW". Pure."""

from collections.abc import Iterator
from typing import Any

from alerts.message_text import format_number, with_unit
from alerts.models import AlertRule, Origin
from devices.models import MachineKind, TemperaturePoint

WINNERS = {
    "proposed": "is smaller",
    "own": "is larger and holds",
    "urgent": "would lie over the urgent limit, which caps it",
}


def basis_text(rule: AlertRule) -> str:
    """Empty for a person's own rule."""
    if rule.origin == Origin.EARLIER:
        return "Default of an earlier release, the same for every machine"
    if rule.origin == Origin.PERSON or not rule.basis:
        return ""
    text = "; ".join(basis_parts(rule.basis, rule.metric))
    return f"{text}; changed by a person" if rule.origin == Origin.EDITED else text


def basis_parts(basis: dict[str, Any], metric: str) -> Iterator[str]:
    if basis.get("from") == "rating":
        proposed = with_unit(metric, format_number(basis["proposed_level"]))
        yield f"{kind_label(basis)}{rating_clause(basis)} = {proposed}"
    elif basis.get("from") == "kind":
        point = dict(TemperaturePoint.choices).get(basis["temperature_point"], "")
        level = with_unit(metric, format_number(basis["proposed_level"]))
        yield f"{kind_label(basis)}{point.lower()}: {level}"
    else:
        yield "Default of every machine"
    if "own_p99" in basis:
        yield own_clause(basis, metric)


def kind_label(basis: dict[str, Any]) -> str:
    label = dict(MachineKind.choices).get(basis.get("machine_kind", ""), "")
    return f"{label}, " if label else ""


def rating_clause(basis: dict[str, Any]) -> str:
    rated, load = (format_number(basis[name]) for name in ("rated_kw", "full_load_kw"))
    share = format_number(basis["share"] * 100)
    return f"rating {rated} kW: {load} kW at full load ({basis['full_load_words']}) × {share} %"


def own_clause(basis: dict[str, Any], metric: str) -> str:
    p99, level = (with_unit(metric, format_number(basis[name])) for name in ("own_p99", "own_level"))
    return f"its own 99th percentile under load, {p99} × 1.10 = {level}, {WINNERS[basis['winner']]}"
