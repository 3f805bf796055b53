"""Context of the page of one machine: charts with limits and alert marks, events, data quality."""

from datetime import UTC, datetime, timedelta

from django.db.models import Max, Q, Sum
from django.urls import NoReverseMatch, reverse

from alerts.models import Alert, AlertRule, RuleKind
from carbonseed.dashboard.machines import figure
from telemetry.analytics.anomalies import level_deviations
from telemetry.analytics.machine_doubts import doubts_of
from telemetry.ingest.rejections import MEANINGS
from telemetry.metrics import BY_NAME
from telemetry.models import DayFile, QuarterHour, RefusalCount
from telemetry.queries.metric_uptime import metric_uptimes
from telemetry.queries.summary import summarise
from telemetry.queries.timeseries import buckets

# In this order; the single axes only when requested, the worst axis stands for them.
DEFAULT_METRICS = ["temperature", "power_consumption", "vibration", "gas_index", "humidity", "pressure", "energy_kwh"]
OPTIONAL_METRICS = ["vibration_x", "vibration_y", "vibration_z"]
DEFAULT_METRICS += [name for name in BY_NAME if name not in {*DEFAULT_METRICS, *OPTIONAL_METRICS}]
TABLE_ROWS = 92
MAX_EVENTS = 40
MAX_GAPS = 100
MAX_UPTIME_SPAN = timedelta(days=92)  # of each metric: beyond it a year of quarter hours would be read for one column


def reported_metrics(device, now) -> list:
    """Names of the metrics this device sent in the last 30 days, in the order of the charts."""
    counts = QuarterHour.objects.filter(device_id=device.pk, starts_at__gte=now - timedelta(days=30)).aggregate(
        **{name: Sum(f"{name}_count") for name in BY_NAME}
    )
    return [name for name in [*DEFAULT_METRICS, *OPTIONAL_METRICS] if counts[name]]


def build_charts(device, span, available, requested, now) -> list:
    """One entry per chart: what the script needs to draw it, and a table of the same buckets for everybody else."""
    names = [name for name in available if name in requested] or [name for name in available if name in DEFAULT_METRICS]
    if not names:
        return []
    limits = chart_limits(device, names)
    table = buckets(device, span.start, span.end, metrics=names, now=now, resolution=table_resolution(span))
    return [
        {
            "name": name,
            "label": BY_NAME[name].label,
            "unit": BY_NAME[name].shown_unit,
            "decimals": BY_NAME[name].decimals,
            "limits": limits.get(name, []),
            "rows": table_rows(table, name, span),
        }
        for name in names
    ]


def table_resolution(span) -> str:
    """Resolution of the tables: about as many rows as one reads."""
    days = (span.end - span.start) / timedelta(days=1)
    return "15m" if days <= 0.25 else "1h" if days <= 2 else "1d"


def table_rows(table, name, span):
    """(moment, min, mean, max), newest first; None without readings. Of a long span the last 92."""
    series = table["series"][name]
    columns = zip(table["t"], series["min"], series["mean"], series["max"], strict=True)
    oldest_first = [(datetime.fromtimestamp(t, UTC), low, mean, high) for t, low, mean, high in columns]
    return [row for row in reversed(oldest_first) if row[0] < span.end][:TABLE_ROWS]


def metric_choices(available, charts) -> list:
    """The metrics one can chart, and whether each is charted now."""
    charted = {chart["name"] for chart in charts}
    return [(name, BY_NAME[name].label, name in charted) for name in available]


def chart_settings(device, span, charts, alerts, now) -> dict:
    """What the script gets as JSON: where to ask, for which span, and what to draw over the answer."""
    return {
        "device": device.pk,
        "url": reverse("api_timeseries"),
        "zone": device.factory.time_zone,
        "start": span.start.timestamp(),
        "end": span.end.timestamp(),
        "now": now.timestamp(),
        "live": span.is_live,
        "interval": device.profile_at(now).interval_s,
        "charts": [{key: value for key, value in chart.items() if key not in ("rows", "suspect")} for chart in charts],
        "alerts": alert_marks(alerts),
    }


def data_quality(device, span, now) -> dict:
    """The summary of the span, capture and uptime of each metric it sends, and its silences, newest first."""
    summary = summarise(device, span.start, span.end, now)
    is_long = span.end - span.start > MAX_UPTIME_SPAN
    uptimes = {} if is_long else metric_uptimes(device, summary)
    sent = [
        name
        for name in [*DEFAULT_METRICS, *OPTIONAL_METRICS]
        if name in summary.metrics and has_values(summary.metrics[name])
    ]
    return {
        "summary": summary,
        "metrics": [
            {"label": BY_NAME[name].label, "metric": summary.metrics[name], "uptime_percent": uptimes.get(name)}
            for name in sent
        ],
        "is_long": is_long,
        "gaps": summary.gaps[::-1][:MAX_GAPS],
        "more_gaps": max(0, len(summary.gaps) - MAX_GAPS),
        "unplanned": [gap for gap in summary.gaps if not gap.is_planned],
    }


def has_values(metric):
    return metric.count or metric.suspect


def with_suspect_counts(charts, quality) -> list:
    """Each chart with how many values of its metric are left out of it in the span."""
    metrics = quality["summary"].metrics
    return [{**chart, "suspect": metrics[chart["name"]].suspect} for chart in charts]


def anomaly_notes(device, now) -> dict:
    """What stands beside the charts: now against the usual level, and the doubts about its units and counters."""
    return {"level_deviations": level_deviations([device], now), "doubts": doubts_of(device, now)}


def latest_figures(machine):
    """The latest values as figures, in the order of the charts; an implausible value is marked as suspect."""
    figures = []
    for name in DEFAULT_METRICS:
        if name in machine.values:
            figures.append(figure(name, machine.values[name]))
        elif name in machine.suspect:
            figures.append({**figure(name, machine.suspect[name]), "suspect": True})
    return figures


def chart_limits(device, names):
    """Metric → levels of the rules in force for this device; the gas index's are its own index, never a legal limit."""
    rules = (
        AlertRule.objects.for_factory(device.factory)
        .in_force()
        .filter(Q(device=device) | Q(device=None), metric__in=names)
        .filter(kind__in=[RuleKind.ABOVE, RuleKind.BELOW])
        .exclude(level=None)
    )
    by_metric = {}
    for rule in rules:
        by_metric.setdefault(rule.metric, []).append(
            {"level": rule.level, "severity": rule.severity, "title": rule.title, "kind": rule.kind}
        )
    return by_metric


def alerts_in(device, span) -> list:
    """Alerts that were open at some time in the span and not withdrawn, newest first."""
    return list(
        Alert.objects.for_factory(device.factory)
        .standing()
        .filter(device=device, triggered_at__lt=span.end)
        .filter(Q(resolved_at=None) | Q(resolved_at__gt=span.start))
        .order_by("-triggered_at")[:MAX_EVENTS]
    )


def alert_marks(alerts) -> list:
    """Alerts for the charts: where they began, what they say, where they open."""
    return [
        {
            "at": alert.triggered_at.timestamp(),
            "until": alert.resolved_at.timestamp() if alert.resolved_at else None,
            "metric": alert.alert_type,
            "severity": alert.severity,
            "title": alert.title,
            "url": alert_url(alert),
        }
        for alert in alerts
    ]


def alert_url(alert):
    try:
        return reverse("alert_detail", args=[alert.pk])
    except NoReverseMatch:
        return ""


def events(device, alerts, gaps, span):
    """What happened in the span, newest first: alerts, silences, units, keys and files of readings."""
    entries = [
        {"at": alert.triggered_at, "until": alert.resolved_at, "kind": "alert", "alert": alert, "url": alert_url(alert)}
        for alert in alerts
    ]
    entries += [{"at": gap.start, "until": gap.end, "kind": "gap"} for gap in gaps]
    entries += [{"at": unit.fitted_at, "kind": "fitted", "unit": unit.unit} for unit in device.hardware.all()]
    files = DayFile.objects.filter(device=device, state=DayFile.State.DONE).select_related("uploaded_by")
    files = files.filter(done_at__gte=span.start, done_at__lt=span.end)[:MAX_EVENTS]
    entries += [{"at": file.done_at, "kind": "import", "file": file} for file in files]
    for key in device.keys.all():
        entries.append({"at": key.created_at, "kind": "key", "key": key})
        if key.revoked_at:
            entries.append({"at": key.revoked_at, "kind": "revoked", "key": key})
    entries = [event for event in entries if overlaps(event, span)]
    return sorted(entries, key=lambda event: event["at"], reverse=True)[:MAX_EVENTS]


def overlaps(event, span):
    """A moment inside the span, or a stretch of time that reaches into it (one without an end still lasts)."""
    until = event.get("until", event["at"])
    return event["at"] < span.end and (until is None or until >= span.start)


def rejection_counts(device, now) -> list:
    """How often it was refused in the last seven days, per answer, and what that answer means."""
    rows = (
        RefusalCount.objects.filter(device=device, on__gte=(now - timedelta(days=7)).date())
        .values("status")
        .annotate(times=Sum("count"), last=Max("last_at"))
        .order_by("status")
    )
    return [{**row, "meaning": MEANINGS.get(row["status"], "")} for row in rows]
