"""ETags: 304 for a polling dashboard, and never a stale one."""

import threading
from datetime import date, time, timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from devices.models import Device, DeviceProfile, Hardware
from devices.tests.cast import make_device
from factories.models import Holiday, Membership, Shift
from telemetry import etags
from telemetry.etags import device_etag, factory_etag, whole_minute
from telemetry.models import DirtySpan, Edition
from telemetry.rollups.digest import digest
from telemetry.storage.retention import drop_old_readings
from telemetry.tests.stored_readings import add_dirty_span, store_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
PATHS = ["/data/latest", "/data/latest?device_id={pk}", "/data/timeseries?device_id={pk}&points=800"]


@pytest.fixture
def clock(monkeypatch, now):
    """The server's clock, set by the test."""
    moments = [now]
    monkeypatch.setattr(timezone, "now", lambda: moments[0])
    return moments


def again(client, path, answer):
    return client.get(path, headers={"If-None-Match": answer["ETag"]})


@pytest.mark.parametrize("path", PATHS)
def test_nothing_has_changed(api, asha, device, clock, now, path):
    store_readings(device, now - timedelta(minutes=10), [30, 31, 32])
    client, path = api(asha), path.format(pk=device.pk)
    first = client.get(path)
    clock[0] = now + timedelta(seconds=59)
    second = again(client, path, first)
    assert (first.status_code, second.status_code, second.content) == (200, 304, b"")
    assert second["ETag"] == first["ETag"]
    assert (first["Cache-Control"], second["Cache-Control"]) == ("private, no-cache",) * 2
    assert {"Cookie", "Authorization"} <= {name.strip() for name in first["Vary"].split(",")}


def test_the_list_of_readings_and_errors_carry_no_tag(api, asha, device, clock):
    assert "ETag" not in api(asha).get("/data/timeseries", {"device_id": device.pk})
    assert "ETag" not in api(asha).get("/data/timeseries", {"device_id": device.pk, "resolution": "5m"})


def rename(device):
    Device.objects.filter(pk=device.pk).update(machine_name="Furnace 2")


def pause(device):
    Device.objects.filter(pk=device.pk).update(is_active=False)


def change_profile(device):
    DeviceProfile.objects.filter(device=device).update(power_kind="W")


def add_profile(device):
    DeviceProfile.objects.bulk_create([DeviceProfile(device=device, valid_from=timezone.now(), power_kind="W")])


def drop_profiles(device):
    DeviceProfile.objects.filter(device=device).delete()


def swap(device):
    Hardware.objects.filter(device=device).update(unit="ESP32-SF-777")


def move_zone(device):
    type(device.factory).objects.filter(pk=device.factory_id).update(time_zone="Asia/Dubai")


def add_shift(device):
    Shift.objects.create(factory=device.factory, name="A", starts_at=time(6), ends_at=time(14), weekdays=[1])


def add_holiday(device):
    Holiday.objects.create(factory=device.factory, on=date(2025, 1, 14), name="Pongal")


def store_now(device):
    store_readings(device, timezone.now(), [33])


def store_yesterday(device):
    store_readings(device, timezone.now() - timedelta(hours=20), [34])


def store_and_digest(device):
    """Between two polls the log fills and empties again: it looks as before, the readings do not."""
    store_readings(device, timezone.now() - timedelta(hours=19), [35])
    digest(timezone.now())


def reprocess(device):
    """A corrected profile: sums change without a new reading."""
    add_dirty_span(device, timezone.now(), timezone.now(), readings=0)
    digest(timezone.now())


def rebuild(device):
    call_command("rebuild_quarters", device=[device.pk], verbosity=0)


CHANGES = [rename, pause, change_profile, add_profile, drop_profiles, swap, move_zone, add_shift, add_holiday]
CHANGES += [store_now, store_yesterday, store_and_digest, reprocess, rebuild]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("path", PATHS)
def test_whatever_changes_is_shown_at_once(api, asha, device, clock, now, path, change):
    store_readings(device, now - timedelta(minutes=20), [30, 31, 32])
    digest(now)
    client, path = api(asha), path.format(pk=device.pk)
    first = client.get(path)
    change(device)
    assert again(client, path, first).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_what_was_shown_before_it_was_summed_is_shown_anew(api, asha, device, clock, now, path):
    store_readings(device, now - timedelta(minutes=20), [30, 31, 32])
    client, path = api(asha), path.format(pk=device.pk)
    first = client.get(path)
    digest(now)
    assert again(client, path, first).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_the_clock_alone_changes_an_answer_once_a_minute(api, asha, device, clock, now, path):
    store_readings(device, now - timedelta(minutes=14), [30])
    client, path = api(asha), path.format(pk=device.pk)
    first = client.get(path)
    clock[0] = now + timedelta(seconds=61)
    assert again(client, path, first).status_code == 200


def test_a_device_that_fell_silent_is_offline_within_a_minute(api, asha, device, clock, now):
    store_readings(device, now - timedelta(minutes=14), [850.0], metric="temperature")
    client = api(asha)
    first = client.get("/data/latest")
    assert first.json()["devices"][0]["is_offline"] is False
    clock[0] = now + timedelta(minutes=3)
    later = again(client, "/data/latest", first)
    assert (later.status_code, later.json()["devices"][0]["is_offline"]) == (200, True)


def test_a_span_that_is_over_does_not_change_with_the_clock(api, asha, device, clock, now):
    store_readings(device, now - timedelta(hours=30), [30, 31, 32])
    path = f"/data/timeseries?device_id={device.pk}&points=800"
    path += "&start_time=2025-01-15T00:00:00Z&end_time=2025-01-15T12:00:00Z"
    client = api(asha)
    first = client.get(path)
    clock[0] = now + timedelta(days=3)
    assert again(client, path, first).status_code == 304
    store_readings(device, now - timedelta(hours=29), [33])
    assert again(client, path, first).status_code == 200


def test_a_reading_of_this_very_second_is_in_the_chart(api, asha, device, clock, now):
    clock[0] = now + timedelta(seconds=40)
    store_readings(device, clock[0], [33])
    answer = api(asha).get("/data/timeseries", {"device_id": device.pk, "points": 800, "metric": "power_consumption"})
    assert answer.json()["series"]["power_consumption"]["mean"] == [33]


def test_another_persons_tag_or_an_older_role_opens_nothing(api, asha, vera, device, clock):
    mine, others = api(asha).get("/data/latest"), api(vera).get("/data/latest")
    assert mine["ETag"] != others["ETag"]
    Membership.objects.filter(user=vera).update(role="operator")
    assert again(api(vera), "/data/latest", others).status_code == 200
    Membership.objects.filter(user=vera).delete()
    assert again(api(vera), "/data/latest", others).status_code == 400


def test_what_a_stranger_does_changes_no_tag(steel_forge, chem_works, device, now):
    before = factory_etag(steel_forge)
    theirs = make_device(chem_works, "ESP32-CW-001")
    store_readings(theirs, now, [1])
    digest(now)
    assert factory_etag(steel_forge) == before != factory_etag(chem_works)


def test_a_dropped_month_changes_the_tag(device, now):
    store_readings(device, now, [1])
    digest(now)
    before = device_etag(device)
    assert drop_old_readings(now + timedelta(days=90))
    assert device_etag(device) != before


def test_with_a_long_backlog_there_is_no_tag_and_no_304(api, asha, device, clock, now, monkeypatch):
    monkeypatch.setattr(etags, "MAX_DIRTY_SPANS", 3)
    client = api(asha)
    for place in range(3):
        store_readings(device, now - timedelta(minutes=place), [30])
    assert "ETag" in client.get("/data/latest")
    store_readings(device, now - timedelta(hours=1), [30])
    answer = client.get("/data/latest")
    assert ("ETag" in answer, answer["Cache-Control"]) == (False, "private, no-cache")


def test_waiting_costs_the_same_few_queries_and_looks_at_no_reading(api, asha, steel_forge, device, clock, now):
    def cost():
        first = client.get("/data/latest")
        with CaptureQueriesContext(connection) as queries:
            assert again(client, "/data/latest", first).status_code == 304
        assert not [query for query in queries.captured_queries if reads_figures(query["sql"])]
        return len(queries)

    client = api(asha)
    store_readings(device, now, [1])
    one = cost()
    for number in (2, 3):
        store_readings(make_device(steel_forge, f"ESP32-SF-00{number}"), now, [1])
    assert cost() == one <= 6


def reads_figures(sql):
    return any(table in sql for table in ("telemetry_reading", "telemetry_quarterhour", "telemetry_day"))


@pytest.mark.django_db(transaction=True)
def test_a_commit_that_comes_late_and_is_digested_between_two_polls_is_seen(device, now):
    """Its id in the log is older than that of a reading that was digested long ago."""
    begun, may_commit = threading.Event(), threading.Event()
    store_readings(device, now - timedelta(hours=1), [0])  # the partition is there

    def commit_late():
        with transaction.atomic():
            store_readings(device, now - timedelta(minutes=10), [30])
            begun.set()
            may_commit.wait(10)
        connection.close()

    late = threading.Thread(target=commit_late)
    late.start()
    begun.wait(10)
    store_readings(device, now, [31])
    digest(now)
    seen = device_etag(device)
    may_commit.set()
    late.join()
    digest(now)
    assert not DirtySpan.objects.exists()
    assert device_etag(device) != seen


def test_every_way_of_emptying_the_log_counts_an_edition(device, now):
    store_readings(device, now, [1])
    DirtySpan.objects.all().delete()
    assert Edition.objects.get(device=device).number == 1
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM telemetry_dirtyspan")  # nothing there: nothing counted
    assert Edition.objects.get(device=device).number == 1


def test_the_minute_is_the_last_whole_one(now):
    assert whole_minute(now + timedelta(seconds=59, microseconds=999_999)) == now
