"""Rules as a JSON file, to keep, to review or to bring to another factory: machines by their device id.

{"format": "carbonseed-rules", "version": 1, "rules": [{"device": "ESP32-SF-001" or null, "metric": …, "kind": …}]}.
Of a file with errors the good part is kept; each error names its rule (counted from 1) and the field.
"""

import json
from dataclasses import dataclass, field

from alerts.api.serializers import AlertRuleSerializer
from alerts.models import AlertRule
from alerts.rules import rule_set
from devices.models import Device

FORMAT, VERSION = "carbonseed-rules", 1
MOST_RULES = 5_000
LARGEST_BYTES = 2_000_000
FIELDS = ("metric", "kind", "level", "clear_level", "hold_seconds", "severity", "title", "is_enabled", "params")


class NotRules(ValueError):
    """The file as a whole cannot be read; the text says why."""


@dataclass
class Taken:
    """What became of a file's rules. `errors`: {rule, field, error} each."""

    made: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list = field(default_factory=list)


def exported(factory) -> dict:
    rules = AlertRule.objects.current().for_factory(factory).select_related("device").order_by("pk")
    rows = [
        {"device": rule.device.device_id if rule.device else None} | {name: getattr(rule, name) for name in FIELDS}
        for rule in rules
        if rule.device is None or rule.device.archived_at is None
    ]
    return {"format": FORMAT, "version": VERSION, "factory": factory.name, "rules": rows}


def parsed(content: bytes) -> dict:
    if len(content) > LARGEST_BYTES:
        raise NotRules("The file is larger than 2 MB.")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NotRules("The file is not JSON.") from error


def take_in(factory, document, *, now) -> Taken:
    """Make or change the rules of a parsed file. One that a machine has alike (kind, value, severity) is changed."""
    if not isinstance(document, dict) or document.get("format") != FORMAT or document.get("version") != VERSION:
        raise NotRules(f'This is no file of rules: "format": "{FORMAT}" and "version": {VERSION} are expected.')
    rows = document.get("rules")
    if not isinstance(rows, list) or len(rows) > MOST_RULES:
        raise NotRules(f"rules: a list of at most {MOST_RULES:,} is expected.")
    devices = {device.device_id: device for device in Device.objects.for_factory(factory).current()}
    taken = Taken()
    for number, row in enumerate(rows, 1):
        wrong = take_one(factory, row, devices, taken, now)
        taken.errors += [{"rule": number, "field": name, "error": why} for name, why in wrong.items()]
    return taken


def take_one(factory, row, devices, taken, now) -> dict[str, str]:
    """→ what is wrong with this rule, by field."""
    if not isinstance(row, dict):
        return {"rules": "An object is expected."}
    if unknown := sorted(set(row) - {"device", *FIELDS}):
        return {str(unknown[0])[:40]: "A rule has no such field."}
    named = row.get("device")
    if named is not None and (not isinstance(named, str) or named not in devices):
        return {"device": "This factory has no such device."}
    device = devices.get(named)
    form = AlertRuleSerializer(
        data={name: value for name, value in row.items() if name != "device"}, context={"factory": factory}
    )
    if not form.is_valid():
        return {name: " ".join(str(why) for why in reasons) for name, reasons in form.errors.items()}
    keep(AlertRule(factory=factory, device=device, **form.validated_data), taken, now)
    return {}


def keep(rule, taken, now):
    rule.title = rule.title or rule.default_title
    there = AlertRule.objects.current().filter(
        factory=rule.factory, device=rule.device, kind=rule.kind, metric=rule.metric, severity=rule.severity
    )
    same = there.filter(title=rule.title).first() or (there.first() if there.count() == 1 else None)
    if same is None:
        rule.save()
        taken.made += 1
        return
    changes = {name: getattr(rule, name) for name in FIELDS if getattr(rule, name) != getattr(same, name)}
    if changes:
        rule_set.revise(same, changes, now=now)
        taken.changed += 1
    else:
        taken.unchanged += 1
