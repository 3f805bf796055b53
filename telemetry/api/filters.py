"""Filters of the API's lists (django-filter): an unknown value is a 400 naming the parameter."""

from datetime import timedelta

from django.db.models import QuerySet, TextChoices
from django.utils import timezone
from django_filters import rest_framework as filters

from core.filters import IdFilter
from telemetry.analytics.recommendations import DISPLAY_PERIOD
from telemetry.ingest.rejections import COUNTED_STATUSES
from telemetry.models import (
    DayFile,
    DayFileLine,
    DoubtfulStep,
    QuarantineItem,
    Recommendation,
    RefusalCount,
    UnitDoubt,
)

REFUSAL_DAYS = 7  # shown by default, as on the machine's page


class QuarantineFilter(filters.FilterSet):
    reason = filters.ChoiceFilter(choices=QuarantineItem.Reason.choices)
    state = filters.ChoiceFilter(choices=QuarantineItem.State.choices)
    device_id = IdFilter()

    class Meta:
        model = QuarantineItem
        fields = []


class DoubtfulStepFilter(filters.FilterSet):
    device_id = IdFilter()
    metric = filters.ChoiceFilter(choices=DoubtfulStep.Metric.choices)
    decision = filters.ChoiceFilter(choices=DoubtfulStep.Decision.choices)
    since = filters.IsoDateTimeFilter("after_at", "gte", help_text="of the second reading")
    until = filters.IsoDateTimeFilter("after_at", "lt")

    class Meta:
        model = DoubtfulStep
        fields = []


class UnitDoubtFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=UnitDoubt.Kind.choices)
    state = filters.ChoiceFilter(choices=UnitDoubt.State.choices)

    class Meta:
        model = UnitDoubt
        fields = []


class RecommendationState(TextChoices):
    ACTIVE = "active", "of the last week, not dismissed"
    DISMISSED = "dismissed", "dismissed"
    PAST = "past", "older than a week, never dismissed"


class RecommendationFilter(filters.FilterSet):
    detector = filters.CharFilter(max_length=30)
    state = filters.ChoiceFilter(choices=RecommendationState.choices, method="in_state", help_text="default: active")

    class Meta:
        model = Recommendation
        fields = []

    def __init__(self, data=None, *args, **kwargs):
        data = data.copy() if data is not None else {}
        if not data.get("state"):
            data["state"] = RecommendationState.ACTIVE
        super().__init__(data, *args, **kwargs)

    def in_state(self, recommendations, name, state) -> QuerySet:
        if state == RecommendationState.DISMISSED:
            return recommendations.exclude(dismissed_at=None)
        displayed_since, undismissed = timezone.now() - DISPLAY_PERIOD, recommendations.filter(dismissed_at=None)
        if state == RecommendationState.ACTIVE:
            return undismissed.filter(until__gt=displayed_since)
        return undismissed.filter(until__lte=displayed_since)


class DayFileFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=DayFile.State.choices)
    device_id = IdFilter()

    class Meta:
        model = DayFile
        fields = []


class DayFileLineFilter(filters.FilterSet):
    outcome = filters.ChoiceFilter(choices=DayFileLine.Outcome.choices)

    class Meta:
        model = DayFileLine
        fields = []


class RefusalFilter(filters.FilterSet):
    status = filters.ChoiceFilter(choices=[(status, status) for status in sorted(COUNTED_STATUSES)])
    since = filters.DateFilter("on", "gte", help_text=f"a date in UTC; default: {REFUSAL_DAYS} days ago")

    class Meta:
        model = RefusalCount
        fields = []

    def __init__(self, data=None, *args, **kwargs):
        data = data.copy() if data is not None else {}
        if not data.get("since"):
            data["since"] = (timezone.now() - timedelta(days=REFUSAL_DAYS)).date()
        super().__init__(data, *args, **kwargs)
