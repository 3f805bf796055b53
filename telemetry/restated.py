"""When a person corrects what a device's figures mean, the quarters of that span are summed anew by the digest."""

from django.db.models import Max, Min
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from devices.models import DeviceProfile
from telemetry.models import Arrival, QuarterHour


@receiver([post_save, post_delete], sender=DeviceProfile, dispatch_uid="quarters_of_another_meaning")
def sum_anew(instance, **kwargs):
    """Leaves an arrival without readings over the span in which `instance` holds, if anything was summed there."""
    summed = QuarterHour.objects.filter(device=instance.device_id)
    others = DeviceProfile.objects.filter(device=instance.device_id).exclude(pk=instance.pk)
    following = others.filter(valid_from__gt=instance.valid_from).aggregate(at=Min("valid_from"))["at"]
    if others.filter(valid_from__lt=instance.valid_from).exists():  # else it holds for older readings too
        summed = summed.filter(starts_at__gte=instance.valid_from)
    if following is not None:
        summed = summed.filter(starts_at__lt=following)
    span = summed.aggregate(first=Min("starts_at"), last=Max("starts_at"))
    if span["first"] is not None:
        Arrival.objects.create(device_id=instance.device_id, first_at=span["first"], last_at=span["last"], readings=0)
