"""Brings the default limits of a machine in line with its kind, rating and measured point.

Only untouched ones move. What a person changed stays, what a person removed does not come back, and a machine that
still has the defaults of an earlier release keeps them until somebody asks for those of its kind (`use_defaults`).
"""

from datetime import datetime

from django.db import transaction

from alerts import rule_set
from alerts.default_limits.history import history_of
from alerts.default_limits.limits import DefaultLimit, Machine, default_limits
from alerts.models import AlertRule, Origin
from devices.models import Device, PowerKind


def machine_of(device: Device, now: datetime, own: dict[str, float] | None = None) -> Machine:
    """What the default limits of `device` follow from at `now`."""
    profile = device.profile_at(now)
    return Machine(
        kind=device.machine_kind,
        temperature_point=device.temperature_point,
        rated_kw=profile.rated_kw,
        device_type=device.device_type,
        own=own or {},
        sends_register=profile.power_kind == PowerKind.REGISTER,
    )


def has_earlier_defaults(device: Device) -> bool:
    return AlertRule.objects.current().filter(device=device, origin=Origin.EARLIER).exists()


@transaction.atomic
def renew(device: Device, now: datetime) -> list[AlertRule]:
    """Bring the untouched default limits up to date → those that are new."""
    if device.archived_at or has_earlier_defaults(device):
        return []
    return reconcile(device, now, removed_keys(device))


@transaction.atomic
def use_defaults(device: Device, now: datetime) -> list[AlertRule]:
    """A person asks for them: removed ones come back, those of an earlier release make room → those that are new."""
    for rule in AlertRule.objects.current().filter(device=device, origin=Origin.EARLIER):
        rule_set.retire(rule, now=now)
    return reconcile(device, now, removed=set())


def removed_keys(device: Device) -> set[str]:
    """Keys of the default limits that a person removed."""
    rows = AlertRule.objects.filter(device=device, origin=Origin.EDITED, archived_at__isnull=False)
    return {basis["key"] for basis in rows.values_list("basis", flat=True) if "key" in basis}


def reconcile(device: Device, now: datetime, removed: set[str]) -> list[AlertRule]:
    Device.objects.select_for_update(no_key=True).get(pk=device.pk)  # two at once would each make the same rules
    current = list(AlertRule.objects.current().filter(device=device))
    untouched = {rule.basis.get("key"): rule for rule in current if rule.origin == Origin.DEFAULT}
    taken = {rule_set.override_key(rule) for rule in current if rule.origin != Origin.DEFAULT}
    machine = machine_of(device, now, learned_levels(untouched.values()))
    wanted = {limit.key: limit for limit in default_limits(machine)}
    for key, rule in untouched.items():
        if key in wanted:
            update(rule, wanted[key], now)
        else:
            rule_set.retire(rule, now=now)
    new_limits = [
        limit
        for key, limit in wanted.items()
        if key not in untouched and key not in removed and (limit.kind, limit.metric, limit.severity) not in taken
    ]
    return [create(device, machine, limit, now) for limit in new_limits]


def learned_levels(rules) -> dict[str, float]:
    """{metric: its own 99th percentile} of the limits that learned it."""
    return {rule.metric: rule.basis["own_p99"] for rule in rules if "own_p99" in rule.basis}


def create(device: Device, machine: Machine, limit: DefaultLimit, now: datetime) -> AlertRule:
    """The rule of a default limit; one that learns is silent until the machine's history is long enough."""
    rule = AlertRule(factory_id=device.factory_id, device=device, origin=Origin.DEFAULT, **rule_fields(limit))
    if limit.learns:
        history = history_of(device, machine, limit.metric, now)
        rule.learning_until = now if history.is_known(now) else history.learned_at(now)
    rule.save()
    return rule


def update(rule: AlertRule, limit: DefaultLimit, now: datetime) -> None:
    fields = rule_fields(limit)
    if any(getattr(rule, name) != value for name, value in fields.items()):
        rule_set.change(rule, fields, now=now)


def rule_fields(limit: DefaultLimit) -> dict:
    return {
        "metric": limit.metric,
        "kind": limit.kind.value,
        "severity": limit.severity.value,
        "level": limit.level,
        "clear_level": limit.clear_level,
        "hold_seconds": limit.hold_seconds,
        "basis": limit.basis,
    }
