"""The list of machines and the page of one."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from alerts.default_limits.questions import limits_question
from alerts.models import Alert
from carbonseed.dashboard import machine_page, time_ranges
from carbonseed.dashboard.machines import build_machines, load_devices
from carbonseed.dashboard.overview import start_of_day
from core.conditional_get import conditional_response
from devices.models import Device
from factories.permissions import current_factory, requires_right, rights_in, row_or_404, set_current_factory
from factories.roles import Right
from telemetry.analytics.recommendations import active_recommendations, group_by_signature
from telemetry.etags import device_etag, whole_minute
from telemetry.models import QuarantineItem
from telemetry.quarantine.selection import payload_text
from telemetry.queries.summary import summarise_many
from telemetry.queries.unread_streaks import is_recent, unread_of_gateways

MAX_SEARCH_CHARS = 100
MAX_QUARANTINE_ROWS = 5
MAX_PAYLOAD_CHARS = 2000  # characters of a held payload


@require_safe
@requires_right(Right.SEE)
def machine_list(request) -> HttpResponse:
    factory = current_factory(request)
    if factory is None:
        return render(request, "dashboard/machines.html")
    now = timezone.now()
    devices = Device.objects.for_user(request.user).for_factory(factory).current()
    search = request.GET.get("search", "").replace("\0", "").strip()[:MAX_SEARCH_CHARS]
    matches = devices.filter(search_filter(search)) if search else devices
    alerts = Alert.objects.for_factory(factory).open().order_by("triggered_at")
    context = {
        "search": search,
        "machines": list_machines(matches, alerts, factory, now),
        "gateways_unread": [streak for streak in unread_of_gateways(factory) if is_recent(streak, now)],
    }
    return render(request, "dashboard/machines.html", context)


def list_machines(devices, alerts, factory, now):
    devices = load_devices(devices)
    today = summarise_many(devices, start_of_day(factory, now), now, now) if devices else {}
    return build_machines(devices, alerts, today, now)


def search_filter(search):
    columns = ("machine_name", "device_name", "device_id", "location")
    matches = Q()
    for column in columns:
        matches |= Q(**{f"{column}__icontains": search})
    return matches


@require_safe
@login_required
def machine(request, pk) -> HttpResponse:
    now = timezone.now()
    device = visible_device(request, pk)
    set_current_factory(request, device.factory)
    zone = device.factory.zone
    range_error = ""
    try:
        span = time_ranges.parse_time_range(request.GET, zone, now)
    except ValidationError as error:
        range_error, span = error.messages[0], time_ranges.parse_time_range(QueryDict(), zone, now)
    available = machine_page.reported_metrics(device, now)
    charts = machine_page.build_charts(device, span, available, request.GET.getlist("metric"), now)
    alerts = machine_page.alerts_in(device, span)
    quality = machine_page.data_quality(device, span, now)
    context = {
        **live_context(request, device, whole_minute(now)),
        "range_error": range_error,
        "span": span,
        "local": span.local(zone),
        "export_query": time_ranges.api_query(device, span),
        "ranges": time_ranges.RANGE_LABELS,
        "earlier": time_ranges.shifted_query(request.GET, span, -1, zone),
        "later": time_ranges.shifted_query(request.GET, span, 1, zone) if span.end < now and not span.is_live else "",
        "available": machine_page.metric_choices(available, charts),
        "charts": machine_page.with_suspect_counts(charts, quality),
        "chart_settings": machine_page.chart_settings(device, span, charts, alerts, now),
        "quality": quality,
        **machine_page.anomaly_notes(device, now),
        "limits_question": limits_question(device, now),
        "recommendations": group_by_signature(active_recommendations(device, now)),
        "profile": device.profile_at(now),
        "refusals": machine_page.rejection_counts(device, now),
        "keys": device.keys.live(now).select_related("use"),
        "quarantine": quarantine_summary(request.user, device),
    }
    context["events"] = machine_page.events(device, alerts, quality["unplanned"], span)
    return render(request, "dashboard/machine.html", context, status=400 if range_error else 200)


@require_safe
@login_required
def machine_live(request, pk):
    """The latest values alone, for a page that is open; 304 while nothing has changed."""
    device, now = visible_device(request, pk), whole_minute(timezone.now())
    alerts = Alert.objects.for_factory(device.factory).open().filter(device=device)
    variant = ("machine", request.user.pk, sorted(rights_in(request.user, device.factory)), now)
    tag = device_etag(device, alerts, variant=variant)
    return conditional_response(
        request, tag, lambda: render(request, "dashboard/_machine_now.html", live_context(request, device, now))
    )


def visible_device(request, pk):
    devices = Device.objects.current().select_related("factory", "last_seen")
    device = row_or_404(devices.prefetch_related("profiles", "hardware", "keys"), request.user, pk, Right.SEE)
    if device.factory.archived_at:
        raise Http404
    return device


def live_context(request, device, now) -> dict:
    alerts = list(Alert.objects.for_factory(device.factory).open().filter(device=device).order_by("triggered_at"))
    one = Device.objects.for_user(request.user).filter(pk=device.pk)
    machine = list_machines(one, alerts, device.factory, now)[0]
    return {"device": device, "machine": machine, "now_values": machine_page.latest_figures(machine)}


def quarantine_summary(user, device) -> dict:
    """Quarantined readings of this machine, newest first."""
    rows = QuarantineItem.objects.for_user(user).filter(device=device, state=QuarantineItem.State.HELD)
    newest = list(rows[:MAX_QUARANTINE_ROWS])
    for row in newest:
        row.text = payload_text(row)[:MAX_PAYLOAD_CHARS]
    by_reason = list(rows.order_by().values("reason").annotate(count=Count("pk")).order_by("-count"))
    for group in by_reason:
        group["label"] = QuarantineItem.Reason(group["reason"]).label
    return {"count": sum(group["count"] for group in by_reason), "rows": newest, "by_reason": by_reason}
