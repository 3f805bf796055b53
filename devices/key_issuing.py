"""Issuing and revoking keys: at most two live ones, so that a rotation loses nothing."""

from django.db import transaction

from devices.keys import new_key
from devices.models import Device, DeviceKey
from factories.models import Factory

LIVE_KEYS_LIMIT = 2


class TooManyKeys(ValueError):
    """Two keys are live already: revoke one first."""


@transaction.atomic
def issue_key(owner, *, by=None, now, expires_at=None):
    """A new key for a Device, or for a Factory (a gateway key) → (DeviceKey, its text, shown once)."""
    type(owner).objects.select_for_update().get(pk=owner.pk)  # two clicks at once must not make a third key
    factory, device = (owner, None) if isinstance(owner, Factory) else (owner.factory, owner)
    if DeviceKey.objects.filter(factory=factory, device=device).live(now).count() >= LIVE_KEYS_LIMIT:
        raise TooManyKeys(f"{owner} has {LIVE_KEYS_LIMIT} live keys; revoke one first.")
    generated = new_key()
    key = DeviceKey.objects.create(
        factory=factory,
        device=device,
        prefix=generated.prefix,
        secret_hash=generated.secret_hash,
        created_by=by,
        expires_at=expires_at,
    )
    return key, generated.text


def keys_of(factory, device, now):
    """Keys of a device, or the gateway keys of a factory, newest first, with `.live` at `now`.

    `key.use.used_at` is when it last sent something; the floor above keeps it.
    """
    keys = DeviceKey.objects.filter(factory=factory, device=device).select_related("created_by", "use")
    keys = list(keys.order_by("-created_at")[:50])
    for key in keys:
        key.live = key.is_live(now)
    return keys


def revoke_key(key, *, now):
    """From the next request on this key is refused. Revoking twice keeps the first moment."""
    if key.revoked_at is None:
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])


def revoke_all(device: Device, *, now):
    for key in device.keys.live(now):
        revoke_key(key, now=now)
