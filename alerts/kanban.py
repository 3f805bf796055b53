"""The alert board of a factory: act now, acknowledged, resolved today; and the chart of one alert."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Case, IntegerField, Value, When

from alerts import sparkline_svg
from alerts.evaluation.samples import merge_spans, readings_in, samples_of
from alerts.lifecycle import limit_of
from alerts.models import Alert
from alerts.rules.conditions import THRESHOLD_KINDS
from alerts.rules.validation import WHOLE_DEVICE_KINDS
from telemetry.analytics.baseline import compare
from telemetry.metrics import BY_NAME
from telemetry.queries.timeseries import buckets
from telemetry.signal.energy import GAP_INTERVALS

CARDS_PER_COLUMN = 30  # the rest is in the list of that state
AROUND_INTERVALS = 12
AROUND_LEAST, AROUND_MOST = timedelta(minutes=10), timedelta(hours=6)
CHART_BEFORE, CHART_AFTER = timedelta(hours=2), timedelta(hours=1)
CHART_POINTS = 240


class Card(NamedTuple):
    alert: Alert
    picture: sparkline_svg.Picture | None
    start: datetime | None
    end: datetime | None


class Column(NamedTuple):
    name: str
    title: str
    empty: str
    cards: list
    hidden_count: int  # alerts beyond CARDS_PER_COLUMN

    @property
    def total(self):
        return len(self.cards) + self.hidden_count


def alerts_of(factory, *, device=None, severity="", status=""):
    rows = Alert.objects.for_factory(factory).select_related(
        "device__factory", "acknowledged_by", "resolved_by", "assignee", "factory"
    )
    rows = rows.prefetch_related("device__profiles", "comments__author")
    filters = {"device": device, "severity": severity, "status": status}
    return rows.filter(**{name: value for name, value in filters.items() if value})


def columns(factory, now, **filters) -> list:
    """The three columns; worst first where something is to be done."""
    rows = alerts_of(factory, **filters)
    today = now.astimezone(factory.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    status = Alert.Status
    specs = [
        (status.ACTIVE, "Act now", "Nothing to act on.", worst_first(rows.filter(status=status.ACTIVE))),
        (
            status.ACKNOWLEDGED,
            "Acknowledged",
            "Nobody is at work on an alert.",
            worst_first(rows.filter(status=status.ACKNOWLEDGED)),
        ),
        (
            status.RESOLVED,
            "Resolved today",
            "Nothing was resolved today.",
            rows.filter(resolved_at__gte=today).order_by("-resolved_at", "-pk"),
        ),
    ]
    visible = [list(column_alerts[:CARDS_PER_COLUMN]) for *_, column_alerts in specs]
    cards = {
        card.alert.pk: card for card in cards_of([alert for column_alerts in visible for alert in column_alerts], now)
    }
    return [
        Column(name, title, empty, [cards[alert.pk] for alert in column_alerts], hidden_count(rows, column_alerts))
        for (name, title, empty, rows), column_alerts in zip(specs, visible, strict=True)
    ]


def hidden_count(rows, visible):
    """Number of alerts beyond those shown."""
    return rows.count() - CARDS_PER_COLUMN if len(visible) == CARDS_PER_COLUMN else 0


def worst_first(rows):
    order = [When(severity=severity, then=Value(rank)) for rank, severity in enumerate(("critical", "warning"))]
    return rows.order_by(Case(*order, default=Value(2), output_field=IntegerField()), "-triggered_at", "-pk")


def cards_of(alerts, now) -> list:
    """A card each, with its picture; one query for all readings."""
    spans, windows = {}, {}
    for alert in alerts:
        if has_limit(alert):
            windows[alert.pk] = window(alert, now)
            spans.setdefault(alert.device_id, []).append(windows[alert.pk])
    readings = readings_in({pk: merge_spans(device_spans) for pk, device_spans in spans.items()})
    return [card_of(alert, readings[alert.device_id], windows.get(alert.pk)) for alert in alerts]


def has_limit(alert) -> bool:
    return alert.terms.get("kind") in THRESHOLD_KINDS


def window(alert, now) -> tuple:
    """A dozen intervals around the moment."""
    interval = timedelta(seconds=alert.device.profile_at(alert.triggered_at).interval_s)
    around = min(max(AROUND_INTERVALS * interval, AROUND_LEAST), AROUND_MOST)
    return alert.triggered_at - around, min(alert.triggered_at + around, max(now, alert.triggered_at))


def card_of(alert, readings, span) -> Card:
    if span is None:
        return Card(alert, None, None, None)
    start, end = span
    samples = samples_of(alert.device, alert.terms["metric"], [r for r in readings if start <= r.at <= end])
    points = [sparkline_svg.Point(at, value, value, value) for at, value, _ in samples]
    return Card(alert, picture_of(alert, points, start, end), start, end)


def picture_of(alert, points, start, end, step_s=0, lines=None):
    gap_s = max(GAP_INTERVALS * alert.device.profile_at(alert.triggered_at).interval_s, 2 * (step_s or 0))
    return sparkline_svg.draw(
        points,
        start=start,
        end=end,
        limits=limit_levels(alert) if lines is None else lines,
        gap_s=gap_s,
        since=alert.triggered_at,
        until=alert.resolved_at,
    )


def limit_levels(alert) -> list:
    limit = limit_of(alert)
    return [limit.low, limit.high] if limit.kind == "outside" else [limit.level]


def alert_metric(alert):
    """The metric to chart for an alert; None where it was not evaluated on a single one."""
    terms = alert.terms
    name = terms.get("metric") or next(iter(terms.get("metrics", [])), "")
    return name if name in BY_NAME and terms.get("kind") not in WHOLE_DEVICE_KINDS else None


def lines_of(alert, metric) -> tuple:
    """(levels to draw, their label)"""
    kind = alert.terms.get("kind")
    if kind in THRESHOLD_KINDS:
        return limit_levels(alert), "the limit set in this factory"
    if kind == "baseline":
        quarter_at = alert.triggered_at - timedelta(microseconds=1)  # the quarter hour that ended then
        [comparison] = [c for c in compare([alert.device], [quarter_at], [metric]) if c.usual] or [None]
        return (
            ([comparison.usual.low, comparison.usual.high], "the usual range at that time of the week")
            if comparison
            else ([], "")
        )
    return [], ""


class Chart(NamedTuple):
    """The value around an alert, from the same buckets as every other chart."""

    picture: sparkline_svg.Picture | None
    rows: list  # sparkline_svg.Point each, for the table
    start: datetime
    end: datetime
    label: str
    unit: str
    decimals: int
    limits: list
    limits_label: str
    clear_level: float | None
    has_first_value: bool  # the alert's values are this metric's own, no rate or deviation


def chart_of(alert, now) -> Chart | None:
    """From two hours before the alert to an hour after its end, or to now; None without a single metric."""
    metric = alert_metric(alert)
    if metric is None:
        return None
    start = alert.triggered_at - CHART_BEFORE
    end = min((alert.resolved_at or now) + CHART_AFTER, max(now, alert.triggered_at + CHART_AFTER))
    chart_data = buckets(alert.device, start, end, points=CHART_POINTS, metrics=[metric], now=now)
    points = list(points_in(chart_data, metric, alert.factory.zone))
    lines, lines_are = lines_of(alert, metric)
    return Chart(
        picture=picture_of(alert, points, start, end, chart_data.get("step_s"), lines),
        rows=points,
        start=start,
        end=end,
        label=BY_NAME[metric].label,
        unit=BY_NAME[metric].shown_unit,
        decimals=BY_NAME[metric].decimals,
        limits=lines,
        limits_label=lines_are,
        clear_level=alert.terms.get("clear_level") if has_limit(alert) else None,
        has_first_value=has_limit(alert),
    )


def points_in(chart_data, metric, zone) -> Iterator:
    series = chart_data["series"][metric]
    for moment, low, mean, high in zip(chart_data["t"], series["min"], series["mean"], series["max"], strict=True):
        if mean is not None:
            yield sparkline_svg.Point(datetime.fromtimestamp(moment, zone), low, mean, high)
