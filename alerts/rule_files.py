"""Rules as a JSON file: taken out of one factory, brought into another, the good part of a bad file kept."""

import json
from typing import NamedTuple

from django.core.exceptions import ValidationError

from alerts import rulebook
from alerts.models import AlertRule
from devices.models import Device

FORM, VERSION = "carbonseed alert rules", 1
FIELDS = ("metric", "kind", "level", "clear_level", "hold_seconds", "severity", "title", "is_enabled", "params")
MOST_RULES, LARGEST_BYTES = 2_000, 1024 * 1024


class BadRuleFile(ValueError):
    """Nothing of it can be read; the text says why."""


class Fault(NamedTuple):
    """Rule `number` of the file, from 1; the field, and what is wrong with it."""

    number: int
    field: str
    sentence: str

    def __str__(self):
        return f"Rule {self.number}, {self.field}: {self.sentence}"


class Brought(NamedTuple):
    """`made` rules, how many were `known` (there is one alike already), and what is wrong with the rest."""

    made: list
    known: int
    faults: list


def taken_out(factory) -> dict:
    """All current rules of a factory; machines by their device id, which another factory may have as well."""
    rows = AlertRule.objects.current().for_factory(factory).select_related("device").order_by("pk")
    return {
        "form": FORM,
        "version": VERSION,
        "rules": [
            {
                "device_id": rule.device.device_id if rule.device else None,
                **{name: getattr(rule, name) for name in FIELDS},
            }
            for rule in rows
        ],
    }


def read(content: bytes | str) -> list:
    """The rules of a file, unchecked. Raises BadRuleFile."""
    if len(content) > LARGEST_BYTES:
        raise BadRuleFile("The file is larger than 1 MB.")
    try:
        told = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadRuleFile(f"This is not JSON ({str(error)[:100]}).") from error
    if not isinstance(told, dict) or told.get("form") != FORM or not isinstance(told.get("rules"), list):
        raise BadRuleFile(f'An object with "form": "{FORM}" and "rules": […] is expected.')
    if told.get("version") != VERSION:
        raise BadRuleFile(f"Version {VERSION} of the form is understood.")
    if len(told["rules"]) > MOST_RULES:
        raise BadRuleFile(f"More than {MOST_RULES} rules.")
    return told["rules"]


def bring_in(factory, rules: list) -> Brought:
    """Make every rule that is sound and has none alike; name what is wrong with the others."""
    devices = {device.device_id: device for device in Device.objects.for_factory(factory).current()}
    taken = {(rule.device_id, *rulebook.alike(rule)) for rule in AlertRule.objects.current().for_factory(factory)}
    made, known, faults = [], 0, []
    for number, told in enumerate(rules, 1):
        rule, wrong = rule_of(factory, devices, told)
        if wrong:
            faults += [Fault(number, field, sentence) for field, sentence in wrong]
        elif (key := (rule.device_id, *rulebook.alike(rule))) in taken:
            known += 1
        else:
            taken.add(key)
            rule.save()
            made.append(rule)
    return Brought(made, known, faults)


def rule_of(factory, devices, told):
    """(rule not yet saved, []) or (None, [(field, sentence)])"""
    if not isinstance(told, dict):
        return None, [("rule", "An object is expected.")]
    if unknown := sorted(set(told) - {"device_id", *FIELDS}):
        return None, [(str(unknown[0])[:40], "This field is not known.")]
    name = told.get("device_id")
    if name is not None and (not isinstance(name, str) or name not in devices):
        return None, [("device_id", f"This factory has no machine with the device {str(name)[:64]!r}.")]
    rule = AlertRule(factory=factory, device=devices.get(name), **{n: told[n] for n in FIELDS if n in told})
    rule.title = rule.title or "-"  # checked below as given; made from the limit on saving
    try:
        rule.full_clean(exclude=["factory", "device"])
    except ValidationError as error:
        return None, [(field, " ".join(words)) for field, words in error.message_dict.items()]
    except (TypeError, ValueError, AttributeError, OverflowError):
        return None, [("rule", "A value has the wrong type.")]
    rule.title = "" if rule.title == "-" else rule.title
    return rule, []
