"""Pages of rules: what is watched for on which machine, and changing it."""

from django.contrib import messages
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from alerts import replay, rule_files, rulebook, rules
from alerts.forms import CopyForm, RuleFileForm, RuleForm
from alerts.models import AlertRule
from devices.models import Device
from factories.access import current_factory, look_at, page, row_or_404
from factories.rights import Right

SHOWN_FAULTS = 20


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
    """How often the rule in the form would have fired in the last 30 days."""
    factory = current_factory(request)
    if factory is None:
        raise Http404
    form, context = RuleForm(request.GET, factory=factory), {"factory": factory}
    if not form.is_valid():
        return render(request, "alerts/_replay.html", context)
    if form.cleaned_data["kind"] not in rules.THRESHOLDS:
        return render(request, "alerts/_replay.html", context | {"why": "A silence has no limit to be held against."})
    rule = AlertRule(factory=factory, **form.changes)
    devices = Device.objects.for_factory(factory).current().select_related("factory").prefetch_related("profiles")
    if rule.device_id:
        devices = devices.filter(pk=rule.device_id)
    found = replay.replay(list(devices), rule.metric, rule.limit, timezone.now())
    return render(request, "alerts/_replay.html", context | {"replay": found})


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
        source = form.cleaned_data["source"]
        for target in form.cleaned_data["target"].exclude(pk=source.pk):
            messages.success(request, told(rulebook.copy_rules(source, target), target))
    else:
        messages.error(request, "Choose a machine of this factory, and those that are to have its rules.")
    return redirect("rule_list")


@page(Right.SEE)
def rule_file(request):
    """All rules of the factory as a file."""
    factory = current_factory(request)
    if factory is None:
        raise Http404
    response = JsonResponse(rule_files.taken_out(factory), json_dumps_params={"indent": 2})
    response["Content-Disposition"] = f'attachment; filename="alert-rules-{factory.pk}.json"'
    return response


@require_POST
@page(Right.MANAGE)
def rule_file_bring(request):
    """Rules of a file: what is sound is made, what is wrong is named."""
    factory, form = current_factory(request), RuleFileForm(request.POST, request.FILES)
    if factory is None or not form.is_valid():
        messages.error(request, "Choose a rule file.")
        return redirect("rule_list")
    try:
        upload = form.cleaned_data["file"]
        if upload.size > rule_files.LARGEST_BYTES:
            raise rule_files.BadRuleFile("The file is larger than 1 MB.")
        brought = rule_files.bring_in(factory, rule_files.read(upload.read()))
    except rule_files.BadRuleFile as error:
        messages.error(request, str(error))
        return redirect("rule_list")
    messages.success(request, f"{len(brought.made)} rules were made; {brought.known} were there already.")
    for fault in brought.faults[:SHOWN_FAULTS]:
        messages.error(request, str(fault))
    if len(brought.faults) > SHOWN_FAULTS:
        messages.error(request, f"And {len(brought.faults) - SHOWN_FAULTS} more faults.")
    return redirect("rule_list")


def told(made, device):
    if not made:
        return f"{device.label} has rules like these already; nothing was added."
    return f"{len(made)} rule{'s' if len(made) > 1 else ''} added to {device.label}."
