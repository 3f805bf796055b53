"""Pages of device keys and of a factory's gateway keys."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from devices.forms.machines import KeyForm
from devices.key_issuing import LIVE_KEYS_LIMIT, TooManyKeys, issue_key, keys_of, revoke_key
from devices.models import Device, DeviceKey
from devices.one_time_secret import key_response
from devices.tables import KeyTable
from factories.permissions import current_factory, require_right, requires_right, row_or_404, set_current_factory
from factories.roles import Right


@login_required
def machine_keys(request, pk):
    device = row_or_404(Device.objects.current().select_related("factory"), request.user, pk, Right.MANAGE)
    set_current_factory(request, device.factory)
    return keys_page(request, device.factory, device)


@requires_right(Right.MANAGE)
def gateway_keys(request):
    factory = current_factory(request)
    return keys_page(request, factory) if factory else redirect("overview")


def keys_page(request, factory, device=None):
    """List the keys of a device or, without one, the factory's gateway keys; POST issues a key and shows it once."""
    now = timezone.now()
    form = KeyForm(request.POST if request.method == "POST" else None, today=now.astimezone(factory.zone).date())
    if request.method == "POST" and form.is_valid():
        try:
            _key, text = issue_key(
                device or factory,
                by=request.user,
                now=now,
                expires_at=factory.end_of_day(form.cleaned_data["expires_on"]),
            )
        except TooManyKeys as error:
            form.add_error(None, str(error))
        else:
            return key_response(request, text, factory, device)
    keys = keys_of(factory, device, now)
    at_limit = sum(key.live for key in keys) >= LIVE_KEYS_LIMIT
    table = KeyTable(keys, request=request)
    unread = [key for key in keys if key.live and hasattr(key, "unread") and key.unread.is_standing]
    context = {"device": device, "keys": table, "form": form, "at_limit": at_limit, "unread": unread}
    return table.export_response() or render(request, "devices/keys.html", context)


@login_required
def key_revoke(request, prefix) -> HttpResponse:
    """GET asks for confirmation; POST revokes the key."""
    key = get_object_or_404(DeviceKey.objects.for_user(request.user).select_related("device", "factory"), prefix=prefix)
    require_right(request.user, Right.MANAGE, key.factory)
    set_current_factory(request, key.factory)
    if request.method != "POST":
        return render(request, "devices/key_revoke.html", {"key": key})
    revoke_key(key, now=timezone.now())
    messages.success(request, f"Key {key} is revoked.")
    return redirect("machine_keys", pk=key.device_id) if key.device_id else redirect("gateway_keys")
