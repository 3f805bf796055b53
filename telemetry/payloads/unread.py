"""What was seen in a reading that holds no metric, and what is read: the words of a 422. Pure."""

from typing import Any

from telemetry.metrics import AXES, METRIC_NAMES
from telemetry.payloads.names import field_of
from telemetry.payloads.sanitising import sanitise_text

MAX_NAMES = 5
OTHERS = [name for name in METRIC_NAMES if name not in AXES]
METRICS_ARE = f"metrics are: {', '.join([*OTHERS, 'vibration_x/y/z'])}"


def may_hold_a_metric(reading: dict) -> bool:
    """Whether a metric is there, even without a value; one that is a list or an object belongs to another format."""
    return any(
        name in reading and (reading[name] is None or isinstance(reading[name], int | float | str))
        for name in METRIC_NAMES
    )


def describe_unread(raw: dict) -> str:
    """What of `raw` is not where it is looked for, in one sentence, and the names that are read."""
    for look in (metrics_below, metric_as_value, nested_below):
        for name, value in raw.items():
            if seen := look(name, value):
                return f"{seen}; {METRICS_ARE}"
    names = ", ".join(sanitise_text(name) for name in list(raw)[:MAX_NAMES])
    more = f" and {len(raw) - MAX_NAMES} more" if len(raw) > MAX_NAMES else ""
    return f"holds no metric; seen: {names or 'nothing'}{more}; {METRICS_ARE}"


def metrics_below(name: str, value: Any) -> str:
    """An object, or one in it, that holds metrics."""
    if not isinstance(value, dict):
        return ""
    for where, inner in ((name, value), *((f"{name}.{deeper}", child) for deeper, child in value.items())):
        if metrics := metrics_in(inner):
            return f"{quoted(where)} is an object one level down that holds {', '.join(metrics)}: map it to the top"
    return ""


def metric_as_value(name: str, value: Any) -> str:
    """A metric's name under another name, as in a list of names and values."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return f"{quoted(name)} is a list of objects one level down: map it"
    if isinstance(value, str) and is_metric(value):
        return f"{quoted(name)} says {value}: a metric is a name with its value, {field_name(value)}=…"
    return ""


def nested_below(name: str, value: Any) -> str:
    if isinstance(value, dict):
        return f"{quoted(name)} is an object one level down: map it"
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        return f"{quoted(name)} is JSON inside a field: send it as the body itself"
    if isinstance(value, list) and value:
        return f"{quoted(name)} is a list of values: map each to the name of its metric"
    return ""


def metrics_in(value: Any) -> list[str]:
    return [sanitise_text(name) for name in value if is_metric(name)][:MAX_NAMES] if isinstance(value, dict) else []


def is_metric(name: str) -> bool:
    field = field_of(name)
    return field is not None and field.name in METRIC_NAMES


def field_name(name: str) -> str:
    field = field_of(name)
    return field.name if field else name


def quoted(name: str) -> str:
    return f"`{sanitise_text(name)}`"
