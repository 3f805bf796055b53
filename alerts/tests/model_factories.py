"""Rows of alerts for tests (factory-boy): a valid one each, of which a test names only what matters to it."""

from datetime import UTC, datetime, timedelta

from factory import LazyAttribute, Sequence
from factory.django import DjangoModelFactory

from alerts.models import (
    Alert,
    AlertRule,
    Channel,
    Delivery,
    EscalationStep,
    MaintenanceWindow,
    Preference,
)
from alerts.notifications.channels import webhook
from core import secret_box

AT = datetime(2025, 1, 16, 10, 30, tzinfo=UTC)  # the `now` of the suite


class AlertRuleMaker(DjangoModelFactory):
    """A limit of `device`, or with `device=None` of every device of `factory`."""

    class Meta:
        model = AlertRule

    factory = LazyAttribute(lambda rule: rule.device.factory)
    metric, kind, level, severity = "temperature", "above", 900, "critical"


def only_rule(device, **fields):
    """`device` with one rule and no defaults."""
    AlertRule.objects.filter(device=device).delete()
    return AlertRuleMaker(device=device, **fields)


class AlertMaker(DjangoModelFactory):
    """An active alert of `device`, raised by no rule."""

    class Meta:
        model = Alert

    factory = LazyAttribute(lambda alert: alert.device.factory)
    alert_type, severity = "temperature", "critical"
    title = "Temperature above 900 °C"
    message = "Main furnace is 950 °C."
    triggered_at = AT


class MaintenanceWindowMaker(DjangoModelFactory):
    """Two hours of work on `device`, or with `device=None` on every device of `factory`."""

    class Meta:
        model = MaintenanceWindow

    factory = LazyAttribute(lambda window: window.device.factory)
    starts_at = AT
    ends_at = LazyAttribute(lambda window: window.starts_at + timedelta(hours=2))
    reason = "New lining"


class EscalationStepMaker(DjangoModelFactory):
    class Meta:
        model = EscalationStep

    after_minutes = 15


class PreferenceMaker(DjangoModelFactory):
    class Meta:
        model = Preference


class ChannelMaker(DjangoModelFactory):
    """A webhook of `user` at `url`; `channel.credentials["secret"]` verifies what it is sent."""

    class Meta:
        model = Channel

    class Params:
        url = "https://erp.example.in/"

    kind = "webhook"
    label = Sequence(lambda number: f"ERP {number}")
    hint = "erp.example.in"
    encrypted_credentials = LazyAttribute(
        lambda channel: secret_box.seal({"url": channel.url, "secret": webhook.new_secret()})
    )


class DeliveryMaker(DjangoModelFactory):
    """A message about `alert` to `recipient`, by e-mail, not sent yet."""

    class Meta:
        model = Delivery

    created_at = AT
