"""Release and discard of quarantine items, from a machine's page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from factories.permissions import row_or_404, set_current_factory
from factories.roles import Right
from telemetry.models import QuarantineItem
from telemetry.quarantine import ConflictingReading, NotReleased, discard, release


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
    return redirect("machine", pk=row.device_id) if row.device_id else redirect("overview")
