"""Which rules hold for a device: the defaults it is born with, its own before the factory's, and what an edit ends."""

from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_save
from django.dispatch import receiver

from alerts.lifecycle import transitions
from alerts.models import Alert, AlertRule, Kind, Severity, Watch
from devices.models import Device

DEFAULTS = [  # the limits a new device starts with; people set their own
    ("temperature", Kind.ABOVE, 900, Severity.CRITICAL),
    ("gas_index", Kind.ABOVE, 400, Severity.WARNING),
    ("vibration", Kind.ABOVE, 5, Severity.WARNING),
    ("vibration", Kind.ABOVE, 8, Severity.CRITICAL),
    ("power_consumption", Kind.ABOVE, 50, Severity.WARNING),
    ("", Kind.SILENCE, None, Severity.WARNING),
]

ONLY = {  # a type of device that measures less gets the same limits for what it measures
    "meter": ("power_consumption",),
    "vibration": ("vibration",),
    "gas": ("gas_index",),
    "temperature": ("temperature",),
    "gateway": (),
}


def template_of(device_type):
    """The default limits of a device's type: "Energy meter" gets power and silence, "ESP32" all of them."""
    words = device_type.lower()
    metrics = next((its for word, its in ONLY.items() if word in words), None)
    return [row for row in DEFAULTS if metrics is None or row[0] in ("", *metrics)]


@receiver(post_save, sender=Device, dispatch_uid="default_rules_of_a_new_device")
def greet_device(sender, instance, created, raw, **_):
    if created and not raw:
        add_defaults(instance)


def add_defaults(device):
    """Give `device` the default rules it has no rule of its own like → the rules made."""
    own = AlertRule.objects.current().filter(device=device)
    taken = {(rule.metric, rule.kind, rule.severity) for rule in own}
    made = [
        AlertRule(factory_id=device.factory_id, device=device, metric=metric, kind=kind, level=level, severity=severity)
        for metric, kind, level, severity in template_of(device.device_type)
        if (metric, kind, severity) not in taken
    ]
    for rule in made:
        rule.title = rule.default_title
    return AlertRule.objects.bulk_create(made)


def copy_rules(source, target):
    """Give `target` the rules of `source` it has no rule of its own like → the rules made."""
    taken = {alike(rule) for rule in AlertRule.objects.current().filter(device=target)}
    made = []
    for rule in AlertRule.objects.current().filter(device=source):
        if alike(rule) not in taken:
            rule.pk, rule.device, rule.factory_id = None, target, target.factory_id
            rule._state.adding = True
            made.append(rule)
    return AlertRule.objects.bulk_create(made)


def by_machine(factory):
    """[(device or None for every machine, its rules)] of a factory, for people to read; two queries.

    A factory-wide rule carries `stands_aside`: the machines whose own rules stand in for it.
    """
    devices = list(Device.objects.for_factory(factory).current())
    groups = {None: []} | {device.pk: [] for device in devices}
    for rule in AlertRule.objects.current().for_factory(factory):
        if rule.device_id in groups:
            groups[rule.device_id].append(rule)
    for wide in groups[None]:
        wide.stands_aside = [
            device.label
            for device in devices
            if any(rule.is_enabled and alike(rule) == alike(wide) for rule in groups[device.pk])
        ]
    return [(None, groups[None])] + [(device, groups[device.pk]) for device in devices]


def alike(rule):
    """Of two rules alike, a device's own stands in for the factory's."""
    return rule.kind, rule.metric, rule.severity


def rules_for(devices, **only):
    """{device pk: its rules in force}, in one query: own ones, and factory-wide ones nothing of its own stands in for.

    `only` narrows them: `kind="silence"`.
    """
    factories = {device.factory_id for device in devices}
    rows = AlertRule.objects.in_force().filter(Q(device__in=devices) | Q(device=None, factory__in=factories), **only)
    own, wide = {}, {}
    for rule in rows.order_by("pk"):
        if rule.device_id:
            own.setdefault(rule.device_id, []).append(rule)
        else:
            wide.setdefault(rule.factory_id, []).append(rule)
    return {device.pk: without_shadowed(own.get(device.pk, []), wide.get(device.factory_id, [])) for device in devices}


def without_shadowed(own, wide):
    taken = {alike(rule) for rule in own}
    return own + [rule for rule in wide if alike(rule) not in taken]


@transaction.atomic
def revise(rule, changes, *, now):
    """Edit a rule. Where it judges otherwise than before, its alerts end and its watches start anew.

    A title that was made from the limit follows the limit.
    """
    hold_judges(rule)
    before, made_title = terms_in_force(rule), rule.default_title
    for name, value in changes.items():
        setattr(rule, name, value)
    if rule.title == made_title:
        rule.title = ""
    rule.save()
    if terms_in_force(rule) != before:
        start_anew(rule, now=now)


def terms_in_force(rule):
    """What an edit must change for open alerts to mean nothing any more."""
    return rule.terms, rule.is_enabled


@transaction.atomic
def archive(rule, *, now):
    """The rule judges no more; its past alerts keep it."""
    hold_judges(rule)
    rule.archived_at = rule.archived_at or now
    rule.save(update_fields=["archived_at"])
    start_anew(rule, now=now)


def hold_judges(rule):
    """Wait for whoever judges the devices of this rule now, and let nobody begin: they would write back its past."""
    devices = Device.objects.filter(factory=rule.factory_id).order_by("pk")
    if rule.device_id:
        devices = devices.filter(pk=rule.device_id)
    list(devices.select_for_update(no_key=True).values_list("pk"))


def start_anew(rule, *, now):
    for alert in Alert.objects.open().filter(rule=rule).select_related("device__factory"):
        transitions.close(alert, now=now, why=transitions.RULE_CHANGED)
    Watch.objects.filter(rule=rule).update(crossed_since=None, has_fired=False)
