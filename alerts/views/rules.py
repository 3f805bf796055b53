"""Pages of rules: list, add, edit, preview, switch, archive, defaults, copy."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from alerts import rule_set
from alerts.default_limits.basis_text import basis_text
from alerts.default_limits.renewal import use_defaults
from alerts.evaluation import preview
from alerts.forms.alerts import CopyRulesForm, RuleForm
from alerts.message_text import format_number, with_unit
from alerts.models import AlertRule
from alerts.tables import RuleTable
from devices.models import Device
from factories.permissions import current_factory, requires_right, row_or_404, set_current_factory
from factories.roles import Right


@requires_right(Right.SEE)
def rule_list(request) -> HttpResponse:
    factory = current_factory(request)
    if factory is None:
        return render(request, "alerts/rules.html", {})
    groups = rule_set.by_machine(factory)
    for device, rules in groups:
        for rule in rules:
            rule.device = device  # known here: no query for each row
    options = {"request": request, "may_manage": request.user.may(Right.MANAGE, factory)}
    all_rules = RuleTable([rule for _device, rules in groups for rule in rules], **options)
    context = {
        "groups": [(device, RuleTable(rules, **options)) for device, rules in groups],
        "all_rules": all_rules,
        "devices": Device.objects.for_factory(factory).current(),
    }
    return all_rules.export_response() or render(request, "alerts/rules.html", context)


@requires_right(Right.MANAGE)
def rule_new(request) -> HttpResponse:
    factory = current_factory(request)
    if factory is None:
        return redirect("rule_list")
    form = RuleForm(request.POST or None, factory=factory, initial=initial_values(request))
    if form.is_valid():
        rule = AlertRule.objects.create(factory=factory, **form.changes)
        messages.success(request, rule_added_message(rule, form))
        return redirect("rule_list")
    return render(request, "alerts/rule.html", {"form": form})


def rule_added_message(rule, form) -> str:
    text = f"“{rule}” is watched for from the next reading on."
    if form.suggested_clear_level is None:
        return text
    level = with_unit(rule.metric, format_number(rule.clear_level))
    return f"{text} Its alert ends at {level}, so that a value that trembles at the limit is one alert."


def initial_values(request) -> dict:
    device = request.GET.get("device", "")
    return {"device": device} if device.isascii() and device.isdigit() and len(device) < 19 else {}


@requires_right(Right.SEE)
def rule_edit(request, pk) -> HttpResponse:
    rule = managed_rule_or_404(request, pk)
    form = RuleForm(request.POST or None, factory=rule.factory, rule=rule)
    if form.is_valid():
        rule_set.revise(rule, form.changes, now=timezone.now())
        messages.success(request, f"“{rule}” is changed.")
        return redirect("rule_list")
    return render(request, "alerts/rule.html", {"form": form, "rule": rule, "basis": basis_text(rule)})


@requires_right(Right.MANAGE)
def rule_preview(request) -> HttpResponse:
    """Backtest of the rule in the form; `of`: the rule being edited."""
    of, factory = request.GET.get("of", ""), current_factory(request)
    rule = managed_rule_or_404(request, int(of)) if of.isascii() and of.isdigit() and len(of) < 19 else None
    factory = rule.factory if rule else factory
    form = RuleForm(request.GET, factory=factory, rule=rule) if factory else None
    result = None
    if form and form.is_valid():
        candidate = AlertRule(factory=factory, **({"device": rule.device} if rule else {}) | form.changes)
        devices = [candidate.device] if candidate.device else Device.objects.for_factory(factory).current()
        result = preview.preview_rule(candidate, devices, timezone.now())
    return render(request, "alerts/_preview.html", {"preview": result, "factory": factory})


@require_POST
@requires_right(Right.SEE)
def rule_switch(request, pk) -> HttpResponse:
    """Enable or disable a rule."""
    rule = managed_rule_or_404(request, pk)
    rule_set.revise(rule, {"is_enabled": request.POST.get("on") == "1"}, now=timezone.now())
    return redirect("rule_list")


@require_POST
@requires_right(Right.SEE)
def rule_archive(request, pk) -> HttpResponse:
    rule = managed_rule_or_404(request, pk)
    rule_set.archive(rule, now=timezone.now())
    messages.success(request, f"“{rule}” is removed; its past alerts stay.")
    return redirect("rule_list")


def managed_rule_or_404(request, pk):
    rule = row_or_404(AlertRule.objects.current(), request.user, pk, Right.MANAGE)
    set_current_factory(request, rule.factory)
    return rule


@require_POST
@requires_right(Right.SEE)
def rule_defaults(request, pk) -> HttpResponse:
    """Use the default limits of a machine's kind; those of an earlier release make room."""
    device = row_or_404(Device.objects.current(), request.user, pk, Right.MANAGE)
    set_current_factory(request, device.factory)
    new_rules = use_defaults(device, timezone.now())
    messages.success(request, rules_added_message(new_rules, device))
    return redirect("rule_list")


@require_POST
@requires_right(Right.MANAGE)
def rule_copy(request) -> HttpResponse:
    """Copy the rules of one machine to others."""
    form = CopyRulesForm(request.POST, factory=current_factory(request))
    if form.is_valid():
        source, targets = form.cleaned_data["source"], form.cleaned_data["target"]
        for target in targets:
            messages.success(request, rules_added_message(rule_set.copy_rules(source, target), target))
    else:
        messages.error(request, "Choose a machine of this factory, and at least one other.")
    return redirect("rule_list")


def rules_added_message(new_rules, device):
    if not new_rules:
        return f"{device.label} has rules like these already; nothing was added."
    text = ngettext("%(count)d rule added to %(device)s.", "%(count)d rules added to %(device)s.", len(new_rules))
    return text % {"count": len(new_rules), "device": device.label}
