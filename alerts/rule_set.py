"""Rule set of a device: default rules, overrides of factory-wide rules, and revising or archiving a rule."""

from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_save
from django.dispatch import receiver

from alerts import lifecycle
from alerts.models import Alert, AlertRule, EvaluationState, RuleKind, Severity
from devices.models import Device

DEFAULT_RULES = [  # of a new device; people change them
    ("temperature", RuleKind.ABOVE, 900, Severity.CRITICAL),
    ("gas_index", RuleKind.ABOVE, 400, Severity.WARNING),
    ("vibration", RuleKind.ABOVE, 5, Severity.WARNING),
    ("vibration", RuleKind.ABOVE, 8, Severity.CRITICAL),
    ("power_consumption", RuleKind.ABOVE, 50, Severity.WARNING),
    ("", RuleKind.SILENCE, None, Severity.WARNING),
]

METRICS_BY_DEVICE_TYPE = {  # device types that measure only these get the default rules of these
    "meter": ("power_consumption",),
    "vibration": ("vibration",),
    "gas": ("gas_index",),
    "temperature": ("temperature",),
    "gateway": (),
}


def default_rules_for(device_type) -> list:
    """Default rules of a device type: "Energy meter" gets power and silence, "ESP32" all of them."""
    type_name = device_type.lower()
    metrics = next((names for word, names in METRICS_BY_DEVICE_TYPE.items() if word in type_name), None)
    return [row for row in DEFAULT_RULES if metrics is None or row[0] in ("", *metrics)]


@receiver(post_save, sender=Device, dispatch_uid="default_rules_of_a_new_device")
def on_device_created(sender, instance, created, raw, **_) -> None:
    if created and not raw:
        add_defaults(instance)


def add_defaults(device):
    """Add the default rules that `device` has no equivalent of → the new rules."""
    own = AlertRule.objects.current().filter(device=device)
    existing_keys = {(rule.metric, rule.kind, rule.severity) for rule in own}
    new_rules = [
        AlertRule(factory_id=device.factory_id, device=device, metric=metric, kind=kind, level=level, severity=severity)
        for metric, kind, level, severity in default_rules_for(device.device_type)
        if (metric, kind, severity) not in existing_keys
    ]
    for rule in new_rules:
        rule.title = rule.default_title
    return AlertRule.objects.bulk_create(new_rules)


def copy_rules(source, target):
    """Copy the rules of `source` that `target` has no equivalent of → the new rules."""
    existing_keys = {override_key(rule) for rule in AlertRule.objects.current().filter(device=target)}
    new_rules = []
    for rule in AlertRule.objects.current().filter(device=source):
        if override_key(rule) not in existing_keys:
            rule.pk, rule.device, rule.factory_id = None, target, target.factory_id
            rule._state.adding = True
            new_rules.append(rule)
    return AlertRule.objects.bulk_create(new_rules)


def by_machine(factory):
    """[(device or None for every machine, its rules)] of a factory, for the page; two queries.

    A factory-wide rule carries `overridden_on`: the labels of the machines with a rule that overrides it.
    """
    devices = list(Device.objects.for_factory(factory).current())
    groups = {None: []} | {device.pk: [] for device in devices}
    for rule in AlertRule.objects.current().for_factory(factory):
        if rule.device_id in groups:
            groups[rule.device_id].append(rule)
    for wide in groups[None]:
        wide.overridden_on = [
            device.label
            for device in devices
            if any(rule.is_enabled and override_key(rule) == override_key(wide) for rule in groups[device.pk])
        ]
    return [(None, groups[None])] + [(device, groups[device.pk]) for device in devices]


def override_key(rule) -> tuple:
    """Of two rules with the same key, a device's own overrides the factory's."""
    return rule.kind, rule.metric, rule.severity


def rules_for(devices, **filters) -> dict:
    """{device pk: its rules in force}, in one query: own ones, and factory-wide ones that none of its own overrides.

    `filters` narrow them: `kind="silence"`.
    """
    factories = {device.factory_id for device in devices}
    rows = AlertRule.objects.in_force().filter(Q(device__in=devices) | Q(device=None, factory__in=factories), **filters)
    own, wide = {}, {}
    for rule in rows.order_by("pk"):
        if rule.device_id:
            own.setdefault(rule.device_id, []).append(rule)
        else:
            wide.setdefault(rule.factory_id, []).append(rule)
    return {device.pk: apply_overrides(own.get(device.pk, []), wide.get(device.factory_id, [])) for device in devices}


def apply_overrides(own, wide):
    own_keys = {override_key(rule) for rule in own}
    return own + [rule for rule in wide if override_key(rule) not in own_keys]


@transaction.atomic
def revise(rule, changes, *, now) -> None:
    """Edit a rule. Where its terms change, its open alerts are closed and its evaluation states reset.

    A title that was generated from the limit is generated again.
    """
    lock_devices(rule)
    terms_before, default_title = terms_in_force(rule), rule.default_title
    for name, value in changes.items():
        setattr(rule, name, value)
    if rule.title == default_title:
        rule.title = ""
    rule.save()
    if terms_in_force(rule) != terms_before:
        reset_evaluation(rule, now=now)


def terms_in_force(rule) -> tuple:
    """What must change for an edit to close open alerts."""
    return rule.terms, rule.is_enabled


@transaction.atomic
def archive(rule, *, now) -> None:
    """Take a rule out of force; past alerts keep their reference to it."""
    lock_devices(rule)
    rule.archived_at = rule.archived_at or now
    rule.save(update_fields=["archived_at"])
    reset_evaluation(rule, now=now)


def lock_devices(rule) -> None:
    """Lock the devices of this rule against evaluation, which would otherwise write back its old state."""
    devices = Device.objects.filter(factory=rule.factory_id).order_by("pk")
    if rule.device_id:
        devices = devices.filter(pk=rule.device_id)
    list(devices.select_for_update(no_key=True).values_list("pk"))


def reset_evaluation(rule, *, now) -> None:
    for alert in Alert.objects.open().filter(rule=rule).select_related("device__factory"):
        lifecycle.close(alert, now=now, reason=lifecycle.RULE_CHANGED)
    EvaluationState.objects.filter(rule=rule).update(crossed_since=None, has_fired=False)
