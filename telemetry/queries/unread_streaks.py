"""Since when nothing of a machine or of a gateway could be read."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Max, Min, Q, Sum

from devices.models import Device
from factories.models import Factory
from telemetry.models import QuarantineItem, UnreadStreak
from telemetry.models.last_seen import FEW_REQUESTS
from telemetry.quarantine.selection import payload_text, with_payload_start

RECENT = timedelta(days=1)  # one whose last request is older is simply silent
Reason = QuarantineItem.Reason
STATUS_OF_REASON = {Reason.UNREADABLE: 400, Reason.INVALID: 422}  # others are held, and accepted with 200
READABLE_REASONS = [Reason.CONFLICT, Reason.PAUSED, Reason.OTHER_DEVICE]  # say nothing about what the device sends


def recently_unread(devices: Iterable[Device], now: datetime) -> dict[int, UnreadStreak]:
    """Device pk → its streak of today: of its own keys, else of what a gateway sends for it."""
    devices = list(devices)
    own = {pk: streak for pk, streak in unread_by_device(devices).items() if is_recent(streak, now)}
    return held_streaks([device for device in devices if device.pk not in own], now) | own


def held_streaks(devices: list[Device], now: datetime) -> dict[int, UnreadStreak]:
    """Device pk → an unsaved streak of what was held of it since it was last heard."""
    held = QuarantineItem.objects.filter(device__in=devices, state=QuarantineItem.State.HELD)
    unheard = Q(device__last_seen=None) | Q(device__last_seen__heard_at__lt=F("received_at"))
    groups = (
        held.filter(unheard, last_at__gt=now - RECENT)
        .exclude(reason__in=READABLE_REASONS)
        .order_by()
        .values("device", "device__last_seen")
        .annotate(since=Min("received_at"), requests=Sum("times"), last_at=Max("last_at"), newest=Max("pk"))
    )
    streaks = {
        row["newest"]: row for row in groups if row["device__last_seen"] is None or row["requests"] >= FEW_REQUESTS
    }
    items = with_payload_start(QuarantineItem.objects.filter(pk__in=streaks)) if streaks else []
    return {item.device_id: streak_of_item(item, streaks[item.pk]) for item in items}


def streak_of_item(item: QuarantineItem, row: dict) -> UnreadStreak:
    return UnreadStreak(
        since=row["since"],
        requests=row["requests"],
        last_at=row["last_at"],
        status=STATUS_OF_REASON.get(item.reason, 200),
        detail=item.detail,
        payload=payload_text(item),
    )


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
