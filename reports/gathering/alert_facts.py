"""Process alerts of a period with their response (cause, corrective action, durations), as JSON."""

from django.db.models import Q

from alerts.lifecycle import SENSOR_TYPES
from alerts.models import Alert
from calculations.periods import iso
from calculations.quantities import decimal_of, text_of
from telemetry.metrics import BY_NAME

UNIT_BY_TYPE = {"energy_budget": "kWh", "data_capture": "%", "health_score": "of 100"}


def alerts_in_period(factory, start, end) -> list:
    """Process alerts open at any time in the period, oldest first.

    None that were withdrawn, and none about a sensor: those are in the data quality, as suspect or missing values.
    """
    rows = Alert.objects.for_factory(factory).standing().exclude(alert_type__in=SENSOR_TYPES)
    rows = rows.filter(triggered_at__lt=end)
    rows = rows.filter(Q(resolved_at=None) | Q(resolved_at__gte=start)).select_related("device", "acknowledged_by")
    return [alert_facts(alert, end) for alert in rows.order_by("triggered_at", "pk")]


def alert_facts(alert, end) -> dict:
    # State at the end of the period: alerts resolved later were still open then.
    ended_at = alert.resolved_at if alert.resolved_at and alert.resolved_at < end else None
    minutes = (ended_at - alert.triggered_at).total_seconds() / 60 if ended_at else None
    return {
        "id": alert.pk,
        "started_at": iso(alert.triggered_at),
        "ended_at": iso(ended_at),
        "minutes": text_of(decimal_of(minutes)),
        "machine": alert.device.label,
        "title": alert.title,
        "severity": alert.get_severity_display().lower(),
        "metric": alert.alert_type,
        **value_words(alert),
        "peak": text_of(decimal_of(alert.metric_value if alert.peak_value is None else alert.peak_value)),
        "level": text_of(decimal_of(alert.threshold_value)),
        "acknowledged_at": iso(alert.acknowledged_at),
        "acknowledged_by": str(alert.acknowledged_by) if alert.acknowledged_by else None,
        "noticed_at": iso(alert.created_at),
        "response_minutes": response_minutes(alert),
        "cause": alert.cause,
        "action": alert.action,
    }


def value_words(alert) -> dict[str, str]:
    """What the alert's values are, and their unit; of an alert that is about no metric its title says it."""
    metric = BY_NAME.get(alert.alert_type)
    if metric is not None:
        return {"value_label": metric.label, "unit": metric.shown_unit}
    return {"value_label": "", "unit": UNIT_BY_TYPE.get(alert.alert_type, "")}


def response_minutes(alert):
    """Minutes from creation of the alert to its acknowledgement, negative where it was acknowledged before it was
    noticed (its readings came late); None if not acknowledged."""
    if alert.acknowledged_at is None:
        return None
    return text_of(decimal_of((alert.acknowledged_at - alert.created_at).total_seconds() / 60))
