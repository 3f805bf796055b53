"""A change of what a device's figures mean holds from a moment on; what went before keeps its meaning."""

from django.db import transaction

from devices.models import Device, DeviceProfile


@transaction.atomic
def change_profile(device, *, valid_from, **fields):
    """The profile of `device` from `valid_from` until the next one. Entered twice for one moment, the second counts."""
    Device.objects.select_for_update().get(pk=device.pk)
    profile = DeviceProfile.objects.filter(device=device, valid_from=valid_from).first()
    profile = profile or DeviceProfile(device=device, valid_from=valid_from)
    for name, value in fields.items():
        setattr(profile, name, value)
    profile.save()
    return profile
