"""A new device, another kind of machine, another rating: its default limits follow."""

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from alerts.default_limits import renewal
from devices.models import Device, DeviceProfile

LIMIT_FIELDS = {"machine_kind", "temperature_point", "device_type"}


@receiver(post_save, sender=Device, dispatch_uid="default_limits_follow_the_machine")
def on_device_saved(sender, instance, raw, update_fields, **_) -> None:
    if not raw and (update_fields is None or LIMIT_FIELDS & set(update_fields)):
        renewal.renew(instance, timezone.now())


@receiver(post_save, sender=DeviceProfile, dispatch_uid="default_limits_follow_the_rating")
def on_profile_saved(sender, instance, raw, **_) -> None:
    if not raw:
        device = Device.objects.get(pk=instance.device_id)  # with its profiles as they are now
        renewal.renew(device, timezone.now())
