"""Issuing and revoking keys: at most two live ones, which allows rotation without loss."""

from django.db import transaction

from devices.keys import new_key
from devices.models import Device, DeviceKey
from factories.models import Factory

LIVE_KEYS_LIMIT = 2


class TooManyKeys(ValueError):
    """Two keys are live already: revoke one first."""


@transaction.atomic
def issue_key(owner, *, by=None, now, expires_at=None) -> tuple:
    """Issue a key for a Device, or for a Factory (a gateway key) → (DeviceKey, its text). Raises TooManyKeys."""
    type(owner).objects.select_for_update().get(pk=owner.pk)  # concurrent requests must not make a third key
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


def keys_of(factory, device, now) -> list[DeviceKey]:
    """Keys of a device, or the gateway keys of a factory, newest first, with `.live` at `now`.

    `key.use.used_at` is the time of its last request that was stored, `key.unread` what came since and could not be;
    telemetry writes both.
    """
    keys = DeviceKey.objects.filter(factory=factory, device=device).select_related("created_by", "use", "unread")
    keys = list(keys.order_by("-created_at")[:50])
    for key in keys:
        key.live = key.is_live(now)
    return keys


def revoke_key(key, *, now) -> None:
    """Reject this key from the next request on. Revoking twice keeps the first time."""
    if key.revoked_at is None:
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])


def revoke_all(device: Device, *, now) -> None:
    for key in device.keys.live(now):
        revoke_key(key, now=now)
