"""What the page of a machine asks, so that its default limits can follow from the answer."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from alerts import rule_set
from alerts.default_limits.limits import Machine, is_measured
from alerts.default_limits.renewal import has_earlier_defaults, machine_of
from alerts.models import RuleKind
from devices.kind_suggestions import suggest_kind
from devices.models import Device

NOTHING_ELSE = "Until then only silence and sensor faults alert."
NO_DEFAULTS = "Until then it has no default limits: only silence, sensor faults and rules that people made alert."
EARLIER = (
    "It still has the limits that an earlier release gave to every machine. Those of its kind can take their place."
)


class LimitsQuestion(NamedTuple):
    """`sentences` to show; `suggested_kind`: label of the kind that the machine's name suggests, or empty."""

    sentences: list[str]
    suggested_kind: str


def limits_question(device: Device, now: datetime) -> LimitsQuestion | None:
    """What to ask about `device`; None where nothing is missing."""
    if has_earlier_defaults(device):
        sentences = [EARLIER]
    else:
        metrics = [rule.metric for rule in rule_set.rules_for([device])[device.pk] if rule.kind != RuleKind.SILENCE]
        sentences = list(missing_facts(machine_of(device, now), metrics))
    suggested = "" if device.machine_kind else suggest_kind(device.machine_name, device.device_name)
    return LimitsQuestion(sentences, suggested.label if suggested else "") if sentences else None


def missing_facts(machine: Machine, metrics: list[str]) -> Iterator[str]:
    """Sentences about what is not said. `metrics`: of the limits in force, whoever made them."""
    if not machine.kind and not machine.rated_kw and is_measured("power_consumption", machine):
        yield f"Which machine is this, and what is its rated power? {NO_DEFAULTS if metrics else NOTHING_ELSE}"
        return
    if not machine.kind:
        wide = "its limits on power are wide, and " if is_measured("power_consumption", machine) else ""
        yield f"Which machine is this? Until then {wide}no limit on temperature is proposed."
    elif not machine.rated_kw and is_open("power_consumption", machine, metrics):
        yield "What is its rated power? Until then no limit on its power alerts."
    if machine.proposal.temperatures and not machine.temperature_point and is_open("temperature", machine, metrics):
        yield "What does its temperature sensor measure? Until then no limit on its temperature alerts."


def is_open(metric: str, machine: Machine, metrics: list[str]) -> bool:
    """Whether the machine's device may send the metric, and nobody has set a limit on it."""
    return metric not in metrics and is_measured(metric, machine)
