"""A change of what a device's figures mean holds from a moment on; what went before keeps its meaning."""

from django.db import transaction

from devices.models import Device, DeviceProfile


@transaction.atomic
def change_profile(device, *, valid_from, corrects_later=False, **fields):
    """The profile of `device` from `valid_from` until the next one. Entered twice for one moment, the second counts.

    With `corrects_later`, later profiles that only repeated what is corrected here are corrected with it, up to the
    first that says something else.
    """
    Device.objects.select_for_update().get(pk=device.pk)
    profiles = list(DeviceProfile.objects.filter(device=device).order_by("valid_from"))
    before = {name: getattr(profile_in_force(profiles, valid_from, device), name) for name in fields}
    profile = next((each for each in profiles if each.valid_from == valid_from), None)
    profile = profile or DeviceProfile(device=device, valid_from=valid_from)
    update_profile(profile, fields)
    if corrects_later:
        corrected = {name: value for name, value in fields.items() if value != before[name]}
        for later in (each for each in profiles if each.valid_from > valid_from):
            corrected = {name: value for name, value in corrected.items() if getattr(later, name) == before[name]}
            if not corrected:
                break
            update_profile(later, corrected)
    return profile


def profile_in_force(profiles, moment, device):
    """`profiles`: oldest first; before the first one, the first one."""
    started = [profile for profile in profiles if profile.valid_from <= moment]
    return started[-1] if started else (profiles[0] if profiles else DeviceProfile(device=device))


def update_profile(profile, fields):
    for name, value in fields.items():
        setattr(profile, name, value)
    profile.save()
