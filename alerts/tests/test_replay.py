"""How often a rule would have fired: the same judge over what was stored."""

from datetime import timedelta

import pytest
from django.urls import reverse

from alerts import replay
from alerts.models import Alert, Maintenance
from alerts.rules import Limit
from alerts.tests.cast import minutes, say_all
from devices.models import Device
from devices.tests.cast import registered
from telemetry import rollups
from telemetry.models import Arrival

pytestmark = pytest.mark.django_db
ABOVE = Limit("above", level=900, clear_level=850)


def spikes(device, now, days):
    """A spike of ten minutes on each of these days ago, an hour of quiet on either side."""
    rows = []
    for day in days:
        middle = now - timedelta(days=day)
        rows += [(middle + minutes(5 * step), {"temperature": 950 if step in (0, 1) else 400}) for step in range(-6, 7)]
    say_all(device, sorted(rows, key=lambda row: row[0]))
    return rows


def looked(device):
    return list(Device.objects.filter(pk=device.pk).select_related("factory").prefetch_related("profiles"))


def test_each_spike_of_the_month_counts_once(device, now):
    spikes(device, now, [2, 9, 20, 45])
    found = replay.replay(looked(device), "temperature", ABOVE, now)
    assert (found.count, found.by_quarters) == (3, False)
    assert not Alert.objects.exists()


def test_a_hold_longer_than_the_spikes_fires_never(device, now):
    spikes(device, now, [2, 9])
    limit = Limit("above", level=900, clear_level=850, hold=minutes(20))
    assert replay.replay(looked(device), "temperature", limit, now).count == 0


def test_planned_work_does_not_count(device, now):
    spikes(device, now, [2, 9])
    at = now - timedelta(days=2)
    Maintenance.objects.create(
        factory=device.factory, starts_at=at - minutes(40), ends_at=at + minutes(40), reason="New lining"
    )
    assert replay.replay(looked(device), "temperature", ABOVE, now).count == 1


def test_many_readings_are_judged_by_quarter_hours(device, now, monkeypatch):
    rows = spikes(device, now, [2, 9])
    moments = [at for at, _values in rows]
    Arrival.objects.create(device=device, first_at=min(moments), last_at=max(moments), readings=len(rows))
    rollups.digest(now)
    monkeypatch.setattr(replay, "MOST_READINGS", 0)
    found = replay.replay(looked(device), "temperature", ABOVE, now)
    assert (found.count, found.by_quarters) == (2, True)


def test_the_form_shows_it_and_says_nothing_of_an_unfinished_limit(device, asha, client):
    client.force_login(asha)
    url = reverse("rule_preview")
    told = {"device": device.pk, "metric": "temperature", "kind": "above", "level": "900", "severity": "warning"}
    assert "Nothing was said of this value" in client.get(url, told).content.decode()
    assert "Enter a limit" in client.get(url, told | {"level": ""}).content.decode()
    assert "no limit to be held against" in client.get(url, {"kind": "silence", "severity": "warning"}).content.decode()


def test_another_factorys_machine_is_never_looked_at(device, asha, chem_works, client):
    other = registered(chem_works, device_id="ESP32-CW-1")
    client.force_login(asha)
    told = {"device": other.pk, "metric": "temperature", "kind": "above", "level": "900", "severity": "warning"}
    assert "Enter a limit" in client.get(reverse("rule_preview"), told).content.decode()
