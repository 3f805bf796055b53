"""Provisioning of devices: registration with unit, profile and key; swapping of units; archiving."""

from django.db import IntegrityError, transaction

from core.archive_guards import refuse_if_referenced
from devices.key_issuing import issue_key, revoke_all
from devices.models import Device, DeviceProfile, Hardware


class DeviceIdTaken(ValueError):
    """Another device of this factory has this device id."""


@transaction.atomic
def register_device(factory, *, device_id, by=None, now, profile=None, **fields) -> tuple:
    """Register `device_id` in `factory` → (Device, key text). `profile`: fields of its first DeviceProfile.

    Raises DeviceIdTaken. The first profile also holds for readings older than it (backfill).
    """
    refuse_duplicate_id(factory, device_id)
    try:
        with transaction.atomic():
            device = Device.objects.create(factory=factory, device_id=device_id, **fields)
    except IntegrityError as error:  # the same id at the same moment
        raise DeviceIdTaken(f"{device_id} is already registered in {factory}.") from error
    Hardware.objects.create(device=device, unit=device_id, fitted_at=now)
    DeviceProfile.objects.create(device=device, valid_from=now, **(profile or {}))
    _key, text = issue_key(device, by=by, now=now)
    return device, text


@transaction.atomic
def swap_unit(device, *, device_id, by=None, now) -> str:
    """Replace the unit at this machine → key text. History stays; the old unit's keys are revoked.

    Raises DeviceIdTaken.
    """
    if device_id != device.device_id:
        refuse_duplicate_id(device.factory, device_id)
    revoke_all(device, now=now)
    Hardware.objects.filter(device=device, removed_at=None).update(removed_at=now)
    Hardware.objects.create(device=device, unit=device_id, fitted_at=now)
    device.device_id = device_id
    try:
        with transaction.atomic():
            device.save(update_fields=["device_id"])
    except IntegrityError as error:
        raise DeviceIdTaken(device_id) from error
    _key, text = issue_key(device, by=by, now=now)
    return text


@transaction.atomic
def archive_device(device, *, now) -> None:
    """Hide the device from lists and revoke its keys. Raises StillReferenced where readings refer to it."""
    refuse_if_referenced(device)
    revoke_all(device, now=now)
    Hardware.objects.filter(device=device, removed_at=None).update(removed_at=now)
    device.archived_at = now
    device.save(update_fields=["archived_at"])


def set_active(device, is_active) -> None:
    """Pause or resume: a paused device is told to wait and keeps its buffer."""
    device.is_active = is_active
    device.save(update_fields=["is_active"])


def refuse_duplicate_id(factory, device_id) -> None:
    """Raises DeviceIdTaken."""
    if Device.objects.current().filter(factory=factory, device_id=device_id).exists():
        raise DeviceIdTaken(f"{device_id} is already registered in {factory}.")
