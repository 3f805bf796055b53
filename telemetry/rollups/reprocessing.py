"""Reprocessing: when a person corrects a device's profile, its readings are range-checked and summed again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max, Min
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from devices.models import Device, DeviceProfile
from telemetry.metrics import IMPLAUSIBLE_BIT, METRIC_NAMES
from telemetry.models import DirtySpan, QuarterHour
from telemetry.rollups.quarter_hours import QUARTER
from telemetry.signal.plausibility import plausible_ranges
from telemetry.signal.profile_timeline import ProfileTimeline
from telemetry.storage.dirty_spans import LoggedSpan


@receiver([post_save, post_delete], sender=DeviceProfile, dispatch_uid="quarters_of_another_meaning")
def mark_for_reprocessing(instance: DeviceProfile, **kwargs: Any) -> None:
    """Insert a dirty span without readings over the time in which `instance` holds, if it has quarter hours."""
    quarters = QuarterHour.objects.filter(device=instance.device_id)
    others = DeviceProfile.objects.filter(device=instance.device_id).exclude(pk=instance.pk)
    following = others.filter(valid_from__gt=instance.valid_from).aggregate(at=Min("valid_from"))["at"]
    if others.filter(valid_from__lt=instance.valid_from).exists():  # else it also holds for older readings
        quarters = quarters.filter(starts_at__gt=instance.valid_from - QUARTER)
    if following is not None:
        quarters = quarters.filter(starts_at__lt=following)
    span = quarters.aggregate(first=Min("starts_at"), last=Max("starts_at"))
    if span["first"] is not None:
        DirtySpan.objects.create(
            device_id=instance.device_id,
            factory_id=instance.device.factory_id,
            first_at=span["first"],
            last_at=span["last"],
            readings=0,
        )


def revalidate(device: Device, dirty_spans: Iterable[LoggedSpan]) -> None:
    """Repeat the range check of dirty spans without readings, before they are summed."""
    for span in dirty_spans:
        if not span.readings:
            for start, end, profile in ProfileTimeline(device).spans(span.first_at, span.last_at + QUARTER):
                update_suspect_bits(device.pk, start, end, profile)


def update_suspect_bits(pk: int, start: datetime, end: datetime, profile: DeviceProfile) -> None:
    """Rows are locked in the order in which writers lock theirs, which rules out a deadlock, and then updated.

    By the same condition and not by a join with the locked ones: for a partition that was analysed while empty the
    planner expects one row, takes a nested loop, and would lock all rows again for each of them.
    """
    bits = " | ".join(
        f"CASE WHEN {name} NOT BETWEEN {float(low)!r} AND {float(high)!r} THEN {IMPLAUSIBLE_BIT[name]} ELSE 0 END"
        for name, (low, high) in zip(METRIC_NAMES, plausible_ranges(profile), strict=True)
    )
    suspect_sql = f"((suspect & (~{sum(IMPLAUSIBLE_BIT.values())})) | {bits})"
    is_wrong = f"device_id = %(pk)s AND at >= %(start)s AND at < %(end)s AND suspect <> {suspect_sql}"
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH locked AS MATERIALIZED ("
            f"SELECT at FROM telemetry_reading WHERE {is_wrong} ORDER BY device_id, at FOR NO KEY UPDATE) "
            f"UPDATE telemetry_reading SET suspect = {suspect_sql} "
            f"WHERE {is_wrong} AND (SELECT count(*) FROM locked) > 0",
            {"pk": pk, "start": start, "end": end},
        )
