"""Changes of a device's profile, valid from a time on; earlier readings keep their meaning."""

from django.db import transaction

from devices.models import Device, DeviceProfile


@transaction.atomic
def change_profile(device, *, valid_from, corrects_later=False, **fields) -> DeviceProfile:
    """Create or update the profile of `device` that is valid from `valid_from` until the next one.

    With `corrects_later`, later profiles that repeat a corrected value are corrected too, up to the first with another
    value.
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


def profile_in_force(profiles, moment, device) -> DeviceProfile:
    """The profile valid at `moment`; before the first one, the first one. `profiles`: oldest first."""
    started = [profile for profile in profiles if profile.valid_from <= moment]
    return started[-1] if started else (profiles[0] if profiles else DeviceProfile(device=device))


def update_profile(profile, fields) -> None:
    for name, value in fields.items():
        setattr(profile, name, value)
    profile.save()


def set_rating(device, rated_kw, *, now) -> DeviceProfile:
    """Set the rated power: of a machine that had none, for as long as its profile holds; else from `now` on."""
    profile = device.profile_at(now)
    was_unknown = profile.rated_kw is None and profile.pk is not None
    return change_profile(
        device, **{name: getattr(profile, name) for name in DeviceProfile.MEANING_FIELDS} | {"rated_kw": rated_kw},
        valid_from=profile.valid_from if was_unknown else now, corrects_later=was_unknown,
    )  # fmt: skip
