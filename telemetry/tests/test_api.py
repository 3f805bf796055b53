from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from core.xlsx import pages
from devices.tests.cast import make_device
from telemetry.export import streams
from telemetry.rollups.digest import digest
from telemetry.tests.stored_readings import store_readings

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    """These endpoints read the clock: their stories happen now, on a whole minute."""
    return timezone.now().replace(second=0, microsecond=0)


def test_latest_shows_a_reading_that_has_not_been_digested(api, asha, device, today):
    store_readings(device, today, [32.5], temperature=850.5, gas_index=320, vibration_x=2.1)
    answer = api(asha).get("/data/latest").json()
    assert (answer["temperature"], answer["gas_index"], answer["vibration_health"]) == (850.5, 320, "good")
    assert answer["devices"][0]["values"]["power_consumption"] == 32.5


def test_latest_of_a_factory_without_readings(api, asha, steel_forge):
    answer = api(asha).get("/data/latest").json()
    assert answer == {
        "temperature": None,
        "gas_index": None,
        "vibration_health": "unknown",
        "device_uptime": None,
        "last_update": None,
        "devices": [],
    }


def test_an_offline_device_gives_no_current_value(api, asha, device, today):
    store_readings(device, today - timedelta(hours=3), [850.0], metric="temperature")
    answer = api(asha).get("/data/latest").json()
    assert (answer["temperature"], answer["devices"][0]["is_offline"]) == (None, True)


def test_latest_costs_the_same_queries_for_one_and_three_devices(
    api, asha, steel_forge, device, today, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = api(asha)
    store_readings(device, today, [1])
    digest(today)
    with CaptureQueriesContext(connection) as one:
        client.get("/data/latest")
    for number in (2, 3):
        store_readings(make_device(steel_forge, f"ESP32-SF-00{number}"), today, [1])
    digest(today)
    with django_assert_num_queries(len(one)):
        client.get("/data/latest")


def test_timeseries_is_a_list_of_readings_oldest_first(api, asha, device, today):
    store_readings(device, today - timedelta(minutes=25), [1, 2, 3, 4, 5], suspect=0)
    answer = api(asha).get("/data/timeseries", {"device_id": device.pk, "limit": 3}).json()
    assert [r["power_consumption"] for r in answer] == [3, 4, 5]
    assert (answer[0]["device_id"], answer[0]["clock"], answer[0]["suspect"]) == (device.pk, "device", [])
    since = {"device_id": device.pk, "limit": 2, "start_time": (today - timedelta(hours=1)).isoformat()}
    assert [r["power_consumption"] for r in api(asha).get("/data/timeseries", since).json()] == [1, 2]


def test_timeseries_in_columns(api, asha, device, today):
    store_readings(device, today - timedelta(minutes=10), [30, 31])
    asked = {"device_id": device.pk, "points": 800, "metric": ["power_consumption", "temperature"]}
    answer = api(asha).get("/data/timeseries", asked).json()
    assert (answer["resolution"], answer["series"]["power_consumption"]["mean"]) == ("raw", [30, 31])
    assert set(answer["series"]) == {"power_consumption", "temperature"}
    assert answer["series"]["temperature"]["mean"] == [None, None]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"device_id": "x"}, "device_id"),
        ({"device_id": ""}, "device_id"),
        ({"device_id": "9" * 40}, "device_id"),
        ({}, "device_id"),
        ({"start_time": "yesterday"}, "start_time"),
        ({"start_time": "0001-01-01T00:00:00+14:00"}, "start_time"),
        ({"end_time": "9999-12-31T23:59:59-12:00"}, "end_time"),
        ({"start_time": "2025-01-02T00:00:00Z", "end_time": "2025-01-01T00:00:00Z"}, "end_time"),
        ({"limit": "0"}, "limit"),
        ({"limit": "10001"}, "limit"),
        ({"points": "1e9"}, "points"),
        ({"resolution": "5m"}, "resolution"),
        ({"metric": "voltage"}, "metric"),
        ({"metric": "tempe\x00rature"}, "metric"),
        ({"resolution": "15m", "start_time": "2001-01-01T00:00:00Z"}, "resolution"),
        ({"resolution": "1d", "start_time": "2001-01-01T00:00:00Z"}, "start_time"),
        ({"points": "100", "end_time": "2099-01-01T00:00:00Z", "start_time": "2001-01-01T00:00:00Z"}, "start_time"),
    ],
)
def test_bad_questions_name_their_parameter(api, asha, device, asked, field):
    if "device_id" not in asked and asked:
        asked = {"device_id": device.pk, **asked}
    answer = api(asha).get("/data/timeseries", asked)
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_a_plus_sign_that_was_not_encoded_is_understood(api, asha, device):
    answer = api(asha).get(f"/data/timeseries?device_id={device.pk}&start_time=2025-01-16T10:30:00+05:30")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/data/timeseries?device_id={pk}",
        "/data/export?device_id={pk}",
        "/data/latest?device_id={pk}",
        "/devices/{pk}/status",
    ],
)
def test_a_stranger_gets_404_the_auditor_reads_and_nobody_else_gets_in(api, chitra, ira, device, path):
    path = path.format(pk=device.pk)
    assert api(chitra).get(path).status_code == 404
    assert api(ira).get(path).status_code == 200
    assert api().get(path).status_code == 401


def body(answer):
    return b"".join(answer.streaming_content)


def test_export_as_csv(api, ira, device, today, monkeypatch):
    monkeypatch.setattr(streams, "PAGE", 2)
    store_readings(
        device, today - timedelta(minutes=25), [1, -2.5, 3, 4, 5], suspect=0b10000000, extra={"note": "=1+1"}
    )
    lines = body(api(ira).get("/data/export", {"device_id": device.pk, "format": "csv"})).decode().splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("timestamp,received_at,clock,temperature")
    assert ",-2.5," in lines[2]
    assert "power_consumption" in lines[2]


def test_export_as_xlsx_splits_full_sheets(api, ira, device, today, monkeypatch):
    monkeypatch.setattr(pages, "SHEET_ROWS", 3)
    store_readings(device, today - timedelta(minutes=25), [1, 2, 3, 4, 5])
    answer = api(ira).get("/data/export", {"device_id": device.pk, "format": "xlsx"})
    book = load_workbook(BytesIO(body(answer)))
    assert [(sheet.title, sheet.max_row) for sheet in book] == [("Readings 1", 3), ("Readings 2", 3), ("Readings 3", 2)]
    local = (today - timedelta(minutes=25)).astimezone(device.factory.zone).replace(tzinfo=None)
    assert book["Readings 1"]["A2"].value == local


def test_an_empty_export_has_its_head(api, ira, device):
    assert body(api(ira).get("/data/export", {"device_id": device.pk})).decode().count("\n") == 1
    answer = api(ira).get("/data/export", {"device_id": device.pk, "format": "xlsx"})
    assert load_workbook(BytesIO(body(answer))).sheetnames == ["Readings 1"]


def test_export_refuses_other_formats(api, ira, device):
    answer = api(ira).get("/data/export", {"device_id": device.pk, "format": "pdf"})
    assert (answer.status_code, list(answer.json())) == (400, ["format"])


def test_status_of_a_device(api, vera, device, today):
    store_readings(device, today - timedelta(days=2), [30] * 577)
    digest(today)
    answer = api(vera).get(f"/devices/{device.pk}/status").json()
    assert (answer["device_id"], answer["is_active"], answer["uptime_percentage"]) == ("ESP32-SF-001", True, 100.0)
    assert answer["last_seen"] is not None
