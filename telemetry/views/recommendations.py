"""Dismissal of a recommendation with a reason, from a machine's page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from factories.permissions import requires_right, row_or_404
from factories.roles import Right
from telemetry.analytics import recommendations
from telemetry.forms.recommendations import DismissForm
from telemetry.models import Recommendation


@require_POST
@requires_right(Right.SEE)
def recommendation_dismiss(request, pk) -> HttpResponse:
    rows = Recommendation.objects.select_related("device__factory")
    recommendation = row_or_404(rows, request.user, pk, Right.ACT_ON_ALERTS)
    form = DismissForm(request.POST)
    if form.is_valid():
        recommendations.dismiss(recommendation, by=request.user, now=timezone.now(), why=form.cleaned_data["why"])
        messages.success(request, "The recommendation is dismissed.")
    else:
        messages.error(request, " ".join(form.errors["why"]))
    return redirect("machine", recommendation.device_id)
