"""Filters of the lists of the API (django-filter)."""

from django.db.models import TextChoices
from django.utils import timezone
from django_filters import rest_framework as filters

from alerts.models import (
    RULE_METRIC_CHOICES,
    Alert,
    AlertRule,
    Channel,
    Delivery,
    EscalationStep,
    MaintenanceWindow,
    RuleKind,
    Severity,
)
from core.filters import IdFilter


class AlertFilter(filters.FilterSet):
    status = filters.ChoiceFilter(choices=Alert.Status.choices)
    severity = filters.ChoiceFilter(choices=Severity.choices)
    device_id = IdFilter()

    class Meta:
        model = Alert
        fields = []


class AlertRuleFilter(filters.FilterSet):
    device_id = IdFilter()
    metric = filters.ChoiceFilter(choices=RULE_METRIC_CHOICES)
    kind = filters.ChoiceFilter(choices=RuleKind.choices)
    is_enabled = filters.BooleanFilter()

    class Meta:
        model = AlertRule
        fields = []


class WindowState(TextChoices):
    UPCOMING = "upcoming", "Not begun yet"
    RUNNING = "running", "Now"
    PAST = "past", "Over"


class MaintenanceWindowFilter(filters.FilterSet):
    device_id = IdFilter()
    state = filters.ChoiceFilter(choices=WindowState.choices, method="by_state")

    class Meta:
        model = MaintenanceWindow
        fields = []

    def by_state(self, windows, name, state):
        now = timezone.now()
        if state == WindowState.PAST:
            return windows.filter(ends_at__lte=now)
        if state == WindowState.UPCOMING:
            return windows.filter(starts_at__gt=now)
        return windows.filter(starts_at__lte=now, ends_at__gt=now)


class EscalationStepFilter(filters.FilterSet):
    person_id = IdFilter()
    lowest = filters.ChoiceFilter(choices=Severity.choices)

    class Meta:
        model = EscalationStep
        fields = []


class NotificationChannelFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=Channel.Kind.choices)
    is_on = filters.BooleanFilter()

    class Meta:
        model = Channel
        fields = []


class DeliveryState(TextChoices):
    WAITING = "waiting", "Not sent yet"
    SENT = "sent", "Sent"
    GIVEN_UP = "given_up", "Given up"


class DeliveryFilter(filters.FilterSet):
    alert_id = IdFilter()
    channel_id = IdFilter()
    state = filters.ChoiceFilter(choices=DeliveryState.choices, method="by_state")

    class Meta:
        model = Delivery
        fields = []

    def by_state(self, deliveries, name, state):
        if state == DeliveryState.WAITING:
            return deliveries.unsent()
        field = "sent_at" if state == DeliveryState.SENT else "given_up_at"
        return deliveries.exclude(**{field: None})
