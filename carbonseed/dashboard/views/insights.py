"""Insights, as a page and over the API: it lives here because the limits it counts against are the alerts'."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from alerts.models import AlertRule
from carbonseed.dashboard.alert_limits import alert_bounds
from core.conditional_get import conditional_response
from core.openapi_parameters import ErrorSerializer
from devices.models import Device
from factories.permissions import MAX_ID, current_factory, factory_from_request, requires_right, rights_in
from factories.roles import Right
from telemetry.analytics.insights import PERIODS, insights
from telemetry.etags import factory_etag, whole_minute
from telemetry.metrics import BY_NAME

PERIOD_LABELS = {"24h": "24 hours", "7d": "7 days", "30d": "30 days"}


class InsightsQuery(serializers.Serializer):
    period = serializers.ChoiceField(list(PERIODS), default="24h")
    factory_id = serializers.IntegerField(min_value=0, max_value=MAX_ID, required=False)


class InsightMetrics(serializers.Serializer):
    avg_temperature = serializers.FloatField(allow_null=True, help_text="°C")
    max_temperature = serializers.FloatField(allow_null=True, help_text="°C")
    avg_gas_index = serializers.FloatField(allow_null=True, help_text="indicative, no unit")
    vibration_health_score = serializers.FloatField(allow_null=True, help_text="0–100, the lowest machine's")
    device_uptime_percentage = serializers.FloatField(allow_null=True)
    anomalies_detected = serializers.IntegerField(help_text="readings beyond an enabled limit")
    energy_consumption = serializers.FloatField(allow_null=True, help_text="kWh, gaps left out")


class InsightsSerializer(serializers.Serializer):
    period = serializers.ChoiceField(list(PERIODS))
    factory_id = serializers.IntegerField()
    metrics = InsightMetrics()
    explanation = serializers.DictField(help_text="per figure: window, baseline, formula, coverage_percent")
    rolling_averages = serializers.DictField(help_text="per metric: means over windows that end now")
    thresholds = serializers.ListField(child=serializers.DictField(), help_text="readings beyond each limit")
    devices = serializers.ListField(child=serializers.DictField(), help_text="health of each, with the parts of it")
    baselines = serializers.ListField(
        child=serializers.DictField(), help_text="the last finished quarter hour against its usual level, by machine"
    )
    power_doubts = serializers.ListField(
        child=serializers.DictField(),
        help_text="machines whose power seems to be in another unit than their profile says",
    )
    generated_at = serializers.DateTimeField()


class InsightsView(APIView):
    @extend_schema(
        operation_id="insights",
        parameters=[InsightsQuery],
        responses={
            200: InsightsSerializer,
            304: None,
            400: OpenApiTypes.OBJECT,
            401: ErrorSerializer,
            403: ErrorSerializer,
            404: ErrorSerializer,
        },
    )
    def get(self, request):
        """Figures of the last day, week or month of a factory, each with how it was made; as of the last minute.

        With `If-None-Match` of the last answer's `ETag`: 304 while nothing has changed.
        """
        query = InsightsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        factory, now = factory_from_request(request, Right.SEE), whole_minute(timezone.now())
        period = query.validated_data["period"]
        variant = ("insights", request.user.pk, sorted(rights_in(request.user, factory)), period, now)
        tag = factory_etag(factory, AlertRule.objects.for_factory(factory), variant=variant)
        return conditional_response(
            request, tag, lambda: Response(serialize_insights(factory, gather_insights(factory, period, now), now))
        )


def serialize_insights(factory, figures, now):
    return {
        "period": figures.period,
        "factory_id": factory.pk,
        "metrics": figures.metrics(),
        "explanation": figures.explanation(),
        "rolling_averages": figures.rolling,
        "thresholds": [serialize_threshold(row) for row in figures.thresholds],
        "devices": [serialize_health(row) for row in figures.machines],
        "baselines": [serialize_baseline(row) for row in figures.level_deviations],
        "power_doubts": [serialize_unit_check(row) for row in figures.power_doubts],
        "generated_at": now,
    }


def gather_insights(factory, period, now):
    devices = list(Device.objects.for_factory(factory).current().select_related("factory"))
    bounds, titles = alert_bounds(devices)
    return insights(devices, period, now, bounds, titles)


def serialize_threshold(row):
    return {
        "device_id": row.device_pk,
        "machine": row.machine,
        "metric": row.metric,
        "title": row.title,
        "readings": row.readings,
        "baseline": row.baseline,
    }


def serialize_health(row):
    """A machine's score and what it is made of; `value` is null where a part could not be computed."""
    return {
        "device_id": row.device_pk,
        "machine": row.label,
        "health_score": row.health.score,
        "suspect": row.suspect,
        "parts": [
            {key: getattr(part, key) for key in ("name", "weight", "value", "coverage_percent", "words")}
            for part in row.health.parts
        ],
    }


def serialize_baseline(row):
    """`usual_low` and `usual_high` lie 3.5 robust deviations from the median; power in kW."""
    comparison, usual = row.comparison, row.comparison.usual
    return {
        "device_id": comparison.device_pk,
        "machine": row.machine,
        "metric": comparison.metric,
        "at": comparison.at,
        "value": comparison.value,
        "median": usual.median,
        "mad": usual.mad,
        "weeks": usual.weeks,
        "z": comparison.z,
        "usual_low": usual.low,
        "usual_high": usual.high,
        "is_unusual": comparison.is_unusual,
        "since": row.since,  # of the unusual stretch
        "may_be_earlier": row.may_be_earlier,  # no further back was looked
        "words": row.words,
    }


def serialize_unit_check(row):
    names = ("machine", "typical_kw", "expected_kw", "against", "since", "suggested", "words")
    return {"device_id": row.device_pk, **{name: getattr(row, name) for name in names}}


@require_safe
@requires_right(Right.SEE)
def insights_page(request):
    factory = current_factory(request)
    if factory is None:
        return render(request, "dashboard/insights.html")
    period = request.GET.get("period", "24h")
    period = period if period in PERIODS else "24h"
    figures = gather_insights(factory, period, timezone.now())
    context = {
        "insights": figures,
        "period": period,
        "periods": PERIOD_LABELS,
        "length": PERIOD_LABELS[period],
        "rolling": [rolling_row(name, windows) for name, windows in figures.rolling.items()],
        "crossed": [row for row in figures.thresholds if row.readings or row.baseline],
        "unusual": [row for row in figures.level_deviations if row.comparison.is_unusual],
        "within_limits": sum(not (row.readings or row.baseline) for row in figures.thresholds),
    }
    return render(request, "dashboard/insights.html", context)


def rolling_row(name, windows):
    """(metric, its windows with a label, unit) for a row of the table."""
    metric = BY_NAME[name]
    with_labels = [{**window, "label": window_label(window["hours"])} for window in windows]
    unit = {"power_consumption": "kW", "gas_index": ""}.get(name, metric.unit)
    return metric, with_labels, unit


def window_label(hours):
    return f"{hours / 24:.0f} days" if hours > 24 else f"{hours:.0f} h"
