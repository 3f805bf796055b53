"""Doubts of one machine: its doubtful steps, questions about its units, and what people decided."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.dates import format_second
from core.number_format import indian
from devices.models import Device
from factories.permissions import row_or_404, set_current_factory
from factories.roles import Right
from telemetry import doubtful_steps
from telemetry.analytics import unit_doubts
from telemetry.analytics.doubt_list import answer_kind
from telemetry.analytics.machine_doubts import doubts_of
from telemetry.forms.doubts import ManyStepsForm, StepDecisionForm, UnitAnswerForm, VoidValueForm
from telemetry.models import DoubtfulStep, UnitDoubt

Decision = DoubtfulStep.Decision
GONE = "Later readings explain this step: it is doubtful no more."
DECIDED = {
    Decision.METER_SWAPPED: "Meter swapped: nothing is booked across the step. The figures follow within seconds.",
    Decision.GLITCH: "Ignored: the value is in no figure. The figures follow within seconds.",
    Decision.REAL: "Real: the step is booked. The figures follow within seconds.",
    Decision.OPEN: "The decision is taken back.",
}


def device_of(request, pk, right) -> Device:
    devices = Device.objects.current().select_related("factory").prefetch_related("profiles", "hardware")
    device = row_or_404(devices, request.user, pk, right)
    set_current_factory(request, device.factory)
    return device


@require_safe
@login_required
def machine_doubts(request, pk) -> HttpResponse:
    """Every doubt of a machine, open and decided, and the form that takes a stored value out."""
    device = device_of(request, pk, Right.SEE)
    with timezone.override(device.factory.zone):
        context = {
            "device": device,
            "doubts": doubts_of(device, timezone.now(), everything=True),
            "void_form": VoidValueForm(device=device),
        }
        return render(request, "telemetry/doubts.html", context)


@require_POST
@login_required
def step_decide(request, pk) -> HttpResponse:
    steps = DoubtfulStep.objects.select_related("device__factory")
    step = row_or_404(steps, request.user, pk, Right.MANAGE)
    set_current_factory(request, step.device.factory)
    with timezone.override(step.device.factory.zone):
        form = StepDecisionForm(request.POST)
        if form.is_valid():
            apply_step_decision(request, step, form.cleaned_data)
        else:
            report_errors(request, form)
    return back_to(request, step.device_id)


def apply_step_decision(request, step: DoubtfulStep, fields: dict) -> None:
    try:
        doubtful_steps.decide(step, by=request.user, now=timezone.now(), **fields)
    except DoubtfulStep.DoesNotExist:
        messages.error(request, GONE)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, DECIDED[Decision(fields["decision"])])


@require_POST
@login_required
def steps_decide(request, pk) -> HttpResponse:
    """One decision for every open step of a machine, such as a day of readings that were sent twice."""
    device = device_of(request, pk, Right.MANAGE)
    form = ManyStepsForm(request.POST)
    if form.is_valid():
        count = doubtful_steps.decide_all(device, by=request.user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, f"Decided at once: {indian(count)}. The figures follow within seconds.")
    else:
        report_errors(request, form)
    return back_to(request, pk)


@require_POST
@login_required
def value_void(request, pk) -> HttpResponse:
    device = device_of(request, pk, Right.MANAGE)
    with timezone.override(device.factory.zone):
        form = VoidValueForm(request.POST, device=device)
        if not form.is_valid():
            report_errors(request, form)
            return back_to(request, pk)
        try:
            doubtful_steps.add_decision(
                device, decision=Decision.GLITCH, by=request.user, now=timezone.now(), **form.cleaned_data
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, f"The value of {format_second(form.cleaned_data['at'])} is left out.")
    return back_to(request, pk)


@require_POST
@login_required
def unit_answer(request, pk) -> HttpResponse:
    device = device_of(request, pk, Right.MANAGE)
    with timezone.override(device.factory.zone):
        form = UnitAnswerForm(request.POST)
        if form.is_valid():
            apply_unit_answer(request, device, **form.cleaned_data)
        else:
            report_errors(request, form)
    return back_to(request, pk)


def apply_unit_answer(request, device: Device, kind: str, answer: str, since, note: str) -> None:
    now = timezone.now()
    try:
        if answer == "ask":
            kept = UnitDoubt.objects.filter(device=device, kind=kind, state=UnitDoubt.State.KEPT)
            unit_doubts.ask_again(kept.latest("decided_at"))
            messages.success(request, "The question is open again.")
            return
        doubt = answer_kind(device, kind, answer, by=request.user, now=now, since=since, note=note)
    except UnitDoubt.DoesNotExist:
        messages.error(request, "Nothing of this kind is asked any more.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        changed = doubt.state == UnitDoubt.State.CORRECTED
        messages.success(
            request,
            "Its profile is corrected; the figures follow within seconds."
            if changed
            else "Noted: it is right as it is, and is not asked again.",
        )


def report_errors(request, form: Form) -> None:
    for name, errors in form.errors.items():
        label = form.fields[name].label or name if name in form.fields else ""
        messages.error(request, f"{label}: {' '.join(errors)}" if label else " ".join(errors))


def back_to(request, pk) -> HttpResponse:
    """The page the form was on: the machine's, or that of its doubts."""
    return redirect("machine_doubts" if request.POST.get("page") == "doubts" else "machine", pk=pk)
