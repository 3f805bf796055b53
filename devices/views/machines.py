"""Pages to add, edit, pause, swap and archive a machine's device, and to change its profile."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.archive_guards import StillReferenced
from core.dates import format_moment
from devices.forms.machines import MINUTE, DatedProfileForm, DeviceForm, NewDeviceForm, ProfileForm, SwapUnitForm
from devices.models import Device
from devices.one_time_secret import key_response
from devices.profile_changes import change_profile
from devices.provisioning import DeviceIdTaken, archive_device, register_device, set_active, swap_unit
from factories.permissions import current_factory, requires_right, row_or_404, set_current_factory
from factories.roles import Right


def managed_device(request, pk):
    """The device if the user manages its factory, which becomes the current one."""
    device = row_or_404(Device.objects.current().select_related("factory"), request.user, pk, Right.MANAGE)
    set_current_factory(request, device.factory)
    return device


@requires_right(Right.MANAGE)
def machine_new(request):
    factory = current_factory(request)
    if factory is None:
        return redirect("overview")
    form, profile = NewDeviceForm(request.POST or None), ProfileForm(request.POST or None)
    if request.method == "POST" and form.is_valid() & profile.is_valid():
        try:
            device, text = register_device(
                factory, **form.cleaned_data, profile=profile.cleaned_data, by=request.user, now=timezone.now()
            )
        except DeviceIdTaken as error:
            form.add_error("device_id", str(error))
        else:
            return key_response(request, text, factory, device)
    return render(request, "devices/new.html", {"form": form, "profile_form": profile})


@login_required
def machine_edit(request, pk) -> HttpResponse:
    device = managed_device(request, pk)
    form = DeviceForm(request.POST or None, instance=device)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"{device.label} is saved.")
        return redirect("machine", pk=pk)
    return render(request, "devices/edit.html", {"device": device, "form": form})


@login_required
def machine_profile(request, pk) -> HttpResponse:
    device, now = managed_device(request, pk), timezone.now()
    with timezone.override(device.factory.zone):
        suggested = DatedProfileForm.initial_from_query(request.GET)
        initial = {"valid_from": now, "corrects_later": bool(suggested), **suggested}
        profile = device.profile_at(initial["valid_from"] + MINUTE).unsaved_copy()
        form = DatedProfileForm(request.POST or None, instance=profile, now=now, initial=initial)
        if request.method == "POST" and form.is_valid():
            change_profile(device, **form.cleaned_data)
            since = format_moment(form.cleaned_data["valid_from"])
            messages.success(request, f"What {device.label} says is changed from {since} on.")
            return redirect("machine", pk=pk)
        profiles = device.profiles.order_by("-valid_from")
        return render(request, "devices/profile.html", {"device": device, "form": form, "profiles": profiles})


@login_required
@require_POST
def machine_pause(request, pk) -> HttpResponse:
    device = managed_device(request, pk)
    set_active(device, False)
    messages.success(request, f"{device.label} is paused: the device is told to wait and keeps its readings.")
    return redirect("machine", pk=pk)


@login_required
@require_POST
def machine_resume(request, pk) -> HttpResponse:
    device = managed_device(request, pk)
    set_active(device, True)
    messages.success(request, f"{device.label} may send again.")
    return redirect("machine", pk=pk)


@login_required
def machine_archive(request, pk) -> HttpResponse:
    device = managed_device(request, pk)
    if request.method != "POST":
        return render(request, "devices/archive.html", {"device": device})
    try:
        archive_device(device, now=timezone.now())
    except StillReferenced as error:
        messages.error(request, str(error))
        return redirect("machine", pk=pk)
    messages.success(request, f"{device.label} is archived and its keys are revoked.")
    return redirect("machine_list")


@login_required
def machine_swap(request, pk):
    device = managed_device(request, pk)
    form = SwapUnitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            text = swap_unit(device, **form.cleaned_data, by=request.user, now=timezone.now())
        except DeviceIdTaken as error:
            form.add_error("device_id", str(error))
        else:
            return key_response(request, text, device.factory, device)
    return render(request, "devices/swap.html", {"device": device, "form": form})
