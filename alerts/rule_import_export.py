"""Import and export of rules as a JSON file, to back up, review or copy to another factory; machines by device id.

{"format": "carbonseed-rules", "version": 1, "rules": [{"device": "ESP32-SF-001" or null, "metric": …, "kind": …}]}.
Of a file with errors the valid rules are imported; each error names its rule (counted from 1) and the field.
"""

import json
from dataclasses import dataclass, field

from alerts import rule_set
from alerts.api.serializers import AlertRuleSerializer
from alerts.models import AlertRule
from devices.models import Device

FORMAT, VERSION = "carbonseed-rules", 1
MOST_RULES = 5_000
LARGEST_BYTES = 2_000_000
FIELDS = ("metric", "kind", "level", "clear_level", "hold_seconds", "severity", "title", "is_enabled", "params")


class InvalidRuleFile(ValueError):
    """The file as a whole cannot be read; the message gives the reason."""


@dataclass
class ImportResult:
    """Counts of an import. `errors`: {rule, field, error} each."""

    made: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list = field(default_factory=list)


def export_rules(factory) -> dict:
    rules = AlertRule.objects.current().for_factory(factory).select_related("device").order_by("pk")
    rows = [
        {"device": rule.device.device_id if rule.device else None} | {name: getattr(rule, name) for name in FIELDS}
        for rule in rules
        if rule.device is None or rule.device.archived_at is None
    ]
    return {"format": FORMAT, "version": VERSION, "factory": factory.name, "rules": rows}


def parse_file(content: bytes) -> dict:
    if len(content) > LARGEST_BYTES:
        raise InvalidRuleFile("The file is larger than 2 MB.")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidRuleFile("The file is not JSON.") from error


def import_rules(factory, document, *, now) -> ImportResult:
    """Upsert the rules of a parsed file; a machine's rule with the same kind, metric and severity is changed."""
    if not isinstance(document, dict) or document.get("format") != FORMAT or document.get("version") != VERSION:
        raise InvalidRuleFile(f'This is no file of rules: "format": "{FORMAT}" and "version": {VERSION} are expected.')
    rows = document.get("rules")
    if not isinstance(rows, list) or len(rows) > MOST_RULES:
        raise InvalidRuleFile(f"rules: a list of at most {MOST_RULES:,} is expected.")
    devices = {device.device_id: device for device in Device.objects.for_factory(factory).current()}
    result = ImportResult()
    for number, row in enumerate(rows, 1):
        problems = import_rule(factory, row, devices, result, now)
        result.errors += [{"rule": number, "field": name, "error": problem} for name, problem in problems.items()]
    return result


def import_rule(factory, row, devices, result, now) -> dict[str, str]:
    """Upsert one rule of the file → its errors, by field."""
    if not isinstance(row, dict):
        return {"rules": "An object is expected."}
    if unknown := sorted(set(row) - {"device", *FIELDS}):
        return {str(unknown[0])[:40]: "A rule has no such field."}
    device_id = row.get("device")
    if device_id is not None and (not isinstance(device_id, str) or device_id not in devices):
        return {"device": "This factory has no such device."}
    device = devices.get(device_id)
    serializer = AlertRuleSerializer(
        data={name: value for name, value in row.items() if name != "device"}, context={"factory": factory}
    )
    if not serializer.is_valid():
        return {name: " ".join(str(reason) for reason in reasons) for name, reasons in serializer.errors.items()}
    upsert_rule(AlertRule(factory=factory, device=device, **serializer.validated_data), result, now)
    return {}


def upsert_rule(rule, result, now) -> None:
    """Insert `rule`, or revise the equivalent one: the same title, or the only one with the same key."""
    rule.title = rule.title or rule.default_title
    candidates = AlertRule.objects.current().filter(
        factory=rule.factory, device=rule.device, kind=rule.kind, metric=rule.metric, severity=rule.severity
    )
    existing = candidates.filter(title=rule.title).first() or (candidates.first() if candidates.count() == 1 else None)
    if existing is None:
        rule.save()
        result.made += 1
        return
    changes = {name: getattr(rule, name) for name in FIELDS if getattr(rule, name) != getattr(existing, name)}
    if changes:
        rule_set.revise(existing, changes, now=now)
        result.changed += 1
    else:
        result.unchanged += 1
