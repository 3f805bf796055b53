"""Pages that are open ask every few seconds: 304 while nothing has changed, and never when something has."""

from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.models import Alert, AlertRule
from carbonseed.dashboard.overview import overview_of
from devices.models import Device
from devices.tests.cast import make_device
from factories.models import Membership
from telemetry.etags import whole_minute
from telemetry.rollups.digest import digest
from telemetry.tests.stored_readings import store_readings
from telemetry.tests.test_query_plans import scans_of_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
PAGES = ["/dashboard/live/", "/dashboard/machines/{pk}/live/"]


@pytest.fixture
def clock(monkeypatch, now):
    moments = [now]
    monkeypatch.setattr(timezone, "now", lambda: moments[0])
    return moments


@pytest.fixture
def furnace(device, clock, now):
    """A machine with a digested reading of ten minutes ago and an open alert."""
    store_readings(device, now - timedelta(minutes=10), [30, 31], temperature=951.0)
    digest(now)
    rule = AlertRule.objects.create(factory=device.factory, device=device, metric="temperature", level=900, title="Hot")
    Alert.objects.create(
        factory=device.factory, device=device, rule=rule, alert_type="temperature", severity="critical", title="Hot",
        metric_value=951, threshold_value=900, triggered_at=now - timedelta(minutes=10),
    )  # fmt: skip
    return device


def get_if_changed(client, path, answer):
    return client.get(path, headers={"If-None-Match": answer["ETag"]})


def add_reading(device, now):
    store_readings(device, now - timedelta(minutes=1), [32])


def add_late_reading(device, now):
    store_readings(device, now - timedelta(days=7), [32] * 12)
    digest(now)


def resolve(device, now):
    Alert.objects.filter(device=device).update(status=Alert.Status.RESOLVED, resolved_at=now)


def retitle_alert(device, now):
    Alert.objects.filter(device=device).update(title="Too hot")


def raise_another(device, now):
    alert = Alert.objects.get(device=device)
    alert.pk, alert.severity, alert.rule = None, "warning", AlertRule.objects.exclude(pk=alert.rule_id).first()
    alert._state.adding = True
    alert.save()


def rename(device, now):
    Device.objects.filter(pk=device.pk).update(machine_name="Furnace 2")


def change_role(device, now):
    Membership.objects.filter(user__email="asha@steelforge.in").update(role="viewer")


@pytest.mark.parametrize(
    "change", [add_reading, add_late_reading, resolve, retitle_alert, raise_another, rename, change_role]
)
@pytest.mark.parametrize("path", PAGES)
def test_a_change_is_shown_at_the_next_question(asha, page, furnace, now, path, change):
    client, path = page(asha), path.format(pk=furnace.pk)
    first = client.get(path)
    assert get_if_changed(client, path, first).status_code == 304
    change(furnace, now)
    assert get_if_changed(client, path, first).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_silence_alone_turns_a_machine_grey(asha, page, furnace, clock, now, path):
    client, path = page(asha), path.format(pk=furnace.pk)
    first = client.get(path)
    assert "Offline" not in first.content.decode()
    clock[0] = now + timedelta(minutes=11, seconds=30)
    later = get_if_changed(client, path, first)
    assert later.status_code == 200 and "Offline" in later.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_an_answer_is_one_persons_own(asha, vera, page, furnace, path):
    path = path.format(pk=furnace.pk)
    first = page(asha).get(path)
    assert "Cookie" in first["Vary"] and first["Cache-Control"] == "private, no-cache"
    assert get_if_changed(page(vera), path, first).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_tag_opens_no_door(asha, chitra, ira, page, furnace, path):
    path = path.format(pk=furnace.pk)
    first = page(asha).get(path)
    assert get_if_changed(page(ira), path, first).status_code == 403
    assert get_if_changed(page(chitra), path, first).status_code in (
        200,
        404,
    )  # her own overview; his machine is not there
    assert "Furnace" not in get_if_changed(page(chitra), path, first).content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_waiting_costs_few_queries_however_many_machines(asha, page, furnace, now, path):
    def cost():
        first = client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert get_if_changed(client, path, first).status_code == 304
        figures = ("telemetry_reading", "telemetry_quarterhour")
        assert not [query for query in queries.captured_queries if any(table in query["sql"] for table in figures)]
        return len(queries)

    client, path = page(asha), path.format(pk=furnace.pk)
    one = cost()
    for number in (2, 3):
        store_readings(make_device(furnace.factory, f"ESP32-SF-00{number}"), now, [20])
    assert cost() == one <= 10


@pytest.mark.parametrize("is_late", [False, True])
def test_the_overview_never_scans_readings(asha, furnace, now, is_late):
    store_readings(furnace, now - timedelta(hours=5), [30, 31])
    if not is_late:
        digest(now)
    with CaptureQueriesContext(connection) as queries:
        overview_of(furnace.factory, asha, now)
    touching = [query["sql"] for query in queries.captured_queries if "telemetry_reading" in query["sql"]]
    assert touching
    for sql in touching:
        for scan in scans_of_readings(sql):
            assert "Index" in scan["Node Type"] and "device_id" in scan["Index Cond"], sql


def test_the_first_minute_of_a_day_has_an_overview(asha, furnace, steel_forge, clock):
    midnight = datetime.combine(clock[0].date() + timedelta(days=1), time(), tzinfo=steel_forge.zone)
    found = overview_of(steel_forge, asha, whole_minute(midnight + timedelta(seconds=3)))
    assert (found.today.energy.total_kwh, found.change) == (None, None)


def test_insights_answer_304_until_something_changes(api, asha, furnace, clock, now):
    client, path = api(asha), "/insights?period=24h"
    first = client.get(path)
    assert first.json()["generated_at"] == "2025-01-16T10:30:00Z" or "T16:00:00+05:30" in first.json()["generated_at"]
    assert get_if_changed(client, path, first).status_code == 304
    AlertRule.objects.filter(device=furnace, metric="temperature").update(level=800)
    second = get_if_changed(client, path, first)
    assert second.status_code == 200
    add_reading(furnace, now)
    third = get_if_changed(client, path, second)
    assert third.status_code == 200
    clock[0] = now + timedelta(minutes=1)
    assert get_if_changed(client, path, third).status_code == 200
