"""Dead-man check: devices that stopped sending. It runs by the wall clock, since no reading arrives to trigger it."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from alerts import lifecycle, maintenance_windows, rule_set, service_uptime
from alerts.models import Alert, EvaluationState, RuleKind
from alerts.notifications import outbox
from devices.models import Device
from telemetry.models import DirtySpan

MISSED_INTERVALS = 3
SHORTEST_SILENCE = timedelta(minutes=15)
WINDOW_LOOKBACK = timedelta(days=31)  # for past windows: no rule allows a longer silence
DEVICE_PAUSED = "Resolved because the device was paused or archived."


def check_silent_devices(now):
    """Raise an alert for each sending device that has been silent for too long → how many.

    A device that never sent a reading is not silent, it is not installed yet. One whose readings wait for the digest is
    not silent either. During an outage of the service no device is, and afterwards each has its full interval again.
    """
    close_unresolvable_alerts(now)
    resolve_ended_silences(Device.objects.all())
    up_since = service_uptime.up_since(now)
    if up_since is None:
        return 0
    devices = list(
        Device.objects.sending()
        .filter(~Exists(DirtySpan.objects.filter(device=OuterRef("pk"))), last_seen__heard_at__lt=now)
        .select_related("factory", "last_seen")
        .prefetch_related("profiles")
    )
    rules = rule_set.rules_for(devices, kind=RuleKind.SILENCE, metric="")
    alerted_at = {
        (state.rule_id, state.device_id): state.evaluated_until
        for state in EvaluationState.objects.filter(rule__kind=RuleKind.SILENCE, device__in=devices, has_fired=True)
    }
    windows = maintenance_windows.windows_of(devices, now - WINDOW_LOOKBACK)
    count = 0
    for device in devices:
        if maintenance_windows.is_within(windows[device.pk], now):
            continue
        for rule in rules[device.pk]:
            heard_at = device.last_seen.heard_at
            # After maintenance, as after an outage of the service, the interval starts again.
            silent_since = max(
                filter(None, (heard_at, up_since, maintenance_windows.last_end(windows[device.pk], now)))
            )
            if (
                now - silent_since > longest_silence(rule, device, now)
                and alerted_at.get((rule.pk, device.pk)) != heard_at
            ):
                count += raise_silence_alert(rule, device, heard_at, now)
    return count


def longest_silence(rule, device, now):
    """The rule's `hold_seconds`, else three reporting intervals and no less than 15 minutes."""
    if rule.hold_seconds:
        return timedelta(seconds=rule.hold_seconds)
    return max(SHORTEST_SILENCE, MISSED_INTERVALS * timedelta(seconds=device.profile_at(now).interval_s))


@transaction.atomic
def raise_silence_alert(rule, device, heard_at, now) -> int:
    """One alert per silence: the state records the last reading's arrival, so that one a person resolved stays so."""
    alert = lifecycle.raise_offline(rule, device, since=heard_at, interval_s=device.profile_at(now).interval_s)
    EvaluationState.objects.update_or_create(
        rule=rule,
        device=device,
        defaults={"evaluated_until": heard_at, "crossed_since": heard_at, "has_fired": True},
    )
    if alert is None:
        return 0
    outbox.notify(alert, now=now)
    return 1


def resolve_ended_silences(devices) -> None:
    """Resolve the silence alerts of `devices` (a queryset) that have sent readings since."""
    alerts = Alert.objects.open().filter(alert_type=lifecycle.OFFLINE, device__in=devices)
    to_resolve = alerts.filter(device__last_seen__heard_at__gt=F("triggered_at"))
    for alert in to_resolve.select_related("device__factory", "device__last_seen"):
        at = alert.device.last_seen.heard_at
        lifecycle.mark_resolved(alert, at=at, device=alert.device, by_readings=True)


def close_unresolvable_alerts(now) -> None:
    """Close alerts that no reading could resolve: of paused or archived devices and of rules no longer in force."""
    alerts = Alert.objects.open().select_related("device__factory")
    for alert in alerts.filter(Q(device__is_active=False) | Q(device__archived_at__isnull=False)):
        lifecycle.close(alert, now=now, reason=DEVICE_PAUSED)
    for alert in alerts.filter(Q(rule__is_enabled=False) | Q(rule__archived_at__isnull=False)):
        lifecycle.close(alert, now=now, reason=lifecycle.RULE_CHANGED)
