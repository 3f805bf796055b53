"""Rule set of a device: overrides of factory-wide rules, and revising or archiving a rule."""

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from alerts import lifecycle
from alerts.models import Alert, AlertRule, EvaluationState, Origin
from devices.models import Device


def copy_rules(source, target):
    """Copy the rules of `source` that `target` has no equivalent of → the new rules."""
    existing_keys = {override_key(rule) for rule in AlertRule.objects.current().filter(device=target)}
    new_rules = []
    for rule in AlertRule.objects.current().filter(device=source):
        if override_key(rule) not in existing_keys:
            rule.pk, rule.device, rule.factory_id = None, target, target.factory_id
            rule.origin, rule.basis, rule.learning_until = Origin.PERSON, {}, None  # a person chose it for this machine
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


def revise(rule, changes, *, now) -> None:
    """A person edits a rule: a default limit is theirs from then on, and in force."""
    if any(getattr(rule, name) != value for name, value in changes.items()):
        changes = {**changes, **marks_of_a_person(rule)}
    change(rule, changes, now=now)


def marks_of_a_person(rule) -> dict:
    """Changes that make a default limit a person's: it is neither renewed nor silent any more."""
    origin = {Origin.DEFAULT: Origin.EDITED, Origin.EARLIER: Origin.PERSON}.get(rule.origin)
    return {"origin": origin.value, "learning_until": None} if origin else {}


@transaction.atomic
def change(rule, changes, *, now) -> None:
    """Change a rule. Where its terms change, its open alerts are closed and its evaluation states reset.

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
    """A person removes a rule: a default limit does not come back by itself."""
    change(rule, marks_of_a_person(rule), now=now)
    retire(rule, now=now)


@transaction.atomic
def retire(rule, *, now) -> None:
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
    judged_until = EvaluationState.objects.filter(rule=None, device=OuterRef("device")).values("evaluated_until")[:1]
    EvaluationState.objects.filter(rule=rule).update(
        crossed_since=None,
        has_fired=False,
        peak_value=None,
        peak_at=None,
        last_across_at=None,
        judged_since=Coalesce(Subquery(judged_until), F("evaluated_until")),  # as it is now, it judges nothing older
    )
