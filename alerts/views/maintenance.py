"""The page of maintenance windows: announce planned work, end it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from alerts.forms.alerts import MaintenanceForm
from alerts.models import Maintenance
from factories.permissions import current_factory, page, row_or_404
from factories.roles import Right

SHOWN = 50


@require_http_methods(["GET", "POST"])
@page(Right.ACT_ON_ALERTS)
def maintenance_list(request):
    factory, now = current_factory(request), timezone.now()
    if factory is None:
        return render(request, "alerts/maintenance.html", {})
    with timezone.override(factory.zone):
        form = MaintenanceForm(request.POST or None, factory=factory)
        if request.method == "POST" and form.is_valid():
            form.instance.made_by = request.user
            form.save()
            return redirect("maintenance_list")
        rows = Maintenance.objects.for_user(request.user).for_factory(factory).select_related("device", "made_by")
        context = {
            "form": form,
            "coming": rows.filter(ends_at__gt=now).order_by("starts_at"),
            "over": rows.filter(ends_at__lte=now)[:SHOWN],
            "now": now,
        }
        return render(request, "alerts/maintenance.html", context, status=422 if form.errors else 200)


@require_POST
@page(Right.ACT_ON_ALERTS)
def maintenance_end(request, pk):
    window = row_or_404(Maintenance.objects, request.user, pk, Right.ACT_ON_ALERTS)
    if done := window.end(timezone.now()):
        messages.info(request, f"{window} {done}.")
    return redirect("maintenance_list")
