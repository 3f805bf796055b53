"""Since when nothing of a machine or of a gateway could be read."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Q

from devices.models import Device
from factories.models import Factory
from telemetry.models import UnreadStreak

RECENT = timedelta(days=1)  # one whose last request is older is simply silent


def unread_by_device(devices: Iterable[Device]) -> dict[int, UnreadStreak]:
    """Device pk → the longest standing streak of its keys, unless a gateway sent for it since."""
    streaks = (
        UnreadStreak.objects.filter(key__device__in=[device.pk for device in devices])
        .standing()
        .filter(Q(key__device__last_seen=None) | Q(key__device__last_seen__heard_at__lt=F("since")))
        .select_related("key")
    )
    return {streak.key.device_id: streak for streak in streaks.order_by("-since")}


def unread_of_gateways(factory: Factory) -> list[UnreadStreak]:
    """Standing streaks of the factory's gateway keys, the longest first."""
    streaks = UnreadStreak.objects.for_factory(factory).filter(key__device=None)
    return list(streaks.standing().select_related("key").order_by("since"))


def standing_of(factory: Factory) -> list[UnreadStreak]:
    """Standing streaks of all keys of a factory, devices' and gateways', the longest first."""
    of_devices = unread_by_device(Device.objects.for_factory(factory).current()).values()
    return sorted([*of_devices, *unread_of_gateways(factory)], key=lambda streak: streak.since)


def is_recent(streak: UnreadStreak, now: datetime) -> bool:
    return now - streak.last_at < RECENT
