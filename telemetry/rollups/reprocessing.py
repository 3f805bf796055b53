"""When a person corrects what a device's figures mean, the readings of that span are judged and summed anew."""

from django.db import connection
from django.db.models import Max, Min
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from devices.models import DeviceProfile
from telemetry.metrics import IMPLAUSIBLE_BIT, METRIC_NAMES
from telemetry.models import DirtySpan, QuarterHour
from telemetry.rollups.quarter_hours import QUARTER
from telemetry.signal.plausibility import plausible_ranges
from telemetry.signal.profile_timeline import ProfileTimeline


@receiver([post_save, post_delete], sender=DeviceProfile, dispatch_uid="quarters_of_another_meaning")
def mark_for_reprocessing(instance, **kwargs):
    """Leaves an arrival without readings over the span in which `instance` holds, if anything was summed there."""
    quarters = QuarterHour.objects.filter(device=instance.device_id)
    others = DeviceProfile.objects.filter(device=instance.device_id).exclude(pk=instance.pk)
    following = others.filter(valid_from__gt=instance.valid_from).aggregate(at=Min("valid_from"))["at"]
    if others.filter(valid_from__lt=instance.valid_from).exists():  # else it holds for older readings too
        quarters = quarters.filter(starts_at__gt=instance.valid_from - QUARTER)
    if following is not None:
        quarters = quarters.filter(starts_at__lt=following)
    span = quarters.aggregate(first=Min("starts_at"), last=Max("starts_at"))
    if span["first"] is not None:
        DirtySpan.objects.create(device_id=instance.device_id, first_at=span["first"], last_at=span["last"], readings=0)


def revalidate(device, dirty_spans):
    """Ask anew which values of restated spans are plausible, before they are summed.

    `arrivals`: (device, first_at, last_at, received_at, key_prefix, readings); restated are those without readings.
    """
    for _, first, last, *_, readings in dirty_spans:
        if not readings:
            for start, end, profile in ProfileTimeline(device).spans(first, last + QUARTER):
                update_suspect_bits(device.pk, start, end, profile)


def update_suspect_bits(pk, start, end, profile):
    """Rows are locked in the order in which writers lock theirs, so neither can wait for the other for ever."""
    bits = " | ".join(
        f"CASE WHEN {name} NOT BETWEEN {float(low)!r} AND {float(high)!r} THEN {IMPLAUSIBLE_BIT[name]} ELSE 0 END"
        for name, (low, high) in zip(METRIC_NAMES, plausible_ranges(profile), strict=True)
    )
    suspect_sql = f"((suspect & (~{sum(IMPLAUSIBLE_BIT.values())})) | {bits})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE telemetry_reading r SET suspect = locked.new_suspect FROM (SELECT device_id, at, {suspect_sql} AS new_suspect "
            "FROM telemetry_reading WHERE device_id = %s AND at >= %s AND at < %s "
            f"AND suspect <> {suspect_sql} ORDER BY device_id, at FOR NO KEY UPDATE) locked "
            "WHERE r.device_id = locked.device_id AND r.at = locked.at AND r.at >= %s AND r.at < %s",
            [pk, start, end, start, end],
        )
