"""What devices said, for tests of what is judged: rows as the digest leaves them; and a webhook to be told by."""

from datetime import timedelta

from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import AlertRule, Channel
from alerts.notifications.channels import webhook
from core import secret_box
from telemetry.metrics import SUSPECT_BIT
from telemetry.models import LastSeen, ProcessedSpan, Reading
from telemetry.storage.partitions import ensure_span


def store_reading(device, at, suspect=(), **values):
    """A stored and digested reading of `device` at `at`; `suspect`: names of its implausible metrics."""
    store_readings(device, [(at, values)], suspect)


def store_readings(device, rows, suspect=()):
    """One batch of (at, values), stored and digested together."""
    moments = [at for at, _ in rows]
    ensure_span(min(moments), max(moments))
    bits = sum(SUSPECT_BIT[name] for name in suspect)
    Reading.objects.bulk_create([Reading(device=device, at=at, suspect=bits, **values) for at, values in rows])
    ProcessedSpan.objects.create(device=device, first_at=min(moments), last_at=max(moments))


def set_last_seen(device, at):
    """The last word of `device` came at `at`."""
    LastSeen.objects.update_or_create(device=device, defaults={"heard_at": at, "reading_at": at})


def only_rule(device, **fields):
    """`device` with one rule and no defaults."""
    AlertRule.objects.filter(device=device).delete()
    fields = {"metric": "temperature", "kind": "above", "level": 900, "severity": "critical"} | fields
    return AlertRule.objects.create(factory=device.factory, device=device, **fields)


def minutes(count):
    return timedelta(minutes=count)


def create_webhook(person, url, label="ERP"):
    secret = webhook.new_secret()
    sealed = secret_box.seal({"url": url, "secret": secret})
    return Channel.objects.create(
        user=person, kind="webhook", label=label, hint="erp", encrypted_credentials=sealed
    ), secret


def fire_alert(device, now, **values):
    store_reading(device, now, **(values or {"temperature": 950}))
    evaluate_new_readings(now)
