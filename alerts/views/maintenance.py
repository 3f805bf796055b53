"""Page of maintenance windows: list, add, end."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from alerts.forms.alerts import MaintenanceWindowForm
from alerts.models import MaintenanceWindow
from alerts.tables import MaintenanceTable, PastMaintenanceTable
from core.tables import first_export
from factories.permissions import current_factory, requires_right, row_or_404
from factories.roles import Right


@require_http_methods(["GET", "POST"])
@requires_right(Right.ACT_ON_ALERTS)
def maintenance_list(request) -> HttpResponse:
    factory, now = current_factory(request), timezone.now()
    if factory is None:
        return render(request, "alerts/maintenance.html", {})
    with timezone.override(factory.zone):
        form = MaintenanceWindowForm(request.POST or None, factory=factory)
        if request.method == "POST" and form.is_valid():
            form.instance.made_by = request.user
            form.save()
            return redirect("maintenance_list")
        rows = MaintenanceWindow.objects.for_user(request.user).for_factory(factory).select_related("device", "made_by")
        upcoming = MaintenanceTable(rows.filter(ends_at__gt=now).order_by("starts_at"), request=request, now=now)
        past = PastMaintenanceTable(rows.filter(ends_at__lte=now), request=request, now=now)
        context = {"form": form, "upcoming_windows": upcoming, "past_windows": past}
        status = 422 if form.errors else 200
        return first_export(upcoming, past) or render(request, "alerts/maintenance.html", context, status=status)


@require_POST
@requires_right(Right.ACT_ON_ALERTS)
def maintenance_end(request, pk) -> HttpResponse:
    window = row_or_404(MaintenanceWindow.objects, request.user, pk, Right.ACT_ON_ALERTS)
    if outcome := window.end(timezone.now()):
        messages.info(request, f"{window} {outcome}.")
    return redirect("maintenance_list")
