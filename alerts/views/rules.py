"""Pages of rules: what is watched for on which machine, and changing it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from alerts import preview, rulebook
from alerts.forms import CopyForm, RuleForm
from alerts.models import AlertRule
from devices.models import Device
from factories.access import current_factory, look_at, page, row_or_404
from factories.rights import Right


@page(Right.SEE)
def rule_list(request):
    factory = current_factory(request)
    if factory is None:
        return render(request, "alerts/rules.html", {})
    context = {"groups": rulebook.by_machine(factory), "devices": Device.objects.for_factory(factory).current()}
    return render(request, "alerts/rules.html", context)


@page(Right.MANAGE)
def rule_new(request):
    factory = current_factory(request)
    if factory is None:
        return redirect("rule_list")
    form = RuleForm(request.POST or None, factory=factory, initial=first_values(request))
    if form.is_valid():
        rule = AlertRule.objects.create(factory=factory, **form.changes)
        messages.success(request, f"“{rule}” is watched for from the next reading on.")
        return redirect("rule_list")
    return render(request, "alerts/rule.html", {"form": form})


def first_values(request):
    device = request.GET.get("device", "")
    return {"device": device} if device.isascii() and device.isdigit() and len(device) < 19 else {}


@page(Right.SEE)
def rule_edit(request, pk):
    rule = managed(request, pk)
    form = RuleForm(request.POST or None, factory=rule.factory, rule=rule)
    if form.is_valid():
        rulebook.revise(rule, form.changes, now=timezone.now())
        messages.success(request, f"“{rule}” is changed.")
        return redirect("rule_list")
    return render(request, "alerts/rule.html", {"form": form, "rule": rule})


@page(Right.MANAGE)
def rule_preview(request):
    """What the rule in the form would have done; `of` names the one that is being changed."""
    of, factory = request.GET.get("of", ""), current_factory(request)
    rule = managed(request, int(of)) if of.isascii() and of.isdigit() and len(of) < 19 else None
    factory = rule.factory if rule else factory
    form = RuleForm(request.GET, factory=factory, rule=rule) if factory else None
    found = None
    if form and form.is_valid():
        tried = AlertRule(factory=factory, **({"device": rule.device} if rule else {}) | form.changes)
        devices = [tried.device] if tried.device else Device.objects.for_factory(factory).current()
        found = preview.preview(tried, devices, timezone.now())
    return render(request, "alerts/_preview.html", {"preview": found, "factory": factory})


@require_POST
@page(Right.SEE)
def rule_switch(request, pk):
    """On or off."""
    rule = managed(request, pk)
    rulebook.revise(rule, {"is_enabled": request.POST.get("on") == "1"}, now=timezone.now())
    return redirect("rule_list")


@require_POST
@page(Right.SEE)
def rule_archive(request, pk):
    rule = managed(request, pk)
    rulebook.archive(rule, now=timezone.now())
    messages.success(request, f"“{rule}” is removed; its past alerts stay.")
    return redirect("rule_list")


def managed(request, pk):
    rule = row_or_404(AlertRule.objects.current(), request.user, pk, Right.MANAGE)
    look_at(request, rule.factory)
    return rule


@require_POST
@page(Right.SEE)
def rule_defaults(request, pk):
    """Give a machine the default rules it has nothing like."""
    device = row_or_404(Device.objects.current(), request.user, pk, Right.MANAGE)
    look_at(request, device.factory)
    made = rulebook.add_defaults(device)
    messages.success(request, told(made, device))
    return redirect("rule_list")


@require_POST
@page(Right.MANAGE)
def rule_copy(request):
    """All rules of one machine for others."""
    form = CopyForm(request.POST, factory=current_factory(request))
    if form.is_valid():
        source, targets = form.cleaned_data["source"], form.cleaned_data["target"]
        for target in targets:
            messages.success(request, told(rulebook.copy_rules(source, target), target))
    else:
        messages.error(request, "Choose a machine of this factory, and at least one other.")
    return redirect("rule_list")


def told(made, device):
    if not made:
        return f"{device.label} has rules like these already; nothing was added."
    words = ngettext("%(count)d rule added to %(device)s.", "%(count)d rules added to %(device)s.", len(made))
    return words % {"count": len(made), "device": device.label}
