"""What the page of one machine shows: its span of time, charts with limits and marks, events, and what it means."""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Max, Q, Sum
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_date, parse_datetime

from alerts.models import Alert, AlertRule, Kind
from carbonseed.machines import figure, unit_of
from telemetry.metrics import BY_NAME
from telemetry.models import QuarterHour, RefusalCount
from telemetry.series import buckets
from telemetry.summary import summarise

RANGES = {"24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30), "1y": timedelta(days=365)}
RANGE_LABELS = {"24h": "24 h", "7d": "7 days", "30d": "30 days", "1y": "1 year"}
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=3660)
# In this order; the single axes only when they are asked for, the worst axis stands for them.
CHARTED = ["temperature", "power_consumption", "vibration", "gas_index", "humidity", "pressure", "energy_kwh"]
ON_REQUEST = ["vibration_x", "vibration_y", "vibration_z"]
TABLE_ROWS = 92
MOST_EVENTS = 40


class Span(NamedTuple):
    """From `start` to `end`; `name` of the range that ends now, or "" for a span of one's own."""

    start: datetime
    end: datetime
    name: str

    @property
    def is_live(self):
        return bool(self.name)

    def local(self, zone):
        """Both ends as `<input type=datetime-local>` wants them."""
        return {end: getattr(self, end).astimezone(zone).strftime("%Y-%m-%dT%H:%M") for end in ("start", "end")}


def span_asked(query, zone, now):
    """The span a URL asks for: `range=7d`, or `start` and `end` in the factory's time. 400-worthy values raise."""
    if query.get("start") or query.get("end"):
        start = moment(query.get("start"), zone, "start")
        end = moment(query.get("end"), zone, "end") if query.get("end") else now
        if not SHORTEST <= end - start <= LONGEST:
            raise ValidationError("The end must lie between five minutes and ten years after the start.")
        return Span(start, end, "")
    name = query.get("range") if query.get("range") in RANGES else "24h"
    return Span(now - RANGES[name], now, name)


def moment(text, zone, field):
    try:
        found = parse_datetime(text or "") or parse_date(text or "")
    except ValueError:
        found = None
    if found is None:
        raise ValidationError(f"{field}: a date and time such as 2026-11-23T14:30 is expected.")
    if not isinstance(found, datetime):
        found = datetime.combine(found, time())
    found = found.replace(tzinfo=zone) if found.tzinfo is None else found
    try:
        found = found.astimezone(UTC)
    except OverflowError:
        found = None
    if found is None or not 1990 < found.year < 2200:
        raise ValidationError(f"{field}: this date is out of range.")
    return found


def reported(device, now):
    """Names of the metrics this device sent in the last 30 days, in the order of the charts."""
    counts = QuarterHour.objects.filter(device_id=device.pk, starts_at__gte=now - timedelta(days=30)).aggregate(
        **{name: Sum(f"{name}_count") for name in BY_NAME}
    )
    return [name for name in [*CHARTED, *ON_REQUEST] if counts[name]]


def charts(device, span, available, asked, now):
    """One entry per chart: what the script needs to draw it, and a table of the same buckets for everybody else."""
    names = [name for name in available if name in asked] or [name for name in available if name in CHARTED]
    if not names:
        return []
    limits = limits_of(device, names)
    table = buckets(device, span.start, span.end, metrics=names, now=now, resolution=step(span))
    return [
        {
            "name": name,
            "label": BY_NAME[name].label,
            "unit": unit_of(BY_NAME[name]),
            "decimals": BY_NAME[name].decimals,
            "limits": limits.get(name, []),
            "rows": rows(table, name, span),
        }
        for name in names
    ]


def step(span):
    """Resolution of the tables: about as many rows as one reads."""
    days = (span.end - span.start) / timedelta(days=1)
    return "15m" if days <= 0.25 else "1h" if days <= 2 else "1d"


def rows(table, name, span):
    """(moment, min, mean, max), newest first; None where nothing was said. Of a long span the last 92."""
    series = table["series"][name]
    columns = zip(table["t"], series["min"], series["mean"], series["max"], strict=True)
    found = [(datetime.fromtimestamp(t, UTC), low, mean, high) for t, low, mean, high in columns]
    return [row for row in reversed(found) if row[0] < span.end][:TABLE_ROWS]


def choices(available, charts):
    """The metrics one can chart, and whether each is charted now."""
    shown = {chart["name"] for chart in charts}
    return [(name, BY_NAME[name].label, name in shown) for name in available]


def chart_settings(device, span, charts, alerts, now):
    """What the script gets as JSON: where to ask, for which span, and what to draw over the answer."""
    return {
        "device": device.pk,
        "url": "/data/timeseries",
        "zone": device.factory.time_zone,
        "start": span.start.timestamp(),
        "end": span.end.timestamp(),
        "now": now.timestamp(),
        "live": span.is_live,
        "interval": device.profile_at(now).interval_s,
        "charts": [{key: value for key, value in chart.items() if key != "rows"} for chart in charts],
        "alerts": marks(alerts),
    }


def paged(query, span, by, zone):
    """The query of the span before or after this one, other choices kept."""
    length = span.end - span.start
    moved = Span(span.start + by * length, span.end + by * length, "")
    kept = query.copy()
    kept.pop("range", None)
    for name, value in moved.local(zone).items():
        kept[name] = value
    return kept.urlencode()


def quality(device, span, now):
    """The summary of the span, and its silences that nobody planned."""
    summary = summarise(device, span.start, span.end, now)
    return {"summary": summary, "gaps": [gap for gap in summary.gaps if not gap.is_planned]}


def now_values(machine):
    """The latest values as figures, in the order of the charts; a value that is not believed says so."""
    found = []
    for name in CHARTED:
        if name in machine.values:
            found.append(figure(name, machine.values[name]))
        elif name in machine.suspect:
            found.append({**figure(name, machine.suspect[name]), "suspect": True})
    return found


def limits_of(device, names):
    """Metric → levels of the rules in force for this device; the gas index's are its own index, never a legal limit."""
    rules = (
        AlertRule.objects.for_factory(device.factory)
        .filter(Q(device=device) | Q(device=None), metric__in=names, is_enabled=True, archived_at=None)
        .filter(kind__in=[Kind.ABOVE, Kind.BELOW])
        .exclude(level=None)
    )
    found = {}
    for rule in rules:
        found.setdefault(rule.metric, []).append(
            {"level": rule.level, "severity": rule.severity, "title": rule.title, "kind": rule.kind}
        )
    return found


def alerts_in(device, span):
    """Alerts that were open at some time in the span, newest first."""
    return list(
        Alert.objects.for_factory(device.factory)
        .filter(device=device, triggered_at__lt=span.end)
        .filter(Q(resolved_at=None) | Q(resolved_at__gt=span.start))
        .order_by("-triggered_at")[:MOST_EVENTS]
    )


def marks(alerts):
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
    """What happened in the span, newest first: alerts, silences, units and keys."""
    found = [
        {"at": alert.triggered_at, "until": alert.resolved_at, "kind": "alert", "alert": alert, "url": alert_url(alert)}
        for alert in alerts
    ]
    found += [{"at": gap.start, "until": gap.end, "kind": "gap"} for gap in gaps]
    found += [{"at": unit.fitted_at, "kind": "fitted", "unit": unit.unit} for unit in device.hardware.all()]
    for key in device.keys.all():
        found.append({"at": key.created_at, "kind": "key", "key": key})
        if key.revoked_at:
            found.append({"at": key.revoked_at, "kind": "revoked", "key": key})
    found = [event for event in found if event["at"] < span.end and event.get("until", event["at"]) is None
             or span.start <= event["at"] < span.end]
    return sorted(found, key=lambda event: event["at"], reverse=True)[:MOST_EVENTS]


def refusals(device, now):
    """How often it was refused in the last seven days, per answer."""
    return list(
        RefusalCount.objects.filter(device=device, on__gte=(now - timedelta(days=7)).date())
        .values("status")
        .annotate(times=Sum("count"), last=Max("last_at"))
        .order_by("status")
    )
