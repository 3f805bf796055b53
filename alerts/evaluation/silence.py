"""Devices that said nothing: the one judgement that needs the wall clock, since nothing arrives to be judged."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from alerts import maintenance_windows, service_uptime
from alerts.lifecycle import transitions
from alerts.models import Alert, Kind, Watch
from alerts.notifications import outbox
from alerts.rules import rule_set
from devices.models import Device
from telemetry.models import Arrival

MISSED_INTERVALS = 3
SHORTEST = timedelta(minutes=15)
LONGEST_LOOK_BACK = timedelta(days=31)  # of windows that are over: no rule allows a longer silence
PAUSED = "Resolved because the device was paused or archived."


def find_silent(now):
    """Raise an alert for each sending device that has been silent for too long → how many.

    A device that was never heard is not silent, it is not installed yet. One whose words wait for the digest is not
    silent either. While we cannot hear nobody is, and afterwards each has its full time to speak again.
    """
    close_unwatched(now)
    end_heard(Device.objects.all())
    heard_since = service_uptime.heard_since(now)
    if heard_since is None:
        return 0
    devices = list(
        Device.objects.sending()
        .filter(~Exists(Arrival.objects.filter(device=OuterRef("pk"))), last_word__heard_at__lt=now)
        .select_related("factory", "last_word")
        .prefetch_related("profiles")
    )
    rules = rule_set.rules_for(devices, kind=Kind.SILENCE, metric="")
    told = {
        (watch.rule_id, watch.device_id): watch.judged_until
        for watch in Watch.objects.filter(rule__kind=Kind.SILENCE, device__in=devices, has_fired=True)
    }
    windows = maintenance_windows.windows_of(devices, now - LONGEST_LOOK_BACK)
    found = 0
    for device in devices:
        if maintenance_windows.is_within(windows[device.pk], now):
            continue
        for rule in rules[device.pk]:
            heard_at = device.last_word.heard_at
            # After planned work, as after an outage of ours, a device gets its time anew.
            quiet_from = max(
                filter(None, (heard_at, heard_since, maintenance_windows.last_end(windows[device.pk], now)))
            )
            if now - quiet_from > longest_silence(rule, device, now) and told.get((rule.pk, device.pk)) != heard_at:
                found += report(rule, device, heard_at, now)
    return found


def longest_silence(rule, device, now):
    """What the rule says (`hold_seconds`), else three intervals, and no less than 15 minutes."""
    if rule.hold_seconds:
        return timedelta(seconds=rule.hold_seconds)
    return max(SHORTEST, MISSED_INTERVALS * timedelta(seconds=device.profile_at(now).interval_s))


@transaction.atomic
def report(rule, device, heard_at, now):
    """One alert per silence: the watch remembers the last word it was raised for, should a person resolve it."""
    alert = transitions.raise_offline(rule, device, since=heard_at, interval_s=device.profile_at(now).interval_s)
    Watch.objects.update_or_create(
        rule=rule,
        device=device,
        defaults={"judged_until": heard_at, "crossed_since": heard_at, "has_fired": True},
    )
    if alert is None:
        return 0
    outbox.announce(alert, now=now)
    return 1


def end_heard(devices):
    """Resolve the silence of `devices` (a queryset) that have been heard since."""
    alerts = Alert.objects.open().filter(alert_type=transitions.OFFLINE, device__in=devices)
    heard = alerts.filter(device__last_word__heard_at__gt=F("triggered_at"))
    for alert in heard.select_related("device__factory", "device__last_word"):
        transitions.end(alert, at=alert.device.last_word.heard_at, device=alert.device)


def close_unwatched(now):
    """End alerts that nothing could ever resolve: of paused and archived devices, of rules no longer in force."""
    alerts = Alert.objects.open().select_related("device__factory")
    for alert in alerts.filter(Q(device__is_active=False) | Q(device__archived_at__isnull=False)):
        transitions.close(alert, now=now, why=PAUSED)
    for alert in alerts.filter(Q(rule__is_enabled=False) | Q(rule__archived_at__isnull=False)):
        transitions.close(alert, now=now, why=transitions.RULE_CHANGED)
