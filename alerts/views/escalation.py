"""Page of escalation steps: list, add, remove."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from alerts.forms.notifications import EscalationStepForm
from alerts.models import EscalationStep
from factories.permissions import current_factory, requires_right, row_or_404
from factories.roles import Right


@require_http_methods(["GET", "POST"])
@requires_right(Right.MANAGE)
def escalation_list(request) -> HttpResponse:
    factory, now = current_factory(request), timezone.now()
    if factory is None:
        return render(request, "alerts/escalation.html", {})
    form = EscalationStepForm(request.POST or None, factory=factory, now=now)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"{form.instance} is added.")
        return redirect("escalation_list")
    steps = EscalationStep.objects.for_user(request.user).for_factory(factory).select_related("person")
    return render(request, "alerts/escalation.html", {"form": form, "steps": steps}, status=422 if form.errors else 200)


@require_POST
@requires_right(Right.MANAGE)
def escalation_remove(request, pk) -> HttpResponse:
    step = row_or_404(EscalationStep.objects, request.user, pk, Right.MANAGE)
    step.delete()
    messages.success(request, f"{step} is removed.")
    return redirect("escalation_list")
