"""The list of machines and the page of one."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from alerts.models import Alert
from carbonseed.dashboard import machine_page, time_ranges
from carbonseed.dashboard.machines import gather, with_parts
from carbonseed.dashboard.overview import start_of_day
from core.conditional_get import unless_unchanged
from devices.models import Device
from factories.permissions import current_factory, look_at, page, rights_in, row_or_404
from factories.roles import Right
from telemetry.analytics.recommendations import grouped, standing
from telemetry.etags import tag_of_device, tick
from telemetry.models import Quarantined
from telemetry.queries.summary import summarise_many

LONGEST_SEARCH = 100
MOST_HELD = 5
MOST_TEXT = 2000  # characters of a held payload


@require_safe
@page(Right.SEE)
def machine_list(request):
    factory = current_factory(request)
    if factory is None:
        return render(request, "machines.html")
    now = timezone.now()
    devices = Device.objects.for_user(request.user).for_factory(factory).current()
    search = request.GET.get("search", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    found = devices.filter(matching(search)) if search else devices
    alerts = Alert.objects.for_factory(factory).open().order_by("triggered_at")
    context = {"search": search, "machines": machines_of(found, alerts, factory, now)}
    return render(request, "machines.html", context)


def machines_of(devices, alerts, factory, now):
    devices = with_parts(devices)
    today = summarise_many(devices, start_of_day(factory, now), now, now) if devices else {}
    return gather(devices, alerts, today, now)


def matching(search):
    columns = ("machine_name", "device_name", "device_id", "location")
    matches = Q()
    for column in columns:
        matches |= Q(**{f"{column}__icontains": search})
    return matches


@require_safe
@login_required
def machine(request, pk):
    now = timezone.now()
    device = seen_device(request, pk)
    look_at(request, device.factory)
    zone = device.factory.zone
    wrong = ""
    try:
        span = time_ranges.span_asked(request.GET, zone, now)
    except ValidationError as error:
        wrong, span = error.messages[0], time_ranges.span_asked(QueryDict(), zone, now)
    available = machine_page.reported(device, now)
    charts = machine_page.charts(device, span, available, request.GET.getlist("metric"), now)
    alerts = machine_page.alerts_in(device, span)
    quality = machine_page.quality(device, span, now)
    context = {
        **present(request, device, tick(now)),
        "wrong": wrong,
        "span": span,
        "local": span.local(zone),
        "export_query": time_ranges.asked_of_api(device, span),
        "ranges": time_ranges.RANGE_LABELS,
        "earlier": time_ranges.paged(request.GET, span, -1, zone),
        "later": time_ranges.paged(request.GET, span, 1, zone) if span.end < now and not span.is_live else "",
        "available": machine_page.choices(available, charts),
        "charts": machine_page.suspects(charts, quality),
        "chart_settings": machine_page.chart_settings(device, span, charts, alerts, now),
        "quality": quality,
        **machine_page.findings(device, now),
        "recommendations": grouped(standing(device, now)),
        "profile": device.profile_at(now),
        "refusals": machine_page.refusals(device, now),
        "keys": device.keys.live(now).select_related("use"),
        "held": held(request.user, device),
    }
    context["events"] = machine_page.events(device, alerts, quality["unplanned"], span)
    return render(request, "machine.html", context, status=400 if wrong else 200)


@require_safe
@login_required
def machine_live(request, pk):
    """The latest values alone, for a page that is open; 304 while nothing has changed."""
    device, now = seen_device(request, pk), tick(timezone.now())
    alerts = Alert.objects.for_factory(device.factory).open().filter(device=device)
    said = ("machine", request.user.pk, sorted(rights_in(request.user, device.factory)), now)
    tag = tag_of_device(device, alerts, said=said)
    return unless_unchanged(request, tag, lambda: render(request, "_machine_now.html", present(request, device, now)))


def seen_device(request, pk):
    devices = Device.objects.current().select_related("factory", "last_word")
    device = row_or_404(devices.prefetch_related("profiles", "hardware", "keys"), request.user, pk, Right.SEE)
    if device.factory.archived_at:
        raise Http404
    return device


def present(request, device, now):
    alerts = list(Alert.objects.for_factory(device.factory).open().filter(device=device).order_by("triggered_at"))
    one = Device.objects.for_user(request.user).filter(pk=device.pk)
    machine = machines_of(one, alerts, device.factory, now)[0]
    return {"device": device, "machine": machine, "now_values": machine_page.now_values(machine)}


def held(user, device):
    """What this machine said and could not be stored, newest first; a person decides."""
    rows = Quarantined.objects.for_user(user).filter(device=device, state=Quarantined.State.HELD)
    shown = list(rows[:MOST_HELD])
    for row in shown:
        row.text = bytes(row.payload).decode("utf-8", "replace")[:MOST_TEXT]
    return {"count": rows.count(), "rows": shown}
