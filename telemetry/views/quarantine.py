"""The buttons of the quarantine panel on a machine's page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from factories.permissions import look_at, row_or_404
from factories.roles import Right
from telemetry.models import Quarantined
from telemetry.quarantine_decisions import Contradicts, NotReleased, discard, release


@require_POST
@login_required
def release_held(request, pk):
    """Store it; where another value is stored already, ask first which one is to stay."""
    row = held_row(request, pk)
    try:
        release(row, request.user, timezone.now(), replace=request.POST.get("replace") == "yes")
    except Contradicts as error:
        return render(request, "quarantine/replace.html", {"row": row, "why": str(error)}, status=409)
    except NotReleased as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Released: the reading is stored.")
    return back(row)


@require_POST
@login_required
def discard_held(request, pk):
    row = held_row(request, pk)
    try:
        discard(row, request.user, timezone.now())
    except NotReleased as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Discarded: it stays on record.")
    return back(row)


def held_row(request, pk):
    row = row_or_404(Quarantined.objects.select_related("factory", "device"), request.user, pk, Right.MANAGE)
    look_at(request, row.factory)
    return row


def back(row):
    return redirect("machine", pk=row.device_id) if row.device_id else redirect("overview")
