"""The page of a machine's default limits: what they follow from, which they are, where each comes from."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from alerts.default_limits import renewal
from alerts.default_limits.questions import limits_question
from alerts.evaluation.silent_alerts import count_silent_alerts
from alerts.forms.default_limits import MachineLimitsForm
from alerts.models import AlertRule
from alerts.tables import RuleTable
from devices.models import Device, PowerKind
from devices.profile_changes import set_rating
from factories.permissions import row_or_404, set_current_factory
from factories.roles import Right


@login_required
def machine_limits(request, pk) -> HttpResponse:
    now = timezone.now()
    devices = Device.objects.current().select_related("factory").prefetch_related("profiles")
    device = row_or_404(devices, request.user, pk, Right.MANAGE)
    set_current_factory(request, device.factory)
    form = MachineLimitsForm(request.POST or None, device=device, rated_kw=device.profile_at(now).rated_kw)
    if request.method == "POST" and form.is_valid():
        save_answers(device, form.cleaned_data, now)
        if request.POST.get("act") == "use":
            renewal.use_defaults(Device.objects.get(pk=pk), now)
        messages.success(request, f"What {device.label} is, is saved; its limits are below.")
        return redirect("machine_limits", pk=pk)
    context = {
        "device": device,
        "form": form,
        "rules": RuleTable(rules_with_silent_alerts(device, now), request=request, may_manage=True),
        "limits_question": limits_question(device, now),
        "has_earlier_defaults": renewal.has_earlier_defaults(device),
        "sends_register": device.profile_at(now).power_kind == PowerKind.REGISTER,
    }
    return render(request, "alerts/machine_limits.html", context)


def rules_with_silent_alerts(device, now) -> list[AlertRule]:
    """The rules of a device; those that learn carry `silent_alerts`, how often they would have alerted."""
    rules = list(AlertRule.objects.current().filter(device=device))
    for rule in rules:
        rule.device = device
    counts = count_silent_alerts(rules, now)
    for rule in rules:
        rule.silent_alerts = counts.get(rule.pk)
    return rules


def save_answers(device, answers, now) -> None:
    """Store what was said; the limits follow (`alerts.default_limits.receivers`)."""
    device.machine_kind, device.temperature_point = answers["machine_kind"], answers["temperature_point"]
    device.save(update_fields=["machine_kind", "temperature_point"])
    if answers["rated_kw"] != device.profile_at(now).rated_kw:
        set_rating(device, answers["rated_kw"], now=now)
