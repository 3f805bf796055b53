"""The page of quarantine: what is held, and the decisions on one item or on many."""

from collections import Counter
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from core.number_format import indian
from core.validators import MAX_ID
from devices.models import Device
from factories.permissions import current_factory, require_right, requires_right, row_or_404, set_current_factory
from factories.roles import Right
from telemetry.forms.quarantine import DecisionForm, QuarantineFilterForm
from telemetry.models import QuarantineItem
from telemetry.quarantine import ConflictingReading, NotReleased, discard, release
from telemetry.quarantine.bulk import CONFLICT, DISCARDED, REFUSED, RELEASED, discard_many, release_many
from telemetry.quarantine.selection import TooManyItems, require_few, with_payload_start
from telemetry.tables import QuarantineTable

MAX_REASONS = 3  # of items that are still held, in the message after a decision


@require_http_methods(["GET", "HEAD", "POST"])
@requires_right(Right.READ_DATA)
def quarantine_list(request) -> HttpResponse:
    """Quarantine items of the factory, by machine, reason and state; POST decides on the ticked or on all of them."""
    factory = factory_of_page(request)
    if factory is None:
        return redirect("overview")
    filters = QuarantineFilterForm(request.GET, factory=factory)
    filters.is_valid()
    if request.method == "POST":
        require_right(request.user, Right.MANAGE, factory)
        return decide_on_many(request, filters)
    return list_page(request, filters)


def factory_of_page(request):
    """The current factory, or that of the machine in the address."""
    raw = request.GET.get("machine", "")
    if raw.isdecimal() and int(raw) <= MAX_ID:
        device = row_or_404(Device.objects.select_related("factory"), request.user, int(raw), Right.READ_DATA)
        set_current_factory(request, device.factory)
    return current_factory(request)


def list_page(request, filters, form=None, status=200) -> HttpResponse:
    items = filters.selection.items(filters.chosen_state).select_related("device", "decided_by")
    table = QuarantineTable(with_payload_start(items), request=request)
    count = table.paginator.count
    can_decide = filters.chosen_state == QuarantineItem.State.HELD and count > 0
    context = {
        "filters": filters,
        "table": table,
        "count": count,
        "form": (form or DecisionForm(count=count, reason=filters.selection.reason)) if can_decide else None,
        "device": filters.device,
    }
    return table.export_response() or render(request, "telemetry/quarantine.html", context, status=status)


def decide_on_many(request, filters) -> HttpResponse:
    count = filters.selection.held().count()
    form = DecisionForm(request.POST, count=count)
    if not form.is_valid():
        return list_page(request, filters, form, status=422)
    held = filters.selection.held()
    if form.cleaned_data["scope"] == "ticked":
        held = held.filter(pk__in=ticked_ids(request.POST))
    now = timezone.now()
    try:
        require_few(held)
    except TooManyItems as error:
        form.add_error(None, str(error))
        return list_page(request, filters, form, status=422)
    if request.POST.get("decision") == "discard":
        outcomes = discard_many(held, request.user, now)
    else:
        outcomes = release_many(held, request.user, now, shift=form.chosen_shift, replace=form.cleaned_data["replace"])
    tell_outcomes(request, outcomes)
    return redirect(f"{request.path}?{urlencode(request.GET)}")


def ticked_ids(post: QueryDict) -> list[int]:
    return [int(raw) for raw in post.getlist("item") if raw.isdecimal() and int(raw) <= MAX_ID]


def tell_outcomes(request, outcomes) -> None:
    counts = Counter(one.outcome for one in outcomes)
    if not outcomes:
        messages.warning(request, "Nothing was chosen: tick what is meant, or choose all of them.")
    if counts[RELEASED]:
        messages.success(request, f"{indian(counts[RELEASED])} released and stored.")
    if number := counts[DISCARDED]:
        text = ngettext("%s discarded; it stays on record.", "%s discarded; they stay on record.", number)
        messages.success(request, text % indian(number))
    if number := counts[CONFLICT] + counts[REFUSED]:
        why = Counter(one.detail for one in outcomes if one.outcome in (CONFLICT, REFUSED))
        reasons = " ".join(detail for detail, _times in why.most_common(MAX_REASONS))
        more = " And other reasons." if len(why) > MAX_REASONS else ""
        text = ngettext("%s left as it was.", "%s left as they were.", number) % indian(number)
        messages.warning(request, f"{text} {reasons}{more}")


@require_POST
@login_required
def quarantine_release(request, pk) -> HttpResponse:
    """Release the item; a conflict with a stored value shows a page to confirm the replacement."""
    row = quarantine_item(request, pk)
    try:
        release(row, request.user, timezone.now(), replace=request.POST.get("replace") == "yes")
    except ConflictingReading as error:
        return render(request, "telemetry/quarantine_replace.html", {"row": row, "why": str(error)}, status=409)
    except NotReleased as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Released: the reading is stored.")
    return redirect_to_machine(row)


@require_POST
@login_required
def quarantine_discard(request, pk) -> HttpResponse:
    row = quarantine_item(request, pk)
    try:
        discard(row, request.user, timezone.now())
    except NotReleased as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Discarded: it stays on record.")
    return redirect_to_machine(row)


def quarantine_item(request, pk) -> QuarantineItem:
    row = row_or_404(QuarantineItem.objects.select_related("factory", "device"), request.user, pk, Right.MANAGE)
    set_current_factory(request, row.factory)
    return row


def redirect_to_machine(row) -> HttpResponse:
    return redirect("machine", pk=row.device_id) if row.device_id else redirect("quarantine_list")
