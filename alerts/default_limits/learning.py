"""End of the silent learning time: a watch limit gets its final level and is notified from then on."""

from datetime import datetime, timedelta

from django.db import transaction

from alerts import rule_set
from alerts.default_limits import renewal
from alerts.default_limits.history import history_of
from alerts.default_limits.limits import default_limits
from alerts.models import AlertRule
from devices.models import Device

RECENT = timedelta(hours=2)  # longer than the task's period: a profile that was entered ahead begins in between


def finish_learning(now: datetime) -> int:
    """Finish the learning of every limit that is due → how many are in force now."""
    due = AlertRule.objects.current().filter(learning_until__lte=now).select_related("device__factory").order_by("pk")
    return sum(finish(rule, now) for rule in due)


@transaction.atomic
def finish(rule: AlertRule, now: datetime) -> bool:
    """Put `rule` in force if its machine is known well enough; else it goes on learning."""
    device = rule.device
    machine = renewal.machine_of(device, now)
    history = history_of(device, machine, rule.metric, now)
    if not history.is_known(now):
        AlertRule.objects.filter(pk=rule.pk).update(learning_until=history.learned_at(now))
        return False
    machine = machine._replace(own={rule.metric: history.p99})
    limit = next((limit for limit in default_limits(machine) if limit.key == rule.basis.get("key")), None)
    fields = renewal.rule_fields(limit) if limit else {}
    rule_set.change(rule, {**fields, "learning_until": None}, now=now)
    return True


def renew_where_a_profile_began(now: datetime) -> None:
    """A rating entered ahead of its time changes the limits when its time comes."""
    begun = Device.objects.current().filter(profiles__valid_from__gt=now - RECENT, profiles__valid_from__lte=now)
    for device in begun.distinct():
        renewal.renew(device, now)
